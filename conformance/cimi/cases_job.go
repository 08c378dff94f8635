package cimi

import (
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Jobs (DSP0263 5.17.1, 4.2.1.6, 4.2.1.7), and how refusals are told (4.2.2).

func jobCases(d dialect) []Case {
	// The quickest thing that can be made.
	needs := []string{"jobs", "machineTemplates.add", "image"}
	template := d.document("MachineTemplate", text("name", "${run} of job"), ref("machineImage", "${image}"))
	made := d.post("${machineTemplates.add}", template, Status(201, 202), Header("CIMI-Job-URI", `^https?://`)).Making("t").FindingIn("CIMI-Job-URI", "job", `(.+)`)
	that := func(id, clause, title string, steps ...Step) Case {
		return That("jobs."+id, Must, clause, title, append([]Step{made}, steps...)...).Needing(needs...)
	}
	succeeded := d.get("${job}", Status(200), d.typed("Job"), at("state", "SUCCESS")).Eventually()
	return []Case{
		that("add", "DSP0263 5.17.1, table 46", "the Job of a creation says what it did", succeeded,
			d.get("${job}", at("id", "${job}"), refers("targetResource", "${machineTemplates}"), affects("${machineTemplates}"), affects("${t}"), like("action", `/action/add$`), at("progress", "100"), isTime("timeOfStatusChange"), has("timeOfStatusChange"))),
		that("code", "DSP0263 5.17.1, table 46", "the numbers of a Job are integers", succeeded, d.get("${job}", isNumber("progress"), isNumber("returnCode"))),
		that("listed", "DSP0263 5.17.2", "a Job is in the collection of Jobs", succeeded, d.get("${jobs}?$filter=id='${job}'", Status(200), counts(1), lists("${job}"))),
		that("other", "DSP0263 6", "a Job of another tenant is not there", d.get("${job}", d.refused(404)...).By(Other), d.get("${jobs}?$filter=id='${job}'", Status(200), counts(0)).By(Other)),
		that("anonymous", "DSP0263 6", "a Job needs credentials", d.get("${job}", d.refused(401)...).By(Nobody)),
		that("get", "DSP0263 4.2.1.6", "reading is no Job", d.get("${t}", Status(200), NoHeader("CIMI-Job-URI", `.`)), d.get("${jobs}?$last=1", Status(200), NoHeader("CIMI-Job-URI", `.`))),
		that("edit", "DSP0263 4.2.1.6", "an update is a Job of its own",
			d.put("${t}?$select=description", d.document("MachineTemplate", text("description", "after")), done, Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "second", `(.+)`),
			d.get("${second}", Status(200), at("state", "SUCCESS"), refers("targetResource", "${t}"), affects("${t}"), like("action", `/action/edit$`)).Eventually(),
			d.get("${job}", Status(200), at("id", "${job}"), like("action", `/action/add$`))),
		that("delete", "DSP0263 4.2.1.6, 5.17.1", "a deletion is a Job, which does not affect what is gone",
			d.del("${t}", done, Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "second", `(.+)`),
			d.get("${second}", Status(200), at("state", "SUCCESS"), at("progress", "100"), like("action", `/action/delete$`), affectsNot("${t}")).Eventually()),
		that("cleared", "DSP0263 5.17.1", "a finished Job can be deleted, and what it made stays", succeeded,
			d.look("job"), d.del("${job.delete}", done), d.get("${job}", Status(404, 410)).Eventually(), d.get("${jobs}?$filter=id='${job}'", counts(0)), d.get("${t}", Status(200))),
		that("stop", "DSP0263 5.17.1", "a finished Job cannot be stopped", succeeded, d.get("${job}", Status(200), offersNot("stop"))),
		that("refuse.stop", "DSP0263 5.17.1, 4.2.2", "who stops a finished Job is told that it cannot be done", succeeded,
			d.post("${job}", d.document("Action", text("action", d.action("stop"))), d.refused(400, 403, 404, 405, 409)...), d.get("${job}", Status(200), at("state", "SUCCESS"))),
		that("readonly", "DSP0263 table 46, 4.2.1.3", "what a Job says cannot be changed", succeeded,
			d.put("${job}?$select=state", d.document("Job", text("state", "FAILED")), Status(200, 202, 204, 405, 404)), d.get("${job}", at("state", "SUCCESS"))),
		that("find", "DSP0263 4.1.6.1", "Jobs are found by their state", succeeded, d.get("${jobs}?$filter=state='SUCCESS'%20and%20id='${job}'", Status(200), lists("${job}"),
			every("the state SUCCESS", func(n node) bool { return n.members["state"].text == "SUCCESS" }))),
		that("states", "DSP0263 table 46", "every Job is in a state of Jobs, and has its progress in percent", succeeded, d.get("${jobs}", Status(200), every("a state and a progress of Jobs", func(n node) bool {
			return slices.Contains([]string{"QUEUED", "RUNNING", "FAILED", "SUCCESS", "STOPPING", "STOPPED"}, n.members["state"].text) &&
				(n.members["state"].text == "QUEUED" || n.members["state"].text == "RUNNING" || n.members["state"].text == "STOPPING" || n.members["progress"].text == "100")
		}))),
		That("jobs.machine", Must, "DSP0263 4.2.1.7, 5.17.1", "the Job of a machine ends when the machine runs",
			d.post("${machines.add}", d.machine("${run} job"), Status(201, 202), Header("CIMI-Job-URI", `^https?://`)).Making("vm").FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), like("state", `^(QUEUED|RUNNING|SUCCESS)$`), affects("${vm}")),
			d.get("${job}", at("state", "SUCCESS")).Eventually(), d.get("${vm}", Status(200), like("state", `^(STARTED|STOPPED)$`))).Needing(append(slices.Clone(parts), "jobs")...),
		That("jobs.machine.running", Must, "DSP0263 5.17.1", "a Job that is not finished is deleted or not, and what it makes is there either way",
			d.post("${machines.add}", d.machine("${run} job running"), Status(201, 202), Header("CIMI-Job-URI", `.`)).Making("vm").FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.del("${job}", Status(200, 202, 204, 403, 404, 405, 409)).Following(func(x *Exchange) ([]Step, error) {
				if x.Status < 300 {
					return []Step{d.get("${job}", Status(404, 410)).Eventually()}, nil
				}
				return []Step{d.get("${job}", Status(200), at("state", "SUCCESS")).Eventually()}, nil
			}), d.get("${vm}", Status(200), like("state", `^(CREATING|STARTED|STOPPED)$`))).Needing(append(slices.Clone(parts), "jobs")...),
		That("jobs.machine.delete", Must, "DSP0263 4.2.1.7, 5.17.1", "the Job of a deletion ends when the machine is gone", slices.Concat(d.newMachine("vm", "${run} job gone"), []Step{
			d.del("${vm}", done, Header("CIMI-Job-URI", `.`)).FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", at("state", "SUCCESS"), affectsNot("${vm}")).Eventually(), d.get("${vm}", Status(404, 410)).Eventually()})...).Needing(append(slices.Clone(parts), "jobs")...),
		That("jobs.refusal", Must, "DSP0263 4.2.2, 5.5.15", "the Job of a refusal has an id, and what a failed Job has",
			d.post("${machines.add}", d.document("MachineCreate", text("name", "${run} refused")), append(d.refused(400), has("id"), at("progress", "100"), isNumber("returnCode"), has("timeOfStatusChange"))...)).Needing("machines.add"),
		That("jobs.refusal.code", Must, "DSP0263 table 46", "the return code of a refusal is not one of those that are reserved",
			d.get("${machines}/none-${run}", append(d.refused(404), like("returnCode", `^[1-9]\d{4,}$`))...)),
		That("jobs.refusal.target", Should, "DSP0263 4.2.2, table 46", "the Job of a refusal says what was asked",
			d.get("${machines}/none-${run}", append(d.refused(404), like("targetResource.href", `/none-${run}$`))...)),
		That("jobs.refusal.id", Must, "DSP0263 4.2.2", "the Job of a refusal can be read, if its id says where",
			d.get("${machines}/none-${run}", d.refused(404)...).Following(func(x *Exchange) ([]Step, error) {
				doc, err := read(x)
				if err != nil || doc.members["id"].text == "" {
					return nil, err
				}
				return []Step{d.get(resolve(x.Session(), doc.members["id"].text), Status(200), d.typed("Job"), at("state", "FAILED"))}, nil
			})),
	}
}
