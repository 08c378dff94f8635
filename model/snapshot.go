package model

import (
	"context"
	"time"
)

// SnapshotState is what a snapshot is, or is becoming.
type SnapshotState string

const (
	SnapshotCreating  SnapshotState = "creating"
	SnapshotAvailable SnapshotState = "available"
	SnapshotRestoring SnapshotState = "restoring" // its volume is being reverted to it
	SnapshotDeleting  SnapshotState = "deleting"
	SnapshotFailed    SnapshotState = "failed" // see StateDetail
)

// Snapshot is what was on a volume at one moment. It lies where the volume
// lies, and keeps the volume from being deleted.
type Snapshot struct {
	ID          string
	Name        string
	Description string
	State       SnapshotState
	// StateDetail is for people: what a snapshot in transition is doing, or what
	// failed. Empty in a stable state.
	StateDetail string
	Created     time.Time
	Updated     time.Time
	VolumeID    string
	SizeGiB     int // of the volume, as it was
	Metadata    map[string]string
}

// Snapshots is how a Cloud with a block storage service offers snapshots of
// volumes; see Part. Those being deleted are SnapshotDeleting until they are gone;
// see [Cloud.WithoutDeleting].
type Snapshots interface {
	// Snapshots lists all snapshots of all volumes. One call per page of 1000.
	Snapshots(ctx context.Context) ([]Snapshot, error)
	// Snapshot gives one. One call. Errors: NotFound.
	Snapshot(ctx context.Context, id string) (Snapshot, error)
	// CreateSnapshot starts a snapshot of a volume, in use or not, and gives it as
	// it is then (state creating). One call. Errors: NotFound (the volume),
	// Invalid, Conflict (the volume's state), Quota.
	CreateSnapshot(ctx context.Context, r SnapshotCreate) (Snapshot, error)
	// UpdateSnapshot changes a snapshot and gives it as it is then. It may be
	// repeated. Errors: NotFound, Invalid.
	UpdateSnapshot(ctx context.Context, id string, u SnapshotUpdate) (Snapshot, error)
	// DeleteSnapshot starts the deletion: the snapshot is SnapshotDeleting, and then
	// gone, or SnapshotFailed. It may be repeated. Errors: NotFound, Conflict (its
	// state).
	DeleteSnapshot(ctx context.Context, id string) error
	// RevertVolume starts to put onto a volume what the snapshot has: the volume
	// is VolumeRestoring, then VolumeAvailable, and keeps its id. Clouds can do so
	// only with the volume's newest snapshot. Two calls, one after the other.
	// Errors: NotFound (the volume), Invalid (no such snapshot of this volume, or
	// the volume has another size now), Conflict (a newer snapshot; the volume is
	// in use; the snapshot is not available), Unsupported.
	RevertVolume(ctx context.Context, volumeID, snapshotID string) error
}

// SnapshotCreate asks for a snapshot of a volume.
type SnapshotCreate struct {
	VolumeID    string
	Name        string
	Description string
	Metadata    map[string]string
}

// SnapshotUpdate changes a snapshot. Nil leaves a value as it is.
type SnapshotUpdate struct {
	Name        *string
	Description *string
	// Metadata, if not nil, sets these keys; an empty value removes the key.
	// Keys that are not named stay.
	Metadata map[string]string
}
