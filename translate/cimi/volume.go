package cimi

import (
	"cmp"
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/occimi/occimi/model"
)

// Volume is a disk that outlives machines (DSP0263 5.15.1).
type Volume struct {
	Common
	State      string      `cimi:"state,ro"`
	Type       URI         `cimi:"type,fixed"`
	Capacity   int64       `cimi:"capacity"` // kB
	Bootable   bool        `cimi:"bootable,fixed"`
	Images     Collection  `cimi:"images,ro" of:"VolumeImage"`
	Operations []Operation `cimi:"operations" xml1:"operation"`

	of model.Volume
	// becomes is what an enlargement that has begun leads to.
	becomes map[string]int64
}

// awaited implements awaiting.
func (v *Volume) awaited() map[string]int64 { return v.becomes }

// isBusy implements busy.
func (v *Volume) isBusy() bool { return v.of.State == model.VolumeChanging }

var volumes = &resource{
	path:    "volumes",
	item:    reflect.TypeFor[Volume](),
	offered: offersVolumes,
	extras:  []string{"properties"},
	keeps:   keepsProperty,
	lingers: true,
	list:    lister(listVolumes),
	get:     getter(getVolume),
	create:  creator(createVolume),
	update:  updater(updateVolume),
	delete: func(ctx context.Context, s *Session, at Address) error {
		part, err := volumesOf(s.Cloud)
		if err != nil {
			return err
		}
		return part.DeleteVolume(ctx, at.Key())
	},
	outcome: volumeOutcome,
	actions: volumeActions,
	capabilities: []Capability{
		{Name: "SharedVolumeSupport", Value: false, Description: "A volume is on one machine at a time."},
		{Name: "VolumeConfigByValue", Value: true, Description: "Configurations may be given by value."},
		{Name: "VolumeImageByValue", Value: false, Description: "Images are given by reference."},
		{Name: "VolumeSnapshot", Value: true, Description: "Images can be made of volumes."},
		{Name: "VolumeTemplateByValue", Value: true, Description: "Templates may be given by value."},
		{Name: "VolumeAvailabilityLevel", Value: false, Description: "There are no availability levels."},
	},
}

// volumesOf gives a cloud's volumes. Errors: Unsupported if it has none.
func volumesOf(c model.Cloud) (model.Volumes, error) {
	return model.Part[model.Volumes](c, model.BlockStorageService)
}

func offersVolumes(c model.Cloud) bool { _, err := volumesOf(c); return err == nil }

// volumeStates gives the CIMI state of a volume (DSP0263 table 26); the rest is
// AVAILABLE.
var volumeStates = map[model.VolumeState]string{
	model.VolumeCreating:  "CREATING",
	model.VolumeCapturing: "CAPTURING",
	model.VolumeRestoring: "RESTORING",
	model.VolumeDeleting:  "DELETING",
	model.VolumeFailed:    "ERROR",
}

func volumeState(v *model.Volume) string {
	if state := volumeStates[v.State]; state != "" {
		return state
	}
	return "AVAILABLE"
}

func (s *Session) volume(v model.Volume) Volume {
	return Volume{
		Common: Common{
			ID:          s.id("volumes", v.ID),
			Name:        v.Name,
			Description: v.Description,
			Created:     v.Created,
			Properties:  propertiesOf(v.Metadata),
		},
		State:      volumeState(&v),
		Type:       URI(s.Version.typeURI(mappedType)),
		Capacity:   kilobytes(v.SizeGiB),
		Bootable:   v.Bootable,
		Operations: s.volumeOperations(&v),
		of:         v,
	}
}

// mappedType ends the type of volumes that guests see as block devices: all.
const mappedType = "mapped"

// kilobytes gives a size as it is shown.
func kilobytes(sizeGiB int) int64 { return int64(sizeGiB) * bytesPerGibi / bytesPerKilo }

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
	return s.oneVolume(part.Volume(ctx, at.Key()))
}

// oneVolume gives what a call gave.
func (s *Session) oneVolume(v model.Volume, err error) (*Volume, error) {
	if err != nil {
		return nil, err
	}
	volume := s.volume(v)
	return &volume, nil
}

// updateVolume changes the common attributes and enlarges the volume: that comes
// last, since it cannot be taken back. A volume is never without capacity, so a body
// without it leaves it as it is.
func updateVolume(ctx context.Context, s *Session, at Address, in *Volume, changed func(string) bool) (*Volume, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	now := sync.OnceValues(func() (model.Volume, error) { return part.Volume(ctx, at.Key()) })
	var u model.VolumeUpdate
	u.Name, u.Description, u.Metadata, err = in.changes(at, changed, func() (map[string]string, error) {
		v, err := now()
		return v.Metadata, err
	})
	if err != nil {
		return nil, err
	}
	var v model.Volume
	size := 0 // GiB, if it is another one
	if changed("capacity") && in.Capacity != 0 {
		if v, err = now(); err != nil {
			return nil, err
		}
		if size, err = enlarged(&v, in.Capacity); err != nil {
			return nil, err
		}
	}
	was, steps := v, []step(nil)
	if size == 0 || u.Name != nil || u.Description != nil || len(u.Metadata) > 0 {
		steps = append(steps, step{
			do: func(ctx context.Context) (err error) {
				v, err = part.UpdateVolume(ctx, at.Key(), u)
				return err
			},
			back: func(ctx context.Context) error {
				_, err := part.UpdateVolume(ctx, at.Key(), volumeRestoring(&was, u))
				return err
			},
		})
	}
	if size > 0 {
		steps = append(steps, step{do: func(ctx context.Context) error { return part.ExtendVolume(ctx, at.Key(), size) }})
	}
	if err := inOrder(ctx, steps); err != nil {
		return nil, err
	}
	if size > 0 {
		v.State = model.VolumeChanging // from the moment on in which the cloud took the request
	}
	volume := s.volume(v)
	if size > 0 {
		volume.becomes = map[string]int64{"capacity": kilobytes(size)}
	}
	return &volume, nil
}

// volumeRestoring is the update that takes another one back.
func volumeRestoring(v *model.Volume, u model.VolumeUpdate) model.VolumeUpdate {
	back := model.VolumeUpdate{Metadata: formerly(v.Metadata, u.Metadata)}
	if u.Name != nil {
		back.Name = &v.Name
	}
	if u.Description != nil {
		back.Description = &v.Description
	}
	return back
}

// enlarged gives how many GiB a volume must have to hold so many kilobytes; 0: it
// has as many.
func enlarged(v *model.Volume, capacity int64) (sizeGiB int, err error) {
	wanted, err := capacityGiB(capacity)
	switch {
	case err != nil:
		return 0, err
	case wanted < v.SizeGiB:
		return 0, model.Errorf(model.Invalid, "capacity: the volume has %d kilobytes, and cannot be made smaller", kilobytes(v.SizeGiB))
	case wanted == v.SizeGiB:
		return 0, nil
	}
	return wanted, nil
}

// volumeOutcome gives why a volume is in the state ERROR.
func volumeOutcome(ctx context.Context, s *Session, at Address, operation string, _ time.Time) (string, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return "", err
	}
	reason, err := part.VolumeReason(ctx, at.Key())
	return cmp.Or(reason, "OpenStack could not "+operation+" the volume"), err
}
