package openstack

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/occimi/occimi/model"
)

const (
	// expiryMargin is how long before its end a token is no longer used: a
	// request that begins with it shall also end with it.
	expiryMargin = 30 * time.Second
	// trustFor is how long a token that a client sent is believed without
	// asking again: Keystone may revoke it.
	trustFor = 5 * time.Minute
	// doubtFor is how long refused credentials stay refused without asking.
	doubtFor = 5 * time.Second
)

// session is a login that Keystone has granted. It holds no password.
type session struct {
	token     string
	identity  model.Identity
	endpoints map[model.Service]string
	// credential is the application credential of the login, if it has one.
	credential string
	// admin sessions are shown other tenants' things by OpenStack.
	admin bool
}

// loginKey stands for credentials in memory: a keyed hash, so that a dump holds
// neither passwords nor what they could be guessed by.
type loginKey [sha256.Size]byte

func (p *Provider) loginKey(c model.Credentials) loginKey {
	mac := hmac.New(sha256.New, p.hashKey)
	for _, part := range []string{c.Token, c.Username, c.UserDomain, c.Password, c.ApplicationCredentialID, c.Project, c.ProjectDomain} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		mac.Write(size[:])
		_, _ = io.WriteString(mac, part) // a hash does not fail
	}
	return loginKey(mac.Sum(nil))
}

// Login implements model.Provider. Credentials that name no project get the one
// they are bound to, then the user's default project, then the user's only one.
func (p *Provider) Login(ctx context.Context, c model.Credentials) (model.Cloud, error) {
	if err := plausible(c); err != nil {
		return nil, err
	}
	key := p.loginKey(c)
	s, err := p.session(ctx, key, c)
	if err != nil {
		return nil, err
	}
	return p.open(s, key, c), nil
}

// plausible refuses what cannot be credentials without a call.
func plausible(c model.Credentials) error {
	given := 0
	for _, part := range []string{c.Token, c.Username, c.ApplicationCredentialID} {
		if part != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return model.Errorf(model.Unauthorized, "no credentials were given")
	case given > 1:
		return model.Errorf(model.Invalid, "give either a token, or a user, or an application credential")
	case len(c.Token) > 16<<10 || strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return model.Errorf(model.Unauthorized, "the token is not one of Keystone's")
	}
	for _, part := range [...]string{c.Username, c.UserDomain, c.Password, c.ApplicationCredentialID, c.Project, c.ProjectDomain} {
		if strings.ContainsFunc(part, unicode.IsControl) { // RFC 7617 2 forbids them, and Keystone breaks on some
			return model.Errorf(model.Unauthorized, "a name or a password has control characters in it")
		}
	}
	return nil
}

// session gives the login of the credentials, from memory if it is there.
func (p *Provider) session(ctx context.Context, key loginKey, c model.Credentials) (*session, error) {
	s, hit, err := p.logins.get(ctx, key, func(ctx context.Context) (*session, time.Duration, error) {
		s, err := p.logIn(ctx, c)
		if err != nil {
			return nil, keepFailure(err), err
		}
		keep := trustFor
		if !s.identity.Expires.IsZero() {
			keep = s.identity.Expires.Sub(p.config.Now()) - expiryMargin
		}
		if c.Token != "" {
			keep = min(keep, trustFor)
		}
		return s, keep, nil
	})
	p.metrics.login(hit)
	if err == nil {
		return s, nil
	}
	if e := interrupted(err); e != nil {
		return nil, e
	}
	return nil, err
}

// keepFailure tells how long a failure is remembered: a refusal stands for a
// moment, a service that is down may be up again at once.
func keepFailure(err error) time.Duration {
	e := model.AsError(err)
	switch e.Code {
	case model.Unauthorized, model.Forbidden, model.Invalid:
		return doubtFor
	case model.RateLimited:
		return min(max(e.RetryAfter, time.Second), doubtFor)
	}
	return 0
}

// logIn asks Keystone.
func (p *Provider) logIn(ctx context.Context, c model.Credentials) (*session, error) {
	t, err := p.authenticate(ctx, c)
	if err != nil {
		return nil, err
	}
	if !t.scopedAs(c) {
		if t, err = p.rescope(ctx, t, c); err != nil {
			return nil, err
		}
	}
	if !t.Expires.IsZero() && !t.Expires.After(p.config.Now()) {
		return nil, model.Errorf(model.Unauthorized, "the token has expired")
	}
	s := &session{
		token:      t.value,
		endpoints:  p.config.endpoints(t.Catalog),
		credential: t.ApplicationCredential.ID,
		identity: model.Identity{
			ProjectID:   t.Project.ID,
			ProjectName: t.Project.Name,
			UserID:      t.User.ID,
			UserName:    t.User.Name,
			Expires:     t.Expires.UTC(),
		},
	}
	for _, role := range t.Roles {
		s.identity.Roles = append(s.identity.Roles, role.Name)
		s.admin = s.admin || strings.EqualFold(role.Name, "admin")
	}
	slices.Sort(s.identity.Roles)
	return s, nil
}

// rescope gives a token of the same user for the project that is wanted.
func (p *Provider) rescope(ctx context.Context, t keystoneToken, c model.Credentials) (keystoneToken, error) {
	if c.ApplicationCredentialID != "" {
		return t, model.Errorf(model.Forbidden, "the application credential is bound to project %q", t.Project.Name)
	}
	scope := projectScope{}
	if c.Project != "" && c.ProjectDomain != "" {
		scope.Name, scope.Domain = c.Project, p.domain(c.ProjectDomain)
	} else {
		projects, err := p.projects(ctx, t.value)
		if err != nil {
			return t, err
		}
		if scope.ID, err = choose(projects, t.User.Domain.ID, c.Project); err != nil {
			return t, err
		}
	}
	scoped, err := p.exchange(ctx, t.value, scope)
	if model.IsCode(err, model.Unauthorized) || model.IsCode(err, model.NotFound) || model.IsCode(err, model.Forbidden) {
		return t, model.Errorf(model.Forbidden, "the credentials do not open project %q", bounded(cmp.Or(c.Project, scope.ID), 64))
	}
	return scoped, err
}

// choose gives the id of the wanted project among a user's, by id or by name in
// the user's domain, or of the only one if none is wanted. Its errors do not name
// the user: they go to the log, too.
func choose(projects []keystoneProject, userDomain, wanted string) (string, error) {
	var names []string
	for _, p := range projects {
		if wanted != "" && (p.ID == wanted || p.Name == wanted && p.DomainID == userDomain) {
			return p.ID, nil
		}
		names = append(names, p.Name+" ("+p.ID+")")
	}
	switch {
	case wanted != "":
		return "", model.Errorf(model.Forbidden, "the user has no project %q", bounded(wanted, 64))
	case len(projects) == 0:
		return "", model.Errorf(model.Forbidden, "the user has no project")
	case len(projects) > 1:
		return "", model.Errorf(model.Invalid, "the user has several projects; choose one of: %s", bounded(oneLine(strings.Join(names, ", ")), maxChoices))
	}
	return projects[0].ID, nil
}
