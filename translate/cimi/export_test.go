package cimi

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// NewDocument makes the document of a struct of any type.
func NewDocument(s *Session, typeName string, v any) Document {
	return Document{s: s, typ: typeName, value: reflect.ValueOf(v).Elem()}
}

// Decode reads a body into a struct of any type.
func Decode(s *Session, b Body, into any, typeName string) error {
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return err
	}
	d := decoder{s: s, creation: true}
	return d.document(n, into, typeName)
}

// Defects gives what is wrong with the declarations of resources, for a test:
// the codec relies on it.
func Defects() []string {
	var defects []string
	add := func(format string, args ...any) { defects = append(defects, fmt.Sprintf(format, args...)) }
	for _, r := range append(resources(), entryPoint) {
		if strings.Contains(r.path, "/") != (r.children != nil) {
			add("%s: a collection below a resource, and only that, needs children to be expanded", r.path)
		}
		if r.get == nil && (r.update != nil || r.delete != nil || len(r.actions) > 0) {
			add("%s: what can be changed must be readable, for If-Match", r.path)
		}
		if r.list == nil && r != entryPoint {
			add("%s has no list", r.path)
		}
		for v := V1; v <= V2; v++ {
			s := schemaOf(r.item)
			if s.attribute(v, "id") == nil {
				add("%s has no id", r.name())
			}
			for _, a := range s.attributes[v] {
				if a.schema == nil {
					continue
				}
				elements := false
				for _, member := range a.schema.attributes[v] {
					if member.inline[v] && elements {
						add("%s.%s: XML attributes come before elements, so %s must", r.name(), a.name, member.name)
					}
					elements = elements || !member.inline[v]
				}
			}
		}
	}
	return defects
}

// TypeInfo is what is declared of a resource type, for the documentation.
type TypeInfo struct {
	Name         string
	Path         string // from the Cloud Entry Point; empty for itself
	Versions     string // "1.x", "2.0" or "1.x, 2.0"
	Collection   string // methods
	Item         string // methods
	Attributes   []AttributeInfo
	Create       []AttributeInfo // of the body that makes one
	Actions      []ActionMetadata
	Capabilities []Capability
}

// AttributeInfo is one attribute; those of structures have the path to it.
type AttributeInfo struct {
	Name     string
	Versions string
	Type     string
	Writer   string // fixed, ro, create or rw
	Refused  string // why a body that has it is refused
	Common   bool
}

// Types gives all types that are declared, in the order of metadata.
func Types() []TypeInfo {
	var types []TypeInfo
	for _, r := range append([]*resource{entryPoint}, resources()...) {
		info := TypeInfo{
			Name: r.name(), Path: r.path, Versions: versionsOf(r.in(V1), r.in(V2)),
			Attributes: attributesOf(r.item, r.in, ""), Capabilities: r.capabilities,
			Item: methods(Target{resource: r, item: true}), Collection: methods(Target{resource: r}),
		}
		if r == entryPoint {
			info.Item, info.Collection = methods(Target{entry: true}), ""
		}
		if r.create != nil && r.create.in != r.item {
			info.Create = attributesOf(r.create.in, r.in, "")
		}
		for _, a := range r.actions {
			info.Actions = append(info.Actions, ActionMetadata{Name: a.name, Description: a.description + onlyIn(a.version)})
		}
		for _, a := range r.ofCollection {
			info.Actions = append(info.Actions, ActionMetadata{Name: a.name, Description: "Of the collection: " + a.description})
		}
		info.Capabilities = slices.Clone(info.Capabilities)
		for i := range info.Capabilities {
			if _, ok := info.Capabilities[i].Value.(func(*Session) any); ok {
				info.Capabilities[i].Value = "by option"
			}
		}
		types = append(types, info)
	}
	return types
}

// MachineStates gives the CIMI state of each state of the model, and the
// operations that are possible then.
func MachineStates() map[model.MachineState][2]string {
	states := map[model.MachineState][2]string{}
	for state, name := range machineStates {
		var names []string
		for _, o := range (condition{state: state, connect: true}).operations() {
			if !o.Unavailable {
				names = append(names, o.Name)
			}
		}
		states[state] = [2]string{name, strings.Join(names, ", ")}
	}
	return states
}

func onlyIn(v Version) string {
	if v == 0 {
		return ""
	}
	return " Only in " + versionsOf(v == V1, v == V2) + "."
}

func methods(t Target) string { return strings.Join(t.Methods(), ", ") }

func versionsOf(v1, v2 bool) string {
	switch {
	case v1 && v2:
		return "1.x, 2.0"
	case v1:
		return "1.x"
	}
	return "2.0"
}

func attributesOf(t reflect.Type, in func(Version) bool, within string) []AttributeInfo {
	s := schemaOf(t)
	known := map[*attribute]bool{}
	for v := V1; v <= V2; v++ {
		for _, a := range s.byName[v] {
			known[a] = known[a] || in(v)
		}
	}
	var infos []AttributeInfo
	for _, a := range slices.SortedFunc(maps.Keys(known), func(a, b *attribute) int { return slices.Compare(a.index, b.index) }) {
		if !known[a] || a.kind == kindOperations {
			continue
		}
		info := AttributeInfo{
			Name: within + a.name, Versions: versionsOf(a.versions[V1] && in(V1), a.versions[V2] && in(V2)),
			Type: typeNames[a.kind], Writer: string(a.class), Refused: a.reason, Common: len(a.index) > 1 && within == "",
		}
		if a.of != "" {
			info.Type = cmp.Or(map[kind]string{kindRefs: a.of + "[]", kindCollection: "collection of " + a.of}[a.kind], a.of)
		}
		infos = append(infos, info)
		if a.schema != nil {
			infos = append(infos, attributesOf(a.pick, in, within+a.name+".")...)
		}
	}
	return infos
}
