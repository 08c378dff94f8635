package cimi

import (
	"context"

	"github.com/occimi/occimi/model"
)

// attachable and pluggable are the states of machines that volumes, and
// interfaces, are put on and taken off. A machine that is being made is given
// volumes when it is there.
var (
	attachable = map[model.MachineState]bool{
		model.MachineCreating: true, model.MachineRunning: true, model.MachineStopped: true, model.MachinePaused: true, model.MachineShelved: true,
	}
	pluggable = map[model.MachineState]bool{model.MachineRunning: true, model.MachineStopped: true, model.MachinePaused: true}
)

// closes tells whether the machine, as it is now, keeps what is in the collection
// below it, and takes nothing else. The session remembers it for the operations
// of the collection.
func (s *Session) closes(path string, m *model.Machine, open map[model.MachineState]bool) bool {
	closed := m.Locked || !open[m.State]
	if closed && s.closed != nil {
		s.closed.Store(string(s.id(path, m.ID)), true)
	}
	return closed
}

// isClosed tells whether a collection was closed when it was listed.
func (s *Session) isClosed(collection string) bool {
	if s.closed == nil {
		return false
	}
	_, closed := s.closed.Load(collection)
	return closed
}

// interfacesOn gives the interfaces of one machine, and the machine.
func (s *Session) interfacesOn(ctx context.Context, id string) ([]NetworkInterface, *model.Machine, error) {
	var m model.Machine
	items, err := s.interfaces(ctx, func(ctx context.Context) ([]model.Port, error) {
		var ports []model.Port
		err := together(ctx,
			into(&m, func(ctx context.Context) (model.Machine, error) { return s.Cloud.Machine(ctx, id) }),
			into(&ports, func(ctx context.Context) ([]model.Port, error) { return s.Cloud.MachinePorts(ctx, id) }))
		return model.InPlace(ports, []model.Machine{m}), err
	})
	return items, &m, err
}
