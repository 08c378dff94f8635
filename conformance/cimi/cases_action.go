package cimi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// The operations of machines, and the states that they lead to (DSP0263 5.14.1.2).

var done = Status(200, 202, 204)

func actionCases(d dialect) []Case {
	// that takes a machine through states: one for all such cases, which each of them finds running.
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("actions."+id, level, clause, title, append(d.running(), steps...)...).Needing(parts...).InTurn("moved-" + d.format)
	}
	// gone takes a machine away.
	gone := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("actions."+id, level, clause, title, append(d.newMachine("vm", "${run} "+id), steps...)...).Needing(parts...)
	}
	// leaves asks for what leaves a machine as it is.
	leaves := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("actions."+id, level, clause, title, append(steps, d.get("${machine}", Status(200), at("state", "STARTED")))...).Needing("machine")
	}
	// moves runs an operation, and waits for the state that it leads to.
	moves := func(name, state string, want ...Check) []Step {
		return []Step{d.act("vm", name, done), d.look("vm", append([]Check{at("state", state)}, want...)...).Eventually()}
	}
	stopped := d.get("${vm}", Status(200), at("state", "STOPPED")).Eventually()
	action := func(name string, more ...member) string {
		return d.document("Action", append([]member{text("action", d.action(name))}, more...)...)
	}
	return []Case{
		that("stop", Must, "DSP0263 5.14.1.2", "a machine is stopped, and can be started then", moves("stop", "STOPPED", offers("start"), offersNot("stop"))...),
		that("start", Must, "DSP0263 5.14.1.2", "a stopped machine is started", slices.Concat(moves("stop", "STOPPED"), moves("start", "STARTED", offers("stop"), offersNot("start")))...),
		that("restart", Must, "DSP0263 5.14.1.2", "a running machine is restarted, and runs", moves("restart", "STARTED")...),
		that("restart.stopped", Must, "DSP0263 5.14.1.2", "a stopped machine is started by restart", slices.Concat(moves("stop", "STOPPED"), moves("restart", "STARTED"))...),
		that("pause", Must, "DSP0263 5.14.1.2", "a machine is paused, and resumed by start", slices.Concat(moves("pause", "PAUSED", offers("start"), offersNot("pause")), moves("start", "STARTED"))...),
		that("suspend", Must, "DSP0263 5.14.1.2", "a machine is suspended, and resumed by start", slices.Concat(moves("suspend", "SUSPENDED", offers("start"), offersNot("suspend")), moves("start", "STARTED"))...),
		that("pause.stop", Must, "DSP0263 5.14.1.2", "a paused machine is stopped", slices.Concat(moves("pause", "PAUSED"), moves("stop", "STOPPED"))...),
		that("suspend.stop", Must, "DSP0263 5.14.1.2", "a suspended machine is stopped", slices.Concat(moves("suspend", "SUSPENDED"), moves("stop", "STOPPED"))...),
		that("restart.force", Must, "DSP0263 5.14.1.2", "restart takes force", d.post("${vm.restart}", action("restart", force(true)), Status(200, 202, 204, 400, 501)), d.get("${vm}", at("state", "STARTED")).Eventually()),
		that("stop.force", Must, "DSP0263 5.14.1.2, 5.11.1", "stop takes force, if the server announces that",
			d.post("${vm.stop}", action("stop", force(true)), done), stopped).Needing(append(slices.Clone(parts), "can.Machine.MachineStopForce")...),
		that("stop.gentle", Must, "DSP0263 5.14.1.2", "stop without force may be asked for", d.post("${vm.stop}", action("stop", force(false)), done), stopped),
		gone("stopped.delete", Must, "Deltacloud's tests; DSP0263 4.2.1.4", "a stopped machine can be deleted", slices.Concat(moves("stop", "STOPPED", offers("delete")), []Step{
			d.del("${vm.delete}", done), d.get("${vm}", Status(404, 410)).Eventually()})...),
		gone("deleting", Must, "DSP0263 4.2.1.4", "a machine that is being deleted is DELETING until it is gone",
			d.del("${vm}", done), d.get("${vm}", eitherState(404, "DELETING")), d.get("${vm}", Status(404, 410)).Eventually()),
		that("untyped", Must, "DSP0263 4.1.4", "an Action need not say its type", d.post("${vm.stop}", d.untyped("Action", text("action", d.action("stop"))), done), stopped),
		that("blanks", DeFacto, "Deltacloud's tests", "an action may have blanks around it and http:// twice",
			d.post("${vm.stop}", d.document("Action", text("action", " http://"+d.action("stop"))), done), stopped),
		that("properties", Must, "DSP0263 5.14.1.2", "an Action may have properties", d.post("${vm.stop}", action("stop", props([2]string{"why", "maintenance"})), done), stopped),
		leaves("operations", Must, "DSP0263 4.2, 4.1.4", "every operation has a rel, which is a word of CIMI or a URI, and an absolute href",
			d.get("${machine}", Status(200), operations("a rel and an absolute href", func(op node) bool {
				rel := op.members["rel"].text
				return absolute.MatchString(op.members["href"].text) && (absolute.MatchString(rel) || slices.Contains([]string{"add", "edit", "delete", "insert", "remove"}, rel))
			}))),
		leaves("operations.once", Must, "DSP0263 4.2", "no operation is there twice", d.get("${machine}", Status(200), unique)),
		leaves("refuse.mismatch", DeFacto, "safety", "an operation's href does nothing else", d.post("${machine.stop}", action("restart"), d.refused(400, 409)...)),
		leaves("refuse.unknown", Must, "DSP0263 4.2.2", "an action that there is not is refused", d.post("${machine.stop}", action("explode"), d.refused(400)...)),
		leaves("refuse.attribute", Must, "DSP0263 5.3", "a parameter that no action has is refused", d.post("${machine.stop}", action("stop", number("wheels", 4)), d.refused(400)...)),
		leaves("refuse.force", Must, "DSP0263 5.5.1", "force is true or false", d.post("${machine.stop}", action("stop", text("force", "very")), d.refused(400)...)),
		leaves("refuse.none", Must, "DSP0263 5.14.1.2", "an Action without an action is refused", d.post("${machine.stop}", d.document("Action"), d.refused(400)...)),
		leaves("refuse.other", Must, "DSP0263 4.2", "another tenant cannot stop it", d.post("${machine.stop}", action("stop"), d.refused(404)...).By(Other)),
		that("refuse.state", Must, "DSP0263 4.2, 4.2.2", "what the state does not allow is refused",
			slices.Concat([]Step{d.get("${vm}").ReadingBelow("was", leads)}, moves("stop", "STOPPED"), []Step{d.post("${was.pause}", action("pause"), d.refused(400, 404, 405, 409)...), d.get("${vm}", at("state", "STOPPED"))})...),
		gone("refuse.gone", Must, "DSP0263 4.2.2", "nothing can be done with a machine that is gone",
			d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.post("${vm.stop}", action("stop"), d.refused(404, 410)...)),
		leaves("state", Must, "DSP0263 5.8, 4.2.1.3", "a state is not changed by an update",
			d.put("${machine}?$select=state", d.document("Machine", text("state", "STOPPED")), Status(200, 202, 204, 405))),
		that("jobs", Must, "DSP0263 4.2.1.7, 5.17.1", "an action is a Job that ends when the machine is there",
			d.post("${vm.stop}", action("stop"), done, Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), d.typed("Job"), refers("targetResource", "${vm}"), like("action", `/action/stop$`), like("state", `^(QUEUED|RUNNING|SUCCESS)$`)),
			d.get("${job}", Status(200), at("state", "SUCCESS"), at("progress", "100"), affects("${vm}")).Eventually(),
			d.get("${vm}", at("state", "STOPPED"))).Needing(append(slices.Clone(parts), "jobs")...),
		That("actions.truth", Must, "DSP0263 5.8, 5.14.1.2", "every state of a machine is one of the standard's", d.get("${machines}", Status(200), every("a state of machines", func(n node) bool {
			return slices.Contains([]string{"CREATING", "STARTING", "STARTED", "STOPPING", "STOPPED", "PAUSING", "PAUSED", "SUSPENDING", "SUSPENDED", "CAPTURING", "RESTORING", "DELETING", "ERROR", "FAILED"}, n.members["state"].text)
		}))),
	}
}

