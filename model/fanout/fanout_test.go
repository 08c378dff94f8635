package fanout_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/occimi/occimi/model/fanout"
)

var errPart = errors.New("a part failed")

func TestWait(t *testing.T) {
	for name, test := range map[string]struct {
		parts []func() error
		want  error
	}{
		"no parts":  {nil, nil},
		"all well":  {[]func() error{func() error { return nil }, func() error { return nil }}, nil},
		"one fails": {[]func() error{func() error { return nil }, func() error { return errPart }}, errPart},
	} {
		t.Run(name, func(t *testing.T) {
			var g fanout.Group
			for _, part := range test.parts {
				g.Go(part)
			}
			if err := g.Wait(); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// The first error, or panic, ends the context of the others.
func TestWithContext(t *testing.T) {
	for name, end := range map[string]func() error{
		"error": func() error { return errPart },
		"panic": func() error { panic("defect") },
	} {
		t.Run(name, func(t *testing.T) {
			g, ctx := fanout.WithContext(t.Context())
			waited := false
			g.Go(func() error { <-ctx.Done(); waited = true; return ctx.Err() })
			g.Go(end)
			caught := fanout.Try(func() {
				if err := g.Wait(); !errors.Is(err, errPart) {
					t.Errorf("got %v", err)
				}
			})
			if (caught != nil) != (name == "panic") || !waited {
				t.Errorf("panic %v, waited %v", caught, waited)
			}
		})
	}
	g, ctx := fanout.WithContext(t.Context())
	if err := g.Wait(); err != nil || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after Wait: %v, %v", err, ctx.Err())
	}
}

func TestSetLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g fanout.Group
		g.SetLimit(2)
		var lock sync.Mutex
		now, most := 0, 0
		count := func(by int) {
			lock.Lock()
			defer lock.Unlock()
			now += by
			most = max(most, now)
		}
		open := make(chan struct{})
		go func() {
			synctest.Wait() // two are under way, the third waits
			close(open)
		}()
		for range 5 {
			g.Go(func() error {
				count(1)
				<-open
				count(-1)
				return nil
			})
		}
		if err := g.Wait(); err != nil || most != 2 {
			t.Errorf("%d at once, %v", most, err)
		}
	})
}

// A panic comes to who waits, however deep it was, with the stack of where it
// was.
func TestPanic(t *testing.T) {
	var outer fanout.Group
	outer.Go(func() error {
		var inner fanout.Group
		inner.Go(theDefect)
		return inner.Wait()
	})
	caught := fanout.Try(func() { _ = outer.Wait() })
	if caught == nil || caught.Value != "defect" || !strings.Contains(string(caught.Stack), "theDefect") {
		t.Errorf("got %+v", caught)
	}
}

func theDefect() error { panic("defect") }
