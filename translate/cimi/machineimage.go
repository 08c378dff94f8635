package cimi

import (
	"context"
	"maps"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// MachineImage is what machines are made from (DSP0263 5.14.7).
type MachineImage struct {
	Common
	State         string      `cimi:"state,ro"`
	Type          string      `cimi:"type,create"`
	ImageLocation URI         `cimi:"imageLocation,create,optional"`
	RelatedImage  Ref         `cimi:"relatedImage,fixed,optional" of:"MachineImage"`
	Operations    []Operation `cimi:"operations" xml1:"operation"`
}

var machineImages = &resource{
	path:    "machineImages",
	item:    reflect.TypeFor[MachineImage](),
	offered: offers(model.ImageService),
	list:    lister(listImages),
	get:     getter(getImage),
	extras:  []string{"properties"},
	keeps:   keepsProperty,
	lingers: true,
	create:  creator(createImage),
	update:  updater(updateImage),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DeleteImage(ctx, at.Key())
	},
}

// imageStates gives the CIMI state of an image (DSP0263 table 21).
var imageStates = map[model.ImageState]string{
	model.ImageCreating:  "CREATING",
	model.ImageAvailable: "AVAILABLE",
	model.ImageDeleting:  "DELETING",
	model.ImageFailed:    "ERROR",
}

// The types of images, and the image property that keeps them. What the proxy
// did not make has none, and is an IMAGE.
const (
	typeImage    = "IMAGE"
	typeSnapshot = "SNAPSHOT"
	typeProperty = "cimi_type"
)

// descriptionProperty is where images keep their description.
const descriptionProperty = "description"

// image gives an image. related is the key of the one that it relates to.
func (s *Session) image(i model.Image, related string) MachineImage {
	kind := i.Properties[typeProperty]
	if kind == "" {
		kind = typeImage
	}
	image := MachineImage{
		Common: Common{
			ID:          s.id("machineImages", i.ID),
			Name:        i.Name,
			Description: i.Description,
			Created:     i.Created,
			Properties:  propertiesOf(i.Properties),
		},
		State:         imageStates[i.State],
		Type:          kind,
		ImageLocation: URI(i.SourceURL),
		RelatedImage:  Ref{Key: related},
	}
	if i.Owned {
		image.Operations = []Operation{{Name: "edit"}, {Name: "delete", Unavailable: i.Protected}}
	}
	return image
}

func listImages(ctx context.Context, s *Session, _ Address) ([]MachineImage, error) {
	list, err := s.Cloud.Images(ctx)
	if err != nil {
		return nil, err
	}
	related := relatedImages(list)
	images := make([]MachineImage, len(list))
	for i := range list {
		images[i] = s.image(list[i], related[list[i].ID])
	}
	return images, nil
}

func getImage(ctx context.Context, s *Session, at Address) (*MachineImage, error) {
	return s.oneImage(ctx)(s.Cloud.Image(ctx, at.Key()))
}

// oneImage gives what a call gave. What a snapshot relates to takes the list of
// images.
func (s *Session) oneImage(ctx context.Context) func(model.Image, error) (*MachineImage, error) {
	return func(i model.Image, err error) (*MachineImage, error) {
		if err != nil {
			return nil, err
		}
		var related map[string]string
		if i.Properties[typeProperty] == typeSnapshot {
			all, err := s.Cloud.Images(ctx)
			if err != nil {
				return nil, err
			}
			related = relatedImages(all)
		}
		image := s.image(i, related[i.ID])
		return &image, nil
	}
}

// createImage makes an image: imageLocation is the URI of a machine or a volume
// (DSP0263 5.14.7.1), or of what the cloud shall fetch.
func createImage(ctx context.Context, s *Session, _ Address, in *MachineImage) (*MachineImage, error) {
	kind := strings.TrimSpace(in.Type)
	if kind == "" {
		kind = typeImage
	}
	if kind != typeImage && kind != typeSnapshot {
		return nil, model.Errorf(model.Invalid, "type: %q is not supported, only %s and %s", clip(kind), typeImage, typeSnapshot)
	}
	if in.ImageLocation == "" {
		return nil, model.Errorf(model.Invalid, "imageLocation is missing: the URI of the machine or the volume that the image is made of, or of an image")
	}
	if in.Name == "" {
		in.Name = unnamed
	}
	location := string(in.ImageLocation)
	if machine, err := s.key("Machine", location); err == nil {
		return imageOfMachine(ctx, s, machine, kind, in)
	}
	if kind == typeSnapshot {
		return nil, model.Errorf(model.Invalid, "imageLocation: %q is not the URI of a machine here; a %s is made of machines only", clip(location), typeSnapshot)
	}
	if volume, err := s.key("Volume", location); err == nil {
		return imageOfVolume(ctx, s, volume, in)
	}
	return importImage(ctx, s, in)
}

