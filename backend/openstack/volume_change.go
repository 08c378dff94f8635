package openstack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// noVolume is the error that there is no such volume.
func noVolume(id string) error {
	return model.Errorf(model.NotFound, "there is no volume %q", bounded(id, 64))
}

// volumePath gives the path of a volume, or NotFound for what cannot be one or
// is hidden.
func (c *cloud) volumePath(id string) (string, error) {
	path, err := segment("volume", id)
	if err == nil && c.hidden(id) {
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
	Size        int               `json:"size,omitempty"` // 0: that of the snapshot
	Type        string            `json:"volume_type,omitempty"`
	SnapshotID  string            `json:"snapshot_id,omitempty"`
	ImageRef    string            `json:"imageRef,omitempty"`
	Zone        string            `json:"availability_zone,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

// CreateVolume implements model.Volumes.
func (c *cloud) CreateVolume(ctx context.Context, r model.VolumeCreate) (model.Volume, error) {
	if err := checkSource(r.SizeGiB, r.SnapshotID, r.ImageID); err != nil {
		return model.Volume{}, err
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
				body: map[string]any{"volume": volumeCreate{
					Name: r.Name, Description: r.Description, Size: r.SizeGiB, Type: r.Type, Zone: r.Zone, Metadata: r.Metadata,
					SnapshotID: r.SnapshotID, ImageRef: r.ImageID,
				}},
			})
			return answer.Volume.model(), sourceError(invalidIfMissing(err), r.SnapshotID, r.ImageID)
		},
		id:   func(v model.Volume) string { return v.ID },
		undo: c.DeleteVolume,
	}.make(ctx, c)
}

// checkSource refuses what a new volume cannot hold.
func checkSource(sizeGiB int, snapshotID, imageID string) error {
	switch {
	case sizeGiB < 0 || sizeGiB == 0 && snapshotID == "":
		return model.Errorf(model.Invalid, "a volume has at least 1 GiB, not %d", sizeGiB)
	case snapshotID != "" && imageID != "":
		return model.Errorf(model.Invalid, "a volume is made of a snapshot or of an image, not of both")
	case snapshotID != "" && !isID(snapshotID):
		return model.Errorf(model.Invalid, "there is no snapshot %q", bounded(snapshotID, 64))
	case imageID != "" && !isID(imageID):
		return model.Errorf(model.Invalid, "there is no image %q", bounded(imageID, 64))
	}
	return nil
}

// sourceError names what a volume should have been made of: Cinder does not
// always.
func sourceError(err error, snapshotID, imageID string) error {
	if e := model.AsError(err); err != nil && e.Code == model.Invalid && imageID != "" && strings.Contains(e.Message, "image") && !strings.Contains(e.Message, imageID) {
		named := *e
		named.Message = fmt.Sprintf("image %q: %s", bounded(imageID, 64), e.Message)
		return &named
	} else if err != nil && e.Code == model.Conflict && snapshotID != "" && !strings.Contains(e.Message, snapshotID) {
		named := *e
		named.Message = fmt.Sprintf("snapshot %q: %s", bounded(snapshotID, 64), e.Message)
		return &named
	}
	return err
}

// UpdateVolume implements model.Volumes.
func (c *cloud) UpdateVolume(ctx context.Context, id string, u model.VolumeUpdate) (model.Volume, error) {
	path, err := c.volumePath(id)
	if err != nil {
		return model.Volume{}, err
	}
	if err := c.updateStored(ctx, "volume", path, storedUpdate(u), func() error { return c.ownVolume(ctx, id) }); err != nil {
		return model.Volume{}, err
	}
	return c.Volume(ctx, id)
}

// storedUpdate is a model.VolumeUpdate or a model.SnapshotUpdate.
type storedUpdate struct {
	Name        *string
	Description *string
	Metadata    map[string]string
}

// updateStored changes a volume or a snapshot, once own has nothing against it.
// Each key of the metadata is set or removed by itself, so that nothing is
// undone that others change meanwhile; what Cinder could refuse of the rest is
// refused first.
func (c *cloud) updateStored(ctx context.Context, noun, path string, u storedUpdate, own func() error) error {
	body := map[string]string{}
	for key, value := range map[string]*string{"name": u.Name, "description": u.Description} {
		if value != nil {
			body[key] = *value
		}
	}
	if err := checkText(noun, body["name"], body["description"]); err != nil {
		return err
	}
	if err := checkMetadata(noun, u.Metadata); err != nil {
		return err
	}
	if err := own(); err != nil {
		return err
	}
	if err := c.updateMetadata(ctx, model.BlockStorageService, noun, path, u.Metadata); err != nil {
		return err
	}
	if len(body) == 0 {
		return nil
	}
	return c.call(ctx, model.BlockStorageService, request{
		name: noun + "_update", method: http.MethodPut, path: path, body: map[string]any{noun: body},
	})
}

var metadataKey = regexp.MustCompile(`^[A-Za-z0-9_:. -]{1,255}$`)

// checkMetadata refuses what Cinder refuses of volumes, or should of snapshots.
func checkMetadata(noun string, metadata map[string]string) error {
	for key, value := range metadata {
		if utf8.RuneCountInString(value) > maxName || !metadataKey.MatchString(key) {
			return model.Errorf(model.Invalid, "%q cannot be metadata of a %s", bounded(key, 64), noun)
		}
	}
	return nil
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
	err = c.whenReady(ctx, "", id, beforeFree, func() error {
		return c.call(ctx, model.BlockStorageService, request{name: "volume_delete", method: http.MethodDelete, path: path})
	})
	if model.IsCode(err, model.Conflict) {
		err = c.whyKept(ctx, id, err)
	}
	if err == nil {
		c.deleted(id)
	}
	return err
}

// whyKept tells why a volume cannot be deleted now; nil: it is being deleted
// already.
func (c *cloud) whyKept(ctx context.Context, id string, refused error) error {
	v, err := c.Volume(ctx, id)
	if err != nil {
		return err
	}
	e := *model.AsError(refused)
	switch {
	case v.State == model.VolumeDeleting:
		return nil
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

// VolumeReason implements model.Volumes. Not every cloud lets messages be
// filtered: the newest are read. Cinder shows those of every project, so the
// volume must be seen to be the tenant's.
func (c *cloud) VolumeReason(ctx context.Context, id string) (string, error) {
	var answer struct {
		Messages []struct {
			ID       string `json:"id"`
			Resource string `json:"resource_uuid"` // null if it is of none
			Text     string `json:"user_message"`
		} `json:"messages"`
	}
	g, gctx := fanout.WithContext(ctx)
	g.Go(func() error {
		_, err := c.Volume(gctx, id)
		return err
	})
	g.Go(func() error {
		return c.call(gctx, model.BlockStorageService, request{
			name: "message_list", method: http.MethodGet, path: "messages", query: url.Values{"sort": {"created_at:desc"}}, answer: &answer,
		})
	})
	if err := g.Wait(); err != nil {
		return "", err
	}
	for _, m := range answer.Messages {
		if m.Resource == id {
			return readable(m.Text), nil
		}
	}
	return "", nil
}

// SaveVolume implements model.Volumes. Cinder sets the image's properties anew
// when it has filled it.
func (c *cloud) SaveVolume(ctx context.Context, id, imageName string) (string, error) {
	path, err := c.volumePath(id)
	if err != nil {
		return "", err
	}
	if imageName == "" {
		return "", model.Errorf(model.Invalid, "an image needs a name")
	}
	if err := checkName("image", imageName); err != nil {
		return "", err
	}
	if err := c.ownVolume(ctx, id); err != nil {
		return "", err
	}
	defer c.p.images.forget(ofProject(c.tenant.project))
	return making[string]{
		noun: "image",
		begin: func(ctx context.Context) (string, error) {
			var answer struct {
				Upload struct {
					ImageID string `json:"image_id"`
				} `json:"os-volume_upload_image"`
			}
			err := c.call(ctx, model.BlockStorageService, request{
				name: "volume_upload_image", method: http.MethodPost, path: path + "/action", answer: &answer,
				body: map[string]any{"os-volume_upload_image": map[string]string{"image_name": imageName, "disk_format": "raw", "container_format": "bare"}},
			})
			return answer.Upload.ImageID, err
		},
		id:   func(image string) string { return image },
		undo: c.DeleteImage,
	}.make(ctx, c)
}

// copyVolume has Cinder make a copy of a volume: a snapshot or a backup. The
// volume stands in the body: what cannot be one is not found.
func copyVolume[T any](ctx context.Context, c *cloud, noun, volumeID string, body map[string]any, id func(T) string) (T, error) {
	var none T
	if _, err := c.volumePath(volumeID); err != nil {
		return none, err
	}
	if err := c.ownVolume(ctx, volumeID); err != nil {
		return none, err
	}
	return making[T]{
		noun: noun,
		begin: func(ctx context.Context) (T, error) {
			var answer map[string]T
			err := c.call(ctx, model.BlockStorageService, request{
				name: noun + "_create", method: http.MethodPost, path: noun + "s", body: map[string]any{noun: body}, answer: &answer,
			})
			if model.IsCode(err, model.Invalid) && strings.Contains(model.AsError(err).Message, "volume_id") {
				err = noVolume(volumeID)
			}
			return answer[noun], err
		},
		id: id,
		undo: func(ctx context.Context, id string) error {
			return c.call(ctx, model.BlockStorageService, request{name: noun + "_delete", method: http.MethodDelete, path: noun + "s/" + id})
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
	if err := checkName("backup", name); err != nil {
		return "", err
	}
	type backupAnswer struct {
		ID string `json:"id"`
	}
	made, err := copyVolume(ctx, c, "backup", id, map[string]any{"volume_id": id, "name": name, "force": true}, func(b backupAnswer) string { return b.ID })
	backup := made.ID
	if err != nil {
		return "", err
	}
	state, reason := c.backupState(ctx, backup)
	if state != "error" {
		return backup, nil
	}
	// A service of the real cloud would remove it; without one, it stays.
	gone := c.undo(ctx, "backup "+backup, func(ctx context.Context) error {
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
		if c.p.config.Pause(ctx, pause) != nil {
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
