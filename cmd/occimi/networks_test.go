package main

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/sandbox"
)

// consumer is a client of CIMI.
type consumer struct {
	t *testing.T
	p *proxied
}

// ask sends a request that must be answered with a status, and gives what it is
// answered. The URI may be absolute.
func (c *consumer) ask(status int, line, body string) map[string]any {
	c.t.Helper()
	method, uri, _ := strings.Cut(line, " ")
	w := httptest.NewRecorder()
	c.p.handler.ServeHTTP(w, c.p.request(method, strings.TrimPrefix(uri, "http://example.com"), body, "Content-Type: application/json"))
	var got map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			c.t.Fatal(err)
		}
	}
	if w.Code != status {
		c.t.Fatalf("%s %s: %d, want %d: %s", line, body, w.Code, status, w.Body)
	}
	return got
}

// make makes something, and gives its URI.
func (c *consumer) make(line, body string) string {
	c.t.Helper()
	return c.ask(201, line, body)["id"].(string)
}

// list gives the items of a collection.
func (c *consumer) list(uri string) (items []map[string]any) {
	c.t.Helper()
	for name, member := range c.ask(200, "GET "+uri, "") {
		if list, ok := member.([]any); ok && name != "operations" {
			for _, item := range list {
				items = append(items, item.(map[string]any))
			}
		}
	}
	return items
}

