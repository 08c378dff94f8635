package cimi

import (
	"net/url"
	"strings"

	"github.com/occimi/occimi/model"
)

// Target is what a URI below a version's base URI leads to: the Cloud Entry
// Point, a collection, an item, or an operation on an item.
type Target struct {
	resource *resource
	at       Address
	item     bool // or an operation on an item
	action   *action
	entry    bool
}

// Find tells what a path leads to in a version. The path is relative to the
// base URI and percent-encoded; a final slash does not matter. It knows nothing
// of tenants: what a tenant's cloud does not offer is NotFound later.
func Find(v Version, path string) (Target, error) {
	path = strings.Trim(path, "/")
	if path == "" || path == entryPointPath {
		return Target{entry: true}, nil
	}
	missing := func() error { return model.Errorf(model.NotFound, "there is nothing at %q", clip(path)) }
	var t Target
	within := ""
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil || text == "" {
			return Target{}, missing()
		}
		last := i == len(segments)-1
		if i%2 == 1 {
			if last {
				t.action = actionNamed(t.resource.ofCollection, v, text)
			}
			if t.action != nil {
				return t, nil
			}
			t.at = append(t.at, text)
			t.item = true
			continue
		}
		below := find(v, within+segment)
		if below == nil {
			if last && t.resource != nil {
				t.action = actionNamed(t.resource.actions, v, text)
			}
			if t.action == nil {
				return Target{}, missing()
			}
			return t, nil
		}
		t.resource, t.item = below, false
		within += segment + "/"
	}
	if len(t.Methods()) == 0 {
		return Target{}, missing() // items that are found elsewhere only
	}
	return t, nil
}

// find gives the resource at a path of collection names.
func find(v Version, path string) *resource {
	for _, r := range resources() {
		if r.path == path && r.in(v) {
			return r
		}
	}
	return nil
}

// IsEntryPoint tells whether the target is the Cloud Entry Point, which anybody
// may read.
func (t Target) IsEntryPoint() bool { return t.entry }

// IsOperation tells whether the target is an operation on an item.
func (t Target) IsOperation() bool { return t.action != nil }

// Template names the target for metrics: machines/{id}/disks.
func (t Target) Template() string {
	if t.entry {
		return entryPointPath
	}
	route := strings.ReplaceAll(t.resource.path, "/", "/{id}/")
	if t.item {
		route += "/{id}"
	}
	if t.action != nil {
		route += "/" + t.action.name
	}
	return route
}

// Methods are the HTTP methods that the target answers.
func (t Target) Methods() []string {
	var methods []string
	add := func(method string, can bool) {
		if can {
			methods = append(methods, method)
		}
	}
	switch {
	case t.entry:
		return []string{"GET", "HEAD"}
	case t.action != nil:
		return []string{"POST"}
	case t.item:
		add("GET", t.resource.get != nil)
		add("HEAD", t.resource.get != nil)
		add("PUT", t.resource.update != nil)
		add("DELETE", t.resource.delete != nil)
	default:
		add("GET", true)
		add("HEAD", true)
		add("POST", t.resource.create != nil)
	}
	return methods
}

// uri gives the target's own URI.
func (t Target) uri(s *Session) string {
	switch {
	case t.entry:
		return s.EntryPointURI()
	case t.action != nil: // the resource that is acted on
		return string(s.id(t.resource.path, t.at...))
	case len(t.at) == 0:
		return s.BaseURI() + t.resource.path
	}
	return string(s.id(t.resource.path, t.at...))
}

// operation names what a method does to the target, for Jobs.
func (t Target) operation(method string) string {
	switch {
	case t.action != nil:
		return t.action.name
	case method == "POST":
		return "add"
	case method == "PUT":
		return "edit"
	case method == "DELETE":
		return "delete"
	}
	return ""
}
