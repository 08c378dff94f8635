package openstack_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/model"
)

// listings are all that follow pages, and how their services write a page of
// one item.
var listings = map[string]struct {
	pattern string
	page    func(id, next string) string
	list    func(t *testing.T, c model.Cloud) ([]string, error)
}{
	"MachineRefs": {"GET /compute/v2.1/servers", page("servers", `{"id": "%s"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.MachineRefs(t.Context())
		return ids(all, func(m model.MachineRef) string { return m.ID }), err
	}},
	"Machines": {"GET /compute/v2.1/servers/detail", page("servers", `{"id": "%s", "tenant_id": "project-demo"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.Machines(t.Context())
		return ids(all, func(m model.Machine) string { return m.ID }), err
	}},
	"Flavors": {"GET /compute/v2.1/flavors/detail", page("flavors", `{"id": "%s"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.Flavors(t.Context())
		return ids(all, func(m model.Flavor) string { return m.ID }), err
	}},
	"KeyPairs": {"GET /compute/v2.1/os-keypairs", page("keypairs", `{"keypair": {"name": "%s"}}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.KeyPairs(t.Context())
		return ids(all, func(m model.KeyPair) string { return m.Name }), err
	}},
	"Images": {"GET /image/v2/images", func(id, next string) string {
		return `{"images": [{"id": "` + id + `", "status": "active"}]` + orNothing(next, `, "next": "/v2/images?marker=%s&limit=1000"`) + `}`
	}, func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.Images(t.Context())
		return ids(all, func(m model.Image) string { return m.ID }), err
	}},
	"Networks": {"GET /network/v2.0/networks", page("networks", `{"id": "%s"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.Networks(t.Context())
		return ids(all, func(m model.Network) string { return m.ID }), err
	}},
	"Subnets": {"GET /network/v2.0/subnets", page("subnets", `{"id": "%s"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.Subnets(t.Context())
		return ids(all, func(m model.Subnet) string { return m.ID }), err
	}},
	"MachinePorts": {"GET /network/v2.0/ports", page("ports", `{"id": "%s", "device_id": "x", "device_owner": "compute:nova"}`), func(t *testing.T, c model.Cloud) ([]string, error) {
		all, err := c.MachinePorts(t.Context(), "")
		return ids(all, func(m model.Port) string { return m.ID }), err
	}},
}

// page writes a page as Nova and Neutron do. The link names a host that is not
// to be called.
func page(key, item string) func(id, next string) string {
	return func(id, next string) string {
		link := orNothing(next, `, "`+key+`_links": [{"rel": "previous", "href": "x"}, {"rel": "next", "href": "http://evil.test:1/x?limit=1&marker=%s"}]`)
		return `{"` + key + `": [` + fmt.Sprintf(item, id) + `]` + link + `}`
	}
}

func orNothing(s, format string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf(format, s)
}

func ids[T any](all []T, id func(T) string) (s []string) {
	for _, v := range all {
		s = append(s, id(v))
	}
	return s
}

func TestPages(t *testing.T) {
	for name, l := range listings {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			pages := map[string]string{"": l.page("a", "a"), "a": l.page("b", "b"), "b": l.page("c", "")}
			f.on(l.pattern, func(w http.ResponseWriter, r *http.Request) {
				respond(w, 200, pages[r.URL.Query().Get("marker")])
			})
			got, err := l.list(t, c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, call := range f.made() {
				if call.host != "cloud.test" {
					t.Errorf("the token went to %s", call.host)
				}
			}
		})
		t.Run(name+" in a circle", func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			next := map[string]string{"": "a", "a": "b", "b": "a"}
			f.on(l.pattern, func(w http.ResponseWriter, r *http.Request) {
				respond(w, 200, l.page("x", next[r.URL.Query().Get("marker")]))
			})
			if _, err := l.list(t, c); !model.IsCode(err, model.Unavailable) {
				t.Errorf("got %v", err)
			}
			if n := len(f.made()); n > 10 {
				t.Errorf("%d calls", n)
			}
		})
		t.Run(name+" that fails late", func(t *testing.T) {
			f := newFake()
			c := f.cloud(t, f.config())
			f.on(l.pattern, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("marker") == "" {
					respond(w, 200, l.page("a", "a"))
					return
				}
				respond(w, 500, ``)
			})
			if _, err := l.list(t, c); !model.IsCode(err, model.Unavailable) {
				t.Errorf("a list that is not whole: %v", err)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	get := func(t *testing.T, c model.Cloud) error { _, err := c.KeyPair(t.Context(), "k"); return err }
	post := func(t *testing.T, c model.Cloud) error {
		_, err := c.CreateKeyPair(t.Context(), "k", "key")
		return err
	}
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, h := range header {
				w.Header().Set(h, "1")
			}
			respond(w, code, ``)
		}
	}
	breaks := func(err error) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { panic(broken{err}) }
	}
	const single, create = "GET /compute/v2.1/os-keypairs/{name}", "POST /compute/v2.1/os-keypairs"
	for name, test := range map[string]struct {
		pattern string
		call    func(*testing.T, model.Cloud) error
		fault   http.HandlerFunc
		times   int // that the fault happens
		calls   int
		want    model.Code
	}{
		"a read after 503":            {single, get, status(503), 1, 2, ""},
		"a read after 502 twice":      {single, get, status(502), 2, 3, ""},
		"a read, but not for ever":    {single, get, status(502), 9, 3, model.Unavailable},
		"a read after a reset":        {single, get, breaks(syscall.ECONNRESET), 1, 2, ""},
		"a read after an early end":   {single, get, breaks(io.EOF), 2, 3, ""},
		"a read after a refusal":      {single, get, breaks(syscall.ECONNREFUSED), 1, 2, ""},
		"no 503 that says when":       {single, get, status(503, "Retry-After"), 1, 1, model.Unavailable},
		"no 500":                      {single, get, status(500), 1, 1, model.Unavailable},
		"no 429":                      {single, get, status(429), 1, 1, model.RateLimited},
		"no 404":                      {single, get, status(404), 1, 1, model.NotFound},
		"no write after 503":          {create, post, status(503), 1, 1, model.Unavailable},
		"no write after a reset":      {create, post, breaks(syscall.ECONNRESET), 1, 1, model.Unavailable},
		"no write, connection closed": {create, post, breaks(io.ErrUnexpectedEOF), 1, 1, model.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			c := f.cloud(t, f.config())
			if _, err := c.KeyPairs(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.made()
			good, left := f.routes[test.pattern], test.times
			f.on(test.pattern, func(w http.ResponseWriter, r *http.Request) {
				if left--; left >= 0 {
					test.fault(w, r)
					return
				}
				good(w, r)
			})
			if err := test.call(t, c); test.want == "" && err != nil || test.want != "" && !model.IsCode(err, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if calls := f.made(); len(calls) != test.calls {
				t.Errorf("calls %q, want %d", whats(calls), test.calls)
			}
		})
	}
}

