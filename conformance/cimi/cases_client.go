package cimi

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// What clients do from end to end: the primer's and the tutorial's examples, and
// what the Deltacloud client's tests send.

func clientCases(d dialect) []Case {
	return slices.Concat(d.primer(), d.in(1, d.deltacloud()...))
}

func (d dialect) primer() []Case {
	name := func(id string) string { return "${run} " + id + " " + d.format }
	that := func(id, title string, needs []string, steps ...Step) Case {
		return That("primer."+id, Must, "CIMI primer; DSP0263 4.2.1", title, steps...).Needing(append(slices.Clone(parts), needs...)...)
	}
	// find follows the Cloud Entry Point to a collection, and takes its first item.
	find := func(collection, as string) []Step {
		return []Step{d.get("${cep}", Status(200)).Reading(value("found."+collection, collection+".href")),
			d.get("${found."+collection+"}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil {
					return nil, err
				}
				if len(doc.entries()) == 0 {
					return nil, NotOfferedError{What: "an item of " + collection}
				}
				return []Step{d.get(resolve(x.Session(), doc.entries()[0].members["id"].text), Status(200)).Reading(value(as, "id"))}, nil
			})}
	}
	login := d.post("${credentials.add}", d.document("CredentialCreate", text("name", "${run}-primer-"+d.format), object("credentialTemplate", text("userName", "JoeSmith"), text("password", "letmein-${run}"))), keepsSecrets, Status(201, 202), Header("Location", `.`)).Making("credential")
	stop := []Step{d.act("vm", "stop", done), d.look("vm", at("state", "STOPPED")).Eventually()}
	start := []Step{d.act("vm", "start", done), d.look("vm", at("state", "STARTED")).Eventually()}
	return []Case{
		that("machine", "from the Cloud Entry Point to a machine that runs, is stopped, renamed and deleted", []string{"credentials.add"}, slices.Concat(
			find("machineImages", "chosen.image"), []Step{login},
			d.runs("vm", d.machineOf(name("primer"), []member{text("description", "My first machine")}, ref("machineConfig", "${config}"), ref("machineImage", "${image}"), ref("credential", "${credential}"))),
			[]Step{d.get("${vm}", at("name", name("primer")), at("description", "My first machine"), has("cpu"), has("memory"))}, stop, start, []Step{
				d.put("${vm.edit}?$select=name,description", d.document("Machine", text("name", name("renamed"))), done),
				d.get("${vm}", at("name", name("renamed")), lacks("description")).Eventually(),
				d.del("${vm.delete}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.del("${credential}", done)})...),
		that("template", "a template is made, and two machines of it", []string{"machineTemplates.add"}, slices.Concat([]Step{
			d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", name("t")), ref("machineConfig", "${config}"), ref("machineImage", "${image}")), Status(201, 202)).Making("t")},
			d.runs("vm", d.machineOf(name("one"), nil, member{"href", "${t}"})), d.runs("vm2", d.machineOf(name("two"), nil, member{"href", "${t}"})),
			[]Step{d.get("${machines}?$filter=name='${run}%20one%20"+d.format+"'%20or%20name='${run}%20two%20"+d.format+"'", Status(200), counts(2), lists("${vm}"), lists("${vm2}"))})...),
		that("volume", "a machine and a volume are made, and the volume is connected", []string{"volumes.add", "can.Volume.VolumeConfigByValue"}, slices.Concat(
			d.newMachine("vm", name("with volume")), d.make("volumes", "v", name("data")),
			d.connect(), []Step{d.get("${vm.volumes}", Status(200), counts(1)).Eventually()}, d.disconnect(), []Step{d.get("${vm.volumes}", Status(200), counts(0)).Eventually()})...),
		that("capture", "a machine is captured, and another made of the image", []string{"machineImages.add"}, slices.Concat(
			d.newMachine("vm", name("original")), stop, []Step{
				d.post("${machineImages.add}", d.document("MachineImage", text("name", name("image")), text("type", "IMAGE"), text("imageLocation", "${vm}")), Status(201, 202)).Making("i"),
				d.get("${i}", Status(200), at("state", "AVAILABLE")).Eventually()},
			d.runs("copy", d.machineOf(name("clone"), nil, ref("machineConfig", "${config}"), ref("machineImage", "${i}"))))...),
		that("watch", "a machine is watched by its Job", []string{"jobs"},
			d.post("${machines.add}", d.machine(name("watched")), Status(201, 202), Header("CIMI-Job-URI", `.`)).Making("vm").FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}?$select=state,progress", Status(200), onlyHas("state", "progress"), at("state", "SUCCESS")).Eventually(), d.get("${vm}", Status(200), like("state", `^(STARTED|STOPPED)$`))),
		that("inventory", "everything of a tenant is read with one request", nil,
			d.get("${cep}?$expand=machines,machineConfigs", Status(200), has("machines.count"), has("machineConfigs.count"), refers("machines", "${machines}"))),
	}
}

// deltacloud is what the tests of the Deltacloud client send and need back:
// exact codes, XML without a namespace, blanks, and broken action URIs.
func (d dialect) deltacloud() []Case {
	that := func(id, title string, steps ...Step) Case {
		return That("deltacloud."+id, DeFacto, "Deltacloud's tests", title, steps...)
	}
	xml := func(target, body string, want ...Check) Step {
		return Step{Do: "POST " + target, Accept: d.media(), Type: "application/xml", Body: body, Want: want}
	}
	const ns = ` xmlns="http://schemas.dmtf.org/cimi/1"`
	create := func(name, root string) Step {
		return xml("${machines.add}", `<MachineCreate`+root+`><name>`+name+`</name><description>Machine created for CIMI tests</description><machineTemplate><machineConfig href="${config}"/><machineImage href="${image}"/>${wire.xml}</machineTemplate></MachineCreate>`,
			Status(201, 202), Header("Location", `^https?://`)).Making("vm")
	}
	started := d.get("${vm}", Status(200), at("state", "STARTED")).Eventually()
	act := func(name string) []Step {
		return []Step{d.get("${vm}").Reading(lastMatching("href", name)), xml("${href}", `<Action`+ns+`><action> http://http://schemas.dmtf.org/cimi/1/action/`+name+`</action></Action>`, Status(202))}
	}
	return []Case{
		that("entry", "the Cloud Entry Point is open, has a name and a baseURI with a slash", Get("${cep}", Status(200), Header("Content-Type", `^application/(json|xml)`)).Accepting("*/*").By(Nobody),
			d.get("${cep}", has("name"), like("baseURI", `/$`))),
		that("place", "machines are where the Cloud Entry Point would be", d.get("${cep}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
			return []Step{d.get("${machine}", Status(200), like("id", `^${baseURI}machines/`))}, nil
		})),
		that("machine", "a machine is made, stopped, started and deleted, each with the code that is expected", slices.Concat(
			[]Step{create("${run} deltacloud "+d.format, ns), started, d.get("${vm}", like("name", `\S`), like("cpu", `^\d+$`), like("memory", `^\d+$`), has("disks"), has("volumes"), offers("restart"), offers("stop"), offers("capture"))},
			act("stop"), []Step{d.get("${vm}", at("state", "STOPPED"), offers("start"), offers("delete"), offers("capture")).Eventually()},
			act("start"), []Step{started}, act("stop"), []Step{d.get("${vm}", at("state", "STOPPED")).Eventually(), d.get("${vm}").Reading(lastMatching("delete", "delete")), Del("${delete}", Status(200))})...).Needing(parts...),
		that("namespace", "XML need not say its namespace", create("${run} no namespace "+d.format, ""), started).Needing(parts...),
		that("body", "the answer to a creation is the machine, with an id", create("${run} body "+d.format, ns), d.post("${machines.add}", d.machine("${run} body 2"), Status(201), d.typed("Machine"), has("id"))).Needing(parts...),
		that("restart", "a machine is restarted", slices.Concat([]Step{create("${run} restart "+d.format, ns), started}, act("restart"), []Step{started})...).Needing(parts...),
		that("capture", "a machine is captured by a body of an odd case, with blanks", slices.Concat([]Step{create("${run} captured "+d.format, ns), started, d.get("${vm}", offers("capture")),
			xml("${machineImages.add}", `<machineImageCreate><name>${run} image</name><description>d</description><type> IMAGE </type><imageLocation> ${vm} </imageLocation></machineImageCreate>`, Status(201), Header("Location", `.`), has("id"), at("type", "IMAGE"), like("state", `\S`)).Making("i"),
			d.get("${i}", Status(200)), d.get("${i}").Reading(value("image.id", "id")), Del("${i}", Status(200))})...).Needing(append(slices.Clone(parts), "machineImages.add")...),
		that("template", "a template has its own type as root, with resourceURI", xml("${machineTemplates.add}", `<MachineTemplate`+ns+` resourceURI="http://schemas.dmtf.org/cimi/1/MachineTemplate"><name>${run} template</name><description>d</description><property key="foo">bar</property><machineConfig href="${config}"/><machineImage href="${image}"/></MachineTemplate>`, Status(201, 202), Header("Location", `.`)).Making("t"),
			d.get("${t}", Status(200), at("name", "${run} template"), refers("machineConfig", "${config}"), refers("machineImage", "${image}"), at("properties.foo", "bar"))).Needing("machineTemplates.add", "image", "config"),
		that("volume", "a volume is made by JSON without a type, and deleted with 200", Step{Do: "POST ${volumes.add}", Accept: d.media(), Type: "application/json", Body: `{"name":"${run} volume","description":"d","volumeTemplate":{"volumeConfig":{"type":"http://schemas.dmtf.org/cimi/1/mapped","capacity":1024}}}`, Want: []Check{Status(201, 202), Header("Location", `.`)}}.Making("v"),
			d.get("${v}", Status(200), at("state", "AVAILABLE"), offers("delete")).Eventually(), d.get("${v}").Reading(lastMatching("delete", "delete")), Del("${delete}", Status(200))).Needing("volumes.add"),
		that("volume.at-once", "a volume is deleted with 200 by what the answer to its creation offers", xml("${volumes.add}", `<VolumeCreate`+ns+`><name>${run} at once</name><description>d</description><volumeTemplate><volumeConfig><type>http://schemas.dmtf.org/cimi/1/mapped</type><capacity> 1024 </capacity></volumeConfig></volumeTemplate></VolumeCreate>`, Status(201, 202)).
			Making("v").Reading(lastMatching("delete", "delete")), Del("${delete}", Status(200)), d.get("${v}", Status(404, 410)).Eventually()).Needing("volumes.add"),
		that("config", "a configuration of volumes is made by its Create", xml("${volumeConfigs.add}", `<VolumeConfigurationCreate`+ns+`><name>${run} config</name><description>d</description><format>ext3</format><capacity>1</capacity></VolumeConfigurationCreate>`, Status(201, 202), Header("Location", `.`)).Making("c"),
			d.get("${c}", Status(200), at("capacity", "1"))).Needing("volumeConfigs.add"),
		that("attach", "the only operation of a volume of a machine is to take it away", slices.Concat(d.newMachine("vm", "${run} attach "+d.format), d.make("volumes", "v", "${run} attach "+d.format), []Step{
			d.get("${vm.volumes}", offers("add")).ReadingBelow("its", leads),
			xml("${its.add}", `<MachineVolume`+ns+`><initialLocation>/dev/sdf</initialLocation><volume href="${v}"/></MachineVolume>`, Status(201, 202), Header("Location", `.`)).Making("link"),
			d.get("${link}", Status(200), at("operations.0.rel", "delete")).Eventually(), d.get("${vm.volumes}", counts(1)).Eventually()}, d.disconnect(), []Step{d.get("${vm.volumes}", counts(0)).Eventually()})...).Needing(append(slices.Clone(parts), makingOf("volumes").requires()...)...),
		that("preferred", "an operation that begins like another is not taken for it", d.get("${machine}", Status(200), onDocument("start, if there is one, after restart", func(_ *Exchange, doc document) error {
			last := ""
			for _, op := range doc.members["operations"].items {
				if rel := lastSegment(op.members["rel"].text); rel == "start" || rel == "restart" {
					last = rel
				}
			}
			if last == "restart" && doc.operation("start") != "" {
				return fmt.Errorf("restart comes after start")
			}
			return nil
		}))).Needing("machine"),
		that("metadata", "the metadata of Machine have capabilities and actions", d.get("${resourceMetadata}", Status(200), onDocument("Machine with capabilities and actions", func(_ *Exchange, doc document) error {
			for _, n := range doc.entries() {
				if n.members["name"].text == "Machine" && len(n.members["capabilities"].items) > 0 && len(n.members["actions"].items) > 0 {
					return nil
				}
			}
			return fmt.Errorf("there are none")
		}))).Needing("resourceMetadata"),
	}
}

// lastMatching names the href of the last operation whose rel contains a word, as
// Deltacloud's client looks for it.
func lastMatching(name, word string) func(x *Exchange) (map[string]string, error) {
	return func(x *Exchange) (map[string]string, error) {
		doc, err := read(x)
		if err != nil {
			return nil, err
		}
		href := ""
		for _, op := range doc.members["operations"].items {
			if strings.Contains(strings.ToLower(op.members["rel"].text), word) {
				href = op.members["href"].text
			}
		}
		if href == "" {
			return nil, NotOfferedError{What: "an operation with " + word}
		}
		return map[string]string{name: href}, nil
	}
}
