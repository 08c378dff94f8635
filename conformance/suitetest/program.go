// Package suitetest runs the program in front of a cloud and a suite against
// the program, for all black-box tests.
package suitetest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Endpoints is where the running program said that its protocols are, without
// slashes at the end.
type Endpoints struct{ OCCI, CIMI string }

// Sandbox runs the program in front of the embedded cloud until the test ends.
// Its users are demo and alt, password secret.
func Sandbox(t *testing.T) Endpoints {
	t.Helper()
	return Serve(t, "--sandbox", "--sandbox-delay", "100ms")
}

// Real runs the program in front of a real OpenStack until the test ends, and
// skips the test if there is none.
func Real(t *testing.T) Endpoints {
	t.Helper()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32)) // as the embedded cloud has one: passwords are kept
	return Serve(t, "--os-auth-url", RealCloud(t), "--store-key", key)
}

// RealCloud is the Keystone of a real OpenStack, OCCIMI_E2E_AUTH_URL (users demo
// and alt, password secret). It skips the test if there is none.
func RealCloud(t *testing.T) string {
	t.Helper()
	keystone := os.Getenv("OCCIMI_E2E_AUTH_URL")
	if keystone == "" {
		t.Skip("OCCIMI_E2E_AUTH_URL is not set")
	}
	return keystone
}

// SandboxCloud runs the embedded cloud alone until the test ends, and gives its
// Keystone.
func SandboxCloud(t *testing.T) string {
	t.Helper()
	return run(t, []string{"KEYSTONE"}, "sandbox", "--sandbox-delay", "100ms")["KEYSTONE"]
}

// program is the binary under test: OCCIMI_PROGRAM, or built once.
var program = sync.OnceValues(func() (string, error) {
	if p := os.Getenv("OCCIMI_PROGRAM"); p != "" {
		return filepath.Abs(p)
	}
	if workdir == "" {
		return "", errors.New("TestMain has to call suitetest.Main")
	}
	path := filepath.Join(workdir, "occimi")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/occimi/occimi/cmd/occimi").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	return path, nil
})

var workdir string

// Main runs the tests of a package, with a place for the program. TestMain calls it.
func Main(m *testing.M) {
	var err error
	if workdir, err = os.MkdirTemp("", "conformance"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(workdir)
	os.Exit(code)
}

// Serve runs `occimi serve` with these options until the test ends.
func Serve(t *testing.T, args ...string) Endpoints {
	t.Helper()
	said := run(t, []string{"OCCI", "CIMI"}, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
	return Endpoints{OCCI: strings.TrimSuffix(said["OCCI"], "/"), CIMI: strings.TrimSuffix(said["CIMI"], "/")}
}

// run runs the program until the test ends, and gives what it printed after the
// words. It fails the test if the program does not end well or its log holds the
// password.
func run(t *testing.T, words []string, args ...string) map[string]string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	// Nothing but the options says what it does, and what it keeps, it keeps for this test.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "OS_") || strings.HasPrefix(v, "OCCIMI_") })
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+t.TempDir())
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
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "secret") {
				t.Errorf("the log holds the password: %s", line)
			}
		}
		if text := log.String(); t.Failed() {
			t.Logf("last of the program's log:\n%s", text[max(0, len(text)-4000):])
		}
	})
	said := map[string]string{}
	for lines := bufio.NewScanner(stdout); len(said) < len(words) && lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && slices.Contains(words, fields[0]) {
			said[fields[0]] = fields[1]
		}
	}
	if len(said) < len(words) {
		t.Fatalf("occimi %s did not say where it listens", args[0])
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return said
}
