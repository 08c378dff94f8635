package occi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/occimi/occimi/conformance/suite"
)

// TestGrammar: the suite's own readers take what the standard has, and nothing else.
func TestGrammar(t *testing.T) {
	const kind = `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`
	tests := []struct {
		name, text string
		fails      bool
	}{
		{"kind", kind, false},
		{"everything of a category", kind + `; title="a, \"b\""; rel="x#y"; location="/compute/"; attributes="a.b{immutable required} c"; actions="x#start x#stop"`, false},
		{"parameters in another order", `Category: compute; class="kind"; scheme="http://schemas.ogf.org/occi/infrastructure#"`, true},
		{"class without quotes", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class=kind`, true},
		{"semicolon at the end", kind + ";", true},
		{"scheme without #", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure"; class="kind"`, true},
		{"unknown property", kind + `; attributes="a{huge}"`, true},
		{"action link", kind + "\n" + `Link: </compute/1?action=stop>; rel="x#stop"`, false},
		{"link", kind + "\n" + `Link: </network/1>; rel="x#network"; self="/ni/1"; category="x#ni y#ip"; a.b="c, d"; e=5`, false},
		{"link without rel", kind + "\n" + `Link: </network/1>; self="/ni/1"`, true},
		{"string", `X-OCCI-Attribute: a.b="c \" d"`, false},
		{"string without quotes", `X-OCCI-Attribute: a.b=c`, true},
		{"open string", `X-OCCI-Attribute: a.b="c`, true},
		{"number", "X-OCCI-Attribute: a.b=2.5", false},
		{"negative number", "X-OCCI-Attribute: a.b=-2", true},
		{"exponent", "X-OCCI-Attribute: a.b=1e6", true},
		{"boolean", "X-OCCI-Attribute: a.b=true", false},
		{"location", "X-OCCI-Location: http://h/compute/1", false},
		{"two locations in a line", "X-OCCI-Location: http://h/compute/1, http://h/compute/2", true},
		{"newline at the end", kind + "\n", true},
		{"another name", "X-Other: 1", true},
		{"nothing", "", false},
		{"OK", "OK", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := plainDocument(test.text); (err != nil) != test.fails {
				t.Errorf("%s: error %v, wanted one: %v", test.text, err, test.fails)
			}
		})
	}
}

// TestRenderingsAgree: one entity in three renderings is read as the same, and
// checks that cannot hold do not.
func TestRenderingsAgree(t *testing.T) {
	answers := map[string]func(w http.ResponseWriter){
		"text/plain": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`Category: network; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"` + "\n" +
				`Link: </network/1?action=up>; rel="x#up"` + "\n" + `X-OCCI-Attribute: occi.core.id="1"` + "\n" + `X-OCCI-Attribute: occi.core.title="a \"b\", c"` + "\n" + `X-OCCI-Attribute: occi.network.vlan=5`))
		},
		"text/occi": func(w http.ResponseWriter) {
			w.Header().Set("Category", `network; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`)
			w.Header().Set("Link", `</network/1?action=up>; rel="x#up"`)
			w.Header().Set("X-OCCI-Attribute", `occi.core.id="1", occi.core.title="a \"b\", c", occi.network.vlan=5`)
			_, _ = w.Write([]byte("OK"))
		},
		"application/occi+json": func(w http.ResponseWriter) {
			_ = json.NewEncoder(w).Encode(map[string]any{"kind": infra + "network", "id": "1", "title": `a "b", c`, "actions": []string{"x#up"}, "attributes": map[string]any{"occi.network.vlan": 5}})
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Accept"))
		answers[r.Header.Get("Accept")](w)
	}))
	defer server.Close()
	holds := map[string]suite.Check{
		"kind": kindIs(infra + "network"), "action": offers("up"), "no action": offersNot("down"), "number": attr("occi.network.vlan", "5.0"),
		"title": attr("occi.core.title", `a "b", c`), "id": attr("occi.core.id", "1"), "no attribute": noAttr("occi.core.summary"),
	}
	holdsNot := map[string]suite.Check{
		"kind": kindIs(infra + "compute"), "action": offers("down"), "title": attr("occi.core.title", "b"), "listed": lists("/network/1"),
		"status": suite.Status(201), "media": suite.Media("text/html"),
	}
	s := New()
	s.Cases, s.Rules, s.Explore = nil, nil, func(*suite.Explorer) error { return nil }
	want := map[string]suite.Outcome{}
	for media := range answers {
		for outcome, checks := range map[suite.Outcome]map[string]suite.Check{suite.Passed: holds, suite.Failed: holdsNot} {
			for name, check := range checks {
				c := suite.That(media+" "+name+" "+string(outcome), suite.Must, "", "", suite.Get("/network/1", check).Accepting(media))
				s.Cases, want[c.ID] = append(s.Cases, c), outcome
			}
		}
	}
	report, err := s.Run(t.Context(), suite.Endpoint{URL: server.URL}, suite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results[1:] {
		if r.Outcome != want[r.ID] {
			t.Errorf("wanted %s, got %s", want[r.ID], r)
		}
	}
}

// FuzzRead: no answer is too odd to be read or refused.
func FuzzRead(f *testing.F) {
	f.Add(`Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"; attributes="a.b{immutable} c"; actions="x#start"` + "\n" + `Link: </network/1>; rel="x#network"; self="/ni/1"; category="x#ni"; a.b="c, d"`)
	f.Add(`compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind", storage; scheme="x#"; class="kind"`)
	f.Add(`{"kind":"x#compute","id":"1","links":[{"kind":"x#link","target":{"location":"/a","kind":"x#network"}}],"attributes":{"a":[1]}}`)
	f.Add(`{"mixins":[{"term":"a","scheme":"x#","depends":["b"],"attributes":{"c":{"type":"string","default":1}}}],"resources":[{"kind":"k","mixins":null}]}`)
	places := kindPlaces(func(kind string) (string, bool) { return "http://h/" + kind + "/", true })
	f.Fuzz(func(_ *testing.T, body string) {
		_, _ = plainDocument(body)
		_, _ = headerDocument(map[string][]string{"Category": {body}, "Link": {body, body}, "X-Occi-Attribute": {body}, "X-Occi-Location": {body}})
		_, _ = places.document(body)
	})
}
