package sandbox

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// timestamp is a time as Neutron writes it.
type timestamp time.Time

func (t timestamp) String() string { return time.Time(t).UTC().Format(seconds) }

func queryPair(name, value string) string {
	return url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

// What is wrong with a value, in Neutron's words after the value. A problem that
// begins with "to:" is a failed conversion to what follows, one with "not:" one
// whose words are its own; one with "reason:" tells the value itself.

func isText(v any) string {
	s, ok := v.(string)
	switch {
	case !ok:
		return "is not a valid string."
	case utf8.RuneCountInString(s) > 255:
		return "exceeds maximum length of 255."
	}
	return ""
}

func isBool(v any) string {
	if _, ok := truth(v); !ok {
		return "to:boolean"
	}
	return ""
}

func isNumber(v any) string {
	if _, ok := wholeNumber(v); !ok {
		return "not:'" + plainText(v) + "' is not an integer."
	}
	return ""
}

func isMTU(v any) string {
	if n, ok := wholeNumber(v); ok && n < 0 {
		return "should be non-negative."
	}
	return isNumber(v)
}

func isNameservers(v any) string {
	if isNothing(v) {
		return ""
	}
	if problem := isList(v); problem != "" {
		return problem
	}
	seen := map[string]bool{}
	for _, one := range v.([]any) {
		server := plainText(one)
		if _, err := netip.ParseAddr(server); err != nil {
			return fmt.Sprintf("reason:'%s' is not a valid nameserver. '%s' is not a valid IP address.", server, server)
		}
		if seen[server] {
			return "reason:Duplicate nameserver '" + server + "'."
		}
		seen[server] = true
	}
	return ""
}

func isID(v any) string {
	if s, ok := v.(string); !ok || !isUUID(s) {
		return "is not a valid UUID."
	}
	return ""
}

func isIDOrNull(v any) string {
	if v == nil {
		return ""
	}
	return isID(v)
}

func isAddressOrNull(v any) string {
	s, _ := v.(string)
	if _, err := netip.ParseAddr(s); v != nil && err != nil {
		return "is not a valid IP address."
	}
	return ""
}

// isNothing is what Neutron takes for nothing given.
func isNothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// isGateway checks a router's external_gateway_info.
func isGateway(v any) string {
	if isNothing(v) {
		return ""
	}
	gateway, ok := v.(map[string]any)
	if !ok {
		return "is not a dictionary."
	}
	var extra []string
	for name := range gateway {
		if !slices.Contains([]string{"network_id", "enable_snat", "external_fixed_ips"}, name) {
			extra = append(extra, name)
		}
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		return "reason:Unexpected keys supplied: " + strings.Join(extra, ", ") + "."
	}
	if problem := isID(gateway["network_id"]); problem != "" {
		return "reason:'" + plainText(gateway["network_id"]) + "' " + problem
	}
	return ""
}

// areGroups checks a port's security groups.
func areGroups(v any) string {
	if v == nil {
		return ""
	}
	groups, ok := v.([]any)
	if !ok {
		return "is not a list."
	}
	for _, g := range groups {
		if problem := isID(g); problem != "" {
			return "reason:'" + plainText(g) + "' " + problem
		}
	}
	return ""
}

// areFixedIPs checks the wishes for a port's addresses.
func areFixedIPs(v any) string {
	wishes, ok := v.([]any)
	if !ok {
		return "is not a list."
	}
	for _, w := range wishes {
		wish, _ := w.(map[string]any)
		if address, given := wish["ip_address"]; given {
			if problem := isAddressOrNull(address); address == nil || problem != "" {
				return "reason:'" + plainText(address) + "' is not a valid IP address."
			}
		}
		if subnet, given := wish["subnet_id"]; given {
			if problem := isID(subnet); problem != "" {
				return "reason:'" + plainText(subnet) + "' " + problem
			}
		}
	}
	return ""
}

func isMAC(v any) string {
	s, _ := v.(string)
	if _, err := net.ParseMAC(s); err != nil {
		return "is not a valid MAC address."
	}
	return ""
}

func isList(v any) string {
	if _, ok := v.([]any); !ok {
		return "is not a list."
	}
	return ""
}

func setText(want map[string]any, name string, place *string) {
	if s, ok := want[name].(string); ok {
		*place = s
	}
}

func setBool(want map[string]any, name string, place *bool) {
	if v, given := want[name]; given {
		*place, _ = truth(v)
	}
}

func setNumber(want map[string]any, name string, place *int) {
	if n, ok := wholeNumber(want[name]); ok {
		*place = n
	}
}

// texts reads a list of strings; what is none is left out.
func texts(v any) []string {
	list, _ := v.([]any)
	found := []string{}
	for _, e := range list {
		if s, ok := e.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

// always is an attribute that has one value.
func always[T any](name string, value any) attr[T] {
	return attr[T]{name: name, get: func(*call, *T) any { return value }}
}
