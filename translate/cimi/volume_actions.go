package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// VolumeRestore are the members of the body of a volume's restore.
type VolumeRestore struct {
	Image      Ref               `cimi:"image" of:"VolumeImage"`
	Properties map[string]string `cimi:"properties" item:"property" xml1:"property"`
}

// volumeActions are the operations on volumes (DSP0263 5.15.1.2), which version
// 1 does not have.
var volumeActions = []action{
	{
		name:        "snapshot",
		version:     V2,
		description: "Makes an image of the volume.",
		in:          reflect.TypeFor[VolumeImage](),
		accepts:     []string{"VolumeImageCreate", "VolumeImage"},
		do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
			image := in.(*VolumeImage)
			if image.ImageLocation != "" {
				if key, err := s.key("Volume", string(image.ImageLocation)); err != nil || key != at.Key() {
					return nil, model.Errorf(model.Invalid, "imageLocation is another resource than the volume that the image is made of")
				}
			}
			image.ImageLocation = s.id("volumes", at.Key())
			return s.make(ctx, volumeImages, nil, image)
		},
	},
	{
		name:        "restore",
		version:     V2,
		description: "Puts back what was on the volume when its newest image was made.",
		in:          reflect.TypeFor[VolumeRestore](),
		goal:        []string{"AVAILABLE"},
		do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
			image := in.(*VolumeRestore).Image
			if image.Key == "" {
				return nil, model.Errorf(model.Invalid, "image is missing: the href of one of the volume's images")
			}
			part, err := snapshotsIn(s.Cloud)
			if err != nil {
				return nil, err
			}
			return nil, part.RevertVolume(ctx, at.Key(), image.Key)
		},
	},
}

// volumeOperations are the operations of a volume in its present state. One that
// is being made can be deleted: the request waits until it is there.
func (s *Session) volumeOperations(v *model.Volume) []Operation {
	free := v.State == model.VolumeAvailable
	ops := []Operation{{Name: "edit", Unavailable: v.State == model.VolumeDeleting}, {Name: "delete", Unavailable: !free && v.State != model.VolumeFailed && v.State != model.VolumeCreating}}
	if s.Version == V2 && offersSnapshots(s.Cloud) {
		ops = append(ops, Operation{Name: "snapshot", Unavailable: !free && v.State != model.VolumeInUse}, Operation{Name: "restore", Unavailable: !free})
	}
	return ops
}
