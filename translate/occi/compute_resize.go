package occi

import (
	"context"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// resizing starts to give a machine another flavor. OCCI has no way to confirm a
// resize: who reads the machine when the cloud is done, confirms it.
func resizing(s *Session, machineID, flavorID string) step {
	return step{
		what: "a resize",
		do:   func(ctx context.Context) error { return resize.Begin(ctx, s.Cloud, machineID, flavorID) },
	}
}

// readMachine reads one machine, settled.
func readMachine(ctx context.Context, s *Session, id string) (model.Machine, error) {
	m, err := s.Cloud.Machine(ctx, id)
	if err == nil {
		resize.Settle(ctx, s.Cloud, &m)
	}
	return m, err
}

// machineWhole is a machine with its attachments, if these are offered as links.
type machineWhole struct {
	model.Machine
	attachments []model.Attachment
}

// readWhole reads one machine, settled, with its attachments, once in a session.
func readWhole(ctx context.Context, s *Session, id string) (machineWhole, error) {
	list, err := s.wholes.of(id).read(ctx, func(ctx context.Context) ([]machineWhole, error) {
		if !s.Offers(storageLinkKind) {
			m, err := readMachine(ctx, s, id)
			return []machineWhole{{Machine: m}}, err
		}
		m, attachments, err := s.Cloud.MachineAndAttachments(ctx, id)
		if err != nil {
			return nil, err
		}
		resize.Settle(ctx, s.Cloud, &m)
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
		resize.SettleAll(ctx, s.Cloud, machines)
		return machines, err
	})
}
