package occi

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// The names that OCCI-OS and ooi have for networks, in any case: where floating IPs
// come from, and the tenant's own.
const (
	publicNetwork = "public"
	adminNetwork  = "admin"
)

func isNetworkAlias(id string) bool {
	return strings.EqualFold(id, publicNetwork) || strings.EqualFold(id, adminNetwork)
}

// networkTarget knows networks by these names too.
func networkTarget(ctx context.Context, s *Session, id string, mixins []*Mixin) (string, error) {
	if pool, err := among(mixins, floatingPoolBase); err != nil {
		return "", err
	} else if pool != nil {
		return pool.Key, nil
	}
	networks, err := s.networks.read(ctx, s.Cloud.Networks)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(networks, func(n model.Network) bool { return n.ID == id }) {
		return id, nil
	}
	switch strings.ToLower(id) {
	case publicNetwork:
		pool, err := poolOf(ctx, s, nil)
		if err != nil {
			return "", err
		}
		return pool.Key, nil
	case adminNetwork:
		own := slices.DeleteFunc(slices.Clone(networks), func(n model.Network) bool { return n.External })
		if len(own) != 1 {
			return "", s.severalNetworks(own)
		}
		return own[0].ID, nil
	}
	return "", noTarget(networkKind.ID, id)
}

// severalNetworks is the error of a request that leaves it open which network is
// meant.
func (s *Session) severalNetworks(networks []model.Network) error {
	return model.Errorf(model.Conflict, "there are %d networks to choose from; link to one of: %s", len(networks),
		candidates(idsOf(networks, func(n model.Network) string {
			return s.Links.URL(networkKind.Location+n.ID) + " (" + quoteForMessage(n.Name) + ")"
		})))
}

// labelTag is what the tag begins with that keeps a network's label.
const labelTag = "occi-label-"

func labelOf(tags []string) string {
	for _, tag := range tags {
		if label, ok := strings.CutPrefix(tag, labelTag); ok {
			return label
		}
	}
	return ""
}

// labelTags gives the tag that keeps a label; none for none. Errors: Invalid.
func labelTags(label string) ([]string, error) {
	const most = 60 - len(labelTag) // what older clouds take
	switch {
	case label == "":
		return nil, nil
	case len(label) > most || strings.ContainsAny(label, "/,"):
		return nil, model.Errorf(model.Invalid, "%s has at most %d bytes without \"/\" and \",\"", networkLabel, most)
	}
	return []string{labelTag + label}, nil
}

// errVLAN says why a VLAN cannot be chosen.
var errVLAN = model.Errorf(model.Forbidden, "the cloud chooses the VLAN of a network: %s cannot be set", networkVLAN)

func networkCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	if _, ok := d.Values[networkVLAN]; ok {
		return Entity{}, errVLAN
	}
	tags, err := labelTags(d.Values[networkLabel].Text())
	if err != nil {
		return Entity{}, err
	}
	r := model.NetworkCreate{Name: d.Values[coreTitle].Text(), Description: d.Values[coreSummary].Text(), Tags: slices.Concat(tags, d.Marks)}
	address, gateway := d.Values[networkAddress].Text(), d.Values[networkGateway].Text()
	switch {
	case address != "":
		r.Subnets = []model.SubnetCreate{{CIDR: address, Gateway: gateway, DHCP: d.Values[networkAllocation].Text() != allocationFixed}}
	case gateway != "":
		return Entity{}, model.Errorf(model.Invalid, "%s needs %s", networkGateway, networkAddress)
	}
	n, err := s.Cloud.CreateNetwork(ctx, r)
	if err != nil || len(r.Subnets) == 0 {
		return networkEntity(n, nil), err
	}
	subnets, err := subnetsByID(ctx, s)
	if err != nil { // the network is there, whether or not more can be told of it
		subnets = nil
	}
	return networkEntity(n, subnets), nil
}

func networkUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	switch {
	case c.Present.Foreign:
		return Entity{}, foreign(c.Present)
	case len(c.Mixins) > 0:
		return Entity{}, model.Errorf(model.Conflict, "%s can only be given when a network is created", c.Mixins[0].ID)
	}
	if _, ok := c.Values[networkVLAN]; ok {
		return Entity{}, errVLAN
	}
	if _, ok := c.Values[networkAddress]; ok {
		return Entity{}, fixedAttribute(networkAddress)
	}
	u, back, err := networkChange(c)
	if err != nil {
		return Entity{}, err
	}
	id := c.Present.ID
	var steps []step
	var n model.Network
	if sub, was, err := subnetChange(ctx, s, c); err != nil {
		return Entity{}, err
	} else if was.ID != "" {
		steps = append(steps, step{
			what: "its new gateway or allocation",
			do:   func(ctx context.Context) error { _, err := s.Cloud.UpdateSubnet(ctx, was.ID, sub); return err },
			undo: func(ctx context.Context) error {
				_, err := s.Cloud.UpdateSubnet(ctx, was.ID, model.SubnetUpdate{Gateway: &was.Gateway, DHCP: &was.DHCP})
				return err
			},
		})
	}
	if u.Name != nil || u.Description != nil || len(u.AddTags)+len(u.RemoveTags) > 0 {
		steps = append(steps, step{
			do:   func(ctx context.Context) (err error) { n, err = s.Cloud.UpdateNetwork(ctx, id, u); return err },
			undo: func(ctx context.Context) error { _, err := s.Cloud.UpdateNetwork(ctx, id, back); return err },
		})
	}
	if len(steps) == 0 {
		return c.Present, nil
	}
	if err := inOrder(ctx, steps); err != nil {
		return Entity{}, err
	}
	if n.ID == "" || len(steps) > 1 { // the range of addresses is another
		s.subnets = once[model.Subnet]{}
		return networkGet(ctx, s, id)
	}
	subnets, err := subnetsByID(ctx, s)
	return networkEntity(n, subnets), err
}

// networkChange is the part of a change that concerns the network itself, and
// what undoes it.
func networkChange(c *Change) (u, back model.NetworkUpdate, err error) {
	if name, ok := c.text(coreTitle); ok {
		was := c.present(coreTitle)
		u.Name, back.Name = &name, &was
	}
	if summary, ok := c.text(coreSummary); ok {
		was := c.present(coreSummary)
		u.Description, back.Description = &summary, &was
	}
	label, ok := c.text(networkLabel)
	if !ok {
		return u, back, nil
	}
	if u.AddTags, err = labelTags(label); err != nil {
		return u, back, err
	}
	if was := c.present(networkLabel); was != "" {
		u.RemoveTags = []string{labelTag + was}
	}
	back.AddTags, back.RemoveTags = u.RemoveTags, u.AddTags
	return u, back, nil
}

// subnetChange is the part of a change that concerns the range of addresses that
// OCCI shows, and the range as it is; without an id if nothing changes.
func subnetChange(ctx context.Context, s *Session, c *Change) (u model.SubnetUpdate, was model.Subnet, err error) {
	if v, ok := c.Values[networkGateway]; ok {
		gateway := v.Text()
		u.Gateway = &gateway
	}
	if v, ok := c.Values[networkAllocation]; ok {
		dhcp := v.Text() == allocationDHCP
		u.DHCP = &dhcp
	}
	if u == (model.SubnetUpdate{}) {
		return u, was, nil
	}
	subnets, err := s.subnets.read(ctx, s.Cloud.Subnets)
	for _, sub := range subnets {
		if sub.NetworkID == c.Present.ID && sub.CIDR == c.present(networkAddress) {
			return u, sub, checkGateway(u.Gateway, sub.CIDR)
		}
	}
	if err == nil {
		err = model.Errorf(model.Conflict, "network %s has no address range", c.Present.ID)
	}
	return u, was, err
}

// checkGateway refuses a new gateway that is outside of the range: the cloud
// refuses that at creation only. Errors: Invalid.
func checkGateway(gateway *string, cidr string) error {
	if gateway == nil {
		return nil
	}
	address, errAddress := netip.ParseAddr(*gateway)
	prefix, errPrefix := netip.ParsePrefix(cidr)
	if errAddress != nil || errPrefix != nil || !prefix.Contains(address) {
		return model.Errorf(model.Invalid, "the gateway %s is not an address in %s", quoteForMessage(*gateway), cidr)
	}
	return nil
}

func networkDelete(ctx context.Context, s *Session, id string) error {
	return s.Cloud.DeleteNetwork(ctx, id)
}

var networkDeeds = []deed{
	{upNetwork, stateActive, setNetworkUp(true)},
	{downNetwork, stateInactive, setNetworkUp(false)},
}

func setNetworkUp(up bool) func(context.Context, *Session, string, map[string]Value) error {
	return func(ctx context.Context, s *Session, id string, _ map[string]Value) error {
		_, err := s.Cloud.UpdateNetwork(ctx, id, model.NetworkUpdate{AdminUp: &up})
		return err
	}
}

func networkAct(ctx context.Context, s *Session, in Invocation) ([]*Mixin, error) {
	return nil, actOn(ctx, s, in, reader{networkList, networkGet, networkState}, networkDeeds)
}