// running gives a machine that cases take through states in turn, ${vm}, when it runs.
func (d dialect) running() []Step {
	return []Step{
		d.known("moved-"+d.format, "vm", like("state", `^(STARTED|STOPPED|PAUSED|SUSPENDED)$`)).Eventually().Following(func(x *Exchange) ([]Step, error) {
			doc, err := read(x)
			if err != nil || doc.members["state"].text == "STARTED" {
				return nil, err
			}
			return []Step{d.act("vm", "start", done), d.look("vm", at("state", "STARTED"), offers("stop")).Eventually()}, nil
		}),
	}
}

// operations wants something of each operation.
func operations(what string, holds func(op node) bool) Check {
	return onDocument("every operation has "+what, func(_ *Exchange, d document) error {
		if len(d.members["operations"].items) == 0 {
			return NotOfferedError{What: "operations"}
		}
		for _, op := range d.members["operations"].items {
			if !holds(op) {
				return fmt.Errorf("the operation %q at %q has not: %s", op.members["rel"].text, op.members["href"].text, what)
			}
		}
		return nil
	})
}

// unique wants each operation once.
var unique = onDocument("each operation once", func(_ *Exchange, d document) error {
	seen := map[string]bool{}
	for _, op := range d.members["operations"].items {
		rel := op.members["rel"].text
		if seen[rel] {
			return fmt.Errorf("the operation %s is there twice", rel)
		}
		seen[rel] = true
	}
	return nil
})

// eitherState wants a status code, or a resource in a state.
func eitherState(code int, state string) Check {
	in := at("state", state)
	return Check{Expect: Status(code).Expect + ", or " + in.Expect, Holds: func(x *Exchange) error {
		if x.Status == code {
			return nil
		}
		return in.Holds(x)
	}}
}
