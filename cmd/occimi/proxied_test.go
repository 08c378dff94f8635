package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/backend/store"
)

// proxied is the whole program in front of a sandbox, without a network in
// between, and what a tenant has there.
type proxied struct {
	t        testing.TB
	handler  http.Handler
	upstream *upstream
	// at are the places of things, by the names that paths have for them: {id}.
	at map[string]string
}

// cost is what a request costs: how many calls to OpenStack, and how many of
// them waited for one another.
type cost struct{ Calls, Depth int }

// upstream is a transport that ends in a sandbox. While it measures, every call
// takes a second of a bubble's time (testing/synctest), which passes only when
// nothing else can happen: calls that do not wait for one another are always
// under way together, and a call's depth is the second in which it ends.
type upstream struct {
	cloud http.Handler
	each  func() // done at every call; nil: nothing

	mu    sync.Mutex
	begun time.Time // zero: nothing is measured
	cost
	log []string
}

const callTime = time.Second

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	u.mu.Lock()
	measured := !u.begun.IsZero()
	u.mu.Unlock()
	if measured {
		time.Sleep(callTime)
		u.mu.Lock()
		u.Calls++
		u.Depth = max(u.Depth, int(time.Since(u.begun)/callTime))
		u.log = append(u.log, fmt.Sprintf("%d: %s %s", time.Since(u.begun)/callTime, r.Method, r.URL.RequestURI()))
		u.mu.Unlock()
	}
	if u.each != nil {
		u.each()
	}
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody // as servers have it
	}
	w := httptest.NewRecorder()
	u.cloud.ServeHTTP(w, served)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// memory opens a store that forgets everything at the test's end.
func memory(t testing.TB) *store.Store {
	t.Helper()
	kept, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Key: store.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	return kept
}

// inFront gives the program, which remembers nothing but what is in the store
// (nil: there is none), in front of a cloud.
func inFront(t testing.TB, cloud *sandbox.Cloud, kept *store.Store, log zerolog.Logger) *proxied {
	t.Helper()
	p := &proxied{t: t, upstream: &upstream{cloud: cloud.Handler()}, at: map[string]string{}}
	s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: "http://cloud.test/identity/v3", Timeout: time.Hour, CacheLists: time.Hour, ComputeVersion: "2.93", CIMIJobs: time.Hour}
	config, err := s.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.Transport = p.upstream
	provider, err := openstack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := newServer(s, provider, kept, newRegistry(), log)
	if err != nil {
		t.Fatal(err)
	}
	p.handler = srv.Handler()
	return p
}

// request makes one, with the places of things in its path and its body.
func (p *proxied) request(method, path, body string, header ...string) *http.Request {
	for name, at := range p.at {
		path, body = strings.ReplaceAll(path, "{"+name+"}", at), strings.ReplaceAll(body, "{"+name+"}", at)
	}
	r := basic(httptest.NewRequest(method, path, strings.NewReader(body)))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	return r
}

