package occimi.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The cloud through a version of CIMI, in JSON. Everything is found from the Cloud Entry Point, and by the ids of OpenStack. */
final class Cimi implements Observer {
    private final int version;
    private final Http http;
    private final JsonObject entry;

    /** The endpoint of all versions, with a slash at the end; version 1 or 2. */
    Cimi(String base, int version, String user, String password) {
        this.version = version;
        this.http = new Http(user, password, "application/json");
        this.entry = http.read(base + version + "/cloudEntryPoint");
    }

    @Override
    public String name() {
        return "CIMI " + version;
    }

    int version() {
        return version;
    }

    /** The URI of an item of one of the Cloud Entry Point's collections. */
    String uri(String collection, String id) {
        return href(entry, collection) + "/" + id;
    }

    /**
     * Makes a machine, and gives its id. The network can be named where version 1 offers networks; else the machine is on the
     * tenant's only one.
     *
     * @param volume the id of a volume to attach, or null
     */
    String createMachine(
            String name, String image, String flavor, String credential, String network, String volume, Map<String, String> properties) {
        JsonObject template = new JsonObject();
        template.add("machineImage", ref(uri("machineImages", image)));
        template.add("machineConfig", ref(uri("machineConfigs", flavor)));
        template.add("credential", ref(uri("credentials", credential)));
        if (version == 1 && entry.has("networks")) {
            JsonObject nic = new JsonObject();
            nic.add("network", ref(uri("networks", network)));
            template.add("networkInterfaces", array(nic));
        }
        if (volume != null) {
            JsonObject attached = ref(uri("volumes", volume));
            if (version == 2) {
                JsonObject located = new JsonObject();
                located.add("volume", attached);
                attached = located;
            }
            template.add("volumes", array(attached));
        }
        JsonObject body = document("MachineCreate");
        body.addProperty("name", name);
        body.add("properties", object(properties));
        body.add("machineTemplate", template);
        return add("machines", body);
    }

    /** Makes a credential of a public key, and gives its id. */
    String createCredential(String name, String publicKey) {
        JsonObject template = new JsonObject();
        template.addProperty("key", HexFormat.of().formatHex(publicKey.getBytes(StandardCharsets.UTF_8)));
        JsonObject body = document("CredentialCreate");
        body.addProperty("name", name);
        body.add("credentialTemplate", template);
        return add("credentials", body);
    }

    private String add(String collection, JsonObject body) {
        String href = operation(http.read(href(entry, collection)), "add");
        return Occi.lastSegment(http.ask(201, "POST", href, body).location());
    }

    /** Calls an operation of a machine, by the href that the machine shows for it. */
    void act(String machine, String operation) {
        JsonObject body = document("Action");
        body.addProperty("action", namespace() + "/action/" + operation);
        http.ask(202, "POST", operation(http.read(uri("machines", machine)), operation), body);
    }

    /** Makes an image of a machine, and gives its id. */
    String capture(String machine, String name) {
        JsonObject body = document("MachineImage");
        body.addProperty("name", name);
        return Occi.lastSegment(
                http.ask(201, "POST", operation(http.read(uri("machines", machine)), "capture"), body).location());
    }

    /** Changes name and properties of a machine; all else stays. */
    void edit(String machine, String name, Map<String, String> properties) {
        JsonObject body = document("Machine");
        body.addProperty("name", name);
        body.add("properties", object(properties));
        String href = operation(http.read(uri("machines", machine)), "edit");
        http.ask(200, "PUT", href + "?$select=name,properties", body);
    }

    /** Deletes an item of a collection, which may be gone. */
    void delete(String collection, String id) {
        http.delete(uri(collection, id));
    }

    @Override
    public Set<String> machines() {
        Set<String> ids = new TreeSet<>();
        for (JsonElement item : items(http.read(href(entry, "machines")))) {
            ids.add(id(item.getAsJsonObject()));
        }
        return ids;
    }

    @Override
    public String state(String machine) {
        JsonObject doc = http.read(uri("machines", machine));
        return doc == null ? State.NOWHERE : doc.get("state").getAsString();
    }

