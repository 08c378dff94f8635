package model

import (
	"context"
	"time"
)

// MachineEvent is an entry of a machine's log: something that was done to it,
// by whomever and by whatever way.
type MachineEvent struct {
	// RequestID is the id that the cloud gave to the request that asked for it.
	RequestID string
	// Action is the cloud's own word: create, start, stop, reboot, rebuild,
	// resize, delete, createImage, attach_volume, ...
	Action string
	UserID string
	Begun  time.Time
	// Changed is when something was last noted of it: its end, once it is over.
	Changed time.Time
	// Failed tells that it did not succeed.
	Failed bool
	// Reason is why it failed, for people; empty in listings, and where the cloud
	// does not tell the tenant.
	Reason string
}

// MachineEvents is how a Cloud tells what was done to machines; see Part.
type MachineEvents interface {
	// MachineEvents lists what was done to a machine, oldest first. One call per
	// page of 1000. Errors: NotFound (also of a machine that is being deleted).
	MachineEvents(ctx context.Context, machineID string) ([]MachineEvent, error)
	// MachineEvent gives one, with its Reason. One call. Errors: NotFound (also if
	// the machine has no such event).
	MachineEvent(ctx context.Context, machineID, requestID string) (MachineEvent, error)
}
