// Package openstack is model.Provider and model.Cloud over OpenStack's public
// APIs: Keystone v3, Nova 2.1, Neutron v2.0, Glance v2 and Cinder v3. It needs no rights
// but the tenant's own: every call bears the client's token.
//
// A [Provider] serves all tenants of one cloud. It remembers logins and lists
// that change slowly, never states, and keeps nothing else: any replica can
// answer any request.
//
// gophercloud carries the calls: headers, microversions, logging in anew and
// retrying. Requests and answers are the package's own few types, which hold
// just what the model needs: lists are decoded once and straight.
package openstack

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/occimi/occimi/model"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Config says which cloud to speak to, and how. Only AuthURL is required.
type Config struct {
	// AuthURL is Keystone's URL, with or without /v3.
	AuthURL string
	// DefaultDomain is the domain, by id or name, of users that name none;
	// empty: "default".
	DefaultDomain string
	// Region is the region whose endpoints are used; empty: that of the catalog's
	// first compute endpoint.
	Region string
	// Interface is which endpoints are used: public (also if empty), internal
	// or admin.
	Interface string
	// Endpoints are URLs to use instead of the catalog's, by service: compute,
	// image, network, block-storage.
	Endpoints map[string]string
	// Microversions are ceilings to set instead of the newest known
	// microversion, by service: "2.79".
	Microversions map[string]string

	// RootCAs are trusted to sign the cloud's certificates; nil: the system's.
	RootCAs *x509.CertPool
	// Transport carries the calls; nil: a pooled one that trusts RootCAs.
	Transport http.RoundTripper
	// CallTimeout bounds each call, within the request's own deadline; 0: 30
	// seconds.
	CallTimeout time.Duration

	// ListCacheFor is how long lists of flavors, images, networks, subnets, zones
	// and volume types are remembered; 0: not at all.
	ListCacheFor time.Duration
	// TokenCacheSize is how many logins are remembered at most; 0: 10,000.
	TokenCacheSize int

	// Registerer takes the metrics; nil: nobody does.
	Registerer prometheus.Registerer
	// Log takes one debug line per call.
	Log zerolog.Logger

	// Now and NewID are the clock and the source of unique ids; nil: the real
	// ones.
	Now   func() time.Time
	NewID func() string
	// Pause waits for what the cloud does by itself; an error is the context's end.
	// Nil: for real.
	Pause func(context.Context, time.Duration) error
	// Claim tells whether the caller is the first of all replicas to claim something
	// of a project's, which is so for a time. Nil: there are no other replicas.
	Claim func(ctx context.Context, projectID, what string, lasts time.Duration) (bool, error)
}

// Provider is model.Provider over one OpenStack cloud. It is safe for
// concurrent use.
type Provider struct {
	config   Config
	ceilings map[model.Service]microversion
	hashKey  []byte
	http     http.Client
	metrics  *metrics
	// keystone calls without credentials of its own.
	keystone *gophercloud.ServiceClient

	logins   *memo[loginKey, *session]
	versions *memo[string, versionRange]
	flavors  *memo[tenant, []model.Flavor]
	images   *memo[tenant, []model.Image]
	networks *memo[tenant, []model.Network]
	subnets  *memo[tenant, []model.Subnet]
	zones    *memo[tenant, []model.Zone]
	// volumeTypes and importMethods (by endpoint of the image service) likewise.
	volumeTypes   *memo[tenant, []model.VolumeType]
	importMethods *memo[string, []string]
	// noBackups are the endpoints of which it has been seen that no service
	// makes their backups.
	noBackups *memo[string, struct{}]
	// deletions are machines, volumes and snapshots that this process has just had
	// deleted: Nova's cheap listing still shows them, without a word about their end.
	deletions *memo[deletion, struct{}]
	// confirmations are of resizes: see ConfirmResize.
	confirmations *memo[confirmation, struct{}]
	// attachments are of machines; a machine tells which of them still hold.
	attachments *memo[attachedTo, []model.Attachment]
	// noFloatingIPs are tenants that have just been seen to have none.
	noFloatingIPs *memo[tenant, struct{}]

	late late // what goes on after answers
}

var _ model.Provider = (*Provider)(nil)

// Check tells what New would refuse.
func (c Config) Check() error {
	_, urlErr := keystoneURL(c.AuthURL)
	_, err := c.check()
	return errors.Join(urlErr, err)
}

