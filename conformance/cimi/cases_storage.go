package cimi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Volumes and what is taken of them (DSP0263 5.15), volumes and disks of
// machines (5.14.1.1), and images of machines (5.14.7).

func storageCases(d dialect) []Case {
	return slices.Concat(d.volumes(), d.attachments(), d.images())
}

func (d dialect) volumes() []Case {
	needs := makingOf("volumes").requires()
	name := func(id string) string { return "${run} " + id + " " + d.format }
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("volumes."+id, level, clause, title, slices.Concat(d.make("volumes", "v", name(id)), steps)...).Needing(needs...)
	}
	refuses := func(id, clause, title string, template ...member) Case {
		return That("volumes.refuse."+id, Must, clause, title,
			d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("refuse "+id)), object("volumeTemplate", template...)), d.refused(400, 403, 404)...),
			d.get("${volumes}?$filter=name='${run}%20refuse%20"+id+"%20"+d.format+"'", Status(200), counts(0))).Needing(needs...)
	}
	image := d.post("${volumeImages.add}", d.document("VolumeImage", text("name", "${run} taken"), text("imageLocation", "${v}")), Status(201, 202), Header("Location", `.`)).Making("i")
	taken := d.get("${i}", Status(200), d.typed("VolumeImage"), at("state", "AVAILABLE")).Eventually()
	withImages := append(slices.Clone(needs), "volumeImages.add")
	return []Case{
		that("attributes", Must, "DSP0263 5.15.1, table 26", "a volume has a state, a capacity in kB and its images", d.get("${v}", Status(200), at("state", "AVAILABLE"), isNumber("capacity"), has("images.href"), like("bootable", `^(true|false)$`))),
		that("capacity", Must, "DSP0263 5.15.1, table 26", "a volume is as large as asked for, or a little larger", d.get("${v}", Status(200), capacity(1000000, 1100000))),
		that("type", Must, "DSP0263 5.15.1, table 26", "the type of a volume is a URI", d.get("${v}", Status(200), like("type", `^https?://`))),
		that("states", Must, "DSP0263 5.8, table 26", "every volume is in a state of volumes", d.get("${volumes}", Status(200), every("a state of volumes", func(n node) bool {
			return slices.Contains([]string{"CREATING", "AVAILABLE", "CAPTURING", "RESTORING", "DELETING", "ERROR"}, n.members["state"].text)
		}))),
		that("extend", Must, "DSP0263 5.15.1, table 26", "a volume can be made larger",
			d.put("${v.edit}?$select=capacity", d.document("Volume", number("capacity", 2000000)), done),
			d.get("${v}", Status(200), at("state", "AVAILABLE"), capacity(2000000, 2200000)).Eventually()),
		that("shrink", Should, "DSP0263 5.15.1, table 26", "a volume is not made smaller, or it is, but never in silence",
			d.put("${v.edit}?$select=capacity", d.document("Volume", number("capacity", 1)), Status(200, 202, 204, 400, 403, 409))),
		that("images.none", Must, "DSP0263 5.15.1.1.1", "a new volume has no images", d.get("${v.images}", Status(200), counts(0))),
		that("image", Must, "DSP0263 5.15.7.1", "an image is taken of a volume, is in its images and can be deleted", image, taken,
			d.get("${v.images}", Status(200), at("count", "1")), d.get("${volumeImages}", lists("${i}")),
			d.del("${i}", done), d.get("${i}", Status(404, 410)).Eventually(), d.get("${v}", Status(200))).Needing(withImages...),
		that("image.location", Must, "DSP0263 5.15.7, table 29", "an image that was taken does not point at its volume", image, taken, d.get("${i}", like("name", "taken"), notRefers("imageLocation", "${v}"))).Needing(withImages...),
		that("image.volume", Must, "DSP0263 5.15.3, table 27", "a volume is made of an image", image, taken,
			d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("of image")), object("volumeTemplate", ref("volumeImage", "${i}"), object("volumeConfig", number("capacity", 1000000)))), Status(201, 202)).Making("copy"),
			d.get("${copy}", Status(200), at("state", "AVAILABLE")).Eventually(), d.del("${copy}", done), d.get("${copy}", Status(404, 410)).Eventually()).Needing(withImages...),
		that("image.other", Must, "DSP0263 6", "another tenant can take no image of a volume", d.post("${volumeImages.add}", d.document("VolumeImage", text("name", "stolen"), text("imageLocation", "${v}")), d.refused(400, 404)...).By(Other)).Needing(withImages...),
		that("restore", Must, "DSP0263 5.15.1.2", "a volume is restored from its image", slices.Concat([]Step{image, taken, d.look("v"),
			d.post("${v.restore}", d.document("Action", text("action", d.action("restore")), ref("image", "${i}")), done),
			d.get("${v}", Status(200), at("state", "AVAILABLE")).Eventually()})...).Needing(withImages...),
		that("snapshot", Must, "DSP0263 5.15.1.2, 5.15.7.1", "snapshot, where it is offered, makes an image of the volume",
			d.post("${v.snapshot}", d.document("VolumeImage", text("name", "${run} snapshot"), text("imageLocation", "${v}")), Status(201, 202), Header("Location", `.`)).Making("i"), taken).Needing(withImages...),
		That("volumes.template", Must, "DSP0263 4.2.1.1, 5.15.3", "a volume is made of a template, whose capacity can be overridden", slices.Concat(
			[]Step{d.post("${volumeTemplates.add}", d.document("VolumeTemplate", text("name", name("t")), object("volumeConfig", number("capacity", 1000000))), Status(201, 202)).Making("t"),
				d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("of template")), object("volumeTemplate", member{"href", "${t}"})), Status(201, 202)).Making("v"),
				d.get("${v}", Status(200), at("state", "AVAILABLE"), capacity(1000000, 1100000)).Eventually(),
				d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("of template 2")), object("volumeTemplate", member{"href", "${t}"}, object("volumeConfig", number("capacity", 2000000)))), Status(201, 202)).Making("w"),
				d.get("${w}", Status(200), at("state", "AVAILABLE"), capacity(2000000, 2200000)).Eventually()})...).Needing(append(slices.Clone(needs), "volumeTemplates.add")...),
		That("volumes.config", Must, "DSP0263 5.15.5", "a volume is made of a configuration of the consumer's own", slices.Concat(d.make("volumeConfigs", "c", name("own config")), []Step{
			d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("of config")), object("volumeTemplate", ref("volumeConfig", "${c}"))), Status(201, 202)).Making("v"),
			d.get("${v}", Status(200), at("state", "AVAILABLE"), capacity(2000000, 2200000)).Eventually()})...).Needing("volumes.add", "volumeConfigs.add"),
		That("volumes.blanks", DeFacto, "Deltacloud's tests", "a capacity may be text with blanks around it, and the type that of version 1",
			d.post("${volumes.add}", d.document("VolumeCreate", text("name", name("blanks")), object("volumeTemplate", object("volumeConfig", text("type", "http://schemas.dmtf.org/cimi/1/mapped"), text("capacity", " 1024 ")))), Status(201, 202)).Making("v"),
			d.get("${v}", Status(200), at("state", "AVAILABLE")).Eventually()).Needing(needs...),
		refuses("none", "DSP0263 4.2.2", "a volume of nothing is refused"),
		refuses("negative", "DSP0263 4.2.2", "a negative capacity is refused", object("volumeConfig", number("capacity", -1))),
		refuses("zero", "DSP0263 4.2.2", "a capacity of nothing is refused", object("volumeConfig", number("capacity", 0))),
		refuses("text", "DSP0263 5.5", "a capacity in words is refused", object("volumeConfig", text("capacity", "much"))),
		refuses("huge", "DSP0263 5.5.4", "a capacity beyond all numbers is refused", object("volumeConfig", just("capacity", "99999999999999999999999"))),
		refuses("fraction", "DSP0263 5.5.4", "a fraction of a capacity is refused", object("volumeConfig", just("capacity", "1.5"))),
		refuses("config", "DSP0263 4.2.2", "a configuration that there is not is refused", ref("volumeConfig", "${volumeConfigs}/none-${run}")),
		refuses("image", "DSP0263 4.2.2", "an image that there is not is refused", ref("volumeImage", "${volumeImages}/none-${run}"), object("volumeConfig", number("capacity", 1000000))),
		refuses("deep", "DSP0263 5.3", "what no configuration has is refused", object("volumeConfig", number("capacity", 1000000), number("wheels", 4))),
	}
}

