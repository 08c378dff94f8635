package occi_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

const infra = "http://schemas.ogf.org/occi/infrastructure#"

// show makes a message comparable: one line per thing that was understood.
func show(m *occi.Message) []string {
	var lines []string
	category := func(c occi.CategoryRef) string { return strings.TrimSpace(string(c.ID) + " " + string(c.Class)) }
	for _, c := range m.Categories {
		lines = append(lines, "category "+category(c))
	}
	for _, a := range m.Attributes {
		lines = append(lines, "attribute "+a.Name+" = "+showValue(a.Value))
	}
	for _, l := range m.Links {
		line := "link " + l.Target
		for _, c := range l.Categories {
			line += " is " + category(c)
		}
		for _, a := range l.Attributes {
			line += " " + a.Name + " = " + showValue(a.Value)
		}
		lines = append(lines, line)
	}
	for _, l := range m.Locations {
		lines = append(lines, "location "+l)
	}
	return lines
}

func showValue(v occi.Value) string {
	if v.Text() == "" && v.Number() != 0 {
		return "number"
	}
	return v.Text()
}

// TestLenientInput is what clients of record were seen to send.
func TestLenientInput(t *testing.T) {
	compute := "category " + infra + "compute"
	tests := []struct {
		name, line string
		want       []string
	}{
		{"unquoted scheme, trailing semicolon", `Category: compute; scheme=http://schemas.ogf.org/occi/infrastructure#;  class="kind";`, []string{compute + " kind"}},
		{"no class", `Category: C2R2048D20; scheme=http://schemas.ogf.org/occi/infrastructure#; `, []string{"category " + infra + "C2R2048D20"}},
		{"blanks around the sign", `X-OCCI-Attribute: occi.core.title = newVM`, []string{"attribute occi.core.title = newVM"}},
		{"another scheme", `Category: x; scheme="http://schemas.ogf.org/occi/resource_tpl#"`, []string{"category http://schemas.ogf.org/occi/resource_tpl#x"}},
		{"no blanks", `Category: compute;scheme="` + infra + `"`, []string{compute}},
		{"misplaced quote", `Category: compute; scheme="` + infra + `"; "class=kind";`, []string{compute + " kind"}},
		{"semicolon before the comma", `Category: compute; scheme="` + infra + `"; class="kind";, my_stuff; scheme="http://example.com/#"; class="mixin"`,
			[]string{compute + " kind", "category http://example.com/#my_stuff mixin"}},
		{"quoted number", `X-OCCI-Attribute: occi.compute.cores="2"`, []string{"attribute occi.compute.cores = 2"}},
		{"unquoted Base64", `X-OCCI-Attribute: org.openstack.compute.user_data=IyEvYmluL3No==`, []string{"attribute org.openstack.compute.user_data = IyEvYmluL3No=="}},
		{"target in an attribute", `Link: </bar>; rel="` + infra + `network"; category="` + infra + `networkinterface"; occi.core.target="http://h/network/n1"`,
			[]string{"link /bar is " + infra + "networkinterface occi.core.target = http://h/network/n1"}},
		{"upper case", `CATEGORY: COMPUTE; SCHEME="` + infra + `"; CLASS="KIND"`, []string{"category " + infra + "COMPUTE kind"}},
		{"other header names", `X-OCCI-Category: compute; scheme="` + infra + `"`, []string{compute}},
		{"an action as rOCCI sends it", `Category: start;scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#";class="action";title="Start"`,
			[]string{"category http://schemas.ogf.org/occi/infrastructure/compute/action#start action"}},
		{"a link as IM sends it", `Link: </storage/u>;rel="` + infra + `storage";self="/storagelink/abc";category="` + infra + `storagelink";occi.core.target="/storage/u";occi.core.source="/compute/xyz";occi.core.id="abc"`,
			[]string{"link /storage/u is " + infra + "storagelink occi.core.target = /storage/u occi.core.source = /compute/xyz occi.core.id = abc"}},
		{"CRLF, tabs, trailing blanks", "Category:\tcompute; scheme=\"" + infra + "\" \t\r\nX-OCCI-Attribute: a.b=1 \r\n\r\n", []string{compute, "attribute a.b = 1"}},
		{"several locations", `X-OCCI-Location: /compute/1,/compute/2`, []string{"location /compute/1", "location /compute/2"}},
		{"location in brackets", `X-OCCI-Location: </compute/1>`, []string{"location /compute/1"}},
		{"scheme without its end", `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure"`, []string{compute}},
		{"doubled parameter", `Category: compute; scheme="` + infra + `"; class=kind; class=mixin`, []string{compute + " kind"}},
		{"folded line", "Category: compute;\n  scheme=\"" + infra + "\";\n\tclass=kind", []string{compute + " kind"}},
		{"byte order mark", "\ufeffCategory: compute; scheme=\"" + infra + "\"", []string{compute}},
		{"escapes", `X-OCCI-Attribute: occi.core.title="a \"b\", \\c\x", x.y="z"`, []string{`attribute occi.core.title = a "b", \cx`, "attribute x.y = z"}},
		{"comma in an unquoted value", `X-OCCI-Attribute: occi.core.title=one, two, x.y=z`, []string{"attribute occi.core.title = one,two", "attribute x.y = z"}},
		{"empty string", `X-OCCI-Attribute: occi.core.summary=""`, []string{"attribute occi.core.summary = "}},
		{"unquoted category of a link", `Link: </network/1>; rel="x#y"; category=` + infra + `networkinterface http://example.com/#m; a.b=c`,
			[]string{"link /network/1 is " + infra + "networkinterface is http://example.com/#m a.b = c"}},
		{"separators inside quotes", `Link: </network/1,;2>; rel="x#y"; category="` + infra + `networkinterface"; a.b="c;d,e"`,
			[]string{"link /network/1,;2 is " + infra + "networkinterface a.b = c;d,e"}},
		{"OK", "OK", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := occi.ParseText([]byte(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(m)); diff != "" {
				t.Error("text/plain", diff)
			}
			if strings.Contains(test.line, "\n") || test.line == "OK" {
				return
			}
			name, value, _ := strings.Cut(strings.TrimPrefix(test.line, "\ufeff"), ":")
			if m, err = occi.ParseHeader(map[string][]string{name: {strings.TrimSpace(value)}}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(m)); diff != "" {
				t.Error("text/occi", diff)
			}
		})
	}
}