// TestBrokenOff: an answer that breaks off is asked for again; one that is whole, and
// nonsense, is not.
func TestBrokenOff(t *testing.T) {
	const answer = `{"keypair": {"name": "k", "public_key": "ssh-ed25519 A"}}`
	for name, test := range map[string]struct {
		body  io.Reader
		err   error
		times int
		calls int
		fails bool
	}{
		"once":            {strings.NewReader(answer[:20]), io.ErrUnexpectedEOF, 1, 2, false},
		"by a reset":      {strings.NewReader(answer[:20]), syscall.ECONNRESET, 2, 3, false},
		"again and again": {strings.NewReader(answer[:20]), io.ErrUnexpectedEOF, 9, 3, true},
		"nonsense":        {strings.NewReader(answer[:20]), nil, 1, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			config := f.config()
			calls := 0
			config.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/os-keypairs/k") {
					return f.RoundTrip(r)
				}
				body := io.Reader(strings.NewReader(answer))
				if calls++; calls <= test.times {
					body = test.body
					if test.err != nil {
						body = io.MultiReader(body, iotest.ErrReader(test.err))
					}
				}
				return &http.Response{StatusCode: 200, Body: io.NopCloser(body), Request: r}, nil
			})
			k, err := f.cloud(t, config).KeyPair(t.Context(), "k")
			if test.fails != (err != nil) || test.fails && !model.IsCode(err, model.Unavailable) || !test.fails && k.PublicKey == "" {
				t.Errorf("got %+v, %v", k, err)
			}
			if calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}

