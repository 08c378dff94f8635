package cimi

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	. "github.com/occimi/occimi/conformance/suite"
)

// specification is what CIMI-Specification-Version says, by version.
var specification = map[int]string{1: "1.0.1", 2: "2.0.0"}

// entry is the case that the others begin with.
func (d dialect) entry() Case {
	return Case{ID: "entry", Level: Must, Clause: "DSP0263 5.12", Title: fmt.Sprintf("the Cloud Entry Point of version %d is at the given URL and can be read", d.version)}
}

// explore asks the Cloud Entry Point. Every collection is a name, whose value is
// its URL, and with .add where something is added to it.
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
	for name, m := range doc.members {
		if href := m.members["href"].text; href != "" {
			e.Name(name, resolve(e.Session(), href))
		}
	}
	for _, name := range []string{"machines", "machineImages", "credentials", "volumes", "networks", "systems", "machineTemplates", "volumeTemplates", "volumeConfigs", "volumeImages"} {
		if e.Value(name) == "" {
			continue
		}
		if x, err := e.Send(d.get("${"+name+"}", Status(http.StatusOK))); err == nil {
			if c, err := read(x); err == nil && c.operation("add") != "" {
				e.Name(name+".add", resolve(e.Session(), c.operation("add")))
			}
		}
	}
	d.machineParts(e)
	return nil
}

// machineParts finds the image and the configuration that machines are made of:
// the first image that is available, and the configurations of least memory.
func (d dialect) machineParts(e *Explorer) {
	list := func(name string) []node {
		if e.Value(name) == "" {
			return nil
		}
		x, err := e.Send(d.get("${"+name+"}", Status(http.StatusOK)))
		if err != nil {
			return nil
		}
		c, err := read(x)
		if err != nil {
			return nil
		}
		return c.entries()
	}
	for _, image := range list("machineImages") {
		if state := image.members["state"].text; state == "" || state == "AVAILABLE" {
			e.Name("image", resolve(e.Session(), image.members["id"].text))
			break
		}
	}
	configs := list("machineConfigs")
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

// preparations are what cases share and leave as it is.
func (d dialect) preparations() map[string]Preparation {
	return map[string]Preparation{
		"machine": {
			Steps: append(d.newMachine("machine", "${run} shared", text("description", "made by ${run}"), props([2]string{"run", "${run}"})),
				d.get("${machine}", Status(200)).Reading(value("machine.name", "name"))),
		},
	}
}

// newMachine makes a machine, and waits until it runs; `as` is its name in the case.
func (d dialect) newMachine(as, title string, more ...member) []Step {
	return []Step{
		d.post("${machines.add}", d.machine(title, more...), Status(201, 202), Header("Location", `.`)).Making(as),
		d.get("${"+as+"}", Status(200), at("state", "STARTED"), offers("stop")).Eventually(),
	}
}

// machine is the document that makes a machine by value.
func (d dialect) machine(title string, more ...member) string {
	members := append([]member{text("name", title)}, more...)
	return d.document("MachineCreate", append(members, object("machineTemplate", ref("machineConfig", "${config}"), ref("machineImage", "${image}")))...)
}

// created gives the URL of what a request made.
func created(x *Exchange) []string {
	place := x.Header.Get("Location")
	if x.Request.Method != http.MethodPost || x.Status != http.StatusCreated && x.Status != http.StatusAccepted || place == "" {
		return nil
	}
	return []string{place}
}
