package cimi

import (
	"fmt"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Versions, conditions, references, and pages for people.

func versionCases(d dialect) []Case {
	at := func(header string, want ...Check) Step {
		return d.get("${url}", want...).With("CIMI-Specification-Version: " + header)
	}
	mine := d.typed("CloudEntryPoint")
	that := func(id, title string, steps ...Step) Case {
		return That("versions."+id, DeFacto, "servers of CIMI 1.0: CIMI-Specification-Version", title, steps...)
	}
	exact := specification[d.version]
	short := exact[:3]
	return []Case{
		that("exact", "the version that is asked for is answered", at(exact, Status(200), mine)),
		that("short", "a version may be given without its last number", at(short, Status(200), mine)),
		that("list", "of a list the first that is served is taken", at("9.9, "+exact+", 8.8", Status(200), mine)),
		that("list.malformed", "what is no version is passed over in a list", at("x.y,, v1 ,"+exact, Status(200), mine)),
		that("answer", "answers say their version", at(exact, Header("CIMI-Specification-Version", `^`+strings.ReplaceAll(short, ".", `\.`)))),
		that("links", "everything that the Cloud Entry Point leads to is of its version", d.get("${cep}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
			doc, err := read(x)
			if err != nil {
				return nil, err
			}
			var steps []Step
			for _, s := range shelves {
				if href := doc.members[s.name].members["href"].text; href != "" {
					steps = append(steps, d.get(resolve(x.Session(), href)+"?$last=1", Status(200), d.typed(s.item+"Collection")))
				}
			}
			return steps, nil
		})),
	}
}

func conditionCases(d dialect) []Case {
	that := func(id, clause, title string, steps ...Step) Case {
		return That("conditions."+id, DeFacto, clause, title, append([]Step{d.get("${machine}", Status(200), tagged).FindingIn("ETag", "tag", `(.+)`)}, steps...)...).Needing("machine")
	}
	other := dialect{d.version, map[string]string{"json": "xml", "xml": "json"}[d.format]}
	differs := Check{Expect: "another ETag", Holds: func(x *Exchange) error {
		tag, err := x.Expand("${tag}")
		if err == nil && x.Header.Get("ETag") == tag {
			return fmt.Errorf("the ETag is %s again", tag)
		}
		return err
	}}
	return []Case{
		that("stable", "RFC 9110 8.8.3", "the ETag is the same as long as nothing changes", d.get("${machine}", sameHeader("ETag", "${tag}"))),
		that("head", "RFC 9110 9.3.2", "HEAD has the ETag of GET", d.head("${machine}", Status(200), sameHeader("ETag", "${tag}"))),
		that("form", "RFC 9110 8.8.3", "an ETag is in quotes", d.get("${machine}", Header("ETag", `^(W/)?"[^"]*"$`))),
		that("none-match", "RFC 9110 13.1.2", "what has not changed is not sent again", d.get("${machine}", Status(304), Body("")).With("If-None-Match: ${tag}")),
		that("none-match.list", "RFC 9110 13.1.2", "one of several ETags is enough", d.get("${machine}", Status(304)).With(`If-None-Match: "none", ${tag}`)),
		that("none-match.weak", "RFC 9110 13.1.2", "If-None-Match compares weakly", d.get("${machine}", Status(304)).With("If-None-Match: W/${tag}")),
		that("none-match.other", "RFC 9110 13.1.2", "what has changed is sent", d.get("${machine}", Status(200), d.typed("Machine")).With(`If-None-Match: "none"`)),
		that("match", "RFC 9110 13.1.1", "what is still as it was is sent", d.get("${machine}", Status(200)).With("If-Match: ${tag}")),
		that("match.other", "DSP0263 4.1.7.2; RFC 9110 13.1.1", "what is not as it was is refused", d.get("${machine}", Status(412)).With(`If-Match: "none"`)),
		that("match.any", "RFC 9110 13.1.1", "* is whatever is there", d.get("${machine}", Status(200)).With("If-Match: *")),
		that("match.none", "RFC 9110 13.1.1", "* is not what is not there", d.get("${machines}/none-${run}", Status(404, 412)).With("If-Match: *")),
		that("format", "RFC 9110 8.8.3", "the other format has another ETag", other.get("${machine}", Status(200), differs)),
		that("select", "RFC 9110 8.8.3", "what is selected has an ETag of its own", d.get("${machine}?$select=name", Status(200), differs)),
		that("action", "DSP0263 4.1.7.2", "an operation with the ETag of an older state is refused",
			d.post("${machine.stop}", d.document("Action", text("action", d.action("stop"))), d.refused(412)...).With(`If-Match: "none"`), d.get("${machine}", at("state", "STARTED"))),
		that("collection", "RFC 9110 13.1.2", "a collection has an ETag, too", d.get("${resourceMetadata}", Status(200), tagged).FindingIn("ETag", "list", `(.+)`), d.get("${resourceMetadata}", Status(304)).With("If-None-Match: ${list}")),
		that("private", "RFC 9111 5.2.2.7", "no shared cache keeps what is a tenant's", d.get("${machine}", Header("Cache-Control", `private|no-store`))),
	}
}

