package cimi

import (
	"fmt"
	"net/http"
	"slices"

	. "github.com/occimi/occimi/conformance/suite"
)

// What holds for everything that consumers make.

func resourceCases(d dialect) []Case {
	var cases []Case
	for _, m := range d.made() {
		cases = append(cases, d.life(m)...)
		cases = append(cases, d.queries(m)...)
		cases = append(cases, d.updates(m)...)
	}
	return cases
}

// about begins cases of a making.
type about struct {
	d dialect
	m making
}

// makes is a case for which one is made first, ${it}, with a description and properties.
func (a about) makes(topic string, level Level, clause, title string, steps ...Step) Case {
	made := a.m.new(a.d, "it", "${run} "+topic+" "+a.d.format, made(topic)...)
	return a.m.oneByOne(That(a.m.collection+"."+topic, level, clause, title, append(made, steps...)...).Needing(a.m.requires()...).Of("*." + topic))
}

// reads is a case that leaves one as it is, ${it}, which all such cases share: its
// name is that of sample.
func (a about) reads(topic string, level Level, clause, title string, steps ...Step) Case {
	begin := a.d.get("${sample-"+a.m.collection+"}", Status(200)).Once().Reading(value("it", "id"))
	return That(a.m.collection+"."+topic, level, clause, title, append([]Step{begin}, steps...)...).Needing(a.m.requires()...).Of("*." + topic)
}

// changes is a case that changes one, ${it}: all such cases do that to the same one
// in turn, and begin by giving it a description and properties of their own.
func (a about) changes(topic string, level Level, clause, title string, steps ...Step) Case {
	begin := []Step{
		a.d.put("${subject-"+a.m.collection+"}?$select=description,properties", a.d.document(a.m.item, made(topic)...), Status(200, 202, 204)),
		a.d.known("subject-"+a.m.collection, "it", at("description", "made for "+topic)).Eventually().Keeping("body"),
	}
	return That(a.m.collection+"."+topic, level, clause, title, append(begin, steps...)...).Needing(a.m.requires()...).InTurn("subject-" + a.m.collection).Of("*." + topic)
}

// made is what cases say of what they make; described checks the properties of it.
func made(topic string) []member {
	return []member{text("description", "made for "+topic), props([2]string{"a key", "a value"}, [2]string{"other", "of ${run}"})}
}

func described(name string) []Check {
	return []Check{at("name", name), at("properties.a key", "a value"), at("properties.other", "of ${run}")}
}

// sample is what reads reads, and subject what changes changes.
func (m making) sample(d dialect) Preparation {
	return Preparation{Steps: m.new(d, "sample-"+m.collection, m.sampled(), made("reading")...)}
}

func (m making) subject(d dialect) Preparation {
	steps := m.new(d, "subject-"+m.collection, m.subjected(), made("changes")...)
	if m.queued { // after the sample
		steps = append([]Step{d.get("${sample-"+m.collection+"}", Status(200))}, steps...)
	}
	return Preparation{Steps: steps}
}

func (m making) sampled() string { return "${run} sample of " + m.collection }

func (m making) subjected() string { return "${run} subject of " + m.collection }

