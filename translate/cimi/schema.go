package cimi

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// kind is a data type of the specification (DSP0263 5.5).
type kind int

const (
	kindString     kind = iota // string
	kindURI                    // URI
	kindInteger                // int64
	kindBoolean                // bool, or *bool where absence matters
	kindTime                   // time.Time
	kindBytes                  // []byte, hexadecimal in both serializations
	kindMap                    // map[string]string
	kindStrings                // []string
	kindRef                    // Ref
	kindRefs                   // []Ref
	kindParent                 // Parent: follows from the id
	kindCollection             // Collection
	kindStructure              // *struct
	kindStructures             // []struct
	kindOperations             // []Operation
	kindAny                    // any: string, bool or int64
	kindRefused                // Refused
)

// typeNames are the specification's names of the kinds, for metadata.
var typeNames = map[kind]string{
	kindString: "string", kindURI: "URI", kindInteger: "integer", kindBoolean: "boolean", kindTime: "dateTime",
	kindBytes: "byte[]", kindMap: "map", kindStrings: "string[]", kindRef: "ref", kindRefs: "ref[]", kindParent: "ref",
	kindCollection: "collection", kindStructure: "structure", kindStructures: "structure[]", kindAny: "any",
}

// kinds are the Go types that attributes may have. Pointers to structs and
// slices of structs are structures.
var kinds = map[reflect.Type]kind{
	reflect.TypeFor[string]():            kindString,
	reflect.TypeFor[URI]():               kindURI,
	reflect.TypeFor[int64]():             kindInteger,
	reflect.TypeFor[bool]():              kindBoolean,
	reflect.TypeFor[*bool]():             kindBoolean,
	reflect.TypeFor[time.Time]():         kindTime,
	reflect.TypeFor[[]byte]():            kindBytes,
	reflect.TypeFor[map[string]string](): kindMap,
	reflect.TypeFor[[]string]():          kindStrings,
	reflect.TypeFor[Ref]():               kindRef,
	reflect.TypeFor[[]Ref]():             kindRefs,
	reflect.TypeFor[Parent]():            kindParent,
	reflect.TypeFor[Collection]():        kindCollection,
	reflect.TypeFor[[]Operation]():       kindOperations,
	reflect.TypeFor[any]():               kindAny,
	reflect.TypeFor[Refused]():           kindRefused,
}

// class says who may write an attribute, and when (DSP0263 5.3).
type class string

const (
	classFixed  class = "fixed"  // the provider, once
	classRO     class = "ro"     // the provider, at any time; the consumer through operations at most
	classCreate class = "create" // the consumer, at creation only
	classRW     class = "rw"     // the consumer, at any time
)

// writable tells whether a consumer may write the attribute, in a creation or
// in an update.
func (c class) writable(creation bool) bool { return c == classRW || c == classCreate && creation }

// attribute is one attribute of a resource type, or a member of a structure.
type attribute struct {
	name  string // in JSON, queries and metadata
	kind  kind
	class class
	of    string // the type that a reference or collection leads to
	or    string // another type that a reference may lead to
	item  string // the XML element of an array's or a map's item
	// xml is the XML element in each version; empty: not in that XML.
	xml [V2 + 1]string
	// versions are those that the attribute exists in.
	versions [V2 + 1]bool
	// inline tells that a member of a structure is an XML attribute.
	inline [V2 + 1]bool
	// content tells that a member of a structure is the XML element's text.
	content bool

	always   bool // printed though empty
	optional bool // the provider may leave it out
	secret   bool // stored encrypted, never shown
	// withSecret tells that it is of use with a secret only.
	withSecret bool
	required   bool // the consumer must give it at creation
	extension  bool // not in the specification's table: announced with a namespace
	flat       bool // members are XML attributes in version 1 too
	term       bool // a URI of the specification's own: each version has it in its namespace

	reason string // why it is refused
	index  []int
	pick   reflect.Type // the struct of a structure
	schema *schema      // its schema
}

// schema is what the tags of a struct say.
type schema struct {
	name       string
	attributes [V2 + 1][]*attribute          // in the order of serialization
	byName     [V2 + 1]map[string]*attribute // also under XML names
}

// attribute finds an attribute by its name in a version.
func (s *schema) attribute(v Version, name string) *attribute {
	if a := s.byName[v][name]; a != nil && a.name == name {
		return a
	}
	return nil
}

var schemas sync.Map // reflect.Type -> *schema

