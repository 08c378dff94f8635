package cimi

import (
	"context"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// NetworkInterface is a place where a machine is, or may be, plugged into a
// network, in version 2 (DSP0263 5.16.13): a port.
type NetworkInterface struct {
	Common
	State      string      `cimi:"state,ro"` // CREATING, ENABLED, DISABLED, ERROR
	Endpoints  Collection  `cimi:"endpoints,ro" of:"ProtocolEndpoint"`
	Speed      int64       `cimi:"speed,fixed,optional"` // bit/s
	MTU        int64       `cimi:"mtu,fixed,optional"`   // bytes
	Operations []Operation `cimi:"operations"`

	of model.Port
}

var networkInterfaces = &resource{
	path:    "interfaces",
	version: V2,
	item:    reflect.TypeFor[NetworkInterface](),
	offered: offers(model.NetworkService),
	extras:  []string{"properties"},
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]NetworkInterface, error) {
		return s.interfaces(ctx, s.Cloud.Ports)
	}),
	get: getter(func(ctx context.Context, s *Session, at Address) (*NetworkInterface, error) {
		return s.oneInterface(ctx, func(ctx context.Context) (model.Port, error) { return s.Cloud.Port(ctx, at.Key()) })
	}),
	create: creator(createInterface),
	update: updater(func(ctx context.Context, s *Session, at Address, in *NetworkInterface, changed func(string) bool) (*NetworkInterface, error) {
		var u model.PortUpdate
		u.Name, u.Description = in.texts(changed)
		return s.oneInterface(ctx, func(ctx context.Context) (model.Port, error) { return s.Cloud.UpdatePort(ctx, at.Key(), u) })
	}),
	delete:  func(ctx context.Context, s *Session, at Address) error { return s.Cloud.DeletePort(ctx, at.Key()) },
	actions: switches("enable", "Enables the interface.", "disable", "Disables the interface.", switchPort),
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "ENABLED", Description: "The state that a new interface is brought into."},
		{Name: "InitialStates", Value: "ENABLED,DISABLED", Description: "The states that initialState may ask for; of a new machine's, ENABLED."},
		{Name: "NetworkInterfaceTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// machineInterfaces are the interfaces of one machine; their ids are in
// interfaces.
var machineInterfaces = &resource{
	path:    "machines/interfaces",
	version: V2,
	item:    reflect.TypeFor[NetworkInterface](),
	offered: offers(model.NetworkService),
	list: lister(func(ctx context.Context, s *Session, at Address) ([]NetworkInterface, error) {
		items, m, err := s.interfacesOn(ctx, at[0])
		if err == nil {
			s.closes("machines/interfaces", m, pluggable)
		}
		return items, err
	}),
	children: childLister(func(ctx context.Context, s *Session, machines []Machine) ([][]NetworkInterface, error) {
		for i := range machines {
			s.closes("machines/interfaces", &machines[i].of, pluggable)
		}
		items, err := s.interfacesOf(ctx, machines)
		return ofMachines(machines, items, func(i *NetworkInterface) string { return i.of.MachineID }), err
	}),
	lists: func(ctx context.Context, s *Session, at []Address) ([]any, error) {
		var machines []model.Machine
		items, err := s.interfaces(ctx, func(ctx context.Context) ([]model.Port, error) {
			var ports []model.Port
			err := together(ctx, into(&machines, s.Cloud.Machines), into(&ports, func(ctx context.Context) ([]model.Port, error) {
				return s.Cloud.MachinePorts(ctx, "")
			}))
			return model.InPlace(ports, machines), err
		})
		for i := range machines {
			s.closes("machines/interfaces", &machines[i], pluggable)
		}
		by := map[string][]NetworkInterface{}
		for _, i := range items {
			by[i.of.MachineID] = append(by[i.of.MachineID], i)
		}
		return each(at, func(a *Address) any { return by[a.Key()] }), err
	},
	create: creator(addInterface),
	ofCollection: []action{
		membership("insert", "Plugs the machine into an interface that no machine has.", func(ctx context.Context, s *Session, at Address, in *InterfaceMembership) error {
			if in.Interface.Key == "" {
				return model.Errorf(model.Invalid, "networkInterface: the href of an interface is missing")
			}
			_, err := s.attach(ctx, at[0], model.MachineNetwork{PortID: in.Interface.Key})
			return err
		}),
		membership("remove", "Takes an interface off the machine; one that was made with it ends so.", func(ctx context.Context, s *Session, at Address, in *InterfaceMembership) error {
			if in.Interface.Key == "" {
				return model.Errorf(model.Invalid, "networkInterface: the href of an interface is missing")
			}
			return s.Cloud.DetachPort(ctx, at[0], in.Interface.Key)
		}),
	},
}

// InterfaceMembership is what an insert or a remove of an interface asks for.
type InterfaceMembership struct {
	Interface  Ref               `cimi:"networkInterface" of:"NetworkInterface"`
	Properties map[string]string `cimi:"properties" item:"property"`
}

// interfacesOf gives the interfaces of machines, or of all, each machine's in its
// order.
func (s *Session) interfacesOf(ctx context.Context, machines []Machine) ([]NetworkInterface, error) {
	return s.interfaces(ctx, func(ctx context.Context) ([]model.Port, error) {
		ports, err := s.Cloud.MachinePorts(ctx, onlyOf(machines))
		return model.InPlace(ports, each(machines, func(m *Machine) model.Machine { return m.of })), err
	})
}

// onlyOf gives the id of a single machine; "" of several, for all.
func onlyOf(machines []Machine) string {
	if len(machines) == 1 {
		return machines[0].of.ID
	}
	return ""
}

// ofMachines groups items by machine.
func ofMachines[T any](machines []Machine, items []T, machine func(*T) string) [][]T {
	by := map[string][]T{}
	for i := range items {
		id := machine(&items[i])
		by[id] = append(by[id], items[i])
	}
	return each(machines, func(m *Machine) []T { return by[m.of.ID] })
}

// interfaces gives the interfaces that ports are. An interface's MTU is its
// network's.
func (s *Session) interfaces(ctx context.Context, ports func(context.Context) ([]model.Port, error)) ([]NetworkInterface, error) {
	var list []model.Port
	var networks []model.Network
	err := together(ctx, into(&networks, s.Cloud.Networks), into(&list, ports))
	mtu := map[string]int{}
	for _, n := range networks {
		mtu[n.ID] = n.MTU
	}
	return each(list, func(p *model.Port) NetworkInterface { return s.networkInterface(p, mtu[p.NetworkID]) }), err
}

func (s *Session) oneInterface(ctx context.Context, port func(context.Context) (model.Port, error)) (*NetworkInterface, error) {
	items, err := s.interfaces(ctx, func(ctx context.Context) ([]model.Port, error) {
		p, err := port(ctx)
		return []model.Port{p}, err
	})
	if err != nil {
		return nil, err
	}
	return &items[0], nil
}

func (s *Session) networkInterface(p *model.Port, mtu int) NetworkInterface {
	item := NetworkInterface{
		Common:     Common{ID: s.id("interfaces", p.ID), Name: p.Name, Description: p.Description, Created: p.Created},
		State:      portState(*p),
		MTU:        int64(mtu),
		Operations: switchOperations("enable", "disable", p.AdminUp, true),
		of:         *p,
	}
	if p.MachineID != "" && !slices.Contains(p.Tags, insertedTag) {
		item.Parent.Href = s.id("machines/interfaces", p.MachineID)
	}
	return item
}

// portState gives the state of an interface (DSP0263 table 42). A port that is
// down because its machine is off is enabled all the same.
func portState(p model.Port) string {
	switch {
	case p.State == model.LinkFailed:
		return "ERROR"
	case !p.AdminUp:
		return "DISABLED"
	case p.State == model.LinkBuilding:
		return "CREATING"
	}
	return "ENABLED"
}

// NetworkInterfaceCreate asks for a new interface (DSP0263 5.16.14.1).
type NetworkInterfaceCreate struct {
	Common
	NetworkInterfaceTemplate Ref `cimi:"networkInterfaceTemplate" of:"NetworkInterfaceTemplate"`
}

// NetworkInterfaceTemplate says what a new interface shall be (DSP0263 5.16.15):
// one on a network, or, on a machine, the one that has the endpoint.
type NetworkInterfaceTemplate struct {
	Common
	InitialState     string      `cimi:"initialState"`
	Endpoints        []Ref       `cimi:"endpoints" item:"endpoint" of:"ProtocolEndpoint"`
	Speed            Refused     `cimi:"speed" refuse:"the cloud chooses it"`
	MTU              Refused     `cimi:"mtu" refuse:"it is that of the network"`
	Network          Ref         `cimi:"network,extension" of:"Network"`
	MeterTemplates   Refused     `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate Refused     `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations       []Operation `cimi:"operations"`
}

var networkInterfaceTemplates = in(V2, stored("interfaceTemplates", offers(model.NetworkService), func(_ context.Context, _ *Session, t *NetworkInterfaceTemplate) error {
	return initialState(t.InitialState, "ENABLED", "DISABLED")
}))

// plug gives what a machine is to be plugged into: a network, or the port of the
// endpoints.
func (t *NetworkInterfaceTemplate) plug(ctx context.Context, s *Session) (model.MachineNetwork, error) {
	if err := initialState(t.InitialState, "ENABLED", "DISABLED"); err != nil {
		return model.MachineNetwork{}, err
	}
	switch {
	case len(t.Endpoints) > 0 && t.Network.Key != "":
		return model.MachineNetwork{}, model.Errorf(model.Invalid, "endpoints and a network cannot both be given: endpoints are on theirs")
	case t.Network.Key != "":
		return model.MachineNetwork{NetworkID: t.Network.Key}, nil
	case len(t.Endpoints) == 0:
		return model.MachineNetwork{}, model.Errorf(model.Invalid, "endpoints are missing, or the network to be on")
	}
	port := ""
	for _, ref := range t.Endpoints {
		e, err := getEndpoint(ctx, s, Address{ref.Key})
		if err != nil {
			return model.MachineNetwork{}, inBody("endpoints", err)
		}
		if e.Interface.Key == "" || port != "" && port != e.Interface.Key {
			return model.MachineNetwork{}, model.Errorf(model.Invalid, "endpoints: they are not of one interface")
		}
		port = e.Interface.Key
	}
	return model.MachineNetwork{PortID: port}, nil
}

// createInterface makes an interface that no machine has.
func createInterface(ctx context.Context, s *Session, _ Address, in *NetworkInterfaceCreate) (*NetworkInterface, error) {
	const within = "networkInterfaceTemplate"
	t, err := given[NetworkInterfaceTemplate](ctx, s, in.NetworkInterfaceTemplate, within)
	if err != nil {
		return nil, err
	}
	n, err := t.plug(ctx, s)
	if err == nil && n.PortID != "" {
		err = model.Errorf(model.Conflict, "endpoints: they have an interface already, %s", s.id("interfaces", n.PortID))
	}
	if err != nil {
		return nil, inBody(within, err)
	}
	return s.oneInterface(ctx, func(ctx context.Context) (model.Port, error) {
		return s.Cloud.CreatePort(ctx, model.PortCreate{
			NetworkID: n.NetworkID, Name: in.Name, Description: in.Description, Down: t.InitialState == "DISABLED",
		})
	})
}

// addInterface makes an interface of a machine.
func addInterface(ctx context.Context, s *Session, at Address, in *NetworkInterfaceCreate) (*NetworkInterface, error) {
	const within = "networkInterfaceTemplate"
	t, err := given[NetworkInterfaceTemplate](ctx, s, in.NetworkInterfaceTemplate, within)
	if err != nil {
		return nil, err
	}
	n, err := t.plug(ctx, s)
	if err != nil {
		return nil, inBody(within, err)
	}
	return s.oneInterface(ctx, func(ctx context.Context) (model.Port, error) {
		return s.plugged(ctx, at[0], n, in.Common, t.InitialState == "DISABLED")
	})
}

// insertedTag marks ports that were there before a machine had them: they stay
// when the machine goes, which is not their parent (DSP0263 5.10.2).
const insertedTag = "cimi-inserted"

// attach gives a machine an interface.
func (s *Session) attach(ctx context.Context, machine string, n model.MachineNetwork) (model.Port, error) {
	if err := s.markInserted(ctx, n); err != nil {
		return model.Port{}, err
	}
	return s.Cloud.AttachNetwork(ctx, machine, n)
}

// markInserted marks the port that a machine is about to get, for the port's
// life, whether or not the machine gets it: it is there without the machine. One
// that is not there, or a machine's, is for the attachment to refuse.
func (s *Session) markInserted(ctx context.Context, n model.MachineNetwork) error {
	if n.PortID == "" {
		return nil
	}
	p, err := s.Cloud.Port(ctx, n.PortID)
	switch {
	case model.IsCode(err, model.NotFound):
		return nil
	case err != nil || p.MachineID != "" || slices.Contains(p.Tags, insertedTag):
		return err
	}
	_, err = s.Cloud.UpdatePort(ctx, n.PortID, model.PortUpdate{AddTags: []string{insertedTag}})
	return err
}

// plugged gives a machine an interface that has a name and a description, and may
// be switched off: all, or no interface.
func (s *Session) plugged(ctx context.Context, machine string, n model.MachineNetwork, common Common, down bool) (model.Port, error) {
	p, err := s.attach(ctx, machine, n)
	if err != nil {
		return p, err
	}
	var u model.PortUpdate
	if common.Name != "" {
		u.Name = &common.Name
	}
	if common.Description != "" {
		u.Description = &common.Description
	}
	if up := !down; down {
		u.AdminUp = &up
	}
	if u.Name == nil && u.Description == nil && u.AdminUp == nil {
		return p, nil
	}
	changed, err := s.Cloud.UpdatePort(ctx, p.ID, u)
	if err == nil {
		return changed, nil
	}
	ctx, cancel := undoing(ctx)
	defer cancel()
	if s.Cloud.DetachPort(ctx, machine, p.ID) != nil {
		e := *model.AsError(err)
		e.Message += "; the interface is there nevertheless: " + string(s.id("interfaces", p.ID))
		return p, &e
	}
	return p, err
}
