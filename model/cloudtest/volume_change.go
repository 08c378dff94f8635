package cloudtest

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/occimi/occimi/model"
)

// untilVolume waits for a volume's state, and gives the volume as it is then.
func (s *suite) untilVolume(t *testing.T, volumes model.Volumes, id string, state model.VolumeState) (v model.Volume) {
	t.Helper()
	s.Wait(t, "volume "+id+" to be "+string(state), func() (bool, error) {
		var err error
		v, err = volumes.Volume(s.ctx, id)
		if err == nil && v.State == model.VolumeFailed && state != model.VolumeFailed {
			return false, model.Errorf(model.Internal, "the volume has failed: %s", v.StateDetail)
		}
		return v.State == state, err
	})
	return v
}

// volumeMethods are all that take a volume's id.
var volumeMethods = []struct {
	name string
	call func(s *suite, v model.Volumes, id string) error
}{
	{"Volume", func(s *suite, v model.Volumes, id string) error { _, err := v.Volume(s.ctx, id); return err }},
	{"UpdateVolume", func(s *suite, v model.Volumes, id string) error {
		name := s.prefix + "stolen"
		_, err := v.UpdateVolume(s.ctx, id, model.VolumeUpdate{Name: &name})
		return err
	}},
	{"UpdateVolume metadata", func(s *suite, v model.Volumes, id string) error {
		_, err := v.UpdateVolume(s.ctx, id, model.VolumeUpdate{Metadata: map[string]string{"a": "b", "c": ""}})
		return err
	}},
	{"ExtendVolume", func(s *suite, v model.Volumes, id string) error { return v.ExtendVolume(s.ctx, id, 9) }},
	{"VolumeReason", func(s *suite, v model.Volumes, id string) error { _, err := v.VolumeReason(s.ctx, id); return err }},
	{"SaveVolume", func(s *suite, v model.Volumes, id string) error {
		_, err := v.SaveVolume(s.ctx, id, s.prefix+"stolen")
		return err
	}},
	{"BackUpVolume", func(s *suite, v model.Volumes, id string) error {
		_, err := v.BackUpVolume(s.ctx, id, s.prefix+"stolen")
		return err
	}},
	{"DeleteVolume", func(s *suite, v model.Volumes, id string) error { return v.DeleteVolume(s.ctx, id) }},
}

// volumeLife follows one volume from its making to its end.
func (s *suite) volumeLife(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	others := must(model.Part[model.Volumes](s.other, model.BlockStorageService))(t)
	s.volumeErrors(t, volumes)

	r := model.VolumeCreate{
		Name: s.prefix + `Ünï "cödé" <&>; 'q'`, Description: `a "description", für alle`, SizeGiB: 1,
		Metadata: map[string]string{"kept": "ä b", "changed": "old", "removed": "x"},
	}
	v := must(volumes.CreateVolume(s.ctx, r))(t)
	t.Cleanup(func() { s.removeVolume(t, volumes, v.ID) })
	if v.ID == "" || v.State != model.VolumeCreating && v.State != model.VolumeAvailable || v.Created.IsZero() {
		t.Errorf("the new volume is told wrong: %+v", v)
	}
	v = s.untilVolume(t, volumes, v.ID, model.VolumeAvailable)
	want := model.Volume{ID: v.ID, Name: r.Name, Description: r.Description, State: model.VolumeAvailable, SizeGiB: 1, Metadata: r.Metadata}
	if diff := gocmp.Diff(want, v, cmpopts.IgnoreFields(model.Volume{}, "Created", "Updated", "Type", "Zone")); diff != "" {
		t.Errorf("volume (-want +got):\n%s", diff)
	}
	if v.Type == "" || v.Zone == "" {
		t.Errorf("type %q in zone %q", v.Type, v.Zone)
	}
	typed := must(volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "typed", SizeGiB: 1, Type: v.Type, Zone: v.Zone}))(t)
	s.untilVolume(t, volumes, typed.ID, model.VolumeAvailable)
	s.removeVolume(t, volumes, typed.ID)

	for _, test := range volumeMethods {
		t.Run("isolated "+test.name, func(t *testing.T) { fails(t, test.call(s, others, v.ID), model.NotFound) })
	}
	t.Run("update", func(t *testing.T) { s.updateVolume(t, volumes, v.ID) })
	t.Run("extend", func(t *testing.T) {
		for _, size := range []int{-1, 0, 1} {
			fails(t, volumes.ExtendVolume(s.ctx, v.ID, size), model.Invalid)
		}
		ok(t, volumes.ExtendVolume(s.ctx, v.ID, 2))
		if got := s.untilVolume(t, volumes, v.ID, model.VolumeAvailable); got.SizeGiB != 2 {
			t.Errorf("the volume has %d GiB", got.SizeGiB)
		}
	})
	t.Run("backup", func(t *testing.T) { s.backup(t, volumes, v.ID) })
	ok(t, volumes.DeleteVolume(s.ctx, v.ID))
	hiding := must(model.Part[model.Volumes](s.cloud.WithoutDeleting(), model.BlockStorageService))(t)
	if slices.ContainsFunc(must(hiding.VolumeRefs(s.ctx))(t), func(r model.VolumeRef) bool { return r.ID == v.ID }) {
		t.Error("a deleted volume is in the cheap listing")
	}
	if slices.ContainsFunc(must(hiding.Volumes(s.ctx))(t), func(x model.Volume) bool { return x.ID == v.ID }) {
		t.Error("a deleted volume is listed")
	}
	for _, test := range volumeMethods {
		t.Run("deleted "+test.name, func(t *testing.T) { fails(t, test.call(s, hiding, v.ID), model.NotFound) })
	}
	listed := func() (model.VolumeState, error) {
		for _, x := range must(volumes.Volumes(s.ctx))(t) {
			if x.ID == v.ID {
				return x.State, nil
			}
		}
		return "", model.Errorf(model.NotFound, "not listed")
	}
	one := func() (model.VolumeState, error) { x, err := volumes.Volume(s.ctx, v.ID); return x.State, err }
	leaves(s, t, "volume "+v.ID, model.VolumeDeleting, listed, one, func() error { return volumes.DeleteVolume(s.ctx, v.ID) })
}

