package cloudtest

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

func (s *suite) volumes(t *testing.T) {
	if s.Volume == nil {
		if _, err := model.Part[model.Volumes](s.cloud, model.BlockStorageService); !model.IsCode(err, model.Unsupported) {
			t.Errorf("a cloud without volumes answers %v, want unsupported", err)
		}
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	id := s.Volume(t)

	one := must(volumes.Volume(s.ctx, id))(t)
	if one.ID != id || one.SizeGiB != 1 || one.State != model.VolumeAvailable || one.StateDetail != "" || one.Bootable || one.Created.IsZero() {
		t.Errorf("a new, empty volume of 1 GiB is %+v", one)
	}
	all := must(volumes.Volumes(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.Volume) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }) {
		t.Error("volumes are not in order of creation and id")
	}
	i := slices.IndexFunc(all, func(v model.Volume) bool { return v.ID == id })
	if i < 0 {
		t.Fatal("the volume is not listed")
	}
	if diff := gocmp.Diff(all[i], one); diff != "" {
		t.Errorf("listed (-) and single (+) volume differ:\n%s", diff)
	}
	if !slices.Contains(must(volumes.VolumeRefs(s.ctx))(t), model.VolumeRef{ID: id, Name: one.Name}) {
		t.Error("the volume is not in the cheap listing")
	}

	// another tenant knows nothing of it
	others := must(model.Part[model.Volumes](s.other, model.BlockStorageService))(t)
	_, err := others.Volume(s.ctx, id)
	fails(t, err, model.NotFound)
	if slices.ContainsFunc(must(others.VolumeRefs(s.ctx))(t), func(r model.VolumeRef) bool { return r.ID == id }) {
		t.Error("another tenant's listing has the volume")
	}
	for _, id := range append(hostileIDs, unknownID) {
		_, err := volumes.Volume(s.ctx, id)
		fails(t, err, model.NotFound)
	}
}
