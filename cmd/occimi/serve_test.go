package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// program runs a command line until the test ends, and gives its exit code and
// what it prints.
func program(t *testing.T, args ...string) (code int, printed string) {
	t.Helper()
	var out bytes.Buffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetErr(&out)
	code = run(t.Context(), root, args)
	return code, out.String()
}

// TestExitCodes: 2 tells that it was called wrongly, 1 that it did not work.
func TestExitCodes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	at := taken.Addr().String()
	for name, test := range map[string]struct {
		args string
		code int
		says string
	}{
		"version":              {"version", 0, "occimi dev"},
		"help":                 {"serve --help", 0, "--os-auth-url"},
		"completion":           {"completion bash", 0, "__start_occimi"},
		"unknown command":      {"sevre", exitUsage, "Did you mean"},
		"unknown flag":         {"serve --nope", exitUsage, "unknown flag: --nope"},
		"an argument too many": {"serve now", exitUsage, `"now"`},
		"no cloud":             {"serve", exitUsage, "--os-auth-url URL or --sandbox"},
		"a bad option":         {"serve --sandbox --log-level loud", exitUsage, "log-level"},
		"two clouds":           {"serve --sandbox --os-auth-url http://k/v3", exitUsage, "either"},
		"listen taken":         {"serve --sandbox --admin-listen= --listen " + at, exitFailure, "option listen: listen tcp " + at},
		"admin-listen taken":   {"serve --sandbox --listen 127.0.0.1:0 --admin-listen " + at, exitFailure, "option admin-listen: listen tcp " + at},
		"sandbox-listen taken": {"sandbox --sandbox-listen " + at, exitFailure, "option sandbox-listen: listen tcp " + at},
	} {
		t.Run(name, func(t *testing.T) {
			code, printed := program(t, strings.Fields(test.args)...)
			if code != test.code || !strings.Contains(printed, test.says) {
				t.Errorf("exit code %d, want %d with %q in:\n%s", code, test.code, test.says, printed)
			}
		})
	}
}

// firstPrinted takes what a program prints; printed is closed when it has
// printed the first.
type firstPrinted struct {
	once    sync.Once
	printed chan struct{}
	text    logBuffer
}

func (p *firstPrinted) Write(b []byte) (int, error) {
	n, err := p.text.Write(b)
	p.once.Do(func() { close(p.printed) })
	return n, err
}

var tryLine = regexp.MustCompile(`(?m)^  curl -u (\w+):(\w+) (\S+)$`)

// TestWhatServePrints: the lines to try work as they stand, also where it
// listens on every address of the machine.
func TestWhatServePrints(t *testing.T) {
	for name, args := range map[string]string{
		"loopback":    "--listen 127.0.0.1:0",
		"everywhere":  "--listen :0 --sandbox-listen 0.0.0.0:0",
		"other paths": "--listen 127.0.0.1:0 --occi-path /occi/ --cimi-path /",
	} {
		t.Run(name, func(t *testing.T) {
			out := &firstPrinted{printed: make(chan struct{})}
			root := rootCommand()
			root.SetOut(out)
			root.SetErr(io.Discard)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan int)
			go func() {
				ended <- run(ctx, root, append([]string{"serve", "--sandbox", "--admin-listen="}, strings.Fields(args)...))
			}()
			<-out.printed
			lines := tryLine.FindAllStringSubmatch(out.text.String(), -1)
			if len(lines) != 2 {
				t.Errorf("lines to try: %q", lines)
			}
			for _, line := range lines {
				r, err := http.NewRequest("GET", line[3], nil)
				if err != nil {
					t.Fatal(err)
				}
				r.SetBasicAuth(line[1], line[2])
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "http://127.0.0.1:") && !strings.Contains(string(body), "Category: compute") {
					t.Errorf("%s: %d %s", line[0], answer.StatusCode, body)
				}
			}
			stop()
			if code := <-ended; code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// TestConsoleLog: a log for people is one line per request, without colors where
// it goes to a file.
func TestConsoleLog(t *testing.T) {
	var log bytes.Buffer
	logger := settings{LogFormat: "console", LogLevel: "info"}.logger(&log)
	logger.Info().Str("path", "/\x1b[31m\nINF forged").Msg("request")
	if got := log.String(); strings.Count(got, "\n") != 1 || strings.Contains(got, "\x1b") || !strings.Contains(got, "request") {
		t.Errorf("logged %q", got)
	}
}
