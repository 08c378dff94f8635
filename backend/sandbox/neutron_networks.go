package sandbox

import (
	"cmp"
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
			{name: "mtu", get: func(_ *call, n *network) any { return n.mtu }, check: isMTU},
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
			return n, n.set(want)
		},
		change: func(_ *call, n *network, want map[string]any) error { return n.set(want) },
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
	return &network{common: base, adminUp: true, mtu: maxMTU, ports: map[*port]struct{}{}}
}

// maxMTU is that of networks that are carried by others.
const maxMTU = 1450

func (n *network) set(want map[string]any) error {
	mtu := n.mtu
	if setNumber(want, "mtu", &mtu); mtu > maxMTU && mtu != n.mtu {
		return invalidInput(fmt.Sprintf("Requested MTU is too big, maximum is %d.", maxMTU))
	}
	n.mtu = cmp.Or(mtu, maxMTU)
	setBool(want, "admin_state_up", &n.adminUp)
	setBool(want, "shared", &n.shared)
	setBool(want, "router:external", &n.external)
	return nil
}

func (n *network) subnetIDs() []string {
	ids := make([]string, len(n.subnets))
	for i, s := range n.subnets {
		ids[i] = s.id
	}
	slices.Sort(ids)
	return ids
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
