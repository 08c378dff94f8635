package occi_test

// Collections, filters, pages, and mixins of the user's own.

const bySharedTitle = `X-OCCI-Attribute: occi.core.title="${run} shared"`

var collectionCases = []Case{
	that("collections.plain", Must, "OCCI 1.2 Text 6", "a collection in text is locations, one a line", get("${compute}", status(200), lists("${machine}"), saysNot(`(?m)^(Category|Link|X-OCCI-Attribute):`))),
	that("collections.header", Must, "OCCI 1.2 Text 7", "a collection in text/occi is one field of locations", get("${compute}", status(200), lists("${machine}"), oneField("X-OCCI-Location")).accept("text/occi").with(bySharedTitle)),
	that("collections.uris", Must, "OCCI 1.2 Text 8", "a collection as text/uri-list is absolute URLs", get("${compute}", status(200), lists("${machine}"), says(`(?m)^https?://`), saysNot("X-OCCI")).accept("text/uri-list")),
	that("collections.same", DeFacto, "OGF's test script", "every rendering lists the same", get("${compute}", count(1), lists("${machine}")).with(bySharedTitle), get("${compute}", count(1), lists("${machine}")).with(bySharedTitle).accept("text/occi"),
		get("${compute}", count(1), lists("${machine}")).with(bySharedTitle).accept("text/uri-list"), get("${compute}", count(1), lists("${machine}")).with(bySharedTitle).accept("application/occi+json")),
	that("collections.json", Must, "OCCI 1.2 JSON 3.3.1", "a collection in JSON is whole entities", get("${compute}", status(200), lists("${machine}"), says(`"resources":\s*\[`), says(`"title":\s*"${run} shared"`), saysNot(`^\{"links"`)).accept("application/occi+json").with(bySharedTitle)),
	that("collections.json.links", Must, "OCCI 1.2 JSON 3.3.2", "a collection of links in JSON is links", get("${machine}").find("nic", `self="([^"]*)"`), get("${networkinterface}", status(200), lists("${nic}"), says(`"links":\s*\[`), saysNot(`"resources":\s*\[\{`)).accept("application/occi+json")),
	that("collections.json.mixed", Must, "OCCI 1.2 JSON 3.3", "the root in JSON has resources and links", get("/", status(200), lists("${machine}"), lists("${net}"), says(`"resources":`), says(`"links":`)).accept("application/occi+json")),
	that("collections.empty", Must, "OCCI 1.2 HTTP 11.1", "a collection of nothing is 200 and empty", get("${compute}", status(200), body("")).with(none)),
	that("collections.empty.header", Must, "OCCI 1.2 Text 7", "a collection of nothing in text/occi is OK", get("${compute}", status(200), body("OK"), count(0)).accept("text/occi").with(none)),
	that("collections.empty.uris", Must, "OCCI 1.2 Text 8", "a collection of nothing as text/uri-list is empty", get("${compute}", status(200), body(""), media("text/uri-list")).accept("text/uri-list").with(none)),
	that("collections.empty.json", Must, "OCCI 1.2 JSON 3.3", "a collection of nothing in JSON is an object", get("${compute}", status(200), says(`^\{.*\}$`), count(0)).accept("application/occi+json").with(none)),
	that("collections.networks", Must, "OCCI 1.2 HTTP 11.1", "networks are listed", get("${network}", lists("${net}"), listsNot("${machine}"))),
	that("collections.links", Must, "OCCI 1.2 HTTP 11.1", "interfaces are listed", get("${machine}").find("nic", `self="([^"]*)"`), get("${networkinterface}", lists("${nic}"))),
	that("collections.storage", Must, "OCCI 1.2 HTTP 11.1", "storage is listed", get("${storage}", lists("${volume}"))),
	that("collections.storagelinks", Must, "OCCI 1.2 HTTP 11.1", "storage links are listed", get("${storagelink}", status(200))),
	that("collections.tenant", Must, "OCCI 1.2 HTTP 12", "another tenant's machines are not listed", get("${compute}", status(200), listsNot("${machine}")).by(other), get("/", status(200), listsNot("${machine}")).by(other)),
	that("collections.unbound", Should, "OCCI 1.2 HTTP 4.1", "a path above collections lists what is in them", get("/-/").find("above", `location="([^"]*/)os_tpl/"`), get("${above}", status(200), lists("${machine}"))),
	that("collections.unbound.post", Must, "OCCI 1.2 HTTP 8", "nothing is created at a path above collections", get("/-/").find("above", `location="([^"]*/)os_tpl/"`), post("${above}", machineBody, status(405, 400)), put("${above}", machineBody, status(405, 400))),
	that("collections.unbound.action", DeFacto, "OCCI 1.1 HTTP, unbound paths", "a path above collections has no actions", get("/-/").find("above", `location="([^"]*/)os_tpl/"`), post("${above}?action=stop", stopAction, status(405, 400)), get("${machine}", attr("occi.compute.state", "active"))),
	that("collections.template", Must, "OCCI 1.2 HTTP 11.1", "a template's collection is what was made of it", get("${os.location}", status(200), lists("${machine}"), listsNot("${net}")), get("${flavor.location}", lists("${machine}")), get("${flavor2.location}", listsNot("${machine}"))),
	that("collections.template.json", Must, "OCCI 1.2 JSON 3.3", "a template's collection in JSON is whole entities", get("${os.location}", lists("${machine}"), says(`"resources":`)).accept("application/occi+json")),
	that("collections.template.base", Must, "OCCI 1.2 Core 4.4", "the collection of what templates depend on has what was made of any", get("/-/").find("base", `location="([^"]*/os_tpl/)"`), get("${base}", status(200), lists("${machine}"))),
	that("collections.template.base.post", DeFacto, "OCCI 1.2 Core 4.4", "nothing is put into the collection of what templates depend on", get("/-/").find("base", `location="([^"]*/os_tpl/)"`), post("${base}", "X-OCCI-Location: ${machine}", status(400, 403, 405))),
	that("collections.template.remove", DeFacto, "OCCI 1.2 HTTP 11.4.2", "a machine's image cannot be taken off", Step{Do: "DELETE ${os.location}", Type: "text/plain", Body: "X-OCCI-Location: ${machine}", Want: []Check{status(403)}}, get("${machine}", has("${os.id}"))).wipes(),
	that("collections.ipnetwork", Must, "OCCI 1.2 HTTP 11.1", "the collection of networks with addresses", get("/-/").find("ip", `Category: ipnetwork;[^\n]*location="([^"]*)"`), get("${ip}", status(200), lists("${net}"), listsNot("${machine}"))),
	that("collections.ipnetwork.post", DeFacto, "OCCI 1.1 HTTP, return codes", "a mixin that the cloud decides cannot be given", get("/-/").find("ip", `Category: ipnetwork;[^\n]*location="([^"]*)"`), post("${ip}", "X-OCCI-Location: ${machine}", status(403, 400))),
	that("collections.order", DeFacto, "pages", "a collection is in a stable order", get("${network}", status(200)).with(`X-OCCI-Attribute: occi.core.id="${net.id}"`).keep("first"), get("${network}", body("${first}")).with(`X-OCCI-Attribute: occi.core.id="${net.id}"`)),
}

