package cimi

import (
	"fmt"
	"net/netip"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Networks: of both versions, then what each has of its own (DSP0263 5.16, the
// schema of version 1).

func networkCases(d dialect) []Case {
	name := func(id string) string { return "${run} " + id + " " + d.format }
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("networks."+id, level, clause, title, slices.Concat(d.make("networks", "n", name(id)), steps)...).Needing("networks.add")
	}
	leaves := d.leavesNetwork
	moves := func(name, state string, want ...Check) []Step {
		return []Step{d.act("n", name, done), d.look("n", append([]Check{at("state", state)}, want...)...).Eventually()}
	}
	cases := []Case{
		That("networks.states", Must, "DSP0263 5.8, table 30", "every network is in a state of networks", d.get("${networks}", Status(200), every("a state of networks", func(n node) bool {
			return slices.Contains([]string{"CREATING", "STARTING", "STARTED", "STOPPING", "STOPPED", "DELETING", "ERROR"}, n.members["state"].text)
		}))).Needing("networks"),
		That("networks.outside", Should, "DSP0263 5.16.1", "there is a network, or a template of one, that represents what is outside", d.get("${networks}", Status(200), Check{Expect: "a network or a template", Holds: func(x *Exchange) error {
			doc, err := read(x)
			if _, there := x.Session().Lookup("networkTemplates.first"); err == nil && len(doc.entries()) == 0 && !there {
				return fmt.Errorf("there is no network, and no template of one")
			}
			return err
		}})).Needing("networks"),
		that("stop-start", Must, "DSP0263 5.16.1", "a network is stopped and started", slices.Concat(moves("stop", "STOPPED", offers("start"), offersNot("stop")), moves("start", "STARTED", offers("stop"), offersNot("start")))...),
		leaves("refuse.action", Must, "DSP0263 4.2.2", "an action that no network has is refused",
			d.post("${n.stop}", d.document("Action", text("action", d.action("explode"))), d.refused(400)...), d.get("${n}", at("state", "STARTED"))),
		leaves("refuse.other", Must, "DSP0263 6", "another tenant cannot stop a network",
			d.post("${n.stop}", d.document("Action", text("action", d.action("stop"))), d.refused(404)...).By(Other), d.get("${n}", at("state", "STARTED"))),
		That("networks.initial-state", Must, "DSP0263 5.16.3, table 31", "a network comes to the initial state that its template asks for",
			d.post("${networks.add}", d.document("NetworkCreate", text("name", name("initial")), object("networkTemplate", text("initialState", "STOPPED"))), Status(201, 202), Header("Location", `.`)).Making("n"),
			d.get("${n}", Status(200), at("state", "STOPPED")).Eventually()).Needing("networks.add", "can.Network.InitialStates"),
		That("networks.refuse.state", Must, "DSP0263 5.16.3, table 31", "an initial state that no network has is refused",
			d.post("${networks.add}", d.document("NetworkCreate", text("name", name("flying")), object("networkTemplate", text("initialState", "FLYING"))), d.refused(400)...),
			d.get("${networks}?$filter=name='${run}%20flying%20"+d.format+"'", Status(200), counts(0))).Needing("networks.add"),
		That("networks.refuse.nested", Must, "DSP0263 5.3", "an attribute that no template of networks has is refused",
			d.post("${networks.add}", d.document("NetworkCreate", text("name", name("wheels")), object("networkTemplate", number("wheels", 4))), d.refused(400)...)).Needing("networks.add"),
		That("networks.template", Must, "DSP0263 4.2.1.1, 5.16.3", "a network is made of a template, whose attributes can be overridden", slices.Concat(
			d.make("networkTemplates", "t", name("t")), []Step{
				d.post("${networks.add}", d.document("NetworkCreate", text("name", name("of template")), object("networkTemplate", member{"href", "${t}"}, text("initialState", "STOPPED"))), Status(201, 202)).Making("n"),
				d.get("${n}", Status(200), at("state", "STOPPED"), at("name", name("of template"))).Eventually(), d.get("${t}", Status(200), at("initialState", "STARTED"))})...).
			Needing("networks.add", "networkTemplates.add", "can.Network.InitialStates"),
		That("networks.shared", Must, "DSP0263 4.2", "what a network does not offer is not done", d.get("${networks}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
			doc, err := read(x)
			if err != nil {
				return nil, err
			}
			for _, n := range doc.entries() {
				if n.operation("delete") == "" && n.members["state"].text == "STARTED" {
					id := n.members["id"].text
					return []Step{d.del(id, d.refused(403, 404, 405, 409)...), d.get(id, Status(200))}, nil
				}
			}
			return nil, NotOfferedError{What: "a network that is not the tenant's own"}
		})).Needing("networks"),
	}
	return slices.Concat(cases, d.in(1, d.ports()...), d.in(2, d.segments()...))
}

