// Package resize gives machines another flavor for protocols that have no way to
// confirm it. A cloud keeps a resized machine as it was before, too, until somebody
// confirms the resize: whoever next reads a machine whose resize was begun here does.
package resize

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// tagFor marks a machine that is to have a flavor. It is of that flavor, so that no
// other resize is taken for it, and is removed when all is done.
func tagFor(flavorID string) string {
	sum := sha256.Sum256([]byte(flavorID))
	return "occimi-resize-" + hex.EncodeToString(sum[:8])
}

// undoTime is how long undoing may take, whether or not the client still waits.
const undoTime = 30 * time.Second

// Begin is ResizeMachine of a machine whose resize Settle shall confirm. It takes
// what TagMachine takes besides. On an error nothing is changed, unless the message
// says so; after Timeout and Unavailable the resize may have begun, and is settled. Errors: those of ResizeMachine and TagMachine.
func Begin(ctx context.Context, c model.Machines, id, flavorID string) error {
	tag := []string{tagFor(flavorID)}
	if err := c.TagMachine(ctx, id, tag, nil); model.IsCode(err, model.Conflict) { // the cloud's reason is about a tag, of which the client knows nothing
		e := *model.AsError(err)
		e.Message = "the resize cannot begin: " + e.Message
		return &e
	} else if err != nil {
		return err
	}
	err := c.ResizeMachine(ctx, id, flavorID)
	if err == nil || model.IsCode(err, model.Timeout) || model.IsCode(err, model.Unavailable) { // it may have begun
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if undone := c.TagMachine(ctx, id, nil, tag); undone != nil && !model.IsCode(undone, model.NotFound) {
		e := *model.AsError(err)
		e.Message += "; and the tag " + tag[0] + " is left on the machine"
		return &e
	}
	return err
}

// Settle confirms the resize of a machine that has just been read, if Begin began it
// and the cloud is done; the machine is MachineResizing from then on, until the
// cloud has done that, too. What fails is tried again by whoever reads the machine
// next. Other machines cost no call.
func Settle(ctx context.Context, c model.Machines, m *model.Machine) {
	if !unsettled(m) {
		return
	}
	tag := tagFor(m.Flavor.ID)
	if m.State != model.MachineResized {
		_ = c.TagMachine(ctx, m.ID, nil, []string{tag})
		return
	}
	// Conflict: somebody else has confirmed it.
	if err := c.ConfirmResize(ctx, m.ID); err == nil || model.IsCode(err, model.Conflict) {
		m.State = model.MachineResizing
	}
}

// unsettled tells whether there is something to do for Settle.
func unsettled(m *model.Machine) bool {
	switch m.State {
	case model.MachineResized, model.MachineRunning, model.MachineStopped:
		return len(m.Tags) > 0 && !m.Locked && m.Flavor.ID != "" && slices.Contains(m.Tags, tagFor(m.Flavor.ID))
	}
	return false
}

// settlers is how many machines are settled at the same time.
const settlers = 8

// SettleAll is Settle for a list.
func SettleAll(ctx context.Context, c model.Machines, machines []model.Machine) {
	var g fanout.Group
	g.SetLimit(settlers)
	for i := range machines {
		if unsettled(&machines[i]) {
			g.Go(func() error { Settle(ctx, c, &machines[i]); return nil })
		}
	}
	_ = g.Wait() // none fails
}
