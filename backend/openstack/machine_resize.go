package openstack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// ResizeMachine implements model.Machines.
func (c *cloud) ResizeMachine(ctx context.Context, id, flavorID string) error {
	if flavorID == "" {
		return model.Errorf(model.Invalid, "a machine needs a flavor")
	}
	return c.act(ctx, id, "server_resize", map[string]any{"resize": map[string]string{"flavorRef": flavorID}}, nil)
}

// confirmation is one of a machine's resize.
type confirmation struct{ project, id string }

// confirmingFor is how long no second confirmation is asked for: Nova refuses it by
// itself soon after it has taken the first.
const confirmingFor = 10 * time.Second

// ConfirmResize implements model.Machines. Nova takes two confirmations that come at
// once, and the machine ends in ERROR: so of all who want one at the same time, in
// any replica, one asks for it.
func (c *cloud) ConfirmResize(ctx context.Context, id string) error {
	busy := model.Errorf(model.Conflict, "the resize of the machine %q is being confirmed", id)
	_, earlier, err := c.p.confirmations.get(ctx, confirmation{c.tenant.project, id}, func(ctx context.Context) (none struct{}, _ time.Duration, err error) {
		if claim := c.p.config.Claim; claim != nil {
			mine, err := claim(ctx, c.tenant.project, "confirm/"+id, confirmingFor)
			switch {
			case err != nil:
				return none, 0, err
			case !mine:
				return none, 0, busy
			}
		}
		if err := c.act(ctx, id, "server_confirm_resize", map[string]any{"confirmResize": nil}, nil); err != nil {
			return none, 0, err
		}
		return none, confirmingFor, nil
	})
	if err == nil && earlier {
		return busy
	}
	return err
}

// RebuildMachine implements model.Machines. Nova does not say which image it
// cannot find.
func (c *cloud) RebuildMachine(ctx context.Context, id, imageID string) error {
	err := c.act(ctx, id, "server_rebuild", map[string]any{"rebuild": map[string]string{"imageRef": imageID}}, nil)
	if e := model.AsError(err); err != nil && e.Code == model.Invalid && !strings.Contains(e.Message, imageID) {
		named := *e
		named.Message = fmt.Sprintf("image %q: %s", bounded(imageID, 64), e.Message)
		return &named
	}
	return err
}
