// Package occi translates between OCCI (OGF GFD.183 to GFD.185, and GFD.221 to
// GFD.229) and the shared model: it declares the kinds, mixins, actions and
// attributes that the program offers, reads and writes their renderings, and
// maps them to and from a model.Cloud. It knows no HTTP handlers.
//
// Everything about a kind of thing is declared in a Noun: parsers, renderings,
// validation, routes and the query interface work from the declaration alone. A
// new kind is one file with its declaration, one with its mapping, and one line
// in Nouns.
package occi

import (
	"slices"
	"strings"
)

// Version is a set of OCCI versions.
type Version uint8

const (
	V1_1 Version = 1 << iota
	V1_2
	// AnyVersion is for clients that do not say which version they speak: they
	// get the union of what both versions know.
	AnyVersion = V1_1 | V1_2
)

// TypeID is a type identifier: a category's scheme, which ends in '#', followed
// by its term (OCCI 1.2 Core 4.3.2). Terms are compared without regard to case,
// because clients of record lower-case them.
type TypeID string

// Scheme is the identifier up to and including the '#'.
func (t TypeID) Scheme() string { return string(t[:strings.LastIndexByte(string(t), '#')+1]) }

// Term is what follows the '#'.
func (t TypeID) Term() string { return string(t[strings.LastIndexByte(string(t), '#')+1:]) }

// Is tells whether both name the same category.
func (t TypeID) Is(o TypeID) bool {
	return len(t) == len(o) && t.Scheme() == o.Scheme() && strings.EqualFold(t.Term(), o.Term())
}

// Class is what a category is.
type Class string

const (
	KindClass   Class = "kind"
	MixinClass  Class = "mixin"
	ActionClass Class = "action"
)

// Category is what kinds, mixins and actions have in common.
type Category struct {
	ID         TypeID
	Title      string
	Attributes []Attribute
}

// Kind is what an entity is (OCCI 1.2 Core 4.4.2). Attributes and actions are
// its own; those of its parents come on top.
type Kind struct {
	Category
	Parent *Kind
	// Location is the path of the kind's collection below the service's root,
	// with a slash at both ends. Empty for kinds without instances of their own.
	Location string
	// Aliases are other paths at which clients look for the collection.
	Aliases []string
	Actions []*Action
	// Targets is what links of this kind may point to; empty for resources.
	Targets []Target
}

// Target is a kind that links point to, and where its entities are. The kind
// need not be offered itself.
type Target struct {
	Kind     TypeID
	Location string
}

// IsA tells whether k is the other kind or descends from it.
func (k *Kind) IsA(other *Kind) bool {
	for ; k != nil; k = k.Parent {
		if k == other {
			return true
		}
	}
	return false
}

// IsLink tells whether entities of this kind are links.
func (k *Kind) IsLink() bool { return k.IsA(LinkKind) }

// Attribute gives the declaration of an attribute of the kind or its parents,
// or nil.
func (k *Kind) Attribute(name string) *Attribute {
	for ; k != nil; k = k.Parent {
		if a := findAttribute(k.Attributes, name); a != nil {
			return a
		}
	}
	return nil
}

// Mixin is what an entity may be besides (OCCI 1.2 Core 4.4.3).
type Mixin struct {
	Category
	Depends  []TypeID
	Applies  []TypeID // empty: any kind
	Location string
	// Key is the id of the thing in the cloud that stands behind a template;
	// empty for mixins that are declared once for all.
	Key string
	// Mark is what entities bear in the cloud that carry a mixin of users' own;
	// empty for the provider's.
	Mark string
	// Aliases are other terms by which clients name a template: its raw id and
	// name.
	Aliases []string
}

// AppliesTo tells whether entities of the kind may have the mixin.
func (m *Mixin) AppliesTo(k *Kind) bool {
	return len(m.Applies) == 0 || slices.ContainsFunc(m.Applies, k.ID.Is)
}

// Is tells whether m is the mixin called id or depends on it.
func (m *Mixin) Is(id TypeID) bool {
	return m.ID.Is(id) || slices.ContainsFunc(m.Depends, id.Is)
}

// Action is something that can be done to an entity (OCCI 1.2 Core 4.4.4). Its
// attributes are parameters.
type Action struct {
	Category
}

// Attribute declares an attribute (OCCI 1.2 Core 4.3.3). The zero values are the
// usual ones: an optional string that clients may set and change.
type Attribute struct {
	Name        string
	Type        Type
	Description string
	// Required attributes must be given at creation.
	Required bool
	// Immutable attributes may be given at creation and are fixed then.
	Immutable bool
	// Server attributes are the server's to set: what a client says at creation
	// is ignored, a change is refused. They are Immutable to clients.
	Server bool
	// Volatile ones are Server attributes that change by themselves, so that an
	// old value in a full update is no attempt to change them.
	Volatile bool
	// Versions that know the attribute; zero means all.
	Versions Version
	// Enum are the values allowed; empty means any.
	Enum []string
	// Synonyms are other spellings of values that clients use, in lower case.
	Synonyms map[string]string
	// Min and Max bound numbers; equal ones bound nothing.
	Min, Max float64
	// Lines tells that the value may have line ends.
	Lines bool
	// Default is shown in the JSON query interface; its zero value means none.
	Default Value
	// InV1_1 replaces values that OCCI 1.1 does not know.
	InV1_1 map[string]string
	// Aliases are other spellings that clients use.
	Aliases []string
}

// fixed tells whether clients can change the attribute after creation.
func (a *Attribute) fixed() bool { return a.Immutable || a.Server }

// in tells whether clients of the version know the attribute.
func (a *Attribute) in(v Version) bool { return a.Versions == 0 || a.Versions&v != 0 }

// as gives the value as clients of the version know it.
func (a *Attribute) as(v Value, version Version) Value {
	if version == V1_1 {
		if old, ok := a.InV1_1[v.text]; ok {
			return String(old)
		}
	}
	return v
}

func findAttribute(list []Attribute, name string) *Attribute {
	for i := range list {
		if list[i].Name == name || slices.Contains(list[i].Aliases, name) {
			return &list[i]
		}
	}
	return nil
}