// leavesNetwork is a case that leaves a network, ${n}, as it is, which such cases share.
func (d dialect) leavesNetwork(id string, level Level, clause, title string, steps ...Step) Case {
	return That("networks."+id, level, clause, title, append([]Step{d.known("net", "n")}, steps...)...).Needing("networks.add")
}

// ports are what version 1 has: ports, addresses, forwarding groups, and interfaces of machines.
func (d dialect) ports() []Case {
	const clause = "the schema of version 1"
	name := func(id string) string { return "${run} " + id + " " + d.format }
	on := append(slices.Clone(parts), "networks.add")
	moves := func(name, state string) []Step {
		return []Step{d.act("p", name, done), d.look("p", at("state", state)).Eventually()}
	}
	// machine makes a machine on a network of the case's own, ${n}.
	machine := func(id string) []Step {
		return slices.Concat(d.make("networks", "n", name(id)), []Step{
			d.post("${machines.add}", d.document("MachineCreate", text("name", name(id)), object("machineTemplate", ref("machineConfig", "${config}"), ref("machineImage", "${image}"),
				listed("networkInterfaces", "networkInterface", []member{ref("network", "${n}"), text("state", "ACTIVE")}))), Status(201, 202)).Making("vm"),
			d.look("vm", at("state", "STARTED")).Eventually()})
	}
	return []Case{
		That("networks.type", Must, clause, "a network says whether it is public or private", d.get("${networks}", Status(200), every("the type PUBLIC or PRIVATE, if any", func(n node) bool {
			return slices.Contains([]string{"", "PUBLIC", "PRIVATE"}, n.members["networkType"].text)
		}))).Needing("networks"),
		That("networks.ports", Must, clause, "a port is among those of its network", append(d.make("networks", "n", name("ports")),
			d.post("${networkPorts.add}", d.document("NetworkPortCreate", text("name", name("ports")), object("networkPortTemplate", ref("network", "${n}"))), Status(201, 202)).Making("p"),
			d.get("${p}", Status(200), refers("network", "${n}")).Eventually(), d.get("${n.networkPorts}", Status(200), counts(1)))...).Needing("networkPorts.add", "networks.add"),
		That("networks.port.state", Must, "Deltacloud's operations", "a port is stopped and started", slices.Concat(d.make("networkPorts", "p", name("port state")), moves("stop", "STOPPED"), moves("start", "STARTED"))...).Needing("networkPorts.add", "networks.add"),
		That("networks.port.refuse", Must, "DSP0263 4.2.2", "a port of a network that there is not is refused",
			d.post("${networkPorts.add}", d.document("NetworkPortCreate", text("name", name("no network")), object("networkPortTemplate", ref("network", "${networks}/none-${run}"))), d.refused(400, 404)...)).Needing("networkPorts.add"),
		That("networks.interface", Must, clause, "the interface of a machine says its network and its addresses", append(machine("interface"),
			d.get("${vm.networkInterfaces}", Status(200), d.typed("MachineNetworkInterfaceCollection"), counts(1), every("the network", func(n node) bool { return n.members["network"].members["href"].text != "" }), every("a state", func(n node) bool {
				return slices.Contains([]string{"ACTIVE", "PASSIVE", "DISABLED"}, n.members["state"].text)
			})).Eventually(),
			d.get("${vm.networkInterfaces}").Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil || len(doc.entries()) == 0 {
					return nil, err
				}
				i := doc.entries()[0]
				steps := []Step{d.get(i.members["id"].text, Status(200), d.typed("MachineNetworkInterface"), refers("network", "${n}"))}
				if href := i.members["addresses"].members["href"].text; href != "" {
					steps = append(steps, d.get(resolve(x.Session(), href), Status(200), counted).Following(d.addresses))
				}
				return steps, nil
			}))...).Needing(on...),
		That("networks.interface.add", Must, clause, "a machine gets another interface, and loses it", slices.Concat(machine("second"), d.make("networks", "m", name("second net")), []Step{
			d.get("${vm.networkInterfaces}").ReadingBelow("its", leads),
			d.post("${its.add}", d.document("MachineNetworkInterface", ref("network", "${m}"), text("state", "ACTIVE")), Status(201, 202), Header("Location", `.`)).Making("i"),
			d.look("i", refers("network", "${m}")).Eventually(), d.get("${vm.networkInterfaces}", Status(200), counts(2)).Eventually(),
			d.del("${i.delete}", done), d.get("${vm.networkInterfaces}", Status(200), counts(1)).Eventually()})...).Needing(on...),
		That("networks.address", Must, clause, "the address of a machine is among the addresses, and says its machine", append(machine("address"),
			d.get("${addresses}?$expand=", Status(200), onDocument("an address of the machine", func(x *Exchange, doc document) error {
				vm, err := x.Expand("${vm}")
				if err == nil && !slices.ContainsFunc(doc.entries(), func(n node) bool { return samePlace(x, n.members["resource"].members["href"].text, vm) }) {
					err = fmt.Errorf("no address has the resource %s", vm)
				}
				return err
			})).Eventually())...).Needing(append(on, "addresses")...),
		That("networks.addresses", Must, clause, "addresses are IP addresses, and say of which protocol", d.get("${addresses}", Status(200), every("an ip of its protocol", func(n node) bool {
			ip, err := netip.ParseAddr(n.members["ip"].text)
			return err == nil && (n.members["protocol"].text == "" || ip.Is4() == (n.members["protocol"].text == "IPv4"))
		}))).Needing("addresses"),
		That("networks.address.network", Must, clause, "an address is made on a network, and goes", slices.Concat(d.make("networks", "n", name("with address")), []Step{
			d.post("${addresses.add}", d.document("AddressCreate", text("name", name("address")), object("addressTemplate", ref("network", "${n}"))), Status(201, 202), Header("Location", `.`)).Making("a"),
			d.look("a", d.typed("Address"), refers("network", "${n}"), like("ip", `^[0-9a-f.:]+$`)).Eventually(), d.get("${addresses}", lists("${a}")),
			d.del("${a.delete}", done), d.get("${a}", Status(404, 410)).Eventually()})...).Needing("addresses.add", "networks.add"),
		That("networks.address.refuse", Must, "DSP0263 4.2.2", "an address that is none is refused",
			d.post("${addresses.add}", d.document("AddressCreate", text("name", name("no address")), object("addressTemplate", text("ip", "1.2.3.4.5"), ref("network", "${networks}/none-${run}"))), d.refused(400, 404)...)).Needing("addresses.add"),
		That("networks.group", Must, clause, "a forwarding group has the networks that it was made of", append(d.make("forwardingGroups", "g", name("group")),
			d.get("${g}", Status(200), at("networks.0.href", "${own}")), d.get("${own}", Status(200), refers("forwardingGroup", "${g}")))...).Needing("forwardingGroups.add", "networks.add"),
		That("networks.group.refuse", Must, "DSP0263 4.2.2", "a forwarding group of a network that there is not is refused",
			d.post("${forwardingGroups.add}", d.document("ForwardingGroupCreate", text("name", name("no group")), object("forwardingGroupTemplate", listed("networks", "network", []member{{"href", "${networks}/none-${run}"}}))), d.refused(400, 404)...),
			d.get("${forwardingGroups}?$filter=name='${run}%20no%20group%20"+d.format+"'", Status(200), counts(0))).Needing("forwardingGroups.add"),
		That("networks.config", Must, clause, "a network has what its configuration says", slices.Concat([]Step{
			d.post("${networkConfigs.add}", d.document("NetworkConfiguration", text("name", name("config")), text("networkType", "PRIVATE"), number("mtu", 1400)), Status(201, 202)).Making("c"),
			d.post("${networks.add}", d.document("NetworkCreate", text("name", name("configured")), object("networkTemplate", ref("networkConfig", "${c}"))), Status(201, 202)).Making("n"),
			d.get("${n}", Status(200), at("networkType", "PRIVATE"), at("mtu", "1400")).Eventually()})...).Needing("networkConfigs.add", "networks.add"),
	}
}

