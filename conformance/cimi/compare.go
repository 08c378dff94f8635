package cimi

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// parse reads a body that was kept.
func parse(x *Exchange, body, format string) (document, error) {
	body, err := x.Expand(body)
	if err != nil {
		return document{}, err
	}
	return map[string]func(string) (document, error){"json": readJSON, "xml": readXML}[format](body)
}

// says wants the same data as a body that was kept, in the other format (DSP0263 5.6).
func says(body, format string) Check {
	return onDocument("the same data in JSON and XML", func(x *Exchange, now document) error {
		kept, err := parse(x, body, format)
		if err != nil {
			return err
		}
		if kept.typeURI != now.typeURI {
			return fmt.Errorf("the types are %s and %s", kept.typeURI, now.typeURI)
		}
		if format == "json" {
			return differ("", kept.node, now.node)
		}
		return differ("", now.node, kept.node)
	})
}

// differ tells the first difference between data in JSON and in XML, where
// everything is text, and a collection of version 1 does not name its items.
func differ(path string, j, x node) error {
	switch j.kind {
	case "array":
		if len(j.items) != len(x.items) {
			return fmt.Errorf("%s has %d items in JSON, %d in XML", path, len(j.items), len(x.items))
		}
		for i := range j.items {
			if err := differ(fmt.Sprintf("%s.%d", path, i), j.items[i], x.items[i]); err != nil {
				return err
			}
		}
	case "object":
		left := maps.Clone(x.members)
		delete(left, "resourceURI") // an attribute of XML's root, and of every object in JSON
		for _, name := range slices.Sorted(maps.Keys(j.members)) {
			member, there := left[name]
			as := name
			switch {
			case name == "resourceURI":
				continue
			case !there && j.members[name].kind == "array":
				as = itemsOfVersion1
				member, there = left[as]
			case !there && x.text != "": // content beside attributes
				member, there = node{kind: "string", text: x.text}, true
			}
			if !there {
				return fmt.Errorf("%s.%s is in JSON alone", path, name)
			}
			if err := differ(path+"."+name, j.members[name], member); err != nil {
				return err
			}
			delete(left, as)
		}
		for name := range left {
			return fmt.Errorf("%s.%s is in XML alone", path, name)
		}
	default:
		if j.text != x.text {
			return fmt.Errorf("%s is %q in JSON, %q in XML", path, j.text, x.text)
		}
	}
	return nil
}

// describes wants metadata that say something of each attribute and each action
// of a resource that was kept (DSP0263 5.11).
func describes(body, format string) Check {
	return onDocument("all attributes and actions of the resource", func(x *Exchange, metadata document) error {
		kept, err := parse(x, body, format)
		if err != nil {
			return err
		}
		known := map[string]bool{"resourceURI": true, "operations": true}
		for _, a := range metadata.members["attributes"].items {
			known[a.members["name"].text] = true
		}
		for name := range kept.members {
			if !known[name] {
				return fmt.Errorf("the attribute %s is not described", name)
			}
		}
		actions := map[string]bool{"edit": true, "delete": true, "add": true, "insert": true, "remove": true} // of the protocol
		for _, a := range metadata.members["actions"].items {
			actions[a.members["uri"].text] = true
		}
		for _, op := range kept.members["operations"].items {
			if rel := op.members["rel"].text; !actions[rel] && !actions[lastSegment(rel)] {
				return fmt.Errorf("the operation %s is not described", rel)
			}
		}
		return nil
	})
}
