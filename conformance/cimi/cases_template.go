package cimi

import (
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Templates by reference: what overrides them, and what erases (DSP0263 4.2.1.1).

func templateCases(d dialect) []Case {
	needs := append(slices.Clone(parts), "machineTemplates.add")
	// that is a case with a template, ${t}, of the image and the configuration and more.
	that := func(id string, level Level, clause, title string, template []member, steps ...Step) Case {
		all := append([]member{text("name", "${run} template "+id+" "+d.format), text("description", "of the template"), props([2]string{"from", "template"}), ref("machineConfig", "${config}"), ref("machineImage", "${image}")}, template...)
		begin := []Step{d.post("${machineTemplates.add}", d.document("MachineTemplate", all...), Status(201, 202), Header("Location", `.`)).Making("t")}
		return That("templates."+id, level, clause, title, append(begin, steps...)...).Needing(needs...)
	}
	// of is the document that makes a machine of the template, with what overrides it.
	of := func(name string, overrides ...member) string {
		return d.machineOf(name, nil, append([]member{{"href", "${t}"}}, overrides...)...)
	}
	same := d.get("${t}", Status(200), refers("machineConfig", "${config}"), refers("machineImage", "${image}"))
	cases := []Case{
		that("reference", Must, "DSP0263 4.2.1.1", "a machine is made of a template by reference", nil, append(d.runs("vm", of("${run} of template")),
			d.get("${vm}", Status(200), d.typed("Machine"), at("name", "${run} of template"), at("cpu", "${config.cpu}"), at("memory", "${config.memory}")), same)...),
		that("own", Must, "DSP0263 4.2.1.1", "name, description and properties of the machine are those of the creation, not the template's", nil, append(
			d.runs("vm", d.document("MachineCreate", text("name", "${run} own"), text("description", "its own"), props([2]string{"own", "yes"}), object("machineTemplate", member{"href", "${t}"}, plugged))),
			d.get("${vm}", at("name", "${run} own"), at("description", "its own"), at("properties.own", "yes")), same)...),
		that("override", Must, "DSP0263 4.2.1.1", "an attribute beside the reference overrides the template's, for this machine", nil, append(d.runs("vm", of("${run} override", ref("machineConfig", "${config2}"))),
			d.get("${vm}", at("cpu", "${config2.cpu}"), at("memory", "${config2.memory}")), same)...).Needing(append(needs, "config2")...),
		that("override.refused", Must, "DSP0263 4.2.1.1, 5.3", "an override that no template has is refused", nil, d.post("${machines.add}", of("${run} override", number("wheels", 4)), d.refused(400)...)),
		that("erase", Must, "DSP0263 4.2.1.1", "an empty attribute beside the reference erases the template's, for this machine", nil,
			d.post("${machines.add}", of("${run} erase", erased("machineImage")), d.refused(400)...),
			d.get("${machines}?$filter=name='${run}%20erase'", Status(200), counts(0)), same),
		that("erase.optional", Must, "DSP0263 4.2.1.1", "what a template need not have can be erased", []member{text("userData", "aGVsbG8=")},
			append(d.runs("vm", of("${run} erase optional", erased("userData"))), d.get("${t}", Status(200), has("userData")))...),
		that("incomplete", Must, "DSP0263 4.2.1.1", "a template that lacks something is made whole by what is beside the reference", nil, slices.Concat([]Step{
			d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} half"), ref("machineImage", "${image}")), Status(201, 202)).Making("half")},
			d.runs("vm", d.machineOf("${run} whole", nil, member{"href", "${half}"}, ref("machineConfig", "${config}"))),
			[]Step{d.get("${vm}", at("cpu", "${config.cpu}")), d.get("${half}", lacks("machineConfig"))})...),
		that("transient", Must, "DSP0263 4.2.1.1", "a template by value is not in the collection of templates", nil,
			append(d.newMachine("vm", "${run} transient"), d.get("${machineTemplates}?$filter=name='${run}%20transient'", Status(200), counts(0)))...),
		that("expand", Must, "DSP0263 4.1.6.4", "what a template refers to can be filled in", nil,
			d.get("${t}?$expand=machineConfig", Status(200), at("machineConfig.name", "${config.name}"), at("machineConfig.cpu", "${config.cpu}"), refers("machineConfig", "${config}"), lacks("machineImage.name"))),
		that("update", Must, "DSP0263 4.2.1.3", "a template that was changed makes other machines", nil, slices.Concat([]Step{
			d.look("t"),
			d.put("${t.edit}?$select=machineConfig", d.document("MachineTemplate", ref("machineConfig", "${config2}")), done),
			d.get("${t}", refers("machineConfig", "${config2}")).Eventually()},
			d.runs("vm", of("${run} changed")), []Step{d.get("${vm}", at("cpu", "${config2.cpu}"), at("memory", "${config2.memory}"))})...).Needing(append(needs, "config2")...),
		that("state", Must, "DSP0263 5.14.3, table 19", "a template for a state that no machine has is refused, or makes none", nil,
			d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} flying"), text("initialState", "FLYING"), ref("machineImage", "${image}")), d.refused(400)...)),
		that("override.race", Must, "DSP0263 4.2.1.1", "machines that are made of a template at the same time have each its own overrides", nil,
			d.post("${machines.add}", of("${run} race 1"), Status(201, 202)).Making("vm").While(d.post("${machines.add}", of("${run} race 2", ref("machineConfig", "${config2}")), Status(201, 202)).Making("vm2")),
			d.get("${vm}", Status(200), at("name", "${run} race 1"), at("memory", "${config.memory}")).Eventually(), d.get("${vm2}", Status(200), at("name", "${run} race 2"), at("memory", "${config2.memory}")).Eventually(),
			same).Needing(append(needs, "config2")...),
		that("update.race", DeFacto, "safety", "two updates at the same time are both kept: neither takes the other back", nil,
			d.put("${t}?$select=description", d.document("MachineTemplate", text("description", "changed")), done).While(d.put("${t}?$select=properties", d.document("MachineTemplate", props([2]string{"from", "race"})), done)),
			d.get("${t}", Status(200), at("description", "changed"), at("properties.from", "race")).Eventually()),
		that("gone", Must, "DSP0263 4.2.2", "a template that was deleted makes no machine", nil, d.del("${t}", done), d.post("${machines.add}", of("${run} late"), d.refused(400, 404)...)),
		that("tenants", Must, "DSP0263 6", "another tenant makes nothing of a template", nil, d.post("${machines.add}", of("${run} stolen"), d.refused(400, 404)...).By(Other)),
		that("plain", DeFacto, "Deltacloud's tests", "a template may be made by a document of its own type, or of its Create", nil,
			d.post("${machineTemplates.add}", d.document("MachineTemplateCreate", text("name", "${run} create"), ref("machineConfig", "${config}"), ref("machineImage", "${image}")), Status(201)).Making("created"),
			d.get("${created}", Status(200), d.typed("MachineTemplate"), at("name", "${run} create"))),
		That("templates.config", Must, "DSP0263 5.14.5", "a machine is made of a configuration of the consumer's own", slices.Concat(
			d.make("machineConfigs", "c", "${run} own config "+d.format),
			d.runs("vm", d.machineOf("${run} own config", nil, ref("machineConfig", "${c}"), ref("machineImage", "${image}"))),
			[]Step{d.get("${vm}", at("cpu", "${config.cpu}"), at("memory", "${config.memory}"))})...).Needing(append(slices.Clone(parts), "machineConfigs.add", "config.cpu")...),
		That("templates.config.impossible", Must, "DSP0263 4.2.2", "a configuration that no machine can have is refused, at the latest when a machine is made of it",
			d.post("${machines.add}", d.machineOf("${run} impossible", nil, object("machineConfig", number("cpu", 100000), number("memory", 1)), ref("machineImage", "${image}")), d.refused(400, 403, 409)...)).Needing(parts...),
		That("templates.elsewhere", Must, "DSP0263 5.3", "a template may be of what there is: what refers elsewhere is refused",
			d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} elsewhere"), ref("machineImage", "http://192.0.2.1/images/1")), d.refused(400, 404)...)).Needing("machineTemplates.add"),
	}
	return append(cases, credentialTemplates(d)...)
}

func credentialTemplates(d dialect) []Case {
	needs := []string{"credentials.add", "credentialTemplates.add"}
	of := func(members ...member) Step {
		return d.post("${credentialTemplates.add}", d.document("CredentialTemplate", append([]member{text("name", "${run} login")}, members...)...), keepsSecrets, Status(201, 202)).Making("t")
	}
	make := func(name string, overrides ...member) Step {
		return d.post("${credentials.add}", d.document("CredentialCreate", text("name", name+"-"+d.format), object("credentialTemplate", append([]member{{"href", "${t}"}}, overrides...)...)), Status(201, 202)).Making("c")
	}
	return []Case{
		That("templates.credential", Must, "DSP0263 5.14.11", "a credential is made of a template", of(text("key", publicKey)), make("${run}-of-template"),
			d.get("${c}", Status(200), d.typed("Credential"), at("name", "${run}-of-template-"+d.format))).Needing(needs...),
		That("templates.credential.override", Must, "DSP0263 4.2.1.1", "a user name beside the reference overrides the template's", of(text("userName", "first"), text("password", "geheim-${run}")), make("${run}-override", text("userName", "second")),
			d.get("${c}", Status(200), userName("second")), d.get("${t}", Status(200), userName("first"))).Needing(needs...),
		That("templates.credential.secret", DeFacto, "safety", "a template never shows its password", of(text("userName", "first"), text("password", "geheim-${run}")),
			d.get("${t}", Status(200), SaysNot("geheim-${run}")), d.get("${credentialTemplates}", Status(200), SaysNot("geheim-${run}")), d.get("${t}?$select=password", Status(200), SaysNot("geheim-${run}"))).Needing(needs...),
	}
}
