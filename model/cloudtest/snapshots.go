package cloudtest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// snapshotMethods are all that take a snapshot's id.
var snapshotMethods = []struct {
	name string
	call func(s *suite, x model.Snapshots, id string) error
}{
	{"Snapshot", func(s *suite, x model.Snapshots, id string) error { _, err := x.Snapshot(s.ctx, id); return err }},
	{"UpdateSnapshot", func(s *suite, x model.Snapshots, id string) error {
		name := s.prefix + "stolen"
		_, err := x.UpdateSnapshot(s.ctx, id, model.SnapshotUpdate{Name: &name})
		return err
	}},
	{"UpdateSnapshot metadata", func(s *suite, x model.Snapshots, id string) error {
		_, err := x.UpdateSnapshot(s.ctx, id, model.SnapshotUpdate{Metadata: map[string]string{"a": "b", "c": ""}})
		return err
	}},
	{"DeleteSnapshot", func(s *suite, x model.Snapshots, id string) error { return x.DeleteSnapshot(s.ctx, id) }},
}

// snapshots follows two snapshots of a volume from their making to their end,
// and the volumes that are made of them.
func (s *suite) snapshots(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	snapshots := must(model.Part[model.Snapshots](s.cloud, model.BlockStorageService))(t)
	others := must(model.Part[model.Snapshots](s.other, model.BlockStorageService))(t)
	volume := must(volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "source", SizeGiB: 1}))(t)
	t.Cleanup(func() { s.removeVolume(t, volumes, volume.ID) })
	s.untilVolume(t, volumes, volume.ID, model.VolumeAvailable)
	s.snapshotErrors(t, snapshots, volume.ID)

	r := model.SnapshotCreate{
		VolumeID: volume.ID, Name: s.prefix + `Ünï "cödé" <&>; 'q'`, Description: `a "description", für alle`,
		Metadata: map[string]string{"kept": "ä b", "changed": "old", "removed": "x"},
	}
	first := must(snapshots.CreateSnapshot(s.ctx, r))(t)
	t.Cleanup(func() { s.removeSnapshot(t, snapshots, first.ID) })
	if first.ID == "" || first.VolumeID != volume.ID || first.State != model.SnapshotCreating && first.State != model.SnapshotAvailable {
		t.Errorf("the new snapshot is told wrong: %+v", first)
	}
	first = s.untilSnapshot(t, snapshots, first.ID)
	want := model.Snapshot{ID: first.ID, Name: r.Name, Description: r.Description, State: model.SnapshotAvailable, VolumeID: volume.ID, SizeGiB: 1, Metadata: r.Metadata}
	if diff := gocmp.Diff(want, first, cmpopts.IgnoreFields(model.Snapshot{}, "Created", "Updated")); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	if first.Created.IsZero() {
		t.Error("the snapshot has no time of creation")
	}
	for _, test := range snapshotMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, others, first.ID), model.NotFound) })
	}
	if slices.ContainsFunc(must(others.Snapshots(s.ctx))(t), func(x model.Snapshot) bool { return x.ID == first.ID }) {
		t.Error("another tenant is shown the snapshot")
	}
	t.Run("update", func(t *testing.T) { s.updateSnapshot(t, snapshots, first.ID) })
	t.Run("volume of it", func(t *testing.T) { s.volumeOfSnapshot(t, volumes, first.ID) })
	err := volumes.DeleteVolume(s.ctx, volume.ID)
	fails(t, err, model.Conflict)
	names(t, err, "snapshot")

	t.Run("revert", func(t *testing.T) { s.revert(t, volumes, snapshots, volume.ID, first.ID) })

	ok(t, snapshots.DeleteSnapshot(s.ctx, first.ID))
	hiding := must(model.Part[model.Snapshots](s.cloud.WithoutDeleting(), model.BlockStorageService))(t)
	if slices.ContainsFunc(must(hiding.Snapshots(s.ctx))(t), func(x model.Snapshot) bool { return x.ID == first.ID }) {
		t.Error("a deleted snapshot is listed")
	}
	for _, test := range snapshotMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, hiding, first.ID), model.NotFound) })
	}
	listed := func() (model.SnapshotState, error) {
		for _, x := range must(snapshots.Snapshots(s.ctx))(t) {
			if x.ID == first.ID {
				return x.State, nil
			}
		}
		return "", model.Errorf(model.NotFound, "not listed")
	}
	one := func() (model.SnapshotState, error) {
		x, err := snapshots.Snapshot(s.ctx, first.ID)
		return x.State, err
	}
	leaves(s, t, "snapshot "+first.ID, model.SnapshotDeleting, listed, one, func() error { return snapshots.DeleteSnapshot(s.ctx, first.ID) })
}