    @Override
    public Map<String, Object> machine(String id) {
        JsonObject doc = http.read(uri("machines", id) + "?$expand=disks,volumes,networkInterfaces,interfaces");
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc));
        seen.put("name", text(doc, "name"));
        seen.put("created", text(doc, "created"));
        seen.put("cores", doc.get("cpu").getAsInt());
        seen.put("memory, MiB", doc.get("memory").getAsInt() / 1024);
        seen.put("disk, GiB", gibibytes(items(doc.getAsJsonObject("disks"))));
        seen.put("properties", properties(doc));
        Set<String> fixed = new TreeSet<>();
        Set<String> macs = new TreeSet<>();
        for (JsonElement item : items(doc.getAsJsonObject(version == 1 ? "networkInterfaces" : "interfaces"))) {
            readInterface(item.getAsJsonObject(), fixed, macs);
        }
        seen.put("fixed addresses", fixed);
        seen.put("MAC addresses", macs);
        Set<String> volumes = new TreeSet<>();
        for (JsonElement item : items(doc.getAsJsonObject("volumes"))) {
            JsonObject located = item.getAsJsonObject();
            String volume = version == 1 ? Occi.lastSegment(href(located, "volume")) : id(located);
            volumes.add(volume + " " + text(located, "initialLocation"));
        }
        seen.put("volumes", volumes);
        return seen;
    }

    private void readInterface(JsonObject nic, Set<String> fixed, Set<String> macs) {
        if (version == 1) {
            macs.add(text(nic, "macAddress"));
            for (JsonElement item : items(http.read(href(nic, "addresses")))) {
                fixed.add(text(item.getAsJsonObject().getAsJsonObject("address"), "ip"));
            }
            return;
        }
        for (JsonElement item : items(http.read(href(nic, "endpoints")))) {
            JsonObject endpoint = item.getAsJsonObject();
            (text(endpoint, "protocol").equals("Ethernet") ? macs : fixed).add(text(endpoint, "address"));
        }
    }

    @Override
    public Map<String, Object> flavor(String id) {
        JsonObject doc = http.read(uri("machineConfigs", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc));
        seen.put("name", text(doc, "name"));
        seen.put("cores", doc.get("cpu").getAsInt());
        seen.put("memory, MiB", doc.get("memory").getAsInt() / 1024);
        seen.put("disk, GiB", gibibytes(doc.getAsJsonArray("disks")));
        return seen;
    }

    @Override
    public Map<String, Object> image(String id) {
        JsonObject doc = http.read(uri("machineImages", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc));
        seen.put("name", text(doc, "name"));
        seen.put("created", text(doc, "created"));
        seen.put("usable", text(doc, "state").equals("AVAILABLE"));
        return seen;
    }

    @Override
    public Map<String, Object> keyPair(String name) {
        JsonObject doc = http.read(uri("credentials", name));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("name", text(doc, "name"));
        seen.put("public key", new String(HexFormat.of().parseHex(text(doc, "key")), StandardCharsets.UTF_8));
        return seen;
    }

    @Override
    public Map<String, Object> volume(String id) {
        JsonObject doc = http.read(uri("volumes", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc));
        seen.put("name", text(doc, "name"));
        seen.put("description", text(doc, "description"));
        seen.put("created", text(doc, "created"));
        seen.put("size, GiB", gibibytes(array(doc)));
        seen.put("usable", text(doc, "state").equals("AVAILABLE"));
        seen.put("properties", properties(doc));
        return seen;
    }

    @Override
    public Map<String, Object> network(String id) {
        return Map.of();
    }

    @Override
    public Map<String, Object> floatingIp(String id) {
        return Map.of();
    }

    /** CIMI has no security groups. */
    @Override
    public Map<String, Object> securityGroup(String id) {
        return Map.of();
    }

    private String namespace() {
        return "http://schemas.dmtf.org/cimi/" + version;
    }

    private JsonObject document(String type) {
        JsonObject document = new JsonObject();
        document.addProperty("resourceURI", namespace() + "/" + type);
        return document;
    }

    private static JsonObject ref(String href) {
        JsonObject ref = new JsonObject();
        ref.addProperty("href", href);
        return ref;
    }

    private static JsonArray array(JsonObject item) {
        JsonArray array = new JsonArray();
        array.add(item);
        return array;
    }

    private static JsonObject object(Map<String, String> members) {
        JsonObject object = new JsonObject();
        members.forEach(object::addProperty);
        return object;
    }

    private static String href(JsonObject doc, String name) {
        return doc.getAsJsonObject(name).get("href").getAsString();
    }

    private static String id(JsonObject doc) {
        return Occi.lastSegment(text(doc, "id"));
    }

    private static String text(JsonObject doc, String name) {
        return doc.has(name) ? doc.get(name).getAsString() : null;
    }

    private static Map<String, String> properties(JsonObject doc) {
        Map<String, String> properties = new TreeMap<>();
        if (doc.has("properties")) {
            doc.getAsJsonObject("properties").entrySet().forEach(e -> properties.put(e.getKey(), e.getValue().getAsString()));
        }
        return properties;
    }

    /** The capacity of the first of the disks: kB (1000 bytes), which were rounded down. */
    private static int gibibytes(JsonArray disks) {
        double bytes = disks.get(0).getAsJsonObject().get("capacity").getAsDouble() * 1000;
        return (int) Math.ceil(bytes / (1L << 30));
    }

    /** The items of a collection: its only array besides the operations, which has a name of its own in each collection. */
    private static JsonArray items(JsonObject collection) {
        for (Map.Entry<String, JsonElement> member : collection.entrySet()) {
            if (member.getValue().isJsonArray() && !member.getKey().equals("operations")) {
                return member.getValue().getAsJsonArray();
            }
        }
        return new JsonArray();
    }

    /** The href of an operation that is possible now: its rel is the word, or ends in it. */
    private static String operation(JsonObject doc, String word) {
        for (JsonElement element : doc.getAsJsonArray("operations")) {
            JsonObject operation = element.getAsJsonObject();
            boolean available = !operation.has("available") || operation.get("available").getAsBoolean();
            if (available && Occi.lastSegment(operation.get("rel").getAsString()).equals(word)) {
                return operation.get("href").getAsString();
            }
        }
        throw new AssertionError("the operation " + word + " is not offered by " + doc);
    }
}
