package cimi

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// MachineCreate asks for a new machine (DSP0263 5.14.2.1).
type MachineCreate struct {
	Common
	MachineTemplate *MachineTemplate `cimi:"machineTemplate"`
}

// MachineTemplate says what a new machine shall be (DSP0263 5.14.3).
type MachineTemplate struct {
	Common
	Href              Refused             `cimi:"href" refuse:"templates are not stored here; give the template by value"`
	InitialState      string              `cimi:"initialState"`
	MachineConfig     Ref                 `cimi:"machineConfig" of:"MachineConfiguration"`
	MachineImage      Ref                 `cimi:"machineImage" of:"MachineImage"`
	Credential        Ref                 `cimi:"credential" of:"Credential"`
	Volumes           []TemplateVolume    `cimi:"volumes" item:"volume" xml1:"volume"`
	VolumeTemplates   Refused             `cimi:"volumeTemplates" item:"volumeTemplate" refuse:"make volumes first, and connect them with volumes"`
	NetworkInterfaces []TemplateInterface `cimi:"networkInterfaces" item:"networkInterface" v:"1"`
	Interfaces        Refused             `cimi:"interfaceTemplates" item:"interfaceTemplate" v:"2" refuse:"a machine is put on the tenant's only network"`
	UserData          string              `cimi:"userData"` // Base64
	MeterTemplates    Refused             `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate  Refused             `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	GenMetadata       Refused             `cimi:"genResourceMetadata" v:"2" refuse:"metadata is that of the type"`
}

// TemplateVolume is an existing volume for a new machine: version 1 has the href
// beside the location, version 2 inside volume.
type TemplateVolume struct {
	InitialLocation string `cimi:"initialLocation"`
	Href            URI    `cimi:"href"`
	Volume          Ref    `cimi:"volume" of:"Volume"`
}

// TemplateInterface is an interface of a new machine in version 1.
type TemplateInterface struct {
	Network Ref    `cimi:"network" of:"Network"`
	State   string `cimi:"state"`
}

// unnamed is the name of machines and images for which none was asked:
// OpenStack wants one.
const unnamed = "unnamed"

// createMachine makes a machine of a template given by value.
func createMachine(ctx context.Context, s *Session, _ Address, in *MachineCreate) (*Machine, error) {
	t := in.MachineTemplate
	if t == nil {
		return nil, model.Errorf(model.Invalid, "machineTemplate is missing")
	}
	if state := strings.TrimSpace(t.InitialState); state != "" && state != "STARTED" {
		return nil, model.Errorf(model.Invalid, "machineTemplate.initialState: %q is not offered, only STARTED", clip(state))
	}
	r := model.MachineCreate{Name: in.Name, Description: in.Description}
	var err error
	if r.Metadata, err = replaceProperties(nil, in.Properties); err != nil {
		return nil, err
	}
	// The name is checked before what may cost a call.
	switch {
	case len(r.Name) > 255:
		return nil, model.Errorf(model.Invalid, "name is longer than 255 bytes")
	case r.Name == "":
		r.Name = unnamed
	}
	for _, part := range []func(context.Context, *Session, *MachineTemplate, *model.MachineCreate) error{
		templateImage, templateCredential, templateVolumes, templateInterfaces, templateUserData, templateConfig,
	} {
		if err := part(ctx, s, t, &r); err != nil {
			return nil, err
		}
	}
	return s.oneMachine(s.Cloud.CreateMachine(ctx, r))
}

func templateImage(_ context.Context, _ *Session, t *MachineTemplate, r *model.MachineCreate) error {
	switch {
	case t.MachineImage.Value != nil:
		return model.Errorf(model.Invalid, "machineTemplate.machineImage: an image by value is not supported, give an href alone")
	case t.MachineImage.Key == "":
		return model.Errorf(model.Invalid, "machineTemplate.machineImage is missing")
	}
	r.ImageID = t.MachineImage.Key
	return nil
}

func templateCredential(_ context.Context, _ *Session, t *MachineTemplate, r *model.MachineCreate) error {
	if value, ok := t.Credential.Value.(*Credential); ok {
		if t.Credential.Key != "" {
			return model.Errorf(model.Invalid, "machineTemplate.credential: overrides are not supported, give either an href or a key")
		}
		key, err := value.publicKey("machineTemplate.credential.")
		r.PublicKey = key
		return err
	}
	r.KeyName = t.Credential.Key
	return nil
}

func templateVolumes(_ context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	for _, v := range t.Volumes {
		key := v.Volume.Key
		if key == "" {
			var err error
			if key, err = s.key("Volume", string(v.Href)); err != nil {
				return model.Errorf(model.Invalid, "machineTemplate.volumes: %s", model.AsError(err).Message)
			}
		}
		r.Volumes = append(r.Volumes, model.MachineVolume{VolumeID: key, Device: v.InitialLocation})
	}
	return nil
}

func templateInterfaces(_ context.Context, _ *Session, t *MachineTemplate, r *model.MachineCreate) error {
	for _, i := range t.NetworkInterfaces {
		if i.Network.Key == "" {
			return model.Errorf(model.Invalid, "machineTemplate.networkInterfaces: an interface needs the href of its network")
		}
		if state := strings.TrimSpace(i.State); state != "" && state != "ACTIVE" {
			return model.Errorf(model.Invalid, "machineTemplate.networkInterfaces: the state %q is not offered, only ACTIVE", clip(state))
		}
		r.Networks = append(r.Networks, model.MachineNetwork{NetworkID: i.Network.Key})
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

// templateConfig finds the flavor. By value, it is the one that has exactly the
// cpu and memory, and the disks if any are given; of several, that with the
// smallest disk.
func templateConfig(ctx context.Context, s *Session, t *MachineTemplate, r *model.MachineCreate) error {
	value, byValue := t.MachineConfig.Value.(*MachineConfiguration)
	switch {
	case byValue && t.MachineConfig.Key != "":
		return model.Errorf(model.Invalid, "machineTemplate.machineConfig: overrides are not supported, give either an href or a configuration")
	case !byValue && t.MachineConfig.Key == "":
		return model.Errorf(model.Invalid, "machineTemplate.machineConfig is missing")
	case !byValue:
		r.FlavorID = t.MachineConfig.Key
		return nil
	case value.CPU == 0 || value.Memory == 0:
		return model.Errorf(model.Invalid, "machineTemplate.machineConfig: a configuration by value needs cpu and memory")
	}
	flavors, err := s.Cloud.Flavors(ctx)
	if err != nil {
		return err
	}
	fitting := slices.DeleteFunc(slices.Clone(flavors), func(f model.Flavor) bool { return !value.describes(s, f) })
	if len(fitting) == 0 {
		return model.Errorf(model.Invalid, "machineTemplate.machineConfig: none of the machineConfigs has exactly these values")
	}
	r.FlavorID = slices.MinFunc(fitting, func(a, b model.Flavor) int { return a.DiskGiB - b.DiskGiB }).ID
	return nil
}
