package sandbox

// Call is one request that the cloud got.
type Call struct {
	Service string // nova, neutron, cinder, glance, keystone
	Method  string
	Route   string // the path's template: /v2.1/servers/{id}; empty if there is none
	Path    string // as it was sent, with the query
	Status  int    // 0 for a dropped connection
	// RequestID is the global request id that the client sent.
	RequestID string
	// Begin and End are places in the order of all beginnings and ends.
	Begin, End int64
}

// Overlaps tells whether two calls were under way at the same time.
func (a Call) Overlaps(b Call) bool { return a.Begin < b.End && b.Begin < a.End }

type observer struct{ calls []Call }

// Record notes all calls from now on. stop ends it and gives those that have
// been answered, in the order of their answers.
func (c *Cloud) Record() (stop func() []Call) {
	o := &observer{}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.observed[o] = struct{}{}
	return func() []Call {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.observed, o)
		return o.calls
	}
}

// begin takes the next place in the order of beginnings and ends.
func (c *Cloud) begin() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	return c.turns
}

// end takes the next place, and notes the call for whoever records.
func (c *Cloud) end(one *call, begin int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	if len(c.observed) == 0 {
		return
	}
	seen := Call{
		Service: one.service.name, Method: one.req.Method, Path: one.req.URL.RequestURI(),
		Status: one.status, RequestID: one.req.Header.Get("X-Openstack-Request-Id"), Begin: begin, End: c.turns,
	}
	if one.route != nil {
		seen.Route = one.route.path
	}
	for o := range c.observed {
		o.calls = append(o.calls, seen)
	}
}
