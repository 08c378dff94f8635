package cimi

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Input that means harm, or is merely odd: it is refused, or taken as what it is;
// and afterwards everything is as before.

func hostileCases(d dialect) []Case {
	needs := []string{"machineTemplates.add", "image"}
	// sends posts a body where templates are made.
	sends := func(id, clause, title, body string, want ...Check) Case {
		return That("hostile."+id, Must, clause, title, d.post("${machineTemplates.add}", body, want...), d.get("${cep}", Status(200))).Needing(needs...)
	}
	refuses := func(id, clause, title, body string) Case {
		return sends(id, clause, title, body, d.refused(400, 413)...)
	}
	// named is the body of a template with a name as the format writes it.
	named := func(written string) string {
		if d.format == "json" {
			return `{"resourceURI":"` + d.typeURI("MachineTemplate") + `","name":` + written + `,"machineImage":{"href":"${image}"}}`
		}
		return `<MachineTemplate xmlns="` + d.namespace() + `"><name>` + written + `</name><machineImage href="${image}"/></MachineTemplate>`
	}
	quoted := func(s string) string { return map[string]string{"json": `"` + s + `"`, "xml": s}[d.format] }
	// either takes a body with 201, or refuses it; what it makes has a name that matches.
	either := func(id, title, body, expression string) Case {
		return That("hostile."+id, Must, "DSP0263 5.5.8, 4.2.2", title, d.post("${machineTemplates.add}", body, Status(201, 202, 400), ifStatus(201, NoHeader("X-Evil", `.`)), ifStatus(201, ifBody(like("name", expression)))), d.get("${cep}", Status(200))).Needing(needs...)
	}
	cases := []Case{
		refuses("empty", "DSP0263 4.2.1", "nothing is refused", ""),
		refuses("blank", "DSP0263 4.2.1", "blanks are refused", " \n\t "),
		refuses("nul", "RFC 8259 9; XML 1.0 2.2", "bytes that are no text are refused", "\x00\x01\x02"),
		refuses("utf8", "RFC 8259 8.1; XML 1.0 4.3.3", "a name that is no UTF-8 is refused", named(quoted("a\xff\xfeb"))),
		refuses("deep", "safety: DSP0263 6", "a body that is nested too deep is refused", d.nested(100000)),
		refuses("deep.little", "safety: DSP0263 6", "nesting where there is to be text is refused", d.nested(30)),
		refuses("rest", "RFC 8259 2; XML 1.0 2.1", "what goes on after its end is refused", named(quoted("a"))+named(quoted("b"))),
		refuses("structure", "DSP0263 5.5", "a structure where there is to be text is refused", named(map[string]string{"json": `{"a":"b"}`, "xml": "<a>b</a>"}[d.format])),
		refuses("control", "XML 1.0 2.2", "characters that XML does not have are refused", named(quoted(map[string]string{"json": `a\u0000b`, "xml": "a&#0;b"}[d.format]))),
		refuses("control.bell", "XML 1.0 2.2", "a bell is refused", named(quoted(map[string]string{"json": `a\u0007b`, "xml": "a&#7;b"}[d.format]))),
		sends("large", "RFC 9110 15.5.14", "a body of some megabytes is refused", named(quoted(strings.Repeat("x", 4<<20))), Status(400, 413)),
		either("crlf", "line ends in a name are text, and no header", named(quoted(map[string]string{"json": `a\r\nX-Evil: 1`, "xml": "a&#13;&#10;X-Evil: 1"}[d.format])), `a\s+X-Evil`),
		either("long", "a long name is taken or refused", named(quoted(strings.Repeat("n", 5000))), `^n+$`),
		either("variables", "text that looks like something else is text", named(quoted("$(id) %s %n {{1}} ' OR 1=1 --")), `^\$\(id\) %s %n \{\{1\}\} ' OR 1=1 --$`),
		either("surrogates", "text beyond the first plane is kept", named(quoted(map[string]string{"json": `\ud83d\ude00`, "xml": "&#x1F600;"}[d.format])), `^😀$`),
		That("hostile.properties", Must, "safety: DSP0263 6", "very many properties are taken or refused, and not by a fault", d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} many"), manyProperties(5000), ref("machineImage", "${image}")), Status(201, 202, 400, 403, 413))).Needing(needs...),
		That("hostile.key.empty", Must, "DSP0263 5.5.9", "an empty key is taken or refused", d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} key"), props([2]string{"", "v"}), ref("machineImage", "${image}")), Status(201, 202, 400))).Needing(needs...),
		That("hostile.key.odd", Must, "DSP0263 5.5.9", "keys that mean something elsewhere are keys", d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} keys"), props([2]string{"__proto__", "a"}, [2]string{"href", "b"}, [2]string{"resourceURI", "c"}), ref("machineImage", "${image}")), Status(201, 202)).Making("t"),
			d.get("${t}", Status(200), at("properties.__proto__", "a"), at("properties.href", "b"), pairs(3))).Needing(needs...),
		That("hostile.path.up", Must, "safety: RFC 3986 5.2.4", "a path does not lead out of what is served", d.get("${machines}/..%2f..%2f..%2fetc%2fpasswd", d.refused(400, 404)...), d.get("${machines}/%2e%2e/%2e%2e/admin", Status(301, 308, 400, 401, 404))),
		That("hostile.path.nul", Must, "safety: RFC 3986 7.3", "a path with a NUL leads nowhere", d.get("${machines}/%00", d.refused(400, 404)...)),
		That("hostile.path.lines", Must, "safety: RFC 9112 11.1", "a path with line ends splits no header", d.get("${machines}/a%0d%0aX-Evil:%201", append(d.refused(400, 404), NoHeader("X-Evil", `.`))...)),
		That("hostile.path.long", Must, "safety: RFC 9110 15.5.15", "a very long path is refused", d.get("${machines}/"+strings.Repeat("a", 100000), Status(400, 404, 414, 431))),
		That("hostile.path.odd", Must, "safety: RFC 3986 2.1", "ids that mean something elsewhere are not there", d.get("${machines}/'%20OR%201=1", d.refused(400, 404)...), d.get("${machines}/*", d.refused(400, 404)...), d.get("${machines}/%FF", d.refused(400, 404)...)),
		That("hostile.query.encoding", Must, "RFC 3986 2.1", "a query that is badly encoded is refused, or passed over", d.get("${machines}?$filter=%zz", Status(200, 400))),
		That("hostile.query.long", Must, "safety: RFC 9110 15.5.15", "a very long filter is refused", d.get("${machines}?$filter=name='"+strings.Repeat("a", 60000)+"'", Status(400, 414, 431))),
		That("hostile.query.deep", Must, "safety: DSP0263 6", "a filter that is nested too deep is refused", d.get("${machines}?$filter="+strings.Repeat("(", 3000)+"name='a'"+strings.Repeat(")", 3000), Status(400, 414, 431))),
		That("hostile.query.many", Must, "safety: DSP0263 6", "very many names to select are taken or refused", d.get("${machines}?$select="+strings.Repeat("a,", 3000)+"name", Status(200, 400, 414, 431))),
		That("hostile.query.control", Must, "safety: DSP0263 6", "control characters in a filter do no harm", d.get("${machines}?$filter=name='%00%0d%0aX-Evil:%201'", Status(200, 400), NoHeader("X-Evil", `.`))),
		That("hostile.method.override", Must, "safety", "a method is what the request line says", Step{Do: "POST ${machines}", Accept: d.media(), Type: d.media(), Body: d.document("MachineCreate"), Want: d.refused(400)}.With("X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE"), d.get("${machines}", Status(200))),
		That("hostile.method.trace", DeFacto, "safety: RFC 9110 9.3.8", "TRACE does not show credentials", Step{Do: "TRACE ${machines}", Accept: d.media(), Want: []Check{Status(400, 403, 404, 405, 501)}}),
		That("hostile.method.unknown", Must, "RFC 9110 15.5.6, 15.6.2", "a method that there is not is refused", Step{Do: "EXPLODE ${machines}", Accept: d.media(), Want: []Check{Status(400, 405, 501)}}),
		That("hostile.host", Must, "safety: RFC 9110 7.2", "a Host of someone else is not believed with credentials of ours", d.get("${cep}", Status(200, 400, 403, 421)).By(Nobody).With("Host: evil.example.org\" onload=x")),
		That("hostile.token", Must, "RFC 9110 15.5.2", "a token that there is not is refused", d.get("${machines}", d.refused(401)...).By(Nobody).With("X-Auth-Token: none")),
		That("hostile.basic", Must, "RFC 7617 2", "credentials that are no Base64 are refused", d.get("${machines}", d.refused(400, 401)...).By(Nobody).With("Authorization: Basic §§§")),
		That("hostile.basic.colon", Must, "RFC 7617 2", "credentials without a password are refused", d.get("${machines}", d.refused(400, 401)...).By(Nobody).With("Authorization: Basic bm9ib2R5")),
		That("hostile.scheme", Must, "RFC 9110 11.6.2", "an unknown scheme is refused", d.get("${machines}", d.refused(400, 401)...).By(Nobody).With("Authorization: Fancy abc")),
		That("hostile.number.huge", Must, "DSP0263 5.5.4", "a number beyond all bounds is refused", d.post("${machineConfigs.add}", d.document("MachineConfiguration", text("name", "${run} huge"), just("cpu", "1"+strings.Repeat("0", 400)), number("memory", 524288)), d.refused(400)...)).Needing("machineConfigs.add"),
		That("hostile.number.negative", Must, "DSP0263 4.2.2", "a negative number of processors is refused", d.post("${machineConfigs.add}", d.document("MachineConfiguration", text("name", "${run} negative"), number("cpu", -1), number("memory", -1)), d.refused(400)...)).Needing("machineConfigs.add"),
		That("hostile.number.fraction", Must, "DSP0263 5.5.4", "a fraction is no integer", d.post("${machineConfigs.add}", d.document("MachineConfiguration", text("name", "${run} fraction"), just("cpu", "1.5"), number("memory", 524288)), d.refused(400)...)).Needing("machineConfigs.add"),
		That("hostile.number.exponent", Must, "DSP0263 5.5.4", "a number with an exponent beyond all bounds is refused", d.post("${machineConfigs.add}", d.document("MachineConfiguration", text("name", "${run} exponent"), just("cpu", "1e999999999"), number("memory", 524288)), d.refused(400)...)).Needing("machineConfigs.add"),
		That("hostile.time", DeFacto, "safety", "after all that, the server is what it was", d.get("${machine}", Status(200), at("state", "STARTED"))).Needing("machine"),
	}
	return slices.Concat(cases, map[string][]Case{"json": d.oddJSON(refuses, named), "xml": d.oddXML(refuses, named)}[d.format])
}

