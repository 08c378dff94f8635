package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// service is one of OpenStack's services: its place, its routes and its manners.
type service struct {
	name  string // the project's: nova
	typ   string // the catalog's: compute
	mount string // /compute
	// catalogPath is what the catalog's URL adds to the mount. %s is the project.
	catalogPath string
	routes      []route
	// before checks what comes before routing: versions, tokens.
	before func(*call) error
	// render writes a refusal in the service's form.
	render func(*call, *failure)
	// wide refuses texts beyond Unicode's basic plane; nil: they are taken.
	wide refuseWide
	// computeID services repeat the request id as x-compute-request-id.
	computeID bool
}

// route is a method and a path of a service, with what answers it.
type route struct {
	method string
	path   string // /v2.1/servers/{id}
	handle func(*call) error
	// since is the first minor version of the API that has the route.
	since int
	// open routes need no token.
	open bool
	// upload routes take data instead of JSON.
	upload bool

	segments []string
}

// servicesFor makes the services of a cloud; nil names are all.
func servicesFor(names []string) []*service {
	all := []*service{keystone(), nova(), neutron(), glance(), cinder()}
	for _, s := range all {
		for i := range s.routes {
			s.routes[i].segments = split(s.routes[i].path)
		}
	}
	if names == nil {
		return all
	}
	return slices.DeleteFunc(all, func(s *service) bool {
		return s.name != "keystone" && !slices.Contains(names, s.name)
	})
}

// split cuts a path into its parts; a slash at the end means nothing.
func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// find gives the service that an escaped path belongs to, and the rest of it.
func (c *Cloud) find(path string) (*service, []string) {
	for _, s := range c.services {
		if rest, ok := strings.CutPrefix(path, s.mount); ok && (rest == "" || rest[0] == '/') {
			segments := split(rest)
			for i, part := range segments {
				if plain, err := url.PathUnescape(part); err == nil {
					segments[i] = plain
				}
			}
			return s, segments
		}
	}
	return nil, nil
}

// match gives the route of a request. HEAD is answered as GET is.
func (s *service) match(method string, segments []string) (*route, []string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range s.routes {
		r := &s.routes[i]
		if r.method != method || len(r.segments) != len(segments) {
			continue
		}
		var params []string
		ok := true
		for j, want := range r.segments {
			if strings.HasPrefix(want, "{") {
				params = append(params, segments[j])
			} else if want != segments[j] {
				ok = false
				break
			}
		}
		if ok {
			return r, params
		}
	}
	return nil, nil
}
