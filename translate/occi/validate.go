package occi

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// sorted is a message's categories, looked up.
type sorted struct {
	kinds   []found
	mixins  []*Mixin
	actions []*Action
}

// sort looks the message's categories up, in parallel: templates may have to be
// listed. Errors: NotFound for an unknown one (OCCI 1.1 HTTP 3.5), Invalid for
// two kinds.
func (s *Session) sort(ctx context.Context, refs []CategoryRef) (sorted, error) {
	var out sorted
	all := make([]found, len(refs))
	errs := make([]error, len(refs))
	var g fanout.Group
	g.SetLimit(batchWorkers)
	for i, ref := range refs {
		g.Go(func() error {
			all[i], errs[i] = s.find(ctx, ref)
			return nil
		})
	}
	_ = g.Wait() // the errors are told in the order of the request
	for i, f := range all {
		switch {
		case errs[i] != nil:
			return out, errs[i]
		case f.kind != nil:
			if !slices.ContainsFunc(out.kinds, func(o found) bool { return o.kind == f.kind }) {
				out.kinds = append(out.kinds, f)
			}
		case f.action != nil:
			out.actions = append(out.actions, f.action)
		case !slices.ContainsFunc(out.mixins, func(m *Mixin) bool { return m.ID == f.mixin.ID }):
			out.mixins = append(out.mixins, f.mixin)
		}
	}
	if len(out.kinds) > 1 {
		return out, model.Errorf(model.Invalid, "an entity has one kind, not both %s and %s", out.kinds[0].kind.ID, out.kinds[1].kind.ID)
	}
	return out, nil
}

// scope is the attributes that a request may name: those of a kind and of
// mixins.
type scope struct {
	noun   *Noun
	mixins []*Mixin
}

// newScope checks that the mixins apply to the kind. Errors: Forbidden (OCCI 1.1
// HTTP 3.5: mixin not applicable).
func newScope(n *Noun, mixins []*Mixin) (*scope, error) {
	for _, m := range mixins {
		if !m.AppliesTo(n.Kind) {
			return nil, model.Errorf(model.Forbidden, "the mixin %s does not apply to %s", m.ID, n.Kind.ID)
		}
	}
	return &scope{n, mixins}, nil
}

// attribute finds a declaration. A mixin of the noun that the request forgot to
// name, but whose attribute it gives, is added. Errors: Invalid.
func (s *scope) attribute(name string) (*Attribute, error) {
	if a := s.noun.Kind.Attribute(name); a != nil {
		return a, nil
	}
	for _, m := range s.mixins {
		if a := findAttribute(m.Attributes, name); a != nil {
			return a, nil
		}
	}
	for _, m := range s.noun.Mixins {
		if a := findAttribute(m.Attributes, name); a != nil {
			s.mixins = append(s.mixins, m)
			return a, nil
		}
	}
	return nil, model.Errorf(model.Invalid, "a %s has no attribute %s", s.noun.Kind.ID.Term(), quoteForMessage(name))
}

// declaredValue is a value with its declaration.
type declaredValue struct {
	attribute *Attribute
	value     Value
}

// values gives a request's attributes their declared types, by their declared
// names. Errors: Invalid for unknown names, wrong types, and the same attribute
// twice with different values.
func (s *scope) values(raw []RawAttribute) (map[string]declaredValue, error) {
	values := make(map[string]declaredValue, len(raw))
	for _, r := range raw {
		a, err := s.attribute(r.Name)
		if err != nil {
			return nil, err
		}
		v, err := r.Value.as(a)
		if err != nil {
			if a.Server { // what a client says about it does not count
				continue
			}
			return nil, err
		}
		if old, ok := values[a.Name]; ok && !old.value.Equal(v) {
			return nil, givenTwice(a.Name)
		}
		values[a.Name] = declaredValue{a, v}
	}
	return values, nil
}