// referenceCases are about URIs (DSP0263 4.1, 5.5.10, 5.5.12).
func referenceCases(d dialect) []Case {
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("references."+id, level, clause, title, steps...).Needing("machine")
	}
	return []Case{
		that("links", Must, "DSP0263 4.1, 5.5.12", "everything that a machine refers to can be read", d.get("${machine}", Status(200)).Following(func(x *Exchange) ([]Step, error) {
			doc, err := read(x)
			if err != nil {
				return nil, err
			}
			var steps []Step
			for _, name := range keys(doc.node) {
				if href := doc.members[name].members["href"].text; href != "" {
					steps = append(steps, d.get(resolve(x.Session(), href), Status(200), Media(d.media()), has("id")))
				}
			}
			return steps, nil
		})),
		that("id", Must, "DSP0263 5.5.12, 5.7.1", "the id of a machine in a list is its own", d.get("${machines}?$filter=name='${run}%20shared'", Status(200), counts(1), lists("${machine}")), d.get("${machine}", at("id", "${machine}"))),
		that("query", Must, "DSP0263 4.1.6", "hrefs stay what they are when parameters are added", d.get("${machine.disks}?$select=count&wheels=4", Status(200), onlyHas("count"))),
		that("slash", DeFacto, "clients of version 1", "a slash too many is nothing else, or not there", d.get("${machine}/", Status(200, 301, 308, 404))),
		that("case", Must, "RFC 3986 6.2.2.1", "paths are case-sensitive", d.get("${machines}/NONE-${run}", d.refused(404)...)),
		that("encoded", Must, "RFC 3986 6.2.2.2", "an id in a query is the same, however it is encoded", d.get("${machines}?$filter=name%3D%27${run}%20shared%27", Status(200), counts(1))),
		that("operations", Must, "DSP0263 4.2", "the hrefs of operations are absolute, or below baseURI", d.get("${machine}", Status(200), operations("an href that leads somewhere", func(op node) bool { return op.members["href"].text != "" }))),
		that("nested.unknown", Must, "DSP0263 4.2.2", "what is not below a machine is not there", d.get("${machine}/wheels", d.refused(404)...)),
		that("nested.item", Must, "DSP0263 4.2.2", "what is not in a machine's collection is not there", d.get("${machine.disks}/none-${run}", d.refused(404)...)),
		that("outside", Must, "DSP0263 4.2.2", "what no Cloud Entry Point leads to is not there", d.get("${machines}-none-${run}", Status(404))),
	}
}

// pageCases are about pages for people with a browser, which CIMI leaves open (DSP0263 4.1.4).
func pageCases(d dialect) []Case {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	page := func(target string, want ...Check) Step {
		return Get(target, append([]Check{inHTML, Status(200)}, want...)...).Accepting(browser)
	}
	that := func(id, clause, title string, steps ...Step) Case {
		return That("pages."+id, DeFacto, clause, title, steps...)
	}
	return []Case{
		that("entry", "people with a browser", "the Cloud Entry Point is a page with links", page("${cep}", Says(`(?i)<!doctype html>`), Says(`href="[^"]*machines`))),
		that("machine", "people with a browser", "a machine is a page with its name", page("${machine}", Says(`(?i)<title>[^<]+</title>`), Says(`${run} shared`))),
		that("list", "people with a browser", "a collection is a page that leads to its items", page("${machines}", Says(`href="${machine}"|href="[^"]*machines/`))),
		that("escaped", "safety", "names and properties are text, and no markup", append(d.newPage(), page("${it}", SaysNot(`<script>alert`), SaysNot(`(?i)href="?javascript:`), Says(`&lt;script&gt;`)))...).Needing("machineTemplates.add", "image"),
		that("scripts", "safety", "pages may not run what is not theirs", page("${cep}", Header("Content-Security-Policy", `.`), Header("X-Content-Type-Options", `nosniff`))),
		that("refusal", "people with a browser", "what is not there is a page, too", Get("${machines}/none-${run}", inHTML, Status(404)).Accepting(browser)),
		that("other", "safety", "another tenant does not see a page of a machine", Get("${machine}", inHTML, Status(404), SaysNot(`${run} shared`)).Accepting(browser).By(Other)),
		that("formats", "clients of version 1", "who asks for "+d.format+" first gets it", Get("${machine}", Status(200), Media(d.media())).Accepting(d.media()+", text/html;q=0.5")),
	}
}

// inHTML says whether the server has pages.
var inHTML = Check{Expect: "a page, if the server has them", Holds: func(x *Exchange) error {
	if x.Media() != "text/html" {
		return NotOfferedError{What: "text/html"}
	}
	return nil
}}

// newPage makes a template whose name and properties would be markup.
func (d dialect) newPage() []Step {
	return []Step{d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", `${run} <script>alert("1")</script>`), text("description", `"><img src=x onerror=alert(1)>`), props([2]string{"<b>", "javascript:alert(1)"}), ref("machineImage", "${image}")),
		Status(201, 202)).Making("it")}
}
