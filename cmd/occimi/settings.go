package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// settings is the table of options of all that works with a cloud. A field's
// tags give its name (flag --name, environment variable OCCIMI_NAME, key name of
// the YAML file), its default, and its help. docs/options.md is made from it.
type settings struct {
	Listen        string   `koanf:"listen" default:"127.0.0.1:8787" help:"address that clients connect to"`
	AdminListen   string   `koanf:"admin-listen" default:"127.0.0.1:8788" help:"address of /healthz/live, /healthz/ready and /metrics; empty: none"`
	PublicURL     string   `koanf:"public-url" help:"scheme and host for all links, e.g. https://cloud.example.org; empty: as the client asked, or as a trusted proxy forwards"`
	TrustedProxy  []string `koanf:"trusted-proxy" help:"networks (CIDR) whose Forwarded, X-Forwarded-* and X-Request-Id headers are believed"`
	OCCIPath      string   `koanf:"occi-path" default:"/" help:"path that OCCI is served at"`
	OCCICore      bool     `koanf:"occi-core-locations" help:"give the OCCI kinds entity, resource and link a location, against OCCI 1.2: jOCCI and rOCCI 5 refuse a query interface without"`
	CIMIPath      string   `koanf:"cimi-path" default:"/cimi/" help:"path that CIMI is served at"`
	CIMIArch      string   `koanf:"cimi-cpu-arch" help:"cpuArch of machines whose flavor has no extra spec that tells it, e.g. x86_64; empty: left out"`
	CIMIDelta     bool     `koanf:"cimi-deltacloud-metadata" help:"write resource metadata of CIMI 1 as Deltacloud's tests need it, against the standard: typeUri for typeURI, and a namespace and type for every attribute"`
	CIMIJobs      duration `koanf:"cimi-job-retention" default:"24h" help:"how long CIMI jobs are kept"`
	LogLevel      string   `koanf:"log-level" default:"info" help:"least level that is logged: debug, info, warn, error"`
	LogFormat     string   `koanf:"log-format" default:"json" help:"json, or console for people"`
	MaxBodyBytes  int64    `koanf:"max-body-bytes" default:"4194304" help:"largest request body; more is answered 413"`
	MaxHeader     int      `koanf:"max-header-bytes" default:"262144" help:"largest request header (text/occi puts all data there); more is answered 431"`
	MaxInFlight   int      `koanf:"max-in-flight" default:"512" help:"requests answered at once; more are answered 503; 0: no limit"`
	Timeout       duration `koanf:"request-timeout" default:"55s" help:"longest time for a request, all calls to OpenStack included; below the usual 60 s of balancers"`
	ShutdownDelay duration `koanf:"shutdown-delay" default:"0s" help:"how long readiness fails before connections are refused"`
	ShutdownGrace duration `koanf:"shutdown-grace" default:"25s" help:"how long requests in flight, and what goes on after them, may take after that"`

	AuthURL        string   `koanf:"os-auth-url" help:"Keystone v3 of the cloud, e.g. https://keystone.example.org:5000/v3"`
	KeystoneURL    string   `koanf:"keystone-public-url" help:"Keystone's URL as OCCI clients are told it (WWW-Authenticate); empty: os-auth-url without its version"`
	DefaultDomain  string   `koanf:"os-default-domain" default:"default" help:"id or name of the domain of users and projects that name none"`
	Region         string   `koanf:"os-region-name" help:"region of the catalog; empty: that of the first compute endpoint"`
	Interface      string   `koanf:"os-interface" default:"public" help:"endpoints of the catalog: public, internal or admin"`
	CACert         string   `koanf:"os-cacert" help:"file with certificates (PEM) to trust besides the system's"`
	Endpoints      []string `koanf:"os-endpoint" help:"endpoint of a service instead of the catalog's: compute=URL, image=URL, network=URL, block-storage=URL"`
	ComputeVersion string   `koanf:"os-compute-api-version" default:"2.93" help:"highest Nova microversion to use"`
	CacheLists     duration `koanf:"cache-lists" default:"30s" help:"how long lists of flavors, images, networks, subnets, zones and volume types are kept, per tenant and role; 0s: not at all"`
	Store          string   `koanf:"store" help:"what keeps CIMI's templates and jobs, and OCCI mixins of users' own: sqlite:FILE, postgres://USER@HOST/DATABASE for several replicas, or none; empty: a file in the user's state directory, with sandbox memory"`
	StoreKey       string   `koanf:"store-key" help:"key that the store encrypts passwords with: 32 bytes in Base64 (openssl rand -base64 32); empty: passwords are not kept"`

	Sandbox        bool     `koanf:"sandbox" help:"serve in front of the embedded OpenStack instead of a real one"`
	SandboxListen  string   `koanf:"sandbox-listen" default:"127.0.0.1:0" help:"address of the embedded OpenStack; port 0: any free one"`
	SandboxDelay   duration `koanf:"sandbox-delay" default:"2s" help:"how long builds, starts, stops and the like take in the embedded OpenStack"`
	SandboxLatency []string `koanf:"sandbox-latency" help:"time that a service of the embedded OpenStack takes to answer: nova=50ms"`
	SandboxFault   []string `koanf:"sandbox-fault" help:"fault of the embedded OpenStack: SERVICE[/METHOD[/PATH]]:EFFECT[:SHARE], e.g. nova:503:0.1; see docs/sandbox.md"`
}

