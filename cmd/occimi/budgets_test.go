package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
)

// budget is what an operation may cost in calls to OpenStack, and how many of
// them may wait for one another. Cold is with a token that is known and nothing
// else; warm is when the tenant's lists are remembered.
type budget struct {
	operation string
	machines  int // how many the tenant has
	cold      cost
	warm      cost
	request   func(p *proxy) *http.Request
	// changes tells that the request needs a fresh proxy each time.
	changes bool
}

type cost struct{ Calls, Depth int }

// within tells whether a measured cost keeps to a budget: just as many calls, at
// most as deep.
func (c cost) within(budget cost) bool { return c.Calls == budget.Calls && c.Depth <= budget.Depth }

// createOCCI is a whole OCCI request for a machine of the given image.
const createOCCI = `Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"
Category: %s; scheme="http://schemas.openstack.org/template/os#"; class="mixin"
Category: 1; scheme="http://schemas.openstack.org/template/resource#"; class="mixin"`

var budgets = []budget{
	{"OCCI `GET /-/`", 1, cost{4, 1}, cost{0, 0}, get("/-/"), false},
	{"OCCI `GET /compute/` as text or uri-list", 0, cost{1, 1}, cost{1, 1}, get("/compute/"), false},
	{"OCCI `GET /compute/` as text or uri-list", 1, cost{1, 1}, cost{1, 1}, get("/compute/"), false},
	{"OCCI `GET /compute/` as text or uri-list", 1000, cost{2, 2}, cost{2, 2}, get("/compute/"), false},
	{"OCCI `GET /compute/` as text or uri-list", 2500, cost{3, 3}, cost{3, 3}, get("/compute/"), false},
	{"OCCI `GET /compute/` as JSON", 1, cost{9, 2}, cost{3, 1}, get("/compute/", "Accept: application/occi+json"), false},
	{"OCCI `GET /compute/` as JSON", 2500, cost{11, 4}, cost{5, 3}, get("/compute/", "Accept: application/occi+json"), false},
	{"OCCI `GET /compute/{id}`", 1, cost{8, 1}, cost{3, 1}, get("/compute/{id}"), false},
	{"OCCI `POST /compute/`", 1, cost{6, 3}, cost{2, 2}, func(p *proxy) *http.Request {
		return p.newRequest("POST", "/compute/", fmt.Sprintf(createOCCI, p.image), "Content-Type: text/plain")
	}, true},
	{"OCCI `POST /compute/{id}?action=stop`", 1, cost{3, 2}, cost{2, 2}, func(p *proxy) *http.Request {
		return p.newRequest("POST", "/compute/"+p.machine+"?action=stop",
			`Category: stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`, "Content-Type: text/plain")
	}, true},
	{"OCCI `POST /compute/{id}` (change the title)", 1, cost{9, 2}, cost{4, 2}, func(p *proxy) *http.Request {
		return p.newRequest("POST", "/compute/"+p.machine, `X-OCCI-Attribute: occi.core.title="new"`, "Content-Type: text/plain")
	}, true},
	{"OCCI `DELETE /compute/{id}`", 1, cost{2, 2}, cost{1, 1}, func(p *proxy) *http.Request {
		return p.newRequest("DELETE", "/compute/"+p.machine, "")
	}, true},
	{"CIMI `GET cloudEntryPoint`", 1, cost{0, 0}, cost{0, 0}, get("/cimi/1/cloudEntryPoint"), false},
	{"CIMI `GET machines`", 0, cost{2, 1}, cost{1, 1}, get("/cimi/1/machines"), false},
	{"CIMI `GET machines`", 1, cost{2, 1}, cost{1, 1}, get("/cimi/1/machines"), false},
	{"CIMI `GET machines`", 1000, cost{3, 2}, cost{2, 2}, get("/cimi/1/machines"), false},
	{"CIMI `GET machines`", 2500, cost{4, 3}, cost{3, 3}, get("/cimi/1/machines"), false},
	{"CIMI `GET machines?$expand=*`", 1000, cost{5, 3}, cost{3, 3}, get("/cimi/1/machines?$expand=*"), false},
	{"CIMI `GET machines/{id}`", 1, cost{2, 1}, cost{1, 1}, get("/cimi/1/machines/{id}"), false},
	{"CIMI `GET machines/{id}/volumes`", 1, cost{1, 1}, cost{1, 1}, get("/cimi/1/machines/{id}/volumes"), false},
	{"CIMI `POST machines`", 1, cost{4, 3}, cost{2, 2}, func(p *proxy) *http.Request {
		return p.newRequest("POST", "/cimi/1/machines", fmt.Sprintf(
			`{"machineTemplate": {"machineConfig": {"href": "machineConfigs/1"}, "machineImage": {"href": "machineImages/%s"}}}`, p.image),
			"Content-Type: application/json")
	}, true},
	{"CIMI `POST machines/{id}/stop`", 1, cost{3, 2}, cost{2, 2}, func(p *proxy) *http.Request {
		return p.newRequest("POST", "/cimi/1/machines/"+p.machine+"/stop",
			`{"action": "http://schemas.dmtf.org/cimi/1/action/stop"}`, "Content-Type: application/json")
	}, true},
	{"CIMI `PUT machines/{id}?$select=name`", 1, cost{2, 1}, cost{1, 1}, func(p *proxy) *http.Request {
		return p.newRequest("PUT", "/cimi/1/machines/"+p.machine+"?$select=name", `{"name": "new"}`, "Content-Type: application/json")
	}, true},
	{"CIMI `DELETE machines/{id}`", 1, cost{1, 1}, cost{1, 1}, func(p *proxy) *http.Request {
		return p.newRequest("DELETE", "/cimi/1/machines/"+p.machine, "")
	}, true},
	{"CIMI `GET machineConfigs`", 1, cost{1, 1}, cost{0, 0}, get("/cimi/1/machineConfigs"), false},
	{"CIMI `GET machineImages`", 1, cost{1, 1}, cost{0, 0}, get("/cimi/1/machineImages"), false},
	{"CIMI `GET credentials`", 1, cost{1, 1}, cost{1, 1}, get("/cimi/1/credentials"), false},
}

