package cimi

import (
	"fmt"
	"reflect"
	"strings"
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