// none is a filter that nothing passes.
const none = `X-OCCI-Attribute: occi.core.title="${run} there is nothing like this"`

// filtered makes a case of a filter that the shared machine passes, and no network.
func filtered(id string, level Level, clause, what string, lines ...string) Case {
	return that("filters."+id, level, clause, what, get("${compute}", status(200), lists("${machine}")).with(lines...))
}

var filterCases = []Case{
	that("filters.title", Must, "OCCI 1.1 HTTP, filtering; OGF's test script", "a filter by an attribute is exact", get("${compute}", count(1), lists("${machine}")).with(bySharedTitle)),
	that("filters.title.type", Must, "OCCI 1.1 HTTP, filtering", "the same with Content-Type: text/occi", get("${compute}", count(1), lists("${machine}")).with(bySharedTitle).typed("text/occi")),
	that("filters.title.part", Must, "OCCI 1.1 HTTP, filtering", "a part of a value is another value", get("${compute}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} share"`)),
	that("filters.title.case", Must, "OCCI 1.1 HTTP, filtering", "values have a case", get("${compute}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} SHARED"`)),
	that("filters.title.pattern", Must, "OCCI 1.1 HTTP, filtering", "a value is no pattern", get("${compute}", count(0)).with(`X-OCCI-Attribute: occi.core.title="${run} .*"`)),
	that("filters.id", Must, "OCCI 1.1 HTTP, filtering", "ids can be filtered by", get("${compute}", count(1), lists("${machine}")).with(`X-OCCI-Attribute: occi.core.id="${machine.id}"`)),
	that("filters.summary", Must, "OCCI 1.1 HTTP, filtering", "summaries can be filtered by", get("${compute}", count(1), lists("${machine}")).with(same)),
	that("filters.state", Must, "OCCI 1.1 HTTP, filtering", "states can be filtered by", get("${compute}", lists("${machine}")).with(`X-OCCI-Attribute: occi.compute.state="active"`), get("${compute}", listsNot("${machine}")).with(`X-OCCI-Attribute: occi.compute.state="suspended"`)),
	that("filters.number", Must, "OCCI 1.1 HTTP, filtering", "numbers are compared as numbers", get("${machine}").find("cores", `occi\.compute\.cores=(\d+)`), get("${compute}", lists("${machine}")).with("X-OCCI-Attribute: occi.compute.cores=${cores}.0")),
	that("filters.all", Must, "OCCI 1.1 HTTP, filtering", "of several filters all must fit", get("${compute}", count(1)).with(bySharedTitle, same), get("${compute}", count(0)).with(bySharedTitle, `X-OCCI-Attribute: occi.core.summary="other"`)),
	that("filters.category.image", Must, "OCCI 1.1 HTTP, filtering", "a mixin filters", get("${compute}", lists("${machine}")).with("Category: ${os}"), get("${compute}", listsNot("${machine}")).with("Category: ${flavor2}")),
	that("filters.category.own", Should, "OCCI 1.1 HTTP, filtering", "the collection's own kind changes nothing", get("${compute}", lists("${machine}")).with(kindCompute)),
	that("filters.category.other", Must, "OCCI 1.1 HTTP, filtering", "another kind leaves nothing", get("${compute}", status(200), count(0)).with(kindNetwork)),
	that("filters.category.root", Must, "OCCI 1.1 HTTP, unbound paths", "kinds filter the root", get("/", lists("${net}"), listsNot("${machine}")).with(kindNetwork)),
	that("filters.category.unknown", Must, "OCCI 1.1 HTTP, return codes", "an unknown category is 404, never everything", get("${compute}", status(404)).with(`Category: nix; scheme="http://example.org/nix#"; class="mixin"`)),
	that("filters.category.malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed category is 400, never everything", get("${compute}", status(400)).with(`Category: compute; scheme="`)),
	that("filters.attribute.malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed attribute is 400, never everything", get("${compute}", status(400)).with(`X-OCCI-Attribute: occi.core.title="x`)),
	that("filters.attribute.unknown", DeFacto, "OCCI 1.1 HTTP, filtering", "an attribute that nothing has leaves nothing", get("${compute}", status(200, 400), listsNothing).with(`X-OCCI-Attribute: org.example.colour="red"`)),
	that("filters.json", DeFacto, "OCCI 1.2 HTTP 7.2", "filters work with JSON", get("${compute}", count(1), lists("${machine}")).with(bySharedTitle).accept("application/occi+json")),
	that("filters.query.attribute", DeFacto, "clients of JSON", "an attribute may be in the query", get("${compute}?attribute=occi.core.id=${machine.id}", count(1), lists("${machine}"))),
	that("filters.query.category", DeFacto, "MartServer's clients", "a category may be in the query", get("/?category=http%3A%2F%2Fschemas.ogf.org%2Focci%2Finfrastructure%23network", lists("${net}"), listsNot("${machine}"))),
	that("filters.links", Must, "OCCI 1.1 HTTP, filtering", "links are filtered by their ends", get("${machine}").find("nic", `self="([^"]*)"`),
		get("${networkinterface}", lists("${nic}")).with(`X-OCCI-Attribute: occi.core.source="${machine}"`), get("${networkinterface}", listsNot("${nic}")).with(`X-OCCI-Attribute: occi.core.source="${compute}`+nothing+`"`)),
	that("filters.network", Must, "OCCI 1.1 HTTP, filtering", "networks are filtered by title", get("${network}", lists("${net}"), listsNot("${machine}")).with(`X-OCCI-Attribute: occi.core.title="${net.title}"`)),
	filtered("lenient.scheme", DeFacto, "snf-occi's users", "an unquoted scheme, no class, a semicolon at the end", "Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class=\"kind\";"),
	filtered("lenient.tight", DeFacto, "OGF's test script", "no blanks, no class", `Category: compute;scheme="http://schemas.ogf.org/occi/infrastructure#"`),
	filtered("lenient.class", DeFacto, "rOCCI 2", "an unquoted class", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class=kind`),
	filtered("lenient.order", DeFacto, "OCCI 1.1 HTTP, examples", "parameters in another order", `Category: compute; class="kind"; title="x, y; z"; scheme="http://schemas.ogf.org/occi/infrastructure#"`),
	filtered("lenient.comma", DeFacto, "OCCI 1.1 HTTP, examples", "a comma after a semicolon", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind";, ${os}`),
	filtered("lenient.upper", DeFacto, "rOCCI lower-cases; curl recipes do not", "terms have no case", `Category: COMPUTE; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`),
	filtered("lenient.name", DeFacto, "rOCCI 5", "X-OCCI-Category is a name of Category", `X-OCCI-Category: ${os}`),
	filtered("lenient.blanks", DeFacto, "snf-occi's users", "blanks around =", `X-OCCI-Attribute: occi.core.id = "${machine.id}"`),
	filtered("lenient.unquoted", DeFacto, "OCCI 1.1 HTTP, examples", "a string without quotes", `X-OCCI-Attribute: occi.core.id=${machine.id}`),
	filtered("lenient.number", DeFacto, "OCCI-OS", "a number in quotes, or with a fraction of nothing", `X-OCCI-Attribute: occi.core.id="${machine.id}", occi.compute.state="active"`),
	filtered("lenient.proxy", DeFacto, "proxies", "a Link field of a proxy is no concern of ours", "Link: </style.css>; rel=preload"),
}