// capacity wants one in a range of kB, both ends included.
func capacity(from, to float64) Check {
	const path = "capacity"
	return onDocument(fmt.Sprintf("%s from %.0f to %.0f", path, from, to), func(_ *Exchange, d document) error {
		got, _ := d.at(path)
		if value, is := number64(got); !is || value < from || value > to {
			return fmt.Errorf("%s is %q, wanted %.0f to %.0f", path, got.text, from, to)
		}
		return nil
	})
}

// notRefers wants no reference to the resource, neither as an href nor as a URI.
func notRefers(path, place string) Check {
	return onDocument(path+" is not "+place, func(x *Exchange, d document) error {
		place, err := x.Expand(place)
		if err != nil {
			return err
		}
		n, _ := d.at(path)
		if samePlace(x, n.text, place) || samePlace(x, n.members["href"].text, place) {
			return fmt.Errorf("%s is %s", path, place)
		}
		return nil
	})
}

// attachments are volumes and disks of machines.
func (d dialect) attachments() []Case {
	needs := append(slices.Clone(parts), makingOf("volumes").requires()...)
	name := func(id string) string { return "${run} " + id + " " + d.format }
	// that connects a volume, ${v}, to a machine, ${vm}: all such cases the same, in turn.
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		begin := []Step{
			d.known("carrier-"+d.format, "vm"),
			d.known("cargo-"+d.format, "v", at("state", "AVAILABLE")).Eventually(),
			d.get("${vm.volumes}", Status(200), counts(0)).Eventually(),
		}
		return That("attachments."+id, level, clause, title, append(begin, steps...)...).Needing(needs...).InTurn("carrier-" + d.format).Ending(d.disconnect()...)
	}
	// has wants the volume among those of the machine, or not.
	attached := func(is bool) Step {
		want := lists("${v}")
		if d.version == 1 {
			want = onDocument("an item with the volume", func(x *Exchange, doc document) error {
				place, err := x.Expand("${v}")
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(doc.entries(), func(n node) bool { return samePlace(x, n.members["volume"].members["href"].text, place) }) {
					return fmt.Errorf("no item has the volume %s", place)
				}
				return nil
			})
		}
		if !is {
			want = counts(0)
		}
		return d.get("${vm.volumes}", Status(200), want).Eventually()
	}
	inUse := d.get("${v}", Status(200), at("state", "AVAILABLE")).Eventually()
	begin, end := d.connect(), d.disconnect()
	clause, kind := "DSP0263 5.5.12.2, 5.14.1.1.2", "locatedVolume"
	if d.version == 1 {
		clause, kind = "the schema of version 1; Deltacloud's tests", "MachineVolume"
		begin = append(begin, d.get("${link}", Status(200), d.typed("MachineVolume"), refers("volume", "${v}")).Eventually())
	}
	own := slices.Concat(d.newMachine("vm", name("own")), d.make("volumes", "v", name("own")))
	cases := []Case{
		that("life", Must, clause, "a volume is connected to a machine, listed and taken away again", slices.Concat(begin, []Step{attached(true)}, end, []Step{attached(false), d.get("${v}", Status(200), at("state", "AVAILABLE")).Eventually()})...),
		that("type", Must, clause, "the volumes of a machine are a collection of their own type", slices.Concat(begin, []Step{attached(true), d.get("${vm.volumes}", d.typed(kind+"Collection"), counted)}, end, []Step{attached(false)})...),
		That("attachments.survives", Must, "DSP0263 5.14.1, table 16", "a volume survives its machine", slices.Concat(own, begin, []Step{attached(true), d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), inUse})...).Needing(needs...),
		that("refuse.delete", DeFacto, "safety", "a volume that is connected is not deleted under its machine", slices.Concat(begin, []Step{attached(true), d.del("${v}", d.refused(400, 403, 409)...), d.get("${v}", Status(200))}, end, []Step{attached(false)})...),
		that("refuse.twice", DeFacto, "safety", "a volume is not connected twice to the same machine", slices.Concat(begin, []Step{attached(true)}, []Step{begin[0], refusing(begin[1], d.refused(400, 403, 409)...)}, end, []Step{attached(false)})...),
		that("refuse.none", Must, "DSP0263 4.2.2", "a volume that there is not cannot be connected", begin[0], refusing(d.elsewhere("${volumes}/none-${run}"), d.refused(400, 404)...), attached(false)),
		that("quick", DeFacto, "safety", "a volume that is taken away as soon as it is connected is free again", slices.Concat(begin[:2], end, []Step{attached(false), inUse})...),
		that("expand", Must, "DSP0263 4.1.6.4", "the volumes of a machine can be filled in", slices.Concat(begin, []Step{attached(true), d.get("${vm}?$expand=volumes", Status(200), at("volumes.count", "1"), has("volumes.id"))}, end, []Step{attached(false)})...),
		That("attachments.creation", Must, "DSP0263 5.14.3, table 19", "a machine is made with a volume", slices.Concat(d.make("volumes", "v", name("creation")),
			d.runs("vm", d.machineOf(name("creation"), nil, ref("machineConfig", "${config}"), ref("machineImage", "${image}"), listed("volumes", "volume", d.located("${v}", "/dev/vdc")))),
			[]Step{attached(true), d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), inUse})...).Needing(needs...),
		That("attachments.new", Must, "DSP0263 5.14.3, table 19, 5.11.1", "a machine is made with a new volume, if the server announces that", slices.Concat(
			d.runs("vm", d.machineOf(name("new"), nil, ref("machineConfig", "${config}"), ref("machineImage", "${image}"), listed("volumeTemplates", "volumeTemplate", d.newVolume()))),
			[]Step{d.get("${vm.volumes}", Status(200), at("count", "1")).Eventually().Reading(d.firstVolume),
				d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.get("${new}", Status(200, 404)), d.del("${new}", Status(200, 202, 204, 404)).Eventually()})...).
			Needing(append(slices.Clone(needs), "can.Machine.MachineVolumeTemplatesByValue")...),
		That("attachments.disks", Must, "DSP0263 5.14.1.1.1, table 17", "the disks of a machine have a capacity",
			d.get("${machine.disks}", Status(200), d.typed("DiskCollection"), every("a capacity", func(n node) bool { _, is := number64(n.members["capacity"]); return is }))).Needing("machine"),
		That("attachments.other", Must, "DSP0263 6", "another tenant does not see the disks and volumes of a machine",
			d.get("${machine.disks}", d.refused(404)...).By(Other), d.get("${machine.volumes}", d.refused(404)...).By(Other)).Needing("machine"),
	}
	return append(cases, d.in(2,
		that("connect", Must, "DSP0263 5.14.1.2", "connectvolume, where it is offered, connects a volume", slices.Concat([]Step{
			d.post("${vm.connectvolume}", d.document("Action", text("action", d.action("connectvolume")), ref("volume", "${v}")), done), attached(true)}, end, []Step{attached(false)})...),
		that("parent", Must, "DSP0263 5.5.12.3", "a volume that is connected and taken away has the parent that it had", slices.Concat(
			begin, []Step{attached(true)}, end, []Step{attached(false), d.get("${v}", refers("parent", "${v.parent}"))})...))...)
}

