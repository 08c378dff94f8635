package cimi

import (
	"context"
	"net/netip"
	"reflect"
	"slices"

	"github.com/occimi/occimi/model"
)

// NetworkCreate asks for a new network (DSP0263 5.16.2.1).
type NetworkCreate struct {
	Common
	NetworkTemplate Ref `cimi:"networkTemplate" of:"NetworkTemplate"`
}

// NetworkTemplate says what a new network shall be (DSP0263 5.16.3).
type NetworkTemplate struct {
	Common
	InitialState        string      `cimi:"initialState"`
	NetworkConfig       Ref         `cimi:"networkConfig" of:"NetworkConfiguration" v:"1"`
	ForwardingGroup     Ref         `cimi:"forwardingGroup" of:"ForwardingGroup" v:"1"`
	Segments            Refused     `cimi:"segments" item:"segment" v:"2" refuse:"a segment belongs to one network for life: use segmentTemplates"`
	SegmentTemplates    []Ref       `cimi:"segmentTemplates" item:"segmentTemplate" of:"ProtocolSegmentTemplate" v:"2"`
	Services            Refused     `cimi:"services" item:"service" v:"2" refuse:"there are no network services"`
	ServiceTemplates    Refused     `cimi:"serviceTemplates" item:"serviceTemplate" v:"2" refuse:"there are no network services"`
	Subnetworks         Refused     `cimi:"subnetworks" item:"subnetwork" v:"2" refuse:"networks are not inside each other"`
	SubnetworkTemplates Refused     `cimi:"subnetworkTemplates" item:"subnetworkTemplate" v:"2" refuse:"networks are not inside each other"`
	MeterTemplates      Refused     `cimi:"meterTemplates" item:"meterTemplate" xml1:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate    Refused     `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations          []Operation `cimi:"operations" xml1:"operation"`
}

var networkTemplates = stored("networkTemplates", offers(model.NetworkService), func(_ context.Context, _ *Session, t *NetworkTemplate) error {
	return initialState(t.InitialState, "STARTED", "STOPPED")
})

// NetworkConfiguration says what networks of version 1 are like.
type NetworkConfiguration struct {
	Common
	NetworkType    string      `cimi:"networkType"` // PUBLIC, PRIVATE
	MTU            int64       `cimi:"mtu"`         // bytes
	ClassOfService string      `cimi:"classOfService"`
	Operations     []Operation `cimi:"operations" xml1:"operation"`
}

var networkConfigs = in(V1, alsoStored(single("networkConfigs", func(s *Session) NetworkConfiguration {
	return NetworkConfiguration{
		Common:      Common{ID: s.id("networkConfigs", defaultKey), Name: defaultKey, Description: "A network of the cloud's own MTU"},
		NetworkType: privateNetwork,
	}
}), validNetworkConfig))

// in makes a resource one of a single version.
func in(v Version, r *resource) *resource {
	r.version = v
	return r
}

// defaultKey is the key of a configuration that is the cloud's only one.
const defaultKey = "default"

// single is a resource of networks that has one item.
func single[T any](path string, item func(*Session) T) *resource {
	return &resource{
		path:    path,
		item:    reflect.TypeFor[T](),
		offered: offers(model.NetworkService),
		list:    lister(func(_ context.Context, s *Session, _ Address) ([]T, error) { return []T{item(s)}, nil }),
		get: getter(func(_ context.Context, s *Session, at Address) (*T, error) {
			if at.Key() != defaultKey {
				return nil, model.Errorf(model.NotFound, "there is no %s %q", reflect.TypeFor[T]().Name(), clip(at.Key()))
			}
			only := item(s)
			return &only, nil
		}),
	}
}

// validNetworkConfig refuses what no network can be.
func validNetworkConfig(_ context.Context, _ *Session, c *NetworkConfiguration) error {
	switch {
	case c.NetworkType != "" && c.NetworkType != privateNetwork:
		return model.Errorf(model.Invalid, "networkType: %q cannot be made, only %s", clip(c.NetworkType), privateNetwork)
	case c.ClassOfService != "":
		return model.Errorf(model.Invalid, "classOfService: there are no classes of service")
	case c.MTU < 0 || c.MTU > 1<<16:
		return model.Errorf(model.Invalid, "mtu: %d is not a number of bytes from 1 to 65536", c.MTU)
	}
	return nil
}

