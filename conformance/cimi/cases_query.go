package cimi

import . "github.com/occimi/occimi/conformance/suite"

// Query parameters, and which format is answered.

func queryCases(d dialect) []Case {
	return []Case{
		That("queries.select", Must, "DSP0263 4.1.6.3", "$select leaves what it names", d.get("${machine}?$select=name,state", Status(200), onlyHas("name", "state"), at("name", "${run} shared"))),
		That("queries.select.unknown", Must, "DSP0263 4.1.6.3", "what is not there can be selected", d.get("${machine}?$select=name,wheels", Status(200), onlyHas("name"))),
		That("queries.filter.name", Must, "DSP0263 4.1.6.1", "$filter finds by name", d.get("${machines}?$filter=name='${run}%20shared'", Status(200), counts(1), lists("${machine}"))),
		That("queries.filter.and", Must, "DSP0263 4.1.6.1", "and binds what both must hold", d.get("${machines}?$filter=name='${run}%20shared'%20and%20state='STOPPED'", Status(200), counts(0))),
		That("queries.filter.malformed", Must, "DSP0263 4.1.6.1", "a malformed filter is refused", d.get("${machines}?$filter=name=", d.refused(400)...)),
		That("queries.first-last", Must, "DSP0263 4.1.6.2", "$first and $last cut a collection, and count stays", d.get("${machineConfigs}", Status(200)).Reading(value("all", "count")),
			d.get("${machineConfigs}?$first=1&$last=1", Status(200), at("count", "${all}"), Check{Expect: "one item", Holds: func(x *Exchange) error { return countItems(x, 1) }})),
		That("queries.format", Must, "DSP0263 4.1.6.5", "$format wins over Accept", Get("${machine}?$format="+d.format, Status(200), Media(d.media()), d.typed("Machine")).Accepting("application/"+map[string]string{"json": "xml", "xml": "json"}[d.format])),
	}
}

func negotiationCases(d dialect) []Case {
	return []Case{
		That("negotiation.accept", Must, "DSP0263 4.1.4", "Accept chooses the format", d.get("${machine}", Status(200), Media(d.media()), d.typed("Machine"))),
		That("negotiation.weights", Must, "RFC 9110 12.5.1", "weights choose the format",
			Get("${machine}", Status(200), Media(d.media())).Accepting(d.media()+";q=0.9, application/"+map[string]string{"json": "xml", "xml": "json"}[d.format]+";q=0.2")),
		That("negotiation.body.unknown", Must, "RFC 9110 15.5.16", "a body in another format is refused",
			d.post("${machines.add}", d.machine("${run} png"), d.refused(415)...).Typed("image/png")),
	}
}