// TestRememberedLists: for seconds, for the same user of the same project only,
// and never beyond a change of one's own.
func TestRememberedLists(t *testing.T) {
	f := newFake()
	f.on("GET /identity/v3/auth/tokens", func(w http.ResponseWriter, r *http.Request) {
		project, user, _ := strings.Cut(r.Header.Get("X-Subject-Token"), ":")
		user, credential, _ := strings.Cut(user, ":")
		body := tokenBody(project, user, "member")
		if credential != "" {
			body = strings.Replace(body, `{"token":{`, `{"token":{"application_credential":{"id":"`+credential+`"},`, 1)
		}
		respond(w, 200, body)
	})
	clock := &settable{now: start2029}
	config := f.config()
	config.Now = clock.Now
	p := newProvider(t, config)
	as := func(token string) model.Cloud {
		c, err := p.Login(t.Context(), model.Credentials{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		f.made()
		return c
	}
	asks := func(c model.Cloud) bool {
		t.Helper()
		if _, err := c.Images(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(f.made()) > 0
	}
	ann, bob, eve := as("p1:ann"), as("p1:bob"), as("p2:ann")
	for name, c := range map[string]model.Cloud{
		"ann": ann, "bob, of the same project": bob, "ann, in another project": eve, "a program of ann's, which may do less": as("p1:ann:a-1"),
	} {
		if !asks(c) {
			t.Errorf("%s is shown another's list", name)
		}
		if asks(c) {
			t.Errorf("the list of %s is not remembered", name)
		}
	}
	changes := map[string]func() error{
		"delete": func() error { return ann.DeleteImage(t.Context(), "i-1") },
		"save":   func() error { _, err := ann.SaveMachine(t.Context(), "m", model.MachineSave{Name: "n"}); return err },
		"update": func() error {
			name := "n"
			_, err := ann.UpdateImage(t.Context(), "i-1", model.ImageUpdate{Name: &name})
			return err
		},
	}
	for name, change := range changes {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		f.made()
		if !asks(ann) || !asks(bob) {
			t.Errorf("%s: the project's list is still remembered", name)
		}
		if asks(eve) {
			t.Errorf("%s: another project's list is forgotten", name)
		}
	}
	clock.advance(31 * time.Second)
	if !asks(as("p2:ann")) {
		t.Error("the list is remembered for too long")
	}
}

// TestListsInTransition: a state that will soon be another is not remembered.
func TestListsInTransition(t *testing.T) {
	images := func(status string) string {
		return `{"images": [{"id": "i-1", "status": "active"}, {"id": "i-2", "status": "` + status + `"}]}`
	}
	networks := func(status string) string {
		return `{"networks": [{"id": "n-1", "status": "` + status + `", "admin_state_up": true}]}`
	}
	listImages := func(c model.Cloud) error { _, err := c.Images(t.Context()); return err }
	listNetworks := func(c model.Cloud) error { _, err := c.Networks(t.Context()); return err }
	for name, test := range map[string]struct {
		route, body string
		list        func(model.Cloud) error
		remembered  bool // for more than a second
	}{
		"an image is being saved":   {"GET /image/v2/images", images("saving"), listImages, false},
		"an image waits for data":   {"GET /image/v2/images", images("queued"), listImages, false},
		"an image goes away":        {"GET /image/v2/images", images("pending_delete"), listImages, true}, // and is not shown
		"all images are there":      {"GET /image/v2/images", images("active"), listImages, true},
		"a network is being made":   {"GET /network/v2.0/networks", networks("BUILD"), listNetworks, false},
		"all networks are as usual": {"GET /network/v2.0/networks", networks("ACTIVE"), listNetworks, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json(test.route, 200, test.body)
			clock := &settable{now: start2029}
			config := f.config()
			config.Now = clock.Now
			c := f.cloud(t, config)
			asks := func() bool {
				t.Helper()
				f.made()
				if err := test.list(c); err != nil {
					t.Fatal(err)
				}
				return len(f.made()) > 0
			}
			if !asks() || asks() {
				t.Error("requests of one moment do not share a list")
			}
			clock.advance(1100 * time.Millisecond)
			if asks() == test.remembered {
				t.Errorf("remembered after a second: %v, want %v", !test.remembered, test.remembered)
			}
		})
	}
}

// TestNewSubnet: a network with a subnet that the remembered list lacks makes it
// be read anew, but not another's network, whose subnets may not be shown.
func TestNewSubnet(t *testing.T) {
	for name, test := range map[string]struct {
		project, subnets string
		forgotten        bool
	}{
		"the list has all":     {fakeProject, `"s-1"`, false},
		"one is new":           {fakeProject, `"s-1", "s-2"`, true},
		"another's is new":     {"another", `"s-1", "s-2"`, false},
		"the network has none": {fakeProject, ``, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json("GET /network/v2.0/subnets", 200, `{"subnets": [{"id": "s-1", "network_id": "n-1"}]}`)
			f.json("GET /network/v2.0/networks/n-1", 200,
				`{"network": {"id": "n-1", "project_id": "`+test.project+`", "shared": true, "subnets": [`+test.subnets+`]}}`)
			c := f.cloud(t, f.config())
			asks := func() bool {
				t.Helper()
				f.made()
				if _, err := c.Subnets(t.Context()); err != nil {
					t.Fatal(err)
				}
				return len(f.made()) > 0
			}
			if !asks() || asks() {
				t.Fatal("the list is not remembered")
			}
			if _, err := c.Network(t.Context(), "n-1"); err != nil {
				t.Fatal(err)
			}
			if got := asks(); got != test.forgotten {
				t.Errorf("read anew: %v, want %v", got, test.forgotten)
			}
		})
	}
}

// TestListUnderWay: a list that was asked for before a change, and arrives after
// it, is not remembered.
func TestListUnderWay(t *testing.T) {
	f := newFake()
	c := f.cloud(t, f.config())
	asked, release := make(chan struct{}, 2), make(chan struct{})
	f.on("GET /image/v2/images", func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-release
		respond(w, 200, `{"images": []}`)
	})
	listed := make(chan error)
	go func() { _, err := c.Images(t.Context()); listed <- err }()
	<-asked
	if err := c.DeleteImage(t.Context(), "i-1"); err != nil {
		t.Fatal(err)
	}
	close(release)
	if err := <-listed; err != nil {
		t.Fatal(err)
	}
	f.made()
	if _, err := c.Images(t.Context()); err != nil || len(f.made()) != 1 {
		t.Errorf("the old list is remembered (%v)", err)
	}
}
