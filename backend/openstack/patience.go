package openstack

import (
	"context"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// Clients put volumes on machines that they have just begun to make, take them off
// before that is done, and delete them before they are made. OpenStack refuses it
// until the machine and the volume are ready, which is a matter of seconds: so it
// is tried again when they are.

// briefStates are the volume's states in Cinder that end by themselves, soon, in
// one in which it can be attached and deleted, or detached.
type briefStates []string

var (
	beforeFree   = briefStates{"creating", "downloading", "detaching"}
	beforeDetach = briefStates{"reserved", "attaching"}
)

const (
	// patience is how long it is waited for at most, in the request's own time, of
	// which answerTime is left.
	patience   = 20 * time.Second
	answerTime = 5 * time.Second

	firstPause   = 250 * time.Millisecond
	longestPause = 2 * time.Second
)

// whenReady does something to a volume, and to a machine unless its id is empty. If
// the cloud refuses it in the present state (Conflict), it is done again as soon as
// neither is in a state that passes. Errors: those of do.
func (c *cloud) whenReady(ctx context.Context, machineID, volumeID string, brief briefStates, do func() error) error {
	began := c.p.config.Now()
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		err := do()
		if !model.IsCode(err, model.Conflict) {
			return err
		}
		wait, known := c.settling(ctx, machineID, volumeID, brief)
		switch {
		case !known:
			return err
		case !wait: // it may just have passed
			return do()
		}
		end, limited := ctx.Deadline()
		if c.p.config.Now().Sub(began)+pause > patience || limited && time.Until(end) < pause+answerTime {
			return err
		}
		if c.p.config.Pause(ctx, pause) != nil {
			return err
		}
	}
}

// settling tells whether the machine, unless its id is empty, is being made, or the
// volume is in one of these states. It is not known if either cannot be read.
func (c *cloud) settling(ctx context.Context, machineID, volumeID string, brief briefStates) (is, known bool) {
	var m model.Machine
	var v model.Volume
	g, gctx := fanout.WithContext(ctx)
	if machineID != "" {
		g.Go(func() (err error) { m, err = c.Machine(gctx, machineID); return err })
	}
	g.Go(func() (err error) { v, err = c.Volume(gctx, volumeID); return err })
	if g.Wait() != nil {
		return false, false
	}
	return m.State == model.MachineCreating || slices.Contains(brief, v.StateDetail), true
}

// sleep waits, unless ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
