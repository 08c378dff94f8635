package occi

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// The name space, negotiation and versions.

func urlCases() []Case {
	return []Case{
		That("url.query", Must, "OCCI 1.2 HTTP 4", "the query interface is at /-/", Get("/-/", Status(200), has(infra+"compute"))),
		That("url.well-known", DeFacto, "OCCI 1.1 HTTP, query interface; OGF's test script", "the query interface is also at /.well-known/org/ogf/occi/-/, the same",
			Get("/-/", Status(200)).Keeping("qi"), Get("/.well-known/org/ogf/occi/-/", Status(200), Body("${qi}"))),
		That("url.well-known.filter", DeFacto, "OGF's test script", "filters work there as well",
			Get("/.well-known/org/ogf/occi/-/", Status(200), onlyHas(infra+"compute")).With(kindCompute)),
		That("url.kind.location", Must, "OCCI 1.1 HTTP, name space", "kinds that can be made have a location, which ends in a slash",
			Get("/-/", Status(200), each("a location that ends in /", func(c category) bool {
				return c.class != "kind" || c.scheme == core || strings.HasSuffix(c.location, "/")
			}))),
		That("url.kind.unique", Must, "OCCI 1.1 HTTP, name space", "no two categories have one location", Get("/-/", Status(200), distinctLocations)),
		That("url.kind.host", DeFacto, "rOCCI 4; safety: clients send their credentials there", "locations are at the endpoint's own host", Get("/-/", Status(200), locationsHere)),
		That("url.kind.entity", Must, "OCCI 1.2 HTTP 4.1", "entity, which cannot be made, has no location",
			Get("/-/", Status(200), each("no location of entity", func(c category) bool { return c.id() != core+"entity" || c.location == "" }))),
		That("url.entity.shape", DeFacto, "rOCCI 4", "an entity is one segment below its kind's location, without a slash at the end",
			Get("${compute}", Status(200), Says(`(?m)^${compute}[A-Za-z0-9._~-]+\r?$`), SaysNot(`(?m)/\r?$`), lists("${machine}")).Accepting("text/uri-list")),
		That("url.slash.collection", DeFacto, "ooi; curl recipes", "a collection answers without its slash, directly", Get("${compute.bare}", Status(200), lists("${machine}"))),
		That("url.slash.entity", DeFacto, "ooi; curl recipes", "an entity answers with a slash, directly", Get("${machine}/", Status(200), kindIs(infra+"compute"))),
		That("url.slash.double", DeFacto, "rOCCI 4; IM", "a doubled slash is one",
			Get("${endpoint}/${compute.path}", Status(200), lists("${machine}")), Get("${endpoint}//-/", Status(200), has(infra+"compute"))),
		That("url.encoded", Should, "RFC 3986 6.2.2.2", "a percent-encoded letter is that letter", Get("${endpoint}/comput%65/${machine.id}", Status(200), kindIs(infra+"compute")),
			Get("${endpoint}/%63ompute/", Status(200))),
		That("url.root", Must, "OCCI 1.1 HTTP, unbound paths", "the root lists what there is", Get("/", Status(200), lists("${machine}"), lists("${net}")).Accepting("text/plain")),
		That("url.root.uris", DeFacto, "rOCCI 4", "the root lists URIs", Get("/", Status(200), Media("text/uri-list"), lists("${machine}")).Accepting("text/uri-list")),
		That("url.host", DeFacto, "rOCCI 4", "URLs begin as the client's own endpoint does",
			Get("${compute}", Status(200), Says(`(?m)^(http://cloud\.example\.org(:\d+)?)?/`)).Accepting("text/uri-list").With("Host: cloud.example.org", `X-OCCI-Attribute: occi.core.id="${machine.id}"`)),
		That("url.alias.nic", DeFacto, "clients of OCCI-OS and ooi", "collections of interfaces answer at their old places too",
			Get("/networklink/", Status(200)), Get("/link/networkinterface/", Status(200)), Get("/network/interface/", Status(200))),
		That("url.alias.disk", DeFacto, "clients of OCCI-OS and ooi", "collections of storage links answer at their old places too",
			Get("/link/storagelink/", Status(200)), Get("/storage/link/", Status(200))),
		That("url.head.query", DeFacto, "jOCCI; IM", "HEAD works on the query interface", Head("/-/", Status(200), Media("text/plain"))),
		That("url.head.root", DeFacto, "curl recipes", "HEAD works on the root", Head("/", Status(200)).Accepting("text/plain")),
		That("url.head.collection", Must, "RFC 9110 9.3.2", "HEAD works on collections", Head("${compute}", Status(200))),
		That("url.head.entity", Must, "RFC 9110 9.3.2", "HEAD in text/occi has all fields that GET has",
			Head("${machine}", Status(200), Header("Category", `compute;`), Header("X-OCCI-Attribute", `occi\.core\.id=`)).Accepting("text/occi")),
		That("url.head.unknown", Must, "OCCI 1.2 HTTP 5.4", "HEAD of what is not there is 404", Head("${compute}"+nothing, Status(404))),
		That("url.options", Should, "RFC 9110 9.3.7", "OPTIONS tells the methods", Step{Do: "OPTIONS ${compute}", Want: []Check{Status(200, 204), Header("Allow", `GET`)}}),
		That("url.method.collection", Must, "OCCI 1.2 HTTP 8", "PUT on a kind's collection is not allowed", put("${compute}", machineBody, Status(405), Header("Allow", "POST"))),
		That("url.method.query", Must, "OCCI 1.2 HTTP 9.2", "PUT on the query interface is not allowed", put("/-/", mixinBody("x", "/${run}/x/"), Status(405), Header("Allow", "GET"))),
		That("url.method.query-action", Must, "OCCI 1.2 HTTP 9.3", "the query interface has no actions", post("/-/?action=start", startAction, Status(405, 400))),
		That("url.method.root", Must, "OCCI 1.2 HTTP 8", "PUT on the root is not allowed", put("/", machineBody, Status(405))),
		That("url.method.root-action", DeFacto, "OCCI 1.2 HTTP 11.3", "the root has no actions", post("/?action=stop", stopAction, Status(405, 400))),
		That("url.method.patch", Must, "RFC 9110 15.5.6", "methods that OCCI does not have are not allowed", Step{Do: "PATCH ${machine}", Want: []Check{Status(405, 501)}}),
		That("url.unknown.path", Must, "OCCI 1.2 HTTP 5.4", "a path with nothing at or below it is 404", Get("/${run}/nowhere/", Status(404)), Get("/nowhere-${run}", Status(404))),
		That("url.unknown.entity", Must, "OCCI 1.2 HTTP 5.4", "an entity that is not there is 404", Get("${compute}"+nothing, Status(404)), Get("${network}"+nothing, Status(404))),
		That("url.unknown.storage", Must, "OCCI 1.2 HTTP 5.4", "a volume that is not there is 404", Get("${storage}"+nothing, Status(404))),
		That("url.unknown.links", Must, "OCCI 1.2 HTTP 5.4", "links that are not there are 404",
			Get("${networkinterface}"+nothing, Status(404)), Get("${storagelink}"+nothing+"_"+nothing, Status(404))),
		That("url.nested", DeFacto, "rOCCI 4", "there is nothing below an entity", Get("${machine}/x", Status(404))),
	}
}

