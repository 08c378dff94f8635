package cimi

import (
	"context"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
)

// ProtocolSegment is a part of a network that speaks one protocol, in version 2
// (DSP0263 5.16.5). Each network has one of Ethernet, and one for each of its
// subnets. One that leads out of the cloud has one for the addresses there that
// tenants may have: floating IPs.
type ProtocolSegment struct {
	Common
	State            string            `cimi:"state,ro"`
	Protocol         string            `cimi:"protocol,fixed"`
	NoDefaultRouting *bool             `cimi:"noDefaultRouting,fixed"`
	Endpoints        Collection        `cimi:"endpoints,ro" of:"ProtocolEndpoint"`
	Parameters       map[string]string `cimi:"parameters,rw,optional" item:"parameter"`
	Operations       []Operation       `cimi:"operations"`

	key string
}

// The protocols of segments (DSP0263 table 32).
const (
	protocolEthernet = "Ethernet"
	protocolIPv4     = "IPv4"
	protocolIPv6     = "IPv6"
)

// Parameters of segments: those of DSP0263 tables 33 to 35, and the cloud's own.
const (
	parameterAddress   = "subnetAddress"
	parameterMask      = "netmask"
	parameterPrefix    = "prefixLength"
	parameterMTU       = "mtu"
	parameterGateway   = "gateway"
	parameterDHCP      = "dhcp"
	parameterResolvers = "nameservers"
)

// Keys of segments that are no subnets begin so; the network's id follows.
const (
	ethernetPrefix = "net-"
	floatingPrefix = "pool-"
)

var protocolSegments = &resource{
	path:    "segments",
	version: V2,
	item:    reflect.TypeFor[ProtocolSegment](),
	offered: offers(model.NetworkService),
	extras:  []string{"properties"},
	list: lister(func(ctx context.Context, s *Session, _ Address) ([]ProtocolSegment, error) {
		_, segments, err := s.allSegments(ctx)
		return slices.Concat(segments...), err
	}),
	get:    getter(getSegment),
	create: creator(createSegment),
	update: updater(updateSegment),
	delete: func(ctx context.Context, s *Session, at Address) error {
		if networkKey(at.Key()) != "" {
			if _, err := getSegment(ctx, s, at); err != nil {
				return err
			}
			return model.Errorf(model.Conflict, "the segment belongs to its network, and goes with it")
		}
		return s.Cloud.DeleteSubnet(ctx, at.Key())
	},
	actions: switches("start", "Starts an Ethernet segment, and with it its network.", "stop", "Stops an Ethernet segment, and with it its network.",
		func(ctx context.Context, s *Session, at Address, up bool) error {
			id, ethernet := strings.CutPrefix(at.Key(), ethernetPrefix)
			if !ethernet {
				if _, err := getSegment(ctx, s, at); err != nil {
					return err
				}
				return model.Errorf(model.Conflict, "the segment is started and stopped with its network")
			}
			return switchNetwork(ctx, s, Address{id}, up)
		}),
	capabilities: []Capability{
		{Name: "DefaultInitialState", Value: "STARTED", Description: "The state that a new segment is brought into."},
		{Name: "InitialStates", Value: "STARTED", Description: "The states that initialState may ask for."},
		{Name: "ProtocolSegmentTemplateByValue", Value: true, Description: "Templates may be given by value."},
	},
}

// networkSegments are the segments of one network; their ids are in segments.
var networkSegments = &resource{
	path:    "networks/segments",
	version: V2,
	item:    reflect.TypeFor[ProtocolSegment](),
	offered: offers(model.NetworkService),
	list: lister(func(ctx context.Context, s *Session, at Address) ([]ProtocolSegment, error) {
		var n model.Network
		var subnets []model.Subnet
		err := together(ctx, into(&subnets, s.Cloud.Subnets), into(&n, func(ctx context.Context) (model.Network, error) {
			return s.Cloud.Network(ctx, at[0])
		}))
		return s.segmentsOf([]model.Network{n}, subnets)[0], err
	}),
	children: childLister(func(ctx context.Context, s *Session, networks []Network) ([][]ProtocolSegment, error) {
		subnets, err := s.Cloud.Subnets(ctx)
		return s.segmentsOf(each(networks, func(n *Network) model.Network { return n.of }), subnets), err
	}),
	lists: func(ctx context.Context, s *Session, at []Address) ([]any, error) {
		networks, segments, err := s.allSegments(ctx)
		by := map[string][]ProtocolSegment{}
		for i, n := range networks {
			by[n.ID] = segments[i]
		}
		return each(at, func(a *Address) any { return by[a.Key()] }), err
	},
	create: creator(createSegment),
}

// networkKey gives the network of the key of a segment that is no subnet; "" of
// others.
func networkKey(key string) string {
	for _, prefix := range []string{ethernetPrefix, floatingPrefix} {
		if id, ok := strings.CutPrefix(key, prefix); ok {
			return id
		}
	}
	return ""
}

