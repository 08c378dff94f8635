package openstack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/model"
)

// fake is an OpenStack of canned answers, as a transport: for what a real one
// does too seldom. Tests replace single routes.
type fake struct {
	mu     sync.Mutex
	routes map[string]http.HandlerFunc // "GET /compute/v2.1/servers/{id}"
	calls  []*call
	// latency is how long each call takes.
	latency time.Duration
}

// call is a call that a fake has answered.
type call struct {
	what       string // "GET /compute/v2.1/servers/x?limit=1"
	header     http.Header
	depth      int // 1 + that of the deepest call that had ended when it began
	over       bool
	body       string
	host, path string
}

const (
	fakeToken   = "tok-demo"
	fakeProject = "project-demo"
	serverID    = "11111111-2222-4333-8444-555555555555"
)

func newFake() *fake {
	f := &fake{routes: map[string]http.HandlerFunc{}}
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Subject-Token", fakeToken)
		respond(w, 201, tokenBody(fakeProject, "user-demo", "member"))
	})
	f.on("GET /identity/v3/auth/tokens", func(w http.ResponseWriter, r *http.Request) {
		respond(w, 200, tokenBody(fakeProject, "user-"+r.Header.Get("X-Subject-Token"), "member"))
	})
	f.json("GET /identity/v3/auth/projects", 200, `{"projects": [{"id": "project-demo", "name": "demo", "domain_id": "default"}]}`)
	f.version("2.93")
	f.json("GET /compute/v2.1/flavors/detail", 200, `{"flavors": [
		{"id": "1", "name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1, "swap": "", "OS-FLV-EXT-DATA:ephemeral": 0, "extra_specs": {"a": "b"}}]}`)
	f.json("GET /compute/v2.1/servers", 200, `{"servers": []}`)
	f.json("GET /compute/v2.1/servers/detail", 200, `{"servers": []}`)
	f.json("POST /compute/v2.1/servers", 202, `{"server": {"id": "`+serverID+`"}}`)
	f.json("GET /compute/v2.1/servers/{id}", 200, serverJSON(serverID, "ACTIVE", "", 1))
	f.json("PUT /compute/v2.1/servers/{id}", 200, serverJSON(serverID, "ACTIVE", "", 1))
	f.json("DELETE /compute/v2.1/servers/{id}", 204, ``)
	f.json("POST /compute/v2.1/servers/{id}/action", 202, `{"image_id": "i-2"}`)
	f.json("POST /compute/v2.1/servers/{id}/metadata", 200, `{}`)
	f.json("DELETE /compute/v2.1/servers/{id}/metadata/{key}", 204, ``)
	f.json("GET /compute/v2.1/servers/{id}/os-volume_attachments", 200, `{"volumeAttachments": []}`)
	f.json("GET /compute/v2.1/os-keypairs", 200, `{"keypairs": []}`)
	f.json("GET /compute/v2.1/os-keypairs/{name}", 200, `{"keypair": {"name": "k", "created_at": "2026-01-02T03:04:05.000000"}}`)
	f.json("POST /compute/v2.1/os-keypairs", 201, `{"keypair": {"name": "k"}}`)
	f.json("DELETE /compute/v2.1/os-keypairs/{name}", 204, ``)
	f.json("GET /image/v2/images", 200, `{"images": []}`)
	f.json("GET /image/v2/images/{id}", 200, `{"id": "i-1", "name": "i", "status": "active", "owner": "project-demo", "k": "v"}`)
	f.json("PATCH /image/v2/images/{id}", 200, `{"id": "i-1", "name": "i", "status": "active", "owner": "project-demo"}`)
	f.json("DELETE /image/v2/images/{id}", 204, ``)
	f.json("GET /network/v2.0/networks", 200, `{"networks": [{"id": "n-1", "name": "private", "project_id": "project-demo", "status": "ACTIVE", "admin_state_up": true}]}`)
	f.json("GET /network/v2.0/networks/{id}", 200, `{"network": {"id": "n-1", "project_id": "project-demo"}}`)
	f.json("GET /network/v2.0/subnets", 200, `{"subnets": []}`)
	f.json("GET /network/v2.0/ports", 200, `{"ports": []}`)
	f.json("GET /network/v2.0/ports/{id}", 200, `{"port": {"id": "p-1", "project_id": "project-demo", "device_id": "`+serverID+`", "device_owner": "compute:nova"}}`)
	return f
}

func (f *fake) on(pattern string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[pattern] = h
}

func (f *fake) json(pattern string, status int, body string) {
	f.on(pattern, func(w http.ResponseWriter, _ *http.Request) { respond(w, status, body) })
}

// version sets Nova's newest microversion.
func (f *fake) version(max string) {
	f.json("GET /compute/v2.1/{$}", 200, `{"version": {"id": "v2.1", "version": "`+max+`", "min_version": "2.1"}}`)
}

