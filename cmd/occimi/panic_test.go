package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
)

// defective is a transport with a defect that comes to light at one of its
// calls.
type defective struct{ left atomic.Int64 }

func (d *defective) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.left.Add(-1) == 0 {
		theDefect()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func theDefect() { panic("defect") }

// TestPanic: a defect, at whichever call of a request and in whichever
// goroutine, ends that request with 500 and no other; the log tells where it
// was.
func TestPanic(t *testing.T) {
	upstream := httptest.NewServer(sandbox.New(sandbox.Options{}).Handler())
	defer upstream.Close()
	s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: upstream.URL + "/identity/v3", Timeout: time.Minute, ComputeVersion: "2.93"}
	config, err := s.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	var logged logBuffer
	for _, request := range []struct{ method, path, accept string }{
		{"GET", "/-/", "text/plain"},
		{"GET", "/compute/", "text/html"},
		{"GET", "/compute/", "application/occi+json"},
		{"GET", "/compute/11111111-2222-4333-8444-555555555555", "text/plain"},
		{"DELETE", "/network/", "text/plain"},
		{"GET", "/cimi/1/machines?$expand=*", "application/json"},
	} {
		t.Run(request.method+strings.ReplaceAll(request.path, "/", "|")+request.accept, func(t *testing.T) {
			transport := &defective{}
			config.Transport = transport
			provider, err := openstack.New(config)
			if err != nil {
				t.Fatal(err)
			}
			srv, err := newServer(s, provider, nil, newRegistry(), zerolog.New(zerolog.SyncWriter(&logged)))
			if err != nil {
				t.Fatal(err)
			}
			send := func() int {
				r := basic(httptest.NewRequest(request.method, request.path, nil))
				r.Header.Set("Accept", request.accept)
				w := httptest.NewRecorder()
				srv.Handler().ServeHTTP(w, r)
				return w.Code
			}
			for call := int64(1); ; call++ {
				transport.left.Store(call)
				code := send()
				if transport.left.Load() > 0 { // it has no more calls
					if call < 3 {
						t.Errorf("%d calls were seen", call-1)
					}
					break
				}
				if code != http.StatusInternalServerError {
					t.Errorf("answered %d when call %d panicked", code, call)
				}
			}
			transport.left.Store(0)
			if code := send(); code == http.StatusInternalServerError {
				t.Errorf("answered %d afterwards", code)
			}
		})
	}
	t.Log(logged.String())
	if !strings.Contains(logged.String(), "theDefect") {
		t.Errorf("the log does not tell where it was:\n%s", logged.String())
	}
}
