package cloudtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/occimi/occimi/model"
)

func (s *suite) volumeTypes(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	types := must(model.Part[model.VolumeTypes](s.cloud, model.BlockStorageService))(t)
	all := must(types.VolumeTypes(s.ctx))(t)
	if !slices.IsSortedFunc(all, func(a, b model.VolumeType) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("volume types are not in order of name")
	}
	for _, v := range all {
		if v.ID == "" || v.Name == "" {
			t.Errorf("volume type is incomplete: %+v", v)
		}
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	v := must(volumes.Volume(s.ctx, s.Volume(t)))(t)
	if !slices.ContainsFunc(all, func(x model.VolumeType) bool { return x.Name == v.Type }) {
		t.Errorf("a volume's type %q is none of %+v", v.Type, all)
	}
	all[0].Name = "changed"
	if again := must(types.VolumeTypes(s.ctx))(t); again[0].Name == "changed" {
		t.Error("a caller can change the remembered volume types")
	}
}

// volumeImages: volumes are made of images, and images of volumes.
func (s *suite) volumeImages(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	size := max(1, s.image.MinDiskGiB)
	v := must(volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "of-image", SizeGiB: size, ImageID: s.image.ID}))(t)
	t.Cleanup(func() { s.removeVolume(t, volumes, v.ID) })
	if v = s.untilVolume(t, volumes, v.ID, model.VolumeAvailable); !v.Bootable {
		t.Error("a volume that holds an image is not bootable")
	}
	for _, bad := range append(hostileIDs[1:], unknownID, "nope") {
		_, err := volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "bad", SizeGiB: 1, ImageID: bad})
		fails(t, err, model.Invalid)
		if bad == unknownID {
			names(t, err, bad)
		}
	}
	must(s.cloud.Images(s.ctx))(t)
	id := must(volumes.SaveVolume(s.ctx, v.ID, s.prefix+"saved"))(t)
	t.Cleanup(func() { s.removeImage(t, id) })
	if !slices.ContainsFunc(must(s.cloud.Images(s.ctx))(t), func(i model.Image) bool { return i.ID == id }) {
		t.Error("an image is not listed right after it was saved")
	}
	image := s.untilImage(t, id, model.ImageAvailable)
	if image.Name != s.prefix+"saved" || !image.Owned || image.Public {
		t.Errorf("the saved image is told wrong: %+v", image)
	}
	s.untilVolume(t, volumes, v.ID, model.VolumeAvailable)
	s.protect(t, id)
	for _, name := range []string{"", strings.Repeat("x", 256)} {
		_, err := volumes.SaveVolume(s.ctx, v.ID, name)
		fails(t, err, model.Invalid)
	}
	if v := must(volumes.Volume(s.ctx, v.ID))(t); v.State != model.VolumeAvailable {
		t.Errorf("after refusals the volume is %s", v.State)
	}
}

// protect: a protected image cannot be deleted.
func (s *suite) protect(t *testing.T, id string) {
	on, off := true, false
	if i := must(s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{Protected: &on}))(t); !i.Protected {
		t.Error("the image is not protected")
	}
	fails(t, s.cloud.DeleteImage(s.ctx, id), model.Forbidden)
	if i := must(s.cloud.UpdateImage(s.ctx, id, model.ImageUpdate{Protected: &off}))(t); i.Protected {
		t.Error("the image is still protected")
	}
}

func (s *suite) removeImage(t *testing.T, id string) {
	if err := s.cloud.DeleteImage(s.ctx, id); err != nil && !model.IsCode(err, model.NotFound) {
		t.Errorf("image %s is left behind: %v", id, err)
	}
}

func (s *suite) untilImage(t *testing.T, id string, state model.ImageState) (i model.Image) {
	t.Helper()
	s.Wait(t, "image "+id+" to be "+string(state), func() (bool, error) {
		var err error
		i, err = s.cloud.Image(s.ctx, id)
		return i.State == state, err
	})
	return i
}

