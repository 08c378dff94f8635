package cimi

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/occimi/occimi/model"
)

// What only consumers know, templates and configurations of their own, is kept
// in the store. A document there is what the codec prints of the resource, in
// everyVersion: so one that was made through one version can be read through
// the other, and loses nothing of the first.

// storage is the session that documents are printed and read in: it is of every
// version, and relative to the base URI.
var storage = &Session{Version: everyVersion}

// marshal prints a struct for the store.
func marshal(v any) []byte { return storage.document(v).Append(nil, JSON) }

func (s *Session) document(v any) Document {
	value := reflect.ValueOf(v).Elem()
	return Document{s: s, typ: typeNameOf(value.Type()), value: value}
}

// typeNameOf gives the name of the type of resources that a struct is of.
func typeNameOf(t reflect.Type) string {
	for _, r := range resources() {
		if r.item == t {
			return r.name()
		}
	}
	return t.Name()
}

// unmarshal reads what marshal printed.
func unmarshal(content []byte, into any) error {
	n, err := parseJSON(content)
	if err == nil {
		d := decoder{s: storage, byValue: true}
		v := reflect.ValueOf(into).Elem()
		err = d.members(n, schemaOf(v.Type()), v, "")
	}
	if err != nil {
		return model.Errorf(model.Internal, "what is stored cannot be read").Because(err)
	}
	return nil
}

// check tells what is wrong with a resource that a consumer wants to keep; nil:
// nothing can be.
type check[T any] func(ctx context.Context, s *Session, item *T) error

// stored makes the resource whose items of the type T are kept in the store.
// Consumers make, change and delete them; a template is made by value only
// (DSP0263 4.2.1.1).
func stored[T any](path string, offered func(model.Cloud) bool, valid check[T]) *resource {
	r := &resource{path: path, item: reflect.TypeFor[T](), stored: true, offered: offered}
	k := keeper[T]{r, valid}
	r.page, r.list, r.get, r.create = pager(k.page), lister(k.list), getter(k.get), creator(k.make)
	r.update, r.delete = updater(k.update), k.delete
	return r
}

// alsoStored adds items that consumers make to a resource whose other items are
// the cloud's, which nobody may change here.
func alsoStored[T any](r *resource, valid check[T]) *resource {
	k := keeper[T]{r, valid}
	r.documented = true
	list, get, remove, update := r.list, r.get, r.delete, r.update
	r.list = func(ctx context.Context, s *Session, at Address) (any, error) {
		items, err := list(ctx, s, at)
		if err != nil || s.Documents == nil {
			return items, err
		}
		kept, err := k.list(ctx, s, at)
		return append(items.([]T), kept...), err
	}
	r.get = func(ctx context.Context, s *Session, at Address) (any, error) {
		if kept, err := k.find(ctx, s, at); kept != nil || err != nil {
			return kept, err
		}
		return get(ctx, s, at)
	}
	if r.create == nil {
		r.create, r.storedOnly = creator(k.make), true
	}
	r.update = func(ctx context.Context, s *Session, at Address, in any, changed func(string) bool) (any, error) {
		kept, err := k.find(ctx, s, at)
		switch {
		case err != nil:
			return nil, err
		case kept != nil:
			return k.update(ctx, s, at, in.(*T), changed)
		case update != nil:
			return s.changeWithExtras(ctx, r, at, in, changed, update)
		}
		return nil, k.foreign(ctx, s, at, get, "changed")
	}
	r.delete = func(ctx context.Context, s *Session, at Address) error {
		if s.Documents != nil {
			if err := k.delete(ctx, s, at); !model.IsCode(err, model.NotFound) {
				return err
			}
		}
		if remove != nil {
			return remove(ctx, s, at)
		}
		return k.foreign(ctx, s, at, get, "deleted")
	}
	return r
}

// keeper keeps the items of a resource in the store.
type keeper[T any] struct {
	r     *resource
	valid check[T]
}

func (k keeper[T]) list(ctx context.Context, s *Session, _ Address) ([]T, error) {
	items, _, err := k.page(ctx, s, model.AllDocuments)
	return items, err
}

func (k keeper[T]) page(ctx context.Context, s *Session, p model.Page) ([]T, int, error) {
	var total int
	documents, err := s.settled(ctx, func() (documents []model.Document, err error) {
		documents, total, err = s.Documents.Documents(ctx, s.project(), documentKind(k.r), p)
		return documents, err
	})
	if err != nil {
		return nil, 0, err
	}
	items := make([]T, len(documents))
	for i := range documents {
		if err := k.read(s, &documents[i], &items[i]); err != nil {
			return nil, 0, err
		}
	}
	return items, total, nil
}

