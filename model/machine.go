package model

import (
	"context"
	"time"
)

// MachineState is what a machine is, or is becoming.
type MachineState string

const (
	MachineCreating      MachineState = "creating"
	MachineRunning       MachineState = "running"
	MachineStarting      MachineState = "starting" // from stopped or shelved
	MachineStopping      MachineState = "stopping"
	MachineStopped       MachineState = "stopped"
	MachineRestarting    MachineState = "restarting"
	MachinePausing       MachineState = "pausing"
	MachinePaused        MachineState = "paused" // memory kept in memory
	MachineSuspending    MachineState = "suspending"
	MachineSuspended     MachineState = "suspended" // memory kept on disk
	MachineResuming      MachineState = "resuming"  // from paused or suspended
	MachineShelving      MachineState = "shelving"
	MachineShelved       MachineState = "shelved"   // disk kept, memory lost
	MachineCapturing     MachineState = "capturing" // an image of it is being made
	MachineRebuilding    MachineState = "rebuilding"
	MachineReconfiguring MachineState = "reconfiguring" // migration, rescue: see Running and StateDetail
	MachineResizing      MachineState = "resizing"      // to another flavor, or back; see Running
	MachineResized       MachineState = "resized"       // waits for ConfirmResize; see Running
	MachineDeleting      MachineState = "deleting"
	MachineFailed        MachineState = "failed"  // see StateDetail
	MachineUnknown       MachineState = "unknown" // the cloud cannot say now
)

// MachineAction is something that can be done to a machine.
type MachineAction string

const (
	StartMachine    MachineAction = "start"    // stopped -> running
	StopMachine     MachineAction = "stop"     // running -> stopped, the guest is asked first
	RebootMachine   MachineAction = "reboot"   // running -> running, the guest is asked first
	ResetMachine    MachineAction = "reset"    // running, stopped, failed, ... -> running, the guest is not asked
	PauseMachine    MachineAction = "pause"    // running -> paused
	UnpauseMachine  MachineAction = "unpause"  // paused -> running
	SuspendMachine  MachineAction = "suspend"  // running -> suspended
	ResumeMachine   MachineAction = "resume"   // suspended -> running
	UnshelveMachine MachineAction = "unshelve" // shelved -> running
	SaveMachine     MachineAction = "save"     // an image is made; see Machines.SaveMachine
)

// machineActions is what may be done in each state. What is absent, nothing may
// be done to (but delete, which is always allowed unless locked).
var machineActions = map[MachineState][]MachineAction{
	MachineRunning:   {StopMachine, RebootMachine, ResetMachine, PauseMachine, SuspendMachine, SaveMachine},
	MachineStopped:   {StartMachine, ResetMachine, SaveMachine},
	MachinePaused:    {UnpauseMachine, ResetMachine, SaveMachine},
	MachineSuspended: {ResumeMachine, ResetMachine, SaveMachine},
	MachineShelved:   {UnshelveMachine},
	MachineFailed:    {StopMachine, ResetMachine},
}

// Machine is a virtual machine.
type Machine struct {
	ID          string
	Name        string
	Description string
	State       MachineState
	// StateDetail is for people: the fault of a failed machine, or what a
	// machine in transition is doing. Empty in a stable state.
	StateDetail string
	// Running tells whether the guest has power now, whatever State says.
	Running bool
	// Locked machines refuse actions, deletion and new metadata until they are
	// unlocked; they can be saved, and given another name.
	Locked  bool
	Created time.Time
	Updated time.Time

	// Flavor is a copy of the flavor as it was when the machine was made. Its ID
	// is empty if the flavor is gone or the cloud does not tell.
	Flavor Flavor
	// ImageID is empty for a machine that boots from a volume.
	ImageID  string
	KeyName  string
	Hostname string
	Zone     string // availability zone; empty while none is chosen
	Metadata map[string]string
	Tags     []string
	// VolumeIDs are the attached volumes, the boot volume included.
	VolumeIDs []string
	// SecurityGroups are names, as the cloud lists them.
	SecurityGroups []string
	// MACAddresses are those of the network interfaces in the order of the guest's
	// devices, as far as the cloud tells yet; it need not tell that of only one.
	MACAddresses []string
}

