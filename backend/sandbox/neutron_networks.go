package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

type network struct {
	common
	adminUp, external, shared bool
	mtu                       int
	subnets                   []*subnet
	ports                     map[*port]struct{}
}

func (n *network) visibleTo(project string) bool {
	return n.project == project || n.external || n.shared
}

// subnetOf gives the subnet that an address lies in; nil if there is none.
func (n *network) subnetOf(address string) *subnet {
	a, err := netip.ParseAddr(address)
	for _, s := range n.subnets {
		if err == nil && s.prefix.Contains(a) {
			return s
		}
	}
	return nil
}

// taken tells whether a port has the address.
func (n *network) taken(address string) bool {
	s := n.subnetOf(address)
	return s != nil && s.used[netip.MustParseAddr(address)]
}

// full tells whether no port can get an address any more.
func (n *network) full() bool {
	return !slices.ContainsFunc(n.subnets, func(s *subnet) bool { return s.free() })
}

var networkKind = func() *kind[network] {
	of := func(n *network) *common { return &n.common }
	return &kind[network]{
		name: "network", path: "networks", missing: "NetworkNotFound", absent: "Network %s could not be found.",
		items: func(c *Cloud) *collection[network] { return &c.networks }, common: of,
		sees: func(_ *call, n *network) bool { return n.external || n.shared },
		attrs: append(named(of), []attr[network]{
			{name: "admin_state_up", get: func(_ *call, n *network) any { return n.adminUp }, check: isBool},
			{name: "mtu", get: func(_ *call, n *network) any { return n.mtu }, check: isNumber},
			always[network]("status", "ACTIVE"),
			{name: "subnets", get: func(_ *call, n *network) any { return n.subnetIDs() }},
			{name: "shared", get: func(_ *call, n *network) any { return n.shared }, check: isBool, adminly: true},
			always[network]("availability_zones", []string{}),
			{name: "availability_zone_hints", get: func(*call, *network) any { return []string{} }, check: isList, fixed: true},
			always[network]("ipv4_address_scope", nil),
			always[network]("ipv6_address_scope", nil),
			{name: "router:external", get: func(_ *call, n *network) any { return n.external }, check: isBool, adminly: true},
			{name: "port_security_enabled", get: func(*call, *network) any { return true }, check: isBool},
			{name: "is_default", get: func(*call, *network) any { return false }, check: isBool, adminly: true,
				shown: func(c *call, n *network) bool { return n.external || c.req.Method == http.MethodPost }},
			{name: "provider:network_type", get: func(*call, *network) any { return nil }, check: isText, adminly: true, hidden: true},
			{name: "provider:physical_network", get: func(*call, *network) any { return nil }, check: isText, adminly: true, hidden: true},
			{name: "provider:segmentation_id", get: func(*call, *network) any { return nil }, check: isNumber, adminly: true, hidden: true},
		}...),
		create: func(_ *call, base common, want map[string]any) (*network, error) {
			n := newNetwork(base)
			n.set(want)
			return n, nil
		},
		change: func(_ *call, n *network, want map[string]any) error { n.set(want); return nil },
		remove: func(c *call, n *network) error {
			var busy []string
			for p := range n.ports {
				busy = append(busy, p.id)
			}
			if len(busy) > 0 {
				slices.Sort(busy)
				return refuseAs(http.StatusConflict, "NetworkInUse", "Unable to complete operation on network "+n.id+". There are one or more ports still in use on the network, id for these ports is: "+strings.Join(busy, ",")+".")
			}
			for _, s := range n.subnets {
				c.subnets.remove(s.id)
			}
			return nil
		},
	}
}()

func newNetwork(base common) *network {
	return &network{common: base, adminUp: true, mtu: 1450, ports: map[*port]struct{}{}}
}

func (n *network) set(want map[string]any) {
	setBool(want, "admin_state_up", &n.adminUp)
	setBool(want, "shared", &n.shared)
	setBool(want, "router:external", &n.external)
	setNumber(want, "mtu", &n.mtu)
}

func (n *network) subnetIDs() []string {
	ids := make([]string, len(n.subnets))
	for i, s := range n.subnets {
		ids[i] = s.id
	}
	slices.Sort(ids)
	return ids
}

type subnet struct {
	common
	network *network
	prefix  netip.Prefix
	gateway string // empty: none
	dhcp    bool
	pools   []addressPool
	dns     []string
	used    map[netip.Addr]bool
	next    netip.Addr // where to look for a free address first
	room    int        // addresses in the pools
}

type addressPool struct {
	Start netip.Addr `json:"start"`
	End   netip.Addr `json:"end"`
}

