package openstack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// imageAnswer is an image as Glance shows it: all properties beside the
// attributes, on one level.
type imageAnswer struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Status      string    `json:"status"`
	Created     time.Time `json:"created_at"`
	Updated     time.Time `json:"updated_at"`
	Size        int64     `json:"size"`
	MinDisk     int       `json:"min_disk"` // GiB
	MinRAM      int       `json:"min_ram"`  // MiB
	HWArch      string    `json:"hw_architecture"`
	Arch        string    `json:"architecture"`
	Visibility  string    `json:"visibility"`
	Owner       string    `json:"owner"`
	Protected   bool      `json:"protected"`
	InstanceID  string    `json:"instance_uuid"`
	SourceURL   string    `json:"occimi_source"` // see ImportImage
	SourceOf    string    `json:"occimi_image"`
	ImportTask  string    `json:"os_glance_import_task"`

	properties map[string]string
}

// imageAttributes are the keys of an image that are no properties: Glance's own
// attributes, and what tells where the image lies, which is nobody's business.
var imageAttributes = map[string]bool{
	"id": true, "name": true, "description": true, "status": true, "created_at": true, "updated_at": true, "size": true,
	"virtual_size": true, "min_disk": true, "min_ram": true, "visibility": true, "owner": true, "protected": true,
	"container_format": true, "disk_format": true, "checksum": true, "os_hash_algo": true, "os_hash_value": true,
	"os_hidden": true, "tags": true, "self": true, "file": true, "schema": true, "direct_url": true, "locations": true,
	"stores": true, "deleted": true, "deleted_at": true, "is_public": true,
	sourceProperty: true, sourceOfProperty: true, markProperty: true,
}

// Properties of images that are the adapter's own. Images of machines and volumes
// inherit the properties of the image that those were made of, these too.
const (
	// sourceProperty is where ImportImage keeps what an image was imported from, and
	// sourceOfProperty the id of the image that this was.
	sourceProperty   = "occimi_source"
	sourceOfProperty = "occimi_image"
	// markProperty is what SaveMachine finds an image by that it was not told of.
	markProperty = "occimi_mark"
)

