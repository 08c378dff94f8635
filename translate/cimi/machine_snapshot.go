package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineSnapshot is a machine's reference to one of its snapshots, in version
// 1, whose schema misspells the element.
type MachineSnapshot struct {
	Common   `class:"name=fixed description=fixed properties=fixed"`
	Snapshot Ref `cimi:"snapshot,fixed" of:"MachineImage" xml1:"shapshot"`
}

var machineSnapshots = &resource{
	path:     "machines/snapshots",
	version:  V1,
	item:     reflect.TypeFor[MachineSnapshot](),
	offered:  offers(model.ImageService),
	list:     lister(snapshotsOf((*Session).machineSnapshot)),
	get:      getter(getSnapshot),
	children: childLister(snapshotsOfMachines((*Session).machineSnapshot)),
}

// snapshots are the images themselves, in version 2: their ids are in
// machineImages.
var snapshots = &resource{
	path:     "machines/snapshots",
	version:  V2,
	item:     reflect.TypeFor[MachineImage](),
	offered:  offers(model.ImageService),
	list:     lister(snapshotsOf((*Session).image)),
	children: childLister(snapshotsOfMachines((*Session).image)),
}

func (s *Session) machineSnapshot(i model.Image, _ string) MachineSnapshot {
	return MachineSnapshot{
		Common:   Common{ID: s.id("machines/snapshots", i.MachineID, i.ID), Name: i.Name, Created: i.Created},
		Snapshot: Ref{Key: i.ID},
	}
}

// snapshotsOf lists the snapshots of one machine. None may mean no machine,
// which takes another call to tell.
func snapshotsOf[T any](of func(*Session, model.Image, string) T) func(context.Context, *Session, Address) ([]T, error) {
	return func(ctx context.Context, s *Session, at Address) ([]T, error) {
		images, err := s.Cloud.Images(ctx)
		if err != nil {
			return nil, err
		}
		mine := machineSnapshotsIn(images)[at[0]]
		if len(mine) == 0 {
			if _, err := s.Cloud.Machine(ctx, at[0]); err != nil {
				return nil, err
			}
		}
		return mapSnapshots(s, mine, of), nil
	}
}

func getSnapshot(ctx context.Context, s *Session, at Address) (*MachineSnapshot, error) {
	i, err := s.Cloud.Image(ctx, at.Key())
	if err != nil {
		return nil, err
	}
	if i.MachineID != at[0] || i.Properties[typeProperty] != typeSnapshot {
		return nil, model.Errorf(model.NotFound, "the machine has no snapshot %q", clip(at.Key()))
	}
	snapshot := s.machineSnapshot(i, "")
	return &snapshot, nil
}

func snapshotsOfMachines[T any](of func(*Session, model.Image, string) T) func(context.Context, *Session, []Machine) ([][]T, error) {
	return func(ctx context.Context, s *Session, machines []Machine) ([][]T, error) {
		images, err := s.Cloud.Images(ctx)
		if err != nil {
			return nil, err
		}
		byMachine := machineSnapshotsIn(images)
		lists := make([][]T, len(machines))
		for i := range machines {
			lists[i] = mapSnapshots(s, byMachine[machines[i].of.ID], of)
		}
		return lists, nil
	}
}

// mapSnapshots gives the snapshots of one machine.
func mapSnapshots[T any](s *Session, images []model.Image, of func(*Session, model.Image, string) T) []T {
	items := make([]T, len(images))
	for i, image := range images {
		items[i] = of(s, image, relatedSnapshot(images, i))
	}
	return items
}
