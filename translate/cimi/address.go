package cimi

import (
	"context"
	"net/netip"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// IPAddress is an Address of version 1: one that a port has, or a floating IP.
type IPAddress struct {
	Common
	IP             string      `cimi:"ip,fixed"`
	Hostname       string      `cimi:"hostname,fixed,optional"`
	Allocation     string      `cimi:"allocation,fixed"` // dynamic, static
	DefaultGateway string      `cimi:"defaultGateway,fixed,optional"`
	DNS            []string    `cimi:"dns,fixed,optional" item:"dns" xml1:"dns"`
	Protocol       string      `cimi:"protocol,fixed"` // IPv4, IPv6
	Mask           string      `cimi:"mask,fixed,optional"`
	Network        Ref         `cimi:"network,fixed" of:"Network"`
	Resource       Ref         `cimi:"resource,ro,optional" of:"Machine"`
	Operations     []Operation `cimi:"operations" xml1:"operation"`
}

var addresses = &resource{
	path:     "addresses",
	version:  V1,
	item:     reflect.TypeFor[IPAddress](),
	typeName: "Address",
	key:      "addresses",
	offered:  offers(model.NetworkService),
	extras:   []string{"name", "description", "properties"},
	extrasOf: "endpoints",
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]IPAddress, error) {
		all, err := s.addressesOf(ctx, true, s.Cloud.Ports)
		return each(all, s.address), err
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*IPAddress, error) {
		return one(s.address)(s.locatedAt(ctx, at.Key()))
	}),
	create: creator(createAddress),
	// What can be changed is beside the address, in the store.
	update: updater(func(ctx context.Context, s *Session, at Address, _ *IPAddress, _ func(string) bool) (*IPAddress, error) {
		return one(s.address)(s.locatedAt(ctx, at.Key()))
	}),
	delete: func(ctx context.Context, s *Session, at Address) error { return s.dropAddress(ctx, at.Key()) },
	capabilities: []Capability{
		{Name: "AddressTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// The allocations of addresses: dynamic ones the cloud has chosen, and the guest
// learns them by DHCP, or they are translated before they reach it.
const (
	dynamicAllocation = "dynamic"
	staticAllocation  = "static"
)

func (s *Session) address(l *located) IPAddress {
	a := IPAddress{
		Common:         Common{ID: s.id("addresses", l.key), Created: l.port.Created},
		IP:             l.address,
		Allocation:     dynamicAllocation,
		DefaultGateway: l.subnet.Gateway,
		DNS:            l.subnet.DNSNameservers,
		Protocol:       l.protocol(),
		Network:        Ref{Key: l.networkID()},
		Resource:       Ref{Key: l.port.MachineID},
		Operations:     l.operations(s),
	}
	if len(a.DNS) == 0 {
		a.DNS = nil
	}
	if l.static() {
		a.Allocation = staticAllocation
	}
	if l.floating != nil {
		a.Created, a.Description = l.floating.Created, l.floating.Description
	}
	if prefix, err := netip.ParsePrefix(l.subnet.CIDR); err == nil {
		if a.Mask = prefix.String()[len(prefix.Addr().String())+1:]; prefix.Addr().Is4() {
			a.Mask = netmask(prefix.Bits())
		}
	}
	return a
}

// AddressCreate asks for a new address.
type AddressCreate struct {
	Common
	AddressTemplate Ref `cimi:"addressTemplate" of:"AddressTemplate"`
}

// AddressTemplate says what a new address shall be.
type AddressTemplate struct {
	Common
	IP             string      `cimi:"ip"`
	Hostname       Refused     `cimi:"hostname" refuse:"addresses have no names"`
	Allocation     string      `cimi:"allocation"`
	DefaultGateway Refused     `cimi:"defaultGateway" refuse:"it is that of the network"`
	DNS            Refused     `cimi:"dns" item:"dns" refuse:"it is that of the network"`
	Protocol       string      `cimi:"protocol"`
	Mask           Refused     `cimi:"mask" refuse:"it is that of the network"`
	Network        Ref         `cimi:"network" of:"Network"`
	Operations     []Operation `cimi:"operations" xml1:"operation"`
}

var addressTemplates = in(V1, stored("addressTemplates", offers(model.NetworkService), validAddressTemplate))

// validAddressTemplate refuses what no address can be.
func validAddressTemplate(_ context.Context, _ *Session, t *AddressTemplate) error {
	ip, err := netip.ParseAddr(t.IP)
	switch {
	case t.IP != "" && err != nil:
		return model.Errorf(model.Invalid, "ip: %q is not an IP address", clip(t.IP))
	case t.Protocol != "" && t.Protocol != protocolIPv4 && t.Protocol != protocolIPv6:
		return model.Errorf(model.Invalid, "protocol: %q is not IPv4 or IPv6", clip(t.Protocol))
	case t.IP != "" && t.Protocol != "" && t.Protocol != ipProtocol(ip.String()):
		return model.Errorf(model.Invalid, "ip: %q is not an address of %s", clip(t.IP), t.Protocol)
	case t.Allocation != "" && t.Allocation != dynamicAllocation && t.Allocation != staticAllocation:
		return model.Errorf(model.Invalid, "allocation: %q is not dynamic or static", clip(t.Allocation))
	}
	return nil
}

// createAddress takes a floating IP out of the pool of a network that leads out
// of the cloud, and on other networks makes a port with the address.
func createAddress(ctx context.Context, s *Session, _ Address, in *AddressCreate) (*IPAddress, error) {
	const within = "addressTemplate"
	t, err := given[AddressTemplate](ctx, s, in.AddressTemplate, within)
	if err != nil {
		return nil, err
	}
	if err := validAddressTemplate(ctx, s, t); err != nil {
		return nil, inBody(within, err)
	}
	if t.Network.Key == "" {
		return nil, model.Errorf(model.Invalid, within+".network: the href of a network is missing")
	}
	var n model.Network
	var subnets []model.Subnet
	err = together(ctx, into(&subnets, s.Cloud.Subnets), into(&n, func(ctx context.Context) (model.Network, error) {
		return s.Cloud.Network(ctx, t.Network.Key)
	}))
	if err != nil {
		return nil, inBody(within+".network", err)
	}
	if n.External {
		if t.Protocol == protocolIPv6 {
			return nil, model.Errorf(model.Invalid, within+".protocol: the network %q has floating IPs of IPv4", n.ID)
		}
		tags, err := allocationTags(t.Allocation, t.IP)
		if err != nil {
			return nil, inBody(within, err)
		}
		return one(s.address)(s.takeFloating(ctx, model.FloatingIPCreate{NetworkID: n.ID, Address: t.IP, Description: in.Description, Tags: tags}))
	}
	wanted, tags, err := addressOn(n.ID, subnets, t.IP, t.Protocol, t.Allocation)
	if err != nil {
		return nil, inBody(within, err)
	}
	p, err := s.Cloud.CreatePort(ctx, model.PortCreate{NetworkID: n.ID, Name: in.Name, FixedIPs: []model.FixedIP{wanted}, Tags: tags})
	if err != nil {
		return nil, err
	}
	return one(s.address)(s.newAddress(ctx, p, func(model.FixedIP) bool { return true }))
}

// allocationTags gives the tags that keep the allocation of a new address.
// Errors: Invalid.
func allocationTags(allocation, ip string) ([]string, error) {
	if allocation != staticAllocation {
		return nil, nil
	}
	if ip == "" {
		return nil, model.Errorf(model.Invalid, "ip is missing: the allocation is static")
	}
	return staticTags(ip), nil
}

// addressOn finds the subnet of a network that an address is to be on: one that
// contains it, or the first of the protocol; without either, IPv4 comes first.
// tags are those that the port then gets. Errors: Invalid.
func addressOn(networkID string, subnets []model.Subnet, ip, protocol, allocation string) (wanted model.FixedIP, tags []string, err error) {
	if tags, err = allocationTags(allocation, ip); err != nil {
		return wanted, nil, err
	}
	i := slices.IndexFunc(subnets, func(x model.Subnet) bool { return x.NetworkID == networkID && ip != "" && contains(&x, ip) })
	if wanted.Address = ip; ip == "" {
		i = firstOf(networkID, subnets, protocol)
		if i < 0 {
			return wanted, nil, model.Errorf(model.Invalid, "the network %q has no such addresses", networkID)
		}
		wanted.SubnetID = subnets[i].ID
	}
	if i >= 0 && allocation == dynamicAllocation && !subnets[i].DHCP {
		return wanted, nil, model.Errorf(model.Invalid, "allocation: the network has no DHCP for the address, which is static")
	}
	return wanted, tags, nil
}

// firstOf finds the network's first subnet of a protocol, or of any; -1: there is
// none.
func firstOf(networkID string, subnets []model.Subnet, protocol string) int {
	for _, version := range map[string][]int{protocolIPv4: {4}, protocolIPv6: {6}, "": {4, 6}}[protocol] {
		i := slices.IndexFunc(subnets, func(x model.Subnet) bool { return x.NetworkID == networkID && x.IPVersion == version })
		if i >= 0 {
			return i
		}
	}
	return -1
}

// contains tells whether an address is in the subnet's range.
func contains(x *model.Subnet, ip string) bool {
	prefix, err := netip.ParsePrefix(x.CIDR)
	address, addressErr := netip.ParseAddr(ip)
	return err == nil && addressErr == nil && prefix.Contains(address)
}
