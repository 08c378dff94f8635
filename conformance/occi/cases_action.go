package occi

import (
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Actions of machines.

// undoable makes a case of an action on the running shared machine that must
// not be done.
func undoable(id string, level Level, clause, what string, step Step) Case {
	return That("actions.refuse."+id, level, clause, what, step, Get("${machine}", attr("occi.compute.state", "active")))
}

// cycle is an action, in text, and the state that it leads to.
func cycle(term, attributes, state, next string) []Step {
	category := `Category: ` + term + `; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`
	return []Step{
		post("${vm}?action="+term, category+attributes, Status(200)),
		Get("${vm}", attr("occi.compute.state", state), offers(next)).Eventually(),
	}
}

func method(name string) string { return "\nX-OCCI-Attribute: method=\"" + name + `"` }

func actionCases() []Case {
	return slices.Concat([]Case{
		That("actions.stop-start", Must, "OCCI 1.2 Infrastructure 3.1; HTTP 10.3.2", "a machine is stopped and started", slices.Concat(newMachine("stop"),
			cycle("stop", "", "inactive", "start"), []Step{Get("${vm}", offersNot("stop"), offersNot("suspend"), offersNot("restart"))}, cycle("start", "", "active", "stop"))...),
		That("actions.suspend-start", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is suspended and started", slices.Concat(newMachine("suspend"), cycle("suspend", method("suspend"), "suspended", "start"), cycle("start", "", "active", "stop"))...),
		That("actions.restart", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is restarted, in each way", slices.Concat(newMachine("restart"),
			cycle("restart", method("graceful"), "active", "restart"), cycle("restart", method("warm"), "active", "restart"), cycle("restart", method("cold"), "active", "restart"))...),
		That("actions.stop.methods", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is stopped in each way", slices.Concat(newMachine("methods"),
			cycle("stop", method("acpioff"), "inactive", "start"), cycle("start", "", "active", "stop"), cycle("stop", method("poweroff"), "inactive", "start"))...),
		That("actions.unavailable", Must, "OCCI 1.2 HTTP 5.4; OCCI 1.1 HTTP, return codes", "what the state does not allow is 409, to a client of 1.1 400", post("${machine}?action=start", startAction, Status(409)), post("${machine}?action=start", startAction, Status(400)).With(sayOCCI11), post("${machine}?action=start", startAction, Status(409)).With(sayOCCI12)),
		That("actions.header", Must, "OCCI 1.2 Text 7", "an action in text/occi is answered in text/occi", slices.Concat(newMachine("header action"),
			[]Step{Step{Do: "POST ${vm}?action=stop", Type: "text/occi", Accept: "text/occi", Want: []Check{Status(200), Body("OK")}}.With(stopAction, `X-OCCI-Attribute: method="graceful"`), Get("${vm}", attr("occi.compute.state", "inactive")).Eventually()})...),
		That("actions.json", Must, "OCCI 1.2 JSON 3, action invocation", "an action in JSON is answered in JSON", slices.Concat(newMachine("json action"),
			[]Step{post("${vm}?action=stop", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#stop","attributes":{"method":"graceful"}}`, Status(200), Media("application/occi+json"), Says(`^\{`)).Typed("application/occi+json").Accepting("application/occi+json"),
				Get("${vm}", attr("occi.compute.state", "inactive")).Eventually()})...),
		That("actions.ok", DeFacto, "OCCI 1.1 HTTP, actions; rOCCI 4", "an action in text is answered with OK, or with what rOCCI takes for it", slices.Concat(newMachine("ok"), []Step{post("${vm}?action=stop", stopAction, Status(200), Body("OK"), Media("text/plain"))})...),
		That("actions.class", DeFacto, "rOCCI 2", "the class may be left out, the title and an empty attribute list may be there", slices.Concat(newMachine("class"), []Step{post("${vm}?action=stop", `Category: stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; title="Stop it"`, Status(200))})...),
		That("actions.no-type", DeFacto, "snf-occi's documentation", "without Content-Type, the field counts", slices.Concat(newMachine("no type"), []Step{Step{Do: "POST ${vm}?action=stop", Want: []Check{Status(200)}}.With(stopAction)})...),
		That("actions.get", Must, "OCCI 1.2 HTTP 10.1", "GET does nothing, whatever its query", Get("${machine}?action=stop", Status(200), kindIs(infra+"compute")), Get("${machine}", attr("occi.compute.state", "active"))),
		That("actions.unknown-machine", Must, "OCCI 1.2 HTTP 5.4", "what is not there does nothing", post("${compute}"+nothing+"?action=stop", stopAction, Status(404))),
		That("actions.save", Must, "OCCI 1.2 Infrastructure 3.1", "a machine is saved as a template, which is the answer", slices.Concat(newMachine("save"),
			[]Step{post("${vm}?action=save", `Category: save; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`+method("hot")+"\nX-OCCI-Attribute: name=\"${run} saved\"", Status(200), Says(`rel="http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`)),
				Get("/-/", Says("${run} saved")).Eventually()})...).Needing("http://schemas.ogf.org/occi/infrastructure/compute/action#save").Alone(),
		That("actions.save.json", Must, "OCCI 1.2 Infrastructure 3.1", "the same in JSON, deferred", slices.Concat(newMachine("save json"),
			[]Step{post("${vm}?action=save", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#save","attributes":{"method":"deferred","name":"${run} jsaved"}}`, Status(200), Says(`"mixins":\s*\[`), Says(`"depends":\s*\["http://schemas\.ogf\.org/occi/infrastructure#os_tpl"`)).Typed("application/occi+json").Accepting("application/occi+json")})...).
			Needing("http://schemas.ogf.org/occi/infrastructure/compute/action#save").Alone(),
		That("actions.collection", Must, "OCCI 1.2 HTTP 11.3.3", "an action on a collection is done to all", slices.Concat(newMachine("together"),
			[]Step{post("${compute}?action=stop", stopAction, Status(200)), Get("${vm}", attr("occi.compute.state", "inactive"), offers("start")).Eventually(), Get("${machine}", attr("occi.compute.state", "inactive"), offers("start")).Eventually(),
				post("${compute}?action=start", startAction, Status(200)), Get("${machine}", attr("occi.compute.state", "active"), offers("stop")).Eventually()})...).Alone(),
		That("actions.collection.mixed", Must, "OCCI 1.1 HTTP, batch operations", "if one cannot, none is changed", slices.Concat(newMachine("mixed"), cycle("suspend", "", "suspended", "start"),
			[]Step{post("${compute}?action=stop", stopAction, Status(409, 400)), Get("${machine}", attr("occi.compute.state", "active"))})...).Alone(),
	}, []Case{
		undoable("category", Must, "OCCI 1.2 HTTP 10.3.2", "an action needs its category", post("${machine}?action=stop", "X-OCCI-Attribute: method=\"graceful\"", Status(400))),
		undoable("empty", Must, "OCCI 1.2 HTTP 10.3.2", "an action needs a body", post("${machine}?action=stop", "", Status(400))),
		undoable("mismatch", Must, "OCCI 1.1 HTTP, actions", "category and query name the same action", post("${machine}?action=stop", suspendAction, Status(400))),
		undoable("several", Must, "OCCI 1.1 HTTP, actions", "there is one action", post("${machine}?action=stop", stopAction+"\n"+suspendAction, Status(400))),
		undoable("unknown", Must, "OCCI 1.1 HTTP, return codes", "an unknown action is 404", post("${machine}?action=fly", `Category: fly; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`, Status(404, 400))),
		undoable("other-kind", Must, "OCCI 1.1 HTTP, actions", "an action of another kind is refused", post("${machine}?action=up", `Category: up; scheme="http://schemas.ogf.org/occi/infrastructure/network/action#"; class="action"`, Status(400, 404))),
		undoable("method", Must, "OCCI 1.2 Infrastructure 3.1", "a method that there is not is refused", post("${machine}?action=stop", stopAction+method("hammer"), Status(400))),
		undoable("method-other", Must, "OCCI 1.2 Infrastructure 3.1", "a method of another action is refused", post("${machine}?action=stop", stopAction+method("warm"), Status(400))),
		undoable("attribute", Must, "OCCI 1.1 HTTP, return codes", "an attribute that the action does not have is refused", post("${machine}?action=stop", stopAction+"\nX-OCCI-Attribute: speed=\"high\"", Status(400, 404))),
		undoable("twice", DeFacto, "safety", "an action is named once", post("${machine}?action=stop&action=suspend", stopAction, Status(400))),
		undoable("no-value", DeFacto, "safety", "an action has a name", post("${machine}?action=", stopAction, Status(400))),
		undoable("put", DeFacto, "OCCI 1.2 HTTP 10.2", "PUT does no action", put("${machine}?action=stop", stopAction, Status(400, 405))),
		undoable("json-mismatch", Must, "OCCI 1.2 JSON 3, action invocation", "body and query name the same action", post("${machine}?action=stop", `{"action":"http://schemas.ogf.org/occi/infrastructure/compute/action#suspend"}`, Status(400)).Typed("application/occi+json")),
		undoable("json-empty", Must, "OCCI 1.2 JSON 3, action invocation", "an action in JSON is named in the body", post("${machine}?action=stop", `{}`, Status(400)).Typed("application/occi+json")),
		undoable("tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machine is not there", post("${machine}?action=stop", stopAction, Status(404)).By(Other)),
		undoable("kind-category", Must, "OCCI 1.1 HTTP, actions", "a kind is no action", post("${machine}?action=compute", kindCompute, Status(400, 404))),
		undoable("network", Must, "OCCI 1.1 HTTP, actions", "a network is not stopped", post("${net}?action=stop", stopAction, Status(400, 404))),
		undoable("collection-filter", DeFacto, "safety", "an action on a collection with a filter is not done to all", Step{Do: "POST ${compute}?action=stop", Type: "text/occi", Want: []Check{Status(400, 200)}}.With(stopAction, none)).Alone(),
	})
}
