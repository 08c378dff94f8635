package cimi

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/resize"
)

// updateMachine changes the properties, then name and description, of which the
// cloud may refuse any, and by cpu and memory the size of the machine: that comes
// last, since it cannot be taken back. A machine is never without cpu and memory, so
// a body without them leaves them as they are.
func updateMachine(ctx context.Context, s *Session, at Address, in *Machine, changed func(string) bool) (*Machine, error) {
	var now model.Machine // read if anything depends on it, with the snapshots
	var snapshots map[string][]model.Image
	read := func() (err error) {
		if now.ID == "" {
			now, snapshots, err = s.machineAndSnapshots(ctx, at.Key())
		}
		return err
	}
	var u model.MachineUpdate
	var err error
	u.Name, u.Description, u.Metadata, err = in.changes(at, changed, func() (map[string]string, error) {
		err := read()
		return now.Metadata, err
	})
	if err != nil {
		return nil, err
	}
	var size machineSize
	if changed("cpu") {
		size.cpu = in.CPU
	}
	if changed("memory") {
		size.memory = in.Memory
	}
	var flavor *model.Flavor
	if size != (machineSize{}) {
		if err := read(); err != nil {
			return nil, err
		}
		if flavor, err = s.resized(ctx, &now, size); err != nil {
			return nil, err
		}
	}
	m, steps := now, []step(nil)
	change := func(u model.MachineUpdate) {
		steps = append(steps, step{
			do: func(ctx context.Context) (err error) {
				m, err = s.Cloud.UpdateMachine(ctx, at.Key(), u)
				return err
			},
			back: func(ctx context.Context) error { // what comes after it has had now read
				_, err := s.Cloud.UpdateMachine(ctx, at.Key(), restoring(&now, u))
				return err
			},
		})
	}
	if len(u.Metadata) > 0 {
		change(model.MachineUpdate{Metadata: u.Metadata})
	}
	if u.Name != nil || u.Description != nil || len(steps) == 0 && now.ID == "" {
		change(model.MachineUpdate{Name: u.Name, Description: u.Description})
	}
	if flavor != nil {
		steps = append(steps, step{do: func(ctx context.Context) error { return resize.Begin(ctx, s.Cloud, now.ID, flavor.ID) }})
	}
	if err := inOrder(ctx, steps); err != nil {
		return nil, err
	}
	if flavor != nil {
		m.State = model.MachineResizing // from the moment on in which the cloud took the request
	}
	machine := s.machine(&m, snapshots)
	if flavor != nil {
		machine.becomes = map[string]int64{"cpu": int64(flavor.VCPUs), "memory": int64(flavor.MemoryMiB) * kibiPerMebi}
	}
	return &machine, nil
}

// restoring is the update that takes another one back.
func restoring(m *model.Machine, u model.MachineUpdate) model.MachineUpdate {
	back := model.MachineUpdate{Metadata: formerly(m.Metadata, u.Metadata)}
	if u.Name != nil {
		back.Name = &m.Name
	}
	if u.Description != nil {
		back.Description = &m.Description
	}
	return back
}

// formerly gives the change of metadata that takes another one back.
func formerly(was, change map[string]string) map[string]string {
	var back map[string]string
	for key := range change {
		if back == nil {
			back = map[string]string{}
		}
		back[key] = was[key]
	}
	return back
}

// awaited implements awaiting.
func (m *Machine) awaited() map[string]int64 { return m.becomes }

// machineSize is what a machine shall have; 0 is what it has.
type machineSize struct {
	cpu    int64
	memory int64 // KiB
}

// resized finds the flavor of a machine with just such a size; nil: it has it
// already. What else its flavor gives it, it keeps: the architecture, and disks
// that are not smaller; of several flavors, the one counts that is most like the
// present. Errors: Invalid if there is none or if several are equally like it,
// Conflict if the machine cannot be resized now.
func (s *Session) resized(ctx context.Context, m *model.Machine, wanted machineSize) (*model.Flavor, error) {
	is := machineSize{int64(m.Flavor.VCPUs), int64(m.Flavor.MemoryMiB) * kibiPerMebi}
	wanted = machineSize{cmp.Or(wanted.cpu, is.cpu), cmp.Or(wanted.memory, is.memory)}
	if wanted == is {
		return nil, nil
	}
	flavors, err := s.Cloud.Flavors(ctx)
	if err != nil {
		return nil, err
	}
	sized := slices.DeleteFunc(slices.Clone(flavors), func(f model.Flavor) bool {
		return int64(f.VCPUs) != wanted.cpu || int64(f.MemoryMiB)*kibiPerMebi != wanted.memory || s.cpuArch(f) != s.cpuArch(m.Flavor)
	})
	if len(sized) == 0 {
		return nil, model.Errorf(model.Invalid, "none of the cloud's machineConfigs has cpu %d and memory %d", wanted.cpu, wanted.memory)
	}
	fitting := slices.DeleteFunc(slices.Clone(sized), func(f model.Flavor) bool { return slices.Min(growth(m, f)) < 0 })
	if len(fitting) == 0 {
		return nil, model.Errorf(model.Invalid, "the cloud's machineConfigs with cpu %d and memory %d have smaller disks than the machine: %s",
			wanted.cpu, wanted.memory, flavorNames(sized))
	}
	likest := slices.MinFunc(fitting, func(a, b model.Flavor) int { return compareLikeness(m, a, b) })
	equal := slices.DeleteFunc(fitting, func(f model.Flavor) bool { return compareLikeness(m, f, likest) != 0 })
	switch {
	case len(equal) > 1:
		return nil, model.Errorf(model.Invalid, "several of the cloud's machineConfigs have cpu %d and memory %d: %s",
			wanted.cpu, wanted.memory, flavorNames(equal))
	case m.Locked:
		return nil, model.Errorf(model.Conflict, "the machine is locked")
	case !atRest[m.State]:
		return nil, model.Errorf(model.Conflict, "the machine is %s, in which state cpu and memory cannot be changed", machineState(m))
	}
	return &likest, nil
}

// growth is by how much a flavor's disks are larger than a machine's. A machine
// that boots from a volume has no root disk.
func growth(m *model.Machine, f model.Flavor) []int {
	by := []int{f.DiskGiB - m.Flavor.DiskGiB, f.EphemeralGiB - m.Flavor.EphemeralGiB, f.SwapMiB - m.Flavor.SwapMiB}
	if m.ImageID == "" {
		by = by[1:]
	}
	return by
}

// compareLikeness orders flavors by how little they differ from a machine's, but
// in size: in what the operator says of it, then in the disks.
func compareLikeness(m *model.Machine, a, b model.Flavor) int {
	unlike := func(f model.Flavor) []int {
		special := 0
		if !maps.Equal(f.ExtraSpecs, m.Flavor.ExtraSpecs) {
			special = 1
		}
		return append([]int{special}, growth(m, f)...)
	}
	return slices.Compare(unlike(a), unlike(b))
}

func flavorNames(flavors []model.Flavor) string {
	names := make([]string, len(flavors))
	for i, f := range flavors {
		names[i] = f.Name
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
