package cimi

import (
	"context"
	"reflect"
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

func (s *Session) image(i model.Image) MachineImage {
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
		State: imageStates[i.State],
		Type:  kind,
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
	images := make([]MachineImage, len(list))
	for i := range list {
		images[i] = s.image(list[i])
	}
	return images, nil
}

func getImage(ctx context.Context, s *Session, at Address) (*MachineImage, error) {
	return s.oneImage(s.Cloud.Image(ctx, at.Key()))
}

// oneImage gives what a call gave.
func (s *Session) oneImage(i model.Image, err error) (*MachineImage, error) {
	if err != nil {
		return nil, err
	}
	image := s.image(i)
	return &image, nil
}

// createImage makes an image of a machine: imageLocation is the machine's URI
// (DSP0263 5.14.7.1). A snapshot must hold the machine's memory unless the
// machine is stopped, which OpenStack's images cannot.
func createImage(ctx context.Context, s *Session, _ Address, in *MachineImage) (*MachineImage, error) {
	kind := strings.TrimSpace(in.Type)
	if kind == "" {
		kind = typeImage
	}
	if kind != typeImage && kind != typeSnapshot {
		return nil, model.Errorf(model.Invalid, "type: %q is not supported, only %s and %s", clip(kind), typeImage, typeSnapshot)
	}
	if in.ImageLocation == "" {
		return nil, model.Errorf(model.Invalid, "imageLocation is missing: images are made of machines, so it is the URI of one")
	}
	machine, err := s.key("Machine", string(in.ImageLocation))
	if err != nil {
		return nil, model.Errorf(model.Invalid, "imageLocation: %s; images are made of machines only", model.AsError(err).Message)
	}
	save := model.MachineSave{Name: in.Name}
	if save.Name == "" {
		save.Name = unnamed
	}
	if save.Properties, err = replaceProperties(nil, in.Properties); err != nil {
		return nil, err
	}
	save.Properties[typeProperty] = kind
	if in.Description != "" {
		save.Properties[descriptionProperty] = in.Description
	}
	if kind == typeSnapshot {
		m, err := s.Cloud.Machine(ctx, machine)
		if err != nil {
			return nil, err
		}
		if m.State != model.MachineStopped {
			return nil, model.Errorf(model.Conflict, "the machine is %s: a %s can be made of a STOPPED machine only", machineState(&m), typeSnapshot)
		}
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
	})
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
	return s.oneImage(s.Cloud.UpdateImage(ctx, at.Key(), u))
}