// Can tells whether the action may be done in the machine's present state. A
// locked machine can only be saved.
func (m Machine) Can(a MachineAction) bool {
	if m.Locked && a != SaveMachine { // an image changes nothing of the machine
		return false
	}
	for _, allowed := range machineActions[m.State] {
		if a == allowed {
			return true
		}
	}
	return false
}

// MachineRef is a machine in a cheap listing.
type MachineRef struct {
	ID   string
	Name string
}

// MachineCreate asks for a new machine. FlavorID is required, and either
// ImageID or a boot volume.
type MachineCreate struct {
	Name        string // required, at most 255 characters
	Description string
	Hostname    string // empty: the cloud derives it from Name
	FlavorID    string
	ImageID     string
	// KeyName is an existing key pair of the user.
	KeyName string
	// PublicKey is given to the machine as KeyName would be, without leaving a
	// key pair behind. At most one of the two.
	PublicKey string
	// Password is what the administrator of the guest shall have, if the guest
	// takes it from the cloud; empty: the cloud makes one up and nobody learns it.
	Password string
	// UserData is given to the guest as it is (at most 65535 bytes in Base64).
	UserData []byte
	Zone     string
	Metadata map[string]string
	Tags     []string
	// Networks are the machine's interfaces, in order. None: the tenant's only
	// network, or no network if the tenant has none; Conflict, naming them, if
	// there are several.
	Networks []MachineNetwork
	Volumes  []MachineVolume
	// SecurityGroups are ids or names; none: the cloud's default group.
	SecurityGroups []string
}

// MachineNetwork is an interface of a machine to be made.
type MachineNetwork struct {
	NetworkID string
	FixedIP   string // empty: the cloud chooses
	// PortID is an existing port to use; then the rest is empty.
	PortID string
}

// MachineVolume is a volume that a machine shall have: one that is there, or,
// for a machine to be made, a new one.
type MachineVolume struct {
	VolumeID string
	New      *NewVolume
	Device   string // a wish; empty: the cloud chooses
	Boot     bool   // boot from it; then ImageID is empty
}

// NewVolume is a volume that is made with a machine, and outlives it. The cloud
// names it.
type NewVolume struct {
	// SizeGiB is at least 1; with a snapshot, 0 is the snapshot's size.
	SizeGiB int
	Type    string // empty: the cloud's default
	// SnapshotID or ImageID is what it shall hold; at most one of them.
	SnapshotID string
	ImageID    string
}

// MachineUpdate changes a machine. Nil leaves a value as it is.
type MachineUpdate struct {
	Name        *string
	Description *string
	Hostname    *string
	// Metadata, if not nil, sets these keys; an empty value removes the key.
	// Keys that are not named stay.
	Metadata map[string]string
}

// Attachment is a volume on a machine.
type Attachment struct {
	MachineID string
	VolumeID  string
	Device    string // e.g. /dev/vdb; empty if the cloud does not tell
}

