package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// MachineVolume is a volume's place on a machine, in version 1. To make one is to
// connect the volume, to delete it is to disconnect the volume.
type MachineVolume struct {
	Common          `class:"name=fixed description=fixed properties=fixed"`
	InitialLocation string      `cimi:"initialLocation,create,optional"`
	Volume          Ref         `cimi:"volume,create,optional,required" of:"Volume"`
	Operations      []Operation `cimi:"operations" xml1:"operation"`
}

var machineVolumes = &resource{
	path:     "machines/volumes",
	version:  V1,
	item:     reflect.TypeFor[MachineVolume](),
	offered:  connectsVolumes,
	list:     lister(mapAttachments((*Session).machineVolume)),
	get:      getter(pickAttachment((*Session).machineVolume)),
	children: childLister(attachmentsOfMachines((*Session).machineVolume)),
	create: creator(func(ctx context.Context, s *Session, at Address, in *MachineVolume) (*MachineVolume, error) {
		a, err := connectVolume(ctx, s, at[0], in.Volume, in.InitialLocation)
		if err != nil {
			return nil, err
		}
		made := s.machineVolume(a)
		return &made, nil
	}),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DetachVolume(ctx, at[0], at.Key())
	},
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
	offered:  connectsVolumes,
	list:     lister(mapAttachments((*Session).locatedVolume)),
	get:      getter(pickAttachment((*Session).locatedVolume)),
	children: childLister(attachmentsOfMachines((*Session).locatedVolume)),
	ofCollection: []action{
		{
			name:        "insert",
			description: "Connects a volume to the machine.",
			in:          reflect.TypeFor[VolumeConnection](),
			do:          connect,
		},
		{
			name:        "remove",
			description: "Disconnects a volume from the machine.",
			in:          reflect.TypeFor[VolumeConnection](),
			do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
				volume := in.(*VolumeConnection).Volume
				if err := namesVolume(volume); err != nil {
					return nil, err
				}
				return nil, s.Cloud.DetachVolume(ctx, at[0], volume.Key)
			},
		},
	},
}

// connectsVolumes tells whether there are volumes that machines could have.
func connectsVolumes(c model.Cloud) bool {
	return c.Offers(model.ComputeService) && c.Offers(model.BlockStorageService)
}

// VolumeConnection are the members of the body of what connects and disconnects
// volumes (DSP0263 5.5.12.2, 5.14.1.2).
type VolumeConnection struct {
	Volume          Ref               `cimi:"volume" of:"Volume"`
	InitialLocation string            `cimi:"initialLocation"`
	Credentials     Refused           `cimi:"credentials" refuse:"volumes have no credentials"`
	Properties      map[string]string `cimi:"properties" item:"property" xml1:"property"`
}

// connect is the operation insert of a machine's volumes, and connectvolume of
// the machine itself.
func connect(ctx context.Context, s *Session, at Address, in any) (any, error) {
	c := in.(*VolumeConnection)
	_, err := connectVolume(ctx, s, at[0], c.Volume, c.InitialLocation)
	return nil, err
}

// connectVolume puts a volume on a machine. The location is a wish.
func connectVolume(ctx context.Context, s *Session, machine string, volume Ref, location string) (model.Attachment, error) {
	if err := namesVolume(volume); err != nil {
		return model.Attachment{}, err
	}
	return s.Cloud.AttachVolume(ctx, machine, model.MachineVolume{VolumeID: volume.Key, Device: location})
}

func namesVolume(volume Ref) error {
	if volume.Key == "" || volume.Value != nil {
		return model.Errorf(model.Invalid, "volume is missing: the href of a volume")
	}
	return nil
}

func (s *Session) machineVolume(a model.Attachment) MachineVolume {
	return MachineVolume{
		Common:          Common{ID: s.id("machines/volumes", a.MachineID, a.VolumeID)},
		InitialLocation: a.Device,
		Volume:          Ref{Key: a.VolumeID},
		Operations:      []Operation{{Name: "delete"}},
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
