package occimi.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.compute.RunNodesException;
import org.jclouds.compute.domain.NodeMetadata;
import org.jclouds.compute.domain.NodeMetadata.Status;
import org.jclouds.compute.domain.Template;
import org.jclouds.openstack.nova.v2_0.compute.options.NovaTemplateOptions;
import org.jclouds.openstack.nova.v2_0.domain.RebootType;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a machine that one makes and all others see. */
@ExtendWith(Lab.Extension.class)
class MachineTest {
    @Test
    @DisplayName("A machine that jclouds' ComputeService makes")
    void computeService(Lab lab, Compared compared) throws RunNodesException {
        String name = lab.name("node");
        String key = lab.keyPair(lab.name("node-key"));
        Template template = lab.jclouds.compute().templateBuilder()
                .imageId(lab.jclouds.portable(lab.image))
                .hardwareId(lab.jclouds.portable(lab.flavor))
                .locationId(lab.jclouds.region())
                .options(new NovaTemplateOptions().networks(lab.network).keyPairName(key).nodeNames(Set.of(name))
                        .userMetadata(Jclouds.CIMI_PROPERTY + "team", "blue").inboundPorts())
                .build();
        NodeMetadata node = lab.jclouds.compute().createNodesInGroup("jclouds-interop", 1, template).iterator().next();
        String id = lab.machine(node.getProviderId());
        compared.state("creation", id, State.RUNNING);
        compared.same("machine", Observer::machine, id, Lab.asked("id", id, "name", name, "flavor", lab.flavor, "image", lab.image,
                "key pair", key, "networks", Set.of(lab.network), "fixed addresses", node.getPrivateAddresses(),
                "properties", Map.of("team", "blue")));

        lab.jclouds.compute().suspendNode(node.getId());
        compared.state("suspendNode", id, State.SUSPENDED);
        lab.jclouds.compute().resumeNode(node.getId());
        compared.state("resumeNode", id, State.RUNNING);
        lab.jclouds.compute().rebootNode(node.getId());
        compared.state("rebootNode", id, State.RUNNING);
        lab.jclouds.compute().destroyNode(node.getId());
        compared.state("destroyNode", id, State.GONE);
    }

    @Test
    @DisplayName("A machine that jclouds' NovaApi makes")
    void novaApi(Lab lab, Compared compared) {
        String name = lab.name("server");
        String key = lab.keyPair(lab.name("server-key"));
        String id = lab.machine(lab.jclouds.servers().create(name, lab.image, lab.flavor, CreateServerOptions.Builder
                .networks(lab.network).keyPairName(key).metadata(Map.of(Jclouds.CIMI_PROPERTY + "team", "red"))).getId());
        compared.state("creation", id, State.RUNNING);
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "flavor", lab.flavor, "image", lab.image, "key pair", key,
                "networks", Set.of(lab.network), "properties", Map.of("team", "red"));
        compared.same("machine", Observer::machine, id, asked);

        lab.jclouds.servers().stop(id);
        compared.state("stop", id, State.STOPPED);
        lab.jclouds.servers().start(id);
        compared.state("start", id, State.RUNNING);
        lab.jclouds.servers().reboot(id, RebootType.SOFT);
        compared.state("soft reboot", id, State.RUNNING);
        lab.jclouds.serverAdmin().pause(id);
        compared.state("pause", id, State.PAUSED);
        lab.jclouds.serverAdmin().unpause(id);
        compared.state("unpause", id, State.RUNNING);

        lab.jclouds.servers().rename(id, name + "-2");
        lab.jclouds.servers().updateMetadata(id, Map.of(Jclouds.CIMI_PROPERTY + "team", "green"));
        asked.put("name", name + "-2");
        asked.put("properties", Map.of("team", "green"));
        compared.same("changed", Observer::machine, id, asked);