// TestMalformedText checks that what cannot be understood is refused by name.
func TestMalformedText(t *testing.T) {
	for line, says := range map[string]string{
		`Category: compute`:                                   "scheme",
		`Category: ; scheme="x#"`:                             "scheme",
		`Category: a/b; scheme="x#"`:                          "a/b",
		`Category: -a; scheme="x#"`:                           "-a",
		`Category: a; scheme="x y#"`:                          "x y#",
		`Category: a; scheme="x#y#"`:                          "x#y#",
		`Category: a; scheme="x#`:                             "no end",
		`Category: a; scheme="x#"; class="sort"`:              "sort",
		`Category: a; scheme=`:                                "missing",
		`Category: a; scheme="x#"y`:                           "after",
		`Link: /network/1; category="x#y"`:                    "target",
		`Link: </network/1>; rel="x#y"`:                       "no category",
		`Link: </network/1>; category="xy"`:                   "xy",
		`Link: </network/1>; category="x#y"; a b="c"`:         "a b",
		`Link: </network/1>; category="x#y"; a.b`:             "no value",
		`X-OCCI-Attribute: name`:                              "missing",
		`X-OCCI-Attribute: ="v"`:                              "name",
		`X-OCCI-Attribute: a b="v"`:                           "a b",
		`X-OCCI-Attribute: a.b="v" c`:                         "after",
		`X-OCCI-Attribute: a.b="v", "w"`:                      "name",
		"\xff":                                                "UTF-8",
		`Foo: bar`:                                            "Foo",
		"Category: compute; scheme=\"x#\"\nnothing like OCCI": "line 2",
	} {
		_, err := occi.ParseText([]byte(line))
		if !model.IsCode(err, model.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v does not say %q", line, err, says)
		}
	}
}