// forCreation drops what only the server sets, and misses what is required.
// Errors: Invalid.
func (s *scope) forCreation(values map[string]declaredValue) (map[string]Value, error) {
	out := make(map[string]Value, len(values))
	for name, v := range values {
		if v.attribute.Server {
			continue
		}
		if err := v.attribute.checkLine(v.value); err != nil {
			return nil, err
		}
		out[name] = v.value
	}
	lists := [][]Attribute{}
	for k := s.noun.Kind; k != nil; k = k.Parent {
		lists = append(lists, k.Attributes)
	}
	for _, m := range s.mixins {
		lists = append(lists, m.Attributes)
	}
	for _, list := range lists {
		for i := range list {
			if _, ok := out[list[i].Name]; list[i].Required && !ok {
				return nil, model.Errorf(model.Invalid, "the attribute %s is required", list[i].Name)
			}
		}
	}
	return out, nil
}

// draft validates a request for a new entity at a place: the location of its
// kind, or the root. Errors: Invalid, NotFound, Forbidden.
func (s *Session) draft(ctx context.Context, at Place, m *Message) (*Draft, error) {
	if len(m.Locations) > 0 {
		return nil, model.Errorf(model.Invalid, "a new entity cannot be given a location: %s", quoteForMessage(m.Locations[0]))
	}
	c, links, err := s.lookUp(ctx, m)
	if err != nil {
		return nil, err
	}
	switch {
	case len(c.actions) > 0:
		return nil, model.Errorf(model.Invalid, "the action %s is not part of an entity; to invoke it, add ?action=%s to the URL",
			c.actions[0].ID, c.actions[0].ID.Term())
	case len(c.kinds) == 0:
		return nil, model.Errorf(model.Invalid, "a new entity needs a kind, and the request names none")
	case c.kinds[0].noun == nil:
		return nil, model.Errorf(model.Invalid, "the kind %s has no entities of its own", c.kinds[0].kind.ID)
	case at.Noun != nil && at.Noun != c.kinds[0].noun:
		return nil, model.Errorf(model.Invalid, "%s is the location of the kind %s, not of %s",
			at.Noun.Kind.Location, at.Noun.Kind.ID, c.kinds[0].kind.ID)
	}
	noun := c.kinds[0].noun
	if isLink := noun.Kind.IsA(LinkKind); m.Member == "links" && !isLink || m.Member == "resources" && isLink {
		return nil, model.Errorf(model.Invalid, "a %s is not one of the %s", noun.Kind.ID.Term(), m.Member)
	}
	if noun.Create == nil {
		return nil, notOffered("creating a", noun)
	}
	sc, err := newScope(noun, c.mixins)
	if err != nil {
		return nil, err
	}
	values, err := sc.values(m.Attributes)
	if err != nil {
		return nil, err
	}
	d := &Draft{Noun: noun}
	if d.Values, err = sc.forCreation(values); err != nil {
		return nil, err
	}
	var own []*Mixin
	d.Mixins, own = split(sc.mixins)
	d.Marks = marksOf(own)
	if len(own) > 0 && noun.Tag == nil {
		return nil, cannotCarry(noun)
	}
	if err := noun.checkLinks(len(links)); err != nil {
		return nil, err
	}
	d.Links = links
	if noun.Kind.IsLink() {
		err = s.setEnds(ctx, d, d.Values[coreTarget].Text())
	}
	return d, err
}

// lookUp finds what a request for a new entity refers to: its categories, and its
// links with their targets. The lists for that, and those that will be needed to
// make the entity, are read in parallel. The first error in the order of the
// request is given.
func (s *Session) lookUp(ctx context.Context, m *Message) (c sorted, links []Draft, err error) {
	links = make([]Draft, len(m.Links))
	errs := make([]error, 1+len(links))
	var g fanout.Group
	g.Go(func() error { c, errs[0] = s.sort(ctx, m.Categories); return nil })
	for i, raw := range m.Links {
		g.Go(func() error { links[i], errs[1+i] = s.draftLink(ctx, raw); return nil })
	}
	for _, ref := range m.Categories {
		if f, ok := s.declared(ref.ID); ok && f.kind != nil && f.noun != nil && f.noun.Ahead != nil {
			f.noun.Ahead(ctx, &g, s)
		}
	}
	_ = g.Wait() // the errors are told in the order of the request
	return c, links, cmp.Or(errs...)
}