func respond(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Openstack-Request-Id", "req-0123")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func tokenBody(project, user, role string) string {
	return tokenOf(project, user, role, map[string]string{"compute": "/compute/v2.1", "image": "/image", "network": "/network"})
}

// tokenWith is a member's token with these services.
func tokenWith(services map[string]string) string {
	return tokenOf(fakeProject, "user-demo", "member", services)
}

func tokenOf(project, user, role string, services map[string]string) string {
	var catalog []object
	for typ, at := range services {
		catalog = append(catalog, object{"type": typ, "endpoints": []object{{"interface": "public", "region_id": "RegionOne", "url": "http://cloud.test" + at}}})
	}
	token := object{
		"expires_at": "2030-01-01T01:00:00.000000Z", "user": object{"id": user, "name": "demo", "domain": object{"id": "default"}},
		"roles": []object{{"name": role}}, "catalog": catalog,
	}
	if project != "" {
		token["project"] = object{"id": project, "name": "demo", "domain": object{"id": "default", "name": "Default"}}
	}
	raw, err := json.Marshal(object{"token": token})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func serverJSON(id, status, task string, power int) string {
	return `{"server": ` + serverObject(id, status, task, power) + `}`
}

func serverObject(id, status, task string, power int) string {
	raw, err := json.Marshal(object{
		"id": id, "name": "machine", "tenant_id": fakeProject, "status": status, "OS-EXT-STS:task_state": task,
		"OS-EXT-STS:power_state": power, "created": "2026-01-02T03:04:05Z", "updated": "2026-01-02T03:04:06Z",
		"image":  object{"id": "i-1", "links": []object{{"rel": "bookmark", "href": "http://cloud.test/images/i-1"}}},
		"flavor": object{"original_name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1, "swap": 0, "ephemeral": 0, "extra_specs": object{}},
		"fault":  object{"message": "No valid host"}, "metadata": object{"a": "b"}, "tags": []string{"t"},
		"os-extended-volumes:volumes_attached": []object{{"id": "v-1"}},
		"security_groups":                      []object{{"name": "default"}, {"name": "default"}},
		"addresses":                            object{"private": []object{{"version": 4, "addr": "10.0.0.168", "OS-EXT-IPS:type": "fixed"}}},
		"key_name":                             nil, "description": nil, "locked": false, "OS-EXT-AZ:availability_zone": "nova",
	})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// broken, given to panic by a handler, breaks the connection with an error.
type broken struct{ err error }

// RoundTrip implements http.RoundTripper.
func (f *fake) RoundTrip(r *http.Request) (response *http.Response, err error) {
	c := &call{what: r.Method + " " + r.URL.Path, header: r.Header.Clone(), depth: 1, host: r.URL.Host, path: r.URL.EscapedPath()}
	if r.URL.RawQuery != "" {
		c.what += "?" + r.URL.RawQuery
	}
	f.mu.Lock()
	for _, before := range f.calls {
		if before.over {
			c.depth = max(c.depth, before.depth+1)
		}
	}
	f.calls = append(f.calls, c)
	mux := http.NewServeMux()
	for pattern, h := range f.routes {
		mux.HandleFunc(pattern, h)
	}
	f.mu.Unlock()
	if r.Body != nil {
		var b strings.Builder
		_, _ = fmt.Fprint(&b, readAll(r))
		c.body = b.String()
		r.Body = http.NoBody
	}
	defer func() {
		if p := recover(); p != nil {
			b, ok := p.(broken)
			if !ok {
				panic(p)
			}
			response, err = nil, b.err
		}
		f.mu.Lock()
		c.over = true
		f.mu.Unlock()
	}()
	if f.latency > 0 {
		time.Sleep(f.latency)
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

func readAll(r *http.Request) string {
	var b strings.Builder
	buf := make([]byte, 1024)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// made gives what was called so far, and forgets it.
func (f *fake) made() []*call {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func whats(calls []*call) []string {
	var s []string
	for _, c := range calls {
		s = append(s, c.what)
	}
	return s
}

// start2029 is before the fake's tokens end.
var start2029 = time.Date(2029, 12, 31, 23, 0, 0, 0, time.UTC)

// config is that of a provider of the fake.
func (f *fake) config() openstack.Config {
	return openstack.Config{
		AuthURL: "http://cloud.test/identity", Transport: f, ListCacheFor: 30 * time.Second,
		Now:   func() time.Time { return start2029 },
		NewID: func() string { return "0000-id" },
	}
}

// cloud logs demo in.
func (f *fake) cloud(t testing.TB, c openstack.Config) model.Cloud {
	t.Helper()
	cl, err := newProvider(t, c).Login(context.Background(), demo)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}
