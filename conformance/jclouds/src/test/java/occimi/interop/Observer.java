package occimi.interop;

import java.util.Map;
import java.util.Set;

/**
 * A way to look at the tenant's cloud: jclouds, OCCI, or a version of CIMI.
 *
 * <p>Each view is a map of attributes, by the same names and in the same units for all observers, with ids as OpenStack has them.
 * An attribute that is not in the map has no place in the protocol; one that is null has a place and no value. A view is null if
 * the thing is not there, and empty if the protocol does not have such things.
 */
interface Observer {
    /** Its name, a column of the tables. */
    String name();

    /** The ids of all machines. */
    Set<String> machines();

    /** The state of a machine in the protocol's own word; {@link State#NOWHERE} if it is not there. */
    String state(String machine);

    /** A machine, but for its state: id, name, what it is made of, what it is plugged into. */
    Map<String, Object> machine(String id);

    /** A flavor: id, name, cores, memory (MiB), disk (GiB). */
    Map<String, Object> flavor(String id);

    /** An image: id, name, and whether it can be used. */
    Map<String, Object> image(String id);

    /** A key pair: name, public key. */
    Map<String, Object> keyPair(String name);

    /** A volume: id, name, description, size (GiB), whether it can be used, its snapshots. */
    Map<String, Object> volume(String id);

    /** A snapshot of a volume: id, name, description, and whether it can be used. */
    Map<String, Object> snapshot(String id);

    /** A network: id, name, whether it is up, its router, and of one with one subnet address (CIDR), gateway, allocation. */
    Map<String, Object> network(String id);

    /** A subnet of IPv4: id, name, address (CIDR), gateway, allocation, resolvers. */
    Map<String, Object> subnet(String id);

    /** A port, of a machine or of none: id, name, whether it is up, network, addresses. */
    Map<String, Object> port(String id);

    /** A router: id, name, networks that it joins. */
    Map<String, Object> router(String id);

    /** A floating IP: id, address, whether it leads anywhere, and where. */
    Map<String, Object> floatingIp(String id);

    /** A security group: id, name, description, inbound rules. */
    Map<String, Object> securityGroup(String id);

    /** A rule of a security group as one word: protocol, ports (N or A-B), range. */
    static String rule(String protocol, String ports, String range) {
        String[] ends = ports.split("-");
        String port = ends.length == 2 && ends[0].equals(ends[1]) ? ends[0] : ports;
        return protocol + ":" + port + ":" + range;
    }
}
