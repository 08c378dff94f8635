package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// keystone is the identity service, version 3.
func keystone() *service {
	return &service{
		name: "keystone", typ: "identity", mount: "/identity", catalogPath: "/v3",
		before: keystoneBefore, render: keystoneRender,
		routes: []route{
			{method: "GET", path: "/", handle: keystoneVersions, open: true},
			{method: "GET", path: "/v3", handle: keystoneVersion, open: true},
			{method: "POST", path: "/v3/auth/tokens", handle: createToken, open: true},
			{method: "GET", path: "/v3/auth/tokens", handle: showToken},
			{method: "DELETE", path: "/v3/auth/tokens", handle: revokeToken},
			{method: "GET", path: "/v3/auth/projects", handle: listOwnProjects},
			{method: "GET", path: "/v3/auth/catalog", handle: showCatalog},
			{method: "GET", path: "/v3/projects", handle: listProjects},
			{method: "GET", path: "/v3/projects/{id}", handle: showProject},
			{method: "GET", path: "/v3/users/{id}", handle: showUser},
			{method: "GET", path: "/v3/users/{id}/projects", handle: listUserProjects},
			{method: "GET", path: "/v3/users/{id}/application_credentials", handle: listAppCredentials},
			{method: "POST", path: "/v3/users/{id}/application_credentials", handle: createAppCredential},
			{method: "GET", path: "/v3/users/{id}/application_credentials/{id}", handle: showAppCredential},
			{method: "DELETE", path: "/v3/users/{id}/application_credentials/{id}", handle: deleteAppCredential},
		},
	}
}

func keystoneBefore(c *call) error {
	c.header.Set("Vary", "X-Auth-Token")
	if c.route == nil {
		return refuse(http.StatusNotFound, "")
	}
	if c.route.open {
		return nil
	}
	return c.authenticate()
}

