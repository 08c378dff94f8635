package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/backend/sandbox"
)

func TestTokensExpireByTheClock(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now, TokenLife: time.Minute})
	s, other := login(t, auth, "demo"), login(t, auth, "admin")
	show := func(who *session) int {
		return who.do("keystone", "GET", "/auth/tokens", nil, "X-Subject-Token", s.token).status
	}
	now.Advance(time.Minute - time.Second)
	if got := show(s); got != 200 {
		t.Errorf("a second before the end: %d, want 200", got)
	}
	fresh := login(t, auth, "admin")
	now.Advance(time.Second)
	for name, got := range map[string]int{"own": show(s), "a service's": s.do("nova", "GET", "/servers", nil).status, "another's": show(other)} {
		if got != 401 {
			t.Errorf("%s call with an expired token: %d, want 401", name, got)
		}
	}
	if got := show(fresh); got != 404 {
		t.Errorf("expired subject: %d, want 404", got)
	}
}

func TestRescopedTokenKeepsItsEnd(t *testing.T) {
	now := newClock()
	_, auth := start(t, sandbox.Options{Now: now.Now})
	s := login(t, auth, "demo")
	first := s.do("keystone", "GET", "/auth/tokens", nil, "X-Subject-Token", s.token).str("token", "expires_at")
	now.Advance(10 * time.Minute)
	again := s.want(201, s.do("keystone", "POST", "/auth/tokens", object{"auth": object{
		"identity": object{"methods": []string{"token"}, "token": object{"id": s.token}}, "scope": object{"project": object{"id": s.project}}}}))
	if got := again.str("token", "expires_at"); got != first {
		t.Errorf("rescoped token ends %s, want %s", got, first)
	}
}

func TestLoginScopes(t *testing.T) {
	_, auth := start(t, sandbox.Options{Users: []sandbox.User{
		{Name: "one", Password: "pw", Projects: []string{"red", "blue"}, DefaultProject: "blue"},
		{Name: "two", Password: "pw", Projects: []string{"red"}},
	}})
	s := &session{t: t}
	project := func(name string) any {
		return object{"project": object{"name": name, "domain": object{"name": "Default"}}}
	}
	for _, c := range []struct {
		name, user, password string
		scope                any
		status               int
		project              string
	}{
		{"default project", "one", "pw", nil, 201, "blue"},
		{"no default project", "two", "pw", nil, 201, ""},
		{"explicitly unscoped", "one", "pw", "unscoped", 201, ""},
		{"by name", "one", "pw", project("red"), 201, "red"},
		{"another's project", "two", "pw", project("blue"), 401, ""},
		{"no such project", "two", "pw", project("green"), 401, ""},
		{"wrong password", "two", "no", nil, 401, ""},
	} {
		a := s.send("POST", auth+"/auth/tokens", passwordLogin(c.user, c.password, c.scope))
		if a.status != c.status || a.str("token", "project", "name") != c.project {
			t.Errorf("%s: %d in project %q, want %d in %q", c.name, a.status, a.str("token", "project", "name"), c.status, c.project)
		}
		if has := a.get("token", "catalog") != nil; a.status == 201 && has != (c.project != "") {
			t.Errorf("%s: catalog %v", c.name, has)
		}
	}
}

func TestCatalogFollowsOptionsAndHost(t *testing.T) {
	_, auth := start(t, sandbox.Options{Services: []string{"nova", "glance"}, Region: "north"})
	s := login(t, auth, "demo")
	a := s.want(200, s.send("GET", auth+"/auth/catalog", nil))
	var got []string
	for _, e := range a.list("catalog") {
		got = append(got, dig(e, "type").(string)+" "+dig(e, "endpoints", 0, "region").(string))
	}
	if diff := cmp.Diff([]string{"identity north", "compute north", "image north"}, got); diff != "" {
		t.Errorf("catalog (-want +got):\n%s", diff)
	}
	base := auth[:len(auth)-len("/identity/v3")]
	if got, want := s.urls["nova"], base+"/compute/v2.1"; got != want {
		t.Errorf("compute is at %s, want %s", got, want)
	}
	if got := s.send("GET", base+"/volume/v3", nil).status; got != http.StatusNotFound {
		t.Errorf("absent Cinder answers %d, want 404", got)
	}
}

func TestApplicationCredentialEndsWithItsTokens(t *testing.T) {
	_, auth := start(t, sandbox.Options{})
	s := login(t, auth, "demo")
	path := "/users/" + s.user + "/application_credentials"
	made := s.want(201, s.do("keystone", "POST", path, object{"application_credential": object{"name": "robot"}}))
	a := s.want(201, s.do("keystone", "POST", "/auth/tokens", object{"auth": object{"identity": object{"methods": []string{"application_credential"},
		"application_credential": object{"name": "robot", "user": object{"id": s.user}, "secret": made.str("application_credential", "secret")}}}}))
	token := a.header.Get("X-Subject-Token")
	if got := a.str("token", "project", "id"); got != s.project {
		t.Errorf("project %q, want %q", got, s.project)
	}
	s.want(200, s.do("nova", "GET", "/servers", nil, "X-Auth-Token", token))
	s.want(204, s.do("keystone", "DELETE", path+"/"+made.str("application_credential", "id"), nil))
	s.want(401, s.do("nova", "GET", "/servers", nil, "X-Auth-Token", token))
}
