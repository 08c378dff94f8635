package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/sandbox"
)

// asked is a request of a load, and what its answer must and must not be.
type asked struct {
	user, path, accept string
	token              string // instead of the user's password
	code               int
	says, saysNot      string
}

func (a asked) send(t *testing.T, h http.Handler) {
	r := httptest.NewRequest("GET", a.path, nil)
	if a.token != "" {
		r.Header.Set("X-Auth-Token", a.token)
	} else {
		r.SetBasicAuth(a.user, "secret")
	}
	r.Header.Set("Accept", a.accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != a.code || !strings.Contains(body, a.says) || a.saysNot != "" && strings.Contains(body, a.saysNot) {
		t.Errorf("%s of %s: %d, want %d with %q and without %q:\n%.500s", a.path, a.user, w.Code, a.code, a.says, a.saysNot, body)
	}
}

// TestManyUsers: two tenants and strangers at the same time, in every way. Each
// sees what is theirs, a user's first requests cost Keystone one call,
// and nothing of them stays behind but the caches.
func TestManyUsers(t *testing.T) {
	cloud := sandbox.New(sandbox.Options{})
	ids := map[string]string{}
	for _, user := range []string{"demo", "alt"} {
		if err := cloud.AddServers(user, 1); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/compute/", nil)
		r.SetBasicAuth(user, "secret")
		w := httptest.NewRecorder()
		inFront(t, cloud, nil, zerolog.Nop()).handler.ServeHTTP(w, r)
		ids[user] = keyOf(strings.TrimSpace(w.Body.String()))
	}
	p := inFront(t, cloud, nil, zerolog.Nop())
	var load []asked
	for _, user := range []string{"demo", "alt"} {
		own, other := ids[user], ids[map[string]string{"demo": "alt", "alt": "demo"}[user]]
		if own == "" || own == other {
			t.Fatalf("the machines are %v", ids)
		}
		load = append(load,
			asked{user: user, path: "/compute/", accept: "text/uri-list", code: 200, says: own, saysNot: other},
			asked{user: user, path: "/compute/", accept: "application/occi+json", code: 200, says: own, saysNot: other},
			asked{user: user, path: "/compute/" + other, accept: "text/plain", code: 404, saysNot: "hostname"},
			asked{user: user, path: "/cimi/1/machines", accept: "application/xml", code: 200, says: own, saysNot: other},
			asked{user: user, path: "/cimi/2/machines/" + own, accept: "application/json", code: 200, says: own, saysNot: other},
			asked{user: user, path: "/-/", accept: "text/plain", code: 200, says: "resource_tpl"},
		)
	}
	round := func(n int, strangers string) {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { load[i%len(load)].send(t, p.handler) })
			if i%10 == 0 {
				stranger := asked{token: fmt.Sprint(strangers, i), path: "/compute/", accept: "text/plain", code: 401, says: "token"}
				all.Go(func() { stranger.send(t, p.handler) })
			}
		}
		all.Wait()
	}
	stop := cloud.Record()
	round(500, "first-")
	logins := 0
	for _, call := range stop() {
		if call.Method == "POST" && strings.HasSuffix(call.Path, "/auth/tokens") {
			logins++
		}
	}
	if logins != 2 {
		t.Errorf("%d logins of two users", logins)
	}
	goroutines, heap := runtime.NumGoroutine(), heapInUse()
	for i := range 3 {
		round(500, fmt.Sprint("later-", i))
	}
	for range 1_000_000 { // who has answered may have a step to go yet
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before the last 1500 requests", n, goroutines)
	}
	if grown := heapInUse() - heap; grown > 2<<20 {
		t.Errorf("the heap has grown by %d bytes in 1500 requests", grown)
	}
}

// heapInUse is how many bytes are reachable.
func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // empties what pools have kept for one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
