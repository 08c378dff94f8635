package occimi.interop;

import com.google.common.base.Strings;
import com.google.common.reflect.TypeToken;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jclouds.ContextBuilder;
import org.jclouds.compute.ComputeService;
import org.jclouds.compute.ComputeServiceContext;
import org.jclouds.config.ContextLinking;
import org.jclouds.openstack.keystone.config.KeystoneProperties;
import org.jclouds.openstack.neutron.v2.NeutronApi;
import org.jclouds.openstack.neutron.v2.domain.FloatingIP;
import org.jclouds.openstack.neutron.v2.domain.IP;
import org.jclouds.openstack.neutron.v2.domain.Network;
import org.jclouds.openstack.neutron.v2.domain.Port;
import org.jclouds.openstack.neutron.v2.domain.Router;
import org.jclouds.openstack.neutron.v2.domain.Rule;
import org.jclouds.openstack.neutron.v2.domain.RuleDirection;
import org.jclouds.openstack.neutron.v2.domain.SecurityGroup;
import org.jclouds.openstack.neutron.v2.domain.Subnet;
import org.jclouds.openstack.neutron.v2.extensions.RouterApi;
import org.jclouds.openstack.neutron.v2.features.FloatingIPApi;
import org.jclouds.openstack.neutron.v2.features.NetworkApi;
import org.jclouds.openstack.neutron.v2.features.PortApi;
import org.jclouds.openstack.neutron.v2.features.SecurityGroupApi;
import org.jclouds.openstack.neutron.v2.features.SubnetApi;
import org.jclouds.openstack.nova.v2_0.NovaApi;
import org.jclouds.openstack.nova.v2_0.domain.Address;
import org.jclouds.openstack.nova.v2_0.domain.Flavor;
import org.jclouds.openstack.nova.v2_0.domain.Image;
import org.jclouds.openstack.nova.v2_0.domain.InterfaceAttachment;
import org.jclouds.openstack.nova.v2_0.domain.KeyPair;
import org.jclouds.openstack.nova.v2_0.domain.Server;
import org.jclouds.openstack.nova.v2_0.domain.Volume;
import org.jclouds.openstack.nova.v2_0.domain.VolumeSnapshot;
import org.jclouds.openstack.nova.v2_0.extensions.AttachInterfaceApi;
import org.jclouds.openstack.nova.v2_0.extensions.KeyPairApi;
import org.jclouds.openstack.nova.v2_0.extensions.ServerAdminApi;
import org.jclouds.openstack.nova.v2_0.extensions.VolumeApi;
import org.jclouds.openstack.nova.v2_0.extensions.VolumeAttachmentApi;
import org.jclouds.openstack.nova.v2_0.features.FlavorApi;
import org.jclouds.openstack.nova.v2_0.features.ImageApi;
import org.jclouds.openstack.nova.v2_0.features.ServerApi;
import org.jclouds.openstack.v2_0.domain.Resource;
import org.jclouds.rest.ApiContext;

/** The cloud as jclouds has it, through its APIs of Nova and Neutron. Keystone tells jclouds where these are. */
final class Jclouds implements Observer, AutoCloseable {
    /** What the keys of metadata begin with that are properties in CIMI. */
    static final String CIMI_PROPERTY = "cimi_p_";
    /** The owner of the ports that routers have on networks. */
    private static final String ROUTER_PORT = "network:router_interface";

    private final ComputeServiceContext compute;
    private final NovaApi nova;
    private final ApiContext<NeutronApi> network;
    private final NeutronApi neutron;
    private final String region;

    /** Logs in at a Keystone v3 as a user of a domain, in the project of that name. */
    Jclouds(String keystone, String domain, String user, String password, String project) {
        Properties overrides = new Properties();
        overrides.setProperty(KeystoneProperties.KEYSTONE_VERSION, "3");
        overrides.setProperty(KeystoneProperties.SCOPE, "project:" + project);
        network = builder("openstack-neutron", keystone, domain, user, password, overrides)
                .build(new TypeToken<ApiContext<NeutronApi>>() {});
        neutron = network.getApi();
        // Without the link the ComputeService manages floating IPs through Nova, and leaves them behind.
        compute = builder("openstack-nova", keystone, domain, user, password, overrides)
                .modules(Set.of(ContextLinking.linkContext(network)))
                .buildView(ComputeServiceContext.class);
        nova = compute.unwrapApi(NovaApi.class);
        region = nova.getConfiguredRegions().iterator().next();
    }

    private static ContextBuilder builder(
            String api, String keystone, String domain, String user, String password, Properties overrides) {
        return ContextBuilder.newBuilder(api)
                .endpoint(keystone)
                .credentials(domain + ":" + user, password)
                .overrides(overrides);
    }

    ComputeService compute() {
        return compute.getComputeService();
    }

    /** An id of Nova as the ComputeService has it. */
    String portable(String id) {
        return region + "/" + id;
    }

    ServerApi servers() {
        return nova.getServerApi(region);
    }

    ServerAdminApi serverAdmin() {
        return nova.getServerAdminApi(region).get();
    }

