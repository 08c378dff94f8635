package openstack

import (
	"context"
	"maps"
	"sync"

	"github.com/occimi/occimi/model/fanout"
)

// late is what may go on after requests' answers: how to end it, by what is closed
// at its end.
type late struct {
	lock  sync.Mutex
	works map[chan struct{}]context.CancelFunc
}

// meanwhile begins f, which may go on after ctx and even the request's end, for as
// long as undoing may, and gives a function that waits for it until ctx ends: the
// client is owed an answer in time.
func (p *Provider) meanwhile(ctx context.Context, f func(context.Context)) (wait func()) {
	var panicked *fanout.Panic
	done := make(chan struct{})
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoFor)
	p.late.lock.Lock()
	defer p.late.lock.Unlock()
	p.late.works[done] = cancel
	go func() {
		panicked = fanout.Try(func() { f(own) })
		cancel()
		close(done)
		p.late.lock.Lock()
		defer p.late.lock.Unlock()
		delete(p.late.works, done)
	}()
	return func() {
		select {
		case <-done:
			if panicked != nil {
				panic(panicked)
			}
		case <-ctx.Done():
		}
	}
}

// Finish implements model.Provider.
func (p *Provider) Finish(ctx context.Context) {
	p.late.lock.Lock()
	works := maps.Clone(p.late.works)
	p.late.lock.Unlock()
	for done, end := range works {
		stop := context.AfterFunc(ctx, end)
		<-done
		stop()
	}
}
