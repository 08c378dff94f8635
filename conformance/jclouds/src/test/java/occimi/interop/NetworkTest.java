package occimi.interop;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.compute.RunNodesException;
import org.jclouds.compute.domain.NodeMetadata;
import org.jclouds.openstack.neutron.v2.domain.FloatingIP;
import org.jclouds.openstack.neutron.v2.domain.Network;
import org.jclouds.openstack.neutron.v2.domain.Rule;
import org.jclouds.openstack.neutron.v2.domain.RuleDirection;
import org.jclouds.openstack.neutron.v2.domain.RuleEthertype;
import org.jclouds.openstack.neutron.v2.domain.RuleProtocol;
import org.jclouds.openstack.neutron.v2.domain.SecurityGroup;
import org.jclouds.openstack.neutron.v2.domain.Subnet;
import org.jclouds.openstack.nova.v2_0.compute.options.NovaTemplateOptions;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Networks, floating IPs and security groups: what jclouds and OCCI have in common, and CIMI as far as it has them. */
@ExtendWith(Lab.Extension.class)
class NetworkTest {
    @Test
    @DisplayName("Networks that jclouds and OCCI make")
    void networks(Lab lab, Compared compared) {
        var api = lab.jclouds.neutron().getNetworkApi(lab.jclouds.region());
        compared.same("network of this run", Observer::network, lab.network, Lab.asked("name", lab.name("net"), "address", "10.66.0.0/24"));

        String byJclouds = api.create(Network.createBuilder(lab.name("net-jclouds")).build()).getId();
        lab.undo(() -> api.delete(byJclouds));
        lab.jclouds.neutron().getSubnetApi(lab.jclouds.region()).create(Subnet.createBuilder(byJclouds, "10.67.0.0/24")
                .name(lab.name("subnet-jclouds")).ipVersion(4).gatewayIp("10.67.0.254").enableDhcp(false).build());
        compared.same("network by jclouds", Observer::network, byJclouds, Lab.asked("name", lab.name("net-jclouds"), "up", true,
                "address", "10.67.0.0/24", "gateway", "10.67.0.254", "allocation", "static"));

        String byOcci = lab.occi.create(new Occi.Entity("network", List.of(Occi.IP_NETWORK), Map.of("occi.core.title", lab.name("net-occi"),
                "occi.network.address", "10.68.0.0/24", "occi.network.gateway", "10.68.0.1", "occi.network.allocation", "dynamic")));
        lab.undo(() -> api.delete(byOcci));
        compared.same("network by OCCI", Observer::network, byOcci, Lab.asked("name", lab.name("net-occi"), "up", true,
                "address", "10.68.0.0/24", "gateway", "10.68.0.1", "allocation", "dynamic"));

        api.delete(byJclouds);
        compared.gone("network deleted by jclouds", Observer::network, byJclouds);
        lab.occi.delete("network", byOcci);
        compared.gone("network deleted by OCCI", Observer::network, byOcci);
    }

