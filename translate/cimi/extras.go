package cimi

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// Extras are common attributes of things in the cloud that the cloud has no
// place for, such as the properties of a network. They are documents of the
// store, named as the things are; those of things that are gone are swept when
// all things are listed. Without a store they are passed over, as whatever
// consumers may not write is.

// sweepAfter keeps what belongs to a thing that was made while the list of all
// things was on its way.
const sweepAfter = 5 * time.Minute

// documentKind names a resource's documents in the store.
func documentKind(r *resource) string { return "cimi/" + r.path }

// extrasKind names a resource's extras in the store.
func extrasKind(r *resource) string { return documentKind(r) + "/extras" }

// keepsExtras tells whether there is a place for the extras of a resource's
// items.
func (s *Session) keepsExtras(r *resource) bool {
	return s.Documents != nil && len(s.home(r).extras) > 0
}

// home is the resource under whose path a resource's items are found: for most
// itself.
func (s *Session) home(r *resource) *resource {
	if r.get == nil {
		if elsewhere := s.resourceOf(r.name()); elsewhere != nil {
			return elsewhere
		}
	}
	return r
}

func (s *Session) project() string { return s.Cloud.Identity().ProjectID }

// list gives the items at an address with all their attributes.
func (s *Session) list(ctx context.Context, r *resource, at Address) (any, error) {
	items, err := r.list(ctx, s, at)
	if err != nil {
		return nil, err
	}
	left, err := s.fillIn(ctx, r, items)
	if len(at) == 0 && err == nil {
		s.sweep(ctx, r, left)
	}
	return items, err
}

// fillIn gives the extras of items to lists of them, and those that are left.
func (s *Session) fillIn(ctx context.Context, r *resource, lists ...any) (left map[string]*model.Document, err error) {
	if !s.keepsExtras(r) {
		return nil, nil
	}
	r = s.home(r)
	documents, err := s.Documents.Documents(ctx, s.project(), extrasKind(r))
	if err != nil || len(documents) == 0 {
		return nil, err
	}
	byID := make(map[string]*model.Document, len(documents))
	for i := range documents {
		byID[documents[i].ID] = &documents[i]
	}
	for _, items := range lists {
		list := reflect.ValueOf(items)
		for i := range list.Len() {
			item := list.Index(i).Addr().Interface()
			key := s.extrasKey(item)
			if d := byID[key]; d != nil {
				if err := readExtras(r, item, d.Content); err != nil {
					return nil, err
				}
				delete(byID, key)
			}
		}
	}
	return byID, nil
}

// sweep forgets the extras of what is gone. That it fails is no matter: the next
// list does it again.
func (s *Session) sweep(ctx context.Context, r *resource, left map[string]*model.Document) {
	var gone []string
	for key, d := range left {
		if s.now().Sub(d.Updated) > sweepAfter {
			gone = append(gone, key)
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		_ = s.Documents.ForgetDocuments(ctx, s.project(), extrasKind(r), gone)
	}
}

// get gives one item with all its attributes.
func (s *Session) get(ctx context.Context, r *resource, at Address) (any, error) {
	item, err := r.get(ctx, s, at)
	if err != nil || !s.keepsExtras(r) {
		return item, err
	}
	d, err := s.Documents.Document(ctx, s.project(), extrasKind(r), s.extrasKey(item))
	if model.IsCode(err, model.NotFound) {
		return item, nil
	}
	if err != nil {
		return nil, err
	}
	return item, readExtras(r, item, d.Content)
}

// extrasKey names an item, of whatever version and host: its id below the base
// URI.
func (s *Session) extrasKey(item any) string {
	return strings.TrimPrefix(string(commonOf(item).ID), s.BaseURI())
}

// commonOf gives the common attributes of a pointer to a resource's struct.
func commonOf(item any) *Common {
	return reflect.ValueOf(item).Elem().FieldByName("Common").Addr().Interface().(*Common)
}

// extrasOf gives those of r's extras that c has.
func extrasOf(r *resource, c *Common) *Common {
	kept := &Common{}
	copyExtras(r, kept, c, func(string) bool { return true })
	return kept
}

// copyExtras sets those of r's extras that changed names.
func copyExtras(r *resource, to, from *Common, changed func(string) bool) {
	for _, a := range schemaOf(reflect.TypeFor[Common]()).attributes[everyVersion] {
		if slices.Contains(r.extras, a.name) && changed(a.name) {
			a.value(reflect.ValueOf(to).Elem()).Set(a.value(reflect.ValueOf(from).Elem()))
		}
	}
}

func readExtras(r *resource, item any, content []byte) error {
	kept := &Common{}
	if err := unmarshal(content, kept); err != nil {
		return err
	}
	copyExtras(r, commonOf(item), kept, func(string) bool { return true })
	return nil
}

// keepExtras keeps the extras that an item has; if it has none, nothing is kept.
func (s *Session) keepExtras(ctx context.Context, r *resource, item any) error {
	kept, key := extrasOf(r, commonOf(item)), s.extrasKey(item)
	if reflect.ValueOf(kept).Elem().IsZero() {
		return s.Documents.ForgetDocuments(ctx, s.project(), extrasKind(r), []string{key})
	}
	now := s.now()
	return s.Documents.KeepDocument(ctx, s.project(), model.Document{
		Kind: extrasKind(r), ID: key, Created: now, Updated: now, Content: marshal(kept),
	})
}

// makeWithExtras makes an item, and keeps the extras that were asked for: both,
// or neither.
func (s *Session) makeWithExtras(ctx context.Context, r *resource, at Address, in any) (any, error) {
	wanted := extrasOf(s.home(r), commonOf(in))
	made, err := r.create.make(ctx, s, at, in)
	if err != nil {
		return nil, err
	}
	r = s.home(r)
	copyExtras(r, commonOf(made), wanted, func(string) bool { return true })
	if err := s.keepExtras(ctx, r, made); err != nil {
		return nil, s.undo(ctx, r, made, err)
	}
	return made, nil
}

// updateExtras gives an item that was updated with its extras, of which those
// that changed names are as in has them.
func (s *Session) updateExtras(ctx context.Context, r *resource, item, in any, changed func(string) bool) (any, error) {
	d, err := s.Documents.Document(ctx, s.project(), extrasKind(r), s.extrasKey(item))
	switch {
	case err == nil:
		err = readExtras(r, item, d.Content)
	case model.IsCode(err, model.NotFound):
		err = nil
	}
	if err != nil || !slices.ContainsFunc(r.extras, changed) {
		return item, err
	}
	copyExtras(r, commonOf(item), commonOf(in), changed)
	return item, s.keepExtras(ctx, r, item)
}

// undo deletes what was made, after an error, which it gives.
func (s *Session) undo(ctx context.Context, r *resource, made any, cause error) error {
	id := string(commonOf(made).ID)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := cause
	if at := Address(keysOf(strings.TrimPrefix(id, s.BaseURI()))); r.delete == nil || r.delete(ctx, s, at) != nil {
		e := *model.AsError(cause)
		e.Message += "; what was made is still there: " + id
		err = &e
	}
	return err
}
