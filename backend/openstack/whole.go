package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// making is how something comes into being, whole or not at all.
type making[T any] struct {
	noun string
	// begin makes it; finish, if not nil, completes it.
	begin  func(context.Context) (T, error)
	finish func(context.Context, *T) error
	// id is what it is known by, and undo removes it with all that belongs to it.
	id   func(T) string
	undo func(ctx context.Context, id string) error
}

// make makes a thing. A client that goes away must not tear the making in two:
// then nobody would know what was made. If it cannot be completed, or nobody is
// left to be told of it, it is removed again; if that fails too, the error says
// so.
func (m making[T]) make(ctx context.Context, c *cloud) (T, error) {
	var none T
	if err := contextError(ctx.Err()); err != nil {
		return none, err
	}
	steady, cancel := uncancelled(ctx)
	defer cancel()
	made, err := m.begin(steady)
	if err != nil {
		return none, doubtful(err, m.noun)
	}
	if m.finish != nil {
		err = m.finish(steady, &made)
	}
	if err == nil {
		err = contextError(ctx.Err())
	}
	if err == nil {
		return made, nil
	}
	id := m.id(made)
	what := m.noun + " " + bounded(id, 64)
	problem := c.undo(ctx, what, func(ctx context.Context) error { return m.undo(ctx, id) })
	return none, notUndone(err, problem, "the "+what)
}

// doubtful tells, of an error that leaves open whether something was made, that
// it does.
func doubtful(err error, noun string) error {
	if f, ok := errors.AsType[failure](err); ok && f.maybeDone {
		return leftBehind(err, "the "+noun+" may have been made nevertheless: look for it before trying again")
	}
	return err
}

// settled is an error that no longer leaves open whether something was made: it was
// not, or it is gone.
func settled(err error) error {
	f, _ := errors.AsType[failure](err)
	f.maybeDone = false
	return model.AsError(err).Because(f)
}

// notUndone tells, of an error after which something could not be undone, that it could
// not, or not yet.
func notUndone(err, problem error, what string) error {
	switch {
	case problem == nil:
		return err
	case errors.Is(problem, errUndoing):
		return leftBehind(err, what+" was made nevertheless, and is being removed")
	}
	return leftBehind(err, what+" was made nevertheless")
}

// leftBehind adds to an error what it has left behind.
func leftBehind(err error, what string) error {
	e := *model.AsError(err)
	e.Message += "; " + what
	return &e
}

// Undoing goes on after the request's answer, if need be: a service that is slow to do
// something is slow to undo it, too.
const (
	// undoWait is how long the answer waits for it, and undoLate how long at most
	// after the request's own end.
	undoWait = 10 * time.Second
	undoLate = 3 * time.Second
	// undoFor bounds it in all.
	undoFor = time.Minute
)

// undoPauses are how long to wait before each new try.
var undoPauses = []time.Duration{500 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second, 8 * time.Second}

// passes are the errors that may be none in a moment.
var passes = map[model.Code]bool{model.Conflict: true, model.Unavailable: true, model.Timeout: true, model.RateLimited: true}

// errUndoing is the error of an undo that still goes on.
var errUndoing = errors.New("being undone")

// undo takes something back, even after the request's end. What is just being
// changed cannot be removed yet, and what cannot be reached may be so in a moment:
// then it is tried again.
func (c *cloud) undo(ctx context.Context, what string, back func(context.Context) error) error {
	wait := undoWait
	if end, limited := ctx.Deadline(); limited {
		wait = min(wait, max(time.Until(end), 0)+undoLate)
	}
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	result := make(chan error, 1)
	c.p.meanwhile(patient, func(ctx context.Context) { result <- c.takeBack(ctx, what, back) })()
	select {
	case err := <-result:
		return err
	default:
		return errUndoing
	}
}

// takeBack is undo, in ctx's time.
func (c *cloud) takeBack(ctx context.Context, what string, back func(context.Context) error) error {
	for try := 0; ; try++ {
		err := back(ctx)
		if err == nil || model.IsCode(err, model.NotFound) {
			return nil
		}
		if try < len(undoPauses) && passes[model.AsError(err).Code] && c.p.config.Pause(ctx, undoPauses[try]) == nil {
			continue
		}
		e := c.p.config.Log.Warn().Str("what", what).Err(err)
		if r := model.RequestFrom(ctx); r != nil {
			e = e.Str("request_id", r.ID)
		}
		e.Msg("what was done for a request could not be undone")
		return err
	}
}

// step is one of several calls that stand or fall together, and how to take it
// back; nil if nothing has to be.
type step struct {
	what     string // for the message, should it not be taken back: the tag "x"
	do, back func(context.Context) error
}

// atOnce is how many steps are done at the same time. Changes of one of
// Neutron's things are done one by one: at the same time they get into each
// other's way in its database, and fail.
const (
	atOnce   = 8
	oneByOne = 1
)

// errSkipped is the error of a step that was not taken, since another failed.
var errSkipped = errors.New("skipped")

// together takes steps, so many at the same time. If one fails, those that were
// taken are taken back; what cannot be, the error names.
func (c *cloud) together(ctx context.Context, limit int, steps []step) error {
	steady, cancel := uncancelled(ctx)
	defer cancel()
	var failed atomic.Bool
	errs := parallel(limit, steps, func(s step) error {
		if failed.Load() {
			return errSkipped
		}
		err := s.do(steady)
		if err != nil {
			failed.Store(true)
		}
		return err
	})
	var first error
	var back []step
	for i, err := range errs {
		f, ok := errors.AsType[failure](err)
		if (err == nil || ok && f.maybeDone) && steps[i].back != nil {
			back = append(back, steps[i])
		}
		if first == nil && !errors.Is(err, errSkipped) {
			first = err
		}
	}
	if first == nil {
		return nil
	}
	slices.Reverse(back)
	var left []string
	for i, err := range parallel(limit, back, func(s step) error { return c.undo(ctx, s.what, s.back) }) {
		if err != nil {
			left = append(left, back[i].what)
		}
	}
	if len(left) > 0 {
		return leftBehind(first, fmt.Sprintf("already changed: %s", bounded(oneLine(strings.Join(left, ", ")), maxMessage)))
	}
	return first
}

// parallel does something with each item, so many at the same time.
func parallel[T any](limit int, items []T, do func(T) error) []error {
	errs := make([]error, len(items))
	var g fanout.Group
	g.SetLimit(limit)
	for i, item := range items {
		g.Go(func() error {
			errs[i] = do(item)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return errs
}
