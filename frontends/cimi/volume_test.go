package cimi_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

// writes are the methods of volumes that nothing here calls.
type writes struct{ model.Volumes }

// blockStorage is the fake cloud with volumes.
type blockStorage struct {
	*fake
	writes
	volumes []model.Volume
}

func (b blockStorage) Login(context.Context, model.Credentials) (model.Cloud, error) { return b, nil }

func (b blockStorage) Volumes(context.Context) ([]model.Volume, error) { return b.volumes, b.call() }

func (b blockStorage) Volume(_ context.Context, id string) (model.Volume, error) {
	for _, v := range b.volumes {
		if v.ID == id {
			return v, b.call()
		}
	}
	return model.Volume{}, model.Errorf(model.NotFound, "there is no volume %q", id)
}

// TestVolumes holds volumes, and what refers to them, to golden files.
func TestVolumes(t *testing.T) {
	h := serve(blockStorage{fake: newFake(), volumes: []model.Volume{
		{ID: "v-1", Name: `data & "one"`, Description: "mine", State: model.VolumeInUse, SizeGiB: 10, Bootable: true, Created: time.Unix(1, 0).UTC(),
			Metadata: map[string]string{"cimi_p_env": "prod", "foreign": "x"}},
		{ID: "v-2", State: model.VolumeFailed, StateDetail: "error", SizeGiB: 1, Created: time.Unix(2, 0).UTC()},
	}}, translate.Options{CPUArch: "x86_64"})
	for name, path := range map[string]string{
		"list": "volumes", "one": "volumes/v-1", "failed": "volumes/v-2", "missing": "volumes/v-3", "filtered": "volumes?$filter=capacity>5000000&$select=name,state",
		"entry": "cloudEntryPoint", "metadata": "resourceMetadata/volume", "attached": "machines/m-1/volumes",
	} {
		for _, version := range []int{1, 2} {
			for _, format := range []string{"json", "xml"} {
				r := request(t, h, "GET /cimi/"+strconv.Itoa(version)+"/"+path, "", "Accept: application/"+format)
				golden(t, "volume-"+name+".v"+strconv.Itoa(version)+"."+format, text(t, r))
			}
		}
	}
	for _, operation := range []string{"POST /cimi/1/volumes", "PUT /cimi/1/volumes/v-1", "DELETE /cimi/1/volumes/v-1"} {
		if r := request(t, h, operation, "{}", "Content-Type: application/json"); r.StatusCode != 405 {
			t.Errorf("%s: answered %d, want 405", operation, r.StatusCode)
		}
	}
}
