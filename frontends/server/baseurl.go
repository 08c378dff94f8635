package server

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/occimi/occimi/model"
)

// safeAuthority is a host and an optional port that can stand in a URL and a
// header as they are.
var safeAuthority = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$`)

// origin decides how the client sees this server, and who the client is.
type origin struct {
	publicURL string
	trusted   []netip.Prefix
}

// baseURL is scheme and authority for links. The public URL wins; else what a
// trusted proxy forwarded; else what the client itself asked for; else, for who
// names no host (HTTP/1.0), the address that it has connected to.
func (o origin) baseURL(r *http.Request) (string, error) {
	if o.publicURL != "" {
		return o.publicURL, nil
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if here, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && host == "" {
		host = here.String()
	}
	if o.fromTrusted(r) {
		w := readWay(r.Header)
		_, depth := o.client(r, w)
		if p := strings.ToLower(outermost(w.protos, depth)); p == "http" || p == "https" {
			scheme = p
		}
		if h := outermost(w.hosts, depth); h != "" {
			host = h
		}
	}
	if !safeAuthority.MatchString(host) {
		return "", model.Errorf(model.Invalid, "the host %q that is asked for is not a name or an address with an optional port", shortened(host))
	}
	return scheme + "://" + host, nil
}

// clientIP is the address of the client.
func (o origin) clientIP(r *http.Request) string {
	ip := remoteIP(r)
	if o.fromTrusted(r) {
		ip, _ = o.client(r, readWay(r.Header))
	}
	return ip.String()
}

// client follows the way back from this server: the client is the first on it
// who is not a trusted proxy. depth is how many trusted proxies were passed;
// what was forwarded before the outermost of them, anybody may have made up.
func (o origin) client(r *http.Request, w way) (ip netip.Addr, depth int) {
	ip = remoteIP(r)
	for i := len(w.clients) - 1; i >= 0 && o.trusts(ip); i-- {
		depth++
		hop, ok := parseNode(w.clients[i])
		if !ok {
			return ip, depth
		}
		ip = hop
	}
	return ip, max(depth, 1)
}

func (o origin) fromTrusted(r *http.Request) bool { return o.trusts(remoteIP(r)) }

func (o origin) trusts(ip netip.Addr) bool {
	for _, prefix := range o.trusted {
		if prefix.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

func remoteIP(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return ap.Addr().Unmap().WithZone("")
}

// way is what the proxies on a request's way have forwarded, each list from the
// client on. The last of it is the nearest proxy's.
type way struct{ clients, hosts, protos []string }

// readWay reads X-Forwarded-For, -Host and -Proto or, if there are none,
// Forwarded (RFC 7239). The older ones win because the proxies that know them
// only pass on whatever Forwarded a client has made up.
func readWay(h http.Header) way {
	w := way{list(h, "X-Forwarded-For"), list(h, "X-Forwarded-Host"), list(h, "X-Forwarded-Proto")}
	if len(w.clients)+len(w.hosts)+len(w.protos) > 0 {
		return w
	}
	for _, element := range splitUnquoted(strings.Join(h.Values("Forwarded"), ","), ',') {
		values := map[string]string{}
		for _, pair := range splitUnquoted(element, ';') {
			name, value, _ := strings.Cut(pair, "=")
			values[strings.ToLower(strings.TrimSpace(name))] = unquoted(strings.TrimSpace(value))
		}
		w.clients = append(w.clients, values["for"])
		w.hosts = append(w.hosts, values["host"])
		w.protos = append(w.protos, values["proto"])
	}
	return w
}

// list gives the values of a header whose lines are lists.
func list(h http.Header, name string) []string {
	lines := h.Values(name)
	if len(lines) == 0 {
		return nil
	}
	values := strings.Split(strings.Join(lines, ","), ",")
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return values
}

// outermost gives what the outermost of so many trusted proxies has forwarded,
// or the next one that has anything.
func outermost(values []string, depth int) string {
	for _, value := range values[max(0, len(values)-depth):] {
		if value != "" {
			return value
		}
	}
	return ""
}

// parseNode reads an address with or without a port: 192.0.2.1, 192.0.2.1:80,
// 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
func parseNode(s string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return ip.Unmap().WithZone(""), err == nil
}

// splitUnquoted splits at a separator that is not in a quoted string.
func splitUnquoted(s string, separator byte) []string {
	var parts []string
	begin, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts = append(parts, s[begin:i])
			begin = i + 1
		}
	}
	return append(parts, s[begin:])
}

// unquoted gives what a token or a quoted string stands for.
func unquoted(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
