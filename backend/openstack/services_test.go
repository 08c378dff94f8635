package openstack_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/model"
)

// TestEndpoints: which of a catalog's endpoints are called, and how their URLs
// are completed.
func TestEndpoints(t *testing.T) {
	type endpoint = map[string]string
	at := func(typ string, endpoints ...endpoint) object { return object{"type": typ, "endpoints": endpoints} }
	plain := func(url string) endpoint {
		return endpoint{"interface": "public", "region_id": "one", "region": "one", "url": url}
	}
	for name, test := range map[string]struct {
		catalog []object
		change  func(*openstack.Config)
		want    string // what Network's call goes to; "": there is no such service
	}{
		"as Neutron is":     {[]object{at("network", plain("http://n.test:9696"))}, nil, "http://n.test:9696/v2.0/networks/x"},
		"trailing slash":    {[]object{at("network", plain("http://n.test:9696/"))}, nil, "http://n.test:9696/v2.0/networks/x"},
		"version":           {[]object{at("network", plain("http://n.test/network/v2.0"))}, nil, "http://n.test/network/v2.0/networks/x"},
		"path":              {[]object{at("network", plain("http://n.test/networking"))}, nil, "http://n.test/networking/v2.0/networks/x"},
		"v in the host":     {[]object{at("network", plain("http://v2.test"))}, nil, "http://v2.test/v2.0/networks/x"},
		"first region":      {[]object{at("network", plain("http://a.test"), plain("http://b.test"))}, nil, "http://a.test/v2.0/networks/x"},
		"internal not said": {[]object{at("network", endpoint{"interface": "internal", "url": "http://i.test"}, plain("http://a.test"))}, nil, "http://a.test/v2.0/networks/x"},
		"internal": {
			[]object{at("network", plain("http://a.test"), endpoint{"interface": "internal", "url": "http://i.test"})},
			func(c *openstack.Config) { c.Interface = "internal" }, "http://i.test/v2.0/networks/x",
		},
		"region": {
			[]object{at("network", plain("http://a.test"), endpoint{"interface": "public", "region_id": "two", "url": "http://b.test"})},
			func(c *openstack.Config) { c.Region = "two" }, "http://b.test/v2.0/networks/x",
		},
		"one region for all": {
			[]object{
				at("network", endpoint{"interface": "public", "region_id": "two", "url": "http://b.test"}, plain("http://a.test")),
				at("compute", endpoint{"interface": "internal", "region_id": "two", "url": "http://i.test"}, plain("http://c.test")),
			}, nil, "http://a.test/v2.0/networks/x",
		},
		"not in the region of the others": {
			[]object{at("compute", plain("http://c.test")), at("network", endpoint{"interface": "public", "region_id": "two", "url": "http://b.test"})}, nil, "",
		},
		"absent region":  {[]object{at("network", plain("http://a.test"))}, func(c *openstack.Config) { c.Region = "two" }, ""},
		"absent service": {[]object{at("dns", plain("http://a.test"))}, nil, ""},
		"no catalog":     {nil, nil, ""},
		"override": {
			nil, func(c *openstack.Config) { c.Endpoints = map[string]string{"network": "https://o.test/n"} }, "https://o.test/n/v2.0/networks/x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
				raw, err := json.Marshal(object{"token": object{"expires_at": "2030-01-01T01:00:00Z", "user": object{"id": "u", "domain": object{"id": "default"}}, "project": object{"id": fakeProject, "name": "demo"}, "catalog": test.catalog}})
				if err != nil {
					t.Error(err)
				}
				w.Header().Set("X-Subject-Token", fakeToken)
				respond(w, 201, string(raw))
			})
			var got string
			config := f.config()
			config.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.Contains(r.URL.Path, "/networks/") {
					got = r.URL.String()
				}
				return f.RoundTrip(r)
			})
			if test.change != nil {
				test.change(&config)
			}
			c := f.cloud(t, config)
			_, err := c.Network(t.Context(), "x")
			if got != test.want {
				t.Errorf("called %q, want %q", got, test.want)
			}
			if c.Offers(model.NetworkService) != (test.want != "") {
				t.Errorf("Offers says %v", c.Offers(model.NetworkService))
			}
			if test.want == "" && !model.IsCode(err, model.NotFound) {
				t.Errorf("got %v", err)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAbsentServices: what the catalog lacks is unsupported, or empty.
func TestAbsentServices(t *testing.T) {
	f := newFake()
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", fakeToken)
		respond(w, 201, `{"token": {"expires_at": "2030-01-01T01:00:00Z", "user": {"id": "u", "domain": {"id": "default"}}, "project": {"id": "p", "name": "demo"}}}`)
	})
	c := f.cloud(t, f.config())
	f.made()
	for name, call := range map[string]func() error{
		"Machines":      func() error { _, err := c.Machines(t.Context()); return err },
		"MachineRefs":   func() error { _, err := c.MachineRefs(t.Context()); return err },
		"CreateMachine": func() error { _, err := c.CreateMachine(t.Context(), small); return err },
		"Flavors":       func() error { _, err := c.Flavors(t.Context()); return err },
		"Images":        func() error { _, err := c.Images(t.Context()); return err },
		"KeyPairs":      func() error { _, err := c.KeyPairs(t.Context()); return err },
	} {
		if err := call(); !model.IsCode(err, model.Unsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n, err := c.Networks(t.Context()); err != nil || len(n) > 0 {
		t.Errorf("Networks: %v, %v", n, err)
	}
	if n, err := c.Subnets(t.Context()); err != nil || len(n) > 0 {
		t.Errorf("Subnets: %v, %v", n, err)
	}
	if n, err := c.MachinePorts(t.Context(), ""); err != nil || len(n) > 0 {
		t.Errorf("MachinePorts: %v, %v", n, err)
	}
	if _, err := c.Port(t.Context(), "x"); !model.IsCode(err, model.NotFound) {
		t.Errorf("Port: %v", err)
	}
	if calls := f.made(); len(calls) > 0 {
		t.Errorf("calls: %q", whats(calls))
	}
}

func TestMicroversions(t *testing.T) {
	for name, test := range map[string]struct {
		document string
		ceiling  string
		want     string // "": refused
	}{
		"newer cloud":      {`{"version": {"id": "v2.1", "version": "2.100", "min_version": "2.1"}}`, "", "compute 2.93"},
		"older cloud":      {`{"version": {"id": "v2.1", "version": "2.79", "min_version": "2.1"}}`, "", "compute 2.79"},
		"configured":       {`{"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1"}}`, "2.72", "compute 2.72"},
		"floor":            {`{"version": {"id": "v2.1", "version": "2.60", "min_version": "2.1"}}`, "", "compute 2.60"},
		"below the floor":  {`{"version": {"id": "v2.1", "version": "2.53", "min_version": "2.1"}}`, "", ""},
		"none":             {`{"version": {"id": "v2.1", "version": "", "min_version": ""}}`, "", ""},
		"too new for us":   {`{"version": {"id": "v2.1", "version": "2.200", "min_version": "2.95"}}`, "", ""},
		"list of versions": {`{"versions": [{"id": "v2.0", "version": ""}, {"id": "v2.1", "version": "2.88", "min_version": "2.1"}]}`, "", "compute 2.88"},
		"nonsense":         {`{"version": {"id": "v2.1", "version": "newest"}}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.json("GET /compute/v2.1/{$}", 200, test.document)
			config := f.config()
			if test.ceiling != "" {
				config.Microversions = map[string]string{"compute": test.ceiling}
			}
			c := f.cloud(t, config)
			f.made()
			_, err := c.KeyPairs(t.Context())
			var got string
			for _, call := range f.made() {
				if strings.HasPrefix(call.what, "GET /compute/v2.1/os-keypairs") {
					got = call.header.Get("Openstack-Api-Version")
				}
			}
			if got != test.want {
				t.Errorf("spoke %q, want %q", got, test.want)
			}
			if test.want == "" && !model.IsCode(err, model.Unsupported) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("not a version document", func(t *testing.T) {
		f := newFake()
		f.json("GET /compute/v2.1/{$}", 200, `{}`)
		if _, err := f.cloud(t, f.config()).KeyPairs(t.Context()); !model.IsCode(err, model.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// TestOldNova: what Nova 2.60 cannot do is refused, and nothing else.
func TestOldNova(t *testing.T) {
	f := newFake()
	f.version("2.60")
	c := f.cloud(t, f.config())
	r := small
	r.Hostname = "web"
	if _, err := c.CreateMachine(t.Context(), r); !model.IsCode(err, model.Unsupported) {
		t.Errorf("create: got %v", err)
	}
	if _, err := c.UpdateMachine(t.Context(), "x", model.MachineUpdate{Hostname: &r.Hostname}); !model.IsCode(err, model.Unsupported) {
		t.Errorf("update: got %v", err)
	}
	for _, call := range f.made() {
		if strings.HasPrefix(call.what, "POST /compute") || strings.HasPrefix(call.what, "PUT /compute") {
			t.Errorf("called %s", call.what)
		}
	}
	if _, err := c.CreateMachine(t.Context(), small); err != nil {
		t.Errorf("create: got %v", err)
	}
}

// TestUpdateAnswers: from 2.75 on Nova's answer to an update is the machine;
// before, it lacks the half.
func TestUpdateAnswers(t *testing.T) {
	name := "new"
	for version, want := range map[string][]string{
		"2.75": {"PUT /compute/v2.1/servers/x"},
		"2.74": {"PUT /compute/v2.1/servers/x", "GET /compute/v2.1/servers/x"},
	} {
		f := newFake()
		f.version(version)
		c := f.cloud(t, f.config())
		if _, err := c.Flavors(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.made()
		m, err := c.UpdateMachine(t.Context(), "x", model.MachineUpdate{Name: &name})
		if err != nil || m.State != model.MachineRunning || m.Flavor.ID != "1" {
			t.Errorf("%s: got %+v, %v", version, m, err)
		}
		if diff := cmp.Diff(want, whats(f.made())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
		f.json("PUT /compute/v2.1/servers/{id}", 200, serverJSON("x", "ACTIVE", "deleting", 1))
		f.json("GET /compute/v2.1/servers/{id}", 200, serverJSON("x", "ACTIVE", "deleting", 1))
		if m, err := c.UpdateMachine(t.Context(), "x", model.MachineUpdate{Name: &name}); err != nil || m.State != model.MachineDeleting {
			t.Errorf("%s: a machine that is being deleted: %+v, %v", version, m, err)
		}
		if _, err := c.WithoutDeleting().UpdateMachine(t.Context(), "x", model.MachineUpdate{Name: &name}); !model.IsCode(err, model.NotFound) {
			t.Errorf("%s: a machine that is being deleted, without those: %v", version, err)
		}
	}
}

func TestInspect(t *testing.T) {
	f := newFake()
	f.json("GET /image/v2/{$}", 404, ``)
	f.json("GET /network/v2.0/{$}", 503, `<html>`)
	p := newProvider(t, f.config())
	c, err := p.Login(t.Context(), demo)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Inspect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := openstack.Report{
		Identity: openstack.IdentityReport{
			UserID: "user-demo", UserName: "demo", ProjectID: fakeProject, ProjectName: "demo", Roles: []string{"member"},
			Expires: time.Date(2030, 1, 1, 1, 0, 0, 0, time.UTC),
		},
		Services: []openstack.ServiceReport{
			{Service: "compute", Endpoint: "http://cloud.test/compute/v2.1/", MinVersion: "2.1", MaxVersion: "2.93", Version: "2.93"},
			{Service: "image", Endpoint: "http://cloud.test/image/v2/", MinVersion: "none", MaxVersion: "none", Version: "none"},
			{Service: "network", Endpoint: "http://cloud.test/network/v2.0/", MinVersion: "none", MaxVersion: "none", Version: "none", Error: "the network service cannot answer now (network version_show: HTTP 503)"},
			{Service: "block-storage", MinVersion: "none", MaxVersion: "none", Version: "none", Error: "this cloud offers no block-storage service"},
		},
		Flavors: 1, Networks: 1,
		Missing: []string{"the network service cannot answer now (network version_show: HTTP 503)", "this cloud offers no block-storage service", "the project sees no images"},
		Usable:  true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.version("2.10")
	p = newProvider(t, f.config())
	if c, err = p.Login(t.Context(), demo); err != nil {
		t.Fatal(err)
	}
	if got, err = p.Inspect(t.Context(), c); err != nil || got.Usable {
		t.Errorf("a cloud that is too old: %+v, %v", got, err)
	}
}