// Machines is how a Cloud offers machines. Those being deleted are MachineDeleting
// until they are gone: then they are in no listing, and NotFound everywhere. See
// [Cloud.WithoutDeleting].
//
// What gives whole machines may cost one more call than is said, at the same
// time as the others: for the flavors, unless they are remembered.
type Machines interface {
	// MachineRefs lists all machines, as cheaply as the cloud can. One call per
	// page of 1000.
	MachineRefs(ctx context.Context) ([]MachineRef, error)

	// Machines lists all machines with everything. One call per page of 1000.
	Machines(ctx context.Context) ([]Machine, error)

	// Machine gives one. One call. Errors: NotFound.
	Machine(ctx context.Context, id string) (Machine, error)

	// CreateMachine starts the making of a machine and gives it as it is then
	// (state creating). On an error nothing is left behind, unless the cloud did
	// not say what it did: then the message says that the machine may have been
	// made. So it may not be repeated. Errors: Invalid (also for an unknown
	// image, flavor, network, volume or key pair: the message names it), Quota,
	// Conflict.
	CreateMachine(ctx context.Context, r MachineCreate) (Machine, error)

	// UpdateMachine changes a machine and gives it as it is then. One call for
	// name, description and host name; metadata cost one to set all, one to
	// remove each, and one to read the machine. It may be repeated. Errors:
	// NotFound, Invalid, Conflict (new metadata of a locked machine), Unsupported
	// (host name).
	UpdateMachine(ctx context.Context, id string, u MachineUpdate) (Machine, error)

	// DeleteMachine starts the deletion: the machine is MachineDeleting, and then
	// gone, or MachineFailed. It may be repeated. One call. Errors: NotFound,
	// Conflict (locked).
	DeleteMachine(ctx context.Context, id string) error

	// ActOnMachine starts an action other than SaveMachine. One call; whether
	// the action fits is for the caller (Machine.Can) and the cloud to say.
	// Errors: NotFound, Conflict (wrong state, locked, another action under
	// way), Unsupported (the hypervisor cannot).
	ActOnMachine(ctx context.Context, id string, a MachineAction) error

	// SaveMachine starts the making of an image of the machine and gives the
	// image's id. One call. It may not be repeated: each makes another. Errors: NotFound, Conflict, Quota, Invalid.
	SaveMachine(ctx context.Context, id string, r MachineSave) (imageID string, err error)

	// MachineAttachments lists the volumes on one machine. One call. Errors:
	// NotFound.
	MachineAttachments(ctx context.Context, id string) ([]Attachment, error)

	// MachineAndAttachments is Machine and MachineAttachments at once. Two calls,
	// at the same time, or one if the devices of the volumes that the machine has
	// now are known from before. Errors: NotFound.
	MachineAndAttachments(ctx context.Context, id string) (Machine, []Attachment, error)

	// AttachVolume starts to put a volume on a machine. It waits some seconds for
	// either that is still being made. Errors: NotFound (the machine), Invalid (no such
	// volume), Conflict (the volume is in use, or is on the machine already; the
	// machine is locked or in a wrong state).
	AttachVolume(ctx context.Context, id string, v MachineVolume) (Attachment, error)

	// DetachVolume starts to take a volume off a machine. It waits some seconds for a
	// machine that is still being made, and for a volume that is still being put on
	// it. It may be repeated. Errors: NotFound (the machine, or the volume is not on it), Conflict.
	DetachVolume(ctx context.Context, id, volumeID string) error

	// AttachNetwork gives a machine one more interface, and gives its port.
	// Errors: NotFound (the machine), Invalid (no such network, or the address is
	// not on it), Conflict (the address is taken, wrong state, locked), Quota.
	AttachNetwork(ctx context.Context, id string, n MachineNetwork) (Port, error)

	// DetachPort starts to take an interface off a machine; the port goes with it
	// if it was made for the machine. It may be repeated. Errors: NotFound (the
	// machine, or the port is not on it), Conflict.
	DetachPort(ctx context.Context, id, portID string) error

	// ResizeMachine starts to give a machine another flavor. When the cloud is
	// done the machine is MachineResized, until ConfirmResize. Errors: NotFound,
	// Invalid (no such flavor, or the same), Conflict, Quota.
	ResizeMachine(ctx context.Context, id, flavorID string) error

	// ConfirmResize ends a resize for good. It may be repeated. Errors: NotFound,
	// Conflict (the machine is not MachineResized).
	ConfirmResize(ctx context.Context, id string) error

	// RebuildMachine starts to put another image on a machine, whose disk is lost.
	// It ends as it was, running or stopped; a failed one runs. Errors: NotFound, Invalid (no such image, or too large), Conflict,
	// Unsupported (it boots from a volume, and the cloud cannot).
	RebuildMachine(ctx context.Context, id, imageID string) error

	// TagMachine adds and removes tags, at most 60 characters without "/" and ",".
	// It may be repeated. Errors: NotFound, Invalid, Conflict (50 tags are there
	// already).
	TagMachine(ctx context.Context, id string, add, remove []string) error
}

// MachineSave asks for an image of a machine.
type MachineSave struct {
	Name string // required
	// Properties become properties of the image.
	Properties map[string]string
}
