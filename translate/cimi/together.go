package cimi

import (
	"context"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// together makes calls at the same time; the first error ends the others.
func together(ctx context.Context, calls ...func(context.Context) error) error {
	g, ctx := fanout.WithContext(ctx)
	for _, call := range calls {
		g.Go(func() error { return call(ctx) })
	}
	return g.Wait()
}

// into is a call whose result goes to a place, for together.
func into[T any](place *T, call func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		*place, err = call(ctx)
		return err
	}
}

// step is one of several changes that stand or fall together, and how to take
// it back.
type step struct{ do, back func(context.Context) error }

// inOrder takes steps one after the other. If one fails, those before it are
// taken back; that this fails too, the error says.
func inOrder(ctx context.Context, steps []step) error {
	for i, s := range steps {
		err := s.do(ctx)
		if err == nil {
			continue
		}
		ctx, cancel := undoing(ctx)
		defer cancel()
		for _, before := range slices.Backward(steps[:i]) {
			if before.back(ctx) != nil {
				e := *model.AsError(err)
				e.Message += "; a part was changed nevertheless"
				return &e
			}
		}
		return err
	}
	return nil
}

// undoing gives undoing some time of its own, after the request's own end.
func undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}
