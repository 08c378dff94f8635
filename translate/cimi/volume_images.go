package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// VolumeVolumeImage is a volume's reference to one of its images, in version 1.
// The link is inherent: it is neither made nor deleted by itself.
type VolumeVolumeImage struct {
	Common      `class:"name=fixed description=fixed properties=fixed"`
	VolumeImage Ref `cimi:"volumeImage,fixed" of:"VolumeImage"`
}

var volumeVolumeImages = &resource{
	path:    "volumes/images",
	version: V1,
	item:    reflect.TypeFor[VolumeVolumeImage](),
	offered: offersSnapshots,
	list:    lister(imagesOfVolume((*Session).volumeVolumeImage)),
	get: getter(func(ctx context.Context, s *Session, at Address) (*VolumeVolumeImage, error) {
		list, err := imagesOfVolume((*Session).volumeVolumeImage)(ctx, s, at)
		id := s.id("volumes/images", at...)
		return pick(list, err, string(id), func(i VolumeVolumeImage) string { return string(i.ID) })
	}),
	children: childLister(imagesOfVolumes((*Session).volumeVolumeImage)),
}

// imagesOfOneVolume are the images themselves, in version 2: their ids are in
// volumeImages.
var imagesOfOneVolume = &resource{
	path:     "volumes/images",
	version:  V2,
	item:     reflect.TypeFor[VolumeImage](),
	offered:  offersSnapshots,
	list:     lister(imagesOfVolume((*Session).imageOf)),
	children: childLister(imagesOfVolumes((*Session).imageOf)),
}

func (s *Session) volumeVolumeImage(x model.Snapshot, _ model.Volume) VolumeVolumeImage {
	return VolumeVolumeImage{
		Common:      Common{ID: s.id("volumes/images", x.VolumeID, x.ID), Name: x.Name, Created: x.Created},
		VolumeImage: Ref{Key: x.ID},
	}
}

func (s *Session) imageOf(x model.Snapshot, v model.Volume) VolumeImage {
	return s.volumeImage(x, v.Bootable)
}

// imagesOfVolume lists the images of one volume.
func imagesOfVolume[T any](of func(*Session, model.Snapshot, model.Volume) T) func(context.Context, *Session, Address) ([]T, error) {
	return func(ctx context.Context, s *Session, at Address) ([]T, error) {
		part, err := snapshotsIn(s.Cloud)
		if err != nil {
			return nil, err
		}
		var v *Volume
		var all []model.Snapshot
		err = together(ctx, into(&all, part.Snapshots), into(&v, func(ctx context.Context) (*Volume, error) { return getVolume(ctx, s, at[:1]) }))
		if err != nil {
			return nil, err
		}
		return mapImages(s, []Volume{*v}, all, of)[0], nil
	}
}

// imagesOfVolumes gives the images of each volume, from one listing.
func imagesOfVolumes[T any](of func(*Session, model.Snapshot, model.Volume) T) func(context.Context, *Session, []Volume) ([][]T, error) {
	return func(ctx context.Context, s *Session, volumes []Volume) ([][]T, error) {
		part, err := snapshotsIn(s.Cloud)
		if err != nil {
			return nil, err
		}
		all, err := part.Snapshots(ctx)
		if err != nil {
			return nil, err
		}
		return mapImages(s, volumes, all, of), nil
	}
}

// mapImages gives to each volume what is made of its snapshots.
func mapImages[T any](s *Session, volumes []Volume, all []model.Snapshot, of func(*Session, model.Snapshot, model.Volume) T) [][]T {
	byVolume := map[string][]model.Snapshot{}
	for _, x := range all {
		byVolume[x.VolumeID] = append(byVolume[x.VolumeID], x)
	}
	lists := make([][]T, len(volumes))
	for i := range volumes {
		lists[i] = []T{}
		for _, x := range byVolume[volumes[i].of.ID] {
			lists[i] = append(lists[i], of(s, x, volumes[i].of))
		}
	}
	return lists
}
