package cimi

import (
	"context"
	"reflect"

	"github.com/occimi/occimi/model"
)

// NetworkPort is a place on a network where something may be plugged in, in
// version 1.
type NetworkPort struct {
	Common
	State          string      `cimi:"state,ro"`
	Network        Ref         `cimi:"network,fixed" of:"Network"`
	PortType       string      `cimi:"portType,fixed"`
	ClassOfService string      `cimi:"classOfService,fixed,optional"`
	Operations     []Operation `cimi:"operations" xml1:"operation"`
}

var networkPorts = &resource{
	path:    "networkPorts",
	version: V1,
	item:    reflect.TypeFor[NetworkPort](),
	offered: offers(model.NetworkService),
	extras:  []string{"properties"},

	extrasOf: "interfaces",
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]NetworkPort, error) {
		ports, err := s.Cloud.Ports(ctx)
		return each(ports, s.networkPort), err
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*NetworkPort, error) {
		return one(s.networkPort)(s.Cloud.Port(ctx, at.Key()))
	}),
	create: creator(createNetworkPort),
	update: updater(func(ctx context.Context, s *Session, at Address, in *NetworkPort, changed func(string) bool) (*NetworkPort, error) {
		var u model.PortUpdate
		u.Name, u.Description = in.texts(changed)
		return one(s.networkPort)(s.Cloud.UpdatePort(ctx, at.Key(), u))
	}),
	delete:  deleteFreePort,
	actions: switches("start", "Starts the port.", "stop", "Stops the port.", switchPort),
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "STARTED", Description: "The state that a new port is brought into."},
		{Name: "NetworkPortTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// NetworkNetworkPort is a network's reference to one of its ports.
type NetworkNetworkPort struct {
	Common      `class:"name=fixed description=fixed properties=fixed"`
	NetworkPort Ref `cimi:"networkPort,fixed" of:"NetworkPort"`
}

var networkNetworkPorts = &resource{
	path:    "networks/networkPorts",
	version: V1,
	item:    reflect.TypeFor[NetworkNetworkPort](),
	offered: offers(model.NetworkService),
	list: lister(func(ctx context.Context, s *Session, at Address) ([]NetworkNetworkPort, error) {
		var ports []model.Port
		err := together(ctx, into(&ports, s.Cloud.Ports), func(ctx context.Context) error {
			_, err := s.Cloud.Network(ctx, at[0])
			return err
		})
		return each(portsByNetwork(ports)[at[0]], s.networkNetworkPort), err
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*NetworkNetworkPort, error) {
		p, err := s.Cloud.Port(ctx, at.Key())
		if err == nil && p.NetworkID != at[0] {
			err = model.Errorf(model.NotFound, "the network has no port %q", clip(at.Key()))
		}
		return one(s.networkNetworkPort)(p, err)
	}),
	children: childLister(func(ctx context.Context, s *Session, networks []Network) ([][]NetworkNetworkPort, error) {
		ports, err := s.Cloud.Ports(ctx)
		byNetwork := portsByNetwork(ports)
		return each(networks, func(n *Network) []NetworkNetworkPort { return each(byNetwork[n.of.ID], s.networkNetworkPort) }), err
	}),
}

// each makes an item of each thing.
func each[M, T any](things []M, item func(*M) T) []T {
	items := make([]T, len(things))
	for i := range things {
		items[i] = item(&things[i])
	}
	return items
}

// one makes an item of what a call gives.
func one[M, T any](item func(*M) T) func(M, error) (*T, error) {
	return func(thing M, err error) (*T, error) {
		if err != nil {
			return nil, err
		}
		made := item(&thing)
		return &made, nil
	}
}

func portsByNetwork(ports []model.Port) map[string][]model.Port {
	by := map[string][]model.Port{}
	for _, p := range ports {
		by[p.NetworkID] = append(by[p.NetworkID], p)
	}
	return by
}

// accessPort is the type of ports that are on one network, as all are here.
const accessPort = "ACCESS"

func (s *Session) networkPort(p *model.Port) NetworkPort {
	state := portState(*p)
	if other := map[string]string{"ENABLED": "STARTED", "DISABLED": "STOPPED"}[state]; other != "" {
		state = other
	}
	return NetworkPort{
		Common:     Common{ID: s.id("networkPorts", p.ID), Name: p.Name, Description: p.Description, Created: p.Created},
		State:      state,
		Network:    Ref{Key: p.NetworkID},
		PortType:   accessPort,
		Operations: switchOperations("start", "stop", p.AdminUp, p.MachineID == ""),
	}
}

func (s *Session) networkNetworkPort(p *model.Port) NetworkNetworkPort {
	return NetworkNetworkPort{
		Common:      Common{ID: s.id("networks/networkPorts", p.NetworkID, p.ID), Name: p.Name, Created: p.Created},
		NetworkPort: Ref{Key: p.ID},
	}
}

func switchPort(ctx context.Context, s *Session, at Address, up bool) error {
	_, err := s.Cloud.UpdatePort(ctx, at.Key(), model.PortUpdate{AdminUp: &up})
	return err
}

// deleteFreePort deletes a port that no machine has.
func deleteFreePort(ctx context.Context, s *Session, at Address) error {
	p, err := s.Cloud.Port(ctx, at.Key())
	if err == nil && p.MachineID != "" {
		err = model.Errorf(model.Conflict, "the machine %q has the port", p.MachineID)
	}
	if err != nil {
		return err
	}
	return s.Cloud.DeletePort(ctx, at.Key())
}

// NetworkPortCreate asks for a new port.
type NetworkPortCreate struct {
	Common
	NetworkPortTemplate Ref `cimi:"networkPortTemplate" of:"NetworkPortTemplate"`
}

// NetworkPortTemplate says what a new port shall be.
type NetworkPortTemplate struct {
	Common
	Network           Ref         `cimi:"network" of:"Network"`
	NetworkPortConfig Ref         `cimi:"networkPortConfig" of:"NetworkPortConfiguration"`
	MeterTemplates    Refused     `cimi:"meterTemplates" item:"meterTemplate" xml1:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate  Refused     `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations        []Operation `cimi:"operations" xml1:"operation"`
}

var networkPortTemplates = in(V1, stored[NetworkPortTemplate]("networkPortTemplates", offers(model.NetworkService), nil))

// NetworkPortConfiguration says what ports are like.
type NetworkPortConfiguration struct {
	Common
	PortType       string      `cimi:"portType"` // ACCESS, TRUNK
	ClassOfService string      `cimi:"classOfService"`
	Operations     []Operation `cimi:"operations" xml1:"operation"`
}

var networkPortConfigs = in(V1, alsoStored(single("networkPortConfigs", func(s *Session) NetworkPortConfiguration {
	return NetworkPortConfiguration{
		Common:   Common{ID: s.id("networkPortConfigs", defaultKey), Name: defaultKey, Description: "A port on one network"},
		PortType: accessPort,
	}
}), validPortConfig))

// validPortConfig refuses what no port can be.
func validPortConfig(_ context.Context, _ *Session, c *NetworkPortConfiguration) error {
	switch {
	case c.PortType != "" && c.PortType != accessPort:
		return model.Errorf(model.Invalid, "portType: %q cannot be made, only %s", clip(c.PortType), accessPort)
	case c.ClassOfService != "":
		return model.Errorf(model.Invalid, "classOfService: there are no classes of service")
	}
	return nil
}

func createNetworkPort(ctx context.Context, s *Session, _ Address, in *NetworkPortCreate) (*NetworkPort, error) {
	const within = "networkPortTemplate"
	t, err := given[NetworkPortTemplate](ctx, s, in.NetworkPortTemplate, within)
	if err != nil {
		return nil, err
	}
	if t.Network.Key == "" {
		return nil, model.Errorf(model.Invalid, within+".network: the href of a network is missing")
	}
	if t.NetworkPortConfig.Key != "" || t.NetworkPortConfig.Value != nil {
		c, err := given[NetworkPortConfiguration](ctx, s, t.NetworkPortConfig, "it")
		if err == nil {
			err = validPortConfig(ctx, s, c)
		}
		if err != nil {
			return nil, inBody(within+".networkPortConfig", err)
		}
	}
	return one(s.networkPort)(s.Cloud.CreatePort(ctx, model.PortCreate{NetworkID: t.Network.Key, Name: in.Name, Description: in.Description}))
}
