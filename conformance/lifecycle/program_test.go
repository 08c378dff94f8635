// Package lifecycle_test runs the program as a user does and takes machines
// through their whole life by both protocols, over HTTP only: in front of the
// embedded sandbox always, and in front of a real OpenStack when
// OCCIMI_E2E_AUTH_URL names its Keystone (users demo and alt, password secret).
package lifecycle_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/occimi/occimi/conformance/suitetest"
)

func TestMain(m *testing.M) { suitetest.Main(m) }

// onEveryCloud runs a scenario in front of the sandbox, and of the real cloud
// if there is one.
func onEveryCloud(t *testing.T, scenario func(t *testing.T, e suitetest.Endpoints)) {
	t.Run("Sandbox", func(t *testing.T) { scenario(t, suitetest.Sandbox(t)) })
	t.Run("Real", func(t *testing.T) { scenario(t, suitetest.Real(t)) })
}

// onEachCloud runs a scenario that starts the program several times, in front of
// a sandbox of its own, which goes on, and of the real cloud if there is one.
func onEachCloud(t *testing.T, scenario func(t *testing.T, again func(*testing.T, ...string) suitetest.Endpoints)) {
	for name, keystone := range map[string]func(*testing.T) string{"Sandbox": suitetest.SandboxCloud, "Real": suitetest.RealCloud} {
		t.Run(name, func(t *testing.T) {
			cloud := keystone(t)
			scenario(t, func(t *testing.T, args ...string) suitetest.Endpoints {
				return suitetest.Serve(t, append(args, "--os-auth-url", cloud)...)
			})
		})
	}
}

// client is a user at an endpoint.
type client struct {
	t    *testing.T
	base string // without a trailing slash
	user string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request: path below the base, or a whole URL; header as "Name:
// value" lines.
func (c client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = c.base + path
	}
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.user != "" {
		req.SetBasicAuth(c.user, "secret")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // redirects are mistakes here
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// want sends a request and fails the test unless the status is as wanted.
func (c client) want(status int, method, path, body string, header ...string) answer {
	c.t.Helper()
	a := c.do(method, path, body, header...)
	if a.status != status {
		c.t.Fatalf("%s %s: got %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	return a
}

// patience is how long a real cloud on a busy machine may take for anything.
const patience = 3 * time.Minute

// eventually asks until the condition holds, and fails the test if there is no
// patience left without it.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited %v for: %s", patience, what)
		case <-tick.C:
		}
	}
}
