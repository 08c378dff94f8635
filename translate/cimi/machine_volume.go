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
	list:     lister(listAttached(false, (*Session).machineVolume)),
	get:      getter(getAttached(false, (*Session).machineVolume)),
	children: childLister(attachedToMachines(false, (*Session).machineVolume)),
	create: creator(func(ctx context.Context, s *Session, at Address, in *MachineVolume) (*MachineVolume, error) {
		a, err := connectVolume(ctx, s, at[0], in.Volume, in.InitialLocation)
		if err != nil {
			return nil, err
		}
		made := s.machineVolume(attached{Attachment: a})
		return &made, nil
	}),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DetachVolume(ctx, at[0], at.Key())
	},
}

// LocatedVolume is a volume on a machine with its place there, in version 2
// (DSP0263 table 18). Its id is the volume's own where volumes are served.
type LocatedVolume struct {
	Volume
	InitialLocation string `cimi:"initialLocation,fixed,optional"`
}

var locatedVolumes = &resource{
	path:     "machines/volumes",
	version:  V2,
	item:     reflect.TypeFor[LocatedVolume](),
	typeName: "locatedVolume",
	offered:  connectsVolumes,
	enhances: "Volume",
	keeps:    keepsProperty,
	extras:   []string{"properties"},
	list:     lister(listAttached(true, (*Session).locatedVolume)),
	get:      getter(getAttached(true, (*Session).locatedVolume)),
	children: childLister(attachedToMachines(true, (*Session).locatedVolume)),
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

// attached is a volume on a machine.
type attached struct {
	model.Attachment
	volume *model.Volume // nil: it is not known
	closed bool          // it cannot be taken off now
}

func (s *Session) machineVolume(a attached) MachineVolume {
	return MachineVolume{
		Common:          Common{ID: s.id("machines/volumes", a.MachineID, a.VolumeID)},
		InitialLocation: a.Device,
		Volume:          Ref{Key: a.VolumeID},
		Operations:      []Operation{{"delete", a.closed}},
	}
}

func (s *Session) locatedVolume(a attached) LocatedVolume {
	item := LocatedVolume{InitialLocation: a.Device}
	if a.volume != nil {
		item.Volume = s.volume(*a.volume)
	} else if item.ID = URI(s.href("Volume", Ref{Key: a.VolumeID})); item.ID == "" {
		item.ID = s.id("machines/volumes", a.MachineID, a.VolumeID)
	}
	return item
}

// attachments lists what is on a machine, which read gives; whole ones with the
// volumes.
func (s *Session) attachments(ctx context.Context, whole bool, read func(context.Context) (model.Machine, []model.Attachment, error)) ([]attached, error) {
	var m model.Machine
	var list []model.Attachment
	var volumes []model.Volume
	calls := []func(context.Context) error{func(ctx context.Context) (err error) {
		m, list, err = read(ctx)
		return err
	}}
	if part, err := volumesOf(s.Cloud); whole && err == nil {
		calls = append(calls, into(&volumes, part.Volumes))
	}
	if err := together(ctx, calls...); err != nil {
		return nil, err
	}
	return s.join(&m, list, byID(volumes)), nil
}

func byID(volumes []model.Volume) map[string]*model.Volume {
	by := make(map[string]*model.Volume, len(volumes))
	for i := range volumes {
		by[volumes[i].ID] = &volumes[i]
	}
	return by
}

// join adds to the attachments of a machine the volumes.
func (s *Session) join(m *model.Machine, list []model.Attachment, volumes map[string]*model.Volume) []attached {
	closed := s.closes("machines/volumes", m, attachable)
	return each(list, func(a *model.Attachment) attached { return attached{*a, volumes[a.VolumeID], closed} })
}

// attachmentsAt lists what is on the machine at an address.
func (s *Session) attachmentsAt(ctx context.Context, at Address, whole bool) ([]attached, error) {
	return s.attachments(ctx, whole, func(ctx context.Context) (model.Machine, []model.Attachment, error) {
		return s.Cloud.MachineAndAttachments(ctx, at[0])
	})
}

// listAttached lists the volumes of one machine.
func listAttached[T any](whole bool, of func(*Session, attached) T) func(context.Context, *Session, Address) ([]T, error) {
	return func(ctx context.Context, s *Session, at Address) ([]T, error) {
		list, err := s.attachmentsAt(ctx, at, whole)
		return each(list, func(a *attached) T { return of(s, *a) }), err
	}
}

func getAttached[T any](whole bool, of func(*Session, attached) T) func(context.Context, *Session, Address) (*T, error) {
	return func(ctx context.Context, s *Session, at Address) (*T, error) {
		list, err := s.attachmentsAt(ctx, at, whole)
		a, err := pick(list, err, at.Key(), func(a attached) string { return a.VolumeID })
		if err != nil {
			return nil, err
		}
		item := of(s, *a)
		return &item, nil
	}
}

// attachedToMachines gives the volumes of each machine: those of one as its own
// list has them, and of several as the machines and the volumes tell, in one
// listing.
func attachedToMachines[T any](whole bool, of func(*Session, attached) T) func(context.Context, *Session, []Machine) ([][]T, error) {
	return func(ctx context.Context, s *Session, machines []Machine) ([][]T, error) {
		if len(machines) == 1 {
			m := machines[0].of
			list, err := s.attachments(ctx, whole, func(ctx context.Context) (model.Machine, []model.Attachment, error) {
				list, err := s.Cloud.MachineAttachments(ctx, m.ID)
				return m, list, err
			})
			return [][]T{each(list, func(a *attached) T { return of(s, *a) })}, err
		}
		var volumes map[string]*model.Volume
		if part, err := volumesOf(s.Cloud); err == nil {
			list, err := part.Volumes(ctx)
			if err != nil {
				return nil, err
			}
			volumes = byID(list)
		}
		return each(machines, func(m *Machine) []T {
			list := each(m.of.VolumeIDs, func(id *string) model.Attachment { return placeOf(volumes[*id], m.of.ID, *id) })
			joined := s.join(&m.of, list, volumes)
			return each(joined, func(a *attached) T { return of(s, *a) })
		}), nil
	}
}

// placeOf gives the place of a volume on a machine as the volume tells it, if it
// is known.
func placeOf(v *model.Volume, machineID, volumeID string) model.Attachment {
	if v != nil {
		for _, a := range v.Attachments {
			if a.MachineID == machineID {
				return a
			}
		}
	}
	return model.Attachment{MachineID: machineID, VolumeID: volumeID}
}
