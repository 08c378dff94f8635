package cimi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// templateBoot has a machine without image boot from the first of its volumes
// that can be booted from: of those that are there, else of the new ones. The
// standard has no other sign for it.
func templateBoot(ctx context.Context, s *Session, _ *MachineTemplate, r *model.MachineCreate) error {
	if r.ImageID != "" {
		return nil
	}
	if len(r.Volumes) == 0 {
		return model.Errorf(model.Invalid, "machineTemplate.machineImage is missing, or a volume to boot from")
	}
	bootable, err := s.bootable(ctx, r.Volumes)
	if err != nil {
		return inBody("machineTemplate", err)
	}
	first := slices.Index(bootable, true)
	if first < 0 {
		return model.Errorf(model.Invalid, "machineTemplate.machineImage is missing, and none of the machine's volumes is bootable")
	}
	r.Volumes[first].Boot = true
	return nil
}

// bootable tells of each of a new machine's volumes whether it can be booted
// from: a new one is as the volume is whose image it is made of. However many they
// are, it takes one listing, or two at the same time.
func (s *Session) bootable(ctx context.Context, wanted []model.MachineVolume) ([]bool, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	var volumes []model.Volume
	var snapshots []model.Snapshot
	if slices.ContainsFunc(wanted, func(v model.MachineVolume) bool { return v.New != nil && v.New.SnapshotID != "" }) {
		snapshots, volumes, err = s.snapshotsAndVolumes(ctx)
	} else {
		volumes, err = part.Volumes(ctx)
	}
	if err != nil {
		return nil, err
	}
	boots, of := map[string]bool{}, map[string]string{} // by volume, and the volume of each snapshot
	for i := range volumes {
		boots[volumes[i].ID] = volumes[i].Bootable
	}
	for _, x := range snapshots {
		of[x.ID] = x.VolumeID
	}
	return each(wanted, func(v *model.MachineVolume) bool {
		if v.New != nil {
			return boots[of[v.New.SnapshotID]]
		}
		return boots[v.VolumeID]
	}), nil
}
