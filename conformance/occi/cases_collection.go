package occi

import . "github.com/occimi/occimi/conformance/suite"

// Collections, filters, pages, and mixins of the user's own.

const bySharedTitle = `X-OCCI-Attribute: occi.core.title="${run} shared"`

func collectionCases() []Case {
	return []Case{
		That("collections.plain", Must, "OCCI 1.2 Text 6", "a collection in text is locations, one a line", Get("${compute}", Status(200), lists("${machine}"), SaysNot(`(?m)^(Category|Link|X-OCCI-Attribute):`))),
		That("collections.header", Must, "OCCI 1.2 Text 7", "a collection in text/occi is one field of locations", Get("${compute}", Status(200), lists("${machine}"), oneField("X-OCCI-Location")).Accepting("text/occi").With(bySharedTitle)),
		That("collections.uris", Must, "OCCI 1.2 Text 8", "a collection as text/uri-list is absolute URLs", Get("${compute}", Status(200), lists("${machine}"), Says(`(?m)^https?://`), SaysNot("X-OCCI")).Accepting("text/uri-list")),
		That("collections.same", DeFacto, "OGF's test script", "every rendering lists the same", Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle), Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle).Accepting("text/occi"),
			Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle).Accepting("text/uri-list"), Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle).Accepting("application/occi+json")),
		That("collections.json", Must, "OCCI 1.2 JSON 3.3.1", "a collection in JSON is whole entities", Get("${compute}", Status(200), lists("${machine}"), Says(`"resources":\s*\[`), Says(`"title":\s*"${run} shared"`), SaysNot(`^\{"links"`)).Accepting("application/occi+json").With(bySharedTitle)),
		That("collections.json.links", Must, "OCCI 1.2 JSON 3.3.2", "a collection of links in JSON is links", Get("${machine}").Finding("nic", `self="([^"]*)"`), Get("${networkinterface}", Status(200), lists("${nic}"), Says(`"links":\s*\[`), SaysNot(`"resources":\s*\[\{`)).Accepting("application/occi+json")),
		That("collections.json.mixed", Must, "OCCI 1.2 JSON 3.3", "the root in JSON has resources and links", Get("/", Status(200), lists("${machine}"), lists("${net}"), Says(`"resources":`), Says(`"links":`)).Accepting("application/occi+json")),
		That("collections.empty", Must, "OCCI 1.2 HTTP 11.1", "a collection of nothing is 200 and empty", Get("${compute}", Status(200), Body("")).With(none)),
		That("collections.empty.header", Must, "OCCI 1.2 Text 7", "a collection of nothing in text/occi is OK", Get("${compute}", Status(200), Body("OK"), count(0)).Accepting("text/occi").With(none)),
		That("collections.empty.uris", Must, "OCCI 1.2 Text 8", "a collection of nothing as text/uri-list is empty", Get("${compute}", Status(200), Body(""), Media("text/uri-list")).Accepting("text/uri-list").With(none)),
		That("collections.empty.json", Must, "OCCI 1.2 JSON 3.3", "a collection of nothing in JSON is an object", Get("${compute}", Status(200), Says(`^\{.*\}$`), count(0)).Accepting("application/occi+json").With(none)),
		That("collections.networks", Must, "OCCI 1.2 HTTP 11.1", "networks are listed", Get("${network}", lists("${net}"), listsNot("${machine}"))),
		That("collections.links", Must, "OCCI 1.2 HTTP 11.1", "interfaces are listed", Get("${machine}").Finding("nic", `self="([^"]*)"`), Get("${networkinterface}", lists("${nic}"))),
		That("collections.storage", Must, "OCCI 1.2 HTTP 11.1", "storage is listed", Get("${storage}", lists("${volume}"))),
		That("collections.storagelinks", Must, "OCCI 1.2 HTTP 11.1", "storage links are listed", Get("${storagelink}", Status(200))),
		That("collections.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machines are not listed", Get("${compute}", Status(200), listsNot("${machine}")).By(Other), Get("/", Status(200), listsNot("${machine}")).By(Other)),
		That("collections.unbound", Should, "OCCI 1.2 HTTP 4.1", "a path above collections lists what is in them", Get("/-/").Finding("above", `location="([^"]*/)os_tpl/"`), Get("${above}", Status(200), lists("${machine}"))),
		That("collections.unbound.post", Must, "OCCI 1.2 HTTP 8", "nothing is created at a path above collections", Get("/-/").Finding("above", `location="([^"]*/)os_tpl/"`), post("${above}", machineBody, Status(405, 400)), put("${above}", machineBody, Status(405, 400))),
		That("collections.unbound.action", DeFacto, "OCCI 1.1 HTTP, unbound paths", "a path above collections has no actions", Get("/-/").Finding("above", `location="([^"]*/)os_tpl/"`), post("${above}?action=stop", stopAction, Status(405, 400)), Get("${machine}", attr("occi.compute.state", "active"))),
		That("collections.template", Must, "OCCI 1.2 HTTP 11.1", "a template's collection is what was made of it", Get("${os.location}", Status(200), lists("${machine}"), listsNot("${net}")), Get("${flavor.location}", lists("${machine}")), Get("${flavor2.location}", listsNot("${machine}"))),
		That("collections.template.json", Must, "OCCI 1.2 JSON 3.3", "a template's collection in JSON is whole entities", Get("${os.location}", lists("${machine}"), Says(`"resources":`)).Accepting("application/occi+json")),
		That("collections.template.base", Must, "OCCI 1.2 Core 4.4", "the collection of what templates depend on has what was made of any", Get("/-/").Finding("base", `location="([^"]*/os_tpl/)"`), Get("${base}", Status(200), lists("${machine}"))),
		That("collections.template.base.post", DeFacto, "OCCI 1.2 Core 4.4", "nothing is put into the collection of what templates depend on", Get("/-/").Finding("base", `location="([^"]*/os_tpl/)"`), post("${base}", "X-OCCI-Location: ${machine}", Status(400, 403, 405))),
		That("collections.template.remove", DeFacto, "OCCI 1.2 HTTP 11.4.2", "a machine's image cannot be taken off", Step{Do: "DELETE ${os.location}", Type: "text/plain", Body: "X-OCCI-Location: ${machine}", Want: []Check{Status(403)}}, Get("${machine}", has("${os.id}"))).Alone(),
		That("collections.ipnetwork", Must, "OCCI 1.2 HTTP 11.1", "the collection of networks with addresses", Get("/-/").Finding("ip", `Category: ipnetwork;[^\n]*location="([^"]*)"`), Get("${ip}", Status(200), lists("${net}"), listsNot("${machine}"))),
		That("collections.ipnetwork.post", DeFacto, "OCCI 1.1 HTTP, return codes", "a mixin that the cloud decides cannot be given", Get("/-/").Finding("ip", `Category: ipnetwork;[^\n]*location="([^"]*)"`), post("${ip}", "X-OCCI-Location: ${machine}", Status(403, 400))),
		That("collections.order", DeFacto, "pages", "a collection is in a stable order", Get("${network}", Status(200)).With(`X-OCCI-Attribute: occi.core.id="${net.id}"`).Keeping("first"), Get("${network}", Body("${first}")).With(`X-OCCI-Attribute: occi.core.id="${net.id}"`)),
	}
}

