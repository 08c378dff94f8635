package occimi.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Requests in a version of CIMI, in JSON: what is made, changed, called and deleted, by the hrefs that the server shows. Things are
 * named by the ids of OpenStack.
 */
class CimiClient {
    final int version;
    final Http http;
    final JsonObject entry;

    /** The endpoint of all versions, with a slash at the end; version 1 or 2. */
    CimiClient(String base, int version, String user, String password) {
        this.version = version;
        this.http = new Http(user, password, "application/json");
        this.entry = http.read(base + version + "/cloudEntryPoint");
    }

    int version() {
        return version;
    }

    /** The URI of an item of one of the Cloud Entry Point's collections. */
    String uri(String collection, String id) {
        return href(entry, collection) + "/" + id;
    }

    /** A reference to an item of one of the Cloud Entry Point's collections. */
    JsonObject ref(String collection, String id) {
        return object("href", uri(collection, id));
    }

    /** A machine that is to be made. */
    record Machine(String image, String flavor, String credential, String network, List<String> volumes) {}

    /** Makes a machine, and gives its id. */
    String createMachine(String name, Machine machine, Map<String, String> properties) {
        JsonObject template = object("machineImage", ref("machineImages", machine.image()),
                "machineConfig", ref("machineConfigs", machine.flavor()), "credential", ref("credentials", machine.credential()));
        JsonObject network = object("network", ref("networks", machine.network()));
        template.add(version == 1 ? "networkInterfaces" : "interfaceTemplates", array(network));
        JsonArray volumes = new JsonArray();
        for (String volume : machine.volumes()) {
            JsonObject attached = ref("volumes", volume);
            volumes.add(version == 1 ? attached : object("volume", attached));
        }
        template.add("volumes", volumes);
        return create("machines", "Machine", object("name", name, "properties", map(properties)), template);
    }

    /** Makes a credential of a public key, and gives its id. */
    String createCredential(String name, String publicKey) {
        String key = HexFormat.of().formatHex(publicKey.getBytes(StandardCharsets.UTF_8));
        return create("credentials", "Credential", object("name", name), object("key", key));
    }

    /** Makes a volume, and gives its id. */
    String createVolume(String name, String description, int gibibytes, Map<String, String> properties) {
        return create("volumes", "Volume", object("name", name, "description", description, "properties", map(properties)),
                object("volumeConfig", object("capacity", kilobytes(gibibytes))));
    }

    /** Makes a volume of an image of a volume, as large as that, and gives its id. */
    String createVolumeOf(String name, String volumeImage) {
        return create("volumes", "Volume", object("name", name), object("volumeImage", ref("volumeImages", volumeImage)));
    }

    /** Makes an image of a volume, and gives its id: version 2 has an operation for it. */
    String snapshot(String volume, String name, String description) {
        JsonObject body = document("VolumeImage", object("name", name, "description", description, "imageLocation", uri("volumes", volume)));
        String href = version == 1 ? operation(href(entry, "volumeImages"), "add") : operation(uri("volumes", volume), "snapshot");
        return Occi.lastSegment(http.ask(201, "POST", href, body).location());
    }

    /** Makes something of a template by value, and gives its id; the common attributes, as the name, stand beside the template. */
    String create(String collection, String type, JsonObject common, JsonObject template) {
        return add(href(entry, collection), type, common, template);
    }

    private String add(String collectionUri, String type, JsonObject common, JsonObject template) {
        JsonObject body = document(type + "Create", common);
        body.add(Character.toLowerCase(type.charAt(0)) + type.substring(1) + "Template", template);
        return Occi.lastSegment(http.ask(201, "POST", operation(collectionUri, "add"), body).location());
    }

    /** Calls an operation of an item of a collection, by the href that the item shows for it. */
    void act(String collection, String id, String operation) {
        call(uri(collection, id), operation, object());
    }

    private void call(String uri, String operation, JsonObject parameters) {
        JsonObject body = document("Action", parameters);
        body.addProperty("action", namespace() + "/action/" + operation);
        http.ask(202, "POST", operation(uri, operation), body);
    }

    /** Makes an image of a machine, and gives its id. */
    String capture(String machine, String name) {
        String href = operation(uri("machines", machine), "capture");
        return Occi.lastSegment(http.ask(201, "POST", href, document("MachineImage", object("name", name))).location());
    }

    /** Changes the attributes that are given; all else stays. */
    void edit(String collection, String id, String type, JsonObject attributes) {
        String href = operation(uri(collection, id), "edit");
        int status = attributes.has("capacity") ? 202 : 200; // which takes its time
        http.ask(status, "PUT", href + "?$select=" + String.join(",", attributes.keySet()), document(type, attributes));
    }

    /** Deletes an item of a collection, which may be gone. */
    void delete(String collection, String id) {
        http.delete(uri(collection, id));
    }

    /** Puts a volume on a machine. */
    void attach(String machine, String volume, String device) {
        String volumes = uri("machines", machine) + "/volumes";
        JsonObject located = object("initialLocation", device, "volume", ref("volumes", volume));
        if (version == 1) {
            http.ask(201, "POST", operation(volumes, "add"), document("MachineVolume", located));
        } else {
            call(volumes, "insert", located);
        }
    }

    /** Takes a volume off a machine. */
    void detach(String machine, String volume) {
        String volumes = uri("machines", machine) + "/volumes";
        if (version == 2) {
            call(volumes, "remove", object("volume", ref("volumes", volume)));
            return;
        }
        for (JsonElement item : items(http.read(volumes))) {
            if (href(item.getAsJsonObject(), "volume").equals(uri("volumes", volume))) {
                http.ask(200, "DELETE", operation(item.getAsJsonObject(), "delete"), null);
                return;
            }
        }
        throw new AssertionError("the volume " + volume + " is not on the machine " + machine);
    }

