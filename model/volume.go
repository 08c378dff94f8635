package model

import (
	"context"
	"time"
)

// VolumeState is what a volume is, or is becoming.
type VolumeState string

const (
	VolumeCreating    VolumeState = "creating"
	VolumeAvailable   VolumeState = "available"   // on no machine
	VolumeInUse       VolumeState = "in use"      // on a machine
	VolumeChanging    VolumeState = "changing"    // attaching, extending, ...: usable, see StateDetail
	VolumeCapturing   VolumeState = "capturing"   // a copy of it is being made
	VolumeRestoring   VolumeState = "restoring"   // its data are being replaced
	VolumeMaintenance VolumeState = "maintenance" // not usable for now
	VolumeDeleting    VolumeState = "deleting"
	VolumeFailed      VolumeState = "failed" // see StateDetail
)

// Volume is a disk that outlives machines.
type Volume struct {
	ID          string
	Name        string
	Description string
	State       VolumeState
	// StateDetail is for people: what a volume in transition is doing, or what
	// failed. Empty in a stable state.
	StateDetail string
	Created     time.Time
	Updated     time.Time
	SizeGiB     int
	Type        string // the cloud's name for a kind of storage
	Bootable    bool
	Zone        string
	Metadata    map[string]string
	Attachments []Attachment
}

// VolumeRef is a volume in a cheap listing.
type VolumeRef struct {
	ID   string
	Name string
}

// Volumes is how a Cloud with a block storage service offers volumes; see Part.
type Volumes interface {
	// VolumeRefs lists all volumes, as cheaply as the cloud can. One call per
	// page of 1000.
	VolumeRefs(ctx context.Context) ([]VolumeRef, error)
	// Volumes lists all volumes with everything. One call per page of 1000.
	Volumes(ctx context.Context) ([]Volume, error)
	// Volume gives one. One call. Errors: NotFound.
	Volume(ctx context.Context, id string) (Volume, error)
}
