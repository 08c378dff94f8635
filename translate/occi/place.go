package occi

import (
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// Place is what is at a path below the service's root. Exactly one of Query,
// Noun, Core, Mixin, Template and Below is set.
type Place struct {
	// Pattern is the place with the variable parts in braces, for logs and
	// metrics.
	Pattern string
	// Query is the query interface.
	Query bool
	// Noun is a kind's collection or, with ID, an entity.
	Noun *Noun
	ID   string
	// Core is the collection of everything that descends from a core kind.
	Core *Kind
	// Mixin is a mixin's collection.
	Mixin *Mixin
	// Template and Term are the collection of a template that has to be looked
	// up; without Term, of everything that depends on the base.
	Template *Template
	Term     string
	// Below is a path that is no location: whatever is below it.
	Below string
}

// WellKnown is the second path of the query interface (OCCI 1.1 HTTP 3.1.2).
const WellKnown = "/.well-known/org/ogf/occi/-/"

// Locate tells what is at a local path. A slash at the end, or none, makes no
// difference: clients of record write both.
func Locate(local string, coreLocations bool) Place {
	path := strings.TrimSuffix(local, "/") + "/"
	if path == "/-/" || path == WellKnown {
		return Place{Pattern: path, Query: true}
	}
	if coreLocations {
		for _, k := range coreKinds {
			if path == coreLocation(k) {
				return Place{Pattern: path, Core: k}
			}
		}
	}
	if n, id := nounAt(path); n != nil {
		if id == "" {
			return Place{Pattern: n.Kind.Location, Noun: n}
		}
		return Place{Pattern: n.Kind.Location + "{id}", Noun: n, ID: id}
	}
	for _, n := range Nouns {
		for _, m := range n.Mixins {
			if path == m.Location {
				return Place{Pattern: path, Mixin: m}
			}
		}
		for _, t := range n.Templates {
			if path == t.Base.Location {
				return Place{Pattern: path, Template: t}
			}
			if term, ok := strings.CutPrefix(path, t.Base.Location); ok {
				return Place{Pattern: t.Base.Location + "{term}/", Template: t, Term: strings.TrimSuffix(term, "/")}
			}
		}
	}
	if path == "/" {
		return Place{Pattern: "/", Below: path}
	}
	return Place{Pattern: "/{path}/", Below: path}
}

// nounAt finds the noun whose location, or alias of it, is the longest that the
// path begins with, and the id that follows.
func nounAt(path string) (noun *Noun, id string) {
	longest := 0
	for _, n := range Nouns {
		for _, location := range append([]string{n.Kind.Location}, n.Kind.Aliases...) {
			if rest, ok := strings.CutPrefix(path, location); ok && len(location) > longest {
				noun, id, longest = n, strings.TrimSuffix(rest, "/"), len(location)
			}
		}
	}
	return noun, id
}

// mixinAt gives the mixin of a place, looking templates up. Errors: NotFound.
func (s *Session) mixinAt(ctx context.Context, p Place) (*Mixin, error) {
	switch {
	case p.Mixin != nil:
		return p.Mixin, nil
	case p.Term == "":
		return p.Template.Base, nil
	}
	m, err := s.templateBy(ctx, p.Template, p.Term)
	if err == nil && m == nil {
		err = model.Errorf(model.NotFound, "there is no template %s", quoteForMessage(p.Term))
	}
	return m, err
}

// members are the nouns whose entities a collection may hold. Errors: NotFound if
// the tenant's cloud has nothing of the kind.
func (s *Session) members(p Place) ([]*Noun, error) {
	nouns := slices.Clone(s.nouns)
	switch {
	case p.Noun != nil:
		nouns = slices.DeleteFunc(nouns, func(n *Noun) bool { return n != p.Noun })
	case p.Core != nil:
		return slices.DeleteFunc(nouns, func(n *Noun) bool { return !n.Kind.IsA(p.Core) }), nil
	case p.Mixin != nil:
		nouns = slices.DeleteFunc(nouns, func(n *Noun) bool { return !p.Mixin.AppliesTo(n.Kind) })
	case p.Template != nil:
		nouns = slices.DeleteFunc(nouns, func(n *Noun) bool { return !p.Template.Base.AppliesTo(n.Kind) })
	default:
		all := nouns
		nouns = slices.DeleteFunc(slices.Clone(all), func(n *Noun) bool { return !strings.HasPrefix(n.Kind.Location, p.Below) })
		if len(nouns) == 0 && slices.ContainsFunc(all, func(n *Noun) bool { return n.hasLocationBelow(p.Below) }) {
			return nil, nil
		}
	}
	if len(nouns) == 0 {
		return nil, model.Errorf(model.NotFound, "there is nothing at this path")
	}
	return nouns, nil
}

func (n *Noun) hasLocationBelow(path string) bool {
	return slices.ContainsFunc(n.mixins(), func(m *Mixin) bool { return strings.HasPrefix(m.Location, path) })
}

// entityAt resolves a reference to an entity: a URL or path, a URN of a UUID, or
// the bare id of an entity at one of the targets. It gives the entity's place:
// its kind need not be offered, but must be among the targets.
func (s *Session) entityAt(ref string, targets []Target) (Target, string, error) {
	ref = strings.Trim(strings.TrimSpace(ref), `<>"`)
	if id := strings.TrimPrefix(ref, "urn:uuid:"); validID(id) && len(targets) > 0 {
		return targets[0], id, nil
	}
	local, err := s.Links.Local(ref)
	if err != nil {
		return Target{}, "", err
	}
	for _, t := range targets {
		if id, ok := strings.CutPrefix(strings.TrimSuffix(local, "/"), t.Location); ok && validID(id) {
			return t, id, nil
		}
	}
	return Target{}, "", model.Errorf(model.Invalid, "%s is not the location of a %s", quoteForMessage(ref), kindNames(targets))
}

func kindNames(targets []Target) string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Kind.Term()
	}
	return strings.Join(names, " or ")
}

func equalFold(s string) func(string) bool {
	return func(o string) bool { return strings.EqualFold(s, o) }
}
