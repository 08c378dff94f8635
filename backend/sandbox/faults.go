package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong between a client and the cloud.
//
// Service, Method and Path say with which requests; empty is all. Path is a
// pattern for the path behind the service's version ("/servers/*"), in which *
// stands for any run of characters, slashes included.
type Fault struct {
	Service string // nova, neutron, cinder, glance, keystone
	Method  string
	Path    string

	// Delay is how long the answer takes longer. A fault of only a delay leaves
	// the answer as it is.
	Delay time.Duration
	// Drop cuts the connection without an answer.
	Drop bool
	// Status, if not 0, is answered instead, with Header and Body.
	Status int
	Header http.Header
	Body   string

	// Late faults strike after the cloud has done what was asked: the answer is
	// lost, not the request.
	Late bool
	// Times is how often the fault strikes; 0: until it is cleared.
	Times int
	// Share is the share of requests that it strikes, above 0 and up to 1; 0: all.
	Share float64
}

type rule struct {
	Fault
	left int
	rand *rand.Rand
}

// onlySlow tells whether the answer comes later, but as it is.
func (f *Fault) onlySlow() bool { return f.Status == 0 && !f.Drop }

// Fault has things go wrong from now on. Of several faults for a request, all those
// strike that are only a delay, and of the others the one set first. clear ends it;
// it may be called more than once.
func (c *Cloud) Fault(f Fault) (clear func()) {
	// The same shares strike the same requests in every run.
	r := &rule{Fault: f, left: f.Times, rand: rand.New(rand.NewPCG(1, 2))}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rules = append(c.rules, r)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rules = slices.DeleteFunc(c.rules, func(x *rule) bool { return x == r })
	}
}

// faultsFor gives the faults that strike the call: delays first, then at most one
// other.
func (c *Cloud) faultsFor(one *call, segments []string) (faults []*Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rules) == 0 {
		return nil
	}
	path := "/" + strings.Join(unversioned(one.service, segments), "/")
	struck := false
	for _, r := range c.rules {
		if struck && !r.onlySlow() ||
			r.Service != "" && r.Service != one.service.name ||
			r.Method != "" && r.Method != one.req.Method ||
			r.Path != "" && !glob(r.Path, path) ||
			r.Times > 0 && r.left == 0 ||
			r.Share > 0 && r.rand.Float64() >= r.Share {
			continue
		}
		r.left--
		if r.onlySlow() {
			faults = slices.Insert(faults, 0, &r.Fault)
			continue
		}
		faults, struck = append(faults, &r.Fault), true
	}
	return faults
}

// unversioned takes the version, and Cinder's project, off a path.
func unversioned(s *service, segments []string) []string {
	n := len(split(s.catalogPath))
	if n == 0 {
		n = 1 // the catalog has no version, the path has
	}
	if len(segments) < n {
		return nil
	}
	return segments[n:]
}

// glob matches a pattern in which * stands for any run of characters.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(s, part)
		if !found {
			return false
		}
		s = after
	}
	return strings.HasSuffix(s, parts[last])
}

// strike has those faults happen that come early or late, and tells whether one of
// them was the whole answer.
func strike(faults []*Fault, late bool, one *call, w http.ResponseWriter) bool {
	for _, f := range faults {
		if f.Late == late && f.strike(one, w) {
			return true
		}
	}
	return false
}

// strike has the fault happen, and tells whether it was the whole answer.
func (f *Fault) strike(one *call, w http.ResponseWriter) bool {
	if f.Delay > 0 {
		one.slow(f.Delay)
	}
	if f.Drop {
		one.status = 0
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 {
		return false
	}
	one.status = f.Status
	for k, v := range f.Header {
		w.Header()[http.CanonicalHeaderKey(k)] = v
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body)) // a client that is gone is no concern of the cloud's
	return true
}

// balancerPage is what balancers answer in the place of a service.
const balancerPage = "<html><body><h1>%d %s</h1>\nNo server is available to handle this request.\n</body></html>\n"

// ParseFault reads a fault from the command line:
//
//	SERVICE[/METHOD[/PATH]]:EFFECT[:SHARE]
//
// EFFECT is a status (from 400 on), "drop", or a duration by which the answer
// comes later; SHARE is the share of requests, above 0 and up to 1. An empty or
// "*" SERVICE or METHOD is all of them. Statuses from 500 on are answered with a
// balancer's HTML page, 429 with "Retry-After: 1". Examples: "nova:503:0.1",
// "neutron/POST/ports:409", "cinder:2s", "*:drop:0.01".
func ParseFault(text string) (Fault, error) {
	target, rest, ok := strings.Cut(text, ":")
	if !ok {
		return Fault{}, fmt.Errorf("fault %q: want SERVICE[/METHOD[/PATH]]:EFFECT[:SHARE]", text)
	}
	var f Fault
	f.Service, f.Method, _ = strings.Cut(target, "/")
	if method, path, ok := strings.Cut(f.Method, "/"); ok {
		f.Method, f.Path = method, "/"+path
	}
	for _, s := range []*string{&f.Service, &f.Method} {
		if *s == "*" {
			*s = ""
		}
	}
	f.Method = strings.ToUpper(f.Method)
	if f.Service != "" && !slices.Contains(serviceNames, f.Service) {
		return Fault{}, fmt.Errorf("fault %q: no service %q: it is one of %s", text, f.Service, strings.Join(serviceNames, ", "))
	}
	effect, share, shared := strings.Cut(rest, ":")
	if shared {
		v, err := strconv.ParseFloat(share, 64)
		if err != nil || !(v > 0 && v <= 1) {
			return Fault{}, fmt.Errorf("fault %q: share %q is not above 0 and up to 1", text, share)
		}
		f.Share = v
	}
	if effect == "drop" {
		f.Drop = true
		return f, nil
	}
	if d, err := time.ParseDuration(effect); err == nil && d > 0 {
		f.Delay = d
		return f, nil
	}
	status, err := strconv.Atoi(effect)
	if err != nil || status < 400 || status > 599 {
		return Fault{}, fmt.Errorf("fault %q: effect %q is neither a status from 400 to 599, nor drop, nor a duration", text, effect)
	}
	f.Status = status
	f.Header = http.Header{"Content-Type": {"text/html"}}
	f.Body = fmt.Sprintf(balancerPage, status, http.StatusText(status))
	if status == http.StatusTooManyRequests {
		f.Header.Set("Retry-After", "1")
	}
	return f, nil
}

// ParseLatency reads "SERVICE=DURATION" ("nova=50ms") as a fault of only a
// delay; "*" is every service.
func ParseLatency(text string) (Fault, error) {
	service, wait, ok := strings.Cut(text, "=")
	if _, err := time.ParseDuration(wait); !ok || err != nil {
		return Fault{}, fmt.Errorf("latency %q: want SERVICE=DURATION, as in nova=50ms", text)
	}
	return ParseFault(service + ":" + wait)
}

var serviceNames = []string{"keystone", "nova", "neutron", "cinder", "glance"}

// FailBuild has the next server that is built end in ERROR with the message as
// its fault.
func (c *Cloud) FailBuild(message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = append(c.failing, message)
}
