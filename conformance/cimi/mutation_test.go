package cimi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/cimi"
	"github.com/occimi/occimi/conformance/suite"
	. "github.com/occimi/occimi/conformance/suitetest"
)

// What mutations are about: paths end as those of the server that the tests run,
// the cases know nothing of that.
const (
	entryPoint = `^GET \S*(/cimi/?|/cloudEntryPoint)$`
	configs    = `^GET \S*/machineConfigs$`
	machine    = `^GET \S*/machines/[^/?]+$`
)

// swapped puts things in each other's place, two and two.
func swapped(pairs ...string) func(*Answer) {
	var there []string
	for i := 0; i+1 < len(pairs); i += 2 {
		there = append(there, pairs[i], pairs[i+1], pairs[i+1], pairs[i])
	}
	both := strings.NewReplacer(there...)
	return func(a *Answer) { a.Body = both.Replace(a.Body) }
}

// mutations are ways in which servers of CIMI go wrong.
var mutations = []Mutation{
	// Header fields.
	{Name: "Content-Type is left out", Break: Left("Content-Type"), Cases: "cep.type.json", Caught: "entry"},
	{Name: "Content-Type is text", On: configs, Break: Says("Content-Type", "text/plain"), Cases: "collections.machineConfigs.*", Caught: "every.media"},
	{Name: "JSON is called XML", On: configs, Break: Typed("application/json", Says("Content-Type", "application/xml")), Cases: "collections.machineConfigs.*.json", Caught: "every.media"},
	{Name: "XML is called JSON", On: configs, Break: Typed("application/xml", Says("Content-Type", "application/json")), Cases: "collections.machineConfigs.*.xml", Caught: "every.media"},
	{Name: "Location is left out", Break: Left("Location"), Cases: "machines.create.answer.json", Caught: "every.created"},
	{Name: "Location is a path", Break: On(201, func(a *Answer) {
		_, after, _ := strings.Cut(a.Header.Get("Location"), "://")
		a.Header.Set("Location", after[strings.Index(after, "/"):])
	}), Cases: "machines.create.answer.*", Caught: "machines.create.answer.json"},
	{Name: "Location is of something else", Break: On(201, func(a *Answer) { a.Header.Set("Location", a.Header.Get("Location")+"x") }), Cases: "machines.create.answer.*", Caught: "machines.create.answer.xml"},
	{Name: "Allow is left out", Break: Left("Allow"), Cases: "errors.method.*", Caught: "every.allow"},
	{Name: "the challenge is left out", Break: Left("Www-Authenticate"), Cases: "auth.none.*", Caught: "every.challenge"},
	{Name: "the version is left out", Break: Left("Cimi-Specification-Version"), Cases: "cep.type.json", Caught: "every.version"},

	// Status codes.
	{Name: "what is created is 200", Break: Code(201, 200), Cases: "machines.create.answer.json", Caught: "machines.create.answer.json"},
	{Name: "what is not there is 200", Break: Code(404, 200), Cases: "errors.unknown.*", Caught: "errors.unknown.json"},
	{Name: "what is not there is a failure", Break: Code(404, 500), Cases: "errors.unknown.*", Caught: "every.fault"},
	{Name: "who is unknown is forbidden", Break: Code(401, 403), Cases: "auth.none.*", Caught: "auth.none.xml"},
	{Name: "what is malformed is taken", Break: Code(400, 200), Cases: "errors.body.*", Caught: "errors.body.json"},
	{Name: "what cannot be done is 501", Break: Code(405, 501), Cases: "errors.method.*", Caught: "errors.method.xml"},
	{Name: "HEAD is not allowed", On: "^HEAD ", Break: func(a *Answer) { a.Status = 405; a.Header.Set("Allow", "GET") }, Cases: "cep.head.*", Caught: "cep.head.json"},
	{Name: "the Cloud Entry Point is redirected", On: entryPoint, Break: func(a *Answer) { a.Status = 302; a.Header.Set("Location", "/") }, Cases: "cep.*", Caught: "entry"},
	{Name: "a list is 204", On: configs, Break: func(a *Answer) { a.Status, a.Body = 204, "" }, Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.type.json"},

	// Bodies.
	{Name: "the Cloud Entry Point is half", On: entryPoint, Break: Half, Cases: "cep.*", Caught: "entry"},
	{Name: "the connection breaks", On: entryPoint, Break: Torn, Cases: "cep.*", Caught: "entry"},
	{Name: "a list is torn", On: configs, Break: Torn, Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.count.json"},
	{Name: "JSON is half", On: configs, Break: Typed("application/json", Half), Cases: "collections.machineConfigs.*.json", Caught: "every.media"},
	{Name: "XML is half", On: configs, Break: Typed("application/xml", Half), Cases: "collections.machineConfigs.*.xml", Caught: "every.media"},
	{Name: "JSON is something else", On: configs, Break: Typed("application/json", Whole(`[[[{"count":{}}, 1e999]]]`)), Cases: "collections.machineConfigs.*.json", Caught: "collections.machineConfigs.count.json"},
	{Name: "something follows the JSON", On: configs, Break: Typed("application/json", Swap("$", `{"more":1}`)), Cases: "collections.machineConfigs.*.json", Caught: "every.media"},
	{Name: "something follows the XML", On: configs, Break: Typed("application/xml", Swap("$", `<more/>`)), Cases: "collections.machineConfigs.*.xml", Caught: "every.media"},
	{Name: "XML has an entity", On: configs, Break: Typed("application/xml", Swap("<id>", `<id>&file;`)), Cases: "collections.machineConfigs.*.xml", Caught: "every.media"},
	{Name: "there is a control character", On: entryPoint, Break: Swap(`"name":"`, "\"name\":\"\x01"), Cases: "cep.*", Caught: "every.utf8"},
	{Name: "there are bytes that are no letters", On: configs, Break: Swap(`"name":"`, "\"name\":\"\xff\xfe"), Cases: "collections.machineConfigs.*", Caught: "every.utf8"},
	{Name: "nothing is answered", On: configs, Break: Whole(""), Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.type.xml"},

	// Namespaces and types.
	{Name: "the namespace is none of CIMI's", Break: Swap(`http://schemas.dmtf.org/cimi/(\d)`, "http://schemas.example.org/cimi/$1"), Cases: "cep.*", Caught: "entry"},
	{Name: "the namespace is of another version", On: configs, Break: swapped("http://schemas.dmtf.org/cimi/1", "http://schemas.dmtf.org/cimi/2"), Cases: "collections.machineConfigs.*", Caught: "every.namespace"},
	{Name: "the namespace of XML alone is another", On: configs, Break: Swap(`xmlns="[^"]*"`, `xmlns="http://example.org/"`), Cases: "collections.machineConfigs.*.xml", Caught: "every.namespace"},
	{Name: "the type is left out", On: configs, Break: Typed("application/json", Swap(`"resourceURI":"[^"]*",`, "")), Cases: "collections.machineConfigs.*.json", Caught: "every.namespace"},
	{Name: "the type is another", On: configs, Break: Swap("MachineConfigurationCollection", "MachineImageCollection"), Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.type.json"},

	// The Cloud Entry Point.
	{Name: "the entry has no id", On: entryPoint, Break: Typed("application/json", Swap(`"id":"[^"]*",`, "")), Cases: "cep.*", Caught: "cep.id.xml"},
	{Name: "the entry's id is another's", On: entryPoint, Break: Swap(`("id":")([^"]*)`, "$1${2}x"), Cases: "cep.*.json", Caught: "cep.type.json"},
	{Name: "baseURI has no slash", On: entryPoint, Break: Swap(`("baseURI":"[^"]*)/"`, `$1"`), Cases: "cep.*.json", Caught: "cep.base.json"},
	{Name: "the entry has no name", On: entryPoint, Break: Swap(`"name":"[^"]*",`, ""), Cases: "cep.*.json", Caught: "cep.name.json"},
	{Name: "the entry does not lead to images", On: entryPoint, Break: Swap(`"machineImages":\{[^}]*\},`, ""), Cases: "cep.*.json", Caught: "cep.machines.json"},
	{Name: "the entry leads nowhere", On: entryPoint, Break: Swap(`/machineConfigs"`, `/nowhere"`), Cases: "cep.*", Caught: "cep.links.xml"},
	{Name: "the entry needs credentials", On: entryPoint, Break: func(a *Answer) {
		if a.Request.Header.Get("Authorization") == "" {
			a.Status = 401
		}
	}, Cases: "cep.open.*", Caught: "cep.open.json"},

	// Collections.
	{Name: "the count is another", On: configs, Break: Swap(`("count":|<count>)\d+`, "${1}77"), Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.count.xml"},
	{Name: "the count is a string", On: configs, Break: Swap(`("count":)(\d+)`, `$1"$2"`), Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.count.json"},
	{Name: "items have no id", On: configs, Break: Swap(`"id":"[^"]*",("name")`, "$1"), Cases: "collections.machineConfigs.*", Caught: "collections.machineConfigs.items.json"},
	{Name: "the order changes", On: `^GET \S*/(machineConfigs|resourceMetadata)$`, Break: Typed("application/json", EverySecond(swapped("/machineConfigs/1", "/machineConfigs/2", `"name":"Machine"`, `"name":"Volume"`))), Cases: "collections.order.json", Caught: "collections.order.json"},
	{Name: "a machine is not listed", On: `^GET \S*/machines$`, Break: Swap(`("machines":)\[.*\](,"operations":\[\{"rel":"add")`, `$1[]$2`), Cases: "collections.machines.shared.json", Caught: "collections.machines.shared.json"},

	// Machines.
	{Name: "the state is none of CIMI's", On: machine, Break: Swap("STARTED", "RUNNING"), Cases: "machines.attributes.*", Caught: "machines.attributes.json"},
	{Name: "a number is a string", On: machine, Break: Swap(`("cpu":)(\d+)`, `$1"$2"`), Cases: "machines.attributes.json", Caught: "machines.attributes.json"},
	{Name: "memory is in MiB", On: machine, Break: Swap(`("memory":|<memory>)524288`, "${1}512"), Cases: "machines.attributes.*", Caught: "machines.attributes.xml"},
	{Name: "properties are left out", On: machine, Break: Swap(`"properties":\{[^}]*\},?|<property .*</property>|<properties>.*</properties>`, ""), Cases: "machines.attributes.*", Caught: "machines.attributes.xml"},
	{Name: "a link to disks is left out", On: machine, Break: Swap(`"disks":\{[^}]*\},?|<disks [^>]*>(</disks>)?`, ""), Cases: "machines.attributes.* machines.disks.*", Caught: "machines.attributes.xml"},
	{Name: "a time is none", On: machine, Break: Swap(`("created":"|<created>)[^"<]*`, "${1}yesterday"), Cases: "machines.created.*", Caught: "machines.created.json"},
	{Name: "operations are left out", On: machine, Break: Swap(`"operations":\[[^\]]*\],?|<operation [^>]*>(</operation>)?`, ""), Cases: "machines.life.json machines.attributes.*", Caught: "machines.life.json"},
	{Name: "another machine is answered", On: machine, Break: Swap(`("id":"[^"]*/machines/)[^"/]*"`, `${1}other"`), Cases: "machines.life.json", Caught: "machines.life.json"},

	// Refusals.
	{Name: "a refusal is no Job", Break: On(404, Typed("application/json", Whole(`{"error":"not found"}`))), Cases: "errors.unknown.json", Caught: "every.refusal"},
	{Name: "a refusal is a Job that went well", Break: Swap(`FAILED`, "SUCCESS"), Cases: "errors.unknown.*", Caught: "every.refusal"},
	{Name: "a refusal does not say why", Break: Swap(`"statusMessage":"[^"]*(\\"[^"]*)*",?`, ""), Cases: "errors.unknown.json", Caught: "every.refusal"},
	{Name: "a refusal is HTML", Break: On(404, func(a *Answer) { a.Header.Set("Content-Type", "text/html"); a.Body = "<h1>404</h1>" }), Cases: "errors.unknown.*", Caught: "every.media"},
	{Name: "a refusal tells what is behind", Break: On(404, Swap(`("statusMessage":")`, "$1 http://nova.internal:8774/v2.1/servers ")), Cases: "errors.unknown.json", Caught: "every.upstream"},

	// What requests ask for.
	{Name: "tenants are not kept apart", Ask: Same, Cases: "auth.tenants.*", Caught: "auth.tenants.json"},
	{Name: "credentials are not needed", Ask: Same, Cases: "auth.none.*", Caught: "auth.none.json"},
	{Name: "passwords are not checked", Ask: Same, Cases: "auth.password.*", Caught: "auth.password.xml"},
	{Name: "Accept is ignored", Ask: func(r *http.Request) { r.Header.Set("Accept", "application/json") }, Cases: "negotiation.* cep.type.xml", Caught: "cep.type.xml"},
	{Name: "$select is ignored", Ask: Unasked(`^(\$|%24)select=`), Cases: "queries.select*", Caught: "queries.select.json"},
	{Name: "$filter is ignored", Ask: Unasked(`^(\$|%24)filter=`), Cases: "queries.filter*", Caught: "queries.filter.malformed.xml"},
	{Name: "$first and $last are ignored", Ask: Unasked(`^(\$|%24)(first|last)=`), Cases: "queries.first-last.*", Caught: "queries.first-last.json"},
	{Name: "$format is ignored", Ask: Unasked(`^(\$|%24)format=`), Cases: "queries.format.*", Caught: "queries.format.json"},
	{Name: "a deletion is answered and not done", On: `^DELETE \S*/machines/`, Instead: Pretend(200, "application/json", ""), Cases: "machines.life.json", Caught: "machines.life.json"},
	{Name: "an action is answered and not done", On: `^POST \S*/machines/[^/]+/stop`, Instead: Pretend(202, "application/json", ""), Cases: "machines.stop-start.json", Caught: "machines.stop-start.json"},
	{Name: "an update is answered and not done", On: `^PUT \S*/machines/`, Instead: Pretend(200, "application/xml", ""), Cases: "machines.update.partial.xml", Caught: "machines.update.partial.xml"},
}

func TestMutations(t *testing.T) {
	t.Parallel()
	for _, version := range cimi.Versions {
		t.Run(fmt.Sprint("v", version), func(t *testing.T) {
			t.Parallel()
			Mutations(t, cimi.New(version), Users(suite.Endpoint{URL: Sandbox(t).CIMI}), mutations)
		})
	}
}

func TestBounded(t *testing.T) {
	Bounded(t, cimi.New(2), Users(suite.Endpoint{URL: Sandbox(t).CIMI}), `^(POST|PUT|DELETE|HEAD) |/(machines|credentials)/`)
}
