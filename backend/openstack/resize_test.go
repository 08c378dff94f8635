package openstack_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// counted counts the actions that pass it.
type counted struct {
	mu      sync.Mutex
	actions int
}

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/action") {
		c.mu.Lock()
		c.actions++
		c.mu.Unlock()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestConfirmations: of many that confirm a resize at once one asks Nova, which
// could not bear two; and none if another replica does.
func TestConfirmations(t *testing.T) {
	for name, test := range map[string]struct {
		claim   func(context.Context, string, string, time.Duration) (bool, error)
		actions int
		code    model.Code // of the first
	}{
		"one replica":           {nil, 1, model.Conflict}, // Nova's: it is not resized
		"the first of replicas": {func(context.Context, string, string, time.Duration) (bool, error) { return true, nil }, 1, model.Conflict},
		"another replica":       {func(context.Context, string, string, time.Duration) (bool, error) { return false, nil }, 0, model.Conflict},
		"nobody can tell who is": {func(context.Context, string, string, time.Duration) (bool, error) {
			return false, model.Errorf(model.Unavailable, "no store")
		}, 0, model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &counted{}
			_, c, _ := sandboxed(t, sandbox.Options{Delay: time.Hour}, func(config *openstack.Config) {
				config.Transport, config.Claim = transport, test.claim
			})
			m, err := c.CreateMachine(t.Context(), tiny(t, c, "m"))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.ConfirmResize(t.Context(), m.ID); !model.IsCode(err, test.code) {
				t.Errorf("got %v, want %s", err, test.code)
			}
			if transport.actions != test.actions {
				t.Errorf("Nova was asked %d times, want %d", transport.actions, test.actions)
			}
		})
	}
	t.Run("at once", func(t *testing.T) {
		release := make(chan struct{})
		transport := &counted{}
		_, c, _ := sandboxed(t, sandbox.Options{}, func(config *openstack.Config) {
			config.Transport = transport
			config.Claim = func(context.Context, string, string, time.Duration) (bool, error) { <-release; return true, nil }
		})
		m, err := c.CreateMachine(t.Context(), tiny(t, c, "m"))
		if err != nil {
			t.Fatal(err)
		}
		until(t, c, m.ID, model.MachineRunning)
		flavors, err := c.Flavors(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		larger := slices.IndexFunc(flavors, func(f model.Flavor) bool { return f.MemoryMiB > m.Flavor.MemoryMiB && f.DiskGiB > 1 })
		if err := c.ResizeMachine(t.Context(), m.ID, flavors[larger].ID); err != nil {
			t.Fatal(err)
		}
		until(t, c, m.ID, model.MachineResized)
		transport.actions = 0
		results := make(chan error, 8)
		for range cap(results) {
			go func() { results <- c.ConfirmResize(t.Context(), m.ID) }()
		}
		close(release)
		confirmed := 0
		for range cap(results) {
			if err := <-results; err == nil {
				confirmed++
			} else if !model.IsCode(err, model.Conflict) {
				t.Error(err)
			}
		}
		if confirmed != 1 || transport.actions != 1 {
			t.Errorf("%d were told that they confirmed it, Nova was asked %d times", confirmed, transport.actions)
		}
		until(t, c, m.ID, model.MachineRunning)
	})
}

// until waits for a machine's state, which the sandbox brings about at once.
func until(t *testing.T, c model.Cloud, id string, state model.MachineState) {
	t.Helper()
	for t.Context().Err() == nil {
		m, err := c.Machine(t.Context(), id)
		if err != nil || m.State == model.MachineFailed {
			t.Fatal(m, err)
		}
		if m.State == state {
			return
		}
	}
}
