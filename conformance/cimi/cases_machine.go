package cimi

import (
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Machines as they are read (DSP0263 5.14.1).

func machineCases(d dialect) []Case {
	// resized is a machine of the smaller configuration that is asked to have what the larger has.
	resized := func(id, title, has string, needs ...string) Case {
		return That("machines."+id, Must, "DSP0263 5.14.1, table 16, 5.11", title, slices.Concat(d.newMachine("vm", "${run} "+id), []Step{
			d.put("${vm.edit}?$select=cpu,memory", d.document("Machine", just("cpu", "${config2.cpu}"), just("memory", "${config2.memory}")), done),
			d.get("${vm}", Status(200), at("cpu", "${"+has+".cpu}"), at("memory", "${"+has+".memory}"), like("state", `^(STARTED|STOPPED)$`)).Eventually()})...).
			Needing(slices.Concat(parts, []string{"config2"}, needs)...)
	}
	return slices.Concat([]Case{
		That("machines.snapshot.latest", Must, "DSP0263 5.14.1, table 16", "the latest snapshot of a machine is the one that was taken last", slices.Concat(d.newMachine("vm", "${run} latest"), []Step{
			d.act("vm", "stop", done), d.look("vm", at("state", "STOPPED"), lacks("latestSnapshot")).Eventually(),
			d.post("${vm.snapshot}", d.document("MachineImage", text("name", "${run} latest"), text("type", "SNAPSHOT"), text("imageLocation", "${vm}")), Status(201, 202), Header("Location", `.`)).Making("i"),
			d.get("${i}", Status(200), at("state", "AVAILABLE")).Eventually(), d.get("${vm}", Status(200), refers("latestSnapshot", "${i}"))})...).Needing(append(slices.Clone(parts), "knows.Machine.latestSnapshot")...),
		That("machines.children", Must, "DSP0263 5.10, 5.5.12.4", "what is a part of a machine goes with it", append(d.newMachine("vm", "${run} children"),
			d.get("${vm.disks}", Status(200)), d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.get("${vm.disks}", d.refused(404, 410)...))...).Needing(parts...),
		That("machines.attributes", Must, "DSP0263 5.14.1", "a machine has the attributes of its configuration",
			d.get("${machine}", Status(200), d.typed("Machine"), at("name", "${run} shared"), at("description", "made by ${run}"), at("properties.run", "${run}"),
				isNumber("cpu"), at("cpu", "${config.cpu}"), isNumber("memory"), at("memory", "${config.memory}"), at("state", "STARTED"), has("disks.href"), has("volumes.href"))),
		That("machines.created", Must, "DSP0263 5.5.2, 5.7.1", "its creation has a time", d.get("${machine}", like("created", `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`))),
		That("machines.disks", Must, "DSP0263 5.14.1.1", "its disks are a collection",
			d.get("${machine.disks}", Status(200), d.typed("DiskCollection"), counted)),
		That("machines.create.answer", Must, "DSP0263 4.2.1.1", "a creation is answered with 201 and the place of the machine, or 202",
			d.post("${machines.add}", d.machine("${run} answer"), Status(201, 202), Header("Location", `^https?://`)).Making("vm"),
			d.get("${vm}", Status(200), at("id", "${vm}"))).Needing("config", "image"),
		That("machines.stop-start", Must, "DSP0263 5.14.1.2", "a machine is stopped and started", append(d.running(),
			d.act("vm", "stop", done), d.look("vm", at("state", "STOPPED"), offers("start"), offersNot("stop")).Eventually(),
			d.act("vm", "start", done), d.look("vm", at("state", "STARTED"), offers("stop"), offersNot("start")).Eventually())...).Needing(parts...).InTurn("moved-" + d.format),
		That("machines.refuse.image", Must, "DSP0263 4.2.1.1", "a machine of an image that there is not is refused",
			d.post("${machines.add}", d.machineOf("${run} no image", nil, ref("machineConfig", "${config}"), ref("machineImage", "${machineImages}/none-${run}")), d.refused(400, 404)...)),
	},
		d.in(1, That("machines.parent", Must, "the schema of version 1", "version 1 has no parent", d.get("${machine}", Status(200), lacks("parent")))),
		d.in(2, resized("resize", "processors and memory of a machine are changed, if the metadata say that they can be", "config2", "changes.Machine.cpu", "changes.Machine.memory"),
			That("machines.parent", Must, "DSP0263 5.7.1, 5.10.2", "its parent is the Cloud Entry Point", d.get("${machine}", Status(200), refers("parent", "${cep}")))))
}
