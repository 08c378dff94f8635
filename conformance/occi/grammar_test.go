package occi_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// TestRenderingsAgree: one entity in three renderings is read as the same.
func TestRenderingsAgree(t *testing.T) {
	const infraNet = "http://schemas.ogf.org/occi/infrastructure#network"
	w := &world{categories: map[string]category{}}
	answers := map[string]answer{
		"plain": {200, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, `Category: network; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"` + "\n" +
			`Link: </network/1?action=up>; rel="x#up"` + "\n" + `X-OCCI-Attribute: occi.core.id="1"` + "\n" + `X-OCCI-Attribute: occi.core.title="a \"b\", c"` + "\n" + `X-OCCI-Attribute: occi.network.vlan=5`},
		"header": {200, http.Header{"Content-Type": {"text/occi"}, "Category": {`network; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"`}, "Link": {`</network/1?action=up>; rel="x#up"`},
			"X-Occi-Attribute": {`occi.core.id="1", occi.core.title="a \"b\", c", occi.network.vlan=5`}}, "OK"},
		"json": {200, http.Header{"Content-Type": {"application/occi+json"}}, `{"kind":"http://schemas.ogf.org/occi/infrastructure#network","id":"1","title":"a \"b\", c","actions":["x#up"],"attributes":{"occi.network.vlan":5}}`},
	}
	want := map[string]string{"occi.core.id": "1", "occi.core.title": `a "b", c`, "occi.network.vlan": "5"}
	for name, a := range answers {
		x := &exchange{w: w, answer: a, url: &url.URL{}}
		x.scope = &scope{w: w, local: map[string]string{}}
		d, err := x.document()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, d.attributes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, check := range []Check{kindIs(infraNet), offers("up"), offersNot("down"), attr("occi.network.vlan", "5.0"), noAttr("occi.core.summary")} {
			if err := check(x); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, check := range []Check{kindIs(infra + "compute"), offers("down"), attr("occi.core.title", "b"), lists("/network/1"), status(201), media("text/html")} {
			if check(x) == nil {
				t.Errorf("%s: a check that cannot hold does", name)
			}
		}
	}
}
