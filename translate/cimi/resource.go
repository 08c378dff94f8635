package cimi

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// resource is a kind of collection and the items in it: what the standard calls
// a resource and its collection resource, together with how they are mapped to
// the model. What is nil cannot be done, and is announced nowhere.
type resource struct {
	// path is the names of the collection attributes that lead here from the
	// Cloud Entry Point: "machines", "machines/disks".
	path string
	// version is the only version that has it; 0: both.
	version Version
	// item is the struct of an item; typeName its type, if not the struct's name.
	item     reflect.Type
	typeName string
	// enhances is the type that this one is with more attributes, as a collection
	// has them that holds items of others (DSP0263 5.5.12): the items have the ids
	// of that, and what is below them is found there.
	enhances string
	// key is the name of the array of items; empty: the plural of the type.
	key string
	// deltacloudKey is what key is with Options.DeltacloudMetadata in version 1.
	deltacloudKey string
	// offered tells whether a tenant's cloud can hold it. It makes no call.
	offered func(model.Cloud) bool
	// stored tells that items are in the store: without one there is no such
	// resource.
	stored bool
	// storedOnly tells that items can be made, but in the store only.
	storedOnly bool
	// extras are common attributes that the cloud has no place for: the store
	// keeps them, beside the items. The functions below know nothing of them.
	extras []string
	// documented tells that some items are documents themselves, with all that they
	// have: create and update see to the extras of the others.
	documented bool
	// renamed tells that items of the cloud's have a name for life there: another
	// one is an extra.
	renamed bool
	// extrasOf is the path of another version's resource whose items are the same
	// things, with the same keys: the extras are kept as that's.
	extrasOf string
	// perUser tells that items of the cloud's are a user's, not the project's, and
	// so their extras are.
	perUser bool
	// lingers tells that the cloud takes time for a deletion, and may give it up: until
	// the item is gone it keeps its extras. None has its key again.
	lingers bool
	// keeps tells whether the cloud can keep a property: the others are extras.
	// Nil: it can keep none.
	keeps func(key, value string) bool

	// list gives the items: a slice of item, in a stable order.
	list func(ctx context.Context, s *Session, at Address) (any, error)
	// page gives a part of what list gives, and how many items there are in all;
	// nil: there is no cheaper way than list.
	page func(ctx context.Context, s *Session, p model.Page) (items any, total int, err error)
	// get gives one item: a pointer to item.
	get func(ctx context.Context, s *Session, at Address) (any, error)
	// children gives, for a slice of the resource that this collection is below,
	// the slice of items of each, in a fixed number of calls.
	children func(ctx context.Context, s *Session, parents any) ([]any, error)
	// lists gives the items at each of several addresses, in a fixed number of
	// calls; nil where no listing has items of several.
	lists func(ctx context.Context, s *Session, at []Address) ([]any, error)
	// create makes an item of what create.in reads.
	create *creation
	// update changes an item.
	update func(ctx context.Context, s *Session, at Address, in any, changed func(string) bool) (any, error)
	delete func(ctx context.Context, s *Session, at Address) error
	// reason gives why an item is in the state ERROR, if it is known.
	reason func(item any) string
	// outcome tells why an operation on an item failed that was accepted after
	// some time and did not bring the item into the operation's goal; empty: it
	// did not fail, but the item changed again. Without reason it is asked of an
	// item in the state ERROR, too.
	outcome func(ctx context.Context, s *Session, at Address, operation string, after time.Time) (reason string, err error)
	// actions are the operations of items, but edit and delete.
	actions []action
	// ofCollection are the operations of the collection, but add.
	ofCollection []action
	// capabilities are announced in the type's metadata.
	capabilities []Capability
}

// creation is how an item is made.
type creation struct {
	// in is the struct that the request's body is read into; its name, or that
	// of the item, or that of the item and "Create", is the body's type.
	in   reflect.Type
	make func(ctx context.Context, s *Session, at Address, in any) (any, error)
}

// action is an operation on an item.
type action struct {
	name        string
	description string
	// version is the only version that has it; 0: both.
	version Version
	// needs is the service that it needs besides that of the item.
	needs model.Service
	// in is the struct of the body's members besides action; accepts are the
	// types that the body may say it has, besides Action.
	in      reflect.Type
	accepts []string
	// goal are the states that the item is in when the operation has succeeded;
	// none: it has when it is accepted.
	goal []string
	// do acts; what it made, if anything, is a pointer to a resource.
	do func(ctx context.Context, s *Session, at Address, in any) (made any, err error)
}

