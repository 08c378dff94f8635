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
		{name: "a time without a unit", yaml: "request-timeout: 55", want: `option request-timeout: "55" is not a time with a unit`},
		{name: "a time in the past", yaml: "shutdown-delay: -5s", want: `option shutdown-delay: "-5s" is not a time`},
		{name: "half a request", yaml: "max-in-flight: 1.5", want: `option max-in-flight: "1.5" is not a whole number`},
		{name: "less than none", args: []string{"--max-in-flight=-1"}, want: `option max-in-flight: "-1" is not a whole number`},
		{name: "an empty number", env: []string{"OCCIMI_MAX_IN_FLIGHT="}, want: `option max-in-flight: "" is not a whole number`},
		{name: "no body", env: []string{"OCCIMI_MAX_BODY_BYTES=0"}, want: "option max-body-bytes: must be more than zero"},
		{name: "no header", env: []string{"OCCIMI_MAX_HEADER_BYTES=0"}, want: "option max-header-bytes: must be more than zero"},
		{name: "neither true nor false", yaml: "sandbox: 7", want: `option sandbox: "7" is neither true nor false`},
		{name: "a number that YAML shortens", yaml: "os-compute-api-version: 2.90", want: "option os-compute-api-version: the value must be in quotes"},
		{name: "a list of one", yaml: "listen: [127.0.0.1:1]", want: "option listen: it has one value, not a list"},
		{name: "a list of numbers", yaml: "os-endpoint: [7]", want: "option os-endpoint: the values must be texts"},
		{name: "a list that is a map", yaml: "os-endpoint: {compute: x}", want: "unknown option os-endpoint.compute"},
		{name: "an unknown key without a value", yaml: "listn:", want: "unknown option listn"},
		{name: "everywhere", env: []string{"OCCIMI_LISTEN="}, want: `option listen: "" is not an address with a port`},
		{name: "no port", args: []string{"--admin-listen=127.0.0.1"}, want: `option admin-listen: "127.0.0.1" is not an address with a port`},
		{name: "any port", args: []string{"--sandbox-listen=127.0.0.1:"}, want: `option sandbox-listen: "127.0.0.1:" is not an address with a port`},
		{name: "a path with a query", args: []string{"--occi-path=/a?b/"}, want: `option occi-path: "/a?b/" has more between its slashes`},
		{name: "a path that goes up", args: []string{"--occi-path=/a/../"}, want: `option occi-path: "/a/../" has more between its slashes`},
		{name: "a path with an empty part", args: []string{"--cimi-path=/a//b/"}, want: `option cimi-path: "/a//b/" has more between its slashes`},
		{name: "public URL with a user", args: []string{"--public-url=https://u:p@h"}, want: "option public-url: has a user in it"},
		{name: "public URL with a query", args: []string{"--public-url=https://h/?x"}, want: `option public-url: "https://h/?x" has more than a host`},
		{name: "a quote in a challenge", args: []string{"--keystone-public-url=https://h/a'b"}, want: `option keystone-public-url: "https://h/a'b" has more`},
		{name: "several at once", yaml: "sandbox: 7\nmax-in-flight: x", want: "is not a whole number from 0 on\noption sandbox"},
		{name: "path without slashes", args: []string{"--cimi-path=cimi"}, want: `option cimi-path: "cimi" must begin and end with a slash`},
		{name: "same path twice", args: []string{"--cimi-path=/"}, want: `OCCI is served at "/" already`},
		{name: "not a URL", args: []string{"--public-url=cloud"}, want: `option public-url: "cloud" is not an http or https URL`},
		{name: "public URL with a path", args: []string{"--public-url=http://h/x"}, want: "option public-url: has a path"},
		{name: "not a network", args: []string{"--trusted-proxy=all"}, want: `"all" is not a network such as 10.0.0.0/8`},
		{name: "not a level", args: []string{"--log-level=loud"}, want: `option log-level: "loud" is neither debug`},
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

// TestKindSettings: what can mean but one thing is taken.
func TestKindSettings(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		yaml string
		got  func(settings) any
		want any
	}{
		"a list with blanks":         {env: []string{"OCCIMI_TRUSTED_PROXY=10.0.0.0/8, ::1/128,"}, got: func(s settings) any { return s.TrustedProxy }, want: []string{"10.0.0.0/8", "::1/128"}},
		"a list of nothing":          {env: []string{"OCCIMI_TRUSTED_PROXY="}, got: func(s settings) any { return s.TrustedProxy }, want: []string(nil)},
		"a key without a value":      {yaml: "listen:\nmax-in-flight:\n", got: func(s settings) any { return s.Listen }, want: "127.0.0.1:8787"},
		"a list with all commented":  {yaml: "trusted-proxy:\n#  - 10.0.0.0/8\n", got: func(s settings) any { return s.TrustedProxy }, want: []string(nil)},
		"no admin listener":          {env: []string{"OCCIMI_ADMIN_LISTEN="}, got: func(s settings) any { return s.AdminListen }, want: ""},
		"a number in quotes":         {yaml: `max-in-flight: "7"`, got: func(s settings) any { return s.MaxInFlight }, want: 7},
		"no time":                    {yaml: "cache-lists: 0", got: func(s settings) any { return s.CacheLists }, want: time.Duration(0)},
		"a truth of the environment": {env: []string{"OCCIMI_SANDBOX=1"}, got: func(s settings) any { return s.Sandbox }, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := loadWith(t, nil, test.env, test.yaml)
			if diff := cmp.Diff(test.want, test.got(s)); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
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