// isImageProperty tells whether a key can be one of an image's properties: Glance
// has a prefix for its own.
func isImageProperty(key string) bool {
	return key != "" && !imageAttributes[key] && !strings.HasPrefix(key, "os_glance_")
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *imageAnswer) UnmarshalJSON(b []byte) error {
	type attributes imageAnswer
	if err := json.Unmarshal(b, (*attributes)(a)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	a.properties = map[string]string{}
	for key, raw := range all {
		var value string
		if isImageProperty(key) && !bytes.Equal(raw, []byte("null")) && json.Unmarshal(raw, &value) == nil {
			a.properties[key] = value
		}
	}
	return nil
}

// imageStates: Glance's status in the model. What is not listed has failed.
var imageStates = map[string]model.ImageState{
	"queued":         model.ImageCreating,
	"saving":         model.ImageCreating,
	"uploading":      model.ImageCreating,
	"importing":      model.ImageCreating,
	"active":         model.ImageAvailable,
	"pending_delete": model.ImageDeleting,
	"deleted":        model.ImageDeleting,
	"killed":         model.ImageFailed,
	"deactivated":    model.ImageFailed,
}

func (a imageAnswer) model(project string) model.Image {
	if a.SourceOf != a.ID {
		a.SourceURL = ""
	}
	state := cmp.Or(imageStates[a.Status], model.ImageFailed)
	if a.Status == "queued" && a.SourceURL != "" && a.ImportTask == "" {
		state = model.ImageFailed // Glance has tried to fetch it, and gone back to the beginning
	}
	return model.Image{
		ID:           a.ID,
		Name:         a.Name,
		Description:  a.Description,
		State:        state,
		Created:      a.Created.UTC(),
		Updated:      a.Updated.UTC(),
		SizeBytes:    a.Size,
		MinDiskGiB:   a.MinDisk,
		MinMemoryMiB: a.MinRAM,
		Architecture: cmp.Or(a.HWArch, a.Arch),
		Public:       a.Visibility == "public",
		Owned:        a.Owner == project,
		Protected:    a.Protected,
		MachineID:    a.InstanceID,
		SourceURL:    a.SourceURL,
		Properties:   a.properties,
	}
}

// visible tells whether the image is one of the tenant's view: an administrator
// is shown the images of every project.
func (c *cloud) visible(a imageAnswer) bool {
	return !c.login.admin || a.Owner == c.tenant.project || a.Visibility == "public" || a.Visibility == "community"
}

// Images implements model.Images.
func (c *cloud) Images(ctx context.Context) ([]model.Image, error) {
	all, err := remembered(ctx, c, c.p.images, func(ctx context.Context) ([]model.Image, bool, error) {
		var all []model.Image
		// Without a limit Glance gives 25 and keeps quiet about the rest's number.
		r := request{name: "image_list", path: "images", query: url.Values{"limit": {"1000"}}}
		err := c.list(ctx, model.ImageService, r, func() (any, func() string) {
			var page struct {
				Images []imageAnswer `json:"images"`
				Next   string        `json:"next"`
			}
			return &page, func() string {
				for _, i := range page.Images {
					if c.visible(i) && imageStates[i.Status] != model.ImageDeleting {
						all = append(all, i.model(c.tenant.project))
					}
				}
				return page.Next
			}
		})
		slices.SortFunc(all, func(a, b model.Image) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
		changing := slices.ContainsFunc(all, func(i model.Image) bool { return i.State == model.ImageCreating })
		return all, changing, err
	})
	return cloned(all, cloneImage), err
}

func cloneImage(i model.Image) model.Image {
	i.Properties = maps.Clone(i.Properties)
	return i
}

// Image implements model.Images.
func (c *cloud) Image(ctx context.Context, id string) (model.Image, error) {
	path, err := segment("image", id)
	if err != nil {
		return model.Image{}, err
	}
	var answer imageAnswer
	if err := c.get(ctx, model.ImageService, "image_show", "images/"+path, &answer); err != nil {
		return model.Image{}, err
	}
	if !c.visible(answer) {
		return model.Image{}, model.Errorf(model.NotFound, "there is no image %q", id)
	}
	return answer.model(c.tenant.project), nil
}

// ownImage makes sure that what is about to be changed is the tenant's: for an
// administrator, OpenStack would not.
func (c *cloud) ownImage(ctx context.Context, id string) error {
	if !c.login.admin {
		return nil
	}
	i, err := c.Image(ctx, id)
	if err == nil && !i.Owned {
		return model.Errorf(model.Forbidden, "image %q does not belong to the project", id)
	}
	return err
}

// jsonPatch is one operation of RFC 6902.
type jsonPatch struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"` // nil for remove
}

var pointer = strings.NewReplacer("~", "~0", "/", "~1") // RFC 6901, 3

// UpdateImage implements model.Images.
func (c *cloud) UpdateImage(ctx context.Context, id string, u model.ImageUpdate) (model.Image, error) {
	path, err := segment("image", id)
	if err != nil {
		return model.Image{}, err
	}
	if u.Name != nil {
		if err := checkName("image", *u.Name); err != nil {
			return model.Image{}, err
		}
	}
	var patch []jsonPatch
	add := func(key string, value any) { // which replaces, too
		patch = append(patch, jsonPatch{"add", "/" + pointer.Replace(key), value})
	}
	if u.Name != nil {
		add("name", *u.Name)
	}
	if u.Description != nil {
		add("description", *u.Description)
	}
	if u.Protected != nil {
		add("protected", *u.Protected)
	}
	var gone []string
	for _, key := range slices.Sorted(maps.Keys(u.Properties)) {
		if !isImageProperty(key) {
			return model.Image{}, model.Errorf(model.Invalid, "%q cannot be set as a property of an image", bounded(key, 64))
		}
		if value := u.Properties[key]; value != "" {
			add(key, value)
		} else {
			gone = append(gone, key)
		}
	}
	if err := c.ownImage(ctx, id); err != nil {
		return model.Image{}, err
	}
	if len(gone) > 0 || len(patch) == 0 {
		now, err := c.Image(ctx, id) // Glance refuses to remove what is not there
		if err != nil {
			return model.Image{}, err
		}
		for _, key := range gone {
			if _, ok := now.Properties[key]; ok {
				patch = append(patch, jsonPatch{Op: "remove", Path: "/" + pointer.Replace(key)})
			}
		}
		if len(patch) == 0 {
			return now, nil
		}
	}
	var answer imageAnswer
	err = c.call(ctx, model.ImageService, request{
		name: "image_update", method: http.MethodPatch, path: "images/" + path, body: patch, answer: &answer,
		header: map[string]string{"Content-Type": "application/openstack-images-v2.1-json-patch"},
	})
	c.p.images.forget(ofProject(c.tenant.project))
	if err != nil {
		return model.Image{}, err
	}
	return answer.model(c.tenant.project), nil
}

// DeleteImage implements model.Images.
func (c *cloud) DeleteImage(ctx context.Context, id string) error {
	path, err := segment("image", id)
	if err != nil {
		return err
	}
	if err := c.ownImage(ctx, id); err != nil {
		return err
	}
	err = c.call(ctx, model.ImageService, request{name: "image_delete", method: http.MethodDelete, path: "images/" + path})
	c.p.images.forget(ofProject(c.tenant.project))
	return err
}