// values gives one attribute of items, sorted.
func values(items []map[string]any, name string) []string {
	var list []string
	for _, item := range items {
		text, _ := item[name].(string)
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

func (c *consumer) is(what string, got []string, want ...string) {
	c.t.Helper()
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func href(member any) string { return member.(map[string]any)["href"].(string) }

// machineOn makes a machine of the first configuration and image.
func (c *consumer) machineOn(version, interfaces string) string {
	c.t.Helper()
	base := "/cimi/" + version + "/"
	config, image := c.list(base + "machineConfigs")[0]["id"].(string), c.list(base + "machineImages")[0]["id"].(string)
	return c.make("POST "+base+"machines", `{"name":"m","machineTemplate":{"machineConfig":{"href":"`+config+`"},"machineImage":{"href":"`+image+`"},`+interfaces+`}}`)
}

// TestNetworksOf1 wires a machine of CIMI 1.x to the world: a network, a group
// that leads out, a port, and an address of the outside.
func TestNetworksOf1(t *testing.T) {
	c := &consumer{t, inFront(t, sandbox.New(sandbox.Options{}), nil, zerolog.Nop())}
	var public string
	for _, n := range c.list("/cimi/1/networks") {
		if n["networkType"] == "PUBLIC" {
			public = n["id"].(string)
		}
	}
	group := c.make("POST /cimi/1/forwardingGroups", `{"name":"out","forwardingGroupTemplate":{"networks":[{"href":"`+public+`"}]}}`)
	network := c.make("POST /cimi/1/networks", `{"name":"inside","networkTemplate":{"forwardingGroup":{"href":"`+group+`"}}}`)
	if in := href(c.ask(200, "GET "+network, "")["forwardingGroup"]); in != group {
		t.Errorf("the network is in %s", in)
	}
	port := c.make("POST /cimi/1/networkPorts", `{"name":"first","networkPortTemplate":{"network":{"href":"`+network+`"}}}`)
	machine := c.machineOn("1", `"networkInterfaces":[{"network":{"href":"`+network+`"},"networkPort":{"href":"`+port+`"}}]`)
	interfaces := c.list(machine + "/networkInterfaces")
	c.is("interfaces", values(interfaces, "name"), "first")
	nic := interfaces[0]["id"].(string)

	address := c.make("POST /cimi/1/addresses", `{"addressTemplate":{"network":{"href":"`+public+`"}}}`)
	pointed := c.make("POST "+nic+"/addresses", `{"address":{"href":"`+address+`"}}`)
	if at := href(c.ask(200, "GET "+address, "")["resource"]); at != machine {
		t.Errorf("the address leads to %s", at)
	}
	c.ask(409, "DELETE "+group, "") // the address needs it
	c.ask(409, "DELETE "+network, "")
	c.ask(409, "DELETE "+port, "")
	c.ask(200, "DELETE "+pointed, "")
	more := c.make("POST "+machine+"/networkInterfaces", `{"network":{"href":"`+network+`"}}`)
	c.is("two interfaces", values(c.list(machine+"/networkInterfaces"), "state"), "ACTIVE", "ACTIVE")
	c.ask(200, "PUT "+nic+"?$select=state", `{"state":"DISABLED"}`)
	c.is("one of them disabled", values(c.list(machine+"/networkInterfaces"), "state"), "ACTIVE", "DISABLED")
	c.ask(200, "DELETE "+more, "")
	c.ask(200, "DELETE "+machine, "")
	for _, uri := range []string{port, address, group, network} {
		c.ask(200, "DELETE "+uri, "")
		c.ask(404, "GET "+uri, "")
	}
}

// TestNetworksOf2 wires a machine of CIMI 2.0: by endpoints on segments, and by
// interfaces that come and go.
func TestNetworksOf2(t *testing.T) {
	c := &consumer{t, inFront(t, sandbox.New(sandbox.Options{}), nil, zerolog.Nop())}
	network := c.make("POST /cimi/2/networks", `{"name":"inside","networkTemplate":{"segmentTemplates":[
		{"protocol":"Ethernet","parameters":{"mtu":1400}},
		{"protocol":"IPv4","parameters":{"subnetAddress":"10.44.0.0","netmask":"255.255.255.0"}}]}}`)
	segments := c.list(network + "/segments")
	c.is("segments", values(segments, "protocol"), "Ethernet", "IPv4")
	segment := segments[slices.IndexFunc(segments, func(s map[string]any) bool { return s["protocol"] == "IPv4" })]["id"].(string)
	endpoint := c.ask(201, "POST "+segment+"/endpoints", `{"protocolEndpointTemplate":{"origin":"STATIC","address":"10.44.0.77"}}`)
	first := href(endpoint["interface"])
	machine := c.machineOn("2", `"interfaceTemplates":[{"endpoints":[{"href":"`+endpoint["id"].(string)+`"}]}]`)
	c.is("interfaces", values(c.list(machine+"/interfaces"), "id"), first)
	entry := strings.Replace(machine[:strings.Index(machine, "/machines/")], "/cimi/2", "/cimi/2/cloudEntryPoint", 1)
	parent := func(uri, want string) {
		t.Helper()
		if got := href(c.ask(200, "GET "+uri, "")["parent"]); got != want {
			t.Errorf("the parent of %s is %s, want %s", uri, got, want)
		}
	}
	parent(first, entry) // it was there before, and stays
	own := c.make("POST "+machine+"/interfaces", `{"networkInterfaceTemplate":{"network":{"href":"`+network+`"}}}`)
	parent(own, machine+"/interfaces")
	act := func(what, uri string) {
		t.Helper()
		c.ask(202, "POST "+machine+"/interfaces/"+what, `{"action":"http://schemas.dmtf.org/cimi/2/action/`+what+`","networkInterface":{"href":"`+uri+`"}}`)
	}
	act("remove", own)
	c.ask(404, "GET "+own, "")
	c.make("POST "+segment+"/endpoints", `{"protocolEndpointTemplate":{"interface":{"href":"`+first+`"}}}`)
	c.is("endpoints", values(c.list(first+"/endpoints"), "protocol"), "Ethernet", "IPv4", "IPv4")

	second := c.make("POST /cimi/2/interfaces", `{"networkInterfaceTemplate":{"network":{"href":"`+network+`"}}}`)
	act("insert", second)
	parent(second, entry)
	if n := len(c.list(machine + "/interfaces")); n != 2 {
		t.Errorf("%d interfaces after an insert", n)
	}
	act("remove", second)
	c.is("interfaces after a remove", values(c.list(machine+"/interfaces"), "id"), first)
	c.ask(200, "GET "+second, "") // it is still there
	c.ask(409, "DELETE "+segment, "")
	c.ask(200, "DELETE "+machine, "")
	for _, uri := range []string{first, second, segment, network} {
		c.ask(200, "DELETE "+uri, "")
		c.ask(404, "GET "+uri, "")
	}
}