// listsNothing holds for refusals and for empty collections.
func listsNothing(x *exchange) error {
	if x.answer.status >= 400 {
		return nil
	}
	return count(0)(x)
}

// paged makes a case of pages that are refused.
func paged(id string, query string, codes ...int) Case {
	return that("paging.refuse."+id, Must, "OCCI 1.2 HTTP 6", "?"+query+" is refused", get("${compute}?"+query, status(codes...)))
}

const byPages = `X-OCCI-Attribute: occi.core.summary="pages of ${run}"`

var pagingCases = []Case{
	that("paging.one", Must, "OCCI 1.2 HTTP 6", "a page has no more than asked for", get("${network}?page=1&number=1", status(200), count(1))),
	that("paging.all", Must, "OCCI 1.2 HTTP 6", "a page larger than the collection is the collection", get("${compute}?page=1&number=100", status(200), count(1), lists("${machine}")).with(bySharedTitle)),
	that("paging.walk", Must, "OCCI 1.2 HTTP 6", "pages have everything once, in the collection's order",
		post("${compute}", machineBody+"\n"+byPages, status(201)).made("a"), post("${compute}", machineBody+"\n"+byPages, status(201)).made("b"), post("${compute}", machineBody+"\n"+byPages, status(201)).made("c"),
		get("${compute}", count(3)).with(byPages).accept("text/uri-list").find("first", `^(\S+)`),
		get("${compute}?page=1&number=1", count(1), lists("${first}")).with(byPages),
		get("${compute}?page=1&number=2", count(2), lists("${first}")).with(byPages),
		get("${compute}?page=2&number=2", count(1), listsNot("${first}")).with(byPages),
		get("${compute}?page=3&number=1", count(1), listsNot("${first}")).with(byPages),
		get("${compute}?page=4&number=1", status(200), count(0)).with(byPages)),
	that("paging.beyond", Must, "OCCI 1.2 HTTP 6", "a page beyond the end is 200 and empty", get("${compute}?page=100000&number=10", status(200), count(0))),
	that("paging.beyond.json", Must, "OCCI 1.2 HTTP 6", "a page beyond the end in JSON is an empty collection", get("${compute}?page=100000&number=10", status(200), count(0), says(`^\{`)).accept("application/occi+json")),
	that("paging.semicolon", DeFacto, "OCCI 1.2 HTTP 6, comment", "a semicolon may separate the two", get("${network}?page=1;number=1", status(200), count(1))),
	that("paging.json", Must, "OCCI 1.2 HTTP 6", "JSON has pages", get("${network}?page=1&number=1", count(1)).accept("application/occi+json")),
	that("paging.root", Must, "OCCI 1.2 HTTP 6", "the root has pages", get("/?page=1&number=2", status(200), counts(1, 2)).accept("text/plain")),
	that("paging.mixin", Must, "OCCI 1.2 HTTP 6", "collections of mixins have pages", get("${os.location}?page=1&number=1", status(200), count(1), listsNot("${net}")).with(bySharedTitle)),
	that("paging.links", DeFacto, "rOCCI 4", "a page has no Link field to the next", get("${network}?page=1&number=1", noHeader("Link", `.`))),
	paged("page-only", "page=1", 400),
	paged("number-only", "number=10", 400),
	paged("zero", "page=0&number=10", 400),
	paged("none", "page=1&number=0", 400),
	paged("negative", "page=-1&number=10", 400),
	paged("words", "page=one&number=ten", 400),
	paged("fraction", "page=1.5&number=10", 400),
	paged("overflow", "page=99999999999999999999&number=10", 400),
	paged("large", "page=1&number=1000000000", 413),
	paged("twice", "page=1&page=2&number=10", 400),
}
