package cimi

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
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
	{"restart", "Stops the machine and starts it again, or starts a stopped one; with force the guest is not asked.", []model.MachineAction{
		model.RebootMachine, model.StartMachine, model.UnshelveMachine}, "STARTED"},
	{"start", "Starts a stopped machine, and resumes a paused or suspended one.", []model.MachineAction{
		model.StartMachine, model.UnpauseMachine, model.ResumeMachine, model.UnshelveMachine}, "STARTED"},
	{"stop", "Stops the machine; the guest is asked first.", []model.MachineAction{model.StopMachine}, "STOPPED"},
	{"pause", "Pauses the machine; its memory stays in memory.", []model.MachineAction{model.PauseMachine}, "PAUSED"},
	{"suspend", "Suspends the machine; its memory goes to disk.", []model.MachineAction{model.SuspendMachine}, "SUSPENDED"},
}

// capture is listed after them; it is served by the image mapping.
var capture = machineOperation{"capture", "Makes an image of the machine.", []model.MachineAction{model.SaveMachine}, ""}

// atRest are the states of machines on which an image can be put, and which can
// be given another size.
var atRest = map[model.MachineState]bool{model.MachineRunning: true, model.MachineStopped: true}

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
	state   model.MachineState
	locked  bool
	connect bool // volumes, by the operation connectvolume
}

// operationLists are the operations in each condition, made once: machines share
// them.
var operationLists = func() map[condition][]Operation {
	lists := map[condition][]Operation{}
	for _, state := range append(slices.Collect(maps.Keys(machineStates)),
		model.MachineReconfiguring, model.MachineResizing, model.MachineResized) {
		for _, locked := range []bool{false, true} {
			for _, connect := range []bool{false, true} {
				c := condition{state, locked, connect}
				lists[c] = c.operations()
			}
		}
	}
	return lists
}()

// operations gives a machine's operations. A lock does not keep a machine from
// being edited: it may have another name.
func (c condition) operations() []Operation {
	m := &model.Machine{State: c.state, Locked: c.locked}
	deleting := c.state == model.MachineDeleting
	ops := []Operation{{"edit", deleting}, {"delete", c.locked || deleting}}
	for _, o := range append(startStop[:len(startStop):len(startStop)], capture) {
		_, can := o.possible(m)
		ops = append(ops, Operation{Name: o.name, Unavailable: !can})
	}
	ops = append(ops, Operation{"snapshot", c.state != model.MachineStopped}, Operation{"restore", c.locked || !atRest[c.state]})
	if c.connect {
		ops = append(ops, Operation{"connectvolume", c.locked || !attachable[c.state]})
	}
	return ops
}

func (s *Session) machineOperations(m *model.Machine) []Operation {
	connect := s.Version == V2 && s.Cloud.Offers(model.BlockStorageService)
	return operationLists[condition{m.State, m.Locked, connect}]
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
	return append(actions,
		imageAction(capture.name, capture.description, typeImage),
		imageAction("snapshot", "Makes an image of the stopped machine, which is then in its snapshots.", typeSnapshot),
		action{
			name:        "restore",
			description: "Puts an image on the machine, which then is as the image is: stopped, if that is a snapshot.",
			in:          reflect.TypeFor[MachineRestore](),
			goal:        []string{"STARTED", "STOPPED"},
			do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
				return nil, restoreMachine(ctx, s, at.Key(), in.(*MachineRestore).Image)
			},
		},
		action{
			name:        "connectvolume",
			version:     V2,
			needs:       model.BlockStorageService,
			description: "Connects a volume to the machine.",
			in:          reflect.TypeFor[VolumeConnection](),
			do:          connect,
		},
	)
}

// imageAction is an operation that makes an image of a machine (DSP0263
// 5.14.7.1). The body is an image: what it says of the type is as the operation
// does.
func imageAction(name, description, kind string) action {
	return action{
		name:        name,
		description: description,
		in:          reflect.TypeFor[MachineImage](),
		accepts:     []string{"MachineImageCreate", "MachineImage"},
		do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
			image := in.(*MachineImage)
			if image.ImageLocation != "" && string(image.ImageLocation) != string(s.id("machines", at.Key())) {
				if key, err := s.key("Machine", string(image.ImageLocation)); err != nil || key != at.Key() {
					return nil, model.Errorf(model.Invalid, "imageLocation is another resource than the machine that the image is made of")
				}
			}
			if asked := strings.TrimSpace(image.Type); kind == typeSnapshot && asked != "" && asked != kind {
				return nil, model.Errorf(model.Invalid, "type: %s makes images of the type %s, not %q", name, kind, clip(asked))
			}
			if kind == typeSnapshot {
				image.Type = kind
			}
			image.ImageLocation = s.id("machines", at.Key())
			return s.make(ctx, machineImages, nil, image)
		},
	}
}

// MachineRestore are the members of the body of a machine's restore.
type MachineRestore struct {
	Image      Ref               `cimi:"image" of:"MachineImage"`
	Properties map[string]string `cimi:"properties" item:"property" xml1:"property"`
}

// restoreMachine puts an image on a machine. The machine ends as it was, and
// must end as a snapshot was, which is stopped (DSP0263 5.14.1.2): so a snapshot
// is put on a stopped machine only.
func restoreMachine(ctx context.Context, s *Session, id string, image Ref) error {
	if image.Key == "" || image.Value != nil {
		return model.Errorf(model.Invalid, "image is missing: the href of a MachineImage")
	}
	var m model.Machine
	var i model.Image
	var noImage error
	err := together(ctx,
		into(&m, func(ctx context.Context) (model.Machine, error) { return s.Cloud.Machine(ctx, id) }),
		func(context.Context) error { // that the machine is not there matters more
			i, noImage = s.Cloud.Image(ctx, image.Key)
			return nil
		})
	if err != nil {
		return err
	}
	switch {
	case noImage != nil:
		return inBody("image", noImage)
	case m.Locked:
		return model.Errorf(model.Conflict, "the machine is locked")
	case !atRest[m.State]:
		return model.Errorf(model.Conflict, "the machine is %s, in which state restore is not possible", machineState(&m))
	case i.Properties[typeProperty] == typeSnapshot && m.State != model.MachineStopped:
		return model.Errorf(model.Conflict, "the machine is %s: it ends STOPPED, as the snapshot was made, so stop it first", machineState(&m))
	case i.State != model.ImageAvailable:
		return model.Errorf(model.Conflict, "the image is %s", imageStates[i.State])
	}
	var steps []step
	if i.MachineID == id && i.Properties[typeProperty] == typeSnapshot {
		mark := s.markRestore(i.ID)
		steps = append(steps, step{
			do: func(ctx context.Context) error { _, err := s.Cloud.UpdateMachine(ctx, id, mark); return err },
			back: func(ctx context.Context) error {
				_, err := s.Cloud.UpdateMachine(ctx, id, restoring(&m, mark))
				return err
			},
		})
	}
	steps = append(steps, step{do: func(ctx context.Context) error { return s.Cloud.RebuildMachine(ctx, id, image.Key) }})
	return inOrder(ctx, steps)
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
	if force && m.Can(model.ResetMachine) {
		do, can = model.ResetMachine, true
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
	"restart": {"reboot", "start", "unshelve"},
	"pause":   {"pause"},
	"suspend": {"suspend"},
	"restore": {"rebuild"},
	"edit":    {"resize"},
	"delete":  {"delete"},
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