// untilSnapshot waits for a snapshot to be available.
func (s *suite) untilSnapshot(t *testing.T, snapshots model.Snapshots, id string) (x model.Snapshot) {
	t.Helper()
	s.Wait(t, "snapshot "+id+" to be available", func() (bool, error) {
		var err error
		x, err = snapshots.Snapshot(s.ctx, id)
		return x.State == model.SnapshotAvailable, err
	})
	return x
}

// removeSnapshot deletes a snapshot that may be gone already.
func (s *suite) removeSnapshot(t *testing.T, snapshots model.Snapshots, id string) {
	s.Wait(t, "the end of snapshot "+id, func() (bool, error) {
		return ended(snapshots.DeleteSnapshot(s.ctx, id))
	})
}

func (s *suite) snapshotErrors(t *testing.T, snapshots model.Snapshots, volumeID string) {
	long := strings.Repeat("x", 256)
	for what, r := range map[string]model.SnapshotCreate{
		"long name":        {VolumeID: volumeID, Name: s.prefix + long},
		"long description": {VolumeID: volumeID, Description: long},
		"long metadata":    {VolumeID: volumeID, Metadata: map[string]string{"k": long}},
		"bad key":          {VolumeID: volumeID, Metadata: map[string]string{"ä": "x"}},
	} {
		t.Run(what, func(t *testing.T) {
			x, err := snapshots.CreateSnapshot(s.ctx, r)
			fails(t, err, model.Invalid)
			if err == nil {
				s.removeSnapshot(t, snapshots, x.ID)
			}
		})
	}
	for _, id := range append(hostileIDs, unknownID, "nope") {
		_, err := snapshots.CreateSnapshot(s.ctx, model.SnapshotCreate{VolumeID: id, Name: s.prefix + "none"})
		fails(t, err, model.NotFound)
		fails(t, snapshots.RevertVolume(s.ctx, id, unknownID), model.NotFound)
		fails(t, snapshots.RevertVolume(s.ctx, volumeID, id), model.Invalid)
		for _, test := range snapshotMethods {
			fails(t, test.call(s, snapshots, id), model.NotFound)
		}
	}
}

func (s *suite) updateSnapshot(t *testing.T, snapshots model.Snapshots, id string) {
	name, description := s.prefix+strings.Repeat("ö", 255-len(s.prefix)), `new "words"`
	x := must(snapshots.UpdateSnapshot(s.ctx, id, model.SnapshotUpdate{
		Name: &name, Description: &description,
		Metadata: map[string]string{"changed": "new", "removed": "", "never": "", "added": "1"},
	}))(t)
	if x.ID != id || x.Name != name || x.Description != description {
		t.Errorf("after the update: %q, %q", x.Name, x.Description)
	}
	if diff := gocmp.Diff(map[string]string{"kept": "ä b", "changed": "new", "added": "1"}, x.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if same := must(snapshots.UpdateSnapshot(s.ctx, id, model.SnapshotUpdate{}))(t); same.Name != name {
		t.Errorf("an update of nothing: %q", same.Name)
	}
	long, other := strings.Repeat("x", 256), "other"
	for what, u := range map[string]model.SnapshotUpdate{
		"long name":        {Name: &long},
		"long description": {Name: &other, Description: &long},
		"long metadata":    {Name: &other, Metadata: map[string]string{"k": long}},
		"bad key":          {Name: &other, Metadata: map[string]string{"a/b": "x"}},
		"bad key to go":    {Name: &other, Metadata: map[string]string{"../x": ""}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := snapshots.UpdateSnapshot(s.ctx, id, u)
			fails(t, err, model.Invalid)
		})
	}
	all := must(snapshots.Snapshots(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Snapshot) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("snapshots are not in order of creation and id")
	}
	i := slices.IndexFunc(all, func(x model.Snapshot) bool { return x.ID == id })
	if i < 0 {
		t.Fatal("the snapshot is not listed")
	}
	if diff := gocmp.Diff(x, all[i], cmpopts.IgnoreFields(model.Snapshot{}, "Updated")); diff != "" {
		t.Errorf("updated (-) and listed (+) snapshot differ:\n%s", diff)
	}
}

