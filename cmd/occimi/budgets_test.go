package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/sandbox"
)

// budget is what an operation costs in calls to OpenStack, and how many of them
// wait for one another. Cold is with a token and versions of services that are
// known and nothing else; warm is when the tenant's lists are remembered.
type budget struct {
	operation string
	// has is what the tenant has.
	has     holdings
	cold    cost
	warm    cost
	request func(*proxied) *http.Request
}

// holdings are what a tenant has: machines that have nothing, so many of
// everything, or templates of machines and the jobs that made them.
type holdings struct{ machines, everything, templates int }

func (h holdings) String() string {
	switch {
	case h.everything > 0:
		return fmt.Sprintf("%d of everything", h.everything)
	case h.templates > 0:
		return fmt.Sprintf("%d templates", h.templates)
	case h.machines == 1:
		return "1 machine"
	}
	return fmt.Sprintf("%d machines", h.machines)
}

func machines(n int) holdings { return holdings{machines: n} }

var (
	one  = holdings{everything: 1}
	many = holdings{everything: 5}
)

// get is a request for something in a rendering; without one in the default.
func get(path string, header ...string) func(*proxied) *http.Request {
	return func(p *proxied) *http.Request { return p.request("GET", path, "", header...) }
}

const asJSON = "Accept: application/occi+json"

// tell is a request with a body in text/plain.
func tell(method, path string, lines ...string) func(*proxied) *http.Request {
	return func(p *proxied) *http.Request {
		return p.request(method, path, strings.Join(lines, "\n"), "Content-Type: text/plain")
	}
}

// tellJSON is a request with a body in JSON, of CIMI.
func tellJSON(method, path, body string) func(*proxied) *http.Request {
	return func(p *proxied) *http.Request { return p.request(method, path, body, "Content-Type: application/json") }
}

func remove(path string) func(*proxied) *http.Request { return tell("DELETE", path) }

// create is a request for something of an infrastructure kind.
func create(kind string, lines ...string) func(*proxied) *http.Request {
	return tell("POST", "/"+kind+"/", append([]string{"Category: " + kind + `; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`}, lines...)...)
}

func link(kind, source, target string) func(*proxied) *http.Request {
	return create(kind, `X-OCCI-Attribute: occi.core.source="`+source+`"`, `X-OCCI-Attribute: occi.core.target="`+target+`"`)
}

// act is an action on an entity.
func act(kind, path, action string, attributes ...string) func(*proxied) *http.Request {
	return tell("POST", path+"?action="+action, append([]string{"Category: " + action + `; scheme="http://schemas.ogf.org/occi/infrastructure/` + kind + `/action#"; class="action"`}, attributes...)...)
}

const (
	newTitle   = `X-OCCI-Attribute: occi.core.title="new"`
	newSummary = `X-OCCI-Attribute: occi.core.summary="new"`
	newSize    = "X-OCCI-Attribute: occi.storage.size=1"
	oneRule    = `X-OCCI-Attribute: occi.securitygroup.rules="[{\"type\":\"inbound\",\"protocol\":\"tcp\",\"port\":\"80\"}]"`
)