// failedVolume: a volume that no storage can hold fails, and the cloud says why.
func (s *suite) failedVolume(t *testing.T) {
	if s.Volume == nil {
		t.Skip("the cloud has no volumes")
	}
	volumes := must(model.Part[model.Volumes](s.cloud, model.BlockStorageService))(t)
	if reason := must(volumes.VolumeReason(s.ctx, s.Volume(t)))(t); reason != "" {
		t.Errorf("a volume in order has the reason %q", reason)
	}
	const pebibytes100 = 100 << 20
	v, err := volumes.CreateVolume(s.ctx, model.VolumeCreate{Name: s.prefix + "huge", SizeGiB: pebibytes100})
	if model.IsCode(err, model.Quota) {
		t.Skip("the quota does not allow a volume that fails")
	}
	ok(t, err)
	t.Cleanup(func() { s.removeVolume(t, volumes, v.ID) })
	s.untilVolume(t, volumes, v.ID, model.VolumeFailed)
	s.Wait(t, "the reason", func() (bool, error) {
		reason, err := volumes.VolumeReason(s.ctx, v.ID)
		return reason != "", err
	})
	others := must(model.Part[model.Volumes](s.other, model.BlockStorageService))(t)
	_, err = others.VolumeReason(s.ctx, v.ID)
	fails(t, err, model.NotFound)
}

// imageImports: what the cloud fetches, is an image then; what cannot be
// fetched, has failed; what may not be fetched, is refused.
func (s *suite) imageImports(t *testing.T) {
	imports := must(model.Part[model.ImageImports](s.cloud, model.ImageService))(t)
	request := model.ImageImport{Name: s.prefix + "imported", Description: `a "description"`, URL: "https://cloudtest.example/image", Format: "raw", Properties: map[string]string{"occimi_a": "b"}}
	if !must(imports.ImportsImages(s.ctx))(t) {
		_, err := imports.ImportImage(s.ctx, request)
		fails(t, err, model.Unsupported)
		return
	}
	for what, change := range map[string]func(*model.ImageImport){
		"no name":        func(r *model.ImageImport) { r.Name = "" },
		"long name":      func(r *model.ImageImport) { r.Name = strings.Repeat("x", 256) },
		"no URL":         func(r *model.ImageImport) { r.URL = "" },
		"no host":        func(r *model.ImageImport) { r.URL = "https:///image" },
		"other scheme":   func(r *model.ImageImport) { r.URL = "file:///etc/passwd" },
		"password":       func(r *model.ImageImport) { r.URL = "https://me:secret@cloudtest.example/image" },
		"the cloud":      func(r *model.ImageImport) { r.URL = "http://127.0.0.1:5000/v3" },
		"no format":      func(r *model.ImageImport) { r.Format = "" },
		"unknown format": func(r *model.ImageImport) { r.Format = "punch-cards" },
		"bad property":   func(r *model.ImageImport) { r.Properties = map[string]string{"owner": "me"} },
	} {
		t.Run(what, func(t *testing.T) {
			r := request
			r.Name += "-refused"
			change(&r)
			i, err := imports.ImportImage(s.ctx, r)
			fails(t, err, model.Invalid)
			if err == nil {
				s.removeImage(t, i.ID)
			}
		})
	}
	if slices.ContainsFunc(must(s.cloud.Images(s.ctx))(t), func(i model.Image) bool { return i.Name == request.Name+"-refused" }) {
		t.Error("an image that was refused is there")
	}
	if s.ImportURL == "" {
		t.Skip("the cloud has nowhere to import from")
	}
	for missing, want := range map[string]model.ImageState{"": model.ImageAvailable, "missing": model.ImageFailed} {
		request.URL = s.ImportURL + missing
		made := must(imports.ImportImage(s.ctx, request))(t)
		t.Cleanup(func() { s.removeImage(t, made.ID) })
		if made.State != model.ImageCreating {
			t.Errorf("a new image is %s", made.State)
		}
		i := s.untilImage(t, made.ID, want)
		if i.Name != request.Name || i.Description != request.Description || i.SourceURL != request.URL || i.Public || !i.Owned {
			t.Errorf("the imported image is told wrong: %+v", i)
		}
		if len(i.Properties) != 1 || i.Properties["occimi_a"] != "b" {
			t.Errorf("the imported image has the properties %q", i.Properties)
		}
	}
}
