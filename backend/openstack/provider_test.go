package openstack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/model"
)

// TestMetrics: under the names, and with the labels, that operators know.
func TestMetrics(t *testing.T) {
	f := newFake()
	f.json("GET /compute/v2.1/os-keypairs/{name}", 404, `{}`)
	config := f.config()
	registry := prometheus.NewRegistry()
	config.Registerer = registry
	c := f.cloud(t, config)
	if _, err := c.MachineRefs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteMachine(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.KeyPair(t.Context(), "y"); !model.IsCode(err, model.NotFound) {
		t.Fatal(err)
	}
	want := `
# HELP openstack_api_request_errors_total Calls to OpenStack that failed: no answer, or a status of 400 or more.
# TYPE openstack_api_request_errors_total counter
openstack_api_request_errors_total{code="404",request="keypair_show",service="compute"} 1
# HELP openstack_api_requests_total Calls to OpenStack, by the status of the answer (none: there was no answer).
# TYPE openstack_api_requests_total counter
openstack_api_requests_total{code="200",request="server_list",service="compute"} 1
openstack_api_requests_total{code="200",request="version_show",service="compute"} 1
openstack_api_requests_total{code="201",request="token_create",service="identity"} 1
openstack_api_requests_total{code="204",request="server_delete",service="compute"} 1
openstack_api_requests_total{code="404",request="keypair_show",service="compute"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "openstack_api_requests_total", "openstack_api_request_errors_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "openstack_api_request_duration_seconds"); err != nil || n != 5 {
		t.Errorf("%d durations, %v", n, err)
	}
}

func TestConfig(t *testing.T) {
	for name, test := range map[string]struct {
		c     openstack.Config
		names string
	}{
		"no URL":               {openstack.Config{}, "Keystone URL"},
		"no host":              {openstack.Config{AuthURL: "/v3"}, "Keystone URL"},
		"other scheme":         {openstack.Config{AuthURL: "ftp://k/v3"}, "Keystone URL"},
		"password in URL":      {openstack.Config{AuthURL: "http://a:b@k/v3"}, "credentials"},
		"version 2":            {openstack.Config{AuthURL: "http://k/v2.0/"}, "2.0"},
		"interface":            {openstack.Config{AuthURL: "http://k", Interface: "secret"}, "secret"},
		"endpoint service":     {openstack.Config{AuthURL: "http://k", Endpoints: map[string]string{"nova": "http://n"}}, "nova"},
		"endpoint URL":         {openstack.Config{AuthURL: "http://k", Endpoints: map[string]string{"compute": "n:80"}}, "compute"},
		"microversion":         {openstack.Config{AuthURL: "http://k", Microversions: map[string]string{"compute": "two"}}, "two"},
		"old microversion":     {openstack.Config{AuthURL: "http://k", Microversions: map[string]string{"compute": "2.59"}}, "2.60"},
		"microversion of what": {openstack.Config{AuthURL: "http://k", Microversions: map[string]string{"image": "2.1"}}, "image"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openstack.New(test.c)
			if err == nil || !strings.Contains(err.Error(), test.names) {
				t.Errorf("got %v, want an error that names %q", err, test.names)
			}
		})
	}
}

// TestAuthURLs: what operators write for one and the same Keystone.
func TestAuthURLs(t *testing.T) {
	for _, at := range []string{"http://cloud.test/identity", "http://cloud.test/identity/", "http://cloud.test/identity/v3", "http://cloud.test/identity/v3//"} {
		f := newFake()
		config := f.config()
		config.AuthURL = at
		f.cloud(t, config)
		if got := whats(f.made()); !slices.Contains(got, "POST /identity/v3/auth/tokens") {
			t.Errorf("%s became %q", at, got)
		}
	}
}