// removeVolume deletes a volume that may be gone already.
func (s *suite) removeVolume(t *testing.T, volumes model.Volumes, id string) {
	s.Wait(t, "the end of volume "+id, func() (bool, error) {
		return ended(volumes.DeleteVolume(s.ctx, id))
	})
}

func (s *suite) volumeErrors(t *testing.T, volumes model.Volumes) {
	long := strings.Repeat("x", 256)
	for what, r := range map[string]model.VolumeCreate{
		"no size":          {},
		"negative size":    {SizeGiB: -1},
		"long name":        {SizeGiB: 1, Name: s.prefix + long},
		"long description": {SizeGiB: 1, Description: long},
		"unknown type":     {SizeGiB: 1, Type: "no-such-type"},
		"unknown zone":     {SizeGiB: 1, Zone: "no-such-zone"},
		"long metadata":    {SizeGiB: 1, Metadata: map[string]string{"k": long}},
	} {
		t.Run(what, func(t *testing.T) {
			v, err := volumes.CreateVolume(s.ctx, r)
			fails(t, err, model.Invalid)
			if err == nil {
				s.removeVolume(t, volumes, v.ID)
			}
		})
	}
	for _, test := range volumeMethods {
		t.Run(test.name, func(t *testing.T) {
			for _, id := range append(hostileIDs, unknownID, "nope") {
				fails(t, test.call(s, volumes, id), model.NotFound)
			}
		})
	}
}

func (s *suite) updateVolume(t *testing.T, volumes model.Volumes, id string) {
	name, description := s.prefix+strings.Repeat("ö", 255-len(s.prefix)), `new "words"`
	v := must(volumes.UpdateVolume(s.ctx, id, model.VolumeUpdate{
		Name: &name, Description: &description,
		Metadata: map[string]string{"changed": "new", "removed": "", "never": "", "added": "1"},
	}))(t)
	if v.ID != id || v.Name != name || v.Description != description {
		t.Errorf("after the update: %q, %q", v.Name, v.Description)
	}
	if diff := gocmp.Diff(map[string]string{"kept": "ä b", "changed": "new", "added": "1"}, v.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if again := must(volumes.UpdateVolume(s.ctx, id, model.VolumeUpdate{Name: &name}))(t); again.Name != name || again.Description != description {
		t.Errorf("repeated: %q, %q", again.Name, again.Description)
	}
	if same := must(volumes.UpdateVolume(s.ctx, id, model.VolumeUpdate{}))(t); same.Name != name {
		t.Errorf("an update of nothing: %q", same.Name)
	}
	long, other := strings.Repeat("x", 256), "other"
	for what, u := range map[string]model.VolumeUpdate{
		"long name":           {Name: &long},
		"long description":    {Name: &other, Description: &long},
		"long metadata":       {Name: &other, Metadata: map[string]string{"k": long}},
		"bad key":             {Name: &other, Metadata: map[string]string{"ä": "x"}},
		"bad key to remove":   {Name: &other, Metadata: map[string]string{"../x": ""}},
		"empty key to remove": {Name: &other, Metadata: map[string]string{"": ""}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := volumes.UpdateVolume(s.ctx, id, u)
			fails(t, err, model.Invalid)
		})
	}
	if diff := gocmp.Diff(v, must(volumes.Volume(s.ctx, id))(t), cmpopts.IgnoreFields(model.Volume{}, "Updated")); diff != "" {
		t.Errorf("refused updates have changed the volume (-before +after):\n%s", diff)
	}
}

// backup: a cloud without a backup service says so. It may keep what it could
// not make, and count it: then the quota is used up some day.
func (s *suite) backup(t *testing.T, volumes model.Volumes, id string) {
	for range 2 {
		backup, err := volumes.BackUpVolume(s.ctx, id, s.prefix+"backup")
		if err == nil {
			if backup == "" {
				t.Error("the backup has no id")
			}
			s.untilVolume(t, volumes, id, model.VolumeAvailable)
			return
		}
		fails(t, err, model.Unsupported, model.Quota)
	}
	s.untilVolume(t, volumes, id, model.VolumeAvailable)
}
