package cimi

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// expand fills in what $expand names and choice shows, one level deep (DSP0263
// 4.1.6.4), in resources of one type. However many they are, each attribute costs a fixed
// number of calls; the attributes are fetched at the same time.
func (s *Session) expand(ctx context.Context, r *resource, items []reflect.Value, q Query, choice selection) error {
	if len(items) == 0 {
		return nil
	}
	attributes := schemaOf(items[0].Type()).attributes[s.Version]
	fills := make([]func(), len(attributes))
	var fetches fanout.Group
	for i, a := range attributes {
		fetch := map[kind]fetcher{kindCollection: s.fetchCollection, kindRef: s.fetchRef, kindParent: s.fetchParent}[a.kind]
		if fetch != nil && q.expands(a.name) && choice.shows(a.name) {
			fetches.Go(func() (err error) { fills[i], err = fetch(ctx, r, items, a); return })
		}
	}
	if err := fetches.Wait(); err != nil {
		return err
	}
	// Only now that nobody reads the items any more.
	for _, fill := range fills {
		if fill != nil {
			fill()
		}
	}
	return nil
}

// fetcher gets what an attribute of items leads to, and gives a function that
// fills it in. It only reads the items.
type fetcher func(ctx context.Context, r *resource, items []reflect.Value, a *attribute) (fill func(), err error)

// fetchCollection gets the collections below the items.
func (s *Session) fetchCollection(ctx context.Context, r *resource, items []reflect.Value, a *attribute) (func(), error) {
	below := s.resourceAt(s.home(r).pathBelow(a.name))
	if below == nil || s.Cloud == nil {
		return func() {}, nil
	}
	if below.children == nil {
		list, err := s.list(ctx, below, nil)
		return func() { *field[Collection](a.value(items[0])) = Collection{Items: list} }, err
	}
	parents := reflect.MakeSlice(reflect.SliceOf(items[0].Type()), 0, len(items))
	for _, item := range items {
		parents = reflect.Append(parents, item)
	}
	lists, err := below.children(ctx, s, parents.Interface())
	if err == nil {
		_, err = s.listExtras(ctx, below, lists...)
	}
	return func() {
		for i, list := range lists {
			*field[Collection](a.value(items[i])) = Collection{Items: list}
		}
	}, err
}

// fetchRef gets the resources that references lead to: a single one is read,
// many are looked up in one listing. What is gone stays unexpanded.
func (s *Session) fetchRef(ctx context.Context, _ *resource, items []reflect.Value, a *attribute) (func(), error) {
	target := s.resourceOf(a.of)
	if target == nil {
		return func() {}, nil
	}
	keys := map[string]bool{}
	for _, item := range items {
		if key := field[Ref](a.value(item)).Key; key != "" {
			keys[key] = true
		}
	}
	found := map[string]any{}
	switch len(keys) {
	case 0:
	case 1:
		for key := range keys {
			got, err := s.get(ctx, target, Address{key})
			switch {
			case err == nil:
				found[string(s.id(target.path, key))] = got
			case !model.IsCode(err, model.NotFound):
				return nil, err
			}
		}
	default:
		list, err := s.list(ctx, target, nil)
		if err != nil {
			return nil, err
		}
		id := schemaOf(target.item).attribute(s.Version, "id")
		for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
			found[id.value(v.Index(i)).String()] = v.Index(i).Addr().Interface()
		}
	}
	return func() {
		for _, item := range items {
			ref := field[Ref](a.value(item))
			if value := found[s.href(a.of, *ref)]; value != nil {
				ref.Value = value
			}
		}
	}, nil
}

// fetchParent gets the owners of items: the Cloud Entry Point, or the collections
// that they are in.
func (s *Session) fetchParent(ctx context.Context, _ *resource, items []reflect.Value, a *attribute) (func(), error) {
	uri := func(item reflect.Value) string {
		return s.parentURI(string(commonOf(item.Addr().Interface()).ID), *field[Parent](a.value(item)))
	}
	owners := map[string]any{}
	collections := map[*resource]map[string]Address{}
	for _, item := range items {
		at := uri(item)
		if at == s.EntryPointURI() && owners[at] == nil {
			owners[at] = s.entryPoint()
		}
		if t, err := Find(s.Version, s.relative(at)); err == nil && t.resource != nil && !t.item {
			if collections[t.resource] == nil {
				collections[t.resource] = map[string]Address{}
			}
			collections[t.resource][at] = t.at
		}
	}
	for r, wanted := range collections {
		if err := s.fetchOwners(ctx, r, wanted, owners); err != nil {
			return nil, err
		}
	}
	return func() {
		for _, item := range items {
			field[Parent](a.value(item)).Value = owners[uri(item)]
		}
	}, nil
}

// fetchOwners gets the wanted collections of one kind, by URI. What is gone is
// left out.
func (s *Session) fetchOwners(ctx context.Context, r *resource, wanted map[string]Address, owners map[string]any) error {
	uris := slices.Sorted(maps.Keys(wanted))
	if len(uris) == 1 {
		list, err := s.list(ctx, r, wanted[uris[0]])
		if err == nil {
			owners[uris[0]] = newPage(r, uris[0], list)
		} else if !model.IsCode(err, model.NotFound) {
			return err
		}
		return nil
	}
	at := make([]Address, len(uris))
	for i, uri := range uris {
		at[i] = wanted[uri]
	}
	lists, err := r.lists(ctx, s, at)
	if err == nil {
		_, err = s.listExtras(ctx, r, lists...)
	}
	for i, list := range lists {
		owners[uris[i]] = newPage(r, uris[i], list)
	}
	return err
}