// none is a filter that nothing passes.
const none = `X-OCCI-Attribute: occi.core.title="${run} there is nothing like this"`

// filtered makes a case of a filter, as clients write it, that the shared machine passes, and no network.
func filtered(id, clause, what string, lines ...string) Case {
	return That("filters."+id, DeFacto, clause, what, Get("${compute}", Status(200), lists("${machine}")).With(lines...))
}

func filterCases() []Case {
	return []Case{
		That("filters.title", Must, "OCCI 1.1 HTTP, filtering; OGF's test script", "a filter by an attribute is exact", Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle)),
		That("filters.title.type", Must, "OCCI 1.1 HTTP, filtering", "the same with Content-Type: text/occi", Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle).Typed("text/occi")),
		That("filters.title.part", Must, "OCCI 1.1 HTTP, filtering", "a part of a value is another value", Get("${compute}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} share"`)),
		That("filters.title.case", Must, "OCCI 1.1 HTTP, filtering", "values have a case", Get("${compute}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} SHARED"`)),
		That("filters.title.pattern", Must, "OCCI 1.1 HTTP, filtering", "a value is no pattern", Get("${compute}", count(0)).With(`X-OCCI-Attribute: occi.core.title="${run} .*"`)),
		That("filters.id", Must, "OCCI 1.1 HTTP, filtering", "ids can be filtered by", Get("${compute}", count(1), lists("${machine}")).With(`X-OCCI-Attribute: occi.core.id="${machine.id}"`)),
		That("filters.summary", Must, "OCCI 1.1 HTTP, filtering", "summaries can be filtered by", Get("${compute}", count(1), lists("${machine}")).With(same)),
		That("filters.state", Must, "OCCI 1.1 HTTP, filtering", "states can be filtered by", Get("${compute}", lists("${machine}")).With(`X-OCCI-Attribute: occi.compute.state="active"`), Get("${compute}", listsNot("${machine}")).With(`X-OCCI-Attribute: occi.compute.state="suspended"`)),
		That("filters.number", Must, "OCCI 1.1 HTTP, filtering", "numbers are compared as numbers", Get("${machine}").Finding("cores", `occi\.compute\.cores=(\d+)`), Get("${compute}", lists("${machine}")).With("X-OCCI-Attribute: occi.compute.cores=${cores}.0")),
		That("filters.all", Must, "OCCI 1.1 HTTP, filtering", "of several filters all must fit", Get("${compute}", count(1)).With(bySharedTitle, same), Get("${compute}", count(0)).With(bySharedTitle, `X-OCCI-Attribute: occi.core.summary="other"`)),
		That("filters.category.image", Must, "OCCI 1.1 HTTP, filtering", "a mixin filters", Get("${compute}", lists("${machine}")).With("Category: ${os}"), Get("${compute}", listsNot("${machine}")).With("Category: ${flavor2}")),
		That("filters.category.own", Should, "OCCI 1.1 HTTP, filtering", "the collection's own kind changes nothing", Get("${compute}", lists("${machine}")).With(kindCompute)),
		That("filters.category.other", Must, "OCCI 1.1 HTTP, filtering", "another kind leaves nothing", Get("${compute}", Status(200), count(0)).With(kindNetwork)),
		That("filters.category.root", Must, "OCCI 1.1 HTTP, unbound paths", "kinds filter the root", Get("/", lists("${net}"), listsNot("${machine}")).With(kindNetwork)),
		That("filters.category.unknown", Must, "OCCI 1.1 HTTP, return codes", "an unknown category is 404, never everything", Get("${compute}", Status(404)).With(`Category: nix; scheme="http://example.org/nix#"; class="mixin"`)),
		That("filters.category.malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed category is 400, never everything", Get("${compute}", Status(400)).With(`Category: compute; scheme="`)),
		That("filters.attribute.malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed attribute is 400, never everything", Get("${compute}", Status(400)).With(`X-OCCI-Attribute: occi.core.title="x`)),
		That("filters.attribute.unknown", DeFacto, "OCCI 1.1 HTTP, filtering", "an attribute that nothing has leaves nothing", Get("${compute}", Status(200, 400), listsNothing).With(`X-OCCI-Attribute: org.example.colour="red"`)),
		That("filters.json", DeFacto, "OCCI 1.2 HTTP 7.2", "filters work with JSON", Get("${compute}", count(1), lists("${machine}")).With(bySharedTitle).Accepting("application/occi+json")),
		That("filters.query.attribute", DeFacto, "clients of JSON", "an attribute may be in the query", Get("${compute}?attribute=occi.core.id=${machine.id}", count(1), lists("${machine}"))),
		That("filters.query.category", DeFacto, "MartServer's clients", "a category may be in the query", Get("/?category=http%3A%2F%2Fschemas.ogf.org%2Focci%2Finfrastructure%23network", lists("${net}"), listsNot("${machine}"))),
		That("filters.links", Must, "OCCI 1.1 HTTP, filtering", "links are filtered by their ends", Get("${machine}").Finding("nic", `self="([^"]*)"`),
			Get("${networkinterface}", lists("${nic}")).With(`X-OCCI-Attribute: occi.core.source="${machine}"`), Get("${networkinterface}", listsNot("${nic}")).With(`X-OCCI-Attribute: occi.core.source="${compute}`+nothing+`"`)),
		That("filters.network", Must, "OCCI 1.1 HTTP, filtering", "networks are filtered by title", Get("${network}", lists("${net}"), listsNot("${machine}")).With(`X-OCCI-Attribute: occi.core.title="${net.title}"`)),
		filtered("lenient.scheme", "snf-occi's users", "an unquoted scheme, no class, a semicolon at the end", "Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class=\"kind\";"),
		filtered("lenient.tight", "OGF's test script", "no blanks, no class", `Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#"`),
		filtered("lenient.class", "rOCCI 2", "an unquoted class", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class=kind`),
		filtered("lenient.order", "OCCI 1.1 HTTP, examples", "parameters in another order", `Category: compute; class="kind"; title="x, y; z"; scheme="http://schemas.ogf.org/occi/infrastructure#"`),
		filtered("lenient.comma", "OCCI 1.1 HTTP, examples", "a comma after a semicolon", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind";, ${os}`),
		filtered("lenient.upper", "rOCCI lower-cases; curl recipes do not", "terms have no case", `Category: COMPUTE; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`),
		filtered("lenient.name", "rOCCI 5", "X-OCCI-Category is a name of Category", `X-OCCI-Category: ${os}`),
		filtered("lenient.blanks", "snf-occi's users", "blanks around =", `X-OCCI-Attribute: occi.core.id = "${machine.id}"`),
		filtered("lenient.unquoted", "OCCI 1.1 HTTP, examples", "a string without quotes", `X-OCCI-Attribute: occi.core.id=${machine.id}`),
		filtered("lenient.number", "OCCI-OS", "a number in quotes, or with a fraction of nothing", `X-OCCI-Attribute: occi.core.id="${machine.id}", occi.compute.state="active"`),
		filtered("lenient.proxy", "proxies", "a Link field of a proxy is no concern of ours", "Link: </style.css>; rel=preload"),
	}
}

