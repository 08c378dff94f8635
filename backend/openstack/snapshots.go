package openstack

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

var _ model.Snapshots = (*cloud)(nil)

// snapshotAnswer is a snapshot of a volume as Cinder shows it.
type snapshotAnswer struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	ProjectID   string            `json:"os-extended-snapshot-attributes:project_id"`
	Status      string            `json:"status"`
	Created     volumeTime        `json:"created_at"`
	Updated     volumeTime        `json:"updated_at"`
	VolumeID    string            `json:"volume_id"`
	Size        int               `json:"size"`
	Metadata    map[string]string `json:"metadata"`
}

// snapshotStates: Cinder's status in the model. What is not listed has failed.
var snapshotStates = map[string]model.SnapshotState{
	"creating":   model.SnapshotCreating,
	"available":  model.SnapshotAvailable,
	"backing-up": model.SnapshotAvailable,
	"restoring":  model.SnapshotRestoring,
	"deleting":   model.SnapshotDeleting,
	"unmanaging": model.SnapshotDeleting,
	"deleted":    model.SnapshotDeleting, // a moment before it is gone
}

func (s *snapshotAnswer) model() model.Snapshot {
	snapshot := model.Snapshot{
		ID:          s.ID,
		Name:        s.Name,
		Description: s.Description,
		State:       cmp.Or(snapshotStates[s.Status], model.SnapshotFailed),
		Created:     time.Time(s.Created),
		Updated:     time.Time(s.Updated),
		VolumeID:    s.VolumeID,
		SizeGiB:     s.Size,
		Metadata:    s.Metadata,
	}
	if s.Status != "available" {
		snapshot.StateDetail = strings.ReplaceAll(s.Status, "_", " ")
	}
	return snapshot
}

// noSnapshot is the error that there is no such snapshot.
func noSnapshot(id string) error {
	return model.Errorf(model.NotFound, "there is no snapshot %q", bounded(id, 64))
}

// snapshotPath gives the path of a snapshot, or NotFound for what cannot be one
// or is hidden.
func (c *cloud) snapshotPath(id string) (string, error) {
	path, err := segment("snapshot", id)
	if err == nil && c.hidden(id) {
		err = noSnapshot(id)
	}
	return "snapshots/" + path, err
}