        lab.jclouds.servers().delete(id);
        compared.state("delete", id, State.GONE);
    }

    @Test
    @DisplayName("A machine that OCCI makes")
    void occi(Lab lab, Compared compared) {
        String name = lab.name("compute");
        String key = lab.keyPair(lab.name("compute-key"));
        String id = lab.machine(lab.occi.create(Occi.compute(name, lab.image, lab.flavor, key, lab.network)));
        compared.state("creation", id, State.RUNNING);
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "flavor", lab.flavor, "image", lab.image, "key pair", key,
                "networks", Set.of(lab.network));
        compared.same("machine", Observer::machine, id, asked);
        NodeMetadata node = lab.jclouds.compute().getNodeMetadata(lab.jclouds.portable(id));
        assertEquals(Status.RUNNING, node.getStatus());
        assertEquals(name, node.getName());
        assertEquals(lab.jclouds.portable(lab.image), node.getImageId());
        assertEquals(lab.jclouds.portable(lab.flavor), node.getHardware().getId());
        assertEquals(lab.occi.machine(id).get("fixed addresses"), node.getPrivateAddresses());

        lab.occi.act(id, "stop", Map.of());
        compared.state("stop", id, State.STOPPED);
        lab.occi.act(id, "start", Map.of());
        compared.state("start", id, State.RUNNING);
        lab.occi.act(id, "suspend", Map.of());
        compared.state("suspend", id, State.SUSPENDED);
        lab.occi.act(id, "start", Map.of());
        compared.state("start", id, State.RUNNING);
        lab.occi.act(id, "restart", Map.of("method", "cold"));
        compared.state("restart", id, State.RUNNING);

        lab.occi.change("compute", id, Map.of("occi.core.title", name + "-2"));
        asked.put("name", name + "-2");
        compared.same("changed", Observer::machine, id, asked);

        lab.occi.delete("compute", id);
        compared.state("delete", id, State.GONE);
    }

    @ParameterizedTest(name = "A machine that CIMI {0} makes")
    @ValueSource(ints = {1, 2})
    void cimi(int version, Lab lab, Compared compared) {
        Cimi cimi = lab.cimi(version);
        String name = lab.name("machine-v" + version);
        String key = lab.keyPair(lab.name("machine-key-v" + version));
        String id = lab.machine(cimi.createMachine(
                name, new CimiClient.Machine(lab.image, lab.flavor, key, lab.network, List.of()), Map.of("team", "blue")));
        compared.state("creation", id, State.RUNNING);
        Map<String, Object> asked = Lab.asked("id", id, "name", name, "flavor", lab.flavor, "image", lab.image, "key pair", key,
                "networks", Set.of(lab.network), "properties", Map.of("team", "blue"));
        compared.same("machine", Observer::machine, id, asked);
        assertEquals("blue", lab.jclouds.compute().getNodeMetadata(lab.jclouds.portable(id))
                .getUserMetadata().get(Jclouds.CIMI_PROPERTY + "team"));

        for (Map.Entry<String, State> step : List.of(Map.entry("stop", State.STOPPED), Map.entry("start", State.RUNNING),
                Map.entry("pause", State.PAUSED), Map.entry("start", State.RUNNING), Map.entry("suspend", State.SUSPENDED),
                Map.entry("start", State.RUNNING), Map.entry("restart", State.RUNNING))) {
            cimi.act("machines", id, step.getKey());
            compared.state(step.getKey(), id, step.getValue());
        }

        cimi.edit("machines", id, "Machine", CimiClient.object(
                "name", name + "-2", "properties", CimiClient.map(Map.of("team", "red", "tier", "web"))));
        asked.put("name", name + "-2");
        asked.put("properties", Map.of("team", "red", "tier", "web"));
        compared.same("changed", Observer::machine, id, asked);

        cimi.delete("machines", id);
        compared.state("delete", id, State.GONE);
    }

    @Test
    @DisplayName("A machine that all act on in turn")
    void inTurn(Lab lab, Compared compared) {
        String key = lab.keyPair(lab.name("turn-key"));
        String id = lab.machine(lab.jclouds.servers().create(lab.name("turn"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network).keyPairName(key)).getId());
        compared.state("creation by jclouds", id, State.RUNNING);
        lab.occi.act(id, "stop", Map.of());
        compared.state("stop by OCCI", id, State.STOPPED);
        lab.cimi1.act("machines", id, "start");
        compared.state("start by CIMI 1", id, State.RUNNING);
        lab.cimi2.act("machines", id, "pause");
        compared.state("pause by CIMI 2", id, State.PAUSED);
        lab.jclouds.serverAdmin().unpause(id);
        compared.state("unpause by jclouds", id, State.RUNNING);
        lab.jclouds.serverAdmin().suspend(id);
        compared.state("suspend by jclouds", id, State.SUSPENDED);
        lab.occi.act(id, "start", Map.of());
        compared.state("start by OCCI", id, State.RUNNING);
        lab.cimi2.delete("machines", id);
        compared.state("delete by CIMI 2", id, State.GONE);
    }
}