// nested is a name within so many others.
func (d dialect) nested(depth int) string {
	if d.format == "json" {
		return `{"name":` + strings.Repeat(`{"name":`, depth) + `"a"` + strings.Repeat("}", depth+1)
	}
	return fmt.Sprintf("<MachineTemplate xmlns=%q>", d.namespace()) + strings.Repeat("<name>", depth) + "a" + strings.Repeat("</name>", depth) + "</MachineTemplate>"
}

func manyProperties(n int) member {
	var all [][2]string
	for i := range n {
		all = append(all, [2]string{fmt.Sprint("key", i), "v"})
	}
	return props(all...)
}

// refusing is a case of a body that is refused.
type refusal func(id, clause, title, body string) Case

func (d dialect) oddJSON(refuses refusal, named func(string) string) []Case {
	return []Case{
		refuses("format.twice", "RFC 8259 4", "a member that is there twice is refused", `{"name":"a","name":"b"}`),
		refuses("format.array", "RFC 8259 5", "an array is no resource", `[{"name":"a"}]`),
		refuses("format.text", "RFC 8259 7", "text is no resource", `"MachineTemplate"`),
		refuses("format.null", "RFC 8259 3", "null is no resource", `null`),
		refuses("format.comma", "RFC 8259 2", "a comma too many is refused", `{"name":"a",}`),
		refuses("format.comment", "RFC 8259 2", "comments are refused", `{/* a */"name":"a"}`),
		refuses("format.quotes", "RFC 8259 7", "single quotes are refused", `{'name':'a'}`),
		refuses("format.number", "DSP0263 5.5.8", "NaN is refused", named("NaN")),
		refuses("format.list", "DSP0263 5.5", "an array where there is to be text is refused", named(`["a","b"]`)),
	}
}

