package cimi

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

// machineOperation is an operation of machines, and the actions that do it:
// the first that the machine's state allows.
type machineOperation struct {
	name        string
	description string
	actions     []model.MachineAction
	goal        string // the state that it brings the machine into
}

// startStop are the operations that change a machine's state (DSP0263
// 5.14.1.2), in the order in which they are listed: clients that look for
// "start" take the last operation that ends so, and must not find restart.
var startStop = []machineOperation{
	{"restart", "Stops the machine and starts it again; with force the guest is not asked.", []model.MachineAction{model.RebootMachine}, "STARTED"},
	{"start", "Starts a stopped machine, and resumes a paused or suspended one.", []model.MachineAction{
		model.StartMachine, model.UnpauseMachine, model.ResumeMachine, model.UnshelveMachine}, "STARTED"},
	{"stop", "Stops the machine; the guest is asked first.", []model.MachineAction{model.StopMachine}, "STOPPED"},
	{"pause", "Pauses the machine; its memory stays in memory.", []model.MachineAction{model.PauseMachine}, "PAUSED"},
	{"suspend", "Suspends the machine; its memory goes to disk.", []model.MachineAction{model.SuspendMachine}, "SUSPENDED"},
}

// capture is listed after them; it is served by the image mapping.
var capture = machineOperation{"capture", "Makes an image of the machine.", []model.MachineAction{model.SaveMachine}, ""}

// possible gives the action that does the operation now, if there is one.
func (o machineOperation) possible(m *model.Machine) (model.MachineAction, bool) {
	for _, a := range o.actions {
		if m.Can(a) {
			return a, true
		}
	}
	return "", false
}

// condition is what a machine's operations depend on.
type condition struct {
	state  model.MachineState
	locked bool
}

// operationLists are the operations in each condition, made once: machines share
// them.
var operationLists = func() map[condition][]Operation {
	lists := map[condition][]Operation{}
	for _, state := range append(slices.Collect(maps.Keys(machineStates)), model.MachineReconfiguring) {
		for _, locked := range []bool{false, true} {
			lists[condition{state, locked}] = listOperations(&model.Machine{State: state, Locked: locked})
		}
	}
	return lists
}()

// listOperations gives a machine's operations. A lock does not keep a machine
// from being edited: it may have another name.
func listOperations(m *model.Machine) []Operation {
	ops := []Operation{{Name: "edit"}, {"delete", m.Locked}}
	for _, o := range append(startStop[:len(startStop):len(startStop)], capture) {
		_, can := o.possible(m)
		ops = append(ops, Operation{Name: o.name, Unavailable: !can})
	}
	return ops
}

func machineOperations(m *model.Machine) []Operation {
	return operationLists[condition{m.State, m.Locked}]
}

// ActionInput are the members of an Action's body (DSP0263 5.8).
type ActionInput struct {
	Force      *bool             `cimi:"force"`
	Properties map[string]string `cimi:"properties" item:"property" xml1:"property"`
}

func machineActions() []action {
	var actions []action
	for _, o := range startStop {
		actions = append(actions, action{
			name:        o.name,
			description: o.description,
			in:          reflect.TypeFor[ActionInput](),
			goal:        []string{o.goal},
			do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
				return nil, actOnMachine(ctx, s, at.Key(), o, in.(*ActionInput))
			},
		})
	}
	return append(actions, action{
		name:        capture.name,
		description: capture.description,
		in:          reflect.TypeFor[MachineImage](),
		accepts:     []string{"MachineImageCreate", "MachineImage"},
		do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
			image := in.(*MachineImage)
			if image.ImageLocation != "" && string(image.ImageLocation) != string(s.id("machines", at.Key())) {
				if key, err := s.key("Machine", string(image.ImageLocation)); err != nil || key != at.Key() {
					return nil, model.Errorf(model.Invalid, "imageLocation is another resource than the machine that is captured")
				}
			}
			image.ImageLocation = s.id("machines", at.Key())
			return createImage(ctx, s, nil, image)
		},
	})
}

// actOnMachine does an operation if the machine's state allows it. A stop may be
// asked for again while the machine is stopping.
func actOnMachine(ctx context.Context, s *Session, id string, o machineOperation, in *ActionInput) error {
	force := in.Force != nil && *in.Force
	if force && o.name != "restart" {
		return model.Errorf(model.Invalid, "%s cannot be forced: force is for restart only", o.name)
	}
	m, err := s.Cloud.Machine(ctx, id)
	if err != nil {
		return err
	}
	if o.name == "stop" && m.State == model.MachineStopping && !m.Locked {
		return nil
	}
	do, can := o.possible(&m)
	if force {
		do, can = model.ResetMachine, m.Can(model.ResetMachine)
	}
	switch {
	case m.Locked:
		return model.Errorf(model.Conflict, "the machine is locked")
	case !can:
		return model.Errorf(model.Conflict, "the machine is %s, in which state %s is not possible", machineState(&m), o.name)
	}
	return s.Cloud.ActOnMachine(ctx, id, do)
}

// eventActions are OpenStack's words for what operations do.
var eventActions = map[string][]string{
	"start":   {"start", "unpause", "resume", "unshelve"},
	"stop":    {"stop"},
	"restart": {"reboot"},
	"pause":   {"pause"},
	"suspend": {"suspend"},
	"restore": {"rebuild"},
}

// clockSkew is how much later than OpenStack's the program's clock may be.
const clockSkew = time.Minute

// machineOutcome finds the operation in the machine's log.
func machineOutcome(ctx context.Context, s *Session, at Address, operation string, after time.Time) (string, error) {
	log, err := model.Part[model.MachineEvents](s.Cloud, model.ComputeService)
	if err != nil {
		return "", err
	}
	events, err := log.MachineEvents(ctx, at.Key())
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(events) {
		if e.Begun.Before(after.Add(-clockSkew)) || !slices.Contains(eventActions[operation], e.Action) {
			continue
		}
		if !e.Failed {
			return "", nil
		}
		whole, err := log.MachineEvent(ctx, at.Key(), e.RequestID)
		return cmp.Or(whole.Reason, "OpenStack could not "+operation+" the machine"), err
	}
	return "", nil
}
