// Package cimi translates between DMTF CIMI (DSP0263) and the model: it knows
// CIMI's resources, its two serializations, its queries and its two XML
// namespaces, and neither HTTP nor OpenStack.
//
// A resource is a Go struct whose tags say what the standard's tables say
// (schema.go), and the functions that map it to the model (resource.go). One
// codec serves them all: encode.go prints a struct as JSON or XML in either
// version; decode.go reads it back. So a new resource is a struct, its mapping,
// and a line in the list of resources (registry.go).
package cimi

import (
	"slices"
	"strings"
)

// Version is a namespace of CIMI: 1 for CIMI 1.0.x and 1.1, 2 for CIMI 2.0.
type Version int

// The versions that are served.
const (
	V1 Version = 1
	V2 Version = 2
)

// everyVersion is no version that is served: it has the attributes of all. What
// is stored is in it, with URIs that are relative to the base URI.
const everyVersion Version = 0

// versionText is what a version is called by name.
var versionText = [...]struct{ digit, namespace, specification string }{
	V1: {"1", "http://schemas.dmtf.org/cimi/1", "1.0.1"},
	V2: {"2", "http://schemas.dmtf.org/cimi/2", "2.0.0"},
}

// String gives the version as it stands in paths and namespaces: "1" or "2".
func (v Version) String() string { return versionText[v].digit }

// Namespace is the XML namespace, and the beginning of all type, action and
// capability URIs.
func (v Version) Namespace() string { return versionText[v].namespace }

// Specification is the version of the specification: 1.0.1 or 2.0.0.
func (v Version) Specification() string { return versionText[v].specification }

// served are the versions of the specification that a client may ask for, the
// preferred one first.
var served = []struct {
	specification string
	version       Version
}{{"1.0.1", V1}, {"1.0.0", V1}, {"1.1.0", V1}, {"2.0.0", V2}}

// ParseVersions reads the value of a CIMI-Specification-Version header: a list
// of versions in order of preference, each major[.minor[.update]]. It gives the
// first that is among those offered, and which version of the specification that
// is; empty: there is none. Only the components that are there are compared, so
// "1.0" asks for any 1.0.x. Entries that are no version are skipped.
func ParseVersions(header string, offered ...Version) (v Version, specification string) {
	for entry := range strings.SplitSeq(header, ",") {
		wanted := strings.TrimSpace(entry)
		for _, s := range served {
			if wanted != "" && strings.HasPrefix(s.specification+".", wanted+".") && slices.Contains(offered, s.version) {
				return s.version, s.specification
			}
		}
	}
	return 0, ""
}

// own gives a URI of the specification's own as this version has it: in its
// namespace, whichever it came in. Others stay what they are.
func (v Version) own(uri string) string {
	for _, other := range []Version{V1, V2} {
		if rest, ok := strings.CutPrefix(uri, other.Namespace()+"/"); ok {
			return v.typeURI(rest)
		}
	}
	return uri
}

func (v Version) typeURI(typeName string) string { return v.Namespace() + "/" + typeName }
func (v Version) actionURI(name string) string   { return v.Namespace() + "/action/" + name }
