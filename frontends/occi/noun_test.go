package occi_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	frontend "github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/translate/occi"
)

// TestNoun declares a noun that the program does not have, and finds it in
// everything that the protocol consists of: a declaration is all it takes.
func TestNoun(t *testing.T) {
	const scheme = "http://example.org/occi/shelf#"
	var (
		size  = occi.Attribute{Name: "org.example.shelf.size", Type: occi.FloatType, Required: true, Min: 1, Max: 9}
		sweep = &occi.Action{Category: occi.Category{ID: "http://example.org/occi/shelf/action#sweep", Title: "Sweep"}}
		wood  = &occi.Mixin{
			Category: occi.Category{ID: scheme + "wooden", Title: "Wooden"},
			Applies:  []occi.TypeID{scheme + "shelf"}, Location: "/mixin/wooden/",
		}
		kind = &occi.Kind{
			Category: occi.Category{ID: scheme + "shelf", Title: "Shelf", Attributes: []occi.Attribute{size}},
			Parent:   occi.ResourceKind, Location: "/shelf/", Aliases: []string{"/rack/"}, Actions: []*occi.Action{sweep},
		}
		swept string
		made  map[string]occi.Value
	)
	shelf := func(id string, n float64) occi.Entity {
		return occi.Entity{
			Kind: kind, ID: id, Mixins: []*occi.Mixin{wood}, Actions: []*occi.Action{sweep},
			Attributes: []occi.AttributeValue{{Attribute: &kind.Attributes[0], Value: occi.Float(n)}},
		}
	}
	before := occi.Nouns
	t.Cleanup(func() { occi.Nouns = before })
	occi.Nouns = append(slices.Clone(before), &occi.Noun{
		Kind: kind, Mixins: []*occi.Mixin{wood}, Actions: []*occi.Action{sweep},
		Offered: func(c model.Cloud) bool { return c.Offers("shelves") },
		Refs:    func(context.Context, *occi.Session) ([]string, error) { return []string{"a", "b"}, nil },
		List: func(context.Context, *occi.Session) ([]occi.Entity, error) {
			return []occi.Entity{shelf("a", 2), shelf("b", 3)}, nil
		},
		Get: func(_ context.Context, _ *occi.Session, id string) (occi.Entity, error) { return shelf(id, 2), nil },
		Create: func(_ context.Context, _ *occi.Session, d *occi.Draft) (occi.Entity, error) {
			made = d.Values
			return shelf("c", 4), nil
		},
		Act: func(_ context.Context, _ *occi.Session, in occi.Invocation) ([]*occi.Mixin, error) {
			swept = in.ID
			return nil, nil
		},
	})
	s := newService(t, frontend.Config{})
	shelfLine := `Category: shelf; scheme="` + scheme + `"; class="kind"`
	for _, test := range []struct {
		request string
		status  int
		says    string
	}{
		{"GET /-/", 200, shelfLine[len("Category: "):] + `; title="Shelf"; rel="http://schemas.ogf.org/occi/core#resource"; location="https://cloud.example.org/shelf/"; attributes="org.example.shelf.size{required}"; actions="http://example.org/occi/shelf/action#sweep"`},
		{"GET /-/\nAccept: application/json", 200, `"org.example.shelf.size":{"mutable":true,"required":true,"type":"number"}`},
		{"GET /shelf/", 200, "X-OCCI-Location: https://cloud.example.org/shelf/b"},
		{"GET /rack\nAccept: text/uri-list", 200, "https://cloud.example.org/shelf/a\nhttps://cloud.example.org/shelf/b"},
		{"GET /shelf/\nX-OCCI-Attribute: org.example.shelf.size=3", 200, "shelf/b"},
		{"GET /shelf/\nAccept: application/json", 200, `{"resources":[{"kind":"` + scheme + `shelf"`},
		{"GET /", 200, "X-OCCI-Location: https://cloud.example.org/shelf/a"},
		{"GET /mixin/wooden/", 200, "X-OCCI-Location: https://cloud.example.org/shelf/a"},
		{"GET /shelf/a", 200, "X-OCCI-Attribute: org.example.shelf.size=2.0"},
		{"GET /shelf/a", 200, `Link: </shelf/a?action=sweep>; rel="http://example.org/occi/shelf/action#sweep"`},
		{plain("POST /shelf/", shelfLine, "X-OCCI-Attribute: org.example.shelf.size=4"), 201, "X-OCCI-Location: https://cloud.example.org/shelf/c"},
		{plain("POST /shelf/", shelfLine), 400, "org.example.shelf.size is required"},
		{plain("POST /shelf/", shelfLine, "X-OCCI-Attribute: org.example.shelf.size=40"), 400, "between 1 and 9"},
		{plain("POST /shelf/a?action=sweep", `Category: sweep; scheme="http://example.org/occi/shelf/action#"; class="action"`), 200, "OK"},
		{"DELETE /shelf/a", 501, "shelf"},
		{plain("POST /shelf/a", "X-OCCI-Attribute: org.example.shelf.size=4"), 501, "shelf"},
	} {
		res := s.do(test.request)
		if body := bodyOf(t, res); res.StatusCode != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s: %d does not say %s:\n%s", test.request, res.StatusCode, test.says, body)
		}
	}
	if swept != "a" || !made["org.example.shelf.size"].Equal(occi.Int(4)) {
		t.Errorf("swept %v, made %v", swept, made)
	}
	s.cloud.without = map[model.Service]bool{"shelves": true}
	if body := bodyOf(t, s.do("GET /-/")); strings.Contains(body, "shelf") {
		t.Errorf("not offered, and listed:\n%s", body)
	}
}