// allSegments gives the networks, and the segments of each.
func (s *Session) allSegments(ctx context.Context) ([]model.Network, [][]ProtocolSegment, error) {
	var networks []model.Network
	var subnets []model.Subnet
	err := together(ctx, into(&networks, s.Cloud.Networks), into(&subnets, s.Cloud.Subnets))
	return networks, s.segmentsOf(networks, subnets), err
}

// segmentsOf gives the segments of each network.
func (s *Session) segmentsOf(networks []model.Network, subnets []model.Subnet) [][]ProtocolSegment {
	byNetwork := map[string][]model.Subnet{}
	for _, subnet := range subnets {
		byNetwork[subnet.NetworkID] = append(byNetwork[subnet.NetworkID], subnet)
	}
	return each(networks, func(n *model.Network) []ProtocolSegment {
		segments := []ProtocolSegment{s.ethernetSegment(n)}
		if n.External {
			segments = append(segments, s.floatingSegment(n))
		}
		for i := range byNetwork[n.ID] {
			segments = append(segments, s.subnetSegment(&byNetwork[n.ID][i], n))
		}
		return segments
	})
}

// segment gives what all segments of a network have. It is a component of the
// network's segments: it goes with the network (DSP0263 5.10.2).
func (s *Session) segment(key string, n *model.Network) ProtocolSegment {
	item := ProtocolSegment{
		Common: Common{ID: s.id("segments", key), Name: n.Name, Description: n.Description, Created: n.Created},
		State:  networkState(n), NoDefaultRouting: new(bool), key: key,
	}
	item.Parent.Href = s.id("networks/segments", n.ID)
	if n.Owned {
		item.Operations = []Operation{{Name: "edit"}}
	}
	return item
}

func (s *Session) ethernetSegment(n *model.Network) ProtocolSegment {
	item := s.segment(ethernetPrefix+n.ID, n)
	item.Protocol = protocolEthernet
	if n.MTU > 0 {
		item.Parameters = map[string]string{parameterMTU: strconv.Itoa(n.MTU)}
	}
	if n.Owned {
		item.Operations = append(item.Operations, Operation{"start", n.AdminUp}, Operation{"stop", !n.AdminUp})
	}
	return item
}

func (s *Session) floatingSegment(n *model.Network) ProtocolSegment {
	item := s.segment(floatingPrefix+n.ID, n)
	item.Protocol = protocolIPv4
	return item
}

func (s *Session) subnetSegment(subnet *model.Subnet, n *model.Network) ProtocolSegment {
	item := s.segment(subnet.ID, n)
	item.Name, item.Description, item.Created = subnet.Name, subnet.Description, subnet.Created
	item.Protocol, item.Operations = protocolIPv4, nil // it may be another tenant's than the network
	item.Parameters = map[string]string{parameterDHCP: strconv.FormatBool(subnet.DHCP)}
	if prefix, err := netip.ParsePrefix(subnet.CIDR); err == nil {
		item.Parameters[parameterAddress] = prefix.Addr().String()
		if prefix.Addr().Is4() {
			item.Parameters[parameterMask] = netmask(prefix.Bits())
		} else {
			item.Protocol = protocolIPv6
			item.Parameters[parameterPrefix] = strconv.Itoa(prefix.Bits())
		}
	}
	if subnet.Gateway != "" {
		item.Parameters[parameterGateway] = subnet.Gateway
	}
	if len(subnet.DNSNameservers) > 0 {
		item.Parameters[parameterResolvers] = strings.Join(subnet.DNSNameservers, ",")
	}
	if subnet.Owned {
		item.Operations = []Operation{{Name: "edit"}, {Name: "delete"}}
	}
	return item
}

// netmask gives the mask of an IPv4 prefix in dotted form.
func netmask(bits int) string { return net.IP(net.CIDRMask(bits, 32)).String() }

