package openstack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// attachedTo keys the attachments that are remembered.
type attachedTo struct{ project, machineID string }

// attachmentsFor is how long attachments are remembered: a volume keeps its
// device for as long as it is attached, and a machine tells itself which volumes
// it has now.
const attachmentsFor = 10 * time.Minute

// MachineAttachments implements model.Machines.
func (c *cloud) MachineAttachments(ctx context.Context, id string) ([]model.Attachment, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return nil, err
	}
	if err := c.own(ctx, path, id); err != nil {
		return nil, err
	}
	return c.attachments(ctx, path, id)
}

// MachineAndAttachments implements model.Machines. What is remembered of the
// attachments holds if it is of the volumes that the machine has.
func (c *cloud) MachineAndAttachments(ctx context.Context, id string) (model.Machine, []model.Attachment, error) {
	path, err := c.machinePath(id)
	if err != nil {
		return model.Machine{}, nil, err
	}
	attachments, known := c.p.attachments.peek(attachedTo{c.tenant.project, id})
	var m model.Machine
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		m, err = c.Machine(gctx, id)
		return err
	})
	if !known {
		g.Go(func() (err error) {
			attachments, err = c.attachments(gctx, path, id)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return model.Machine{}, nil, err
	}
	if known && !areOf(attachments, m.VolumeIDs) {
		attachments, err = c.attachments(ctx, path, id)
	}
	return m, slices.Clone(attachments), err
}

// areOf tells whether attachments are of just these volumes.
func areOf(attachments []model.Attachment, volumeIDs []string) bool {
	return len(attachments) == len(volumeIDs) && !slices.ContainsFunc(attachments, func(a model.Attachment) bool {
		return !slices.Contains(volumeIDs, a.VolumeID)
	})
}

// attachments reads those of a machine, and remembers them when all devices are
// known.
func (c *cloud) attachments(ctx context.Context, path, id string) ([]model.Attachment, error) {
	var answer struct {
		Attachments []struct {
			VolumeID string `json:"volumeId"`
			Device   string `json:"device"`
		} `json:"volumeAttachments"`
	}
	remember := c.p.attachments.reading()
	if err := c.get(ctx, model.ComputeService, "attachment_list", path+"/os-volume_attachments", &answer); err != nil {
		return nil, err
	}
	attachments := make([]model.Attachment, 0, len(answer.Attachments))
	whole := true
	for _, a := range answer.Attachments {
		attachments = append(attachments, model.Attachment{MachineID: id, VolumeID: a.VolumeID, Device: a.Device})
		whole = whole && a.Device != ""
	}
	slices.SortFunc(attachments, func(a, b model.Attachment) int {
		return cmp.Or(strings.Compare(a.Device, b.Device), strings.Compare(a.VolumeID, b.VolumeID))
	})
	if whole && c.p.config.ListCacheFor > 0 {
		remember(attachedTo{c.tenant.project, id}, slices.Clone(attachments), attachmentsFor)
	}
	return attachments, nil
}

// forgetAttachments has the attachments of a machine read anew, since a volume
// may come back as another device.
func (c *cloud) forgetAttachments(id string) {
	c.p.attachments.drop(attachedTo{c.tenant.project, id}, func([]model.Attachment) bool { return true })
}
