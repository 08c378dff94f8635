package model

import "context"

// VolumeType is a kind of storage that volumes come in.
type VolumeType struct {
	ID          string
	Name        string // what VolumeCreate.Type and Volume.Type say
	Description string
}

// VolumeTypes is how a Cloud with a block storage service offers volume types:
// those that the tenant may use; see Part.
type VolumeTypes interface {
	// VolumeTypes lists all, by name. It may be answered from a cache some seconds
	// old. One call per page.
	VolumeTypes(ctx context.Context) ([]VolumeType, error)
}
