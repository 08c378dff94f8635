package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/rs/zerolog"

	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
)

// frontend is a protocol that does what a test tells it.
type frontend func(w http.ResponseWriter, r *http.Request)

func (f frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) { f(w, r) }

func (f frontend) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := model.AsError(err)
	server.CallFrom(r.Context()).SetError(err)
	w.WriteHeader(map[model.Code]int{model.Unavailable: 503, model.Internal: 500, model.Invalid: 400, model.Unauthorized: 401}[e.Code])
	_, _ = io.WriteString(w, e.Message)
}

// provider remembers the credentials it is given.
type provider struct {
	got    []model.Credentials
	cloud  model.Cloud
	finish func(context.Context)
}

func (p *provider) Finish(ctx context.Context) {
	if p.finish != nil {
		p.finish(ctx)
	}
}

func (p *provider) Login(_ context.Context, c model.Credentials) (model.Cloud, error) {
	p.got = append(p.got, c)
	return p.cloud, nil
}

type cloud struct{ model.Cloud }

func (cloud) Identity() model.Identity { return model.Identity{ProjectID: "p1"} }

func newServer(o server.Options, f frontend) (*server.Server, *provider) {
	p := &provider{cloud: cloud{}}
	o.Version = "test"
	if o.NewID == nil {
		o.NewID = func() string { return "11111111-2222-4333-8444-555555555555" }
	}
	return server.New(o, p, server.Mount{Name: "occi", Path: "/", Frontend: f}), p
}

