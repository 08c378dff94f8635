package cimi

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// sightings are what was seen when jobs are listed: by the path of a resource,
// its items.
type sightings struct {
	of map[string]*sighting
	// inquiries is how many more calls may be made for a job of its own. What is
	// left runs on until it is read, or all are listed again.
	inquiries int
}

// maxInquiries is the number of calls that a listing of jobs makes for single
// jobs.
const maxInquiries = 8

type sighting struct {
	items map[string]any // by what extrasKey gives
	err   error
}

// inquire tells whether a call may be made for one job. Without sightings it
// may.
func (seen *sightings) inquire() bool {
	if seen == nil {
		return true
	}
	seen.inquiries--
	return seen.inquiries >= 0
}

// look lists what running jobs wait for, each kind once and all at the same
// time. What is below other things has no listing.
func (s *Session) look(ctx context.Context, records []*jobRecord) *sightings {
	seen := &sightings{of: map[string]*sighting{}, inquiries: maxInquiries}
	var lists fanout.Group
	for _, r := range records {
		watched := s.watched(r)
		if watched == nil || strings.Contains(watched.path, "/") || seen.of[watched.path] != nil {
			continue
		}
		all := &sighting{items: map[string]any{}}
		seen.of[watched.path] = all
		lists.Go(func() error {
			var list any
			if list, all.err = watched.list(ctx, s, nil); all.err == nil {
				for v, i := reflect.ValueOf(list), 0; i < v.Len(); i++ {
					item := v.Index(i).Addr().Interface()
					all.items[s.extrasKey(item)] = item
				}
			}
			return nil
		})
	}
	_ = lists.Wait() // each has its own error
	return seen
}

// watched is the resource that a job waits for; nil: it waits for none, or for
// what cannot be seen now.
func (s *Session) watched(r *jobRecord) *resource {
	if r.Goal == nil {
		return nil
	}
	watched := find(everyVersion, r.Goal.Path)
	if watched == nil || s.Cloud == nil || !watched.offered(s.Cloud) {
		return nil
	}
	return watched
}

// follow tells a running job's state from what it waits for, and keeps it when
// it is final. What cannot be seen now leaves the job as it is. With seen, items
// are looked up in listings.
func (s *Session) follow(ctx context.Context, r *jobRecord, seen *sightings) {
	watched := s.watched(r)
	if watched == nil {
		return
	}
	item, known := s.sight(ctx, watched, r.Goal, seen)
	if !known {
		return
	}
	r.judge(watched, item, s.now())
	if r.State == jobFailed && item != nil && watched.outcome != nil && (stateOf(item) != "ERROR" || watched.reason == nil) {
		reason, known := "", false
		if seen.inquire() {
			var err error
			reason, err = watched.outcome(ctx, s, r.Goal.Keys, r.Action, r.created)
			known = err == nil
		}
		switch {
		case !known:
			r.State, r.Code, r.Message = jobRunning, 0, ""
			return
		case reason != "":
			r.Message = reason
		case !r.Goal.Gone:
			r.State, r.Code, r.Message = jobSuccess, 0, ""
		}
	}
	if r.State == jobRunning {
		return
	}
	r.Changed, r.Goal = s.now(), nil
	_ = s.keepJob(ctx, r) // the next reader tells it again
}

// sight gives the item that a job waits for; nil: it is gone. It is not known
// when it cannot be seen now.
func (s *Session) sight(ctx context.Context, watched *resource, goal *jobGoal, seen *sightings) (item any, known bool) {
	if seen != nil {
		if all := seen.of[watched.path]; all != nil {
			if all.err != nil {
				return nil, false
			}
			// A list that was remembered may be older than what was made: whether that is
			// gone, only it can tell.
			item := all.items[s.relative(string(s.id(watched.path, goal.Keys...)))]
			if item != nil || goal.Gone {
				return item, true
			}
		}
	}
	if !seen.inquire() {
		return nil, false
	}
	item, err := watched.get(ctx, s, goal.Keys)
	switch {
	case model.IsCode(err, model.NotFound):
		return nil, true
	case err != nil:
		return nil, false
	}
	return item, true
}

// deletionGrace is how long a resource whose deletion was accepted may not show it.
const deletionGrace = time.Minute

// judge sets the job's state by the item that it waits for; nil: it is gone.
func (r *jobRecord) judge(watched *resource, item any, now time.Time) {
	failed := func(message string) {
		r.State, r.Code, r.Message = jobFailed, firstReturnCode+500, message
	}
	if item == nil {
		if r.State = jobSuccess; !r.Goal.Gone {
			failed("the " + watched.name() + " was deleted before this had ended, or before anybody looked")
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
	case underway(item):
	case r.Goal.Gone:
		if now.Sub(r.created) > deletionGrace {
			failed("the " + watched.name() + " is " + state + ", and not deleted")
		}
	case !r.Goal.reachedBy(item):
		failed("the " + watched.name() + " is " + state + ", and not changed as it was to be")
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

// reachedBy tells whether an item has the values of the goal.
func (g *jobGoal) reachedBy(item any) bool {
	v := reflect.ValueOf(item).Elem()
	for name, wanted := range g.Has {
		if a := schemaOf(v.Type()).attribute(everyVersion, name); a == nil || a.kind != kindInteger || a.value(v).Int() != wanted {
			return false
		}
	}
	return true
}