// connect and disconnect are how ${v} gets into the volumes of ${vm}, and out again.
func (d dialect) connect() []Step {
	look := d.get("${vm.volumes}", Status(200)).ReadingBelow("its", leads)
	if d.version == 1 {
		return []Step{look, d.post("${its.add}", d.document("MachineVolume", text("initialLocation", "/dev/vdc"), ref("volume", "${v}")), Status(201, 202), Header("Location", `.`)).Making("link")}
	}
	return []Step{look, d.post("${its.insert}", d.document("Action", text("action", d.action("insert")), text("initialLocation", "/dev/vdc"), ref("volume", "${v}")), Status(200, 201, 202, 204))}
}

// disconnect does not give up on a connection that is still being made.
func (d dialect) disconnect() []Step {
	if d.version == 1 {
		return []Step{d.look("link").Eventually(), d.del("${link.delete}", done).Eventually()}
	}
	return []Step{d.get("${vm.volumes}", Status(200)).ReadingBelow("its", leads), d.post("${its.remove}", d.document("Action", text("action", d.action("remove")), ref("volume", "${v}")), done).Eventually()}
}

// elsewhere connects a volume that there is not.
func (d dialect) elsewhere(place string) Step {
	if d.version == 1 {
		return d.post("${its.add}", d.document("MachineVolume", ref("volume", place)))
	}
	return d.post("${its.insert}", d.document("Action", text("action", d.action("insert")), ref("volume", place)))
}

