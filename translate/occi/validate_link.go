package occi

import (
	"context"
	"maps"
	"slices"

	"github.com/occimi/occimi/model"
)

// setEnds resolves what a link of its own begins at, and what it points to.
// Errors: Invalid, NotFound, Conflict.
func (s *Session) setEnds(ctx context.Context, d *Draft, target string) (err error) {
	if source, ok := d.Values[coreSource]; ok {
		if _, d.SourceID, err = s.entityAt(source.Text(), linkSources); err != nil {
			return err
		}
	}
	t, id, err := s.entityAt(target, d.Noun.Kind.Targets)
	if err != nil {
		return err
	}
	d.Target = t.Kind
	d.TargetID, err = s.targetID(ctx, t.Kind, id, d.Mixins)
	return err
}

// linkSources is where links begin: all of today's at a compute.
var linkSources = []Target{{infraScheme + "compute", "/compute/"}}

// checkLinks refuses to give links to what none can begin at. Errors: Invalid.
func (n *Noun) checkLinks(count int) error {
	switch {
	case count == 0 || slices.ContainsFunc(linkSources, func(t Target) bool { return t.Kind == n.Kind.ID }):
		return nil
	case n.Kind.IsLink():
		return model.Errorf(model.Invalid, "a link has no links of its own")
	}
	return model.Errorf(model.Invalid, "no link begins at a %s: links are those of a %s", n.Kind.ID.Term(), kindNames(linkSources))
}

// draftLink validates an inline link. Its source is the new resource, whatever
// the client says; its target is what occi.core.target says if that is there,
// else what stands between the angle brackets.
func (s *Session) draftLink(ctx context.Context, raw RawLink) (Draft, error) {
	if len(raw.Categories) == 0 {
		return Draft{}, model.Errorf(model.Invalid, "there is no link %s: a new one needs kind and target", quoteForMessage(raw.Target))
	}
	c, err := s.sort(ctx, raw.Categories)
	if err != nil {
		return Draft{}, err
	}
	if len(c.kinds) == 0 || c.kinds[0].noun == nil || !c.kinds[0].kind.IsLink() {
		return Draft{}, model.Errorf(model.Invalid, "the link to %s has no category that is a kind of link", quoteForMessage(raw.Target))
	}
	l := Draft{Noun: c.kinds[0].noun}
	sc, err := newScope(l.Noun, c.mixins)
	if err != nil {
		return Draft{}, err
	}
	values, err := sc.values(raw.Attributes)
	if err != nil {
		return Draft{}, err
	}
	var own []*Mixin
	if l.Mixins, own = split(sc.mixins); len(own) > 0 {
		return Draft{}, model.Errorf(model.Forbidden, "the mixin %s can be given to a link when the link is there", own[0].ID)
	}
	l.Values = make(map[string]Value, len(values))
	for name, v := range values {
		if err := v.attribute.checkLine(v.value); err != nil {
			return Draft{}, err
		}
		if name != coreSource {
			l.Values[name] = v.value
		}
	}
	ref := raw.Target
	if v, ok := l.Values[coreTarget]; ok {
		ref = v.Text()
	}
	return l, s.setEnds(ctx, &l, ref)
}

// targetID looks for the target of a link and gives its id. What is of a kind
// that is not offered is left to the cloud to find. Errors: NotFound, Conflict.
func (s *Session) targetID(ctx context.Context, kind TypeID, id string, mixins []*Mixin) (string, error) {
	i := slices.IndexFunc(s.nouns, func(n *Noun) bool { return n.Kind.ID == kind })
	if i < 0 {
		return id, nil
	}
	if s.nouns[i].Target != nil {
		return s.nouns[i].Target(ctx, s, id, mixins)
	}
	ids, err := s.ids(ctx, s.nouns[i])
	if err == nil && !slices.Contains(ids, id) {
		err = noTarget(kind, id)
	}
	return id, err
}

func noTarget(kind TypeID, id string) error {
	return model.Errorf(model.NotFound, "there is no %s %s to link to", kind.Term(), quoteForMessage(id))
}

// repeated checks that a link which is there is only repeated: what changes it is
// said at its own URL. Errors: Invalid.
func (s *Session) repeated(l RawLink, e *Entity) error {
	sc, err := newScope(s.nounOf(e.Kind), e.Mixins)
	if err != nil {
		return err
	}
	values, err := sc.values(l.Attributes)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if name == coreSource || v.attribute.Server || s.same(v, e.value(name, s.Version)) {
			continue
		}
		return model.Errorf(model.Invalid, "%s of the link %s cannot be changed here, only at %s", name, e.ID, e.Path())
	}
	return nil
}
