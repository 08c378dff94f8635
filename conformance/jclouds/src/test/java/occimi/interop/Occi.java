package occimi.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The cloud through OCCI 1.2, in JSON. */
final class Occi implements Observer {
    static final String INFRASTRUCTURE = "http://schemas.ogf.org/occi/infrastructure#";
    static final String IMAGE = "http://schemas.openstack.org/template/os#";
    static final String FLAVOR = "http://schemas.openstack.org/template/resource#";
    static final String IP_NETWORK = "http://schemas.ogf.org/occi/infrastructure/network#ipnetwork";
    private static final String KEY = "http://schemas.openstack.org/instance/credentials#public_key";
    private static final String ZONE = "http://schemas.openstack.org/availability_zone#";
    private static final String TARGET = "occi.core.target";
    private static final String LINK_ID = "occi.core.id";
    private static final String ACTIONS = "http://schemas.ogf.org/occi/infrastructure/compute/action#";

    private final Http http;
    private final String base;

    /** An endpoint, with a slash at the end. */
    Occi(String base, String user, String password) {
        this.base = base;
        this.http = new Http(user, password, "application/occi+json");
    }

    @Override
    public String name() {
        return "OCCI";
    }

    /** What a new resource is made of: kind, mixins, attributes, and links as "KIND TARGET". */
    record Entity(String kind, List<String> mixins, Map<String, Object> attributes, List<String> links) {
        Entity(String kind, List<String> mixins, Map<String, Object> attributes) {
            this(kind, mixins, attributes, List.of());
        }
    }

    /** A compute that is made of an image, a flavor, and a key pair that exists, on a network. */
    static Entity compute(String name, String image, String flavor, String keyPair, String network) {
        return new Entity("compute", List.of(IMAGE + image, FLAVOR + flavor, KEY),
                Map.of("occi.core.title", name, "org.openstack.credentials.publickey.name", keyPair),
                List.of("networkinterface /network/" + network));
    }

    /** Makes a resource, and gives its id. */
    String create(Entity entity) {
        JsonObject resource = new JsonObject();
        resource.addProperty("kind", INFRASTRUCTURE + entity.kind());
        resource.add("mixins", strings(entity.mixins()));
        resource.add("attributes", attributes(entity.attributes()));
        JsonArray links = new JsonArray();
        for (String link : entity.links()) {
            String[] kindAndTarget = link.split(" ");
            JsonObject target = new JsonObject();
            target.addProperty("location", kindAndTarget[1]);
            JsonObject one = new JsonObject();
            one.addProperty("kind", INFRASTRUCTURE + kindAndTarget[0]);
            one.add("target", target);
            links.add(one);
        }
        resource.add("links", links);
        return lastSegment(http.ask(201, "POST", base + entity.kind() + "/", list("resources", resource)).location());
    }

    /** Links a compute to another resource, and gives the link's id. */
    String link(String kind, String compute, String target, List<String> mixins) {
        JsonObject link = new JsonObject();
        link.addProperty("kind", INFRASTRUCTURE + kind);
        link.add("mixins", strings(mixins));
        link.add("source", location("/compute/" + compute));
        link.add("target", location(target));
        return lastSegment(http.ask(201, "POST", base + kind + "/", list("links", link)).location());
    }

    /** Changes attributes of a resource; the others stay. */
    void change(String kind, String id, Map<String, Object> attributes) {
        JsonObject body = new JsonObject();
        body.addProperty("kind", INFRASTRUCTURE + kind);
        body.add("attributes", attributes(attributes));
        http.ask(200, "POST", uri(kind, id), body);
    }

    /** Makes an image of a compute, and gives its id: the place of the new OS template is the answer's location. */
    String save(String compute, String name) {
        return lastSegment(act(compute, "save", Map.of("name", name)).location());
    }

    /** Calls an action of a compute. */
    Http.Answer act(String compute, String action, Map<String, Object> attributes) {
        JsonObject body = new JsonObject();
        body.addProperty("action", ACTIONS + action);
        body.add("attributes", attributes(attributes));
        return http.ask(200, "POST", uri("compute", compute) + "?action=" + action, body);
    }

    /** Deletes an entity, which may be gone. */
    void delete(String kind, String id) {
        http.delete(uri(kind, id));
    }

