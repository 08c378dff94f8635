package openstack_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/model"
)

// TestMachineAndAttachments: what is remembered of attachments spares a call for
// as long as the machine says that it has just these volumes.
func TestMachineAndAttachments(t *testing.T) {
	volumes := []string{"v-1"}
	f := newFake().withParts()
	f.on("GET /compute/v2.1/servers/{id}", func(w http.ResponseWriter, _ *http.Request) {
		var attached []string
		for _, v := range volumes {
			attached = append(attached, `{"id": "`+v+`"}`)
		}
		respond(w, 200, strings.Replace(serverJSON(serverID, "ACTIVE", "", 1), `[{"id":"v-1"}]`, "["+strings.Join(attached, ",")+"]", 1))
	})
	f.on("GET /compute/v2.1/servers/{id}/os-volume_attachments", func(w http.ResponseWriter, _ *http.Request) {
		var attached []string
		for _, v := range volumes {
			attached = append(attached, `{"volumeId": "`+v+`", "device": "/dev/`+v+`"}`)
		}
		respond(w, 200, `{"volumeAttachments": [`+strings.Join(attached, ",")+`]}`)
	})
	c := partsCloud(t, f)
	if _, err := c.Flavors(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.made()
	f.latency = time.Second

	attach := func(ctx context.Context) error {
		_, err := c.AttachVolume(ctx, serverID, model.MachineVolume{VolumeID: "v-2"})
		return err
	}
	for _, step := range []struct {
		name    string
		before  func(context.Context) error
		volumes []string
		calls   int
		depth   int
	}{
		{"first", nil, []string{"v-1"}, 2, 1},
		{"again", nil, []string{"v-1"}, 1, 1},
		{"others have attached one", nil, []string{"v-1", "v-2"}, 2, 2},
		{"and again", nil, []string{"v-1", "v-2"}, 1, 1},
		{"others have detached all", nil, nil, 2, 2},
		{"none", nil, nil, 1, 1},
		{"we have attached one", attach, []string{"v-2"}, 2, 1},
		{"of another name", nil, []string{"v-3"}, 2, 2},
		{"we have detached it", func(ctx context.Context) error { return c.DetachVolume(ctx, serverID, "v-3") }, nil, 2, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			if step.before != nil {
				if err := step.before(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			f.made()
			volumes = step.volumes
			m, attachments, err := c.MachineAndAttachments(t.Context(), serverID)
			if err != nil {
				t.Fatal(err)
			}
			var devices []string
			for _, a := range attachments {
				devices = append(devices, a.VolumeID)
				if a.MachineID != serverID || a.Device != "/dev/"+a.VolumeID {
					t.Errorf("%s: %+v", step.name, a)
				}
			}
			if diff := cmp.Diff([][]string{step.volumes, step.volumes}, [][]string{m.VolumeIDs, devices}); diff != "" {
				t.Errorf("%s: volumes and attachments (-want +got):\n%s", step.name, diff)
			}
			made := f.made()
			depth := 0
			for _, call := range made {
				depth = max(depth, call.depth)
			}
			if len(made) != step.calls || depth != step.depth {
				t.Errorf("%s: %d calls, %d deep; want %d, %d: %q", step.name, len(made), depth, step.calls, step.depth, whats(made))
			}
		})
	}
}
