package occi_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/translate/occi"
)

// What all clients of record understand: their parsers know less than the
// documents allow.
var (
	goodTerm      = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	goodScheme    = regexp.MustCompile(`^https?://[a-z0-9./_-]+#$`)
	goodLocation  = regexp.MustCompile(`^/([a-z0-9_-]+/)+$`)
	goodAttribute = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$`)
)

// TestDeclarations checks what every noun must keep to, now and later.
func TestDeclarations(t *testing.T) {
	ids := make(map[occi.TypeID]bool)
	places := map[string]bool{"/": true, "/-/": true, occi.WellKnown: true, "/entity/": true, "/resource/": true, "/link/": true}
	category := func(c *occi.Category) {
		t.Helper()
		if ids[c.ID] {
			t.Errorf("%s is declared twice", c.ID)
		}
		ids[c.ID] = true
		if !goodTerm.MatchString(c.ID.Term()) || !goodScheme.MatchString(c.ID.Scheme()) {
			t.Errorf("%s is not understood by all clients", c.ID)
		}
		if c.Title == "" || strings.ContainsAny(c.Title, ",;\"") {
			t.Errorf("%s: title %q", c.ID, c.Title)
		}
		for i := range c.Attributes {
			a := &c.Attributes[i]
			if !goodAttribute.MatchString(a.Name) || a.Description == "" {
				t.Errorf("%s: attribute %q, %q", c.ID, a.Name, a.Description)
			}
			if a.Volatile && !a.Server || a.Server && a.Required {
				t.Errorf("%s: %s cannot be what it is declared to be", c.ID, a.Name)
			}
		}
	}
	place := func(path string) {
		t.Helper()
		if places[path] || !goodLocation.MatchString(path) {
			t.Errorf("the location %q is taken, or no location", path)
		}
		places[path] = true
	}
	kinds := make(map[occi.TypeID]bool)
	for _, n := range occi.Nouns {
		kinds[n.Kind.ID] = true
	}
	for _, n := range occi.Nouns {
		category(&n.Kind.Category)
		place(n.Kind.Location)
		for _, alias := range n.Kind.Aliases {
			place(alias)
		}
		if !n.Kind.IsA(occi.ResourceKind) && !n.Kind.IsA(occi.LinkKind) {
			t.Errorf("%s is neither a resource nor a link", n.Kind.ID)
		}
		if n.Offered == nil || n.Refs == nil || n.List == nil || n.Get == nil {
			t.Errorf("%s cannot be read", n.Kind.ID)
		}
		if (n.Act == nil) != (len(n.Actions) == 0) || (n.Outgoing != nil || len(n.Kind.Targets) > 0) && !n.Kind.IsLink() {
			t.Errorf("%s: mapping and declaration contradict each other", n.Kind.ID)
		}
		for _, a := range n.Kind.Actions {
			category(&a.Category)
		}
		for _, a := range n.Actions {
			if !slices.Contains(n.Kind.Actions, a) {
				t.Errorf("%s has a mapping and no declaration", a.ID)
			}
		}
		mixins := slices.Clone(n.Mixins)
		for _, template := range n.Templates {
			mixins = append(mixins, template.Base)
		}
		for _, m := range mixins {
			category(&m.Category)
			place(m.Location)
			for _, k := range m.Applies {
				if !kinds[k] {
					t.Errorf("%s applies to %s, which is not declared", m.ID, k)
				}
			}
		}
	}
}

// FuzzLinks checks that a reference that is understood means the same when it
// is written again.
func FuzzLinks(f *testing.F) {
	for _, seed := range []string{"/compute/1", "https://cloud.example.org/occi//compute/%41", "compute", "/occi", "http://x/", "/a%2fb", "?x", "%"} {
		f.Add(seed)
	}
	l := occi.Links{Base: "https://cloud.example.org", Path: "/occi/"}
	f.Fuzz(func(t *testing.T, ref string) {
		local, err := l.Local(ref)
		if err != nil {
			return
		}
		if again, err := l.Local(l.URL(local)); err != nil || again != local {
			t.Fatalf("%q is %q, then %q, %v", ref, local, again, err)
		}
		if p := occi.Locate(local, true); p.Pattern == "" || p.Pattern[0] != '/' {
			t.Fatalf("%q is at %+v", local, p)
		}
	})
}
