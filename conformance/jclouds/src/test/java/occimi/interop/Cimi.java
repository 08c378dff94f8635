package occimi.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The cloud through a version of CIMI. Everything is found from the Cloud Entry Point, and by the ids of OpenStack. */
final class Cimi extends CimiClient implements Observer {
    /** What the keys of floating IPs begin with, among addresses and endpoints; those of ports' addresses are PORT.ADDRESS. */
    static final String FLOATING = "fip-";

    Cimi(String base, int version, String user, String password) {
        super(base, version, user, password);
    }

    @Override
    public String name() {
        return "CIMI " + version;
    }

    @Override
    public Set<String> machines() {
        Set<String> ids = new TreeSet<>();
        documents(http.read(href(entry, "machines"))).forEach(item -> ids.add(id(item)));
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
        Map<String, Object> seen = common(doc);
        seen.put("created", text(doc, "created"));
        seen.put("cores", doc.get("cpu").getAsInt());
        seen.put("memory, MiB", doc.get("memory").getAsInt() / 1024);
        seen.put("disk, GiB", gibibytes(items(doc.getAsJsonObject("disks")).get(0).getAsJsonObject()));
        seen.put("properties", properties(doc));
        Plugs plugs = new Plugs();
        for (JsonObject nic : documents(doc.getAsJsonObject(version == 1 ? "networkInterfaces" : "interfaces"))) {
            plugs.ports.add(id(nic));
            if (version == 1) {
                plugs.readInterface(nic);
            } else {
                plugs.readEndpoints(href(nic, "endpoints"));
            }
        }
        seen.put("ports", plugs.ports);
        seen.put("fixed addresses", plugs.fixed);
        seen.put("floating addresses", plugs.floating);
        seen.put("MAC addresses", plugs.macs);
        seen.put("networks", plugs.networks);
        Set<String> volumes = new TreeSet<>();
        for (JsonObject located : documents(doc.getAsJsonObject("volumes"))) {
            String volume = version == 1 ? Occi.lastSegment(href(located, "volume")) : id(located);
            volumes.add(volume + " " + text(located, "initialLocation"));
        }
        seen.put("volumes", volumes);
        return seen;
    }

    /** What interfaces of machines lead to. */
    private final class Plugs {
        final Set<String> ports = new TreeSet<>();
        final Set<String> fixed = new TreeSet<>();
        final Set<String> floating = new TreeSet<>();
        final Set<String> macs = new TreeSet<>();
        final Set<String> networks = new TreeSet<>();

        /** Reads an interface of version 1. */
        void readInterface(JsonObject nic) {
            macs.add(text(nic, "macAddress"));
            networks.add(Occi.lastSegment(href(nic, "network")));
            for (JsonObject item : documents(http.read(href(nic, "addresses") + "?$expand=address"))) {
                JsonObject address = item.getAsJsonObject("address");
                (id(address).startsWith(FLOATING) ? floating : fixed).add(text(address, "ip"));
            }
        }

        /** Reads the endpoints of an interface of version 2. */
        void readEndpoints(String uri) {
            for (JsonObject endpoint : documents(http.read(uri))) {
                String address = text(endpoint, "address");
                if (text(endpoint, "protocol").equals("Ethernet")) {
                    macs.add(address);
                    networks.add(networkOf(endpoint));
                } else {
                    (id(endpoint).startsWith(FLOATING) ? floating : fixed).add(address);
                }
            }
        }
    }

    /** The network with the segment that an endpoint of version 2 is on; "(none)" if it is on none. */
    private String networkOf(JsonObject endpoint) {
        Predicate<JsonObject> on = segment -> documents(segment.getAsJsonObject("endpoints")).stream()
                .anyMatch(e -> id(e).equals(id(endpoint)));
        Set<String> segments = documents(http.read(href(entry, "segments") + "?$expand=endpoints")).stream()
                .filter(on).map(Cimi::id).collect(Collectors.toSet());
        return documents(http.read(href(entry, "networks") + "?$expand=segments")).stream()
                .filter(n -> documents(n.getAsJsonObject("segments")).stream().anyMatch(s -> segments.contains(id(s))))
                .map(Cimi::id).findFirst().orElse("(none)");
    }

