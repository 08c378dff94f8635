package occi

import (
	"context"
	"slices"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

func networkRefs(ctx context.Context, s *Session) ([]string, error) {
	networks, err := s.networks.read(ctx, s.Cloud.Networks)
	return idsOf(networks, func(n model.Network) string { return n.ID }), err
}

func networkList(ctx context.Context, s *Session) ([]Entity, error) {
	var networks []model.Network
	var subnets map[string]model.Subnet
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { networks, err = s.networks.read(ctx, s.Cloud.Networks); return })
	g.Go(func() (err error) { subnets, err = subnetsByID(ctx, s); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	entities := make([]Entity, len(networks))
	for i, n := range networks {
		entities[i] = networkEntity(n, subnets)
	}
	return entities, nil
}

func networkGet(ctx context.Context, s *Session, id string) (Entity, error) {
	if isNetworkAlias(id) {
		found, err := networkTarget(ctx, s, id, nil)
		if err != nil {
			return Entity{}, err
		}
		id = found
	}
	var n model.Network
	var subnets map[string]model.Subnet
	g, both := fanout.WithContext(ctx)
	g.Go(func() (err error) { n, err = s.Cloud.Network(both, id); return })
	g.Go(func() (err error) { subnets, err = subnetsByID(both, s); return })
	if err := g.Wait(); err != nil {
		return Entity{}, err
	}
	known := func(id string) bool { _, ok := subnets[id]; return ok }
	if n.Owned && slices.ContainsFunc(n.SubnetIDs, func(id string) bool { return !known(id) }) {
		s.subnets = once[model.Subnet]{} // the list was older than the network
		var err error
		if subnets, err = subnetsByID(ctx, s); err != nil {
			return Entity{}, err
		}
	}
	return networkEntity(n, subnets), nil
}

func networkEntity(n model.Network, subnets map[string]model.Subnet) Entity {
	e := Entity{Kind: networkKind, ID: n.ID, Marks: n.Tags, Foreign: !n.Owned}
	switch {
	case e.Foreign:
	case n.AdminUp:
		e.Actions = []*Action{downNetwork}
	default:
		e.Actions = []*Action{upNetwork}
	}
	e.setText(coreTitle, n.Name)
	e.setText(coreSummary, n.Description)
	if n.VLAN > 0 {
		e.set(networkVLAN, Int(n.VLAN))
	}
	e.setText(networkLabel, labelOf(n.Tags))
	state := linkState(n.State, n.AdminUp)
	e.set(networkState, String(state))
	if state != stateActive && n.State != model.LinkUp {
		e.set(networkStateMessage, String(string(n.State)))
	}
	// OCCI knows one range per network: the first of IPv4, else the first.
	var subnet model.Subnet
	for _, id := range n.SubnetIDs {
		if sub, ok := subnets[id]; ok && (subnet.ID == "" || subnet.IPVersion != 4 && sub.IPVersion == 4) {
			subnet = sub
		}
	}
	if subnet.ID != "" {
		e.Mixins = append(e.Mixins, ipNetwork)
		e.setText(networkAddress, subnet.CIDR)
		e.setText(networkGateway, subnet.Gateway)
		e.set(networkAllocation, String(allocation(subnet)))
	}
	return e
}

// linkState is the OCCI state of networks and network interfaces.
func linkState(s model.LinkState, adminUp bool) string {
	switch {
	case s == model.LinkFailed:
		return stateError
	case s == model.LinkUp && adminUp:
		return stateActive
	}
	return stateInactive
}

func allocation(s model.Subnet) string {
	if s.DHCP {
		return allocationDHCP
	}
	return allocationFixed
}

func subnetsByID(ctx context.Context, s *Session) (map[string]model.Subnet, error) {
	subnets, err := s.subnets.read(ctx, s.Cloud.Subnets)
	if err != nil {
		return nil, err
	}
	m := make(map[string]model.Subnet, len(subnets))
	for _, sub := range subnets {
		m[sub.ID] = sub
	}
	return m, nil
}

func idsOf[T any](things []T, id func(T) string) []string {
	ids := make([]string, len(things))
	for i, thing := range things {
		ids[i] = id(thing)
	}
	return ids
}
