package occi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// TestRenderError checks that a message stays a message, whatever the cloud put
// into it.
func TestRenderError(t *testing.T) {
	for _, test := range []struct{ message, plain, json string }{
		{"not found", "not found", `{"code":404,"message":"not found"}`},
		{"a\r\nX-Evil: 1", "a  X-Evil: 1", `{"code":404,"message":"a  X-Evil: 1"}`},
		{"Category: compute", "error: Category: compute", `{"code":404,"message":"error: Category: compute"}`},
		{"x-occi-location : /", "error: x-occi-location : /", `{"code":404,"message":"error: x-occi-location : /"}`},
		{"no \"such\" \xff", `no "such" ?`, `{"code":404,"message":"no \"such\" ?"}`},
	} {
		if got := string(occi.RenderError(occi.PlainText, 404, test.message).Body); got != test.plain {
			t.Errorf("%q as text: %q", test.message, got)
		}
		if got := string(occi.RenderError(occi.URIList, 404, test.message).Body); got != "# "+test.plain {
			t.Errorf("%q as URIs: %q", test.message, got)
		}
		if got := string(occi.RenderError(occi.JSON, 404, test.message).Body); got != test.json {
			t.Errorf("%q as JSON: %q", test.message, got)
		}
		want := occi.Rendering{Fields: []occi.Field{{Name: "X-OCCI-Error", Value: test.plain}}, Body: []byte(test.plain)}
		if diff := cmp.Diff(want, occi.RenderError(occi.Header, 404, test.message)); diff != "" {
			t.Errorf("%q in the header: %s", test.message, diff)
		}
	}
	if n := len(occi.RenderError(occi.Header, 409, strings.Repeat("é", 9000)).Fields[0].Value); n > 2100 {
		t.Errorf("%d bytes", n)
	}
}

func TestLinks(t *testing.T) {
	l := occi.Links{Base: "https://cloud.example.org:8787", Path: "/occi/"}
	if got := l.URL("/compute/1"); got != "https://cloud.example.org:8787/occi/compute/1" {
		t.Error(got)
	}
	if got := l.Ref("/compute/1"); got != "/occi/compute/1" {
		t.Error(got)
	}
	if got := l.Ref("/compute/a\r\n\"<,;>é"); got != "/occi/compute/a%0d%0a%22%3c%2c%3b%3e%c3%a9" {
		t.Error(got)
	}
	for ref, want := range map[string]string{
		"https://cloud.example.org:8787/occi/compute/1": "/compute/1",
		"http://CLOUD.example.org:8787/occi//compute/1": "/compute/1",
		"/occi/compute/1":       "/compute/1",
		"/compute/1":            "/compute/1",
		"compute/1":             "/compute/1",
		" /compute/%31 ":        "/compute/1",
		"/occi":                 "/",
		"https://elsewhere/x":   "",
		"//elsewhere/x":         "",
		"urn:uuid:1":            "",
		"/compute/%zz":          "",
		"mailto:me@example.org": "",
	} {
		got, err := l.Local(ref)
		if got != want || (want == "") != model.IsCode(err, model.Invalid) {
			t.Errorf("%q: %q, %v, want %q", ref, got, err, want)
		}
	}
}

// TestTemplateTerms checks that terms are what all clients understand, and that
// no two templates share one.
func TestTemplateTerms(t *testing.T) {
	cloud := &flavored{flavors: []model.Flavor{
		{ID: "M1.Tiny", Name: "z"}, {ID: "m1-tiny", Name: "y"}, {ID: "m1.tiny", Name: "x"},
		{ID: "größe 1", Name: "w"}, {ID: "_hidden", Name: "v"}, {ID: "", Name: "u"},
	}}
	s := occi.NewSession(cloud, links, occi.AnyVersion, false)
	c, err := s.Query(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var terms, locations []string
	for _, m := range c.Mixins {
		if m.ID.Scheme() == "http://schemas.openstack.org/template/resource#" {
			terms = append(terms, m.ID.Term())
			locations = append(locations, m.Location)
		}
	}
	want := []string{"m1-tiny", "m1-tiny-2", "m1-tiny-3", "gr--e_1", "x_hidden", "x"}
	if diff := cmp.Diff(want, terms); diff != "" {
		t.Error(diff)
	}
	for i, location := range locations {
		if location != "/mixin/resource_tpl/"+terms[i]+"/" {
			t.Error(location)
		}
	}
}
