package cimi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// specification is what CIMI-Specification-Version says, by version.
var specification = map[int]string{1: "1.0.1", 2: "2.0.0"}

// entry is the case that the others begin with.
func (d dialect) entry() Case {
	return Case{ID: "entry", Level: Must, Clause: "DSP0263 5.12", Title: fmt.Sprintf("the Cloud Entry Point of version %d is at the given URL and can be read", d.version)}
}

// explore asks the Cloud Entry Point. Every collection is a name, whose value is
// its URL, with .add where something is added to it, and with .first the id of
// its first item.
func (d dialect) explore(e *Explorer) error {
	x, err := e.Send(d.get("${url}").With("CIMI-Specification-Version: " + specification[d.version]))
	if err != nil {
		return err
	}
	switch x.Status {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusNotAcceptable: // no such version there
		return NotOfferedError{What: fmt.Sprintf("version %d", d.version)}
	default:
		return fmt.Errorf("the Cloud Entry Point has the status %d", x.Status)
	}
	doc, err := read(x)
	if err != nil {
		return err
	}
	other := dialect{version: 3 - d.version}
	switch doc.typeURI {
	case d.typeURI("CloudEntryPoint"):
	case other.typeURI("CloudEntryPoint"):
		return NotOfferedError{What: fmt.Sprintf("version %d at this URL", d.version)}
	default:
		return fmt.Errorf("the type is %q, wanted %q", doc.typeURI, d.typeURI("CloudEntryPoint"))
	}
	e.Name("baseURI", doc.members["baseURI"].text)
	e.Name("cep", resolve(e.Session(), doc.members["id"].text))
	var names []string
	for _, name := range slices.Sorted(maps.Keys(doc.members)) {
		if href := doc.members[name].members["href"].text; href != "" {
			e.Name(name, resolve(e.Session(), href))
			names = append(names, name)
		}
	}
	items := map[string][]node{}
	for _, name := range names {
		x, err := e.Send(d.get("${"+name+"}", Status(http.StatusOK)))
		if err != nil {
			continue // what is wrong with it is a case of its own
		}
		c, err := read(x)
		if err != nil {
			continue
		}
		if href := c.operation("add"); href != "" {
			e.Name(name+".add", resolve(e.Session(), href))
		}
		if items[name] = c.entries(); len(items[name]) > 0 {
			e.Name(name+".first", resolve(e.Session(), items[name][0].members["id"].text))
		}
	}
	machineParts(e, items["machineImages"], items["machineConfigs"])
	capabilities(e, items["resourceMetadata"])
	d.machineInterfaces(e)
	return nil
}

// byValue are the capabilities to give something by value, which are false if a
// resource does not announce them (DSP0263 table 7).
var byValue = []string{"Machine.MachineConfigByValue", "Machine.MachineCredentialByValue", "Machine.MachineImageByValue", "Machine.MachineVolumeTemplatesByValue",
	"Machine.MachineTemplateByValue", "Credential.CredentialTemplateByValue", "Volume.VolumeConfigByValue", "Volume.VolumeImageByValue", "Volume.VolumeTemplateByValue",
	"Network.NetworkTemplateByValue", "ProtocolSegment.ProtocolSegmentTemplateByValue"}

// capabilities names the metadata of each type (metadata.Machine), what it
// announces (can.Machine.UserData, with the value), what of byValue it does not
// (cannot.Machine.MachineImageByValue), the attributes that it describes
// (knows.Machine.cpu), and those that it says consumers may change (changes.Machine.cpu).
func capabilities(e *Explorer, metadata []node) {
	for _, m := range metadata {
		kind := m.members["name"].text
		e.Name("metadata."+kind, resolve(e.Session(), m.members["id"].text))
		for _, attribute := range m.members["attributes"].items {
			name := kind + "." + attribute.members["name"].text
			e.Name("knows."+name, "yes")
			if attribute.members["consumerWritable"].text == "true" && attribute.members["mutable"].text != "false" {
				e.Name("changes."+name, "yes")
			}
		}
		for _, c := range m.members["capabilities"].items {
			name := kind + "." + lastSegment(c.members["uri"].text)
			value, there := c.members["value"]
			if !there { // DSP0263 5.11.1
				value.text = "true"
			}
			if value.text != "false" {
				e.Name("can."+name, value.text)
			}
		}
		// A state that lasts, and no new machine can be asked to come to.
		if announced := e.Value("can." + kind + ".InitialStates"); kind == "Machine" && announced != "" {
			for _, state := range []string{"STOPPED", "PAUSED", "SUSPENDED"} {
				if !slices.Contains(splitList(announced), state) {
					e.Name("cannot.Machine.InitialState", state)
				}
			}
		}
		for _, name := range byValue {
			if strings.HasPrefix(name, kind+".") && e.Value("can."+name) == "" {
				e.Name("cannot."+name, "yes")
			}
		}
	}
}

