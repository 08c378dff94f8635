package occi

import (
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// checkInterface refuses wishes for an interface that the cloud cannot fulfil.
func checkInterface(d *Draft) error {
	if mac := d.Values[interfaceMAC].Text(); mac != "" {
		return model.Errorf(model.Forbidden, "the cloud chooses MAC addresses: %s cannot be set", interfaceMAC)
	}
	if d.Values[interfaceAllocation].Text() == allocationFixed && d.Values[interfaceAddress].Text() == "" && d.Target == networkKind.ID {
		return model.Errorf(model.Invalid, "%s=%q needs %s", interfaceAllocation, allocationFixed, interfaceAddress)
	}
	return nil
}

func interfaceCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	if err := checkInterface(d); err != nil {
		return Entity{}, err
	}
	if floating, err := isFloatingLink(ctx, s, d); err != nil {
		return Entity{}, err
	} else if floating {
		return floatingCreate(ctx, s, d)
	}
	var p model.Port
	steps := []step{{
		what: "the new interface",
		do: func(ctx context.Context) (err error) {
			p, err = s.Cloud.AttachNetwork(ctx, d.SourceID, model.MachineNetwork{NetworkID: d.TargetID, FixedIP: d.Values[interfaceAddress].Text()})
			return err
		},
		undo: func(ctx context.Context) error { return s.Cloud.DetachPort(ctx, d.SourceID, p.ID) },
	}}
	if title := d.Values[coreTitle].Text(); title != "" {
		steps = append(steps, step{do: func(ctx context.Context) error {
			_, err := s.Cloud.UpdatePort(ctx, p.ID, model.PortUpdate{Name: &title})
			p.Name = title
			return err
		}})
	}
	if err := inOrder(ctx, steps); err != nil {
		return Entity{}, err
	}
	// It is there, whether or not more can be told of it; and it is the last device.
	s.ports.forget(d.SourceID)
	s.wholes.forget(d.SourceID)
	var ports []model.Port
	var subnets map[string]model.Subnet
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { ports, err = machinePorts(ctx, s, d.SourceID); return })
	g.Go(func() (err error) { subnets, err = subnetsByID(ctx, s); return })
	_ = g.Wait()
	others := 0
	for _, o := range ports {
		if o.ID == p.ID {
			p = o // as it is by now
		} else {
			others++
		}
	}
	return interfaceEntity(p, others, subnets), nil
}

func interfaceUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	if isFloating(c.Present.ID) || len(c.Mixins) > 0 {
		return linkUpdate(ctx, s, c)
	}
	for _, name := range c.names() {
		if name != coreTitle && name != interfaceAddress {
			return Entity{}, fixedAttribute(name)
		}
	}
	var u model.PortUpdate
	if name, ok := c.text(coreTitle); ok {
		u.Name = &name
	}
	if v, ok := c.Values[interfaceAddress]; ok {
		u.FixedIPs = []model.FixedIP{{Address: v.Text()}}
		// Of several addresses OCCI shows the first: the others stay.
		ports, err := machinePorts(ctx, s, strings.TrimPrefix(c.Present.Source.Path, computeKind.Location))
		if err != nil {
			return Entity{}, err
		}
		for _, p := range ports {
			if p.ID == c.Present.ID && len(p.FixedIPs) > 1 {
				u.FixedIPs = append(u.FixedIPs, p.FixedIPs[1:]...)
			}
		}
	}
	if u.Name == nil && u.FixedIPs == nil {
		return c.Present, nil
	}
	p, err := s.Cloud.UpdatePort(ctx, c.Present.ID, u)
	if err != nil {
		return Entity{}, err
	}
	// Its place among the machine's ports is as it was.
	ports, subnets, err := portsAndSubnets(ctx, s, p.MachineID)
	place := slices.IndexFunc(ports, func(o model.Port) bool { return o.ID == p.ID })
	return interfaceEntity(p, max(place, 0), subnets), err
}

// interfaceDelete takes an interface off its machine, and gives back the addresses
// that came with links and pointed at it, as computeDelete does.
func interfaceDelete(ctx context.Context, s *Session, id string) error {
	if isFloating(id) {
		f, err := linkedFloatingIP(ctx, s, id)
		if err != nil {
			return err
		}
		return releaseAddress(ctx, s, f)
	}
	var p model.Port
	var ips []model.FloatingIP
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { p, err = s.Cloud.Port(gctx, id); return })
	g.Go(func() (err error) { ips, err = readFloatingIPs(gctx, s); return })
	if err := g.Wait(); err != nil {
		return err
	}
	if p.MachineID == "" {
		return noInterface(id)
	}
	if err := s.Cloud.DetachPort(ctx, p.MachineID, id); err != nil {
		return err
	}
	ips = slices.DeleteFunc(slices.Clone(ips), func(f model.FloatingIP) bool { return f.PortID != id })
	return releaseAll(ctx, s, "the interface", ips)
}

var interfaceDeeds = []deed{
	{upInterface, stateActive, setInterfaceUp(true)},
	{downInterface, stateInactive, setInterfaceUp(false)},
}

func setInterfaceUp(up bool) func(context.Context, *Session, string, map[string]Value) error {
	return func(ctx context.Context, s *Session, id string, _ map[string]Value) error {
		_, err := s.Cloud.UpdatePort(ctx, id, model.PortUpdate{AdminUp: &up})
		return err
	}
}

func interfaceAct(ctx context.Context, s *Session, in Invocation) ([]*Mixin, error) {
	return nil, actOn(ctx, s, in, reader{interfaceList, interfaceGet, interfaceState}, interfaceDeeds)
}
