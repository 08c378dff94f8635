package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

type router struct {
	common
	adminUp    bool
	gateway    *port // nil: none
	interfaces []*port
}

var routerKind = func() *kind[router] {
	of := func(r *router) *common { return &r.common }
	return &kind[router]{
		name: "router", path: "routers", missing: "RouterNotFound", absent: "Router %s could not be found",
		items: func(c *Cloud) *collection[router] { return &c.routers }, common: of,
		attrs: append(named(of), []attr[router]{
			{name: "admin_state_up", get: func(_ *call, r *router) any { return r.adminUp }, check: isBool},
			always[router]("status", "ACTIVE"),
			{name: "external_gateway_info", get: func(_ *call, r *router) any { return r.gatewayInfo() }, check: isGateway},
			always[router]("availability_zones", []string{}),
			{name: "availability_zone_hints", get: func(*call, *router) any { return []string{} }, check: isList, fixed: true},
			{name: "routes", get: func(*call, *router) any { return []string{} }, check: isList},
			{name: "flavor_id", get: func(*call, *router) any { return nil }, check: isText, fixed: true},
		}...),
		create: func(c *call, base common, want map[string]any) (*router, error) {
			r := &router{common: base, adminUp: true}
			return r, changeRouter(c, r, want)
		},
		change: changeRouter,
		remove: func(c *call, r *router) error {
			if len(r.interfaces) > 0 {
				ids := make([]string, len(r.interfaces))
				for i, p := range r.interfaces {
					ids[i] = p.id
				}
				return refuseAs(http.StatusConflict, "RouterInUse", "Router "+r.id+" has ports still attached: "+strings.Join(ids, ", "))
			}
			c.clearGateway(r)
			return nil
		},
	}
}()

func (r *router) gatewayInfo() any {
	if r.gateway == nil {
		return nil
	}
	return struct {
		NetworkID string    `json:"network_id"`
		FixedIPs  []fixedIP `json:"external_fixed_ips"`
		SNAT      bool      `json:"enable_snat"`
	}{r.gateway.network.id, r.gateway.fixedIPs, true}
}

func changeRouter(c *call, r *router, want map[string]any) error {
	if v, given := want["external_gateway_info"]; given {
		id := textAt(v, "network_id")
		n := c.networks.byID[id]
		needed := r.gateway != nil && r.gateway.network != n && c.floatingIPs.count(func(f *floatingIP) bool { return f.router == r }) > 0
		switch {
		case needed:
			return refuseAs(http.StatusConflict, "RouterExternalGatewayInUseByFloatingIp", "Gateway cannot be updated for router "+r.id+", since a gateway to external network "+r.gateway.network.id+" is required by one or more floating IPs.")
		case v == nil || id == "":
			c.clearGateway(r)
		case n == nil || !n.visibleTo(c.project()):
			return networkKind.notFound(id)
		case !n.external:
			return refuseAs(http.StatusBadRequest, "BadRequest", "Bad router request: Network "+id+" is not an external network.")
		case r.gateway == nil || r.gateway.network != n:
			c.clearGateway(r)
			c.setGateway(r, n)
		}
	}
	setBool(want, "admin_state_up", &r.adminUp)
	return nil
}

// setGateway leads a router out of the cloud. The port belongs to no project.
func (c *Cloud) setGateway(r *router, n *network) {
	p := c.newPort(c.newCommon(""), n)
	p.deviceID, p.deviceOwner = r.id, "network:router_gateway"
	_ = c.giveAddresses(p) // a gateway without an address leads nowhere, but exists
	c.ports.add(p.id, p)
	n.ports[p] = struct{}{}
	r.gateway = p
}

func (c *Cloud) clearGateway(r *router) {
	if r.gateway != nil {
		c.removePort(r.gateway)
		r.gateway = nil
	}
}

// plugRouter makes a router a subnet's gateway.
func (c *Cloud) plugRouter(r *router, s *subnet) *port {
	p := c.newPort(c.newCommon(r.project), s.network)
	p.groups = []string{}
	p.deviceID, p.deviceOwner = r.id, "network:router_interface"
	if s.gateway != "" {
		// The gateway's address is kept from all others.
		p.fixedIPs, _ = c.chooseAddresses(s.network, nil, []any{map[string]any{"ip_address": s.gateway}})
	}
	c.ports.add(p.id, p)
	s.network.ports[p] = struct{}{}
	r.interfaces = append(r.interfaces, p)
	return p
}

