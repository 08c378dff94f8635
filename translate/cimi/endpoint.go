package cimi

import (
	"context"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// ProtocolEndpoint is an address on a segment, in version 2 (DSP0263 5.16.9): the
// Ethernet address of a port, one of its IP addresses, or a floating IP.
type ProtocolEndpoint struct {
	Common
	State      string            `cimi:"state,ro"`
	Protocol   string            `cimi:"protocol,fixed"`
	Address    string            `cimi:"address,fixed"`
	Origin     string            `cimi:"origin,fixed"` // STATIC, DYNAMIC
	Interface  Ref               `cimi:"interface,rw,optional" of:"NetworkInterface"`
	Parameters map[string]string `cimi:"parameters,fixed,optional" item:"parameter"`
	Operations []Operation       `cimi:"operations"`

	segment string
}

// The origins of addresses.
const (
	staticOrigin  = "STATIC"
	dynamicOrigin = "DYNAMIC"
)

// ethernetSuffix ends the keys of Ethernet endpoints, after the port's id. Those
// of others are the keys of addresses.
const ethernetSuffix = ".mac"

var protocolEndpoints = &resource{
	path:    "endpoints",
	version: V2,
	item:    reflect.TypeFor[ProtocolEndpoint](),
	offered: offers(model.NetworkService),
	extras:  []string{"name", "description", "properties"},
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]ProtocolEndpoint, error) {
		return s.endpointList(ctx)
	}),
	get:    getter(getEndpoint),
	update: updater(updateEndpoint),
	delete: deleteEndpoint,
	actions: switches("enable", "Enables an Ethernet endpoint, and with it those of its interface.",
		"disable", "Disables an Ethernet endpoint, and with it those of its interface.", switchEndpoint),
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "ENABLED", Description: "The state that a new endpoint is brought into."},
		{Name: "InitialStates", Value: "ENABLED", Description: "The states that initialState may ask for."},
		{Name: "ProtocolEndpointTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// segmentEndpoints are the endpoints of one segment, and interfaceEndpoints those
// of one interface; their ids are in endpoints.
var (
	segmentEndpoints = &resource{
		path:    "segments/endpoints",
		version: V2,
		item:    reflect.TypeFor[ProtocolEndpoint](),
		offered: offers(model.NetworkService),
		list: lister(func(ctx context.Context, s *Session, at Address) ([]ProtocolEndpoint, error) {
			var all []ProtocolEndpoint
			err := together(ctx, into(&all, s.endpointList), func(ctx context.Context) error {
				_, err := getSegment(ctx, s, at)
				return err
			})
			return bySegment(all)[at[0]], err
		}),
		children: childLister(func(ctx context.Context, s *Session, segments []ProtocolSegment) ([][]ProtocolEndpoint, error) {
			all, err := s.endpointList(ctx)
			by := bySegment(all)
			return each(segments, func(segment *ProtocolSegment) []ProtocolEndpoint { return by[segment.key] }), err
		}),
		create: creator(createEndpoint),
	}
	interfaceEndpoints = &resource{
		path:    "interfaces/endpoints",
		version: V2,
		item:    reflect.TypeFor[ProtocolEndpoint](),
		offered: offers(model.NetworkService),
		list: lister(func(ctx context.Context, s *Session, at Address) ([]ProtocolEndpoint, error) {
			p, err := s.Cloud.Port(ctx, at[0])
			if err != nil {
				return nil, err
			}
			lists, err := s.endpointsOf(ctx, []model.Port{p})
			return lists[p.ID], err
		}),
		children: childLister(func(ctx context.Context, s *Session, interfaces []NetworkInterface) ([][]ProtocolEndpoint, error) {
			lists, err := s.endpointsOf(ctx, each(interfaces, func(i *NetworkInterface) model.Port { return i.of }))
			return each(interfaces, func(i *NetworkInterface) []ProtocolEndpoint { return lists[i.of.ID] }), err
		}),
		ofCollection: []action{
			membership("insert", "Points the floating IP that an endpoint is at the interface.", func(ctx context.Context, s *Session, at Address, in *EndpointMembership) error {
				_, err := s.point(ctx, in.Endpoint.Key, at[0])
				return err
			}),
			membership("remove", "Points the floating IP that an endpoint is at nothing.", func(ctx context.Context, s *Session, at Address, in *EndpointMembership) error {
				e, err := getEndpoint(ctx, s, Address{in.Endpoint.Key})
				if err == nil && e.Interface.Key != at[0] {
					err = model.Errorf(model.Conflict, "the endpoint is not one of the interface")
				}
				if err == nil {
					_, err = s.point(ctx, in.Endpoint.Key, "")
				}
				return err
			}),
		},
	}
)

// EndpointMembership is what an insert or a remove of an endpoint asks for.
type EndpointMembership struct {
	Endpoint   Ref               `cimi:"protocolEndpoint" of:"ProtocolEndpoint"`
	Properties map[string]string `cimi:"properties" item:"property"`
}

// membership makes an operation of a collection.
func membership[T any](name, about string, do func(ctx context.Context, s *Session, at Address, in *T) error) action {
	return action{name: name, description: about, in: reflect.TypeFor[T](),
		do: func(ctx context.Context, s *Session, at Address, in any) (any, error) {
			return nil, do(ctx, s, at, in.(*T))
		}}
}

func bySegment(all []ProtocolEndpoint) map[string][]ProtocolEndpoint {
	by := map[string][]ProtocolEndpoint{}
	for _, e := range all {
		by[e.segment] = append(by[e.segment], e)
	}
	return by
}

// endpointList gives all endpoints: those of ports, each with its Ethernet
// address first, and the floating IPs.
func (s *Session) endpointList(ctx context.Context) ([]ProtocolEndpoint, error) {
	var ports []model.Port
	all, err := s.addressesOf(ctx, true, func(ctx context.Context) (_ []model.Port, err error) {
		ports, err = s.Cloud.Ports(ctx)
		return ports, err
	})
	if err != nil {
		return nil, err
	}
	return s.endpoints(ports, all), nil
}

// endpointsOf gives the endpoints of ports, by port.
func (s *Session) endpointsOf(ctx context.Context, ports []model.Port) (map[string][]ProtocolEndpoint, error) {
	all, err := s.addressesOf(ctx, false, func(context.Context) ([]model.Port, error) { return ports, nil })
	if err != nil {
		return nil, err
	}
	by := map[string][]ProtocolEndpoint{}
	for _, e := range s.endpoints(ports, all) {
		by[e.Interface.Key] = append(by[e.Interface.Key], e)
	}
	return by, nil
}

func (s *Session) endpoints(ports []model.Port, all []located) []ProtocolEndpoint {
	list := make([]ProtocolEndpoint, 0, len(ports)+len(all))
	for i := range ports {
		list = append(list, s.ethernetEndpoint(&ports[i]))
	}
	return append(list, each(all, s.endpoint)...)
}

func (s *Session) ethernetEndpoint(p *model.Port) ProtocolEndpoint {
	ops := switchOperations("enable", "disable", p.AdminUp, p.MachineID == "")
	if s.Documents == nil { // what can be changed is beside it
		ops = ops[1:]
	}
	return ProtocolEndpoint{
		Common:     Common{ID: s.id("endpoints", p.ID+ethernetSuffix), Created: p.Created},
		State:      portState(*p),
		Protocol:   protocolEthernet,
		Address:    p.MACAddress,
		Origin:     dynamicOrigin,
		Interface:  Ref{Key: p.ID},
		Operations: ops,
		segment:    ethernetPrefix + p.NetworkID,
	}
}

func (s *Session) endpoint(l *located) ProtocolEndpoint {
	e := ProtocolEndpoint{
		Common:     Common{ID: s.id("endpoints", l.key), Created: l.port.Created},
		Protocol:   l.protocol(),
		Address:    l.address,
		Origin:     dynamicOrigin,
		Interface:  Ref{Key: l.port.ID},
		Operations: l.operations(s),
	}
	if l.floating != nil {
		e.State, e.segment, e.Created, e.Description = "ENABLED", floatingPrefix+l.floating.NetworkID, l.floating.Created, l.floating.Description
		e.Operations = []Operation{{Name: "edit"}, {Name: "delete"}} // it can be pointed at another interface
		return e
	}
	e.State = portState(*l.port)
	if i := slices.IndexFunc(l.port.FixedIPs, func(ip model.FixedIP) bool { return ip.Address == l.address }); i >= 0 {
		e.segment = l.port.FixedIPs[i].SubnetID
	}
	if l.subnet.ID != "" && !l.subnet.DHCP {
		e.Origin = staticOrigin
	}
	if prefix, err := netip.ParsePrefix(l.subnet.CIDR); err == nil && prefix.Addr().Is6() {
		e.Parameters = map[string]string{parameterPrefix: prefix.String()[strings.LastIndexByte(prefix.String(), '/')+1:]}
	}
	return e
}

func getEndpoint(ctx context.Context, s *Session, at Address) (*ProtocolEndpoint, error) {
	if port, ok := strings.CutSuffix(at.Key(), ethernetSuffix); ok {
		return one(s.ethernetEndpoint)(s.Cloud.Port(ctx, port))
	}
	return one(s.endpoint)(s.locatedAt(ctx, at.Key()))
}

// updateEndpoint points a floating IP at another interface. What else can be
// changed is beside the endpoint, in the store.
func updateEndpoint(ctx context.Context, s *Session, at Address, in *ProtocolEndpoint, changed func(string) bool) (*ProtocolEndpoint, error) {
	is, err := getEndpoint(ctx, s, at)
	if err != nil || !changed("interface") || in.Interface.Key == is.Interface.Key {
		return is, err
	}
	if in.Interface.Key == "" && !isFloating(at.Key()) {
		return is, nil // it has its interface for life
	}
	if is.Interface.Key != "" && in.Interface.Key != "" {
		if _, err := s.point(ctx, at.Key(), ""); err != nil {
			return nil, err
		}
	}
	return s.point(ctx, at.Key(), in.Interface.Key)
}

// point points the floating IP that an endpoint is at a port, or with "" at
// nothing.
func (s *Session) point(ctx context.Context, key, portID string) (*ProtocolEndpoint, error) {
	id, ok := strings.CutPrefix(key, floatingKey)
	if !ok {
		return nil, model.Errorf(model.Conflict, "the endpoint belongs to its interface for life: only floating IPs can be pointed at another")
	}
	part, err := model.Part[model.FloatingIPs](s.Cloud, model.NetworkService)
	if err != nil {
		return nil, err
	}
	f, err := part.PointFloatingIP(ctx, id, portID)
	if err != nil {
		return nil, err
	}
	e := s.endpoint(&locate(nil, []model.FloatingIP{f}, nil, true)[0])
	return &e, nil
}

func switchEndpoint(ctx context.Context, s *Session, at Address, up bool) error {
	port, ok := strings.CutSuffix(at.Key(), ethernetSuffix)
	if !ok {
		if _, err := getEndpoint(ctx, s, at); err != nil {
			return err
		}
		return model.Errorf(model.Conflict, "the endpoint is enabled and disabled with its interface")
	}
	return switchPort(ctx, s, Address{port}, up)
}

// ProtocolEndpointCreate asks for a new endpoint (DSP0263 5.16.10.1).
type ProtocolEndpointCreate struct {
	Common
	ProtocolEndpointTemplate Ref `cimi:"protocolEndpointTemplate" of:"ProtocolEndpointTemplate"`
}

// ProtocolEndpointTemplate says what a new endpoint shall be (DSP0263 5.16.11).
// It does not say on which segment: endpoints are added to a segment.
type ProtocolEndpointTemplate struct {
	Common
	InitialState     string      `cimi:"initialState"`
	Address          string      `cimi:"address"`
	Origin           string      `cimi:"origin"`
	Interface        Ref         `cimi:"interface" of:"NetworkInterface"`
	Parameters       Refused     `cimi:"parameters" item:"parameter" refuse:"they follow from the segment"`
	MeterTemplates   Refused     `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate Refused     `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations       []Operation `cimi:"operations"`
}

var protocolEndpointTemplates = in(V2, stored("endpointTemplates", offers(model.NetworkService), func(_ context.Context, _ *Session, t *ProtocolEndpointTemplate) error {
	return t.check()
}))

// check refuses what no endpoint can be (DSP0263 table 41).
func (t *ProtocolEndpointTemplate) check() error {
	switch {
	case t.Origin != "" && t.Origin != staticOrigin && t.Origin != dynamicOrigin:
		return model.Errorf(model.Invalid, "origin: %q is not STATIC or DYNAMIC", clip(t.Origin))
	case t.Origin == staticOrigin && t.Address == "":
		return model.Errorf(model.Invalid, "address is missing: the origin is STATIC")
	case t.Origin == dynamicOrigin && t.Address != "":
		return model.Errorf(model.Invalid, "address: the origin is DYNAMIC, so the cloud chooses it")
	}
	return initialState(t.InitialState, "ENABLED")
}

// createEndpoint makes an endpoint of a segment.
func createEndpoint(ctx context.Context, s *Session, at Address, in *ProtocolEndpointCreate) (*ProtocolEndpoint, error) {
	t, err := givenEndpoint(ctx, s, in.ProtocolEndpointTemplate, "protocolEndpointTemplate")
	if err != nil {
		return nil, err
	}
	key := at[0]
	network := networkKey(key)
	if network == "" && t.Interface.Key == "" { // a port is made, on the network of the subnet
		subnet, err := s.Cloud.Subnet(ctx, key)
		if err != nil {
			return nil, err
		}
		network = subnet.NetworkID
	}
	return s.addEndpoint(ctx, key, network, t, in.Common)
}

// givenEndpoint gives the template that a reference within a body leads to.
func givenEndpoint(ctx context.Context, s *Session, ref Ref, within string) (*ProtocolEndpointTemplate, error) {
	t, err := given[ProtocolEndpointTemplate](ctx, s, ref, within)
	if err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, inBody(within, err)
	}
	return t, nil
}

