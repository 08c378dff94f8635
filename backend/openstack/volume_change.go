package openstack

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// noVolume is the error that there is no such volume.
func noVolume(id string) error {
	return model.Errorf(model.NotFound, "there is no volume %q", bounded(id, 64))
}

// volumePath gives the path of a volume, or NotFound for what cannot be one or
// is being deleted.
func (c *cloud) volumePath(id string) (string, error) {
	path, err := segment("volume", id)
	if err == nil && c.p.deletions.has(deletion{c.tenant.project, id}) {
		err = noVolume(id)
	}
	return "volumes/" + path, err
}

// ownVolume makes sure that what is about to be changed is the tenant's: for an
// administrator, OpenStack would not. Others need no call for it.
func (c *cloud) ownVolume(ctx context.Context, id string) error {
	if !c.login.admin {
		return nil
	}
	_, err := c.Volume(ctx, id)
	return err
}

// checkText refuses names and descriptions that are too long.
func checkText(noun string, name, description string) error {
	if n := utf8.RuneCountInString(description); n > maxName {
		return model.Errorf(model.Invalid, "the description of the %s has %d characters; at most %d are possible", noun, n, maxName)
	}
	return checkName(noun, name)
}

// volumeCreate is the body of Cinder's POST /volumes.
type volumeCreate struct {
	Name        string            `json:"name,omitempty"`
	Description string            `json:"description,omitempty"`
	Size        int               `json:"size"`
	Type        string            `json:"volume_type,omitempty"`
	Zone        string            `json:"availability_zone,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

// CreateVolume implements model.Volumes.
func (c *cloud) CreateVolume(ctx context.Context, r model.VolumeCreate) (model.Volume, error) {
	if r.SizeGiB < 1 {
		return model.Volume{}, model.Errorf(model.Invalid, "a volume has at least 1 GiB, not %d", r.SizeGiB)
	}
	if err := checkText("volume", r.Name, r.Description); err != nil {
		return model.Volume{}, err
	}
	return making[model.Volume]{
		noun: "volume",
		begin: func(ctx context.Context) (model.Volume, error) {
			var answer struct {
				Volume volumeAnswer `json:"volume"`
			}
			err := c.call(ctx, model.BlockStorageService, request{
				name: "volume_create", method: http.MethodPost, path: "volumes", answer: &answer,
				body: map[string]any{"volume": volumeCreate{r.Name, r.Description, r.SizeGiB, r.Type, r.Zone, r.Metadata}},
			})
			return answer.Volume.model(), invalidIfMissing(err)
		},
		undo: func(ctx context.Context, v model.Volume) error { return c.DeleteVolume(ctx, v.ID) },
	}.make(ctx, c)
}

// UpdateVolume implements model.Volumes. Each key of the metadata is set or
// removed by itself, so that nothing is undone that others change meanwhile;
// what Cinder could refuse of the rest is refused first.
func (c *cloud) UpdateVolume(ctx context.Context, id string, u model.VolumeUpdate) (model.Volume, error) {
	path, err := c.volumePath(id)
	if err != nil {
		return model.Volume{}, err
	}
	body := map[string]string{}
	for key, value := range map[string]*string{"name": u.Name, "description": u.Description} {
		if value != nil {
			body[key] = *value
		}
	}
	if err := checkText("volume", body["name"], body["description"]); err != nil {
		return model.Volume{}, err
	}
	for key, value := range u.Metadata {
		if utf8.RuneCountInString(value) > maxName || strings.Contains(key, "/") {
			return model.Volume{}, model.Errorf(model.Invalid, "%q cannot be metadata of a volume", bounded(key, 64))
		}
	}
	if err := c.ownVolume(ctx, id); err != nil {
		return model.Volume{}, err
	}
	if err := c.updateMetadata(ctx, model.BlockStorageService, "volume", path, u.Metadata); err != nil {
		return model.Volume{}, err
	}
	if len(body) > 0 {
		err := c.call(ctx, model.BlockStorageService, request{
			name: "volume_update", method: http.MethodPut, path: path, body: map[string]any{"volume": body},
		})
		if err != nil {
			return model.Volume{}, err
		}
	}
	return c.Volume(ctx, id)
}

// ExtendVolume implements model.Volumes.
func (c *cloud) ExtendVolume(ctx context.Context, id string, sizeGiB int) error {
	path, err := c.volumePath(id)
	if err != nil {
		return err
	}
	if err := c.ownVolume(ctx, id); err != nil {
		return err
	}
	return c.call(ctx, model.BlockStorageService, request{
		name: "volume_extend", method: http.MethodPost, path: path + "/action",
		body: map[string]any{"os-extend": map[string]int{"new_size": sizeGiB}},
	})
}

// DeleteVolume implements model.Volumes. Cinder names everything that may keep a
// volume from being deleted: what does, is looked for.
func (c *cloud) DeleteVolume(ctx context.Context, id string) error {
	path, err := c.volumePath(id)
	if err != nil {
		return err
	}
	if err := c.ownVolume(ctx, id); err != nil {
		return err
	}
	err = c.call(ctx, model.BlockStorageService, request{name: "volume_delete", method: http.MethodDelete, path: path})
	if model.IsCode(err, model.Conflict) {
		return c.whyKept(ctx, id, err)
	}
	if err == nil {
		c.p.deletions.put(deletion{c.tenant.project, id}, struct{}{}, deletionFor)
	}
	return err
}

// whyKept tells why a volume cannot be deleted now.
func (c *cloud) whyKept(ctx context.Context, id string, refused error) error {
	v, err := c.Volume(ctx, id)
	if err != nil {
		return err
	}
	e := *model.AsError(refused)
	switch {
	case len(v.Attachments) > 0:
		e.Message = fmt.Sprintf("the volume %q is in use on the machine %q", id, v.Attachments[0].MachineID)
	case v.State == model.VolumeInUse:
		e.Message = fmt.Sprintf("the volume %q is in use", id)
	case v.State != model.VolumeAvailable && v.State != model.VolumeFailed:
		e.Message = fmt.Sprintf("the volume %q cannot be deleted while it is %s", id, v.State)
	default:
		e.Message = fmt.Sprintf("the volume %q has snapshots, or belongs to a group", id)
	}
	return &e
}

// snapshotInUse is the microversion from which on a volume in use needs no force
// to be copied.
var snapshotInUse = microversion{3, 66}

// SnapshotVolume implements model.Volumes.
func (c *cloud) SnapshotVolume(ctx context.Context, id, name string) (string, error) {
	_, version, err := c.service(ctx, model.BlockStorageService)
	if err != nil {
		return "", err
	}
	body := map[string]any{"volume_id": id, "name": name}
	if version.less(snapshotInUse) {
		body["force"] = true
	}
	return c.copyVolume(ctx, "snapshot", id, name, body)
}

// copyVolume has Cinder make a copy of a volume and gives the copy's id. The
// volume stands in the body: what cannot be one is not found.
func (c *cloud) copyVolume(ctx context.Context, noun, id, name string, body map[string]any) (string, error) {
	if _, err := c.volumePath(id); err != nil {
		return "", err
	}
	if err := checkName(noun, name); err != nil {
		return "", err
	}
	if err := c.ownVolume(ctx, id); err != nil {
		return "", err
	}
	return making[string]{
		noun: noun,
		begin: func(ctx context.Context) (string, error) {
			var answer map[string]struct {
				ID string `json:"id"`
			}
			err := c.call(ctx, model.BlockStorageService, request{
				name: noun + "_create", method: http.MethodPost, path: noun + "s", body: map[string]any{noun: body}, answer: &answer,
			})
			if model.IsCode(err, model.Invalid) && strings.Contains(model.AsError(err).Message, "volume_id") {
				err = noVolume(id)
			}
			return answer[noun].ID, err
		},
		undo: func(ctx context.Context, made string) error {
			return c.call(ctx, model.BlockStorageService, request{name: noun + "_delete", method: http.MethodDelete, path: noun + "s/" + made})
		},
	}.make(ctx, c)
}

// backupPauses are how long to wait before each look at a new backup.
var backupPauses = []time.Duration{0, 200 * time.Millisecond, 400 * time.Millisecond}

// BackUpVolume implements model.Volumes. Without a backup service, Cinder accepts
// the request, and gives it up a moment later: the new backup is looked at until
// that would have shown. As what is given up cannot be deleted either, and counts
// against the quota, it is remembered that this cloud makes no backups.
func (c *cloud) BackUpVolume(ctx context.Context, id, name string) (string, error) {
	if _, err := c.volumePath(id); err != nil {
		return "", err
	}
	client, _, err := c.service(ctx, model.BlockStorageService)
	if err != nil {
		return "", err
	}
	cloudless := model.Errorf(model.Unsupported, "this cloud has no service that makes backups of volumes")
	at := versionRoot(client.Endpoint)
	if c.p.noBackups.has(at) {
		_, err := c.Volume(ctx, id)
		if err == nil {
			err = cloudless
		}
		return "", err
	}
	backup, err := c.copyVolume(ctx, "backup", id, name, map[string]any{"volume_id": id, "name": name, "force": true})
	if err != nil {
		return "", err
	}
	state, reason := c.backupState(ctx, backup)
	if state != "error" {
		return backup, nil
	}
	// A service of the real cloud would remove it; without one, it stays.
	gone := c.undo(ctx, func(ctx context.Context) error {
		return c.call(ctx, model.BlockStorageService, request{name: "backup_delete", method: http.MethodDelete, path: "backups/" + backup})
	})
	if !strings.Contains(reason, "Service not found") {
		err := model.Errorf(model.Unavailable, "the backup has failed: %s", readable(reason))
		if gone != nil {
			return "", leftBehind(err, fmt.Sprintf("the failed backup %q is left", backup))
		}
		return "", err
	}
	c.p.noBackups.put(at, struct{}{}, versionsFor)
	return "", leftBehind(cloudless, fmt.Sprintf("the failed backup %q may be left", backup))
}

// backupState looks at a new backup until it is clear whether a service makes it.
func (c *cloud) backupState(ctx context.Context, id string) (state, reason string) {
	for _, pause := range backupPauses {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return "", ""
		}
		var answer struct {
			Backup struct {
				Status     string `json:"status"`
				FailReason string `json:"fail_reason"`
			} `json:"backup"`
		}
		if c.get(ctx, model.BlockStorageService, "backup_show", "backups/"+id, &answer) != nil {
			return "", ""
		}
		if state, reason = answer.Backup.Status, answer.Backup.FailReason; state != "creating" {
			break
		}
	}
	return state, reason
}
