package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write the golden files anew")

// loadWith loads settings as the program does.
func loadWith(t *testing.T, args []string, env []string, yaml string) (settings, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags[settings](flags, func(string) bool { return true })
	if yaml != "" {
		path := filepath.Join(t.TempDir(), "occimi.yaml")
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return load[settings](flags, func() []string { return env })
}

func TestPrecedence(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  []string
		yaml string
		want string
	}{
		{name: "default", want: "127.0.0.1:8787"},
		{name: "file over default", yaml: "listen: file:1", want: "file:1"},
		{name: "environment over file", yaml: "listen: file:1", env: []string{"OCCIMI_LISTEN=env:1"}, want: "env:1"},
		{name: "flag over environment", yaml: "listen: file:1", env: []string{"OCCIMI_LISTEN=env:1"},
			args: []string{"--listen", "flag:1"}, want: "flag:1"},
		{name: "flag over file even with the default's value", yaml: "listen: file:1",
			args: []string{"--listen", "127.0.0.1:8787"}, want: "127.0.0.1:8787"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := loadWith(t, test.args, test.env, test.yaml)
			if err != nil || s.Listen != test.want {
				t.Errorf("got %q, %v, want %q", s.Listen, err, test.want)
			}
		})
	}
}

// Every type of option can be given in every way.
func TestTypes(t *testing.T) {
	check := func(t *testing.T, s settings, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		got := []any{s.Sandbox, s.MaxInFlight, s.Timeout, s.TrustedProxy}
		if diff := cmp.Diff([]any{true, 7, 3 * time.Second, []string{"10.0.0.0/8", "192.0.2.0/24"}}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	s, err := loadWith(t, []string{"--sandbox", "--max-in-flight=7", "--request-timeout=3s",
		"--trusted-proxy=10.0.0.0/8", "--trusted-proxy=192.0.2.0/24"}, nil, "")
	check(t, s, err)
	s, err = loadWith(t, nil, []string{"OCCIMI_SANDBOX=true", "OCCIMI_MAX_IN_FLIGHT=7", "OCCIMI_REQUEST_TIMEOUT=3s",
		"OCCIMI_TRUSTED_PROXY=10.0.0.0/8,192.0.2.0/24"}, "")
	check(t, s, err)
	s, err = loadWith(t, nil, nil, "sandbox: true\nmax-in-flight: 7\nrequest-timeout: 3s\ntrusted-proxy: [10.0.0.0/8, 192.0.2.0/24]\n")
	check(t, s, err)
}

func TestBadSettings(t *testing.T) {
	tests := []struct {
		name string
		args []string
		env  []string
		yaml string
		want string
	}{
		{name: "unknown key", yaml: "listn: x", want: "config file: unknown option listn"},
		{name: "not YAML", yaml: "listen: [", want: "config file"},
		{name: "not a number", args: []string{"--max-in-flight=many"}, want: "max-in-flight"},
		{name: "not a duration", env: []string{"OCCIMI_REQUEST_TIMEOUT=soon"}, want: "request-timeout"},
		{name: "path without slashes", args: []string{"--cimi-path=cimi"}, want: `option cimi-path: "cimi" must begin and end with a slash`},
		{name: "same path twice", args: []string{"--cimi-path=/"}, want: `OCCI is served at "/" already`},
		{name: "not a URL", args: []string{"--public-url=cloud"}, want: `option public-url: "cloud" is not an http or https URL`},
		{name: "public URL with a path", args: []string{"--public-url=http://h/x"}, want: "option public-url: has a path"},
		{name: "not a network", args: []string{"--trusted-proxy=all"}, want: `"all" is not a network such as 10.0.0.0/8`},
		{name: "not a level", args: []string{"--log-level=loud"}, want: `option log-level: "loud" is not a level`},
		{name: "no such interface", args: []string{"--os-interface=secret"}, want: `option os-interface: "secret" is neither`},
		{name: "no such service", args: []string{"--os-endpoint=dns=http://h"}, want: `"dns=http://h" is not SERVICE=URL`},
		{name: "no time", args: []string{"--request-timeout=0s"}, want: "option request-timeout: must be more than zero"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadWith(t, test.args, test.env, test.yaml)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestUnknownEnvironmentIsIgnored(t *testing.T) {
	if _, err := loadWith(t, nil, []string{"OCCIMI_SERVICE_HOST=10.0.0.1", "OCCIMI_PORT=tcp://10.0.0.1:80"}, ""); err != nil {
		t.Error(err)
	}
}

func TestKeystoneURL(t *testing.T) {
	for authURL, want := range map[string]string{
		"http://ks:5000/v3":     "http://ks:5000/",
		"http://ks:5000/v3/":    "http://ks:5000/",
		"http://h/identity/v3":  "http://h/identity/",
		"http://ks:5000":        "http://ks:5000/",
		"https://ks.example/id": "https://ks.example/id/",
	} {
		if got := (settings{AuthURL: authURL}).keystoneURL(); got != want {
			t.Errorf("%s: got %s, want %s", authURL, got, want)
		}
	}
}

// The page in the docs is what the program prints.
func TestOptionsPage(t *testing.T) {
	const page = "../../docs/options.md"
	var got bytes.Buffer
	if err := printOptions(&got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("docs/options.md is not what the program says; run go test ./cmd/... -update (-want +got):\n%s", diff)
	}
}
