package occi

import (
	"context"

	"github.com/occimi/occimi/model"
)

// availabilityZone are the parts of the cloud that computes can be made in, as
// rOCCI knows them.
var (
	availabilityZone = &Template{
		Base:   availabilityZoneBase,
		Scheme: openstackRoot + "availability_zone#",
		List:   zoneTemplates,
	}

	availabilityZoneBase = &Mixin{
		Applies: []TypeID{infraScheme + "compute"}, Location: "/mixin/availability_zone/",
		Category: Category{ID: infraScheme + "availability_zone", Title: "Availability Zone"},
	}
)

func zoneTemplates(ctx context.Context, s *Session) ([]*Mixin, error) {
	zones, err := s.zones.read(ctx, s.Cloud.Zones)
	if err != nil {
		return nil, err
	}
	var available []model.Zone
	for _, z := range zones {
		if z.Available {
			available = append(available, z)
		}
	}
	return templatesOf(available, func(z model.Zone) *Mixin {
		return templateMixin(availabilityZoneBase, openstackRoot+"availability_zone#", z.Name, z.Name, "Availability zone: ")
	}), nil
}
