package cimi

import (
	"context"
	"strings"

	"github.com/occimi/occimi/model"
)

// templateInterfaces puts a new machine on networks; without any, the cloud puts
// it on the tenant's only one.
func templateInterfaces(ctx context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	for i := range t.NetworkInterfaces {
		n, err := t.NetworkInterfaces[i].plug()
		if err != nil {
			return inBody("machineTemplate.networkInterfaces", err)
		}
		r.Networks = append(r.Networks, n)
	}
	for _, ref := range t.Interfaces {
		const within = "machineTemplate.interfaceTemplates"
		i, err := given[NetworkInterfaceTemplate](ctx, s, ref, within)
		if err != nil {
			return err
		}
		n, err := i.plug(ctx, s)
		if err == nil && i.InitialState != "" {
			err = initialState(i.InitialState, "ENABLED") // a new machine's are
		}
		if err != nil {
			return inBody(within, err)
		}
		r.Networks = append(r.Networks, n)
	}
	return together(ctx, each(r.Networks, func(n *model.MachineNetwork) func(context.Context) error {
		return func(ctx context.Context) error { return s.markInserted(ctx, *n) }
	})...)
}

// plug gives what a new machine is to be plugged into.
func (i *TemplateInterface) plug() (model.MachineNetwork, error) {
	n := model.MachineNetwork{NetworkID: i.Network.Key, PortID: i.NetworkPort.Key}
	if state := strings.TrimSpace(i.State); state != "" && state != activeInterface {
		return n, model.Errorf(model.Invalid, "the state %q is not offered, only %s", clip(state), activeInterface)
	}
	for _, ref := range i.Addresses {
		port, _, fixed := strings.Cut(ref.Key, ".")
		value, byValue := ref.Value.(*IPAddress)
		switch {
		case byValue && value.Allocation == staticAllocation:
			return n, model.Errorf(model.Invalid, "addresses: a static one is made before, and given by its href")
		case byValue && n.FixedIP == "" && n.PortID == "":
			n.FixedIP = value.IP
		case fixed && (n.PortID == "" || n.PortID == port):
			n.PortID = port
		case ref.Key != "" && !fixed:
			return n, model.Errorf(model.Invalid, "addresses: a floating IP is pointed at an interface when the machine is there")
		default:
			return n, model.Errorf(model.Invalid, "addresses: an interface has one by value, or those of one port")
		}
	}
	switch {
	case n.PortID != "" && n.FixedIP != "":
		return n, model.Errorf(model.Invalid, "addresses: the port has its own")
	case n.PortID != "":
		n.NetworkID = "" // the port's own
	case n.NetworkID == "":
		return n, model.Errorf(model.Invalid, "an interface needs the href of its network, or of a port")
	}
	return n, nil
}

// complete adds what the schema of version 1 wants an interface to have: its
// state, and the network of its port.
func (i *TemplateInterface) complete(ctx context.Context, s *Session) error {
	n, err := i.plug()
	if err != nil {
		return err
	}
	if i.State == "" {
		i.State = activeInterface
	}
	if i.Network.Key == "" {
		p, err := s.Cloud.Port(ctx, n.PortID)
		if err != nil {
			return err
		}
		i.Network.Key = p.NetworkID
	}
	return nil
}