// listsNothing holds for refusals and for empty collections.
var listsNothing = Check{Expect: "nothing listed", Holds: func(x *Exchange) error {
	if x.Status >= 400 {
		return nil
	}
	return count(0).Holds(x)
}}

// paged makes a case of pages that are refused.
func paged(id string, query string, codes ...int) Case {
	return That("paging.refuse."+id, Must, "OCCI 1.2 HTTP 6", "?"+query+" is refused", Get("${compute}?"+query, Status(codes...)))
}

const byPages = `X-OCCI-Attribute: occi.core.summary="pages of ${run}"`

func pagingCases() []Case {
	return []Case{
		That("paging.one", Must, "OCCI 1.2 HTTP 6", "a page has no more than asked for", Get("${network}?page=1&number=1", Status(200), count(1))),
		That("paging.all", Must, "OCCI 1.2 HTTP 6", "a page larger than the collection is the collection", Get("${compute}?page=1&number=100", Status(200), count(1), lists("${machine}")).With(bySharedTitle)),
		That("paging.walk", Must, "OCCI 1.2 HTTP 6", "pages have everything once, in the collection's order",
			post("${compute}", machineBody+"\n"+byPages, Status(201)).Making("a"), post("${compute}", machineBody+"\n"+byPages, Status(201)).Making("b"), post("${compute}", machineBody+"\n"+byPages, Status(201)).Making("c"),
			Get("${compute}", count(3)).With(byPages).Accepting("text/uri-list").Finding("first", `^(\S+)`),
			Get("${compute}?page=1&number=1", count(1), lists("${first}")).With(byPages),
			Get("${compute}?page=1&number=2", count(2), lists("${first}")).With(byPages),
			Get("${compute}?page=2&number=2", count(1), listsNot("${first}")).With(byPages),
			Get("${compute}?page=3&number=1", count(1), listsNot("${first}")).With(byPages),
			Get("${compute}?page=4&number=1", Status(200), count(0)).With(byPages)),
		That("paging.beyond", Must, "OCCI 1.2 HTTP 6", "a page beyond the end is 200 and empty", Get("${compute}?page=100000&number=10", Status(200), count(0))),
		That("paging.beyond.json", Must, "OCCI 1.2 HTTP 6", "a page beyond the end in JSON is an empty collection", Get("${compute}?page=100000&number=10", Status(200), count(0), Says(`^\{`)).Accepting("application/occi+json")),
		That("paging.semicolon", DeFacto, "OCCI 1.2 HTTP 6, comment", "a semicolon may separate the two", Get("${network}?page=1;number=1", Status(200), count(1))),
		That("paging.json", Must, "OCCI 1.2 HTTP 6", "JSON has pages", Get("${network}?page=1&number=1", count(1)).Accepting("application/occi+json")),
		That("paging.root", Must, "OCCI 1.2 HTTP 6", "the root has pages", Get("/?page=1&number=2", Status(200), counts(1, 2)).Accepting("text/plain")),
		That("paging.mixin", Must, "OCCI 1.2 HTTP 6", "collections of mixins have pages", Get("${os.location}?page=1&number=1", Status(200), count(1), listsNot("${net}")).With(bySharedTitle)),
		That("paging.links", DeFacto, "rOCCI 4", "a page has no Link field to the next", Get("${network}?page=1&number=1", NoHeader("Link", `.`))),
		paged("page-only", "page=1", 400),
		paged("number-only", "number=10", 400),
		paged("zero", "page=0&number=10", 400),
		paged("none", "page=1&number=0", 400),
		paged("negative", "page=-1&number=10", 400),
		paged("words", "page=one&number=ten", 400),
		paged("fraction", "page=1.5&number=10", 400),
		That("paging.refuse.overflow", Must, "OCCI 1.2 HTTP 6", "a page that nobody can count to is empty, or refused", Get("${compute}?page=99999999999999999999&number=10", Status(200, 400), SaysNot(`(?m)^X-OCCI-Location:`))),
		paged("large", "page=1&number=1000000000", 413),
		paged("large-overflow", "page=1&number=99999999999999999999", 413),
		paged("twice", "page=1&page=2&number=10", 400),
	}
}
