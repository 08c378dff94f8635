package cimi

import (
	"context"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// ForwardingGroup is networks that are routed to each other, in version 1: a
// router.
type ForwardingGroup struct {
	Common
	Networks   []Ref       `cimi:"networks" item:"network" of:"Network" xml1:"network"`
	Operations []Operation `cimi:"operations" xml1:"operation"`
}

var forwardingGroups = &resource{
	path:    "forwardingGroups",
	version: V1,
	item:    reflect.TypeFor[ForwardingGroup](),
	offered: offersRouters,
	extras:  []string{"properties"},
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]ForwardingGroup, error) {
		routers, networks, err := s.routing(ctx, model.Routers.Routers)
		return each(routers, func(r *model.Router) ForwardingGroup { return s.forwardingGroup(r, networks) }), err
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*ForwardingGroup, error) {
		return s.oneGroup(ctx, at.Key())
	}),
	create: creator(createGroup),
	update: updater(updateGroup),
	delete: func(ctx context.Context, s *Session, at Address) error {
		part, err := routersOf(s.Cloud)
		if err != nil {
			return err
		}
		return part.DeleteRouter(ctx, at.Key())
	},
	capabilities: []Capability{
		{Name: "ForwardingGroupTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// ForwardingGroupNetwork is a group's reference to one of its networks.
type ForwardingGroupNetwork struct {
	Common     `class:"name=fixed description=fixed properties=fixed"`
	Network    Ref         `cimi:"network,create,required" of:"Network"`
	Operations []Operation `cimi:"operations" xml1:"operation"`
}

var forwardingGroupNetworks = &resource{
	path:    "forwardingGroups/networks",
	version: V1,
	item:    reflect.TypeFor[ForwardingGroupNetwork](),
	offered: offersRouters,
	list: lister(func(ctx context.Context, s *Session, at Address) ([]ForwardingGroupNetwork, error) {
		g, err := s.oneGroup(ctx, at[0])
		if err != nil {
			return nil, err
		}
		return s.groupNetworks(g), nil
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*ForwardingGroupNetwork, error) {
		g, err := s.oneGroup(ctx, at[0])
		if err != nil {
			return nil, err
		}
		return pick(s.groupNetworks(g), nil, at.Key(), func(n ForwardingGroupNetwork) string { return n.Network.Key })
	}),
	children: childLister(func(_ context.Context, s *Session, groups []ForwardingGroup) ([][]ForwardingGroupNetwork, error) {
		return each(groups, s.groupNetworks), nil
	}),
	create: creator(func(ctx context.Context, s *Session, at Address, in *ForwardingGroupNetwork) (*ForwardingGroupNetwork, error) {
		if in.Network.Key == "" {
			return nil, model.Errorf(model.Invalid, "network: the href of a network is missing")
		}
		if err := s.regroup(ctx, at[0], []string{in.Network.Key}, nil); err != nil {
			return nil, err
		}
		made := s.groupNetwork(at[0], in.Network)
		return &made, nil
	}),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.regroup(ctx, at[0], nil, []string{at.Key()})
	},
}

func offersRouters(c model.Cloud) bool { _, err := routersOf(c); return err == nil }

// routing reads routers, and the networks that they may lead to.
func (s *Session) routing(ctx context.Context, read func(model.Routers, context.Context) ([]model.Router, error)) ([]model.Router, []model.Network, error) {
	part, err := routersOf(s.Cloud)
	if err != nil {
		return nil, nil, err
	}
	var routers []model.Router
	var networks []model.Network
	err = together(ctx, into(&networks, s.Cloud.Networks), into(&routers, func(ctx context.Context) ([]model.Router, error) { return read(part, ctx) }))
	return routers, networks, err
}

// router reads one router, and the networks that it may lead to.
func (s *Session) router(ctx context.Context, id string) (model.Router, []model.Network, error) {
	routers, networks, err := s.routing(ctx, func(part model.Routers, ctx context.Context) ([]model.Router, error) {
		r, err := part.Router(ctx, id)
		return []model.Router{r}, err
	})
	if err != nil {
		return model.Router{}, nil, err
	}
	return routers[0], networks, nil
}

func (s *Session) oneGroup(ctx context.Context, id string) (*ForwardingGroup, error) {
	r, networks, err := s.router(ctx, id)
	if err != nil {
		return nil, err
	}
	g := s.forwardingGroup(&r, networks)
	return &g, nil
}

func (s *Session) forwardingGroup(r *model.Router, networks []model.Network) ForwardingGroup {
	return ForwardingGroup{
		Common:     Common{ID: s.id("forwardingGroups", r.ID), Name: r.Name, Description: r.Description, Created: r.Created},
		Networks:   routedNetworks(r, networks),
		Operations: []Operation{{Name: "edit"}, {Name: "delete"}},
	}
}

// routedNetworks are the networks that a router has an interface on, and the one
// through which it leads out of the cloud.
func routedNetworks(r *model.Router, networks []model.Network) []Ref {
	var refs []Ref
	for i := range networks {
		if n := &networks[i]; routes(r, n) || n.ID == r.ExternalNetworkID {
			refs = append(refs, Ref{Key: n.ID})
		}
	}
	return refs
}

func (s *Session) groupNetworks(g *ForwardingGroup) []ForwardingGroupNetwork {
	key := keysOf(s.relative(string(g.ID)))[0]
	return each(g.Networks, func(ref *Ref) ForwardingGroupNetwork { return s.groupNetwork(key, *ref) })
}

func (s *Session) groupNetwork(group string, network Ref) ForwardingGroupNetwork {
	return ForwardingGroupNetwork{
		Common:     Common{ID: s.id("forwardingGroups/networks", group, network.Key)},
		Network:    network,
		Operations: []Operation{{Name: "delete"}},
	}
}

// ForwardingGroupCreate asks for a new group.
type ForwardingGroupCreate struct {
	Common
	ForwardingGroupTemplate Ref `cimi:"forwardingGroupTemplate" of:"ForwardingGroupTemplate"`
}

// ForwardingGroupTemplate says what a new group shall be.
type ForwardingGroupTemplate struct {
	Common
	Networks   []Ref       `cimi:"networks" item:"network" of:"Network" xml1:"network"`
	Operations []Operation `cimi:"operations" xml1:"operation"`
}

var forwardingGroupTemplates = in(V1, stored[ForwardingGroupTemplate]("forwardingGroupTemplates", offersRouters, nil))

func createGroup(ctx context.Context, s *Session, _ Address, in *ForwardingGroupCreate) (*ForwardingGroup, error) {
	const within = "forwardingGroupTemplate"
	t, err := given[ForwardingGroupTemplate](ctx, s, in.ForwardingGroupTemplate, within)
	if err != nil {
		return nil, err
	}
	part, err := routersOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	networks, err := s.Cloud.Networks(ctx)
	if err != nil {
		return nil, err
	}
	way, err := wayTo(keys(t.Networks), networks)
	if err != nil {
		return nil, inBody(within+".networks", err)
	}
	r, err := part.CreateRouter(ctx, model.RouterCreate{
		Name: in.Name, Description: in.Description, ExternalNetworkID: way.external, SubnetIDs: way.subnets,
	})
	if err != nil {
		return nil, err
	}
	g := s.forwardingGroup(&r, networks)
	return &g, nil
}

func keys(refs []Ref) []string {
	list := make([]string, len(refs))
	for i, ref := range refs {
		list[i] = ref.Key
	}
	return list
}

// way is what a router needs to lead to networks.
type way struct {
	subnets  []string
	external string // at most one network leads out of the cloud
}

func wayTo(ids []string, networks []model.Network) (way, error) {
	var w way
	for _, id := range ids {
		i := slices.IndexFunc(networks, func(n model.Network) bool { return n.ID == id })
		switch {
		case i < 0:
			return w, model.Errorf(model.Invalid, "there is no network %q", clip(id))
		case networks[i].External && w.external != "" && w.external != id:
			return w, model.Errorf(model.Invalid, "a group leads out of the cloud through one network of the type %s", publicNetwork)
		case networks[i].External:
			w.external = id
		case len(networks[i].SubnetIDs) == 0:
			return w, model.Errorf(model.Invalid, "the network %q has no addresses to route to", clip(id))
		default:
			w.subnets = append(w.subnets, networks[i].SubnetIDs...)
		}
	}
	slices.Sort(w.subnets)
	w.subnets = slices.Compact(w.subnets)
	return w, nil
}

func updateGroup(ctx context.Context, s *Session, at Address, in *ForwardingGroup, changed func(string) bool) (*ForwardingGroup, error) {
	r, networks, err := s.router(ctx, at.Key())
	if err != nil {
		return nil, err
	}
	var steps []step
	if changed("networks") {
		is, wanted := keys(routedNetworks(&r, networks)), keys(in.Networks)
		without := func(list, others []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return slices.Contains(others, id) })
		}
		if steps, err = s.rewiring(&r, networks, without(wanted, is), without(is, wanted)); err != nil {
			return nil, err
		}
	}
	part, err := routersOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	var u model.RouterUpdate
	if u.Name, u.Description = in.texts(changed); u != (model.RouterUpdate{}) {
		set := func(u model.RouterUpdate) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := part.UpdateRouter(ctx, r.ID, u)
				return err
			}
		}
		steps = append(steps, step{set(u), set(model.RouterUpdate{Name: &r.Name, Description: &r.Description})})
	}
	if err := inOrder(ctx, steps); err != nil {
		return nil, err
	}
	return s.oneGroup(ctx, at.Key())
}

