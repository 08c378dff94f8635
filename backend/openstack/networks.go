package openstack

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/occimi/occimi/model"
)

// networkAnswer is a network as Neutron shows it. Times need an extension that
// all clouds have; provider attributes are shown to administrators only.
type networkAnswer struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Description  string    `json:"description"`
	ProjectID    string    `json:"project_id"`
	Status       string    `json:"status"`
	AdminStateUp bool      `json:"admin_state_up"`
	Created      time.Time `json:"created_at"`
	Updated      time.Time `json:"updated_at"`
	External     bool      `json:"router:external"`
	Shared       bool      `json:"shared"`
	MTU          int       `json:"mtu"`
	NetworkType  string    `json:"provider:network_type"`
	Segment      int       `json:"provider:segmentation_id"`
	Subnets      []string  `json:"subnets"`
	Tags         []string  `json:"tags"`
}

func (a networkAnswer) model(project string) model.Network {
	n := model.Network{
		ID:          a.ID,
		Name:        a.Name,
		Description: a.Description,
		State:       linkState(a.Status, a.AdminStateUp),
		AdminUp:     a.AdminStateUp,
		Created:     a.Created.UTC(),
		Updated:     a.Updated.UTC(),
		External:    a.External,
		Shared:      a.Shared,
		Owned:       a.ProjectID == project,
		MTU:         a.MTU,
		SubnetIDs:   a.Subnets,
		Tags:        a.Tags,
	}
	if a.NetworkType == "vlan" {
		n.VLAN = a.Segment
	}
	return n
}

// linkStates: Neutron's status in the model, of what is switched on. What is not
// listed (N/A) is down.
var linkStates = map[string]model.LinkState{
	"ACTIVE": model.LinkUp,
	"BUILD":  model.LinkBuilding,
	"ERROR":  model.LinkFailed,
}

func linkState(status string, adminUp bool) model.LinkState {
	state := cmp.Or(linkStates[status], model.LinkDown)
	if !adminUp && state == model.LinkUp {
		return model.LinkDown
	}
	return state
}

// reachable tells whether the network is one of the tenant's view: an
// administrator is shown those of every project.
func (c *cloud) reachable(a networkAnswer) bool {
	return !c.login.admin || a.ProjectID == c.tenant.project || a.Shared || a.External
}

// Networks implements model.Networks.
func (c *cloud) Networks(ctx context.Context) ([]model.Network, error) {
	all, err := c.networkList(ctx)
	return cloned(all, func(n model.Network) model.Network {
		n.SubnetIDs, n.Tags = slices.Clone(n.SubnetIDs), slices.Clone(n.Tags)
		return n
	}), err
}

// networkList gives the tenant's networks, which must not be changed.
func (c *cloud) networkList(ctx context.Context) ([]model.Network, error) {
	if !c.Offers(model.NetworkService) {
		return nil, nil
	}
	return remembered(ctx, c, c.p.networks, func(ctx context.Context) ([]model.Network, bool, error) {
		var all []model.Network
		err := c.list(ctx, model.NetworkService, request{name: "network_list", path: "networks"}, func() (any, func() string) {
			var page struct {
				Networks []networkAnswer `json:"networks"`
				Links    links           `json:"networks_links"`
			}
			return &page, func() string {
				for _, n := range page.Networks {
					if c.reachable(n) {
						all = append(all, n.model(c.tenant.project))
					}
				}
				return page.Links.next()
			}
		})
		slices.SortFunc(all, func(a, b model.Network) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
		changing := slices.ContainsFunc(all, func(n model.Network) bool { return n.State == model.LinkBuilding })
		return all, changing, err
	})
}

// Network implements model.Networks.
func (c *cloud) Network(ctx context.Context, id string) (model.Network, error) {
	gone := model.Errorf(model.NotFound, "there is no network %q", bounded(id, 64))
	path, err := segment("network", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return model.Network{}, gone
	}
	var answer struct {
		Network networkAnswer `json:"network"`
	}
	if err := c.get(ctx, model.NetworkService, "network_show", "networks/"+path, &answer); err != nil {
		return model.Network{}, err
	}
	if !c.reachable(answer.Network) {
		return model.Network{}, gone
	}
	n := answer.Network.model(c.tenant.project)
	if n.Owned { // of others' networks Neutron names subnets that it does not show
		c.p.subnets.drop(c.tenant, func(kept []model.Subnet) bool {
			return slices.ContainsFunc(n.SubnetIDs, func(id string) bool {
				return !slices.ContainsFunc(kept, func(s model.Subnet) bool { return s.ID == id })
			})
		})
	}
	return n, nil
}
