package openstack_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/occimi/occimi/model"
)

// TestOvertakenRead: what was read before a change, and comes after it, is not
// remembered.
func TestOvertakenRead(t *testing.T) {
	const floating, attached = "/network/v2.0/floatingips", "/compute/v2.1/servers/{id}/os-volume_attachments"
	attachment := func(device string) string { return `{"volumeId": "v-1", "device": "` + device + `"}` }
	for name, test := range map[string]struct {
		list, before, after, made string
		change                    func(context.Context, whole) error
		read                      func(context.Context, whole) (string, error)
		then, now                 string
	}{
		"that there is no floating IP": {
			list: floating, before: `{"floatingips": []}`, after: `{"floatingips": [{"id": "f-1"}]}`,
			made: `{"floatingip": {"id": "f-1"}}`,
			change: func(ctx context.Context, c whole) error {
				_, err := c.CreateFloatingIP(ctx, model.FloatingIPCreate{NetworkID: "n-1"})
				return err
			},
			read: func(ctx context.Context, c whole) (ids string, err error) {
				all, err := c.FloatingIPs(ctx)
				for _, f := range all {
					ids += f.ID
				}
				return ids, err
			},
			then: "", now: "f-1",
		},
		"which device a volume is": {
			list: attached, before: `{"volumeAttachments": [` + attachment("/dev/vdb") + `]}`, after: `{"volumeAttachments": [` + attachment("/dev/vdc") + `]}`,
			made: `{"volumeAttachment": ` + attachment("/dev/vdc") + `}`,
			change: func(ctx context.Context, c whole) error {
				_, err := c.AttachVolume(ctx, serverID, model.MachineVolume{VolumeID: "v-1"})
				return err
			},
			read: func(ctx context.Context, c whole) (devices string, err error) {
				_, all, err := c.MachineAndAttachments(ctx, serverID)
				for _, a := range all {
					devices += a.Device
				}
				return devices, err
			},
			then: "/dev/vdb", now: "/dev/vdc",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake().withParts()
			f.json("POST "+test.list, 200, test.made)
			reading, changed := make(chan struct{}), make(chan struct{})
			f.on("GET "+test.list, func(w http.ResponseWriter, _ *http.Request) {
				close(reading)
				<-changed
				respond(w, 200, test.before)
			})
			c := partsCloud(t, f)
			overtaken := make(chan error)
			go func() {
				got, err := test.read(t.Context(), c)
				if got != test.then {
					t.Errorf("read %q, want %q", got, test.then)
				}
				overtaken <- err
			}()
			<-reading
			if err := test.change(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			f.json("GET "+test.list, 200, test.after)
			close(changed)
			if err := <-overtaken; err != nil {
				t.Fatal(err)
			}
			if got, err := test.read(t.Context(), c); got != test.now || err != nil {
				t.Errorf("then read %q, %v, want %q", got, err, test.now)
			}
		})
	}
}
