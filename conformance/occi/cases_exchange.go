package occi

import . "github.com/occimi/occimi/conformance/suite"

// More exchanges of clients in use, byte for byte: what they send after the
// first machine is made.

// joccis are the fields of all of jOCCI's requests in text, those without a body too.
var joccis = []string{"Content-Type: text/plain", "User-Agent: jOCCI-api/0.2.6 OCCI/1.1"}

func exchangeCases() []Case {
	return []Case{
		That("clients.rocci4.both", DeFacto, "rOCCI 4 command line, --auth basic", "once it has a token it goes on sending the password, which is that of no user here: the token counts",
			Get("/-/", Status(200), has(infra+"compute")).By(Nobody).With("X-Auth-Token: ${token}", "Authorization: Basic bm9ib2R5OnNlY3JldA==").With(rocci...)),
		That("clients.rocci4.escapes", DeFacto, "rOCCI 4 command line", "texts are escaped as Ruby does it", Step{Do: "POST ${compute}", Type: rocciBody, Made: "vm", Want: []Check{Status(201)},
			Body: machineBody + "\nX-OCCI-Attribute: occi.core.title=\"${run} \\\"x\\\" \\\\ \\#{y} \\#$z\""}.With(rocci...),
			Get("${vm}", member(`${run} "x" \ #{y} #$z`, "attributes", "occi.core.title")).Accepting("application/occi+json")),
		That("clients.rocci4.update", DeFacto, "rOCCI 4 command line", "a mixin with all that the query interface says of it, without the kind, resizes a machine: 200 and the whole, or its place", then(newMachine("rocci update"),
			post("${vm}", `Category: ${flavor2.term};scheme="${flavor2.scheme}";class="mixin";title="another size";rel="http://schemas.ogf.org/occi/infrastructure#resource_tpl";location="/mixin/resource_tpl/${flavor2.term}/"`+"\n",
				Status(200), Says(`(?m)^(Category: compute;|X-OCCI-Location: )`)).Typed(rocciBody).With(rocci...),
			Get("${vm}", has("${flavor2.id}"), attr("occi.compute.state", "active"), offers("stop")).With(rocci...).Eventually())...),
		That("clients.rocci4.trigger", DeFacto, "rOCCI 4 command line", "an action without attributes, then one whose method has an OCCI 1.1 name", then(newMachine("rocci trigger"),
			post("${vm}?action=stop", `Category: stop;scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#";class="action"`+"\n"+`X-OCCI-Attribute: method="acpioff"`, Status(200), NoHeader("Content-Type", `^text/html`)).Typed(rocciBody).With(rocci...),
			Get("${vm}", attr("occi.compute.state", "inactive"), offers("start")).With(rocci...).Eventually(),
			post("${vm}?action=start", `Category: start;scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#";class="action"`, Status(200), NoHeader("Content-Type", `^text/html`)).Typed(rocciBody).With(rocci...),
			Get("${vm}", attr("occi.compute.state", "active")).With(rocci...).Eventually())...),
		That("clients.rocci4.json", DeFacto, "rOCCI 4 command line, --media-type application/occi+json", "a machine in the JSON of 2012", Step{Do: "POST ${compute}", Type: "application/occi+json", Accept: "text/plain", Made: "vm", Want: []Check{Status(201)},
			Body: `{"resources":[{"kind":"http://schemas.ogf.org/occi/infrastructure#compute","mixins":["${os.id}","${flavor.id}"],"attributes":{"occi":{"core":{"id":"9d3c4e57-7e5a-4be4-a6d5-5d9b1bb5e3b1","title":"${run} 2012"},"compute":{"hostname":"${run} 2012"}}},"id":"9d3c4e57-7e5a-4be4-a6d5-5d9b1bb5e3b1","links":[{"kind":"http://schemas.ogf.org/occi/infrastructure#networkinterface","attributes":{"occi":{"core":{"id":"c1"}}},"id":"c1","rel":"http://schemas.ogf.org/occi/infrastructure#network","source":"/compute/9d3c4e57-7e5a-4be4-a6d5-5d9b1bb5e3b1","target":"${network.path}${net.id}"}]}]}`},
			Get("${vm}", attr("occi.core.title", "${run} 2012"), linksTo(infra+"networkinterface", "${net}"), has("${flavor.id}")).Eventually()),
		That("clients.jocci.empty", DeFacto, "jOCCI", "requests without a body have a Content-Type, and no filter in them", Head("/-/", Status(200)).With(joccis...), Get("${compute}", Status(200), Says(`(?m)^X-OCCI-Location: ${machine}\r?$`)).Accepting("text/plain").With(joccis...),
			Get("${machine}", Status(200), Says(`^Category: compute;`)).Accepting("text/plain").With(joccis...)),
		That("clients.jocci.update", DeFacto, "jOCCI", "PUT of what was read changes it", then(newMachine("jocci update"),
			Step{Do: "PUT ${vm}", Type: "text/plain", Accept: "text/plain", Want: []Check{Status(200, 201), Header("Content-Type", `^text/plain`)}, Body: kindCompute + "\nCategory: ${os}\nCategory: ${flavor}" + title("${run} put by jocci")},
			Get("${vm}", attr("occi.core.title", "${run} put by jocci"), has("${flavor.id}"), attr("occi.compute.state", "active")).Accepting("text/plain").With(joccis...))...),
	}
}
