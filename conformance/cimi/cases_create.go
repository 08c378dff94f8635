package cimi

import (
	"encoding/base64"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// What machines are made of, and how it may be said.

// parts are what every machine needs.
var parts = []string{"machines.add", "config", "image"}

func createCases(d dialect) []Case {
	image, config := ref("machineImage", "${image}"), ref("machineConfig", "${config}")
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("create."+id, level, clause, title, steps...).Needing(parts...)
	}
	// refuses is a template that no machine can be made of, and nothing is.
	refuses := func(id string, level Level, clause, title string, codes []int, template ...member) Case {
		name := "${run} refuse " + id
		return that("refuse."+id, level, clause, title,
			d.post("${machines.add}", d.machineOf(name, nil, template...), d.refused(codes...)...),
			d.get("${machines}?$filter=name='${run}%20refuse%20"+id+"'", Status(200), counts(0)))
	}
	shows := func(more ...Check) []Step {
		return []Step{d.get("${vm}", append([]Check{Status(200), d.typed("Machine")}, more...)...).Eventually()}
	}
	made := func(document string) Step {
		return d.post("${machines.add}", document, Status(201, 202), Header("Location", `^https?://`)).Making("vm")
	}
	started := at("state", "STARTED")
	return []Case{
		that("answer.state", Must, "DSP0263 4.2.1.1", "a new machine is in a state of machines, CREATING while it is made",
			made(d.machine("${run} states")), d.get("${vm}", Status(200), like("state", `^(CREATING|STARTING|STARTED|STOPPING|STOPPED)$`)),
			d.get("${vm}", started).Eventually()),
		that("answer.body", Must, "DSP0263 4.2.1.1", "if the answer has the new machine, it is typed and complete",
			made(d.machine("${run} body")), d.post("${machines.add}", d.machine("${run} body 2"), Status(201, 202), ifBody(d.typed("Machine")), ifBody(has("id")), ifBody(like("name", `body 2`)))),
		that("same-name", DeFacto, "Deltacloud's tests; DSP0263 5.7.1", "two machines may have the same name", slices.Concat(
			[]Step{made(d.machine("${run} same " + d.format)), d.post("${machines.add}", d.machine("${run} same "+d.format), Status(201, 202)).Making("second")},
			[]Step{d.get("${machines}?$filter=name='${run}%20same%20"+d.format+"'", Status(200), counts(2), lists("${vm}"), lists("${second}"))})...),
		that("no-name", Should, "DSP0263 5.7.1", "a machine may be made without a name", slices.Concat(
			[]Step{made(d.document("MachineCreate", object("machineTemplate", config, image, plugged)))}, shows(has("id")))...),
		that("odd-name", Must, "DSP0263 5.5.8", "a name is text, whatever is in it", slices.Concat(
			[]Step{made(d.machine("${run} " + oddText))}, shows(at("name", "${run} "+oddText)))...),
		that("properties", Must, "DSP0263 5.1, 5.5.9", "properties may have any key and any text", slices.Concat(
			[]Step{made(d.machine("${run} odd properties", props([2]string{"a/b c:d", oddText}, [2]string{"Ü", "1"}, [2]string{"ü", "2"})))},
			shows(at("properties.a/b c:d", oddText), at("properties.Ü", "1"), at("properties.ü", "2"), pairs(3)))...),
		that("relative", Must, "DSP0263 5.5.10", "hrefs may be relative to baseURI",
			d.get("${config}", Status(200)).Reading(relative("near.config", "id")), d.get("${image}", Status(200)).Reading(relative("near.image", "id")),
			made(d.machineOf("${run} relative", nil, ref("machineConfig", "${near.config}"), ref("machineImage", "${near.image}"))),
			d.get("${vm}", Status(200), at("name", "${run} relative"))),
		that("type.missing", Must, "DSP0263 4.1.4", "the body need not say its type, and XML not its namespace",
			made(d.untyped("MachineCreate", text("name", "${run} untyped"), object("machineTemplate", config, image, plugged))), d.get("${vm}", Status(200), at("name", "${run} untyped"))),
		that("numbers", DeFacto, "Deltacloud's tests", "numbers with blanks around them, as text in JSON, are numbers",
			made(d.machineOf("${run} numbers", nil, image, object("machineConfig", text("cpu", " ${config.cpu} "), text("memory", " ${config.memory}"))))).
			Needing(append(slices.Clone(parts), "can.Machine.MachineConfigByValue")...),
		that("content-type.charset", Must, "RFC 9110 8.3.1", "a Content-Type may have parameters",
			made(d.machine("${run} charset")).Typed(d.media()+"; charset=utf-8"), d.get("${vm}", Status(200))),
		that("content-type.case", Must, "RFC 9110 8.3.1", "media types are the same in any case",
			made(d.machine("${run} case")).Typed("Application/"+strings.ToUpper(d.format)), d.get("${vm}", Status(200))),
		that("config.value", Must, "DSP0263 4.2.1.1, 5.11.1", "a configuration may be given by value", slices.Concat(
			d.runs("vm", d.machineOf("${run} config", nil, image, object("machineConfig", just("cpu", "${config.cpu}"), just("memory", "${config.memory}")))),
			shows(at("cpu", "${config.cpu}"), at("memory", "${config.memory}")))...).Needing(append(slices.Clone(parts), "can.Machine.MachineConfigByValue", "config.cpu")...),
		that("config.refused", Must, "DSP0263 5.11.1", "a configuration by value is refused if the server does not announce that",
			d.post("${machines.add}", d.machineOf("${run} config", nil, image, object("machineConfig", just("cpu", "${config.cpu}"), just("memory", "${config.memory}"))), d.refused(400, 409, 501)...)).
			Needing(append(slices.Clone(parts), "cannot.Machine.MachineConfigByValue")...),
		that("image.refused", Must, "DSP0263 5.11.1", "an image by value is refused if the server does not announce that",
			d.post("${machines.add}", d.machineOf("${run} image", nil, config, object("machineImage", text("type", "IMAGE"), text("imageLocation", "${image}"))), d.refused(400, 409, 501)...)).
			Needing(append(slices.Clone(parts), "cannot.Machine.MachineImageByValue")...),
		that("volumes.refused", Must, "DSP0263 5.11.1", "new volumes by value are refused if the server does not announce that",
			d.post("${machines.add}", d.machineOf("${run} volumes", nil, config, image, listed("volumeTemplates", "volumeTemplate", []member{object("volumeTemplate", object("volumeConfig", number("capacity", 1000000)))})), d.refused(400, 409, 501)...)).
			Needing(append(slices.Clone(parts), "cannot.Machine.MachineVolumeTemplatesByValue")...),
		that("credential.value", Must, "DSP0263 4.2.1.1, 5.11.1", "a credential may be given by value", slices.Concat(
			d.runs("vm", d.machineOf("${run} credential", nil, config, image, object("credential", text("key", publicKey)))), shows(started))...).
			Needing(append(slices.Clone(parts), "can.Machine.MachineCredentialByValue")...),
		that("credential.reference", Must, "DSP0263 5.14.3", "a credential may be given by reference", slices.Concat(
			d.make("credentials", "key", "${run}-for-machine-"+d.format), d.runs("vm", d.machineOf("${run} key", nil, config, image, ref("credential", "${key}"))), shows(started))...).
			Needing(append(slices.Clone(parts), "credentials.add")...),
		that("user-data", Must, "DSP0263 5.14.3", "user data are taken as Base64",
			made(d.machineOf("${run} data", nil, config, image, text("userData", base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho \x00\xff")))))).
			Needing(append(slices.Clone(parts), "can.Machine.UserData")...),
		that("initial-state.default", Must, "DSP0263 5.14.2.1", "a machine comes to the initial state that the metadata announce",
			made(d.machine("${run} default")), d.get("${vm}", Status(200), at("state", "${can.Machine.DefaultInitialState}")).Eventually()).
			Needing(append(slices.Clone(parts), "can.Machine.DefaultInitialState")...),
		that("initial-state.given", Must, "DSP0263 5.14.2.1", "a machine comes to the initial state that its template asks for",
			made(d.machineOf("${run} given", nil, text("initialState", "${can.Machine.DefaultInitialState}"), config, image)),
			d.get("${vm}", Status(200), at("state", "${can.Machine.DefaultInitialState}")).Eventually()).Needing(append(slices.Clone(parts), "can.Machine.DefaultInitialState")...),

		refuses("state", Must, "DSP0263 5.14.2.1", "an initial state that no machine has is refused", []int{400}, text("initialState", "FLYING"), config, image),
		refuses("unannounced", Must, "DSP0263 5.11.1, 5.14.2.1", "an initial state that is not announced is refused", []int{400, 409, 501}, text("initialState", "${cannot.Machine.InitialState}"), config, image).
			Needing(append(slices.Clone(parts), "cannot.Machine.InitialState")...),
		refuses("transient", Must, "DSP0263 5.14.3, table 19", "an initial state that does not last is refused", []int{400}, text("initialState", "STARTING"), config, image),
		refuses("no-config", Must, "DSP0263 4.2.2", "a machine of no configuration is refused", []int{400}, image),
		refuses("no-image", Must, "DSP0263 4.2.2", "a machine of no image is refused", []int{400}, config),
		refuses("config", Must, "DSP0263 4.2.2", "a machine of a configuration that there is not is refused", []int{400, 404}, ref("machineConfig", "${machineConfigs}/none-${run}"), image),
		refuses("config-of-image", Must, "DSP0263 4.2.2", "an image is no configuration", []int{400, 404}, ref("machineConfig", "${image}"), image),
		refuses("image-of-config", Must, "DSP0263 4.2.2", "a configuration is no image", []int{400, 404}, config, ref("machineImage", "${config}")),
		refuses("credential", Must, "DSP0263 4.2.2", "a machine with a credential that there is not is refused", []int{400, 404}, config, image, ref("credential", "${credentials}/none-${run}")),
		refuses("volume", Must, "DSP0263 4.2.2", "a machine with a volume that there is not is refused", []int{400, 404}, config, image,
			listed("volumes", "volume", d.located("${volumes}/none-${run}", "/dev/vdb"))),
		refuses("user-data", Must, "DSP0263 5.14.3", "user data that are not Base64 are refused", []int{400}, config, image, text("userData", "§$%")),
		refuses("elsewhere", DeFacto, "safety", "an href of another host is refused", []int{400, 404}, config, ref("machineImage", "http://192.0.2.1/machineImages/1")),
		refuses("nested", Must, "DSP0263 5.3", "an attribute that no template has is refused", []int{400}, config, image, number("wheels", 4)),
		refuses("deep", Must, "DSP0263 5.3", "an attribute that no configuration has is refused", []int{400}, image, object("machineConfig", just("cpu", "${config.cpu}"), just("memory", "${config.memory}"), number("wheels", 4))),
		refuses("template", Must, "DSP0263 4.2.2", "a template that there is not is refused", []int{400, 404}, member{"href", "${machines}/none-${run}"}, config, image),
		that("refuse.none", Must, "DSP0263 5.14.2.1", "a machine of no template is refused", d.post("${machines.add}", d.document("MachineCreate", text("name", "${run} none")), d.refused(400)...)),
		that("refuse.type", Must, "DSP0263 4.1.4", "a body that says to be of another type is refused",
			d.post("${machines.add}", d.document("VolumeCreate", text("name", "${run} type"), object("machineTemplate", config, image)), d.refused(400)...)),
		that("refuse.version", DeFacto, "what is served in several versions", "a body of the other version is refused, or taken as what it says",
			d.post("${machines.add}", dialect{3 - d.version, d.format}.document("MachineCreate", text("name", "${run} version"), number("wheels", 3)), d.refused(400)...)),
		that("refuse.flying", Must, "DSP0263 5.5", "text where there is to be an integer is refused",
			d.post("${machines.add}", d.machineOf("${run} text", nil, image, object("machineConfig", text("cpu", "two"), just("memory", "${config.memory}"))), d.refused(400)...)),
		that("refuse.object", Must, "DSP0263 5.5", "an object where there is to be text is refused",
			d.post("${machines.add}", d.machineOf("${run} object", []member{object("description", text("a", "b"))}, config, image), d.refused(400)...)),
	}
}

// located is a volume of a machine, with where it is: version 2 has it in a structure.
func (d dialect) located(href, location string) []member {
	if d.version == 1 {
		return []member{text("initialLocation", location), {"href", href}}
	}
	return []member{text("initialLocation", location), ref("volume", href)}
}

// ifBody checks the body of an answer that need not have one.
func ifBody(c Check) Check {
	return Check{Expect: "if there is a body: " + c.Expect, Holds: func(x *Exchange) error {
		if x.Body == "" {
			return nil
		}
		return c.Holds(x)
	}}
}
