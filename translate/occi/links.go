package occi

import (
	"net/url"
	"strings"

	"github.com/occimi/occimi/model"
)

// Links makes and understands the URIs of one service. Local paths are below
// the service's root and begin with a slash: /compute/ID.
type Links struct {
	// Base is scheme and authority, without a slash at the end.
	Base string
	// Path is the service's root, with a slash at both ends.
	Path string
}

// URL is a local path as an absolute URL.
func (l Links) URL(local string) string { return l.Base + l.Path + escape(local)[1:] }

// Ref is a local path as an absolute path, the service's root included.
func (l Links) Ref(local string) string { return l.Path + escape(local)[1:] }

func (l Links) appendURL(b []byte, local string) []byte {
	return l.appendRef(append(b, l.Base...), local)
}

func (l Links) appendRef(b []byte, local string) []byte {
	return append(append(b, l.Path...), escape(local)[1:]...)
}

// escape escapes what has a meaning in one of the renderings: the ids in paths
// are the cloud's.
func escape(local string) string {
	clean := func(c byte) bool { return isUnreserved(c) || c == '/' }
	i := 0
	for i < len(local) && clean(local[i]) {
		i++
	}
	if i == len(local) {
		return local
	}
	b := []byte(local[:i])
	for ; i < len(local); i++ {
		if c := local[i]; clean(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}

// Local understands what clients write for a URI of this service: an absolute
// URL, an absolute path with or without the service's root, or a path relative
// to that root (checklists of both versions call all of them URI references).
// Double slashes are collapsed. Errors: Invalid for a URI of another host.
func (l Links) Local(ref string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || u.Opaque != "" {
		return "", model.Errorf(model.Invalid, "%s is not a URL or path", quoteForMessage(ref))
	}
	if u.Host != "" {
		// The scheme may differ: a proxy that ends TLS need not say so.
		if _, authority, _ := strings.Cut(l.Base, "://"); !strings.EqualFold(u.Host, authority) {
			return "", model.Errorf(model.Invalid, "%s is not a location of this service", quoteForMessage(ref))
		}
	}
	local, _ := l.Cut(u.Path)
	return local, nil
}

// Cut takes the service's root off a path and collapses double slashes. It
// tells whether the path is below that root; if not, it is left as it is.
func (l Links) Cut(path string) (local string, ok bool) {
	path = collapse("/" + path)
	if path+"/" == l.Path {
		return "/", true
	}
	if rest, ok := strings.CutPrefix(path, l.Path); ok {
		return "/" + rest, true
	}
	return path, false
}

// collapse makes one slash of several: clients join endpoint and path naively.
func collapse(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// validID tells whether s can be the id of an entity: unreserved characters
// only, so that it means the same in every URL and in every backend call.
func validID(s string) bool {
	if s == "" || len(s) > 255 || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		if !isUnreserved(s[i]) {
			return false
		}
	}
	return true
}

// isUnreserved tells whether the character is itself wherever it stands in a
// URI (RFC 3986 2.3).
func isUnreserved(c byte) bool {
	return isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
