package occi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/translate/occi"
)

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote writes a string as the text renderings do.
func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

// rewrite says in normal form, as header fields, what a message says. Values
// without quotes get some: they mean the same.
func rewrite(m *occi.Message) map[string][]string {
	h := make(map[string][]string)
	for _, c := range m.Categories {
		line := c.ID.Term() + "; scheme=" + quote(c.ID.Scheme())
		if c.Class != "" {
			line += "; class=" + quote(string(c.Class))
		}
		h["Category"] = append(h["Category"], line)
	}
	for _, a := range m.Attributes {
		h["X-OCCI-Attribute"] = append(h["X-OCCI-Attribute"], a.Name+"="+quote(a.Value.Text()))
	}
	for _, l := range m.Links {
		line := "<" + l.Target + ">; category="
		ids := make([]string, len(l.Categories))
		for i, c := range l.Categories {
			ids[i] = string(c.ID)
		}
		line += quote(strings.Join(ids, " "))
		for _, a := range l.Attributes {
			line += "; " + a.Name + "=" + quote(a.Value.Text())
		}
		h["Link"] = append(h["Link"], line)
	}
	h["X-OCCI-Location"] = m.Locations
	return h
}

// checkRewritten checks that a message means the same in normal form.
func checkRewritten(t *testing.T, m *occi.Message) {
	t.Helper()
	for _, l := range m.Links {
		if strings.ContainsAny(l.Target, "<>\"") || len(l.Categories) == 0 { // has no normal form
			return
		}
	}
	again, err := occi.ParseHeader(rewrite(m))
	if err != nil {
		t.Fatalf("%q: %v", rewrite(m), err)
	}
	if diff := cmp.Diff(show(m), show(again)); diff != "" {
		t.Fatal(diff)
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		`Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind", x; scheme=y#;`,
		"X-OCCI-Attribute: occi.core.title = a, occi.core.summary=\"b \\\" c\", x=1\r\nX-OCCI-Location: /compute/1,/compute/2",
		`Link: </network/1>; rel="x#y"; self="/l/1"; category="x#y z#w"; a.b="c;d"; e.f=1`,
		"\ufeffOK\n folded",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if m, err := occi.ParseText([]byte(body)); err == nil {
			checkRewritten(t, m)
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add(`compute; scheme="x#"; class="kind"`, `</network/1>; category="x#y"; a.b=c`, `a.b="c, d", e.f=g`, `/compute/1, <http://h/compute/2>`)
	f.Add(`"`, `<`, `=`, `,`)
	f.Add(` `, `0`, ` `, `0 "`)
	f.Fuzz(func(t *testing.T, category, link, attribute, location string) {
		m, err := occi.ParseHeader(map[string][]string{
			"Category": {category}, "Link": {link}, "X-OCCI-Attribute": {attribute}, "X-OCCI-Location": {location},
		})
		if err == nil {
			checkRewritten(t, m)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"http://x/#k","mixins":["http://x/#m"],"attributes":{"a.b":"c","d":{"e":1.5}},"links":[{"kind":"x#l","target":{"location":"/n/1"}}]}`,
		`{"resources":[{"kind":{"scheme":"x","term":"y"}}],"links":[]}`,
		`{"resources":[{"id":"a"},{"id":"b","location":"/b"}],"links":[{"id":"c","kind":"x#l","source":{"location":"/a"},"target":"/n/1"},{"kind":"x#l","target":"/n/2"}]}`,
		`{"resources":[{"id":"r"}],"links":[{"kind":"x#l","source":"/compute/r","target":"/n/1"}]}`,
		`["/compute/1"]`, `{"action":"x#y","attributes":{"method":"z"}}`, `{"attributes":{"a":[{"b":null}]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, err := occi.ParseJSON([]byte(body))
		if err != nil {
			return
		}
		if again, err := occi.ParseJSON([]byte("\ufeff " + body)); err != nil || !cmp.Equal(show(m), show(again)) {
			t.Fatalf("%v: %q and %q", err, show(m), show(again))
		}
	})
}

// FuzzTitle checks that whatever a machine is called, its rendering has the
// same structure, and says the name, without control characters, when parsed.
func FuzzTitle(f *testing.F) {
	for _, seed := range []string{"web", "a\r\nCategory: x", `"quoted" \back\`, "comma, semi; colon:", "ünïcode \xff\x00\u0085", "</x>; rel="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		if title == "" {
			return
		}
		s := occi.NewSession(machines(machineNamed(title)), links, occi.AnyVersion, false)
		e, err := s.Get(t.Context(), occi.Locate("/compute/m", false))
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.Render(occi.PlainText, occi.Answer{Entity: e})
		if err != nil {
			t.Fatal(err)
		}
		m, err := occi.ParseText(text.Body)
		if err != nil {
			t.Fatalf("%v in %s", err, text.Body)
		}
		want := strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				return ' '
			}
			return r
		}, runes(title))
		if got := titleOf(m); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		header, err := s.Render(occi.Header, occi.Answer{Entity: e})
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range header.Fields {
			if strings.ContainsAny(field.Value, "\r\n\x00") || !utf8.ValidString(field.Value) {
				t.Fatalf("%s: %q", field.Name, field.Value)
			}
		}
		doc, err := s.Render(occi.JSON, occi.Answer{Entity: e})
		if err != nil {
			t.Fatal(err)
		}
		var parsed struct{ Title string }
		if err := json.Unmarshal(doc.Body, &parsed); err != nil || parsed.Title != runes(title) {
			t.Fatalf("%v: %q, want %q in %s", err, parsed.Title, title, doc.Body)
		}
	})
}

// runes replaces what is not UTF-8, byte by byte.
func runes(s string) string { return string([]rune(s)) }

func titleOf(m *occi.Message) string {
	for _, a := range m.Attributes {
		if a.Name == "occi.core.title" {
			return a.Value.Text()
		}
	}
	return ""
}

// FuzzDefinitions checks that mixins that are understood have names and say so
// again.
func FuzzDefinitions(f *testing.F) {
	for _, seed := range []string{
		`{"mixins":[{"term":"a","scheme":"http://x/#","location":"/a/","title":"A","depends":["http://x/#b"],"applies":[],"attributes":{}}]}`,
		`{"term":"a","scheme":"x","location":"/a/","related":["x#b"]}`, `{"mixins":["http://x/#a"]}`, `{"kinds":[{}]}`, `{"mixins":[1]}`, `{"mixins":null}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, err := occi.ParseDefinitions([]byte(body))
		if err != nil {
			return
		}
		if len(m.Categories) != len(m.Definitions) {
			t.Fatalf("%d categories, %d definitions", len(m.Categories), len(m.Definitions))
		}
		for i, d := range m.Definitions {
			if d.ID != m.Categories[i].ID || d.ID.Term() == "" || d.ID.Scheme() == "" {
				t.Fatalf("%+v", d)
			}
		}
	})
}

// FuzzForm checks that what a form says is what a form of the same fields says.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"_category=http%3A%2F%2Fx%2F%23a&occi.core.title=a+%3Cb%3E&occi.compute.cores=", "_method=DELETE&_location=%2Fcompute%2F1",
		"_term=a&_scheme=http%3A%2F%2Fx%2F&_at=%2Fa%2F&_title=%22", "_link+http%3A%2F%2Fx%2F%23l=%2Fnetwork%2F1", "%zz", "_x=1", "a;b=c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, method, err := occi.ParseForm([]byte(body))
		if err != nil {
			return
		}
		again, same, err := occi.ParseForm([]byte(body + "&occi.core.title="))
		if err != nil || same != method || len(show(m)) != len(show(again)) {
			t.Fatalf("%v: %q %q and %q %q", err, method, show(m), same, show(again))
		}
		if !utf8.ValidString(strings.Join(show(m), "")) {
			t.Fatalf("%q is not UTF-8", show(m))
		}
	})
}
