package occi

import (
	"context"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

// How often, and how long, a new machine is asked for its interfaces: Nova makes
// them some seconds after it has said yes.
const (
	interfacePeriod = 500 * time.Millisecond
	interfaceLimit  = 60 * time.Second
)

// createWithAddresses makes a machine and points floating IPs at it, all or
// nothing. The addresses come first: pools run out more often than hosts, and an
// address is given back without a trace.
func createWithAddresses(ctx context.Context, s *Session, r model.MachineCreate, floating []Draft) (model.Machine, error) {
	var m model.Machine
	addresses := make([]model.FloatingIP, len(floating))
	var steps []step
	for i := range floating {
		steps = append(steps, step{
			what: "the address taken from the pool",
			do: func(ctx context.Context) (err error) {
				addresses[i], err = takeAddress(ctx, s, &floating[i], "")
				return err
			},
			undo: func(ctx context.Context) error {
				if addresses[i].Description != madeByLink {
					return nil
				}
				return releaseAddress(ctx, s, addresses[i])
			},
		})
	}
	steps = append(steps, step{
		what: "the compute " + r.Name,
		do:   func(ctx context.Context) (err error) { m, err = s.Cloud.CreateMachine(ctx, r); return err },
		undo: func(ctx context.Context) error { return s.Cloud.DeleteMachine(ctx, m.ID) },
	})
	if len(floating) > 0 {
		steps = append(steps, step{do: func(ctx context.Context) error {
			return pointAll(ctx, s, m.ID, max(1, len(r.Networks)), addresses)
		}})
	}
	return m, inOrder(ctx, steps)
}

// pointAll points addresses at the interfaces of a new machine, each at the first
// that takes it; those that have one come last.
func pointAll(ctx context.Context, s *Session, machineID string, interfaces int, addresses []model.FloatingIP) error {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return err
	}
	ports, err := waitForInterfaces(ctx, s, machineID, interfaces)
	if err != nil {
		return err
	}
	for _, f := range addresses {
		err := onFirst(ports, machineID, func(p model.Port) error {
			_, err := ips.PointFloatingIP(ctx, f.ID, p.ID)
			if err == nil {
				ports = append(slices.DeleteFunc(slices.Clone(ports), func(o model.Port) bool { return o.ID == p.ID }), p)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// onFirst points an address at the first of a machine's ports that takes it:
// which of them can be reached from its pool, the cloud knows alone. Errors:
// those of point, Conflict if there is no port.
func onFirst(ports []model.Port, machineID string, point func(model.Port) error) error {
	var err error = model.Errorf(model.Conflict, "compute %s has no network interface with an IPv4 address that has no floating IP yet", machineID)
	for _, p := range reachable(ports) {
		if err = point(p); !model.IsCode(err, model.Invalid) { // another port would not do better
			break
		}
	}
	return err
}

// waitForInterfaces waits until a new machine has all its interfaces, and one that
// floating IPs can point at. Errors: Conflict if it fails, Timeout.
func waitForInterfaces(ctx context.Context, s *Session, machineID string, interfaces int) ([]model.Port, error) {
	ctx, cancel := context.WithTimeout(ctx, interfaceLimit)
	defer cancel()
	tick := time.NewTicker(interfacePeriod)
	defer tick.Stop()
	for {
		ports, err := s.Cloud.MachinePorts(ctx, machineID) // anew each time
		if err != nil {
			return nil, err
		}
		if len(ports) >= interfaces && len(reachable(ports)) > 0 {
			return ports, nil
		}
		m, err := s.Cloud.Machine(ctx, machineID)
		if err != nil {
			return nil, err
		}
		if m.State == model.MachineFailed {
			return nil, model.Errorf(model.Conflict, "the compute could not be made: %s", m.StateDetail)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, model.Errorf(model.Timeout, "the compute has no network interface yet that an address could be given to")
		}
	}
}

// releaseAll gives back those of the addresses that came with links, since what
// they pointed at is gone: "the compute". Errors: what could not be given back,
// by its address.
func releaseAll(ctx context.Context, s *Session, gone string, ips []model.FloatingIP) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
	defer cancel()
	for _, f := range ips {
		if f.Description != madeByLink {
			continue
		}
		if err := releaseAddress(ctx, s, f); err != nil && !model.IsCode(err, model.NotFound) {
			e := *model.AsError(err)
			e.Message = gone + " is deleted, but its address " + f.Address + " (" + ipReservationLocation + f.ID + ") could not be released: " + e.Message
			return &e
		}
	}
	return nil
}
