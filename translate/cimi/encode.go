package cimi

import (
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Format is a serialization.
type Format int

// The serializations of DSP0263 5.5.
const (
	JSON Format = iota
	XML
	HTML // for people: a page that shows the same data
)

// String gives the format's name in $format.
func (f Format) String() string { return [...]string{"json", "xml", "html"}[f] }

// MediaType is the format's media type.
func (f Format) MediaType() string {
	return [...]string{"application/json", "application/xml", "text/html"}[f]
}

// printer writes the shapes that a representation is made of, in one format.
// Strings come in two parts, which belong together, so that URIs need not be
// put together first.
type printer interface {
	// resource begins a resource; the first begun is the document's root.
	// element is its XML name.
	resource(element, typeURI string, collection bool)
	// object begins a structure that is the member name of another; item begins
	// one that is an item of a list.
	object(name string)
	item(element string)
	// end ends what resource, object or item began.
	end()
	// list begins a member that is an array; without wrapper its items stand
	// bare in XML. endList ends it.
	list(name string, wrapper bool)
	endList()
	// text, integer and boolean are members; inline ones are XML attributes.
	text(name, head, tail string, inline bool)
	integer(name string, n int64, inline bool)
	boolean(name string, b bool, inline bool)
	// content is a member that is an XML element's text.
	content(name string, value any)
	// value is an item of a list of texts.
	value(element, text string)
	// entries begins a map, entry is one of its pairs, endEntries ends it.
	entries(name string, wrapper bool)
	entry(element, key, value string)
	endEntries()

	bytes() []byte
	// size is the number of bytes so far, and room makes place for as many more.
	size() int
	room(bytes int)
}

// output is what a printer has printed so far.
type output struct{ buf []byte }

func (o *output) size() int      { return len(o.buf) }
func (o *output) room(bytes int) { o.buf = slices.Grow(o.buf, bytes) }

// Document is a representation that is ready to be printed.
type Document struct {
	s      *Session
	typ    string
	value  reflect.Value // a struct; not valid for a collection
	page   *page
	choice selection
	// choices are what references in a page's forms may lead to.
	choices map[string][]option
}

// Whole is the document with all attributes, whatever was selected.
func (d Document) Whole() Document {
	d.choice = selection{}
	return d
}

// Append prints the document in a format, at the end of buf. The bytes are the
// same whenever the content is.
func (d Document) Append(buf []byte, f Format) []byte {
	var p printer
	switch f {
	case JSON:
		p = &jsonPrinter{output: output{buf}}
	case XML:
		p = &xmlPrinter{output: output{buf}, namespace: d.s.Version.Namespace()}
	case HTML:
		p = &htmlPrinter{output: output{buf}, document: d}
	}
	e := encoder{s: d.s, v: d.s.Version, p: p, xml: f == XML, found: map[place]*resource{}}
	if d.page != nil {
		p.resource("Collection", e.v.typeURI(d.page.resource.name()+"Collection"), true)
		e.collection(d.page, d.choice)
		p.end()
	} else {
		e.resource(d.typ, d.value, d.choice)
	}
	return p.bytes()
}

type encoder struct {
	s   *Session
	v   Version
	p   printer
	xml bool
	// found remembers what collection attributes lead to.
	found map[place]*resource
	keys  []string // those of the map at hand
}

// self is the resource whose members are printed: its id, and what the URIs of
// all that is below it begin with.
type self struct{ id, below string }

func (e *encoder) self(id string) self {
	switch id {
	case "":
		return self{}
	case e.s.EntryPointURI():
		return self{id, e.s.BaseURI()}
	}
	below := id + "/"
	return self{below[:len(id)], below}
}

// place is a collection attribute of resources of the same depth.
type place struct {
	attribute *attribute
	depth     int
}

// resource prints a whole resource, as a document or as an item.
func (e *encoder) resource(typeName string, v reflect.Value, choice selection) {
	e.p.resource(typeName, e.v.typeURI(typeName), false)
	e.members(schemaOf(v.Type()), v, choice)
	e.p.end()
}

// collection prints the members of a collection (DSP0263 5.5.12).
func (e *encoder) collection(c *page, choice selection) {
	if choice.collection("id") {
		e.p.text("id", c.id, "", false)
	}
	if e.v == V2 && choice.collection("parent") {
		e.parent("parent", c.id, Parent{})
	}
	if choice.collection("count") {
		e.p.integer("count", int64(c.count), false)
	}
	if items := c.items; len(c.order) > 0 && choice.items() {
		e.p.list(e.s.itemsKey(c.resource), e.v == V2)
		typeName := c.resource.name()
		for n, i := range c.order {
			before := e.p.size()
			e.resource(typeName, items.Index(i), choice.ofItems())
			if n == 0 { // the others are about as long: what is printed need not move as it grows
				e.p.room((e.p.size() - before) * 9 / 8 * (len(c.order) - 1))
			}
		}
		e.p.endList()
	}
	if choice.collection("operations") {
		e.operations("operations", e.s.operations(c.resource, c.id), e.self(c.id))
	}
}

// members prints the attributes of a struct that are chosen and not empty.
func (e *encoder) members(s *schema, v reflect.Value, choice selection) {
	var own self
	if a := s.attribute(e.v, "id"); a != nil {
		own = e.self(a.value(v).String())
	}
	for _, a := range s.attributes[e.v] {
		if (e.xml && a.xml[e.v] == "") || !choice.shows(a.name) || a.secret && e.v != everyVersion {
			continue
		}
		if f := a.value(v); a.always || !f.IsZero() || a.kind == kindCollection || a.kind == kindParent {
			e.member(a, f, own)
		}
	}
}

// member prints one attribute.
func (e *encoder) member(a *attribute, f reflect.Value, own self) {
	name, inline := a.name, a.inline[e.v]
	if e.xml {
		name = a.xml[e.v]
	}
	switch a.kind {
	case kindURI:
		text := f.String()
		switch {
		case text == "" || e.v == everyVersion:
		case a.name == "href": // stored relative to the base URI
			text = e.s.absolute(text)
		case a.term:
			text = e.v.own(text)
		}
		e.p.text(name, text, "", inline)
	case kindString:
		if a.content {
			e.p.content(name, f.String())
			return
		}
		e.p.text(name, f.String(), "", inline)
	case kindInteger:
		e.p.integer(name, f.Int(), inline)
	case kindBoolean:
		e.p.boolean(name, reflect.Indirect(f).Bool(), inline)
	case kindTime:
		e.p.text(name, timeText(*field[time.Time](f)), "", inline)
	case kindBytes:
		e.p.text(name, hex.EncodeToString(f.Bytes()), "", inline)
	case kindAny:
		e.p.content(name, f.Interface())
	case kindMap:
		e.entries(a, name, *field[map[string]string](f))
	case kindStrings:
		e.p.list(a.name, e.v == V2)
		for _, text := range *field[[]string](f) {
			e.p.value(a.item, text)
		}
		e.p.endList()
	case kindParent:
		e.parent(name, own.id, *field[Parent](f))
	case kindCollection:
		e.collectionRef(a, name, field[Collection](f), own)
	case kindRef:
		ref := *field[Ref](f)
		if href := e.s.href(a.of, ref); href != "" || ref.Value != nil {
			e.p.object(name)
			e.ref(href, ref)
			e.p.end()
		}
	case kindRefs:
		e.refs(a, *field[[]Ref](f))
	case kindStructure:
		e.p.object(name)
		e.members(a.schema, f.Elem(), selection{})
		e.p.end()
	case kindStructures:
		e.p.list(a.name, e.v == V2)
		for i := range f.Len() {
			e.p.item(a.item)
			e.members(a.schema, f.Index(i), selection{})
			e.p.end()
		}
		e.p.endList()
	case kindOperations:
		e.operations(a.name, *field[[]Operation](f), own)
	}
}

// field gives the field itself: a copy in an interface would be allocated.
func field[T any](f reflect.Value) *T { return f.Addr().Interface().(*T) }

func (e *encoder) parent(name, id string, p Parent) {
	href := e.s.parentURI(id, p)
	if id == "" || href == "" {
		return
	}
	e.p.object(name)
	if collection, ok := p.Value.(*page); ok {
		e.p.text("href", href, "", true)
		e.collection(collection, selection{})
	} else {
		e.ref(href, Ref{Value: p.Value})
	}
	e.p.end()
}

func (e *encoder) entries(a *attribute, name string, m map[string]string) {
	e.p.entries(name, e.v == V2)
	e.keys = e.keys[:0]
	for key := range m {
		e.keys = append(e.keys, key)
	}
	slices.Sort(e.keys)
	for _, key := range e.keys {
		e.p.entry(a.item, key, m[key])
	}
	e.p.endEntries()
}

// ref prints what is inside a reference: the href, and beside it the resource
// if it is expanded or given by value (DSP0263 4.1.6.4).
func (e *encoder) ref(href string, ref Ref) {
	if href != "" {
		e.p.text("href", href, "", true)
	}
	if ref.Value != nil {
		v := reflect.ValueOf(ref.Value).Elem()
		e.members(schemaOf(v.Type()), v, selection{})
	}
}

// refs prints an array of references: bare elements in XML (DSP0263 5.5.11).
func (e *encoder) refs(a *attribute, refs []Ref) {
	e.p.list(a.name, false)
	for _, ref := range refs {
		e.p.item(a.item)
		e.ref(e.s.href(a.of, ref), ref)
		e.p.end()
	}
	e.p.endList()
}

// collectionRef prints the reference to a collection below the resource.
func (e *encoder) collectionRef(a *attribute, name string, c *Collection, own self) {
	at := place{a, strings.Count(own.id, "/")}
	below, known := e.found[at]
	if !known {
		below = e.s.below(own.id, a.name)
		e.found[at] = below
	}
	if below == nil {
		return
	}
	e.p.object(name)
	e.p.text("href", own.below, a.name, true)
	if c.Items != nil {
		e.collection(newPage(below, own.below+a.name, c.Items), selection{})
	}
	e.p.end()
}

// operations prints the operations that a client may use (DSP0263 5.8).
// Version 1 knows none that are unavailable.
func (e *encoder) operations(name string, ops []Operation, own self) {
	if !slices.ContainsFunc(ops, e.shown) {
		return
	}
	e.p.list(name, e.v == V2)
	for _, op := range ops {
		if !e.shown(op) {
			continue
		}
		e.p.item("operation")
		itself, short := shortRels[op.Name]
		if short {
			e.p.text("rel", op.Name, "", true)
		} else {
			e.p.text("rel", actionPrefixes[e.v], op.Name, true)
		}
		if itself {
			e.p.text("href", own.id, "", true)
		} else {
			e.p.text("href", own.below, op.Name, true)
		}
		if op.Unavailable {
			e.p.boolean("available", false, true)
		}
		e.p.end()
	}
	e.p.endList()
}

func (e *encoder) shown(op Operation) bool { return !op.Unavailable || e.v != V1 }

// shortRels are the operations whose rel is a bare word, and whether they go to
// the resource's own URI.
var shortRels = map[string]bool{"add": true, "edit": true, "delete": true, "insert": false, "remove": false}

// actionPrefixes are what the rels of all other operations begin with.
var actionPrefixes = [...]string{V1: V1.actionURI(""), V2: V2.actionURI("")}

// timeText gives a dateTime; times are UTC.
func timeText(t time.Time) string { return t.UTC().Format(time.RFC3339) }
