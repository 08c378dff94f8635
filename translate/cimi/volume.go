package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// Volume is a disk that outlives machines (DSP0263 5.15.1).
type Volume struct {
	Common     `class:"name=fixed description=fixed properties=fixed"`
	State      string      `cimi:"state,ro"`
	Type       URI         `cimi:"type,fixed"`
	Capacity   int64       `cimi:"capacity,fixed"` // kB
	Bootable   bool        `cimi:"bootable,fixed"`
	Operations []Operation `cimi:"operations" xml1:"operation"`
}

var volumes = &resource{
	path:    "volumes",
	item:    reflect.TypeFor[Volume](),
	offered: func(c model.Cloud) bool { _, err := volumesOf(c); return err == nil },
	list:    lister(listVolumes),
	get:     getter(getVolume),
	capabilities: []Capability{
		{Name: "SharedVolumeSupport", Value: false, Description: "A volume is on one machine at a time."},
	},
}

// volumesOf gives a cloud's volumes. Errors: Unsupported if it has none.
func volumesOf(c model.Cloud) (model.Volumes, error) {
	return model.Part[model.Volumes](c, model.BlockStorageService)
}

// volumeStates gives the CIMI state of a volume (DSP0263 table 26); the rest is
// AVAILABLE.
var volumeStates = map[model.VolumeState]string{
	model.VolumeCreating:  "CREATING",
	model.VolumeCapturing: "CAPTURING",
	model.VolumeRestoring: "RESTORING",
	model.VolumeDeleting:  "DELETING",
	model.VolumeFailed:    "ERROR",
}

func (s *Session) volume(v model.Volume) Volume {
	state := volumeStates[v.State]
	if state == "" {
		state = "AVAILABLE"
	}
	return Volume{
		Common: Common{
			ID:          s.id("volumes", v.ID),
			Name:        v.Name,
			Description: v.Description,
			Created:     v.Created,
			Properties:  propertiesOf(v.Metadata),
		},
		State: state,
		// Guests see a block device.
		Type:     URI(s.Version.typeURI("mapped")),
		Capacity: int64(v.SizeGiB) * bytesPerGibi / bytesPerKilo,
		Bootable: v.Bootable,
	}
}

func listVolumes(ctx context.Context, s *Session, _ Address) ([]Volume, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	list, err := part.Volumes(ctx)
	items := make([]Volume, len(list))
	for i, v := range list {
		items[i] = s.volume(v)
	}
	return items, err
}

func getVolume(ctx context.Context, s *Session, at Address) (*Volume, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	v, err := part.Volume(ctx, at.Key())
	if err != nil {
		return nil, err
	}
	item := s.volume(v)
	return &item, nil
}
