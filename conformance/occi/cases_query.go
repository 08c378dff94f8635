package occi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// The query interface, as it is read.

// declared makes a case of a kind or mixin of the standard: its attributes, if
// the query interface lists it.
func declared(id, clause, category string, attributes ...string) Case {
	return That("query.attributes."+id, Must, clause, "a category of the standard has the standard's attributes",
		Get("/-/", Status(200), onDocument(fmt.Sprintf("the attributes %s", strings.Join(attributes, ", ")), func(_ *Exchange, d *document) error {
			for _, c := range d.categories {
				if c.id() != category {
					continue
				}
				for _, a := range attributes {
					name, property, _ := strings.Cut(a, "=")
					if got, ok := c.attributes[name]; !ok || got != property {
						return fmt.Errorf("%s: attribute %s there: %v, {%s}, wanted {%s}", category, name, ok, got, property)
					}
				}
				return nil
			}
			return NotOfferedError{What: category}
		}))).Needing(category)
}

// acts makes a case of a kind whose actions are declared and described.
func acts(id, clause, kind string, actions ...string) Case {
	scheme := strings.Replace(infra+kind, "#", "/", 1) + "/action#"
	return That("query.actions."+id, Must, clause, "a kind names the standard's actions, each of which is described",
		Get("/-/", Status(200), onDocument("the actions "+strings.Join(actions, ", "), func(_ *Exchange, d *document) error {
			for _, a := range actions {
				if !slices.ContainsFunc(d.categories, func(c category) bool { return c.id() == infra+kind && slices.Contains(c.actions, scheme+a) }) {
					return fmt.Errorf("%s does not name %s", kind, scheme+a)
				}
				if !slices.ContainsFunc(d.categories, func(c category) bool { return c.class == "action" && c.id() == scheme+a }) {
					return fmt.Errorf("%s is not described", scheme+a)
				}
			}
			return nil
		}))).Needing(infra + kind)
}

