package occi

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// floatingPrefix is what the ids of interfaces begin with that are floating IPs.
const floatingPrefix = "fip_"

func isFloating(linkID string) bool { return strings.HasPrefix(linkID, floatingPrefix) }

// madeByLink describes floating IPs that came with a link, and go with it. It is
// in the cloud from the moment that the address is taken, so that none is left
// that nobody knows the end of.
const madeByLink = "taken for an OCCI network interface, and released with it"

// linkedFloatingIP gives the floating IP behind an interface. Errors: NotFound,
// also if it points at no machine.
func linkedFloatingIP(ctx context.Context, s *Session, linkID string) (model.FloatingIP, error) {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return model.FloatingIP{}, err
	}
	f, err := ips.FloatingIP(ctx, strings.TrimPrefix(linkID, floatingPrefix))
	if err == nil && f.MachineID == "" || model.IsCode(err, model.NotFound) {
		err = model.Errorf(model.NotFound, "there is no network interface %s", quoteForMessage(linkID))
	}
	return f, err
}

// floatingEntity renders a floating IP that points at a machine as a link: to the
// network that it is from if it came with the link, else to its reservation.
func floatingEntity(f model.FloatingIP) Entity {
	e := Entity{
		Kind:   networkInterfaceKind,
		ID:     floatingID(f),
		Mixins: []*Mixin{ipNetworkInterface},
		Source: End{computeKind.ID, computeKind.Location + f.MachineID},
		Target: End{ipReservationID, ipReservationLocation + f.ID},
	}
	if f.Description == madeByLink {
		e.Target = End{networkKind.ID, networkKind.Location + f.NetworkID}
	}
	e.set(interfaceState, String(cmp.Or(reservationStates[f.State], stateInactive)))
	e.setText(interfaceAddress, f.Address)
	e.set(interfaceAllocation, String(allocationFixed))
	return e
}

// floatingID is the id of the link that a floating IP is.
func floatingID(f model.FloatingIP) string { return floatingPrefix + f.ID }

// floatingIPsOn are those that point at the machine, or at any with "".
func floatingIPsOn(ips []model.FloatingIP, machineID string) []model.FloatingIP {
	return slices.DeleteFunc(slices.Clone(ips), func(f model.FloatingIP) bool {
		return f.MachineID == "" || machineID != "" && f.MachineID != machineID
	})
}

// isFloatingLink tells whether a link is to be a floating IP: it points to a
// reservation, or to a network that leads out of the cloud.
func isFloatingLink(ctx context.Context, s *Session, d *Draft) (bool, error) {
	if d.Target == ipReservationID {
		return true, nil
	}
	networks, err := s.networks.read(ctx, s.Cloud.Networks)
	i := slices.IndexFunc(networks, func(n model.Network) bool { return n.ID == d.TargetID })
	return i >= 0 && networks[i].External, err
}

// takeAddress gives the floating IP that a link is about, taking one from the pool
// if it points to a network.
func takeAddress(ctx context.Context, s *Session, d *Draft, portID string) (model.FloatingIP, error) {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return model.FloatingIP{}, err
	}
	if d.Target != ipReservationID {
		return ips.CreateFloatingIP(ctx, model.FloatingIPCreate{
			NetworkID: d.TargetID, Address: d.Values[interfaceAddress].Text(), PortID: portID, Description: madeByLink,
		})
	}
	if portID == "" {
		return ips.FloatingIP(ctx, d.TargetID)
	}
	return ips.PointFloatingIP(ctx, d.TargetID, portID)
}

// releaseAddress undoes takeAddress.
func releaseAddress(ctx context.Context, s *Session, f model.FloatingIP) error {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return err
	}
	if f.Description == madeByLink {
		return ips.DeleteFloatingIP(ctx, f.ID)
	}
	_, err = ips.PointFloatingIP(ctx, f.ID, "")
	return err
}

// floatingCreate points an address at the first port of the machine that has none
// yet and can be reached from the pool. Errors: NotFound (the machine), Conflict
// (no such port).
func floatingCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	var ports []model.Port
	var ips []model.FloatingIP
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { ports, err = machinePorts(gctx, s, d.SourceID); return })
	g.Go(func() (err error) { ips, err = readFloatingIPs(gctx, s); return })
	if err := g.Wait(); err != nil {
		return Entity{}, err
	}
	if len(ports) == 0 { // is there such a machine?
		if _, err := s.Cloud.Machine(ctx, d.SourceID); err != nil {
			return Entity{}, err
		}
	}
	free := slices.DeleteFunc(slices.Clone(ports), func(p model.Port) bool {
		return slices.ContainsFunc(ips, func(f model.FloatingIP) bool { return f.PortID == p.ID })
	})
	var f model.FloatingIP
	err := onFirst(free, d.SourceID, func(p model.Port) (err error) { f, err = takeAddress(ctx, s, d, p.ID); return })
	if err != nil {
		return Entity{}, err
	}
	f.MachineID = d.SourceID
	return floatingEntity(f), nil
}

// reachable are the ports that floating IPs can point at: those with an IPv4
// address.
func reachable(ports []model.Port) []model.Port {
	return slices.DeleteFunc(slices.Clone(ports), func(p model.Port) bool {
		return !slices.ContainsFunc(p.FixedIPs, func(ip model.FixedIP) bool { return strings.Contains(ip.Address, ".") })
	})
}
