package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const computeOwner = "compute:nova"

type port struct {
	common
	network               *network
	mac                   string
	adminUp               bool
	deviceID, deviceOwner string
	fixedIPs              []fixedIP
	groups                []string
	floating              []*floatingIP
	server                *server
	// ownedByServer ports were made by Nova, and go with their server.
	ownedByServer bool
	// activeAt is when a server's port is wired.
	activeAt time.Time
}

type fixedIP struct {
	SubnetID string `json:"subnet_id"`
	Address  string `json:"ip_address"`
}

func (p *port) status(now time.Time) string {
	switch {
	case strings.HasPrefix(p.deviceOwner, "network:"):
		return "ACTIVE"
	case p.server == nil || now.Before(p.activeAt) || p.server.vmState == "building":
		return "DOWN"
	}
	return "ACTIVE"
}

// unbind takes a port from its server.
func (p *port) unbind() {
	if p.server != nil {
		p.server.ports = slices.DeleteFunc(p.server.ports, func(x *port) bool { return x == p })
	}
	p.server, p.deviceID, p.deviceOwner = nil, "", ""
}

var portKind = func() *kind[port] {
	of := func(p *port) *common { return &p.common }
	return &kind[port]{
		name: "port", path: "ports", missing: "PortNotFound", absent: "Port %s could not be found.",
		items: func(c *Cloud) *collection[port] { return &c.ports }, common: of,
		sees: func(c *call, p *port) bool { return p.network.project == c.project() },
		attrs: append(named(of), []attr[port]{
			{name: "network_id", get: func(_ *call, p *port) any { return p.network.id }, check: isID, required: true, fixed: true},
			{name: "mac_address", get: func(_ *call, p *port) any { return p.mac }, check: isMAC, adminly: true},
			{name: "admin_state_up", get: func(_ *call, p *port) any { return p.adminUp }, check: isBool},
			{name: "status", get: func(c *call, p *port) any { return p.status(c.now()) }},
			{name: "device_id", get: func(_ *call, p *port) any { return p.deviceID }, check: isText},
			{name: "device_owner", get: func(_ *call, p *port) any { return p.deviceOwner }, check: isText},
			{name: "fixed_ips", get: func(_ *call, p *port) any { return p.fixedIPs }, check: areFixedIPs},
			{name: "allowed_address_pairs", get: func(*call, *port) any { return []string{} }, check: isList},
			{name: "extra_dhcp_opts", get: func(*call, *port) any { return []string{} }, check: anything},
			{name: "security_groups", get: func(_ *call, p *port) any { return p.groups }, check: areGroups},
			{name: "binding:vnic_type", get: func(*call, *port) any { return "normal" }, check: isText},
			{name: "port_security_enabled", get: func(_ *call, p *port) any { return !strings.HasPrefix(p.deviceOwner, "network:") }, check: isBool},
		}...),
		create: createPort,
		change: changePort,
		remove: func(c *call, p *port) error {
			if strings.HasPrefix(p.deviceOwner, "network:") {
				return refuseAs(http.StatusConflict, "ServicePortInUse", "Port "+p.id+" cannot be deleted directly via the port API: has device owner "+p.deviceOwner+".")
			}
			c.Cloud.removePort(p)
			return nil
		},
	}
}()

func createPort(c *call, base common, want map[string]any) (*port, error) {
	id := textAt(want, "network_id")
	n := c.networks.byID[id]
	if n == nil || !n.visibleTo(c.project()) && !c.admin() {
		return nil, networkKind.notFound(id)
	}
	if n.project != c.project() && !n.shared && !c.admin() {
		return nil, refuseAs(http.StatusForbidden, "PolicyNotAuthorized", "rule:create_port is disallowed by policy")
	}
	p := c.newPort(base, n)
	groups, err := c.portGroups(want)
	if err != nil {
		return nil, err
	}
	if groups != nil {
		p.groups = groups
	}
	if wishes, given := want["fixed_ips"].([]any); given {
		p.fixedIPs, err = c.chooseAddresses(n, nil, wishes)
	} else {
		err = c.giveAddresses(p)
	}
	if err != nil {
		return nil, err
	}
	setBool(want, "admin_state_up", &p.adminUp)
	setText(want, "device_id", &p.deviceID)
	setText(want, "device_owner", &p.deviceOwner)
	n.ports[p] = struct{}{}
	return p, nil
}

func changePort(c *call, p *port, want map[string]any) error {
	groups, err := c.portGroups(want)
	if err != nil {
		return err
	}
	if wishes, given := want["fixed_ips"].([]any); given {
		ips, err := c.chooseAddresses(p.network, p.fixedIPs, wishes)
		if err != nil {
			return err
		}
		p.release(ips)
		p.fixedIPs = ips
	}
	if groups != nil {
		p.groups = groups
	}
	setBool(want, "admin_state_up", &p.adminUp)
	setText(want, "device_id", &p.deviceID)
	setText(want, "device_owner", &p.deviceOwner)
	return nil
}