    KeyPairApi keyPairs() {
        return nova.getKeyPairApi(region).get();
    }

    VolumeApi volumes() {
        return nova.getVolumeApi(region).get();
    }

    VolumeAttachmentApi attachments() {
        return nova.getVolumeAttachmentApi(region).get();
    }

    AttachInterfaceApi interfaces() {
        return nova.getAttachInterfaceApi(region).get();
    }

    ImageApi images() {
        return nova.getImageApi(region);
    }

    FlavorApi flavors() {
        return nova.getFlavorApi(region);
    }

    String region() {
        return region;
    }

    NetworkApi networks() {
        return neutron.getNetworkApi(region);
    }

    SubnetApi subnets() {
        return neutron.getSubnetApi(region);
    }

    PortApi ports() {
        return neutron.getPortApi(region);
    }

    FloatingIPApi floatingIps() {
        return neutron.getFloatingIPApi(region);
    }

    SecurityGroupApi securityGroups() {
        return neutron.getSecurityGroupApi(region);
    }

    RouterApi routers() {
        return neutron.getRouterApi(region).get();
    }

    @Override
    public String name() {
        return "jclouds";
    }

    @Override
    public Set<String> machines() {
        return servers().list().concat().transform(Resource::getId).toSet();
    }

    /** Nova's status; while a task is under way it follows in brackets. */
    @Override
    public String state(String machine) {
        Server server = servers().get(machine);
        if (server == null) {
            return State.NOWHERE;
        }
        String task = server.getExtendedStatus().isPresent() ? server.getExtendedStatus().get().getTaskState() : null;
        return server.getStatus() + (task == null ? "" : " (" + task + ")");
    }

