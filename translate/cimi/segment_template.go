package cimi

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/occimi/occimi/model"
)

// ProtocolSegmentTemplate says what a new segment shall be (DSP0263 5.16.7).
type ProtocolSegmentTemplate struct {
	Common
	Network           Ref               `cimi:"network" of:"Network"`
	InitialState      string            `cimi:"initialState"`
	Protocol          string            `cimi:"protocol"`
	NoDefaultRouting  *bool             `cimi:"noDefaultRouting"`
	Endpoints         Refused           `cimi:"endpoints" item:"endpoint" refuse:"an endpoint belongs to one segment for life"`
	EndpointTemplates []Ref             `cimi:"endpointTemplates" item:"endpointTemplate" of:"ProtocolEndpointTemplate"`
	Parameters        map[string]string `cimi:"parameters" item:"parameter"`
	MeterTemplates    Refused           `cimi:"meterTemplates" item:"meterTemplate" refuse:"there are no meters"`
	EventLogTemplate  Refused           `cimi:"eventLogTemplate" refuse:"there are no event logs"`
	Operations        []Operation       `cimi:"operations"`
}

var protocolSegmentTemplates = in(V2, stored("segmentTemplates", offers(model.NetworkService), func(_ context.Context, _ *Session, t *ProtocolSegmentTemplate) error {
	return t.check()
}))

// check refuses what no segment can be, whatever overrides the rest.
func (t *ProtocolSegmentTemplate) check() error {
	switch t.Protocol {
	case "", protocolEthernet, protocolIPv4, protocolIPv6:
	default:
		return model.Errorf(model.Invalid, "protocol: %q is not Ethernet, IPv4 or IPv6", clip(t.Protocol))
	}
	if t.NoDefaultRouting != nil && *t.NoDefaultRouting {
		return model.Errorf(model.Invalid, "noDefaultRouting: what is on a segment reaches each other")
	}
	return initialState(t.InitialState, "STARTED")
}

// only refuses parameters that are not among names.
func (t *ProtocolSegmentTemplate) only(names ...string) error {
	for name := range t.Parameters {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return model.Errorf(model.Invalid, "parameters: %q is not one of a segment of %s: those are %s", clip(name), t.Protocol, strings.Join(names, ", "))
		}
	}
	return nil
}

// mtu gives the MTU of a network whose Ethernet segment the template is; 0: the
// cloud chooses.
func (t *ProtocolSegmentTemplate) mtu() (int, error) {
	if err := t.check(); err != nil {
		return 0, err
	}
	if err := t.only(parameterMTU); err != nil || t.Parameters[parameterMTU] == "" {
		return 0, err
	}
	return readMTU(t.Parameters[parameterMTU])
}

func readMTU(text string) (int, error) {
	mtu, err := strconv.Atoi(text)
	if err != nil || mtu < 1 || mtu > 1<<16 {
		return 0, model.Errorf(model.Invalid, "parameters: %s is not a number of bytes from 1 to 65536", parameterMTU)
	}
	return mtu, nil
}

// subnet gives the subnet that the template asks for.
func (t *ProtocolSegmentTemplate) subnet() (model.SubnetCreate, error) {
	if err := t.check(); err != nil {
		return model.SubnetCreate{}, err
	}
	size := parameterMask
	if t.Protocol == protocolIPv6 {
		size = parameterPrefix
	}
	switch {
	case t.Protocol == "":
		return model.SubnetCreate{}, model.Errorf(model.Invalid, "protocol is missing: Ethernet, IPv4 or IPv6")
	case t.Protocol == protocolEthernet:
		return model.SubnetCreate{}, model.Errorf(model.Invalid, "protocol: each network has one Ethernet segment, and no more")
	case t.Parameters[parameterAddress] == "" || t.Parameters[size] == "":
		return model.SubnetCreate{}, model.Errorf(model.Invalid, "parameters: a segment of %s needs %s and %s", t.Protocol, parameterAddress, size)
	}
	if err := t.only(parameterAddress, size, parameterGateway, parameterDHCP, parameterResolvers); err != nil {
		return model.SubnetCreate{}, err
	}
	prefix, err := t.prefix(size)
	if err != nil {
		return model.SubnetCreate{}, err
	}
	dhcp, err := readDHCP(t.Parameters, true)
	return model.SubnetCreate{
		CIDR: prefix.String(), Gateway: t.Parameters[parameterGateway], DHCP: dhcp, DNSNameservers: resolvers(t.Parameters),
	}, err
}

// prefix reads the range of addresses: its size is a mask or a number of bits.
func (t *ProtocolSegmentTemplate) prefix(size string) (netip.Prefix, error) {
	address, err := netip.ParseAddr(t.Parameters[parameterAddress])
	if err != nil || address.Is4() != (t.Protocol == protocolIPv4) {
		return netip.Prefix{}, model.Errorf(model.Invalid, "parameters: %s is not an address of %s", parameterAddress, t.Protocol)
	}
	bits, err := strconv.Atoi(t.Parameters[size])
	if size == parameterMask {
		mask := net.IPMask(net.ParseIP(t.Parameters[size]).To4())
		ones, of := mask.Size()
		if bits, err = ones, nil; of != 32 {
			bits = -1
		}
	}
	prefix, prefixErr := address.Prefix(bits)
	if err != nil || prefixErr != nil || bits < 1 {
		return netip.Prefix{}, model.Errorf(model.Invalid, "parameters: %s is not the size of a range of %s", size, t.Protocol)
	}
	return prefix, nil
}

func readDHCP(parameters map[string]string, missing bool) (bool, error) {
	switch parameters[parameterDHCP] {
	case "":
		return missing, nil
	case "true", "false":
		return parameters[parameterDHCP] == "true", nil
	}
	return false, model.Errorf(model.Invalid, "parameters: %s is not true or false", parameterDHCP)
}

func resolvers(parameters map[string]string) []string {
	return strings.FieldsFunc(parameters[parameterResolvers], func(r rune) bool { return r == ',' || r == ' ' })
}
