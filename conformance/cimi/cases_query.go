package cimi

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/occimi/occimi/conformance/suite"
)

// Query parameters, and which format is answered.

func queryCases(d dialect) []Case {
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("queries."+id, level, clause, title, steps...)
	}
	// found is that a filter finds the shared machine or not, among those of its name.
	found := func(id, title, filter string, is bool) Case {
		return that("filter."+id, Must, "DSP0263 4.1.6.1", title, d.get("${machines}?$filter=name='${run}%20shared'%20and%20("+filter+")", Status(200), counts(map[bool]int{true: 1}[is]))).Needing("machine")
	}
	malformed := func(id, title, filter string) Case {
		return that("filter.refuse."+id, Must, "DSP0263 4.1.6.1, 4.2.2", title, d.get("${machines}?$filter="+filter, d.refused(400)...))
	}
	other := map[string]string{"json": "xml", "xml": "json"}[d.format]
	cases := []Case{
		that("select", Must, "DSP0263 4.1.6.3", "$select leaves what it names", d.get("${machine}?$select=name,state", Status(200), onlyHas("name", "state"), at("name", "${run} shared"))),
		that("select.unknown", Must, "DSP0263 4.1.6.3", "what is not there can be selected", d.get("${machine}?$select=name,wheels", Status(200), onlyHas("name"))),
		that("select.nothing", Must, "DSP0263 4.1.6.3, 4.1.4", "if nothing that is there is selected, the type is left", d.get("${machine}?$select=wheels", Status(200), d.typed("Machine"), onlyHas())),
		that("select.twice", Must, "DSP0263 4.1.6.3", "$select may come twice, and name things twice", d.get("${machine}?$select=name,name&$select=state,name", Status(200), onlyHas("name", "state"))),
		that("select.order", Must, "DSP0263 4.1.6.3", "the order in $select does not matter", d.get("${machine}?$select=state,name,cpu", Status(200)).Keeping("first"), d.get("${machine}?$select=cpu,name,state", Body("${first}"))),
		that("select.all", Must, "DSP0263 4.1.6.3", "* selects everything, with the operations", d.get("${machine}", Status(200)).Keeping("all"), d.get("${machine}?$select=*", Body("${all}"))),
		that("select.encoded", Must, "RFC 3986 2.1", "$select may be percent-encoded", d.get("${machine}?%24select=name%2Cstate", Status(200), onlyHas("name", "state"))),
		that("select.case", Must, "DSP0263 5.2", "names of attributes are case-sensitive", d.get("${machine}?$select=Name,STATE", Status(200), onlyHas())),
		that("select.operations", Must, "DSP0263 4.1.6.3", "operations can be selected", d.get("${machine}?$select=operations", Status(200), onlyHas("operations"), offers("stop"))),
		that("select.path", Must, "DSP0263 4.1.6.3, 5.11.1", "what is of the items and what is of the collection can be told apart",
			d.get("${machines}?$select=machines/id,machines/name,operations&$filter=name='${run}%20shared'", Status(200), offers("add"), every("an id and a name alone", func(n node) bool {
				return slices.Equal(slices.DeleteFunc(keys(n), func(k string) bool { return k == "resourceURI" }), []string{"id", "name"})
			}))).Needing("machine", "can.CloudEntryPoint.QueryPathNotation"),
		that("filter.name", Must, "DSP0263 4.1.6.1", "$filter finds by name", d.get("${machines}?$filter=name='${run}%20shared'", Status(200), counts(1), lists("${machine}"))),
		that("filter.and", Must, "DSP0263 4.1.6.1", "and binds what both must hold", d.get("${machines}?$filter=name='${run}%20shared'%20and%20state='STOPPED'", Status(200), counts(0))),
		that("filter.malformed", Must, "DSP0263 4.1.6.1", "a malformed filter is refused", d.get("${machines}?$filter=name=", d.refused(400)...)),
		that("filter.boolean", Must, "DSP0263 4.1.6.1", "true and false are values",
			d.get("${volumes}?$filter=bootable=true", Status(200), every("bootable: true", func(n node) bool { return n.members["bootable"].text == "true" })),
			d.get("${volumes}?$filter=bootable!=true", Status(200), every("another value of bootable", func(n node) bool { return n.members["bootable"].text != "true" }))).Needing("volumes"),
		that("filter.single", Must, "DSP0263 4.1.6", "what is for collections is passed over elsewhere", d.get("${machine}", Status(200)).Keeping("plain"), d.get("${machine}?$filter=name='none'&$first=7&$orderby=name", Body("${plain}"))).Needing("machine"),
		that("filter.several", Must, "DSP0263 4.1.6.1", "all of several filters must hold", d.get("${machines}?$filter=name='${run}%20shared'&$filter=state='STARTED'", Status(200), counts(1)), d.get("${machines}?$filter=name='${run}%20shared'&$filter=state='STOPPED'", Status(200), counts(0))).Needing("machine"),
		that("filter.count", Must, "DSP0263 4.1.6.1, 4.1.6.2", "count is that of all that match, whatever is cut", d.get("${machines}?$filter=name='${run}%20shared'&$first=2", Status(200), at("count", "1"), atMost(0))).Needing("machine"),
		found("double", "strings may have double quotes", `state=%22STARTED%22`, true),
		found("left", "a value may be on the left", `'STARTED'=state`, true),
		found("not", "!= is what is not equal", `state!='STOPPED'`, true),
		found("or", "or is either", `state='STOPPED'%20or%20state='STARTED'`, true),
		found("precedence", "and binds tighter than or", `state='STARTED'%20or%20state='STOPPED'%20and%20name='none'`, true),
		found("brackets", "brackets bind", `(state='STARTED'%20or%20state='STOPPED')%20and%20name='none'`, false),
		found("integer", "integers are compared as numbers", "cpu%3E=1%20and%20memory%3E9", true),
		found("integer.less", "less is less, as a number", "memory%3C9", false),
		found("integer.equal", "integers can be equal", "memory=${config.memory}%20and%20cpu%3C=${config.cpu}", true),
		found("integer.left", "an integer on the left turns the comparison round", "9%3Cmemory", true),
		found("date", "dates are compared as instants", "created%3E2001-02-03T04:05:06Z%20and%20created%3C2099-01-01T00:00:00%2B01:00", true),
		found("property", "a property is found by its key and value", `property['run']='${run}'`, true),
		found("property.other", "another value of a property is not found", `property['run']='none'`, false),
		found("property.absent", "a property that is not there is not equal to anything", `property['none']='${run}'`, false),
		found("absent", "an attribute that is not there is not equal to anything", `wheels='4'`, false),
		found("case", "text is compared as it is written", `name='${run}%20SHARED'`, false),
		found("plus", "a plus is a blank", `name='${run}+shared'`, true),
		malformed("operator", "an operator that there is not is refused", "name~'a'"),
		malformed("open", "a bracket that is not closed is refused", "(name='a'"),
		malformed("quote", "a string that does not end is refused", "name='a"),
		malformed("type", "an integer is not compared with text", "cpu='two'"),
		malformed("order", "text has no greater and smaller", "name%3E'a'"),
		malformed("rest", "what comes after the filter is refused", "name='a'%20name='b'"),
		malformed("word", "a word alone is refused", "name"),
		that("first-last", Must, "DSP0263 4.1.6.2", "$first and $last cut a collection, and count stays", d.get("${resourceMetadata}", Status(200)).Reading(value("all", "count")),
			d.get("${resourceMetadata}?$first=1&$last=1", Status(200), at("count", "${all}"), Check{Expect: "one item", Holds: func(x *Exchange) error { return countItems(x, 1) }})),
		that("first", Must, "DSP0263 4.1.6.2", "$first without $last goes to the end", d.get("${resourceMetadata}?$first=2", Status(200), short(1))),
		that("last", Must, "DSP0263 4.1.6.2", "$last without $first goes from the beginning", d.get("${resourceMetadata}?$last=2", Status(200), Check{Expect: "two items", Holds: func(x *Exchange) error { return countItems(x, 2) }})),
		that("last.beyond", Must, "DSP0263 4.1.6.2", "a range that ends beyond the end is cut", d.get("${resourceMetadata}?$first=1&$last=1000000", Status(200), counted)),
		that("range.zero", Must, "DSP0263 4.1.6.2", "a range that begins before the beginning is cut", d.get("${resourceMetadata}?$first=0", Status(200), counted), d.get("${resourceMetadata}?$first=-3", Status(200), counted)),
		that("range.huge", Must, "DSP0263 4.1.6.2", "huge numbers are out of range, and no fault", d.get("${resourceMetadata}?$first=99999999999999999999999999", Status(200), atMost(0)), d.get("${resourceMetadata}?$last=99999999999999999999999999", Status(200), counted)),
		that("range.text", Must, "DSP0263 4.1.6.2, 4.2.2", "a range of words is refused", d.get("${resourceMetadata}?$first=one", d.refused(400)...), d.get("${resourceMetadata}?$last=1.5", d.refused(400)...)),
		that("pages", Must, "DSP0263 4.1.6.2", "pages are the whole, one after the other", d.get("${resourceMetadata}", Status(200)).Following(d.pages)),
		that("expand", Must, "DSP0263 4.1.6.4", "$expand fills in a collection, and no other", d.get("${machine}?$expand=disks", Status(200), has("disks.id"), has("disks.count"), has("disks.href"), lacks("volumes.id"))),
		that("expand.empty", Must, "DSP0263 4.1.6.4", "$expand without names is all", d.get("${machine}?$expand", Status(200), has("disks.id"), has("volumes.id")), d.get("${machine}?$expand=", Status(200), has("disks.id"), has("volumes.id"))),
		that("expand.twice", Must, "DSP0263 4.1.6.4", "$expand may come twice", d.get("${machine}?$expand=disks&$expand=volumes,disks", Status(200), has("disks.id"), has("volumes.id"))),
		that("expand.unknown", Must, "DSP0263 4.1.6.4", "what is no reference is passed over in $expand", d.get("${machine}", Status(200)).Keeping("plain"), d.get("${machine}?$expand=name,wheels", Body("${plain}"))),
		that("expand.select", Must, "DSP0263 4.1.6.3, 4.1.6.4", "$expand and $select go together", d.get("${machine}?$select=name,disks&$expand=disks", Status(200), onlyHas("name", "disks"), has("disks.count"))),
		that("expand.collection", Must, "DSP0263 4.1.6.4", "on a collection $expand fills in references of its items", d.get("${machines}?$expand=disks&$filter=name='${run}%20shared'", Status(200), counts(1), every("expanded disks", func(n node) bool {
			return n.members["disks"].members["count"].text != "" && n.members["volumes"].members["count"].text == ""
		}))).Needing("machine"),
		that("format", Must, "DSP0263 4.1.6.5", "$format wins over Accept", Get("${machine}?$format="+d.format, Status(200), Media(d.media()), d.typed("Machine")).Accepting("application/"+other)),
		that("format.case", Must, "DSP0263 4.1.6.5", "$format is the same in any case", Get("${machine}?$format="+map[string]string{"json": "JsOn", "xml": "XML"}[d.format], Status(200), Media(d.media())).Accepting("application/"+other)),
		that("format.first", Must, "DSP0263 4.1.6.5", "the first $format counts", Get("${machine}?$format="+d.format+"&$format="+other, Status(200), Media(d.media()))),
		that("format.unknown", Must, "DSP0263 4.1.6.5", "a format that there is not is refused", Get("${machine}?$format=png", Status(400, 406)).Accepting(d.media())),
		that("format.any", Must, "DSP0263 4.1.6.5", "$format wins over an Accept that cannot be met", Get("${machine}?$format="+d.format, Status(200), Media(d.media())).Accepting("image/png")),
	}
	// called makes a template that the case below orders.
	called := func(as, name string) Step {
		return d.post("${machineTemplates.add}", d.document("MachineTemplate", text("name", "${run} "+name), text("description", "${run} letters "+d.format), ref("machineImage", "${image}")), Status(201, 202)).Making(as)
	}
	templates := "${machineTemplates}?$filter=description='${run}%20letters%20" + d.format + "'&$orderby=name"
	cases = append(cases, d.in(2,
		that("select.items", Must, "DSP0263 4.1.6.3, 5.5.12", "the array of its items is an attribute of a collection, and can be selected",
			d.get("${machineConfigs}?$select=machineConfigurations", Status(200), lacks("operations"), lists("${config}"), every("cpu and memory", func(n node) bool {
				return n.members["cpu"].text != "" && n.members["memory"].text != ""
			}))).Needing("config"),
		that("orderby.letters", Must, "DSP0263 4.1.6.6", "texts are ordered by their letters, however those are written", called("second", "\ufb01b"), called("third", "fic"), called("first", "fia"),
			d.get(templates, Status(200), inOrder("${first}", "${second}", "${third}")), d.get(templates+":desc", Status(200), inOrder("${third}", "${second}", "${first}"))).Needing("machineTemplates.add", "image"),
		that("orderby.integer", Must, "DSP0263 4.1.6.6", "integers are ordered as numbers", d.get("${machineConfigs}?$orderby=memory", Status(200), rising("memory", 1)), d.get("${machineConfigs}?$orderby=memory:desc", Status(200), rising("memory", -1))),
		that("orderby.second", Must, "DSP0263 4.1.6.6", "what is equal is ordered by the next attribute", d.get("${machineConfigs}?$orderby=cpu:desc,memory:asc", Status(200), rising("cpu", -1))),
		that("orderby.unknown", Must, "DSP0263 4.1.6.6", "what cannot be ordered by does not disturb", d.get("${machineConfigs}?$orderby=wheels,operations", Status(200), d.typed("MachineConfigurationCollection"))),
		that("orderby.first", Must, "DSP0263 4.1.6.6", "ranges are cut of what is ordered", d.get("${resourceMetadata}?$orderby=name:desc&$last=3", Status(200), byName(-1), atMost(3))),
		that("orderby.filter", Must, "DSP0263 4.1.6.6", "what is filtered is ordered", d.get("${resourceMetadata}?$orderby=name&$filter=name!='Machine'", Status(200), byName(1), every("another name", func(n node) bool { return n.members["name"].text != "Machine" }))))...)
	return cases
}

