package occimi.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jclouds.openstack.neutron.v2.domain.ExternalGatewayInfo;
import org.jclouds.openstack.neutron.v2.domain.Network;
import org.jclouds.openstack.neutron.v2.domain.Port;
import org.jclouds.openstack.neutron.v2.domain.Router;
import org.jclouds.openstack.neutron.v2.domain.Subnet;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What all tests share: the observers, and a network behind a router of the project's own. Names of what is made begin with a
 * prefix of the run; all of it is deleted at the end of the run.
 */
final class Lab implements AutoCloseable {
    private static final String DOMAIN = "Default";
    private static final String USER = "alt";
    private static final String PASSWORD = "secret";
    private static final String PROJECT = "alt";

    final Jclouds jclouds = new Jclouds(setting("OCCIMI_E2E_AUTH_URL"), DOMAIN, USER, PASSWORD, PROJECT);
    final Occi occi = new Occi(setting("OCCIMI_E2E_OCCI_URL"), USER, PASSWORD);
    final Cimi cimi1 = new Cimi(setting("OCCIMI_E2E_CIMI_URL"), 1, USER, PASSWORD);
    final Cimi cimi2 = new Cimi(setting("OCCIMI_E2E_CIMI_URL"), 2, USER, PASSWORD);
    final List<Observer> observers = List.of(jclouds, occi, cimi1, cimi2);

    /** The image of the lab, its smallest flavor, its external network, and the network of this run. */
    final String image;
    final String flavor;
    final String external;
    final String network;

    private final String prefix = "jclouds-" + UUID.randomUUID().toString().substring(0, 6);
    private final Deque<Runnable> undo = new ArrayDeque<>();

    private Lab() {
        image = jclouds.images().list().concat().firstMatch(i -> i.getName().equals("cirros")).get().getId();
        flavor = jclouds.flavors().list().concat().firstMatch(f -> f.getName().equals("m1.tiny")).get().getId();
        var networks = jclouds.networks();
        var subnets = jclouds.subnets();
        external = networks.list().concat().firstMatch(Network::getExternal).get().getId();
        try {
            network = networks.create(Network.createBuilder(name("net")).build()).getId();
            undo(() -> networks.delete(network));
            String subnet = subnets.create(Subnet.createBuilder(network, "10.66.0.0/24").name(name("subnet")).ipVersion(4).build()).getId();
            String router = jclouds.routers().create(Router.createBuilder().name(name("router"))
                    .externalGatewayInfo(ExternalGatewayInfo.builder().networkId(external).build()).build()).getId();
            undo(() -> jclouds.routers().delete(router));
            jclouds.routers().addInterfaceForSubnet(router, subnet);
            undo(() -> jclouds.routers().removeInterfaceForSubnet(router, subnet));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(name + " is not set: see conformance/jclouds/README.md");
        }
        return value;
    }

    /** A name of this run. */
    String name(String word) {
        return prefix + "-" + word;
    }

    /** Remembers what is to be done at the end of the run, the last first; a thing that is gone by then must be no error. */
    void undo(Runnable action) {
        undo.push(action);
    }

    /** Remembers to delete a machine, and gives its id. */
    String machine(String id) {
        undo(() -> {
            jclouds.servers().delete(id);
            Await.until("the end of machine " + id, () -> jclouds.servers().get(id) == null);
        });
        return id;
    }

    /** Remembers to delete a volume, once nothing uses it, and gives its id. */
    String volume(String id) {
        undo(() -> {
            jclouds.volumes().delete(id);
            Await.until("the end of volume " + id, () -> jclouds.volumes().get(id) == null);
        });
        return id;
    }

    /** Remembers to delete a network that nothing is on, and gives its id. */
    String network(String id) {
        undo(() -> jclouds.networks().delete(id));
        return id;
    }

    /** Remembers to delete a port, and gives its id. */
    String port(String id) {
        undo(() -> jclouds.ports().delete(id));
        return id;
    }

    /** Remembers to delete a router with its interfaces, and gives its id. */
    String router(String id) {
        undo(() -> {
            for (Port port : jclouds.ports().list().concat().filter(p -> id.equals(p.getDeviceId()))) {
                jclouds.routers().removeInterfaceForPort(id, port.getId());
            }
            jclouds.routers().delete(id);
        });
        return id;
    }

    /** Remembers to delete a floating IP, and gives its id. */
    String floatingIp(String id) {
        undo(() -> jclouds.floatingIps().delete(id));
        return id;
    }

    /** Remembers to delete a snapshot of a volume, and gives its id. */
    String snapshot(String id) {
        undo(() -> {
            jclouds.volumes().deleteSnapshot(id);
            Await.until("the end of snapshot " + id, () -> jclouds.volumes().getSnapshot(id) == null);
        });
        return id;
    }

    /** CIMI of version 1 or 2. */
    Cimi cimi(int version) {
        return version == 1 ? cimi1 : cimi2;
    }

    /** Makes a key pair by jclouds, and gives its name. */
    String keyPair(String name) {
        jclouds.keyPairs().createWithPublicKey(name, publicKey());
        undo(() -> jclouds.keyPairs().delete(name));
        return name;
    }

    /** A new public key as OpenSSH has it; nobody has the private one. */
    static String publicKey() {
        try {
            byte[] encoded = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
            byte[] raw = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
            byte[] type = "ssh-ed25519".getBytes(StandardCharsets.US_ASCII);
            ByteBuffer blob = ByteBuffer.allocate(4 + type.length + 4 + raw.length);
            blob.putInt(type.length).put(type).putInt(raw.length).put(raw);
            return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob.array());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        List<String> left = new ArrayList<>();
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (RuntimeException | AssertionError e) {
                left.add(e.toString());
            }
        }
        jclouds.close();
        if (!left.isEmpty()) {
            throw new IllegalStateException("left behind, names begin with " + prefix + ":\n" + String.join("\n", left));
        }
    }

    /** Attributes that a request asks for, name after value. */
    static Map<String, Object> asked(Object... namesAndValues) {
        Map<String, Object> asked = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            asked.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return asked;
    }

    /** Gives tests the run's one lab, which is closed after the last of them, and each test a table of its own. */
    static final class Extension implements ParameterResolver, AfterTestExecutionCallback {
        private static final Namespace NAMESPACE = Namespace.create(Lab.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            return type == Lab.class || type == Compared.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Lab lab = context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Lab.class, k -> new Lab(), Lab.class);
            if (parameter.getParameter().getType() == Lab.class) {
                return lab;
            }
            return context.getStore(NAMESPACE).getOrComputeIfAbsent(Compared.class, k -> new Compared(lab.observers), Compared.class);
        }

        @Override
        public void afterTestExecution(ExtensionContext context) {
            Compared compared = context.getStore(NAMESPACE).get(Compared.class, Compared.class);
            if (compared != null) {
                compared.report(context.getDisplayName());
            }
        }
    }
}
