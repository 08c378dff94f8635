package sandbox

import "net/http"

// neutron is the network service, version 2.0.
func neutron() *service {
	s := &service{
		name: "neutron", typ: "network", mount: "/network",
		before: neutronBefore, render: neutronRender, wide: wideInNeutron,
		routes: []route{
			{method: "GET", path: "/", handle: neutronVersions, open: true},
			{method: "GET", path: "/v2.0", handle: neutronResources},
			{method: "GET", path: "/v2.0/extensions", handle: listExtensions},
			{method: "GET", path: "/v2.0/extensions/{alias}", handle: showExtension},
			{method: "GET", path: "/v2.0/quotas/{project}", handle: showNetworkQuotas},
			{method: "PUT", path: "/v2.0/routers/{id}/add_router_interface", handle: addRouterInterface},
			{method: "PUT", path: "/v2.0/routers/{id}/remove_router_interface", handle: removeRouterInterface},
		},
	}
	s.routes = append(s.routes, networkKind.routes()...)
	s.routes = append(s.routes, subnetKind.routes()...)
	s.routes = append(s.routes, portKind.routes()...)
	s.routes = append(s.routes, routerKind.routes()...)
	s.routes = append(s.routes, floatingIPKind.routes()...)
	s.routes = append(s.routes, groupKind.routes()...)
	s.routes = append(s.routes, ruleKind.routes()...)
	return s
}

func neutronBefore(c *call) error {
	if c.route == nil || !c.route.open {
		if err := c.authenticate(); err != nil {
			return err
		}
	}
	if c.route == nil {
		return refuseAs(http.StatusNotFound, "HTTPNotFound", "The resource could not be found.")
	}
	if p := c.project(); p != "" {
		c.defaultGroup(p) // Neutron makes it at a project's first sight
	}
	return nil
}

func neutronRender(c *call, f *failure) {
	switch {
	case f.status == http.StatusUnauthorized:
		renderUnauthorized(c)
	case f.kind == plainError:
		renderPlain(c, f)
	default:
		kind := f.kind
		if kind == "" {
			kind = "HTTPBadRequest"
		}
		c.out.object("", func() {
			c.out.object("NeutronError", func() {
				c.out.str("type", kind)
				c.out.str("message", f.message)
				c.out.str("detail", "")
			})
		})
	}
}

func neutronVersions(c *call) error {
	c.out.object("", func() {
		c.out.array("versions", func() {
			c.out.object("", func() {
				c.out.str("id", "v2.0")
				c.out.str("status", "CURRENT")
				c.out.array("links", func() { c.out.link("self", c.url("/v2.0/")) })
			})
		})
	})
	return c.answer(http.StatusOK)
}

func neutronResources(c *call) error {
	c.out.object("", func() {
		c.out.array("resources", func() {
			for _, name := range []string{"network", "subnet", "port"} {
				c.out.object("", func() {
					c.out.str("name", name)
					c.out.str("collection", name+"s")
					c.out.array("links", func() { c.out.link("self", c.url("/v2.0/"+name+"s")) })
				})
			}
		})
	})
	return c.answer(http.StatusOK)
}

// extensions are those that the sandbox has, with their names.
var extensions = [][2]string{
	{"external-net", "Neutron external network"},
	{"net-mtu", "Network MTU"},
	{"net-mtu-writable", "Network MTU (writable)"},
	{"pagination", "Pagination support"},
	{"sorting", "Sorting support"},
	{"port-security", "Port Security"},
	{"project-id", "project_id field enabled"},
	{"quotas", "Quota management support"},
	{"router", "Neutron L3 Router"},
	{"ext-gw-mode", "Neutron L3 Configurable external gateway mode"},
	{"security-group", "security-group"},
	{"standard-attr-description", "standard-attr-description"},
	{"standard-attr-revisions", "Resource revision numbers"},
	{"standard-attr-tag", "Tag support for resources with standard attribute: port, subnet, network, router, floatingip, security_group"},
	{"standard-attr-timestamp", "Resource timestamps"},
}

func (c *call) writeExtension(key string, e [2]string) {
	c.out.object(key, func() {
		c.out.str("name", e[1])
		c.out.str("alias", e[0])
		c.out.str("description", e[1])
		c.out.str("updated", "2015-01-01T10:00:00-00:00")
		c.out.any("links", []string{})
	})
}

func listExtensions(c *call) error {
	c.out.object("", func() {
		c.out.array("extensions", func() {
			for _, e := range extensions {
				c.writeExtension("", e)
			}
		})
	})
	return c.answer(http.StatusOK)
}

func showExtension(c *call) error {
	for _, e := range extensions {
		if e[0] == c.param(0) {
			c.out.object("", func() { c.writeExtension("extension", e) })
			return c.answer(http.StatusOK)
		}
	}
	return &failure{status: http.StatusNotFound, kind: plainError, message: "The resource could not be found.", detail: "Extension with alias " + c.param(0) + " does not exist"}
}

func showNetworkQuotas(c *call) error {
	if c.param(0) != c.project() && !c.admin() {
		return refuseAs(http.StatusForbidden, "AdminRequired", "User does not have admin privileges: Only admin can view or configure quota.")
	}
	return c.object(http.StatusOK, "quota", func() {
		for _, name := range []string{"network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule"} {
			c.out.num(name, c.quota(name))
		}
	})
}