func (c *call) portGroups(want map[string]any) ([]string, error) {
	wishes, given := want["security_groups"].([]any)
	if !given {
		return nil, nil
	}
	ids := texts(wishes)
	for _, id := range ids {
		if g := c.groups.byID[id]; g == nil || g.project != c.project() && !c.admin() {
			return nil, groupKind.notFound(id)
		}
	}
	return ids, nil
}

// newPort makes a port without addresses that is on no list yet.
func (c *Cloud) newPort(base common, n *network) *port {
	c.lastMAC++
	p := &port{common: base, network: n, adminUp: true, fixedIPs: []fixedIP{}, groups: []string{},
		mac: fmt.Sprintf("fa:16:3e:%02x:%02x:%02x", c.lastMAC>>16&0xff, c.lastMAC>>8&0xff, c.lastMAC&0xff)}
	if base.project != "" {
		p.groups = []string{c.defaultGroup(base.project).id}
	}
	return p
}

// giveAddresses gives a port one IPv4 and one IPv6 address, as far as its
// network has them.
func (c *Cloud) giveAddresses(p *port) error {
	for _, version := range []int{4, 6} {
		has := false
		for _, s := range p.network.subnets {
			if s.version() != version {
				continue
			}
			has = true
			if s.free() {
				p.fixedIPs = append(p.fixedIPs, fixedIP{s.id, s.allocate().String()})
				has = false
				break
			}
		}
		if has {
			return refuseAs(http.StatusConflict, "IpAddressGenerationFailure", "No more IP addresses available on network "+p.network.id+".")
		}
	}
	return nil
}

// chooseAddresses gives the addresses that a request wants; those in keep may
// be wanted again. It takes none unless it can take all.
func (c *Cloud) chooseAddresses(n *network, keep []fixedIP, wishes []any) ([]fixedIP, error) {
	chosen := []fixedIP{}
	var subnets []*subnet
	for _, w := range wishes {
		address := textAt(w, "ip_address")
		id := textAt(w, "subnet_id")
		s := c.subnets.byID[id]
		if id != "" && s == nil {
			return nil, subnetKind.notFound(id)
		}
		if address != "" {
			in := n.subnetOf(address)
			if s != nil && in != s {
				return nil, refuseAs(http.StatusBadRequest, "InvalidIpForSubnet", "IP address "+address+" is not a valid IP for the specified subnet.")
			}
			if in == nil {
				return nil, refuseAs(http.StatusBadRequest, "InvalidIpForNetwork", "IP address "+address+" is not a valid IP for any of the subnets on the specified network.")
			}
			s = in
			if n.taken(address) && !slices.Contains(keep, fixedIP{s.id, address}) {
				return nil, refuseAs(http.StatusConflict, "IpAddressAlreadyAllocated", "IP address "+address+" already allocated in subnet "+s.id)
			}
		}
		if s == nil || s.network != n {
			return nil, refuseAs(http.StatusBadRequest, "InvalidInput", "Invalid input for operation: Failed to create port on network "+n.id+", because fixed_ips included invalid subnet "+id+".")
		}
		chosen, subnets = append(chosen, fixedIP{s.id, address}), append(subnets, s)
	}
	for i, s := range subnets {
		if chosen[i].Address == "" {
			chosen[i].Address = s.allocate().String()
		}
		s.used[netip.MustParseAddr(chosen[i].Address)] = true
	}
	return chosen, nil
}

// release gives the port's addresses back, but for those in keep.
func (p *port) release(keep []fixedIP) {
	for _, ip := range p.fixedIPs {
		if s := p.network.subnetOf(ip.Address); s != nil && !slices.Contains(keep, ip) {
			delete(s.used, netip.MustParseAddr(ip.Address))
		}
	}
}

// plug puts a server's new or existing port in place.
func (c *Cloud) plug(s *server, n nic) *port {
	p := n.port
	if p == nil {
		p = c.newPort(c.newCommon(s.project), n.network)
		p.ownedByServer = true
		p.groups = slices.Clone(s.groups)
		if n.fixedIP != "" {
			// That it is free has been seen to.
			p.fixedIPs, _ = c.chooseAddresses(n.network, nil, []any{map[string]any{"ip_address": n.fixedIP}})
		} else {
			_ = c.giveAddresses(p) // as has been seen to as well
		}
		c.ports.add(p.id, p)
		n.network.ports[p] = struct{}{}
	}
	p.server, p.deviceID, p.deviceOwner = s, s.id, computeOwner
	p.activeAt = c.now().Add(c.opts.Delay)
	s.ports = append(s.ports, p)
	return p
}

// unplug takes a port from its server, and ends it if Nova made it.
func (c *Cloud) unplug(p *port) {
	if p.ownedByServer {
		c.removePort(p)
		return
	}
	p.unbind()
}

// removePort ends a port.
func (c *Cloud) removePort(p *port) {
	p.unbind()
	p.release(nil)
	for _, f := range p.floating {
		f.port, f.fixed, f.router = nil, "", nil
	}
	delete(p.network.ports, p)
	c.ports.remove(p.id)
}

func (c *Cloud) portsOf(project string) int {
	return c.ports.count(func(p *port) bool { return p.project == project })
}
