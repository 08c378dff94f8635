package occi_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/frontends/server"
)

var update = flag.Bool("update", false, "write the golden files anew")

const keystone = "https://keystone.example.org:5000/"

// service is the OCCI frontend over a fake cloud, behind the real server.
type service struct {
	t       *testing.T
	cloud   *fakeCloud
	handler http.Handler
	log     bytes.Buffer
}

func newService(t *testing.T, cfg occi.Config) *service {
	t.Helper()
	return newServiceTaking(t, cfg, 1<<16)
}

// newServiceTaking is a service that takes bodies of that many bytes.
func newServiceTaking(t *testing.T, cfg occi.Config, maxBody int64) *service {
	t.Helper()
	cfg.KeystoneURL = keystone
	cloud := newFakeCloud()
	path := cfg.Path
	if path == "" {
		path = "/"
	}
	s := &service{t: t, cloud: cloud}
	srv := server.New(
		server.Options{PublicURL: "https://cloud.example.org", Version: "1.0", MaxBodyBytes: maxBody, Log: zerolog.New(&s.log), NewID: func() string { return "11111111-2222-4333-8444-555555555555" }},
		fakeProvider{cloud}, server.Mount{Name: "occi", Path: path, Frontend: occi.New(cfg)})
	s.handler = srv.Handler()
	return s
}

// do sends a request, written as clients' requests are shown: the method and
// path, header fields, an empty line, the body. A good token is added, unless
// the request has a token.
func (s *service) do(request string) *http.Response {
	s.t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(head, "\n")
	method, target, _ := strings.Cut(lines[0], " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			s.t.Fatalf("not a header field: %q", line)
		}
		r.Header.Add(name, strings.TrimSpace(value))
	}
	if r.Header["X-Auth-Token"] == nil {
		r.Header.Set("X-Auth-Token", "good")
	}
	w := httptest.NewRecorder()
	s.cloud.calls = nil
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wire shows an answer for a golden file, without what is the same in all.
func wire(t *testing.T, res *http.Response) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", res.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		switch name {
		case "Server", "X-Request-Id", "Cache-Control", "X-Content-Type-Options", "Vary", "Content-Length":
			continue
		}
		for _, value := range res.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	return b.String() + "\n" + bodyOf(t, res) + "\n"
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the tests with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