// regroup adds networks to a group, and removes others.
func (s *Session) regroup(ctx context.Context, group string, add, remove []string) error {
	r, networks, err := s.router(ctx, group)
	if err != nil {
		return err
	}
	is := keys(routedNetworks(&r, networks))
	for _, id := range add {
		if slices.Contains(is, id) {
			return model.Errorf(model.Conflict, "the network %q is in the group already", clip(id))
		}
	}
	for _, id := range remove {
		if !slices.Contains(is, id) {
			return model.Errorf(model.NotFound, "the group has no network %q", clip(id))
		}
	}
	steps, err := s.rewiring(&r, networks, add, remove)
	if err != nil {
		return err
	}
	return inOrder(ctx, steps)
}

// rewiring are the steps that make a router lead to networks, and no more to
// others.
func (s *Session) rewiring(r *model.Router, networks []model.Network, add, remove []string) ([]step, error) {
	part, err := routersOf(s.Cloud)
	if err != nil {
		return nil, err
	}
	to, err := wayTo(add, networks)
	if err != nil {
		return nil, inBody("networks", err)
	}
	from, err := wayTo(remove, networks)
	if err != nil {
		return nil, err
	}
	plug := func(id string) func(context.Context) error {
		return func(ctx context.Context) error { return part.AddRouterInterface(ctx, r.ID, id) }
	}
	unplug := func(id string) func(context.Context) error {
		return func(ctx context.Context) error { return part.RemoveRouterInterface(ctx, r.ID, id) }
	}
	lead := func(id string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := part.UpdateRouter(ctx, r.ID, model.RouterUpdate{ExternalNetworkID: &id})
			return err
		}
	}
	var steps []step
	for _, id := range from.subnets {
		if slices.Contains(r.SubnetIDs, id) {
			steps = append(steps, step{unplug(id), plug(id)})
		}
	}
	for _, id := range to.subnets {
		if !slices.Contains(r.SubnetIDs, id) {
			steps = append(steps, step{plug(id), unplug(id)})
		}
	}
	switch {
	case to.external != "" && r.ExternalNetworkID != "" && from.external != r.ExternalNetworkID:
		return nil, model.Errorf(model.Conflict, "a group leads out of the cloud through one network of the type %s", publicNetwork)
	case to.external != "" || from.external != "":
		steps = append(steps, step{lead(to.external), lead(r.ExternalNetworkID)})
	}
	return steps, nil
}

// route puts subnets into a group.
func (s *Session) route(ctx context.Context, group string, subnetIDs []string) error {
	part, err := routersOf(s.Cloud)
	if err != nil {
		return err
	}
	for _, id := range subnetIDs {
		if err := part.AddRouterInterface(ctx, group, id); err != nil {
			return err
		}
	}
	return nil
}
