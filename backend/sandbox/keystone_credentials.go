package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// appCredential lets its bearer act as a user in one project.
type appCredential struct {
	id, name, description, secret string
	user                          *user
	project                       *project
	expires                       time.Time // zero: never
}

func (a *appCredential) ended(now time.Time) bool {
	return !a.expires.IsZero() && !now.Before(a.expires)
}

func (c *Cloud) appCredential(id string) *appCredential {
	for _, a := range c.appCreds {
		if a.id == id {
			return a
		}
	}
	return nil
}

// ownUser refuses whoever is not the user that the path names.
func (c *call) ownUser(rule string) error {
	if c.param(0) != c.token.user.id && !c.admin() {
		return notAllowed(rule)
	}
	return nil
}

func createAppCredential(c *call) error {
	// Not even an administrator makes one for somebody else.
	if c.param(0) != c.token.user.id || c.token.project == nil {
		return notAllowed("identity:create_application_credential")
	}
	if c.token.credential != nil {
		return notAllowed("Using method 'application_credential' is not allowed for managing additional application credentials.")
	}
	body, _ := c.body()
	want := body["application_credential"]
	a := &appCredential{name: textAt(want, "name"), description: textAt(want, "description"), secret: textAt(want, "secret"),
		user: c.token.user, project: c.token.project}
	if a.name == "" {
		return refuse(http.StatusBadRequest, "'name' is a required property")
	}
	if expiry := textAt(want, "expires_at"); expiry != "" {
		for _, layout := range []string{"2006-01-02T15:04:05.999999Z", "2006-01-02T15:04:05"} {
			if at, err := time.Parse(layout, expiry); err == nil {
				a.expires = at
			}
		}
		if a.expires.IsZero() {
			return refuse(http.StatusBadRequest, "Invalid input for field 'expires_at': '"+expiry+"' is not a 'date-time'")
		}
	}
	for _, other := range c.appCreds {
		if other.user == a.user && other.name == a.name {
			return refuse(http.StatusConflict, "Conflict occurred attempting to store application_credential - Duplicate entry found with name "+a.name+".")
		}
	}
	a.id = c.hexID()
	if a.secret == "" {
		a.secret = c.hexID() + c.hexID()
	}
	c.appCreds = append(c.appCreds, a)
	c.out.object("", func() { c.writeAppCredential("application_credential", a, true) })
	return c.answer(http.StatusCreated)
}

func (c *call) writeAppCredential(key string, a *appCredential, secret bool) {
	c.out.object(key, func() {
		c.out.str("id", a.id)
		c.out.str("name", a.name)
		c.out.strOrNull("description", a.description)
		c.out.str("user_id", a.user.id)
		c.out.str("project_id", a.project.id)
		c.out.null("system")
		c.out.time("expires_at", a.expires, microsZulu)
		c.out.null("unrestricted")
		c.out.array("roles", func() {
			for _, r := range a.user.roles {
				c.out.object("", func() {
					c.out.str("id", r.ID)
					c.out.str("name", r.Name)
					c.out.null("domain_id")
					c.out.null("description")
					c.out.object("options", func() {})
				})
			}
		})
		if secret {
			c.out.str("secret", a.secret)
		}
		c.out.object("links", func() { c.out.str("self", c.url("/v3/application_credentials/"+a.id)) })
	})
}

func listAppCredentials(c *call) error {
	if err := c.ownUser("identity:list_application_credentials"); err != nil {
		return err
	}
	c.out.object("", func() {
		c.out.array("application_credentials", func() {
			for _, a := range c.appCreds {
				if a.user.id == c.param(0) {
					c.writeAppCredential("", a, false)
				}
			}
		})
		c.writeListLinks("/v3/users/" + c.param(0) + "/application_credentials")
	})
	return c.answer(http.StatusOK)
}

// ownAppCredential gives the credential that the path names.
func (c *call) ownAppCredential(rule string) (*appCredential, error) {
	if err := c.ownUser(rule); err != nil {
		return nil, err
	}
	if a := c.appCredential(c.param(1)); a != nil && a.user.id == c.param(0) {
		return a, nil
	}
	return nil, refuse(http.StatusNotFound, "Could not find Application Credential: "+c.param(1)+".")
}

func showAppCredential(c *call) error {
	a, err := c.ownAppCredential("identity:get_application_credential")
	if err != nil {
		return err
	}
	c.out.object("", func() { c.writeAppCredential("application_credential", a, false) })
	return c.answer(http.StatusOK)
}

// deleteAppCredential ends a credential and the tokens that it made.
func deleteAppCredential(c *call) error {
	a, err := c.ownAppCredential("identity:delete_application_credential")
	if err != nil {
		return err
	}
	c.appCreds = slices.DeleteFunc(c.appCreds, func(x *appCredential) bool { return x == a })
	for _, t := range c.tokens {
		if t.credential == a {
			t.revoked = true
		}
	}
	return c.answer(http.StatusNoContent)
}
