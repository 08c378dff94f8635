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
// Those being deleted are VolumeDeleting until they are gone; see
// [Cloud.WithoutDeleting].
type Volumes interface {
	// VolumeRefs lists all volumes, as cheaply as the cloud can. One call per
	// page of 1000.
	VolumeRefs(ctx context.Context) ([]VolumeRef, error)
	// Volumes lists all volumes with everything. One call per page of 1000.
	Volumes(ctx context.Context) ([]Volume, error)
	// Volume gives one. One call. Errors: NotFound.
	Volume(ctx context.Context, id string) (Volume, error)
	// VolumeReason gives what the cloud says last of what went wrong with a volume,
	// for people; empty if it says nothing. Two calls at the same time. Errors:
	// NotFound.
	VolumeReason(ctx context.Context, id string) (string, error)
	// CreateVolume starts the making of a volume and gives it as it is then (state
	// creating). One call. Errors: Invalid (also for an unknown type, zone,
	// snapshot or image), Conflict (the snapshot is not available), Quota.
	CreateVolume(ctx context.Context, r VolumeCreate) (Volume, error)
	// UpdateVolume changes a volume and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid.
	UpdateVolume(ctx context.Context, id string, u VolumeUpdate) (Volume, error)
	// ExtendVolume starts to make a volume larger. Errors: NotFound, Invalid (not
	// larger), Conflict (state), Quota, Unsupported (in use, and the cloud cannot).
	ExtendVolume(ctx context.Context, id string, sizeGiB int) error
	// DeleteVolume starts the deletion: the volume is VolumeDeleting, and then gone,
	// or VolumeFailed. It may be repeated. Errors: NotFound, Conflict (in use, or it
	// has snapshots: the message says which).
	DeleteVolume(ctx context.Context, id string) error
	// SaveVolume starts the making of an image of a volume that is on no machine,
	// and gives the image's id. One call. It may not be repeated: each makes
	// another. Until the image is available, changes of it may be lost. Errors:
	// NotFound, Invalid, Conflict.
	SaveVolume(ctx context.Context, id, imageName string) (imageID string, err error)
	// BackUpVolume starts a backup of a volume, in use or not, and gives its id.
	// Errors: NotFound, Conflict, Quota, Unsupported (no backup service).
	BackUpVolume(ctx context.Context, id, name string) (backupID string, err error)
}

// VolumeCreate asks for a new volume.
type VolumeCreate struct {
	Name        string
	Description string
	// SizeGiB is at least 1 and what the source needs; with a snapshot, 0 is its
	// size.
	SizeGiB int
	Type    string
	Zone    string
	// SnapshotID or ImageID is what the volume shall hold; at most one of them.
	SnapshotID string
	ImageID    string
	Metadata   map[string]string
}

// VolumeUpdate changes a volume. Nil leaves a value as it is.
type VolumeUpdate struct {
	Name        *string
	Description *string
	// Metadata, if not nil, sets these keys; an empty value removes the key.
	// Keys that are not named stay.
	Metadata map[string]string
}
