package cimi

import (
	"context"
	"math"

	"github.com/occimi/occimi/model"
)

// VolumeCreate asks for a new volume (DSP0263 5.15.2.1).
type VolumeCreate struct {
	Common
	VolumeTemplate Ref `cimi:"volumeTemplate" of:"VolumeTemplate"`
}

// VolumeTemplate says what a new volume shall be (DSP0263 5.15.3).
type VolumeTemplate struct {
	Common
	VolumeConfig     Ref         `cimi:"volumeConfig" of:"VolumeConfiguration"`
	VolumeImage      Ref         `cimi:"volumeImage" of:"VolumeImage"`
	MeterTemplates   Refused     `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate Refused     `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations       []Operation `cimi:"operations" xml1:"operation"`
	GenMetadata      Refused     `cimi:"genResourceMetadata" v:"2" refuse:"metadata is that of the type"`
}

var volumeTemplates = stored("volumeTemplates", offersVolumes, validVolumeTemplate)

// validVolumeTemplate refuses what no volume could be made with, whatever
// overrides the rest.
func validVolumeTemplate(ctx context.Context, s *Session, t *VolumeTemplate) error {
	if err := imageByReference(t.VolumeImage); err != nil {
		return err
	}
	if config, ok := t.VolumeConfig.Value.(*VolumeConfiguration); ok {
		if err := validVolumeConfig(ctx, s, config); err != nil {
			return inBody("volumeConfig", err)
		}
	}
	return nil
}

func imageByReference(image Ref) error {
	if image.Value != nil {
		return model.Errorf(model.Invalid, "volumeImage: an image by value is not supported, give an href alone")
	}
	return nil
}

// createVolume makes a volume of a template.
func createVolume(ctx context.Context, s *Session, _ Address, in *VolumeCreate) (*Volume, error) {
	part, err := volumesOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	r := model.VolumeCreate{Name: in.Name, Description: in.Description}
	if r.Metadata, err = replaceProperties(nil, in.Properties); err != nil {
		return nil, err
	}
	t, err := given[VolumeTemplate](ctx, s, in.VolumeTemplate, "volumeTemplate")
	if err != nil {
		return nil, err
	}
	wanted, err := t.volume(ctx, s)
	if err != nil {
		return nil, inBody("volumeTemplate", err)
	}
	r.SizeGiB, r.Type, r.SnapshotID = wanted.SizeGiB, wanted.Type, wanted.SnapshotID
	return s.oneVolume(part.CreateVolume(ctx, r))
}

// volume tells what a template's configuration and image ask for. One that names
// an image takes the image's size, if the configuration has none.
func (t *VolumeTemplate) volume(ctx context.Context, s *Session) (model.NewVolume, error) {
	if err := imageByReference(t.VolumeImage); err != nil {
		return model.NewVolume{}, err
	}
	wanted := model.NewVolume{SnapshotID: t.VolumeImage.Key}
	if t.VolumeConfig.Key != "" || t.VolumeConfig.Value != nil {
		config, err := given[VolumeConfiguration](ctx, s, t.VolumeConfig, "volumeConfig")
		if err == nil {
			err = inVolumeConfig(validVolumeConfig(ctx, s, config))
		}
		if err == nil && config.Format != "" { // which a configuration may say, and clients do
			err = inVolumeConfig(model.Errorf(model.Invalid, "format is not supported: volumes are made without a file system"))
		}
		if err != nil {
			return model.NewVolume{}, err
		}
		wanted.Type = config.Kind
		if config.Capacity != 0 {
			if wanted.SizeGiB, err = capacityGiB(config.Capacity); err != nil {
				return model.NewVolume{}, inVolumeConfig(err)
			}
		}
	}
	if wanted.SizeGiB == 0 && wanted.SnapshotID == "" {
		return model.NewVolume{}, model.Errorf(model.Invalid, "volumeConfig: a volume without image needs a capacity")
	}
	return wanted, nil
}

func inVolumeConfig(err error) error {
	if err == nil {
		return nil
	}
	return inBody("volumeConfig", err)
}

// capacityGiB gives the whole gibibytes that hold a capacity in kilobytes.
func capacityGiB(capacity int64) (int, error) {
	if capacity < 1 || capacity > math.MaxInt64/bytesPerKilo-bytesPerGibi {
		return 0, model.Errorf(model.Invalid, "capacity: a volume cannot have %d kilobytes", capacity)
	}
	return int(gibibytes(capacity)), nil
}

// checkVolumeType refuses types of volumes but that which there is, in the
// namespace of either version.
func (s *Session) checkVolumeType(uri URI) error {
	mapped := s.Version.typeURI(mappedType)
	if uri == "" || s.Version.own(string(uri)) == mapped {
		return nil
	}
	return model.Errorf(model.Invalid, "type: %q is not offered, only %s", clip(string(uri)), mapped)
}