// createNetwork makes a network of a template. One of version 1, which knows no
// segments, has an IPv4 segment whose range the tenant has not used yet: without
// addresses nothing could be plugged into it.
func createNetwork(ctx context.Context, s *Session, _ Address, in *NetworkCreate) (*Network, error) {
	const within = "networkTemplate"
	t, err := given[NetworkTemplate](ctx, s, in.NetworkTemplate, within)
	if err != nil {
		return nil, err
	}
	if err := initialState(t.InitialState, "STARTED", "STOPPED"); err != nil {
		return nil, inBody(within, err)
	}
	r := model.NetworkCreate{Name: in.Name, Description: in.Description, Down: t.InitialState == "STOPPED"}
	if t.NetworkConfig.Key != "" || t.NetworkConfig.Value != nil {
		c, err := given[NetworkConfiguration](ctx, s, t.NetworkConfig, within+".networkConfig")
		if err == nil {
			err = validNetworkConfig(ctx, s, c)
		}
		if err != nil {
			return nil, inBody(within+".networkConfig", err)
		}
		r.MTU = int(c.MTU)
	}
	var n model.Network
	var rest []step // when the network is there
	for _, ref := range t.SegmentTemplates {
		before := len(r.Subnets)
		endpoints, err := templateSegment(ctx, s, ref, &r)
		if err != nil {
			return nil, inBody(within+".segmentTemplates", err)
		}
		segment := func() (string, string) { return n.SubnetIDs[before], n.ID }
		if len(r.Subnets) == before {
			segment = func() (string, string) { return ethernetPrefix + n.ID, n.ID }
		}
		rest = append(rest, s.makeEndpoints(segment, endpoints)...)
	}
	if s.Version == V1 && len(t.SegmentTemplates) == 0 {
		subnet, err := s.freeRange(ctx)
		if err != nil {
			return nil, err
		}
		r.Subnets = []model.SubnetCreate{subnet}
	}
	if t.ForwardingGroup.Key != "" {
		rest = append(rest, step{do: func(ctx context.Context) error {
			if err := s.route(ctx, t.ForwardingGroup.Key, n.SubnetIDs); err != nil {
				return inBody(within+".forwardingGroup", err)
			}
			return nil
		}})
	}
	if n, err = s.Cloud.CreateNetwork(ctx, r); err != nil {
		return nil, err
	}
	item := s.network(&n, nil)
	if err := inOrder(ctx, rest); err != nil {
		return nil, s.undo(ctx, declared("Network"), &item, err)
	}
	item.ForwardingGroup = t.ForwardingGroup
	return &item, nil
}

// templateSegment adds the segment of a template to a new network: its own
// Ethernet segment, or a subnet. It gives the templates of its endpoints.
func templateSegment(ctx context.Context, s *Session, ref Ref, r *model.NetworkCreate) ([]*ProtocolEndpointTemplate, error) {
	t, err := given[ProtocolSegmentTemplate](ctx, s, ref, "a segment")
	if err != nil {
		return nil, err
	}
	if t.Network.Key != "" {
		return nil, model.Errorf(model.Invalid, "network: the segment is one of the new network")
	}
	if t.Protocol == protocolEthernet {
		r.MTU, err = t.mtu()
	} else {
		var subnet model.SubnetCreate
		subnet, err = t.subnet()
		r.Subnets = append(r.Subnets, subnet)
	}
	if err != nil {
		return nil, err
	}
	return t.endpointsToBe(ctx, s)
}

// privateRanges is where the ranges of networks of version 1 come from.
var privateRanges = netip.MustParsePrefix("10.0.0.0/8")

// freeRange gives a range of 256 addresses that none of the tenant's networks
// has.
func (s *Session) freeRange(ctx context.Context) (model.SubnetCreate, error) {
	subnets, err := s.Cloud.Subnets(ctx)
	if err != nil {
		return model.SubnetCreate{}, err
	}
	var taken []netip.Prefix
	for _, subnet := range subnets {
		if prefix, err := netip.ParsePrefix(subnet.CIDR); err == nil && prefix.Overlaps(privateRanges) {
			taken = append(taken, prefix)
		}
	}
	for start := privateRanges.Addr().As4(); ; {
		candidate := netip.PrefixFrom(netip.AddrFrom4(start), 24)
		if !slices.ContainsFunc(taken, candidate.Overlaps) {
			return model.SubnetCreate{CIDR: candidate.String(), DHCP: true}, nil
		}
		if start[2]++; start[2] == 0 {
			if start[1]++; start[1] == 0 {
				return model.SubnetCreate{}, model.Errorf(model.Conflict, "the tenant's networks have all of %s", privateRanges)
			}
		}
	}
}
