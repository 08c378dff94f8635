package cimi

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Resource metadata and capabilities (DSP0263 5.11).

func metadataCases(d dialect) []Case {
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("metadata."+id, level, clause, title, steps...).Needing("resourceMetadata")
	}
	// all wants something of the metadata of each type.
	all := func(id string, level Level, clause, title, what string, holds func(n node) bool) Case {
		return that(id, level, clause, title, d.get("${resourceMetadata}", Status(200), every(what, holds)).Once())
	}
	each := func(list string, holds func(n node) bool) func(n node) bool {
		return func(n node) bool {
			return !slices.ContainsFunc(n.members[list].items, func(item node) bool { return !holds(item) })
		}
	}
	boolean := func(n node) bool { return n.text == "true" || n.text == "false" }
	cases := []Case{
		all("type", Must, "DSP0263 table 6", "all metadata say the type, and its name", "a typeURI of the version that ends with its name", func(n node) bool {
			return n.members["typeURI"].text == d.typeURI(n.members["name"].text) && n.members["name"].text != ""
		}),
		that("once", Must, "DSP0263 5.11", "no type has two", d.get("${resourceMetadata}", Status(200), distinct("typeURI")).Once()),
		all("attributes", Must, "DSP0263 table 6", "all metadata describe attributes by name", "attributes with names", func(n node) bool {
			return len(n.members["attributes"].items) > 0 && each("attributes", func(a node) bool { return a.members["name"].text != "" })(n)
		}),
		all("attributes.extension", Must, "DSP0263 5.11", "what is no attribute of the standard has a namespace and a type", "both or neither", each("attributes", func(a node) bool {
			return (a.members["namespace"].text == "") == (a.members["type"].text == "")
		})),
		all("attributes.id", Must, "DSP0263 5.7.1, 5.11", "all metadata describe the id", "the attribute id", func(n node) bool {
			return n.members["name"].text == "ResourceMetadata" || !each("attributes", func(a node) bool { return a.members["name"].text != "id" })(n)
		}),
		all("capabilities", Must, "DSP0263 5.11.1, table 7", "capabilities are URIs of the type", "capability URIs with the name of the type", func(n node) bool {
			return each("capabilities", func(c node) bool {
				uri := c.members["uri"].text
				return absolute.MatchString(uri) && (!strings.HasPrefix(uri, d.namespace()+"/capability/") || strings.HasPrefix(uri, d.namespace()+"/capability/"+n.members["name"].text+"/"))
			})(n)
		}),
		all("actions", Must, "DSP0263 table 6", "actions are URIs, done by POST", "action URIs and methods", each("actions", func(a node) bool {
			return absolute.MatchString(a.members["uri"].text) && a.members["name"].text != "" && (a.members["method"].text == "" || a.members["method"].text == "POST")
		})),
		all("actions.version", Must, "DSP0263 5.8, 4.1.2", "actions of the standard are those of the version", "no action of another version", each("actions", func(a node) bool {
			return !strings.HasPrefix(a.members["uri"].text, dialect{version: 3 - d.version}.namespace()+"/")
		})),
		all("described", DeFacto, "Deltacloud's tests", "capabilities and actions have names and descriptions", "names and descriptions", func(n node) bool {
			told := func(n node) bool { return n.members["name"].text != "" && n.members["description"].text != "" }
			return each("capabilities", told)(n) && each("actions", told)(n)
		}),
		all("actions.messages", DeFacto, "Deltacloud's tests", "actions say which messages they take and give", "messages", each("actions", func(a node) bool {
			return a.members["inputMessage"].text != "" && a.members["outputMessage"].text != ""
		})),
		that("machine.first", DeFacto, "Deltacloud's tests", "the first metadata in which there is something of machines are those of Machine", d.get("${resourceMetadata}", Status(200), onDocument("Machine before MachineImage and the like", func(_ *Exchange, doc document) error {
			for _, n := range doc.entries() {
				if name := n.members["name"].text; name == "Machine" {
					return nil
				} else if strings.Contains(name, "Machine") {
					return fmt.Errorf("%s comes before Machine", name)
				}
			}
			return NotOfferedError{What: "metadata of Machine"}
		}))),
		that("values", Must, "DSP0263 5.11.1", "by-value capabilities of what is in a template imply that of the template", d.get("${resourceMetadata}", Status(200), Check{Expect: "TemplateByValue with every other ByValue", Holds: func(x *Exchange) error {
			for _, kind := range []string{"Machine", "Volume"} {
				_, template := x.Session().Lookup("can." + kind + "." + kind + "TemplateByValue")
				for _, name := range byValue {
					if _, can := x.Session().Lookup("can." + name); can && strings.HasPrefix(name, kind+".") && !template {
						return fmt.Errorf("%s is announced, and %sTemplateByValue is not", name, kind)
					}
				}
			}
			return nil
		}})),
		that("machine.template", Must, "DSP0263 7.1", "templates of machines can be given by value", d.get("${metadata.Machine}", Status(200), Check{Expect: "the capability MachineTemplateByValue", Holds: func(x *Exchange) error {
			if _, can := x.Session().Lookup("can.Machine.MachineTemplateByValue"); !can {
				return fmt.Errorf("MachineTemplateByValue is not announced")
			}
			return nil
		}})).Needing("metadata.Machine"),
		that("states", Must, "DSP0263 5.11.1, 5.14.2.1", "the default initial state is one of the initial states, and one that lasts",
			d.get("${metadata.Machine}", Status(200), Check{Expect: "DefaultInitialState among InitialStates", Holds: func(x *Exchange) error {
				first, _ := x.Session().Lookup("can.Machine.DefaultInitialState")
				states, there := x.Session().Lookup("can.Machine.InitialStates")
				if !slices.Contains([]string{"STARTED", "STOPPED", "PAUSED", "SUSPENDED"}, first) || there && !slices.Contains(splitList(states), first) {
					return fmt.Errorf("DefaultInitialState is %q, InitialStates is %q", first, states)
				}
				return nil
			}})).Needing("can.Machine.DefaultInitialState"),
		that("readonly", Must, "DSP0263 4.2", "metadata that do not offer it are neither changed nor deleted", d.get("${metadata.Machine}", Status(200), offersNot("delete")),
			d.del("${metadata.Machine}", d.refused(403, 405)...), d.put("${metadata.Machine}", d.document("ResourceMetadata", text("name", "Stolen")), d.refused(403, 405)...), d.get("${metadata.Machine}", at("name", "Machine"))).Needing("metadata.Machine"),
		that("id", DeFacto, "Deltacloud's tests", "the id of Machine's metadata is below the collection, and has its name", d.get("${metadata.Machine}", Status(200), like("id", `^${resourceMetadata}/.*(?i:machine)`))).Needing("metadata.Machine"),
		that("shelves", Should, "DSP0263 5.11", "there are metadata of whatever the Cloud Entry Point leads to", d.get("${cep}", Status(200), Check{Expect: "metadata of every type", Holds: func(x *Exchange) error {
			for _, s := range shelves {
				_, offered := x.Session().Lookup(s.name)
				if _, known := x.Session().Lookup("metadata." + s.item); offered && !known && s.item != "ResourceMetadata" && (s.version == 0 || s.version == d.version) {
					return fmt.Errorf("there are no metadata of %s", s.item)
				}
			}
			return nil
		}})),
	}
	cases = append(cases, d.in(1, all("required", Must, "the schema of version 1", "attributes say whether they are required", "required as a boolean", each("attributes", func(a node) bool { return boolean(a.members["required"]) })))...)
	cases = append(cases, d.in(2,
		all("constraints", Must, "DSP0263 table 6, 7.1", "attributes say what providers and consumers have to support, and what can be written", "booleans", each("attributes", func(a node) bool {
			return boolean(a.members["providerMandatory"]) && boolean(a.members["mutable"]) && boolean(a.members["consumerWritable"])
		})),
		all("constraints.implied", Must, "DSP0263 table 6", "what does not change cannot be written", "consumerWritable only of what is mutable or given at creation", each("attributes", func(a node) bool {
			return a.members["mutable"].text != "false" || a.members["consumerWritable"].text != "true"
		})))...)
	// Every announced query parameter is shown to work by a case of its own; this is that they are announced by their names.
	for _, name := range []string{"ExpandParameter", "FilterParameter", "FirstParameter", "SelectParameter", "FormatParameter"} {
		cases = append(cases, that("query."+name, Should, "DSP0263 5.11.1, table 7", "the Cloud Entry Point announces "+name, d.get("${metadata.CloudEntryPoint}", Status(200), Check{Expect: "the capability " + name, Holds: func(x *Exchange) error {
			if _, can := x.Session().Lookup("can.CloudEntryPoint." + name); !can {
				return fmt.Errorf("%s is not announced", name)
			}
			return nil
		}})).Needing("metadata.CloudEntryPoint"))
	}
	return cases
}

// splitList takes a list apart that a capability has as its value.
func splitList(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(`, []"`, r) })
}

// distinct wants no two items with the same value.
func distinct(name string) Check {
	return onDocument("every "+name+" once", func(_ *Exchange, d document) error {
		seen := map[string]bool{}
		for _, n := range d.entries() {
			value := n.members[name].text
			if seen[value] {
				return fmt.Errorf("the %s %q is there twice", name, value)
			}
			seen[value] = true
		}
		return nil
	})
}
