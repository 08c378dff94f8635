package cimi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// What is seen of a resource while it is being deleted (DSP0263 4.2.1.4), and of
// what was about it afterwards (5.10.1, 5.17.1); and which updates are complete when
// they are answered (4.2.1.6).

func deletionCases(d dialect) []Case {
	// leaving wants a resource that is gone, or says that it is going.
	leaving := Check{Expect: "the state DELETING, or 404", Holds: func(x *Exchange) error {
		if x.Status == 404 || x.Status == 410 {
			return nil
		}
		doc, err := read(x)
		if err == nil && doc.members["state"].text != "DELETING" {
			err = fmt.Errorf("status %d, state %q", x.Status, doc.members["state"].text)
		}
		return err
	}}
	// ended wants a job that has, if the answer before did not say that it goes on.
	ended := func(x *Exchange) ([]Step, error) {
		if x.Status == 202 {
			return nil, nil
		}
		return []Step{d.get("${job}", like("state", `^(SUCCESS|FAILED)$`))}, nil
	}
	job := func(s Step, as string) Step { return s.FindingIn("CIMI-Job-URI", as, `(.+)`) }
	gone := func(name string) Step { return d.get("${"+name+"}", Status(404, 410)).Eventually() }
	volume := makingOf("volumes").requires()
	withJobs := append(slices.Clone(parts), "jobs")
	return []Case{
		That("deletion.machine", Must, "DSP0263 4.2.1.4", "a machine is DELETING until it is gone", slices.Concat(d.newMachine("vm", "${run} leaves"), []Step{
			d.del("${vm}", done), d.get("${vm}", leaving), gone("vm")})...).Needing(parts...),
		That("deletion.machine.listed", Must, "DSP0263 4.2.1.4", "a machine that is being deleted is in no other state in lists, either", slices.Concat(d.newMachine("vm", "${run} leaves lists "+d.format), []Step{
			d.del("${vm}", done), d.get("${machines}?$filter=name='${run}%20leaves%20lists%20"+d.format+"'", Status(200), every("the state DELETING", func(n node) bool { return n.members["state"].text == "DELETING" }))})...).Needing(parts...),
		That("deletion.volume", Must, "DSP0263 4.2.1.4", "a volume is DELETING until it is gone", slices.Concat(d.make("volumes", "v", "${run} leaves"), []Step{
			d.del("${v}", done), d.get("${v}", leaving), gone("v")})...).Needing(volume...),
		That("deletion.jobs", Must, "DSP0263 5.17.1", "what was done to a machine has succeeded, also when the machine is gone, and affects it no more", slices.Concat([]Step{
			job(d.post("${machines.add}", d.machine("${run} left"), Status(201, 202), Header("Location", `.`)).Making("vm"), "made"), d.get("${vm}", Status(200), at("state", "STARTED"), offers("stop")).Eventually(),
			d.get("${vm}").ReadingBelow("was", leads), job(d.post("${was.stop}", d.document("Action", text("action", d.action("stop"))), done), "stop"), d.get("${vm}", at("state", "STOPPED")).Eventually(),
			job(d.del("${vm}", done), "deleted"), gone("vm"),
			d.get("${deleted}", at("state", "SUCCESS"), affectsNot("${vm}")).Eventually(),
			d.get("${made}", Status(200), at("state", "SUCCESS"), affects("${machines}"), affectsNot("${vm}")),
			d.get("${stop}", Status(200), at("state", "SUCCESS"), affectsNot("${vm}"))})...).Needing(withJobs...),
		That("deletion.references", Must, "DSP0263 5.10.1", "a reference to what is deleted becomes empty", slices.Concat(d.make("volumeConfigs", "c", "${run} referred"), []Step{
			d.post("${volumeTemplates.add}", d.document("VolumeTemplate", text("name", "${run} refers"), ref("volumeConfig", "${c}")), Status(201, 202)).Making("t"),
			d.get("${t}", Status(200), refers("volumeConfig", "${c}")), d.del("${c}", done), gone("c"),
			d.get("${t}", Status(200), at("name", "${run} refers"), lacks("volumeConfig"))})...).Needing("volumeConfigs.add", "volumeTemplates.add"),
		That("update.complete", Must, "DSP0263 4.2.1.6", "an update that is not answered with 202 is complete", slices.Concat(d.make("volumes", "v", "${run} grows"), []Step{
			d.get("${v}").ReadingBelow("was", leads),
			job(d.put("${was.edit}?$select=capacity", d.document("Volume", number("capacity", 2000000)), done), "job").Following(ended),
			d.get("${job}", at("state", "SUCCESS")).Eventually(), d.get("${v}", Status(200), at("state", "AVAILABLE"), capacity(2000000, 2200000)).Eventually()})...).Needing(append(slices.Clone(volume), "jobs")...),
	}
}