var subnetKind = func() *kind[subnet] {
	of := func(s *subnet) *common { return &s.common }
	return &kind[subnet]{
		name: "subnet", path: "subnets", missing: "SubnetNotFound", absent: "Subnet %s could not be found.",
		items: func(c *Cloud) *collection[subnet] { return &c.subnets }, common: of,
		sees: func(_ *call, s *subnet) bool { return s.network.shared },
		attrs: append(named(of), []attr[subnet]{
			{name: "network_id", get: func(_ *call, s *subnet) any { return s.network.id }, check: isID, required: true, fixed: true},
			{name: "ip_version", get: func(_ *call, s *subnet) any { return s.version() }, check: isNumber, required: true, fixed: true},
			always[subnet]("subnetpool_id", nil),
			{name: "enable_dhcp", get: func(_ *call, s *subnet) any { return s.dhcp }, check: isBool},
			{name: "ipv6_ra_mode", get: func(*call, *subnet) any { return nil }, check: anything, fixed: true},
			{name: "ipv6_address_mode", get: func(*call, *subnet) any { return nil }, check: anything, fixed: true},
			{name: "gateway_ip", get: func(_ *call, s *subnet) any { return orNull(s.gateway) }, check: isAddressOrNull},
			{name: "cidr", get: func(_ *call, s *subnet) any { return s.prefix.String() }, check: isText, fixed: true},
			{name: "allocation_pools", get: func(_ *call, s *subnet) any { return s.pools }, check: isList, fixed: true},
			{name: "host_routes", get: func(*call, *subnet) any { return []string{} }, check: isList},
			{name: "dns_nameservers", get: func(_ *call, s *subnet) any { return s.dns }, check: isList},
			{name: "service_types", get: func(*call, *subnet) any { return []string{} }, check: isList},
		}...),
		create: createSubnet,
		change: func(_ *call, s *subnet, want map[string]any) error {
			if err := s.checkGateway(textAt(want, "gateway_ip")); err != nil {
				return err
			}
			setBool(want, "enable_dhcp", &s.dhcp)
			if v, given := want["gateway_ip"]; given {
				s.gateway, _ = v.(string)
			}
			if v, given := want["dns_nameservers"]; given {
				s.dns = texts(v)
			}
			return nil
		},
		remove: func(c *call, s *subnet) error {
			for p := range s.network.ports {
				if slices.ContainsFunc(p.fixedIPs, func(ip fixedIP) bool { return ip.SubnetID == s.id }) {
					return refuseAs(http.StatusConflict, "SubnetInUse", "Unable to complete operation on subnet "+s.id+": One or more ports have an IP allocation from this subnet.")
				}
			}
			s.network.subnets = slices.DeleteFunc(s.network.subnets, func(x *subnet) bool { return x == s })
			return nil
		},
	}
}()

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func invalidInput(message string) error {
	return refuseAs(http.StatusBadRequest, "InvalidInput", "Invalid input for operation: "+message)
}

func createSubnet(c *call, base common, want map[string]any) (*subnet, error) {
	id := textAt(want, "network_id")
	n := c.networks.byID[id]
	if n == nil || !n.visibleTo(c.project()) && !c.admin() {
		return nil, networkKind.notFound(id)
	}
	if n.project != c.project() && !c.admin() {
		return nil, refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "rule:create_subnet is disallowed by policy")
	}
	cidr := textAt(want, "cidr")
	if cidr == "" {
		return nil, refuseAs(http.StatusBadRequest, "BadRequest", "Bad subnets request: a subnetpool must be specified in the absence of a cidr.")
	}
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, invalidInput(cidr + " is not in a CIDR format.")
	}
	prefix = prefix.Masked()
	s := newSubnet(base, n, prefix)
	if version, _ := wholeNumber(want["ip_version"]); version != s.version() {
		return nil, invalidInput(fmt.Sprintf("cidr '%s' does not match the ip_version '%d'.", cidr, version))
	}
	for _, other := range n.subnets {
		if other.prefix.Overlaps(prefix) {
			return nil, invalidInput(fmt.Sprintf("Requested subnet with cidr: %s for network: %s overlaps with another subnet.", prefix, n.id))
		}
	}
	setBool(want, "enable_dhcp", &s.dhcp)
	s.dns = texts(want["dns_nameservers"])
	if v, given := want["gateway_ip"]; given {
		s.gateway, _ = v.(string)
	}
	if pools, given := want["allocation_pools"].([]any); given {
		s.pools = []addressPool{}
		for _, p := range pools {
			start, err1 := netip.ParseAddr(textAt(p, "start"))
			end, err2 := netip.ParseAddr(textAt(p, "end"))
			if err1 != nil || err2 != nil || !prefix.Contains(start) || !prefix.Contains(end) || end.Less(start) {
				return nil, invalidInput("The allocation pool " + textAt(p, "start") + "-" + textAt(p, "end") + " is not valid.")
			}
			s.pools = append(s.pools, addressPool{start, end})
		}
		s.measure()
	}
	n.subnets = append(n.subnets, s)
	return s, nil
}

