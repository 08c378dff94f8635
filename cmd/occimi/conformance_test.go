package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
)

// conformance runs `occimi conformance` as demo, with alt of another tenant, and
// gives its exit code, its report and what it says beside.
func conformance(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	for name, value := range map[string]string{
		"OCCIMI_USER": "demo", "OCCIMI_PASSWORD": "secret", "OCCIMI_OTHER_USER": "alt", "OCCIMI_OTHER_PASSWORD": "secret",
	} {
		t.Setenv(name, value)
	}
	var out, errOut bytes.Buffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetErr(&errOut)
	code := run(t.Context(), root, append([]string{"conformance"}, args...))
	return code, out.String(), errOut.String()
}

// endpoint serves the whole program, in front of a sandbox, and changes its answers.
func endpoint(t *testing.T, change func(w http.ResponseWriter, r *http.Request) http.ResponseWriter) string {
	t.Helper()
	// Over HTTP: cases log in at the Keystone that answers name.
	cloud := httptest.NewServer(sandbox.New(sandbox.Options{}).Handler())
	t.Cleanup(cloud.Close)
	s := settings{OCCIPath: "/", CIMIPath: "/cimi/", AuthURL: cloud.URL + "/identity/v3", Timeout: time.Minute, ComputeVersion: "2.93"}
	config, err := s.openstackConfig()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := openstack.New(config)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := newServer(s, provider, nil, newRegistry(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	program := srv.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if w = change(w, r); w != nil {
			program.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func unchanged(w http.ResponseWriter, _ *http.Request) http.ResponseWriter { return w }

// without leaves header fields out of answers.
type without struct {
	http.ResponseWriter
	field string
}

func (w without) WriteHeader(status int) {
	w.Header().Del(w.field)
	w.ResponseWriter.WriteHeader(status)
}

func TestConformanceExitCode(t *testing.T) {
	url := endpoint(t, unchanged)
	cutOff := endpoint(t, func(w http.ResponseWriter, r *http.Request) http.ResponseWriter { // speaks no CIMI
		if strings.HasPrefix(r.URL.Path, "/cimi/") {
			http.NotFound(w, r)
			return nil
		}
		return w
	})
	one := endpoint(t, func(w http.ResponseWriter, r *http.Request) http.ResponseWriter { // speaks CIMI 1 alone
		r.Header.Del("CIMI-Specification-Version")
		return w
	})
	lacks := func(field string) string {
		return endpoint(t, func(w http.ResponseWriter, _ *http.Request) http.ResponseWriter { return without{w, field} })
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := []struct {
		name string
		args []string
		code int
		want string // in what is printed
	}{
		{"both conform", []string{"--occi", url, "--cimi", url + "/cimi/", "--only", "query,cep"}, 0, "conforms: no MUST failed"},
		{"one version is enough", []string{"--cimi", one + "/cimi/", "--only", "cep"}, 0, "not offered: version 2 at this URL"},
		{"cases of a suite", []string{"--occi", url, "--cimi", url + "/cimi/", "--only", "occi/url,cimi2/cep.*"}, 0, "CIMI 2.0"},
		{"a MUST failed", []string{"--occi", lacks("Server"), "--only", "query"}, 1, "1 MUST failed"},
		{"a SHOULD failed", []string{"--occi", lacks("Accept"), "--only", "query"}, 0, "every.accept (SHOULD, OCCI 1.2 HTTP 5.2) failed"},
		{"no CIMI there", []string{"--cimi", cutOff + "/cimi/"}, 1, "the Cloud Entry Point has the status 404"},
		{"no such version of CIMI", []string{"--cimi", one + "/cimi/", "--only", "cimi2/cep"}, 1, "does not offer cimi"},
		{"nobody there", []string{"--occi", closed.URL}, 1, "connection refused"},
		{"no time", []string{"--occi", url, "--timeout", "1ns"}, 1, "it was ended"},
		{"no endpoint", nil, 2, "say which endpoint"},
		{"not a URL", []string{"--occi", "cloud"}, 2, `"cloud" is no URL of an endpoint`},
		{"URL with a password", []string{"--occi", "http://demo:secret@127.0.0.1"}, 2, "may have a path, and no more"},
		{"no such case", []string{"--occi", url, "--only", "nothing.*"}, 2, "there is no case nothing.*"},
		{"not a pattern", []string{"--occi", url, "--only", "[a"}, 2, `"[a" is no pattern`},
		{"no such format", []string{"--occi", url, "--format", "pdf"}, 2, `"pdf" is none of html, json, junit, text`},
		{"user and token", []string{"--occi", url, "--token", "t"}, 2, "options user and token: there are both"},
		{"user without password", []string{"--occi", url, "--other-password="}, 2, "options other-user and other-password"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, out, errOut := conformance(t, test.args...)
			if code != test.code || !strings.Contains(out+errOut, test.want) {
				t.Errorf("the exit code is %d, wanted %d and %q:\n%s\n%s", code, test.code, test.want, out, errOut)
			}
			if strings.Contains(out+errOut, "secret@") || strings.Contains(out+errOut, "ZGVtbzpzZWNyZXQ") {
				t.Error("the password is printed")
			}
		})
	}
}

// Every format is what it says, holds each case, and no password.
func TestConformanceFormats(t *testing.T) {
	url := endpoint(t, unchanged)
	checks := map[string]func(report string) error{
		"text": func(string) error { return nil },
		"json": func(report string) error {
			return json.Unmarshal([]byte(report), &struct{ Conforms bool }{})
		},
		"junit": func(report string) error {
			return xml.Unmarshal([]byte(report), &struct{ XMLName xml.Name }{})
		},
		"html": func(string) error { return nil },
	}
	for format, check := range checks {
		t.Run(format, func(t *testing.T) {
			code, out, errOut := conformance(t, "--occi", url, "--only", "auth", "--format", format)
			if code != 0 || !strings.Contains(out, "auth") || !strings.Contains(errOut, "0 failed") {
				t.Errorf("the exit code is %d:\n%s\n%s", code, out, errOut)
			}
			if err := check(out); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
			if strings.Contains(out, "ZGVtbzpzZWNyZXQ") || strings.Contains(out, ":secret") {
				t.Error("the report holds the password")
			}
		})
	}
}

// The options of all commands can be in one file.
func TestConformanceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "occimi.yaml")
	if err := os.WriteFile(path, []byte("listen: 127.0.0.1:1\nocci: "+endpoint(t, unchanged)+"\nonly: [url]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := conformance(t, "--config", path); code != 0 || !strings.Contains(out, "url") {
		t.Errorf("the exit code is %d:\n%s\n%s", code, out, errOut)
	}
}
