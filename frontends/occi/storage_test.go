package occi_test

import (
	"context"
	"testing"
	"time"

	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
)

// blockStorage is the fake cloud with volumes.
type blockStorage struct {
	*fakeCloud
	volumes []model.Volume
}

func (b blockStorage) VolumeRefs(context.Context) ([]model.VolumeRef, error) {
	refs := make([]model.VolumeRef, len(b.volumes))
	for i, v := range b.volumes {
		refs[i] = model.VolumeRef{ID: v.ID, Name: v.Name}
	}
	return refs, b.note("VolumeRefs")
}

func (b blockStorage) Volumes(context.Context) ([]model.Volume, error) {
	return b.volumes, b.note("Volumes")
}

func (b blockStorage) Volume(_ context.Context, id string) (model.Volume, error) {
	for _, v := range b.volumes {
		if v.ID == id {
			return v, b.note("Volume")
		}
	}
	return model.Volume{}, model.Errorf(model.NotFound, "there is no volume %q", id)
}

// TestStorage holds volumes in every rendering to their files.
func TestStorage(t *testing.T) {
	s := newService(t, occi.Config{})
	cloud := blockStorage{s.cloud, []model.Volume{
		{ID: volumeID, Name: "data; one", Description: "of \"mine\"", State: model.VolumeInUse, SizeGiB: 10, Created: time.Unix(1, 0).UTC()},
		{ID: "v-new", State: model.VolumeCreating, StateDetail: "downloading", SizeGiB: 1, Created: time.Unix(2, 0).UTC()},
		{ID: "v-bad", Name: "bad", State: model.VolumeFailed, StateDetail: "error extending", SizeGiB: 2, Created: time.Unix(3, 0).UTC()},
	}}
	s.handler = server.New(server.Options{PublicURL: "https://cloud.example.org", Version: "1.0"}, fakeProvider{cloud},
		server.Mount{Name: "occi", Path: "/", Frontend: occi.New(occi.Config{})}).Handler()
	for name, path := range map[string]string{
		"query": "/-/", "list": "/storage/", "get": "/storage/" + volumeID, "new": "/storage/v-new", "bad": "/storage/v-bad",
		"missing": "/storage/nothing", "filtered": "/storage/?attribute=occi.storage.size=10", "link": "/compute/" + runningID,
	} {
		for media, accept := range map[string]string{"plain": "text/plain", "occi": "text/occi", "uris": "text/uri-list", "json": "application/occi+json"} {
			for version, agent := range map[string]string{"any": "curl/8", "1.1": "rOCCI-core/4.3.6 OCCI/1.1"} {
				golden(t, "storage/"+name+"-"+media+"-"+version+".http", wire(t, s.do("GET "+path+"\nAccept: "+accept+"\nUser-Agent: "+agent)))
			}
		}
	}
	for _, request := range []string{
		"POST /storage/\n\n" + `Category: storage; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"` + "\nX-OCCI-Attribute: occi.storage.size=1",
		"DELETE /storage/" + volumeID,
		"POST /storage/" + volumeID + "?action=snapshot\n\n" + `Category: snapshot; scheme="http://schemas.ogf.org/occi/infrastructure/storage/action#"; class="action"`,
	} {
		if res := s.do(request); res.StatusCode != 501 {
			t.Errorf("%.40s: answered %d, want 501: %s", request, res.StatusCode, bodyOf(t, res))
		}
	}
}
