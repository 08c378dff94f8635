package cimi

import (
	"context"
	"reflect"
	"sync"

	"github.com/occimi/occimi/model"
)

// expand fills in what $expand names, one level deep (DSP0263 4.1.6.4), in
// resources of one type. However many they are, each attribute costs a fixed
// number of calls; the attributes are fetched at the same time.
func (s *Session) expand(ctx context.Context, r *resource, items []reflect.Value, q Query) error {
	if len(items) == 0 {
		return nil
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	var failed error
	for _, a := range schemaOf(items[0].Type()).attributes[s.Version] {
		var fill func(context.Context, *resource, []reflect.Value, *attribute) error
		switch {
		case !q.expands(a.name):
		case a.kind == kindCollection:
			fill = s.expandCollection
		case a.kind == kindRef:
			fill = s.expandRef
		}
		if fill == nil {
			continue
		}
		group.Go(func() {
			if err := fill(ctx, r, items, a); err != nil {
				lock.Lock()
				defer lock.Unlock()
				failed = err
			}
		})
	}
	group.Wait()
	return failed
}

// expandCollection fills in the collections below the items.
func (s *Session) expandCollection(ctx context.Context, r *resource, items []reflect.Value, a *attribute) error {
	path := a.name
	if r != entryPoint {
		path = r.path + "/" + a.name
	}
	below := s.resourceAt(path)
	if below == nil || s.Cloud == nil {
		return nil
	}
	if below.children == nil {
		list, err := below.list(ctx, s, nil)
		if err != nil {
			return err
		}
		for _, item := range items {
			a.value(item).Set(reflect.ValueOf(Collection{Items: list}))
		}
		return nil
	}
	parents := reflect.MakeSlice(reflect.SliceOf(items[0].Type()), 0, len(items))
	for _, item := range items {
		parents = reflect.Append(parents, item)
	}
	lists, err := below.children(ctx, s, parents.Interface())
	if err != nil {
		return err
	}
	for i, list := range lists {
		a.value(items[i]).Set(reflect.ValueOf(Collection{Items: list}))
	}
	return nil
}

// expandRef fills in the resources that references lead to: a single one is
// read, many are looked up in one listing.
func (s *Session) expandRef(ctx context.Context, _ *resource, items []reflect.Value, a *attribute) error {
	target := s.resourceOf(a.of)
	if target == nil {
		return nil
	}
	found := map[string]any{}
	if len(items) == 1 {
		if key := a.value(items[0]).Interface().(Ref).Key; key != "" {
			got, err := target.get(ctx, s, Address{key})
			if err != nil && !model.IsCode(err, model.NotFound) {
				return err
			}
			found[string(s.id(target.path, key))] = got
		}
	} else {
		list, err := target.list(ctx, s, nil)
		if err != nil {
			return err
		}
		id := schemaOf(target.item).attribute(s.Version, "id")
		for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
			found[id.value(v.Index(i)).String()] = v.Index(i).Addr().Interface()
		}
	}
	for _, item := range items {
		ref := a.value(item).Interface().(Ref)
		if value := found[s.href(a.of, ref)]; value != nil {
			ref.Value = value
			a.value(item).Set(reflect.ValueOf(ref))
		}
	}
	return nil
}