// refusing wants a step to be refused.
func refusing(s Step, want ...Check) Step {
	s.Want, s.Made = want, ""
	return s
}

// newVolume is a volume to be made with a machine: version 2 has it in a structure.
func (d dialect) newVolume() []member {
	config := object("volumeConfig", number("capacity", 1000000))
	if d.version == 1 {
		return []member{text("initialLocation", "/dev/vdc"), config}
	}
	return []member{text("initialLocation", "/dev/vdc"), object("volumeTemplate", config)}
}

// firstVolume names the first volume of a machine: ${new}.
func (d dialect) firstVolume(x *Exchange) (map[string]string, error) {
	doc, err := read(x)
	if err != nil || len(doc.entries()) == 0 {
		return nil, err
	}
	first := doc.entries()[0]
	if d.version == 1 {
		return map[string]string{"new": resolve(x.Session(), first.members["volume"].members["href"].text)}, nil
	}
	return map[string]string{"new": resolve(x.Session(), first.members["id"].text)}, nil
}

// images are those of machines: captured, snapshotted, restored.
func (d dialect) images() []Case {
	name := func(id string) string { return "${run} " + id + " " + d.format }
	// that is about a machine of its own, ${vm}; of about one that such cases leave as it was.
	that := func(id, clause, title string, steps ...Step) Case {
		return That("images."+id, Must, clause, title, slices.Concat(d.newMachine("vm", name(id)), steps)...).Needing(parts...)
	}
	of := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("images."+id, level, clause, title, append(d.running(), steps...)...).Needing(parts...).InTurn("moved-" + d.format)
	}
	body := func(kind, id string) string {
		return d.document(kind, text("name", name(id)), text("type", "IMAGE"), text("imageLocation", "${vm}"))
	}
	ready := d.get("${i}", Status(200), d.typed("MachineImage"), at("state", "AVAILABLE")).Eventually()
	capture := func(id string) []Step {
		return []Step{
			d.post("${vm.capture}", body("MachineImage", id), Status(201, 202), Header("Location", `.`)).Making("i"), ready, d.look("vm", at("state", "STARTED"), offers("stop")).Eventually()}
	}
	// The machine may be busy with an image that is there already.
	lasting := d.look("vm", like("state", `^(STARTED|STOPPED)$`)).Eventually()
	snapshot := func(id string) []Step {
		return []Step{lasting,
			d.post("${vm.snapshot}", d.document("MachineImage", text("name", name(id)), text("type", "SNAPSHOT"), text("imageLocation", "${vm}")), Status(201, 202), Header("Location", `.`)).Making("i"), ready}
	}
	stop := []Step{d.act("vm", "stop", done), d.look("vm", at("state", "STOPPED")).Eventually()}
	return []Case{
		That("images.attributes", Must, "DSP0263 5.14.7, table 21", "images have a state and a type", d.get("${machineImages}", Status(200), every("a state and a type of images", func(n node) bool {
			return slices.Contains([]string{"CREATING", "AVAILABLE", "DELETING", "ERROR"}, n.members["state"].text) && slices.Contains([]string{"IMAGE", "SNAPSHOT", "PARTIAL_SNAPSHOT"}, n.members["type"].text)
		}))),
		That("images.related", Must, "DSP0263 5.14.7, table 21", "an IMAGE has no related image", d.get("${machineImages}", Status(200), every("no relatedImage with type IMAGE", func(n node) bool {
			return n.members["type"].text != "IMAGE" || n.members["relatedImage"].kind == ""
		}))),
		of("capture", Must, "DSP0263 5.14.7.1", "capture makes an image of a machine", append(capture("capture"), d.get("${i}", at("name", name("capture")), at("type", "IMAGE")), d.get("${machineImages}", lists("${i}")))...),
		of("capture.machine", Must, "DSP0263 5.14.7.1", "a machine is made of an image that was captured", append(capture("capture.machine"),
			d.runs("copy", d.machineOf(name("copy"), nil, ref("machineConfig", "${config}"), ref("machineImage", "${i}")))...)...),
		of("capture.create", DeFacto, "Deltacloud's tests", "capture takes a MachineImageCreate, and answers with 201 and the image",
			d.post("${vm.capture}", body("MachineImageCreate", "capture.create"), Status(201), Header("Location", `.`), d.typed("MachineImage"), has("id")).Making("i"), d.get("${i}", Status(200)), d.del("${i}", Status(200))),
		of("capture.job", Must, "DSP0263 4.2.1.7", "the Job of a capture ends when the image is there",
			d.post("${vm.capture}", body("MachineImage", "capture.job"), Status(201, 202), Header("CIMI-Job-URI", `.`)).Making("i").FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), at("state", "SUCCESS"), affects("${i}")).Eventually(), d.get("${i}", at("state", "AVAILABLE"))).Needing(append(slices.Clone(parts), "jobs")...),
		that("survives", "DSP0263 5.10", "an image survives its machine", append(capture("survives"), d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.get("${i}", Status(200), at("state", "AVAILABLE")))...),
		that("snapshot", "DSP0263 5.14.7.1", "snapshot, where it is offered, makes an image of type SNAPSHOT, which the machine lists", slices.Concat(stop, snapshot("snapshot"), []Step{
			d.get("${i}", at("type", "SNAPSHOT"), notRefers("imageLocation", "${vm}")),
			d.get("${vm.snapshots}", Status(200), at("count", "1"))})...),
		that("snapshot.second", "DSP0263 5.14.7, table 21", "the newer of two snapshots is related to the older", slices.Concat(stop, snapshot("snapshot.first"), []Step{d.get("${i}").Reading(value("first", "id"))}, snapshot("snapshot.second"), []Step{
			d.get("${machineImages}?$filter=name='${run}%20snapshot.first%20"+d.format+"'%20or%20name='${run}%20snapshot.second%20"+d.format+"'", Status(200), counts(2), chained)})...),
		that("restore", "DSP0263 5.14.1.2", "restore, where it is offered, brings a machine back to its snapshot", slices.Concat(stop, snapshot("restore"), []Step{
			lasting,
			d.post("${vm.restore}", d.document("Action", text("action", d.action("restore")), ref("image", "${i}")), done),
			d.get("${vm}", Status(200), like("state", `^(STARTED|STOPPED)$`), offers("delete")).Eventually()})...),
		of("restore.image", Must, "DSP0263 5.14.1.2, 5.11.1", "a machine is restored from an image that is no snapshot, if the server announces that", append(capture("restore.image"),
			lasting,
			d.post("${vm.restore}", d.document("Action", text("action", d.action("restore")), ref("image", "${i}")), done), d.get("${vm}", Status(200), like("state", `^(STARTED|STOPPED)$`), offers("delete")).Eventually())...).
			Needing(append(slices.Clone(parts), "can.Machine.RestoreFromImage")...),
		of("refuse.restore", Must, "DSP0263 4.2.2", "a machine is not restored from an image that there is not",
			lasting,
			d.post("${vm.restore}", d.document("Action", text("action", d.action("restore")), ref("image", "${machineImages}/none-${run}")), d.refused(400, 404)...), d.get("${vm}", at("state", "STARTED"))),
		of("refuse.other", Must, "DSP0263 6", "another tenant cannot capture a machine",
			d.post("${vm.capture}", body("MachineImage", "stolen"), d.refused(404)...).By(Other), d.post("${machineImages.add}", body("MachineImage", "stolen"), d.refused(400, 404)...).By(Other)).Needing(append(slices.Clone(parts), "machineImages.add")...),
		That("images.refuse.location", Must, "DSP0263 4.2.2", "an image of a machine that there is not is refused", d.post("${machineImages.add}", d.document("MachineImage", text("name", name("nowhere")), text("imageLocation", "${machines}/none-${run}")), d.refused(400, 404)...)).Needing("machineImages.add"),
		That("images.refuse.file", DeFacto, "safety", "an image of a file of the server's own is refused", d.post("${machineImages.add}", d.document("MachineImage", text("name", name("file")), text("imageLocation", "file:///etc/passwd")), d.refused(400, 403, 501)...)).Needing("machineImages.add"),
		That("images.refuse.loopback", DeFacto, "safety", "an image of the server's own network is refused", d.post("${machineImages.add}", d.document("MachineImage", text("name", name("ssrf")), text("imageLocation", "http://169.254.169.254/latest/meta-data/")), d.refused(400, 403, 501)...)).Needing("machineImages.add"),
		That("images.refuse.type", Must, "DSP0263 table 21", "a type that no image has is refused", d.post("${machineImages.add}", d.document("MachineImage", text("name", name("type")), text("type", "PHOTO"), text("imageLocation", "${machine}")), d.refused(400)...)).Needing("machineImages.add", "machine"),
		That("images.shared", Must, "DSP0263 4.2", "an image that is not one's own is not deleted", d.get("${image}", Status(200), offersNot("delete")), d.del("${image}", d.refused(403, 404, 405, 409)...), d.get("${image}", Status(200))).Needing("image"),
	}
}

// chained wants one of two snapshots to be related to the other. They may be of
// the same second, so that either may be the newer.
var chained = onDocument("one item related to the other", func(x *Exchange, d document) error {
	a, b := d.entries()[0], d.entries()[1]
	forth := samePlace(x, a.members["relatedImage"].members["href"].text, b.members["id"].text)
	back := samePlace(x, b.members["relatedImage"].members["href"].text, a.members["id"].text)
	if forth == back {
		return fmt.Errorf("relatedImage of the one is %q, of the other %q", a.members["relatedImage"].members["href"].text, b.members["relatedImage"].members["href"].text)
	}
	return nil
})