func queryCases() []Case {
	return []Case{
		That("query.core", Must, "OCCI 1.2 Core 4", "entity, resource and link are declared", Get("/-/", has(core+"entity"), has(core+"resource"), has(core+"link"))),
		That("query.parents", Must, "OCCI 1.2 Text 5.2.1", "every kind but entity has a parent that is listed", Get("/-/", onDocument("the parent of every kind", func(_ *Exchange, d *document) error {
			for _, c := range d.categories {
				if c.class == "kind" && c.id() != core+"entity" && !slices.ContainsFunc(d.categories, func(p category) bool { return p.class == "kind" && p.id() == c.rel }) {
					return fmt.Errorf("%s: parent %q", c.id(), c.rel)
				}
			}
			return nil
		}))),
		That("query.unique", Must, "OCCI 1.2 Core 4.4", "no category is listed twice", Get("/-/", onDocument("every category once", func(_ *Exchange, d *document) error {
			seen := map[string]bool{}
			for _, c := range d.categories {
				if seen[c.id()] {
					return fmt.Errorf("%s is there twice", c.id())
				}
				seen[c.id()] = true
			}
			return nil
		}))),
		That("query.order", DeFacto, "jOCCI", "kinds come first, then mixins, then actions", Get("/-/", onDocument("kinds, mixins, actions", func(_ *Exchange, d *document) error {
			rank := map[string]int{"kind": 0, "mixin": 1, "action": 2}
			if !slices.IsSortedFunc(d.categories, func(a, b category) int { return rank[a.class] - rank[b.class] }) {
				return fmt.Errorf("they are mixed")
			}
			return nil
		}))),
		That("query.mixins.location", Must, "OCCI 1.2 JSON 3.2.2; OCCI 1.1 HTTP", "every mixin has a location", Get("/-/", each("a location that ends in /", func(c category) bool {
			return c.class != "mixin" || strings.HasSuffix(c.location, "/")
		}))),
		That("query.actions.described", Must, "OCCI 1.1 HTTP, query interface", "every action that a kind or mixin names is described", Get("/-/", onDocument("every action that is named", func(_ *Exchange, d *document) error {
			for _, c := range d.categories {
				for _, a := range c.actions {
					if !slices.ContainsFunc(d.categories, func(x category) bool { return x.class == "action" && x.id() == a }) {
						return fmt.Errorf("%s of %s is not", a, c.id())
					}
				}
			}
			return nil
		}))),
		That("query.actions.bare", Must, "OCCI 1.2 Text 5.2.3", "actions have no location, rel or actions", Get("/-/", each("no location", func(c category) bool {
			return c.class != "action" || c.location == "" && c.rel == "" && len(c.actions) == 0
		}))),
		That("query.action.base", Must, "OCCI 1.2 Core 4.7", "action itself is no category", Get("/-/", lacks(core+"action"))),
		That("query.titles", DeFacto, "rOCCI; IM; OGF's test script", "titles have no comma or semicolon, at which clients split", Get("/-/", each("a plain title", func(c category) bool {
			return !strings.ContainsAny(c.title, ",;\n")
		}))),
		That("query.terms", DeFacto, "rOCCI 4", "terms are lower case, without dots", Get("/-/", each("a plain term", func(c category) bool {
			return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`).MatchString(c.term)
		}))),
		That("query.kinds", Must, "OCCI 1.2 Infrastructure 3", "the kinds of a machine and its network are there", Get("/-/", has(infra+"compute"), has(infra+"network"), has(infra+"networkinterface"))),
		That("query.storage", Should, "OCCI 1.2 Infrastructure 3; IM", "the kinds of storage are there", Get("/-/", has(infra+"storage"), has(infra+"storagelink"))),
		That("query.templates", Must, "OCCI 1.2 Infrastructure 3.5", "templates depend on os_tpl and resource_tpl", Get("/-/", has(infra+"os_tpl"), has(infra+"resource_tpl"), onDocument("templates that depend on each", func(_ *Exchange, d *document) error {
			for _, base := range []string{"os_tpl", "resource_tpl"} {
				if !slices.ContainsFunc(d.categories, func(c category) bool { return c.rel == infra+base }) {
					return fmt.Errorf("nothing depends on %s", base)
				}
			}
			return nil
		}))),
		That("query.credentials", Should, "OCCI 1.2 Infrastructure 3.6, 3.7", "keys and user data can be given", Get("/-/",
			has("http://schemas.ogf.org/occi/infrastructure/credentials#ssh_key"), has("http://schemas.ogf.org/occi/infrastructure/compute#user_data"))),
		That("query.credentials.openstack", DeFacto, "rOCCI 4; ooi's clients", "keys and user data can be given as OpenStack's clients do", Get("/-/",
			has("http://schemas.openstack.org/instance/credentials#public_key"), has("http://schemas.openstack.org/compute/instance#user_data"))),
		That("query.pools", DeFacto, "IM", "pools of floating addresses are mixins", Get("/-/", Says(`scheme="http://schemas\.openstack\.org/network/floatingippool#"`))),
		That("query.zones", DeFacto, "OCCI-OS; ooi", "availability zones are mixins", Get("/-/", Says(`availability_zone`))),
		declared("entity", "OCCI 1.2 Core 4.2", core+"entity", "occi.core.id=immutable", "occi.core.title"),
		declared("resource", "OCCI 1.2 Core 4.5", core+"resource", "occi.core.summary"),
		declared("link", "OCCI 1.2 Core 4.6", core+"link", "occi.core.source=immutable required", "occi.core.target=immutable required"),
		declared("compute", "OCCI 1.2 Infrastructure 3.1", infra+"compute", "occi.compute.architecture", "occi.compute.cores", "occi.compute.hostname", "occi.compute.memory", "occi.compute.state=immutable", "occi.compute.state.message=immutable"),
		declared("network", "OCCI 1.2 Infrastructure 3.2", infra+"network", "occi.network.vlan", "occi.network.label", "occi.network.state=immutable", "occi.network.state.message=immutable"),
		declared("ipnetwork", "OCCI 1.2 Infrastructure 3.2.1", infra[:len(infra)-1]+"/network#ipnetwork", "occi.network.address", "occi.network.gateway", "occi.network.allocation"),
		declared("storage", "OCCI 1.2 Infrastructure 3.3", infra+"storage", "occi.storage.size=required", "occi.storage.state=immutable", "occi.storage.state.message=immutable"),
		declared("networkinterface", "OCCI 1.2 Infrastructure 3.4.1", infra+"networkinterface", "occi.networkinterface.interface=immutable", "occi.networkinterface.mac", "occi.networkinterface.state=immutable", "occi.networkinterface.state.message=immutable"),
		declared("ipnetworkinterface", "OCCI 1.2 Infrastructure 3.4.1", infra[:len(infra)-1]+"/networkinterface#ipnetworkinterface", "occi.networkinterface.address", "occi.networkinterface.gateway", "occi.networkinterface.allocation"),
		declared("storagelink", "OCCI 1.2 Infrastructure 3.4.2", infra+"storagelink", "occi.storagelink.deviceid", "occi.storagelink.mountpoint", "occi.storagelink.state=immutable", "occi.storagelink.state.message=immutable"),
		acts("compute", "OCCI 1.2 Infrastructure 3.1", "compute", "start", "stop", "restart", "suspend", "save"),
		acts("network", "OCCI 1.2 Infrastructure 3.2", "network", "up", "down"),
		acts("storage", "OCCI 1.2 Infrastructure 3.3", "storage", "online", "offline"),
		acts("storage.old", "OCCI 1.1 Infrastructure 3.3; OGF's test script", "storage", "online", "offline", "backup", "snapshot", "resize"),
		That("query.stable", DeFacto, "caches", "the same question has the same answer, byte for byte", Get("/-/", Status(200)).With(kindCompute).Keeping("first"), Get("/-/", Body("${first}")).With(kindCompute)),
		That("query.filter.kind", Must, "OCCI 1.1 HTTP, query interface; OGF's test script", "a kind that is asked for is the whole answer", Get("/-/", Status(200), onlyHas(infra+"compute")).With(kindCompute)),
		That("query.filter.header", Must, "OCCI 1.1 HTTP, query interface", "the same in text/occi", Get("/-/", Status(200), onlyHas(infra+"compute")).With(kindCompute).Accepting("text/occi").Typed("text/occi")),
		That("query.filter.bare", DeFacto, "OGF's test script", "term and scheme suffice", Get("/-/", Status(200), onlyHas(infra+"network")).With(`Category: network;scheme="http://schemas.ogf.org/occi/infrastructure#"`)),
		That("query.filter.mixin", Must, "OCCI 1.1 HTTP, query interface", "a template can be asked for", Get("/-/", Status(200), onlyHas("${os.id}")).With("Category: ${os}")),
		That("query.filter.action", Must, "OCCI 1.1 HTTP, query interface", "an action can be asked for", Get("/-/", Status(200), onlyHas("http://schemas.ogf.org/occi/infrastructure/compute/action#start")).With(startAction)),
		That("query.filter.several", Must, "OCCI 1.1 HTTP, query interface", "several can be asked for", Get("/-/", Status(200), onlyHas(infra+"compute", "${os.id}")).With(kindCompute, "Category: ${os}")),
		That("query.filter.list", Must, "OCCI 1.2 Text 7", "several in one field are several", Get("/-/", Status(200), onlyHas(infra+"compute", infra+"network")).With(kindCompute+`, network; scheme="`+infra+`"; class="kind"`)),
		That("query.filter.json", DeFacto, "OCCI 1.2 HTTP 7.1", "filters work with JSON too", Get("/-/", Status(200), onlyHas(infra+"compute")).With(kindCompute).Accepting("application/occi+json")),
		That("query.filter.unknown", Must, "OCCI 1.1 HTTP, return codes", "a category that is unknown is 404, never everything", Get("/-/", Status(404)).With(`Category: nix; scheme="http://example.org/nix#"; class="mixin"`)),
		That("query.filter.malformed", Must, "OCCI 1.1 HTTP, return codes", "a malformed filter is 400, never everything", Get("/-/", Status(400)).With(`Category: compute; scheme="http`)),
		That("query.json", Must, "OCCI 1.2 JSON 3.4", "JSON has the same categories as text", Get("/-/", Status(200)).Keeping("text"), Get("/-/", Status(200), sameCategories).Accepting("application/occi+json")),
		That("query.json.properties", DeFacto, "OCCI 1.2 JSON 3.5.1: the defaults differ from text", "attributes say whether they are mutable and required",
			Get("/-/", Says(`"occi\.storage\.size":\{[^}]*"required":\s*true`), Says(`"occi\.compute\.state":\{[^}]*"mutable":\s*false`), Says(`"occi\.core\.title":\{[^}]*"required":\s*false`)).Accepting("application/occi+json")).Needing(infra + "storage"),
		That("query.json.types", Must, "OCCI 1.2 JSON 3.5.1", "attributes say their type", Get("/-/", Says(`"occi\.compute\.cores":\{[^}]*"type":\s*"number"`), Says(`"occi\.compute\.hostname":\{[^}]*"type":\s*"string"`)).Accepting("application/occi+json")),
		That("query.json.applies", Must, "OCCI 1.2 JSON 3.2.2", "mixins say what they apply to and depend on", Get("/-/", Says(`"applies":\s*\["`), Says(`"depends":\s*\["`)).Accepting("application/occi+json")),
		That("query.json.defaults", Should, "OCCI 1.2 Infrastructure 3.5.2", "resource templates tell their sizes", Get("/-/", Says(`"occi\.compute\.cores":\{[^}]*"default":\s*[1-9]`)).Accepting("application/occi+json").With("Category: ${flavor}")),
		That("query.template.attributes", Should, "OCCI 1.2 Infrastructure 3.5.2", "resource templates name what they decide", Get("/-/", Says(`occi\.compute\.cores\{immutable\}`)).With("Category: ${flavor}")),
		That("query.tenant", Must, "OCCI 1.2 HTTP 12", "every tenant has a query interface", Get("/-/", Status(200), has(infra+"compute")).By(Other)),
	}
}

// sameCategories compares the JSON query interface with the one in ${text}.
var sameCategories = onDocument("the categories of text", func(x *Exchange, d *document) error {
	text, err := x.Expand("${text}")
	if err != nil {
		return err
	}
	first, err := plainDocument(text)
	if err != nil {
		return err
	}
	var gone []string
	for _, c := range first.categories {
		if strings.HasPrefix(c.scheme, "http://schemas.") && !strings.Contains(c.scheme, "security") &&
			!slices.ContainsFunc(d.categories, func(j category) bool { return j.id() == c.id() && j.class == c.class }) {
			gone = append(gone, c.id())
		}
	}
	if len(gone) > 0 {
		return fmt.Errorf("JSON lacks %q", gone)
	}
	return nil
})
