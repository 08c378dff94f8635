package cimi

import (
	"encoding/hex"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Machines, and the credentials that they are made with.

func machineCases(d dialect) []Case {
	return slices.Concat([]Case{
		That("machines.attributes", Must, "DSP0263 5.14.1", "a machine has the attributes of its configuration",
			d.get("${machine}", Status(200), d.typed("Machine"), at("name", "${run} shared"), at("description", "made by ${run}"), at("properties.run", "${run}"),
				isNumber("cpu"), at("cpu", "${config.cpu}"), isNumber("memory"), at("memory", "${config.memory}"), at("state", "STARTED"), has("disks.href"), has("volumes.href"))),
		That("machines.created", Must, "DSP0263 5.5.2, 5.7.1", "its creation has a time", d.get("${machine}", like("created", `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`))),
		That("machines.disks", Must, "DSP0263 5.14.1.1", "its disks are a collection",
			d.get("${machine}", Status(200)).Reading(value("disks", "disks.href")), d.get("${disks}", Status(200), d.typed("DiskCollection"), counted)),
		That("machines.life", Must, "DSP0263 4.2.1.1, 4.2.1.2, 4.2.1.4", "a machine is made, read, listed and deleted", slices.Concat(
			d.newMachine("vm", "${run} life"), []Step{
				d.get("${vm}", Status(200), d.typed("Machine"), at("id", "${vm}"), at("name", "${run} life")),
				d.get("${machines}", lists("${vm}")),
				d.get("${vm}").Reading(operation("delete", "delete")),
				d.del("${delete}", Status(200, 202, 204)),
				d.get("${vm}", Status(404)).Eventually(),
				d.get("${machines}", listsNot("${vm}")),
			})...).Needing("machines.add", "config", "image"),
		That("machines.create.answer", Must, "DSP0263 4.2.1.1", "a creation is answered with 201 and the place of the machine, or 202",
			d.post("${machines.add}", d.machine("${run} answer"), Status(201, 202), Header("Location", `^https?://`)).Making("vm"),
			d.get("${vm}", Status(200), at("id", "${vm}"))).Needing("config", "image"),
		That("machines.stop-start", Must, "DSP0263 5.14.1.2", "a machine is stopped and started", slices.Concat(
			d.newMachine("vm", "${run} stop"),
			d.act("${vm}", "stop", Status(202, 200, 204)), []Step{d.get("${vm}", at("state", "STOPPED"), offers("start"), offersNot("stop")).Eventually()},
			d.act("${vm}", "start", Status(202, 200, 204)), []Step{d.get("${vm}", at("state", "STARTED"), offers("stop"), offersNot("start")).Eventually()})...).Needing("machines.add", "config", "image"),
		That("machines.update.partial", Must, "DSP0263 4.2.1.3.1", "a partial update changes what it selects, and nothing else", slices.Concat(
			d.newMachine("vm", "${run} partial", text("description", "before")), []Step{
				d.get("${vm}").Reading(operation("edit", "edit")),
				d.put("${edit}?$select=description", d.document("Machine", text("description", "after")), Status(200, 202)),
				d.get("${vm}", at("description", "after"), at("name", "${run} partial")).Eventually(),
			})...).Needing("machines.add", "config", "image"),
		That("machines.refuse.attribute", Must, "DSP0263 5.3", "an attribute that there is not is refused, and nothing is made",
			d.post("${machines.add}", d.document("MachineCreate", text("name", "${run} wheels"), number("wheels", 4), object("machineTemplate", ref("machineConfig", "${config}"), ref("machineImage", "${image}"))), d.refused(400)...),
			d.get("${machines}?$filter=name='${run}%20wheels'", Status(200), counts(0))),
		That("machines.refuse.image", Must, "DSP0263 4.2.1.1", "a machine of an image that there is not is refused",
			d.post("${machines.add}", d.document("MachineCreate", text("name", "${run} no image"), object("machineTemplate", ref("machineConfig", "${config}"), ref("machineImage", "${machineImages}/none-${run}"))), d.refused(400, 404)...)),
	},
		d.in(1, That("machines.parent", Must, "the schema of version 1", "version 1 has no parent", d.get("${machine}", Status(200), lacks("parent")))),
		d.in(2, That("machines.parent", Must, "DSP0263 5.7.1, 5.10.2", "its parent is the Cloud Entry Point", d.get("${machine}", Status(200), refers("parent", "${cep}")))))
}

func credentialCases(d dialect) []Case {
	name := "${run}-" + d.format
	return []Case{
		That("credentials.life", Must, "DSP0263 5.14.9, 4.2.1.1, 4.2.1.4", "a credential is made of a public key, read, listed and deleted",
			d.post("${credentials.add}", d.document("CredentialCreate", text("name", name), object("credentialTemplate", text("key", publicKey))), Status(201, 202), Header("Location", `^https?://`)).Making("key"),
			d.get("${key}", Status(200), d.typed("Credential"), at("name", name)), d.get("${credentials}", lists("${key}")),
			d.get("${key}").Reading(operation("delete", "delete")), d.del("${delete}", Status(200, 202, 204)), d.get("${key}", Status(404)).Eventually()),
		That("credentials.refuse.none", Must, "DSP0263 5.14.9", "a credential of nothing is refused",
			d.post("${credentials.add}", d.document("CredentialCreate", text("name", name+"-none")), d.refused(400)...), d.get("${credentials}/"+name+"-none", Status(404))),
	}
}

// publicKey is a key as byte[] is written (DSP0263 5.5.9).
var publicKey = strings.ToUpper(hex.EncodeToString([]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDDy5MPLfhc7qcMtpP+sgEOardidA41SNwnvX31cnHZk conformance")))
