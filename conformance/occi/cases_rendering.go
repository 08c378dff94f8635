package occi

import (
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// What is within the renderings, as it is read and written.

// named makes a case of a volume-free write: a machine of the case's own whose
// title goes in by a line and comes out as it was meant.
func named(id string, level Level, clause, what, line, want string) Case {
	return That("text.title."+id, level, clause, what, post("${compute}", machineBody+"\n"+line, Status(201)).Making("vm"),
		Get("${vm}", attr("occi.core.title", want)), Get("${vm}", attr("occi.core.title", want)).Accepting("text/occi"), Get("${vm}", attr("occi.core.title", want)).Accepting("application/occi+json"))
}

// lenient makes a case of a body that clients send and that changes nothing.
func lenient(id, clause, what, text string) Case {
	return That("text.lenient."+id, DeFacto, clause, what, post("${machine}", text, isSame...))
}

// strict makes a case of a body that is refused, and changes nothing.
func strict(id string, level Level, what, text string) Case {
	return That("text.refuse."+id, level, "OCCI 1.2 Text 4", what, post("${machine}", text, Status(400)), Get("${machine}", untouched...))
}

func textCases() []Case {
	return []Case{
		named("quotes", Must, "OCCI 1.2 Text 4.3", "quotes and backslashes are escaped", `X-OCCI-Attribute: occi.core.title="a \"b\" c:\\d"`, `a "b" c:\d`),
		named("comma", Must, "OGF's test script", "a comma within quotes is no end", `X-OCCI-Attribute: occi.core.title="How's your quotes escaping? \", occi.compute.memory=1.0"`, `How's your quotes escaping? ", occi.compute.memory=1.0`),
		named("semicolon", Must, "OCCI 1.2 Text 4.3", "semicolons and equals signs are letters like others", `X-OCCI-Attribute: occi.core.title="a; b=c; <d>"`, `a; b=c; <d>`),
		named("utf8", Must, "OCCI 1.2 Text 6", "letters of all languages stay", `X-OCCI-Attribute: occi.core.title="žluťoučký 虚拟机"`, "žluťoučký 虚拟机"),
		That("text.title.astral", DeFacto, "clouds with databases of three-byte letters", "a letter beyond the basic plane stays, or is refused as the cloud refuses it", post("${compute}", machineBody+title("${run} 🐎"), Status(201, 400), orRefused).Making("vm"),
			Get("${vm}", attr("occi.core.title", "${run} 🐎"))),
		named("blanks", DeFacto, "snf-occi's users", "blanks around = and no quotes", "X-OCCI-Attribute: occi.core.title = newVM", "newVM"),
		That("text.title.lines", DeFacto, "hostile names", "a line break in a title survives in JSON, and breaks no line in text", post("${compute}", jsonMachine(`,"title":"one\ntwo"`), Status(201, 400), orRefused).Typed("application/occi+json").Making("vm"),
			Get("${vm}", Status(200, 404), SaysNot(`(?m)^two`))),
		lenient("crlf", "OCCI 1.2 Text 6", "lines may end with CR LF", kindCompute+"\r\n"+same+"\r\n"),
		lenient("empty-lines", "pyssf", "empty lines are skipped", "\n\n"+kindCompute+"\n\n"+same+"\n\n"),
		lenient("trailing", "several clients", "blanks at the end of a line are nothing", same+" \t"),
		lenient("tab", "several clients", "a tab may follow the colon", strings.Replace(same, ": ", ":\t", 1)),
		lenient("tight", "several clients", "nothing need follow the colon", strings.Replace(same, ": ", ":", 1)),
		lenient("names", "OCCI 1.2 Text 4", "names have no case", strings.Replace(same, "X-OCCI-Attribute", "x-occi-attribute", 1)),
		lenient("folded", "OCCI 1.1 HTTP, examples", "a line that begins with a blank goes on", "X-OCCI-Attribute:\n "+strings.TrimPrefix(same, "X-OCCI-Attribute: ")),
		lenient("list", "OCCI 1.2 Text 4", "a line may be a list", kindCompute+", ${os}\n"+same),
		lenient("ok", "clients that echo", "a line OK is nothing", "OK\n"+same),
		lenient("repeated", "OCCI 1.2 Text 4.3", "the same twice is the same", same+"\n"+same),
		lenient("unquoted-scheme", "snf-occi's users", "a scheme without quotes", "Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class=\"kind\";\n"+same),
		lenient("misplaced-quote", "OCCI 1.1 HTTP, examples", "a quote at the wrong place", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; "class=kind";`+"\n"+same),
		lenient("extras", "rOCCI 4", "a category with all it has in the query interface", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"; title="Compute, so"; rel="http://schemas.ogf.org/occi/core#resource"; location="/compute/"; attributes="occi.core.id{immutable}"; actions="http://schemas.ogf.org/occi/infrastructure/compute/action#start"`+"\n"+same),
		strict("name", DeFacto, "a line of another name is refused", "X-Something: 1\n"+same),
		strict("no-colon", Must, "a line without a colon is refused", "hello\n"+same),
		strict("no-value", Must, "an attribute without a value is refused", "X-OCCI-Attribute: occi.core.summary="),
		strict("no-equals", Must, "an attribute without an equals sign is refused", "X-OCCI-Attribute: occi.core.summary"),
		strict("no-scheme", Must, "a category without a scheme is refused", "Category: compute; class=\"kind\"\n"+same),
		strict("no-term", Must, "a category without a term is refused", `Category: ; scheme="http://schemas.ogf.org/occi/infrastructure#"`+"\n"+same),
		strict("quote", Must, "a quote that is not closed is refused", `X-OCCI-Attribute: occi.core.summary="no`),
		strict("rest", DeFacto, "letters after a closing quote are refused", `X-OCCI-Attribute: occi.core.summary="no" what`),
		strict("twice", DeFacto, "an attribute with two values is refused", `X-OCCI-Attribute: occi.core.summary="a"`+"\n"+`X-OCCI-Attribute: occi.core.summary="b"`),
		strict("link", Must, "a link without a target is refused", `Link: rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`),
		strict("location", DeFacto, "a location is no part of an entity", "X-OCCI-Location: ${machine}"),
		That("text.escape", Must, "OCCI 1.2 Text 4.3", "quotes and backslashes are escaped in what is written", post("${compute}", jsonMachine(`,"title":"a \"b\" \\ c"`), Status(201)).Typed("application/occi+json").Making("vm"), Get("${vm}", Says(`occi\.core\.title="a \\"b\\" \\\\ c"`))),
		That("text.trailing", DeFacto, "jOCCI", "no line ends with a blank", Get("${machine}", SaysNot(`(?m)[ \t]+$`)), Get("/-/", SaysNot(`(?m)[ \t]+$`))),
		That("text.lf", DeFacto, "IM", "lines end with LF alone", Get("${machine}", SaysNot("\r")), Get("${compute}", SaysNot("\r"))),
		That("text.prefix", DeFacto, "IM", "locations begin exactly with X-OCCI-Location and a blank", Get("${compute}", Says(`(?m)^X-OCCI-Location: https?://`))),
		That("text.header.list", Should, "OCCI 1.2 Text 7; OGF's test script", "locations in a field are separated by a comma and a blank", Get("${network}", Status(200), Header("X-OCCI-Location", `^\S+(, \S+)*$`)).Accepting("text/occi")),
		That("text.header.spelling", DeFacto, "old clients", "fields are spelled as the standard does", spelled("${machine}", "X-OCCI-Attribute"), spelled("${compute}", "X-OCCI-Location")),
		That("text.uris.lines", DeFacto, "RFC 2483", "URIs are one a line", Get("${network}", Says(`^\S+(\r?\n\S+)*(\r?\n)?$`)).Accepting("text/uri-list")),
	}
}

// orRefused skips the rest of a case when an odd title was refused.
var orRefused = Check{Expect: "such a title, if it is possible", Holds: func(x *Exchange) error {
	if x.Status == 400 {
		return NotOfferedError{What: "such titles"}
	}
	return nil
}}

// spelled asks in text/occi, and wants a field of that spelling: the client reads
// canonical names only, so the answer is what net/http made of it.
func spelled(target, name string) Step {
	return Get(target, Status(200), Header(name, `\S`)).Accepting("text/occi")
}

// malformed makes a case of a body in JSON that is refused, and changes nothing.
func malformed(id string, level Level, what, text string) Case {
	return That("json.refuse."+id, level, "OCCI 1.2 JSON 3", what, post("${machine}", text, Status(400)).Typed("application/occi+json"), Get("${machine}", untouched...))
}

// older makes a case of JSON that older clients send.
func older(id, clause, what, text string) Case {
	return That("json.lenient."+id, DeFacto, clause, what, post("${machine}", text, isSame...).Typed("application/occi+json"))
}

func jsonCases() []Case {
	return []Case{
		older("null", "several clients", "null is what is not there", `{"summary":"made by ${run}","mixins":null,"links":null,"attributes":null}`),
		older("attributes", "rOCCI 5", "core attributes may be among the attributes", `{"attributes":{"occi.core.summary":"made by ${run}"}}`),
		older("both", "rOCCI 5", "the same at both places is the same", `{"summary":"made by ${run}","attributes":{"occi.core.summary":"made by ${run}"}}`),
		older("nested", "rOCCI 4", "attributes of 2012 are nested", `{"attributes":{"occi":{"core":{"summary":"made by ${run}"}}}}`),
		older("location", "MartServer", "a location is no more than said", `{"summary":"made by ${run}","location":"${compute.path}${machine.id}"}`),
		older("id", "OCCI 1.2 JSON 3.1", "the entity's own id and kind may be repeated", `{"id":"${machine.id}","kind":"http://schemas.ogf.org/occi/infrastructure#compute","summary":"made by ${run}"}`),
		older("mixins", "OCCI 1.2 JSON 3.1", "the mixins that it has may be repeated", `{"mixins":["${os.id}"],"summary":"made by ${run}"}`),
		older("space", "RFC 8259", "white space is nothing", " \r\n{ \"summary\" :\t\"made by ${run}\" }\n"),
		older("escape", "RFC 8259", "letters may be escaped", `{"summary":"\u006dade by ${run}"}`),
		malformed("syntax", Must, "what is no JSON is refused", `{"summary":`),
		malformed("rest", Must, "what follows the JSON is refused", `{"summary":"no"} x`),
		malformed("array", Must, "an array is no entity", `["no"]`),
		malformed("string", Must, "a string is no entity", `"no"`),
		malformed("member", Must, "an unknown member is refused", `{"summary":"no","colour":"red"}`),
		malformed("type", Must, "a number is no title", `{"title":5}`),
		malformed("attribute", Must, "an unknown attribute is refused", `{"summary":"no","attributes":{"occi.compute.wheels":4}}`),
		malformed("attribute-type", Must, "a string is no number of cores", `{"attributes":{"occi.compute.cores":"many"}}`),
		malformed("object", Must, "an object is no string", `{"attributes":{"occi.core.summary":{"a":1}}}`),
		malformed("contradiction", DeFacto, "two different summaries are refused", `{"summary":"no","attributes":{"occi.core.summary":"yes"}}`),
		malformed("empty", Must, "nothing is no change", ``),
		malformed("kind", Must, "another kind is refused", `{"kind":"http://schemas.ogf.org/occi/infrastructure#network","summary":"no"}`),
		malformed("mixin-type", Must, "a mixin is named by a string", `{"mixins":[5]}`),
		That("json.create.kind", Must, "OCCI 1.2 JSON 3.1.1", "a creation needs a kind", post("${compute}", `{"mixins":["${os.id}"]}`, Status(400)).Typed("application/occi+json")),
		That("json.create.member", Must, "OCCI 1.2 JSON 3.3", "a machine is no link", post("/", `{"links":[`+jsonMachine("")+`]}`, Status(400)).Typed("application/occi+json")),
		That("json.create.string-ends", DeFacto, "rOCCI 4", "ends of links may be strings, as in 2012", post("${compute}", `{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","mixins":["${os.id}","${flavor.id}"],"links":[{"kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","rel":"http://schemas.ogf.org/occi/infrastructure#network","target":"${net}"}]}`, Status(201)).Typed("application/json").Making("vm"),
			Get("${vm}", linksTo(infra+"networkinterface", "${net}")).Eventually()),
		That("json.entity.links", Must, "OCCI 1.2 JSON 3.1.1", "links within a resource are whole", Get("${machine}", Says(`"links":\[\{"kind":"http://schemas\.ogf\.org/occi/infrastructure#networkinterface"`), Says(`"target":\{"location":"[^"]*${net.id}","kind":"http://schemas\.ogf\.org/occi/infrastructure#network"\}`), Says(`"source":`)).Accepting("application/occi+json")),
		That("json.entity.actions", Must, "OCCI 1.2 JSON 3.1.1", "actions are named by their type identifiers", Get("${machine}", Says(`"actions":\[[^\]]*"http://schemas\.ogf\.org/occi/infrastructure/compute/action#stop"`)).Accepting("application/occi+json")),
		That("json.entity.flat", Must, "OCCI 1.2 JSON 3.5", "attributes are flat", Get("${machine}", SaysNot(`"attributes":\{"occi":`), Says(`"occi\.compute\.state":"active"`)).Accepting("application/occi+json")),
		That("json.same", DeFacto, "rOCCI 5", "application/json is the same", Get("${machine}", Status(200)).Accepting("application/occi+json").Keeping("one"), Get("${machine}", Body("${one}")).Accepting("application/json")),
	}
}
