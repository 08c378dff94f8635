package cimi

import (
	"context"
	"reflect"
	"strings"

	"github.com/occimi/occimi/model"
)

// sightings are what was seen while jobs are listed: per path, the items by
// their keys.
type sightings struct {
	of map[string]*sighting
	// inquiries is how many more outcomes may be asked for: each costs calls of its
	// own, once. What is left runs on until it is read, or all are listed again.
	inquiries int
}

// maxInquiries is the number of outcomes that a listing of jobs asks for.
const maxInquiries = 8

type sighting struct {
	items map[string]any
	err   error
}

// follow tells a running job's state from what it waits for, and keeps it when
// it is final. What cannot be seen now leaves the job as it is. With seen, items
// are looked up in listings.
func (s *Session) follow(ctx context.Context, r *jobRecord, seen *sightings) {
	watched := find(everyVersion, r.Goal.Path)
	if watched == nil || s.Cloud == nil || !watched.offered(s.Cloud) {
		return
	}
	item, err := s.sight(ctx, watched, r.Goal.Keys, seen)
	if err != nil && !model.IsCode(err, model.NotFound) {
		return
	}
	r.judge(watched, item)
	if r.State == jobFailed && item != nil && watched.outcome != nil && (stateOf(item) != "ERROR" || watched.reason == nil) {
		if seen != nil && seen.inquiries == 0 {
			r.State, r.Code, r.Message = jobRunning, 0, ""
			return
		}
		if seen != nil {
			seen.inquiries--
		}
		reason, err := watched.outcome(ctx, s, r.Goal.Keys, r.Action, r.created)
		switch {
		case err != nil:
			r.State, r.Code, r.Message = jobRunning, 0, ""
			return
		case reason == "":
			r.State, r.Code, r.Message = jobSuccess, 0, ""
		default:
			r.Message = reason
		}
	}
	if r.State == jobRunning {
		return
	}
	r.Changed, r.Goal = s.now(), nil
	_ = s.keepJob(ctx, r) // the next reader tells it again
}

// sight gives an item; nil and NotFound if it is gone.
func (s *Session) sight(ctx context.Context, watched *resource, keys []string, seen *sightings) (any, error) {
	if seen == nil || strings.Contains(watched.path, "/") {
		item, err := watched.get(ctx, s, keys)
		if err != nil {
			return nil, err // item is a nil of some type
		}
		return item, nil
	}
	all := seen.of[watched.path]
	if all == nil {
		all = &sighting{items: map[string]any{}}
		seen.of[watched.path] = all
		var list any
		if list, all.err = watched.list(ctx, s, nil); all.err == nil {
			for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
				item := v.Index(i).Addr().Interface()
				all.items[s.extrasKey(item)] = item
			}
		}
	}
	if all.err != nil {
		return nil, all.err
	}
	if item := all.items[s.relative(string(s.id(watched.path, keys...)))]; item != nil {
		return item, nil
	}
	return nil, model.Errorf(model.NotFound, "it is gone")
}

// judge sets the job's state by the item that it waits for; nil: it is gone.
func (r *jobRecord) judge(watched *resource, item any) {
	failed := func(message string) {
		r.State, r.Code, r.Message = jobFailed, firstReturnCode+500, message
	}
	if item == nil {
		if r.State = jobSuccess; !r.Goal.Gone {
			failed("the " + watched.name() + " is gone")
		}
		return
	}
	state := stateOf(item)
	switch {
	case state == "ERROR":
		message := "the " + watched.name() + " is in the state ERROR"
		if watched.reason != nil {
			if reason := watched.reason(item); reason != "" {
				message += ": " + reason
			}
		}
		failed(message)
	case r.Goal.Gone || transitional(state):
	case len(r.Goal.States) == 0:
		r.State = jobSuccess
	default:
		for _, wanted := range r.Goal.States {
			if state == wanted {
				r.State = jobSuccess
				return
			}
		}
		failed("the " + watched.name() + " is " + state + " instead")
	}
}
