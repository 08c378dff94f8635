// Package sandbox is an OpenStack in one process and in memory, spoken to over
// real HTTP: Keystone, Nova, Neutron, Cinder and Glance as a tenant meets them,
// with tenants, tokens that expire, quotas, conflicts, paging, microversions
// and state machines that take time.
//
// It is only worth as much as it is true. The judge is a real OpenStack (Zed):
// the differential test in this package sends the same requests to both.
//
// There are no goroutines and no timers: what takes time is written down with
// the moment when it is due, and done when the next request looks. With an
// injected clock and injected ids every run is the same.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what a Cloud is like. The zero value is a whole cloud with the
// users demo, alt and admin, whose transitions are done when next looked at.
type Options struct {
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// NewID makes the UUIDs of everything, request ids included; nil: random
	// ones. It is called by one request at a time.
	NewID func() string
	// Delay is how long a transition takes (build, start, stop, ...). With 0 the
	// answer of a request still shows the transition, and the next request finds
	// it done.
	Delay time.Duration
	// TokenLife is how long tokens are valid; 0: one hour.
	TokenLife time.Duration
	// PageSize is the most that one page of a listing holds; 0: 1000, and no
	// limit in Neutron, as the services come.
	PageSize int
	// Region is the catalog's region; empty: RegionOne.
	Region string
	// Users are the users; nil: demo (project demo), alt (project alt) and admin
	// (project admin), each with the password "secret".
	Users []User
	// Quotas override DefaultQuotas by name, for every project.
	Quotas map[string]int
	// Services are the catalog's services by project name ("nova", "neutron",
	// "cinder", "glance"); nil: all. Keystone is always there.
	Services []string
}

// User is a user of the sandbox, in the domain Default.
type User struct {
	Name     string
	Password string
	// Projects are the names of the projects that the user is a member of. The
	// projects exist because a user names them.
	Projects []string
	// DefaultProject is what a login without a scope is scoped to; empty: such a
	// login stays unscoped.
	DefaultProject string
	Admin          bool
}

// DefaultQuotas are the limits of each project, by the names that the services
// give them. -1 is no limit.
var DefaultQuotas = map[string]int{
	"instances": 1000, "cores": 10000, "ram": -1, "key_pairs": 1000,
	"network": 1000, "subnet": 1000, "port": 5000, "router": 1000, "floatingip": 1000,
	"security_group": 1000, "security_group_rule": 10000,
	"volumes": 1000, "snapshots": 1000, "gigabytes": -1,
}

// Cloud is one sandbox. It is safe for concurrent use.
type Cloud struct {
	opts     Options
	services []*service

	mu       sync.Mutex // guards all below
	events   eventQueue
	rules    []*rule
	observed map[*observer]struct{}
	turns    int64
	failing  []string // messages for the next builds

	projects []*project
	users    []*user
	tokens   map[string]*token
	appCreds []*appCredential
	catalog  []catalogEntry

	flavors   []*flavor
	keyPairs  []*keyPair
	lastKeyID int
	servers   collection[server]

	images collection[image]

	networks    collection[network]
	subnets     collection[subnet]
	ports       collection[port]
	routers     collection[router]
	floatingIPs collection[floatingIP]
	groups      collection[securityGroup]
	groupRules  collection[securityRule]
	external    *network
	lastMAC     int

	volumeTypes []*volumeType
	volumes     collection[volume]
	snapshots   collection[snapshot]
	backups     collection[backup]
	messages    collection[message]
}

// New makes a cloud with what every fresh one holds: the image cirros, the
// flavors m1.tiny to m1.xlarge, the external network public, and, if there is a
// project demo, its network private behind its router. Other projects have no
// network of their own, on purpose: such tenants exist.
func New(opts Options) *Cloud {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.NewID == nil {
		opts.NewID = randomUUID
	}
	if opts.TokenLife == 0 {
		opts.TokenLife = time.Hour
	}
	if opts.Region == "" {
		opts.Region = "RegionOne"
	}
	if opts.Users == nil {
		for _, name := range []string{"admin", "demo", "alt"} {
			u := User{Name: name, Password: "secret", Projects: []string{name}, DefaultProject: name, Admin: name == "admin"}
			if u.Admin {
				u.DefaultProject = ""
			}
			opts.Users = append(opts.Users, u)
		}
	}
	c := &Cloud{opts: opts, tokens: map[string]*token{}, observed: map[*observer]struct{}{}}
	c.services = servicesFor(opts.Services)
	c.seedIdentity()
	c.seedFlavors()
	c.seedNetworks()
	c.seedImages()
	c.seedVolumeTypes()
	return c
}

// Handler serves all services below one root, as DevStack lays them out:
// /identity/v3, /compute/v2.1, /network/v2.0, /image/v2 and /volume/v3. The
// catalog's URLs take scheme and host from the request, so that any listener
// will do. It needs a real server: a dropped connection is a panic with
// http.ErrAbortHandler.
func (c *Cloud) Handler() http.Handler { return http.HandlerFunc(c.serve) }

func (c *Cloud) now() time.Time { return c.opts.Now().UTC() }

func (c *Cloud) id() string { return c.opts.NewID() }

// hexID is an id as Keystone makes them, without dashes.
func (c *Cloud) hexID() string { return strings.ReplaceAll(c.id(), "-", "") }

// quota gives a project's limit; -1 is none.
func (c *Cloud) quota(name string) int {
	if limit, ok := c.opts.Quotas[name]; ok {
		return limit
	}
	return DefaultQuotas[name]
}

// over tells whether n more than used is more than the quota allows.
func (c *Cloud) over(name string, used, n int) bool {
	limit := c.quota(name)
	return limit >= 0 && used+n > limit
}

// pageSize is the most that one page may hold.
func (c *Cloud) pageSize() int {
	if c.opts.PageSize > 0 {
		return c.opts.PageSize
	}
	return 1000
}
