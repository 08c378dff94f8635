package sandbox

import (
	"net/http"
	"strings"
	"time"
)

type token struct {
	id         string
	user       *user
	project    *project // nil: unscoped
	methods    []string
	auditIDs   []string
	issued     time.Time
	expires    time.Time
	revoked    bool
	credential *appCredential // nil: not made by one
}

func (t *token) isAdmin() bool {
	return t.project != nil && t.user.Admin
}

// at gives the member of nested objects that a path of keys leads to.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

func textAt(v any, keys ...string) string {
	s, _ := at(v, keys...).(string)
	return s
}

// createToken is POST /v3/auth/tokens.
func createToken(c *call) error {
	body, ok := c.body()
	if !ok {
		if !strings.HasPrefix(c.req.Header.Get("Content-Type"), "application/json") {
			return badIdentity("application/json", "Content-Type header")
		}
		return badIdentity("valid JSON", "request body")
	}
	auth, ok := body["auth"].(map[string]any)
	if !ok {
		return badIdentity("auth", "request body")
	}
	identity, ok := auth["identity"].(map[string]any)
	if !ok {
		return refuse(http.StatusBadRequest, "'identity' is a required property")
	}
	methods, _ := identity["methods"].([]any)
	if len(methods) == 0 {
		return refuse(http.StatusBadRequest, "'methods' is a required property")
	}
	t := &token{}
	for _, m := range methods {
		name, _ := m.(string)
		data, ok := identity[name].(map[string]any)
		if !ok {
			return badIdentity(name, "identity")
		}
		login, ok := loginMethods[name]
		if !ok {
			return unauthorized()
		}
		if err := login(c, t, data); err != nil {
			return err
		}
		t.methods = append(t.methods, name)
	}
	if err := c.scope(t, auth["scope"]); err != nil {
		return err
	}
	c.issue(t)
	c.token = t
	c.header.Set("X-Subject-Token", t.id)
	c.writeToken(t)
	return c.answer(http.StatusCreated)
}

var loginMethods = map[string]func(*call, *token, map[string]any) error{
	"password":               loginByPassword,
	"token":                  loginByToken,
	"application_credential": loginByAppCredential,
}

func loginByPassword(c *call, t *token, data map[string]any) error {
	u, err := c.userOf(data["user"])
	if err != nil {
		return err
	}
	if u == nil || u.Password != textAt(data, "user", "password") {
		return unauthorized()
	}
	t.user = u
	return nil
}

// userOf finds the user whom a login names; nil if there is none.
func (c *call) userOf(v any) (*user, error) {
	id, name := textAt(v, "id"), textAt(v, "name")
	if id == "" && name == "" {
		return nil, badIdentity("user", "password")
	}
	if id == "" {
		if at(v, "domain") == nil {
			return nil, badIdentity("domain", "user")
		}
		if !isDefaultDomain(at(v, "domain")) {
			return nil, nil
		}
	}
	for _, u := range c.users {
		if u.id == id || id == "" && u.Name == name {
			return u, nil
		}
	}
	return nil, nil
}

func isDefaultDomain(v any) bool {
	return textAt(v, "id") == "default" || strings.EqualFold(textAt(v, "name"), "Default")
}

func loginByToken(c *call, t *token, data map[string]any) error {
	old := c.tokens[textAt(data, "id")]
	if old == nil || old.revoked || !c.now().Before(old.expires) {
		return refuse(http.StatusNotFound, "Could not recognize Fernet token")
	}
	if old.credential != nil {
		return notAllowed("Using a delegated token to create another token is not allowed.")
	}
	t.user, t.expires = old.user, old.expires
	t.methods = append(t.methods, old.methods[0])
	t.auditIDs = old.auditIDs[:1]
	return nil
}

func loginByAppCredential(c *call, t *token, data map[string]any) error {
	var found *appCredential
	if id := textAt(data, "id"); id != "" {
		if found = c.appCredential(id); found == nil {
			return refuse(http.StatusNotFound, "Could not find Application Credential: "+id+".")
		}
	} else {
		u, err := c.userOf(data["user"])
		if err != nil {
			return err
		}
		for _, a := range c.appCreds {
			if a.user == u && a.name == textAt(data, "name") {
				found = a
			}
		}
	}
	if found == nil || found.secret != textAt(data, "secret") || found.ended(c.now()) {
		return unauthorized()
	}
	t.user, t.project, t.credential = found.user, found.project, found
	return nil
}