// distinctLocations: the name space has one meaning for each place.
var distinctLocations = onDocument("no location twice", func(_ *Exchange, d *document) error {
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

var locationsHere = onDocument("locations of the endpoint's host", func(x *Exchange, d *document) error {
	for _, c := range d.categories {
		if u, err := x.URL.Parse(c.location); err != nil || !x.Session().Here(u) {
			return fmt.Errorf("%s is at %q", c.id(), c.location)
		}
	}
	return nil
})

// same changes nothing of the shared machine: what it says is so already.
const same = `X-OCCI-Attribute: occi.core.summary="made by ${run}"`

var isSame = []Check{Status(200), attr("occi.core.summary", "made by ${run}"), attr("occi.core.title", "${run} shared")}

// untouched is what a refused request leaves of the shared machine.
var untouched = []Check{Status(200), attr("occi.core.title", "${run} shared"), attr("occi.compute.state", "active")}

// negotiated makes a case from an Accept and what answers it.
func negotiated(id string, level Level, clause, accept, want string) Case {
	return That("negotiation."+id, level, clause, fmt.Sprintf("Accept %q is answered in %s", accept, want),
		Get("${compute}", Status(200), Media(want)).Accepting(accept))
}

func negotiationCases() []Case {
	return slices.Concat([]Case{
		That("negotiation.default", Must, "OCCI 1.1 HTTP, content types", "without Accept the answer is text/plain", Get("${compute}", Status(200), Media("text/plain"))),
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
		That("negotiation.lines", Must, "RFC 9110 5.3", "several Accept lines are one list",
			Get("${compute}", Status(200), Media("text/occi")).With("Accept: image/png", "Accept: text/occi")),
		That("negotiation.browser", DeFacto, "browsers", "a browser gets an answer that it can show",
			Get("${compute}", Status(200), Header("Content-Type", `^text/(plain|html)`)).Accepting("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")),
		That("negotiation.html", DeFacto, "OCCI 1.1 HTTP, text/html", "text/html, where it is offered, is a page", Get("${machine}", offeredHTML, Status(200), Media("text/html"), Says(`(?i)<html`), Says(`${machine.id}`)).Accepting("text/html")),
		That("negotiation.malformed", DeFacto, "RFC 9110 12.5.1", "a malformed Accept is no failure of the server", Get("${compute}", Status(200, 400, 406)).Accepting(";;q=x,,/")),
		That("negotiation.none", Must, "OCCI 1.2 HTTP 5.4", "nothing acceptable is 406, in text", Get("${compute}", Status(406), Media("text/plain")).Accepting("image/png")),
		That("negotiation.uris.query", Must, "OCCI 1.2 Text 8; OCCI 1.1 HTTP", "the query interface is no list of URIs", Get("/-/", Status(400)).Accepting("text/uri-list")),
		That("negotiation.uris.entity", Must, "OCCI 1.2 Text 8; OCCI 1.1 HTTP", "an entity is no list of URIs", Get("${machine}", Status(400)).Accepting("text/uri-list")),
		That("negotiation.error.json", DeFacto, "OCCI 1.2 HTTP 5.4", "a refusal is in the client's JSON", Get("${compute}"+nothing, Status(404), Media("application/occi+json"), Says(`"code":\s*404`), Says(`"message":\s*"`)).Accepting("application/occi+json")),
		That("negotiation.error.header", DeFacto, "rOCCI 4", "a refusal is in the client's text/occi", Get("${compute}"+nothing, Status(404), Media("text/occi"), Header("X-OCCI-Error", `\w`)).Accepting("text/occi")),
		That("negotiation.error.uris", DeFacto, "rOCCI 4", "a refusal to a client of text/uri-list is no URI", Get("/${run}/nowhere/", Status(404), SaysNot(`(?m)^[^#\s]\S*$`)).Accepting("text/uri-list")),
		That("negotiation.list", Should, "OCCI 1.2 HTTP 5.2", "answers list the renderings", Get("/-/", Header("Accept", `application/occi\+json`), Header("Accept", `text/uri-list`)).With(sayOCCI12)),
		That("negotiation.list.old", DeFacto, "rOCCI 4 library", "to a client of OCCI 1.1, JSON is not offered", Get("/-/", Status(200), NoHeader("Accept", `json`)).With(sayOCCI11)),
		That("negotiation.body.unknown", Must, "OCCI 1.1 HTTP, content types", "a body of an unknown type is refused", post("${machine}", same, Status(406, 415)).Typed("application/x-tar")),
		That("negotiation.body.two", DeFacto, "rOCCI 4; IM", "Content-Type: text/plain,text/occi is text/plain", post("${machine}", same, isSame...).Typed("text/plain,text/occi")),
		That("negotiation.body.headers", DeFacto, "curl recipes", "without Content-Type and body, the header fields count", Step{Do: "POST ${machine}", Want: isSame}.With(same)),
		That("negotiation.body.text", DeFacto, "curl recipes", "a body without Content-Type is text", post("${machine}", same, isSame...).Typed("")),
		That("negotiation.body.json", DeFacto, "curl recipes", "a body without Content-Type that begins with a brace is JSON", post("${machine}", `{"summary":"made by ${run}"}`, isSame...).Typed("")),
		That("negotiation.body.form", DeFacto, "curl -d", "curl's default Content-Type with a body in text is text", post("${machine}", same, isSame...).Typed("application/x-www-form-urlencoded")),
		That("negotiation.body.empty", DeFacto, "snf-occi; IM", "with Content-Type text/plain and no body, the header fields count", post("${machine}", "", isSame...).With(same)),
		That("negotiation.body.wins", DeFacto, "proxies that add Link fields", "a body in text is taken without the header fields",
			post("${machine}", same, isSame...).With(`X-OCCI-Attribute: occi.core.title="from a header"`, "Link: </style.css>; rel=preload")),
		That("negotiation.body.header-only", Must, "OCCI 1.2 Text 7", "in text/occi nothing is taken from a body", post("${machine}", `X-OCCI-Attribute: occi.core.title="from the body"`, Status(200, 400)).Typed("text/occi").With(same), Get("${machine}", untouched...)),
		That("negotiation.body.charset", Must, "RFC 9110 8.3", "parameters of Content-Type are ignored", post("${machine}", same, isSame...).Typed("text/plain; charset=utf-8")),
		That("negotiation.body.bom", DeFacto, "editors on Windows", "a byte order mark is skipped", post("${machine}", "\ufeff"+same, isSame...)),
		That("negotiation.body.encoding", Must, "RFC 9110 8.4", "a body in an encoding that is not understood is refused", post("${machine}", same, Status(400, 406, 415)).With("Content-Encoding: gzip")),
		That("negotiation.body.plain-new", Must, "OCCI 1.2 Text 6", "text/occi+plain is a name of text/plain", post("${machine}", same, isSame...).Typed("text/occi+plain")),
		That("negotiation.body.get", DeFacto, "curl -X GET -d", "a body of GET that is not OCCI is ignored", Step{Do: "GET ${machine}", Body: "x=y", Type: "application/x-www-form-urlencoded", Want: []Check{Status(200)}}),
		That("negotiation.length", Must, "OCCI 1.2 Text 7", "the body OK of text/occi is two bytes", Get("${machine}", Status(200), Body("OK"), Header("Content-Length", `^2$`)).Accepting("text/occi")),
		That("negotiation.charset", DeFacto, "IM", "text/plain is UTF-8", Get("${machine}", Status(200), Header("Content-Type", `(?i)^text/plain(; ?charset=utf-8)?$`))),
		That("negotiation.bare", DeFacto, "rOCCI 4", "text/occi and text/uri-list have no parameters",
			Get("${compute}", Header("Content-Type", `^text/occi$`)).Accepting("text/occi"), Get("${compute}", Header("Content-Type", `^text/uri-list$`)).Accepting("text/uri-list")),
	})
}

// offeredHTML skips a case of pages on a server without.
var offeredHTML = Check{Expect: "text/html, if it is offered", Holds: func(x *Exchange) error {
	if x.Status == 406 {
		return NotOfferedError{What: "text/html"}
	}
	return nil
}}

// said makes a case from a User-Agent and the status that answers it.
func said(id string, level Level, what, agent string, code int) Case {
	return That("version."+id, level, "OCCI 1.2 HTTP 5.3; OCCI 1.1 HTTP, versioning", what, Get("/-/", Status(code)).With("User-Agent: "+agent))
}

func versionCases() []Case {
	return []Case{
		said("none", Must, "a client need not say its version", "curl/8.5", 200),
		said("1.1", Must, "OCCI 1.1 is spoken", "x OCCI/1.1", 200),
		said("1.2", Must, "OCCI 1.2 is spoken", "x OCCI/1.2 (linux)", 200),
		said("1.3", Must, "a higher version is not implemented", "x OCCI/1.3", 501),
		said("2.0", Must, "a higher major version is not implemented", "OCCI/2.0", 501),
		said("1.10", Must, "versions are numbers", "x OCCI/1.10", 501),
		said("digits", Must, "a version has any number of digits", "x OCCI/99999999999999999999.1", 501),
		said("several", DeFacto, "of several versions the lowest counts", "x OCCI/9.0 OCCI/1.1", 200),
		said("profile", DeFacto, "the version of a profile is another thing", "x OCCI-CRTP/9.1", 200),
		said("inside", DeFacto, "a version is a word of its own", "xOCCI/9.9", 200),
		That("version.write", Must, "OCCI 1.2 HTTP 5.3", "a write of a higher version does nothing", post("${machine}", `X-OCCI-Attribute: occi.core.summary="no"`, Status(501)).With("User-Agent: OCCI/9.9"),
			Get("${machine}", isSame...)),
		That("version.server.1.1", DeFacto, "OGF's test script", "Server has OCCI/1.1", Get("/-/", Header("Server", `(^| )OCCI/1\.1( |$)`))),
		That("version.server.1.2", Must, "OCCI 1.2 HTTP 5.3", "Server has OCCI/1.2", Get("/-/", Header("Server", `(^| )OCCI/1\.2( |$)`))),
		That("version.server.error", Must, "OCCI 1.2 HTTP 5.3", "Server has the version where there is nothing, too", Get("/nowhere-${run}", Status(404), Header("Server", `OCCI/1\.`))),
		That("version.speed", Must, "OCCI 1.1 Infrastructure 3.1", "a client of 1.1 sees the attributes of 1.1", Get("/-/", Says(`occi\.compute\.speed`)).With(sayOCCI11)),
		That("version.share", Must, "OCCI 1.2 Infrastructure 3.1", "a client of 1.2 sees the attributes of 1.2", Get("/-/", Says(`occi\.compute\.share`), Says(`occi\.compute\.state\.message`)).With(sayOCCI12)),
	}
}