// Snapshots implements model.Snapshots.
func (c *cloud) Snapshots(ctx context.Context) ([]model.Snapshot, error) {
	var snapshots []model.Snapshot
	err := c.list(ctx, model.BlockStorageService, request{name: "snapshot_list_detail", path: "snapshots/detail", query: volumesInOrder}, func() (any, func() string) {
		var page struct {
			Snapshots []snapshotAnswer `json:"snapshots"`
			Links     links            `json:"snapshots_links"`
		}
		return &page, func() string {
			for i := range page.Snapshots {
				if s := page.Snapshots[i].model(); !c.forgotten(s) {
					snapshots = append(snapshots, s)
				}
			}
			return page.Links.next()
		}
	})
	slices.SortStableFunc(snapshots, func(a, b model.Snapshot) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return snapshots, err
}

// forgotten tells whether a snapshot is hidden, since it is being deleted.
func (c *cloud) forgotten(s model.Snapshot) bool {
	return c.hides && s.State == model.SnapshotDeleting || c.hidden(s.ID)
}

// Snapshot implements model.Snapshots.
func (c *cloud) Snapshot(ctx context.Context, id string) (model.Snapshot, error) {
	path, err := c.snapshotPath(id)
	if err != nil {
		return model.Snapshot{}, err
	}
	var answer struct {
		Snapshot snapshotAnswer `json:"snapshot"`
	}
	if err := c.get(ctx, model.BlockStorageService, "snapshot_show", path, &answer); err != nil {
		return model.Snapshot{}, err
	}
	snapshot := answer.Snapshot.model()
	// An administrator is shown those of every project.
	if c.login.admin && answer.Snapshot.ProjectID != c.tenant.project || c.forgotten(snapshot) {
		return model.Snapshot{}, noSnapshot(id)
	}
	return snapshot, nil
}

// ownSnapshot is ownVolume for a snapshot.
func (c *cloud) ownSnapshot(ctx context.Context, id string) error {
	if !c.login.admin {
		return nil
	}
	_, err := c.Snapshot(ctx, id)
	return err
}

// snapshotInUse is the microversion from which on a volume in use needs no force
// to be copied.
var snapshotInUse = microversion{3, 66}

// CreateSnapshot implements model.Snapshots.
func (c *cloud) CreateSnapshot(ctx context.Context, r model.SnapshotCreate) (model.Snapshot, error) {
	if err := checkText("snapshot", r.Name, r.Description); err != nil {
		return model.Snapshot{}, err
	}
	if err := checkMetadata("snapshot", r.Metadata); err != nil {
		return model.Snapshot{}, err
	}
	_, version, err := c.service(ctx, model.BlockStorageService)
	if err != nil {
		return model.Snapshot{}, err
	}
	body := map[string]any{"volume_id": r.VolumeID, "name": r.Name}
	if r.Description != "" {
		body["description"] = r.Description
	}
	if len(r.Metadata) > 0 {
		body["metadata"] = r.Metadata
	}
	if version.less(snapshotInUse) {
		body["force"] = true
	}
	made, err := copyVolume(ctx, c, "snapshot", r.VolumeID, body, func(s snapshotAnswer) string { return s.ID })
	return made.model(), err
}

// UpdateSnapshot implements model.Snapshots, as UpdateVolume does.
func (c *cloud) UpdateSnapshot(ctx context.Context, id string, u model.SnapshotUpdate) (model.Snapshot, error) {
	path, err := c.snapshotPath(id)
	if err != nil {
		return model.Snapshot{}, err
	}
	if err := c.updateStored(ctx, "snapshot", path, storedUpdate(u), func() error { return c.ownSnapshot(ctx, id) }); err != nil {
		return model.Snapshot{}, err
	}
	return c.Snapshot(ctx, id)
}

// DeleteSnapshot implements model.Snapshots. Cinder refuses to delete what it is
// deleting already.
func (c *cloud) DeleteSnapshot(ctx context.Context, id string) error {
	path, err := c.snapshotPath(id)
	if err != nil {
		return err
	}
	if err := c.ownSnapshot(ctx, id); err != nil {
		return err
	}
	err = c.call(ctx, model.BlockStorageService, request{name: "snapshot_delete", method: http.MethodDelete, path: path})
	if model.IsCode(err, model.Conflict) {
		if s, gone := c.Snapshot(ctx, id); gone != nil || s.State != model.SnapshotDeleting {
			return cmp.Or(gone, err)
		}
		err = nil
	}
	if err == nil {
		c.deleted(id)
	}
	return err
}

// RevertVolume implements model.Snapshots. Cinder leaves a volume in the state
// "reverting" for ever if it finds too late that the snapshot is not available:
// both are looked at first.
func (c *cloud) RevertVolume(ctx context.Context, volumeID, snapshotID string) error {
	path, err := c.volumePath(volumeID)
	if err != nil {
		return err
	}
	var v model.Volume
	var s model.Snapshot
	var noSnapshot error
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() (err error) {
		v, err = c.Volume(gctx, volumeID)
		return err
	})
	g.Go(func() error { // that the volume is not there matters more
		s, noSnapshot = c.Snapshot(ctx, snapshotID)
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	switch {
	case noSnapshot != nil:
		return invalidIfMissing(noSnapshot)
	case s.VolumeID != volumeID:
		return model.Errorf(model.Invalid, "the snapshot %q is not one of the volume %q", s.ID, v.ID)
	case s.State != model.SnapshotAvailable:
		return model.Errorf(model.Conflict, "the snapshot %q is %s: only an available one can be put back", s.ID, s.State)
	case v.State != model.VolumeAvailable:
		return model.Errorf(model.Conflict, "the volume %q is %s: only an available one can be put back to a snapshot", v.ID, v.State)
	}
	err = c.call(ctx, model.BlockStorageService, request{
		name: "volume_revert", method: http.MethodPost, path: path + "/action",
		body: map[string]any{"revert": map[string]string{"snapshot_id": s.ID}},
	})
	if e := model.AsError(err); err != nil && strings.Contains(e.Message, "not the latest one of") {
		clear := *e
		clear.Message = fmt.Sprintf("the snapshot %q is not the newest of the volume %q: only that can be put back", s.ID, v.ID)
		return &clear
	}
	return err
}