// change validates a request to change an entity: partially, or as a whole.
// Errors: Invalid, NotFound, Forbidden.
func (s *Session) change(ctx context.Context, noun *Noun, present Entity, m *Message, full bool) (*Change, error) {
	c, err := s.sort(ctx, m.Categories)
	switch {
	case err != nil:
		return nil, err
	case len(c.actions) > 0:
		return nil, model.Errorf(model.Invalid, "the action %s is not part of an entity", c.actions[0].ID)
	case len(c.kinds) > 0 && c.kinds[0].kind != noun.Kind:
		return nil, model.Errorf(model.Invalid, "the kind of an entity cannot be changed, from %s to %s", noun.Kind.ID, c.kinds[0].kind.ID)
	}
	if m.ID != "" && !s.same(declaredValue{EntityKind.Attribute(coreID), String(m.ID)}, String(present.ID)) {
		return nil, model.Errorf(model.Invalid, "the id in the body is %s, that in the URL %s", quoteForMessage(m.ID), present.ID)
	}
	// Links that are there already are left as they are. OCCI 1.1 has a full
	// update refused that names any.
	var added []RawLink
	for _, l := range m.Links {
		i := slices.IndexFunc(present.Links, func(e Entity) bool { return e.ID == l.ID })
		if i < 0 {
			added = append(added, l)
		} else if err := s.repeated(l, &present.Links[i]); err != nil {
			return nil, err
		}
	}
	if len(added) > 0 && (full || noun.Kind.IsLink()) || len(m.Links) > 0 && full && s.Version == V1_1 {
		return nil, model.Errorf(model.Invalid, "links cannot be part of this request: they are left as they are")
	}
	if err := noun.checkLinks(len(added)); err != nil {
		return nil, err
	}
	links := make([]Draft, len(added))
	err = parallel(ctx, len(added), func(ctx context.Context, i int) (err error) {
		links[i], err = s.draftLink(ctx, added[i])
		links[i].SourceID = present.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	sc, err := newScope(noun, slices.Concat(present.Mixins, c.mixins))
	if err != nil {
		return nil, err
	}
	values, err := sc.values(m.Attributes)
	if err != nil {
		return nil, err
	}
	ch := &Change{Present: present, Values: make(map[string]Value), Links: links}
	for name, v := range values {
		switch now := present.value(name, s.Version); {
		case s.same(v, now), v.attribute.Volatile && full:
		case v.attribute.fixed() && !present.isNew(sc.mixins, name):
			return nil, model.Errorf(model.Forbidden, "the attribute %s cannot be changed", name)
		default:
			if err := v.attribute.checkLine(v.value); err != nil {
				return nil, err
			}
			ch.Values[name] = v.value
		}
	}
	for _, mixin := range sc.mixins {
		// What has a template has what the template depends on.
		if !slices.ContainsFunc(present.Mixins, func(p *Mixin) bool { return p.ID.Is(mixin.ID) || p.Mark == "" && p.Is(mixin.ID) }) {
			ch.Mixins = append(ch.Mixins, mixin)
		}
	}
	var own []*Mixin
	ch.Mixins, own = split(ch.Mixins)
	ch.addMarks = marksOf(own)
	if len(own) > 0 && noun.Tag == nil {
		return nil, cannotCarry(noun)
	}
	if full {
		_, worn := split(present.Mixins)
		ch.removeMarks = marksOf(slices.DeleteFunc(worn, func(p *Mixin) bool {
			return slices.ContainsFunc(c.mixins, func(m *Mixin) bool { return m.ID.Is(p.ID) })
		}))
		for _, av := range present.Attributes {
			if _, kept := values[av.Attribute.Name]; !kept && !av.Attribute.fixed() {
				ch.Removed = append(ch.Removed, av.Attribute.Name)
			}
		}
	}
	return ch, nil
}

// same tells whether a client's value is the present one. Ends of links are
// compared as what they point to.
func (s *Session) same(v declaredValue, now Value) bool {
	switch v.attribute.Name {
	case coreID:
		return strings.TrimPrefix(v.value.Text(), "urn:uuid:") == now.Text()
	case coreSource, coreTarget:
		local, err := s.Links.Local(v.value.Text())
		return err == nil && local == now.Text()
	}
	return v.value.Equal(now)
}

// isNew tells whether the attribute comes with a mixin that the entity does not
// carry yet, so that it is not changed but given.
func (e *Entity) isNew(mixins []*Mixin, name string) bool {
	if e.Kind.Attribute(name) != nil {
		return false
	}
	i := slices.IndexFunc(mixins, func(m *Mixin) bool { return findAttribute(m.Attributes, name) != nil })
	return i >= 0 && !slices.ContainsFunc(e.Mixins, func(p *Mixin) bool { return p.ID.Is(mixins[i].ID) })
}

// invocation validates an action request: exactly one category, that of the
// action in the URL. Errors: Invalid; NotFound for an action that nothing
// declares.
func (s *Session) invocation(ctx context.Context, noun *Noun, term string, m *Message) (Invocation, error) {
	if len(m.Categories) != 1 || len(m.Links)+len(m.Locations)+len(m.More) > 0 {
		return Invocation{}, model.Errorf(model.Invalid, "an action request holds the action's category and its attributes, and nothing else")
	}
	c, err := s.sort(ctx, m.Categories)
	if err != nil {
		return Invocation{}, err
	}
	switch {
	case len(c.actions) == 0:
		return Invocation{}, model.Errorf(model.Invalid, "%s is not an action", m.Categories[0].ID)
	case !strings.EqualFold(c.actions[0].ID.Term(), term):
		return Invocation{}, model.Errorf(model.Invalid, "the URL says ?action=%s, the category %s", quoteForMessage(term), c.actions[0].ID)
	case slices.Contains(noun.Kind.Actions, c.actions[0]) && !slices.Contains(noun.Actions, c.actions[0]):
		return Invocation{}, model.Errorf(model.Unsupported, "the action %s is not offered", c.actions[0].ID)
	case !slices.Contains(noun.Actions, c.actions[0]):
		return Invocation{}, model.Errorf(model.Invalid, "the action %s is not one of %s", c.actions[0].ID, noun.Kind.ID)
	}
	in := Invocation{Action: c.actions[0], Values: make(map[string]Value)}
	for _, raw := range m.Attributes {
		a := findAttribute(in.Action.Attributes, raw.Name)
		if a == nil {
			return Invocation{}, model.Errorf(model.Invalid, "the action %s has no attribute %s", in.Action.ID, quoteForMessage(raw.Name))
		}
		v, err := raw.Value.as(a)
		if err != nil {
			return Invocation{}, err
		}
		if old, ok := in.Values[a.Name]; ok && !old.Equal(v) {
			return Invocation{}, givenTwice(a.Name)
		}
		if err := a.checkLine(v); err != nil {
			return Invocation{}, err
		}
		in.Values[a.Name] = v
	}
	for i := range in.Action.Attributes {
		a := &in.Action.Attributes[i]
		_, given := in.Values[a.Name]
		switch {
		case given:
		case a.Required:
			return Invocation{}, model.Errorf(model.Invalid, "the action %s needs the attribute %s", in.Action.ID, a.Name)
		case !a.Default.IsZero():
			in.Values[a.Name] = a.Default
		}
	}
	return in, nil
}

func givenTwice(name string) error {
	return model.Errorf(model.Invalid, "the attribute %s is given twice, with different values", name)
}

func notOffered(what string, n *Noun) error {
	return model.Errorf(model.Unsupported, "%s %s is not offered", what, n.Kind.ID.Term())
}
