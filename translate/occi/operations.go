package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// Filter selects entities: those that have all of the categories and attributes
// (OCCI 1.1 HTTP 3.4.1). The zero Filter selects all.
type Filter struct {
	Categories []CategoryRef
	Attributes []RawAttribute
}

// Page cuts a listing (OCCI 1.2 HTTP 5.3.1.1): the Number-th of pages of Size
// entities, counted from 1. The zero Page is everything.
type Page struct{ Number, Size int }

// Listing is the content of a collection: Paths always, and Entities if they
// were read. Both are in the same order.
type Listing struct {
	Paths    []string
	Entities []Entity
}

// List gives what is at a collection or below a path. Entities are read only if
// they are asked for, or if the filter needs them. Errors: NotFound for a place
// or a category that does not exist.
func (s *Session) List(ctx context.Context, at Place, f Filter, page Page, entities bool) (*Listing, error) {
	nouns, err := s.members(at)
	if model.IsCode(err, model.NotFound) && s.hasMixinBelow(ctx, at.Below) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	sel, err := s.selection(ctx, at, f)
	if err != nil {
		return nil, err
	}
	if len(nouns) == 0 { // above locations of mixins only: the union of their members
		mixins, err := s.mixinsBelow(ctx, at.Below)
		if err != nil {
			return nil, err
		}
		for _, m := range mixins {
			sel.either = append(sel.either, m.ID)
		}
		nouns = slices.DeleteFunc(slices.Clone(s.nouns), func(n *Noun) bool {
			return !slices.ContainsFunc(mixins, func(m *Mixin) bool { return m.AppliesTo(n.Kind) })
		})
	}
	if sel.kind != nil {
		nouns = slices.DeleteFunc(slices.Clone(nouns), func(n *Noun) bool { return !n.Kind.IsA(sel.kind) })
	}
	parts, err := s.readAll(ctx, nouns, entities || sel.needsEntities())
	if err != nil {
		return nil, err
	}
	all := &Listing{}
	for _, part := range parts {
		for i, path := range part.Paths {
			if len(part.Entities) > 0 && !sel.takes(s, &part.Entities[i]) {
				continue
			}
			all.Paths = append(all.Paths, path)
			if len(part.Entities) > 0 {
				all.Entities = append(all.Entities, part.Entities[i])
			}
		}
	}
	all.cut(page)
	return all, nil
}

// readAll reads the entities of several nouns in parallel.
func (s *Session) readAll(ctx context.Context, nouns []*Noun, entities bool) ([]Listing, error) {
	parts := make([]Listing, len(nouns))
	err := parallel(ctx, len(nouns), func(ctx context.Context, i int) (err error) {
		n, part := nouns[i], &parts[i]
		if entities {
			if part.Entities, err = n.List(ctx, s); err == nil {
				err = s.dressAll(ctx, part.Entities)
			}
			part.Paths = idsOf(part.Entities, func(e Entity) string { return e.Path() })
			return err
		}
		ids, err := s.ids(ctx, n)
		part.Paths = idsOf(ids, func(id string) string { return n.Kind.Location + id })
		return err
	})
	return parts, err
}

func (l *Listing) cut(p Page) {
	if p == (Page{}) {
		return
	}
	l.Paths, _ = page(l.Paths, p, 0)
	l.Entities, _ = page(l.Entities, p, 0)
}

// selection is a filter, looked up, together with what the place itself selects.
type selection struct {
	kind       *Kind
	mixins     []TypeID
	attributes []RawAttribute
	// either are mixins of which an entity must carry one.
	either []TypeID
}

func (s *Session) selection(ctx context.Context, at Place, f Filter) (selection, error) {
	sel := selection{attributes: f.Attributes}
	c, err := s.sort(ctx, f.Categories)
	if err != nil {
		return sel, err
	}
	if len(c.actions) > 0 {
		return sel, model.Errorf(model.Invalid, "entities cannot be selected by the action %s", c.actions[0].ID)
	}
	if len(c.kinds) > 0 {
		sel.kind = c.kinds[0].kind
	}
	if at.Mixin != nil || at.Template != nil {
		m, err := s.mixinAt(ctx, at)
		if err != nil {
			return sel, err
		}
		c.mixins = append(c.mixins, m)
	}
	for _, m := range c.mixins {
		sel.mixins = append(sel.mixins, m.ID)
	}
	return sel, nil
}

