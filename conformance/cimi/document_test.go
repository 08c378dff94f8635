package cimi

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// values gives the texts at some paths, of those that are there.
func values(n node, paths ...string) map[string]string {
	got := map[string]string{}
	for _, path := range paths {
		if v, ok := n.at(path); ok {
			got[path] = v.kind + " " + v.text
		}
	}
	return got
}

// TestRead: a machine is the same, whichever the format and version that it is read in.
func TestRead(t *testing.T) {
	tests := map[string]struct {
		read func(string) (document, error)
		text string
	}{
		"JSON": {readJSON, `{"resourceURI":"http://schemas.dmtf.org/cimi/1/Machine","id":"i","name":"a & b","properties":{"k":"v"},"cpu":2,"disks":{"href":"d"},
			"operations":[{"rel":"edit","href":"e"},{"rel":"http://schemas.dmtf.org/cimi/1/action/stop","href":"s"},{"rel":"http://schemas.dmtf.org/cimi/1/action/start","href":"t","available":false}]}`},
		"XML of version 1": {readXML, `<?xml version="1.0"?><!-- comment --><Machine xmlns="http://schemas.dmtf.org/cimi/1" xmlns:x="urn:x"><id>i</id><name>a &amp; b</name><property key="k">v</property><cpu>2</cpu>
			<disks href="d"/><operation rel="edit" href="e"/><operation rel="http://schemas.dmtf.org/cimi/1/action/stop" href="s"/><operation rel="start" href="t" available="false"/><x:more><x:more/></x:more></Machine>`},
		"XML of version 2": {readXML, `<m:Machine xmlns:m="http://schemas.dmtf.org/cimi/1"><m:id>i</m:id><m:name>a &amp; b</m:name><m:properties><m:property key="k">v</m:property></m:properties><m:cpu>2</m:cpu>
			<m:disks href="d"/><m:operations><m:operation rel="edit" href="e"/><m:operation rel="http://schemas.dmtf.org/cimi/1/action/stop" href="s"/><m:operation rel="start" href="t" available="false"/></m:operations></m:Machine>`},
	}
	paths := []string{"id", "name", "properties.k", "cpu", "disks.href", "operations.0.rel", "operations.3.rel", "more"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := test.read(test.text)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"id": "string i", "name": "string a & b", "properties.k": "string v", "cpu": "string 2", "disks.href": "string d", "operations.0.rel": "string edit"}
			if name == "JSON" {
				want["cpu"] = "number 2"
			}
			if diff := cmp.Diff(want, values(d.node, paths...)); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if d.typeURI != "http://schemas.dmtf.org/cimi/1/Machine" {
				t.Errorf("the type is %q", d.typeURI)
			}
			if d.operation("stop") != "s" || d.operation("edit") != "e" || d.operation("start") != "" || d.operation("delete") != "" {
				t.Errorf("operations are %v", d.members["operations"])
			}
		})
	}
}