// life is that of one resource: it is made, read, listed and deleted.
func (d dialect) life(m making) []Case {
	a, kind := about{d, m}, m.item
	name := func(topic string) string { return "${run} " + topic + " " + d.format }
	collection := "${" + m.collection + "}"
	other := dialect{d.version, map[string]string{"json": "xml", "xml": "json"}[d.format]}
	return []Case{
		m.oneByOne(That(m.collection+".beyond", Must, "DSP0263 5.5.8, 4.2.2", "a "+kind+" whose name is beyond the first plane of Unicode is made or refused, and is no fault", slices.Concat(m.first(d, "${run} beyond"), []Step{
			m.taken(d.post("${"+m.collection+".add}", m.document(d, "${run} "+beyondText), Status(201, 202, 400))).Making("it").Following(func(x *Exchange) ([]Step, error) {
				if x.Status == http.StatusBadRequest {
					return nil, nil
				}
				return []Step{d.get("${it}", Status(200), at("name", "${run} "+beyondText)).Eventually()}, nil
			})})...).Needing(m.requires()...).Of("*.beyond")),
		a.makes("life", Must, m.clause+", 4.2.1.1, 4.2.1.2, 4.2.1.4", "a "+kind+" is made, read, listed and deleted",
			d.get("${it}", append(described(name("life")), at("id", "${it}"), at("description", "made for life"))...),
			d.get(collection, Status(200), lists("${it}")),
			d.del("${it.delete}", Status(200, 202, 204)),
			d.get("${it}", Status(404, 410)).Eventually(),
			d.get(collection, Status(200), listsNot("${it}"))),
		a.reads("times", Must, "DSP0263 5.5.2, 5.7.1", "the times of a "+kind+" are dates with a time zone", d.get("${it}", Status(200), isTime("created"), isTime("updated")).Once()),
		a.reads("properties", Must, "DSP0263 5.1, 5.7.1", "a "+kind+" has the properties that it was made with, and no others", d.get("${it}", Status(200), pairs(2)).Once()),
		a.reads("tenants", Must, "DSP0263 4.1, 6", "another tenant sees no "+kind+", and cannot change or delete it",
			d.get(collection, Status(200), listsNot("${it}")).By(Other),
			d.get("${it}", d.refused(404)...).By(Other),
			d.put("${it}?$select=name", d.document(kind, text("name", "stolen")), d.refused(404, 405)...).By(Other),
			d.del("${it}", d.refused(404)...).By(Other),
			d.get("${it}", Status(200), at("name", m.sampled()))),
		a.reads("anonymous", Must, "RFC 9110 15.5.2", "a "+kind+" is nothing for people without credentials",
			d.get("${it}", d.refused(401)...).By(Nobody), d.del("${it}", d.refused(401)...).By(Nobody), d.get("${it}", Status(200))),
		a.makes("formats", Must, "DSP0263 4.1.4, 5.6", "JSON and XML say the same of a "+kind+", whichever it was made in",
			d.get("${it}", Status(200)).Keeping("body"), other.get("${it}", Status(200), Media(other.media()), says("${body}", d.format))),
		a.reads("same", Must, "DSP0263 4.1; RFC 9110 9.3.1", "a "+kind+" is the same each time it is read", d.get("${it}", Status(200)).Keeping("body"), d.get("${it}", Body("${body}"))),
		a.makes("gone", Must, "RFC 9110 15.5.5", "a "+kind+" that was deleted is not there to be changed or deleted again",
			d.del("${it.delete}", Status(200, 202, 204)), d.get("${it}", Status(404, 410)).Eventually(),
			d.del("${it.delete}", d.refused(404, 410)...), d.put("${it}?$select=name", d.document(kind, text("name", "late")), d.refused(404, 405, 410)...)),
		a.reads("metadata", Must, "DSP0263 5.11", "the metadata of a "+kind+" describe each of its attributes and actions",
			d.get("${it}", Status(200)).Once().Keeping("body"), d.get("${metadata."+kind+"}", Status(200), describes("${body}", d.format)).Once()),
		m.oneByOne(That(m.collection+".jobs", Must, "DSP0263 4.2.1.6, 5.17.1", "the making of a "+kind+" is a Job that affects it, and comes to its end", slices.Concat(m.first(d, "${run} jobs"), []Step{
			m.add(d, "second", m.document(d, "${run} of job "+d.format), Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), d.typed("Job"), at("state", "SUCCESS"), at("progress", "100"), refers("targetResource", collection), affects("${second}")).Eventually(),
		})...).Needing(m.requires("jobs")...).Of("*.jobs")),
		That(m.collection+".refuse.attribute", Must, "DSP0263 5.3", "an attribute that no "+kind+" has is refused, and nothing is made", slices.Concat(m.borrowed(d), []Step{
			d.post("${"+m.collection+".add}", m.document(d, "${run} wheels "+d.format, number("wheels", 4)), append(d.refused(400), like("statusMessage", `wheels`))...),
			d.get(collection+"?$filter=name='${run}%20wheels%20"+d.format+"'", Status(200), counts(0)),
		})...).Needing(m.requires()...).Of("*.refuse.attribute"),
		That(m.collection+".refuse.type", Must, "DSP0263 4.1.4", "what says that it is something else is refused",
			d.post("${"+m.collection+".add}", d.document("EventLogTemplateCreate", text("name", "${run} type")), d.refused(400)...)).Needing(m.collection + ".add").Of("*.refuse.type"),
		That(m.collection+".refuse.malformed", Must, "DSP0263 4.2.2", "a body that is cut off is refused",
			d.post("${"+m.collection+".add}", `<{"name`, d.refused(400)...)).Needing(m.collection + ".add").Of("*.refuse.malformed"),
	}
}