// imageProperties are the properties of an image in the cloud.
func imageProperties(in *MachineImage, kind string) (map[string]string, error) {
	properties, err := replaceProperties(nil, in.Properties)
	if err != nil {
		return nil, err
	}
	properties[typeProperty] = kind
	return properties, nil
}

// imageOfMachine makes an image of a machine. A snapshot must hold the machine's
// memory unless the machine is stopped, which OpenStack's images cannot.
func imageOfMachine(ctx context.Context, s *Session, machine, kind string, in *MachineImage) (*MachineImage, error) {
	save := model.MachineSave{Name: in.Name}
	var err error
	if save.Properties, err = imageProperties(in, kind); err != nil {
		return nil, err
	}
	if in.Description != "" {
		save.Properties[descriptionProperty] = in.Description
	}
	related := ""
	if kind == typeSnapshot {
		var m model.Machine
		var images []model.Image
		err := together(ctx, into(&images, s.Cloud.Images), into(&m, func(ctx context.Context) (model.Machine, error) { return s.Cloud.Machine(ctx, machine) }))
		if err != nil {
			return nil, err
		}
		if m.State != model.MachineStopped {
			return nil, model.Errorf(model.Conflict, "the machine is %s: a %s can be made of a STOPPED machine only", machineState(&m), typeSnapshot)
		}
		maps.Copy(save.Properties, s.snapshotProperties(&m))
		related = latestSnapshot(&m, machineSnapshotsIn(images)[machine])
	}
	id, err := s.Cloud.SaveMachine(ctx, machine, save)
	if err != nil {
		return nil, err
	}
	// What is known of it now needs no other call, which could fail while the image
	// is there.
	image := s.image(model.Image{
		ID: id, Name: save.Name, Description: in.Description, State: model.ImageCreating, Owned: true,
		MachineID: machine, Properties: save.Properties,
	}, related)
	return &image, nil
}

// imageOfVolume makes an image of a volume that is on no machine. The cloud
// takes nothing but a name for it.
func imageOfVolume(ctx context.Context, s *Session, volume string, in *MachineImage) (*MachineImage, error) {
	if in.Description != "" || len(in.Properties) > 0 {
		return nil, model.Errorf(model.Invalid, "an image that is made of a volume takes a description and properties only when it is AVAILABLE")
	}
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	id, err := part.SaveVolume(ctx, volume, in.Name)
	if err != nil {
		return nil, err
	}
	image := s.image(model.Image{ID: id, Name: in.Name, State: model.ImageCreating, Owned: true}, "")
	return &image, nil
}

// diskFormats are the formats of images, by what their URLs end in.
var diskFormats = map[string]string{
	".raw": "raw", ".qcow2": "qcow2", ".vmdk": "vmdk", ".vdi": "vdi", ".vhd": "vhd", ".vhdx": "vhdx", ".iso": "iso",
}

// importImage has the cloud fetch an image.
func importImage(ctx context.Context, s *Session, in *MachineImage) (*MachineImage, error) {
	at, err := url.Parse(strings.TrimSpace(string(in.ImageLocation)))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" {
		return nil, model.Errorf(model.Invalid, "imageLocation: %q is the URI of neither a machine nor a volume here, nor of an image to be fetched", clip(string(in.ImageLocation)))
	}
	r := model.ImageImport{Name: in.Name, Description: in.Description, URL: at.String(), Format: diskFormats[strings.ToLower(path.Ext(at.Path))]}
	if r.Format == "" {
		return nil, model.Errorf(model.Invalid, "imageLocation: the format of the image is told by the URL's end, which must be one of %s",
			strings.Join(slices.Sorted(maps.Keys(diskFormats)), ", "))
	}
	if r.Properties, err = imageProperties(in, typeImage); err != nil {
		return nil, err
	}
	part, err := model.Part[model.ImageImports](s.Cloud, model.ImageService)
	if err != nil {
		return nil, err
	}
	i, err := part.ImportImage(ctx, r)
	if err != nil {
		return nil, inBody("imageLocation", err)
	}
	image := s.image(i, "")
	return &image, nil
}

// updateImage changes the common attributes; the rest cannot be changed.
func updateImage(ctx context.Context, s *Session, at Address, in *MachineImage, changed func(string) bool) (*MachineImage, error) {
	var u model.ImageUpdate
	var err error
	u.Name, u.Description, u.Properties, err = in.changes(at, changed, func() (map[string]string, error) {
		now, err := s.Cloud.Image(ctx, at.Key())
		return now.Properties, err
	})
	if err != nil {
		return nil, err
	}
	return s.oneImage(ctx)(s.Cloud.UpdateImage(ctx, at.Key(), u))
}
