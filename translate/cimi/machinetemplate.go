package cimi

import (
	"context"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// MachineTemplate says what a new machine shall be (DSP0263 5.14.3).
type MachineTemplate struct {
	Common
	InitialState      string              `cimi:"initialState"`
	MachineConfig     Ref                 `cimi:"machineConfig" of:"MachineConfiguration"`
	MachineImage      Ref                 `cimi:"machineImage" of:"MachineImage"`
	Credential        Ref                 `cimi:"credential" of:"Credential" or:"CredentialTemplate"`
	Volumes           []TemplateVolume    `cimi:"volumes,flat" item:"volume" xml1:"volume"`
	VolumeTemplates   []TemplateNewVolume `cimi:"volumeTemplates,flat" item:"volumeTemplate" xml1:"volumeTemplate"`
	NetworkInterfaces []TemplateInterface `cimi:"networkInterfaces" item:"networkInterface" v:"1"`
	Interfaces        []Ref               `cimi:"interfaceTemplates" item:"interfaceTemplate" of:"NetworkInterfaceTemplate" v:"2"`
	UserData          string              `cimi:"userData"` // Base64
	MeterTemplates    Refused             `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate  Refused             `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations        []Operation         `cimi:"operations" xml1:"operation"`
	GenMetadata       Refused             `cimi:"genResourceMetadata" v:"2" refuse:"metadata is that of the type"`
}

var machineTemplates = stored("machineTemplates", offers(model.ComputeService), validTemplate)

// TemplateVolume is an existing volume for a new machine: version 1 has the href
// beside the location, version 2 inside volume.
type TemplateVolume struct {
	InitialLocation string `cimi:"initialLocation"`
	Href            URI    `cimi:"href" v:"1"`
	Volume          Ref    `cimi:"volume" of:"Volume" v:"2"`
}

// TemplateInterface is an interface of a new machine in version 1: on a network,
// or the port that is named, or that has the address.
type TemplateInterface struct {
	Addresses   []Ref   `cimi:"addresses" item:"address" of:"Address"`
	Network     Ref     `cimi:"network" of:"Network"`
	NetworkPort Ref     `cimi:"networkPort" of:"NetworkPort"`
	State       string  `cimi:"state"`
	MTU         Refused `cimi:"mtu" refuse:"it is that of the network"`
}

// validTemplate refuses what no machine could be made with, whatever overrides
// the rest.
func validTemplate(ctx context.Context, s *Session, t *MachineTemplate) error {
	for i := range t.Volumes {
		if err := t.Volumes[i].resolve(s); err != nil {
			return inBody("volumes", err)
		}
	}
	for i := range t.VolumeTemplates {
		if err := t.VolumeTemplates[i].resolve(ctx, s); err != nil {
			return inBody("volumeTemplates", err)
		}
	}
	for i := range t.NetworkInterfaces {
		if err := t.NetworkInterfaces[i].complete(ctx, s); err != nil {
			return inBody("networkInterfaces", err)
		}
	}
	if c, ok := t.Credential.Value.(*Credential); ok {
		if err := validCredential(ctx, s, c); err != nil {
			return inBody("credential", err)
		}
	}
	return initialState(t.InitialState, "STARTED")
}

// settle implements twofold, for a credential by value.
func (t *MachineTemplate) settle(than any, _ func(string) bool) error {
	c, byValue := t.Credential.Value.(*Credential)
	if !byValue {
		return nil
	}
	was, byValue := than.(*MachineTemplate).Credential.Value.(*Credential)
	if !byValue {
		was = &Credential{}
	}
	return c.settle(was, whole)
}

// resolve finds the volume, whichever version it is given in, and names it in
// both.
func (v *TemplateVolume) resolve(s *Session) error {
	if v.Volume.Key == "" {
		key, err := s.key("Volume", string(v.Href))
		if err != nil {
			return err
		}
		v.Volume.Key = key
	}
	v.Href = storage.id("volumes", v.Volume.Key)
	return nil
}

// TemplateNewVolume is a volume that is made with a new machine: version 1 has
// what says how beside the location, version 2 inside volumeTemplate.
type TemplateNewVolume struct {
	InitialLocation string `cimi:"initialLocation"`
	Href            URI    `cimi:"href" v:"1"`
	VolumeConfig    Ref    `cimi:"volumeConfig" of:"VolumeConfiguration" v:"1"`
	VolumeImage     Ref    `cimi:"volumeImage" of:"VolumeImage" v:"1"`
	VolumeTemplate  Ref    `cimi:"volumeTemplate" of:"VolumeTemplate" v:"2"`
}

// resolve finds the template, whichever version it is given in, and says in both
// what it is.
func (v *TemplateNewVolume) resolve(ctx context.Context, s *Session) error {
	beside := v.VolumeConfig.given() || v.VolumeImage.given()
	if !v.VolumeTemplate.given() {
		if v.Href != "" {
			key, err := s.key("VolumeTemplate", string(v.Href))
			if err != nil {
				return err
			}
			v.VolumeTemplate.Key = key
		}
		if beside { // by value, or what overrides the template
			whole := &VolumeTemplate{}
			if v.VolumeTemplate.Key != "" {
				stored, err := given[VolumeTemplate](ctx, s, v.VolumeTemplate, "href")
				if err != nil {
					return err
				}
				*whole = *stored
			}
			for to, from := range map[*Ref]Ref{&whole.VolumeConfig: v.VolumeConfig, &whole.VolumeImage: v.VolumeImage} {
				if from.given() {
					*to = from
				}
			}
			v.VolumeTemplate = Ref{Value: whole}
		}
	}
	v.Href = ""
	switch t, byValue := v.VolumeTemplate.Value.(*VolumeTemplate); {
	case byValue:
		if err := validVolumeTemplate(ctx, s, t); err != nil {
			return err
		}
		v.VolumeConfig, v.VolumeImage = t.VolumeConfig, t.VolumeImage
	case v.VolumeTemplate.Key != "":
		v.Href = storage.id("volumeTemplates", v.VolumeTemplate.Key)
	default:
		return model.Errorf(model.Invalid, "a volumeTemplate is neither pointed at nor given by value")
	}
	return nil
}

// initialState refuses a state that new resources cannot be brought into.
func initialState(wanted string, offered ...string) error {
	if wanted != "" && !slices.Contains(offered, wanted) {
		return model.Errorf(model.Invalid, "initialState: %q is not offered, only %s", clip(wanted), strings.Join(offered, " and "))
	}
	return nil
}
