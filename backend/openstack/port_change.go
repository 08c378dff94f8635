package openstack

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// fixedIPRef is an address of a port in Neutron's and Nova's bodies.
type fixedIPRef struct {
	SubnetID string `json:"subnet_id,omitempty"`
	Address  string `json:"ip_address,omitempty"`
}

// ownPort keeps an administrator from ports that are not the tenant's, whether a
// machine has them or not. Others need no call for it.
func (c *cloud) ownPort(ctx context.Context, id string) error {
	if !c.login.admin || id == "" {
		return nil
	}
	path, err := segment("port", id)
	if err != nil {
		return err
	}
	var answer struct {
		Port portAnswer `json:"port"`
	}
	err = c.get(ctx, model.NetworkService, "port_show", "ports/"+path, &answer)
	if err == nil && answer.Port.ProjectID != c.tenant.project {
		err = model.Errorf(model.NotFound, "there is no port %q", bounded(id, 64))
	}
	return err
}

// UpdatePort implements model.Networks.
func (c *cloud) UpdatePort(ctx context.Context, id string, u model.PortUpdate) (model.Port, error) {
	if err := checkUpdate("port", u.Name, nil, u.AddTags, u.RemoveTags); err != nil {
		return model.Port{}, err
	}
	p, err := c.Port(ctx, id)
	if err != nil {
		return model.Port{}, err
	}
	r := revision{noun: "port", path: "ports/" + p.ID}
	r.steps = c.tagSteps(model.NetworkService, r.noun, r.path, p.Tags, u.AddTags, u.RemoveTags)
	revise(&r, "name", u.Name, p.Name)
	revise(&r, "admin_state_up", u.AdminUp, p.AdminUp)
	if want := fixedIPs(p, u.FixedIP); want != nil {
		var is []fixedIPRef
		for _, ip := range p.FixedIPs {
			is = append(is, fixedIPRef(ip))
		}
		if r.now == nil {
			r.now, r.was = map[string]any{}, map[string]any{}
		}
		r.now["fixed_ips"], r.was["fixed_ips"] = want, is
	}
	var answer struct {
		Port portAnswer `json:"port"`
	}
	if err := r.make(ctx, c, &answer); err != nil {
		return model.Port{}, err
	}
	tags := tagged(p.Tags, u.AddTags, u.RemoveTags)
	if len(r.now) > 0 {
		p = answer.Port.model()
	}
	p.Tags = tags
	return p, nil
}

// fixedIPs gives what to ask Neutron for; nil: for nothing. An address that the
// cloud chooses is one on each subnet where the port has one.
func fixedIPs(p model.Port, want *string) []fixedIPRef {
	switch {
	case want == nil || len(p.FixedIPs) == 1 && p.FixedIPs[0].Address == *want:
		return nil
	case *want != "":
		return []fixedIPRef{{Address: *want}}
	}
	var refs []fixedIPRef
	for _, ip := range p.FixedIPs {
		if ref := (fixedIPRef{SubnetID: ip.SubnetID}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}
