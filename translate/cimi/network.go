package cimi

import (
	"context"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// Network is a network (DSP0263 5.16.1). Version 1 knows its ports and the group
// of networks that it is routed to, version 2 its segments.
type Network struct {
	Common
	State           string      `cimi:"state,ro"`
	NetworkType     string      `cimi:"networkType,fixed" v:"1"`
	MTU             int64       `cimi:"mtu,fixed,optional" v:"1"` // bytes
	ClassOfService  string      `cimi:"classOfService,fixed,optional" v:"1"`
	NetworkPorts    Collection  `cimi:"networkPorts,ro" of:"NetworkNetworkPort" v:"1"`
	ForwardingGroup Ref         `cimi:"forwardingGroup,ro,optional" of:"ForwardingGroup" v:"1"`
	Segments        Collection  `cimi:"segments,ro" of:"ProtocolSegment" v:"2"`
	Operations      []Operation `cimi:"operations" xml1:"operation"`

	of model.Network
}

var networks = &resource{
	path:    "networks",
	item:    reflect.TypeFor[Network](),
	offered: offers(model.NetworkService),
	extras:  []string{"properties"},
	list:    lister(listNetworks),
	get:     getter(getNetwork),
	create:  creator(createNetwork),
	update:  updater(updateNetwork),
	delete: func(ctx context.Context, s *Session, at Address) error {
		return s.Cloud.DeleteNetwork(ctx, at.Key())
	},
	actions: switches("start", "Starts the network with all that is in it.", "stop", "Stops the network with all that is in it.", switchNetwork),
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "STARTED", Description: "The state that a new network is brought into."},
		{Name: "InitialStates", Value: "STARTED,STOPPED", Description: "The states that initialState may ask for."},
		{Name: "NetworkTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// SwitchInput are the members of the body of an Action without parameters
// (DSP0263 5.8).
type SwitchInput struct {
	Properties map[string]string `cimi:"properties" item:"property" xml1:"property"`
}

// switches makes two operations that switch something on and off at once.
func switches(on, aboutOn, off, aboutOff string, set func(ctx context.Context, s *Session, at Address, up bool) error) []action {
	one := func(name, about string, up bool) action {
		return action{name: name, description: about, in: reflect.TypeFor[SwitchInput](),
			do: func(ctx context.Context, s *Session, at Address, _ any) (any, error) { return nil, set(ctx, s, at, up) }}
	}
	return []action{one(on, aboutOn, true), one(off, aboutOff, false)}
}

// switchOperations are the operations of something that can be changed and
// switched; those that would change nothing are unavailable.
func switchOperations(on, off string, up, deletable bool) []Operation {
	return []Operation{{Name: "edit"}, {"delete", !deletable}, {on, up}, {off, !up}}
}

// networkState gives the state of a network (DSP0263 table 30), which is that of
// its segments (table 32) as well.
func networkState(n *model.Network) string {
	switch {
	case n.State == model.LinkFailed:
		return "ERROR"
	case n.AdminUp && n.State == model.LinkBuilding:
		return "CREATING"
	case n.AdminUp && n.State == model.LinkUp:
		return "STARTED"
	}
	return "STOPPED"
}

// The types of networks in version 1: those that lead out of the cloud, and the
// others.
const (
	publicNetwork  = "PUBLIC"
	privateNetwork = "PRIVATE"
)

func (s *Session) network(n *model.Network, routers []model.Router) Network {
	item := Network{
		Common:      Common{ID: s.id("networks", n.ID), Name: n.Name, Description: n.Description, Created: n.Created},
		State:       networkState(n),
		NetworkType: privateNetwork,
		MTU:         int64(n.MTU),
		of:          *n,
	}
	if n.External {
		item.NetworkType = publicNetwork
	}
	for i := range routers {
		if routes(&routers[i], n) {
			item.ForwardingGroup = Ref{Key: routers[i].ID}
			break
		}
	}
	if n.Owned {
		item.Operations = switchOperations("start", "stop", n.AdminUp, true)
	}
	return item
}

// routes tells whether a router has an interface on the network.
func routes(r *model.Router, n *model.Network) bool {
	return slices.ContainsFunc(n.SubnetIDs, func(id string) bool { return slices.Contains(r.SubnetIDs, id) })
}

// routersOf gives a cloud's routers. Errors: Unsupported if it has none.
func routersOf(c model.Cloud) (model.Routers, error) {
	return model.Part[model.Routers](c, model.NetworkService)
}

// groups lists the routers where networks tell of them: in version 1.
func (s *Session) groups(ctx context.Context) ([]model.Router, error) {
	part, err := routersOf(s.Cloud)
	if err != nil || s.Version != V1 {
		return nil, nil //nolint:nilerr // a cloud without routers has none
	}
	return part.Routers(ctx)
}

func listNetworks(ctx context.Context, s *Session, _ Address) ([]Network, error) {
	var list []model.Network
	var routers []model.Router
	if err := together(ctx, into(&list, s.Cloud.Networks), into(&routers, s.groups)); err != nil {
		return nil, err
	}
	items := make([]Network, len(list))
	for i := range list {
		items[i] = s.network(&list[i], routers)
	}
	return items, nil
}

func getNetwork(ctx context.Context, s *Session, at Address) (*Network, error) {
	var n model.Network
	var routers []model.Router
	err := together(ctx, into(&routers, s.groups), into(&n, func(ctx context.Context) (model.Network, error) {
		return s.Cloud.Network(ctx, at.Key())
	}))
	if err != nil {
		return nil, err
	}
	item := s.network(&n, routers)
	return &item, nil
}

func updateNetwork(ctx context.Context, s *Session, at Address, in *Network, changed func(string) bool) (*Network, error) {
	var u model.NetworkUpdate
	u.Name, u.Description = in.texts(changed)
	var n model.Network
	var routers []model.Router
	err := together(ctx, into(&routers, s.groups), into(&n, func(ctx context.Context) (model.Network, error) {
		return s.Cloud.UpdateNetwork(ctx, at.Key(), u)
	}))
	if err != nil {
		return nil, err
	}
	item := s.network(&n, routers)
	return &item, nil
}

// texts gives what an update changes of name and description; nil is left as it
// is. Networks and what is in them need no name.
func (c *Common) texts(changed func(string) bool) (name, description *string) {
	if changed("name") {
		name = &c.Name
	}
	if changed("description") {
		description = &c.Description
	}
	return name, description
}

func switchNetwork(ctx context.Context, s *Session, at Address, up bool) error {
	_, err := s.Cloud.UpdateNetwork(ctx, at.Key(), model.NetworkUpdate{AdminUp: &up})
	return err
}
