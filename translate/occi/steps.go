package occi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// A step is a part of an operation that the cloud has no single call for.
type step struct {
	// what says what stays if it cannot be undone: "the new address 192.0.2.7".
	what string
	do   func(context.Context) error
	undo func(context.Context) error // nil: nothing to undo, or nothing that could
}

// undoing is how long undoing may take, whether or not the client still waits.
const undoing = 30 * time.Second

// inOrder does the steps one after the other. If one fails, those before it are
// undone, the last first; what cannot be undone, the error tells.
func inOrder(ctx context.Context, steps []step) error {
	for i, s := range steps {
		err := s.do(ctx)
		if err == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
		defer cancel()
		var left []string
		for _, done := range slices.Backward(steps[:i]) {
			if done.undo == nil {
				continue
			}
			if err := done.undo(ctx); err != nil && !model.IsCode(err, model.NotFound) {
				left = append(left, done.what)
			}
		}
		return withRemains(err, left)
	}
	return nil
}

// withRemains is the error of an operation that left something behind.
func withRemains(err error, left []string) error {
	if len(left) == 0 {
		return err
	}
	e := *model.AsError(err)
	e.Message = fmt.Sprintf("%s; and this could not be undone: %s", e.Message, strings.Join(left, ", "))
	return &e
}

// deed is how an action is done to entities of a kind.
type deed struct {
	action *Action
	// to is the state in which nothing is left to do; empty if there is none.
	to string
	do func(ctx context.Context, s *Session, id string, values map[string]Value) error
}

// actOn does an action to one entity, or to all. An entity shows which actions
// fit its state. Errors: Conflict if the action is not one of these.
func actOn(ctx context.Context, s *Session, in Invocation, n reader, deeds []deed) error {
	var entities []Entity
	var err error
	if in.ID == "" {
		entities, err = n.list(ctx, s)
	} else {
		entities = make([]Entity, 1)
		entities[0], err = n.get(ctx, s, in.ID)
	}
	if err != nil {
		return err
	}
	d := deeds[slices.IndexFunc(deeds, func(d deed) bool { return d.action == in.Action })]
	var ids []string
	for _, e := range entities {
		state := e.value(n.state, AnyVersion).Text()
		switch {
		case e.Foreign:
			return foreign(e)
		case slices.Contains(e.Actions, in.Action):
			ids = append(ids, e.ID)
		case in.ID == "" && d.to == state:
		default:
			return model.Errorf(model.Conflict, "%s is not possible now: %s %s is %s", in.Action.ID.Term(), e.Kind.ID.Term(), e.ID, state)
		}
	}
	return forEach(ctx, ids, func(ctx context.Context, i int) error { return d.do(ctx, s, ids[i], in.Values) })
}

// reader is how the entities of a kind are read, and what tells their state.
type reader struct {
	list  func(context.Context, *Session) ([]Entity, error)
	get   func(context.Context, *Session, string) (Entity, error)
	state string
}

// checked reads the same, and refuses entities that an action does not suit.
func (r reader) checked(check func(*Entity) error) reader {
	list, get := r.list, r.get
	r.list = func(ctx context.Context, s *Session) ([]Entity, error) {
		entities, err := list(ctx, s)
		for i := 0; err == nil && i < len(entities); i++ {
			err = check(&entities[i])
		}
		return entities, err
	}
	r.get = func(ctx context.Context, s *Session, id string) (Entity, error) {
		e, err := get(ctx, s, id)
		if err == nil {
			err = check(&e)
		}
		return e, err
	}
	return r
}

func foreign(e Entity) error {
	return model.Errorf(model.Forbidden, "%s %s belongs to somebody else", e.Kind.ID.Term(), e.ID)
}

// text gives an attribute that is to be changed, or to be cleared by a full
// update.
func (c *Change) text(name string) (string, bool) {
	if v, ok := c.Values[name]; ok {
		return v.Text(), true
	}
	return "", slices.Contains(c.Removed, name)
}

// names are the attributes that are to be changed, in order, so that the same
// request has the same error.
func (c *Change) names() []string { return slices.Sorted(maps.Keys(c.Values)) }

// present is a text as it is now.
func (c *Change) present(name string) string { return c.Present.value(name, AnyVersion).Text() }

// linkUpdate is the Update of links that have nothing to change. Errors:
// Forbidden.
func linkUpdate(_ context.Context, _ *Session, c *Change) (Entity, error) {
	if len(c.Mixins) > 0 {
		return Entity{}, model.Errorf(model.Forbidden, "%s can only be given when a link is created", c.Mixins[0].ID)
	}
	if names := c.names(); len(names) > 0 {
		return Entity{}, fixedAttribute(names[0])
	}
	return c.Present, nil
}

func fixedAttribute(name string) error {
	return model.Errorf(model.Forbidden, "the attribute %s cannot be changed", name)
}

// candidates lists what a client can choose from in an error message.
func candidates(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d others", len(names)-most)
	}
	return strings.Join(names, ", ")
}
