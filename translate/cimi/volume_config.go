package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// VolumeConfiguration is a kind of volumes (DSP0263 5.15.5).
type VolumeConfiguration struct {
	Common
	Type       URI         `cimi:"type,term"`
	Format     string      `cimi:"format,optional"`
	Capacity   int64       `cimi:"capacity,rw,optional"` // kB
	Operations []Operation `cimi:"operations" xml1:"operation"`
	// Kind is the cloud's name for it; empty: its default. It is kept with what is
	// stored, but in no version of the standard.
	Kind string `cimi:"kind" v:"stored"`
}

// volumeConfigs are the cloud's volume types, which leave the capacity open, and
// consumers' own.
var volumeConfigs = alsoStored(&resource{
	path: "volumeConfigs",
	item: reflect.TypeFor[VolumeConfiguration](),
	offered: func(c model.Cloud) bool {
		_, err := model.Part[model.VolumeTypes](c, model.BlockStorageService)
		return err == nil && offersVolumes(c)
	},
	list: lister(listVolumeConfigs),
	get:  getter(getVolumeConfig),
}, validVolumeConfig)

func validVolumeConfig(_ context.Context, s *Session, c *VolumeConfiguration) error {
	if err := s.checkVolumeType(c.Type); err != nil {
		return err
	}
	if c.Capacity == 0 {
		return nil
	}
	_, err := capacityGiB(c.Capacity)
	return err
}

func listVolumeConfigs(ctx context.Context, s *Session, _ Address) ([]VolumeConfiguration, error) {
	part, err := model.Part[model.VolumeTypes](s.Cloud, model.BlockStorageService)
	if err != nil {
		return nil, err
	}
	types, err := part.VolumeTypes(ctx)
	configs := make([]VolumeConfiguration, len(types))
	for i, t := range types {
		configs[i] = VolumeConfiguration{
			Common: Common{ID: s.id("volumeConfigs", t.ID), Name: t.Name, Description: t.Description},
			Type:   URI(s.Version.typeURI(mappedType)),
			Kind:   t.Name,
		}
	}
	return configs, err
}

func getVolumeConfig(ctx context.Context, s *Session, at Address) (*VolumeConfiguration, error) {
	configs, err := listVolumeConfigs(ctx, s, nil)
	id := s.id("volumeConfigs", at.Key())
	return pick(configs, err, string(id), func(c VolumeConfiguration) string { return string(c.ID) })
}
