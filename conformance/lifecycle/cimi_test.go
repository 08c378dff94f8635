package lifecycle_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/occimi/occimi/conformance/suitetest"
)

// dialect is a version of CIMI in one of its formats.
type dialect struct {
	version int
	format  string // json or xml
}

func (d dialect) String() string    { return fmt.Sprintf("v%d-%s", d.version, d.format) }
func (d dialect) mediaType() string { return "application/" + d.format }
func (d dialect) namespace() string { return fmt.Sprintf("http://schemas.dmtf.org/cimi/%d", d.version) }

// node is a document of either format as a tree: a name, text, attributes (XML)
// or members, and children.
type node struct {
	name     string
	text     string
	attr     map[string]string
	children []node
}

// parse reads a document without knowing what it should hold.
func (d dialect) parse(t *testing.T, a answer) node {
	t.Helper()
	if got := strings.Split(a.header.Get("Content-Type"), ";")[0]; got != d.mediaType() {
		t.Fatalf("Content-Type %q, want %s\n%s", got, d.mediaType(), a.body)
	}
	var (
		n   node
		err error
	)
	if d.format == "json" {
		var value any
		if err = json.Unmarshal([]byte(a.body), &value); err == nil {
			n = fromJSON("", value)
		}
	} else {
		n, err = fromXML(xml.NewDecoder(strings.NewReader(a.body)), d.namespace())
	}
	if err != nil {
		t.Fatalf("%v in:\n%s", err, a.body)
	}
	return n
}

func fromJSON(name string, value any) node {
	n := node{name: name}
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			n.children = append(n.children, fromJSON(key, member))
		}
	case []any:
		for _, item := range v {
			n.children = append(n.children, fromJSON("item", item))
		}
	default:
		n.text = fmt.Sprint(v)
	}
	return n
}

func fromXML(d *xml.Decoder, namespace string) (node, error) {
	var stack []*node
	root := &node{}
	stack = append(stack, root)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.children[0], nil
		}
		if err != nil {
			return node{}, err
		}
		switch tok := token.(type) {
		case xml.StartElement:
			if tok.Name.Space != namespace {
				return node{}, fmt.Errorf("<%s> is in namespace %q, want %q", tok.Name.Local, tok.Name.Space, namespace)
			}
			n := &node{name: tok.Name.Local, attr: map[string]string{}}
			for _, a := range tok.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			stack = append(stack, n)
		case xml.EndElement:
			done := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			parent := stack[len(stack)-1]
			parent.children = append(parent.children, *done)
		case xml.CharData:
			stack[len(stack)-1].text += string(tok)
		}
	}
}

// get follows a path of names and gives the first node there.
func (n node) get(path ...string) node {
	if len(path) == 0 {
		return n
	}
	for _, c := range n.children {
		if c.name == path[0] {
			return c.get(path[1:]...)
		}
	}
	if value, ok := n.attr[path[0]]; ok && len(path) == 1 {
		return node{name: path[0], text: value}
	}
	return node{}
}

func (n node) has(path ...string) bool { return n.get(path...).name != "" }

// every gives all nodes of the name, at any depth.
func (n node) every(name string) []node {
	var found []node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
		found = append(found, c.every(name)...)
	}
	return found
}

// items are a collection's members: by key in JSON, by element name in XML.
func (n node) items(key, element string) []node {
	if list := n.get(key); list.name != "" && len(list.children) > 0 && list.children[0].name == "item" {
		return list.children
	}
	return n.every(element)
}

// operation gives the href of the operation whose rel ends in the word.
func (n node) operation(word string) string {
	find := func(candidates []node) string {
		for _, op := range candidates {
			rel := op.get("rel").text
			if rel[strings.LastIndex(rel, "/")+1:] == word && op.get("available").text != "false" {
				return op.get("href").text
			}
		}
		return ""
	}
	for _, c := range n.children { // only this node's own, not its items'
		switch c.name {
		case "operations":
			if href := find(c.children); href != "" {
				return href
			}
		case "operation":
			if href := find([]node{c}); href != "" {
				return href
			}
		}
	}
	return ""
}

