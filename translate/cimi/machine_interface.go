package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineNetworkInterface is an interface of a machine in version 1: a port that
// the machine has.
type MachineNetworkInterface struct {
	Common      `class:"properties=fixed"`
	Addresses   Collection  `cimi:"addresses,ro"`
	Network     Ref         `cimi:"network,create" of:"Network"`
	NetworkPort Ref         `cimi:"networkPort,create" of:"NetworkPort"`
	State       string      `cimi:"state"` // ACTIVE, DISABLED
	MACAddress  string      `cimi:"macAddress,fixed"`
	MTU         int64       `cimi:"mtu,fixed,optional"` // bytes
	Operations  []Operation `cimi:"operations" xml1:"operation"`

	of model.Port
}

// The states of interfaces in version 1.
const (
	activeInterface   = "ACTIVE"
	disabledInterface = "DISABLED"
)

var machineNetworkInterfaces = &resource{
	path:    "machines/networkInterfaces",
	version: V1,
	item:    reflect.TypeFor[MachineNetworkInterface](),
	offered: offers(model.NetworkService),
	list: lister(func(ctx context.Context, s *Session, at Address) ([]MachineNetworkInterface, error) {
		items, m, err := s.interfacesOn(ctx, at[0])
		if err != nil {
			return nil, err
		}
		closed := s.closes("machines/networkInterfaces", m, pluggable)
		return each(items, func(i *NetworkInterface) MachineNetworkInterface { return s.machineNetworkInterface(i, closed) }), nil
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*MachineNetworkInterface, error) {
		p, m, err := s.portAndMachine(ctx, at)
		if err != nil {
			return nil, err
		}
		return s.oneMachineInterface(ctx, m, func(context.Context) (model.Port, error) { return p, nil })
	}),
	children: childLister(func(ctx context.Context, s *Session, machines []Machine) ([][]MachineNetworkInterface, error) {
		items, err := s.interfacesOf(ctx, machines)
		closed := map[string]bool{}
		for i := range machines {
			m := &machines[i].of
			closed[m.ID] = s.closes("machines/networkInterfaces", m, pluggable)
		}
		all := each(items, func(i *NetworkInterface) MachineNetworkInterface {
			return s.machineNetworkInterface(i, closed[i.of.MachineID])
		})
		return ofMachines(machines, all, func(i *MachineNetworkInterface) string { return i.of.MachineID }), err
	}),
	create: creator(createMachineInterface),
	update: updater(updateMachineInterface),
	delete: func(ctx context.Context, s *Session, at Address) error { return s.Cloud.DetachPort(ctx, at[0], at[1]) },
}

func (s *Session) oneMachineInterface(ctx context.Context, m *model.Machine, port func(context.Context) (model.Port, error)) (*MachineNetworkInterface, error) {
	i, err := s.oneInterface(ctx, port)
	if err != nil {
		return nil, err
	}
	item := s.machineNetworkInterface(i, s.closes("machines/networkInterfaces", m, pluggable))
	return &item, nil
}

// machineNetworkInterface gives an interface of a machine, which may be closed to
// changes of them.
func (s *Session) machineNetworkInterface(i *NetworkInterface, closed bool) MachineNetworkInterface {
	state := disabledInterface
	if i.State == "ENABLED" {
		state = activeInterface
	}
	return MachineNetworkInterface{
		Common: Common{
			ID:   s.id("machines/networkInterfaces", i.of.MachineID, i.of.ID),
			Name: i.of.Name, Description: i.of.Description, Created: i.of.Created,
		},
		Network:     Ref{Key: i.of.NetworkID},
		NetworkPort: Ref{Key: i.of.ID},
		State:       state,
		MACAddress:  i.of.MACAddress,
		MTU:         i.MTU,
		Operations:  []Operation{{Name: "edit"}, {"delete", closed}},
		of:          i.of,
	}
}

// portAt gives the port at the first two keys of an address.
func (s *Session) portAt(ctx context.Context, at Address) (model.Port, error) {
	p, err := s.Cloud.Port(ctx, at[1])
	if err == nil && p.MachineID != at[0] {
		err = model.Errorf(model.NotFound, "the machine has no interface %q", clip(at[1]))
	}
	return p, err
}

// portAndMachine is portAt, with the machine.
func (s *Session) portAndMachine(ctx context.Context, at Address) (model.Port, *model.Machine, error) {
	var p model.Port
	var m model.Machine
	err := together(ctx,
		into(&p, func(ctx context.Context) (model.Port, error) { return s.portAt(ctx, at) }),
		into(&m, func(ctx context.Context) (model.Machine, error) { return s.Cloud.Machine(ctx, at[0]) }))
	return p, &m, err
}

// checkState refuses a state that no interface can be in; no state is ACTIVE.
func (i *MachineNetworkInterface) checkState() error {
	if i.State != "" && i.State != activeInterface && i.State != disabledInterface {
		return model.Errorf(model.Invalid, "state: %q is not offered, only ACTIVE and DISABLED", clip(i.State))
	}
	return nil
}

// createMachineInterface gives a machine an interface: on a network, or the port
// that is named.
func createMachineInterface(ctx context.Context, s *Session, at Address, in *MachineNetworkInterface) (*MachineNetworkInterface, error) {
	if err := in.checkState(); err != nil {
		return nil, err
	}
	n := model.MachineNetwork{NetworkID: in.Network.Key, PortID: in.NetworkPort.Key}
	switch {
	case n == (model.MachineNetwork{}):
		return nil, model.Errorf(model.Invalid, "the href of a network or of a networkPort is missing")
	case n.PortID != "" && n.NetworkID != "": // the port is on its network
		p, err := s.Cloud.Port(ctx, n.PortID)
		if err == nil && p.NetworkID != n.NetworkID {
			err = model.Errorf(model.Invalid, "the port is on another network")
		}
		if err != nil {
			return nil, inBody("networkPort", err)
		}
		n.NetworkID = ""
	}
	took := &model.Machine{ID: at[0], State: model.MachineRunning} // or as good as: it took one
	return s.oneMachineInterface(ctx, took, func(ctx context.Context) (model.Port, error) {
		return s.plugged(ctx, at[0], n, in.Common, in.State == disabledInterface)
	})
}

// updateMachineInterface changes a port's name, description and state.
func updateMachineInterface(ctx context.Context, s *Session, at Address, in *MachineNetworkInterface, changed func(string) bool) (*MachineNetworkInterface, error) {
	if err := in.checkState(); err != nil {
		return nil, err
	}
	_, m, err := s.portAndMachine(ctx, at)
	if err != nil {
		return nil, err
	}
	var u model.PortUpdate
	u.Name, u.Description = in.texts(changed)
	if up := in.State == activeInterface; changed("state") && in.State != "" {
		u.AdminUp = &up
	}
	return s.oneMachineInterface(ctx, m, func(ctx context.Context) (model.Port, error) { return s.Cloud.UpdatePort(ctx, at[1], u) })
}