func (k keeper[T]) get(ctx context.Context, s *Session, at Address) (*T, error) {
	item, _, err := k.revised(ctx, s, at)
	return item, err
}

// revised gives an item and the revision that it is of.
func (k keeper[T]) revised(ctx context.Context, s *Session, at Address) (*T, int64, error) {
	documents, err := s.settled(ctx, func() ([]model.Document, error) {
		d, err := s.Documents.Document(ctx, s.project(), documentKind(k.r), at.Key())
		return []model.Document{d}, err
	})
	if err != nil {
		return nil, 0, err
	}
	item := new(T)
	return item, documents[0].Revision, k.read(s, &documents[0], item)
}

// find is get, but gives nil for what is not in the store.
func (k keeper[T]) find(ctx context.Context, s *Session, at Address) (*T, error) {
	if s.Documents == nil {
		return nil, nil
	}
	item, err := k.get(ctx, s, at)
	if model.IsCode(err, model.NotFound) {
		return nil, nil
	}
	return item, err
}

// read makes the item of a document.
func (k keeper[T]) read(s *Session, d *model.Document, item *T) error {
	content := d.Content
	if len(d.Secret) > 0 {
		content = d.Secret
	}
	if err := unmarshal(content, item); err != nil {
		return err
	}
	c := commonOf(item)
	c.ID, c.Created, c.Updated = s.id(k.r.path, d.ID), d.Created, d.Updated
	k.operations(item, []Operation{{Name: "edit"}, {Name: "delete"}})
	return nil
}

// operations sets an item's operations.
func (k keeper[T]) operations(item *T, ops []Operation) {
	v := reflect.ValueOf(item).Elem()
	for _, a := range schemaOf(k.r.item).attributes[everyVersion] {
		if a.kind == kindOperations {
			a.value(v).Set(reflect.ValueOf(ops))
		}
	}
}

func (k keeper[T]) make(ctx context.Context, s *Session, _ Address, in *T) (*T, error) {
	if s.Documents == nil {
		return nil, model.Errorf(model.Unsupported, "%s cannot be kept: there is no store", k.r.attributeName())
	}
	now := s.now()
	return k.keep(ctx, s, model.Document{ID: s.NewID(), Created: now, Updated: now}, in)
}

// keep keeps an item, and gives it as it is then. One that has secrets is
// encrypted whole.
func (k keeper[T]) keep(ctx context.Context, s *Session, d model.Document, item *T) (*T, error) {
	if k.valid != nil {
		if err := k.valid(ctx, s, item); err != nil {
			return nil, err
		}
	}
	d.Kind = documentKind(k.r)
	plain := *item
	c := commonOf(&plain)
	c.ID, c.Created, c.Updated = "", d.Created, d.Updated
	k.operations(&plain, nil)
	d.Content = marshal(&plain)
	if hasSecrets(reflect.ValueOf(&plain).Elem()) {
		d.Content, d.Secret = nil, d.Content
	}
	if _, err := s.Documents.KeepDocument(ctx, s.project(), d); err != nil {
		return nil, err
	}
	kept := new(T)
	return kept, k.read(s, &d, kept)
}

// update changes the attributes that a consumer may write and that changed
// names; those of the other version stay.
func (k keeper[T]) update(ctx context.Context, s *Session, at Address, in *T, changed func(string) bool) (*T, error) {
	return fromLatest(func() (*T, error) { return k.updateOnce(ctx, s, at, in, changed) })
}

func (k keeper[T]) updateOnce(ctx context.Context, s *Session, at Address, in *T, changed func(string) bool) (*T, error) {
	was, revision, err := k.revised(ctx, s, at)
	if err != nil {
		return nil, err
	}
	item := new(T)
	*item = *was
	to, from, said := reflect.ValueOf(item).Elem(), reflect.ValueOf(in).Elem(), map[string]bool{}
	for _, a := range schemaOf(k.r.item).attributes[s.Version] {
		if a.class == classRW && changed(a.name) && a.kind != kindOperations {
			a.value(to).Set(a.value(from))
			said[a.name] = true
		}
		if a.secret { // it stays if it is not said, see keepSecrets
			said[a.name] = true
		}
	}
	keepSecrets(to, reflect.ValueOf(was).Elem())
	if t, ok := any(item).(twofold); ok {
		if err := t.settle(was, func(name string) bool { return said[name] }); err != nil {
			return nil, err
		}
	}
	c := commonOf(item)
	return k.keep(ctx, s, model.Document{ID: at.Key(), Created: c.Created, Updated: s.now(), Revision: revision}, item)
}

