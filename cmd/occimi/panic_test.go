package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/sandbox"
)

func theDefect() { panic("defect") }

// TestPanic: a defect, at whichever call of a request and in whichever
// goroutine, ends that request with 500 and no other; the log tells where it
// was.
func TestPanic(t *testing.T) {
	for _, request := range []struct{ method, path, accept string }{
		{"GET", "/-/", "text/plain"},
		{"GET", "/compute/", "text/html"},
		{"GET", "/compute/", "application/occi+json"},
		{"GET", "{compute}", "text/plain"},
		{"GET", "/networkinterface/", "application/occi+json"},
		{"GET", "/cimi/1/machines", "application/json"},
	} {
		t.Run(request.method+strings.ReplaceAll(request.path, "/", "|")+request.accept, func(t *testing.T) {
			cloud := sandbox.New(sandbox.Options{})
			if err := cloud.AddServers("demo", 1); err != nil {
				t.Fatal(err)
			}
			whole := inFront(t, cloud, nil, zerolog.Nop())
			whole.find("compute", "/compute/")
			var left atomic.Int64 // calls until the one with the defect; 0 or less: none
			send := func(p *proxied) (code int) {
				// All that is done for a request ends with the bubble, also what
				// outlives its answer.
				synctest.Test(t, func(*testing.T) {
					r := p.request(request.method, request.path, "", "Accept: "+request.accept)
					w := httptest.NewRecorder()
					p.handler.ServeHTTP(w, r)
					code = w.Code
				})
				return code
			}
			for call := int64(1); ; call++ {
				var logged logBuffer
				p := inFront(t, cloud, nil, zerolog.New(zerolog.SyncWriter(&logged)))
				p.at = whole.at
				p.upstream.each = func() {
					if left.Add(-1) == 0 {
						theDefect()
					}
				}
				left.Store(call)
				code := send(p)
				if left.Load() > 0 { // it has no more calls
					if call < 4 {
						t.Errorf("%d calls were seen", call-1)
					}
					break
				}
				if code != http.StatusInternalServerError || !strings.Contains(logged.String(), "theDefect") {
					t.Errorf("answered %d when call %d panicked, and logged\n%s", code, call, logged.String())
				}
				if code := send(p); code == http.StatusInternalServerError {
					t.Errorf("answered %d afterwards", code)
				}
			}
		})
	}
}
