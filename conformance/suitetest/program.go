// Package suitetest runs the program in front of a cloud and a suite against
// the program, for the tests of the suites.
package suitetest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
	return serve(t, "--sandbox", "--sandbox-delay", "100ms")
}

// Real runs the program in front of the OpenStack whose Keystone
// OCCIMI_E2E_AUTH_URL names (users demo and alt, password secret), and skips
// the test if it names none.
func Real(t *testing.T) Endpoints {
	t.Helper()
	keystone := os.Getenv("OCCIMI_E2E_AUTH_URL")
	if keystone == "" {
		t.Skip("OCCIMI_E2E_AUTH_URL is not set")
	}
	return serve(t, "--os-auth-url", keystone)
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

// serve runs `occimi serve` until the test ends, and fails it if the program does
// not end well or its log holds the password.
func serve(t *testing.T, args ...string) Endpoints {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir()) // what it keeps, it keeps for this test
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
			t.Errorf("occimi serve did not end well: %v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), "secret") {
			t.Error("the log holds the password")
		}
	})
	var e Endpoints
	for lines := bufio.NewScanner(stdout); (e.OCCI == "" || e.CIMI == "") && lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 {
			switch fields[0] {
			case "OCCI":
				e.OCCI = strings.TrimSuffix(fields[1], "/")
			case "CIMI":
				e.CIMI = strings.TrimSuffix(fields[1], "/")
			}
		}
	}
	if e.OCCI == "" || e.CIMI == "" {
		t.Fatal("occimi serve did not say where it listens")
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return e
}
