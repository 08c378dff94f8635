package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
)

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
			{name: "dns_nameservers", get: func(_ *call, s *subnet) any { return s.dns }, check: isNameservers},
			{name: "service_types", get: func(*call, *subnet) any { return []string{} }, check: isList},
		}...),
		create: createSubnet,
		change: func(_ *call, s *subnet, want map[string]any) error {
			if err := s.checkGateway(textAt(want, "gateway_ip")); err != nil {
				return err
			}
			if err := s.checkNameservers(want); err != nil {
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
	if err := s.checkNameservers(want); err != nil {
		return nil, err
	}
	setBool(want, "enable_dhcp", &s.dhcp)
	s.dns = texts(want["dns_nameservers"])
	if v, given := want["gateway_ip"]; given {
		s.gateway, _ = v.(string)
		s.pool()
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

// checkNameservers refuses those of the other version of IP.
func (s *subnet) checkNameservers(want map[string]any) error {
	for _, server := range texts(want["dns_nameservers"]) {
		if ipVersion(server) != s.version() {
			return invalidInput(fmt.Sprintf("dns_nameserver '%s' does not match the ip_version '%d'.", server, s.version()))
		}
	}
	return nil
}

// newSubnet makes a subnet with the first address as its gateway and the others
// as its pool.
func newSubnet(base common, n *network, prefix netip.Prefix) *subnet {
	s := &subnet{common: base, network: n, prefix: prefix, dhcp: true, dns: []string{}, used: map[netip.Addr]bool{}}
	gateway := prefix.Addr()
	if gateway.Is4() { // the first address of IPv6 is every router's
		gateway = gateway.Next()
	}
	s.gateway = gateway.String()
	s.pool()
	return s
}

// pool makes pools of all addresses but the gateway's, the first, and the
// broadcast address.
func (s *subnet) pool() {
	s.pools = []addressPool{}
	add := func(start, end netip.Addr) {
		if start.Compare(end) <= 0 {
			s.pools = append(s.pools, addressPool{start, end})
		}
	}
	start, end := s.prefix.Addr().Next(), lastAddress(s.prefix)
	if end.Is4() {
		end = end.Prev()
	}
	gateway, err := netip.ParseAddr(s.gateway)
	if err != nil || gateway.Less(start) || end.Less(gateway) {
		add(start, end)
	} else {
		add(start, gateway.Prev())
		add(gateway.Next(), end)
	}
	s.measure()
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
