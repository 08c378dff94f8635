package occi_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/occimi/occimi/translate/occi"
)

// TestPage checks that docs/occi.md names everything that is declared, and
// nothing else that looks like an attribute.
func TestPage(t *testing.T) {
	raw, err := os.ReadFile("../../docs/occi.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	names := func(what string) {
		if !strings.Contains(page, "`"+what+"`") {
			t.Errorf("the page does not name %s", what)
		}
	}
	declared := make(map[string]bool)
	category := func(c occi.Category) {
		names(c.ID.Term())
		for _, a := range c.Attributes {
			names(a.Name)
			declared[a.Name] = true
			for _, value := range a.Enum {
				if a.Name == "method" {
					names(value)
				}
			}
		}
	}
	for _, k := range []*occi.Kind{occi.EntityKind, occi.ResourceKind, occi.LinkKind} {
		category(k.Category)
	}
	s := occi.NewSession(&fake{}, links, occi.AnyVersion, false)
	catalog, err := s.Query(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range catalog.Mixins {
		if m.Key == "" { // templates are the cloud's
			category(m.Category)
		}
		for _, a := range m.Attributes {
			names(a.Name)
			declared[a.Name] = true
		}
		names(m.ID.Scheme())
	}
	for _, n := range occi.Nouns {
		category(n.Kind.Category)
		names(n.Kind.Location)
		for _, alias := range n.Kind.Aliases {
			names(alias)
		}
		for _, a := range n.Kind.Actions {
			category(a.Category)
		}
	}
	for _, name := range regexp.MustCompile("`((?:occi|org\\.openstack)\\.[a-z._]+)`").FindAllStringSubmatch(page, -1) {
		if !declared[name[1]] {
			t.Errorf("the page names %s, which nothing declares", name[1])
		}
	}
}
