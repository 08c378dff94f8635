package cimi

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// Extras are common attributes of things in the cloud that the cloud has no
// place for, such as the properties of a network. They are documents of the
// store, named as the things are, in both versions the same; those of things that
// are gone are swept when all things are listed. Without a store they are passed over, as whatever
// consumers may not write is.

// sweepAfter keeps what belongs to a thing that was made while the list of all
// things was on its way.
const sweepAfter = 5 * time.Minute

// documentKind names a resource's documents in the store.
func documentKind(r *resource) string { return "cimi/" + r.path }

// extrasKind names a resource's extras in the store.
func (s *Session) extrasKind(r *resource) string {
	home := s.home(r)
	kind := home.keptAs(documentKind(home)) + "/extras"
	if r.perUser {
		kind += "/" + s.Cloud.Identity().UserID
	}
	return kind
}

// keptAs turns a name that begins with the resource's path into the one that its
// extras are kept as.
func (r *resource) keptAs(name string) string {
	if r.extrasOf == "" {
		return name
	}
	return strings.Replace(name, r.path, r.extrasOf, 1)
}

// keepsExtras tells whether there is a place for the extras of a resource's
// items.
func (s *Session) keepsExtras(r *resource) bool {
	return s.Documents != nil && len(s.home(r).extras) > 0
}

