package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineNetworkInterface is an interface of a machine in version 1.
type MachineNetworkInterface struct {
	Common      `class:"name=fixed description=fixed properties=fixed"`
	Addresses   Collection `cimi:"addresses,ro"`
	Network     Ref        `cimi:"network,fixed,optional" of:"Network"`
	NetworkPort Ref        `cimi:"networkPort,fixed,optional" of:"NetworkPort"`
	State       string     `cimi:"state,ro"` // ACTIVE, DISABLED
	MACAddress  string     `cimi:"macAddress,fixed"`
	MTU         int64      `cimi:"mtu,fixed,optional"` // bytes

	of model.Port
}

var machineNetworkInterfaces = &resource{
	path:     "machines/networkInterfaces",
	version:  V1,
	item:     reflect.TypeFor[MachineNetworkInterface](),
	offered:  offers(model.NetworkService),
	list:     lister(mapPorts((*Session).machineNetworkInterface)),
	get:      getter(getPort((*Session).machineNetworkInterface)),
	children: childLister(portsOfMachines((*Session).machineNetworkInterface)),
}

// NetworkInterface is an interface of a machine in version 2 (DSP0263 5.16.13).
type NetworkInterface struct {
	Common    `class:"name=fixed description=fixed properties=fixed"`
	State     string     `cimi:"state,ro"` // CREATING, ENABLED, DISABLED, ERROR
	Endpoints Collection `cimi:"endpoints,ro" of:"ProtocolEndpoint"`
	Speed     int64      `cimi:"speed,fixed,optional"` // bit/s
	MTU       int64      `cimi:"mtu,fixed,optional"`   // bytes

	of model.Port
}

var networkInterfaces = &resource{
	path:     "machines/interfaces",
	version:  V2,
	item:     reflect.TypeFor[NetworkInterface](),
	offered:  offers(model.NetworkService),
	list:     lister(mapPorts((*Session).networkInterface)),
	get:      getter(getPort((*Session).networkInterface)),
	children: childLister(portsOfMachines((*Session).networkInterface)),
}

func (s *Session) machineNetworkInterface(p model.Port) MachineNetworkInterface {
	state := "DISABLED"
	if portState(p) == "ENABLED" {
		state = "ACTIVE"
	}
	return MachineNetworkInterface{
		Common: Common{
			ID: s.id("machines/networkInterfaces", p.MachineID, p.ID), Name: p.Name, Created: p.Created,
		},
		Network:     Ref{Key: p.NetworkID},
		NetworkPort: Ref{Key: p.ID},
		State:       state,
		MACAddress:  p.MACAddress,
		of:          p,
	}
}

func (s *Session) networkInterface(p model.Port) NetworkInterface {
	return NetworkInterface{
		Common: Common{ID: s.id("machines/interfaces", p.MachineID, p.ID), Name: p.Name, Created: p.Created},
		State:  portState(p),
		of:     p,
	}
}

// portState gives the state of an interface (DSP0263 table 42). A port that is
// down because its machine is off is enabled all the same.
func portState(p model.Port) string {
	switch {
	case p.State == model.LinkFailed:
		return "ERROR"
	case !p.AdminUp:
		return "DISABLED"
	case p.State == model.LinkBuilding:
		return "CREATING"
	}
	return "ENABLED"
}

// mapPorts lists the ports of one machine. No ports may mean no machine, which
// takes another call to tell.
func mapPorts[T any](of func(*Session, model.Port) T) func(context.Context, *Session, Address) ([]T, error) {
	return func(ctx context.Context, s *Session, at Address) ([]T, error) {
		ports, err := s.Cloud.MachinePorts(ctx, at[0])
		if err == nil && len(ports) == 0 {
			_, err = s.Cloud.Machine(ctx, at[0])
		}
		if err != nil {
			return nil, err
		}
		items := make([]T, len(ports))
		for i, p := range ports {
			items[i] = of(s, p)
		}
		return items, nil
	}
}

// portAt gives the port at the first two keys of an address.
func portAt(ctx context.Context, s *Session, at Address) (model.Port, error) {
	p, err := s.Cloud.Port(ctx, at[1])
	if err == nil && p.MachineID != at[0] {
		err = model.Errorf(model.NotFound, "the machine has no interface %q", clip(at[1]))
	}
	return p, err
}

func getPort[T any](of func(*Session, model.Port) T) func(context.Context, *Session, Address) (*T, error) {
	return func(ctx context.Context, s *Session, at Address) (*T, error) {
		p, err := portAt(ctx, s, at)
		if err != nil {
			return nil, err
		}
		item := of(s, p)
		return &item, nil
	}
}

// portsOfMachines gives the ports of machines in one listing.
func portsOfMachines[T any](of func(*Session, model.Port) T) func(context.Context, *Session, []Machine) ([][]T, error) {
	return func(ctx context.Context, s *Session, machines []Machine) ([][]T, error) {
		only := ""
		if len(machines) == 1 {
			only = machines[0].of.ID
		}
		ports, err := s.Cloud.MachinePorts(ctx, only)
		if err != nil {
			return nil, err
		}
		byMachine := map[string][]T{}
		for _, p := range ports {
			byMachine[p.MachineID] = append(byMachine[p.MachineID], of(s, p))
		}
		lists := make([][]T, len(machines))
		for i := range machines {
			lists[i] = byMachine[machines[i].of.ID]
		}
		return lists, nil
	}
}
