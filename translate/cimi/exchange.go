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
	choice := q.selection()
	if t.resource != nil && !t.item {
		choice = q.pageSelection(s.itemsKey(t.resource))
	}
	return s.needing(t.resource, func(attribute string) bool { return q.needs(choice, attribute) }).read(ctx, t, q)
}

// ReadWhole is Read, but that what Whole gives of the document is whole, whatever
// the query selects.
func (s *Session) ReadWhole(ctx context.Context, t Target, q Query) (Document, error) {
	return s.needingAll().read(ctx, t, q)
}

func (s *Session) read(ctx context.Context, t Target, q Query) (Document, error) {
	if err := s.offered(t); err != nil {
		return Document{}, err
	}
	switch {
	case t.entry:
		return s.single(ctx, entryPoint, s.entryPoint(), q)
	case t.item:
		got, err := s.get(ctx, t.resource, t.at)
		if err != nil {
			return Document{}, err
		}
		return s.single(ctx, t.resource, got, q)
	}
	p, err := s.page(ctx, t, q)
	if err != nil {
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

// page gives what a query asks of a collection. Where the items of a page can be
// had without the others, those are not read.
func (s *Session) page(ctx context.Context, t Target, q Query) (*page, error) {
	if part, ok := q.part(); ok && t.resource.page != nil {
		items, total, err := t.resource.page(ctx, s, part)
		if err != nil {
			return nil, err
		}
		p := newPage(t.resource, t.uri(s), items)
		p.count, p.query = total, q
		return p, nil
	}
	items, err := s.list(ctx, t.resource, t.at)
	if err != nil {
		return nil, err
	}
	p := newPage(t.resource, t.uri(s), items)
	return p, p.apply(s, q)
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

// Outcome is what a write led to.
type Outcome struct {
	// Location is the URI of what was made; empty: nothing was.
	Location string
	// Document is the representation of what was made or changed; nil: there is
	// none.
	Document *Document
	// Job is the URI of the job that tells how the write goes on; empty: none is
	// kept.
	Job string
	// Running tells that the write goes on after it is answered.
	Running bool
	// Unkept is why something that goes with the write could not be kept in the
	// store, such as its job: the write itself succeeded.
	Unkept error
}

// Create makes an item of a collection, and gives its URI and representation.
// Errors: Invalid (names what is wrong in the body), and those of the model.
func (s *Session) Create(ctx context.Context, t Target, b Body) (Outcome, error) {
	if err := s.offered(t); err != nil {
		return Outcome{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return Outcome{}, err
	}
	r := t.resource
	in := reflect.New(r.create.in).Interface()
	decode := decoder{ctx: ctx, s: s, creation: true}
	if err := decode.document(n, in, bodyTypes(r.create.in, r.name())...); err != nil {
		return Outcome{}, err
	}
	made, err := s.make(ctx, r, t.at, in)
	if err != nil {
		return Outcome{}, err
	}
	return s.made(ctx, t, made), nil
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

// made gives the outcome of a write that made a resource.
func (s *Session) made(ctx context.Context, t Target, made any) Outcome {
	d := s.document(made)
	id := string(commonOf(made).ID)
	o := Outcome{Location: id, Document: &d}
	s.record(ctx, &o, t, "POST", s.settling(made))
	return o
}

// Update changes an item: all of its writable attributes, of which those that
// the body lacks are reset; or with $select those that it names (DSP0263
// 4.2.1.3). It gives the new representation, of the same attributes. Errors:
// Invalid, NotFound, and those of the model.
func (s *Session) Update(ctx context.Context, t Target, q Query, b Body) (Outcome, error) {
	if err := s.offered(t); err != nil {
		return Outcome{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return Outcome{}, err
	}
	r := t.resource
	in := reflect.New(r.item).Interface()
	decode := decoder{ctx: ctx, s: s, only: q.Select}
	if err := decode.document(n, in, r.name()); err != nil {
		return Outcome{}, err
	}
	changed := func(name string) bool { return q.Select == nil || slices.Contains(q.Select, name) }
	got, err := s.needing(r, q.selection().shows).change(ctx, r, t.at, in, changed)
	if err != nil {
		return Outcome{}, err
	}
	d, err := s.single(ctx, r, got, q)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Document: &d}
	s.record(ctx, &o, t, "PUT", s.changing(got))
	return o, nil
}

// Delete deletes an item. Errors: those of the model.
func (s *Session) Delete(ctx context.Context, t Target) (Outcome, error) {
	if err := s.offered(t); err != nil {
		return Outcome{}, err
	}
	s.settleJobs(ctx, t)
	if err := t.resource.delete(ctx, s, t.at); err != nil {
		return Outcome{}, err
	}
	if !t.resource.lingers { // else they are swept when it is gone
		s.forgetExtras(ctx, t)
	}
	var o Outcome
	goal := s.vanishing(t)
	if goal == nil {
		o.Unkept = s.emptyReferences(ctx, t)
	} else {
		o.Unkept = s.noteLeaving(ctx, t, goal)
	}
	s.record(ctx, &o, t, "DELETE", goal)
	return o, nil
}

// Act does an operation on an item. Errors: Invalid (the body asks for another
// operation, or for what cannot be), and those of the model.
func (s *Session) Act(ctx context.Context, t Target, b Body) (Outcome, error) {
	if err := s.offered(t); err != nil {
		return Outcome{}, err
	}
	n, err := parse(b.Bytes, b.Format, s.Version)
	if err != nil {
		return Outcome{}, err
	}
	// Clients are known to send broken action URIs; the name at their end is
	// what they mean.
	if asked := n.kid("action"); asked != nil {
		if name := path.Base(strings.TrimSpace(asked.text)); name != t.action.name {
			return Outcome{}, model.Errorf(model.Invalid, "the body asks for %q at the URI of %q", clip(name), t.action.name)
		}
		n.without("action")
	} else if claim := n.kid("resourceURI"); n.form == formElement && lowerFirst(n.name) == "action" || claim != nil && path.Base(claim.text) == "Action" {
		return Outcome{}, model.Errorf(model.Invalid, "the body does not name an action")
	}
	in := reflect.New(t.action.in).Interface()
	decode := decoder{ctx: ctx, s: s, creation: true}
	if err := decode.document(n, in, append([]string{"Action"}, t.action.accepts...)...); err != nil {
		return Outcome{}, err
	}
	made, err := t.action.do(ctx, s, t.at, in)
	if err != nil {
		return Outcome{}, err
	}
	if made != nil {
		return s.made(ctx, t, made), nil
	}
	var o Outcome
	s.record(ctx, &o, t, "POST", reaching(t))
	return o, nil
}

// shown gives the items of a page that are shown.
func (p *page) shown() []reflect.Value {
	items := make([]reflect.Value, len(p.order))
	for i, at := range p.order {
		items[i] = p.items.Index(at)
	}
	return items
}
