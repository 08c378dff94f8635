package openstack

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/occimi/occimi/model"
)

// flavorAnswer is a flavor as Nova shows it: on its own, and, from 2.47 on,
// within a server, where it has no id and another key for its name.
type flavorAnswer struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	OriginalName string            `json:"original_name"`
	Description  string            `json:"description"`
	VCPUs        int               `json:"vcpus"`
	RAM          int               `json:"ram"`  // MiB
	Disk         int               `json:"disk"` // GiB
	EphemeralExt int               `json:"OS-FLV-EXT-DATA:ephemeral"`
	Ephemeral    int               `json:"ephemeral"`
	Swap         swap              `json:"swap"`
	ExtraSpecs   map[string]string `json:"extra_specs"`
}

func (f flavorAnswer) model() model.Flavor {
	return model.Flavor{
		ID:           f.ID,
		Name:         cmp.Or(f.Name, f.OriginalName),
		Description:  f.Description,
		VCPUs:        f.VCPUs,
		MemoryMiB:    f.RAM,
		DiskGiB:      f.Disk,
		EphemeralGiB: cmp.Or(f.EphemeralExt, f.Ephemeral),
		SwapMiB:      int(f.Swap),
		ExtraSpecs:   f.ExtraSpecs,
	}
}

// swap is a number of MiB that Nova writes as "" for none below 2.75.
type swap int

// UnmarshalJSON implements json.Unmarshaler.
func (s *swap) UnmarshalJSON(b []byte) error {
	if string(b) == `""` {
		*s = 0
		return nil
	}
	return json.Unmarshal(b, (*int)(s))
}

// Flavors implements model.Flavors.
func (c *cloud) Flavors(ctx context.Context) ([]model.Flavor, error) {
	all, err := c.flavorList(ctx)
	return cloned(all, cloneFlavor), err
}

// Flavor implements model.Flavors.
func (c *cloud) Flavor(ctx context.Context, id string) (model.Flavor, error) {
	path, err := segment("flavor", id)
	if err != nil {
		return model.Flavor{}, err
	}
	all, err := c.flavorList(ctx)
	if err != nil {
		return model.Flavor{}, err
	}
	if i := slices.IndexFunc(all, func(f model.Flavor) bool { return f.ID == id }); i >= 0 {
		return cloneFlavor(all[i]), nil
	}
	// It may be younger than what is remembered.
	var answer struct {
		Flavor flavorAnswer `json:"flavor"`
	}
	err = c.get(ctx, model.ComputeService, "flavor_show", "flavors/"+path, &answer)
	return answer.Flavor.model(), err
}

// flavorList gives the tenant's flavors, which must not be changed.
func (c *cloud) flavorList(ctx context.Context) ([]model.Flavor, error) {
	return remembered(ctx, c, c.p.flavors, func(ctx context.Context) ([]model.Flavor, bool, error) {
		var all []model.Flavor
		err := c.list(ctx, model.ComputeService, request{name: "flavor_list", path: "flavors/detail"}, func() (any, func() string) {
			var page struct {
				Flavors []flavorAnswer `json:"flavors"`
				Links   links          `json:"flavors_links"`
			}
			return &page, func() string {
				for _, f := range page.Flavors {
					all = append(all, f.model())
				}
				return page.Links.next()
			}
		})
		slices.SortFunc(all, func(a, b model.Flavor) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
		return all, false, err
	})
}

// identify gives the flavor that a server was made of, of which it tells all
// but the id, its id: that of the one flavor with the same name and numbers. A
// flavor that the operator has changed or deleted since is not found.
func identify(embedded model.Flavor, all []model.Flavor) model.Flavor {
	for _, f := range all {
		if f.Name == embedded.Name && f.VCPUs == embedded.VCPUs && f.MemoryMiB == embedded.MemoryMiB &&
			f.DiskGiB == embedded.DiskGiB && f.EphemeralGiB == embedded.EphemeralGiB && f.SwapMiB == embedded.SwapMiB {
			embedded.ID, embedded.Description = f.ID, f.Description
			return embedded
		}
	}
	return embedded
}

func cloneFlavor(f model.Flavor) model.Flavor {
	f.ExtraSpecs = maps.Clone(f.ExtraSpecs)
	return f
}

// cloned copies a remembered list for a caller, who may change it.
func cloned[T any](list []T, clone func(T) T) []T {
	if list == nil {
		return nil
	}
	copied := make([]T, len(list))
	for i, v := range list {
		copied[i] = clone(v)
	}
	return copied
}
