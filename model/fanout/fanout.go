// Package fanout does the parts of one request at the same time. It is how every
// goroutine that works for a request is started: a panic in one that nobody
// guards would end the process, and with it everybody's requests.
package fanout

import (
	"context"
	"runtime/debug"
	"sync"
)

// Group is a set of parts. The zero Group has no limit, and an error of one part
// does not end the others.
type Group struct {
	parts  sync.WaitGroup
	slots  chan struct{}
	cancel context.CancelFunc

	ended    sync.Mutex
	err      error
	panicked *Panic
}

// WithContext gives a Group and a context for its parts, which ends with the
// first error or panic of one, and with Wait.
func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &Group{cancel: cancel}, ctx
}

// SetLimit sets how many parts are under way at once, at least 1. It is called
// before Go.
func (g *Group) SetLimit(n int) { g.slots = make(chan struct{}, n) }

// Go starts a part, as soon as the limit allows.
func (g *Group) Go(part func() error) {
	if g.slots != nil {
		g.slots <- struct{}{}
	}
	g.parts.Go(func() {
		if g.slots != nil {
			defer func() { <-g.slots }()
		}
		var err error
		panicked := Try(func() { err = part() })
		if err != nil || panicked != nil {
			g.fail(err, panicked)
		}
	})
}

// fail keeps the first error and the first panic.
func (g *Group) fail(err error, panicked *Panic) {
	g.ended.Lock()
	defer g.ended.Unlock()
	if g.err == nil {
		g.err = err
	}
	if g.panicked == nil {
		g.panicked = panicked
	}
	if g.cancel != nil {
		g.cancel()
	}
}

// Wait waits for all parts and gives the first error. If one panicked, Wait
// panics, with a *Panic: in the goroutine of the request, where that is dealt
// with.
func (g *Group) Wait() error {
	g.parts.Wait()
	if g.cancel != nil {
		g.cancel()
	}
	if g.panicked != nil {
		panic(g.panicked)
	}
	return g.err
}

// Panic is a panic on its way from one goroutine to another.
type Panic struct {
	Value any
	Stack []byte // where it was
}

// Try calls f. If f panics, it gives the panic, to be raised again where somebody
// waits for f; else nil.
func Try(f func()) (panicked *Panic) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *Panic: // it has come a longer way
			panicked = v
		default:
			panicked = &Panic{v, debug.Stack()}
		}
	}()
	f()
	return nil
}
