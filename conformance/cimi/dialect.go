package cimi

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// dialect is a version of CIMI in one of its formats. Tables of cases are
// functions of it, so that a case is written once.
type dialect struct {
	version int    // 1 or 2
	format  string // json or xml
}

func (d dialect) media() string { return "application/" + d.format }

// namespace is what type URIs and URIs of actions begin with.
func (d dialect) namespace() string { return fmt.Sprintf("http://schemas.dmtf.org/cimi/%d", d.version) }

func (d dialect) typeURI(name string) string { return d.namespace() + "/" + name }

func (d dialect) action(name string) string { return d.namespace() + "/action/" + name }

// in gives cases that only one version has.
func (d dialect) in(version int, cases ...Case) []Case {
	if d.version == version {
		return cases
	}
	return nil
}

// get, head and del send nothing; put and post send a document. All accept the
// dialect's format.
func (d dialect) get(target string, want ...Check) Step {
	return Get(target, want...).Accepting(d.media())
}

func (d dialect) head(target string, want ...Check) Step {
	return Head(target, want...).Accepting(d.media())
}

func (d dialect) del(target string, want ...Check) Step {
	return Del(target, want...).Accepting(d.media())
}

func (d dialect) put(target, body string, want ...Check) Step {
	return Step{Do: "PUT " + target, Accept: d.media(), Type: d.media(), Body: body, Want: want}
}

func (d dialect) post(target, body string, want ...Check) Step {
	return Step{Do: "POST " + target, Accept: d.media(), Type: d.media(), Body: body, Want: want}
}

// look reads ${as} and names what it leads to: ${as.stop} is the href of an
// operation that is possible now, ${as.volumes} that of a reference.
func (d dialect) look(as string, want ...Check) Step {
	return d.get("${"+as+"}", append([]Check{Status(200)}, want...)...).ReadingBelow(as, leads)
}

// known looks at what was prepared, and names it and what it leads to, as look does.
func (d dialect) known(prepared, as string, want ...Check) Step {
	return d.get("${"+prepared+"}", append([]Check{Status(200)}, want...)...).ReadingBelow(as, func(x *Exchange) (map[string]string, error) {
		names, err := leads(x)
		if err != nil {
			return nil, err
		}
		itself, err := value("", "id")(x)
		maps.Copy(names, itself)
		return names, err
	})
}

// act runs an operation of ${as}, at the href that it had when it was looked at.
func (d dialect) act(as, name string, want ...Check) Step {
	return d.post("${"+as+"."+name+"}", d.document("Action", text("action", d.action(name))), want...)
}

// member is an attribute of a document to send.
type member struct {
	name  string
	value any // string, literal, int, bool, nil, []member, array, mapping or written
}

// literal is the text of a number or boolean, which may have ${names}.
type literal string

// array is a list whose items have a name in XML.
type array struct {
	item  string
	bare  bool // references, which version 2 does not have within an element of their own either
	items [][]member
}

// mapping is of pairs of key and value, each of which has a name in XML.
type mapping struct {
	item  string
	pairs [][2]string
}

// written is the name of what discovery wrote down in either format, with .json
// and .xml: a whole attribute, or nothing.
type written string

func text(name, value string) member               { return member{name, value} }
func number(name string, value int) member         { return member{name, value} }
func force(value bool) member                      { return member{"force", value} }
func erased(name string) member                    { return member{name, nil} }
func object(name string, members ...member) member { return member{name, members} }
func ref(name, href string) member                 { return member{name, []member{{"href", href}}} }

func just(name, text string) member { return member{name, literal(text)} }

func listed(name, item string, items ...[]member) member {
	return member{name, array{item, false, items}}
}

// referring is a list of references, or of what may be given in their place.
func referring(name, item string, items ...[]member) member {
	return member{name, array{item, true, items}}
}

func props(pairs ...[2]string) member { return member{"properties", mapping{"property", pairs}} }

func params(pairs ...[2]string) member { return member{"parameters", mapping{"parameter", pairs}} }

// document writes a document of a type, as the dialect has it.
func (d dialect) document(kind string, members ...member) string {
	if d.format == "json" {
		return jsonObject(append([]member{text("resourceURI", d.typeURI(kind))}, members...))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<%s xmlns=%q", kind, d.namespace())
	d.content(&b, kind, members)
	return b.String()
}

// untyped is a document that does not say its type but by the name of its root.
func (d dialect) untyped(kind string, members ...member) string {
	if d.format == "json" {
		return jsonObject(members)
	}
	return strings.Replace(d.document(kind, members...), fmt.Sprintf(" xmlns=%q", d.namespace()), "", 1)
}

func jsonObject(members []member) string {
	var parts []string
	rest := ""
	for _, m := range members {
		if w, ok := m.value.(written); ok {
			rest += "${" + string(w) + ".json}"
			continue
		}
		parts = append(parts, quote(m.name)+":"+jsonValue(m.value))
	}
	return "{" + strings.Join(parts, ",") + rest + "}"
}

func jsonValue(value any) string {
	switch v := value.(type) {
	case []member:
		return jsonObject(v)
	case array:
		var parts []string
		for _, item := range v.items {
			parts = append(parts, jsonObject(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case mapping:
		var parts []string
		for _, p := range v.pairs {
			parts = append(parts, quote(p[0])+":"+quote(p[1]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case string:
		return quote(v)
	case nil:
		return "null"
	default:
		return fmt.Sprint(v)
	}
}

// quote writes a JSON string in which ${names} stay what they are.
func quote(s string) string {
	quoted, _ := json.Marshal(s) // a string can be written
	return string(quoted)
}

// content ends the start tag of an element, and writes what is in it and its
// end. A href is an attribute of it, members are elements.
func (d dialect) content(b *strings.Builder, name string, members []member) {
	if i := slices.IndexFunc(members, func(m member) bool { return m.name == "href" }); i >= 0 {
		fmt.Fprintf(b, ` href="%s"`, escape(fmt.Sprint(members[i].value)))
	}
	b.WriteString(">")
	for _, m := range members {
		if m.name != "href" {
			d.element(b, m)
		}
	}
	fmt.Fprintf(b, "</%s>", name)
}

func (d dialect) element(b *strings.Builder, m member) {
	// Version 2 has what is several within an element of its own.
	several := func(bare bool, write func()) {
		if d.version == 1 || bare {
			write()
			return
		}
		fmt.Fprintf(b, "<%s>", m.name)
		write()
		fmt.Fprintf(b, "</%s>", m.name)
	}
	switch v := m.value.(type) {
	case []member:
		fmt.Fprintf(b, "<%s", m.name)
		d.content(b, m.name, v)
	case array:
		several(v.bare, func() {
			for _, item := range v.items {
				fmt.Fprintf(b, "<%s", v.item)
				d.content(b, v.item, item)
			}
		})
	case mapping:
		several(false, func() {
			for _, p := range v.pairs {
				fmt.Fprintf(b, `<%s key="%s">%s</%s>`, v.item, escape(p[0]), escape(p[1]), v.item)
			}
		})
	case written:
		fmt.Fprintf(b, "${%s.xml}", v)
	case nil:
		fmt.Fprintf(b, "<%s/>", m.name)
	default:
		fmt.Fprintf(b, "<%s>%s</%s>", m.name, escape(fmt.Sprint(v)), m.name)
	}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
