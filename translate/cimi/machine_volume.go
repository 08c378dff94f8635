package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineVolume is a volume's place on a machine, in version 1.
type MachineVolume struct {
	Common          `class:"name=fixed description=fixed properties=fixed"`
	InitialLocation string `cimi:"initialLocation,fixed,optional"`
	Volume          Ref    `cimi:"volume,fixed,optional" of:"Volume"`
}

var machineVolumes = &resource{
	path:     "machines/volumes",
	version:  V1,
	item:     reflect.TypeFor[MachineVolume](),
	offered:  offers(model.ComputeService),
	list:     lister(mapAttachments((*Session).machineVolume)),
	get:      getter(pickAttachment((*Session).machineVolume)),
	children: childLister(attachmentsOfMachines((*Session).machineVolume)),
}

// LocatedVolume is a volume on a machine with its place there, in version 2
// (DSP0263 table 18). Its id is the volume's own where volumes are served.
type LocatedVolume struct {
	Common          `class:"name=fixed description=fixed properties=fixed"`
	InitialLocation string `cimi:"initialLocation,fixed,optional"`
}

var locatedVolumes = &resource{
	path:     "machines/volumes",
	version:  V2,
	item:     reflect.TypeFor[LocatedVolume](),
	typeName: "locatedVolume",
	offered:  offers(model.ComputeService),
	list:     lister(mapAttachments((*Session).locatedVolume)),
	get:      getter(pickAttachment((*Session).locatedVolume)),
	children: childLister(attachmentsOfMachines((*Session).locatedVolume)),
}

func (s *Session) machineVolume(a model.Attachment) MachineVolume {
	return MachineVolume{
		Common:          Common{ID: s.id("machines/volumes", a.MachineID, a.VolumeID)},
		InitialLocation: a.Device,
		Volume:          Ref{Key: a.VolumeID},
	}
}

func (s *Session) locatedVolume(a model.Attachment) LocatedVolume {
	id := URI(s.href("Volume", Ref{Key: a.VolumeID}))
	if id == "" {
		id = s.id("machines/volumes", a.MachineID, a.VolumeID)
	}
	return LocatedVolume{Common: Common{ID: id}, InitialLocation: a.Device}
}

// mapAttachments lists the volumes of one machine.
func mapAttachments[T any](of func(*Session, model.Attachment) T) func(context.Context, *Session, Address) ([]T, error) {
	return func(ctx context.Context, s *Session, at Address) ([]T, error) {
		list, err := s.Cloud.MachineAttachments(ctx, at[0])
		if err != nil {
			return nil, err
		}
		items := make([]T, len(list))
		for i, a := range list {
			items[i] = of(s, a)
		}
		return items, nil
	}
}

func pickAttachment[T any](of func(*Session, model.Attachment) T) func(context.Context, *Session, Address) (*T, error) {
	return func(ctx context.Context, s *Session, at Address) (*T, error) {
		list, err := s.Cloud.MachineAttachments(ctx, at[0])
		a, err := pick(list, err, at.Key(), func(a model.Attachment) string { return a.VolumeID })
		if err != nil {
			return nil, err
		}
		item := of(s, *a)
		return &item, nil
	}
}

// attachmentsOfMachines gives the volumes of one machine with their places, and
// those of several as the machines know them: without a call for each, and so
// without places.
func attachmentsOfMachines[T any](of func(*Session, model.Attachment) T) func(context.Context, *Session, []Machine) ([][]T, error) {
	return func(ctx context.Context, s *Session, machines []Machine) ([][]T, error) {
		if len(machines) == 1 {
			list, err := mapAttachments(of)(ctx, s, Address{machines[0].of.ID})
			return [][]T{list}, err
		}
		lists := make([][]T, len(machines))
		for i := range machines {
			m := &machines[i].of
			lists[i] = make([]T, len(m.VolumeIDs))
			for j, id := range m.VolumeIDs {
				lists[i][j] = of(s, model.Attachment{MachineID: m.ID, VolumeID: id})
			}
		}
		return lists, nil
	}
}
