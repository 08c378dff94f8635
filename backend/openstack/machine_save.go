package openstack

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/occimi/occimi/model"
)

// SaveMachine implements model.Machines. Of those who ask for an image of one machine
// at the same time, Nova serves one and fails for the others, whose images stay in
// Glance for ever, waiting for data. So images are marked: one that Nova did not tell of
// is found by its mark, and removed.
func (c *cloud) SaveMachine(ctx context.Context, id string, r model.MachineSave) (string, error) {
	if r.Name == "" {
		return "", model.Errorf(model.Invalid, "an image needs a name")
	}
	if err := checkName("image", r.Name); err != nil {
		return "", err
	}
	mark := c.p.config.NewID()
	properties := map[string]string{markProperty: mark}
	maps.Copy(properties, r.Properties)
	defer c.p.images.forget(ofProject(c.tenant.project))
	return making[string]{
		noun: "image",
		begin: func(ctx context.Context) (string, error) {
			var answer struct {
				ImageID string `json:"image_id"`
			}
			err := c.act(ctx, id, "server_create_image", map[string]any{
				"createImage": map[string]any{"name": r.Name, "metadata": properties},
			}, &answer)
			if f, ok := errors.AsType[failure](err); ok && f.maybeDone && f.label.request == "server_create_image" {
				return "", c.dropMarked(ctx, mark, err)
			}
			return answer.ImageID, err
		},
		id:   func(image string) string { return image },
		undo: c.DeleteImage,
	}.make(ctx, c)
}

// dropMarked removes the image with a mark that a call may have made before it failed.
// The error is the call's own, and tells if an image may be left.
func (c *cloud) dropMarked(ctx context.Context, mark string, failed error) error {
	found := 0
	problem := c.undo(ctx, "image", func(ctx context.Context) error {
		var answer struct {
			Images []imageAnswer `json:"images"`
		}
		err := c.call(ctx, model.ImageService, request{
			name: "image_list", method: http.MethodGet, path: "images", query: url.Values{markProperty: {mark}}, answer: &answer,
		})
		if err != nil {
			return err
		}
		for _, i := range answer.Images {
			if i.Owner != c.tenant.project {
				continue
			}
			found++
			if err := c.DeleteImage(ctx, i.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if problem == nil && (found > 0 || model.AsError(failed).UpstreamID != "") {
		// Nova has answered, or has begun and will find that its image is gone.
		return settled(failed)
	}
	return failed
}
