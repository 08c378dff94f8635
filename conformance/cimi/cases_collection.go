package cimi

import (
	"fmt"
	"net/url"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// shelf is a collection that the Cloud Entry Point may lead to.
type shelf struct {
	name, item, key string // attribute of the Cloud Entry Point, type of the items, their array in JSON and version 2
	version         int    // 0: both
	clause          string
}

var shelves = []shelf{
	{"resourceMetadata", "ResourceMetadata", "resourceMetadatas", 0, "DSP0263 5.11"},
	{"systems", "System", "systems", 0, "DSP0263 5.13.2"},
	{"systemTemplates", "SystemTemplate", "systemTemplates", 0, "DSP0263 5.13.5"},
	{"machines", "Machine", "machines", 0, "DSP0263 5.14.2"},
	{"machineTemplates", "MachineTemplate", "machineTemplates", 0, "DSP0263 5.14.4"},
	{"machineConfigs", "MachineConfiguration", "machineConfigurations", 0, "DSP0263 5.14.6"},
	{"machineImages", "MachineImage", "machineImages", 0, "DSP0263 5.14.8"},
	{"credentials", "Credential", "credentials", 0, "DSP0263 5.14.10"},
	{"credentialTemplates", "CredentialTemplate", "credentialTemplates", 0, "DSP0263 5.14.12"},
	{"volumes", "Volume", "volumes", 0, "DSP0263 5.15.2"},
	{"volumeTemplates", "VolumeTemplate", "volumeTemplates", 0, "DSP0263 5.15.4"},
	{"volumeConfigs", "VolumeConfiguration", "volumeConfigurations", 0, "DSP0263 5.15.6"},
	{"volumeImages", "VolumeImage", "volumeImages", 0, "DSP0263 5.15.8"},
	{"networks", "Network", "networks", 0, "DSP0263 5.16.2"},
	{"networkTemplates", "NetworkTemplate", "networkTemplates", 0, "DSP0263 5.16.4"},
	{"networkConfigs", "NetworkConfiguration", "networkConfigurations", 1, "the schema of version 1"},
	{"networkPorts", "NetworkPort", "networkPorts", 1, "the schema of version 1"},
	{"networkPortTemplates", "NetworkPortTemplate", "networkPortTemplates", 1, "the schema of version 1"},
	{"networkPortConfigs", "NetworkPortConfiguration", "networkPortConfigurations", 1, "the schema of version 1"},
	{"addresses", "Address", "addresses", 1, "the schema of version 1"},
	{"addressTemplates", "AddressTemplate", "addressTemplates", 1, "the schema of version 1"},
	{"forwardingGroups", "ForwardingGroup", "forwardingGroups", 1, "the schema of version 1"},
	{"forwardingGroupTemplates", "ForwardingGroupTemplate", "forwardingGroupTemplates", 1, "the schema of version 1"},
	{"segments", "ProtocolSegment", "protocolSegments", 2, "DSP0263 5.16.6"},
	{"segmentTemplates", "ProtocolSegmentTemplate", "protocolSegmentTemplates", 2, "DSP0263 5.16.8"},
	{"endpoints", "ProtocolEndpoint", "protocolEndpoints", 2, "DSP0263 5.16.10"},
	{"endpointTemplates", "ProtocolEndpointTemplate", "protocolEndpointTemplates", 2, "DSP0263 5.16.12"},
	{"interfaces", "NetworkInterface", "networkInterfaces", 2, "DSP0263 5.16.14"},
	{"interfaceTemplates", "NetworkInterfaceTemplate", "networkInterfaceTemplates", 2, "DSP0263 5.16.16"},
	{"networkServices", "NetworkService", "services", 2, "DSP0263 5.16.18"},
	{"networkServiceTemplates", "NetworkServiceTemplate", "networkServiceTemplates", 2, "DSP0263 5.16.20"},
	{"jobs", "Job", "jobs", 0, "DSP0263 5.17.2"},
	{"meters", "Meter", "meters", 0, "DSP0263 5.17.4"},
	{"meterTemplates", "MeterTemplate", "meterTemplates", 0, "DSP0263 5.17.6"},
	{"meterConfigs", "MeterConfiguration", "meterConfigurations", 0, "DSP0263 5.17.7"},
	{"eventLogs", "EventLog", "eventLogs", 0, "DSP0263 5.17.9"},
	{"eventLogTemplates", "EventLogTemplate", "eventLogTemplates", 0, "DSP0263 5.17.12"},
}

func collectionCases(d dialect) []Case {
	cases := []Case{
		That("collections.machines.shared", Must, "DSP0263 5.14.2", "a machine is in the collection of machines",
			d.get("${machines}", Status(200), lists("${machine}"), counted)),
		That("collections.order", Must, "DSP0263 4.1.6.2", "a collection is in the same order each time, if nothing changed",
			d.get("${resourceMetadata}", Status(200)).Keeping("first"), d.get("${resourceMetadata}", Body("${first}"))),
	}
	for _, s := range shelves {
		if s.version == 0 || s.version == d.version {
			cases = append(cases, d.readable(s)...)
		}
	}
	return cases
}

// readable makes cases of a collection of the Cloud Entry Point: what it says of
// itself, that its items are resources that can be read, and how it is cut, searched and ordered.
// Others may change it at the same time.
func (d dialect) readable(s shelf) []Case {
	place := "${" + s.name + "}"
	// whole is the collection as it once was.
	whole := func(want ...Check) Step { return d.get(place, append([]Check{Status(200)}, want...)...).Once() }
	that := func(topic, clause, title string, steps ...Step) Case {
		return That("collections."+s.name+"."+topic, Must, clause, title, steps...).Needing(s.name).Of("collections.*." + topic)
	}
	cases := []Case{
		that("type", s.clause+", 5.5.12", "the collection says what it is", whole(Media(d.media()), d.typed(s.item+"Collection"), at("id", place))),
		that("count", "DSP0263 5.5.12", "its count is the number of its items", whole(isNumber("count"), counted)),
		that("items", s.clause, "its items can be read by their ids, and are what they are said to be",
			whole(every("an absolute id", func(n node) bool { return absolute.MatchString(n.members["id"].text) })).Following(d.readItems(s.item))),
		that("unknown", "DSP0263 4.2.2", "what is not in it is 404", d.get(place+"/none-${run}", d.refused(404)...)),
		that("key", s.clause+", 5.5.12", "its items are in an array of their own name, or there is none if there are no items", whole(itemsIn(s.key))),
		that("head", "RFC 9110 9.3.2", "HEAD is answered as GET is", d.head(place, Status(200), Media(d.media()))),
		that("anonymous", "RFC 9110 15.5.2", "it needs credentials", d.get(place, d.refused(401)...).By(Nobody)),
		that("first", "DSP0263 4.1.6.2", "$first and $last cut it, and its count stays", d.get(place+"?$first=1&$last=1", Status(200), isNumber("count"), atMost(1))),
		that("range", "DSP0263 4.1.6.2", "a range beyond its end is empty, and no error", d.get(place+"?$first=1000000&$last=1000001", Status(200), isNumber("count"), atMost(0)),
			d.get(place+"?$first=3&$last=2", Status(200), isNumber("count"), atMost(0))),
		that("filter", "DSP0263 4.1.6.1", "a filter that nothing matches leaves nothing", d.get(place+"?$filter=name='none%20${run}'", Status(200), counts(0))),
		that("filter.id", "DSP0263 4.1.6.1", "an item is found by its id, and nothing by another", d.get(place+"?$filter=id='"+place+"/none-${run}'", Status(200), counts(0)), whole().Following(d.findFirst(s))),
		that("filter.malformed", "DSP0263 4.1.6.1, 4.2.2", "a malformed filter is refused", d.get(place+"?$filter=name=", d.refused(400)...)),
		that("select", "DSP0263 4.1.6.3", "$select of an attribute of the items leaves them nothing else",
			d.get(place+"?$select=name", Status(200), d.typed(s.item+"Collection"), every("a name alone", func(n node) bool {
				return !slices.ContainsFunc(keys(n), func(k string) bool { return k != "name" && k != "resourceURI" })
			}))),
		that("select.count", "DSP0263 4.1.6.3", "$select of its own attributes leaves it nothing else", d.get(place+"?$select=count", Status(200), onlyHas("count"), isNumber("count"))),
		that("method", "RFC 9110 15.5.6", "it cannot be deleted, and says what it can",
			Step{Do: "DELETE " + place, Accept: d.media(), Want: append(d.refused(405), Header("Allow", "GET"))}),
		that("unknown.parameter", "DSP0263 4.1.6", "query parameters that CIMI does not know are passed over", d.get(place+"?wheels=4&$wheels=4", Status(200), d.typed(s.item+"Collection"))),
		that("add", "DSP0263 5.5.12, 4.2", "something is added where it says so, and otherwise not at all", whole().Following(func(x *Exchange) ([]Step, error) {
			doc, err := read(x)
			if err != nil {
				return nil, err
			}
			if doc.operation("add") != "" {
				return []Step{d.post(resolve(x.Session(), doc.operation("add")), d.document("Nothing"), d.refused(400)...)}, nil
			}
			return []Step{d.post(place, d.document(s.item, text("name", "${run} nothing")), d.refused(400, 403, 404, 405, 501)...)}, nil
		})),
	}
	if s.item != "ResourceMetadata" { // which has attributes of its own (DSP0263 table 6)
		cases = append(cases, d.in(2, that("parent", "DSP0263 5.7.1, 5.10.2", "it and its items have a parent", whole(has("parent.href"),
			every("a parent", func(n node) bool { return n.members["parent"].members["href"].text != "" }))))...)
	}
	return append(cases, d.in(2,
		that("orderby", "DSP0263 4.1.6.6", "$orderby sorts it, either way",
			d.get(place+"?$orderby=name", Status(200), byName(1)), d.get(place+"?$orderby=name:desc", Status(200), byName(-1))))...)
}

// readItems reads the first items of a collection.
func (d dialect) readItems(item string) func(x *Exchange) ([]Step, error) {
	return func(x *Exchange) ([]Step, error) {
		doc, err := read(x)
		if err != nil {
			return nil, err
		}
		var steps []Step
		for _, n := range doc.entries()[:min(3, len(doc.entries()))] {
			id := n.members["id"].text
			checks := []Check{Status(200), d.typed(item), at("id", id)}
			if name := n.members["name"].text; name != "" {
				checks = append(checks, named(name))
			}
			steps = append(steps, orGone(d.get(id, checks...)))
		}
		return steps, nil
	}
}

// findFirst asks for the first item of a collection, if there is one, by its id, encoded
// as RFC 3986 wants it.
func (d dialect) findFirst(s shelf) func(x *Exchange) ([]Step, error) {
	return func(x *Exchange) ([]Step, error) {
		doc, err := read(x)
		if err != nil {
			return nil, err
		}
		if len(doc.entries()) == 0 { // whether others have made one by now is chance
			return nil, nil
		}
		id := doc.entries()[0].members["id"].text
		filter := url.QueryEscape(fmt.Sprintf("id='%s'", id))
		return []Step{orGone(d.get("${"+s.name+"}?$filter="+filter, Status(200), isNumber("count"), atMost(1),
			every("the id "+id, func(n node) bool { return n.members["id"].text == id })))}, nil
	}
}

// named wants a name that an answer had.
func named(name string) Check {
	return onDocument(fmt.Sprintf("the name %q", name), func(_ *Exchange, d document) error {
		if got := d.members["name"].text; got != name {
			return fmt.Errorf("the name is %q, wanted %q", got, name)
		}
		return nil
	})
}

// orGone allows for others having deleted what a collection has just shown.
func orGone(s Step) Step {
	for i, check := range s.Want {
		s.Want[i] = Check{Expect: check.Expect, Holds: func(x *Exchange) error {
			if x.Status == 404 {
				return nil
			}
			return check.Holds(x)
		}}
	}
	return s
}