// routerRequest gives the router, and the subnet that the body names.
func routerRequest(c *call) (*router, *subnet, error) {
	r, err := routerKind.own(c, "update")
	if err != nil {
		return nil, nil, err
	}
	body, _ := c.body()
	id := textAt(body, "subnet_id")
	if id == "" {
		return nil, nil, refuseAs(http.StatusBadRequest, "BadRequest", "Bad router request: Either subnet_id or port_id must be specified.")
	}
	if problem := isID(id); problem != "" {
		return nil, nil, refuseAs(http.StatusBadRequest, "BadRequest", "Bad router request: '"+id+"' "+problem)
	}
	s := c.subnets.byID[id]
	if s == nil || s.project != c.project() && !s.network.shared && !c.admin() {
		return nil, nil, subnetKind.notFound(id)
	}
	return r, s, nil
}

func (r *router) on(s *subnet) *port {
	for _, p := range r.interfaces {
		if slices.ContainsFunc(p.fixedIPs, func(ip fixedIP) bool { return ip.SubnetID == s.id }) {
			return p
		}
	}
	return nil
}

func addRouterInterface(c *call) error {
	r, s, err := routerRequest(c)
	if err != nil {
		return err
	}
	switch {
	case r.on(s) != nil:
		return refuseAs(http.StatusBadRequest, "BadRequest", "Bad router request: Router already has a port on subnet "+s.id+".")
	case s.gateway == "":
		return refuseAs(http.StatusBadRequest, "BadRequest", "Bad router request: Subnet for router interface must have a gateway IP.")
	case s.network.taken(s.gateway):
		return refuseAs(http.StatusConflict, "IpAddressAlreadyAllocated", "IP address "+s.gateway+" already allocated in subnet "+s.id)
	}
	for _, p := range r.interfaces {
		for _, ip := range p.fixedIPs {
			if other := c.subnets.byID[ip.SubnetID]; other.prefix.Overlaps(s.prefix) {
				return refuseAs(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Bad router request: Cidr %s of subnet %s overlaps with cidr %s of subnet %s.", s.prefix, s.id, other.prefix, other.id))
			}
		}
	}
	c.writeRouterInterface(r, s, c.plugRouter(r, s))
	return c.answer(http.StatusOK)
}

func (c *call) writeRouterInterface(r *router, s *subnet, p *port) {
	c.out.object("", func() {
		c.out.str("id", r.id)
		c.out.str("tenant_id", r.project)
		c.out.str("port_id", p.id)
		c.out.str("network_id", s.network.id)
		c.out.str("subnet_id", s.id)
		c.out.any("subnet_ids", []string{s.id})
	})
}

func removeRouterInterface(c *call) error {
	r, s, err := routerRequest(c)
	if err != nil {
		return err
	}
	p := r.on(s)
	if p == nil {
		return refuseAs(http.StatusNotFound, "RouterInterfaceNotFoundForSubnet", "Router "+r.id+" has no interface on subnet "+s.id)
	}
	if c.floatingIPs.count(func(f *floatingIP) bool { return f.router == r && s.prefix.Contains(netip.MustParseAddr(f.fixed)) }) > 0 {
		return refuseAs(http.StatusConflict, "RouterInterfaceInUseByFloatingIP", "Router interface for subnet "+s.id+" on router "+r.id+" cannot be deleted, as it is required by one or more floating IPs.")
	}
	r.interfaces = slices.DeleteFunc(r.interfaces, func(x *port) bool { return x == p })
	c.Cloud.removePort(p)
	c.writeRouterInterface(r, s, p)
	return c.answer(http.StatusOK)
}

// floatingIP is an address outside the cloud for a port inside.
type floatingIP struct {
	common
	network *network
	address string
	port    *port // nil: none
	fixed   string
	router  *router
}

var floatingIPKind = func() *kind[floatingIP] {
	of := func(f *floatingIP) *common { return &f.common }
	return &kind[floatingIP]{
		name: "floatingip", path: "floatingips", missing: "FloatingIPNotFound", absent: "Floating IP %s could not be found",
		items: func(c *Cloud) *collection[floatingIP] { return &c.floatingIPs }, common: of,
		attrs: append(named(of)[1:], []attr[floatingIP]{
			{name: "floating_ip_address", get: func(_ *call, f *floatingIP) any { return f.address }, check: isAddressOrNull, adminly: true, fixed: true},
			{name: "floating_network_id", get: func(_ *call, f *floatingIP) any { return f.network.id }, check: isID, required: true, fixed: true},
			{name: "router_id", get: func(_ *call, f *floatingIP) any {
				if f.router == nil {
					return nil
				}
				return f.router.id
			}},
			{name: "port_id", get: func(_ *call, f *floatingIP) any {
				if f.port == nil {
					return nil
				}
				return f.port.id
			}, check: isIDOrNull},
			{name: "fixed_ip_address", get: func(_ *call, f *floatingIP) any { return orNull(f.fixed) }, check: isAddressOrNull},
			{name: "status", get: func(_ *call, f *floatingIP) any {
				if f.port == nil {
					return "DOWN"
				}
				return "ACTIVE"
			}},
			{name: "port_details", get: floatingPort},
		}...),
		create: func(c *call, base common, want map[string]any) (*floatingIP, error) {
			id := textAt(want, "floating_network_id")
			n := c.networks.byID[id]
			switch {
			case n == nil || !n.visibleTo(c.project()):
				return nil, networkKind.notFound(id)
			case !n.external:
				return nil, refuseAs(http.StatusBadRequest, "BadRequest", "Bad floatingip request: Network "+id+" is not a valid external network.")
			case n.full():
				return nil, refuseAs(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+id+".")
			}
			f := &floatingIP{common: base, network: n}
			if err := associate(c, f, want); err != nil {
				return nil, err
			}
			f.address = n.subnets[0].allocate().String()
			return f, nil
		},
		change: associate,
		remove: func(_ *call, f *floatingIP) error {
			f.part()
			(&port{network: f.network, fixedIPs: []fixedIP{{Address: f.address}}}).release(nil)
			return nil
		},
	}
}()

func floatingPort(c *call, f *floatingIP) any {
	if f.port == nil {
		return nil
	}
	return struct {
		Name        string `json:"name"`
		NetworkID   string `json:"network_id"`
		MAC         string `json:"mac_address"`
		AdminUp     bool   `json:"admin_state_up"`
		Status      string `json:"status"`
		DeviceID    string `json:"device_id"`
		DeviceOwner string `json:"device_owner"`
	}{f.port.name, f.port.network.id, f.port.mac, f.port.adminUp, f.port.status(c.now()), f.port.deviceID, f.port.deviceOwner}
}

// associate puts a floating IP before a port, or takes it away.
func associate(c *call, f *floatingIP, want map[string]any) error {
	v, given := want["port_id"]
	if !given {
		return nil
	}
	id, _ := v.(string)
	if id == "" {
		f.part()
		return nil
	}
	p := c.ports.byID[id]
	if p == nil || p.project != c.project() {
		return portKind.notFound(id)
	}
	at := slices.IndexFunc(p.fixedIPs, func(ip fixedIP) bool { return ipVersion(ip.Address) == 4 })
	if at < 0 {
		return refuseAs(http.StatusBadRequest, "BadRequest", "Bad floatingip request: Cannot add floating IP to port "+id+" that has no fixed IPv4 addresses.")
	}
	ip := p.fixedIPs[at]
	if len(p.floating) > 0 && !slices.Contains(p.floating, f) {
		return refuseAs(http.StatusConflict, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP "+f.address+" ("+f.id+") with port "+id+" using fixed IP "+ip.Address+", as that fixed IP already has a floating IP on external network "+f.network.id+".")
	}
	through := c.routers.where(func(r *router) bool {
		return r.gateway != nil && r.gateway.network == f.network && r.on(c.subnets.byID[ip.SubnetID]) != nil
	})
	if len(through) == 0 {
		return refuseAs(http.StatusNotFound, "ExternalGatewayForFloatingIPNotFound", "External network "+f.network.id+" is not reachable from subnet "+ip.SubnetID+".  Therefore, cannot associate Port "+id+" with a Floating IP.")
	}
	f.part()
	f.port, f.fixed, f.router = p, ip.Address, through[0]
	p.floating = append(p.floating, f)
	return nil
}

// part takes a floating IP from its port.
func (f *floatingIP) part() {
	if f.port != nil {
		f.port.floating = slices.DeleteFunc(f.port.floating, func(x *floatingIP) bool { return x == f })
	}
	f.port, f.fixed, f.router = nil, "", nil
}
