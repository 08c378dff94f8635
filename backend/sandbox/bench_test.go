package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/occimi/occimi/backend/sandbox"
)

// discard is an answer that nobody reads.
type discard struct {
	header http.Header
	n      int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(b []byte) (int, error) { d.n += len(b); return len(b), nil }

// BenchmarkListServers lists 1,000 of 10,000 servers, without the network.
func BenchmarkListServers(b *testing.B) {
	cloud, auth := start(b, sandbox.Options{Quotas: map[string]int{"port": -1}})
	if err := cloud.AddServers("demo", 10_000); err != nil {
		b.Fatal(err)
	}
	s := login(b, auth, "demo")
	handler := cloud.Handler()
	for _, path := range []string{"/compute/v2.1/servers", "/compute/v2.1/servers/detail", "/network/v2.0/ports?limit=1000"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req := httptest.NewRequest("GET", path, nil)
				req.Header.Set("X-Auth-Token", s.token)
				req.Header.Set("OpenStack-API-Version", "compute 2.93")
				w := &discard{header: http.Header{}}
				handler.ServeHTTP(w, req)
				if w.n < 100_000 {
					b.Fatalf("answer of %d bytes", w.n)
				}
			}
		})
	}
}

func BenchmarkAddServers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := sandbox.New(sandbox.Options{}).AddServers("demo", 10_000); err != nil {
			b.Fatal(err)
		}
	}
}
