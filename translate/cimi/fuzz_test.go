package cimi_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/cimi"
)

// FuzzFilter reads any expression, and evaluates those that are correct.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"name='a'", "cpu>2 and (memory<=5 or state!='X')", "property['a']=\"b\"", "created>2026-03-01T00:00:00Z",
		"created>2026-03-01T00:00:00 01:00", "true=bootable", "((((1<cpu))))", `name='\''`, "name='", "property[", "a=1or b=2",
	} {
		f.Add(seed)
	}
	s := session(cimi.V2, &cloud{machines: six})
	f.Fuzz(func(t *testing.T, filter string) {
		target, err := cimi.Find(cimi.V2, "machines")
		if err != nil {
			t.Fatal(err)
		}
		q, err := cimi.ParseQuery(url.Values{"$filter": {filter}})
		if err == nil {
			_, err = s.Read(t.Context(), target, q)
		}
		if err != nil && !model.IsCode(err, model.Invalid) {
			t.Errorf("the error is %v", err)
		}
		// Whatever parses, parses in parentheses, too.
		if _, again := cimi.ParseQuery(url.Values{"$filter": {"(" + filter + ")"}}); err == nil && again != nil && strings.Count(filter, "(") < 50 {
			t.Errorf("in parentheses it fails: %v", again)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"name":"n","properties":{"a":"1"},"machineTemplate":{"machineConfig":{"cpu":1,"memory":524288},"machineImage":{"href":"machineImages/i"}}}`,
		`{"machineTemplate":{"volumes":[{"initialLocation":"/dev/vdb","volume":{"href":"x"}}],"credential":{"key":"00"}}}`,
		`{"resourceURI":null,"machineTemplate":null}`, `{"name":[[[]]]}`, `[`, `{"a":1e999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzBody(t, cimi.JSON, string(body)) })
}

func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		`<MachineCreate xmlns="http://schemas.dmtf.org/cimi/1"><name>n</name><property key="a">1</property><machineTemplate><machineConfig><cpu>1</cpu><memory>524288</memory></machineConfig><machineImage href="machineImages/i"/></machineTemplate></MachineCreate>`,
		`<MachineCreate><machineTemplate><volume href="x" initialLocation="y"/><networkInterface/></machineTemplate></MachineCreate>`,
		`<!DOCTYPE a><MachineCreate/>`, `<a:MachineCreate xmlns:a="b"/>`, `<MachineCreate><name/><properties/></MachineCreate>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { fuzzBody(t, cimi.XML, string(body)) })
}

// fuzzBody makes a machine of any body: it works, or is Invalid.
func fuzzBody(t *testing.T, f cimi.Format, body string) {
	for _, v := range []cimi.Version{cimi.V1, cimi.V2} {
		got, err := create(t, v, f, body)
		if err != nil && !model.IsCode(err, model.Invalid) {
			t.Errorf("the error is %v", err)
		}
		if err == nil && (got.FlavorID == "" || got.ImageID == "" || got.Name == "") {
			t.Errorf("a machine without the necessary: %+v", got)
		}
	}
}

// FuzzText prints any text as JSON and XML that parse.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"plain", "<&\"'>", "\x00\r\n\t", "\xff\xfe", "\u2028\uffff\U0010ffff", "]]>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c := &cloud{machines: []model.Machine{{ID: name, Name: name, Metadata: map[string]string{"cimi_p_" + name: name}}}}
		d, err := list(t, session(cimi.V2, c), "")
		if err != nil {
			t.Fatal(err)
		}
		if out := d.Append(nil, cimi.JSON); !json.Valid(out) {
			t.Errorf("not JSON: %q", out)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(d.Append(nil, cimi.XML))))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("not XML: %v", err)
			}
		}
	})
}
