package openstack

import (
	"context"
	"fmt"
	"strings"

	"github.com/occimi/occimi/model"
)

// ResizeMachine implements model.Machines.
func (c *cloud) ResizeMachine(ctx context.Context, id, flavorID string) error {
	if flavorID == "" {
		return model.Errorf(model.Invalid, "a machine needs a flavor")
	}
	return c.act(ctx, id, "server_resize", map[string]any{"resize": map[string]string{"flavorRef": flavorID}}, nil)
}

// ConfirmResize implements model.Machines.
func (c *cloud) ConfirmResize(ctx context.Context, id string) error {
	return c.act(ctx, id, "server_confirm_resize", map[string]any{"confirmResize": nil}, nil)
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