// New makes a Provider. It makes no call. Its errors name what is wrong in the
// Config.
func New(c Config) (*Provider, error) {
	authURL, err := keystoneURL(c.AuthURL)
	if err != nil {
		return nil, err
	}
	ceilings, err := c.check()
	if err != nil {
		return nil, err
	}
	c.fill()
	key := make([]byte, 32)
	rand.Read(key) // never fails: see crypto/rand
	p := &Provider{
		config:   c,
		ceilings: ceilings,
		hashKey:  key,
		metrics:  newMetrics(c.Registerer),
		logins:   newMemo[loginKey, *session](c.TokenCacheSize, c.Now),
		versions: newMemo[string, versionRange](100, c.Now),
		flavors:  newMemo[tenant, []model.Flavor](1000, c.Now),
		images:   newMemo[tenant, []model.Image](1000, c.Now),
		networks: newMemo[tenant, []model.Network](1000, c.Now),
		subnets:  newMemo[tenant, []model.Subnet](1000, c.Now),
		zones:    newMemo[tenant, []model.Zone](1000, c.Now),

		volumeTypes:   newMemo[tenant, []model.VolumeType](1000, c.Now),
		importMethods: newMemo[string, []string](100, c.Now),
		noBackups:     newMemo[string, struct{}](100, c.Now),
		deletions:     newMemo[deletion, struct{}](10000, c.Now),
		confirmations: newMemo[confirmation, struct{}](1000, c.Now),

		attachments:   newMemo[attachedTo, []model.Attachment](10000, c.Now),
		noFloatingIPs: newMemo[tenant, struct{}](10000, c.Now),
	}
	p.late.works = make(map[chan struct{}]context.CancelFunc)
	p.http = http.Client{
		Transport: &transport{base: c.Transport, metrics: p.metrics, log: c.Log, now: c.Now},
		// A redirect could carry the token to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p.keystone = p.anonymous(identityService, authURL)
	return p, nil
}

// check tells what is wrong, all at once, and reads the ceilings.
func (c *Config) check() (map[model.Service]microversion, error) {
	var problems []error
	switch c.Interface {
	case "", "public", "internal", "admin":
	default:
		problems = append(problems, fmt.Errorf("interface %q is none of public, internal, admin", c.Interface))
	}
	for name, at := range c.Endpoints {
		if _, ok := serviceNamed(model.Service(name)); !ok {
			problems = append(problems, fmt.Errorf("endpoint for unknown service %q", name))
		}
		if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			problems = append(problems, fmt.Errorf("endpoint of %s is not an http(s) URL", name))
		}
	}
	ceilings := map[model.Service]microversion{}
	for _, s := range services {
		ceilings[s.name] = s.ceiling
	}
	for name, text := range c.Microversions {
		s, known := serviceNamed(model.Service(name))
		v, ok := parseMicroversion(text)
		switch {
		case !known || s.floor == microversion{}:
			problems = append(problems, fmt.Errorf("microversion for %q, which has none", name))
		case !ok:
			problems = append(problems, fmt.Errorf("microversion %q of %s is not like %s", text, name, s.ceiling))
		case v.less(s.floor):
			problems = append(problems, fmt.Errorf("microversion %s of %s is below the oldest that works, %s", text, name, s.floor))
		default:
			ceilings[s.name] = v
		}
	}
	return ceilings, errors.Join(problems...)
}

// fill sets what was left to its default.
func (c *Config) fill() {
	if c.DefaultDomain == "" {
		c.DefaultDomain = "default"
	}
	if c.Interface == "" {
		c.Interface = "public"
	}
	if c.CallTimeout == 0 {
		c.CallTimeout = 30 * time.Second
	}
	if c.TokenCacheSize == 0 {
		c.TokenCacheSize = 10000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	if c.Pause == nil {
		c.Pause = sleep
	}
	if c.Transport == nil {
		c.Transport = pooledTransport(c.RootCAs)
	}
}

// keystoneURL gives the version 3 root of what an operator may have written.
func keystoneURL(at string) (string, error) {
	u, err := url.Parse(strings.TrimRight(at, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("the Keystone URL must be like https://keystone.example.org:5000/v3")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("the Keystone URL must have neither credentials nor a query")
	}
	if strings.HasSuffix(u.Path, "/v2.0") {
		return "", errors.New("the Keystone URL names version 2.0, which no longer exists: give the one that ends in /v3")
	}
	if !strings.HasSuffix(u.Path, "/v3") {
		u.Path += "/v3"
	}
	return u.String() + "/", nil
}

// pooledTransport keeps enough idle connections that a busy proxy does not open
// new ones all the time: net/http's default keeps two per host.
func pooledTransport(roots *x509.CertPool) http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       60 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// anonymous gives a client of a service that adds no token to its calls.
func (p *Provider) anonymous(name model.Service, endpoint string) *gophercloud.ServiceClient {
	pc := p.client()
	pc.SetThrowaway(true)
	return &gophercloud.ServiceClient{ProviderClient: pc, Endpoint: endpoint, Type: string(name)}
}

// client gives a gophercloud client without a token. It costs no connection:
// all share one pool.
func (p *Provider) client() *gophercloud.ProviderClient {
	pc := &gophercloud.ProviderClient{HTTPClient: p.http, RetryFunc: retry}
	pc.UserAgent.Prepend("occimi")
	pc.UseTokenLock()
	return pc
}