// send answers a request; a refusal fails the test.
func (p *proxied) send(r *http.Request) *httptest.ResponseRecorder {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	if w.Code >= 300 {
		p.t.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	return w
}

// measure gives what a request costs, and its calls with the depth of each.
func (p *proxied) measure(t *testing.T, r *http.Request) (cost, []string) {
	p.t.Helper()
	u := p.upstream
	synctest.Test(t, func(*testing.T) {
		u.begun, u.cost, u.log = time.Now(), cost{}, nil
		p.send(r)
		synctest.Wait() // for what goes on after the answer, if anything does
	})
	u.begun = time.Time{}
	return u.cost, u.log
}

// make has something made through OCCI, and remembers its place by a name.
func (p *proxied) make(name, kind string, lines ...string) {
	p.t.Helper()
	body := "Category: " + kind + `; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"` + "\n" + strings.Join(lines, "\n")
	w := p.send(p.request("POST", "/"+kind+"/", body, "Content-Type: text/plain"))
	place := w.Header().Get("Location")
	p.at[name] = place[strings.Index(place, "//")+2:]
	p.at[name] = p.at[name][strings.Index(p.at[name], "/"):]
}

// keep has something made through CIMI, and remembers its key by a name, and
// that of its job by the name and "Job".
func (p *proxied) keep(name, path, body string) {
	p.t.Helper()
	w := p.send(p.request("POST", "/cimi/2/"+path, body, "Content-Type: application/json"))
	last := func(header string) string {
		uri := w.Header().Get(header)
		return uri[strings.LastIndex(uri, "/")+1:]
	}
	p.at[name], p.at[name+"Job"] = last("Location"), last("CIMI-Job-URI")
}

// find remembers the last place of a listing by a name, if there is any.
func (p *proxied) find(name, listing string, header ...string) {
	p.t.Helper()
	for line := range strings.Lines(p.send(p.request("GET", listing, "", append(header, "Accept: text/uri-list")...)).Body.String()) {
		p.at[name] = strings.TrimSpace(line[strings.Index(line, listing):])
	}
}

// template remembers the category of a template by a name.
func (p *proxied) template(name, scheme, title string) {
	p.t.Helper()
	for line := range strings.Lines(p.send(p.request("GET", "/-/", "")).Body.String()) {
		if strings.Contains(line, scheme) && strings.Contains(line, title) && strings.Contains(line, `class="mixin"`) {
			p.at[name] = strings.Join(strings.SplitN(strings.TrimPrefix(line, "Category: "), ";", 4)[:3], ";")
			return
		}
	}
	p.t.Fatalf("no template %s in %s", title, scheme)
}

const withAddresses = `Category: ipnetwork; scheme="http://schemas.ogf.org/occi/infrastructure/network#"; class="mixin"
X-OCCI-Attribute: occi.network.address="192.0.2.0/24"`

// fill gives the tenant some of everything: n machines, each with an interface,
// a volume, a security group and a floating IP, and n each of what no machine
// has; and n each of what CIMI alone has, with the jobs that made them.
func (p *proxied) fill(n int) {
	p.t.Helper()
	p.template("cirros", "template/os#", "cirros")
	p.at["image"] = imageOf(p.at["cirros"])
	p.template("tiny", "template/resource#", "m1.tiny")
	p.template("pool", "network/floatingippool#", "public")
	p.find("private", "/network/", `X-OCCI-Attribute: occi.core.title="private"`)
	rules := `X-OCCI-Attribute: occi.securitygroup.rules="[]"`
	end := func(which, name string) string {
		return "X-OCCI-Attribute: occi.core." + which + `="{` + name + `}"`
	}
	for range n {
		p.make("storage", "storage", "X-OCCI-Attribute: occi.storage.size=1")
		p.make("network", "network", withAddresses)
		p.make("ipreservation", "ipreservation", "Category: {pool}")
		p.make("securitygroup", "securitygroup", rules)
		p.make("volume", "storage", "X-OCCI-Attribute: occi.storage.size=1")
		p.make("group", "securitygroup", rules)
		p.make("compute", "compute", "Category: {cirros}", "Category: {tiny}",
			`Link: <{private}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`)
		p.make("storagelink", "storagelink", end("source", "compute"), end("target", "volume"))
		p.make("securitygrouplink", "securitygrouplink", end("source", "compute"), end("target", "group"))
		p.find("networkinterface", "/networkinterface/", `X-OCCI-Attribute: occi.core.source="`+p.at["compute"]+`"`)
		p.make("unaddressed", "compute", "Category: {cirros}", "Category: {tiny}",
			`Link: <{private}>; rel="http://schemas.ogf.org/occi/infrastructure#network"; category="http://schemas.ogf.org/occi/infrastructure#networkinterface"`)
		p.make("address", "networkinterface", end("source", "compute"), end("target", "ipreservation"))
		p.make("ipreservation", "ipreservation", "Category: {pool}")
		p.fillCIMI()
	}
}

const simpleTemplate = `{"machineConfig": {"href": "machineConfigs/1"}, "machineImage": {"href": "machineImages/{image}"}}`

// imageOf is the image that the category of an OS template is of.
func imageOf(category string) string { return category[:strings.Index(category, ";")] }

// fillCIMI gives the tenant one of what CIMI alone has. What is imaged is on no
// machine.
func (p *proxied) fillCIMI() {
	p.t.Helper()
	p.at["machine"], p.at["disk"], p.at["free"] = keyOf(p.at["compute"]), keyOf(p.at["volume"]), keyOf(p.at["storage"])
	p.keep("credential", "credentials", `{"name": "c", "credentialTemplate": {"userName": "c", "password": "secret"}}`)
	p.keep("credentialTemplate", "credentialTemplates", `{"userName": "c", "password": "secret"}`)
	p.keep("machineConfig", "machineConfigs", `{"cpu": 1, "memory": 524288}`)
	p.keep("machineTemplate", "machineTemplates", simpleTemplate)
	p.keep("volumeConfig", "volumeConfigs", `{"capacity": 1000000}`)
	p.keep("volumeTemplate", "volumeTemplates", `{"volumeConfig": {"href": "volumeConfigs/{volumeConfig}"}}`)
	p.keep("imaged", "volumes", `{"volumeTemplate": {"href": "volumeTemplates/{volumeTemplate}"}}`)
	p.keep("volumeImage", "volumeImages", `{"imageLocation": "volumes/{imaged}"}`)
	p.keep("machineImage", "machineImages", `{"name": "i", "imageLocation": "machines/{machine}"}`)
}

// keyOf is the end of a place.
func keyOf(place string) string { return place[strings.LastIndex(place, "/")+1:] }
