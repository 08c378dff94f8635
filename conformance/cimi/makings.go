package cimi

import (
	"net/http"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// making is a resource that consumers make: by a representation of it, or, if it
// has a template, by that.
type making struct {
	collection string // of the Cloud Entry Point
	item       string // type
	clause     string
	version    int    // 0: both
	template   string // attribute of the Create that holds the template; "": the body is the resource
	needs      []string
	ownNetwork bool                     // made in a network of its own, ${own}
	queued     bool                     // made of what others make some of, too, one after the other
	of         func(d dialect) []member // what the template, or the resource, says
	state      string                   // that it comes to; "" if it has none
}

// makings are everything that consumers make through collections of the Cloud Entry Point.
var makings = []making{
	{collection: "machines", item: "Machine", clause: "DSP0263 5.14.1", template: "machineTemplate", needs: []string{"config", "image"}, state: "STARTED", of: func(dialect) []member {
		return []member{ref("machineConfig", "${config}"), ref("machineImage", "${image}"), plugged}
	}},
	{collection: "machineTemplates", item: "MachineTemplate", clause: "DSP0263 5.14.3", needs: []string{"config", "image"}, of: func(dialect) []member {
		return []member{ref("machineConfig", "${config}"), ref("machineImage", "${image}")}
	}},
	{collection: "machineConfigs", item: "MachineConfiguration", clause: "DSP0263 5.14.5", needs: []string{"config.cpu", "config.memory"}, of: func(dialect) []member {
		return []member{just("cpu", "${config.cpu}"), just("memory", "${config.memory}")}
	}},
	{collection: "machineImages", item: "MachineImage", clause: "DSP0263 5.14.7", needs: []string{"machines.add", "config", "image"}, queued: true, state: "AVAILABLE", of: func(dialect) []member {
		return []member{text("type", "IMAGE"), text("imageLocation", "${studio}")}
	}},
	{collection: "credentials", item: "Credential", clause: "DSP0263 5.14.9", template: "credentialTemplate", of: func(dialect) []member {
		return []member{text("key", publicKey)}
	}},
	{collection: "credentialTemplates", item: "CredentialTemplate", clause: "DSP0263 5.14.11", of: func(dialect) []member {
		return []member{text("key", publicKey)}
	}},
	{collection: "volumes", item: "Volume", clause: "DSP0263 5.15.1", template: "volumeTemplate", needs: []string{"can.Volume.VolumeConfigByValue"}, state: "AVAILABLE", of: func(dialect) []member {
		return []member{object("volumeConfig", number("capacity", 1000000))}
	}},
	{collection: "volumeTemplates", item: "VolumeTemplate", clause: "DSP0263 5.15.3", needs: []string{"volumeConfigs.first"}, of: func(dialect) []member {
		return []member{ref("volumeConfig", "${volumeConfigs.first}")}
	}},
	{collection: "volumeConfigs", item: "VolumeConfiguration", clause: "DSP0263 5.15.5", of: func(dialect) []member {
		return []member{number("capacity", 2000000)}
	}},
	{collection: "volumeImages", item: "VolumeImage", clause: "DSP0263 5.15.7", state: "AVAILABLE", of: func(dialect) []member {
		return []member{text("imageLocation", "${volume}")}
	}},
	{collection: "networks", item: "Network", clause: "DSP0263 5.16.1", template: "networkTemplate", state: "STARTED", of: func(d dialect) []member {
		if d.version == 1 {
			return []member{object("networkConfig", text("networkType", "PRIVATE"))}
		}
		return []member{referring("segmentTemplates", "segmentTemplate", []member{text("protocol", "IPv4"), ipv4("10.77.0.0")})}
	}},
	{collection: "networkTemplates", item: "NetworkTemplate", clause: "DSP0263 5.16.3", of: func(dialect) []member {
		return []member{text("initialState", "STARTED")}
	}},
	{collection: "networkConfigs", item: "NetworkConfiguration", clause: "the schema of version 1", version: 1, of: func(dialect) []member {
		return []member{text("networkType", "PRIVATE")}
	}},
	{collection: "networkPorts", item: "NetworkPort", clause: "the schema of version 1", version: 1, template: "networkPortTemplate", needs: []string{"networks.add"}, of: func(dialect) []member {
		return []member{ref("network", "${net}")}
	}},
	{collection: "networkPortTemplates", item: "NetworkPortTemplate", clause: "the schema of version 1", version: 1, needs: []string{"networks.first"}, of: func(dialect) []member {
		return []member{ref("network", "${networks.first}")}
	}},
	{collection: "networkPortConfigs", item: "NetworkPortConfiguration", clause: "the schema of version 1", version: 1, of: func(dialect) []member {
		return []member{text("portType", "ACCESS")}
	}},
	{collection: "addresses", item: "Address", clause: "the schema of version 1", version: 1, template: "addressTemplate", needs: []string{"networks.add"}, of: func(dialect) []member {
		return []member{ref("network", "${net}")}
	}},
	{collection: "addressTemplates", item: "AddressTemplate", clause: "the schema of version 1", version: 1, of: func(dialect) []member {
		return []member{text("allocation", "dynamic"), text("protocol", "IPv4")}
	}},
	{collection: "forwardingGroups", item: "ForwardingGroup", clause: "the schema of version 1", version: 1, template: "forwardingGroupTemplate", ownNetwork: true, of: func(dialect) []member {
		return []member{listed("networks", "network", []member{{"href", "${own}"}})}
	}},
	{collection: "forwardingGroupTemplates", item: "ForwardingGroupTemplate", clause: "the schema of version 1", version: 1, needs: []string{"networks.first"}, of: func(dialect) []member {
		return []member{listed("networks", "network", []member{{"href", "${networks.first}"}})}
	}},
	{collection: "segments", item: "ProtocolSegment", clause: "DSP0263 5.16.5", version: 2, template: "protocolSegmentTemplate", ownNetwork: true, state: "STARTED", of: func(dialect) []member {
		return []member{ref("network", "${own}"), text("protocol", "IPv4"), ipv4("10.78.0.0")}
	}},
	{collection: "segmentTemplates", item: "ProtocolSegmentTemplate", clause: "DSP0263 5.16.7", version: 2, of: func(dialect) []member {
		return []member{text("protocol", "IPv4"), ipv4("10.79.0.0")}
	}},
	{collection: "endpointTemplates", item: "ProtocolEndpointTemplate", clause: "DSP0263 5.16.11", version: 2, of: func(dialect) []member {
		return []member{text("origin", "DYNAMIC")}
	}},
	{collection: "interfaceTemplates", item: "NetworkInterfaceTemplate", clause: "DSP0263 5.16.15", version: 2, of: func(dialect) []member {
		return []member{text("initialState", "ENABLED")}
	}},
}

// ipv4 is the range of a segment (DSP0263 table 34).
func ipv4(address string) member {
	return params([2]string{"subnetAddress", address}, [2]string{"netmask", "255.255.255.0"})
}

// made gives the makings of a version.
func (d dialect) made() []making {
	return slices.DeleteFunc(slices.Clone(makings), func(m making) bool { return m.version != 0 && m.version != d.version })
}

// requires are the names without which none can be made.
func (m making) requires(more ...string) []string {
	return slices.Concat([]string{m.collection + ".add"}, m.needs, more)
}

// document makes one, with more attributes of its own.
func (m making) document(d dialect, title string, more ...member) string {
	common := append([]member{text("name", title)}, more...)
	if m.template == "" {
		return d.document(m.item, append(common, m.of(d)...)...)
	}
	return d.document(m.item+"Create", append(common, object(m.template, m.of(d)...))...)
}

// whole is a full representation of what consumers may say of it, for an update.
func (m making) whole(d dialect, title string, more ...member) string {
	common := append([]member{text("name", title)}, more...)
	if m.template == "" {
		common = append(common, m.of(d)...)
	}
	return d.document(m.item, common...)
}

// new makes one, and waits until it is there; `as` is its name in the case.
func (m making) new(d dialect, as, title string, more ...member) []Step {
	there := []Check{d.typed(m.item)}
	if m.state != "" {
		there = append(there, at("state", m.state))
	}
	return append(m.first(d, title), m.add(d, as, m.document(d, title, more...)), d.look(as, there...).Eventually())
}

// add makes one of a document.
func (m making) add(d dialect, as, document string, want ...Check) Step {
	return m.taken(d.post("${"+m.collection+".add}", document, append([]Check{Status(201, 202), Header("Location", `^https?://`)}, want...)...).Making(as))
}

// taken sends a creation until its turn comes.
func (m making) taken(s Step) Step {
	if m.queued {
		return s.Past(http.StatusConflict)
	}
	return s
}

// oneByOne has cases that make what is queued wait for each other, and for what is
// prepared of it: some clouds fail when two are asked for at once.
func (m making) oneByOne(c Case) Case {
	if m.queued {
		c.Needs = append(slices.Clone(c.Needs), "subject-"+m.collection)
		return c.InTurn("subject-" + m.collection)
	}
	return c
}

// first makes what it is made in.
func (m making) first(d dialect, title string) []Step {
	if !m.ownNetwork {
		return nil
	}
	return d.make("networks", "own", title+" own")
}

// borrowed is what it would be made in, for what is refused.
func (m making) borrowed(d dialect) []Step {
	if !m.ownNetwork {
		return nil
	}
	return []Step{d.known("net", "own")}
}

// makingOf is how something in a collection is made.
func makingOf(collection string) making {
	return makings[slices.IndexFunc(makings, func(m making) bool { return m.collection == collection })]
}

// make makes one of a collection.
func (d dialect) make(collection, as, title string) []Step {
	return makingOf(collection).new(d, as, title)
}
