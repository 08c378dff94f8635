package occi_test

import "slices"

// Actions of machines.

// undoable makes a case of an action on the running shared machine that must
// not be done.
func undoable(id string, level Level, clause, what string, step Step) Case {
	return that("actions.refuse."+id, level, clause, what, step, get("${machine}", attr("occi.compute.state", "active")))
}

// cycle is an action, in text, and the state that it leads to.
func cycle(term, attributes, state, next string) []Step {
	category := `Category: ` + term + `; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
	return []Step{
		post("${vm}?action="+term, category+attributes, status(200)),
		get("${vm}", attr("occi.compute.state", state), offers(next)).until(),
	}
}

func method(name string) string { return "\nX-OCCI-Attribute: method=\"" + name + `"` }

var actionCases = slices.Concat([]Case{
	that("actions.stop-start", Must, "OCCI 1.2 Infrastructure 3.1; HTTP 10.3.2", "a machine is stopped and started", slices.Concat(newMachine("stop"),
		cycle("stop", "", "inactive", "start"), []Step{get("${vm}", offersNot("stop"), offersNot("suspend"), offersNot("restart"))}, cycle("start", "", "active", "stop"))...),
	that("actions.suspend-start", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is suspended and started", slices.Concat(newMachine("suspend"), cycle("suspend", method("suspend"), "suspended", "start"), cycle("start", "", "active", "stop"))...),
	that("actions.restart", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is restarted, in each way", slices.Concat(newMachine("restart"),
		cycle("restart", method("graceful"), "active", "restart"), cycle("restart", method("warm"), "active", "restart"), cycle("restart", method("cold"), "active", "restart"))...),
	that("actions.stop.methods", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is stopped in each way", slices.Concat(newMachine("methods"),
		cycle("stop", method("acpioff"), "inactive", "start"), cycle("start", "", "active", "stop"), cycle("stop", method("poweroff"), "inactive", "start"))...),
	that("actions.unavailable", Must, "OCCI 1.2 HTTP 5.4; OCCI 1.1 HTTP, return codes", "what the state does not allow is 409, to a client of 1.1 400", post("${machine}?action=start", startAction, status(409)), post("${machine}?action=start", startAction, status(400)).with(sayOCCI11), post("${machine}?action=start", startAction, status(409)).with(sayOCCI12)),
	that("actions.header", Must, "OCCI 1.2 Text 7", "an action in text/occi is answered in text/occi", slices.Concat(newMachine("header action"),
		[]Step{Step{Do: "POST ${vm}?action=stop", Type: "text/occi", Accept: "text/occi", Want: []Check{status(200), body("OK")}}.with(stopAction, `X-OCCI-Attribute: method="graceful"`), get("${vm}", attr("occi.compute.state", "inactive")).until()})...),
	that("actions.json", Must, "OCCI 1.2 JSON 3, action invocation", "an action in JSON is answered in JSON", slices.Concat(newMachine("json action"),
		[]Step{post("${vm}?action=stop", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#stop","attributes":{"method":"graceful"}}`, status(200), media("application/occi+json"), says(`^\{`)).typed("application/occi+json").accept("application/occi+json"),
			get("${vm}", attr("occi.compute.state", "inactive")).until()})...),
	that("actions.ok", DeFacto, "OCCI 1.1 HTTP, actions; rOCCI 4", "an action in text is answered with OK, or with what rOCCI takes for it", slices.Concat(newMachine("ok"), []Step{post("${vm}?action=stop", stopAction, status(200), body("OK"), media("text/plain"))})...),
	that("actions.class", DeFacto, "rOCCI 2", "the class may be left out, the title and an empty attribute list may be there", slices.Concat(newMachine("class"), []Step{post("${vm}?action=stop", `Category: stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; title="Stop it"`, status(200))})...),
	that("actions.no-type", DeFacto, "snf-occi's documentation", "without Content-Type, the field counts", slices.Concat(newMachine("no type"), []Step{Step{Do: "POST ${vm}?action=stop", Want: []Check{status(200)}}.with(stopAction)})...),
	that("actions.get", Must, "OCCI 1.2 HTTP 10.1", "GET does nothing, whatever its query", get("${machine}?action=stop", status(200), kindIs(infra+"compute")), get("${machine}", attr("occi.compute.state", "active"))),
	that("actions.unknown-machine", Must, "OCCI 1.2 HTTP 5.4", "what is not there does nothing", post("${compute}"+nothing+"?action=stop", stopAction, status(404))),
	that("actions.save", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is saved as a template, which is the answer", slices.Concat(newMachine("save"),
		[]Step{post("${vm}?action=save", `Category: save; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`+method("hot")+"\nX-OCCI-Attribute: name=\"${run} saved\"", status(200), says(`rel="http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`)),
			get("/-/", says("${run} saved")).until()})...).needs("http://schemas.ogf.org/occi/infrastructure/compute/action#save").wipes(),
	that("actions.save.json", Must, "OCCI 1.2 Infrastructure 3.1", "the same in JSON", slices.Concat(newMachine("save json"),
		[]Step{post("${vm}?action=save", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#save","attributes":{"name":"${run} jsaved"}}`, status(200), says(`"mixins":\s*\[`), says(`"depends":\s*\["http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`)).typed("application/occi+json").accept("application/occi+json")})...).
		needs("http://schemas.ogf.org/occi/infrastructure/compute/action#save").wipes(),
	that("actions.collection", Must, "OCCI 1.2 HTTP 11.3.3", "an action on a collection is done to all", slices.Concat(newMachine("together"),
		[]Step{post("${compute}?action=stop", stopAction, status(200)), get("${vm}", attr("occi.compute.state", "inactive"), offers("start")).until(), get("${machine}", attr("occi.compute.state", "inactive"), offers("start")).until(),
			post("${compute}?action=start", startAction, status(200)), get("${machine}", attr("occi.compute.state", "active"), offers("stop")).until()})...).wipes(),
	that("actions.collection.mixed", Must, "OCCI 1.1 HTTP, batch operations", "if one cannot, none is changed", slices.Concat(newMachine("mixed"), cycle("suspend", "", "suspended", "start"),
		[]Step{post("${compute}?action=stop", stopAction, status(409, 400)), get("${machine}", attr("occi.compute.state", "active"))})...).wipes(),
}, []Case{
	undoable("category", Must, "OCCI 1.2 HTTP 10.3.2", "an action needs its category", post("${machine}?action=stop", "X-OCCI-Attribute: method=\"graceful\"", status(400))),
	undoable("empty", Must, "OCCI 1.2 HTTP 10.3.2", "an action needs a body", post("${machine}?action=stop", "", status(400))),
	undoable("mismatch", Must, "OCCI 1.1 HTTP, actions", "category and query name the same action", post("${machine}?action=stop", suspendAction, status(400))),
	undoable("several", Must, "OCCI 1.1 HTTP, actions", "there is one action", post("${machine}?action=stop", stopAction+"\n"+suspendAction, status(400))),
	undoable("unknown", Must, "OCCI 1.1 HTTP, return codes", "an unknown action is 404", post("${machine}?action=fly", `Category: fly; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`, status(404, 400))),
	undoable("other-kind", Must, "OCCI 1.1 HTTP, actions", "an action of another kind is refused", post("${machine}?action=up", `Category: up; scheme="http://schemas.ogf.org/occi/infrastructure/network/action#"; class="action"`, status(400, 404))),
	undoable("method", Must, "OCCI 1.2 Infrastructure 3.1", "a method that there is not is refused", post("${machine}?action=stop", stopAction+method("hammer"), status(400))),
	undoable("method-other", Must, "OCCI 1.2 Infrastructure 3.1", "a method of another action is refused", post("${machine}?action=stop", stopAction+method("warm"), status(400))),
	undoable("attribute", Must, "OCCI 1.1 HTTP, return codes", "an attribute that the action does not have is refused", post("${machine}?action=stop", stopAction+"\nX-OCCI-Attribute: speed=\"high\"", status(400, 404))),
	undoable("twice", DeFacto, "safety", "an action is named once", post("${machine}?action=stop&action=suspend", stopAction, status(400))),
	undoable("no-value", DeFacto, "safety", "an action has a name", post("${machine}?action=", stopAction, status(400))),
	undoable("put", DeFacto, "OCCI 1.2 HTTP 10.2", "PUT does no action", put("${machine}?action=stop", stopAction, status(400, 405))),
	undoable("json-mismatch", Must, "OCCI 1.2 JSON 3, action invocation", "body and query name the same action", post("${machine}?action=stop", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#suspend"}`, status(400)).typed("application/occi+json")),
	undoable("json-empty", Must, "OCCI 1.2 JSON 3, action invocation", "an action in JSON is named in the body", post("${machine}?action=stop", `{}`, status(400)).typed("application/occi+json")),
	undoable("tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not there", post("${machine}?action=stop", stopAction, status(404)).by(other)),
	undoable("kind-category", Must, "OCCI 1.1 HTTP, actions", "a kind is no action", post("${machine}?action=compute", kindCompute, status(400, 404))),
	undoable("network", Must, "OCCI 1.1 HTTP, actions", "a network is not stopped", post("${net}?action=stop", stopAction, status(400, 404))),
	undoable("collection-filter", DeFacto, "safety", "an action on a collection with a filter is not done to all", Step{Do: "POST ${compute}?action=stop", Type: "text/occi", Want: []Check{status(400, 200)}}.with(stopAction, none)).wipes(),
})