    /** Plugs a machine into a network, and gives the id of the new interface, which is that of its port. */
    String plug(String machine, String network) {
        JsonObject on = object("network", ref("networks", network));
        if (version == 2) {
            return add(uri("machines", machine) + "/interfaces", "NetworkInterface", object(), on);
        }
        on.addProperty("state", "ACTIVE");
        String href = operation(uri("machines", machine) + "/networkInterfaces", "add");
        return Occi.lastSegment(http.ask(201, "POST", href, document("MachineNetworkInterface", on)).location());
    }

    /** Takes an interface off a machine, and with it its port, if it was made for it. */
    void unplug(String machine, String port) {
        if (version == 1) {
            http.ask(200, "DELETE", operation(uri("machines", machine) + "/networkInterfaces/" + port, "delete"), null);
        } else {
            call(uri("machines", machine) + "/interfaces", "remove", object("networkInterface", ref("interfaces", port)));
        }
    }

    /** Takes a floating IP out of the pool of a network, pointing nowhere, and gives its id. */
    String createFloatingIp(String network) {
        String key = version == 1
                ? create("addresses", "Address", object(), object("network", ref("networks", network)))
                : add(uri("segments", "pool-" + network) + "/endpoints", "ProtocolEndpoint", object(), object());
        return key.substring(Cimi.FLOATING.length());
    }

    /** Points a floating IP at a port of a machine. */
    void point(String floatingIp, String machine, String port) {
        String key = Cimi.FLOATING + floatingIp;
        if (version == 1) {
            http.ask(201, "POST", operation(pointed(machine, port), "add"),
                    document("MachineNetworkInterfaceAddress", object("address", ref("addresses", key))));
        } else {
            call(uri("interfaces", port) + "/endpoints", "insert", object("protocolEndpoint", ref("endpoints", key)));
        }
    }

    /** Points a floating IP that points at a port of a machine at nothing. */
    void release(String floatingIp, String machine, String port) {
        String key = Cimi.FLOATING + floatingIp;
        if (version == 2) {
            call(uri("interfaces", port) + "/endpoints", "remove", object("protocolEndpoint", ref("endpoints", key)));
            return;
        }
        for (JsonElement item : items(http.read(pointed(machine, port)))) {
            if (href(item.getAsJsonObject(), "address").equals(uri("addresses", key))) {
                http.ask(200, "DELETE", operation(item.getAsJsonObject(), "delete"), null);
                return;
            }
        }
        throw new AssertionError("the floating IP " + floatingIp + " does not point at " + port);
    }

    /** The addresses of a machine's interface, in version 1. */
    private String pointed(String machine, String port) {
        return uri("machines", machine) + "/networkInterfaces/" + port + "/addresses";
    }

    private String namespace() {
        return "http://schemas.dmtf.org/cimi/" + version;
    }

    private JsonObject document(String type, JsonObject members) {
        JsonObject document = members.deepCopy();
        document.addProperty("resourceURI", namespace() + "/" + type);
        return document;
    }

    /** The href of an operation that the resource at a URI shows. */
    private String operation(String uri, String word) {
        JsonObject doc = http.read(uri);
        if (doc == null) {
            throw new AssertionError("there is nothing at " + uri);
        }
        return operation(doc, word);
    }

    /** The href of an operation that is possible now: its rel is the word, or ends in it. */
    private static String operation(JsonObject doc, String word) {
        JsonArray operations = doc.has("operations") ? doc.getAsJsonArray("operations") : new JsonArray();
        for (JsonElement element : operations) {
            JsonObject operation = element.getAsJsonObject();
            boolean available = !operation.has("available") || operation.get("available").getAsBoolean();
            if (available && Occi.lastSegment(operation.get("rel").getAsString()).equals(word)) {
                return operation.get("href").getAsString();
            }
        }
        throw new AssertionError("the operation " + word + " is not offered by " + doc);
    }

    /** A document of members, name after value: text, numbers, documents and arrays. */
    static JsonObject object(Object... namesAndValues) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = (String) namesAndValues[i];
            Object value = namesAndValues[i + 1];
            if (value instanceof JsonElement element) {
                object.add(name, element);
            } else if (value instanceof Number number) {
                object.addProperty(name, number);
            } else {
                object.addProperty(name, value.toString());
            }
        }
        return object;
    }

    static JsonObject map(Map<String, String> members) {
        JsonObject object = new JsonObject();
        members.forEach(object::addProperty);
        return object;
    }

    static JsonArray array(JsonObject item) {
        JsonArray array = new JsonArray();
        array.add(item);
        return array;
    }

    static String href(JsonObject doc, String name) {
        return doc.getAsJsonObject(name).get("href").getAsString();
    }

    /** The items of a collection: its only array besides the operations, which has a name of its own in each collection. */
    static JsonArray items(JsonObject collection) {
        for (Map.Entry<String, JsonElement> member : collection.entrySet()) {
            if (member.getValue().isJsonArray() && !member.getKey().equals("operations")) {
                return member.getValue().getAsJsonArray();
            }
        }
        return new JsonArray();
    }

    /** A size as it is asked for: kilobytes of 1000 bytes, which are rounded up. */
    static long kilobytes(int gibibytes) {
        return gibibytes * (1L << 30) / 1000;
    }
}