    @Test
    @DisplayName("Floating IPs that jclouds and OCCI make")
    void floatingIps(Lab lab, Compared compared) throws RunNodesException {
        var api = lab.jclouds.neutron().getFloatingIPApi(lab.jclouds.region());
        String server = lab.machine(lab.jclouds.servers().create(lab.name("ip-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network)).getId());
        compared.state("creation by jclouds", server, State.RUNNING);

        FloatingIP byJclouds = api.create(FloatingIP.createBuilder(lab.external).build());
        lab.undo(() -> api.delete(byJclouds.getId()));
        compared.same("by Neutron", Observer::floatingIp, byJclouds.getId(),
                Lab.asked("address", byJclouds.getFloatingIpAddress(), "used", false));
        String port = lab.jclouds.interfaces().list(server).first().get().getPortId();
        api.update(byJclouds.getId(), FloatingIP.updateBuilder().portId(port).build());
        awaitFloating(lab, server, Set.of(byJclouds.getFloatingIpAddress()));
        compared.same("by Neutron, assigned", Observer::floatingIp, byJclouds.getId(), Lab.asked("used", true));
        compared.same("by Neutron, assigned", Observer::machine, server,
                Lab.asked("floating addresses", Set.of(byJclouds.getFloatingIpAddress())));
        api.delete(byJclouds.getId());
        compared.gone("by Neutron, deleted", Observer::floatingIp, byJclouds.getId());
        awaitFloating(lab, server, Set.of());

        String link = lab.occi.link("networkinterface", server, "/network/" + lab.external, List.of());
        String byOcci = link.substring("fip_".length());
        lab.undo(() -> api.delete(byOcci));
        String address = api.get(byOcci).getFloatingIpAddress();
        awaitFloating(lab, server, Set.of(address));
        compared.same("by OCCI", Observer::floatingIp, byOcci, Lab.asked("address", address, "used", true));
        compared.same("by OCCI", Observer::machine, server, Lab.asked("floating addresses", Set.of(address)));
        lab.occi.delete("networkinterface", link);
        compared.gone("by OCCI, deleted", Observer::floatingIp, byOcci);

        NodeMetadata node = lab.jclouds.compute().createNodesInGroup("jclouds-interop", 1, lab.jclouds.compute().templateBuilder()
                .imageId(lab.jclouds.portable(lab.image))
                .hardwareId(lab.jclouds.portable(lab.flavor))
                .options(new NovaTemplateOptions().networks(lab.network).nodeNames(Set.of(lab.name("ip-node"))).inboundPorts()
                        .autoAssignFloatingIp(true).floatingIpPoolNames("public"))
                .build()).iterator().next();
        String id = lab.machine(node.getProviderId());
        String assigned = node.getPublicAddresses().iterator().next();
        String byService = api.list().concat().firstMatch(ip -> assigned.equals(ip.getFloatingIpAddress())).get().getId();
        lab.undo(() -> api.delete(byService));
        awaitFloating(lab, id, Set.of(assigned));
        compared.same("by ComputeService", Observer::floatingIp, byService, Lab.asked("address", assigned, "used", true));
        compared.same("by ComputeService", Observer::machine, id, Lab.asked("floating addresses", Set.of(assigned)));
        lab.jclouds.compute().destroyNode(node.getId());
        compared.state("destroyNode", id, State.GONE);
        compared.gone("by ComputeService, destroyed", Observer::floatingIp, byService);
    }

    /** Nova tells of floating IPs a moment later than Neutron; and Occimi remembers for some seconds that a tenant has none. */
    private static void awaitFloating(Lab lab, String machine, Set<String> wanted) {
        Await.until("floating IPs " + wanted, () -> wanted.equals(lab.jclouds.machine(machine).get("floating addresses"))
                && wanted.equals(lab.occi.machine(machine).get("floating addresses")));
    }

    @Test
    @DisplayName("Security groups that jclouds and OCCI make")
    void securityGroups(Lab lab, Compared compared) {
        var api = lab.jclouds.neutron().getSecurityGroupApi(lab.jclouds.region());
        String byJclouds = api.create(SecurityGroup.createBuilder().name(lab.name("group")).description("made by jclouds").build()).getId();
        lab.undo(() -> api.deleteSecurityGroup(byJclouds));
        api.create(Rule.createBuilder(RuleDirection.INGRESS, byJclouds).ethertype(RuleEthertype.IPV4).protocol(RuleProtocol.TCP)
                .portRangeMin(80).portRangeMax(81).remoteIpPrefix("10.0.0.0/8").build());
        compared.same("group by jclouds", Observer::securityGroup, byJclouds, Lab.asked("name", lab.name("group"),
                "description", "made by jclouds", "inbound", Set.of("tcp:80-81:10.0.0.0/8")));

        String byOcci = lab.occi.create(new Occi.Entity("securitygroup", List.of(), Map.of("occi.core.title", lab.name("group-occi"),
                "occi.core.summary", "made by OCCI", "occi.securitygroup.rules",
                "[{\"type\":\"inbound\",\"protocol\":\"udp\",\"port\":\"53\",\"range\":\"10.0.0.0/8\"}]")));
        lab.undo(() -> api.deleteSecurityGroup(byOcci));
        compared.same("group by OCCI", Observer::securityGroup, byOcci, Lab.asked("name", lab.name("group-occi"),
                "description", "made by OCCI", "inbound", Set.of("udp:53:10.0.0.0/8")));

        String server = lab.machine(lab.jclouds.servers().create(lab.name("group-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network).securityGroupNames(lab.name("group"))).getId());
        compared.state("creation by jclouds", server, State.RUNNING);
        compared.same("machine by jclouds", Observer::machine, server, Lab.asked("security groups", Set.of(byJclouds)));
        lab.occi.link("securitygrouplink", server, "/securitygroup/" + byOcci, List.of());
        compared.same("group linked by OCCI", Observer::machine, server, Lab.asked("security groups", Set.of(byJclouds, byOcci)));
        lab.jclouds.servers().delete(server);
        compared.state("delete", server, State.GONE);

        api.deleteSecurityGroup(byJclouds);
        compared.gone("group deleted by jclouds", Observer::securityGroup, byJclouds);
        lab.occi.delete("securitygroup", byOcci);
        compared.gone("group deleted by OCCI", Observer::securityGroup, byOcci);
    }
}
