package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/occimi/occimi/model/fanout"
)

// A cloud keeps a resized machine as it was before, too, until somebody confirms
// the resize. The protocols have no way to: whoever next reads a machine whose
// resize was begun here confirms it.

// resizeTag marks a machine that is to have a flavor. It is of that flavor, so
// that no other resize is taken for it, and is removed when all is done.
func resizeTag(flavorID string) string {
	sum := sha256.Sum256([]byte(flavorID))
	return "occimi-resize-" + hex.EncodeToString(sum[:8])
}

// undoTime is how long undoing may take, whether or not the client still waits.
const undoTime = 30 * time.Second

// Resize is ResizeMachine of a machine that SettleResize shall confirm. It takes
// what TagMachine takes besides. On an error nothing is changed, unless the message
// says so. Errors: those of ResizeMachine and TagMachine.
func Resize(ctx context.Context, c Machines, id, flavorID string) error {
	tag := []string{resizeTag(flavorID)}
	if err := c.TagMachine(ctx, id, tag, nil); err != nil {
		return err
	}
	err := c.ResizeMachine(ctx, id, flavorID)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if undone := c.TagMachine(ctx, id, nil, tag); undone != nil && !IsCode(undone, NotFound) {
		e := *AsError(err)
		e.Message += "; and the tag " + tag[0] + " is left on the machine"
		return &e
	}
	return err
}

// SettleResize confirms the resize of a machine that has just been read, if Resize
// began it and the cloud is done; the machine is MachineResizing from then on, until
// the cloud has done that, too. What fails is tried again by whoever reads the
// machine next. Other machines cost no call.
func SettleResize(ctx context.Context, c Machines, m *Machine) {
	if !unsettled(m) {
		return
	}
	tag := resizeTag(m.Flavor.ID)
	if m.State != MachineResized {
		_ = c.TagMachine(ctx, m.ID, nil, []string{tag})
		return
	}
	// Conflict: somebody else has confirmed it.
	if err := c.ConfirmResize(ctx, m.ID); err == nil || IsCode(err, Conflict) {
		m.State = MachineResizing
	}
}

// unsettled tells whether there is something to do for SettleResize.
func unsettled(m *Machine) bool {
	switch m.State {
	case MachineResized, MachineRunning, MachineStopped:
		return len(m.Tags) > 0 && !m.Locked && m.Flavor.ID != "" && slices.Contains(m.Tags, resizeTag(m.Flavor.ID))
	}
	return false
}

// settlers is how many machines are settled at the same time.
const settlers = 8

// SettleResizes is SettleResize for a list.
func SettleResizes(ctx context.Context, c Machines, machines []Machine) {
	var g fanout.Group
	g.SetLimit(settlers)
	for i := range machines {
		if unsettled(&machines[i]) {
			g.Go(func() error { SettleResize(ctx, c, &machines[i]); return nil })
		}
	}
	_ = g.Wait() // none fails
}
