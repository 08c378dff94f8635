package openstack

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

var _ model.ImageImports = (*cloud)(nil)

// webDownload is what Glance calls fetching an image by itself.
const webDownload = "web-download"

// ImportsImages implements model.ImageImports.
func (c *cloud) ImportsImages(ctx context.Context) (bool, error) {
	client, _, err := c.service(ctx, model.ImageService)
	if err != nil {
		return false, err
	}
	offered, _, err := c.p.importMethods.get(ctx, client.Endpoint, func(ctx context.Context) ([]string, time.Duration, error) {
		var answer struct {
			Methods struct {
				Value []string `json:"value"`
			} `json:"import-methods"`
		}
		err := c.call(ctx, model.ImageService, request{
			name: "import_info", method: http.MethodGet, path: "info/import", answer: &answer,
		})
		if model.IsCode(err, model.NotFound) {
			err = nil // a Glance from before imports
		}
		if err != nil {
			return nil, 0, err
		}
		return answer.Methods.Value, versionsFor, nil
	})
	return slices.Contains(offered, webDownload), contextError(err)
}

// ImportImage implements model.ImageImports. The image comes into being empty,
// and is then filled by Glance; its id is chosen here, so that the properties which
// keep where it comes from can tell that they are this image's own.
func (c *cloud) ImportImage(ctx context.Context, r model.ImageImport) (model.Image, error) {
	at, err := url.Parse(r.URL)
	switch {
	case r.Name == "":
		return model.Image{}, model.Errorf(model.Invalid, "an image needs a name")
	case r.Format == "":
		return model.Image{}, model.Errorf(model.Invalid, "an image that is imported needs a disk format")
	case err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil || len(r.URL) > maxName:
		return model.Image{}, model.Errorf(model.Invalid, "an image is imported from an http or https URL of at most %d characters, without user and password", maxName)
	}
	if err := checkText("image", r.Name, r.Description); err != nil {
		return model.Image{}, err
	}
	if offered, err := c.ImportsImages(ctx); err != nil || !offered {
		if err == nil {
			err = model.Errorf(model.Unsupported, "this cloud does not import images")
		}
		return model.Image{}, err
	}
	id := c.p.config.NewID()
	body := map[string]string{
		"id": id, sourceOfProperty: id, "name": r.Name, "disk_format": r.Format, "container_format": "bare", "visibility": "private", sourceProperty: r.URL,
	}
	if r.Description != "" {
		body["description"] = r.Description
	}
	for key, value := range r.Properties {
		if !isImageProperty(key) {
			return model.Image{}, model.Errorf(model.Invalid, "%q cannot be set as a property of an image", bounded(key, 64))
		}
		body[key] = value
	}
	defer c.p.images.forget(ofProject(c.tenant.project))
	return making[model.Image]{
		noun: "image",
		begin: func(ctx context.Context) (model.Image, error) {
			var answer imageAnswer
			err := c.call(ctx, model.ImageService, request{
				name: "image_create", method: http.MethodPost, path: "images", body: body, answer: &answer,
			})
			image := answer.model(c.tenant.project)
			image.State = model.ImageCreating // it is not yet asked for
			return image, err
		},
		finish: func(ctx context.Context, i *model.Image) error {
			err := c.call(ctx, model.ImageService, request{
				name: "image_import", method: http.MethodPost, path: "images/" + i.ID + "/import",
				body: map[string]any{"method": map[string]string{"name": webDownload, "uri": r.URL}},
			})
			if model.IsCode(err, model.Invalid) {
				e := *model.AsError(err)
				e.Message = "the cloud does not import images from " + bounded(at.Host, 64)
				err = &e
			}
			return err
		},
		id:   func(i model.Image) string { return i.ID },
		undo: c.DeleteImage,
	}.make(ctx, c)
}