func TestCredentials(t *testing.T) {
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	tests := []struct {
		name   string
		header map[string]string
		want   model.Credentials
		err    string
	}{
		{name: "token", header: map[string]string{"X-Auth-Token": "T"}, want: model.Credentials{Token: "T"}},
		{name: "the old token header", header: map[string]string{"Auth-Token": "T"}, want: model.Credentials{Token: "T"}},
		{
			name:   "token wins over Basic",
			header: map[string]string{"X-Auth-Token": "T", "Authorization": basic("u", "p")},
			want:   model.Credentials{Token: "T"},
		},
		{
			name:   "project header with a token",
			header: map[string]string{"X-Auth-Token": "T", "X-Auth-Project-Id": "lab"},
			want:   model.Credentials{Token: "T", Project: "lab"},
		},
		{name: "user", header: map[string]string{"Authorization": basic("demo", "secret")},
			want: model.Credentials{Username: "demo", Password: "secret"}},
		{name: "password with colons", header: map[string]string{"Authorization": basic("demo", "a:b:c")},
			want: model.Credentials{Username: "demo", Password: "a:b:c"}},
		{name: "user and project", header: map[string]string{"Authorization": basic("demo/lab", "s")},
			want: model.Credentials{Username: "demo", Password: "s", Project: "lab"}},
		{name: "user, domains and project", header: map[string]string{"Authorization": basic("demo@D1/lab@D2", "s")},
			want: model.Credentials{Username: "demo", UserDomain: "D1", Password: "s", Project: "lab", ProjectDomain: "D2"}},
		{name: "user name with an at sign", header: map[string]string{"Authorization": basic("joe@example.org@D/lab", "s")},
			want: model.Credentials{Username: "joe@example.org", UserDomain: "D", Password: "s", Project: "lab"}},
		{name: "domain in front", header: map[string]string{"Authorization": basic(`D\joe/lab@D2`, "s")},
			want: model.Credentials{Username: "joe", UserDomain: "D", Password: "s", Project: "lab", ProjectDomain: "D2"}},
		{name: "user name with a backslash", header: map[string]string{"Authorization": basic(`corp\joe@D`, "s")},
			want: model.Credentials{Username: `corp\joe`, UserDomain: "D", Password: "s"}},
		{name: "application credential", header: map[string]string{"Authorization": basic("applicationcredential-abc", "s")},
			want: model.Credentials{ApplicationCredentialID: "abc", Password: "s"}},
		{name: "project header with Basic", header: map[string]string{"Authorization": basic("demo", "s"), "X-Project-Id": "lab"},
			want: model.Credentials{Username: "demo", Password: "s", Project: "lab"}},
		{name: "project header with an application credential", header: map[string]string{"Authorization": basic("applicationcredential-abc", "s"), "X-Project-Id": "lab"},
			want: model.Credentials{ApplicationCredentialID: "abc", Password: "s", Project: "lab"}},
		{name: "project header and a project in the user name", header: map[string]string{"Authorization": basic("demo/own", "s"), "X-Project-Id": "lab"},
			want: model.Credentials{Username: "demo", Password: "s", Project: "own"}},
		{name: "nothing", err: "no credentials: send X-Auth-Token, or HTTP Basic with a user and a password"},
		{name: "Digest", header: map[string]string{"Authorization": "Digest x"},
			err: "the Authorization header is not HTTP Basic: send X-Auth-Token, or Basic with a user and a password"},
		{name: "no project after the slash", header: map[string]string{"Authorization": basic("demo/", "s")},
			err: `cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or applicationcredential-ID`},
		{name: "no domain after the at sign", header: map[string]string{"Authorization": basic("demo@", "s")},
			err: `cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or applicationcredential-ID`},
		{name: "no domain before the backslash", header: map[string]string{"Authorization": basic(`\demo`, "s")},
			err: `cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or applicationcredential-ID`},
		{name: "no domain of the project", header: map[string]string{"Authorization": basic("demo/lab@", "s")},
			err: `cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or applicationcredential-ID`},
		{name: "no id of the application credential", header: map[string]string{"Authorization": basic("applicationcredential-", "s")},
			err: `cannot read the user name: write USER[@DOMAIN][/PROJECT[@DOMAIN]], or applicationcredential-ID`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, p := newServer(server.Options{}, func(_ http.ResponseWriter, r *http.Request) {
				call := server.CallFrom(r.Context())
				_, first := call.Cloud()
				_, second := call.Cloud()
				if !errors.Is(second, first) {
					t.Errorf("second Cloud() gave %v, first %v", second, first)
				}
				if test.err != "" && (!model.IsCode(first, model.Unauthorized) || model.AsError(first).Message != test.err) {
					t.Errorf("got error %v, want %q", first, test.err)
				}
			})
			r := httptest.NewRequest("GET", "/", nil)
			for name, value := range test.header {
				r.Header.Set(name, value)
			}
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
			var want []model.Credentials
			if test.err == "" {
				want = []model.Credentials{test.want}
			}
			if diff := cmp.Diff(want, p.got); diff != "" {
				t.Errorf("logins (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	const theirs = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	const ours = "11111111-2222-4333-8444-555555555555"
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	tests := []struct {
		name, sent, want string
		trusted          []netip.Prefix
	}{
		{name: "made", want: ours},
		{name: "not taken from strangers", sent: theirs, want: ours},
		{name: "taken from a trusted proxy", sent: theirs, trusted: proxies, want: theirs},
		{name: "with OpenStack's prefix", sent: "req-" + theirs, trusted: proxies, want: theirs},
		{name: "not an id", sent: "x\ny", trusted: proxies, want: ours},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var inside string
			s, _ := newServer(server.Options{TrustedProxies: test.trusted}, func(_ http.ResponseWriter, r *http.Request) {
				inside = model.RequestFrom(r.Context()).ID
			})
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("X-Request-Id", test.sent)
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if got := w.Header().Get("X-Request-Id"); got != test.want || inside != test.want {
				t.Errorf("answered %q, inside %q, want %q", got, inside, test.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Run("body", func(t *testing.T) {
		var err error
		s, _ := newServer(server.Options{MaxBodyBytes: 10}, func(_ http.ResponseWriter, r *http.Request) {
			_, err = io.ReadAll(r.Body)
		})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("eleven bytes")))
		var tooLarge *http.MaxBytesError
		if !errors.As(err, &tooLarge) {
			t.Errorf("reading gave %v, want *http.MaxBytesError", err)
		}
	})
	t.Run("in flight", func(t *testing.T) {
		entered, leave := make(chan struct{}), make(chan struct{})
		s, _ := newServer(server.Options{MaxInFlight: 1}, func(http.ResponseWriter, *http.Request) {
			close(entered)
			<-leave
		})
		first := make(chan struct{})
		go func() {
			s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			close(first)
		}()
		<-entered
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != 503 {
			t.Errorf("second request answered %d, want 503", w.Code)
		}
		close(leave)
		<-first
	})
	t.Run("time", func(t *testing.T) {
		s, _ := newServer(server.Options{Timeout: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
			if deadline, ok := r.Context().Deadline(); !ok || time.Until(deadline) > time.Minute {
				t.Errorf("deadline %v, %v", deadline, ok)
			}
		})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
}

// Every answer says who made it and which request it was, whatever happened.
func TestHeadersOnEveryAnswer(t *testing.T) {
	s, _ := newServer(server.Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("a defect")
		}
		w.WriteHeader(204)
	})
	for _, target := range []string{"GET /", "BREW /pot", "GET //a//b", "GET /panic", "OPTIONS /x"} {
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequest(method, "http://example.com"+path, nil)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Server"); got != "Occimi/test OCCI/1.2 OCCI/1.1" {
			t.Errorf("%s: Server %q", target, got)
		}
		if got := w.Header().Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("%s: Cache-Control %q", target, got)
		}
		if w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s: no X-Request-Id", target)
		}
		want := 204
		if path == "/panic" {
			want = 500
		}
		if w.Code != want {
			t.Errorf("%s: answered %d, want %d", target, w.Code, want)
		}
	}
}

// A panic is the frontend's internal error; if the answer has begun, the
// connection breaks. Either way it is logged and counted, without the data that
// the panic may hold.
func TestPanics(t *testing.T) {
	for name, test := range map[string]struct {
		panics func()
		begun  bool
		want   string
	}{
		"with data":             {func() { panic("TOKEN") }, false, "string"},
		"of the runtime":        {func() { _ = []int{}[len(name(0))] }, false, "runtime error: index out of range [0] with length 0"},
		"in the answer's midst": {func() { panic(errors.New("TOKEN")) }, true, "*errors.errorString"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			registry := prometheus.NewRegistry()
			s, _ := newServer(server.Options{Log: zerolog.New(&log), Metrics: registry}, func(w http.ResponseWriter, r *http.Request) {
				server.CallFrom(r.Context()).SetRoute("/x")
				if test.begun {
					_, _ = io.WriteString(w, "half")
				}
				test.panics()
			})
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if v := recover(); (v != nil) != test.begun {
						t.Errorf("panicked with %v", v)
					}
				}()
				s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
			}()
			if !test.begun && w.Code != 500 {
				t.Errorf("answered %d, want 500", w.Code)
			}
			if strings.Contains(log.String(), "TOKEN") || !strings.Contains(log.String(), `"panic":"`+test.want+`"`) ||
				!strings.Contains(log.String(), `"message":"request"`) {
				t.Errorf("logged:\n%s", &log)
			}
			want := `
# HELP occimi_http_requests_in_flight Requests being answered.
# TYPE occimi_http_requests_in_flight gauge
occimi_http_requests_in_flight{protocol="occi",route="/x"} 0
# HELP occimi_panics_total Requests that ended in a defect of this program.
# TYPE occimi_panics_total counter
occimi_panics_total 1
`
			if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "occimi_http_requests_in_flight", "occimi_panics_total"); err != nil {
				t.Error(err)
			}
		})
	}
}