func get(path string, header ...string) func(*proxy) *http.Request {
	return func(p *proxy) *http.Request {
		return p.newRequest("GET", strings.ReplaceAll(path, "{id}", p.machine), "", header...)
	}
}

// proxy is the whole program in front of a sandbox, its calls to it recorded.
type proxy struct {
	t              *testing.T
	handler        http.Handler
	recorder       *recorder
	machine, image string
}

func newProxy(t *testing.T, machines int) *proxy {
	t.Helper()
	cloud := sandbox.New(sandbox.Options{})
	if err := cloud.AddServers("demo", machines); err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(cloud.Handler())
	t.Cleanup(upstream.Close)
	p := &proxy{t: t, recorder: &recorder{}}
	s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: upstream.URL + "/identity/v3", Timeout: time.Minute, CacheLists: time.Minute, ComputeVersion: "2.93"}
	config, err := s.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.Transport = p.recorder
	provider, err := openstack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := newServer(s, provider, nil, newRegistry(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	p.handler = srv.Handler()
	// A first request has the token validated and the versions read.
	list := p.send(p.newRequest("GET", "/compute/", "", "Accept: text/uri-list"))
	if first, _, ok := strings.Cut(list, "\n"); ok || machines > 0 {
		p.machine = first[strings.LastIndex(first, "/")+1:]
	}
	p.image = cirros(t, upstream.URL)
	return p
}

// cirros finds the image's id by another route than the proxy, whose memory is
// to stay empty.
func cirros(t *testing.T, url string) string {
	t.Helper()
	other := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: url + "/identity/v3", ComputeVersion: "2.93"}
	config, err := other.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := openstack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := newServer(other, provider, nil, newRegistry(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, handler: srv.Handler()}
	for line := range strings.Lines(p.send(p.newRequest("GET", "/-/", ""))) {
		if strings.Contains(line, "template/os#") && strings.Contains(line, "cirros") {
			return strings.TrimPrefix(strings.SplitN(line, ";", 2)[0], "Category: ")
		}
	}
	t.Fatal("no image cirros")
	return ""
}

func (p *proxy) newRequest(method, path, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth("demo", "secret")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return r
}

// send answers a request and gives the body; a refusal fails the test.
func (p *proxy) send(r *http.Request) string {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	if w.Code >= 300 {
		p.t.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	return w.Body.String()
}

// measure gives what one request costs.
func (p *proxy) measure(r *http.Request) cost {
	p.t.Helper()
	p.recorder.reset()
	p.send(r)
	return p.recorder.cost()
}

// recorder is a transport that counts calls and sees which waited for which.
type recorder struct {
	mu    sync.Mutex
	calls int
	ended int // depth of the deepest call that has ended
	depth int
}

// pause keeps calls that are made together under way together.
const pause = 30 * time.Millisecond

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.calls++
	depth := r.ended + 1
	r.depth = max(r.depth, depth)
	r.mu.Unlock()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil { // the whole answer, so that it is over when it is given
		var body []byte
		body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	time.Sleep(pause)
	r.mu.Lock()
	r.ended = max(r.ended, depth)
	r.mu.Unlock()
	return resp, err
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls, r.ended, r.depth = 0, 0, 0
}

func (r *recorder) cost() cost {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cost{r.calls, r.depth}
}

// tries is how often a request is measured when its depth is more than it may
// be: a busy machine can make calls look as if they had waited.
const tries = 10

func TestBudgets(t *testing.T) {
	for _, b := range budgets {
		t.Run(fmt.Sprintf("%s, %d machines", strings.ReplaceAll(b.operation, "/", "|"), b.machines), func(t *testing.T) {
			var cold, warm cost
			for range tries {
				p := newProxy(t, b.machines)
				cold = p.measure(b.request(p))
				if b.changes {
					p = newProxy(t, b.machines)
					p.send(p.newRequest("GET", "/-/", ""))
					p.send(p.newRequest("GET", "/compute/"+p.machine, ""))
					p.send(p.newRequest("GET", "/network/", ""))
				}
				warm = p.measure(b.request(p))
				if cold.within(b.cold) && warm.within(b.warm) {
					return
				}
			}
			if diff := cmp.Diff([]cost{b.cold, b.warm}, []cost{cold, warm}); diff != "" {
				t.Errorf("cold and warm (-want +got):\n%s", diff)
			}
		})
	}
}

// The page in the docs is the table above.
func TestBudgetsPage(t *testing.T) {
	const page = "../../docs/call-budgets.md"
	var b strings.Builder
	b.WriteString(`# Call budgets

What each operation costs in calls to OpenStack, and how many of them wait for one another (depth): the time of an operation is
about its depth times the time of one call. No operation costs a call per machine. A test holds the program to this table.

*Cold* is with a token that Keystone has confirmed and nothing else remembered (confirming a token or logging in is one call, once;
service versions are read once per process). *Warm* is when the tenant's lists of flavors, images, networks, subnets and zones are remembered (` +
		"`--cache-lists`" + `), and, for five seconds, that it has no floating IP: a tenant with one costs reads of computes one call more,
in parallel, as does the deletion of a compute. States are never remembered. OpenStack gives 1000 machines a page; the proxy follows all pages, and a page that is full
has a next one.

| operation | machines | calls cold | depth cold | calls warm | depth warm |
|---|---:|---:|---:|---:|---:|
`)
	for _, row := range budgets {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", row.operation, row.machines,
			row.cold.Calls, row.cold.Depth, row.warm.Calls, row.warm.Depth)
	}
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("docs/call-budgets.md is not the table of the test; run go test ./cmd/... -update (-want +got):\n%s", diff)
	}
}
