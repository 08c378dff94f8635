package occi

import (
	"context"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

func computeRefs(ctx context.Context, s *Session) ([]string, error) {
	refs, err := s.Cloud.MachineRefs(ctx)
	return idsOf(refs, func(r model.MachineRef) string { return r.ID }), err
}

func computeList(ctx context.Context, s *Session) ([]Entity, error) {
	var around surroundings
	var machines []model.Machine
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { machines, err = readMachines(ctx, s); return })
	around.read(ctx, g, s, "")
	if err := g.Wait(); err != nil {
		return nil, err
	}
	entities := make([]Entity, len(machines))
	for i, m := range machines {
		entities[i] = around.entity(m)
	}
	return entities, nil
}

func computeGet(ctx context.Context, s *Session, id string) (Entity, error) {
	var around surroundings
	var whole machineWhole
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { whole, err = readWhole(ctx, s, id); return }) // as its links do
	around.read(ctx, g, s, id)
	if err := g.Wait(); err != nil {
		return Entity{}, err
	}
	return around.entity(whole.Machine), nil
}

// surroundings is what machines are rendered with. All but the links comes from
// lists that change slowly.
type surroundings struct {
	architectures map[string]string     // by image
	osTemplates   map[string]*Mixin     // by image
	sizes         map[string]*Mixin     // by flavor
	zones         map[string]*Mixin     // by name
	links         []map[string][]Entity // of each kind of link, by path of the machine
}

// read reads the surroundings of one machine, or of all with "", in parallel;
// they are there when the group is done.
func (a *surroundings) read(ctx context.Context, g *fanout.Group, s *Session, machineID string) {
	a.readTemplates(ctx, g, s)
	a.links = make([]map[string][]Entity, len(s.nouns))
	for i, n := range s.nouns {
		if n.Outgoing != nil {
			g.Go(func() (err error) { a.links[i], err = n.Outgoing(ctx, s, machineID); return })
		}
	}
}

func (a *surroundings) readTemplates(ctx context.Context, g *fanout.Group, s *Session) {
	g.Go(func() error {
		templates, err := s.templates(ctx, osTpl)
		if err != nil {
			return err
		}
		a.osTemplates = byKey(templates)
		images, err := s.images.read(ctx, s.Cloud.Images)
		a.architectures = make(map[string]string, len(images))
		for _, i := range images {
			a.architectures[i.ID] = architecture(i.Architecture)
		}
		return err
	})
	g.Go(func() error {
		templates, err := s.templates(ctx, resourceTpl)
		a.sizes = byKey(templates)
		return err
	})
	g.Go(func() error {
		templates, err := s.templates(ctx, availabilityZone)
		a.zones = byKey(templates)
		return err
	})
}

func (a *surroundings) entity(m model.Machine) Entity {
	e := Entity{Kind: computeKind, ID: m.ID}
	// An image or flavor that is gone is no template any more; the machine is
	// shown all the same.
	for _, mixin := range []*Mixin{a.osTemplates[m.ImageID], a.sizes[m.Flavor.ID], a.zones[m.Zone]} {
		if mixin != nil {
			e.Mixins = append(e.Mixins, mixin)
		}
	}
	describeMachine(&e, m, a.architectures[m.ImageID])
	path := e.Path()
	for _, links := range a.links {
		e.Links = append(e.Links, links[path]...)
	}
	return e
}

// describeMachine gives the entity what the machine itself says.
func describeMachine(e *Entity, m model.Machine, architecture string) {
	e.Locked, e.Marks = m.Locked, m.Tags
	e.Actions = make([]*Action, 0, len(machineActs))
	e.setText(coreTitle, m.Name)
	e.setText(coreSummary, m.Description)
	e.setText(computeArchitecture, architecture)
	if m.Flavor.VCPUs > 0 {
		e.set(computeCores, Int(m.Flavor.VCPUs))
		e.set(computeMemory, Float(gibibytes(m.Flavor.MemoryMiB)))
	}
	e.setText(computeHostname, m.Hostname)
	e.set(computeState, String(machineState(m)))
	e.setText(computeStateMessage, stateMessage(m))
	for i := range machineActs {
		if machineActs[i].listed(m) {
			e.Actions = append(e.Actions, machineActs[i].action)
		}
	}
}

// computeStates are the OCCI states of machines. A machine in transition is
// still where it comes from.
var computeStates = map[model.MachineState]string{
	model.MachineCreating:   stateInactive,
	model.MachineRunning:    stateActive,
	model.MachineStarting:   stateInactive,
	model.MachineStopping:   stateActive,
	model.MachineStopped:    stateInactive,
	model.MachineRestarting: stateActive,
	model.MachinePausing:    stateActive,
	model.MachinePaused:     stateSuspended,
	model.MachineSuspending: stateActive,
	model.MachineSuspended:  stateSuspended,
	model.MachineResuming:   stateSuspended,
	model.MachineShelving:   stateActive,
	model.MachineShelved:    stateSuspended,
	model.MachineRebuilding: stateInactive,
	model.MachineFailed:     stateError,
	model.MachineUnknown:    stateError,
}

func machineState(m model.Machine) string {
	if state, ok := computeStates[m.State]; ok {
		return state
	}
	if m.Running { // being captured, reconfigured, ...
		return stateActive
	}
	return stateInactive
}

// stateMessage explains every state that its name does not.
func stateMessage(m model.Machine) string {
	switch m.State {
	case model.MachineRunning, model.MachineStopped, model.MachineSuspended:
		return m.StateDetail
	}
	if m.StateDetail != "" {
		return m.StateDetail
	}
	return string(m.State)
}

// architecture is an image's architecture in OCCI's words; empty if it has none
// for it. An image that does not say is taken for the usual.
func architecture(image string) string {
	if image == "" {
		return "x64"
	}
	return architectures[strings.ToLower(image)]
}
