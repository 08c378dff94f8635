package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

// doctor runs `occimi doctor` with an environment, and gives its exit code and
// all that it prints.
func doctor(t *testing.T, vars map[string]string, args ...string) (int, string) {
	t.Helper()
	for name, value := range vars {
		t.Setenv(name, value)
	}
	var out logBuffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetErr(&out)
	code := run(t.Context(), root, append([]string{"doctor"}, args...))
	return code, out.String()
}

// lab starts a sandbox whose catalog lacks some services, and gives demo's
// environment there.
func lab(t *testing.T, without ...string) map[string]string {
	t.Helper()
	handler := sandbox.New(sandbox.Options{}).Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/auth/tokens") {
			handler.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		body := recorder.Body.String()
		for _, service := range without {
			body = strings.ReplaceAll(body, `"type":"`+service+`"`, `"type":"none"`)
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorder.Code)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return map[string]string{
		"OS_AUTH_URL": server.URL + "/identity/v3", "OS_USERNAME": "demo", "OS_PASSWORD": "secret",
		"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_NAME": "demo", "OS_PROJECT_DOMAIN_ID": "default",
	}
}

func TestDoctor(t *testing.T) {
	for name, test := range map[string]struct {
		without []string
		change  map[string]string
		args    []string
		code    int
		says    []string
	}{
		"usable": {code: 0, says: []string{"user           demo (", "member, reader", "microversions 2.1 to 2.93, uses 2.93", "flavors        5", "can work"}},
		"without Nova": {without: []string{"compute"}, code: exitFailure, says: []string{
			"compute", "not in the catalog", "missing", "offers no compute service", "cannot work", "occimi: the proxy cannot work"}},
		"without Glance":  {without: []string{"image"}, code: exitFailure, says: []string{"offers no image service", "cannot work"}},
		"without Neutron": {without: []string{"network"}, code: 0, says: []string{"offers no network service", "can work"}},
		"an older ceiling": {args: []string{"--os-compute-api-version", "2.79"}, code: 0,
			says: []string{"uses 2.79"}},
		"call by call":        {args: []string{"--log-level", "debug"}, code: 0, says: []string{`"service":"compute","request":"flavor_list","code":"200"`}},
		"a bad password":      {change: map[string]string{"OS_PASSWORD": "TYPO"}, code: exitFailure, says: []string{"password is wrong"}},
		"a bad project":       {change: map[string]string{"OS_PROJECT_NAME": "moon"}, code: exitFailure, says: []string{`do not open project "moon"`}},
		"no login":            {change: map[string]string{"OS_USERNAME": ""}, code: exitUsage, says: []string{"set OS_USERNAME"}},
		"no cloud":            {change: map[string]string{"OS_AUTH_URL": ""}, code: exitUsage, says: []string{"Keystone URL must be"}},
		"no such entry":       {args: []string{"--os-cloud", "moon"}, code: exitUsage, says: []string{`cloud "moon"`}},
		"an interface absent": {change: map[string]string{"OS_INTERFACE": "moon"}, code: exitUsage, says: []string{`"moon" is none of`}},
		"a region absent":     {args: []string{"--os-region-name", "Moon"}, code: exitFailure, says: []string{"not in the catalog", "cannot work"}},
	} {
		t.Run(name, func(t *testing.T) {
			vars := lab(t, test.without...)
			for key, value := range test.change {
				vars[key] = value
			}
			code, out := doctor(t, vars, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.says {
				if !strings.Contains(out, want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, "TYPO") || strings.Contains(out, "secret") {
				t.Errorf("the password is printed:\n%s", out)
			}
		})
	}
}

// TestDoctorOfNoCloud: what is wrong with a URL that is none of a Keystone is said.
func TestDoctorOfNoCloud(t *testing.T) {
	page := func(status int, header ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>Maintenance at http://10.9.8.7/</html>"))
		})
	}
	hangs := make(chan struct{})
	defer close(hangs)
	plain := func(h http.Handler) *httptest.Server { return httptest.NewServer(h) }
	for name, test := range map[string]struct {
		serve   func(http.Handler) *httptest.Server
		handler http.Handler
		change  map[string]string
		says    string
	}{
		"a page":               {serve: plain, handler: page(200), says: "gave an answer that cannot be read (identity token_create: malformed answer)"},
		"another's 404":        {serve: plain, handler: page(404), says: "there is no identity service where it should be (identity token_create: HTTP 404)"},
		"a balancer":           {serve: plain, handler: page(503), says: "cannot answer now (identity token_create: HTTP 503)"},
		"a redirection":        {serve: plain, handler: page(301, "Location", "https://10.9.8.7/v3"), says: "HTTP 301"},
		"an unknown CA":        {serve: httptest.NewTLSServer, handler: page(200), says: "certificate signed by unknown authority"},
		"TLS without TLS":      {serve: httptest.NewTLSServer, handler: page(400), change: map[string]string{"SCHEME": "http"}, says: "HTTP 400"},
		"no TLS":               {serve: plain, handler: page(200), change: map[string]string{"SCHEME": "https"}, says: "server gave HTTP response to HTTPS client"},
		"nobody listens":       {serve: func(h http.Handler) *httptest.Server { s := httptest.NewServer(h); s.Close(); return s }, says: "connection refused"},
		"nobody answers":       {serve: plain, handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hangs }), change: map[string]string{"OCCIMI_REQUEST_TIMEOUT": "50ms"}, says: "the deadline passed"},
		"a CA that is no file": {serve: plain, handler: page(200), change: map[string]string{"OS_CACERT": "/nonexistent"}, says: "option os-cacert: open /nonexistent"},
	} {
		t.Run(name, func(t *testing.T) {
			server := test.serve(test.handler)
			vars := map[string]string{"OS_AUTH_URL": server.URL + "/v3", "OS_USERNAME": "demo", "OS_PASSWORD": "TYPO"}
			if scheme := test.change["SCHEME"]; scheme != "" {
				_, rest, _ := strings.Cut(server.URL, ":")
				vars["OS_AUTH_URL"] = scheme + ":" + rest + "/v3"
			}
			for key, value := range test.change {
				vars[key] = value
			}
			code, out := doctor(t, vars)
			if code == 0 || !strings.Contains(out, test.says) {
				t.Errorf("exit code %d; does not say %q:\n%s", code, test.says, out)
			}
			if strings.Contains(out, "TYPO") || strings.Contains(out, "10.9.8.7") {
				t.Errorf("says too much:\n%s", out)
			}
		})
	}
}