// addEndpoint makes an endpoint of a segment of a network: one more address of
// the interface that the template names, or else a port of its own; where the
// network leads out of the cloud, a floating IP.
func (s *Session) addEndpoint(ctx context.Context, segment, network string, t *ProtocolEndpointTemplate, named Common) (*ProtocolEndpoint, error) {
	switch {
	case strings.HasPrefix(segment, floatingPrefix):
		return one(s.endpoint)(s.takeFloating(ctx, model.FloatingIPCreate{
			NetworkID: network, Address: t.Address, PortID: t.Interface.Key, Description: named.Description,
		}))
	case strings.HasPrefix(segment, ethernetPrefix):
		if err := t.checkEthernet(); err != nil {
			return nil, err
		}
		return one(s.ethernetEndpoint)(s.Cloud.CreatePort(ctx, model.PortCreate{NetworkID: network, Name: named.Name}))
	}
	wanted := model.FixedIP{SubnetID: segment, Address: t.Address}
	if t.Interface.Key != "" {
		return one(s.endpoint)(s.addAddress(ctx, t.Interface.Key, wanted))
	}
	p, err := s.Cloud.CreatePort(ctx, model.PortCreate{NetworkID: network, Name: named.Name, FixedIPs: []model.FixedIP{wanted}})
	if err != nil {
		return nil, err
	}
	return one(s.endpoint)(s.newAddress(ctx, p, func(model.FixedIP) bool { return true }))
}

