package main

import (
	"encoding/json"
	"encoding/xml"
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
)

// logBuffer takes a log that may still be written to when it is read: what is
// loaded for several requests outlives the first of them.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// inFrontOf gives the whole program in front of a cloud that it reaches over a
// transport (nil: the network), and what it logs at debug level. demo is logged in.
func inFrontOf(t *testing.T, cloud string, transport http.RoundTripper, timeout time.Duration) (http.Handler, *logBuffer) {
	t.Helper()
	var logged logBuffer
	log := zerolog.New(zerolog.SyncWriter(&logged))
	s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: cloud + "/identity/v3", Timeout: timeout, ComputeVersion: "2.93"}
	config, err := s.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.Log, config.Transport, config.CallTimeout = log, transport, 2*timeout
	provider, err := openstack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := newServer(s, provider, nil, newRegistry(), log)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	srv.Handler().ServeHTTP(w, basic(httptest.NewRequest("GET", "/compute/", nil)))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return srv.Handler(), &logged
}

func basic(r *http.Request) *http.Request {
	r.SetBasicAuth("demo", "secret")
	return r
}

// TestSlowCloud: when OpenStack does not answer, the client gets its answer in
// time, in its own format.
func TestSlowCloud(t *testing.T) {
	const timeout = time.Minute // of a bubble's time: how busy the machine is does not matter
	isXML := func(body string) bool { return xml.Unmarshal([]byte(body), new(struct{})) == nil }
	isJSON := func(body string) bool { return json.Valid([]byte(body)) }
	isText := func(body string) bool { return !strings.ContainsAny(body, "<{") && strings.TrimSpace(body) != "" }
	const machine = "machines/11111111-2222-4333-8444-555555555555"
	for name, test := range map[string]struct {
		method, path, accept string
		is                   func(string) bool
	}{
		"OCCI text":        {"GET", "/compute/", "text/plain", isText},
		"OCCI JSON":        {"GET", "/compute/", "application/occi+json", isJSON},
		"OCCI discovery":   {"GET", "/-/", "text/plain", isText},
		"OCCI to delete":   {"DELETE", "/compute/x", "text/plain", isText},
		"CIMI 1 XML":       {"GET", "/cimi/1/machines", "application/xml", isXML},
		"CIMI 1 JSON":      {"GET", "/cimi/1/machines", "application/json", isJSON},
		"CIMI 2 JSON":      {"GET", "/cimi/2/" + machine, "application/json", isJSON},
		"CIMI 2 to delete": {"DELETE", "/cimi/2/" + machine, "application/json", isJSON},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := sandbox.New(sandbox.Options{})
			handler, log := inFrontOf(t, "http://cloud.test", &upstream{cloud: cloud.Handler()}, timeout)
			cloud.Fault(sandbox.Fault{Delay: time.Hour})
			synctest.Test(t, func(t *testing.T) {
				r := basic(httptest.NewRequest(test.method, test.path, nil))
				r.Header.Set("Accept", test.accept)
				w := httptest.NewRecorder()
				begun := time.Now()
				handler.ServeHTTP(w, r)
				if took := time.Since(begun); took > timeout {
					t.Errorf("answered after %v", took)
				}
				if w.Code != 504 && w.Code != 503 {
					t.Errorf("answered %d, want 504 or 503", w.Code)
				}
				if !test.is(w.Body.String()) {
					t.Errorf("answered as %s:\n%s", w.Header().Get("Content-Type"), w.Body)
				}
				if !strings.Contains(log.String(), `"error_code":"timeout"`) {
					t.Errorf("logged:\n%s", log)
				}
				time.Sleep(time.Hour) // until what was asked for in several requests' name has ended, too
			})
		})
	}
}

// TestNoSecrets: whatever fails, neither answers nor logs hold a password, a
// token, a URL of OpenStack, or what it said in the bodies that are not for
// users.
func TestNoSecrets(t *testing.T) {
	const page = `<html>SECRET-PAGE <a href="http://10.9.8.7/internal">x</a></html>`
	for name, fault := range map[string]sandbox.Fault{
		"none":                {Service: "none"},
		"a failure":           {Status: 500, Body: `{"computeFault": {"code": 500, "message": "Traceback SECRET-PAGE http://10.9.8.7/internal"}}`},
		"a balancer's page":   {Status: 503, Body: page},
		"a refusal with HTML": {Status: 403, Body: page},
		"not JSON":            {Status: 200, Body: page},
		"a broken connection": {Drop: true},
		"another's token":     {Status: 401, Body: page},
		"a redirect":          {Status: 302, Header: http.Header{"Location": {"http://10.9.8.7/internal"}}, Body: page},
		"a bad header":        {Status: 429, Header: http.Header{"Retry-After": {"SECRET-PAGE"}, "X-Openstack-Request-Id": {"SECRET-PAGE http://10.9.8.7"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := sandbox.New(sandbox.Options{})
			server := httptest.NewServer(cloud.Handler())
			t.Cleanup(server.Close)
			handler, log := inFrontOf(t, server.URL, nil, time.Minute)
			cloud.Fault(fault)
			var said strings.Builder
			for _, path := range []string{"/compute/", "/-/", "/compute/x", "/cimi/1/machines", "/cimi/2/machineImages", "/cimi/2/machines/x"} {
				for _, authenticate := range []func(*http.Request){
					func(r *http.Request) { basic(r) },
					func(r *http.Request) { r.Header.Set("X-Auth-Token", "gAAAAA-TOKEN") },
					func(r *http.Request) { r.SetBasicAuth("demo/PROJECT", "WRONG-PASSWORD") },
				} {
					r := httptest.NewRequest("GET", path+"?token=QUERY-TOKEN", nil)
					authenticate(r)
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					_ = w.Result().Header.Write(&said)
					said.Write(w.Body.Bytes())
				}
			}
			for _, secret := range []string{"SECRET-PAGE", "10.9.8.7", "WRONG-PASSWORD", "gAAAAA", `"secret"`, "ZGVtbzpzZWNyZXQ"} {
				if strings.Contains(said.String(), secret) {
					t.Errorf("%q is in an answer", secret)
				}
				if strings.Contains(log.String(), secret) {
					t.Errorf("%q is in the log", secret)
				}
			}
			if strings.Contains(log.String(), "http://") || strings.Contains(log.String(), "QUERY-TOKEN") {
				t.Errorf("a URL is in the log:\n%s", log)
			}
		})
	}
}