func getSegment(ctx context.Context, s *Session, at Address) (*ProtocolSegment, error) {
	key := at.Key()
	if id := networkKey(key); id != "" {
		n, err := s.Cloud.Network(ctx, id)
		return s.segmentOf(n, err, key)
	}
	subnet, err := s.Cloud.Subnet(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.oneSegment(ctx, &subnet)
}

// segmentOf gives the segment of a network that is no subnet.
func (s *Session) segmentOf(n model.Network, err error, key string) (*ProtocolSegment, error) {
	return pick(s.segmentsOf([]model.Network{n}, nil)[0], err, key, func(item ProtocolSegment) string { return item.key })
}

// oneSegment gives a subnet's segment: its state is the network's.
func (s *Session) oneSegment(ctx context.Context, subnet *model.Subnet) (*ProtocolSegment, error) {
	n, err := s.Cloud.Network(ctx, subnet.NetworkID)
	if err != nil {
		return nil, err
	}
	item := s.subnetSegment(subnet, &n)
	return &item, nil
}

// ProtocolSegmentCreate asks for a new segment (DSP0263 5.16.6.1).
type ProtocolSegmentCreate struct {
	Common
	ProtocolSegmentTemplate Ref `cimi:"protocolSegmentTemplate" of:"ProtocolSegmentTemplate"`
}

// createSegment makes a segment of the network that the template, or the
// collection, is of.
func createSegment(ctx context.Context, s *Session, at Address, in *ProtocolSegmentCreate) (*ProtocolSegment, error) {
	const within = "protocolSegmentTemplate"
	t, err := given[ProtocolSegmentTemplate](ctx, s, in.ProtocolSegmentTemplate, within)
	if err != nil {
		return nil, err
	}
	network := t.Network.Key
	if len(at) > 0 {
		if network != "" && network != at[0] {
			return nil, model.Errorf(model.Invalid, within+".network is another one than that of the collection")
		}
		network = at[0]
	}
	if network == "" {
		return nil, model.Errorf(model.Invalid, within+".network: the href of a network is missing")
	}
	r, err := t.subnet()
	if err != nil {
		return nil, inBody(within, err)
	}
	endpoints, err := t.endpointsToBe(ctx, s)
	if err != nil {
		return nil, inBody(within, err)
	}
	r.Name, r.Description = in.Name, in.Description
	var subnet model.Subnet
	err = inOrder(ctx, append([]step{{
		do: func(ctx context.Context) (err error) {
			subnet, err = s.Cloud.CreateSubnet(ctx, network, r)
			return err
		},
		back: func(ctx context.Context) error { return s.Cloud.DeleteSubnet(ctx, subnet.ID) },
	}}, s.makeEndpoints(func() (string, string) { return subnet.ID, network }, endpoints)...))
	if err != nil {
		return nil, err
	}
	item := s.subnetSegment(&subnet, &model.Network{AdminUp: true, State: model.LinkUp})
	if whole, err := s.oneSegment(ctx, &subnet); err == nil { // it is there, whether or not its state can be told
		item = *whole
	}
	return &item, nil
}

// updateSegment changes a subnet, or the network itself. Of their parameters the
// cloud's own and the MTU can be changed; those that are not given stay.
func updateSegment(ctx context.Context, s *Session, at Address, in *ProtocolSegment, changed func(string) bool) (*ProtocolSegment, error) {
	is, err := getSegment(ctx, s, at)
	if err != nil {
		return nil, err
	}
	if id := networkKey(at.Key()); id != "" { // the consumer's own data are beside it
		for name, same := range map[string]bool{"name": in.Name == "" || in.Name == is.Name, "description": in.Description == "" || in.Description == is.Description} {
			if changed(name) && !same {
				return nil, model.Errorf(model.Conflict, "%s: the segment has that of its network", name)
			}
		}
		var u model.NetworkUpdate
		if changed("parameters") {
			if err := ethernetParameters(in.Parameters, is, &u); err != nil {
				return nil, err
			}
		}
		n, err := s.Cloud.UpdateNetwork(ctx, id, u) // which also refuses another tenant's
		return s.segmentOf(n, err, at.Key())
	}
	var u model.SubnetUpdate
	u.Name, u.Description = in.texts(changed)
	if changed("parameters") {
		if err := subnetParameters(in.Parameters, is, &u); err != nil {
			return nil, err
		}
	}
	subnet, err := s.Cloud.UpdateSubnet(ctx, at.Key(), u)
	if err != nil {
		return nil, err
	}
	return s.oneSegment(ctx, &subnet)
}

func ethernetParameters(wanted map[string]string, is *ProtocolSegment, u *model.NetworkUpdate) error {
	for name, value := range wanted {
		switch {
		case value == is.Parameters[name]:
		case name != parameterMTU || is.Protocol != protocolEthernet:
			return model.Errorf(model.Invalid, "parameters: %s cannot be changed", clip(name))
		default:
			mtu, err := readMTU(value)
			if err != nil {
				return err
			}
			u.MTU = &mtu
		}
	}
	return nil
}

func subnetParameters(wanted map[string]string, is *ProtocolSegment, u *model.SubnetUpdate) error {
	for name, value := range wanted {
		if value == is.Parameters[name] {
			continue
		}
		switch name {
		case parameterGateway:
			u.Gateway = &value
		case parameterDHCP:
			dhcp, err := readDHCP(wanted, false)
			if err != nil {
				return err
			}
			u.DHCP = &dhcp
		case parameterResolvers:
			list := resolvers(wanted)
			u.DNSNameservers = &list
		default:
			return model.Errorf(model.Invalid, "parameters: %s cannot be changed", clip(name))
		}
	}
	return nil
}