// schemaOf gives the schema of a struct type. It reads the tags once:
//
//	cimi:"NAME[,CLASS][,FLAG...]"  FLAG: always, optional, required, secret, withsecret, extension, content, flat, term
//	of:"TYPE"        what a reference or collection leads to
//	or:"TYPE"        what a reference may lead to instead
//	item:"NAME"      the XML element of one item
//	v:"1" or v:"2"   the only version that has the attribute; v:"stored": what is kept in the store
//	refuse:"REASON"  why a Refused attribute is refused
//	xml1:"NAME"      the XML element in version 1, "-" for none
//
// Without a class an attribute is rw. On an embedded struct, xml1:"-" counts
// for all its attributes, class:"NAME=CLASS ..." changes their classes, and
// always:"NAME" prints one though empty.
// A mistake in tags is a defect of this package, found by its first test: it
// panics.
func schemaOf(t reflect.Type) *schema {
	if s, ok := schemas.Load(t); ok {
		return s.(*schema)
	}
	s := &schema{name: t.Name()}
	for v := V1; v <= V2; v++ {
		s.byName[v] = map[string]*attribute{}
	}
	s.byName[everyVersion] = map[string]*attribute{}
	s.add(t, nil, "")
	known, _ := schemas.LoadOrStore(t, s)
	return known.(*schema)
}

func (s *schema) add(t reflect.Type, index []int, embedTag reflect.StructTag) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clone(index), i)
		if f.Anonymous {
			s.add(f.Type, at, f.Tag)
			continue
		}
		if tag := f.Tag.Get("cimi"); tag != "" {
			s.addAttribute(newAttribute(f, at, tag, embedTag))
		}
	}
}

func (s *schema) addAttribute(a *attribute) {
	for v := everyVersion; v <= V2; v++ {
		if !a.versions[v] {
			continue
		}
		if a.kind != kindRefused {
			s.attributes[v] = append(s.attributes[v], a)
		}
		for _, name := range []string{a.name, a.xml[v], a.item} {
			if name != "" && s.byName[v][name] == nil {
				s.byName[v][name] = a
			}
		}
	}
}

func newAttribute(f reflect.StructField, index []int, tag string, embedTag reflect.StructTag) *attribute {
	parts := strings.Split(tag, ",")
	a := &attribute{name: parts[0], class: classRW, of: f.Tag.Get("of"), or: f.Tag.Get("or"), item: f.Tag.Get("item"), reason: f.Tag.Get("refuse"), index: index}
	for _, flag := range parts[1:] {
		switch flag {
		case string(classFixed), string(classRO), string(classCreate), string(classRW):
			a.class = class(flag)
		case "always":
			a.always = true
		case "optional":
			a.optional = true
		case "required":
			a.required = true
		case "secret":
			a.secret, a.optional = true, true
		case "withsecret":
			a.withSecret = true
		case "extension":
			a.extension = true
		case "content":
			a.content = true
		case "flat":
			a.flat = true
		case "term":
			a.term = true
		default:
			panic(fmt.Sprintf("cimi: attribute %s: unknown flag %q", a.name, flag))
		}
	}
	for change := range strings.FieldsSeq(embedTag.Get("class")) {
		if name, c, _ := strings.Cut(change, "="); name == a.name {
			// What consumers may not write, because the cloud has no place for it, need
			// not be there either.
			a.class, a.optional = class(c), a.optional || c == string(classFixed)
		}
	}
	a.always = a.always || embedTag.Get("always") == a.name
	a.setVersions(f.Tag.Get("v"), f.Tag.Get("xml1"), embedTag.Get("xml1"))
	a.setKind(f.Type)
	return a
}

func (a *attribute) setVersions(only string, xml1 ...string) {
	a.versions[everyVersion] = true
	for v := V1; v <= V2; v++ {
		if only == "" || only == v.String() {
			a.versions[v] = true
			a.xml[v] = a.name
		}
	}
	for _, name := range xml1 {
		switch name {
		case "":
		case "-":
			a.xml[V1] = ""
		default:
			a.xml[V1] = name
		}
	}
}

func (a *attribute) setKind(t reflect.Type) {
	if k, ok := kinds[t]; ok {
		a.kind = k
		a.always = a.always || t.Kind() == reflect.Bool // false is a value (DSP0263 5.5.15)
		return
	}
	a.kind, a.pick = kindStructure, t.Elem()
	if t.Kind() == reflect.Slice {
		a.kind = kindStructures
	}
	a.schema = schemaOf(a.pick)
	// Single values in structures are XML attributes in version 2 (DSP0263 5.5.8),
	// and in version 1 in the structures that its schema says so of.
	for _, v := range []Version{V1, V2} {
		for _, member := range a.schema.attributes[v] {
			member.inline[v] = (v == V2 || a.flat) && member.kind <= kindTime && !member.content
		}
	}
}

// value is the attribute's field in a struct.
func (a *attribute) value(v reflect.Value) reflect.Value {
	if len(a.index) == 1 {
		return v.Field(a.index[0])
	}
	return v.FieldByIndex(a.index)
}