// short wants a collection that shows so many less than there are.
func short(by int) Check {
	return onDocument(fmt.Sprintf("all but %d items", by), func(_ *Exchange, d document) error {
		if count, got := d.members["count"].text, len(d.entries()); fmt.Sprint(got+by) != count {
			return fmt.Errorf("%d of %s items are shown, wanted all but %d", got, count, by)
		}
		return nil
	})
}

// pages reads a collection again, two items at a time.
func (d dialect) pages(x *Exchange) ([]Step, error) {
	doc, err := read(x)
	if err != nil {
		return nil, err
	}
	place := "${resourceMetadata}"
	var steps []Step
	for i := 0; i < len(doc.entries()); i += 2 {
		want := doc.entries()[i:min(i+2, len(doc.entries()))]
		steps = append(steps, d.get(fmt.Sprintf("%s?$first=%d&$last=%d", place, i+1, i+2), Status(200), onDocument("the next items", func(_ *Exchange, page document) error {
			same := slices.EqualFunc(page.entries(), want, func(a, b node) bool { return a.members["id"].text == b.members["id"].text })
			if !same {
				return fmt.Errorf("items %d and %d are not those of the whole collection", i+1, i+2)
			}
			return nil
		})))
	}
	return steps, nil
}

// inOrder wants these items, by their ids, and no others.
func inOrder(places ...string) Check {
	return onDocument("in this order: "+strings.Join(places, ", "), func(x *Exchange, d document) error {
		items := d.entries()
		if len(items) != len(places) {
			return fmt.Errorf("there are %d items, wanted %d", len(items), len(places))
		}
		for i, place := range places {
			want, err := x.Expand(place)
			if err != nil {
				return err
			}
			if id := items[i].members["id"].text; !samePlace(x, id, want) {
				return fmt.Errorf("item %d is %s, wanted %s", i, id, want)
			}
		}
		return nil
	})
}

