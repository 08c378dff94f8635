package cimi

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
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

// act runs an operation of a resource, found where the resource says.
func (d dialect) act(resource, name string, want ...Check) []Step {
	return []Step{
		d.get(resource).Reading(operation("operation."+name, name)),
		d.post("${operation."+name+"}", d.document("Action", text("action", d.action(name))), want...),
	}
}

// member is an attribute of a document to send.
type member struct {
	name  string
	value any // string, int, bool, nil, []member, array or properties
}

// array is a list whose items have a name in XML.
type array struct {
	item  string
	items [][]member
}

// properties are pairs of key and value.
type properties [][2]string

func text(name, value string) member               { return member{name, value} }
func number(name string, value int) member         { return member{name, value} }
func boolean(name string, value bool) member       { return member{name, value} }
func erased(name string) member                    { return member{name, nil} }
func object(name string, members ...member) member { return member{name, members} }
func ref(name, href string) member                 { return member{name, []member{{"href", href}}} }

func listed(name, item string, items ...[]member) member { return member{name, array{item, items}} }

func props(pairs ...[2]string) member { return member{"properties", properties(pairs)} }

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

func jsonObject(members []member) string {
	var parts []string
	for _, m := range members {
		parts = append(parts, quote(m.name)+":"+jsonValue(m.value))
	}
	return "{" + strings.Join(parts, ",") + "}"
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
	case properties:
		var parts []string
		for _, p := range v {
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
	several := func(write func()) {
		if d.version == 1 {
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
		several(func() {
			for _, item := range v.items {
				fmt.Fprintf(b, "<%s", v.item)
				d.content(b, v.item, item)
			}
		})
	case properties:
		several(func() {
			for _, p := range v {
				fmt.Fprintf(b, `<property key="%s">%s</property>`, escape(p[0]), escape(p[1]))
			}
		})
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