    @Override
    public Map<String, Object> flavor(String id) {
        JsonObject doc = http.read(uri("machineConfigs", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        seen.put("cores", doc.get("cpu").getAsInt());
        seen.put("memory, MiB", doc.get("memory").getAsInt() / 1024);
        seen.put("disk, GiB", gibibytes(doc.getAsJsonArray("disks").get(0).getAsJsonObject()));
        return seen;
    }

    @Override
    public Map<String, Object> image(String id) {
        JsonObject doc = http.read(uri("machineImages", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
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
        JsonObject doc = http.read(uri("volumes", id) + "?$expand=images");
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        seen.put("description", text(doc, "description"));
        seen.put("created", text(doc, "created"));
        seen.put("size, GiB", gibibytes(doc));
        seen.put("usable", text(doc, "state").equals("AVAILABLE"));
        seen.put("properties", properties(doc));
        Set<String> images = new TreeSet<>();
        for (JsonObject image : documents(doc.getAsJsonObject("images"))) {
            images.add(version == 1 ? Occi.lastSegment(href(image, "volumeImage")) : id(image));
        }
        seen.put("snapshots", images);
        return seen;
    }

    @Override
    public Map<String, Object> snapshot(String id) {
        JsonObject doc = http.read(uri("volumeImages", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        seen.put("description", text(doc, "description"));
        seen.put("created", text(doc, "created"));
        seen.put("usable", text(doc, "state").equals("AVAILABLE"));
        return seen;
    }

    @Override
    public Map<String, Object> network(String id) {
        JsonObject doc = http.read(uri("networks", id) + "?$expand=segments");
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        seen.put("up", text(doc, "state").equals("STARTED"));
        if (version == 1) {
            seen.put("external", text(doc, "networkType").equals("PUBLIC"));
            seen.put("router", doc.has("forwardingGroup") ? Occi.lastSegment(href(doc, "forwardingGroup")) : null);
            return seen;
        }
        Set<String> subnets = new TreeSet<>();
        for (JsonObject segment : documents(doc.getAsJsonObject("segments"))) {
            if (isSubnet(segment)) {
                subnets.add(id(segment));
                seen.putAll(range(segment));
            }
        }
        seen.put("subnets", subnets);
        return seen;
    }

    /** A network in version 2 has segments besides its subnets: its Ethernet, and a pool of floating IPs. */
    private static boolean isSubnet(JsonObject segment) {
        return segment.has("parameters") && segment.getAsJsonObject("parameters").has("subnetAddress");
    }

    /** The range of addresses of a segment of IPv4. */
    private static Map<String, Object> range(JsonObject segment) {
        JsonObject parameters = segment.getAsJsonObject("parameters");
        int bits = 0;
        for (String part : text(parameters, "netmask").split("\\.")) {
            bits += Integer.bitCount(Integer.parseInt(part));
        }
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("address", text(parameters, "subnetAddress") + "/" + bits);
        range.put("gateway", text(parameters, "gateway"));
        range.put("allocation", text(parameters, "dhcp").equals("true") ? "dynamic" : "static");
        return range;
    }

    @Override
    public Map<String, Object> subnet(String id) {
        if (version == 1) {
            return Map.of();
        }
        JsonObject doc = http.read(uri("segments", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        seen.putAll(range(doc));
        String resolvers = text(doc.getAsJsonObject("parameters"), "nameservers");
        seen.put("resolvers", resolvers == null ? Set.of() : Set.of(resolvers.split(",")));
        return seen;
    }

    @Override
    public Map<String, Object> port(String id) {
        JsonObject doc = http.read(uri(version == 1 ? "networkPorts" : "interfaces", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        if (version == 1) {
            Set<String> fixed = new TreeSet<>();
            for (JsonObject address : documents(http.read(href(entry, "addresses")))) {
                if (id(address).startsWith(id + ".")) {
                    fixed.add(text(address, "ip"));
                }
            }
            seen.put("up", text(doc, "state").equals("STARTED"));
            seen.put("network", Occi.lastSegment(href(doc, "network")));
            seen.put("fixed addresses", fixed);
            return seen;
        }
        Plugs plugs = new Plugs();
        plugs.readEndpoints(href(doc, "endpoints"));
        seen.put("up", text(doc, "state").equals("ENABLED"));
        seen.put("network", plugs.networks.iterator().next());
        seen.put("fixed addresses", plugs.fixed);
        seen.put("MAC address", plugs.macs.iterator().next());
        seen.put("machine", machineOf(doc));
        return seen;
    }

    /** The machine whose interface it is, in version 2: the interface's parent is then the collection of the machine's. */
    private String machineOf(JsonObject nic) {
        String[] path = href(nic, "parent").split("/");
        return path[path.length - 1].equals("interfaces") ? path[path.length - 2] : null;
    }

    @Override
    public Map<String, Object> router(String id) {
        if (version == 2) {
            return Map.of();
        }
        JsonObject doc = http.read(uri("forwardingGroups", id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = common(doc);
        Set<String> networks = new TreeSet<>();
        if (doc.has("networks")) {
            doc.getAsJsonArray("networks").forEach(ref -> networks.add(Occi.lastSegment(text(ref.getAsJsonObject(), "href"))));
        }
        seen.put("networks", networks);
        return seen;
    }

    @Override
    public Map<String, Object> floatingIp(String id) {
        JsonObject doc = http.read(uri(version == 1 ? "addresses" : "endpoints", FLOATING + id));
        if (doc == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc).substring(FLOATING.length()));
        if (version == 1) {
            seen.put("address", text(doc, "ip"));
            seen.put("used", doc.has("resource"));
            seen.put("network", Occi.lastSegment(href(doc, "network")));
            seen.put("machine", doc.has("resource") ? Occi.lastSegment(href(doc, "resource")) : null);
            return seen;
        }
        seen.put("address", text(doc, "address"));
        seen.put("used", doc.has("interface"));
        seen.put("network", networkOf(doc));
        seen.put("port", doc.has("interface") ? Occi.lastSegment(href(doc, "interface")) : null);
        seen.put("machine", doc.has("interface") ? machineOf(http.read(href(doc, "interface"))) : null);
        return seen;
    }

    /** CIMI has no security groups. */
    @Override
    public Map<String, Object> securityGroup(String id) {
        return Map.of();
    }

    /** Id and name. */
    private static Map<String, Object> common(JsonObject doc) {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", id(doc));
        seen.put("name", doc.has("name") ? text(doc, "name") : "");
        return seen;
    }

    private static List<JsonObject> documents(JsonObject collection) {
        List<JsonObject> documents = new ArrayList<>();
        JsonArray items = items(collection);
        for (JsonElement item : items) {
            documents.add(item.getAsJsonObject());
        }
        return documents;
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

    /** The capacity of something: kB (1000 bytes), which were rounded down. */
    private static int gibibytes(JsonObject doc) {
        return (int) Math.ceil(doc.get("capacity").getAsDouble() * 1000 / (1L << 30));
    }
}
