package occi

import (
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// Membership is what is done to a mixin's collection (OCCI 1.2 HTTP 5.3.3 to
// 5.3.5).
type Membership uint8

const (
	Associate  Membership = iota // the entities named join
	Replace                      // the entities named become the collection
	Dissociate                   // the entities named, or all, leave
)

// SetMembers changes which entities carry a mixin: all or none of the change.
// The entities themselves live on. It gives the collection as it is then.
// Errors: Invalid, NotFound (an entity, or it is not in the collection),
// Forbidden (the mixin does not apply, or is the provider's).
func (s *Session) SetMembers(ctx context.Context, at Place, m *Message, how Membership) (*Listing, error) {
	mixin, err := s.mixinAt(ctx, at)
	if err != nil {
		return nil, err
	}
	refs := slices.Clone(m.Locations)
	for _, one := range append([]*Message{m}, m.More...) {
		if len(one.Refs) == 0 && len(one.Categories)+len(one.Attributes)+len(one.Links) > 0 {
			return nil, model.Errorf(model.Invalid, "a mixin's collection is changed by naming entities, by X-OCCI-Location or id, and by nothing else")
		}
		refs = append(refs, one.Refs...)
	}
	nouns, err := s.members(at)
	if err != nil {
		return nil, err
	}
	all, err := s.entitiesOf(ctx, nouns)
	if err != nil {
		return nil, err
	}
	named, err := s.namedAmong(all, mixin, refs)
	if err != nil {
		return nil, err
	}
	if how == Associate && len(named) == 0 {
		return nil, model.Errorf(model.Invalid, "the request names no entity")
	}
	stay := make(map[*Entity]bool)
	var joining, leaving []*Entity
	for i := range all {
		e := &all[i]
		was, is := e.has(mixin.ID), named[e]
		if mixin.Mark != "" { // not for a mixin that depends on this one
			was = slices.Contains(e.Marks, mixin.Mark)
		}
		switch {
		case how == Dissociate && is && !was:
			return nil, model.Errorf(model.NotFound, "%s is not in this collection", e.Path())
		case how == Dissociate && (is || len(named) == 0), how == Replace && !is:
			if was {
				leaving = append(leaving, e)
			}
		case was:
			stay[e] = true
		case is:
			joining = append(joining, e)
			stay[e] = true
		}
	}
	if mixin.Mark == "" {
		err = s.giveMixin(ctx, mixin, joining, leaving)
	} else {
		err = s.mark(ctx, mixin, joining, leaving)
	}
	if err != nil {
		return nil, err
	}
	l := &Listing{}
	for i := range all {
		if stay[&all[i]] {
			l.Paths, l.Entities = append(l.Paths, all[i].Path()), append(l.Entities, all[i])
		}
	}
	return l, nil
}

// mark gives a mixin of users' own to entities and takes it from others.
func (s *Session) mark(ctx context.Context, mixin *Mixin, joining, leaving []*Entity) error {
	var changes []marking
	for _, e := range joining {
		changes = append(changes, marking{entity: e, add: []string{mixin.Mark}})
	}
	for _, e := range leaving {
		changes = append(changes, marking{entity: e, remove: []string{mixin.Mark}})
	}
	if err := s.apply(ctx, changes); err != nil {
		return err
	}
	for _, e := range joining {
		e.Marks = append(slices.Clone(e.Marks), mixin.Mark)
	}
	return s.dress(ctx, joining...)
}

// giveMixin gives a template to entities, as an update of each would. No entity
// can be without its template.
func (s *Session) giveMixin(ctx context.Context, mixin *Mixin, joining, leaving []*Entity) error {
	if len(leaving) > 0 {
		return model.Errorf(model.Forbidden, "%s cannot be without %s: give it another template instead", leaving[0].Path(), mixin.ID)
	}
	return forEach(ctx, paths(joining), func(ctx context.Context, i int) error {
		n := s.nounOf(joining[i].Kind)
		if n.Update == nil {
			return notOffered("changing a", n)
		}
		e, err := n.Update(ctx, s, &Change{Present: *joining[i], Values: map[string]Value{}, Mixins: []*Mixin{mixin}})
		if err == nil {
			*joining[i] = e
			err = s.dress(ctx, joining[i])
		}
		return err
	})
}

// namedAmong finds the entities that are referred to, by location or id. Errors:
// NotFound, Invalid, Forbidden for one that the mixin does not apply to.
func (s *Session) namedAmong(all []Entity, mixin *Mixin, refs []string) (map[*Entity]bool, error) {
	byPath := make(map[string]*Entity, len(all))
	byID := make(map[string]*Entity, len(all))
	for i := range all {
		byPath[all[i].Path()], byID[all[i].ID] = &all[i], &all[i]
	}
	named := make(map[*Entity]bool)
	for _, ref := range refs {
		if id := strings.TrimPrefix(ref, "urn:uuid:"); byID[id] != nil {
			named[byID[id]] = true
			continue
		}
		local, err := s.Links.Local(ref)
		if err != nil {
			return nil, err
		}
		p := Locate(local, false)
		if p.Noun == nil || p.ID == "" {
			return nil, model.Errorf(model.NotFound, "%s is not the location of an entity", quoteForMessage(ref))
		}
		e := byPath[p.Noun.Kind.Location+p.ID]
		switch {
		case !mixin.AppliesTo(p.Noun.Kind):
			return nil, model.Errorf(model.Forbidden, "the mixin %s does not apply to %s", mixin.ID, p.Noun.Kind.ID)
		case mixin.Mark != "" && p.Noun.Tag == nil && s.Offers(p.Noun.Kind):
			return nil, cannotCarry(p.Noun)
		case e == nil:
			return nil, model.Errorf(model.NotFound, "there is no %s %s", p.Noun.Kind.ID.Term(), quoteForMessage(p.ID))
		}
		named[e] = true
	}
	return named, nil
}

func cannotCarry(n *Noun) error {
	return model.Errorf(model.Forbidden, "a %s cannot carry mixins of your own: the cloud has no place for them", n.Kind.ID.Term())
}

// marking is a change of the marks that one entity bears.
type marking struct {
	entity      *Entity
	add, remove []string
}

// apply makes changes in parallel, all or none: if one fails, those that were
// made are undone, and what could not be undone is told.
func (s *Session) apply(ctx context.Context, changes []marking) error {
	done := make([]bool, len(changes))
	entities := make([]*Entity, len(changes))
	for i, c := range changes {
		entities[i] = c.entity
		if n := s.nounOf(c.entity.Kind); n.Tag == nil {
			return cannotCarry(n)
		}
	}
	err := forEach(ctx, paths(entities), func(ctx context.Context, i int) error {
		c := changes[i]
		err := s.nounOf(c.entity.Kind).Tag(ctx, s, c.entity.ID, c.add, c.remove)
		done[i] = err == nil
		return err
	})
	if err == nil {
		return nil
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
	defer cancel()
	var left []string
	for i, c := range changes {
		if done[i] && s.nounOf(c.entity.Kind).Tag(undo, s, c.entity.ID, c.remove, c.add) != nil {
			left = append(left, "the mixins of "+c.entity.Path())
		}
	}
	return withRemains(err, left)
}

func paths(entities []*Entity) []string {
	return idsOf(entities, func(e *Entity) string { return e.Path() })
}

// nounOf gives the offered noun of a kind.
func (s *Session) nounOf(k *Kind) *Noun {
	return s.nouns[slices.IndexFunc(s.nouns, func(n *Noun) bool { return n.Kind.ID == k.ID })]
}

// entitiesOf reads the entities of several nouns, in parallel.
func (s *Session) entitiesOf(ctx context.Context, nouns []*Noun) ([]Entity, error) {
	parts, err := s.readAll(ctx, nouns, true)
	if err != nil {
		return nil, err
	}
	var all []Entity
	for _, part := range parts {
		all = append(all, part.Entities...)
	}
	return all, nil
}
