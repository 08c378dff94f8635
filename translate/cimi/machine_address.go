package cimi

import (
	"context"
	"reflect"
	"strings"

	"github.com/occimi/occimi/model"
)

// MachineNetworkInterfaceAddress is an address of an interface of a machine, in
// version 1: one of the port's, or a floating IP that points at it.
type MachineNetworkInterfaceAddress struct {
	Common     `class:"name=fixed description=fixed properties=fixed"`
	Address    Ref         `cimi:"address,create,required" of:"Address"`
	Operations []Operation `cimi:"operations" xml1:"operation"`
}

var machineNetworkInterfaceAddresses = &resource{
	path:    "machines/networkInterfaces/addresses",
	version: V1,
	item:    reflect.TypeFor[MachineNetworkInterfaceAddress](),
	key:     "machineNetworkInterfaceAddresses",
	offered: offers(model.NetworkService),
	list: lister(func(ctx context.Context, s *Session, at Address) ([]MachineNetworkInterfaceAddress, error) {
		p, err := s.portAt(ctx, at)
		if err != nil {
			return nil, err
		}
		lists, err := s.machineAddresses(ctx, []model.Port{p})
		return lists[p.ID], err
	}),
	get: getter(getMachineAddress),
	children: childLister(func(ctx context.Context, s *Session, interfaces []MachineNetworkInterface) ([][]MachineNetworkInterfaceAddress, error) {
		lists, err := s.machineAddresses(ctx, each(interfaces, func(i *MachineNetworkInterface) model.Port { return i.of }))
		return each(interfaces, func(i *MachineNetworkInterface) []MachineNetworkInterfaceAddress { return lists[i.of.ID] }), err
	}),
	create: creator(createMachineAddress),
	delete: func(ctx context.Context, s *Session, at Address) error {
		a, err := getMachineAddress(ctx, s, at)
		if err != nil {
			return err
		}
		if isFloating(a.Address.Key) {
			_, err = s.point(ctx, a.Address.Key, "")
			return err
		}
		return s.dropAddress(ctx, a.Address.Key)
	},
}

// isFloating tells whether an address of the key is a floating IP.
func isFloating(key string) bool { return strings.HasPrefix(key, floatingKey) }

// machineAddresses gives the addresses of ports, by port.
func (s *Session) machineAddresses(ctx context.Context, ports []model.Port) (map[string][]MachineNetworkInterfaceAddress, error) {
	all, err := s.addressesOf(ctx, false, func(context.Context) ([]model.Port, error) { return ports, nil })
	by := map[string][]MachineNetworkInterfaceAddress{}
	for i := range all {
		by[all[i].port.ID] = append(by[all[i].port.ID], s.machineAddress(&all[i]))
	}
	return by, err
}

func (s *Session) machineAddress(l *located) MachineNetworkInterfaceAddress {
	ops := l.operations(s)
	return MachineNetworkInterfaceAddress{
		Common: Common{
			ID: s.id("machines/networkInterfaces/addresses", l.port.MachineID, l.port.ID, l.address), Name: l.address,
		},
		Address:    Ref{Key: l.key},
		Operations: ops[len(ops)-1:], // it is not edited
	}
}

func getMachineAddress(ctx context.Context, s *Session, at Address) (*MachineNetworkInterfaceAddress, error) {
	p, err := s.portAt(ctx, at)
	if err != nil {
		return nil, err
	}
	lists, err := s.machineAddresses(ctx, []model.Port{p})
	return pick(lists[p.ID], err, at.Key(), func(a MachineNetworkInterfaceAddress) string { return a.Name })
}

// createMachineAddress points a floating IP at an interface, or gives the
// interface one more address: that which is described.
func createMachineAddress(ctx context.Context, s *Session, at Address, in *MachineNetworkInterfaceAddress) (*MachineNetworkInterfaceAddress, error) {
	p, err := s.portAt(ctx, at)
	if err != nil {
		return nil, err
	}
	value, byValue := in.Address.Value.(*IPAddress)
	switch {
	case byValue:
		subnets, err := s.Cloud.Subnets(ctx)
		if err != nil {
			return nil, err
		}
		wanted, tags, err := addressOn(p.NetworkID, subnets, value.IP, value.Protocol, value.Allocation)
		if err != nil {
			return nil, inBody("address", err)
		}
		return one(s.machineAddress)(s.addAddress(ctx, p.ID, wanted, tags))
	case in.Address.Key == "":
		return nil, model.Errorf(model.Invalid, "address is missing")
	case !isFloating(in.Address.Key):
		return nil, model.Errorf(model.Conflict, "address: it belongs to a port for life; connect the port, or give the address by value")
	}
	e, err := s.point(ctx, in.Address.Key, p.ID)
	if err != nil {
		return nil, inBody("address", err)
	}
	made := s.machineAddress(&located{key: in.Address.Key, address: e.Address, port: &p, floating: &model.FloatingIP{}})
	return &made, nil
}
