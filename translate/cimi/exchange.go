package cimi

import (
	"context"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// Body is a request's body.
type Body struct {
	Bytes  []byte
	Format Format
}

// offered refuses targets that do not exist for this client.
func (s *Session) offered(t Target) error {
	if !t.entry && !s.serves(t.resource) {
		return model.Errorf(model.NotFound, "this cloud has no %s", t.resource.attributeName())
	}
	return nil
}

// Read gives the representation of a target. Errors: Invalid (the query does
// not fit), NotFound, and those of the model.
func (s *Session) Read(ctx context.Context, t Target, q Query) (Document, error) {
	if err := s.offered(t); err != nil {
		return Document{}, err
	}
	switch {
	case t.entry:
		return s.single(ctx, entryPoint, s.entryPoint(), q)
	case t.item:
		got, err := t.resource.get(ctx, s, t.at)
		if err != nil {
			return Document{}, err
		}
		return s.single(ctx, t.resource, got, q)
	}
	items, err := t.resource.list(ctx, s, t.at)
	if err != nil {
		return Document{}, err
	}
	p := newPage(t.resource, t.uri(s), items)
	if err := p.apply(s, q); err != nil {
		return Document{}, err
	}
	choice := q.pageSelection(s.itemsKey(t.resource))
	if len(q.Expand) > 0 && choice.items() {
		if err := s.expand(ctx, t.resource, p.shown(), q, choice.ofItems()); err != nil {
			return Document{}, err
		}
	}
	return Document{s: s, page: p, choice: choice}, nil
}

// single makes the document of one resource.
func (s *Session) single(ctx context.Context, r *resource, got any, q Query) (Document, error) {
	v := reflect.ValueOf(got).Elem()
	if len(q.Expand) > 0 {
		if err := s.expand(ctx, r, []reflect.Value{v}, q, q.selection()); err != nil {
			return Document{}, err
		}
	}
	return Document{s: s, typ: r.name(), value: v, choice: q.selection()}, nil
}

// Create makes an item of a collection, and gives its URI and representation.
// Errors: Invalid (names what is wrong in the body), and those of the model.
func (s *Session) Create(ctx context.Context, t Target, b Body) (location string, d Document, err error) {
	if err := s.offered(t); err != nil {
		return "", Document{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return "", Document{}, err
	}
	c := t.resource.create
	in := reflect.New(c.in).Interface()
	decode := decoder{s: s, creation: true}
	if err := decode.document(n, in, bodyTypes(c.in, t.resource.name())...); err != nil {
		return "", Document{}, err
	}
	made, err := c.make(ctx, s, t.at, in)
	if err != nil {
		return "", Document{}, err
	}
	return s.made(made)
}

// bodyTypes are the types that a creation's body may say it has: the struct's
// own, and the item's with and without "Create".
func bodyTypes(in reflect.Type, item string) []string {
	types := []string{item + "Create"}
	if in.Name() == item {
		types = append(types, item)
	}
	return types
}

// made gives the URI and the document of what was made.
func (s *Session) made(resource any) (string, Document, error) {
	v := reflect.ValueOf(resource).Elem()
	id := schemaOf(v.Type()).attribute(s.Version, "id").value(v).String()
	return id, Document{s: s, typ: v.Type().Name(), value: v}, nil
}

// Update changes an item: all of its writable attributes, of which those that
// the body lacks are reset; or with $select those that it names (DSP0263
// 4.2.1.3). It gives the new representation, of the same attributes. Errors:
// Invalid, NotFound, and those of the model.
func (s *Session) Update(ctx context.Context, t Target, q Query, b Body) (Document, error) {
	if err := s.offered(t); err != nil {
		return Document{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return Document{}, err
	}
	in := reflect.New(t.resource.item).Interface()
	decode := decoder{s: s, only: q.Select}
	if err := decode.document(n, in, t.resource.name()); err != nil {
		return Document{}, err
	}
	changed := func(name string) bool { return q.Select == nil || slices.Contains(q.Select, name) }
	got, err := t.resource.update(ctx, s, t.at, in, changed)
	if err != nil {
		return Document{}, err
	}
	return s.single(ctx, t.resource, got, q)
}

// Delete deletes an item. Errors: those of the model.
func (s *Session) Delete(ctx context.Context, t Target) error {
	if err := s.offered(t); err != nil {
		return err
	}
	return t.resource.delete(ctx, s, t.at)
}

// Act does an operation on an item. If it made a resource, location is its URI,
// and d its representation; else location is empty. Errors: Invalid (the body
// asks for another operation, or for what cannot be), and those of the model.
func (s *Session) Act(ctx context.Context, t Target, b Body) (location string, d Document, err error) {
	if err := s.offered(t); err != nil {
		return "", Document{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return "", Document{}, err
	}
	// Clients are known to send broken action URIs; the name at their end is
	// what they mean.
	if asked := n.kid("action"); asked != nil {
		if name := path.Base(strings.TrimSpace(asked.text)); name != t.action.name {
			return "", Document{}, model.Errorf(model.Invalid, "the body asks for %q at the URI of %q", clip(name), t.action.name)
		}
		n.without("action")
	} else if n.form == formElement && lowerFirst(n.name) == "action" {
		return "", Document{}, model.Errorf(model.Invalid, "the body does not name an action")
	}
	in := reflect.New(t.action.in).Interface()
	decode := decoder{s: s, creation: true}
	if err := decode.document(n, in, append([]string{"Action"}, t.action.accepts...)...); err != nil {
		return "", Document{}, err
	}
	made, err := t.action.do(ctx, s, t.at, in)
	if err != nil || made == nil {
		return "", Document{}, err
	}
	return s.made(made)
}

// shown gives the items of a page that are shown.
func (p *page) shown() []reflect.Value {
	items := make([]reflect.Value, len(p.order))
	for i, at := range p.order {
		items[i] = p.items.Index(at)
	}
	return items
}