// rising wants the items in the order of a number.
func rising(name string, direction float64) Check {
	return onDocument(fmt.Sprintf("items in the order of the number %s (%+.0f)", name, direction), func(_ *Exchange, d document) error {
		var last *float64
		for i, n := range d.entries() {
			value, there := number64(n.members[name])
			if !there {
				continue
			}
			if last != nil && (value-*last)*direction < 0 {
				return fmt.Errorf("item %d has the %s %v, after %v", i, name, value, *last)
			}
			last = &value
		}
		return nil
	})
}

func negotiationCases(d dialect) []Case {
	other := "application/" + map[string]string{"json": "xml", "xml": "json"}[d.format]
	that := func(id string, level Level, clause, title string, steps ...Step) Case {
		return That("negotiation."+id, level, clause, title, steps...)
	}
	accept := func(id, title, accept string) Case {
		return that("accept."+id, Must, "RFC 9110 12.5.1", title, Get("${machine}", Status(200), Media(d.media())).Accepting(accept))
	}
	return []Case{
		that("accept", Must, "DSP0263 4.1.4", "Accept chooses the format", d.get("${machine}", Status(200), Media(d.media()), d.typed("Machine"))),
		that("weights", Must, "RFC 9110 12.5.1", "weights choose the format", Get("${machine}", Status(200), Media(d.media())).Accepting(d.media()+";q=0.9, "+other+";q=0.2")),
		accept("order", "weights choose the format, whatever the order", other+";q=0.2, "+d.media()+";q=0.9"),
		accept("zero", "a weight of 0 excludes a format", other+";q=0, */*;q=0.1"),
		accept("specific", "what is said of a format is more than what is said of all", "*/*;q=0.1, "+other+";q=0.05, "+d.media()),
		accept("case", "media types are the same in any case", "Application/"+map[string]string{"json": "JSON", "xml": "XML"}[d.format]),
		accept("unknown", "what the server does not have is passed over", "image/png, "+d.media()+";q=0.5"),
		accept("parameters", "parameters of a media type do not disturb", d.media()+"; charset=utf-8"),
		that("accept.none", Must, "RFC 9110 12.5.1", "without Accept a format is chosen", Get("${machine}", Status(200), d.typed("Machine"))),
		that("accept.any", Must, "RFC 9110 12.5.1", "*/* is any format", Get("${machine}", Status(200), d.typed("Machine")).Accepting("*/*")),
		that("accept.impossible", Must, "RFC 9110 15.5.7", "if no format will do, that is said", Get("${machine}", Status(406)).Accepting("image/png")),
		that("refusal", Must, "DSP0263 4.2.2", "refusals are in the format that is asked for", d.get("${machines}/none-${run}", d.refused(404)...)),
		that("length", Must, "DSP0263 4.2.1.2", "an answer says its length", d.get("${machine}", Status(200), Header("Content-Length", `^\d+$`))),
		that("head", Must, "RFC 9110 9.3.2", "HEAD says the length that GET has", d.get("${machine}", Status(200)).FindingIn("Content-Length", "length", `(.+)`),
			d.head("${machine}", Status(200), Media(d.media()), sameHeader("Content-Length", "${length}"))),
		that("vary", Should, "RFC 9110 12.5.5", "caches are told that the format varies", d.get("${machine}", Status(200), Header("Vary", `(?i)accept|\*`))),
		that("options", Should, "RFC 9110 9.3.7", "OPTIONS says what can be done", Step{Do: "OPTIONS ${machines}", Accept: d.media(), Want: []Check{Status(200, 204), Header("Allow", "GET")}}),
		that("body.unknown", Must, "RFC 9110 15.5.16", "a body in another format is refused", d.post("${machines.add}", d.machine("${run} png"), d.refused(415)...).Typed("image/png")),
		that("body.text", DeFacto, "clients of version 1", "XML may be called text/xml", d.post("${machines.add}", dialect{d.version, "xml"}.machine("${run} text"), Status(201, 202)).Typed("text/xml")).Needing(parts...),
		that("body.other", Must, "DSP0263 4.2.1.1", "what is sent in one format may be answered in the other", Step{Do: "POST ${machines.add}", Accept: other, Type: d.media(), Body: d.machine("${run} crossed"),
			Want: []Check{Status(201, 202), ifBody(Media(other))}}).Needing(parts...),
		that("body.lie", Must, "RFC 9110 8.3", "a body that is not what its Content-Type says is refused", d.post("${machines.add}", map[string]string{"json": "<MachineCreate/>", "xml": `{"name":"a"}`}[d.format], d.refused(400)...)),
	}
}

// sameHeader wants a field with exactly this value.
func sameHeader(name, want string) Check {
	return Check{Expect: name + ": " + want, Holds: func(x *Exchange) error {
		want, err := x.Expand(want)
		if err == nil && x.Header.Get(name) != want {
			return fmt.Errorf("%s is %q, wanted %q", name, x.Header.Get(name), want)
		}
		return err
	}}
}