// home is the resource that a resource's items are of: for most itself.
func (s *Session) home(r *resource) *resource {
	of := r.enhances
	if r.get == nil {
		of = r.name()
	}
	if elsewhere := s.resourceOf(of); elsewhere != nil {
		return elsewhere
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
	left, err := s.listExtras(ctx, r, items)
	if err != nil {
		return nil, err
	}
	if len(at) == 0 && r.extrasOf == "" { // which may have more items
		s.sweep(ctx, r, left)
	}
	return items, nil
}

// listExtras gives items the extras that they have, and returns those of others.
func (s *Session) listExtras(ctx context.Context, r *resource, lists ...any) (map[string]*model.Document, error) {
	if !s.keepsExtras(r) {
		return nil, nil
	}
	r = s.home(r)
	documents, _, err := s.Documents.Documents(ctx, s.project(), s.extrasKind(r), model.AllDocuments)
	if err != nil || len(documents) == 0 {
		return nil, err
	}
	byID := make(map[string]*model.Document, len(documents))
	for i := range documents {
		byID[documents[i].ID] = &documents[i]
	}
	for _, items := range lists {
		for list, i := reflect.ValueOf(items), 0; i < list.Len(); i++ {
			item := list.Index(i).Addr().Interface()
			key := r.keptAs(s.extrasKey(item))
			if d := byID[key]; d != nil {
				kept, err := readExtras(d.Content)
				if err != nil {
					return nil, err
				}
				giveExtras(r, item, kept)
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
		_ = s.Documents.ForgetDocuments(ctx, s.project(), s.extrasKind(r), gone)
	}
}

// forgetExtras forgets those of what is gone. If it fails, they are swept.
func (s *Session) forgetExtras(ctx context.Context, t Target) {
	if s.keepsExtras(t.resource) {
		key := s.home(t.resource).keptAs(s.relative(t.uri(s)))
		_ = s.Documents.ForgetDocuments(ctx, s.project(), s.extrasKind(t.resource), []string{key})
	}
}

// get gives one item with all its attributes.
func (s *Session) get(ctx context.Context, r *resource, at Address) (any, error) {
	item, err := r.get(ctx, s, at)
	if err != nil || !s.keepsExtras(r) {
		return item, err
	}
	kept, _, err := s.extras(ctx, r, s.extrasKey(item))
	if err != nil {
		return nil, err
	}
	giveExtras(r, item, kept)
	return item, nil
}

// extras gives those of one item, and their revision; there may be none.
func (s *Session) extras(ctx context.Context, r *resource, key string) (*Common, int64, error) {
	d, err := s.Documents.Document(ctx, s.project(), s.extrasKind(r), s.home(r).keptAs(key))
	switch {
	case model.IsCode(err, model.NotFound):
		return &Common{}, 0, nil
	case err != nil:
		return nil, 0, err
	}
	kept, err := readExtras(d.Content)
	return kept, d.Revision, err
}

// extrasKey names an item, of whatever version and host: its id below the base
// URI.
func (s *Session) extrasKey(item any) string {
	return s.relative(string(commonOf(item).ID))
}

// commonOf gives the common attributes of a pointer to a resource's struct.
func commonOf(item any) *Common {
	return reflect.ValueOf(item).Elem().FieldByName("Common").Addr().Interface().(*Common)
}

// takeExtras moves out of c what the cloud cannot keep, and gives it.
func takeExtras(r *resource, c *Common) *Common {
	taken := &Common{}
	for _, name := range r.extras {
		from, to := extra(c, name), extra(taken, name)
		if name == "properties" && r.keeps != nil {
			taken.Properties = takeProperties(c.Properties, r.keeps)
			continue
		}
		to.Set(from)
		from.SetZero()
	}
	return taken
}

// takeProperties moves those out that keeps refuses.
func takeProperties(properties map[string]string, keeps func(key, value string) bool) map[string]string {
	var taken map[string]string
	for key, value := range properties {
		if !keeps(key, value) {
			if taken == nil {
				taken = map[string]string{}
			}
			taken[key] = value
			delete(properties, key)
		}
	}
	return taken
}

// giveExtras adds extras to an item's own attributes.
func giveExtras(r *resource, item any, kept *Common) {
	c := commonOf(item)
	for _, name := range r.extras {
		if name == "properties" && len(c.Properties) > 0 {
			c.Properties = maps.Clone(c.Properties)
			maps.Copy(c.Properties, kept.Properties)
		} else if from := extra(kept, name); !from.IsZero() {
			extra(c, name).Set(from)
		}
	}
	if r.renamed && kept.Name != "" {
		c.Name = kept.Name
	}
}

// extra is the field of a common attribute.
func extra(c *Common, name string) reflect.Value {
	return schemaOf(reflect.TypeFor[Common]()).attribute(everyVersion, name).value(reflect.ValueOf(c).Elem())
}

// readExtras reads a document.
func readExtras(content []byte) (*Common, error) {
	kept := &Common{}
	return kept, unmarshal(content, kept)
}

// keepExtras keeps an item's extras in place of a revision, and gives theirs.
// There is none of empty ones: they expire at once, and so take the place of what
// was read, and not of what another request has made of it.
func (s *Session) keepExtras(ctx context.Context, r *resource, key string, extras *Common, revision int64) (int64, error) {
	key = s.home(r).keptAs(key)
	now := s.now()
	d := model.Document{Kind: s.extrasKind(r), ID: key, Created: now, Updated: now, Content: marshal(extras), Revision: revision}
	if !isZero(extras) {
		return s.Documents.KeepDocument(ctx, s.project(), d)
	}
	if d.Expires = now; revision == 0 {
		return 0, nil
	}
	_, err := s.Documents.KeepDocument(ctx, s.project(), d)
	return 0, err
}

func isZero(c *Common) bool { return reflect.ValueOf(c).Elem().IsZero() }

// make makes an item with the extras that were asked for.
func (s *Session) make(ctx context.Context, r *resource, at Address, in any) (any, error) {
	create := func() (any, error) { return r.create.make(ctx, s, at, in) }
	if r.documented {
		return create()
	}
	return s.makeWithExtras(ctx, s.home(r), commonOf(in), create)
}

// makeWithExtras makes an item, and keeps the extras that are in wanted: both,
// or neither. create does not find them there.
func (s *Session) makeWithExtras(ctx context.Context, r *resource, wanted *Common, create func() (any, error)) (any, error) {
	if !s.keepsExtras(r) {
		return create()
	}
	extras := takeExtras(r, wanted)
	made, err := create()
	if err != nil || isZero(extras) {
		return made, err
	}
	key := s.extrasKey(made)
	_, revision, err := s.extras(ctx, r, key) // of one that had the same name before
	if err == nil {
		_, err = s.keepExtras(ctx, r, key, extras, revision)
	}
	if err != nil {
		return nil, s.undo(ctx, r, made, err)
	}
	giveExtras(r, made, extras)
	return made, nil
}

// change updates an item with its extras.
func (s *Session) change(ctx context.Context, r *resource, at Address, in any, changed func(string) bool) (any, error) {
	if r.documented {
		return r.update(ctx, s, at, in, changed)
	}
	return s.changeWithExtras(ctx, r, at, in, changed, r.update)
}

// changeWithExtras updates an item and its extras, of which those that changed
// names are as in has them then: both, or neither. The extras come first, since
// they can be put back.
func (s *Session) changeWithExtras(ctx context.Context, r *resource, at Address, in any, changed func(string) bool,
	update func(context.Context, *Session, Address, any, func(string) bool) (any, error)) (any, error) {
	if !s.keepsExtras(r) {
		return update(ctx, s, at, in, changed)
	}
	wanted := takeExtras(r, commonOf(in))
	key := s.relative(string(s.id(r.path, at...)))
	var was, now Common
	var revision int64
	replace := func(ctx context.Context, extras *Common) (err error) {
		if !reflect.DeepEqual(was, now) {
			revision, err = s.keepExtras(ctx, r, key, extras, revision)
		}
		return err
	}
	var item any
	err := inOrder(ctx, []step{
		{
			do: func(ctx context.Context) error {
				_, err := fromLatest(func() (none struct{}, err error) {
					var read *Common
					if read, revision, err = s.extras(ctx, r, key); err != nil {
						return none, err
					}
					was, now = *read, *read
					for _, name := range r.extras {
						if changed(name) {
							extra(&now, name).Set(extra(wanted, name))
						}
					}
					if r.renamed && changed("name") {
						now.Name = commonOf(in).Name
					}
					return none, replace(ctx, &now)
				})
				return err
			},
			back: func(ctx context.Context) error { return replace(ctx, &was) },
		},
		{do: func(ctx context.Context) (err error) {
			item, err = update(ctx, s, at, in, changed)
			return err
		}},
	})
	if err != nil {
		return nil, err
	}
	giveExtras(r, item, &now)
	return item, nil
}

// undo deletes what was made, after an error, which it gives.
func (s *Session) undo(ctx context.Context, r *resource, made any, cause error) error {
	id := string(commonOf(made).ID)
	ctx, cancel := undoing(ctx)
	defer cancel()
	if at := Address(keysOf(s.relative(id))); r.delete == nil || r.delete(ctx, s, at) != nil {
		e := *model.AsError(cause)
		e.Message += "; what was made is still there: " + id
		return &e
	}
	return cause
}