// checkGateway refuses a gateway that packets cannot be sent to, or that the
// subnet may give to a port.
func (s *subnet) checkGateway(gateway string) error {
	if gateway == "" || gateway == s.gateway {
		return nil
	}
	a, err := netip.ParseAddr(gateway)
	if err != nil {
		return invalidInput("Gateway is not valid on subnet.")
	}
	if a == lastAddress(s.prefix) && a.Is4() || a == s.prefix.Addr() {
		return invalidInput("Gateway is not valid on subnet.")
	}
	for _, p := range s.pools {
		if !a.Less(p.Start) && !p.End.Less(a) {
			return refuseAs(http.StatusConflict, "GatewayConflictWithAllocationPools", fmt.Sprintf("Gateway ip %s conflicts with allocation pool %s-%s.", a, p.Start, p.End))
		}
	}
	return nil
}

// newSubnet makes a subnet with the first address as its gateway and the others
// as its pool.
func newSubnet(base common, n *network, prefix netip.Prefix) *subnet {
	s := &subnet{common: base, network: n, prefix: prefix, dhcp: true, dns: []string{}, used: map[netip.Addr]bool{}}
	first := prefix.Addr()
	gateway := first.Next()
	s.gateway = gateway.String()
	s.pools = []addressPool{{gateway.Next(), lastAddress(prefix)}}
	if prefix.Addr().Is4() {
		s.pools[0].End = s.pools[0].End.Prev() // without the broadcast address
	}
	s.measure()
	return s
}

func (s *subnet) version() int {
	if s.prefix.Addr().Is4() {
		return 4
	}
	return 6
}

// measure counts the addresses of the pools, up to a million.
func (s *subnet) measure() {
	s.room = 0
	for _, p := range s.pools {
		for a := p.Start; !p.End.Less(a) && s.room < 1<<20; a = a.Next() {
			if s.version() == 6 {
				s.room = 1 << 20
				break
			}
			s.room++
		}
	}
}

func (s *subnet) free() bool { return len(s.used) < s.room }

// allocate takes a free address.
func (s *subnet) allocate() netip.Addr {
	try := func(from netip.Addr) (netip.Addr, bool) {
		for _, p := range s.pools {
			a := p.Start
			if from.IsValid() && a.Less(from) {
				a = from
			}
			for ; !p.End.Less(a); a = a.Next() {
				if !s.used[a] && a.String() != s.gateway {
					return a, true
				}
			}
		}
		return netip.Addr{}, false
	}
	a, ok := try(s.next)
	if !ok {
		a, ok = try(netip.Addr{})
	}
	if ok {
		s.used[a], s.next = true, a.Next()
	}
	return a
}

func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// seedNetworks makes the external network, and demo's own behind its router.
func (c *Cloud) seedNetworks() {
	owner := ""
	if p := c.projectNamed("admin"); p != nil {
		owner = p.id
	}
	c.external = c.seedNetwork("public", owner, "203.0.113.0/24")
	c.external.external, c.external.mtu = true, 1500
	if demo := c.projectNamed("demo"); demo != nil {
		private := c.seedNetwork("private", demo.id, "10.0.0.0/24")
		private.subnets[0].dns = []string{"203.0.113.1"}
		base := c.newCommon(demo.id)
		base.name = "router"
		r := &router{common: base, adminUp: true}
		c.routers.add(r.id, r)
		c.setGateway(r, c.external)
		c.plugRouter(r, private.subnets[0])
	}
}

func (c *Cloud) seedNetwork(name, project, cidr string) *network {
	base := c.newCommon(project)
	base.name = name
	n := newNetwork(base)
	c.networks.add(n.id, n)
	c.addSubnet(n, name+"-subnet", cidr)
	return n
}

func (c *Cloud) addSubnet(n *network, name, cidr string) {
	base := c.newCommon(n.project)
	base.name, base.revision = name, 0
	s := newSubnet(base, n, netip.MustParsePrefix(cidr))
	n.subnets = append(n.subnets, s)
	c.subnets.add(s.id, s)
}

// widen gives a network another 65,000 addresses.
func (c *Cloud) widen(n *network) {
	c.addSubnet(n, fmt.Sprintf("%s-subnet-%d", n.name, len(n.subnets)+1), fmt.Sprintf("10.%d.0.0/16", 64+len(n.subnets)))
}
