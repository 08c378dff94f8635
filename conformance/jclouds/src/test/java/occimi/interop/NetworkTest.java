package occimi.interop;

import static occimi.interop.CimiClient.array;
import static occimi.interop.CimiClient.object;

import com.google.common.collect.ImmutableSet;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.openstack.neutron.v2.domain.ExternalGatewayInfo;
import org.jclouds.openstack.neutron.v2.domain.Network;
import org.jclouds.openstack.neutron.v2.domain.Port;
import org.jclouds.openstack.neutron.v2.domain.Router;
import org.jclouds.openstack.neutron.v2.domain.Subnet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks and what is in them: subnets, ports without a machine, routers. */
@ExtendWith(Lab.Extension.class)
class NetworkTest {
    @Test
    @DisplayName("A network that jclouds makes")
    void byJclouds(Lab lab, Compared compared) {
        compared.same("network of this run", Observer::network, lab.network,
                Lab.asked("name", lab.name("net"), "address", "10.66.0.0/24", "external", false));
        compared.same("network that leads out", Observer::network, lab.external, Lab.asked("external", true));

        String name = lab.name("net-jclouds");
        String id = lab.network(lab.jclouds.networks().create(Network.createBuilder(name).build()).getId());
        lab.jclouds.subnets().create(Subnet.createBuilder(id, "10.67.0.0/24")
                .name(lab.name("subnet-jclouds")).ipVersion(4).gatewayIp("10.67.0.254").enableDhcp(false).build());
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "up", true, "external", false, "router", null,
                "address", "10.67.0.0/24", "gateway", "10.67.0.254", "allocation", "static");
        compared.same("network", Observer::network, id, asked);

