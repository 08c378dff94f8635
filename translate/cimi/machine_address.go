package cimi

import (
	"context"
	"net/netip"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineNetworkInterfaceAddress is an address of an interface in version 1. The
// address itself is given by value.
type MachineNetworkInterfaceAddress struct {
	Common  `class:"name=fixed description=fixed properties=fixed"`
	Address Ref `cimi:"address,fixed" of:"Address"`
}

// AddressValue is what an Address of version 1 says by value.
type AddressValue struct {
	IP       string `cimi:"ip,fixed"`
	Protocol string `cimi:"protocol,fixed"` // IPv4, IPv6
}

var machineNetworkInterfaceAddresses = &resource{
	path:    "machines/networkInterfaces/addresses",
	version: V1,
	item:    reflect.TypeFor[MachineNetworkInterfaceAddress](),
	key:     "machineNetworkInterfaceAddresses",
	offered: offers(model.NetworkService),
	list:    lister(listAddresses),
	get:     getter(getAddress),
	children: childLister(func(_ context.Context, s *Session, interfaces []MachineNetworkInterface) ([][]MachineNetworkInterfaceAddress, error) {
		lists := make([][]MachineNetworkInterfaceAddress, len(interfaces))
		for i := range interfaces {
			lists[i] = s.addresses(interfaces[i].of)
		}
		return lists, nil
	}),
}

// ProtocolEndpoint is an address of an interface in version 2 (DSP0263 5.16.9):
// the Ethernet address, and one for each IP address.
type ProtocolEndpoint struct {
	Common   `class:"name=fixed description=fixed properties=fixed"`
	State    string `cimi:"state,ro"`
	Protocol string `cimi:"protocol,fixed"` // Ethernet, IPv4, IPv6
	Address  string `cimi:"address,fixed"`
}

var protocolEndpoints = &resource{
	path:    "machines/interfaces/endpoints",
	version: V2,
	item:    reflect.TypeFor[ProtocolEndpoint](),
	offered: offers(model.NetworkService),
	list:    lister(listEndpoints),
	get:     getter(getEndpoint),
	children: childLister(func(_ context.Context, s *Session, interfaces []NetworkInterface) ([][]ProtocolEndpoint, error) {
		lists := make([][]ProtocolEndpoint, len(interfaces))
		for i := range interfaces {
			lists[i] = s.endpoints(interfaces[i].of)
		}
		return lists, nil
	}),
}

// ipProtocol names the protocol of an IP address.
func ipProtocol(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is4() {
		return "IPv4"
	}
	return "IPv6"
}

func (s *Session) addresses(p model.Port) []MachineNetworkInterfaceAddress {
	list := make([]MachineNetworkInterfaceAddress, len(p.FixedIPs))
	for i, ip := range p.FixedIPs {
		list[i] = MachineNetworkInterfaceAddress{
			Common:  Common{ID: s.id("machines/networkInterfaces/addresses", p.MachineID, p.ID, ip.Address), Name: ip.Address},
			Address: Ref{Value: &AddressValue{IP: ip.Address, Protocol: ipProtocol(ip.Address)}},
		}
	}
	return list
}

func (s *Session) endpoints(p model.Port) []ProtocolEndpoint {
	list := make([]ProtocolEndpoint, 0, 1+len(p.FixedIPs))
	add := func(protocol, address string) {
		list = append(list, ProtocolEndpoint{
			Common:   Common{ID: s.id("machines/interfaces/endpoints", p.MachineID, p.ID, address), Name: address},
			State:    portState(p),
			Protocol: protocol,
			Address:  address,
		})
	}
	if p.MACAddress != "" {
		add("Ethernet", p.MACAddress)
	}
	for _, ip := range p.FixedIPs {
		add(ipProtocol(ip.Address), ip.Address)
	}
	return list
}

func listAddresses(ctx context.Context, s *Session, at Address) ([]MachineNetworkInterfaceAddress, error) {
	p, err := portAt(ctx, s, at)
	if err != nil {
		return nil, err
	}
	return s.addresses(p), nil
}

func getAddress(ctx context.Context, s *Session, at Address) (*MachineNetworkInterfaceAddress, error) {
	list, err := listAddresses(ctx, s, at)
	return pick(list, err, at.Key(), func(a MachineNetworkInterfaceAddress) string { return a.Name })
}

func listEndpoints(ctx context.Context, s *Session, at Address) ([]ProtocolEndpoint, error) {
	p, err := portAt(ctx, s, at)
	if err != nil {
		return nil, err
	}
	return s.endpoints(p), nil
}

func getEndpoint(ctx context.Context, s *Session, at Address) (*ProtocolEndpoint, error) {
	list, err := listEndpoints(ctx, s, at)
	return pick(list, err, at.Key(), func(e ProtocolEndpoint) string { return e.Address })
}
