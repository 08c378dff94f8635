package cimi

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/occimi/occimi/model"
)

// Options are the choices that an operator has.
type Options struct {
	// CPUArch is the architecture that machines have whose flavor does not tell
	// its own, as in DSP0263 table 16 (x86_64, ARM, ...). Empty: not said.
	CPUArch string
	// DeltacloudMetadata prints resource metadata of version 1 in the form that
	// Deltacloud's conformance tests need, against the standard: typeUri instead
	// of typeURI, the array resourceMetadata instead of resourceMetadatas, and a
	// namespace and a type for every attribute.
	DeltacloudMetadata bool
	// JobRetention is how long jobs are kept.
	JobRetention time.Duration
}

// Session is one client's request: whose cloud it is about, in which version,
// and under which URIs.
type Session struct {
	Version Version
	// root is the absolute URI that the versions are below: it ends with a slash.
	root string
	// Cloud is nil for a client without credentials, who sees the Cloud Entry
	// Point only.
	Cloud model.Cloud
	// Documents keeps what the cloud cannot; nil: nothing does, and what depends
	// on it is not served.
	Documents model.Documents
	// NewID makes the ids of documents.
	NewID   func() string
	options Options
	now     func() time.Time

	base, entry string
}

// NewSession begins a session of a client who sees the Cloud Entry Point only,
// until Cloud is set. root is the absolute URI that the versions are below, with
// a slash at its end; now is the time of failures.
func NewSession(v Version, root string, o Options, now func() time.Time) *Session {
	base := root + v.String() + "/"
	return &Session{Version: v, root: root, options: o, now: now, base: base, entry: base + entryPointPath}
}

// BaseURI is what ids begin with, and what relative URIs are resolved against.
func (s *Session) BaseURI() string { return s.base }

// entryPointPath is where the Cloud Entry Point is, below the base URI. Clients
// of version 1 derive other URIs from that name.
const entryPointPath = "cloudEntryPoint"

// EntryPointURI is the id of the Cloud Entry Point.
func (s *Session) EntryPointURI() string { return s.entry }

// id gives the id of the item at an address in a collection.
func (s *Session) id(path string, keys ...string) URI {
	var b strings.Builder
	b.Grow(len(s.BaseURI()) + len(path) + len(keys)*37)
	b.WriteString(s.BaseURI())
	for i, key := range keys {
		name, rest, _ := strings.Cut(path, "/")
		path = rest
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(name)
		b.WriteByte('/')
		b.WriteString(url.PathEscape(key))
	}
	if path != "" {
		b.WriteByte('/')
		b.WriteString(path)
	}
	return URI(b.String())
}

// absolute gives the URI that one relative to the base URI stands for.
func (s *Session) absolute(uri string) string {
	if u, err := url.Parse(uri); err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(uri, "/") {
		return uri
	}
	return s.BaseURI() + uri
}

// serves tells whether the resource exists for this client. What is printed for
// the store may refer to what is stored.
func (s *Session) serves(r *resource) bool {
	return r != nil && r.in(s.Version) && (!r.stored || s.Documents != nil || s.Version == everyVersion) && (s.Cloud == nil || r.offered(s.Cloud))
}

// resourceAt finds the served resource at a path.
func (s *Session) resourceAt(path string) *resource {
	for _, r := range resources() {
		if r.path == path && s.serves(r) {
			return r
		}
	}
	return nil
}

// below finds the served resource that a collection attribute of the resource
// with the given id leads to.
func (s *Session) below(id, attribute string) *resource {
	path := ""
	if id != s.EntryPointURI() {
		for i, segment := range strings.Split(strings.TrimPrefix(id, s.BaseURI()), "/") {
			if i%2 == 0 {
				path += segment + "/"
			}
		}
	}
	return s.resourceAt(path + attribute)
}

// resourceOf finds the served resource whose items have the type and are found
// from the Cloud Entry Point: where references lead.
func (s *Session) resourceOf(typeName string) *resource {
	for _, r := range resources() {
		if r.name() == typeName && !strings.Contains(r.path, "/") && s.serves(r) {
			return r
		}
	}
	return nil
}

// declared finds the resource whose items have the type, served or not: what
// may be given by value.
func declared(typeName string) *resource {
	for _, r := range resources() {
		if r.name() == typeName && !strings.Contains(r.path, "/") {
			return r
		}
	}
	return nil
}

// href gives a reference's URI, or "" if it leads nowhere.
func (s *Session) href(of string, ref Ref) string {
	if ref.Href != "" {
		return ref.Href
	}
	if r := s.resourceOf(of); r != nil && ref.Key != "" {
		return string(s.id(r.path, ref.Key))
	}
	return ""
}

// key gives the key of the resource of a type that a URI leads to. The URI may
// be absolute or relative to the base URI, and of either version; another
// host's resources are not ours, whatever their keys are.
func (s *Session) key(of, uri string) (string, error) {
	r := s.resourceOf(of)
	if r == nil {
		return "", model.Errorf(model.Invalid, "%q: no %s is offered here", clip(uri), of)
	}
	wrong := model.Errorf(model.Invalid, "%q is not the URI of a %s here", clip(uri), of)
	u, err := url.Parse(strings.TrimSpace(uri))
	if err != nil {
		return "", wrong
	}
	rest := u.EscapedPath()
	if u.IsAbs() || u.Host != "" || strings.HasPrefix(rest, "/") {
		root, err := url.Parse(s.root)
		if err != nil || u.Host != "" && !strings.EqualFold(u.Host, root.Host) {
			return "", wrong
		}
		below, ok := strings.CutPrefix(rest, root.EscapedPath())
		if !ok {
			return "", wrong
		}
		version, after, _ := strings.Cut(below, "/")
		if version != V1.String() && version != V2.String() {
			return "", wrong
		}
		rest = after
	}
	escaped, ok := strings.CutPrefix(rest, r.path+"/")
	key, err := url.PathUnescape(strings.TrimSuffix(escaped, "/"))
	if !ok || err != nil || key == "" || strings.Contains(key, "/") {
		return "", wrong
	}
	return key, nil
}

// parent gives the URI of the owner of the resource with the given id: the
// collection below a resource that holds it, or the Cloud Entry Point, which
// itself has none.
func (s *Session) parent(id string) string {
	if id == s.EntryPointURI() {
		return ""
	}
	rest := strings.TrimPrefix(id, s.BaseURI())
	if i := strings.LastIndexByte(rest, '/'); i >= 0 && strings.IndexByte(rest, '/') != i {
		return id[:len(id)-len(rest)+i]
	}
	return s.EntryPointURI()
}

// parentURI gives the URI of the owner of the resource with the given id.
func (s *Session) parentURI(id string, p Parent) string { return cmp.Or(string(p.Href), s.parent(id)) }

// unescape gives a path segment's text.
func unescape(segment string) string {
	text, err := url.PathUnescape(segment)
	if err != nil {
		return segment
	}
	return text
}

// clip shortens a client's text for an error message.
func clip(text string) string {
	const most = 200
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