// volumeOfSnapshot makes volumes of a snapshot, as large as it and larger.
func (s *suite) volumeOfSnapshot(t *testing.T, volumes model.Volumes, id string) {
	for size, want := range map[int]int{0: 1, 2: 2} {
		v := must(volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "copy", SizeGiB: size, SnapshotID: id}))(t)
		if got := s.untilVolume(t, volumes, v.ID, model.VolumeAvailable); got.SizeGiB != want {
			t.Errorf("asked for %d GiB: the volume has %d, want %d", size, got.SizeGiB, want)
		}
		s.removeVolume(t, volumes, v.ID)
	}
	for _, bad := range append(hostileIDs[1:], unknownID, "nope") {
		_, err := volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "bad", SizeGiB: 1, SnapshotID: bad})
		fails(t, err, model.Invalid)
	}
	_, err := volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "bad", SizeGiB: 1, SnapshotID: id, ImageID: s.image.ID})
	fails(t, err, model.Invalid)
}

// revert: only the newest snapshot can be put back, and only onto a volume that
// is on no machine and as large as it was.
func (s *suite) revert(t *testing.T, volumes model.Volumes, snapshots model.Snapshots, volumeID, firstID string) {
	other := s.Volume(t)
	fails(t, snapshots.RevertVolume(s.ctx, other, firstID), model.Invalid)
	s.Wait(t, "another second than that of the first snapshot", func() (bool, error) {
		// by which Cinder tells which snapshot is the newest
		x, err := snapshots.CreateSnapshot(s.ctx, model.SnapshotCreate{VolumeID: volumeID, Name: s.prefix + "newer"})
		if err != nil {
			return false, err
		}
		t.Cleanup(func() { s.removeSnapshot(t, snapshots, x.ID) })
		if err := snapshots.RevertVolume(s.ctx, volumeID, x.ID); err != nil {
			fails(t, err, model.Conflict) // it is not there yet
		}
		s.untilVolume(t, volumes, volumeID, model.VolumeAvailable)
		x = s.untilSnapshot(t, snapshots, x.ID)
		first, err := snapshots.Snapshot(s.ctx, firstID)
		return x.Created.Truncate(1e9).After(first.Created), err
	})
	newest := newestOf(must(snapshots.Snapshots(s.ctx))(t), volumeID)
	fails(t, snapshots.RevertVolume(s.ctx, volumeID, firstID), model.Conflict)
	if v := must(volumes.Volume(s.ctx, volumeID))(t); v.State != model.VolumeAvailable {
		t.Errorf("after a refused revert the volume is %s", v.State)
	}
	ok(t, snapshots.RevertVolume(s.ctx, volumeID, newest))
	s.untilVolume(t, volumes, volumeID, model.VolumeAvailable)
	s.untilSnapshot(t, snapshots, newest)

	ok(t, volumes.ExtendVolume(s.ctx, volumeID, 2))
	s.untilVolume(t, volumes, volumeID, model.VolumeAvailable)
	fails(t, snapshots.RevertVolume(s.ctx, volumeID, newest), model.Invalid)
	if v := must(volumes.Volume(s.ctx, volumeID))(t); v.State != model.VolumeAvailable {
		t.Errorf("after a refused revert the volume is %s", v.State)
	}
}

// newestOf gives the id of the snapshot of a volume that was made last.
func newestOf(all []model.Snapshot, volumeID string) string {
	var newest model.Snapshot
	for _, x := range all {
		if x.VolumeID == volumeID && x.Created.After(newest.Created) {
			newest = x
		}
	}
	return newest.ID
}