// queries are the query parameters that act on a single resource.
func (d dialect) queries(m making) []Case {
	a, kind := about{d, m}, m.item
	return []Case{
		a.reads("select", Must, "DSP0263 4.1.6.3", "$select leaves of a "+kind+" what it names",
			d.get("${it}?$select=name,description,wheels", Status(200), d.typed(kind), onlyHas("name", "description"), at("name", m.sampled())),
			d.get("${it}?$select=name&$select=description,name", Status(200), onlyHas("name", "description")),
			d.get("${it}?$select=operations", Status(200), onlyHas("operations"))),
		a.reads("expand", Must, "DSP0263 4.1.6.4", "$expand fills in every reference of a "+kind, d.get("${it}?$expand=*", Status(200), d.typed(kind), at("name", m.sampled()), expanded)),
		a.reads("expand.none", Must, "DSP0263 4.1.6.4", "a name that is no reference of a "+kind+" is passed over in $expand", d.get("${it}?$expand=name,wheels", Status(200), d.typed(kind), at("name", m.sampled()))),
		a.reads("find", Must, "DSP0263 4.1.6.1", "a "+kind+" is found by its name and by a property",
			d.get("${"+m.collection+"}?$filter=name='${run}%20sample%20of%20"+m.collection+"'", Status(200), counts(1), lists("${it}")),
			d.get(fmt.Sprintf("${%s}?$filter=property['a%%20key']='a%%20value'%%20and%%20name='${run}%%20sample%%20of%%20%s'", m.collection, m.collection), Status(200), counts(1), lists("${it}")),
			d.get(fmt.Sprintf("${%s}?$filter=property['a%%20key']='another'%%20and%%20name='${run}%%20sample%%20of%%20%s'", m.collection, m.collection), Status(200), counts(0))).
			Needing(m.requires("can.CloudEntryPoint.FilterParameter")...),
		a.reads("matches", DeFacto, "DSP0263 4.1.7.2; RFC 9110 13.1", "an ETag of a "+kind+" is heeded",
			d.get("${it}", Status(200), tagged).FindingIn("ETag", "tag", `(.+)`),
			d.get("${it}", Status(304)).With("If-None-Match: ${tag}"),
			d.del("${it}", d.refused(412)...).With(`If-Match: "none"`),
			d.get("${it}", Status(200), Header("ETag", `.`))),
	}
}

