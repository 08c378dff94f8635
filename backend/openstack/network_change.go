package openstack

import (
	"context"
	"net/http"
	"net/netip"
	"slices"

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

// networkCreate and subnetCreate are bodies of Neutron's POST.
type (
	networkCreate struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		AdminUp     bool   `json:"admin_state_up"`
	}
	subnetCreate struct {
		NetworkID string `json:"network_id"`
		IPVersion int    `json:"ip_version"`
		CIDR      string `json:"cidr"`
		Gateway   string `json:"gateway_ip,omitempty"`
		DHCP      bool   `json:"enable_dhcp"`
	}
)

// CreateNetwork implements model.Networks.
func (c *cloud) CreateNetwork(ctx context.Context, r model.NetworkCreate) (model.Network, error) {
	if err := checkText("network", r.Name, r.Description); err != nil {
		return model.Network{}, err
	}
	if err := checkTags(r.Tags); err != nil {
		return model.Network{}, err
	}
	var subnet subnetCreate
	if r.Subnet != nil {
		var err error
		if subnet, err = subnetBody(*r.Subnet); err != nil {
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
				body: map[string]any{"network": networkCreate{r.Name, r.Description, !r.Down}},
			})
			return answer.Network.model(c.tenant.project), err
		},
		finish: func(ctx context.Context, n *model.Network) error {
			if r.Subnet != nil {
				subnet.NetworkID = n.ID
				var made struct {
					Subnet subnetAnswer `json:"subnet"`
				}
				err := c.call(ctx, model.NetworkService, request{
					name: "subnet_create", method: http.MethodPost, path: "subnets", body: map[string]any{"subnet": subnet}, answer: &made,
				})
				if err != nil {
					return err
				}
				n.SubnetIDs = []string{made.Subnet.ID}
			}
			n.Tags = tagged(nil, r.Tags, nil)
			return c.setTags(ctx, "network", "networks/"+n.ID, r.Tags)
		},
		undo: func(ctx context.Context, n model.Network) error { return c.DeleteNetwork(ctx, n.ID) },
	}.make(ctx, c)
}

// subnetBody makes a body for Neutron, of what can be a subnet.
func subnetBody(r model.SubnetCreate) (subnetCreate, error) {
	prefix, err := netip.ParsePrefix(r.CIDR)
	if err != nil {
		return subnetCreate{}, model.Errorf(model.Invalid, "%q is not a range of addresses like 192.0.2.0/24", bounded(r.CIDR, 64))
	}
	s := subnetCreate{IPVersion: 4, CIDR: prefix.Masked().String(), Gateway: r.Gateway, DHCP: r.DHCP}
	if prefix.Addr().Is6() {
		s.IPVersion = 6
	}
	if r.Gateway == "" {
		return s, nil
	}
	gateway, err := netip.ParseAddr(r.Gateway)
	if err != nil || !prefix.Contains(gateway) {
		return subnetCreate{}, model.Errorf(model.Invalid, "the gateway %q is not an address in %s", bounded(r.Gateway, 64), s.CIDR)
	}
	return s, nil
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

// UpdateSubnet implements model.Networks.
func (c *cloud) UpdateSubnet(ctx context.Context, id string, u model.SubnetUpdate) (model.Subnet, error) {
	path, err := segment("subnet", id)
	if err != nil || !c.Offers(model.NetworkService) {
		return model.Subnet{}, model.Errorf(model.NotFound, "there is no subnet %q", bounded(id, 64))
	}
	if err := c.ownSubnet(ctx, id); err != nil {
		return model.Subnet{}, err
	}
	body := map[string]any{}
	if u.Gateway != nil {
		body["gateway_ip"] = nil
		if *u.Gateway != "" {
			body["gateway_ip"] = *u.Gateway
		}
	}
	if u.DHCP != nil {
		body["enable_dhcp"] = *u.DHCP
	}
	defer c.forgetNetworks()
	r := request{name: "subnet_update", method: http.MethodPut, path: "subnets/" + path, body: map[string]any{"subnet": body}}
	if len(body) == 0 {
		r = request{name: "subnet_show", method: http.MethodGet, path: r.path}
	}
	var answer struct {
		Subnet subnetAnswer `json:"subnet"`
	}
	r.answer = &answer
	if err := c.call(ctx, model.NetworkService, r); err != nil {
		return model.Subnet{}, err
	}
	s := answer.Subnet
	return model.Subnet{
		ID: s.ID, NetworkID: s.NetworkID, Name: s.Name, CIDR: s.CIDR, IPVersion: s.IPVersion,
		Gateway: s.GatewayIP, DHCP: s.EnableDHCP, DNSNameservers: s.DNSNameservers,
	}, nil
}

// ownSubnet keeps an administrator from what is not the tenant's.
func (c *cloud) ownSubnet(ctx context.Context, id string) error {
	if !c.login.admin {
		return nil
	}
	c.forgetNetworks() // it may be younger than what is remembered
	subnets, err := c.Subnets(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(subnets, func(s model.Subnet) bool { return s.ID == id })
	if i < 0 {
		return model.Errorf(model.NotFound, "there is no subnet %q", bounded(id, 64))
	}
	_, err = c.ownNetwork(ctx, subnets[i].NetworkID)
	return err
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