// TestSecretsInMessages checks that what is malformed is named without its value,
// which may be a key or a password: messages are logged.
func TestSecretsInMessages(t *testing.T) {
	for _, line := range []string{
		`X-OCCI-Attribute: occi.core.title="t", occi.compute.userdata="s3cret`,
		`X-OCCI-Attribute: occi.compute.userdata="s3cret" and more`,
		`Link: </storage/1>; category="x#y"; occi.compute.userdata="s3cret`,
	} {
		_, err := occi.ParseText([]byte(line))
		if !model.IsCode(err, model.Invalid) || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "occi.compute.userdata") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestForeignHeader checks that a proxy's web link is no part of the message.
func TestForeignHeader(t *testing.T) {
	m, err := occi.ParseHeader(map[string][]string{"Link": {"</style.css>; rel=preload", "<https://x/category/1#a>; rel=next"}, "Accept": {"x"}})
	if err != nil || !m.Empty() {
		t.Errorf("%v %v", m, err)
	}
}

func TestJSON(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"resource", `{"kind":"` + infra + `compute","mixins":["http://x/#m"],"attributes":{"occi.core.title":"t"},"id":"i","actions":["http://x/#a"],"location":"/compute/i"}`,
			[]string{"category " + infra + "compute kind", "category http://x/#m mixin", "attribute occi.core.title = t", "attribute occi.core.id = i"}},
		{"nested attributes", `{"attributes":{"occi":{"core":{"title":"t"},"compute":{"cores":2}}}}`,
			[]string{"attribute occi.compute.cores = 2", "attribute occi.core.title = t"}},
		{"action", `{"action":"http://x/action#stop","attributes":{"method":"graceful"}}`,
			[]string{"category http://x/action#stop action", "attribute method = graceful"}},
		{"categories as objects", `{"kind":{"scheme":"http://x/#","term":"k"},"mixins":[{"scheme":"http://x/#","term":"m","title":"T","related":[]}]}`,
			[]string{"category http://x/#k kind", "category http://x/#m mixin"}},
		{"link", `{"kind":"http://x/#l","source":{"location":"/a/1","kind":"http://x/#a"},"target":"/b/2","rel":"http://x/#b"}`,
			[]string{"category http://x/#l kind", "attribute occi.core.source = /a/1", "attribute occi.core.target = /b/2"}},
		{"inline link", `{"kind":"http://x/#k","links":[{"kind":"http://x/#l","target":{"location":"/b/2"}},"/l/old"]}`,
			[]string{"category http://x/#k kind", "link /b/2 is http://x/#l kind occi.core.target = /b/2", "link /l/old"}},
		{"collection of links", `{"links":[{"kind":"http://x/#l","target":"/b/2"}]}`, []string{"category http://x/#l kind", "attribute occi.core.target = /b/2"}},
		{"list", `["/compute/1","/compute/2"]`, []string{"location /compute/1", "location /compute/2"}},
		{"collection of locations", `{"resources":["/compute/1"]}`, []string{"location /compute/1"}},
		{"drafts of collections", `{"X-OCCI-Location":["/compute/1"]}`, []string{"location /compute/1"}},
		{"list value", `{"attributes":{"a.b":[1,"x"]}}`, []string{`attribute a.b = [1,"x"]`}},
		{"null is absent", `{"kind":null,"attributes":{"a.b":null}}`, nil},
		{"empty", ``, nil},
		{"empty object", `{}`, nil},
		{"empty collection", `{"resources":[]}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := occi.ParseJSON([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, show(m)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for body, says := range map[string]string{
		`{`:                                   "too early",
		`{"kind" 1}`:                          "byte 8",
		`{} {}`:                               "after",
		`"x"`:                                 "neither",
		`{"href":"x"}`:                        "href",
		`{"kind":1}`:                          "kind",
		`{"kind":"nohash"}`:                   "nohash",
		`{"mixins":"x#y"}`:                    "mixins",
		`{"title":1}`:                         "title",
		`{"attributes":[]}`:                   "attributes",
		`{"attributes":{"a b":1}}`:            "a b",
		`{"title":"a","title":"b"}`:           "title",
		`{"attributes":{"a.b":1,"a.b":1}}`:    "a.b",
		`{"links":[{"id":"a","id":"a"}]}`:     "twice",
		"{\"title\":\"\xff\"}":                "UTF-8",
		`{"target":{"kind":"x#y"}}`:           "location",
		`{"target":{"uri":"x"}}`:              "uri",
		`{"kind":"x#y","links":[1]}`:          "link",
		`{"kind":"x#y","links":[{"id":"a"}]}`: "needs",
		`{"resources":[1]}`:                   "entity",
		`{"resources":[],"kinds":[]}`:         "kinds",
		`[1]`:                                 "location",
		strings.Repeat(`[`, 5000):             "deep",
		strings.Repeat(`{"attributes":`, 500): "deep",
	} {
		if _, err := occi.ParseJSON([]byte(body)); !model.IsCode(err, model.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v does not say %q", body, err, says)
		}
	}
}
