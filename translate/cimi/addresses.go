package cimi

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// located is an IP address of the tenant's: one that a port has, or a floating
// IP. Version 1 has an Address of it, version 2 a ProtocolEndpoint.
type located struct {
	key     string
	address string
	port    *model.Port // the zero port: that of a floating IP that points nowhere
	// subnet is the zero subnet for floating IPs, and if the tenant cannot see it.
	subnet   *model.Subnet
	floating *model.FloatingIP // nil: it is a port's
}

// floatingKey begins the keys of floating IPs; keys of ports' addresses are
// PORT.ADDRESS.
const floatingKey = "fip-"

// staticTag begins the tag that marks, on a port or a floating IP, an address
// that a consumer has chosen; the address follows.
const staticTag = "cimi-static-"

// staticTags gives the tags of what has an address that a consumer has chosen.
func staticTags(address string) []string {
	if ip, err := netip.ParseAddr(address); err == nil {
		return []string{staticTag + ip.String()}
	}
	return nil // which the cloud will refuse
}

func fixedKey(portID, address string) string { return portID + "." + address }

// floatingIPs lists the tenant's, if the cloud has floating IPs.
func (s *Session) floatingIPs(ctx context.Context) ([]model.FloatingIP, error) {
	part, err := model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
	if err != nil {
		return nil, nil //nolint:nilerr // a cloud without has none
	}
	return part.FloatingIPs(ctx)
}

// addressesOf gives the addresses of ports, with the floating IPs that point at
// them; all floating IPs, if whole.
func (s *Session) addressesOf(ctx context.Context, whole bool, ports func(context.Context) ([]model.Port, error)) ([]located, error) {
	var list []model.Port
	var floating []model.FloatingIP
	var subnets []model.Subnet
	if err := together(ctx, into(&list, ports), into(&floating, s.floatingIPs), into(&subnets, s.Cloud.Subnets)); err != nil {
		return nil, err
	}
	return locate(list, floating, subnets, whole), nil
}

func locate(ports []model.Port, floating []model.FloatingIP, subnets []model.Subnet, whole bool) []located {
	bySubnet := make(map[string]*model.Subnet, len(subnets))
	for i := range subnets {
		bySubnet[subnets[i].ID] = &subnets[i]
	}
	byPort := make(map[string]*model.Port, len(ports))
	var all []located
	for i := range ports {
		p := &ports[i]
		byPort[p.ID] = p
		for _, ip := range p.FixedIPs {
			subnet := bySubnet[ip.SubnetID]
			if subnet == nil {
				subnet = &model.Subnet{}
			}
			all = append(all, located{key: fixedKey(p.ID, ip.Address), address: ip.Address, port: p, subnet: subnet})
		}
	}
	for i := range floating {
		f := &floating[i]
		p := byPort[f.PortID]
		if p == nil && !whole {
			continue
		}
		if p == nil {
			p = &model.Port{ID: f.PortID, MachineID: f.MachineID}
		}
		all = append(all, located{key: floatingKey + f.ID, address: f.Address, port: p, subnet: &model.Subnet{}, floating: f})
	}
	return all
}

// locatedAt gives the address of a key. A port's takes a look at the port, a
// floating IP's at itself.
func (s *Session) locatedAt(ctx context.Context, key string) (located, error) {
	missing := model.Errorf(model.NotFound, "there is no address %q", clip(key))
	if id, ok := strings.CutPrefix(key, floatingKey); ok {
		part, err := model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
		if err != nil {
			return located{}, missing
		}
		f, err := part.FloatingIP(ctx, id)
		if err != nil {
			return located{}, err
		}
		return locate(nil, []model.FloatingIP{f}, nil, true)[0], nil
	}
	id, address, ok := strings.Cut(key, ".")
	if !ok {
		return located{}, missing
	}
	var p model.Port
	var subnets []model.Subnet
	err := together(ctx, into(&subnets, s.Cloud.Subnets), into(&p, func(ctx context.Context) (model.Port, error) { return s.Cloud.Port(ctx, id) }))
	if err != nil {
		return located{}, err
	}
	for _, l := range locate([]model.Port{p}, nil, subnets, false) {
		if l.address == address {
			return l, nil
		}
	}
	return located{}, missing
}