// scope gives a token its project.
func (c *call) scope(t *token, scope any) error {
	if t.credential != nil {
		if scope != nil {
			return refuse(http.StatusUnauthorized, "Application credentials cannot request a scope.")
		}
		return nil
	}
	if scope == nil {
		if p := t.user.defaultProject; p != nil && t.user.in(p) {
			t.project = p
		}
		return nil
	}
	if scope == "unscoped" || at(scope, "unscoped") != nil {
		return nil
	}
	id, name := textAt(scope, "project", "id"), textAt(scope, "project", "name")
	if id == "" && name != "" && at(scope, "project", "domain") == nil {
		return badIdentity("domain", "project")
	}
	for _, p := range t.user.projects {
		if p.id == id || id == "" && p.name == name && isDefaultDomain(at(scope, "project", "domain")) {
			t.project = p
			return nil
		}
	}
	return unauthorized()
}

// issue gives a token its id and its time.
func (c *call) issue(t *token) {
	t.id = "gAAAAAB" + c.hexID() + c.hexID()
	t.auditIDs = append([]string{c.hexID()[:22]}, t.auditIDs...)
	t.issued = c.now().Truncate(time.Second)
	if t.expires.IsZero() {
		t.expires = t.issued.Add(c.opts.TokenLife)
	}
	c.tokens[t.id] = t
	// An expired token is refused long before it is forgotten.
	c.after(2*c.opts.TokenLife, func() { delete(c.tokens, t.id) })
}

func (c *call) writeToken(t *token) {
	_, noCatalog := c.query["nocatalog"]
	_ = c.object(0, "token", func() {
		c.out.any("methods", t.methods)
		c.out.object("user", func() {
			c.writeDomain()
			c.out.str("id", t.user.id)
			c.out.str("name", t.user.Name)
			c.out.null("password_expires_at")
		})
		c.out.any("audit_ids", t.auditIDs)
		c.out.time("expires_at", t.expires, microsZulu)
		c.out.time("issued_at", t.issued, microsZulu)
		if t.project == nil {
			return
		}
		c.out.object("project", func() {
			c.writeDomain()
			c.out.str("id", t.project.id)
			c.out.str("name", t.project.name)
		})
		c.out.bool("is_domain", false)
		c.out.any("roles", t.user.roles)
		if !noCatalog {
			own := c.token
			c.token = t // the catalog is the subject's, not the caller's
			c.writeCatalog()
			c.token = own
		}
		if a := t.credential; a != nil {
			c.out.object("application_credential", func() {
				c.out.str("id", a.id)
				c.out.str("name", a.name)
				c.out.bool("restricted", true)
			})
		}
	})
}

func (c *call) writeDomain() {
	c.out.object("domain", func() {
		c.out.str("id", "default")
		c.out.str("name", "Default")
	})
}

// subject gives the token of X-Subject-Token, if the caller may see it.
func (c *call) subject(rule string) (*token, error) {
	id := c.req.Header.Get("X-Subject-Token")
	if id == "" {
		return nil, notAllowed(rule)
	}
	t := c.tokens[id]
	switch {
	case t == nil:
		return nil, refuse(http.StatusNotFound, "Could not recognize Fernet token")
	case t.revoked || !c.now().Before(t.expires):
		return nil, refuse(http.StatusNotFound, "Failed to validate token")
	case t.user != c.token.user && !c.admin():
		return nil, notAllowed(rule)
	}
	return t, nil
}

func showToken(c *call) error {
	t, err := c.subject("identity:validate_token")
	if err != nil {
		return err
	}
	c.header.Set("X-Subject-Token", t.id)
	c.writeToken(t)
	return c.answer(http.StatusOK)
}

func revokeToken(c *call) error {
	t, err := c.subject("identity:revoke_token")
	if err != nil {
		return err
	}
	t.revoked = true
	return c.answer(http.StatusNoContent)
}
