package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// VolumeImage is what was on a volume at one moment (DSP0263 5.15.7).
type VolumeImage struct {
	Common
	State         string      `cimi:"state,ro"`
	ImageLocation URI         `cimi:"imageLocation,create,optional"`
	Bootable      bool        `cimi:"bootable,fixed"`
	Operations    []Operation `cimi:"operations" xml1:"operation"`

	of model.Snapshot
}

var volumeImages = &resource{
	path:    "volumeImages",
	item:    reflect.TypeFor[VolumeImage](),
	offered: offersSnapshots,
	extras:  []string{"properties"},
	keeps:   keepsProperty,
	lingers: true,
	list:    lister(listVolumeImages),
	get:     getter(getVolumeImage),
	create:  creator(createVolumeImage),
	update:  updater(updateVolumeImage),
	delete: func(ctx context.Context, s *Session, at Address) error {
		part, err := snapshotsIn(s.Cloud)
		if err != nil {
			return err
		}
		return part.DeleteSnapshot(ctx, at.Key())
	},
	reason: func(item any) string { return item.(*VolumeImage).of.StateDetail },
}

// snapshotsIn gives a cloud's snapshots of volumes. Errors: Unsupported if it
// has none.
func snapshotsIn(c model.Cloud) (model.Snapshots, error) {
	return model.Part[model.Snapshots](c, model.BlockStorageService)
}

func offersSnapshots(c model.Cloud) bool { _, err := snapshotsIn(c); return err == nil }

// volumeImageStates gives the CIMI state of a snapshot (DSP0263 table 29).
var volumeImageStates = map[model.SnapshotState]string{
	model.SnapshotCreating:  "CREATING",
	model.SnapshotAvailable: "AVAILABLE",
	model.SnapshotRestoring: "AVAILABLE",
	model.SnapshotDeleting:  "DELETING",
	model.SnapshotFailed:    "ERROR",
}

func (s *Session) volumeImage(x model.Snapshot, bootable bool) VolumeImage {
	steady := x.State == model.SnapshotAvailable || x.State == model.SnapshotFailed
	return VolumeImage{
		Common: Common{
			ID:          s.id("volumeImages", x.ID),
			Name:        x.Name,
			Description: x.Description,
			Created:     x.Created,
			Properties:  propertiesOf(x.Metadata),
		},
		State:      volumeImageStates[x.State],
		Bootable:   bootable,
		Operations: []Operation{{Name: "edit", Unavailable: x.State == model.SnapshotDeleting}, {Name: "delete", Unavailable: !steady}},
		of:         x,
	}
}

// listVolumeImages lists snapshots, and the volumes that they are of: those tell
// what can be booted from.
func listVolumeImages(ctx context.Context, s *Session, _ Address) ([]VolumeImage, error) {
	snapshots, volumes, err := s.snapshotsAndVolumes(ctx)
	if err != nil {
		return nil, err
	}
	bootable := map[string]bool{}
	for i := range volumes {
		bootable[volumes[i].ID] = volumes[i].Bootable
	}
	images := make([]VolumeImage, len(snapshots))
	for i, x := range snapshots {
		images[i] = s.volumeImage(x, bootable[x.VolumeID])
	}
	return images, nil
}

// snapshotsAndVolumes gives all of both, in two calls at the same time.
func (s *Session) snapshotsAndVolumes(ctx context.Context) (snapshots []model.Snapshot, volumes []model.Volume, err error) {
	part, err := snapshotsIn(s.Cloud)
	if err != nil {
		return nil, nil, err
	}
	of, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, nil, err
	}
	err = together(ctx, into(&snapshots, part.Snapshots), into(&volumes, of.Volumes))
	return snapshots, volumes, err
}

func getVolumeImage(ctx context.Context, s *Session, at Address) (*VolumeImage, error) {
	part, err := snapshotsIn(s.Cloud)
	if err != nil {
		return nil, err
	}
	x, err := part.Snapshot(ctx, at.Key())
	return s.oneVolumeImage(ctx, x, err)
}

// oneVolumeImage gives what a call gave, after a look at the volume.
func (s *Session) oneVolumeImage(ctx context.Context, x model.Snapshot, err error) (*VolumeImage, error) {
	if err != nil {
		return nil, err
	}
	of, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	v, err := of.Volume(ctx, x.VolumeID)
	if err != nil && !model.IsCode(err, model.NotFound) {
		return nil, err
	}
	image := s.volumeImage(x, v.Bootable)
	return &image, nil
}

// createVolumeImage makes a snapshot of a volume: imageLocation is the volume's
// URI (DSP0263 5.15.7.1).
func createVolumeImage(ctx context.Context, s *Session, _ Address, in *VolumeImage) (*VolumeImage, error) {
	if in.ImageLocation == "" {
		return nil, model.Errorf(model.Invalid, "imageLocation is missing: images are made of volumes, so it is the URI of one")
	}
	volume, err := s.key("Volume", string(in.ImageLocation))
	if err != nil {
		return nil, model.Errorf(model.Invalid, "imageLocation: %s; images are made of volumes only", model.AsError(err).Message)
	}
	return snapshotVolume(ctx, s, volume, in)
}

func snapshotVolume(ctx context.Context, s *Session, volume string, in *VolumeImage) (*VolumeImage, error) {
	part, err := snapshotsIn(s.Cloud)
	if err != nil {
		return nil, err
	}
	of, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	r := model.SnapshotCreate{VolumeID: volume, Name: in.Name, Description: in.Description}
	if r.Metadata, err = replaceProperties(nil, in.Properties); err != nil {
		return nil, err
	}
	v, err := of.Volume(ctx, volume) // before anything is made: what it tells is shown
	if err != nil {
		return nil, inBody("imageLocation", err)
	}
	x, err := part.CreateSnapshot(ctx, r)
	if err != nil {
		return nil, err
	}
	image := s.volumeImage(x, v.Bootable)
	return &image, nil
}

// updateVolumeImage changes the common attributes; the rest cannot be changed.
func updateVolumeImage(ctx context.Context, s *Session, at Address, in *VolumeImage, changed func(string) bool) (*VolumeImage, error) {
	part, err := snapshotsIn(s.Cloud)
	if err != nil {
		return nil, err
	}
	var u model.SnapshotUpdate
	u.Name, u.Description, u.Metadata, err = in.changes(at, changed, func() (map[string]string, error) {
		now, err := part.Snapshot(ctx, at.Key())
		return now.Metadata, err
	})
	if err != nil {
		return nil, err
	}
	x, err := part.UpdateSnapshot(ctx, at.Key(), u)
	return s.oneVolumeImage(ctx, x, err)
}