// plainPath is a path that means the same as it stands, in a URL and in a route.
var plainPath = regexp.MustCompile(`^/([A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*$`)

// validate names everything that is wrong, at once.
func (s settings) validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("option "+name+": "+format, args...))
	}
	for name, at := range map[string]string{"listen": s.Listen, "admin-listen": s.AdminListen, "sandbox-listen": s.SandboxListen} {
		_, port, err := net.SplitHostPort(at)
		if none := name == "admin-listen" && at == ""; !none && (err != nil || port == "") {
			bad(name, "%q is not an address with a port, such as 127.0.0.1:8787", at)
		}
	}
	for name, path := range map[string]string{"occi-path": s.OCCIPath, "cimi-path": s.CIMIPath} {
		switch {
		case !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/"):
			bad(name, "%q must begin and end with a slash", path)
		case !plainPath.MatchString(path):
			bad(name, "%q has more between its slashes than letters, digits and - . _ ~", path)
		}
	}
	if s.OCCIPath == s.CIMIPath {
		bad("cimi-path", "OCCI is served at %q already", s.CIMIPath)
	}
	for name, raw := range map[string]string{"public-url": s.PublicURL, "os-auth-url": s.AuthURL, "keystone-public-url": s.KeystoneURL} {
		u, err := url.Parse(raw)
		switch {
		case raw == "":
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
			bad(name, "%q is not an http or https URL", raw)
		case u.User != nil:
			bad(name, "has a user in it")
		case u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(raw, "'\""):
			bad(name, "%q has more than a host and a path", raw)
		}
	}
	if u, err := url.Parse(s.PublicURL); err == nil && strings.Trim(u.Path, "/") != "" {
		bad("public-url", "has a path; say where the protocols are with occi-path and cimi-path")
	}
	if _, err := s.trustedProxies(); err != nil {
		bad("trusted-proxy", "%w", err)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel) {
		bad("log-level", "%q is neither debug, info, warn nor error", s.LogLevel)
	}
	if s.LogFormat != "json" && s.LogFormat != "console" {
		bad("log-format", "%q is neither json nor console", s.LogFormat)
	}
	if !slices.Contains([]string{"public", "internal", "admin"}, s.Interface) {
		bad("os-interface", "%q is neither public, internal nor admin", s.Interface)
	}
	if s.Timeout <= 0 {
		bad("request-timeout", "must be more than zero")
	}
	if s.MaxBodyBytes == 0 {
		bad("max-body-bytes", "must be more than zero")
	}
	if s.MaxHeader == 0 {
		bad("max-header-bytes", "must be more than zero")
	}
	if _, err := s.endpoints(); err != nil {
		bad("os-endpoint", "%w", err)
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func (s settings) trustedProxies() ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range s.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network such as 10.0.0.0/8", text)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// endpoints reads SERVICE=URL pairs.
func (s settings) endpoints() (map[string]string, error) {
	services := []string{"compute", "image", "network", "block-storage"}
	m := map[string]string{}
	for _, pair := range s.Endpoints {
		service, raw, _ := strings.Cut(pair, "=")
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !slices.Contains(services, service) {
			return nil, fmt.Errorf("%q is not SERVICE=URL with a service of %s and an http or https URL", pair, strings.Join(services, ", "))
		}
		m[service] = raw
	}
	return m, nil
}

// keystoneURL is what clients are told to get their tokens from: the root that
// answers with the versions, since clients append one themselves.
func (s settings) keystoneURL() string {
	if s.KeystoneURL != "" {
		return s.KeystoneURL
	}
	root := strings.TrimSuffix(strings.TrimSuffix(s.AuthURL, "/"), "/v3")
	return root + "/"
}
