package openstack

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

var _ model.Volumes = (*cloud)(nil)

// volumeAnswer is a volume as Cinder shows it.
type volumeAnswer struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	ProjectID   string            `json:"os-vol-tenant-attr:tenant_id"`
	Status      string            `json:"status"`
	Created     volumeTime        `json:"created_at"`
	Updated     volumeTime        `json:"updated_at"`
	Size        int               `json:"size"`
	Type        string            `json:"volume_type"`
	Bootable    string            `json:"bootable"` // "true" or "false"
	Zone        string            `json:"availability_zone"`
	Metadata    map[string]string `json:"metadata"`
	Attachments []struct {
		ServerID string `json:"server_id"`
		Device   string `json:"device"`
	} `json:"attachments"`
}

// volumeTime is a time in UTC that does not say so.
type volumeTime time.Time

func utc(t volumeTime) time.Time { return time.Time(t) }

// UnmarshalJSON implements json.Unmarshaler. What is no time is the zero time.
func (t *volumeTime) UnmarshalJSON(b []byte) error {
	parsed, err := time.Parse("2006-01-02T15:04:05.999999", strings.Trim(string(b), `"`))
	if err == nil {
		*t = volumeTime(parsed)
	}
	return nil
}

// volumeStates: Cinder's status in the model. What is not listed and does not
// begin with "error" is a change that leaves the volume usable.
var volumeStates = map[string]model.VolumeState{
	"creating":         model.VolumeCreating,
	"downloading":      model.VolumeCreating,
	"available":        model.VolumeAvailable,
	"in-use":           model.VolumeInUse,
	"uploading":        model.VolumeCapturing,
	"backing-up":       model.VolumeCapturing,
	"restoring-backup": model.VolumeRestoring,
	"reverting":        model.VolumeRestoring,
	"maintenance":      model.VolumeMaintenance,
	"deleting":         model.VolumeDeleting,
	"unmanaging":       model.VolumeDeleting,
}

func volumeState(status string) (state model.VolumeState, detail string) {
	state, known := volumeStates[status]
	switch {
	case state == model.VolumeAvailable || state == model.VolumeInUse:
		return state, ""
	case strings.HasPrefix(status, "error"):
		state = model.VolumeFailed
	case !known:
		state = model.VolumeChanging
	}
	return state, strings.ReplaceAll(status, "_", " ")
}

func (v *volumeAnswer) model() model.Volume {
	state, detail := volumeState(v.Status)
	volume := model.Volume{
		ID:          v.ID,
		Name:        v.Name,
		Description: v.Description,
		State:       state,
		StateDetail: detail,
		Created:     time.Time(v.Created),
		Updated:     time.Time(v.Updated),
		SizeGiB:     v.Size,
		Type:        v.Type,
		Bootable:    v.Bootable == "true",
		Zone:        v.Zone,
		Metadata:    v.Metadata,
	}
	for _, a := range v.Attachments {
		volume.Attachments = append(volume.Attachments, model.Attachment{MachineID: a.ServerID, VolumeID: v.ID, Device: a.Device})
	}
	return volume
}

// volumesInOrder asks for volumes by time of creation. Cinder sorts so by
// default, but backwards.
var volumesInOrder = url.Values{"sort": {"created_at:asc,id:asc"}}

// VolumeRefs implements model.Volumes.
func (c *cloud) VolumeRefs(ctx context.Context) ([]model.VolumeRef, error) {
	var refs []model.VolumeRef
	err := c.list(ctx, model.BlockStorageService, request{name: "volume_list", path: "volumes", query: volumesInOrder}, func() (any, func() string) {
		var page struct {
			Volumes []model.VolumeRef `json:"volumes"`
			Links   links             `json:"volumes_links"`
		}
		return &page, func() string {
			for _, v := range page.Volumes {
				if !c.hidden(v.ID) {
					refs = append(refs, v)
				}
			}
			return page.Links.next()
		}
	})
	return refs, err
}

// Volumes implements model.Volumes.
func (c *cloud) Volumes(ctx context.Context) ([]model.Volume, error) {
	var volumes []model.Volume
	err := c.list(ctx, model.BlockStorageService, request{name: "volume_list_detail", path: "volumes/detail", query: volumesInOrder}, func() (any, func() string) {
		var page struct {
			Volumes []volumeAnswer `json:"volumes"`
			Links   links          `json:"volumes_links"`
		}
		return &page, func() string {
			for i := range page.Volumes {
				if v := page.Volumes[i].model(); !c.leaving(v) {
					volumes = append(volumes, v)
				}
			}
			return page.Links.next()
		}
	})
	slices.SortStableFunc(volumes, func(a, b model.Volume) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return volumes, err
}

// Volume implements model.Volumes.
func (c *cloud) Volume(ctx context.Context, id string) (model.Volume, error) {
	path, err := c.volumePath(id)
	if err != nil {
		return model.Volume{}, err
	}
	var answer struct {
		Volume volumeAnswer `json:"volume"`
	}
	if err := c.get(ctx, model.BlockStorageService, "volume_show", path, &answer); err != nil {
		return model.Volume{}, err
	}
	// An administrator is shown those of every project.
	if c.login.admin && answer.Volume.ProjectID != c.tenant.project {
		return model.Volume{}, noVolume(id)
	}
	volume := answer.Volume.model()
	if c.leaving(volume) {
		return model.Volume{}, noVolume(id)
	}
	return volume, nil
}

// leaving tells whether a volume is hidden, since it is being deleted.
func (c *cloud) leaving(v model.Volume) bool {
	return c.hides && v.State == model.VolumeDeleting || c.hidden(v.ID)
}