// fromLatest makes a change of a document, from what it reads of it. If another
// request changes the same at that moment, it does so again, from what that has
// left: of several at once, each time one comes through.
func fromLatest[T any](change func() (T, error)) (result T, err error) {
	for range 10 {
		if result, err = change(); !errors.Is(err, model.ErrDocumentChanged) {
			break
		}
	}
	return result, err
}

// twofold is a resource that says something in two attributes.
type twofold interface {
	// settle has both say what is new in one of them, compared with what was: a
	// pointer to a resource of the same type. said tells which attributes a client
	// has given, or reset. Errors: Invalid.
	settle(than any, said func(name string) bool) error
}

// keepSecrets puts the secrets that was has in the place of those that to lacks,
// also in resources by value: a secret is never shown, so who sends back what was
// shown leaves it out.
func keepSecrets(to, was reflect.Value) {
	for _, a := range schemaOf(to.Type()).attributes[everyVersion] {
		now, before := a.value(to), a.value(was)
		switch {
		case a.secret && now.IsZero():
			now.Set(before)
		case a.kind == kindRef:
			value, old := now.Interface().(Ref).Value, before.Interface().(Ref).Value
			if value != nil && old != nil {
				keepSecrets(reflect.ValueOf(value).Elem(), reflect.ValueOf(old).Elem())
			}
		}
	}
}

// delete forgets an item, also one that cannot be read any more.
func (k keeper[T]) delete(ctx context.Context, s *Session, at Address) error {
	if _, err := k.get(ctx, s, at); model.IsCode(err, model.NotFound) {
		return err
	}
	return s.Documents.ForgetDocuments(ctx, s.project(), documentKind(k.r), []string{at.Key()})
}

// foreign is why an item of the cloud's own cannot be what done says.
func (k keeper[T]) foreign(ctx context.Context, s *Session, at Address, get func(context.Context, *Session, Address) (any, error), done string) error {
	if _, err := get(ctx, s, at); err != nil {
		return err
	}
	return model.Errorf(model.Forbidden, "this %s is in the cloud, where it cannot be %s", k.r.name(), done)
}

// hasSecrets tells whether a struct has an attribute that is secret, or has a
// resource by value that does.
func hasSecrets(v reflect.Value) bool {
	for _, a := range schemaOf(v.Type()).attributes[everyVersion] {
		f := a.value(v)
		switch {
		case f.IsZero():
		case a.secret:
			return true
		case a.kind == kindRef && refHasSecrets(f.Interface().(Ref)):
			return true
		case a.kind == kindRefs:
			for _, ref := range f.Interface().([]Ref) {
				if refHasSecrets(ref) {
					return true
				}
			}
		case a.kind == kindStructure && hasSecrets(f.Elem()):
			return true
		case a.kind == kindStructures:
			for i := range f.Len() {
				if hasSecrets(f.Index(i)) {
					return true
				}
			}
		}
	}
	return false
}

func refHasSecrets(ref Ref) bool {
	return ref.Value != nil && hasSecrets(reflect.ValueOf(ref.Value).Elem())
}

// given gives the template or configuration that a reference in a creation
// leads to: what is there by value, or else the stored one. within is where the
// reference stands. Errors: Invalid if it is missing or leads nowhere.
func given[T any](ctx context.Context, s *Session, ref Ref, within string) (*T, error) {
	if value, ok := ref.Value.(*T); ok {
		return value, nil
	}
	r := declared(reflect.TypeFor[T]().Name())
	if ref.Key == "" {
		return nil, model.Errorf(model.Invalid, "%s is missing", within)
	}
	got, err := s.get(ctx, r, Address{ref.Key})
	if err != nil {
		return nil, inBody(within, err)
	}
	return got.(*T), nil
}

// inBody says where in a request's body an error comes from. What a body points
// at and is not there makes the body wrong.
func inBody(within string, err error) error {
	e := *model.AsError(err)
	if e.Code == model.NotFound {
		e.Code = model.Invalid
	}
	e.Message = within + ": " + e.Message
	return &e
}

// keysOf gives the keys in a path below the base URI: those of a/1/b/2 are 1
// and 2.
func keysOf(path string) []string {
	var keys []string
	for i, segment := range strings.Split(path, "/") {
		if i%2 == 1 {
			keys = append(keys, unescape(segment))
		}
	}
	return keys
}
