package occi_test

import (
	"fmt"
	"slices"
	"strings"
)

// The name space, negotiation and versions.

var urlCases = []Case{
	that("url.query", Must, "OCCI 1.2 HTTP 4", "the query interface is at /-/", get("/-/", status(200), has(infra+"compute"))),
	that("url.well-known", DeFacto, "OCCI 1.1 HTTP, query interface; OGF's test script", "the query interface is also at /.well-known/org/ogf/occi/-/, the same",
		get("/-/", status(200)).keep("qi"), get("/.well-known/org/ogf/occi/-/", status(200), body("${qi}"))),
	that("url.well-known.filter", DeFacto, "OGF's test script", "filters work there as well",
		get("/.well-known/org/ogf/occi/-/", status(200), onlyHas(infra+"compute")).with(kindCompute)),
	that("url.kind.location", Must, "OCCI 1.1 HTTP, name space", "kinds that can be made have a location, which ends in a slash",
		get("/-/", status(200), each("a location that ends in /", func(c category) bool {
			return c.class != "kind" || c.scheme == core || strings.HasSuffix(c.location, "/")
		}))),
	that("url.kind.unique", Must, "OCCI 1.1 HTTP, name space", "no two categories have one location", get("/-/", status(200), distinctLocations)),
	that("url.kind.entity", Must, "OCCI 1.2 HTTP 4.1", "entity, which cannot be made, has no location",
		get("/-/", status(200), each("no location of entity", func(c category) bool { return c.id() != core+"entity" || c.location == "" }))),
	that("url.entity.shape", DeFacto, "rOCCI 4", "an entity is one segment below its kind's location, without a slash at the end",
		get("${compute}", status(200), says(`(?m)^${compute}[A-Za-z0-9._~-]+\r?$`), saysNot(`(?m)/\r?$`), lists("${machine}")).accept("text/uri-list")),
	that("url.slash.collection", DeFacto, "ooi; curl recipes", "a collection answers without its slash, directly", get("${compute.bare}", status(200), lists("${machine}"))),
	that("url.slash.entity", DeFacto, "ooi; curl recipes", "an entity answers with a slash, directly", get("${machine}/", status(200), kindIs(infra+"compute"))),
	that("url.slash.double", DeFacto, "rOCCI 4; IM", "a doubled slash is one",
		get("${endpoint}/${compute.path}", status(200), lists("${machine}")), get("${endpoint}//-/", status(200), has(infra+"compute"))),
	that("url.encoded", Should, "RFC 3986 6.2.2.2", "a percent-encoded letter is that letter", get("${endpoint}/comput%65/${machine.id}", status(200), kindIs(infra+"compute")),
		get("${endpoint}/%63ompute/", status(200))),
	that("url.root", Must, "OCCI 1.1 HTTP, unbound paths", "the root lists what there is", get("/", status(200), lists("${machine}"), lists("${net}")).accept("text/plain")),
	that("url.root.uris", DeFacto, "rOCCI 4", "the root lists URIs", get("/", status(200), media("text/uri-list"), lists("${machine}")).accept("text/uri-list")),
	that("url.host", DeFacto, "rOCCI 4", "URLs begin as the client's own endpoint does",
		get("${compute}", status(200), says(`(?m)^(http://cloud\.example\.org(:\d+)?)?/`)).accept("text/uri-list").with("Host: cloud.example.org", `X-OCCI-Attribute: occi.core.id="${machine.id}"`)),
	that("url.alias.nic", DeFacto, "clients of OCCI-OS and ooi", "collections of interfaces answer at their old places too",
		get("/networklink/", status(200)), get("/link/networkinterface/", status(200)), get("/network/interface/", status(200))),
	that("url.alias.disk", DeFacto, "clients of OCCI-OS and ooi", "collections of storage links answer at their old places too",
		get("/link/storagelink/", status(200)), get("/storage/link/", status(200))),
	that("url.head.query", DeFacto, "jOCCI; IM", "HEAD works on the query interface", head("/-/", status(200), media("text/plain"))),
	that("url.head.root", DeFacto, "curl recipes", "HEAD works on the root", head("/", status(200)).accept("text/plain")),
	that("url.head.collection", Must, "RFC 9110 9.3.2", "HEAD works on collections", head("${compute}", status(200))),
	that("url.head.entity", Must, "RFC 9110 9.3.2", "HEAD in text/occi has all fields that GET has",
		head("${machine}", status(200), header("Category", `compute;`), header("X-OCCI-Attribute", `occi\.core\.id=`)).accept("text/occi")),
	that("url.head.unknown", Must, "OCCI 1.2 HTTP 5.4", "HEAD of what is not there is 404", head("${compute}"+nothing, status(404))),
	that("url.options", Should, "RFC 9110 9.3.7", "OPTIONS tells the methods", Step{Do: "OPTIONS ${compute}", Want: []Check{status(200, 204), header("Allow", `GET`)}}),
	that("url.method.collection", Must, "OCCI 1.2 HTTP 8", "PUT on a kind's collection is not allowed", put("${compute}", machineBody, status(405), header("Allow", "POST"))),
	that("url.method.query", Must, "OCCI 1.2 HTTP 9.2", "PUT on the query interface is not allowed", put("/-/", mixinBody("x", "/${run}/x/"), status(405), header("Allow", "GET"))),
	that("url.method.query-action", Must, "OCCI 1.2 HTTP 9.3", "the query interface has no actions", post("/-/?action=start", startAction, status(405, 400))),
	that("url.method.root", Must, "OCCI 1.2 HTTP 8", "PUT on the root is not allowed", put("/", machineBody, status(405))),
	that("url.method.root-action", DeFacto, "OCCI 1.2 HTTP 11.3", "the root has no actions", post("/?action=stop", stopAction, status(405, 400))),
	that("url.method.patch", Must, "RFC 9110 15.5.6", "methods that OCCI does not have are not allowed", Step{Do: "PATCH ${machine}", Want: []Check{status(405, 501)}}),
	that("url.unknown.path", Must, "OCCI 1.2 HTTP 5.4", "a path with nothing at or below it is 404", get("/${run}/nowhere/", status(404)), get("/nowhere-${run}", status(404))),
	that("url.unknown.entity", Must, "OCCI 1.2 HTTP 5.4", "an entity that is not there is 404", get("${compute}"+nothing, status(404)), get("${network}"+nothing, status(404))),
	that("url.unknown.storage", Must, "OCCI 1.2 HTTP 5.4", "a volume that is not there is 404", get("${storage}"+nothing, status(404))),
	that("url.unknown.links", Must, "OCCI 1.2 HTTP 5.4", "links that are not there are 404",
		get("${networkinterface}"+nothing, status(404)), get("${storagelink}"+nothing+"_"+nothing, status(404))),
	that("url.nested", DeFacto, "rOCCI 4", "there is nothing below an entity", get("${machine}/x", status(404))),
}

