package openstack_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// TestReasons are OpenStack's words, without the addresses in them.
func TestReasons(t *testing.T) {
	c := partsCloud(t, newFake().withParts())
	got, err := c.MachineEvent(t.Context(), serverID, "req-1")
	start := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	want := model.MachineEvent{
		RequestID: "req-1", Action: "attach_volume", Begun: start, Changed: start.Add(2 * time.Second), Failed: true, Reason: "the disk at is gone",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if reason, err := c.VolumeReason(t.Context(), "v-1"); reason != "no room at" || err != nil {
		t.Errorf("the volume's reason is %q, %v", reason, err)
	}
	if reason, err := c.VolumeReason(t.Context(), "v-2"); reason != "" || err != nil {
		t.Errorf("another volume's reason is %q, %v", reason, err)
	}
}

// TestEndedMachineHasNoEvents: Nova keeps the log of what it has deleted.
func TestEndedMachineHasNoEvents(t *testing.T) {
	const route = "GET /compute/v2.1/servers/{id}/os-instance-actions"
	f := newFake().withParts()
	f.json(route, 200, `{"instanceActions": [{"action": "delete", "request_id": "req-2"}, {"action": "create", "request_id": "req-1"}]}`)
	if events, err := partsCloud(t, f).MachineEvents(t.Context(), serverID); !model.IsCode(err, model.NotFound) {
		t.Errorf("of a deleted machine: %v, %v", events, err)
	}
	f = newFake().withParts()
	f.json(route, 200, `{"instanceActions": [{"action": "delete", "request_id": "req-2", "message": "Error"}, {"action": "create", "request_id": "req-1"}]}`)
	events, err := partsCloud(t, f).MachineEvents(t.Context(), serverID)
	if err != nil || len(events) != 2 || events[0].Action != "create" || !events[1].Failed {
		t.Errorf("after a deletion that failed: %+v, %v", events, err)
	}
}

// TestRefusedImport leaves no image behind, and names the host alone.
func TestRefusedImport(t *testing.T) {
	f := newFake().withParts()
	f.json("POST /image/v2/images/{id}/import", 400, `{"message": "URI does not pass filtering: http://10.0.0.1/secret", "code": "400 Bad Request"}`)
	_, err := partsCloud(t, f).ImportImage(t.Context(), model.ImageImport{Name: "n", URL: "http://10.0.0.1/secret", Format: "raw"})
	if !model.IsCode(err, model.Invalid) || !strings.Contains(err.Error(), "10.0.0.1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
	want := []string{"POST /image/v2/images", "POST /image/v2/images/i-2/import", "DELETE /image/v2/images/i-2"}
	if diff := cmp.Diff(want, changes(f.made())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCloudWithoutImports says so, before anything is made.
func TestCloudWithoutImports(t *testing.T) {
	for what, answer := range map[string]struct {
		status int
		body   string
	}{
		"no such page":     {404, `{"message": "not found", "code": "404 Not Found"}`},
		"no such method":   {200, `{"import-methods": {"value": ["glance-direct"]}}`},
		"no method at all": {200, `{"import-methods": {"value": []}}`},
	} {
		f := newFake().withParts()
		f.json("GET /image/v2/info/import", answer.status, answer.body)
		c := partsCloud(t, f)
		_, err := c.ImportImage(t.Context(), model.ImageImport{Name: "n", URL: "https://x.example/", Format: "raw"})
		if made := changes(f.made()); !model.IsCode(err, model.Unsupported) || len(made) > 0 {
			t.Errorf("%s: %v after %q", what, err, made)
		}
	}
}

// TestImportStates: Glance goes back to the beginning with an image that it
// could not fetch.
func TestImportStates(t *testing.T) {
	for body, want := range map[string]model.ImageState{
		`"status": "queued"`: model.ImageCreating,
		`"status": "queued", "occimi_source": "http://x.example/", "os_glance_import_task": "t"`:    model.ImageCreating,
		`"status": "importing", "occimi_source": "http://x.example/", "os_glance_import_task": "t"`: model.ImageCreating,
		`"status": "queued", "occimi_source": "http://x.example/"`:                                  model.ImageFailed,
		`"status": "active", "occimi_source": "http://x.example/"`:                                  model.ImageAvailable,
	} {
		body += `, "occimi_image": "i-1"`
		f := newFake().withParts()
		f.json("GET /image/v2/images/{id}", 200, `{"id": "i-1", `+body+`}`)
		i, err := partsCloud(t, f).Image(t.Context(), "i-1")
		if err != nil || i.State != want || len(i.Properties) > 0 {
			t.Errorf("%s: %s with %q, %v; want %s", body, i.State, i.Properties, err, want)
		}
	}
}

// TestInheritedSource: an image of a machine, or of a volume, is not imported, though
// what it was made of was, and has all its properties.
func TestInheritedSource(t *testing.T) {
	now := start2029
	_, cl, _ := sandboxed(t, sandbox.Options{Delay: time.Minute, Now: func() time.Time { return now }}, nil)
	c := cl.(everything)
	settle := func() { now = now.Add(2 * time.Minute) }
	imported, err := c.ImportImage(t.Context(), model.ImageImport{Name: "i", URL: "https://images.example/i", Format: "raw", Properties: map[string]string{"a": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	settle()
	m, err := c.CreateMachine(t.Context(), model.MachineCreate{Name: "m", FlavorID: "1", ImageID: imported.ID})
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.CreateVolume(t.Context(), model.VolumeCreate{SizeGiB: 1, ImageID: imported.ID})
	if err != nil {
		t.Fatal(err)
	}
	settle()
	for what, save := range map[string]func() (string, error){
		"machine": func() (string, error) { return c.SaveMachine(t.Context(), m.ID, model.MachineSave{Name: "s"}) },
		"volume":  func() (string, error) { return c.SaveVolume(t.Context(), v.ID, "s") },
	} {
		id, err := save()
		if err != nil {
			t.Fatal(err)
		}
		i, err := c.Image(t.Context(), id)
		if err != nil || i.State != model.ImageCreating || i.SourceURL != "" || i.Properties["a"] != "b" {
			t.Errorf("the image of a %s is %+v, %v", what, i, err)
		}
	}
}

// TestRevertIsCareful: nothing is asked of Cinder that would leave the volume
// reverting for ever.
func TestRevertIsCareful(t *testing.T) {
	for what, test := range map[string]struct {
		snapshot, volume string
		code             model.Code
	}{
		"snapshot in the making": {`"status": "creating", "volume_id": "v-1"`, `"status": "available"`, model.Conflict},
		"volume in use":          {`"status": "available", "volume_id": "v-1"`, `"status": "in-use"`, model.Conflict},
		"another's snapshot":     {`"status": "available", "volume_id": "v-2"`, `"status": "available"`, model.Invalid},
	} {
		f := newFake().withParts()
		f.json("GET /volume/v3/"+fakeProject+"/snapshots/{id}", 200, `{"snapshot": {"id": "s-1", `+test.snapshot+`}}`)
		f.json("GET /volume/v3/"+fakeProject+"/volumes/{id}", 200, `{"volume": {"id": "v-1", `+test.volume+`}}`)
		err := partsCloud(t, f).RevertVolume(t.Context(), "v-1", "s-1")
		if made := changes(f.made()); !model.IsCode(err, test.code) || len(made) > 0 {
			t.Errorf("%s: %v after %q, want %s", what, err, made, test.code)
		}
	}
}

// TestVolumesOfOldClouds: what a cloud is too old for is refused, or asked for in
// its own way.
func TestVolumesOfOldClouds(t *testing.T) {
	f := newFake()
	f.version("2.66")
	r := small
	r.Volumes = []model.MachineVolume{{New: &model.NewVolume{SizeGiB: 1, Type: "fast"}}}
	_, err := f.cloud(t, f.config()).CreateMachine(t.Context(), r)
	if !model.IsCode(err, model.Unsupported) || slices.ContainsFunc(f.made(), func(c *call) bool { return strings.HasPrefix(c.what, "POST /compute") }) {
		t.Errorf("a typed volume with a machine: %v", err)
	}
	for version, forced := range map[string]bool{"3.65": true, "3.66": false} {
		f := newFake().withParts()
		f.json("GET /volume/v3/{$}", 200, `{"versions": [{"id": "v3.0", "version": "`+version+`", "min_version": "3.0"}]}`)
		c := partsCloud(t, f)
		if _, err := c.CreateSnapshot(context.Background(), model.SnapshotCreate{VolumeID: "v-1"}); err != nil {
			t.Fatal(err)
		}
		if body := f.made()[0].body; strings.Contains(body, `"force":true`) != forced {
			t.Errorf("%s: %s", version, body)
		}
	}
}