// networkID gives the network that the address is on.
func (l *located) networkID() string {
	if l.floating != nil {
		return l.floating.NetworkID
	}
	return l.port.NetworkID
}

// static tells whether a consumer has chosen the address, or must tell the guest
// of it: its subnet has no DHCP.
func (l *located) static() bool {
	tags := l.port.Tags
	if l.floating != nil {
		tags = l.floating.Tags
	}
	return slices.Contains(tags, staticTag+l.address) || l.subnet.ID != "" && !l.subnet.DHCP
}

// protocol names the protocol of the address.
func (l *located) protocol() string { return ipProtocol(l.address) }

// ipProtocol names the protocol of an IP address.
func ipProtocol(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is4() {
		return protocolIPv4
	}
	return protocolIPv6
}

// operations are those of what the address is shown as: what can be changed of it
// is beside it, in the store. The only address of a machine's interface stays.
func (l *located) operations(s *Session) []Operation {
	var ops []Operation
	if s.Documents != nil {
		ops = append(ops, Operation{Name: "edit"})
	}
	return append(ops, Operation{"delete", l.floating == nil && l.port.MachineID != "" && len(l.port.FixedIPs) == 1})
}

// dropAddress gives an address back: a floating IP to its pool, a port's by
// taking it off the port, or by deleting a port that has no other, unless a
// machine has that.
func (s *Session) dropAddress(ctx context.Context, key string) error {
	if id, ok := strings.CutPrefix(key, floatingKey); ok {
		part, err := model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
		if err != nil {
			return model.Errorf(model.NotFound, "there is no address %q", clip(key))
		}
		return part.DeleteFloatingIP(ctx, id)
	}
	l, err := s.locatedAt(ctx, key)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(l.port.FixedIPs), func(ip model.FixedIP) bool { return ip.Address == l.address })
	switch {
	case len(rest) > 0:
		_, err = s.Cloud.UpdatePort(ctx, l.port.ID, model.PortUpdate{FixedIPs: rest, RemoveTags: staticTags(l.address)})
	case l.port.MachineID != "":
		err = model.Errorf(model.Conflict, "%s is the only address of an interface of the machine %q", l.address, l.port.MachineID)
	default:
		err = s.Cloud.DeletePort(ctx, l.port.ID)
	}
	return err
}

// addAddress gives a port one more address, with tags, and gives it. Where the
// address is not named, the cloud chooses one on the subnet.
func (s *Session) addAddress(ctx context.Context, portID string, wanted model.FixedIP, tags []string) (located, error) {
	p, err := s.Cloud.Port(ctx, portID)
	if err != nil {
		return located{}, err
	}
	had := p.FixedIPs
	if p, err = s.Cloud.UpdatePort(ctx, portID, model.PortUpdate{FixedIPs: append(slices.Clone(had), wanted), AddTags: tags}); err != nil {
		return located{}, err
	}
	return s.newAddress(ctx, p, func(ip model.FixedIP) bool { return !slices.Contains(had, ip) })
}

// newAddress gives that address of a port that is new.
func (s *Session) newAddress(ctx context.Context, p model.Port, isNew func(model.FixedIP) bool) (located, error) {
	subnets, err := s.Cloud.Subnets(ctx)
	if err != nil {
		subnets = nil // it is there, whether or not more can be told of it
	}
	for _, l := range locate([]model.Port{p}, nil, subnets, false) {
		if isNew(model.FixedIP{SubnetID: l.subnet.ID, Address: l.address}) || subnets == nil {
			return l, nil
		}
	}
	return located{}, model.Errorf(model.Unavailable, "the network service gave the port %q no new address", p.ID)
}

// takeFloating takes an address out of the pool of a network that leads out of
// the cloud.
func (s *Session) takeFloating(ctx context.Context, r model.FloatingIPCreate) (located, error) {
	part, err := model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
	if err != nil {
		return located{}, err
	}
	f, err := part.CreateFloatingIP(ctx, r)
	if err != nil {
		return located{}, err
	}
	return locate(nil, []model.FloatingIP{f}, nil, true)[0], nil
}
