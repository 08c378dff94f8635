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
	Credential        Ref                 `cimi:"credential" of:"Credential"`
	Volumes           []TemplateVolume    `cimi:"volumes" item:"volume" xml1:"volume"`
	VolumeTemplates   Refused             `cimi:"volumeTemplates" item:"volumeTemplate" refuse:"make volumes first, and connect them with volumes"`
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

// initialState refuses a state that new resources cannot be brought into.
func initialState(wanted string, offered ...string) error {
	if wanted != "" && !slices.Contains(offered, wanted) {
		return model.Errorf(model.Invalid, "initialState: %q is not offered, only %s", clip(wanted), strings.Join(offered, " and "))
	}
	return nil
}
