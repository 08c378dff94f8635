package openstack_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/model"
)

// settable is a clock.
type settable struct {
	mu  sync.Mutex
	now time.Time
}

func (c *settable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *settable) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestLoginsAreRemembered(t *testing.T) {
	token := model.Credentials{Token: "some-token"}
	for name, test := range map[string]struct {
		c        model.Credentials
		lasts    time.Duration // no new call until then
		prepare  func(*fake)
		fails    model.Code
		perLogin int // calls
	}{
		"token: minutes, since it may be revoked":      {c: token, lasts: 5 * time.Minute, perLogin: 1},
		"password: until shortly before the token end": {c: demo, lasts: 2*time.Hour - 30*time.Second, perLogin: 1},
		"refusal: seconds": {
			c: token, lasts: 5 * time.Second, fails: model.Unauthorized, perLogin: 1,
			prepare: func(f *fake) {
				f.json("GET /identity/v3/auth/tokens", 404, `{"error": {"code": 404, "message": "Could not find token", "title": "Not Found"}}`)
			},
		},
		"somebody else's 404: not at all": {
			c: demo, fails: model.Unavailable, perLogin: 1,
			prepare: func(f *fake) { f.on("POST /identity/v3/auth/tokens", http.NotFound) },
		},
		"an outage: not at all": {
			c: token, fails: model.Unavailable, perLogin: 1,
			prepare: func(f *fake) { f.json("GET /identity/v3/auth/tokens", 500, `{}`) },
		},
		"too many requests: as long as Keystone says, but seconds": {
			c: token, lasts: 2 * time.Second, fails: model.RateLimited, perLogin: 1,
			prepare: func(f *fake) {
				f.on("GET /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", "2")
					respond(w, 429, `{}`)
				})
			},
		},
		"rescoped": {
			c: model.Credentials{Token: "unscoped"}, lasts: 5 * time.Minute, perLogin: 3,
			prepare: func(f *fake) { f.json("GET /identity/v3/auth/tokens", 200, tokenBody("", "u", "member")) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			if test.prepare != nil {
				test.prepare(f)
			}
			clock := &settable{now: start2029}
			config := f.config()
			config.Now = clock.Now
			p := newProvider(t, config)
			login := func() int {
				_, err := p.Login(t.Context(), test.c)
				if test.fails == "" && err != nil || test.fails != "" && !model.IsCode(err, test.fails) {
					t.Fatalf("got %v, want %q", err, test.fails)
				}
				return len(f.made())
			}
			if n := login(); n != test.perLogin {
				t.Errorf("the first login cost %d calls, want %d", n, test.perLogin)
			}
			if test.lasts > 0 {
				clock.advance(test.lasts - time.Second)
				if n := login(); n != 0 {
					t.Errorf("a remembered login cost %d calls", n)
				}
			}
			clock.advance(2 * time.Second)
			if n := login(); n != test.perLogin {
				t.Errorf("a forgotten login cost %d calls, want %d", n, test.perLogin)
			}
		})
	}
}

