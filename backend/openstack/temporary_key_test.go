package openstack_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/rs/zerolog"
)

// TestTemporaryKeyPairs: whatever happens, none is left, and nobody else's is
// removed.
func TestTemporaryKeyPairs(t *testing.T) {
	fail := func(f *fake, pattern string, status int) { f.json(pattern, status, `{"x": {"message": "no"}}`) }
	for name, test := range map[string]struct {
		prepare func(*fake, context.CancelFunc)
		fails   model.Code
	}{
		"success":    {func(*fake, context.CancelFunc) {}, ""},
		"quota":      {func(f *fake, _ context.CancelFunc) { fail(f, "POST /compute/v2.1/servers", 403) }, model.Forbidden},
		"outage":     {func(f *fake, _ context.CancelFunc) { fail(f, "POST /compute/v2.1/servers", 503) }, model.Unavailable},
		"no network": {func(f *fake, _ context.CancelFunc) { fail(f, "GET /network/v2.0/networks", 500) }, model.Unavailable},
		"cancelled before the machine": {func(f *fake, cancel context.CancelFunc) {
			f.on("POST /compute/v2.1/os-keypairs", func(w http.ResponseWriter, _ *http.Request) {
				cancel()
				respond(w, 201, `{"keypair": {"name": "occimi-0000-id"}}`)
			})
		}, model.Timeout},
		"cancelled with the machine": {func(f *fake, cancel context.CancelFunc) {
			f.on("POST /compute/v2.1/servers", func(w http.ResponseWriter, _ *http.Request) {
				cancel()
				respond(w, 202, `{"server": {"id": "x"}}`)
			})
		}, model.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := f.cloud(t, f.config())
			test.prepare(f, cancel)
			r := small
			r.PublicKey, r.Networks = "ssh-rsa AAAA", nil
			_, err := c.CreateMachine(ctx, r)
			if test.fails == "" && err != nil || test.fails != "" && !model.IsCode(err, test.fails) {
				t.Errorf("got %v, want %q", err, test.fails)
			}
			calls := whats(f.made())
			if !slices.Contains(calls, "DELETE /compute/v2.1/os-keypairs/occimi-0000-id") {
				t.Errorf("the key pair is left: %q", calls)
			}
			posted := slices.Contains(calls, "POST /compute/v2.1/servers")
			if deleted := slices.Contains(calls, "DELETE /compute/v2.1/servers/x"); deleted != (posted && test.fails == model.Timeout) {
				t.Errorf("the machine of a client that is gone: deleted %v, calls %q", deleted, calls)
			}
		})
	}
}

// TestTemporaryKeyPairSlow: the client is answered when its time is over; the
// key pair is removed nevertheless.
func TestTemporaryKeyPairSlow(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(5 * time.Second):
			respond(w, 204, ``)
		case <-r.Context().Done():
		}
	}
	f := newFake()
	f.on("POST /compute/v2.1/servers", slow)
	f.on("DELETE /compute/v2.1/os-keypairs/{name}", slow)
	c := f.cloud(t, f.config())
	if _, err := c.KeyPairs(t.Context()); err != nil { // reads the version
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		r := small
		r.PublicKey = "ssh-rsa AAAA"
		if _, err := c.CreateMachine(ctx, r); !model.IsCode(err, model.Timeout) || !strings.Contains(err.Error(), "may have been made") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("answered after %v", took)
		}
		synctest.Wait()
		if calls := whats(f.made()); !slices.Contains(calls, "DELETE /compute/v2.1/os-keypairs/occimi-0000-id") {
			t.Errorf("the key pair is left: %q", calls)
		}
		time.Sleep(10 * time.Second) // in the bubble's time
		if calls := f.made(); len(calls) > 0 {
			t.Errorf("the removal was repeated: %q", whats(calls))
		}
	})
}

// TestTemporaryKeyPairStays: what cannot be removed yet is tried again, after the
// answer if need be; what cannot be at all is reported.
func TestTemporaryKeyPairStays(t *testing.T) {
	for name, test := range map[string]struct{ failures, tries int }{
		"at once":    {0, 1},
		"in a while": {4, 5},
		"never":      {1000, 9},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFake()
			config := f.config()
			config.Log = zerolog.New(zerolog.SyncWriter(&log)).Level(zerolog.WarnLevel)
			c := f.cloud(t, config)
			if _, err := c.KeyPairs(t.Context()); err != nil { // reads the version
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				f.on("DELETE /compute/v2.1/os-keypairs/{name}", func(w http.ResponseWriter, _ *http.Request) {
					tries++
					if tries <= test.failures {
						respond(w, 503, ``)
						return
					}
					respond(w, 202, ``)
				})
				begun := time.Now()
				r := small
				r.PublicKey = "ssh-rsa AAAA"
				ctx := model.WithRequest(t.Context(), &model.Request{ID: "request-1"})
				if m, err := c.CreateMachine(ctx, r); err != nil || m.ID != serverID {
					t.Errorf("got %+v, %v", m, err)
				}
				if took := time.Since(begun); took > 3*time.Second {
					t.Errorf("answered after %v", took)
				}
				time.Sleep(time.Minute) // in the bubble's time
				synctest.Wait()
				if tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
				reported := strings.Contains(log.String(), "occimi-0000-id") && strings.Contains(log.String(), `"request_id":"request-1"`)
				if reported != (tries <= test.failures) {
					t.Errorf("logged %q", log.String())
				}
			})
		})
	}
}