// checkEthernet refuses what no Ethernet endpoint can be.
func (t *ProtocolEndpointTemplate) checkEthernet() error {
	if t.Interface.Key != "" || t.Address != "" {
		return model.Errorf(model.Invalid, "an Ethernet endpoint has an interface of its own, and an address that the cloud chooses")
	}
	return nil
}

func deleteEndpoint(ctx context.Context, s *Session, at Address) error {
	if port, ok := strings.CutSuffix(at.Key(), ethernetSuffix); ok {
		return deleteFreePort(ctx, s, Address{port})
	}
	return s.dropAddress(ctx, at.Key())
}

// maxEndpoints is how many endpoints can be made with a segment: each is a call,
// and another one if they are undone.
const maxEndpoints = 50

// endpointsToBe gives the templates of the endpoints that a segment shall begin
// with.
func (t *ProtocolSegmentTemplate) endpointsToBe(ctx context.Context, s *Session) ([]*ProtocolEndpointTemplate, error) {
	const within = "endpointTemplates"
	if len(t.EndpointTemplates) > maxEndpoints {
		return nil, model.Errorf(model.Invalid, "%s: a segment is made with at most %d", within, maxEndpoints)
	}
	templates := make([]*ProtocolEndpointTemplate, len(t.EndpointTemplates))
	for i, ref := range t.EndpointTemplates {
		var err error
		if templates[i], err = givenEndpoint(ctx, s, ref, within); err != nil {
			return nil, err
		}
		if t.Protocol == protocolEthernet {
			if err := templates[i].checkEthernet(); err != nil {
				return nil, inBody(within, err)
			}
		}
	}
	return templates, nil
}

// makeEndpoints are the steps that make endpoints of a segment. Its key and its
// network are asked for when they are there.
func (s *Session) makeEndpoints(segment func() (key, network string), templates []*ProtocolEndpointTemplate) []step {
	return each(templates, func(t **ProtocolEndpointTemplate) step {
		var made *ProtocolEndpoint
		return step{
			do: func(ctx context.Context) (err error) {
				key, network := segment()
				if made, err = s.addEndpoint(ctx, key, network, *t, Common{}); err != nil {
					return inBody("endpointTemplates", err)
				}
				return nil
			},
			back: func(ctx context.Context) error { return deleteEndpoint(ctx, s, keysOf(s.extrasKey(made))) },
		}
	})
}