// TestLoginsAreCoalesced: a thousand requests with one token cost one call, and
// the one that makes it may go away.
func TestLoginsAreCoalesced(t *testing.T) {
	f := newFake()
	arrived, release := make(chan struct{}), make(chan struct{})
	f.on("GET /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		respond(w, 200, tokenBody(fakeProject, "u", "member"))
	})
	registry := prometheus.NewRegistry()
	config := f.config()
	config.Registerer = registry
	p := newProvider(t, config)
	first, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := p.Login(first, model.Credentials{Token: "t"})
		left <- err
	}()
	<-arrived
	leave()
	if err := <-left; !model.IsCode(err, model.Timeout) {
		t.Errorf("who left got %v", err)
	}
	var wg sync.WaitGroup
	const n = 1000
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { _, errs[i] = p.Login(t.Context(), model.Credentials{Token: "t"}) })
	}
	close(release)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls := f.made(); len(calls) != 1 {
		t.Errorf("%d calls for %d logins", len(calls), n+1)
	}
	want := `
# HELP occimi_login_cache_total Logins, by whether they were remembered (hit) or cost calls to Keystone (miss).
# TYPE occimi_login_cache_total counter
occimi_login_cache_total{result="hit"} 1000
occimi_login_cache_total{result="miss"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "occimi_login_cache_total"); err != nil {
		t.Error(err)
	}
}

// TestAbandonedLogins: callers that do not wait for a slow Keystone cannot pile up
// calls to it; who is known goes on.
func TestAbandonedLogins(t *testing.T) {
	f := newFake()
	p := newProvider(t, f.config())
	if _, err := p.Login(t.Context(), model.Credentials{Token: "known"}); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	f.on("GET /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		<-release
		respond(w, 200, tokenBody(fakeProject, "u", "member"))
	})
	gone, leave := context.WithCancel(t.Context())
	leave()
	const most = 1000
	for i := range most {
		if _, err := p.Login(gone, model.Credentials{Token: fmt.Sprint("t", i)}); !model.IsCode(err, model.Timeout) {
			t.Fatalf("login %d: %v", i, err)
		}
	}
	_, err := p.Login(t.Context(), model.Credentials{Token: "one-more"})
	if e := model.AsError(err); !model.IsCode(err, model.Unavailable) || e.RetryAfter != time.Second {
		t.Errorf("one more than %d got %v", most, err)
	}
	if _, err := p.Login(t.Context(), model.Credentials{Token: "known"}); err != nil {
		t.Errorf("who is known got %v", err)
	}
	waits := make(chan error)
	go func() {
		_, err := p.Login(t.Context(), model.Credentials{Token: "t1"})
		waits <- err
	}()
	close(release)
	if err := <-waits; err != nil {
		t.Errorf("who waits got %v", err)
	}
}

// TestLoginsAreApart: credentials that differ in anything are not each other's.
func TestLoginsAreApart(t *testing.T) {
	f := newFake()
	p := newProvider(t, f.config())
	for _, c := range []model.Credentials{
		{Token: "a"}, {Token: "b"}, {Username: "a", Password: "bc"}, {Username: "ab", Password: "c"}, {Username: "a", UserDomain: "bc"},
		{Token: "a", Project: "demo"}, {Token: "a", Project: "demo", ProjectDomain: "Default"}, {ApplicationCredentialID: "a", Password: "bc"},
	} {
		if _, err := p.Login(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if calls := f.made(); len(calls) == 0 {
			t.Errorf("%+v got another's login", c)
		}
	}
}

// TestSeveralProjects: who has none, or has to choose, is told so, but not his own
// name, which is nothing for a log.
func TestSeveralProjects(t *testing.T) {
	f := newFake()
	f.json("GET /identity/v3/auth/tokens", 200, tokenBody("", "u", "member"))
	for name, test := range map[string]struct {
		projects string
		want     model.Code
		names    []string
	}{
		"none":    {`[]`, model.Forbidden, []string{"no project"}},
		"several": {`[{"id": "1", "name": "blue\r\n"}, {"id": "2", "name": "red"}]`, model.Invalid, []string{"blue (1)", "red (2)"}},
	} {
		t.Run(name, func(t *testing.T) {
			f.json("GET /identity/v3/auth/projects", 200, `{"projects": `+test.projects+`}`)
			_, err := newProvider(t, f.config()).Login(t.Context(), model.Credentials{Token: "t"})
			if !model.IsCode(err, test.want) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "demo") {
				t.Errorf("%q names the user", err)
			}
			for _, name := range test.names {
				if !strings.Contains(err.Error(), strings.Fields(name)[0]) || strings.ContainsAny(err.Error(), "\r\n") {
					t.Errorf("%q does not name %q on one line", err, name)
				}
			}
		})
	}
}

// TestImplausible: what can be no credentials costs no call.
func TestImplausible(t *testing.T) {
	f := newFake()
	p := newProvider(t, f.config())
	for name, test := range map[string]struct {
		c    model.Credentials
		want model.Code
	}{
		"none":                            {model.Credentials{Project: "demo"}, model.Unauthorized},
		"two kinds":                       {model.Credentials{Token: "t", Username: "u"}, model.Invalid},
		"a token with a blank":            {model.Credentials{Token: "a b"}, model.Unauthorized},
		"a token that is too long":        {model.Credentials{Token: strings.Repeat("a", 17<<10)}, model.Unauthorized},
		"a password that breaks Keystone": {model.Credentials{Username: "demo", Password: "a\x00b"}, model.Unauthorized},
		"a user of two lines":             {model.Credentials{Username: "de\nmo", Password: "s"}, model.Unauthorized},
		"a project of two lines":          {model.Credentials{Token: "t", Project: "a\r\nb"}, model.Unauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := p.Login(t.Context(), test.c); !model.IsCode(err, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if calls := whats(f.made()); len(calls) > 0 {
				t.Errorf("called %q", calls)
			}
		})
	}
}

// TestApplicationCredentialOfAnotherProject: it opens its own project, and is not
// quietly taken for the one that was asked for.
func TestApplicationCredentialOfAnotherProject(t *testing.T) {
	for project, want := range map[string]model.Code{"": "", "demo": "", fakeProject: "", "other": model.Forbidden} {
		f := newFake()
		_, err := newProvider(t, f.config()).Login(t.Context(), model.Credentials{ApplicationCredentialID: "a", Password: "s", Project: project})
		if want == "" && err != nil || want != "" && (!model.IsCode(err, want) || !strings.Contains(err.Error(), `bound to project "demo"`)) {
			t.Errorf("project %q: got %v, want %q", project, err, want)
		}
		if calls := whats(f.made()); len(calls) != 1 {
			t.Errorf("project %q: %q", project, calls)
		}
	}
}

// TestTokenEndsInMidRequest: a 401 means that nothing was done.
func TestTokenEndsInMidRequest(t *testing.T) {
	for name, test := range map[string]struct {
		c     model.Credentials
		fresh bool // Keystone gives a good token now
		want  model.Code
		calls []string
	}{
		"password": {demo, true, "", []string{
			"POST /compute/v2.1/servers/x/action", "POST /identity/v3/auth/tokens", "POST /compute/v2.1/servers/x/action",
		}},
		"password, but no good token to be had": {demo, false, model.Unauthorized, []string{
			"POST /compute/v2.1/servers/x/action", "POST /identity/v3/auth/tokens", "POST /compute/v2.1/servers/x/action",
		}},
		"token": {model.Credentials{Token: "t"}, true, model.Unauthorized, []string{"POST /compute/v2.1/servers/x/action"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			p := newProvider(t, f.config())
			c, err := p.Login(t.Context(), test.c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.KeyPair(t.Context(), "k"); err != nil { // reads the version
				t.Fatal(err)
			}
			good := "tok-2"
			if !test.fresh {
				good = "never"
			}
			f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Subject-Token", "tok-2")
				respond(w, 201, tokenBody(fakeProject, "user-demo", "member"))
			})
			f.on("POST /compute/v2.1/servers/{id}/action", func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Auth-Token") != good {
					respond(w, 401, `{"error": {"message": "The request you have made requires authentication."}}`)
					return
				}
				respond(w, 202, ``)
			})
			f.made()
			err = c.ActOnMachine(t.Context(), "x", model.StopMachine)
			if test.want == "" && err != nil || test.want != "" && !model.IsCode(err, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if diff := cmp.Diff(test.calls, whats(f.made())); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			// What is remembered is not the token that has ended.
			if _, err := p.Login(t.Context(), test.c); err != nil {
				t.Error(err)
			}
			if n := len(f.made()); test.c.Token != "" && n != 1 || test.want == "" && n != 0 {
				t.Errorf("the next login cost %d calls", n)
			}
		})
	}
}

// TestTokenEndsForMany: when a token ends under many requests, one of them logs
// in anew for all.
func TestTokenEndsForMany(t *testing.T) {
	f := newFake()
	p := newProvider(t, f.config())
	const n = 100
	clouds := make([]model.Cloud, n)
	for i := range clouds {
		var err error
		if clouds[i], err = p.Login(t.Context(), demo); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := clouds[0].KeyPairs(t.Context()); err != nil { // reads the version
		t.Fatal(err)
	}
	f.on("POST /identity/v3/auth/tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", "tok-2")
		respond(w, 201, tokenBody(fakeProject, "user-demo", "member"))
	})
	f.on("GET /compute/v2.1/servers", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Auth-Token") != "tok-2" {
			respond(w, 401, ``)
			return
		}
		respond(w, 200, `{"servers": []}`)
	})
	f.made()
	var wg sync.WaitGroup
	for i := range 2 * n { // two calls of each request
		wg.Go(func() {
			if _, err := clouds[i%n].MachineRefs(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	logins := 0
	for _, call := range f.made() {
		if call.what == "POST /identity/v3/auth/tokens" {
			logins++
		}
	}
	if logins != 1 {
		t.Errorf("%d logins for %d requests", logins, n)
	}
}

// TestNothingSecretIsLogged: neither in lines nor in causes of errors.
func TestNothingSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	f := newFake()
	config := f.config()
	config.Log = zerolog.New(zerolog.SyncWriter(&log))
	p := newProvider(t, config)
	ctx := model.WithRequest(t.Context(), &model.Request{ID: "the-request"})
	c, err := p.Login(ctx, model.Credentials{Username: "demo", Password: "pass-word", Project: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Machines(ctx); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"pass-word", fakeToken, "cloud.test"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	for _, wanted := range []string{`"request":"server_list_detail"`, `"request_id":"the-request"`, `"upstream_id":"req-0123"`, `"code":"200"`} {
		if !strings.Contains(log.String(), wanted) {
			t.Errorf("%s is not in the log:\n%s", wanted, log.String())
		}
	}
	for _, call := range f.made() {
		if got := call.header.Get("X-Openstack-Request-Id"); got != "req-the-request" {
			t.Errorf("%s has request id %q", call.what, got)
		}
		if strings.HasPrefix(call.what, "GET /compute/v2.1/servers") && call.header.Get("Openstack-Api-Version") != "compute 2.93" {
			t.Errorf("%s has microversion %q", call.what, call.header.Get("Openstack-Api-Version"))
		}
	}
	if n := model.RequestFrom(ctx).Calls(); n != 4 {
		t.Errorf("%d calls counted, want 4", n)
	}
}
