package model

import (
	"context"
	"time"
)

// ImageState is what an image is, or is becoming.
type ImageState string

const (
	ImageCreating  ImageState = "creating"
	ImageAvailable ImageState = "available"
	ImageDeleting  ImageState = "deleting"
	ImageFailed    ImageState = "failed" // also: deactivated by the operator
)

// Image is what machines are made from.
type Image struct {
	ID           string
	Name         string
	Description  string
	State        ImageState
	Created      time.Time
	Updated      time.Time
	SizeBytes    int64 // 0 while unknown
	MinDiskGiB   int
	MinMemoryMiB int
	// Architecture as the image says: x86_64, i686, aarch64, ...; empty if it
	// does not.
	Architecture string
	// Public images are everybody's.
	Public bool
	// Owned tells whether the image belongs to the tenant, who may then change
	// and delete it (unless Protected).
	Owned     bool
	Protected bool
	// MachineID is the machine that the image was saved from, if it was.
	MachineID string
	// SourceURL is what the image was imported from, if it was.
	SourceURL string
	// Properties are the image's other properties.
	Properties map[string]string
}

// Images is how a Cloud offers images: the tenant's own, public ones, and those
// shared with the tenant and accepted.
type Images interface {
	// Images lists all images. It may be answered from a cache some seconds old,
	// but an image in transition is at most a second old, and what the same
	// tenant has just made or deleted through this proxy is seen at once. One
	// call per page.
	Images(ctx context.Context) ([]Image, error)
	// Image gives one, freshly read: its State is the present one. One call.
	// Errors: NotFound.
	Image(ctx context.Context, id string) (Image, error)
	// UpdateImage changes an image and gives it as it is then. It may be
	// repeated. Errors: NotFound, Forbidden (not the tenant's), Invalid.
	UpdateImage(ctx context.Context, id string, u ImageUpdate) (Image, error)
	// DeleteImage deletes an image. Repeated, it is NotFound. One call. Errors:
	// NotFound, Forbidden (not the tenant's, or protected), Conflict (in use).
	DeleteImage(ctx context.Context, id string) error
}

// ImageUpdate changes an image. Nil leaves a value as it is.
type ImageUpdate struct {
	Name        *string
	Description *string
	// Protected images cannot be deleted.
	Protected *bool
	// Properties, if not nil, sets these properties; an empty value removes
	// one. Those that are not named stay.
	Properties map[string]string
}

// ImageImports is how a Cloud makes images of what lies elsewhere; see Part.
type ImageImports interface {
	// ImportsImages tells whether ImportImage works. It may be answered from a
	// cache.
	ImportsImages(ctx context.Context) (bool, error)
	// ImportImage has the cloud fetch an image, by itself, and gives the image as
	// it is then (state creating); ImageFailed is the end if it cannot. On an error
	// nothing is left behind, unless the message says so. Errors: Invalid (also
	// for a URL that the cloud's operator does not allow), Quota, Unsupported.
	ImportImage(ctx context.Context, r ImageImport) (Image, error)
}

// ImageImport asks for an image.
type ImageImport struct {
	Name        string // required
	Description string
	// URL is where it lies: of http or https, without user and password.
	URL string
	// Format is the disk format, in the cloud's words: raw, qcow2, vmdk, ...
	Format     string
	Properties map[string]string
}
