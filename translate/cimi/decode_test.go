package cimi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// create posts a body to the machines, and gives what was asked of the cloud.
func create(t testing.TB, v cimi.Version, f cimi.Format, body string) (model.MachineCreate, error) {
	t.Helper()
	target, err := cimi.Find(v, "machines")
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{}
	_, err = session(v, c).Create(t.Context(), target, cimi.Body{Bytes: []byte(body), Format: f})
	if err != nil {
		if len(c.created) > 0 {
			t.Errorf("an error, and yet a machine: %v", err)
		}
		return model.MachineCreate{}, err
	}
	return c.created[0], nil
}

// TestBodies reads the same machine from all forms of a body.
func TestBodies(t *testing.T) {
	want := model.MachineCreate{
		Name: "n", Description: "two\nlines", FlavorID: "tiny", ImageID: "i 1", KeyName: "joe",
		UserData: []byte("#!/bin/sh"), Metadata: map[string]string{"cimi_p_a": "1", "cimi_p_b c": " 2 "},
	}
	tests := []struct {
		name    string
		version cimi.Version
		format  cimi.Format
		body    string
	}{
		{"JSON", cimi.V1, cimi.JSON, `{"resourceURI":"http://schemas.dmtf.org/cimi/1/MachineCreate","name":"n","description":"two\nlines",
			"properties":{"a":"1","b c":" 2 "},"machineTemplate":{"resourceURI":"http://schemas.dmtf.org/cimi/1/MachineTemplate","initialState":"STARTED",
			"machineConfig":{"href":"http://h/cimi/1/machineConfigs/tiny"},"machineImage":{"href":"http://h/cimi/2/machineImages/i%201"},
			"credential":{"href":"credentials/joe"},"userData":"IyEvYmlu\n L3No"}}`},
		{"XML of version 1", cimi.V1, cimi.XML, `<?xml version="1.0"?><!-- hello --><MachineCreate xmlns="http://schemas.dmtf.org/cimi/1"
			xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" xml:lang="en">
			<name> n </name><description>two&#10;lines</description><property key="a">1</property><property key="b c"> 2 </property>
			<machineTemplate><initialState> STARTED </initialState><machineConfig href=" machineConfigs/tiny "/><machineImage href="/cimi/1/machineImages/i%201"/>
			<credential href="https://H/cimi/1/credentials/joe"/><userData><![CDATA[IyEvYmluL3No]]></userData></machineTemplate></MachineCreate>`},
		{"XML of version 2", cimi.V2, cimi.XML, `<MachineCreate xmlns="http://schemas.dmtf.org/cimi/2" resourceURI="http://schemas.dmtf.org/cimi/2/MachineCreate"><name>n</name>
			<description>two&#10;lines</description><properties><property key="a">1</property><property key="b c"> 2 </property></properties>
			<machineTemplate><machineConfig cpu="1"><memory>524288</memory><disks><disk capacity="1073741"/><disk capacity="536870"/></disks></machineConfig>
			<machineImage><href>machineImages/i%201</href></machineImage><credential href="credentials/joe"/><userData>IyEvYmluL3No</userData></machineTemplate></MachineCreate>`},
		{"by value in XML of version 1", cimi.V1, cimi.XML, `<machineCreate><name>n</name><description>two&#10;lines</description><property key="a">1</property>
			<property key="b c"> 2 </property><machineTemplate><machineConfig><cpu>1</cpu><memory>524288</memory><disk><capacity>1073741</capacity><format>unknown</format></disk>
			<disk><capacity>536870</capacity><format>unknown</format></disk></machineConfig><machineImage href="machineImages/i%201"/>
			<credential href="credentials/joe"/><userData>IyEvYmluL3No</userData></machineTemplate></machineCreate>`},
		{"by value in JSON", cimi.V2, cimi.JSON, `{"name":"n","description":"two\nlines","id":"ignored","state":null,"properties":{"a":"1","b c":" 2 "},"machineTemplate":{
			"machineConfig":{"cpu":1,"memory":524288,"disks":[{"capacity":1073741},{"capacity":536870}]},"machineImage":{"href":"machineImages/i%201"},
			"credential":{"href":"credentials/joe"},"userData":"IyEvYmluL3No","volumes":null}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := strings.Replace(test.body, `"state":null,`, "", 1)
			got, err := create(t, test.version, test.format, body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestKeys are the forms that a public key by value may have.
func TestKeys(t *testing.T) {
	const head = `{"machineTemplate":{"machineConfig":{"href":"machineConfigs/tiny"},"machineImage":{"href":"machineImages/i"},"credential":`
	for _, credential := range []string{
		`{"key":"ssh-rsa AA joe"}`,
		`{"key":"7373682d727361204141206a6f65"}`,
		`{"key":"c3NoLXJzYSBBQSBqb2U="}`,
		`{"parameters":{"key":"ssh-rsa AA joe"}}`,
		`{"name":"n","parameters":{"key":"7373682d727361204141206a6f65"}}`,
	} {
		got, err := create(t, cimi.V2, cimi.JSON, head+credential+"}}")
		if err != nil || got.PublicKey != "ssh-rsa AA joe" {
			t.Errorf("%s gives %q, %v", credential, got.PublicKey, err)
		}
	}
}

// TestLongNames: OpenStack counts characters.
func TestLongNames(t *testing.T) {
	name := strings.Repeat("é", 255)
	got, err := create(t, cimi.V1, cimi.JSON, `{"name":"`+name+`","machineTemplate":{"machineConfig":{"href":"machineConfigs/tiny"},"machineImage":{"href":"machineImages/i"}}}`)
	if err != nil || got.Name != name {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestSmallestFlavor takes, of the flavors that fit, that with the least disk.
func TestSmallestFlavor(t *testing.T) {
	got, err := create(t, cimi.V1, cimi.JSON, `{"machineTemplate":{"machineConfig":{"cpu":2,"memory":4194304},"machineImage":{"href":"machineImages/i"}}}`)
	if err != nil || got.FlavorID != "small" || got.Name != "unnamed" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestHostileBodies(t *testing.T) {
	const ns = `xmlns="http://schemas.dmtf.org/cimi/1"`
	deep := func(open, end string) string { return strings.Repeat(open, 100) + strings.Repeat(end, 100) }
	tests := []struct {
		format cimi.Format
		body   string
		has    string
	}{
		{cimi.JSON, `{`, "not JSON"},
		{cimi.JSON, `[]`, "not a JSON object"},
		{cimi.JSON, `{} {}`, "after the JSON object"},
		{cimi.JSON, `{"name":"a","name":"b"}`, `"name" is given twice`},
		{cimi.JSON, "{\"name\":\"\xff\"}", "not UTF-8"},
		{cimi.JSON, `{"name":"a\u0000b"}`, "U+0000, which XML cannot hold"},
		{cimi.JSON, `{"properties":{"a\uffff":"b"}}`, "U+FFFF, which XML cannot hold"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"http://elsewhere/cimi/1/machineImages/i"}}}`, "not the URI of"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"//elsewhere/cimi/1/machineImages/i"}}}`, "not the URI of"},
		{cimi.JSON, `{"name":` + deep("[", "]") + `}`, "nested more than"},
		{cimi.JSON, `{"properties":{"a":` + strings.Repeat(`1,"a":`, 30000) + `1}}`, "twice"},
		{cimi.JSON, `{"name":[` + strings.Repeat("1,", 30000) + `1]}`, "more than 20000"},
		{cimi.JSON, `{"name":{"a":1}}`, "name is not a single value"},
		{cimi.JSON, `{"name":true}`, "name is not a string"},
		{cimi.JSON, `{"description":7}`, "description is not a string"},
		{cimi.JSON, `{"machineTemplate":{"credential":{"key":12}}}`, "machineTemplate.credential.key is not a string"},
		{cimi.JSON, `{"name":"` + strings.Repeat("é", 256) + `","machineTemplate":{"machineConfig":{"href":"machineConfigs/tiny"},"machineImage":{"href":"machineImages/i"}}}`, "longer than 255 characters"},
		{cimi.XML, "<MachineCreate><name>\xe9</name></MachineCreate>", "not UTF-8"},
		{cimi.XML, `<MachineCreate><machineTemplate><machineImage href="a" href="b"/></machineTemplate></MachineCreate>`, "the attribute href of the element machineImage is given twice"},
		{cimi.JSON, `{"properties":["a"]}`, "properties"},
		{cimi.JSON, `{"properties":{"a":{"b":"c"}}}`, "properties[a] is not a string"},
		{cimi.JSON, `{"machineTemplate":"x"}`, "machineTemplate is not a reference"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":"x"}}`, "machineTemplate.machineImage is not a reference"},
		{cimi.JSON, `{"machineTemplate":{"volumes":{"a":1}}}`, "machineTemplate.volumes is not an array"},
		{cimi.JSON, `{"machineTemplate":{"volumes":[1]}}`, "machineTemplate.volumes[0] is not a structure"},
		{cimi.JSON, `{"machineTemplate":{"machineConfig":{"cpu":1.5}}}`, "machineTemplate.machineConfig.cpu is not an integer"},
		{cimi.JSON, `{"machineTemplate":{"machineConfig":{"cpu":99999999999999999999}}}`, "not an integer"},
		{cimi.JSON, `{"machineTemplate":{"credential":{"key":"xyz"}}}`, "hexadecimal"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"machineImages/a%2Fb"}}}`, "not the URI of"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"machineImages/../x"}}}`, "not the URI of"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"http://h/cimi/3/machineImages/x"}}}`, "not the URI of"},
		{cimi.JSON, `{"machineTemplate":{"machineImage":{"href":"i-1"}}}`, "not the URI of"},
		{cimi.JSON, `{"resourceURI":"x"}`, "resourceURI"},
		{cimi.XML, `<!DOCTYPE x [<!ENTITY a "b">]><MachineCreate ` + ns + `><name>&a;</name></MachineCreate>`, "document type"},
		{cimi.XML, `<MachineCreate ` + ns + `><name>&xxe;</name></MachineCreate>`, "not XML: it fails at line 1"},
		{cimi.XML, `<MachineCreate ` + ns + `>` + deep("<a>", "</a>") + `</MachineCreate>`, "nested more than"},
		{cimi.XML, `<MachineCreate ` + ns + `>` + strings.Repeat("<a/>", 30000) + `</MachineCreate>`, "more than 20000"},
		{cimi.XML, `<MachineCreate ` + ns + `><name>a</name><name>b</name></MachineCreate>`, "name is given twice"},
		{cimi.XML, `<MachineCreate ` + ns + `><name>a</name><v:name xmlns:v="urn:x">b</v:name></MachineCreate>`, "unknown or unsupported attribute: {urn:x}name"},
		{cimi.XML, `<MachineCreate ` + ns + `>text<name>a</name></MachineCreate>`, "both text and elements"},
		{cimi.XML, `<MachineCreate ` + ns + `><property>a</property></MachineCreate>`, `<property key="...">`},
		{cimi.XML, `<MachineCreate ` + ns + `><property key="a">1</property><property key="a">2</property></MachineCreate>`, `"a" is given twice`},
		{cimi.XML, `<MachineCreate xmlns="urn:x"/>`, "not in the namespace"},
		{cimi.XML, `<MachineDelete ` + ns + `/>`, "expected is MachineCreate"},
		{cimi.XML, `<MachineCreate ` + ns + `/><MachineCreate/>`, "second root"},
		{cimi.XML, `<MachineCreate ` + ns + `/>x`, "outside of the root"},
		{cimi.XML, `<?xml version="1.0" encoding="UTF-16"?><MachineCreate ` + ns + `/>`, "not XML"},
		{cimi.XML, ``, "not XML"},
		{cimi.XML, `<MachineCreate ` + ns + `><name>a`, "not XML"},
	}
	for _, test := range tests {
		_, err := create(t, cimi.V1, test.format, test.body)
		if !model.IsCode(err, model.Invalid) || !strings.Contains(model.AsError(err).Message, test.has) {
			t.Errorf("%.100q: the error is %v, want one with %q", test.body, err, test.has)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("%.100q: the error is %d bytes long", test.body, len(err.Error()))
		}
	}
}

// TestHostileNames prints what a cloud may hold, as JSON and XML that parse.
func TestHostileNames(t *testing.T) {
	name := "a\r\n\t<b>&\"'\\\x00\x1f\u2028\ufffe\xff</c>"
	c := &cloud{machines: []model.Machine{{ID: "a/b?c#d%\r\n", Name: name, Metadata: map[string]string{"cimi_p_" + name: name}}}}
	d, err := list(t, session(cimi.V1, c), "")
	if err != nil {
		t.Fatal(err)
	}
	const xml = `<id>http://h/cimi/1/machines/a%2Fb%3Fc%23d%25%0D%0A</id><name>a&#13;&#10;&#9;&lt;b&gt;&amp;&#34;'\` + "\ufffd\ufffd\u2028\ufffd\ufffd" + `&lt;/c&gt;</name>`
	if got := string(d.Append(nil, cimi.XML)); !strings.Contains(got, xml) {
		t.Errorf("no %s in %s", xml, got)
	}
	const json = `"name":"a\u000d\u000a\u0009<b>&\"'\\\u0000\u001f` + "\u2028\ufffe\ufffd" + `</c>"`
	if got := string(d.Append(nil, cimi.JSON)); !strings.Contains(got, json) {
		t.Errorf("no %s in %s", json, got)
	}
}