// updates change what consumers may change.
func (d dialect) updates(m making) []Case {
	a, kind := about{d, m}, m.item
	return []Case{
		a.changes("update.partial", Must, "DSP0263 4.2.1.3.1", "a partial update of a "+kind+" changes what it selects, and nothing else",
			d.put("${it.edit}?$select=description", d.document(kind, text("description", "after")), Status(200, 202, 204)),
			d.get("${it}", append(described(m.subjected()), at("description", "after"))...).Eventually()),
		a.changes("update.erase", Must, "DSP0263 4.2.1.3.1", "what a partial update of a "+kind+" selects and does not give is reset",
			d.put("${it.edit}?$select=description", d.document(kind), Status(200, 202, 204)),
			d.get("${it}", append(described(m.subjected()), lacks("description"))...).Eventually()),
		a.changes("update.full", Must, "DSP0263 4.2.1.3", "a full update of a "+kind+" resets what it leaves out",
			d.put("${it.edit}", m.whole(d, m.subjected()), Status(200, 202, 204)),
			d.get("${it}", lacks("description"), lacks("properties"), at("id", "${it}")).Eventually()),
		a.changes("update.properties", Must, "DSP0263 4.2.1.3.1, 5.1", "properties of a "+kind+" are replaced as a whole",
			d.put("${it.edit}?$select=properties", d.document(kind, props([2]string{"third", "new"})), Status(200, 202, 204)),
			d.get("${it}", at("properties.third", "new"), pairs(1), at("description", "made for update.properties")).Eventually()),
		a.changes("update.echo", Must, "DSP0263 4.2.1.3", "a "+kind+" that is sent back as it was read stays as it is",
			d.put("${it.edit}", "${body}", Status(200, 202, 204)),
			d.get("${it}", append(described(m.subjected()), at("description", "made for update.echo"))...).Eventually()),
		a.changes("update.readonly", Must, "DSP0263 4.2.1.3", "what consumers cannot change of a "+kind+" is passed over in an update",
			d.get("${it}", Status(200)).Reading(value("created", "created")),
			d.put("${it.edit}?$select=id,created,description", d.document(kind, text("id", "${it}-other"), text("created", "2001-02-03T04:05:06Z"), text("description", "after")), Status(200, 202, 204)),
			d.get("${it}", Status(200), at("id", "${it}"), at("created", "${created}"), at("description", "after")).Eventually()),
		a.changes("update.unselected", Must, "DSP0263 4.2.1.3.1", "what a partial update of a "+kind+" gives and does not select is refused, and nothing changes",
			d.put("${it.edit}?$select=name", d.document(kind, text("name", "${run} not"), text("description", "not")), d.refused(400)...),
			d.get("${it}", append(described(m.subjected()), at("description", "made for update.unselected"))...)),
		a.changes("update.unknown", Must, "DSP0263 5.3", "an update of a "+kind+" with an attribute that there is not is refused, and nothing changes",
			d.put("${it.edit}", m.whole(d, "${run} not", number("wheels", 4)), d.refused(400)...),
			d.get("${it}", append(described(m.subjected()), at("description", "made for update.unknown"))...)),
		a.changes("update.ignored", Must, "DSP0263 4.1.6.3", "a name that no "+kind+" has is passed over in what an update selects",
			d.put("${it.edit}?$select=wheels,description", d.document(kind, text("description", "after")), Status(200, 202, 204)),
			d.get("${it}", at("description", "after")).Eventually()),
		a.changes("update.text", Must, "DSP0263 5.5.8; XML 1.0 2.4", "text of a "+kind+" is kept as it is, whatever is in it",
			d.put("${it.edit}?$select=description", d.document(kind, text("description", oddText)), Status(200, 202, 204)),
			d.get("${it}", at("description", oddText)).Eventually()),
		a.changes("update.job", Must, "DSP0263 4.2.1.6", "an update of a "+kind+" is a Job",
			d.put("${it.edit}?$select=description", d.document(kind, text("description", "after")), Status(200, 202, 204), Header("CIMI-Job-URI", `^https?://`)).FindingIn("CIMI-Job-URI", "job", `(.+)`),
			d.get("${job}", Status(200), d.typed("Job"), at("state", "SUCCESS"), refers("targetResource", "${it}")).Eventually()).
			Needing(m.requires("jobs")...),
		a.changes("update.matches", DeFacto, "DSP0263 4.1.7.2; RFC 9110 13.1.1", "an update of a "+kind+" with the ETag of an older state is refused",
			d.get("${it}", Status(200), tagged).FindingIn("ETag", "tag", `(.+)`),
			d.put("${it.edit}?$select=description", d.document(kind, text("description", "first")), Status(200, 202, 204)),
			d.get("${it}", at("description", "first")).Eventually(),
			d.put("${it.edit}", m.whole(d, "${run} second"), d.refused(412)...).With("If-Match: ${tag}"),
			d.get("${it}", at("description", "first"))),
		a.changes("update.matches.now", DeFacto, "DSP0263 4.1.7.2; RFC 9110 13.1.1", "an update of a "+kind+" with its present ETag is done",
			d.get("${it}", Status(200), tagged).FindingIn("ETag", "tag", `(.+)`),
			d.put("${it.edit}?$select=description", d.document(kind, text("description", "matched")), Status(200, 202, 204)).With("If-Match: ${tag}"),
			d.get("${it}", at("description", "matched")).Eventually()),
		a.changes("update.beyond", Must, "DSP0263 5.5.8, 4.2.2", "text of a "+kind+" beyond the first plane of Unicode is kept or refused, and is no fault",
			d.put("${it.edit}?$select=description", d.document(kind, text("description", beyondText)), Status(200, 202, 204, 400)).Following(func(x *Exchange) ([]Step, error) {
				if x.Status == http.StatusBadRequest {
					return []Step{d.get("${it}", Status(200), at("description", "made for update.beyond"))}, nil
				}
				return []Step{d.get("${it}", Status(200), at("description", beyondText)).Eventually()}, nil
			})),
	}
}

// oddText has what each format has to write in some way of its own. It is of the
// first plane of Unicode: many databases below clouds have no more.
const oddText = `ein "Müßiggang" <b> & 'ち' ]]> \\ {x}`

// beyondText is of a plane that they often do not have.
const beyondText = "a \U0001F600"
