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

// FuzzForm makes a machine of any form: it works, or is Invalid.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"name=n&machineTemplate.machineConfig.href=machineConfigs%2Ftiny&machineTemplate.machineImage.href=machineImages%2Fi&_json+properties=%7B%22a%22%3A%22b%22%7D",
		"_method=PUT&name=", "_method=x", "a=1&a.b=2", "a.=1&.=2", "_json+=[1]", "_json+a=%7B%22b%22%3A1,%22b%22%3A2%7D", "%", "a=%ff", "x=%00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := cimi.ParseForm([]byte(text))
		if err == nil {
			fuzzBody(t, form.Body.Format, string(form.Body.Bytes))
		} else if !model.IsCode(err, model.Invalid) {
			t.Errorf("the error is %v", err)
		}
	})
}

// FuzzText prints any text as JSON and XML that parse, and as a page that does
// not run it.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"plain", "<&\"'>", "\x00\r\n\t", "\xff\xfe", "\u2028\uffff\U0010ffff", "]]>", "</title><script>", "javascript:x", "http://h/cimi/\" onclick=\"x"} {
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
		// A page has as many tags and quotes as one of a harmless name.
		harmless := &cloud{machines: []model.Machine{{ID: "x", Name: "x", Metadata: map[string]string{"cimi_p_x": "x"}}}}
		plain, err := list(t, session(cimi.V2, harmless), "")
		if err != nil {
			t.Fatal(err)
		}
		page, want := string(d.Append(nil, cimi.HTML)), string(plain.Append(nil, cimi.HTML))
		for _, mark := range []string{"<", ">", `"`} {
			if name != "" && strings.Count(page, mark) != strings.Count(want, mark) {
				t.Errorf("%q is not escaped: %d times %s instead of %d", name, strings.Count(page, mark), mark, strings.Count(want, mark))
			}
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
