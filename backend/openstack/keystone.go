package openstack

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/occimi/occimi/model"
)

// keystoneToken is what Keystone tells of a token.
type keystoneToken struct {
	User    tokens.User           `json:"user"`
	Expires time.Time             `json:"expires_at"`
	Project tokens.Project        `json:"project"`
	Roles   []tokens.Role         `json:"roles"`
	Catalog []tokens.CatalogEntry `json:"catalog"`
	// ApplicationCredential is what the token was made with, if it was.
	ApplicationCredential struct {
		ID string `json:"id"`
	} `json:"application_credential"`

	value string
}

type keystoneProject struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	DomainID string `json:"domain_id"`
}

// scopedAs tells whether the token is for the project that is wanted, or for any
// if none is.
func (t keystoneToken) scopedAs(c model.Credentials) bool {
	switch {
	case t.Project.ID == "":
		return false
	case c.Project == "" || c.Project == t.Project.ID:
		return true
	case c.Project != t.Project.Name:
		return false
	}
	domain := c.ProjectDomain
	return domain == "" && t.Project.Domain.ID == t.User.Domain.ID || domain == t.Project.Domain.Name || domain == t.Project.Domain.ID
}

// Bodies of Keystone's POST /v3/auth/tokens.
type (
	keystoneAuth struct {
		Auth keystoneAuthBody `json:"auth"`
	}
	keystoneAuthBody struct {
		Identity map[string]any `json:"identity"`
		Scope    any            `json:"scope,omitempty"`
	}
	projectScope struct {
		ID     string          `json:"id,omitempty"`
		Name   string          `json:"name,omitempty"`
		Domain *keystoneDomain `json:"domain,omitempty"`
	}
	keystoneDomain struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
)

// domainID matches the ids of domains. They look like no name that people give,
// so that a user can give either without saying which.
var domainID = regexp.MustCompile(`^([0-9a-f]{32}|default)$`)

// domain refers to a domain by name or id; to the configured one if none is
// given.
func (p *Provider) domain(nameOrID string) *keystoneDomain {
	nameOrID = cmp.Or(nameOrID, p.config.DefaultDomain)
	if domainID.MatchString(nameOrID) {
		return &keystoneDomain{ID: nameOrID}
	}
	return &keystoneDomain{Name: nameOrID}
}

// authenticate has Keystone judge the credentials. A password is not scoped
// here if a project is wanted: Keystone's 401 would not tell a bad password from
// a project that the user does not have, and a project may be named by its id.
func (p *Provider) authenticate(ctx context.Context, c model.Credentials) (keystoneToken, error) {
	switch {
	case c.Token != "":
		t, err := p.validate(ctx, c.Token)
		return t, because(err, "the token is not valid, or has expired")
	case c.ApplicationCredentialID != "":
		t, err := p.postToken(ctx, keystoneAuthBody{Identity: map[string]any{
			"methods":                []string{"application_credential"},
			"application_credential": map[string]any{"id": c.ApplicationCredentialID, "secret": c.Password},
		}})
		return t, because(err, "the application credential, or its secret, is wrong")
	}
	body := keystoneAuthBody{Identity: map[string]any{
		"methods": []string{"password"},
		"password": map[string]any{"user": map[string]any{
			"name": c.Username, "domain": p.domain(c.UserDomain), "password": c.Password,
		}},
	}}
	if c.Project != "" {
		body.Scope = "unscoped"
	}
	t, err := p.postToken(ctx, body)
	return t, because(err, "the user, the domain or the password is wrong")
}

// because says why Keystone answered 401 or 404 to credentials.
func because(err error, why string) error {
	if model.IsCode(err, model.Unauthorized) || model.IsCode(err, model.NotFound) {
		e := *model.AsError(err)
		e.Code, e.Message = model.Unauthorized, why
		return &e
	}
	return err
}

// validate asks Keystone about a token, with the token itself.
func (p *Provider) validate(ctx context.Context, token string) (keystoneToken, error) {
	var answer struct {
		Token keystoneToken `json:"token"`
	}
	_, err := p.send(ctx, p.keystone, request{
		name: "token_validate", method: http.MethodGet, path: "auth/tokens", answer: &answer,
		header: map[string]string{"X-Auth-Token": token, "X-Subject-Token": token},
	})
	answer.Token.value = token
	return answer.Token, err
}

// exchange gives a token of the same user for a project.
func (p *Provider) exchange(ctx context.Context, token string, scope projectScope) (keystoneToken, error) {
	return p.postToken(ctx, keystoneAuthBody{
		Identity: map[string]any{"methods": []string{"token"}, "token": map[string]any{"id": token}},
		Scope:    map[string]any{"project": scope},
	})
}

func (p *Provider) postToken(ctx context.Context, body keystoneAuthBody) (keystoneToken, error) {
	var answer struct {
		Token keystoneToken `json:"token"`
	}
	header, err := p.send(ctx, p.keystone, request{
		name: "token_create", method: http.MethodPost, path: "auth/tokens",
		body: keystoneAuth{body}, answer: &answer,
	})
	if err != nil {
		return keystoneToken{}, err
	}
	answer.Token.value = header.Get("X-Subject-Token")
	if answer.Token.value == "" {
		return keystoneToken{}, model.Errorf(model.Unavailable, "the identity service gave no token")
	}
	return answer.Token, nil
}

// projects lists the projects that the token's user has a role in.
func (p *Provider) projects(ctx context.Context, token string) ([]keystoneProject, error) {
	var answer struct {
		Projects []keystoneProject `json:"projects"`
	}
	_, err := p.send(ctx, p.keystone, request{
		name: "auth_project_list", method: http.MethodGet, path: "auth/projects", answer: &answer,
		header: map[string]string{"X-Auth-Token": token},
	})
	return answer.Projects, err
}
