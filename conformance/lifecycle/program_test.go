// Package lifecycle_test runs the program as a user does and takes machines
// through their whole life by both protocols, over HTTP only: in front of the
// embedded sandbox always, and in front of a real OpenStack when
// OCCIMI_E2E_AUTH_URL names its Keystone (users demo and alt, password secret).
package lifecycle_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// realCloud names the environment variable that says where a real cloud is.
const realCloud = "OCCIMI_E2E_AUTH_URL"

// program is the path of the binary under test, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "occimi-lifecycle")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "occimi")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/occimi").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// endpoints is where the running program said that its protocols are.
type endpoints struct{ occi, cimi string }

// start runs `occimi serve` until the test ends.
func start(t *testing.T, args ...string) endpoints {
	t.Helper()
	said := run(t, []string{"OCCI", "CIMI"}, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
	return endpoints{occi: said["OCCI"], cimi: said["CIMI"]}
}

// startSandbox runs `occimi sandbox` until the test ends, and gives its
// Keystone.
func startSandbox(t *testing.T) string {
	t.Helper()
	return run(t, []string{"KEYSTONE"}, "sandbox", "--sandbox-delay", "100ms")["KEYSTONE"]
}

// run runs the program until the test ends, and gives what it printed after the
// words.
func run(t *testing.T, words []string, args ...string) map[string]string {
	t.Helper()
	cmd := exec.Command(program, args...)
	var log bytes.Buffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("occimi %s did not end well: %v", args[0], err)
		}
		if strings.Contains(log.String(), "secret") {
			t.Error("the log holds the password")
		}
		if t.Failed() {
			t.Logf("last of the program's log:\n%s", tail(log.String(), 4000))
		}
	})
	said := map[string]string{}
	lines := bufio.NewScanner(stdout)
	for len(said) < len(words) && lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && slices.Contains(words, fields[0]) {
			said[fields[0]] = fields[1]
		}
	}
	if len(said) < len(words) {
		t.Fatalf("occimi %s did not say where it listens:\n%s", args[0], log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return said
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// onEveryCloud runs a scenario in front of the sandbox, and of the real cloud
// if there is one.
func onEveryCloud(t *testing.T, scenario func(t *testing.T, e endpoints)) {
	t.Run("Sandbox", func(t *testing.T) {
		scenario(t, start(t, "--sandbox", "--sandbox-delay", "100ms"))
	})
	t.Run("Real", func(t *testing.T) {
		scenario(t, start(t, "--store", "sqlite::memory:", "--os-auth-url", realCloudURL(t)))
	})
}

// onEachCloud runs a scenario that starts the program several times, in front of
// a sandbox of its own, which goes on, and of the real cloud if there is one.
func onEachCloud(t *testing.T, scenario func(t *testing.T, again func(*testing.T, ...string) endpoints)) {
	t.Run("Sandbox", func(t *testing.T) {
		cloud := startSandbox(t)
		scenario(t, func(t *testing.T, args ...string) endpoints { return start(t, append(args, "--os-auth-url", cloud)...) })
	})
	t.Run("Real", func(t *testing.T) {
		cloud := realCloudURL(t)
		scenario(t, func(t *testing.T, args ...string) endpoints { return start(t, append(args, "--os-auth-url", cloud)...) })
	})
}

func realCloudURL(t *testing.T) string {
	url := os.Getenv(realCloud)
	if url == "" {
		t.Skip(realCloud + " is not set")
	}
	return url
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

// eventually asks until the condition holds, and fails the test after a minute
// without it.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("waited a minute for: %s", what)
		case <-tick.C:
		}
	}
}
