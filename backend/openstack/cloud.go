package openstack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/occimi/occimi/model"
)

// cloud is model.Cloud for one request: a login, and the client that bears it.
// There is one file per noun.
type cloud struct {
	p      *Provider
	login  *session
	tenant tenant
	client *gophercloud.ProviderClient
	// hides tells that what is being deleted is gone already.
	hides bool
}

var _ model.Cloud = (*cloud)(nil)

// tenant keys what is remembered of a tenant's lists: by user and roles too,
// since the cloud's policies may show different things to different users of a
// project, and by application credential, whose access rules may allow less
// than its user's roles. A Provider has but one region.
type tenant struct{ project, user, roles, credential string }

// open gives the cloud of a login. credentials that are not a token log in anew
// when the token ends in mid-request; a 401 means that nothing was done, so the
// call is then repeated.
func (p *Provider) open(s *session, key loginKey, credentials model.Credentials) *cloud {
	client := p.client()
	client.SetToken(s.token)
	client.ReauthFunc = func(ctx context.Context) error {
		p.logins.drop(key, func(kept *session) bool { return kept == s })
		if credentials.Token != "" {
			return model.Errorf(model.Unauthorized, "the token is no longer valid")
		}
		// Other calls of the request wait for this one: it must not end with
		// the first of them.
		fresh, err := p.session(context.WithoutCancel(ctx), key, credentials)
		if err != nil {
			return err
		}
		if fresh.identity.ProjectID != s.identity.ProjectID { // the user's default one has changed
			return model.Errorf(model.Unauthorized, "the login is no longer for the same project")
		}
		client.SetToken(fresh.token)
		return nil
	}
	return &cloud{
		p:      p,
		login:  s,
		client: client,
		tenant: tenant{s.identity.ProjectID, s.identity.UserID, strings.Join(s.identity.Roles, "\n"), s.credential},
	}
}

// Identity implements model.Cloud.
func (c *cloud) Identity() model.Identity {
	id := c.login.identity
	id.Roles = slices.Clone(id.Roles)
	return id
}

// WithoutDeleting implements model.Cloud.
func (c *cloud) WithoutDeleting() model.Cloud {
	hiding := *c
	hiding.hides = true
	return &hiding
}

// Offers implements model.Cloud.
func (c *cloud) Offers(s model.Service) bool { return c.login.endpoints[s] != "" }

// service gives a client of a service, and the microversion it speaks.
func (c *cloud) service(ctx context.Context, name model.Service) (*gophercloud.ServiceClient, microversion, error) {
	endpoint := c.login.endpoints[name]
	s, known := serviceNamed(name)
	if endpoint == "" || !known {
		return nil, microversion{}, model.Errorf(model.Unsupported, "this cloud offers no %s service", name)
	}
	client := &gophercloud.ServiceClient{ProviderClient: c.client, Endpoint: endpoint, Type: string(name)}
	if s.floor == (microversion{}) {
		return client, microversion{}, nil
	}
	r, err := c.p.microversions(ctx, s, endpoint, c.login.token)
	if err != nil {
		return nil, microversion{}, contextError(err)
	}
	v, err := s.choose(r, c.p.ceilings[name])
	if err != nil {
		return nil, microversion{}, err
	}
	client.Microversion = v.String()
	return client, v, nil
}

// call makes one call to a service.
func (c *cloud) call(ctx context.Context, name model.Service, r request) error {
	client, _, err := c.service(ctx, name)
	if err != nil {
		return err
	}
	_, err = c.p.send(ctx, client, r)
	return err
}

// get is call for one thing.
func (c *cloud) get(ctx context.Context, name model.Service, callName, path string, answer any) error {
	return c.call(ctx, name, request{name: callName, method: http.MethodGet, path: path, answer: answer})
}

// changingFor is how long a list is remembered that holds something in
// transition, whose state will soon be another: long enough to spare a busy
// tenant's cloud, too short for a user to notice.
const changingFor = time.Second

// remembered gives a tenant's list, at most as old as configured. load tells
// whether something in it is in transition.
func remembered[V any](ctx context.Context, c *cloud, m *memo[tenant, V], load func(context.Context) (list V, changing bool, err error)) (V, error) {
	v, _, err := m.get(ctx, c.tenant, func(ctx context.Context) (V, time.Duration, error) {
		v, changing, err := load(ctx)
		keep := c.p.config.ListCacheFor
		switch {
		case err != nil:
			keep = 0
		case changing:
			keep = min(keep, changingFor)
		}
		return v, keep, err
	})
	return v, contextError(err)
}

// contextError makes the end of a context a *model.Error.
func contextError(err error) error {
	if e := interrupted(err); e != nil {
		return e
	}
	return err
}

// ofProject matches the memories of all users of a project.
func ofProject(project string) func(tenant) bool {
	return func(t tenant) bool { return t.project == project }
}