        lab.jclouds.networks().update(id, Network.updateBuilder().name(name + "-2").adminStateUp(false).build());
        asked.put("name", name + "-2");
        asked.put("up", false);
        compared.same("changed", Observer::network, id, asked);
        lab.jclouds.networks().delete(id);
        compared.gone("deleted", Observer::network, id);
    }

    @Test
    @DisplayName("A network that OCCI makes")
    void byOcci(Lab lab, Compared compared) {
        String name = lab.name("net-occi");
        String id = lab.network(lab.occi.create(new Occi.Entity("network", List.of(Occi.IP_NETWORK), Map.of(
                "occi.core.title", name, "occi.network.address", "10.68.0.0/24", "occi.network.gateway", "10.68.0.1",
                "occi.network.allocation", "dynamic"))));
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "up", true, "external", false, "router", null,
                "address", "10.68.0.0/24", "gateway", "10.68.0.1", "allocation", "dynamic");
        compared.same("network", Observer::network, id, asked);
        lab.occi.change("network", id, Map.of("occi.core.title", name + "-2"));
        asked.put("name", name + "-2");
        compared.same("changed", Observer::network, id, asked);
        lab.occi.delete("network", id);
        compared.gone("deleted", Observer::network, id);
    }

    /** Version 1 does not say which addresses a network has: Occimi chooses. */
    @ParameterizedTest(name = "A network that CIMI {0} makes")
    @ValueSource(ints = {1, 2})
    void byCimi(int version, Lab lab, Compared compared) {
        Cimi cimi = lab.cimi(version);
        String name = lab.name("net-v" + version);
        JsonObject template = version == 1 ? object() : object("segmentTemplates", array(
                object("protocol", "IPv4", "parameters", object("subnetAddress", "10.69.0.0",
                        "netmask", "255.255.255.0", "gateway", "10.69.0.9", "dhcp", "false"))));
        String id = lab.network(cimi.create("networks", "Network", object("name", name), template));
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "up", true, "external", false, "router", null);
        if (version == 2) {
            asked.putAll(Lab.asked("address", "10.69.0.0/24", "gateway", "10.69.0.9", "allocation", "static"));
        }
        compared.same("network", Observer::network, id, asked);

        cimi.act("networks", id, "stop");
        asked.put("up", false);
        compared.same("stopped", Observer::network, id, asked);
        cimi.act("networks", id, "start");
        cimi.edit("networks", id, "Network", object("name", name + "-2"));
        asked.put("up", true);
        asked.put("name", name + "-2");
        compared.same("started and renamed", Observer::network, id, asked);
        cimi.delete("networks", id);
        compared.gone("deleted", Observer::network, id);
    }

    @Test
    @DisplayName("Subnets that jclouds and CIMI 2 make")
    void subnets(Lab lab, Compared compared) {
        String network = lab.network(lab.jclouds.networks().create(Network.createBuilder(lab.name("net-subnets")).build()).getId());
        String byJclouds = lab.jclouds.subnets().create(Subnet.createBuilder(network, "10.70.0.0/25").name(lab.name("subnet")).ipVersion(4)
                .dnsNameServers(ImmutableSet.of("10.70.0.9")).build()).getId();
        compared.same("by jclouds", Observer::subnet, byJclouds, Lab.asked("name", lab.name("subnet"), "address", "10.70.0.0/25",
                "gateway", "10.70.0.1", "allocation", "dynamic", "resolvers", Set.of("10.70.0.9")));
        String byCimi = lab.cimi2.create("segments", "ProtocolSegment", object("name", lab.name("segment")),
                object("network", lab.cimi2.ref("networks", network), "protocol", "IPv4", "parameters", object(
                        "subnetAddress", "10.71.0.0", "netmask", "255.255.0.0", "gateway", "10.71.255.254", "dhcp", "false",
                        "nameservers", "10.71.0.8,10.71.0.9")));
        Map<String, Object> asked = Lab.asked("id", byCimi, "name", lab.name("segment"), "address", "10.71.0.0/16",
                "gateway", "10.71.255.254", "allocation", "static", "resolvers", Set.of("10.71.0.8", "10.71.0.9"));
        compared.same("by CIMI 2", Observer::subnet, byCimi, asked);

        lab.jclouds.subnets().update(byCimi, Subnet.updateBuilder().name(lab.name("segment-2")).enableDhcp(true).build());
        asked.put("name", lab.name("segment-2"));
        asked.put("allocation", "dynamic");
        compared.same("changed by jclouds", Observer::subnet, byCimi, asked);
        lab.cimi2.edit("segments", byJclouds, "ProtocolSegment", object("name", lab.name("subnet-2")));
        compared.same("changed by CIMI 2", Observer::subnet, byJclouds, Lab.asked("name", lab.name("subnet-2"), "address", "10.70.0.0/25",
                "resolvers", Set.of("10.70.0.9")));

        lab.jclouds.subnets().delete(byCimi);
        compared.gone("deleted by jclouds", Observer::subnet, byCimi);
        lab.cimi2.delete("segments", byJclouds);
        compared.gone("deleted by CIMI 2", Observer::subnet, byJclouds);
    }

    @Test
    @DisplayName("Ports that jclouds and CIMI make")
    void ports(Lab lab, Compared compared) {
        String byJclouds = lab.port(lab.jclouds.ports().create(Port.createBuilder(lab.network).name(lab.name("port")).build()).getId());
        compared.same("by jclouds", Observer::port, byJclouds,
                Lab.asked("id", byJclouds, "name", lab.name("port"), "up", true, "network", lab.network, "machine", null));
        lab.jclouds.ports().update(byJclouds, Port.updateBuilder().adminStateUp(false).build());
        compared.same("down by jclouds", Observer::port, byJclouds, Lab.asked("up", false));

        String byCimi1 = lab.port(lab.cimi1.create("networkPorts", "NetworkPort", object("name", lab.name("port-v1")),
                object("network", lab.cimi1.ref("networks", lab.network))));
        compared.same("by CIMI 1", Observer::port, byCimi1,
                Lab.asked("id", byCimi1, "name", lab.name("port-v1"), "up", true, "network", lab.network));
        lab.cimi1.act("networkPorts", byCimi1, "stop");
        compared.same("stopped by CIMI 1", Observer::port, byCimi1, Lab.asked("up", false));

        String byCimi2 = lab.port(lab.cimi2.create("interfaces", "NetworkInterface", object("name", lab.name("port-v2")),
                object("network", lab.cimi2.ref("networks", lab.network), "initialState", "DISABLED")));
        compared.same("by CIMI 2", Observer::port, byCimi2,
                Lab.asked("id", byCimi2, "name", lab.name("port-v2"), "up", false, "network", lab.network, "machine", null));
        lab.cimi2.act("interfaces", byCimi2, "enable");
        lab.cimi2.edit("interfaces", byCimi2, "NetworkInterface", object("name", lab.name("port-v2-2")));
        compared.same("enabled by CIMI 2", Observer::port, byCimi2, Lab.asked("up", true, "name", lab.name("port-v2-2")));

        lab.jclouds.ports().delete(byCimi1);
        compared.gone("deleted by jclouds", Observer::port, byCimi1);
        lab.cimi1.delete("networkPorts", byCimi2);
        compared.gone("deleted by CIMI 1", Observer::port, byCimi2);
        lab.cimi2.delete("interfaces", byJclouds);
        compared.gone("deleted by CIMI 2", Observer::port, byJclouds);
    }

    @Test
    @DisplayName("Routers that jclouds and CIMI 1 make")
    void routers(Lab lab, Compared compared) {
        String network = lab.network(lab.cimi1.create("networks", "Network", object("name", lab.name("net-router")), object()));
        String byCimi = lab.router(lab.cimi1.create("forwardingGroups", "ForwardingGroup", object("name", lab.name("group")),
                object("networks", array(lab.cimi1.ref("networks", network)))));
        compared.same("by CIMI 1", Observer::router, byCimi, Lab.asked("id", byCimi, "name", lab.name("group"), "networks", Set.of(network)));
        compared.same("its network", Observer::network, network, Lab.asked("router", byCimi));
        lab.jclouds.routers().update(byCimi, Router.updateBuilder().name(lab.name("group-2"))
                .externalGatewayInfo(ExternalGatewayInfo.builder().networkId(lab.external).build()).build());
        compared.same("changed by jclouds", Observer::router, byCimi,
                Lab.asked("name", lab.name("group-2"), "networks", Set.of(network, lab.external)));
        lab.cimi1.delete("forwardingGroups", byCimi);
        compared.gone("deleted by CIMI 1", Observer::router, byCimi);
        compared.same("its network", Observer::network, network, Lab.asked("router", null));

        String byJclouds = lab.router(lab.jclouds.routers().create(Router.createBuilder().name(lab.name("router-jclouds")).build()).getId());
        compared.same("by jclouds", Observer::router, byJclouds,
                Lab.asked("id", byJclouds, "name", lab.name("router-jclouds"), "networks", Set.of()));
        lab.jclouds.routers().addInterfaceForSubnet(byJclouds, lab.jclouds.networks().get(network).getSubnets().iterator().next());
        compared.same("joined by jclouds", Observer::router, byJclouds, Lab.asked("networks", Set.of(network)));
        compared.same("its network", Observer::network, network, Lab.asked("router", byJclouds));
        lab.cimi1.edit("forwardingGroups", byJclouds, "ForwardingGroup", object("networks",
                array(lab.cimi1.ref("networks", lab.external))));
        compared.same("changed by CIMI 1", Observer::router, byJclouds, Lab.asked("networks", Set.of(lab.external)));
        lab.jclouds.routers().delete(byJclouds);
        compared.gone("deleted by jclouds", Observer::router, byJclouds);
    }
}
