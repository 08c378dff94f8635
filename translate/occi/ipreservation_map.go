package occi

import (
	"cmp"
	"context"
	"slices"

	"github.com/occimi/occimi/model"
	"github.com/occimi/occimi/model/fanout"
)

// An IP reservation is a floating IP; its id is the floating IP's.

// floatingIPsOf gives the cloud's floating IPs. Errors: Unsupported if it has
// none.
func floatingIPsOf(s *Session) (model.FloatingIPs, error) {
	return model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
}

// readFloatingIPs lists all of the tenant's; none if the cloud has no such thing.
func readFloatingIPs(ctx context.Context, s *Session) ([]model.FloatingIP, error) {
	if !s.Offers(ipReservationKind) {
		return nil, nil
	}
	ips, err := floatingIPsOf(s)
	if err != nil {
		return nil, err
	}
	return s.floatingIPs.read(ctx, ips.FloatingIPs)
}

// poolTemplates makes a mixin of each external network. Clients ask for pools by
// name, so that the terms are made of names.
func poolTemplates(ctx context.Context, s *Session) ([]*Mixin, error) {
	networks, err := s.networks.read(ctx, s.Cloud.Networks)
	if err != nil {
		return nil, err
	}
	external := slices.DeleteFunc(slices.Clone(networks), func(n model.Network) bool { return !n.External })
	return templatesOf(external, func(n model.Network) *Mixin {
		name := cmp.Or(n.Name, n.ID)
		m := templateMixin(floatingPoolBase, openstackRoot+"network/floatingippool#", name, name, "Floating IP pool: ")
		m.Key, m.Aliases = n.ID, []string{n.ID, n.Name}
		return m
	}), nil
}

func reservationRefs(ctx context.Context, s *Session) ([]string, error) {
	ips, err := readFloatingIPs(ctx, s)
	return idsOf(ips, func(f model.FloatingIP) string { return f.ID }), err
}

func reservationList(ctx context.Context, s *Session) ([]Entity, error) {
	var ips []model.FloatingIP
	var pools []*Mixin
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { ips, err = readFloatingIPs(ctx, s); return })
	g.Go(func() (err error) { pools, err = s.templates(ctx, floatingPool); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	byNetwork := byKey(pools)
	entities := make([]Entity, len(ips))
	for i, f := range ips {
		entities[i] = reservationEntity(f, byNetwork)
	}
	return entities, nil
}

func reservationGet(ctx context.Context, s *Session, id string) (Entity, error) {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return Entity{}, err
	}
	var f model.FloatingIP
	var pools []*Mixin
	g, ctx := fanout.WithContext(ctx)
	g.Go(func() (err error) { f, err = ips.FloatingIP(ctx, id); return })
	g.Go(func() (err error) { pools, err = s.templates(ctx, floatingPool); return })
	if err := g.Wait(); err != nil {
		return Entity{}, err
	}
	return reservationEntity(f, byKey(pools)), nil
}

// reservationStates are the OCCI states of floating IPs; the rest is inactive.
var reservationStates = map[model.LinkState]string{model.LinkUp: stateActive, model.LinkFailed: stateError}

func reservationEntity(f model.FloatingIP, pools map[string]*Mixin) Entity {
	e := Entity{Kind: ipReservationKind, ID: f.ID, Marks: f.Tags}
	if pool := pools[f.NetworkID]; pool != nil {
		e.Mixins = append(e.Mixins, pool)
	}
	e.setText(coreTitle, f.Address)
	e.setText(coreSummary, f.Description)
	e.setText(reservationAddress, f.Address)
	e.set(reservationUsed, Bool(f.PortID != ""))
	state := cmp.Or(reservationStates[f.State], stateInactive)
	e.set(reservationState, String(state))
	e.set(networkState, String(state))
	return e
}

// reservationTarget refuses an address that is in use.
func reservationTarget(ctx context.Context, s *Session, id string, _ []*Mixin) (string, error) {
	ips, err := readFloatingIPs(ctx, s)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(ips, func(f model.FloatingIP) bool { return f.ID == id })
	if i < 0 {
		return "", noTarget(ipReservationID, id)
	}
	if ips[i].PortID != "" {
		return "", model.Errorf(model.Conflict, "the address %s is used already", ips[i].Address)
	}
	return id, nil
}

// reservationRefusals are what floating IPs do not have.
var reservationRefusals = map[string]*model.Error{
	coreTitle:    model.Errorf(model.Conflict, "the title of an IP reservation is its address; describe it in occi.core.summary"),
	networkVLAN:  model.Errorf(model.Conflict, "an IP reservation has no VLAN"),
	networkLabel: model.Errorf(model.Conflict, "an IP reservation has no label"),
}

func reservationCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return Entity{}, err
	}
	pool, err := poolOf(ctx, s, d.Mixins)
	if err != nil {
		return Entity{}, err
	}
	for _, name := range []string{networkVLAN, networkLabel} { // a title is a wish that rOCCI always has
		if _, ok := d.Values[name]; ok {
			return Entity{}, reservationRefusals[name]
		}
	}
	f, err := ips.CreateFloatingIP(ctx, model.FloatingIPCreate{
		NetworkID: pool.Key, Address: d.Values[reservationAddress].Text(), Description: d.Values[coreSummary].Text(),
	})
	return reservationEntity(f, map[string]*Mixin{pool.Key: pool}), err
}

// poolOf gives the pool that is among the mixins, or else the only one. Errors:
// Conflict, naming them, if there are several.
func poolOf(ctx context.Context, s *Session, mixins []*Mixin) (*Mixin, error) {
	if pool, err := among(mixins, floatingPoolBase); pool != nil || err != nil {
		return pool, err
	}
	pools, err := s.templates(ctx, floatingPool)
	switch {
	case err != nil:
		return nil, err
	case len(pools) == 0:
		return nil, model.Errorf(model.Conflict, "there is no external network to have an address from")
	case len(pools) > 1:
		return nil, model.Errorf(model.Conflict, "there are several pools of addresses; choose one of these mixins: %s",
			candidates(idsOf(pools, func(m *Mixin) string { return string(m.ID) })))
	}
	return pools[0], nil
}

func reservationUpdate(ctx context.Context, s *Session, c *Change) (Entity, error) {
	if len(c.Mixins) > 0 {
		return Entity{}, model.Errorf(model.Conflict, "%s can only be given when an address is reserved", c.Mixins[0].ID)
	}
	for _, name := range c.names() {
		if refusal := reservationRefusals[name]; refusal != nil {
			return Entity{}, refusal
		}
	}
	summary, ok := c.text(coreSummary)
	if !ok {
		return c.Present, nil
	}
	ips, err := floatingIPsOf(s)
	if err != nil {
		return Entity{}, err
	}
	f, err := ips.UpdateFloatingIP(ctx, c.Present.ID, model.FloatingIPUpdate{Description: &summary})
	if err != nil {
		return Entity{}, err
	}
	pools, err := s.templates(ctx, floatingPool)
	return reservationEntity(f, byKey(pools)), err
}

// reservationDelete gives the address back to its pool; a link to it goes with
// it.
func reservationDelete(ctx context.Context, s *Session, id string) error {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return err
	}
	return ips.DeleteFloatingIP(ctx, id)
}
