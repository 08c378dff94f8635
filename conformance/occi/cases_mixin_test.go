package occi_test

import (
	"fmt"
	"slices"
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
	first := []Step{post("/-/", mixinBody(term, "/${run}/"+term+"/"), status(200))}
	return that("mixins."+term, level, clause, what, append(first, steps...)...).finally(undefine(term))
}

// unmixable makes a case of a definition that is refused, and not listed.
func unmixable(id string, level Level, clause, what, definition string, codes ...int) Case {
	return that("mixins.refuse."+id, level, clause, what, post("/-/", definition, status(codes...)), get("/-/", saysNot(`example\.org/${run}-refused#`))).
		finally(Step{Do: "DELETE /-/", Type: "text/plain", Body: `Category: refused; scheme="http://example.org/${run}-refused#"; class="mixin"`})
}

const refusedMixin = `Category: refused; scheme="http://example.org/${run}-refused#"`

func at(place string) string { return "X-OCCI-Location: " + place }

// without is a DELETE with a body in text/plain.
func without(target, body string, want ...Check) Step {
	return Step{Do: "DELETE " + target, Type: "text/plain", Body: body, Want: want}
}

var mixinCases = slices.Concat([]Case{
	mixed("define", Must, "OCCI 1.2 HTTP 9.3", "a mixin is defined, listed, and removed",
		get("/-/", has(ownID("define")), says(`location="[^"]*/${run}/define/"`)), get("/-/", onlyHas(ownID("define"))).with(own("define")),
		get(ownPlace("define"), status(200), count(0)),
		without("/-/", own("define"), status(200)), get("/-/", lacks(ownID("define"))), get(ownPlace("define"), status(404))),
	that("mixins.json", Must, "OCCI 1.2 JSON 3.4.2", "a mixin is defined and removed in JSON",
		post("/-/", `{"mixins":[{"term":"json","scheme":"http://example.org/${run}#","title":"a json","location":"/${run}/json/"}]}`, status(200)).typed("application/occi+json").accept("application/occi+json"),
		get("/-/", has(ownID("json"))).accept("application/occi+json"),
		Step{Do: "DELETE /-/", Type: "application/occi+json", Accept: "application/occi+json", Body: `{"mixins":[{"term":"json","scheme":"http://example.org/${run}#","location":"/${run}/json/"}]}`, Want: []Check{status(200)}},
		get("/-/", lacks(ownID("json")))).finally(undefine("json")),
	that("mixins.header", Must, "OCCI 1.2 Text 7", "a mixin is defined and removed in text/occi",
		Step{Do: "POST /-/", Type: "text/occi", Want: []Check{status(200)}}.with(mixinBody("header", "/${run}/header/")), get("/-/", has(ownID("header"))),
		Step{Do: "DELETE /-/", Type: "text/occi", Want: []Check{status(200)}}.with(own("header")), get("/-/", lacks(ownID("header")))).finally(undefine("header")),
	that("mixins.well-known", DeFacto, "OGF's test script", "a mixin can be defined and removed at the well-known place",
		post("/.well-known/org/ogf/occi/-/", mixinBody("known", "/${run}/known/"), status(200)), get("/-/", has(ownID("known"))),
		without("/.well-known/org/ogf/occi/-/", own("known"), status(200)), get("/-/", lacks(ownID("known")))).finally(undefine("known")),
	that("mixins.several", Must, "OCCI 1.2 HTTP 9.3", "several are defined and removed at once",
		post("/-/", mixinBody("one", "/${run}/one/")+"\n"+mixinBody("two", "/${run}/two/"), status(200)), get("/-/", has(ownID("one")), has(ownID("two"))),
		without("/-/", own("one")+"\n"+own("two"), status(200)), get("/-/", lacks(ownID("one")), lacks(ownID("two")))).finally(undefine("one"), undefine("two")),
	that("mixins.several.atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are defined",
		post("/-/", mixinBody("good", "/${run}/good/")+"\n"+`Category: bad; scheme="http://example.org/${run}#"; class="mixin"`, status(400)), get("/-/", lacks(ownID("good")))).finally(undefine("good")),
	mixed("removal-atomic", Must, "OCCI 1.1 HTTP, batch operations", "of several, all or none are removed",
		without("/-/", own("removal-atomic")+"\n"+own("nowhere"), status(404)), get("/-/", has(ownID("removal-atomic")))),
	mixed("again", DeFacto, "retries", "the same definition again is no conflict, another is", post("/-/", mixinBody("again", "/${run}/again/"), status(200)), post("/-/", mixinBody("again", "/${run}/elsewhere/"), status(409))),
	mixed("taken", DeFacto, "OCCI 1.1 HTTP, query interface", "a location has one mixin", post("/-/", mixinBody("thief", "/${run}/taken/"), status(409)), get("/-/", lacks(ownID("thief")))),
	that("mixins.rel", DeFacto, "OGF's test script", "a mixin may be related to one that is unknown", post("/-/", `Category: rel; scheme="http://example.org/${run}#"; class="mixin"; rel="http://example.com/occi/something_else#mixin"; location="/${run}/rel/"`, status(200)),
		get("/-/", has(ownID("rel")), says(`rel="http://example\.com/occi/something_else#mixin"`))).finally(undefine("rel")),
	that("mixins.bare", DeFacto, "OGF's test script", "the class may be left out", post("/-/", `Category: bare; scheme="http://example.org/${run}#"; location="/${run}/bare/"`, status(200)), get("/-/", has(ownID("bare")))).finally(undefine("bare")),
	that("mixins.absolute", Must, "OCCI 1.2 Text 4.1", "the location may be a URL of the endpoint", post("/-/", mixinBody("absolute", "${endpoint}/${run}/absolute/"), status(200)), get(ownPlace("absolute"), status(200))).finally(undefine("absolute")),
	mixed("tenant", Must, "OCCI 1.2 HTTP 12", "a tenant's mixins are its own", get("/-/", lacks(ownID("tenant"))).by(other), get(ownPlace("tenant"), status(404)).by(other),
		without("/-/", own("tenant"), status(404)).by(other), get("/-/", has(ownID("tenant")))),
	mixed("both", Must, "OCCI 1.2 HTTP 12", "two tenants may define the same", post("/-/", mixinBody("both", "/${run}/both/"), status(200)).by(other), without("/-/", own("both"), status(200)).by(other), get("/-/", has(ownID("both")))),
	that("mixins.remove.unknown", Must, "OCCI 1.1 HTTP, return codes", "a mixin that is not there cannot be removed", without("/-/", own("nowhere"), status(404))),
	that("mixins.remove.provider", Must, "OCCI 1.1 HTTP, return codes", "a mixin or kind of the provider cannot be removed", without("/-/", "Category: ${os}", status(403)), without("/-/", kindCompute, status(403)), get("/-/", has("${os.id}"), has(infra+"compute"))).wipes(),
	that("mixins.remove.nothing", DeFacto, "safety", "a removal that names nothing is refused", post("/-/", mixinBody("kept", "/${run}/kept/"), status(200)), del("/-/", status(400)), get("/-/", has(ownID("kept")))).wipes().finally(undefine("kept")),
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
		post(ownPlace("associate"), at("${machine}"), status(200)), get("${machine}", has(ownID("associate")), kindIs(infra+"compute")).until(), get(ownPlace("associate"), lists("${machine}"), count(1)).until(),
		post(ownPlace("associate"), at("${machine}"), status(200)), get(ownPlace("associate"), count(1)),
		without(ownPlace("associate"), at("${machine}"), status(200, 204)), get("${machine}", status(200), lacks(ownID("associate"))).until(), get(ownPlace("associate"), count(0)).until()),
	mixed("associate-json", Must, "OCCI 1.2 HTTP 11.3.2", "the same in JSON, answered with the collection",
		post(ownPlace("associate-json"), `{"resources":[{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","id":"${machine.id}"}]}`, status(200), lists("${machine}")).typed("application/occi+json").accept("application/occi+json"),
		get(ownPlace("associate-json"), lists("${machine}"), says(`"resources":`)).accept("application/occi+json").until()),
	mixed("associate-header", Must, "OCCI 1.2 Text 7", "the same in text/occi", Step{Do: "POST " + ownPlace("associate-header"), Type: "text/occi", Want: []Check{status(200)}}.with(at("${machine}")), get(ownPlace("associate-header"), lists("${machine}")).accept("text/occi").until()),
	mixed("associate-uris", DeFacto, "clients of text/uri-list", "the same as text/uri-list", post(ownPlace("associate-uris"), "${machine}\r\n", status(200)).typed("text/uri-list"), get(ownPlace("associate-uris"), lists("${machine}")).until()),
	mixed("associate-list", DeFacto, "OGF's test script", "several locations may be in one field, as paths", post(ownPlace("associate-list"), "X-OCCI-Location: ${compute.path}${machine.id}, ${network.path}${net.id}", status(200)), get(ownPlace("associate-list"), count(2), lists("${machine}"), lists("${net}")).until()),
	mixed("kinds", Must, "OCCI 1.2 HTTP 11.1", "a mixin's collection has entities of all kinds", post(ownPlace("kinds"), at("${machine}")+"\n"+at("${net}"), status(200)),
		get(ownPlace("kinds"), count(2)).until(), get(ownPlace("kinds"), count(1), lists("${net}")).with(kindNetwork), get("${net}", has(ownID("kinds")))),
	mixed("storage", Must, "OCCI 1.2 HTTP 11.3.2", "storage can have a mixin", post(ownPlace("storage"), at("${volume}"), status(200)), get("${volume}", has(ownID("storage"))).until(), get(ownPlace("storage"), lists("${volume}")).until()),
	mixed("links", Must, "OCCI 1.2 HTTP 11.3.2", "a link can have a mixin", get("${machine}").find("nic", `self="([^"]*)"`), post(ownPlace("links"), at("${nic}"), status(200)), get("${nic}", has(ownID("links"))).until(), get(ownPlace("links"), lists("${nic}")).until()),
	mixed("filter", Must, "OCCI 1.1 HTTP, filtering", "a mixin of one's own filters", post(ownPlace("filter"), at("${machine}"), status(200)), get("${compute}", count(1), lists("${machine}")).with(own("filter")).until(), get("${network}", count(0)).with(own("filter"))),
	mixed("replace", Must, "OCCI 1.2 HTTP 11.2", "PUT makes the collection what is sent", post(ownPlace("replace"), at("${machine}"), status(200)), put(ownPlace("replace"), at("${net}"), status(200)),
		get(ownPlace("replace"), count(1), lists("${net}")).until(), get("${machine}", lacks(ownID("replace"))),
		put(ownPlace("replace"), `{"resources":[]}`, status(200)).typed("application/occi+json"), get(ownPlace("replace"), count(0)).until(), get("${net}", status(200), lacks(ownID("replace")))),
	mixed("dissociate-all", Must, "OCCI 1.2 HTTP 11.4.2", "DELETE of a mixin's collection takes the mixin off all, and deletes nothing", post(ownPlace("dissociate-all"), at("${machine}")+"\n"+at("${net}"), status(200)), get(ownPlace("dissociate-all"), count(2)).until(),
		del(ownPlace("dissociate-all"), status(200, 204)), get(ownPlace("dissociate-all"), status(200), count(0)).until(), get("${machine}", status(200), lacks(ownID("dissociate-all"))), get("${net}", status(200))).wipes(),
	mixed("removed", Must, "OCCI 1.2 HTTP 9.4", "removing a mixin takes it off what has it, and deletes nothing", post(ownPlace("removed"), at("${machine}"), status(200)), get("${machine}", has(ownID("removed"))).until(),
		without("/-/", own("removed"), status(200)), get("${machine}", status(200), lacks(ownID("removed"))),
		post("/-/", mixinBody("removed", "/${run}/removed/"), status(200)), get(ownPlace("removed"), status(200), count(0))),
	mixed("member", DeFacto, "OCCI 1.1 HTTP, return codes", "what does not have the mixin cannot lose it", without(ownPlace("member"), at("${machine}"), status(404)), get("${machine}", status(200))).wipes(),
	mixed("nowhere", Must, "OCCI 1.1 HTTP, return codes", "a location that is not there is 404, and nothing is changed", post(ownPlace("nowhere"), at("${machine}")+"\n"+at("${compute}"+nothing), status(404)), get(ownPlace("nowhere"), count(0))),
	mixed("elsewhere", Must, "OCCI 1.1 HTTP, return codes", "a location at another server is refused", post(ownPlace("elsewhere"), at("http://other.example.org/compute/1"), status(400, 404)), get(ownPlace("elsewhere"), count(0))),
	mixed("no-location", Must, "OCCI 1.1 HTTP, mixin collections", "an association of nothing is refused", post(ownPlace("no-location"), "", status(400))),
	mixed("stranger", Must, "OCCI 1.2 HTTP 12", "another tenant's entity is not there", post("/-/", mixinBody("stranger", "/${run}/stranger/"), status(200)).by(other), post(ownPlace("stranger"), at("${machine}"), status(404)).by(other),
		without("/-/", own("stranger"), status(200)).by(other), get("${machine}", lacks(ownID("stranger")))),
	mixed("at-creation", Must, "OCCI 1.2 Core 4.4", "a machine can be created with a mixin", post("${compute}", machineBody+"\n"+own("at-creation"), status(201)).made("vm"), get("${vm}", has(ownID("at-creation"))).until(), get(ownPlace("at-creation"), lists("${vm}")).until()),
	mixed("at-update", Must, "OCCI 1.2 HTTP 10.3.1", "an update adds a mixin", then(newMachine("tagged"), post("${vm}", own("at-update"), status(200), has(ownID("at-update"))), get(ownPlace("at-update"), lists("${vm}")).until(),
		put("${vm}", kindCompute+"\nCategory: ${os}\nCategory: ${flavor}"+title("${run} tagged"), status(200)), get("${vm}", lacks(ownID("at-update"))).until())...),
	mixed("deleted", Must, "OCCI 1.2 HTTP 10.4", "what is deleted leaves the collection", post("${compute}", machineBody+"\n"+own("deleted"), status(201)).made("vm"), del("${vm}", status(200)), get(ownPlace("deleted"), count(0)).until()),
	that("mixins.applies", Must, "OCCI 1.2 Core 4.4; OCCI 1.1 HTTP, return codes", "a mixin of networks cannot be put on a machine",
		post("/-/", `{"mixins":[{"term":"applies","scheme":"http://example.org/${run}#","location":"/${run}/applies/","applies":["http://schemas.ogf.org/occi/infrastructure#network"]}]}`, status(200)).typed("application/occi+json"),
		post(ownPlace("applies"), at("${machine}"), status(403, 400)), post(ownPlace("applies"), at("${net}"), status(200)), get(ownPlace("applies"), count(1), lists("${net}")).until()).finally(undefine("applies")),
	mixed("action", Must, "OCCI 1.1 HTTP, mixin collections", "a kind's action cannot be done on a mixin's collection by a client of 1.1", post(ownPlace("action"), at("${machine}"), status(200)), post(ownPlace("action")+"?action=start", startAction, status(400, 409, 405)).with(sayOCCI11), get("${machine}", attr("occi.compute.state", "active"))),
	mixed("unbound", Should, "OCCI 1.2 HTTP 4.1", "the path above a mixin lists what has it", post(ownPlace("unbound"), at("${net}"), status(200)), get("${endpoint}/${run}/", status(200), lists("${net}"))),
	mixed("unbound-delete", DeFacto, "safety", "the path above a mixin cannot be deleted", post(ownPlace("unbound-delete"), at("${machine}"), status(200)), del("${endpoint}/${run}/", status(403, 405)), get("${machine}", status(200), has(ownID("unbound-delete"))).until()).wipes(),
	mixed("read", Must, "OCCI 1.2 HTTP 12", "a mixin's collection of another tenant is not there", get("${tag.location}", status(404)).by(other), get("${tag.location}", status(200))),
})
