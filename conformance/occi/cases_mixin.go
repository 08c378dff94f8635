package occi

import (
	"fmt"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// Mixins of the user's own: defined, removed, and what has them.

// own is the category of a mixin that a case defined.
func own(term string) string {
	return fmt.Sprintf(`Category: %s; scheme="http://example.org/${run}#"; class="mixin"`, term)
}

func ownID(term string) string { return "http://example.org/${run}#" + term }

func ownPlace(term string) string { return "${endpoint}/${run}/" + term + "/" }

func undefine(term string) Step {
	return Step{Do: "DELETE /-/", Type: "text/plain", Body: own(term)}
}

// mixed makes a case with a mixin that is defined first and removed at the end.
func mixed(term string, level Level, clause, what string, steps ...Step) Case {
	first := []Step{post("/-/", mixinBody(term, "/${run}/"+term+"/"), Status(200))}
	return That("mixins."+term, level, clause, what, append(first, steps...)...).Ending(undefine(term))
}

// unmixable makes a case of a definition that is refused, and not listed.
func unmixable(id string, level Level, clause, what, definition string, codes ...int) Case {
	return That("mixins.refuse."+id, level, clause, what, post("/-/", definition, Status(codes...)), Get("/-/", SaysNot(`example\.org/${run}-refused#`))).
		Ending(Step{Do: "DELETE /-/", Type: "text/plain", Body: `Category: refused; scheme="http://example.org/${run}-refused#"; class="mixin"`})
}

const refusedMixin = `Category: refused; scheme="http://example.org/${run}-refused#"`

func at(place string) string { return "X-OCCI-Location: " + place }

// without is a DELETE with a body in text/plain.
func without(target, body string, want ...Check) Step {
	return Step{Do: "DELETE " + target, Type: "text/plain", Body: body, Want: want}
}

func mixinCases() []Case {
	return slices.Concat([]Case{
		mixed("define", Must, "OCCI 1.2 HTTP 9.3", "a mixin is defined, listed, and removed",
			Get("/-/", has(ownID("define")), Says(`location="[^"]*/${run}/define/"`)), Get("/-/", onlyHas(ownID("define"))).With(own("define")),
			Get(ownPlace("define"), Status(200), count(0)),
			without("/-/", own("define"), Status(200)), Get("/-/", lacks(ownID("define"))), Get(ownPlace("define"), Status(404))),
		That("mixins.json", Must, "OCCI 1.2 JSON 3.4.2", "a mixin is defined and removed in JSON",
			post("/-/", `{"mixins":[{"term":"json","scheme":"http://example.org/${run}#","title":"a json","location":"/${run}/json/"}]}`, Status(200)).Typed("application/occi+json").Accepting("application/occi+json"),
			Get("/-/", has(ownID("json"))).Accepting("application/occi+json"),
			Step{Do: "DELETE /-/", Type: "application/occi+json", Accept: "application/occi+json", Body: `{"mixins":[{"term":"json","scheme":"http://example.org/${run}#","location":"/${run}/json/"}]}`, Want: []Check{Status(200)}},
			Get("/-/", lacks(ownID("json")))).Ending(undefine("json")),
		That("mixins.header", Must, "OCCI 1.2 Text 7", "a mixin is defined and removed in text/occi",
			Step{Do: "POST /-/", Type: "text/occi", Want: []Check{Status(200)}}.With(mixinBody("header", "/${run}/header/")), Get("/-/", has(ownID("header"))),
			Step{Do: "DELETE /-/", Type: "text/occi", Want: []Check{Status(200)}}.With(own("header")), Get("/-/", lacks(ownID("header")))).Ending(undefine("header")),
		That("mixins.well-known", DeFacto, "OGF's test script", "a mixin can be defined and removed at the well-known place",
			post("/.well-known/org/ogf/occi/-/", mixinBody("known", "/${run}/known/"), Status(200)), Get("/-/", has(ownID("known"))),
			without("/.well-known/org/ogf/occi/-/", own("known"), Status(200)), Get("/-/", lacks(ownID("known")))).Ending(undefine("known")),
		That("mixins.several", Must, "OCCI 1.2 HTTP 9.3", "several are defined and removed at once",
			post("/-/", mixinBody("one", "/${run}/one/")+"\n"+mixinBody("two", "/${run}/two/"), Status(200)), Get("/-/", has(ownID("one")), has(ownID("two"))),
			without("/-/", own("one")+"\n"+own("two"), Status(200)), Get("/-/", lacks(ownID("one")), lacks(ownID("two")))).Ending(undefine("one"), undefine("two")),
		That("mixins.several.atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are defined",
			post("/-/", mixinBody("good", "/${run}/good/")+"\n"+`Category: bad; scheme="http://example.org/${run}#"; class="mixin"`, Status(400)), Get("/-/", lacks(ownID("good")))).Ending(undefine("good")),
		mixed("removal-atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are removed",
			without("/-/", own("removal-atomic")+"\n"+own("nowhere"), Status(404)), Get("/-/", has(ownID("removal-atomic")))),
		mixed("again", DeFacto, "retries", "the same definition again is no conflict, another is", post("/-/", mixinBody("again", "/${run}/again/"), Status(200)), post("/-/", mixinBody("again", "/${run}/elsewhere/"), Status(409))),
		mixed("taken", DeFacto, "OCCI 1.1 HTTP, query interface", "a location has one mixin", post("/-/", mixinBody("thief", "/${run}/taken/"), Status(409)), Get("/-/", lacks(ownID("thief")))),
		That("mixins.rel", DeFacto, "OGF's test script", "a mixin may be related to one that is unknown", post("/-/", `Category: rel; scheme="http://example.org/${run}#"; class="mixin"; rel="http://example.com/occi/something_else#mixin"; location="/${run}/rel/"`, Status(200)),
			Get("/-/", has(ownID("rel")), Says(`rel="http://example\.com/occi/something_else#mixin"`))).Ending(undefine("rel")),
		That("mixins.bare", DeFacto, "OGF's test script", "the class may be left out", post("/-/", `Category: bare; scheme="http://example.org/${run}#"; location="/${run}/bare/"`, Status(200)), Get("/-/", has(ownID("bare")))).Ending(undefine("bare")),
		That("mixins.absolute", Must, "OCCI 1.2 Text 4.1", "the location may be a URL of the endpoint", post("/-/", mixinBody("absolute", "${endpoint}/${run}/absolute/"), Status(200)), Get(ownPlace("absolute"), Status(200))).Ending(undefine("absolute")),
		mixed("tenant", Must, "OCCI 1.2 HTTP 12", "a tenant's mixins are its own", Get("/-/", lacks(ownID("tenant"))).By(Other), Get(ownPlace("tenant"), Status(404)).By(Other),
			without("/-/", own("tenant"), Status(404)).By(Other), Get("/-/", has(ownID("tenant")))),
		mixed("both", Must, "OCCI 1.2 HTTP 12", "two tenants may define the same", post("/-/", mixinBody("both", "/${run}/both/"), Status(200)).By(Other), without("/-/", own("both"), Status(200)).By(Other), Get("/-/", has(ownID("both")))),
		That("mixins.dotted", DeFacto, "rOCCI 4, which refuses the whole for a term with a dot", "a mixin that OCCI 1.1 could not name, if it can be defined, is not shown to its clients", post("/-/", mixinBody("dot.ted", "/${run}/dotted/"), Status(200, 400, 403)),
			Get("/-/", Status(200), SaysNot(`(?m)^Category: [^;]*\.`)).With(sayOCCI11).Accepting("text/plain")).Alone().Ending(undefine("dot.ted")),
		That("mixins.remove.unknown", Must, "OCCI 1.1 HTTP, return codes", "a mixin that is not there cannot be removed", without("/-/", own("nowhere"), Status(404))),
		That("mixins.remove.provider", Must, "OCCI 1.1 HTTP, return codes", "a mixin or kind of the provider cannot be removed", without("/-/", "Category: ${os}", Status(403)), without("/-/", kindCompute, Status(403)), Get("/-/", has("${os.id}"), has(infra+"compute"))).Alone(),
		That("mixins.remove.nothing", DeFacto, "safety", "a removal that names nothing is refused", post("/-/", mixinBody("kept", "/${run}/kept/"), Status(200)), Del("/-/", Status(400)), Get("/-/", has(ownID("kept")))).Alone().Ending(undefine("kept")),
	}, []Case{
		unmixable("location", Must, "OCCI 1.1 HTTP, query interface", "a mixin needs a location", refusedMixin+`; class="mixin"`, 400),
		unmixable("kind", Must, "OCCI 1.1 HTTP, query interface", "a client defines no kinds", refusedMixin+`; class="kind"; location="/${run}/refused/"`, 400, 403),
		unmixable("action", Must, "OCCI 1.1 HTTP, query interface", "a client defines no actions", refusedMixin+`; class="action"`, 400, 403),
		unmixable("attributes", Must, "OCCI 1.1 HTTP, query interface", "attributes of a client's mixin are not supported", refusedMixin+`; class="mixin"; location="/${run}/refused/"; attributes="org.example.colour"`, 400, 403),
		unmixable("malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed definition is refused", refusedMixin+`; class="mixin"; location="`, 400),
		unmixable("empty", Must, "OCCI 1.1 HTTP, query interface", "a definition of nothing is refused", "", 400),
		unmixable("provider", Must, "OCCI 1.1 HTTP, return codes", "a mixin of the provider cannot be defined again", `Category: os_tpl; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="mixin"; location="/${run}/refused/"`, 403, 409),
		unmixable("reserved", Should, "OCCI 1.2 Core 4.4", "the standard's schemes are reserved", `Category: mine; scheme="http://schemas.ogf.org/occi/mine#"; class="mixin"; location="/${run}/refused/"`, 403, 400),
		unmixable("place.kind", DeFacto, "OCCI 1.1 HTTP, name space", "a mixin is not at a kind's place", refusedMixin+`; class="mixin"; location="/compute/"`, 409, 400, 403),
		unmixable("place.below", DeFacto, "OCCI 1.1 HTTP, name space", "a mixin is not below a kind's place", refusedMixin+`; class="mixin"; location="/compute/mine/"`, 409, 400, 403),
		unmixable("place.query", DeFacto, "OCCI 1.1 HTTP, name space", "a mixin is not at the query interface", refusedMixin+`; class="mixin"; location="/-/"`, 409, 400, 403),
		unmixable("place.elsewhere", DeFacto, "OCCI 1.1 HTTP, name space", "a mixin is not at another server", refusedMixin+`; class="mixin"; location="http://other.example.org/mine/"`, 400),
		unmixable("json.kinds", Must, "OCCI 1.2 JSON 3.4", "kinds are not defined in JSON either", `{"kinds":[{"term":"refused","scheme":"http://example.org/${run}-refused#"}]}`, 400, 403),
	}, []Case{
		mixed("associate", Must, "OCCI 1.2 HTTP 11.3.2", "what is posted to the mixin's collection has the mixin",
			post(ownPlace("associate"), at("${machine}"), Status(200)), Get("${machine}", has(ownID("associate")), kindIs(infra+"compute")).Eventually(), Get(ownPlace("associate"), lists("${machine}"), count(1)).Eventually(),
			post(ownPlace("associate"), at("${machine}"), Status(200)), Get(ownPlace("associate"), count(1)),
			without(ownPlace("associate"), at("${machine}"), Status(200, 204)), Get("${machine}", Status(200), lacks(ownID("associate"))).Eventually(), Get(ownPlace("associate"), count(0)).Eventually()),
		mixed("associate-json", Must, "OCCI 1.2 HTTP 11.3.2", "the same in JSON, answered with the collection",
			post(ownPlace("associate-json"), `{"resources":[{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","id":"${machine.id}"}]}`, Status(200), lists("${machine}")).Typed("application/occi+json").Accepting("application/occi+json"),
			Get(ownPlace("associate-json"), lists("${machine}"), Says(`"resources":`)).Accepting("application/occi+json").Eventually()),
		mixed("associate-header", Must, "OCCI 1.2 Text 7", "the same in text/occi", Step{Do: "POST " + ownPlace("associate-header"), Type: "text/occi", Want: []Check{Status(200)}}.With(at("${machine}")), Get(ownPlace("associate-header"), lists("${machine}")).Accepting("text/occi").Eventually()),
		mixed("associate-uris", DeFacto, "clients of text/uri-list", "the same as text/uri-list", post(ownPlace("associate-uris"), "${machine}\r\n", Status(200)).Typed("text/uri-list"), Get(ownPlace("associate-uris"), lists("${machine}")).Eventually()),
		mixed("associate-list", DeFacto, "OGF's test script", "several locations may be in one field, as paths", post(ownPlace("associate-list"), "X-OCCI-Location: ${compute.path}${machine.id}, ${network.path}${net.id}", Status(200)), Get(ownPlace("associate-list"), count(2), lists("${machine}"), lists("${net}")).Eventually()),
		mixed("kinds", Must, "OCCI 1.2 HTTP 11.1", "a mixin's collection has entities of all kinds", post(ownPlace("kinds"), at("${machine}")+"\n"+at("${net}"), Status(200)),
			Get(ownPlace("kinds"), count(2)).Eventually(), Get(ownPlace("kinds"), count(1), lists("${net}")).With(kindNetwork), Get("${net}", has(ownID("kinds")))),
		mixed("storage", Must, "OCCI 1.2 HTTP 11.3.2", "storage can have a mixin", post(ownPlace("storage"), at("${volume}"), Status(200)), Get("${volume}", has(ownID("storage"))).Eventually(), Get(ownPlace("storage"), lists("${volume}")).Eventually()),
		mixed("links", Must, "OCCI 1.2 HTTP 11.3.2", "a link can have a mixin", Get("${machine}").Finding("nic", `self="([^"]*)"`), post(ownPlace("links"), at("${nic}"), Status(200)), Get("${nic}", has(ownID("links"))).Eventually(), Get(ownPlace("links"), lists("${nic}")).Eventually()),
		mixed("filter", Must, "OCCI 1.1 HTTP, filtering", "a mixin of one's own filters", post(ownPlace("filter"), at("${machine}"), Status(200)), Get("${compute}", count(1), lists("${machine}")).With(own("filter")).Eventually(), Get("${network}", count(0)).With(own("filter"))),
		mixed("replace", Must, "OCCI 1.2 HTTP 11.2", "PUT makes the collection what is sent", post(ownPlace("replace"), at("${machine}"), Status(200)), put(ownPlace("replace"), at("${net}"), Status(200)),
			Get(ownPlace("replace"), count(1), lists("${net}")).Eventually(), Get("${machine}", lacks(ownID("replace"))),
			put(ownPlace("replace"), `{"resources":[]}`, Status(200)).Typed("application/occi+json"), Get(ownPlace("replace"), count(0)).Eventually(), Get("${net}", Status(200), lacks(ownID("replace")))),
		mixed("dissociate-all", Must, "OCCI 1.2 HTTP 11.4.2", "DELETE of a mixin's collection takes the mixin off all, and deletes nothing", post(ownPlace("dissociate-all"), at("${machine}")+"\n"+at("${net}"), Status(200)), Get(ownPlace("dissociate-all"), count(2)).Eventually(),
			Del(ownPlace("dissociate-all"), Status(200, 204)), Get(ownPlace("dissociate-all"), Status(200), count(0)).Eventually(), Get("${machine}", Status(200), lacks(ownID("dissociate-all"))), Get("${net}", Status(200))).Alone(),
		mixed("removed", Must, "OCCI 1.2 HTTP 9.4", "removing a mixin takes it off what has it, and deletes nothing", post(ownPlace("removed"), at("${machine}"), Status(200)), Get("${machine}", has(ownID("removed"))).Eventually(),
			without("/-/", own("removed"), Status(200)), Get("${machine}", Status(200), lacks(ownID("removed"))),
			post("/-/", mixinBody("removed", "/${run}/removed/"), Status(200)), Get(ownPlace("removed"), Status(200), count(0))),
		mixed("member", DeFacto, "OCCI 1.1 HTTP, return codes", "what does not have the mixin cannot lose it", without(ownPlace("member"), at("${machine}"), Status(404)), Get("${machine}", Status(200))).Alone(),
		mixed("nowhere", Must, "OCCI 1.1 HTTP, return codes", "a location that is not there is 404, and nothing is changed", post(ownPlace("nowhere"), at("${machine}")+"\n"+at("${compute}"+nothing), Status(404)), Get(ownPlace("nowhere"), count(0))),
		mixed("elsewhere", Must, "OCCI 1.1 HTTP, return codes", "a location at another server is refused", post(ownPlace("elsewhere"), at("http://other.example.org/compute/1"), Status(400, 404)), Get(ownPlace("elsewhere"), count(0))),
		mixed("no-location", Must, "OCCI 1.1 HTTP, mixin collections", "an association of nothing is refused", post(ownPlace("no-location"), "", Status(400))),
		mixed("stranger", Must, "OCCI 1.2 HTTP 12", "another tenant's entity is not there", post("/-/", mixinBody("stranger", "/${run}/stranger/"), Status(200)).By(Other), post(ownPlace("stranger"), at("${machine}"), Status(404)).By(Other),
			without("/-/", own("stranger"), Status(200)).By(Other), Get("${machine}", lacks(ownID("stranger")))),
		mixed("at-creation", Must, "OCCI 1.2 Core 4.4", "a machine can be created with a mixin", post("${compute}", machineBody+"\n"+own("at-creation"), Status(201)).Making("vm"), Get("${vm}", has(ownID("at-creation"))).Eventually(), Get(ownPlace("at-creation"), lists("${vm}")).Eventually()),
		mixed("at-update", Must, "OCCI 1.2 HTTP 10.3.1", "an update adds a mixin", then(newMachine("tagged"), post("${vm}", own("at-update"), Status(200), has(ownID("at-update"))), Get(ownPlace("at-update"), lists("${vm}")).Eventually(),
			put("${vm}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}"+title("${run} tagged"), Status(200)), Get("${vm}", lacks(ownID("at-update"))).Eventually())...),
		mixed("deleted", Must, "OCCI 1.2 HTTP 10.4", "what is deleted leaves the collection", post("${compute}", machineBody+"\n"+own("deleted"), Status(201)).Making("vm"), Del("${vm}", Status(200)), Get(ownPlace("deleted"), count(0)).Eventually()),
		That("mixins.applies", Must, "OCCI 1.2 Core 4.4; OCCI 1.1 HTTP, return codes", "a mixin of networks cannot be put on a machine",
			post("/-/", `{"mixins":[{"term":"applies","scheme":"http://example.org/${run}#","location":"/${run}/applies/","applies":["http://schemas.ogf.org/occi/infrastructure#network"]}]}`, Status(200)).Typed("application/occi+json"),
			post(ownPlace("applies"), at("${machine}"), Status(403, 400)), post(ownPlace("applies"), at("${net}"), Status(200)), Get(ownPlace("applies"), count(1), lists("${net}")).Eventually()).Ending(undefine("applies")),
		mixed("action", Must, "OCCI 1.1 HTTP, mixin collections", "a kind's action cannot be done on a mixin's collection by a client of 1.1", post(ownPlace("action"), at("${machine}"), Status(200)), post(ownPlace("action")+"?action=start", startAction, Status(400, 409, 405)).With(sayOCCI11), Get("${machine}", attr("occi.compute.state", "active"))),
		mixed("unbound", Should, "OCCI 1.2 HTTP 4.1", "the path above a mixin lists what has it", post(ownPlace("unbound"), at("${net}"), Status(200)), Get("${endpoint}/${run}/", Status(200), lists("${net}"))),
		mixed("unbound-delete", DeFacto, "safety", "the path above a mixin cannot be deleted", post(ownPlace("unbound-delete"), at("${machine}"), Status(200)), Del("${endpoint}/${run}/", Status(403, 405)), Get("${machine}", Status(200), has(ownID("unbound-delete"))).Eventually()).Alone(),
		mixed("read", Must, "OCCI 1.2 HTTP 12", "a mixin's collection of another tenant is not there", Get("${tag.location}", Status(404)).By(Other), Get("${tag.location}", Status(200))),
	})
}