// Address says where an item is: the keys along the path, outermost first. That
// of a collection has one key less.
type Address []string

// Key is the item's own key.
func (a Address) Key() string { return a[len(a)-1] }

// The adapters below let mappings be written with their own types.

func lister[T any](f func(context.Context, *Session, Address) ([]T, error)) func(context.Context, *Session, Address) (any, error) {
	return func(ctx context.Context, s *Session, at Address) (any, error) { return f(ctx, s, at) }
}

func pager[T any](f func(context.Context, *Session, model.Page) ([]T, int, error)) func(context.Context, *Session, model.Page) (any, int, error) {
	return func(ctx context.Context, s *Session, p model.Page) (any, int, error) { return f(ctx, s, p) }
}

func getter[T any](f func(context.Context, *Session, Address) (*T, error)) func(context.Context, *Session, Address) (any, error) {
	return func(ctx context.Context, s *Session, at Address) (any, error) { return f(ctx, s, at) }
}

func childLister[P, T any](f func(context.Context, *Session, []P) ([][]T, error)) func(context.Context, *Session, any) ([]any, error) {
	return func(ctx context.Context, s *Session, parents any) ([]any, error) {
		lists, err := f(ctx, s, parents.([]P))
		if err != nil {
			return nil, err
		}
		out := make([]any, len(lists))
		for i, l := range lists {
			out[i] = l
		}
		return out, nil
	}
}

func creator[C, T any](f func(context.Context, *Session, Address, *C) (*T, error)) *creation {
	return &creation{in: reflect.TypeFor[C](), make: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
		return f(ctx, s, at, in.(*C))
	}}
}

func updater[T any](f func(context.Context, *Session, Address, *T, func(string) bool) (*T, error)) func(context.Context, *Session, Address, any, func(string) bool) (any, error) {
	return func(ctx context.Context, s *Session, at Address, in any, changed func(string) bool) (any, error) {
		return f(ctx, s, at, in.(*T), changed)
	}
}

// offers is the offered function of what a service holds.
func offers(service model.Service) func(model.Cloud) bool {
	return func(c model.Cloud) bool { return c.Offers(service) }
}

// always is the offered function of what needs no service.
func always(model.Cloud) bool { return true }

// name is the type's name, as in type URIs and XML elements.
func (r *resource) name() string {
	if r.typeName != "" {
		return r.typeName
	}
	return r.item.Name()
}

// itemsKey is the JSON member, and in version 2 the XML element, that holds a
// collection's items.
func (s *Session) itemsKey(r *resource) string {
	if s.Version == V1 && s.options.DeltacloudMetadata && r.deltacloudKey != "" {
		return r.deltacloudKey
	}
	if r.key != "" {
		return r.key
	}
	return lowerFirst(r.name()) + "s"
}

func (r *resource) in(v Version) bool {
	return r.version == 0 || r.version == v || v == everyVersion
}

// pathBelow is the path of the collection that an attribute of the items leads
// to.
func (r *resource) pathBelow(attribute string) string {
	if r.path == "" { // the Cloud Entry Point
		return attribute
	}
	return r.path + "/" + attribute
}

// attributeName is the collection attribute that leads here.
func (r *resource) attributeName() string { return r.path[strings.LastIndexByte(r.path, '/')+1:] }

// operations are those of the collection with the id.
func (s *Session) operations(r *resource, id string) []Operation {
	closed := s.isClosed(id)
	var ops []Operation
	if r.create != nil && (!r.storedOnly || s.Documents != nil) {
		ops = append(ops, Operation{"add", closed})
	}
	for _, a := range r.ofCollection {
		ops = append(ops, Operation{a.name, closed})
	}
	return ops
}

// actionNamed finds an action of a version; nil: there is none.
func actionNamed(actions []action, v Version, name string) *action {
	i := slices.IndexFunc(actions, func(a action) bool { return a.name == name && a.of(v) })
	if i < 0 {
		return nil
	}
	return &actions[i]
}

// offersAction tells whether an action exists for this client.
func (s *Session) offersAction(a *action) bool {
	return a.of(s.Version) && (a.needs == "" || s.Cloud == nil || s.Cloud.Offers(a.needs))
}

func (a *action) of(v Version) bool { return a.version == 0 || a.version == v }

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