// TestReadCollection: a collection's items, whatever they are called.
func TestReadCollection(t *testing.T) {
	const uri = "http://schemas.dmtf.org/cimi/2/MachineCollection"
	tests := map[string]struct {
		read func(string) (document, error)
		text string
		want int
	}{
		"JSON":             {readJSON, `{"resourceURI":"` + uri + `","id":"c","count":2,"machines":[{"id":"a"},{"id":"b"}],"operations":[{"rel":"add","href":"c"}]}`, 2},
		"none in JSON":     {readJSON, `{"resourceURI":"` + uri + `","id":"c","count":0,"operations":[{"rel":"add","href":"c"}]}`, 0},
		"XML of version 1": {readXML, `<Collection xmlns="urn:c" resourceURI="` + uri + `"><id>c</id><count>2</count><Machine><id>a</id></Machine><Machine><id>b</id></Machine><operation rel="add" href="c"/></Collection>`, 2},
		"XML of version 2": {readXML, `<Collection xmlns="urn:c" resourceURI="` + uri + `"><id>c</id><count>2</count><machines><Machine><id>a</id></Machine><Machine><id>b</id></Machine></machines><operations><operation rel="add" href="c"/></operations></Collection>`, 2},
		"none in XML":      {readXML, `<Collection xmlns="urn:c" resourceURI="` + uri + `"><id>c</id><count>0</count><operations><operation rel="add" href="c"/></operations></Collection>`, 0},
	}
	for name, test := range tests {
		d, err := test.read(test.text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := len(d.entries()); n != test.want || d.typeURI != uri || d.operation("add") != "c" || n > 0 && d.entries()[1].members["id"].text != "b" {
			t.Errorf("%s: %d items, type %s, %v", name, n, d.typeURI, d.members)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	tests := map[string]struct {
		read func(string) (document, error)
		text string
	}{
		"empty JSON":      {readJSON, ""},
		"cut JSON":        {readJSON, `{"id":"a`},
		"two of JSON":     {readJSON, `{} {}`},
		"a JSON array":    {readJSON, `[]`},
		"deep JSON":       {readJSON, strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500)},
		"empty XML":       {readXML, ""},
		"cut XML":         {readXML, `<Machine><id>a</id>`},
		"two roots":       {readXML, `<Machine/><Machine/>`},
		"XML left open":   {readXML, `<Machine><id></Machine>`},
		"deep XML":        {readXML, strings.Repeat("<a>", 500) + strings.Repeat("</a>", 500)},
		"two of one name": {readXML, `<Machine><name>a</name><name>b</name></Machine>`},
		"an entity":       {readXML, `<!DOCTYPE a [<!ENTITY b "c">]><Machine><name>&b;</name></Machine>`},
	}
	for name, test := range tests {
		if d, err := test.read(test.text); err == nil {
			t.Errorf("%s is read as %v", name, d)
		}
	}
}

// TestDocument: what is sent, in every dialect.
func TestDocument(t *testing.T) {
	members := []member{
		text("name", `${run} "a" & b`), number("cpu", 2), force(true), props([2]string{"a b", "<c>"}), erased("description"),
		object("machineTemplate", ref("machineImage", "${image}"), listed("volumes", "volume", []member{{"href", "v"}}, []member{text("initialLocation", "/dev/vdb")})),
	}
	want := map[dialect]string{
		{1, "json"}: `{"resourceURI":"http://schemas.dmtf.org/cimi/1/MachineCreate","name":"${run} \"a\" \u0026 b","cpu":2,"force":true,"properties":{"a b":"\u003cc\u003e"},"description":null,` +
			`"machineTemplate":{"machineImage":{"href":"${image}"},"volumes":[{"href":"v"},{"initialLocation":"/dev/vdb"}]}}`,
		{1, "xml"}: `<MachineCreate xmlns="http://schemas.dmtf.org/cimi/1"><name>${run} &#34;a&#34; &amp; b</name><cpu>2</cpu><force>true</force><property key="a b">&lt;c&gt;</property><description/>` +
			`<machineTemplate><machineImage href="${image}"></machineImage><volume href="v"></volume><volume><initialLocation>/dev/vdb</initialLocation></volume></machineTemplate></MachineCreate>`,
		{2, "xml"}: `<MachineCreate xmlns="http://schemas.dmtf.org/cimi/2"><name>${run} &#34;a&#34; &amp; b</name><cpu>2</cpu><force>true</force><properties><property key="a b">&lt;c&gt;</property></properties><description/>` +
			`<machineTemplate><machineImage href="${image}"></machineImage><volumes><volume href="v"></volume><volume><initialLocation>/dev/vdb</initialLocation></volume></volumes></machineTemplate></MachineCreate>`,
	}
	for d, want := range want {
		got := d.document("MachineCreate", members...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", d, diff)
		}
		back, err := map[string]func(string) (document, error){"json": readJSON, "xml": readXML}[d.format](got)
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := back.at("machineTemplate.volumes.0.href"); v.text != "v" || back.typeURI != d.typeURI("MachineCreate") {
			t.Errorf("%v is read back as %v", d, back)
		}
	}
}

// FuzzRead: no document is too odd to be read or refused.
func FuzzRead(f *testing.F) {
	f.Add(`{"resourceURI":"u","machines":[{"id":"a"}],"operations":[{"rel":"add","href":"b"}],"properties":{"":""},"a":[[1,null,true]]}`)
	f.Add(`<Collection xmlns="u" resourceURI="v"><id/><count>1</count><machines><Machine key="a"><property key="">b</property></Machine></machines><operations/></Collection>`)
	f.Add(`<a><B/><b><C/></b></a>`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, read := range []func(string) (document, error){readJSON, readXML} {
			d, err := read(body)
			if err != nil {
				continue
			}
			_ = d.entries()
			_ = d.operation("add")
			if _, ok := d.at("operations.0.rel"); ok != (len(d.members["operations"].items) > 0 && d.members["operations"].items[0].members["rel"].kind != "") {
				t.Errorf("operations.0.rel is there: %v, in %q", ok, body)
			}
		}
	})
}
