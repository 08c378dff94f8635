package server

import (
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
// trusted proxy forwarded; else what the client itself asked for.
func (o origin) baseURL(r *http.Request) (string, error) {
	if o.publicURL != "" {
		return o.publicURL, nil
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if o.fromTrusted(r) {
		if p := strings.ToLower(forwarded(r.Header, "proto", "X-Forwarded-Proto")); p == "http" || p == "https" {
			scheme = p
		}
		if h := forwarded(r.Header, "host", "X-Forwarded-Host"); h != "" {
			host = h
		}
	}
	if !safeAuthority.MatchString(host) {
		return "", model.Errorf(model.Invalid, "the Host header %q is not a host name with an optional port", host)
	}
	return scheme + "://" + host, nil
}

// clientIP is the address of the client: the last one on the forwarded way
// that is not a trusted proxy's.
func (o origin) clientIP(r *http.Request) string {
	ip := remoteIP(r)
	if !o.fromTrusted(r) {
		return ip.String()
	}
	way := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(way) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(way[i]))
		if err != nil {
			break
		}
		ip = hop
		if !o.trusts(hop) {
			break
		}
	}
	return ip.String()
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
	return ap.Addr().Unmap()
}

// forwarded reads a parameter of the first element of Forwarded (RFC 7239), or
// the first value of the older header of its own.
func forwarded(h http.Header, param, older string) string {
	first, _, _ := strings.Cut(h.Get("Forwarded"), ",")
	for pair := range strings.SplitSeq(first, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, param) {
			return strings.Trim(value, `"`)
		}
	}
	value, _, _ := strings.Cut(h.Get(older), ",")
	return strings.TrimSpace(value)
}
