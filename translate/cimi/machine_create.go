package cimi

import (
	"context"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/occimi/occimi/model"
)

// MachineCreate asks for a new machine (DSP0263 5.14.2.1).
type MachineCreate struct {
	Common
	MachineTemplate Ref `cimi:"machineTemplate" of:"MachineTemplate"`
}

// unnamed is the name of machines and images for which none was asked:
// OpenStack wants one.
const unnamed = "unnamed"

// createMachine makes a machine of a template.
func createMachine(ctx context.Context, s *Session, _ Address, in *MachineCreate) (*Machine, error) {
	t, err := given[MachineTemplate](ctx, s, in.MachineTemplate, "machineTemplate")
	if err != nil {
		return nil, err
	}
	if err := initialState(t.InitialState, "STARTED"); err != nil {
		return nil, inBody("machineTemplate", err)
	}
	r := model.MachineCreate{Name: in.Name, Description: in.Description}
	if r.Metadata, err = replaceProperties(nil, in.Properties); err != nil {
		return nil, err
	}
	// The name is checked before what may cost a call.
	switch {
	case utf8.RuneCountInString(r.Name) > 255:
		return nil, model.Errorf(model.Invalid, "name is longer than 255 characters")
	case r.Name == "":
		r.Name = unnamed
	}
	for _, part := range []func(context.Context, *Session, *MachineTemplate, *model.MachineCreate) error{
		templateImage, templateCredential, templateVolumes, templateBoot, templateInterfaces, templateUserData, templateConfig,
	} {
		if err := part(ctx, s, t, &r); err != nil {
			return nil, err
		}
	}
	return s.oneMachine(nil)(s.Cloud.CreateMachine(ctx, r)) // it has no snapshots
}

func templateImage(_ context.Context, _ *Session, t *MachineTemplate, r *model.MachineCreate) error {
	if t.MachineImage.Value != nil {
		return model.Errorf(model.Invalid, "machineTemplate.machineImage: an image by value is not supported, give an href alone")
	}
	r.ImageID = t.MachineImage.Key
	return nil
}

// templateCredential gives the machine a key pair, a key, or a password: that
// reaches the guest as user data. A template of credentials says what one by value
// does, as in the schema of version 1.
func templateCredential(ctx context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	const within = "machineTemplate.credential"
	c, byValue := t.Credential.Value.(*Credential)
	switch {
	case byValue:
	case t.Credential.Key == "":
		return nil
	case t.Credential.Of != "":
		template, err := given[CredentialTemplate](ctx, s, t.Credential, within)
		if err != nil {
			return err
		}
		c = &Credential{secrets: template.secrets}
	default:
		var err error
		if c, err = (keeper[Credential]{r: declared("Credential")}).find(ctx, s, Address{t.Credential.Key}); err != nil {
			return inBody(within, err)
		}
	}
	if c == nil { // the cloud's own
		r.KeyName = t.Credential.Key
		return nil
	}
	if err := validCredential(ctx, s, c); err != nil {
		return inBody(within, err)
	}
	r.PublicKey = string(c.Key)
	if c.Password == "" {
		return nil
	}
	if t.UserData != "" {
		return model.Errorf(model.Invalid, within+": a password and userData cannot both be given: the password reaches the machine as user data")
	}
	r.UserData = c.userData()
	return nil
}

func templateVolumes(ctx context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	for i := range t.Volumes {
		v := &t.Volumes[i]
		if err := v.resolve(s); err != nil {
			return inBody("machineTemplate.volumes", err)
		}
		r.Volumes = append(r.Volumes, model.MachineVolume{VolumeID: v.Volume.Key, Device: v.InitialLocation})
	}
	const within = "machineTemplate.volumeTemplates"
	for i := range t.VolumeTemplates {
		v := &t.VolumeTemplates[i]
		if err := v.resolve(ctx, s); err != nil {
			return inBody(within, err)
		}
		template, err := given[VolumeTemplate](ctx, s, v.VolumeTemplate, within)
		if err != nil {
			return err
		}
		wanted, err := template.volume(ctx, s)
		if err != nil {
			return inBody(within, err)
		}
		r.Volumes = append(r.Volumes, model.MachineVolume{New: &wanted, Device: v.InitialLocation})
	}
	return nil
}

func templateUserData(_ context.Context, _ *Session, t *MachineTemplate, r *model.MachineCreate) error {
	if t.UserData == "" {
		return nil
	}
	// Base64 is often sent in lines.
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t.UserData), ""))
	if err != nil {
		return model.Errorf(model.Invalid, "machineTemplate.userData is not Base64")
	}
	r.UserData = data
	return nil
}

// templateConfig finds the flavor: the one that is pointed at, or the one that a
// configuration by value or of a consumer's own describes.
func templateConfig(ctx context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	const within = "machineTemplate.machineConfig"
	config, byValue := t.MachineConfig.Value.(*MachineConfiguration)
	if !byValue {
		if t.MachineConfig.Key == "" {
			return model.Errorf(model.Invalid, within+" is missing")
		}
		var err error
		if config, err = (keeper[MachineConfiguration]{r: declared("MachineConfiguration")}).find(ctx, s, Address{t.MachineConfig.Key}); err != nil {
			return inBody(within, err)
		}
	}
	if config == nil { // the cloud's own
		r.FlavorID = t.MachineConfig.Key
		return nil
	}
	flavor, err := config.flavor(ctx, s)
	if err != nil {
		return inBody(within, err)
	}
	r.FlavorID = flavor.ID
	return nil
}
