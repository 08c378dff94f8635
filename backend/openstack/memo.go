package openstack

import (
	"context"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// memo remembers what loads gave, each for the time that the load says, and
// makes concurrent loads of one key one. It holds a bounded number of entries
// and forgets the least used. All of this package's caches are memos.
type memo[K comparable, V any] struct {
	kept *otter.Cache[K, outcome[V]]

	mu      sync.Mutex
	flights map[K]*flight[V]
	forgets int // how often something was to be forgotten
}

// outcome is what a load gave: failures are remembered as well.
type outcome[V any] struct {
	value V
	err   error
	keep  time.Duration
}

// flight is a load under way.
type flight[V any] struct {
	done chan struct{}
	outcome[V]
	panicked *fanout.Panic // of the load, for all who wait for it
}

// maxFlights is how many loads of a memo may be under way. Those of callers that
// have gone go on, so that nothing else bounds them when the cloud is slow.
const maxFlights = 1000

// A loader gives a value, or an error, and how long to keep either; 0 is not at
// all. Its context carries the first caller's values but not its end.
type loader[V any] func(ctx context.Context) (V, time.Duration, error)

func newMemo[K comparable, V any](size int, now func() time.Time) *memo[K, V] {
	return &memo[K, V]{
		flights: map[K]*flight[V]{},
		kept: otter.Must(&otter.Options[K, outcome[V]]{
			MaximumSize: size,
			Clock:       clock(now),
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[K, outcome[V]]) time.Duration {
				return e.Value.keep
			}),
		}),
	}
}

// get gives what is remembered of key, and whether it was, or else loads it. A
// caller that gives up does not end the load: others may wait for it.
func (m *memo[K, V]) get(ctx context.Context, key K, load loader[V]) (value V, hit bool, err error) {
	if o, ok := m.kept.GetIfPresent(key); ok {
		return o.value, true, o.err
	}
	f, joined := m.join(ctx, key, load)
	if f == nil {
		busy := model.Errorf(model.Unavailable, "too many calls to the cloud are under way: try again in a second")
		busy.RetryAfter = time.Second
		return value, false, busy
	}
	select {
	case <-f.done:
		if f.panicked != nil {
			panic(f.panicked)
		}
		return f.value, joined, f.err
	case <-ctx.Done():
		var none V
		return none, joined, ctx.Err()
	}
}

// join gives the flight that loads key, and begins one if there is none; nil if
// there are too many.
func (m *memo[K, V]) join(ctx context.Context, key K, load loader[V]) (f *flight[V], joined bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.flights[key]; ok {
		return f, true
	}
	f = &flight[V]{done: make(chan struct{})}
	if o, ok := m.kept.GetIfPresent(key); ok { // another flight landed meanwhile
		f.outcome = o
		close(f.done)
		return f, true
	}
	if len(m.flights) >= maxFlights {
		return nil, false
	}
	m.flights[key] = f
	go func() {
		f.panicked = fanout.Try(func() { f.value, f.keep, f.err = load(context.WithoutCancel(ctx)) })
		m.land(key, f)
	}()
	return f, false
}

// land ends a flight. What a forgotten flight brings is given to those who wait
// for it, but not kept: it may be older than the reason to forget.
func (m *memo[K, V]) land(key K, f *flight[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flights[key] == f {
		delete(m.flights, key)
		if f.keep > 0 {
			m.kept.Set(key, f.outcome)
		}
	}
	close(f.done)
}

// forget makes the next get of every key that matches load anew, even if a load
// of it is under way.
func (m *memo[K, V]) forget(matches func(K) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgets++
	for key := range m.flights {
		if matches(key) {
			delete(m.flights, key)
		}
	}
	for key := range m.kept.Keys() {
		if matches(key) {
			m.kept.Invalidate(key)
		}
	}
}

// drop forgets what is kept of key if it is stale. A load under way stays: it
// began after the stale value was gone.
func (m *memo[K, V]) drop(key K, stale func(V) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgets++
	if o, ok := m.kept.GetIfPresent(key); ok && stale(o.value) {
		m.kept.Invalidate(key)
	}
}

// put remembers a value that needed no load.
func (m *memo[K, V]) put(key K, value V, keep time.Duration) {
	m.kept.Set(key, outcome[V]{value: value, keep: keep})
}

// reading begins the reading of a value without a load, and gives what remembers it
// then: unless something was forgotten meanwhile, since the value may be older than
// the reason to forget.
func (m *memo[K, V]) reading() (put func(key K, value V, keep time.Duration)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	begun := m.forgets
	return func(key K, value V, keep time.Duration) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.forgets == begun {
			m.put(key, value, keep)
		}
	}
}

// peek gives what is remembered of key, if anything is.
func (m *memo[K, V]) peek(key K) (value V, ok bool) {
	o, ok := m.kept.GetIfPresent(key)
	return o.value, ok
}

// has tells whether something is remembered of key.
func (m *memo[K, V]) has(key K) bool {
	_, ok := m.peek(key)
	return ok
}

// clock is an otter.Clock over any source of time.
type clock func() time.Time

// NowNano implements otter.Clock.
func (c clock) NowNano() int64 { return c().UnixNano() }

// Tick implements otter.Clock: it only paces the removal of what has expired.
func (c clock) Tick(d time.Duration) <-chan time.Time { return time.Tick(d) }