// named gives the URI of the item of a collection that has the name.
func (c client) named(d dialect, collection, key, name string) string {
	c.t.Helper()
	for _, item := range d.parse(c.t, c.want(200, "GET", fmt.Sprintf("/%d/%s", d.version, collection), "")).items(key, "") {
		if item.get("name").text == name {
			return item.get("id").text
		}
	}
	c.t.Fatalf("none of the %s is called %s", collection, name)
	return ""
}

// TestCIMI is the DMTF tutorial's scenario, step by step, in both versions and
// both formats, found by following links from the Cloud Entry Point.
func TestCIMI(t *testing.T) {
	onEveryCloud(t, func(t *testing.T, e suitetest.Endpoints) {
		for _, d := range []dialect{{1, "json"}, {1, "xml"}, {2, "json"}, {2, "xml"}} {
			t.Run(d.String(), func(t *testing.T) { tutorial(t, e, d) })
		}
	})
}

func tutorial(t *testing.T, e suitetest.Endpoints, d dialect) {
	demo := client{t: t, base: strings.TrimSuffix(e.CIMI, "/"), user: "demo"}
	alt := client{t: t, base: demo.base, user: "alt"}
	accept := "Accept: " + d.mediaType()
	content := "Content-Type: " + d.mediaType()
	read := func(href string) node {
		t.Helper()
		return d.parse(t, demo.want(200, "GET", href, "", accept))
	}

	// 1. the Cloud Entry Point, which needs no credentials
	cep := fmt.Sprintf("%s/%d/cloudEntryPoint", demo.base, d.version)
	client{t: t, base: demo.base}.want(200, "GET", cep, "", accept)
	entry := read(cep)
	if !strings.HasSuffix(entry.get("baseURI").text, "/") {
		t.Errorf("baseURI %q does not end in a slash", entry.get("baseURI").text)
	}
	refused := client{t: t, base: demo.base}.want(401, "GET", entry.get("machines", "href").text, "", accept)
	if job := d.parse(t, refused); job.get("state").text != "FAILED" || job.get("statusMessage").text == "" {
		t.Errorf("401 is no Job that says why: %s", refused.body)
	}

	// 2. images, 3. configurations
	href := func(collection, key, element, name string) string {
		t.Helper()
		for _, item := range read(entry.get(collection, "href").text).items(key, element) {
			if item.get("name").text == name {
				return item.get("id").text
			}
		}
		t.Fatalf("no %s called %s", element, name)
		return ""
	}
	image := href("machineImages", "machineImages", "MachineImage", "cirros")
	config := href("machineConfigs", "machineConfigurations", "MachineConfiguration", "m1.tiny")
	if cpu := read(config).get("cpu").text; cpu != "1" {
		t.Errorf("the configuration has cpu %q, want 1", cpu)
	}

	// 4. what credentials need
	rmd := demo.want(200, "GET", entry.get("resourceMetadata", "href").text, "", accept)
	if d.parse(t, rmd); !strings.Contains(rmd.body, d.namespace()+"/Credential") {
		t.Errorf("no metadata of credentials in:\n%s", rmd.body)
	}

	// 5. create a credential
	name := "lifecycle-" + d.String()
	credentials := read(entry.get("credentials", "href").text)
	credentialBody := d.create("Credential", name, "credentialTemplate", map[string]any{"key": hexKey})
	demo.do("DELETE", entry.get("credentials", "href").text+"/"+name, "", accept)
	created := demo.want(201, "POST", credentials.operation("add"), credentialBody, accept, content)
	credential := created.header.Get("Location")
	t.Cleanup(func() { demo.do("DELETE", credential, "", accept) })

	// 6. create a machine by value
	machines := read(entry.get("machines", "href").text)
	created = demo.want(201, "POST", machines.operation("add"), d.create("Machine", name, "machineTemplate", map[string]any{
		"machineConfig": ref(config), "machineImage": ref(image), "credential": ref(credential),
	}), accept, content)
	machine := created.header.Get("Location")
	t.Cleanup(func() { demo.do("DELETE", machine, "", accept) })
	if body := d.parse(t, created); body.get("id").text != machine {
		t.Errorf("the answer's id is %q, Location %q", body.get("id").text, machine)
	}
	reaches := func(state string) node {
		t.Helper()
		var n node
		eventually(t, "state "+state, func() bool { n = read(machine); return n.get("state").text == state })
		return n
	}
	act := func(from node, op string) {
		t.Helper()
		target := from.operation(op)
		if target == "" {
			t.Fatalf("no operation %s in state %s", op, from.get("state").text)
		}
		demo.want(202, "POST", target, d.action(op), accept, content)
	}

	// 7. get, 8. start and stop
	n := reaches("STARTED")
	if n.get("name").text != name || n.get("cpu").text != "1" || n.get("memory").text != "524288" {
		t.Errorf("machine is %+v", n)
	}
	if n.operation("start") != "" {
		t.Error("a started machine offers start")
	}
	act(n, "stop")
	n = reaches("STOPPED")
	if n.operation("delete") == "" {
		t.Error("a stopped machine does not offer delete")
	}
	act(n, "start")
	act(reaches("STARTED"), "stop")
	n = reaches("STOPPED")

	// 9. change its description only
	demo.want(200, "PUT", n.operation("edit")+"?$select=description", d.partial("Machine", "description", "changed"), accept, content)
	if n = read(machine); n.get("description").text != "changed" || n.get("name").text != name {
		t.Errorf("after the partial update: name %q, description %q", n.get("name").text, n.get("description").text)
	}

	// sub-collections and queries
	for _, sub := range []string{"disks", "volumes"} {
		if collection := read(n.get(sub, "href").text); !collection.has("count") {
			t.Errorf("%s has no count", sub)
		}
	}
	filtered := read(entry.get("machines", "href").text + "?$filter=name='" + name + "'")
	if filtered.get("count").text != "1" {
		t.Errorf("$filter by name counts %q", filtered.get("count").text)
	}
	selected := read(machine + "?$select=name,state")
	if selected.has("cpu") || selected.get("name").text != name {
		t.Errorf("$select gave %+v", selected)
	}

	// another tenant knows nothing of it
	alt.want(404, "GET", machine, "", accept)
	alt.want(404, "DELETE", machine, "", accept)

	// OCCI sees the same machine
	id := machine[strings.LastIndex(machine, "/")+1:]
	occi := client{t: t, base: strings.TrimSuffix(e.OCCI, "/"), user: "demo"}
	if got := occiAttribute(occi.want(200, "GET", "/compute/"+id, "").body, "occi.compute.state"); got != "inactive" {
		t.Errorf("OCCI shows state %q", got)
	}

	demo.want(200, "DELETE", n.operation("delete"), "", accept)
	occi.want(404, "GET", "/compute/"+id, "")
	var lost answer
	eventually(t, "the machine's end", func() bool {
		lost = demo.do("GET", machine, "", accept)
		if state := d.parse(t, lost).get("state").text; lost.status == 200 && state != "DELETING" {
			t.Errorf("the machine is %s while it is being deleted", state)
		}
		return lost.status == 404
	})
	if job := d.parse(t, lost); job.get("state").text != "FAILED" {
		t.Errorf("404 is no failed Job: %s", lost.body)
	}

	// bad input is refused, and makes nothing
	for what, body := range map[string]string{
		"malformed":         "<{",
		"unknown attribute": d.create("Machine", "x", "machineTemplate", map[string]any{"wheels": "4"}),
		"unknown image": d.create("Machine", "x", "machineTemplate", map[string]any{
			"machineConfig": ref(config), "machineImage": ref(image + "0")}),
	} {
		if a := demo.do("POST", machines.operation("add"), body, accept, content); a.status != 400 {
			t.Errorf("%s: got %d, want 400: %s", what, a.status, a.body)
		}
	}
	demo.want(415, "POST", machines.operation("add"), "x", accept, "Content-Type: image/png")
	demo.want(406, "GET", machine, "", "Accept: image/png")
}
