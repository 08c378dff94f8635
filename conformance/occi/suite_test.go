// Package occi_test is a suite of black-box cases for OCCI 1.1 and 1.2 over
// HTTP. The cases are tables; what they need they find in the query interface
// of the endpoint, and they take away what they made. Nothing is shared with the
// program's own code, so that both would have to be wrong in the same way.
//
// It builds and runs the program in front of the embedded sandbox (TestSandbox),
// and of a real OpenStack when OCCIMI_E2E_AUTH_URL names its Keystone
// (TestReal; users demo and alt, password secret). OCCIMI_PROGRAM is a binary
// to take instead of building one. TestEndpoint takes any server: OCCIMI_OCCI_URL,
// OCCIMI_OCCI_USER, OCCIMI_OCCI_PASSWORD, and for the cases with a second tenant
// OCCIMI_OCCI_USER2 and OCCIMI_OCCI_PASSWORD2.
package occi_test

import (
	"bufio"
	"bytes"
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

// program is the path of the binary under test, built once.
var program = sync.OnceValues(func() (string, error) {
	if p := os.Getenv("OCCIMI_PROGRAM"); p != "" {
		return filepath.Abs(p)
	}
	path := filepath.Join(workdir, "occimi")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/occimi").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	return path, nil
})

var workdir string

func TestMain(m *testing.M) {
	var err error
	if workdir, err = os.MkdirTemp("", "occi-conformance"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(workdir)
	os.Exit(code)
}

func TestSandbox(t *testing.T) {
	suite(t, endpoint{url: serve(t, "--sandbox", "--sandbox-delay", "100ms"), own: true,
		user: account{"demo", "secret"}, other: account{"alt", "secret"}})
}

func TestReal(t *testing.T) {
	keystone := os.Getenv("OCCIMI_E2E_AUTH_URL")
	if keystone == "" {
		t.Skip("OCCIMI_E2E_AUTH_URL is not set")
	}
	suite(t, endpoint{url: serve(t, "--os-auth-url", keystone), user: account{"demo", "secret"}, other: account{"alt", "secret"}})
}

func TestEndpoint(t *testing.T) {
	url := os.Getenv("OCCIMI_OCCI_URL")
	if url == "" {
		t.Skip("OCCIMI_OCCI_URL is not set")
	}
	suite(t, endpoint{
		url:   strings.TrimSuffix(url, "/"),
		user:  account{os.Getenv("OCCIMI_OCCI_USER"), os.Getenv("OCCIMI_OCCI_PASSWORD")},
		other: account{os.Getenv("OCCIMI_OCCI_USER2"), os.Getenv("OCCIMI_OCCI_PASSWORD2")},
	})
}

// serve runs `occimi serve` until the test ends and gives the URL of its OCCI.
func serve(t *testing.T, args ...string) string {
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
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "OCCI" {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return strings.TrimSuffix(fields[1], "/")
		}
	}
	_ = cmd.Wait()
	t.Fatalf("occimi serve did not say where it listens:\n%s", log.String())
	return ""
}

// areas are all cases, in the order of the report.
var areas = [][]Case{
	urlCases, negotiationCases, versionCases, queryCases, entityCases, createCases, updateCases, collectionCases,
	mixinCases, filterCases, pagingCases, actionCases, linkCases, storageCases, networkCases, textCases, jsonCases, authCases, hostileCases, clientCases,
	deleteCases, // its last deletes everything
}

// suite runs all cases against an endpoint and logs what came of them.
func suite(t *testing.T, e endpoint) {
	w := discover(t, e)
	t.Cleanup(func() { w.tidy(t) })
	all := slices.Concat(areas...)
	results := tally{}
	run := func(c Case) func(t *testing.T) {
		return func(t *testing.T) {
			if !c.Wipes {
				t.Parallel()
			}
			defer func() { results.count(c.area(), c.Level, t) }()
			c.run(t, w)
		}
	}
	t.Run("cases", func(t *testing.T) {
		for _, c := range all {
			if !c.Wipes {
				t.Run(c.ID, run(c))
			}
		}
	})
	for _, c := range all {
		if c.Wipes {
			t.Run("cases/"+c.ID, run(c))
		}
	}
	for _, r := range rules {
		t.Run("rules/"+r.id, func(t *testing.T) {
			defer func() { results.count("every", r.level, t) }()
			if broken := w.broken[r.id]; len(broken) > 0 {
				t.Errorf("%s, %s\nit is a promise that: %s\nbut %d of %d answers break it, such as:\n%s",
					r.level, r.clause, r.what, len(broken), w.seen, strings.Join(broken[:min(3, len(broken))], "\n"))
			}
		})
	}
	t.Logf("%s\n%s", e.url, results.table(w.seen))
}

// TestCases: every case says what it is about, once.
func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range slices.Concat(areas...) {
		switch {
		case seen[c.ID]:
			t.Errorf("%s: there are two", c.ID)
		case c.Clause == "" || c.What == "" || !slices.Contains([]Level{Must, Should, DeFacto}, c.Level):
			t.Errorf("%s: clause, level or what is missing", c.ID)
		case len(c.Steps) == 0 || len(c.Steps[len(c.Steps)-1].Want) == 0:
			t.Errorf("%s: nothing is expected at its end", c.ID)
		}
		seen[c.ID] = true
	}
}