// name gives a text of n letters, which the compiler does not know.
func name(n int) string { return strings.Repeat("x", n) }

func TestMounts(t *testing.T) {
	name := func(n string) server.Frontend {
		return frontend(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, n) })
	}
	s := server.New(server.Options{}, &provider{},
		server.Mount{Name: "occi", Path: "/", Frontend: name("occi")},
		server.Mount{Name: "cimi", Path: "/cimi/", Frontend: name("cimi")})
	for path, want := range map[string]string{
		"/": "occi", "/compute/": "occi", "/cimi": "cimi", "/cimi/": "cimi", "/cimi/1/machines": "cimi", "/cimism/": "occi",
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Body.String() != want {
			t.Errorf("%s went to %q, want %q", path, w.Body.String(), want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	for _, want := range []string{`href="/-/"`, `href="/cimi/cloudEntryPoint"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the browser's page lacks %s:\n%s", want, w.Body)
		}
	}
	if h := w.Header(); h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the browser's page is not protected: %v", h)
	}
}

// At the end readiness fails, what is in flight is answered, and then what goes on
// after that is waited for.
func TestShutdown(t *testing.T) {
	entered, leave, finishing, finish := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	var log bytes.Buffer
	s, p := newServer(server.Options{ShutdownGrace: time.Minute, Log: zerolog.New(&log)}, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "whole")
	})
	p.finish = func(ctx context.Context) {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("the end has no grace period")
		}
		close(finishing)
		<-finish
	}
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := func() int {
		w := httptest.NewRecorder()
		s.AdminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/healthz/ready", nil))
		return w.Code
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx, public, nil) }()
	answer := make(chan string)
	go func() {
		resp, err := http.Get("http://" + public.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answer <- string(body)
	}()
	<-entered
	if got := ready(); got != 200 {
		t.Errorf("ready answered %d before the end", got)
	}
	stop()
	for ready() == 200 { // the goroutine that ends the server has not run yet
		select {
		case err := <-ended:
			t.Fatalf("ended with a request in flight: %v", err)
		default:
		}
	}
	w := httptest.NewRecorder()
	s.AdminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/healthz/live", nil))
	if w.Code != 200 {
		t.Errorf("live answered %d during shutdown", w.Code)
	}
	select {
	case <-finishing:
		t.Error("the provider was to finish with a request in flight")
	default:
	}
	close(leave)
	if got := <-answer; got != "whole" {
		t.Errorf("the request in flight was answered %q", got)
	}
	select {
	case <-finishing:
	case err := <-ended:
		t.Fatalf("ended without the provider: %v", err)
	}
	select {
	case err := <-ended:
		t.Fatalf("ended before the provider: %v", err)
	default:
	}
	close(finish)
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	for _, line := range []string{fmt.Sprintf(`"version":"test","listen":%q,"message":"serving"`, public.Addr()), `"message":"shutting down"`} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("no %s in the log:\n%s", line, &log)
		}
	}
}
