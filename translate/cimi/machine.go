package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// Machine is a virtual machine (DSP0263 5.14.1).
type Machine struct {
	Common
	State             string      `cimi:"state,ro"`
	CPU               int64       `cimi:"cpu"`
	Memory            int64       `cimi:"memory"` // KiB
	Disks             Collection  `cimi:"disks,ro" of:"Disk"`
	CPUArch           string      `cimi:"cpuArch,fixed,optional"`
	CPUSpeed          int64       `cimi:"cpuSpeed,fixed,optional"` // MHz
	Volumes           Collection  `cimi:"volumes,ro"`
	NetworkInterfaces Collection  `cimi:"networkInterfaces,ro" v:"1"`
	Interfaces        Collection  `cimi:"interfaces,ro" v:"2"`
	LatestSnapshot    Ref         `cimi:"latestSnapshot,ro,optional" of:"MachineImage"`
	Snapshots         Collection  `cimi:"snapshots,ro"`
	Operations        []Operation `cimi:"operations" xml1:"operation"`

	of model.Machine
	// becomes is what a resize that has begun leads to.
	becomes map[string]int64
}

var machines = &resource{
	path:    "machines",
	item:    reflect.TypeFor[Machine](),
	offered: offers(model.ComputeService),
	list:    lister(listMachines),
	get:     getter(getMachine),
	extras:  []string{"properties"},
	keeps:   keepsProperty,
	lingers: true,
	create:  creator(createMachine),
	update:  updater(updateMachine),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DeleteMachine(ctx, at.Key())
	},
	reason:  func(item any) string { return item.(*Machine).of.StateDetail },
	actions: machineActions(),
	outcome: machineOutcome,
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "STARTED", Description: "The state that a new machine is brought into."},
		{Name: "InitialStates", Value: "STARTED", Description: "The states that initialState may ask for."},
		{Name: "MachineConfigByValue", Value: true, Description: "A configuration may be given by value, if it is exactly that of one of the cloud's machineConfigs."},
		{Name: "MachineCredentialByValue", Value: true, Description: "A credential may be given by value: a public key."},
		{Name: "MachineImageByValue", Value: false, Description: "Images are given by reference."},
		{Name: "MachineVolumeTemplatesByValue", Value: true, Description: "Templates of volumes that are made with the machine may be given by value."},
		{Name: "MachineTemplateByValue", Value: true, Description: "Templates may be given by value."},
		{Name: "MachineStopForce", Value: false, Description: "A stop asks the guest first, and cuts its power if that fails; force is for restart only."},
		{Name: "MachineStopForceDefault", Value: false, Description: "The guest is asked first."},
		{Name: "RestoreFromImage", Value: true, Description: "Machines are restored from images of every type."},
		{Name: "UserData", Value: "metadata", Description: "User data reaches the guest through the metadata service."},
		{Name: "MachineAvailabilityLevel", Value: false, Description: "There are no availability levels."},
	},
}

// machineStates gives the CIMI state of a machine (DSP0263 table 16). Machines
// being reconfigured or resized have no CIMI state of their own: see machineState.
var machineStates = map[model.MachineState]string{
	model.MachineCreating:   "CREATING",
	model.MachineRunning:    "STARTED",
	model.MachineStarting:   "STARTING",
	model.MachineStopping:   "STOPPING",
	model.MachineStopped:    "STOPPED",
	model.MachineRestarting: "STARTING",
	model.MachinePausing:    "PAUSING",
	model.MachinePaused:     "PAUSED",
	model.MachineSuspending: "SUSPENDING",
	model.MachineSuspended:  "SUSPENDED",
	model.MachineResuming:   "STARTING",
	model.MachineShelving:   "STOPPING",
	model.MachineShelved:    "STOPPED",
	model.MachineCapturing:  "CAPTURING",
	model.MachineRebuilding: "RESTORING",
	model.MachineDeleting:   "DELETING",
	model.MachineFailed:     "ERROR",
	model.MachineUnknown:    "ERROR",
}

func machineState(m *model.Machine) string {
	if state := machineStates[m.State]; state != "" {
		return state
	}
	// A resize stops the machine, and starts it again if it ran.
	resizing := m.State == model.MachineResizing
	switch {
	case m.Running && resizing:
		return "STARTING"
	case m.Running:
		return "STARTED"
	case resizing:
		return "STOPPING"
	}
	return "STOPPED"
}

// machine gives a machine. snapshots are those of each machine, if they are known.
func (s *Session) machine(m *model.Machine, snapshots map[string][]model.Image) Machine {
	return Machine{
		Common: Common{
			ID:          s.id("machines", m.ID),
			Name:        m.Name,
			Description: m.Description,
			Created:     m.Created,
			Properties:  propertiesOf(m.Metadata),
		},
		State:          machineState(m),
		CPU:            int64(m.Flavor.VCPUs),
		Memory:         int64(m.Flavor.MemoryMiB) * kibiPerMebi,
		CPUArch:        s.cpuArch(m.Flavor),
		LatestSnapshot: Ref{Key: latestSnapshot(m, snapshots[m.ID])},
		Operations:     s.machineOperations(m),
		of:             *m,
	}
}

func listMachines(ctx context.Context, s *Session, _ Address) ([]Machine, error) {
	var list []model.Machine
	var snapshots map[string][]model.Image
	err := together(ctx, into(&snapshots, s.snapshotsToShow), into(&list, func(ctx context.Context) ([]model.Machine, error) {
		list, err := s.Cloud.Machines(ctx)
		resize.SettleAll(ctx, s.Cloud, list)
		return list, err
	}))
	if err != nil {
		return nil, err
	}
	machines := make([]Machine, len(list))
	for i := range list {
		machines[i] = s.machine(&list[i], snapshots)
	}
	return machines, nil
}

func getMachine(ctx context.Context, s *Session, at Address) (*Machine, error) {
	m, snapshots, err := s.machineAndSnapshots(ctx, at.Key())
	return s.oneMachine(snapshots)(m, err)
}

// machineAndSnapshots reads one machine and, at the same time, the snapshots of
// each machine, if they are to be shown.
func (s *Session) machineAndSnapshots(ctx context.Context, id string) (m model.Machine, snapshots map[string][]model.Image, err error) {
	err = together(ctx, into(&snapshots, s.snapshotsToShow), into(&m, func(ctx context.Context) (model.Machine, error) {
		return s.readMachine(ctx, id)
	}))
	return m, snapshots, err
}

// readMachine reads one machine, and confirms its resize, if it waits for that.
func (s *Session) readMachine(ctx context.Context, id string) (model.Machine, error) {
	m, err := s.Cloud.Machine(ctx, id)
	if err == nil {
		resize.Settle(ctx, s.Cloud, &m)
	}
	return m, err
}

// oneMachine gives what a call gave.
func (s *Session) oneMachine(snapshots map[string][]model.Image) func(model.Machine, error) (*Machine, error) {
	return func(m model.Machine, err error) (*Machine, error) {
		if err != nil {
			return nil, err
		}
		machine := s.machine(&m, snapshots)
		return &machine, nil
	}
}
