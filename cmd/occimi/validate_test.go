package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestValidateConfig: what serve would refuse is named, all at once, by the name of
// the option, and nothing is made.
func TestValidateConfig(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", "")
	for name, test := range map[string]struct {
		args string
		code int
		says []string
	}{
		"a cloud":            {"--os-auth-url http://k/v3", 0, []string{"the options are good"}},
		"the embedded cloud": {"--sandbox --sandbox-fault nova:503:0.1 --sandbox-latency *=1ms", 0, []string{"good"}},
		"PostgreSQL":         {"--os-auth-url http://k/v3 --store postgres://u:SECRET@127.0.0.1:1/d", 0, []string{"good"}},
		"no store":           {"--os-auth-url http://k/v3 --store none", 0, []string{"good"}},
		"no cloud":           {"", exitUsage, []string{"--os-auth-url URL or --sandbox"}},
		"a wrong option":     {"--sandbox --log-level loud", exitUsage, []string{"option log-level"}},
		"two wrong together": {"--sandbox --sandbox-fault nova:soon --store-key x", exitUsage, []string{"option sandbox-fault", "option store-key"}},
		"many": {"--os-auth-url http://k/v2.0 --os-cacert /none --os-compute-api-version 2.1 --store mysql:SECRET", exitUsage,
			[]string{"version 2.0", "option os-cacert", "2.1 of compute", "option store: the store's location begins with none"}},
		"no file":           {"--sandbox --store sqlite:", exitUsage, []string{"option store", "no file"}},
		"a bad URL":         {"--sandbox --store postgres://u:SECRET@h:port/d", exitUsage, []string{"option store"}},
		"an endpoint":       {"--sandbox --os-endpoint compute=ftp://h/", exitUsage, []string{`option os-endpoint: "compute=ftp://h/" is not`}},
		"for the embedded":  {"--sandbox --os-compute-api-version 2.1", exitUsage, []string{"2.1 of compute"}},
		"an unknown option": {"--nope", exitUsage, []string{"--nope"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"validate-config", "serve"} {
				if command == "serve" && test.code == 0 {
					continue // it would
				}
				code, printed := program(t, append([]string{command}, strings.Fields(test.args)...)...)
				if code != test.code {
					t.Errorf("%s: exit code %d, want %d", command, code, test.code)
				}
				for _, want := range test.says {
					if !strings.Contains(printed, want) {
						t.Errorf("%s: no %q in:\n%s", command, want, printed)
					}
				}
				if strings.Contains(printed, "SECRET") {
					t.Errorf("%s: the password is printed:\n%s", command, printed)
				}
			}
		})
	}
	if made, err := os.ReadDir(home); err != nil || len(made) > 0 {
		t.Errorf("%v was made: %v", made, err)
	}
}

// TestHealthcheck: 0 tells that requests are taken, 1 that they are not, or that
// nobody answers.
func TestHealthcheck(t *testing.T) {
	answer := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz/ready" {
				t.Errorf("asked for %s", r.URL)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	ready, ending := answer(200, "ready\n"), answer(503, "shutting down\n")
	_, port, err := net.SplitHostPort(ready)
	if err != nil {
		t.Fatal(err)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, test := range map[string]struct {
		at   string
		code int
		says string
	}{
		"ready":               {ready, 0, "ready\n"},
		"listens everywhere":  {":" + port, 0, "ready\n"},
		"or so":               {"0.0.0.0:" + port, 0, "ready\n"},
		"shutting down":       {ending, exitFailure, "shutting down"},
		"nobody there":        {closed.Listener.Addr().String(), exitFailure, "refused"},
		"no health is served": {"", exitUsage, "option admin-listen"},
	} {
		t.Run(name, func(t *testing.T) {
			if code, printed := program(t, "healthcheck", "--admin-listen", test.at); code != test.code || !strings.Contains(printed, test.says) {
				t.Errorf("exit code %d, want %d with %q in:\n%s", code, test.code, test.says, printed)
			}
		})
	}
}