// distinctLocations: the name space has one meaning for each place.
var distinctLocations = onDocument(func(_ *exchange, d *document) error {
	seen := map[string]string{}
	for _, c := range d.categories {
		if at := c.location; at != "" {
			if seen[at] != "" {
				return fmt.Errorf("%s and %s are both at %s", seen[at], c.id(), at)
			}
			seen[at] = c.id()
		}
	}
	return nil
})

// same changes nothing of the shared machine: what it says is so already.
const same = `X-OCCI-Attribute: occi.core.summary="made by ${run}"`

var isSame = []Check{status(200), attr("occi.core.summary", "made by ${run}"), attr("occi.core.title", "${run} shared")}

// untouched is what a refused request leaves of the shared machine.
var untouched = []Check{status(200), attr("occi.core.title", "${run} shared"), attr("occi.compute.state", "active")}

// negotiated makes a case from an Accept and what answers it.
func negotiated(id string, level Level, clause, accept, want string) Case {
	return that("negotiation."+id, level, clause, fmt.Sprintf("Accept %q is answered in %s", accept, want),
		get("${compute}", status(200), media(want)).accept(accept))
}

var negotiationCases = slices.Concat([]Case{
	that("negotiation.default", Must, "OCCI 1.1 HTTP, content types", "without Accept the answer is text/plain", get("${compute}", status(200), media("text/plain"))),
	negotiated("any", Must, "OCCI 1.1 HTTP, content types", "*/*", "text/plain"),
	negotiated("plain", Must, "OCCI 1.2 Text 6", "text/plain", "text/plain"),
	negotiated("header", Must, "OCCI 1.2 Text 7", "text/occi", "text/occi"),
	negotiated("uris", Must, "OCCI 1.2 Text 8", "text/uri-list", "text/uri-list"),
	negotiated("plain-new", Must, "OCCI 1.2 Text 6", "text/occi+plain", "text/occi+plain"),
	negotiated("json", Must, "OCCI 1.2 JSON 3", "application/occi+json", "application/occi+json"),
	negotiated("json-old", DeFacto, "rOCCI 5; MartServer", "application/json", "application/json"),
	negotiated("weights", Must, "RFC 9110 12.4.2", "text/plain;q=0.5, application/occi+json;q=0.9", "application/occi+json"),
	negotiated("zero", Must, "RFC 9110 12.4.2", "text/plain;q=0, text/occi;q=0.1", "text/occi"),
	negotiated("zero-wildcard", Must, "RFC 9110 12.4.2", "text/plain;q=0, */*;q=0.1, text/occi;q=0.2", "text/occi"),
	negotiated("text-any", Must, "RFC 9110 12.5.1", "text/*", "text/plain"),
	negotiated("application-any", Must, "RFC 9110 12.5.1", "application/*", "application/occi+json"),
	negotiated("order", DeFacto, "rOCCI 4", "text/occi, text/plain", "text/occi"),
	negotiated("rocci-cli", DeFacto, "rOCCI 4 command line", "text/plain,text/occi", "text/plain"),
	negotiated("rocci-api", DeFacto, "rOCCI 4 library", "text/plain,text/occi;q=0.2", "text/plain"),
	negotiated("parameters", Must, "RFC 9110 12.5.1", "text/plain;charset=utf-8", "text/plain"),
	negotiated("case", Must, "RFC 9110 8.3.1", "TEXT/OCCI", "text/occi"),
	negotiated("unknown-first", Must, "RFC 9110 12.5.1", "image/png, text/plain;q=0.3", "text/plain"),
	negotiated("blanks", Must, "RFC 9110 5.6.3", "text/plain ; q=0.1 ,text/occi ; q=0.2", "text/occi"),
}, []Case{
	that("negotiation.lines", Must, "RFC 9110 5.3", "several Accept lines are one list",
		get("${compute}", status(200), media("text/occi")).with("Accept: image/png", "Accept: text/occi")),
	that("negotiation.browser", DeFacto, "browsers", "a browser gets an answer that it can show",
		get("${compute}", status(200), header("Content-Type", `^text/(plain|html)`)).accept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")),
	that("negotiation.html", DeFacto, "OCCI 1.1 HTTP, text/html", "text/html, where it is offered, is a page", get("${machine}", offeredHTML, status(200), media("text/html"), says(`(?i)<html`), says(`${machine.id}`)).accept("text/html")),
	that("negotiation.malformed", DeFacto, "RFC 9110 12.5.1", "a malformed Accept is no failure of the server", get("${compute}", status(200, 400, 406)).accept(";;q=x,,/")),
	that("negotiation.none", Must, "OCCI 1.2 HTTP 5.4", "nothing acceptable is 406, in text", get("${compute}", status(406), media("text/plain")).accept("image/png")),
	that("negotiation.uris.query", Must, "OCCI 1.2 Text 8; OCCI 1.1 HTTP", "the query interface is no list of URIs", get("/-/", status(400)).accept("text/uri-list")),
	that("negotiation.uris.entity", Must, "OCCI 1.2 Text 8; OCCI 1.1 HTTP", "an entity is no list of URIs", get("${machine}", status(400)).accept("text/uri-list")),
	that("negotiation.error.json", DeFacto, "OCCI 1.2 HTTP 5.4", "a refusal is in the client's JSON", get("${compute}"+nothing, status(404), media("application/occi+json"), says(`"code":\s*404`), says(`"message":\s*"`)).accept("application/occi+json")),
	that("negotiation.error.header", DeFacto, "rOCCI 4", "a refusal is in the client's text/occi", get("${compute}"+nothing, status(404), media("text/occi"), header("X-OCCI-Error", `\w`)).accept("text/occi")),
	that("negotiation.error.uris", DeFacto, "rOCCI 4", "a refusal to a client of text/uri-list is no URI", get("/${run}/nowhere/", status(404), saysNot(`(?m)^[^#\s]\S*$`)).accept("text/uri-list")),
	that("negotiation.list", Should, "OCCI 1.2 HTTP 5.2", "answers list the renderings", get("/-/", header("Accept", `application/occi\+json`), header("Accept", `text/uri-list`)).with(sayOCCI12)),
	that("negotiation.list.old", DeFacto, "rOCCI 4 library", "to a client of OCCI 1.1, JSON is not offered", get("/-/", status(200), noHeader("Accept", `json`)).with(sayOCCI11)),
	that("negotiation.body.unknown", Must, "OCCI 1.1 HTTP, content types", "a body of an unknown type is refused", post("${machine}", same, status(406, 415)).typed("application/x-tar")),
	that("negotiation.body.two", DeFacto, "rOCCI 4; IM", "Content-Type: text/plain,text/occi is text/plain", post("${machine}", same, isSame...).typed("text/plain,text/occi")),
	that("negotiation.body.headers", DeFacto, "curl recipes", "without Content-Type and body, the header fields count", Step{Do: "POST ${machine}", Want: isSame}.with(same)),
	that("negotiation.body.text", DeFacto, "curl recipes", "a body without Content-Type is text", post("${machine}", same, isSame...).typed("")),
	that("negotiation.body.json", DeFacto, "curl recipes", "a body without Content-Type that begins with a brace is JSON", post("${machine}", `{"summary":"made by ${run}"}`, isSame...).typed("")),
	that("negotiation.body.form", DeFacto, "curl -d", "curl's default Content-Type with a body in text is text", post("${machine}", same, isSame...).typed("application/x-www-form-urlencoded")),
	that("negotiation.body.empty", DeFacto, "snf-occi; IM", "with Content-Type text/plain and no body, the header fields count", post("${machine}", "", isSame...).with(same)),
	that("negotiation.body.wins", DeFacto, "proxies that add Link fields", "a body in text is taken without the header fields",
		post("${machine}", same, isSame...).with(`X-OCCI-Attribute: occi.core.title="from a header"`, "Link: </style.css>; rel=preload")),
	that("negotiation.body.header-only", Must, "OCCI 1.2 Text 7", "in text/occi nothing is taken from a body", post("${machine}", `X-OCCI-Attribute: occi.core.title="from the body"`, status(200, 400)).typed("text/occi").with(same), get("${machine}", untouched...)),
	that("negotiation.body.charset", Must, "RFC 9110 8.3", "parameters of Content-Type are ignored", post("${machine}", same, isSame...).typed("text/plain; charset=utf-8")),
	that("negotiation.body.bom", DeFacto, "editors on Windows", "a byte order mark is skipped", post("${machine}", "\ufeff"+same, isSame...)),
	that("negotiation.body.encoding", Must, "RFC 9110 8.4", "a body in an encoding that is not understood is refused", post("${machine}", same, status(400, 406, 415)).with("Content-Encoding: gzip")),
	that("negotiation.body.plain-new", Must, "OCCI 1.2 Text 6", "text/occi+plain is a name of text/plain", post("${machine}", same, isSame...).typed("text/occi+plain")),
	that("negotiation.body.get", DeFacto, "curl -X GET -d", "a body of GET that is not OCCI is ignored", Step{Do: "GET ${machine}", Body: "x=y", Type: "application/x-www-form-urlencoded", Want: []Check{status(200)}}),
	that("negotiation.length", Must, "OCCI 1.2 Text 7", "the body OK of text/occi is two bytes", get("${machine}", status(200), body("OK"), header("Content-Length", `^2$`)).accept("text/occi")),
	that("negotiation.charset", DeFacto, "IM", "text/plain is UTF-8", get("${machine}", status(200), header("Content-Type", `(?i)^text/plain(; ?charset=utf-8)?$`))),
	that("negotiation.bare", DeFacto, "rOCCI 4", "text/occi and text/uri-list have no parameters",
		get("${compute}", header("Content-Type", `^text/occi$`)).accept("text/occi"), get("${compute}", header("Content-Type", `^text/uri-list$`)).accept("text/uri-list")),
})

// offeredHTML skips a case of pages on a server without.
func offeredHTML(x *exchange) error {
	if x.answer.status == 406 {
		return notOfferedError{"text/html"}
	}
	return nil
}

// said makes a case from a User-Agent and the status that answers it.
func said(id string, level Level, what, agent string, code int) Case {
	return that("version."+id, level, "OCCI 1.2 HTTP 5.3; OCCI 1.1 HTTP, versioning", what, get("/-/", status(code)).with("User-Agent: "+agent))
}

var versionCases = []Case{
	said("none", Must, "a client need not say its version", "curl/8.5", 200),
	said("1.1", Must, "OCCI 1.1 is spoken", "x OCCI/1.1", 200),
	said("1.2", Must, "OCCI 1.2 is spoken", "x OCCI/1.2 (linux)", 200),
	said("1.3", Must, "a higher version is not implemented", "x OCCI/1.3", 501),
	said("2.0", Must, "a higher major version is not implemented", "OCCI/2.0", 501),
	said("1.10", Must, "versions are numbers", "x OCCI/1.10", 501),
	said("several", DeFacto, "of several versions the lowest counts", "x OCCI/9.0 OCCI/1.1", 200),
	said("profile", DeFacto, "the version of a profile is another thing", "x OCCI-CRTP/9.1", 200),
	said("inside", DeFacto, "a version is a word of its own", "xOCCI/9.9", 200),
	that("version.write", Must, "OCCI 1.2 HTTP 5.3", "a write of a higher version does nothing", post("${machine}", `X-OCCI-Attribute: occi.core.summary="no"`, status(501)).with("User-Agent: OCCI/9.9"),
		get("${machine}", isSame...)),
	that("version.server.1.1", DeFacto, "OGF's test script", "Server has OCCI/1.1", get("/-/", header("Server", `(^| )OCCI/1\.1( |$)`))),
	that("version.server.1.2", Must, "OCCI 1.2 HTTP 5.3", "Server has OCCI/1.2", get("/-/", header("Server", `(^| )OCCI/1\.2( |$)`))),
	that("version.server.error", Must, "OCCI 1.2 HTTP 5.3", "Server has the version where there is nothing, too", get("/nowhere-${run}", status(404), header("Server", `OCCI/1\.`))),
	that("version.speed", Must, "OCCI 1.1 Infrastructure 3.1", "a client of 1.1 sees the attributes of 1.1", get("/-/", says(`occi\.compute\.speed`)).with(sayOCCI11)),
	that("version.share", Must, "OCCI 1.2 Infrastructure 3.1", "a client of 1.2 sees the attributes of 1.2", get("/-/", says(`occi\.compute\.share`), says(`occi\.compute\.state\.message`)).with(sayOCCI12)),
}
