package openstack

import (
	"cmp"
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

var _ model.VolumeTypes = (*cloud)(nil)

// VolumeTypes implements model.VolumeTypes.
func (c *cloud) VolumeTypes(ctx context.Context) ([]model.VolumeType, error) {
	all, err := remembered(ctx, c, c.p.volumeTypes, func(ctx context.Context) ([]model.VolumeType, bool, error) {
		var types []model.VolumeType
		err := c.list(ctx, model.BlockStorageService, request{name: "volume_type_list", path: "types"}, func() (any, func() string) {
			var page struct {
				Types []struct {
					ID          string `json:"id"`
					Name        string `json:"name"`
					Description string `json:"description"`
				} `json:"volume_types"`
				Links links `json:"volume_type_links"`
			}
			return &page, func() string {
				for _, t := range page.Types {
					types = append(types, model.VolumeType{ID: t.ID, Name: t.Name, Description: t.Description})
				}
				return page.Links.next()
			}
		})
		slices.SortFunc(types, func(a, b model.VolumeType) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
		return types, false, err
	})
	return slices.Clone(all), err
}
