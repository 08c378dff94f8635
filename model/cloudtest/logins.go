package cloudtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/occimi/occimi/model"
)

func (s *suite) logins(t *testing.T) {
	id := s.cloud.Identity()
	if id.ProjectID == "" || id.ProjectName != s.Tenant.Project || id.UserID == "" || id.UserName != s.Tenant.Username || len(id.Roles) == 0 {
		t.Errorf("the identity is incomplete: %+v", id)
	}
	if !id.Expires.IsZero() && (id.Expires.Location() != time.UTC || id.Expires.Year() < 2020) {
		t.Errorf("the token ends at %v", id.Expires)
	}
	if !s.cloud.Offers(model.ComputeService) || s.cloud.Offers("no-such-service") {
		t.Error("Offers does not tell which services there are")
	}
	if id.ProjectID == s.other.Identity().ProjectID {
		t.Error("both tenants have the same project")
	}

	with := func(change func(*model.Credentials)) model.Credentials {
		c := s.Tenant
		change(&c)
		return c
	}
	for _, test := range []struct {
		name string
		c    model.Credentials
	}{
		{"password, project by id", with(func(c *model.Credentials) { c.Project = id.ProjectID })},
		{"password, no project", with(func(c *model.Credentials) { c.Project = "" })},
		{"password, project in its domain", with(func(c *model.Credentials) { c.UserDomain, c.ProjectDomain = "Default", "Default" })},
		{"token", model.Credentials{Token: s.Token(t, true)}},
		{"token, same project by name", model.Credentials{Token: s.Token(t, true), Project: id.ProjectName}},
		{"unscoped token", model.Credentials{Token: s.Token(t, false)}},
		{"unscoped token, project by name", model.Credentials{Token: s.Token(t, false), Project: id.ProjectName}},
		{"unscoped token, project by id", model.Credentials{Token: s.Token(t, false), Project: id.ProjectID}},
		{"application credential", s.ApplicationCredential(t)},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := s.login(t, test.c)
			if got := c.Identity(); got.ProjectID != id.ProjectID || got.UserID != id.UserID {
				t.Errorf("logged in as %+v, want %+v", got, id)
			}
			if _, err := c.MachineRefs(s.ctx); err != nil {
				t.Errorf("the login is of no use: %v", err)
			}
		})
	}

	app := s.ApplicationCredential(t)
	for _, test := range []struct {
		name string
		c    model.Credentials
		want model.Code
	}{
		{"nothing", model.Credentials{}, model.Unauthorized},
		{"two kinds", with(func(c *model.Credentials) { c.Token = "x" }), model.Invalid},
		{"wrong password", with(func(c *model.Credentials) { c.Password += "x" }), model.Unauthorized},
		{"no password", with(func(c *model.Credentials) { c.Password = "" }), model.Unauthorized},
		{"wrong password, no project", with(func(c *model.Credentials) { c.Password += "y"; c.Project = "" }), model.Unauthorized},
		{"unknown user", with(func(c *model.Credentials) { c.Username = s.prefix + "nobody" }), model.Unauthorized},
		{"unknown domain", with(func(c *model.Credentials) { c.UserDomain = s.prefix + "nowhere" }), model.Unauthorized},
		{"unknown project", with(func(c *model.Credentials) { c.Project = s.prefix + "nothing" }), model.Forbidden},
		{"other's project by name", with(func(c *model.Credentials) { c.Project = s.Other.Project }), model.Forbidden},
		{"other's project by id", with(func(c *model.Credentials) { c.Project = s.other.Identity().ProjectID }), model.Forbidden},
		{"project in unknown domain", with(func(c *model.Credentials) { c.ProjectDomain = s.prefix + "nowhere" }), model.Forbidden},
		{"wrong token", model.Credentials{Token: "gAAAAABkXXXXXXXX"}, model.Unauthorized},
		{"hostile token", model.Credentials{Token: "x\r\nX-Auth-Token: y"}, model.Unauthorized},
		{"huge token", model.Credentials{Token: strings.Repeat("x", 1<<20)}, model.Unauthorized},
		{"token, other's project", model.Credentials{Token: s.Token(t, false), Project: s.Other.Project}, model.Forbidden},
		{"application credential, wrong secret", model.Credentials{ApplicationCredentialID: app.ApplicationCredentialID, Password: "x"}, model.Unauthorized},
		{"application credential, unknown", model.Credentials{ApplicationCredentialID: unknownID, Password: "x"}, model.Unauthorized},
		{"application credential, other's project", model.Credentials{
			ApplicationCredentialID: app.ApplicationCredentialID, Password: app.Password, Project: s.Other.Project,
		}, model.Forbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second answer is a remembered one
				c, err := s.Provider.Login(s.ctx, test.c)
				if c != nil {
					t.Error("got a cloud")
				}
				fails(t, err, test.want)
				if test.c.Password != "" && len(test.c.Password) > 3 && strings.Contains(err.Error(), test.c.Password) {
					t.Errorf("the password is in the error: %v", err)
				}
			}
		})
	}
}

// ended: what a request whose time is over gets.
func (s *suite) ended(t *testing.T) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	_, err := s.cloud.Machines(ctx)
	fails(t, err, model.Timeout)
	_, err = s.cloud.Image(ctx, s.image.ID)
	fails(t, err, model.Timeout)
	late, cancel := context.WithDeadline(s.ctx, time.Unix(1, 0))
	defer cancel()
	_, err = s.cloud.MachineRefs(late)
	fails(t, err, model.Timeout)
	r := s.request("never")
	_, err = s.cloud.CreateMachine(ctx, r)
	fails(t, err, model.Timeout)
	s.nothingNamed(t, r.Name)
}