var budgets = []budget{
	{"OCCI `GET /-/`", machines(1), cost{4, 1}, cost{0, 0}, get("/-/")},
	{"OCCI `GET /compute/` as text or uri-list", machines(0), cost{1, 1}, cost{1, 1}, get("/compute/")},
	{"OCCI `GET /compute/` as text or uri-list", machines(1), cost{1, 1}, cost{1, 1}, get("/compute/")},
	{"OCCI `GET /compute/` as text or uri-list", machines(1000), cost{2, 2}, cost{2, 2}, get("/compute/")},
	{"OCCI `GET /compute/` as text or uri-list", machines(2500), cost{3, 3}, cost{3, 3}, get("/compute/")},
	{"OCCI `GET /compute/` as JSON", machines(1), cost{8, 1}, cost{3, 1}, get("/compute/", asJSON)},
	{"OCCI `GET /compute/` as JSON", machines(2500), cost{10, 3}, cost{5, 3}, get("/compute/", asJSON)},
	{"OCCI `GET /compute/` as JSON", one, cost{8, 1}, cost{4, 1}, get("/compute/", asJSON)},
	{"OCCI `GET /compute/` as JSON", many, cost{8, 1}, cost{4, 1}, get("/compute/", asJSON)},
	{"OCCI `GET /compute/{id}`", machines(1), cost{8, 1}, cost{2, 1}, get("{compute}")},
	{"OCCI `GET /compute/{id}`", many, cost{8, 1}, cost{3, 1}, get("{compute}")},
	{"OCCI `POST /compute/`", machines(1), cost{6, 3}, cost{2, 2}, create("compute", "Category: {cirros}", "Category: {tiny}")},
	{"OCCI `POST /compute/{id}?action=stop`", machines(1), cost{3, 2}, cost{2, 2}, act("compute", "{compute}", "stop")},
	{"OCCI `POST /compute/{id}` (change the title)", machines(1), cost{9, 2}, cost{3, 2}, tell("POST", "{compute}", newTitle)},
	{"OCCI `DELETE /compute/{id}`", machines(1), cost{2, 2}, cost{1, 1}, remove("{compute}")},
	{"OCCI `DELETE /compute/{id}`", many, cost{2, 2}, cost{2, 2}, remove("{compute}")},
	{"OCCI `GET /storage/` as text or uri-list", one, cost{1, 1}, cost{1, 1}, get("/storage/")},
	{"OCCI `GET /storage/` as text or uri-list", many, cost{1, 1}, cost{1, 1}, get("/storage/")},
	{"OCCI `GET /storage/` as JSON", one, cost{1, 1}, cost{1, 1}, get("/storage/", asJSON)},
	{"OCCI `GET /storage/` as JSON", many, cost{1, 1}, cost{1, 1}, get("/storage/", asJSON)},
	{"OCCI `GET /storage/{id}`", many, cost{1, 1}, cost{1, 1}, get("{storage}")},
	{"OCCI `POST /storage/`", many, cost{1, 1}, cost{1, 1}, create("storage", newSize)},
	{"OCCI `POST /storage/{id}?action=offline`", many, cost{3, 3}, cost{3, 3}, act("storage", "{storage}", "offline")},
	{"OCCI `POST /storage/{id}?action=snapshot`", many, cost{2, 2}, cost{2, 2}, act("storage", "{storage}", "snapshot")},
	{"OCCI `POST /storage/{id}?action=resize`", many, cost{2, 2}, cost{2, 2}, act("storage", "{storage}", "resize", "X-OCCI-Attribute: size=2")},
	{"OCCI `POST /storage/{id}` (change the title)", many, cost{3, 3}, cost{3, 3}, tell("POST", "{storage}", newTitle)},
	{"OCCI `DELETE /storage/{id}`", many, cost{1, 1}, cost{1, 1}, remove("{storage}")},
	{"OCCI `GET /storagelink/` as text or uri-list", one, cost{1, 1}, cost{1, 1}, get("/storagelink/")},
	{"OCCI `GET /storagelink/` as text or uri-list", many, cost{1, 1}, cost{1, 1}, get("/storagelink/")},
	{"OCCI `GET /storagelink/` as JSON", one, cost{1, 1}, cost{1, 1}, get("/storagelink/", asJSON)},
	{"OCCI `GET /storagelink/` as JSON", many, cost{1, 1}, cost{1, 1}, get("/storagelink/", asJSON)},
	{"OCCI `GET /storagelink/{id}`", many, cost{1, 1}, cost{1, 1}, get("{storagelink}")},
	{"OCCI `POST /storagelink/`", many, cost{2, 2}, cost{2, 2}, link("storagelink", "{compute}", "{storage}")},
	{"OCCI `DELETE /storagelink/{id}`", many, cost{1, 1}, cost{1, 1}, remove("{storagelink}")},
	{"OCCI `GET /network/` as text or uri-list", one, cost{1, 1}, cost{0, 0}, get("/network/")},
	{"OCCI `GET /network/` as text or uri-list", many, cost{1, 1}, cost{0, 0}, get("/network/")},
	{"OCCI `GET /network/` as JSON", one, cost{2, 1}, cost{0, 0}, get("/network/", asJSON)},
	{"OCCI `GET /network/` as JSON", many, cost{2, 1}, cost{0, 0}, get("/network/", asJSON)},
	{"OCCI `GET /network/{id}`", many, cost{2, 1}, cost{1, 1}, get("{network}")},
	{"OCCI `POST /network/`", many, cost{1, 1}, cost{1, 1}, create("network", newTitle)},
	{"OCCI `POST /network/` with addresses", many, cost{3, 3}, cost{3, 3}, create("network", withAddresses)},
	{"OCCI `POST /network/{id}?action=down`", many, cost{4, 3}, cost{3, 3}, act("network", "{network}", "down")},
	{"OCCI `POST /network/{id}` (change the title)", many, cost{4, 3}, cost{3, 3}, tell("POST", "{network}", newTitle)},
	{"OCCI `DELETE /network/{id}`", many, cost{1, 1}, cost{1, 1}, remove("{network}")},
	{"OCCI `GET /networkinterface/` as text or uri-list", one, cost{2, 1}, cost{2, 1}, get("/networkinterface/")},
	{"OCCI `GET /networkinterface/` as text or uri-list", many, cost{2, 1}, cost{2, 1}, get("/networkinterface/")},
	{"OCCI `GET /networkinterface/` as JSON", one, cost{3, 1}, cost{2, 1}, get("/networkinterface/", asJSON)},
	{"OCCI `GET /networkinterface/` as JSON", many, cost{3, 1}, cost{2, 1}, get("/networkinterface/", asJSON)},
	{"OCCI `GET /networkinterface/{id}`", many, cost{3, 2}, cost{2, 2}, get("{networkinterface}")},
	{"OCCI `GET /networkinterface/{id}` of a floating IP", many, cost{1, 1}, cost{1, 1}, get("{address}")},
	{"OCCI `POST /networkinterface/`", many, cost{5, 4}, cost{3, 3}, link("networkinterface", "{compute}", "{network}")},
	{"OCCI `POST /networkinterface/` to a reserved address", many, cost{4, 4}, cost{4, 4}, link("networkinterface", "{unaddressed}", "{ipreservation}")},
	{"OCCI `POST /networkinterface/` to an external network", many, cost{5, 4}, cost{4, 3}, link("networkinterface", "{unaddressed}", "/network/public")},
	{"OCCI `POST /networkinterface/{id}?action=down`", many, cost{5, 4}, cost{4, 4}, act("networkinterface", "{networkinterface}", "down")},
	{"OCCI `POST /networkinterface/{id}` (change the title)", many, cost{5, 4}, cost{4, 4}, tell("POST", "{networkinterface}", newTitle)},
	{"OCCI `DELETE /networkinterface/{id}`", many, cost{4, 3}, cost{4, 3}, remove("{networkinterface}")},
	{"OCCI `DELETE /networkinterface/{id}` of a floating IP", many, cost{3, 3}, cost{3, 3}, remove("{address}")},
	{"OCCI `GET /ipreservation/` as text or uri-list", one, cost{1, 1}, cost{1, 1}, get("/ipreservation/")},
	{"OCCI `GET /ipreservation/` as text or uri-list", many, cost{1, 1}, cost{1, 1}, get("/ipreservation/")},
	{"OCCI `GET /ipreservation/` as JSON", one, cost{2, 1}, cost{1, 1}, get("/ipreservation/", asJSON)},
	{"OCCI `GET /ipreservation/` as JSON", many, cost{2, 1}, cost{1, 1}, get("/ipreservation/", asJSON)},
	{"OCCI `GET /ipreservation/{id}`", many, cost{2, 1}, cost{1, 1}, get("{ipreservation}")},
	{"OCCI `POST /ipreservation/`", many, cost{2, 2}, cost{1, 1}, create("ipreservation", "Category: {pool}")},
	{"OCCI `POST /ipreservation/{id}` (change the summary)", many, cost{4, 3}, cost{3, 3}, tell("POST", "{ipreservation}", newSummary)},
	{"OCCI `DELETE /ipreservation/{id}`", many, cost{1, 1}, cost{1, 1}, remove("{ipreservation}")},
	{"OCCI `GET /securitygroup/` as text or uri-list", one, cost{1, 1}, cost{1, 1}, get("/securitygroup/")},
	{"OCCI `GET /securitygroup/` as text or uri-list", many, cost{1, 1}, cost{1, 1}, get("/securitygroup/")},
	{"OCCI `GET /securitygroup/` as JSON", one, cost{1, 1}, cost{1, 1}, get("/securitygroup/", asJSON)},
	{"OCCI `GET /securitygroup/` as JSON", many, cost{1, 1}, cost{1, 1}, get("/securitygroup/", asJSON)},
	{"OCCI `GET /securitygroup/{id}`", many, cost{1, 1}, cost{1, 1}, get("{securitygroup}")},
	{"OCCI `POST /securitygroup/` with a rule", many, cost{2, 2}, cost{2, 2}, create("securitygroup", oneRule)},
	{"OCCI `POST /securitygroup/{id}` (other rules)", many, cost{6, 6}, cost{6, 6}, tell("POST", "{securitygroup}", oneRule)},
	{"OCCI `DELETE /securitygroup/{id}`", many, cost{1, 1}, cost{1, 1}, remove("{securitygroup}")},
	{"OCCI `GET /securitygrouplink/` as text or uri-list", one, cost{1, 1}, cost{1, 1}, get("/securitygrouplink/")},
	{"OCCI `GET /securitygrouplink/` as text or uri-list", many, cost{1, 1}, cost{1, 1}, get("/securitygrouplink/")},
	{"OCCI `GET /securitygrouplink/` as JSON", one, cost{1, 1}, cost{1, 1}, get("/securitygrouplink/", asJSON)},
	{"OCCI `GET /securitygrouplink/` as JSON", many, cost{1, 1}, cost{1, 1}, get("/securitygrouplink/", asJSON)},
	{"OCCI `GET /securitygrouplink/{id}`", many, cost{1, 1}, cost{1, 1}, get("{securitygrouplink}")},
	{"OCCI `POST /securitygrouplink/`", many, cost{3, 3}, cost{3, 3}, link("securitygrouplink", "{compute}", "{securitygroup}")},
	{"OCCI `DELETE /securitygrouplink/{id}`", many, cost{2, 2}, cost{2, 2}, remove("{securitygrouplink}")},
	{"CIMI `GET cloudEntryPoint`", machines(1), cost{0, 0}, cost{0, 0}, get("/cimi/1/cloudEntryPoint")},
	{"CIMI `GET machines`", machines(0), cost{3, 1}, cost{1, 1}, get("/cimi/1/machines")},
	{"CIMI `GET machines`", machines(1), cost{3, 1}, cost{1, 1}, get("/cimi/1/machines")},
	{"CIMI `GET machines`", machines(1000), cost{4, 2}, cost{2, 2}, get("/cimi/1/machines")},
	{"CIMI `GET machines`", machines(2500), cost{5, 3}, cost{3, 3}, get("/cimi/1/machines")},
	{"CIMI `GET machines?$expand=*`", machines(1000), cost{7, 3}, cost{4, 3}, get("/cimi/1/machines?$expand=*")},
	{"CIMI `GET machines/{id}`", machines(1), cost{3, 1}, cost{1, 1}, get("/cimi/1/machines/{machine}")},
	{"CIMI 1.x `GET machines/{id}/volumes`", machines(1), cost{3, 1}, cost{1, 1}, get("/cimi/1/machines/{machine}/volumes")},
	{"CIMI 2.0 `GET machines/{id}/volumes`", many, cost{4, 1}, cost{2, 1}, get("/cimi/2/machines/{machine}/volumes")},
	{"CIMI 2.0 `GET machines?$expand=volumes`", many, cost{4, 2}, cost{2, 2}, get("/cimi/2/machines?$expand=volumes")},
	{"CIMI 1.x `GET machines/{id}/networkInterfaces`", many, cost{4, 1}, cost{2, 1}, get("/cimi/1/machines/{machine}/networkInterfaces")},
	{"CIMI 2.0 `GET machines/{id}/interfaces`", many, cost{4, 1}, cost{2, 1}, get("/cimi/2/machines/{machine}/interfaces")},
	{"CIMI `POST machines`", machines(1), cost{4, 3}, cost{2, 2}, tellJSON("POST", "/cimi/1/machines",
		`{"machineTemplate": {"machineConfig": {"href": "machineConfigs/1"}, "machineImage": {"href": "machineImages/{image}"}}}`)},
	{"CIMI `POST machines/{id}/stop`", machines(1), cost{3, 2}, cost{2, 2}, tellJSON("POST", "/cimi/1/machines/{machine}/stop", `{"action": "http://schemas.dmtf.org/cimi/1/action/stop"}`)},
	{"CIMI `GET machines?$select=name,state`", machines(1), cost{2, 1}, cost{1, 1}, get("/cimi/1/machines?$select=name,state")},
	{"CIMI `PUT machines/{id}?$select=name`", machines(1), cost{2, 1}, cost{1, 1}, tellJSON("PUT", "/cimi/1/machines/{machine}?$select=name", `{"name": "new"}`)},
	{"CIMI `PUT machines/{id}` (what is)", machines(1), cost{4, 2}, cost{2, 2}, tellJSON("PUT", "/cimi/1/machines/{machine}", `{"name": "new", "cpu": 1, "memory": 524288}`)},
	{"CIMI `PUT machines/{id}?$select=cpu,memory` (another size)", machines(1), cost{5, 4}, cost{4, 4}, tellJSON("PUT", "/cimi/1/machines/{machine}?$select=cpu,memory", `{"cpu": 2, "memory": 4194304}`)},
	{"CIMI `DELETE machines/{id}`", machines(1), cost{1, 1}, cost{1, 1}, remove("/cimi/1/machines/{machine}")},
	{"CIMI 1.x `GET networks`", machines(1), cost{3, 1}, cost{2, 1}, get("/cimi/1/networks")},
	{"CIMI 2.0 `GET networks?$expand=*`", machines(1), cost{2, 2}, cost{0, 0}, get("/cimi/2/networks?$expand=*")},
	{"CIMI 1.x `GET addresses`", machines(1000), cost{3, 1}, cost{1, 1}, get("/cimi/1/addresses")},
	{"CIMI 2.0 `GET segments?$expand=*`", machines(1000), cost{4, 2}, cost{1, 1}, get("/cimi/2/segments?$expand=*")},
	{"CIMI 2.0 `GET endpoints`", machines(1000), cost{3, 1}, cost{1, 1}, get("/cimi/2/endpoints")},
	{"CIMI 2.0 `GET interfaces?$expand=*`", machines(1000), cost{8, 3}, cost{4, 3}, get("/cimi/2/interfaces?$expand=*")},
	{"CIMI `GET machineConfigs`", machines(1), cost{1, 1}, cost{0, 0}, get("/cimi/1/machineConfigs")},
	{"CIMI `GET machineImages`", machines(1), cost{1, 1}, cost{0, 0}, get("/cimi/1/machineImages")},
	{"CIMI `GET credentials`", machines(1), cost{1, 1}, cost{1, 1}, get("/cimi/1/credentials")},
	{"CIMI `GET machines?$expand=*`", one, cost{6, 2}, cost{3, 2}, get("/cimi/2/machines?$expand=*")},
	{"CIMI `GET machines?$expand=*`", many, cost{6, 2}, cost{3, 2}, get("/cimi/2/machines?$expand=*")},
	{"CIMI `GET machines/{id}/snapshots`", many, cost{3, 2}, cost{1, 1}, get("/cimi/1/machines/{machine}/snapshots")},
	{"CIMI `POST machines` of a stored template", holdings{templates: 20}, cost{4, 3}, cost{2, 2}, tellJSON("POST", "/cimi/1/machines", `{"machineTemplate": {"href": "machineTemplates/{machineTemplate}"}}`)},
	{"CIMI `POST machines/{id}/volumes`", many, cost{1, 1}, cost{1, 1}, tellJSON("POST", "/cimi/1/machines/{machine}/volumes", `{"volume": {"href": "volumes/{free}"}}`)},
	{"CIMI `POST machines/{id}/volumes/insert`", many, cost{1, 1}, cost{1, 1}, tellJSON("POST", "/cimi/2/machines/{machine}/volumes/insert", `{"action": "insert", "volume": {"href": "volumes/{free}"}}`)},
	{"CIMI `DELETE machines/{id}/volumes/{id}`", many, cost{1, 1}, cost{1, 1}, remove("/cimi/1/machines/{machine}/volumes/{disk}")},
	{"CIMI `GET machineTemplates`", one, cost{0, 0}, cost{0, 0}, get("/cimi/1/machineTemplates")},
	{"CIMI `GET machineTemplates`", many, cost{0, 0}, cost{0, 0}, get("/cimi/1/machineTemplates")},
	{"CIMI `GET machineTemplates?$expand=*`", one, cost{2, 1}, cost{1, 1}, get("/cimi/1/machineTemplates?$expand=*")},
	{"CIMI `GET machineTemplates?$expand=*`", many, cost{2, 1}, cost{1, 1}, get("/cimi/1/machineTemplates?$expand=*")},
	{"CIMI `POST machineTemplates`", many, cost{0, 0}, cost{0, 0}, tellJSON("POST", "/cimi/1/machineTemplates", `{"machineImage": {"href": "machineImages/{image}"}}`)},
	{"CIMI `POST machineImages` of a machine", many, cost{1, 1}, cost{1, 1}, tellJSON("POST", "/cimi/1/machineImages", `{"imageLocation": "machines/{machine}"}`)},
	{"CIMI `GET machineImages?$expand=*`", one, cost{1, 1}, cost{0, 0}, get("/cimi/1/machineImages?$expand=*")},
	{"CIMI `GET machineImages?$expand=*`", many, cost{1, 1}, cost{0, 0}, get("/cimi/1/machineImages?$expand=*")},
	{"CIMI `GET credentials/{id}` of a password", many, cost{0, 0}, cost{0, 0}, get("/cimi/1/credentials/{credential}")},
	{"CIMI `POST credentials` with a password", many, cost{0, 0}, cost{0, 0}, tellJSON("POST", "/cimi/1/credentials", `{"credentialTemplate": {"href": "credentialTemplates/{credentialTemplate}"}}`)},
	{"CIMI `GET volumes`", one, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumes")},
	{"CIMI `GET volumes`", many, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumes")},
	{"CIMI `GET volumes?$expand=*`", one, cost{2, 2}, cost{2, 2}, get("/cimi/2/volumes?$expand=*")},
	{"CIMI `GET volumes?$expand=*`", many, cost{2, 2}, cost{2, 2}, get("/cimi/2/volumes?$expand=*")},
	{"CIMI `GET volumes/{id}`", many, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumes/{free}")},
	{"CIMI `GET volumes/{id}/images`", many, cost{2, 1}, cost{2, 1}, get("/cimi/2/volumes/{imaged}/images")},
	{"CIMI `POST volumes` by value", many, cost{1, 1}, cost{1, 1}, tellJSON("POST", "/cimi/1/volumes", `{"volumeTemplate": {"volumeConfig": {"capacity": 1000000}}}`)},
	{"CIMI `POST volumes` of a stored configuration", many, cost{1, 1}, cost{1, 1}, tellJSON("POST", "/cimi/1/volumes", `{"volumeTemplate": {"volumeConfig": {"href": "volumeConfigs/{volumeConfig}"}}}`)},
	{"CIMI `PUT volumes/{id}?$select=capacity`", many, cost{2, 2}, cost{2, 2}, tellJSON("PUT", "/cimi/1/volumes/{free}?$select=capacity", `{"capacity": 3000000}`)},
	{"CIMI `PUT volumes/{id}`", many, cost{5, 5}, cost{5, 5}, tellJSON("PUT", "/cimi/1/volumes/{free}", `{"name": "new", "properties": {"a": "b"}, "capacity": 3000000}`)},
	{"CIMI `DELETE volumes/{id}`", many, cost{1, 1}, cost{1, 1}, remove("/cimi/1/volumes/{free}")},
	{"CIMI `POST volumes/{id}/snapshot`", many, cost{2, 2}, cost{2, 2}, tellJSON("POST", "/cimi/2/volumes/{free}/snapshot", `{"action": "snapshot"}`)},
	{"CIMI `POST volumeImages`", many, cost{2, 2}, cost{2, 2}, tellJSON("POST", "/cimi/2/volumeImages", `{"imageLocation": "volumes/{free}"}`)},
	{"CIMI `POST volumes/{id}/restore`", many, cost{3, 2}, cost{3, 2}, tellJSON("POST", "/cimi/2/volumes/{imaged}/restore", `{"action": "restore", "image": {"href": "volumeImages/{volumeImage}"}}`)},
	{"CIMI `GET volumeImages`", one, cost{2, 1}, cost{2, 1}, get("/cimi/1/volumeImages")},
	{"CIMI `GET volumeImages`", many, cost{2, 1}, cost{2, 1}, get("/cimi/1/volumeImages")},
	{"CIMI `GET volumeImages/{id}`", many, cost{2, 2}, cost{2, 2}, get("/cimi/1/volumeImages/{volumeImage}")},
	{"CIMI `GET volumeTemplates?$expand=*`", one, cost{0, 0}, cost{0, 0}, get("/cimi/1/volumeTemplates?$expand=*")},
	{"CIMI `GET volumeTemplates?$expand=*`", many, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumeTemplates?$expand=*")},
	{"CIMI `GET volumeConfigs`", one, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumeConfigs")},
	{"CIMI `GET volumeConfigs`", many, cost{1, 1}, cost{1, 1}, get("/cimi/1/volumeConfigs")},
	{"CIMI `GET jobs`", holdings{templates: 20}, cost{0, 0}, cost{0, 0}, get("/cimi/1/jobs")},
	{"CIMI `GET jobs`, of which some run", one, cost{4, 1}, cost{3, 1}, get("/cimi/1/jobs")},
	{"CIMI `GET jobs`, of which some run", many, cost{4, 1}, cost{3, 1}, get("/cimi/1/jobs")},
	{"CIMI `GET jobs/{id}`", holdings{templates: 20}, cost{0, 0}, cost{0, 0}, get("/cimi/1/jobs/{machineTemplateJob}")},
	{"CIMI `GET jobs/{id}`, which runs", many, cost{1, 1}, cost{1, 1}, get("/cimi/1/jobs/{imagedJob}")},
}

// proxiedFor gives the program in front of a fresh cloud with these holdings, a
// login and the services' versions being all that it remembers.
func proxiedFor(t *testing.T, h holdings) *proxied {
	t.Helper()
	cloud := sandbox.New(sandbox.Options{})
	if err := cloud.AddServers("demo", h.machines); err != nil {
		t.Fatal(err)
	}
	kept := memory(t)
	other := inFront(t, cloud, kept, zerolog.Nop())
	other.fill(h.everything)
	if h.everything == 0 {
		other.find("compute", "/compute/")
		other.at["machine"] = keyOf(other.at["compute"])
	}
	for range h.templates {
		other.template("cirros", "template/os#", "cirros")
		other.at["image"] = imageOf(other.at["cirros"])
		other.keep("machineTemplate", "machineTemplates", simpleTemplate)
	}
	p := inFront(t, cloud, kept, zerolog.Nop())
	p.at = other.at
	p.send(p.request("GET", "/compute/", "", "Accept: text/uri-list"))
	p.send(p.request("GET", "/storage/", "", "Accept: text/uri-list"))
	return p
}

// warmUp has the tenant's lists remembered.
func (p *proxied) warmUp() {
	p.send(p.request("GET", "/-/", ""))
	p.send(p.request("GET", "/network/", "", asJSON))
	if p.at["compute"] != "" {
		p.send(p.request("GET", "{compute}", ""))
	}
}

func TestBudgets(t *testing.T) {
	for i := range budgets {
		b := &budgets[i]
		t.Run(fmt.Sprintf("%s, %s", strings.ReplaceAll(b.operation, "/", "|"), b.has), func(t *testing.T) {
			p := proxiedFor(t, b.has)
			cold, coldCalls := p.measure(t, b.request(p))
			p = proxiedFor(t, b.has)
			p.warmUp()
			warm, warmCalls := p.measure(t, b.request(p))
			if diff := cmp.Diff([]cost{b.cold, b.warm}, []cost{cold, warm}); diff != "" {
				t.Errorf("cold and warm (-want +got):\n%s\ncold:\n%s\nwarm:\n%s", diff, strings.Join(coldCalls, "\n"), strings.Join(warmCalls, "\n"))
			}
		})
	}
}

// The page in the docs is the table above.
func TestBudgetsPage(t *testing.T) {
	const page = "../../docs/call-budgets.md"
	var b strings.Builder
	b.WriteString(`# Call budgets

What each operation costs in calls to OpenStack, and how many of them wait for one another (depth): the time of an operation is
about its depth times the time of one call. No listing costs a call per thing that is in it. A test holds the program to just this table; it
measures in a clock of its own, in which calls that need not wait for one another never do.

*Cold* is with a token that Keystone has confirmed and nothing else remembered (confirming a token or logging in is one call, once;
the version documents of Nova and Cinder are read once an hour and process: a first call to each waits for that). *Warm* is when the tenant's lists of flavors, images, networks, subnets and
zones are remembered (` + "`--cache-lists`" + `); for five seconds, that the tenant has no floating IP; and which devices a machine's volumes are. States are never remembered.
OpenStack gives 1000 machines a page; the proxy follows all pages, and a page that is full has a next one.
"5 of everything" are 10 machines, 15 volumes, floating IPs and security groups, 5 networks of the tenant's own, and links between them; 5 images of machines and of
volumes, templates, configurations and credentials, and the jobs that made them. What is in the store costs no call.
A job that runs is judged by what it waits for: a listing of jobs lists each kind of that once, at the same time, and asks for single things at most 8 times.

One compute is four things in OpenStack, and no call tells two of them: the server (Nova), the devices of its volumes (Nova; the server tells the volumes, not the devices), its ports
(Neutron), and the floating IPs that point at them (Neutron; Nova shows their addresses, some time after, and never their ids). A device cannot change while
the volume is attached, so it is read once, and again if the server says that it has other volumes: a compute costs three calls at most, all at the same time, two if the
tenant has no floating IP, and one more when it is seen for the first time in ten minutes.

Neutron gives the ports of a machine no order; the server tells that of its interfaces. Where interfaces are shown without their computes, and one of these has several, the servers are
read after the ports.

A compute is deleted after its tenant's floating IPs are listed: once it is gone, Neutron no longer tells which were taken for it, and they would stay the
tenant's for ever. A tenant without floating IPs does not wait.

| operation | the tenant has | calls cold | depth cold | calls warm | depth warm |
|---|---|---:|---:|---:|---:|
`)
	for _, row := range budgets {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d |\n", row.operation, row.has,
			row.cold.Calls, row.cold.Depth, row.warm.Calls, row.warm.Depth)
	}
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/call-budgets.md is not the table of the test; run go test ./cmd/... -update (-want +got):\n%s", diff)
	}
}
