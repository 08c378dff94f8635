package occimi.interop;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.compute.RunNodesException;
import org.jclouds.compute.domain.NodeMetadata;
import org.jclouds.openstack.neutron.v2.domain.FloatingIP;
import org.jclouds.openstack.neutron.v2.domain.Port;
import org.jclouds.openstack.nova.v2_0.compute.options.NovaTemplateOptions;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a machine is reached by: its interfaces, and floating IPs. */
@ExtendWith(Lab.Extension.class)
class AddressTest {
    @Test
    @DisplayName("Interfaces that jclouds and CIMI give to a machine")
    void interfaces(Lab lab, Compared compared) {
        String second = lab.network(lab.cimi1.create(
                "networks", "Network", CimiClient.object("name", lab.name("net-second")), CimiClient.object()));
        String server = server(lab, compared, "nic-server");
        String first = lab.jclouds.interfaces().list(server).first().get().getPortId();
        compared.same("first port", Observer::port, first, Lab.asked("machine", server, "network", lab.network, "up", true));

        String byJclouds = lab.port(lab.jclouds.ports().create(Port.createBuilder(second).build()).getId());
        lab.jclouds.interfaces().create(server, byJclouds);
        compared.same("plugged by jclouds", Observer::machine, server,
                Lab.asked("ports", Set.of(first, byJclouds), "networks", Set.of(lab.network, second)));
        compared.same("its port", Observer::port, byJclouds, Lab.asked("machine", server, "network", second));
        lab.cimi1.unplug(server, byJclouds);
        awaitPorts(lab, server, Set.of(first));
        compared.same("unplugged by CIMI 1", Observer::machine, server, Lab.asked("ports", Set.of(first), "networks", Set.of(lab.network)));
        compared.same("free again", Observer::port, byJclouds, Lab.asked("machine", null));

        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String port = cimi.plug(server, second);
            awaitPorts(lab, server, Set.of(first, port));
            compared.same("plugged by " + cimi.name(), Observer::machine, server,
                    Lab.asked("ports", Set.of(first, port), "networks", Set.of(lab.network, second)));
            compared.same("its port", Observer::port, port, Lab.asked("machine", server, "network", second, "up", true));
            if (cimi.version() == 1) {
                lab.jclouds.interfaces().delete(server, port);
            } else {
                cimi.unplug(server, port);
            }
            awaitPorts(lab, server, Set.of(first));
            compared.same("unplugged again", Observer::machine, server, Lab.asked("ports", Set.of(first)));
            compared.gone("its port", Observer::port, port);
        }
    }

    private static void awaitPorts(Lab lab, String machine, Set<String> wanted) {
        Await.until("ports " + wanted, () -> wanted.equals(lab.jclouds.machine(machine).get("ports")));
    }

    @Test
    @DisplayName("Floating IPs that jclouds makes")
    void floatingByJclouds(Lab lab, Compared compared) throws RunNodesException {
        var api = lab.jclouds.floatingIps();
        String server = server(lab, compared, "ip-server");
        String port = lab.jclouds.interfaces().list(server).first().get().getPortId();
        FloatingIP ip = api.create(FloatingIP.createBuilder(lab.external).build());
        lab.floatingIp(ip.getId());
        Await.until("a new list of floating IPs", () -> lab.external.equals(lab.cimi2.floatingIp(ip.getId()).get("network")));
        compared.same("by Neutron", Observer::floatingIp, ip.getId(), Lab.asked("id", ip.getId(), "address", ip.getFloatingIpAddress(),
                "used", false, "network", lab.external, "port", null, "machine", null));
        api.update(ip.getId(), FloatingIP.updateBuilder().portId(port).build());
        awaitFloating(lab, server, Set.of(ip.getFloatingIpAddress()));
        compared.same("assigned", Observer::floatingIp, ip.getId(), Lab.asked("used", true, "port", port, "machine", server));
        compared.same("assigned", Observer::machine, server, Lab.asked("floating addresses", Set.of(ip.getFloatingIpAddress())));
        api.delete(ip.getId());
        compared.gone("deleted", Observer::floatingIp, ip.getId());
        awaitFloating(lab, server, Set.of());
        compared.same("deleted", Observer::machine, server, Lab.asked("floating addresses", Set.of()));

        NodeMetadata node = lab.jclouds.compute().createNodesInGroup("jclouds-interop", 1, lab.jclouds.compute().templateBuilder()
                .imageId(lab.jclouds.portable(lab.image))
                .hardwareId(lab.jclouds.portable(lab.flavor))
                .options(new NovaTemplateOptions().networks(lab.network).nodeNames(Set.of(lab.name("ip-node"))).inboundPorts()
                        .autoAssignFloatingIp(true).floatingIpPoolNames("public"))
                .build()).iterator().next();
        String id = lab.machine(node.getProviderId());
        String assigned = node.getPublicAddresses().iterator().next();
        String byService = lab.floatingIp(
                api.list().concat().firstMatch(f -> assigned.equals(f.getFloatingIpAddress())).get().getId());
        awaitFloating(lab, id, Set.of(assigned));
        compared.same("by ComputeService", Observer::floatingIp, byService, Lab.asked("address", assigned, "used", true, "machine", id));
        compared.same("by ComputeService", Observer::machine, id, Lab.asked("floating addresses", Set.of(assigned)));
        lab.jclouds.compute().destroyNode(node.getId());
        compared.state("destroyNode", id, State.GONE);
        compared.gone("by ComputeService, destroyed", Observer::floatingIp, byService);
    }

    @Test
    @DisplayName("Floating IPs that OCCI and CIMI make")
    void floatingByOthers(Lab lab, Compared compared) {
        String server = server(lab, compared, "ip-server-2");
        String port = lab.jclouds.interfaces().list(server).first().get().getPortId();
        String link = lab.occi.link("networkinterface", server, "/network/" + lab.external, List.of());
        String byOcci = lab.floatingIp(link.substring("fip_".length()));
        String address = lab.jclouds.floatingIps().get(byOcci).getFloatingIpAddress();
        awaitFloating(lab, server, Set.of(address));
        compared.same("by OCCI", Observer::floatingIp, byOcci, Lab.asked("address", address, "used", true, "port", port, "machine", server));
        compared.same("by OCCI", Observer::machine, server, Lab.asked("floating addresses", Set.of(address)));
        lab.occi.delete("networkinterface", link);
        compared.gone("by OCCI, deleted", Observer::floatingIp, byOcci);

        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String by = "by " + cimi.name();
            String id = lab.floatingIp(cimi.createFloatingIp(lab.external));
            String ip = lab.jclouds.floatingIps().get(id).getFloatingIpAddress();
            Map<String, Object> free = Lab.asked("id", id, "address", ip, "used", false, "network", lab.external, "port", null, "machine", null);
            compared.same(by, Observer::floatingIp, id, free);
            cimi.point(id, server, port);
            awaitFloating(lab, server, Set.of(ip));
            compared.same(by + ", pointed", Observer::floatingIp, id, Lab.asked("used", true, "port", port, "machine", server));
            compared.same(by + ", pointed", Observer::machine, server, Lab.asked("floating addresses", Set.of(ip)));
            cimi.release(id, server, port);
            awaitFloating(lab, server, Set.of());
            compared.same(by + ", released", Observer::floatingIp, id, free);
            compared.same(by + ", released", Observer::machine, server, Lab.asked("floating addresses", Set.of()));
            cimi.delete(cimi.version() == 1 ? "addresses" : "endpoints", Cimi.FLOATING + id);
            compared.gone(by + ", deleted", Observer::floatingIp, id);
        }
    }

    private static String server(Lab lab, Compared compared, String name) {
        String server = lab.machine(lab.jclouds.servers().create(lab.name(name), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network)).getId());
        compared.state("creation by jclouds", server, State.RUNNING);
        return server;
    }

    /** Nova tells of floating IPs a moment later than Neutron; and Occimi remembers for some seconds that a tenant has none. */
    private static void awaitFloating(Lab lab, String machine, Set<String> wanted) {
        for (Observer o : lab.observers) {
            Await.until("floating IPs " + wanted + " for " + o.name(), () -> wanted.equals(o.machine(machine).get("floating addresses")));
        }
    }
}
