package openstack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/cloudtest"
)

// TestRealCloud runs the contract against a real OpenStack: that of
// OCCIMI_E2E_AUTH_URL, with the users demo and alt.
func TestRealCloud(t *testing.T) {
	authURL := os.Getenv("OCCIMI_E2E_AUTH_URL")
	if authURL == "" {
		t.Skip("OCCIMI_E2E_AUTH_URL is not set")
	}
	provider := newProvider(t, openstack.Config{AuthURL: authURL, ListCacheFor: time.Minute})
	cloudtest.Run(t, harness(provider, authURL, http.DefaultClient, func(t *testing.T, what string, done func() (bool, error)) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		poll := time.NewTicker(200 * time.Millisecond)
		defer poll.Stop()
		for {
			if over, err := done(); err != nil {
				t.Fatalf("waiting for %s: %v", what, err)
			} else if over {
				return
			}
			select {
			case <-poll.C:
			case <-ctx.Done():
				t.Fatalf("waited in vain for %s", what)
			}
		}
	}))
}

func newProvider(t testing.TB, c openstack.Config) *openstack.Provider {
	t.Helper()
	p, err := openstack.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	demo = model.Credentials{Username: "demo", Password: "secret", Project: "demo"}
	alt  = model.Credentials{Username: "alt", Password: "secret", Project: "alt"}
)

// harness is that of a cloud with the users demo and alt.
func harness(p *openstack.Provider, authURL string, client *http.Client, wait func(*testing.T, string, func() (bool, error))) cloudtest.Harness {
	k := keystone{url: strings.TrimSuffix(strings.TrimRight(authURL, "/"), "/v3") + "/v3", client: client}
	return cloudtest.Harness{
		Provider: p, Tenant: demo, Other: alt, Wait: wait,
		Token:                 k.token,
		ApplicationCredential: k.applicationCredential,
		Volume: func(t *testing.T) string {
			t.Helper()
			token, _ := k.login(t, projectScope)
			volumes := keystone{url: k.endpoint(t, token, "volumev3"), client: client}
			var answer struct{ Volume struct{ ID, Status string } }
			volumes.send(t, http.MethodPost, "/volumes", token, object{"volume": object{"name": "occimi-contract", "size": 1}}, &answer)
			available := func() (bool, error) {
				volumes.send(t, http.MethodGet, "/volumes/"+answer.Volume.ID, token, nil, &answer)
				return answer.Volume.Status == "available", nil
			}
			wait(t, "the new volume", available)
			t.Cleanup(func() {
				wait(t, "the volume to be detached", available)
				volumes.send(t, http.MethodDelete, "/volumes/"+answer.Volume.ID, token, nil, nil)
			})
			return answer.Volume.ID
		},
	}
}

// projectScope is demo's project, for Keystone.
var projectScope = object{"project": object{"name": demo.Project, "domain": object{"id": "default"}}}

// keystone makes what logins are tested with, without the adapter.
type keystone struct {
	url    string
	client *http.Client
}

func (k keystone) send(t *testing.T, method, path, token string, body, answer any) http.Header {
	t.Helper()
	var raw bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&raw).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, k.url+path, &raw)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	response, err := k.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d", method, path, response.StatusCode)
	}
	if answer != nil {
		if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
			t.Fatal(err)
		}
	}
	return response.Header
}

type object = map[string]any

func (k keystone) login(t *testing.T, scope any) (token, userID string) {
	t.Helper()
	var answer struct {
		Token struct{ User struct{ ID string } }
	}
	h := k.send(t, http.MethodPost, "/auth/tokens", "", object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": object{
			"name": demo.Username, "domain": object{"id": "default"}, "password": demo.Password,
		}}},
		"scope": scope,
	}}, &answer)
	return h.Get("X-Subject-Token"), answer.Token.User.ID
}

// endpoint gives a service's public URL.
func (k keystone) endpoint(t *testing.T, token, service string) string {
	t.Helper()
	var answer struct {
		Catalog []struct {
			Type      string
			Endpoints []struct{ Interface, URL string }
		}
	}
	k.send(t, http.MethodGet, "/auth/catalog", token, nil, &answer)
	for _, s := range answer.Catalog {
		for _, e := range s.Endpoints {
			if s.Type == service && e.Interface == "public" {
				return e.URL
			}
		}
	}
	t.Fatalf("the catalog has no %s service", service)
	return ""
}

func (k keystone) token(t *testing.T, scoped bool) string {
	t.Helper()
	var scope any = "unscoped"
	if scoped {
		scope = projectScope
	}
	token, _ := k.login(t, scope)
	return token
}

func (k keystone) applicationCredential(t *testing.T) model.Credentials {
	t.Helper()
	token, user := k.login(t, projectScope)
	var answer struct {
		ApplicationCredential struct{ ID, Secret string } `json:"application_credential"`
	}
	path := "/users/" + user + "/application_credentials"
	k.send(t, http.MethodPost, path, token, object{"application_credential": object{
		"name": "occimi-contract-" + t.Name() + time.Now().Format("150405.000000000"),
	}}, &answer)
	c := answer.ApplicationCredential
	t.Cleanup(func() { k.send(t, http.MethodDelete, path+"/"+c.ID, token, nil, nil) })
	return model.Credentials{ApplicationCredentialID: c.ID, Password: c.Secret}
}

// TestSandbox runs the contract against the sandbox, whose time is the test's.
func TestSandbox(t *testing.T) {
	for name, delay := range map[string]time.Duration{"at once": 0, "taking time": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			clock := &settable{now: start2029}
			server := httptest.NewServer(sandbox.New(sandbox.Options{Now: clock.Now, Delay: delay}).Handler())
			t.Cleanup(server.Close)
			authURL := server.URL + "/identity"
			provider := newProvider(t, openstack.Config{AuthURL: authURL, ListCacheFor: time.Minute, Now: clock.Now,
				Pause: func(_ context.Context, d time.Duration) error { clock.advance(d); return nil }})
			h := harness(provider, authURL, server.Client(), func(t *testing.T, what string, done func() (bool, error)) {
				t.Helper()
				for range 100 {
					if over, err := done(); err != nil {
						t.Fatalf("waiting for %s: %v", what, err)
					} else if over {
						return
					}
					clock.advance(time.Second)
				}
				t.Fatalf("waited in vain for %s", what)
			})
			h.ImportURL = "https://images.example/"
			cloudtest.Run(t, h)
		})
	}
}
