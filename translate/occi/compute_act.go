package occi

import (
	"cmp"
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// machineAct is how an action is done to a machine.
type machineAct struct {
	action *Action
	// does gives, by method, what the action may be for a machine; the first
	// that fits its state is done.
	does map[string][]model.MachineAction
	// rescue is what it is for a failed machine, for which it is not listed.
	rescue []model.MachineAction
	// to is the state in which nothing is left to do.
	to string
}

var machineActs = []machineAct{
	{
		action: startCompute, to: stateActive,
		does: map[string][]model.MachineAction{
			"": {model.StartMachine, model.ResumeMachine, model.UnpauseMachine, model.UnshelveMachine},
		},
	},
	{
		// OpenStack has one way to stop, which asks the guest first.
		action: stopCompute, to: stateInactive,
		does: map[string][]model.MachineAction{
			"graceful": {model.StopMachine}, "acpioff": {model.StopMachine}, "poweroff": {model.StopMachine},
		},
		rescue: []model.MachineAction{model.StopMachine},
	},
	{
		action: restartCompute,
		does: map[string][]model.MachineAction{
			"graceful": {model.RebootMachine}, "warm": {model.RebootMachine}, "cold": {model.ResetMachine},
		},
		rescue: []model.MachineAction{model.ResetMachine},
	},
	{
		action: suspendCompute, to: stateSuspended,
		does: map[string][]model.MachineAction{
			"suspend": {model.SuspendMachine}, "hibernate": {model.SuspendMachine},
		},
	},
	{
		action: saveCompute,
		does: map[string][]model.MachineAction{
			"hot": {model.SaveMachine}, "deferred": {model.SaveMachine},
		},
	},
}

// listed tells whether the action is shown for the machine in its present
// state (OCCI 1.1 HTTP 3.3.1: only actions that can be invoked now).
func (a *machineAct) listed(m model.Machine) bool {
	if m.State == model.MachineFailed {
		return false
	}
	usual := findAttribute(a.action.Attributes, methodParameter)
	if usual == nil {
		return slices.ContainsFunc(a.does[""], m.Can)
	}
	return slices.ContainsFunc(a.does[usual.Default.Text()], m.Can)
}

// choose gives what to do to the machine.
func (a *machineAct) choose(m model.Machine, method string) (model.MachineAction, bool) {
	candidates := a.does[method]
	switch {
	case m.State == model.MachineFailed:
		candidates = a.rescue
	case !a.listed(m):
		return "", false
	}
	i := slices.IndexFunc(candidates, m.Can)
	if i < 0 {
		return "", false
	}
	return candidates[i], true
}

func computeAct(ctx context.Context, s *Session, in Invocation) ([]*Mixin, error) {
	var machines []model.Machine
	var err error
	if in.ID == "" {
		machines, err = readMachines(ctx, s)
	} else {
		machines = make([]model.Machine, 1)
		machines[0], err = readMachine(ctx, s, in.ID)
	}
	if err != nil {
		return nil, err
	}
	act := &machineActs[slices.IndexFunc(machineActs, func(a machineAct) bool { return a.action == in.Action })]
	todo := make(map[string]model.MachineAction, len(machines))
	for _, m := range machines {
		do, ok := act.choose(m, in.Values[methodParameter].Text())
		switch {
		case ok:
			todo[m.ID] = do
		case in.ID == "" && act.to != "" && machineState(m) == act.to:
		default:
			return nil, model.Errorf(model.Conflict, "compute %s cannot %s now: it is %s", m.ID, in.Action.ID.Term(),
				cmp.Or(lockedNote(m), string(m.State)))
		}
	}
	machines = slices.DeleteFunc(slices.Clone(machines), func(m model.Machine) bool { return todo[m.ID] == "" })
	templates := make([]*Mixin, len(machines))
	err = forEach(ctx, idsOf(machines, func(m model.Machine) string { return m.ID }), func(ctx context.Context, i int) error {
		m := machines[i]
		if todo[m.ID] != model.SaveMachine {
			return s.Cloud.ActOnMachine(ctx, m.ID, todo[m.ID])
		}
		name := cmp.Or(in.Values[nameParameter].Text(), m.Name)
		image, err := s.Cloud.SaveMachine(ctx, m.ID, model.MachineSave{Name: name})
		templates[i] = imageTemplate(image, name)
		return err
	})
	return slices.DeleteFunc(templates, func(t *Mixin) bool { return t == nil }), err
}

func lockedNote(m model.Machine) string {
	if m.Locked {
		return "locked"
	}
	return ""
}