func (sel *selection) needsEntities() bool {
	return len(sel.mixins)+len(sel.either)+len(sel.attributes) > 0
}

func (sel *selection) takes(s *Session, e *Entity) bool {
	if !sel.needsEntities() {
		return true
	}
	for _, id := range sel.mixins {
		if !e.has(id) {
			return false
		}
	}
	if len(sel.either) > 0 && !slices.ContainsFunc(sel.either, e.has) {
		return false
	}
	for _, a := range sel.attributes {
		now := e.value(a.Name, s.Version)
		if now.IsZero() || !s.same(declaredValue{&Attribute{Name: a.Name}, a.Value.like(now)}, now) {
			return false
		}
	}
	return true
}

// Get gives the entity at a place. Errors: NotFound.
func (s *Session) Get(ctx context.Context, at Place) (*Entity, error) {
	n, err := s.entityNoun(at)
	if err != nil {
		return nil, err
	}
	return s.get(ctx, n, at.ID)
}

// get gives an entity with the mixins of users' own that it carries.
func (s *Session) get(ctx context.Context, n *Noun, id string) (*Entity, error) {
	e, err := n.Get(ctx, s, id)
	if err == nil {
		err = s.dress(ctx, &e)
	}
	return &e, err
}

// entityNoun gives the noun of an entity's place. Errors: NotFound, also for
// what can be no id.
func (s *Session) entityNoun(at Place) (*Noun, error) {
	if !s.Offers(at.Noun.Kind) || !validID(at.ID) {
		return nil, model.Errorf(model.NotFound, "there is no %s %s", at.Noun.Kind.ID.Term(), quoteForMessage(at.ID))
	}
	return at.Noun, nil
}

// Update changes an entity: what the message says, or, with full, everything to
// what the message says (OCCI 1.2 HTTP 5.4.3 and 5.4.4). Links stay.
func (s *Session) Update(ctx context.Context, at Place, m *Message, full bool) (*Entity, error) {
	n, err := s.entityNoun(at)
	if err != nil {
		return nil, err
	}
	if m, err = ofOne(n, m); err != nil {
		return nil, err
	}
	said := *m
	said.Locations = nil
	if said.Empty() {
		return nil, model.Errorf(model.Invalid, "the request says nothing of the %s", n.Kind.ID.Term())
	}
	present, err := s.get(ctx, n, at.ID)
	if err != nil {
		if full && model.IsCode(err, model.NotFound) {
			return nil, model.Errorf(model.Invalid, "there is no %s %s, and ids are the cloud's to choose: create one with POST to %s",
				n.Kind.ID.Term(), quoteForMessage(at.ID), n.Kind.Location)
		}
		return nil, err
	}
	c, err := s.change(ctx, n, *present, m, full)
	if err != nil {
		return nil, err
	}
	return s.update(ctx, n, c)
}

// ofOne gives what a message says of one entity. Links that are sent to a resource
// without it are that resource's. Errors: Invalid if it is of several entities.
func ofOne(n *Noun, m *Message) (*Message, error) {
	if m.Member != "links" || n.Kind.IsLink() {
		if len(m.More) > 0 {
			return nil, model.Errorf(model.Invalid, "the request is about %d entities, and the URL names one", 1+len(m.More))
		}
		return m, nil
	}
	one := &Message{}
	for _, l := range append([]*Message{m}, m.More...) {
		link, err := l.asLink()
		if err != nil {
			return nil, err
		}
		one.Links = append(one.Links, link)
	}
	return one, nil
}

// update makes a change: the marks first, because that can be undone.
func (s *Session) update(ctx context.Context, n *Noun, c *Change) (*Entity, error) {
	e := c.Present
	marks := slices.Concat(e.Marks, c.addMarks)
	marks = slices.DeleteFunc(marks, func(m string) bool { return slices.Contains(c.removeMarks, m) })
	err := inOrder(ctx, []step{
		{
			what: "the mixins of " + e.Path(),
			do:   func(ctx context.Context) error { return s.tag(ctx, n, c.Present.ID, c.addMarks, c.removeMarks) },
			undo: func(ctx context.Context) error { return s.tag(ctx, n, c.Present.ID, c.removeMarks, c.addMarks) },
		},
		{do: func(ctx context.Context) (err error) {
			switch {
			case len(c.Values)+len(c.Mixins)+len(c.Links)+len(c.Removed) == 0:
			case n.Update == nil:
				err = notOffered("changing a", n)
			default:
				e, err = n.Update(ctx, s, c)
			}
			return err
		}},
	})
	if err != nil {
		return nil, err
	}
	e.Marks = marks
	return &e, s.dress(ctx, &e)
}

