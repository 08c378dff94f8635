package cimi

import (
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// What clients of record send, byte for byte: they are of version 1, and write XML whichever format they read.

// clientCases are whole workflows of clients.
func clientCases(d dialect) []Case {
	const namespace = "http://schemas.dmtf.org/cimi/1"
	send := func(target, body string, want ...Check) Step {
		return Step{Do: "POST " + target, Accept: d.media(), Type: "application/xml", Body: body, Want: want}
	}
	// The tests of Deltacloud write http:// twice, after a blank.
	act := func(name, state string) []Step {
		return []Step{
			d.get("${vm}", Status(200)).Reading(operation("href", name)),
			send("${href}", `<Action xmlns="`+namespace+`"><action> http://`+namespace+`/action/`+name+`</action></Action>`, Status(202)),
			d.get("${vm}", Status(200), at("state", state)).Eventually(),
		}
	}
	create := func(name, xmlns, content string) []Step {
		return []Step{
			d.get("${cep}", Status(200)), d.get("${machines}", Status(200)),
			send("${machines.add}", `<MachineCreate`+xmlns+`><name>${run} `+name+`</name><description>Created by a client</description>`+content+`</MachineCreate>`,
				Status(201), Header("Location", `^https?://`), Media(d.media()), has("id")).Making("vm"),
			d.get("${vm}", Status(200), at("state", "STARTED"), offers("stop"), offers("restart")).Eventually(),
		}
	}
	const xmlns = ` xmlns="` + namespace + `"`
	const byValue = `<machineTemplate><machineConfig href="${config}"/><machineImage href="${image}"/></machineTemplate>`
	parts := []string{"machines.add", "config", "image"}
	return d.in(1,
		That("clients.deltacloud.entry", DeFacto, "Deltacloud's tests, cep", "the entry is open, in a format of the server's choice",
			Get("${cep}", Status(200), Header("Content-Type", `^application/(json|xml)`)).By(Nobody).Accepting("*/*")),
		That("clients.deltacloud.machine", DeFacto, "Deltacloud's tests, part 2 and 5", "the life of a machine", slices.Concat(
			create("plugfest", xmlns, byValue), act("stop", "STOPPED"), []Step{d.get("${vm}", offers("start"), offers("delete"))}, act("start", "STARTED"), act("stop", "STOPPED"), []Step{
				d.get("${vm}").Reading(operation("delete", "delete")), d.del("${delete}", Status(200)), d.get("${vm}", Status(404)).Eventually()})...).Needing(parts...),
		That("clients.deltacloud.place", DeFacto, "Deltacloud's tests, part 5; its web client", "machines are beside the Cloud Entry Point, which has that name", append(create("beside", xmlns, byValue),
			d.get("${cep}", Status(200)).Finding("base", `(?:"id":"|<id>)([^"<]*/)cloudEntryPoint["<]`), d.get("${vm}", like("id", `^${base}machines/[^/]+$`)))...).Needing(parts...),
		That("clients.deltacloud.template", DeFacto, "Deltacloud's tests, part 3", "a machine of a template", append([]Step{
			send("${machineTemplates.add}", `<MachineTemplate`+xmlns+` resourceURI="`+namespace+`/MachineTemplate"><name>${run} template</name><description>of a client</description>`+
				`<property key="foo">bar</property><machineConfig href="${config}"/><machineImage href="${image}"/></MachineTemplate>`, Status(201, 202), Header("Location", `^https?://`)).Making("t"),
			d.get("${t}", Status(200), at("name", "${run} template"), at("properties.foo", "bar"), refers("machineConfig", "${config}"), refers("machineImage", "${image}")),
			d.get("${machineTemplates}", lists("${t}"))},
			create("of a template", xmlns, `<machineTemplate href="${t}"/>`)...)...).Needing(append([]string{"machineTemplates.add"}, parts...)...),
		That("clients.deltacloud.restart", DeFacto, "Deltacloud's tests, machex 2", "a machine made without a namespace is restarted", append(create("restart", "", byValue), act("restart", "STARTED")...)...).Needing(parts...),
		That("clients.deltacloud.image", DeFacto, "Deltacloud's tests, machex 1", "an image of a machine, with a lower-case root, no namespace and blanks", append(create("capture", "", byValue),
			send("${machineImages.add}", `<machineImageCreate><name>${run} image</name><description>of a client</description><type> IMAGE </type><imageLocation> ${vm} </imageLocation></machineImageCreate>`,
				Status(201, 202), Header("Location", `^https?://`)).Making("i"),
			d.get("${i}", Status(200), at("name", "${run} image"), at("type", "IMAGE"), like("state", `\S`)), d.del("${i}", Status(200)))...).Needing(append([]string{"machineImages.add"}, parts...)...),
		That("clients.deltacloud.volume", DeFacto, "Deltacloud's tests, part 4", "volumes by value, in JSON without a type and in XML with blanks; one is attached and detached", slices.Concat([]Step{
			{Do: "POST ${volumes.add}", Accept: d.media(), Type: "application/json", Made: "v", Want: []Check{Status(201, 202), Header("Location", `^https?://`)},
				Body: `{"name": "${run} json", "description": "of a client", "volumeTemplate": {"volumeConfig": {"type": "` + namespace + `/mapped", "capacity": 1024}}}`},
			d.get("${v}", Status(200), at("name", "${run} json"), at("state", "AVAILABLE"), offers("delete")).Eventually(), d.del("${v}", Status(200)),
			send("${volumes.add}", `<VolumeCreate`+xmlns+`><name>${run} xml</name><description>of a client</description><volumeTemplate><volumeConfig><type>`+namespace+`/mapped</type><capacity> 1024 </capacity></volumeConfig></volumeTemplate></VolumeCreate>`,
				Status(201, 202), Header("Location", `^https?://`)).Making("v"),
			d.get("${v}", Status(200), at("state", "AVAILABLE")).Eventually()},
			create("with a volume", xmlns, byValue), []Step{
				d.get("${vm}").Reading(value("attached", "volumes.href")), d.get("${attached}", Status(200)).Reading(operation("href", "add")),
				send("${href}", `<MachineVolume`+xmlns+`><initialLocation>/dev/sdf</initialLocation><volume href="${v}"/></MachineVolume>`, Status(201, 202), Header("Location", `^https?://`)).Making("disk"),
				d.get("${disk}", Status(200), like("operations.0.rel", `delete$`)).Eventually(), d.del("${disk}", Status(200)).Eventually(), d.get("${disk}", Status(404)).Eventually()})...).Needing(append([]string{"volumes.add"}, parts...)...),
		That("clients.curl", DeFacto, "curl recipes", "JSON written by hand, without a type, with any Accept", Step{Do: "POST ${machines.add}", Accept: "*/*", Type: "application/json", Made: "vm", Want: []Check{Status(201), Header("Location", `^https?://`)},
			Body: `{"name": "${run} curl ` + d.format + `", "machineTemplate": {"machineConfig": {"href": "${config}"}, "machineImage": {"href": "${image}"}}}`},
			d.get("${machines}?$filter=name='${run}%20curl%20"+d.format+"'", Status(200), counts(1), lists("${vm}")),
			d.get("${vm}?$select=name,state", Status(200), at("name", "${run} curl "+d.format), lacks("cpu")),
			Del("${vm}", Status(200)).Accepting("*/*"), d.get("${vm}", Status(404)).Eventually()).Needing(parts...),
	)
}
