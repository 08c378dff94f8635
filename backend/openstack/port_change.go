package openstack

import (
	"context"
	"net/http"
	"net/netip"
	"slices"

	"github.com/occimi/occimi/model"
)

// fixedIPRef is an address of a port in Neutron's and Nova's bodies.
type fixedIPRef struct {
	SubnetID string `json:"subnet_id,omitempty"`
	Address  string `json:"ip_address,omitempty"`
}

// ownPort keeps an administrator from ports that are not the tenant's. Others
// need no call for it.
func (c *cloud) ownPort(ctx context.Context, id string) error {
	if !c.login.admin || id == "" {
		return nil
	}
	_, err := c.port(ctx, id)
	return err
}

// portCreate is the body of Neutron's POST /ports.
type portCreate struct {
	NetworkID   string       `json:"network_id"`
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	AdminUp     bool         `json:"admin_state_up"`
	FixedIPs    []fixedIPRef `json:"fixed_ips,omitempty"`
}

// CreatePort implements model.Ports.
func (c *cloud) CreatePort(ctx context.Context, r model.PortCreate) (model.Port, error) {
	if err := checkText("port", r.Name, r.Description); err != nil {
		return model.Port{}, err
	}
	if err := checkTags(r.Tags); err != nil {
		return model.Port{}, err
	}
	if _, err := segment("network", r.NetworkID); err != nil {
		return model.Port{}, invalidIfMissing(err)
	}
	if err := checkFixedIPs(r.FixedIPs); err != nil {
		return model.Port{}, err
	}
	if c.login.admin { // who may use networks of every project
		if _, err := c.Network(ctx, r.NetworkID); err != nil {
			return model.Port{}, invalidIfMissing(err)
		}
	}
	body := portCreate{NetworkID: r.NetworkID, Name: r.Name, Description: r.Description, AdminUp: !r.Down}
	for _, ip := range r.FixedIPs {
		body.FixedIPs = append(body.FixedIPs, fixedIPRef(ip))
	}
	return making[model.Port]{
		noun: "port",
		begin: func(ctx context.Context) (model.Port, error) {
			var answer portBody
			err := c.call(ctx, model.NetworkService, request{
				name: "port_create", method: http.MethodPost, path: "ports", body: map[string]any{"port": body}, answer: &answer,
			})
			return answer.Port.model(), invalidIfMissing(err)
		},
		finish: func(ctx context.Context, p *model.Port) error {
			p.Tags = tagged(nil, r.Tags, nil)
			return c.setTags(ctx, "port", "ports/"+p.ID, r.Tags)
		},
		id:   func(p model.Port) string { return p.ID },
		undo: c.DeletePort,
	}.make(ctx, c)
}

// checkFixedIPs refuses what is neither an address nor a wish for one.
func checkFixedIPs(all []model.FixedIP) error {
	for _, ip := range all {
		if _, err := netip.ParseAddr(ip.Address); ip.Address != "" && err != nil {
			return model.Errorf(model.Invalid, "%q is not an IP address", bounded(ip.Address, 64))
		}
	}
	return nil
}

// UpdatePort implements model.Ports.
func (c *cloud) UpdatePort(ctx context.Context, id string, u model.PortUpdate) (model.Port, error) {
	if err := checkUpdate("port", u.Name, u.Description, u.AddTags, u.RemoveTags); err != nil {
		return model.Port{}, err
	}
	if err := checkFixedIPs(u.FixedIPs); err != nil {
		return model.Port{}, err
	}
	p, err := c.Port(ctx, id)
	if err != nil {
		return model.Port{}, err
	}
	r := revision{noun: "port", path: "ports/" + p.ID}
	r.steps = c.tagSteps(model.NetworkService, r.noun, r.path, p.Tags, u.AddTags, u.RemoveTags)
	revise(&r, "name", u.Name, p.Name)
	revise(&r, "description", u.Description, p.Description)
	revise(&r, "admin_state_up", u.AdminUp, p.AdminUp)
	if u.FixedIPs != nil && !sameAddresses(p.FixedIPs, u.FixedIPs) {
		is := []fixedIPRef{}
		for _, ip := range p.FixedIPs {
			is = append(is, fixedIPRef(ip))
		}
		if r.now == nil {
			r.now, r.was = map[string]any{}, map[string]any{}
		}
		r.now["fixed_ips"], r.was["fixed_ips"] = fixedIPs(p, u.FixedIPs), is
	}
	var answer portBody
	if err := r.make(ctx, c, &answer); err != nil {
		return model.Port{}, invalidSubnet(err, u.FixedIPs)
	}
	tags := tagged(p.Tags, u.AddTags, u.RemoveTags)
	if len(r.now) > 0 {
		p = answer.Port.model()
	}
	p.Tags = tags
	return p, nil
}

// sameAddresses tells whether these addresses, and no others, are wanted.
func sameAddresses(is, want []model.FixedIP) bool {
	return len(is) == len(want) && !slices.ContainsFunc(want, func(w model.FixedIP) bool {
		return !slices.ContainsFunc(is, func(ip model.FixedIP) bool {
			return ip.Address == w.Address && (w.SubnetID == "" || ip.SubnetID == w.SubnetID)
		})
	})
}

// fixedIPs gives what to ask Neutron for.
func fixedIPs(p model.Port, want []model.FixedIP) []fixedIPRef {
	refs := []fixedIPRef{}
	for _, w := range want {
		if w != (model.FixedIP{}) {
			refs = append(refs, fixedIPRef(w))
			continue
		}
		for _, ip := range p.FixedIPs {
			if ref := (fixedIPRef{SubnetID: ip.SubnetID}); !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// invalidSubnet makes the error that a subnet of wanted addresses is not there
// one of the request.
func invalidSubnet(err error, want []model.FixedIP) error {
	for _, ip := range want {
		err = notFoundIn(err, ip.SubnetID)
	}
	return err
}

// DeletePort implements model.Ports. Neutron tells Nova, which takes the port off
// its machine.
func (c *cloud) DeletePort(ctx context.Context, id string) error {
	p, err := c.port(ctx, id) // Neutron would delete those of routers' and DHCP's, too
	if err != nil {
		return err
	}
	return c.call(ctx, model.NetworkService, request{name: "port_delete", method: http.MethodDelete, path: "ports/" + p.ID})
}
