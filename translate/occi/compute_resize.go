package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// resizeTag marks machines that are resized through OCCI, which has no way to
// confirm a resize: who sees that the cloud is done, confirms it.
const resizeTag = "occi-resize"

// resize starts to give a machine another flavor.
func resize(s *Session, machineID, flavorID string) step {
	return step{
		what: "a resize",
		do: func(ctx context.Context) error {
			return inOrder(ctx, []step{
				{
					what: "the tag " + resizeTag,
					do:   func(ctx context.Context) error { return s.Cloud.TagMachine(ctx, machineID, []string{resizeTag}, nil) },
					undo: func(ctx context.Context) error { return s.Cloud.TagMachine(ctx, machineID, nil, []string{resizeTag}) },
				},
				{do: func(ctx context.Context) error { return s.Cloud.ResizeMachine(ctx, machineID, flavorID) }},
			})
		},
	}
}

// settle confirms the resize of a machine if it waits for that. What fails is
// tried again by whoever sees the machine next.
func settle(ctx context.Context, s *Session, m *model.Machine) {
	if m.State != model.MachineResized || m.Locked || !slices.Contains(m.Tags, resizeTag) {
		return
	}
	if s.Cloud.ConfirmResize(ctx, m.ID) != nil {
		return
	}
	m.State, m.StateDetail = model.MachineStopped, ""
	if m.Running {
		m.State = model.MachineRunning
	}
	_ = s.Cloud.TagMachine(ctx, m.ID, nil, []string{resizeTag})
}

// readMachine reads one machine, settled.
func readMachine(ctx context.Context, s *Session, id string) (model.Machine, error) {
	m, err := s.Cloud.Machine(ctx, id)
	if err == nil {
		settle(ctx, s, &m)
	}
	return m, err
}

// machineWhole is a machine with its attachments.
type machineWhole struct {
	model.Machine
	attachments []model.Attachment
}

// readWhole reads one machine, settled, with its attachments, once in a session.
func readWhole(ctx context.Context, s *Session, id string) (machineWhole, error) {
	list, err := s.wholes.of(id).read(ctx, func(ctx context.Context) ([]machineWhole, error) {
		m, attachments, err := s.Cloud.MachineAndAttachments(ctx, id)
		if err != nil {
			return nil, err
		}
		settle(ctx, s, &m)
		return []machineWhole{{m, attachments}}, nil
	})
	if err != nil {
		return machineWhole{}, err
	}
	return list[0], nil
}

// readMachines reads all machines, settled.
func readMachines(ctx context.Context, s *Session) ([]model.Machine, error) {
	return s.machines.read(ctx, func(ctx context.Context) ([]model.Machine, error) {
		machines, err := s.Cloud.Machines(ctx)
		if !slices.ContainsFunc(machines, func(m model.Machine) bool { return m.State == model.MachineResized }) {
			return machines, err
		}
		machines = slices.Clone(machines)
		var g fanout.Group
		g.SetLimit(batchWorkers)
		for i := range machines {
			if machines[i].State == model.MachineResized {
				g.Go(func() error { settle(ctx, s, &machines[i]); return nil })
			}
		}
		_ = g.Wait() // what fails is tried again
		return machines, err
	})
}
