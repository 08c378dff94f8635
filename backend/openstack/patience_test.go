package openstack_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/sandbox"
	"github.com/occimi/occimi/model"
)

// TestPatience: what is not ready in time is refused as it would have been at
// once, and nobody waits who has no time left, or for what does not end.
func TestPatience(t *testing.T) {
	gone, soon := errors.New("the client is gone"), 4*time.Second
	for name, test := range map[string]struct {
		attach bool          // before the volume is taken off
		delete bool          // of the volume alone
		limit  time.Duration // of the request; 0: none
		pause  error
		least  time.Duration
		most   time.Duration
	}{
		"a machine that is not made in time":     {least: 15 * time.Second, most: 20 * time.Second},
		"a volume that is not put on in time":    {attach: true, least: 15 * time.Second, most: 20 * time.Second},
		"a volume that is deleted while made":    {delete: true, least: 15 * time.Second, most: 20 * time.Second},
		"a request that has no time for it":      {limit: soon},
		"a client that goes away while it waits": {pause: gone, least: time.Millisecond, most: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			clock, waited := &settable{now: start2029}, time.Duration(0)
			_, c, _ := sandboxed(t, sandbox.Options{Now: clock.Now, Delay: 10 * time.Minute}, func(c *openstack.Config) {
				c.Now = clock.Now
				c.Pause = func(_ context.Context, d time.Duration) error {
					waited += d
					clock.advance(d)
					return test.pause
				}
			})
			ctx := t.Context()
			m, err := c.CreateMachine(ctx, tiny(t, c, "m"))
			if err != nil {
				t.Fatal(err)
			}
			volumes, err := model.Part[model.Volumes](c, model.BlockStorageService)
			if err != nil {
				t.Fatal(err)
			}
			v, err := volumes.CreateVolume(ctx, model.VolumeCreate{Name: "v", SizeGiB: 1})
			if err != nil {
				t.Fatal(err)
			}
			if test.delete {
				err = volumes.DeleteVolume(ctx, v.ID)
			} else if test.attach {
				clock.advance(15 * time.Minute)
				if _, err := c.AttachVolume(ctx, m.ID, model.MachineVolume{VolumeID: v.ID}); err != nil {
					t.Fatal(err)
				}
				waited = 0
				err = c.DetachVolume(ctx, m.ID, v.ID)
			} else {
				if test.limit > 0 {
					limited, cancel := context.WithTimeout(ctx, test.limit)
					defer cancel()
					ctx = limited
				}
				_, err = c.AttachVolume(ctx, m.ID, model.MachineVolume{VolumeID: v.ID})
			}
			if !model.IsCode(err, model.Conflict) || waited < test.least || waited > test.most {
				t.Errorf("after %s: %v", waited, err)
			}
		})
	}
}