    @Override
    public Set<String> machines() {
        Set<String> ids = new TreeSet<>();
        JsonObject list = http.read(base + "compute/");
        if (list.has("resources")) {
            list.getAsJsonArray("resources").forEach(r -> ids.add(r.getAsJsonObject().get("id").getAsString()));
        }
        return ids;
    }

    @Override
    public String state(String machine) {
        JsonObject doc = http.read(uri("compute", machine));
        return doc == null ? State.NOWHERE : attribute(doc, "occi.compute.state").getAsString();
    }

    @Override
    public Map<String, Object> machine(String id) {
        JsonObject doc = http.read(uri("compute", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", text(doc, "occi.core.id"));
        seen.put("name", text(doc, "occi.core.title"));
        seen.put("flavor", mixin(doc, FLAVOR));
        seen.put("cores", attribute(doc, "occi.compute.cores").getAsInt());
        seen.put("memory, MiB", mebibytes(attribute(doc, "occi.compute.memory")));
        seen.put("image", mixin(doc, IMAGE));
        seen.put("zone", mixin(doc, ZONE));
        Predicate<JsonObject> floating = link -> link.get("id").getAsString().startsWith("fip_");
        seen.put("ports", links(doc, "networkinterface", floating.negate(), LINK_ID));
        seen.put("fixed addresses", links(doc, "networkinterface", floating.negate(), "occi.networkinterface.address"));
        seen.put("floating addresses", links(doc, "networkinterface", floating, "occi.networkinterface.address"));
        seen.put("MAC addresses", links(doc, "networkinterface", floating.negate(), "occi.networkinterface.mac"));
        seen.put("networks", links(doc, "networkinterface", floating.negate(), TARGET));
        seen.put("security groups", links(doc, "securitygrouplink", l -> true, TARGET));
        seen.put("volumes", links(doc, "storagelink", l -> true, TARGET, "occi.storagelink.deviceid"));
        return seen;
    }

    /** The values of attributes of a resource's links, each link as a word of them; targets are shown as ids. */
    private static Set<String> links(JsonObject doc, String kind, Predicate<JsonObject> which, String... attributes) {
        Set<String> values = new TreeSet<>();
        if (!doc.has("links")) {
            return values;
        }
        for (JsonElement element : doc.getAsJsonArray("links")) {
            JsonObject link = element.getAsJsonObject();
            if (!link.get("kind").getAsString().equals(INFRASTRUCTURE + kind) || !which.test(link)) {
                continue;
            }
            List<String> words = new ArrayList<>();
            for (String attribute : attributes) {
                String value = text(link, attribute);
                words.add(attribute.equals(TARGET) ? lastSegment(value) : value);
            }
            values.add(String.join(" ", words));
        }
        return values;
    }

    @Override
    public Map<String, Object> flavor(String id) {
        JsonObject mixin = template(FLAVOR, id);
        if (mixin == null) {
            return null;
        }
        JsonObject attributes = mixin.getAsJsonObject("attributes");
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", mixin.get("term").getAsString());
        seen.put("name", value(attributes, "org.openstack.flavor.name").getAsString());
        seen.put("cores", value(attributes, "occi.compute.cores").getAsInt());
        seen.put("memory, MiB", mebibytes(value(attributes, "occi.compute.memory")));
        seen.put("disk, GiB", value(attributes, "org.openstack.flavor.disk").getAsInt());
        return seen;
    }

    @Override
    public Map<String, Object> image(String id) {
        JsonObject mixin = template(IMAGE, id);
        if (mixin == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", mixin.get("term").getAsString());
        seen.put("name", mixin.get("title").getAsString().replaceFirst("^Image: ", ""));
        return seen;
    }

    /** A mixin of the query interface. */
    private JsonObject template(String scheme, String term) {
        for (JsonElement element : http.read(base + "-/").getAsJsonArray("mixins")) {
            JsonObject mixin = element.getAsJsonObject();
            if (mixin.get("scheme").getAsString().equals(scheme) && mixin.get("term").getAsString().equals(term)) {
                return mixin;
            }
        }
        return null;
    }

    private static JsonElement value(JsonObject declarations, String attribute) {
        return declarations.getAsJsonObject(attribute).get("default");
    }

    /** OCCI shows no keys: they are used up when a compute is made. */
    @Override
    public Map<String, Object> keyPair(String name) {
        return Map.of();
    }

    @Override
    public Map<String, Object> volume(String id) {
        JsonObject doc = http.read(uri("storage", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", text(doc, "occi.core.id"));
        seen.put("name", text(doc, "occi.core.title"));
        seen.put("description", text(doc, "occi.core.summary"));
        seen.put("size, GiB", attribute(doc, "occi.storage.size").getAsInt());
        seen.put("usable", text(doc, "occi.storage.state").equals("online"));
        return seen;
    }

    /** OCCI has no snapshots of volumes. */
    @Override
    public Map<String, Object> snapshot(String id) {
        return Map.of();
    }

    @Override
    public Map<String, Object> network(String id) {
        JsonObject doc = http.read(uri("network", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", text(doc, "occi.core.id"));
        seen.put("name", text(doc, "occi.core.title"));
        seen.put("up", text(doc, "occi.network.state").equals("active"));
        seen.put("address", text(doc, "occi.network.address"));
        seen.put("gateway", text(doc, "occi.network.gateway"));
        seen.put("allocation", text(doc, "occi.network.allocation"));
        return seen;
    }

    /** OCCI has one range of addresses, which is the network's own. */
    @Override
    public Map<String, Object> subnet(String id) {
        return Map.of();
    }

    /** OCCI has the ports of machines only, as links: they are shown with the machine. */
    @Override
    public Map<String, Object> port(String id) {
        return Map.of();
    }

    /** OCCI has no routers. */
    @Override
    public Map<String, Object> router(String id) {
        return Map.of();
    }

    @Override
    public Map<String, Object> floatingIp(String id) {
        JsonObject doc = http.read(uri("ipreservation", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", text(doc, "occi.core.id"));
        seen.put("address", text(doc, "occi.ipreservation.address"));
        seen.put("used", attribute(doc, "occi.ipreservation.used").getAsBoolean());
        return seen;
    }

    @Override
    public Map<String, Object> securityGroup(String id) {
        JsonObject doc = http.read(uri("securitygroup", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", text(doc, "occi.core.id"));
        seen.put("name", text(doc, "occi.core.title"));
        seen.put("description", doc.has("summary") ? text(doc, "occi.core.summary") : "");
        Set<String> inbound = new TreeSet<>();
        JsonElement rules = attribute(doc, "occi.securitygroup.rules");
        JsonArray array = rules.isJsonArray() ? rules.getAsJsonArray() : JsonParser.parseString(rules.getAsString()).getAsJsonArray();
        for (JsonElement element : array) {
            JsonObject rule = element.getAsJsonObject();
            if (rule.get("type").getAsString().equals("inbound")) {
                inbound.add(Observer.rule(rule.get("protocol").getAsString(), rule.get("port").getAsString(), rule.get("range").getAsString()));
            }
        }
        seen.put("inbound", inbound);
        return seen;
    }

    private String uri(String kind, String id) {
        return base + kind + "/" + id;
    }

    private static JsonElement attribute(JsonObject doc, String name) {
        return doc.getAsJsonObject("attributes").get(name);
    }

    private static String text(JsonObject doc, String name) {
        JsonElement value = attribute(doc, name);
        return value == null ? null : value.getAsString();
    }

    private static int mebibytes(JsonElement gibibytes) {
        return (int) (gibibytes.getAsDouble() * 1024);
    }

    private static String mixin(JsonObject doc, String scheme) {
        for (JsonElement mixin : doc.getAsJsonArray("mixins")) {
            if (mixin.getAsString().startsWith(scheme)) {
                return mixin.getAsString().substring(scheme.length());
            }
        }
        return null;
    }

    private static JsonObject list(String name, JsonObject entity) {
        JsonArray entities = new JsonArray();
        entities.add(entity);
        JsonObject body = new JsonObject();
        body.add(name, entities);
        return body;
    }

    private static JsonObject location(String path) {
        JsonObject location = new JsonObject();
        location.addProperty("location", path);
        return location;
    }

    private static JsonArray strings(List<String> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    private static JsonObject attributes(Map<String, Object> values) {
        JsonObject object = new JsonObject();
        values.forEach((name, value) -> {
            if (value instanceof Number number) {
                object.addProperty(name, number);
            } else {
                object.addProperty(name, (String) value);
            }
        });
        return object;
    }

    /** The id at the end of a location, which may have a slash after it. */
    static String lastSegment(String location) {
        String path = location.endsWith("/") ? location.substring(0, location.length() - 1) : location;
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