// addresses reads those of an interface.
func (d dialect) addresses(x *Exchange) ([]Step, error) {
	doc, err := read(x)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, n := range doc.entries() {
		steps = append(steps, d.get(n.members["id"].text, Status(200), d.typed("MachineNetworkInterfaceAddress"), has("address.href")))
	}
	return steps, nil
}

// segments are what version 2 has: segments, endpoints and interfaces.
func (d dialect) segments() []Case {
	name := func(id string) string { return "${run} " + id + " " + d.format }
	needs := []string{"networks.add", "segments.add"}
	that := func(id, clause, title string, steps ...Step) Case {
		return That("networks."+id, Must, clause, title, slices.Concat(d.make("networks", "n", name(id)), steps)...).Needing("networks.add")
	}
	leaves := d.leavesNetwork
	segment := func(protocol string, parameters member) string {
		return d.document("ProtocolSegmentCreate", text("name", name(protocol)), object("protocolSegmentTemplate", ref("network", "${n}"), text("protocol", protocol), parameters))
	}
	// refuses is a segment that cannot be made.
	refuses := func(id, clause, title, protocol string, parameters member) Case {
		return leaves("segment.refuse."+id, Must, clause, title, d.post("${segments.add}", segment(protocol, parameters), d.refused(400, 409)...)).Needing(needs...)
	}
	states := func(id, shelf string, of ...string) Case {
		return That("networks."+id+".states", Must, "DSP0263 5.8", "every item of "+shelf+" is in a state of its type", d.get("${"+shelf+"}", Status(200), every("a state of its type", func(n node) bool {
			return slices.Contains(of, n.members["state"].text)
		}))).Needing(shelf)
	}
	return []Case{
		states("segment", "segments", "CREATING", "STARTED", "STOPPED", "DELETING", "ERROR"),
		states("endpoint", "endpoints", "CREATING", "ENABLED", "DISABLED", "DELETING", "ERROR"),
		states("interface", "interfaces", "CREATING", "ENABLED", "DISABLED", "DELETING", "ERROR"),
		That("networks.segment.protocol", Must, "DSP0263 table 32", "every segment is of Ethernet, IPv4 or IPv6", d.get("${segments}", Status(200), every("a protocol", func(n node) bool {
			return slices.Contains([]string{"Ethernet", "IPv4", "IPv6"}, n.members["protocol"].text)
		}))).Needing("segments"),
		That("networks.segment.ipv4", Must, "DSP0263 table 34", "every segment of IPv4 has a subnet address and a netmask", d.get("${segments}", Status(200), every("both, if it is of IPv4", func(n node) bool {
			p := n.members["parameters"].members
			return n.members["protocol"].text != "IPv4" || len(p) == 0 || p["subnetAddress"].text != "" && p["netmask"].text != ""
		}))).Needing("segments"),
		that("segments", "DSP0263 5.16.1, table 30", "the segments of a network are a collection, with what its template said",
			d.get("${n.segments}", Status(200), d.typed("ProtocolSegmentCollection"), counted, onDocument("a segment of IPv4 from 10.77.0.0", func(_ *Exchange, doc document) error {
				for _, n := range doc.entries() {
					if p, _ := n.at("parameters.subnetAddress"); n.members["protocol"].text == "IPv4" && p.text == "10.77.0.0" {
						return nil
					}
				}
				return fmt.Errorf("none of the %d segments is", len(doc.entries()))
			}))),
		That("networks.segment.parent", Should, "DSP0263 5.10.2, table 30", "segments are components of their network: their parent is its collection of them, and they go with it", append(d.make("networks", "n", name("parent")),
			d.get("${n.segments}", Status(200), refers("parent", "${n}"), onDocument("segments with this parent", func(x *Exchange, doc document) error {
				segments, err := x.Expand("${n.segments}")
				for _, n := range doc.entries() {
					if parent := n.members["parent"].members["href"].text; err == nil && !samePlace(x, parent, segments) {
						err = fmt.Errorf("the parent of %s is %s, wanted %s", n.members["id"].text, parent, segments)
					}
				}
				return err
			})).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil || len(doc.entries()) == 0 {
					return nil, err
				}
				return []Step{d.del("${n.delete}", done), d.get(doc.entries()[0].members["id"].text, Status(404, 410)).Eventually()}, nil
			}))...).Needing("networks.add"),
		that("segment.add", "DSP0263 5.16.6.1", "a segment is added to a network, and is among its segments",
			d.post("${segments.add}", segment("IPv4", ipv4("10.78.0.0")), Status(201, 202), Header("Location", `.`)).Making("s"),
			d.look("s", at("protocol", "IPv4"), at("parameters.subnetAddress", "10.78.0.0"), at("parameters.netmask", "255.255.255.0")).Eventually(),
			d.get("${n.segments}", lists("${s}")), d.get("${segments}", lists("${s}")),
			d.del("${s.delete}", done), d.get("${n.segments}", listsNot("${s}")).Eventually(), d.get("${segments}", listsNot("${s}"))).Needing(needs...),
		that("segment.ipv6", "DSP0263 table 33", "a segment may be of IPv6",
			d.post("${segments.add}", segment("IPv6", params([2]string{"subnetAddress", "2001:db8:77::"}, [2]string{"prefixLength", "64"})), Status(201, 202), Header("Location", `.`)).Making("s"),
			d.get("${s}", Status(200), at("protocol", "IPv6"), at("parameters.prefixLength", "64")).Eventually()).Needing(needs...),
		that("segment.within", "DSP0263 5.5.12.1, 5.10", "a segment is added in the network's own collection, without a word of the network",
			d.get("${n.segments}").ReadingBelow("its", leads),
			d.post("${its.add}", d.document("ProtocolSegmentCreate", text("name", name("within")), object("protocolSegmentTemplate", text("protocol", "IPv4"), ipv4("10.79.0.0"))), Status(201, 202), Header("Location", `.`)).Making("s"),
			d.get("${s}", Status(200)), d.get("${n.segments}", lists("${s}"))),
		refuses("overlap", "DSP0263 4.2.2", "a segment over another is refused", "IPv4", ipv4("10.77.0.0")),
		refuses("mask", "DSP0263 table 34", "a netmask that is none is refused", "IPv4", params([2]string{"subnetAddress", "10.78.0.0"}, [2]string{"netmask", "255.0.255.0"})),
		refuses("address", "DSP0263 table 34", "an address that is none is refused", "IPv4", params([2]string{"subnetAddress", "10.78.0.0.0"}, [2]string{"netmask", "255.255.255.0"})),
		refuses("protocol", "DSP0263 table 32", "a protocol that there is not is refused", "IPX", ipv4("10.78.0.0")),
		refuses("family", "DSP0263 tables 33, 34", "an address of another protocol is refused", "IPv6", ipv4("10.78.0.0")),
		leaves("segment.refuse.state", Must, "DSP0263 5.16.7, table 36", "an initial state that no segment has is refused",
			d.post("${segments.add}", d.document("ProtocolSegmentCreate", text("name", name("flying")), object("protocolSegmentTemplate", ref("network", "${n}"), text("initialState", "STARTING"), text("protocol", "IPv4"), ipv4("10.78.0.0"))), d.refused(400)...)).Needing(needs...),
		That("networks.endpoint.refuse.state", Must, "DSP0263 5.16.11", "an initial state that no endpoint has is refused",
			d.post("${endpointTemplates.add}", d.document("ProtocolEndpointTemplate", text("name", name("flying")), text("initialState", "FLYING")), d.refused(400)...)).Needing("endpointTemplates.add"),
		That("networks.interface.refuse.state", Must, "DSP0263 5.16.15", "an initial state that no interface has is refused",
			d.post("${interfaceTemplates.add}", d.document("NetworkInterfaceTemplate", text("name", name("flying")), text("initialState", "FLYING")), d.refused(400)...)).Needing("interfaceTemplates.add"),
		That("networks.segment.refuse.network", Must, "DSP0263 table 36", "a segment of no network is refused",
			d.post("${segments.add}", d.document("ProtocolSegmentCreate", text("name", name("lost")), object("protocolSegmentTemplate", text("protocol", "IPv4"), ipv4("10.78.0.0"))), d.refused(400)...)).Needing("segments.add"),
		that("endpoint", "DSP0263 5.16.9", "an endpoint is added to a segment, has an address of it, and goes",
			d.get("${n.segments}?$filter=protocol='IPv4'", Status(200), counts(1)).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil {
					return nil, err
				}
				endpoints := resolve(x.Session(), doc.entries()[0].members["endpoints"].members["href"].text)
				return []Step{d.get(endpoints, Status(200), d.typed("ProtocolEndpointCollection")).ReadingBelow("its", leads),
					d.post("${its.add}", d.document("ProtocolEndpointCreate", text("name", name("endpoint")), object("protocolEndpointTemplate", text("origin", "DYNAMIC"))), Status(201, 202), Header("Location", `.`)).Making("e"),
					d.look("e", d.typed("ProtocolEndpoint"), at("protocol", "IPv4"), like("address", `^10\.77\.0\.\d+$`)).Eventually(), d.get(endpoints, lists("${e}")), d.get("${endpoints}", lists("${e}")),
					d.del("${e.delete}", done), d.get("${e}", Status(404, 410)).Eventually(), d.get(endpoints, listsNot("${e}"))}, nil
			})),
		That("networks.interfaces", Must, "DSP0263 5.14.1.1.3, 5.16.13", "the interfaces of a machine are a collection, whose items have endpoints",
			d.get("${machine.interfaces}", Status(200), d.typed("NetworkInterfaceCollection"), counted).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil || len(doc.entries()) == 0 {
					return nil, err
				}
				i := doc.entries()[0]
				return []Step{d.get(i.members["id"].text, Status(200), d.typed("NetworkInterface"), has("endpoints.href")),
					d.get(resolve(x.Session(), i.members["endpoints"].members["href"].text), Status(200), d.typed("ProtocolEndpointCollection"), counted, every("an address and a protocol", func(n node) bool {
						return n.members["address"].text != "" && n.members["protocol"].text != ""
					}))}, nil
			})).Needing("machine"),
		That("networks.interfaces.other", Must, "DSP0263 6", "another tenant does not see the interfaces of a machine", d.get("${machine.interfaces}", d.refused(404)...).By(Other)).Needing("machine"),
		That("networks.interfaces.listed", Must, "DSP0263 5.16.14", "the interfaces of a machine are among all interfaces",
			d.get("${machine.interfaces}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil || len(doc.entries()) == 0 {
					return nil, err
				}
				return []Step{d.get("${interfaces}", Status(200), lists(doc.entries()[0].members["id"].text))}, nil
			})).Needing("machine", "interfaces"),
	}
}
