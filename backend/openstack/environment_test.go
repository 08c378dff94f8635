package openstack_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// domain is an id of a domain.
const domain = "0123456789abcdef0123456789abcdef"

func TestReadEnvironment(t *testing.T) {
	for name, test := range map[string]struct {
		vars map[string]string
		want openstack.Environment
		err  string
	}{
		"a user": {
			vars: map[string]string{
				"OS_AUTH_URL": "https://k/v3", "OS_REGION_NAME": "R", "OS_INTERFACE": "internal", "OS_CACERT": "/ca.pem",
				"OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_USER_DOMAIN_NAME": "D1", "OS_PROJECT_NAME": "lab", "OS_PROJECT_DOMAIN_NAME": "D2",
			},
			want: openstack.Environment{
				AuthURL: "https://k/v3", Region: "R", Interface: "internal", CACertFile: "/ca.pem",
				Credentials: model.Credentials{Username: "u", Password: "p", UserDomain: "D1", Project: "lab", ProjectDomain: "D2"},
			},
		},
		"domains by id": {
			vars: map[string]string{"OS_USERNAME": "u", "OS_USER_DOMAIN_ID": domain, "OS_PROJECT_NAME": "lab", "OS_PROJECT_DOMAIN_ID": "default"},
			want: openstack.Environment{Credentials: model.Credentials{Username: "u", UserDomain: domain, Project: "lab", ProjectDomain: "default"}},
		},
		"a project by id and name, as dashboards write it": {
			vars: map[string]string{
				"OS_USERNAME": "u", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_ID": "id", "OS_PROJECT_NAME": "lab", "OS_PROJECT_DOMAIN_ID": "default",
			},
			want: openstack.Environment{Credentials: model.Credentials{Username: "u", UserDomain: "Default", Project: "id"}},
		},
		"an application credential": {
			vars: map[string]string{"OS_AUTH_TYPE": "v3applicationcredential", "OS_APPLICATION_CREDENTIAL_ID": "a", "OS_APPLICATION_CREDENTIAL_SECRET": "s", "OS_PROJECT_ID": "id"},
			want: openstack.Environment{Credentials: model.Credentials{ApplicationCredentialID: "a", Password: "s"}},
		},
		"a token, of an old file": {
			vars: map[string]string{"OS_TOKEN": "t", "OS_PROJECT_NAME": "lab", "OS_ENDPOINT_TYPE": "publicURL"},
			want: openstack.Environment{Interface: "public", Credentials: model.Credentials{Token: "t", Project: "lab"}},
		},
		"nothing":      {err: "no login: set OS_USERNAME"},
		"a user by id": {vars: map[string]string{"OS_USER_ID": "u", "OS_PASSWORD": "p"}, err: "no login: set OS_USERNAME"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := openstack.ReadEnvironment("", func(key string) string { return test.vars[key] })
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got error %v, want %q", err, test.err)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestReadCloudsFile(t *testing.T) {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OS_") {
			t.Setenv(name, value) // to have it again
			_ = os.Unsetenv(name)
		}
	}
	at := filepath.Join(t.TempDir(), "clouds.yaml")
	t.Setenv("OS_CLIENT_CONFIG_FILE", at)
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(at, `
clouds:
  by-name:
    region_name: R
    interface: internal
    auth: {auth_url: "https://k/v3", username: u, password: p, user_domain_name: D1, project_name: lab, project_domain_name: D2}
  by-id:
    auth: {auth_url: "https://k/v3", username: u, password: p, user_domain_id: `+domain+`, project_name: lab, project_domain_id: default}
  project-id:
    auth: {auth_url: "https://k/v3", username: u, password: p, user_domain_name: D1, project_id: id, project_domain_name: D2}
  application:
    auth_type: v3applicationcredential
    auth: {auth_url: "https://k/v3", application_credential_id: a, application_credential_secret: s}
  secret:
    auth: {auth_url: "https://k/v3", username: u, user_domain_name: D1}
  nobody:
    auth: {auth_url: "https://k/v3"}
`)
	write(filepath.Join(filepath.Dir(at), "secure.yaml"), "clouds: {secret: {auth: {password: hidden}}}")
	for name, want := range map[string]openstack.Environment{
		"by-name": {Region: "R", Interface: "internal",
			Credentials: model.Credentials{Username: "u", Password: "p", UserDomain: "D1", Project: "lab", ProjectDomain: "D2"}},
		"by-id":       {Interface: "public", Credentials: model.Credentials{Username: "u", Password: "p", UserDomain: domain, Project: "lab", ProjectDomain: "default"}},
		"project-id":  {Interface: "public", Credentials: model.Credentials{Username: "u", Password: "p", UserDomain: "D1", Project: "id"}},
		"application": {Interface: "public", Credentials: model.Credentials{ApplicationCredentialID: "a", Password: "s"}},
		"secret":      {Interface: "public", Credentials: model.Credentials{Username: "u", Password: "hidden", UserDomain: "D1"}},
	} {
		t.Run(name, func(t *testing.T) {
			want.AuthURL = "https://k/v3"
			got, err := openstack.ReadEnvironment(name, func(string) string { return "" })
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(openstack.Environment{}, "TLS")); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			named, err := openstack.ReadEnvironment("", func(key string) string { return map[string]string{"OS_CLOUD": name}[key] })
			if diff := cmp.Diff(got.Credentials, named.Credentials); err != nil || diff != "" {
				t.Errorf("by OS_CLOUD: %v %s", err, diff)
			}
		})
	}
	for name, want := range map[string]string{"nobody": "no login", "unknown": `"unknown" not found`} {
		if _, err := openstack.ReadEnvironment(name, os.Getenv); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}

// TestDomains: a user and a project may name their domain by name or by id.
func TestDomains(t *testing.T) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{}).Handler())
	defer server.Close()
	p := newProvider(t, openstack.Config{AuthURL: server.URL + "/identity"})
	for _, c := range []model.Credentials{
		{Project: "demo"},
		{UserDomain: "default", Project: "demo", ProjectDomain: "default"},
		{UserDomain: "Default", Project: "demo", ProjectDomain: "Default"},
		{UserDomain: "default", Project: "demo", ProjectDomain: "Default"},
		{UserDomain: "Default", Project: "demo"},
	} {
		c.Username, c.Password = "demo", "secret"
		if _, err := p.Login(t.Context(), c); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []model.Credentials{{UserDomain: domain}, {UserDomain: "Other"}, {Project: "demo", ProjectDomain: domain}} {
		c.Username, c.Password = "demo", "secret"
		if _, err := p.Login(t.Context(), c); !model.IsCode(err, model.Unauthorized) && !model.IsCode(err, model.Forbidden) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