// tag is the noun's Tag, if there is anything to do.
func (s *Session) tag(ctx context.Context, n *Noun, id string, add, remove []string) error {
	if len(add)+len(remove) == 0 {
		return nil
	}
	return n.Tag(ctx, s, id, add, remove)
}

// Delete deletes an entity.
func (s *Session) Delete(ctx context.Context, at Place) error {
	n, err := s.entityNoun(at)
	if err != nil {
		return err
	}
	if n.Delete == nil {
		return notOffered("deleting a", n)
	}
	return n.Delete(ctx, s, at.ID)
}

// DeleteAll deletes the entities of a kind: those that the message names, or
// all. It deletes nothing if one of them cannot be found, or is locked. There is
// no filter: a message that might be meant as one is refused (Invalid).
func (s *Session) DeleteAll(ctx context.Context, at Place, m *Message) error {
	n := at.Noun
	if _, err := s.members(at); err != nil {
		return err
	}
	if n.Delete == nil {
		return notOffered("deleting a", n)
	}
	if len(m.Categories)+len(m.Attributes)+len(m.Links)+len(m.More) > 0 {
		return model.Errorf(model.Invalid, "a deletion cannot be filtered: name the entities by X-OCCI-Location, or nothing to delete all")
	}
	entities, err := n.List(ctx, s)
	if err != nil {
		return err
	}
	if len(m.Locations) > 0 {
		if entities, err = s.named(n, entities, m.Locations); err != nil {
			return err
		}
	}
	for _, e := range entities {
		if e.Foreign {
			return foreign(e)
		}
		if e.Locked {
			return model.Errorf(model.Conflict, "nothing was deleted: %s is locked", e.Path())
		}
	}
	ids := idsOf(entities, func(e Entity) string { return e.ID })
	return forEach(ctx, ids, func(ctx context.Context, i int) error {
		err := n.Delete(ctx, s, ids[i])
		if model.IsCode(err, model.NotFound) { // somebody else was faster
			return nil
		}
		return err
	})
}

// named picks the entities that are at the locations. Errors: NotFound.
func (s *Session) named(n *Noun, entities []Entity, locations []string) ([]Entity, error) {
	byID := make(map[string]Entity, len(entities))
	for _, e := range entities {
		byID[e.ID] = e
	}
	var picked []Entity
	seen := make(map[string]bool)
	for _, location := range locations {
		_, id, err := s.entityAt(location, []Target{{n.Kind.ID, n.Kind.Location}})
		if err != nil {
			return nil, err
		}
		e, ok := byID[id]
		if !ok {
			return nil, model.Errorf(model.NotFound, "there is no %s %s", n.Kind.ID.Term(), quoteForMessage(id))
		}
		if !seen[id] {
			picked = append(picked, e)
		}
		seen[id] = true
	}
	return picked, nil
}

// Act invokes an action on an entity, or on all of a collection. It gives the
// categories that came of it, such as the template that a machine was saved as.
// An action that does not fit the state is a Conflict; to clients of OCCI 1.1,
// which has no such answer, it is Invalid.
func (s *Session) Act(ctx context.Context, at Place, term string, m *Message) ([]*Mixin, error) {
	n := at.Noun
	if at.ID != "" {
		if _, err := s.entityNoun(at); err != nil {
			return nil, err
		}
	} else if _, err := s.members(at); err != nil {
		return nil, err
	}
	in, err := s.invocation(ctx, n, term, m)
	if err != nil {
		return nil, err
	}
	in.ID = at.ID
	mixins, err := n.Act(ctx, s, in)
	if s.Version == V1_1 && model.IsCode(err, model.Conflict) {
		e := *model.AsError(err)
		e.Code = model.Invalid
		err = &e
	}
	return mixins, err
}
