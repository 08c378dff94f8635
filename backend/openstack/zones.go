package openstack

import (
	"cmp"
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// Zones implements model.Zones.
func (c *cloud) Zones(ctx context.Context) ([]model.Zone, error) {
	all, err := remembered(ctx, c, c.p.zones, func(ctx context.Context) ([]model.Zone, bool, error) {
		var answer struct {
			Zones []struct {
				Name  string `json:"zoneName"`
				State struct {
					Available bool `json:"available"`
				} `json:"zoneState"`
			} `json:"availabilityZoneInfo"`
		}
		if err := c.get(ctx, model.ComputeService, "zone_list", "os-availability-zone", &answer); err != nil {
			return nil, false, err
		}
		zones := make([]model.Zone, 0, len(answer.Zones))
		for _, z := range answer.Zones {
			zones = append(zones, model.Zone{Name: z.Name, Available: z.State.Available})
		}
		slices.SortFunc(zones, func(a, b model.Zone) int { return cmp.Compare(a.Name, b.Name) })
		return zones, false, nil
	})
	return slices.Clone(all), err
}