// TestDoctorJSON: the keys are for programs, and stay as they are.
func TestDoctorJSON(t *testing.T) {
	code, out := doctor(t, lab(t, "network"), "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	shape := map[string]any{}
	for key, value := range got {
		shape[key] = kind(value)
	}
	want := map[string]any{
		"identity": map[string]any{"user_id": "string", "user_name": "string", "project_id": "string", "project_name": "string", "roles": "list", "expires": "string"},
		"services": "list", "images": "float64", "flavors": "float64", "networks": "float64", "missing": "list", "usable": "bool",
	}
	if diff := cmp.Diff(want, shape); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	services, _ := got["services"].([]any)
	for _, service := range services {
		s, _ := service.(map[string]any)
		for _, key := range []string{"service", "endpoint", "min_version", "max_version", "version"} {
			if _, ok := s[key].(string); !ok {
				t.Errorf("a service lacks %s: %v", key, s)
			}
		}
		if (s["error"] != nil) != (s["service"] == "network") {
			t.Errorf("error of service %v", s)
		}
	}
}

// kind gives a JSON value's shape.
func kind(v any) any {
	switch v := v.(type) {
	case map[string]any:
		shape := map[string]any{}
		for key, value := range v {
			shape[key] = kind(value)
		}
		return shape
	case []any:
		return "list"
	case string:
		return "string"
	case bool:
		return "bool"
	default:
		return "float64"
	}
}