func (d dialect) oddXML(refuses refusal, named func(string) string) []Case {
	root := fmt.Sprintf("<MachineTemplate xmlns=%q>", d.namespace())
	return []Case{
		refuses("format.bomb", "safety: XML entity expansion", "entities within entities are refused",
			`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`+named("&c;")),
		refuses("format.file", "safety: XML external entities", "entities that are files are refused", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>`+named("&x;")),
		refuses("format.doctype", "safety: XML external entities", "document types are refused", `<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd">`+named("a")),
		refuses("format.entity", "XML 1.0 4.1", "an entity that there is not is refused", named("&none;")),
		refuses("format.open", "XML 1.0 3", "an element that does not end is refused", root+"<name>a</MachineTemplate>"),
		refuses("format.namespace", "XML namespaces 1.0", "an element of another namespace is not taken for CIMI's", `<MachineTemplate xmlns="http://example.org/other"><name>a</name></MachineTemplate>`),
		refuses("format.twice", "DSP0263 5.5", "an element that is there twice is refused", root+"<name>a</name><name>b</name></MachineTemplate>"),
		refuses("format.attribute", "XML 1.0 3.1", "an attribute that is there twice is refused", root+`<machineImage href="${image}" href="${image}"/></MachineTemplate>`),
		refuses("format.encoding", "XML 1.0 4.3.3", "an encoding that there is not is refused", `<?xml version="1.0" encoding="x-none"?>`+named("a")),
	}
}
