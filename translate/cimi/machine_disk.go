package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// Disk is local storage of a machine (DSP0263 5.14.1.1.1). In the XML of version
// 1 a disk has none of the common attributes.
type Disk struct {
	Common          `xml1:"-" class:"name=fixed description=fixed properties=fixed"`
	Capacity        int64  `cimi:"capacity,fixed"` // kB
	InitialLocation string `cimi:"initialLocation,fixed,optional"`
}

var machineDisks = &resource{
	path:     "machines/disks",
	item:     reflect.TypeFor[Disk](),
	offered:  offers(model.ComputeService),
	list:     lister(listDisks),
	get:      getter(getDisk),
	children: childLister(disksOfMachines),
}

// disks follow from the flavor that the machine was made with. A root disk of
// the image's size has no known capacity.
func (s *Session) disks(m *model.Machine) []Disk {
	f := m.Flavor
	var disks []Disk
	add := func(key string, bytes int64) {
		disks = append(disks, Disk{
			Common:   Common{ID: s.id("machines/disks", m.ID, key), Name: key, Created: m.Created},
			Capacity: bytes / bytesPerKilo,
		})
	}
	if m.ImageID != "" {
		add("root", int64(f.DiskGiB)*bytesPerGibi)
	}
	if f.EphemeralGiB > 0 {
		add("ephemeral0", int64(f.EphemeralGiB)*bytesPerGibi)
	}
	if f.SwapMiB > 0 {
		add("swap", int64(f.SwapMiB)*bytesPerMebi)
	}
	return disks
}

func listDisks(ctx context.Context, s *Session, at Address) ([]Disk, error) {
	m, err := s.Cloud.Machine(ctx, at[0])
	if err != nil {
		return nil, err
	}
	return s.disks(&m), nil
}

func getDisk(ctx context.Context, s *Session, at Address) (*Disk, error) {
	disks, err := listDisks(ctx, s, at)
	return pick(disks, err, at.Key(), func(d Disk) string { return d.Name })
}

func disksOfMachines(_ context.Context, s *Session, machines []Machine) ([][]Disk, error) {
	lists := make([][]Disk, len(machines))
	for i := range machines {
		lists[i] = s.disks(&machines[i].of)
	}
	return lists, nil
}

// pick gives the item with a key from what a listing gave. Errors: the
// listing's, and NotFound.
func pick[T any](list []T, err error, key string, keyOf func(T) string) (*T, error) {
	if err != nil {
		return nil, err
	}
	for i := range list {
		if keyOf(list[i]) == key {
			return &list[i], nil
		}
	}
	return nil, model.Errorf(model.NotFound, "there is no %q here", clip(key))
}