// machineInterfaces leaves the interface of machines to a preparation, which makes
// a network for them: a tenant with several has to choose. Where it cannot,
// machines are made without a word of networks. Version 2 has no way but
// endpoints to say which network is meant, and servers an attribute of their own.
func (d dialect) machineInterfaces(e *Explorer) {
	if e.Value("networks.add") == "" || d.version == 2 && e.Value("knows.NetworkInterfaceTemplate.network") == "" {
		e.Name("wire.json", "")
		e.Name("wire.xml", "")
	}
}

// wire makes the network that machines are on, and writes their interface.
func (d dialect) wire() Preparation {
	p := Preparation{Steps: d.make("networks", "network", "${run} of machines"), Names: map[string]string{
		"wire.json": `,"networkInterfaces":[{"network":{"href":"${network}"},"state":"ACTIVE"}]`,
		"wire.xml":  `<networkInterface><network href="${network}"/><state>ACTIVE</state></networkInterface>`,
	}}
	if d.version == 2 {
		p.Names = map[string]string{
			"wire.json": `,"interfaceTemplates":[{"network":{"href":"${network}"}}]`,
			"wire.xml":  `<interfaceTemplate><network href="${network}"/></interfaceTemplate>`,
		}
	}
	return p
}

// machineParts finds the image and the configuration that machines are made of:
// the first image that is available, and the configurations of least memory.
func machineParts(e *Explorer, images, configs []node) {
	for _, image := range images {
		if state := image.members["state"].text; state == "" || state == "AVAILABLE" {
			e.Name("image", resolve(e.Session(), image.members["id"].text))
			break
		}
	}
	memory := func(n node) int64 { kib, _ := strconv.ParseInt(n.members["memory"].text, 10, 64); return kib }
	slices.SortStableFunc(configs, func(a, b node) int { return int(memory(a) - memory(b)) })
	for i, config := range configs[:min(2, len(configs))] {
		as := []string{"config", "config2"}[i]
		e.Name(as, resolve(e.Session(), config.members["id"].text))
		for _, name := range []string{"name", "cpu", "memory"} {
			e.Name(as+"."+name, config.members[name].text)
		}
	}
}

// preparations are what cases share: they leave it as it is, or change it in turn.
func (d dialect) preparations() map[string]Preparation {
	all := map[string]Preparation{
		"volume":   {Steps: d.make("volumes", "volume", "${run} shared volume")},
		"net":      {Steps: d.make("networks", "net", "${run} shared network")},
		"key":      {Steps: d.make("credentials", "key", "${run}-shared-key")},
		"template": {Steps: d.make("machineTemplates", "template", "${run} shared template")},
		"wire":     d.wire(),
		"machine":  {Steps: d.newMachine("machine", "${run} shared", text("description", "made by ${run}"), props([2]string{"run", "${run}"}))},
		"studio":   {Steps: d.newMachine("studio", "${run} studio")}, // images are taken of it
	}
	// What cases change in turn: the machine that they take through states, that
	// which they connect a volume to, and the volume. One for each format, to be quicker.
	for _, format := range []string{"json", "xml"} {
		for _, machine := range []string{"moved-" + format, "carrier-" + format} {
			all[machine] = Preparation{Steps: d.newMachine(machine, "${run} "+machine)}
		}
		all["cargo-"+format] = Preparation{Steps: d.make("volumes", "cargo-"+format, "${run} cargo "+format)}
	}
	for _, m := range d.made() {
		all["sample-"+m.collection], all["subject-"+m.collection] = m.sample(d), m.subject(d)
	}
	return all
}

// newMachine makes a machine, and waits until it runs; `as` is its name in the case.
func (d dialect) newMachine(as, title string, more ...member) []Step {
	return d.runs(as, d.machine(title, more...))
}

// runs makes a machine of a document, and waits until it runs.
func (d dialect) runs(as, document string) []Step {
	return []Step{
		d.post("${machines.add}", document, Status(201, 202), Header("Location", `.`)).Making(as),
		d.look(as, at("state", "STARTED"), offers("stop")).Eventually(),
	}
}

// machine is the document that makes a machine of the least configuration.
func (d dialect) machine(title string, more ...member) string {
	return d.machineOf(title, more, ref("machineConfig", "${config}"), ref("machineImage", "${image}"))
}

// machineOf is the document that makes a machine of a template by value.
func (d dialect) machineOf(title string, more []member, template ...member) string {
	return d.document("MachineCreate", slices.Concat([]member{text("name", title)}, more, []member{object("machineTemplate", append(template, plugged)...)})...)
}

// plugged is the network of a machine, if it has to be said.
var plugged = member{"", written("wire")}

// created gives the URL of what a request made.
func created(x *Exchange) []string {
	place := x.Header.Get("Location")
	if x.Request.Method != http.MethodPost || x.Status != http.StatusCreated && x.Status != http.StatusAccepted || place == "" {
		return nil
	}
	return []string{place}
}
