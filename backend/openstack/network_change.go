package openstack

import (
	"context"
	"net/http"

	"github.com/occimi/occimi/model"
)

// revision is a change of one of Neutron's things: its attributes in one call,
// and each of its tags in one.
type revision struct {
	noun, path string // "network", "networks/ID"
	// now and was are the attributes that change.
	now, was map[string]any
	// steps change tags, and what else belongs to the change.
	steps []step
}

// revise notes that an attribute is wanted to be something else than it is.
func revise[T comparable](r *revision, attribute string, want *T, is T) {
	if want == nil || *want == is {
		return
	}
	if r.now == nil {
		r.now, r.was = map[string]any{}, map[string]any{}
	}
	r.now[attribute], r.was[attribute] = *want, is
}

// make makes the whole change, or none of it. answer takes the thing as Neutron shows it then, if attributes change.
func (r revision) make(ctx context.Context, c *cloud, answer any) error {
	var steps []step
	if len(r.now) > 0 {
		put := func(attributes map[string]any, answer any) func(context.Context) error {
			return func(ctx context.Context) error {
				return c.call(ctx, model.NetworkService, request{
					name: r.noun + "_update", method: http.MethodPut, path: r.path,
					body: map[string]any{r.noun: attributes}, answer: answer,
				})
			}
		}
		steps = append(steps, step{r.noun + "'s attributes", put(r.now, answer), put(r.was, nil)})
	}
	return c.together(ctx, oneByOne, append(steps, r.steps...))
}

// forgetNetworks has the lists of the project's networks and subnets read anew.
func (c *cloud) forgetNetworks() {
	c.p.networks.forget(ofProject(c.tenant.project))
	c.p.subnets.forget(ofProject(c.tenant.project))
}

// networkCreate is the body of Neutron's POST /networks.
type networkCreate struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	AdminUp     bool   `json:"admin_state_up"`
	MTU         int    `json:"mtu,omitempty"`
}

// CreateNetwork implements model.Networks.
func (c *cloud) CreateNetwork(ctx context.Context, r model.NetworkCreate) (model.Network, error) {
	if err := checkText("network", r.Name, r.Description); err != nil {
		return model.Network{}, err
	}
	if err := checkTags(r.Tags); err != nil {
		return model.Network{}, err
	}
	subnets := make([]subnetCreate, len(r.Subnets))
	for i, wanted := range r.Subnets {
		var err error
		if subnets[i], err = subnetBody(wanted); err != nil {
			return model.Network{}, err
		}
	}
	defer c.forgetNetworks()
	return making[model.Network]{
		noun: "network",
		begin: func(ctx context.Context) (model.Network, error) {
			var answer struct {
				Network networkAnswer `json:"network"`
			}
			err := c.call(ctx, model.NetworkService, request{
				name: "network_create", method: http.MethodPost, path: "networks", answer: &answer,
				body: map[string]any{"network": networkCreate{r.Name, r.Description, !r.Down, r.MTU}},
			})
			return answer.Network.model(c.tenant.project), err
		},
		finish: func(ctx context.Context, n *model.Network) error {
			made, err := c.postSubnets(ctx, n.ID, subnets)
			if err != nil {
				return err
			}
			for _, s := range made {
				n.SubnetIDs = append(n.SubnetIDs, s.ID)
			}
			n.Tags = tagged(nil, r.Tags, nil)
			return c.setTags(ctx, "network", "networks/"+n.ID, r.Tags)
		},
		id:   func(n model.Network) string { return n.ID },
		undo: c.DeleteNetwork,
	}.make(ctx, c)
}

// UpdateNetwork implements model.Networks. The network is looked at first: also
// since Neutron lets everybody change the tags of a network that he can see.
func (c *cloud) UpdateNetwork(ctx context.Context, id string, u model.NetworkUpdate) (model.Network, error) {
	if err := checkUpdate("network", u.Name, u.Description, u.AddTags, u.RemoveTags); err != nil {
		return model.Network{}, err
	}
	n, err := c.ownNetwork(ctx, id)
	if err != nil {
		return model.Network{}, err
	}
	r := revision{noun: "network", path: "networks/" + n.ID}
	r.steps = c.tagSteps(model.NetworkService, r.noun, r.path, n.Tags, u.AddTags, u.RemoveTags)
	revise(&r, "name", u.Name, n.Name)
	revise(&r, "description", u.Description, n.Description)
	revise(&r, "admin_state_up", u.AdminUp, n.AdminUp)
	revise(&r, "mtu", u.MTU, n.MTU)
	var answer struct {
		Network networkAnswer `json:"network"`
	}
	defer c.forgetNetworks()
	if err := r.make(ctx, c, &answer); err != nil {
		return model.Network{}, err
	}
	tags := tagged(n.Tags, u.AddTags, u.RemoveTags)
	if len(r.now) > 0 {
		n = answer.Network.model(c.tenant.project)
	}
	n.Tags = tags
	return n, nil
}

// checkUpdate refuses texts and tags that cannot be.
func checkUpdate(noun string, name, description *string, add, remove []string) error {
	var n, d string
	if name != nil {
		n = *name
	}
	if description != nil {
		d = *description
	}
	if err := checkText(noun, n, d); err != nil {
		return err
	}
	return checkTags(add, remove)
}

// ownNetwork gives a network that the tenant may change.
func (c *cloud) ownNetwork(ctx context.Context, id string) (model.Network, error) {
	n, err := c.Network(ctx, id)
	if err == nil && !n.Owned {
		err = model.Errorf(model.Forbidden, "the network %q does not belong to the project", id)
	}
	return n, err
}

// DeleteNetwork implements model.Networks. Neutron deletes the subnets with it,
// and refuses while anything but itself has a port there.
func (c *cloud) DeleteNetwork(ctx context.Context, id string) error {
	path, err := segment("network", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return model.Errorf(model.NotFound, "there is no network %q", bounded(id, 64))
	}
	if c.login.admin {
		if _, err := c.ownNetwork(ctx, id); err != nil {
			return err
		}
	}
	defer c.forgetNetworks()
	return c.call(ctx, model.NetworkService, request{name: "network_delete", method: http.MethodDelete, path: "networks/" + path})
}
