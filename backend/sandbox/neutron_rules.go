package sandbox

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// protocols are the names that Neutron knows; numbers are as good.
var protocols = []string{
	"ah", "dccp", "egp", "esp", "gre", "hopopt", "icmp", "igmp", "ip", "ipip", "ipv6-encap", "ipv6-frag",
	"ipv6-icmp", "icmpv6", "ipv6-nonxt", "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
}

// check refuses a rule that makes no sense, as Neutron does.
func (r *securityRule) check(c *call) error {
	refuseRule := func(kind, format string, args ...any) error {
		return refuseAs(http.StatusBadRequest, kind, fmt.Sprintf(format, args...))
	}
	protocol, _ := r.protocol.(string)
	least, fromGiven := r.portMin.(int)
	most, toGiven := r.portMax.(int)
	_, numbered := wholeText(protocol)
	switch {
	case r.ethertype != "IPv4" && r.ethertype != "IPv6":
		return refuseRule("SecurityGroupRuleInvalidEtherType", "Security group rule for ethertype '%s' not supported. Allowed values are ['IPv4', 'IPv6'].", r.ethertype)
	case r.protocol != nil && !numbered && !slices.Contains(protocols, strings.ToLower(protocol)):
		return refuseRule("SecurityGroupRuleInvalidProtocol", "Security group rule protocol %s not supported. Only protocol values [None, '%s'] and integer representations [0 to 255] are supported.", protocol, strings.Join(protocols, "', '"))
	case r.protocol == nil && (fromGiven || toGiven):
		return refuseRule("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.")
	case (protocol == "tcp" || protocol == "udp") && (fromGiven != toGiven || least > most) && least >= 0 && most >= 0:
		return refuseRule("SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max")
	case r.prefix != nil && r.remoteGroup != nil:
		return refuseRule("SecurityGroupMultipleRemoteEntites", "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.")
	}
	for _, port := range []int{least, most} {
		if port < 0 || port > 65535 {
			return refuseRule("SecurityGroupInvalidPortValue", "Invalid value for port %d", port)
		}
	}
	if text, given := r.prefix.(string); given {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return refuseRule("InvalidCIDR", "Invalid CIDR %s given as IP prefix.", text)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if prefix.Addr().Is4() != (r.ethertype == "IPv4") {
			return refuseRule("SecurityGroupRuleParameterConflict", "Conflicting value ethertype %s for CIDR %s", r.ethertype, text)
		}
		r.cidr = prefix.Masked().String()
	}
	if id, given := r.remoteGroup.(string); given {
		if g := c.groups.byID[id]; g == nil || g.project != c.project() && !c.admin() {
			return refuseAs(http.StatusNotFound, "SecurityGroupNotFound", "Security group "+id+" does not exist")
		}
	}
	return nil
}

// wholeText reads a protocol number.
func wholeText(s string) (n int, ok bool) {
	_, err := fmt.Sscanf(s, "%d", &n)
	return n, err == nil && fmt.Sprint(n) == s && n >= 0 && n <= 255
}
