package cimi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// The operations of machines, and the states that they lead to (DSP0263 5.14.1.2).

var done = Status(200, 202, 204)

func actionCases(d dialect) []Case {
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("actions."+id, level, clause, title, slices.Concat(d.newMachine("vm", "${run} "+id), steps)...).Needing(parts...)
	}
	// moves runs an operation, and waits for the state that it leads to.
	moves := func(name, state string, want ...Check) []Step {
		return append(d.act("${vm}", name, done), d.get("${vm}", append([]Check{Status(200), at("state", state)}, want...)...).Eventually())
	}
	// post sends something to the href of an operation that the machine offers.
	post := func(name, body string, want ...Check) []Step {
		return []Step{d.get("${vm}").Reading(operation("href", name)), d.post("${href}", body, want...)}
	}
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
		that("restart.force", Must, "DSP0263 5.14.1.2", "restart takes force", append(post("restart", action("restart", force(true)), Status(200, 202, 204, 400, 501)), d.get("${vm}", at("state", "STARTED")).Eventually())...),
		that("stop.force", Must, "DSP0263 5.14.1.2, 5.11.1", "stop takes force, if the server announces that",
			append(post("stop", action("stop", force(true)), done), d.get("${vm}", at("state", "STOPPED")).Eventually())...).Needing(append(slices.Clone(parts), "can.Machine.MachineStopForce")...),
		that("stop.gentle", Must, "DSP0263 5.14.1.2", "stop without force may be asked for", append(post("stop", action("stop", force(false)), done), d.get("${vm}", at("state", "STOPPED")).Eventually())...),
		that("stopped.delete", Must, "Deltacloud's tests; DSP0263 4.2.1.4", "a stopped machine can be deleted", slices.Concat(moves("stop", "STOPPED", offers("delete")), []Step{
			d.get("${vm}").Reading(operation("delete", "delete")), d.del("${delete}", done), d.get("${vm}", Status(404, 410)).Eventually()})...),
		that("deleting", Must, "DSP0263 4.2.1.4", "a machine that is being deleted is DELETING until it is gone",
			d.del("${vm}", done), d.get("${vm}", eitherState(404, "DELETING")), d.get("${vm}", Status(404, 410)).Eventually()),
		that("untyped", Must, "DSP0263 4.1.4", "an Action need not say its type", append(post("stop", d.untyped("Action", text("action", d.action("stop"))), done), d.get("${vm}", at("state", "STOPPED")).Eventually())...),
		that("blanks", DeFacto, "Deltacloud's tests", "an action may have blanks around it and http:// twice",
			append(post("stop", d.document("Action", text("action", " http://"+d.action("stop"))), done), d.get("${vm}", at("state", "STOPPED")).Eventually())...),
		that("properties", Must, "DSP0263 5.14.1.2", "an Action may have properties", append(post("stop", action("stop", props([2]string{"why", "maintenance"})), done), d.get("${vm}", at("state", "STOPPED")).Eventually())...),
		that("operations", Must, "DSP0263 4.2, 4.1.4", "every operation has a rel, which is a word of CIMI or a URI, and an absolute href",
			d.get("${vm}", Status(200), operations("a rel and an absolute href", func(op node) bool {
				rel := op.members["rel"].text
				return absolute.MatchString(op.members["href"].text) && (absolute.MatchString(rel) || slices.Contains([]string{"add", "edit", "delete", "insert", "remove"}, rel))
			}))),
		that("operations.once", Must, "DSP0263 4.2", "no operation is there twice", d.get("${vm}", Status(200), unique)),
		that("refuse.mismatch", DeFacto, "safety", "an operation's href does nothing else",
			append(post("stop", action("restart"), d.refused(400, 409)...), d.get("${vm}", at("state", "STARTED")))...),
		that("refuse.unknown", Must, "DSP0263 4.2.2", "an action that there is not is refused",
			append(post("stop", action("explode"), d.refused(400)...), d.get("${vm}", at("state", "STARTED")))...),
		that("refuse.attribute", Must, "DSP0263 5.3", "a parameter that no action has is refused",
			append(post("stop", action("stop", number("wheels", 4)), d.refused(400)...), d.get("${vm}", at("state", "STARTED")))...),
		that("refuse.force", Must, "DSP0263 5.5.1", "force is true or false",
			append(post("stop", action("stop", text("force", "very")), d.refused(400)...), d.get("${vm}", at("state", "STARTED")))...),
		that("refuse.none", Must, "DSP0263 5.14.1.2", "an Action without an action is refused", append(post("stop", d.document("Action"), d.refused(400)...), d.get("${vm}", at("state", "STARTED")))...),
		that("refuse.other", Must, "DSP0263 4.2", "another tenant cannot stop it",
			d.get("${vm}").Reading(operation("href", "stop")), d.post("${href}", action("stop"), d.refused(404)...).By(Other), d.get("${vm}", at("state", "STARTED"))),
		that("refuse.state", Must, "DSP0263 4.2, 4.2.2", "what the state does not allow is refused",
			slices.Concat([]Step{d.get("${vm}").Reading(operation("href", "pause"))}, moves("stop", "STOPPED"), []Step{
				d.post("${href}", action("pause"), d.refused(400, 404, 405, 409)...), d.get("${vm}", at("state", "STOPPED"))})...),
		that("refuse.gone", Must, "DSP0263 4.2.2", "nothing can be done with a machine that is gone",
			d.get("${vm}").Reading(operation("href", "stop")), d.del("${vm}", done), d.get("${vm}", Status(404, 410)).Eventually(), d.post("${href}", action("stop"), d.refused(404, 410)...)),
		that("state", Must, "DSP0263 5.8, 4.2.1.3", "a state is not changed by an update",
			d.put("${vm}?$select=state", d.document("Machine", text("state", "STOPPED")), Status(200, 202, 204, 405)), d.get("${vm}", at("state", "STARTED"))),
		that("jobs", Must, "DSP0263 4.2.1.7, 5.17.1", "an action is a Job that ends when the machine is there",
			d.get("${vm}").Reading(operation("href", "stop")),
			d.post("${href}", action("stop"), done, Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), d.typed("Job"), refers("targetResource", "${vm}"), like("action", `/action/stop$`), like("state", `^(QUEUED|RUNNING|SUCCESS)$`)),
			d.get("${job}", Status(200), at("state", "SUCCESS"), at("progress", "100"), affects("${vm}")).Eventually(),
			d.get("${vm}", at("state", "STOPPED"))).Needing(append(slices.Clone(parts), "jobs")...),
		That("actions.truth", Must, "DSP0263 5.8, 5.14.1.2", "every state of a machine is one of the standard's", d.get("${machines}", Status(200), every("a state of machines", func(n node) bool {
			return slices.Contains([]string{"CREATING", "STARTING", "STARTED", "STOPPING", "STOPPED", "PAUSING", "PAUSED", "SUSPENDING", "SUSPENDED", "CAPTURING", "RESTORING", "DELETING", "ERROR", "FAILED"}, n.members["state"].text)
		}))),
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