// keystoneRender writes Keystone's errors; what it does not know, the web
// framework below it refuses in HTML.
func keystoneRender(c *call, f *failure) {
	if f.status == http.StatusNotFound && f.message == "" {
		c.header.Set("Content-Type", "text/html; charset=utf-8")
		c.out.b = append(c.out.b, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n"...)
		return
	}
	if f.status == http.StatusUnauthorized {
		c.header.Set("Www-Authenticate", fmt.Sprintf("Keystone uri=%q", c.base+"/identity/v3"))
	}
	c.out.object("", func() {
		c.out.object("error", func() {
			c.out.num("code", f.status)
			c.out.str("message", f.message)
			c.out.str("title", http.StatusText(f.status))
		})
	})
}

const authenticationRequired = "The request you have made requires authentication."

func unauthorized() error { return refuse(http.StatusUnauthorized, authenticationRequired) }

// badIdentity is how Keystone refuses a body that lacks something.
func badIdentity(missing, where string) error {
	return refuse(http.StatusBadRequest, "Expecting to find "+missing+" in "+where+". The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.")
}

// notAllowed is how Keystone's policy refuses.
func notAllowed(rule string) error {
	return refuse(http.StatusForbidden, "You are not authorized to perform the requested action: "+rule+".")
}

// authenticate puts the token of X-Auth-Token into the call.
func (c *call) authenticate() error {
	t := c.tokens[c.req.Header.Get("X-Auth-Token")]
	if t == nil || t.revoked || !c.now().Before(t.expires) {
		return unauthorized()
	}
	c.token = t
	return nil
}

func keystoneVersions(c *call) error {
	c.header.Set("Location", c.url("/v3/"))
	c.out.object("", func() {
		c.out.object("versions", func() {
			c.out.array("values", func() { c.keystoneVersion("") })
		})
	})
	return c.answer(http.StatusMultipleChoices)
}

func keystoneVersion(c *call) error {
	c.out.object("", func() { c.keystoneVersion("version") })
	return c.answer(http.StatusOK)
}

func (c *call) keystoneVersion(key string) {
	c.out.object(key, func() {
		c.out.str("id", "v3.14")
		c.out.str("status", "stable")
		c.out.str("updated", "2020-04-07T00:00:00Z")
		c.out.array("links", func() { c.out.link("self", c.url("/v3/")) })
		c.out.array("media-types", func() {
			c.out.object("", func() {
				c.out.str("base", "application/json")
				c.out.str("type", "application/vnd.openstack.identity-v3+json")
			})
		})
	})
}

type project struct {
	id, name string
}

type user struct {
	User
	id             string
	projects       []*project
	defaultProject *project
	roles          []role
}

type role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type catalogEntry struct {
	service   *service
	id        string
	endpoints []endpoint
}

type endpoint struct{ id, face string }

// seedIdentity makes projects, users, roles and the catalog.
func (c *Cloud) seedIdentity() {
	roles := map[string]role{}
	for _, name := range []string{"admin", "member", "reader", "heat_stack_owner"} {
		roles[name] = role{ID: c.hexID(), Name: name}
	}
	for _, u := range c.opts.Users {
		one := &user{User: u, id: c.hexID(), roles: []role{roles["heat_stack_owner"], roles["member"], roles["reader"]}}
		if u.Admin {
			one.roles = []role{roles["admin"], roles["member"], roles["reader"]}
		}
		for _, name := range u.Projects {
			one.projects = append(one.projects, c.ensureProject(name))
		}
		if u.DefaultProject != "" {
			one.defaultProject = c.ensureProject(u.DefaultProject)
		}
		c.users = append(c.users, one)
	}
	for _, s := range c.services {
		faces := []string{"public", "internal"}
		if s.name == "keystone" {
			faces = append(faces, "admin")
		}
		entry := catalogEntry{service: s, id: c.hexID()}
		for _, face := range faces {
			entry.endpoints = append(entry.endpoints, endpoint{id: c.hexID(), face: face})
		}
		c.catalog = append(c.catalog, entry)
	}
}

func (c *Cloud) ensureProject(name string) *project {
	if p := c.projectNamed(name); p != nil {
		return p
	}
	p := &project{id: c.hexID(), name: name}
	c.projects = append(c.projects, p)
	return p
}

func (c *Cloud) projectNamed(name string) *project {
	for _, p := range c.projects {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (u *user) in(p *project) bool { return slices.Contains(u.projects, p) }

func (c *call) writeCatalog() {
	c.out.array("catalog", func() {
		for _, entry := range c.catalog {
			s := entry.service
			address := c.base + s.mount + strings.ReplaceAll(s.catalogPath, "%s", c.project())
			c.out.object("", func() {
				c.out.array("endpoints", func() {
					for _, e := range entry.endpoints {
						c.out.object("", func() {
							c.out.str("id", e.id)
							c.out.str("interface", e.face)
							c.out.str("region_id", c.opts.Region)
							c.out.str("url", address)
							c.out.str("region", c.opts.Region)
						})
					}
				})
				c.out.str("id", entry.id)
				c.out.str("type", s.typ)
				c.out.str("name", s.name)
			})
		}
	})
}

func showCatalog(c *call) error {
	if c.token.project == nil {
		return refuse(http.StatusForbidden, "You are not authorized to perform the requested action.")
	}
	c.out.object("", func() {
		c.writeCatalog()
		c.writeListLinks("/v3/auth/catalog")
	})
	return c.answer(http.StatusOK)
}

func (c *call) writeListLinks(path string) {
	c.out.object("links", func() {
		c.out.null("next")
		c.out.str("self", c.url(path))
		c.out.null("previous")
	})
}

func listOwnProjects(c *call) error {
	return c.writeProjects(c.token.user.projects, "/v3/auth/projects")
}

func listProjects(c *call) error {
	if !c.admin() {
		return notAllowed("identity:list_projects")
	}
	return c.writeProjects(c.projects, "/v3/projects")
}

func listUserProjects(c *call) error {
	if c.param(0) != c.token.user.id && !c.admin() {
		return notAllowed("identity:list_user_projects")
	}
	for _, u := range c.users {
		if u.id == c.param(0) {
			return c.writeProjects(u.projects, "/v3/users/"+u.id+"/projects")
		}
	}
	return refuse(http.StatusNotFound, "Could not find user: "+c.param(0)+".")
}

func (c *call) writeProjects(list []*project, path string) error {
	c.out.object("", func() {
		c.out.array("projects", func() {
			for _, p := range list {
				c.writeProject("", p)
			}
		})
		c.writeListLinks(path)
	})
	return c.answer(http.StatusOK)
}

func (c *call) writeProject(key string, p *project) {
	c.out.object(key, func() {
		c.out.str("id", p.id)
		c.out.str("name", p.name)
		c.out.str("domain_id", "default")
		c.out.str("description", "")
		c.out.bool("enabled", true)
		c.out.str("parent_id", "default")
		c.out.bool("is_domain", false)
		c.out.any("tags", []string{})
		c.out.object("options", func() {})
		c.out.object("links", func() { c.out.str("self", c.url("/v3/projects/"+p.id)) })
	})
}

func showProject(c *call) error {
	for _, p := range c.projects {
		if p.id == c.param(0) && (c.admin() || c.token.user.in(p)) {
			c.out.object("", func() { c.writeProject("project", p) })
			return c.answer(http.StatusOK)
		}
	}
	if !c.admin() {
		return notAllowed("identity:get_project")
	}
	return refuse(http.StatusNotFound, "Could not find project: "+c.param(0)+".")
}

func showUser(c *call) error {
	for _, u := range c.users {
		if u.id == c.param(0) && (c.admin() || c.token.user == u) {
			return c.object(http.StatusOK, "user", func() {
				c.out.str("id", u.id)
				c.out.str("name", u.Name)
				c.out.str("domain_id", "default")
				c.out.bool("enabled", true)
				if u.defaultProject != nil {
					c.out.str("default_project_id", u.defaultProject.id)
				}
				c.out.null("password_expires_at")
				c.out.object("options", func() {})
				c.out.object("links", func() { c.out.str("self", c.url("/v3/users/"+u.id)) })
			})
		}
	}
	if !c.admin() {
		return notAllowed("identity:get_user")
	}
	return refuse(http.StatusNotFound, "Could not find user: "+c.param(0)+".")
}