    @Override
    public Map<String, Object> machine(String id) {
        Server server = servers().get(id);
        if (server == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", server.getId());
        seen.put("name", server.getName());
        seen.put("created", time(server.getCreated()));
        Flavor flavor = flavors().get(server.getFlavor().getId());
        seen.put("flavor", flavor.getId());
        seen.put("cores", flavor.getVcpus());
        seen.put("memory, MiB", flavor.getRam());
        seen.put("disk, GiB", flavor.getDisk());
        seen.put("image", server.getImage().getId());
        seen.put("key pair", server.getKeyName());
        seen.put("zone", server.getAvailabilityZone().orNull());
        seen.put("properties", properties(server.getMetadata()));
        seen.put("fixed addresses", addresses(server, "fixed"));
        seen.put("floating addresses", addresses(server, "floating"));
        seen.put("MAC addresses", texts(interfaces().list(id).transform(InterfaceAttachment::getMacAddress)));
        seen.put("ports", texts(interfaces().list(id).transform(InterfaceAttachment::getPortId)));
        seen.put("networks", texts(interfaces().list(id).transform(InterfaceAttachment::getNetworkId)));
        seen.put("security groups", texts(servers().listSecurityGroupForServer(id).stream()
                .map(org.jclouds.openstack.nova.v2_0.domain.SecurityGroup::getId).collect(Collectors.toSet())));
        seen.put("volumes", texts(attachments().listAttachmentsOnServer(id).transform(a -> a.getVolumeId() + " " + a.getDevice())));
        return seen;
    }

    private static Set<String> addresses(Server server, String type) {
        return texts(server.getAddresses().values().stream()
                .filter(a -> type.equals(a.getType().orNull()))
                .map(Address::getAddr)
                .collect(Collectors.toSet()));
    }

    private static Map<String, String> properties(Map<String, String> metadata) {
        Map<String, String> properties = new TreeMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(CIMI_PROPERTY)) {
                properties.put(key.substring(CIMI_PROPERTY.length()), value);
            }
        });
        return properties;
    }

    private static Set<String> texts(Iterable<String> values) {
        Set<String> sorted = new TreeSet<>();
        values.forEach(sorted::add);
        return sorted;
    }

    /** A time as OCCI and CIMI write it. */
    private static String time(Date date) {
        return date.toInstant().toString();
    }

    @Override
    public Map<String, Object> flavor(String id) {
        Flavor flavor = flavors().get(id);
        if (flavor == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", flavor.getId());
        seen.put("name", flavor.getName());
        seen.put("cores", flavor.getVcpus());
        seen.put("memory, MiB", flavor.getRam());
        seen.put("disk, GiB", flavor.getDisk());
        return seen;
    }

    @Override
    public Map<String, Object> image(String id) {
        Image image = images().get(id);
        if (image == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", image.getId());
        seen.put("name", image.getName());
        seen.put("created", time(image.getCreated()));
        seen.put("usable", image.getStatus() == Image.Status.ACTIVE);
        return seen;
    }

    @Override
    public Map<String, Object> keyPair(String name) {
        KeyPair pair = keyPairs().get(name);
        if (pair == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("name", pair.getName());
        seen.put("public key", pair.getPublicKey());
        return seen;
    }

    @Override
    public Map<String, Object> volume(String id) {
        Volume volume = volumes().get(id);
        if (volume == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", volume.getId());
        seen.put("name", volume.getName());
        seen.put("description", Strings.emptyToNull(volume.getDescription()));
        seen.put("created", time(volume.getCreated()));
        seen.put("size, GiB", volume.getSize());
        seen.put("usable", volume.getStatus() == Volume.Status.AVAILABLE || volume.getStatus() == Volume.Status.IN_USE);
        seen.put("properties", properties(volume.getMetadata()));
        seen.put("snapshots", texts(volumes().listSnapshotsInDetail().filter(s -> s.getVolumeId().equals(id))
                .transform(VolumeSnapshot::getId)));
        return seen;
    }

    @Override
    public Map<String, Object> snapshot(String id) {
        VolumeSnapshot snapshot = volumes().getSnapshot(id);
        if (snapshot == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", snapshot.getId());
        seen.put("name", snapshot.getName());
        seen.put("description", Strings.emptyToNull(snapshot.getDescription()));
        seen.put("created", time(snapshot.getCreated()));
        seen.put("usable", snapshot.getStatus() == Volume.Status.AVAILABLE);
        return seen;
    }

    @Override
    public Map<String, Object> network(String id) {
        Network network = networks().get(id);
        if (network == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", network.getId());
        seen.put("name", network.getName());
        seen.put("up", network.getAdminStateUp());
        seen.put("external", network.getExternal());
        seen.put("router", ports().list().concat()
                .filter(p -> id.equals(p.getNetworkId()) && ROUTER_PORT.equals(p.getDeviceOwner()))
                .transform(Port::getDeviceId).first().orNull());
        // Of networks that lead out of the cloud tenants see the ids of subnets only.
        List<Subnet> visible = network.getSubnets().stream().map(subnets()::get).filter(Objects::nonNull).toList();
        visible.forEach(s -> seen.putAll(range(s)));
        seen.put("subnets", texts(visible.stream().map(Subnet::getId).collect(Collectors.toSet())));
        return seen;
    }

    private static Map<String, Object> range(Subnet subnet) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("address", subnet.getCidr());
        range.put("gateway", subnet.getGatewayIp());
        range.put("allocation", subnet.getEnableDhcp() ? "dynamic" : "static");
        return range;
    }

    @Override
    public Map<String, Object> subnet(String id) {
        Subnet subnet = subnets().get(id);
        if (subnet == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", subnet.getId());
        seen.put("name", subnet.getName());
        seen.putAll(range(subnet));
        seen.put("resolvers", subnet.getDnsNameservers());
        return seen;
    }

    @Override
    public Map<String, Object> port(String id) {
        Port port = ports().get(id);
        if (port == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", port.getId());
        seen.put("name", port.getName());
        seen.put("up", port.getAdminStateUp());
        seen.put("network", port.getNetworkId());
        seen.put("fixed addresses", texts(port.getFixedIps().stream().map(IP::getIpAddress).collect(Collectors.toSet())));
        seen.put("MAC address", port.getMacAddress());
        seen.put("machine", Strings.emptyToNull(port.getDeviceId()));
        return seen;
    }

    @Override
    public Map<String, Object> router(String id) {
        Router router = routers().get(id);
        if (router == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", router.getId());
        seen.put("name", router.getName());
        Set<String> networks = texts(ports().list().concat()
                .filter(p -> id.equals(p.getDeviceId()) && ROUTER_PORT.equals(p.getDeviceOwner())).transform(Port::getNetworkId));
        if (router.getExternalGatewayInfo() != null) {
            networks.add(router.getExternalGatewayInfo().getNetworkId());
        }
        seen.put("networks", networks);
        return seen;
    }

    @Override
    public Map<String, Object> floatingIp(String id) {
        FloatingIP ip = floatingIps().get(id);
        if (ip == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", ip.getId());
        seen.put("address", ip.getFloatingIpAddress());
        seen.put("used", ip.getPortId() != null);
        seen.put("network", ip.getFloatingNetworkId());
        seen.put("port", ip.getPortId());
        seen.put("machine", ip.getPortId() == null ? null : ports().get(ip.getPortId()).getDeviceId());
        return seen;
    }

    @Override
    public Map<String, Object> securityGroup(String id) {
        SecurityGroup group = securityGroups().getSecurityGroup(id);
        if (group == null) {
            return null;
        }
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("id", group.getId());
        seen.put("name", group.getName());
        seen.put("description", Objects.requireNonNullElse(group.getDescription(), ""));
        seen.put("inbound", texts(group.getRules().stream()
                .filter(r -> r.getDirection() == RuleDirection.INGRESS).map(Jclouds::rule).collect(Collectors.toSet())));
        return seen;
    }

    /** A rule as one word: protocol, ports, range. */
    private static String rule(Rule r) {
        return Observer.rule(
                String.valueOf(r.getProtocol()), r.getPortRangeMin() + "-" + r.getPortRangeMax(), r.getRemoteIpPrefix());
    }

    @Override
    public void close() {
        compute.close();
        network.close();
    }
}
