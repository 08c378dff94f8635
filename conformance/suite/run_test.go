package suite_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	. "github.com/occimi/occimi/conformance/suite"
)

// quick are bounds for servers of tests.
var quick = Options{Run: "run", Request: 200 * time.Millisecond, Patience: 200 * time.Millisecond, Pace: time.Millisecond, Case: 2 * time.Second}

// probe is a suite of a protocol that has no more than paths.
func probe(cases ...Case) Suite {
	return Suite{
		Name: "probe", Title: "Probe", Cases: cases, Entry: Case{ID: "entry", Level: Must},
		Explore: func(e *Explorer) error {
			_, err := e.Send(Get("/", Status(200)))
			e.Name("found", "/found")
			return err
		},
		Prepare: map[string]Preparation{
			"shared": {Steps: []Step{{Do: "POST /things", Want: []Check{Status(201)}, Made: "shared"}}, Names: map[string]string{"shared.name": "${run} ${shared.id}"}},
			"broken": {Steps: []Step{Get("/missing", Status(200))}},
		},
		Created: func(x *Exchange) []string {
			if x.Status == http.StatusCreated {
				return []string{x.Header.Get("Location")}
			}
			return nil
		},
	}
}

// things is a server on which things are made and deleted.
type things struct {
	mu      sync.Mutex
	made    int
	there   map[string]bool
	deleted []string
	stuck   bool // nothing can be deleted
}

func (s *things) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == "POST":
		s.made++
		id := fmt.Sprint("/things/", s.made)
		s.there[id] = true
		w.Header().Set("Location", id)
		w.WriteHeader(201)
	case r.Method == "DELETE" && s.stuck:
		w.WriteHeader(409)
	case r.Method == "DELETE":
		delete(s.there, r.URL.Path)
		s.deleted = append(s.deleted, r.URL.Path)
	case r.URL.Path == "/", r.URL.Path == "/found", s.there[r.URL.Path]:
		user, _, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s by %q\n", r.URL.Path, user)
	default:
		w.WriteHeader(404)
	}
}

// outcomes are the results' outcomes, as one line each.
func outcomes(r *Report) []string {
	var lines []string
	for _, x := range r.Results {
		lines = append(lines, x.ID+" "+string(x.Outcome))
	}
	return lines
}

func TestOutcomes(t *testing.T) {
	cloud := &things{there: map[string]bool{}}
	panics := Check{Expect: "a panic", Holds: func(*Exchange) error { panic("no") }}
	s := probe(
		That("a.alone", Must, "", "", Get("/", Status(200))).Alone(),
		That("a.passes", Must, "", "", Get("${found}", Status(200), Says(`^/found by "demo"`), SaysNot("nobody"), Header("Content-Type", "^text/plain"), NoHeader("Content-Type", "html"), Media("text/plain"))),
		That("a.fails", Must, "", "", Get("/nowhere", Status(200))),
		That("a.lacks", Must, "", "", Get("${nowhere}", Status(200))),
		That("a.needs", Must, "", "", Get("/", Status(200))).Needing("nowhere"),
		That("a.tenant", Must, "", "", Get("/", Status(200)).By(Other)),
		That("a.nobody", Must, "", "", Get("/", Says(`by ""`)).By(Nobody)),
		That("a.panics", Must, "", "", Get("/", panics)),
		That("a.prepared", Must, "", "", Get("${shared}", Status(200), Says("^/things/1")), Get("/", SaysNot("${shared.name}"))),
		That("a.unprepared", Must, "", "", Get("${broken}", Status(200))),
		That("a.waits", Must, "", "", Get("/nowhere", Status(200)).Eventually()),
		That("a.follows", Must, "", "", Get("/").Following(func(*Exchange) ([]Step, error) {
			return []Step{Get("/found", Status(200)), Get("/nowhere", Status(200))}, nil
		})),
		That("a.finds", Must, "", "", Get("/").Finding("who", `by "(\w+)"`).FindingIn("Content-Type", "type", `^(\w+)/`).Keeping("all"), Get("/", Says(`by "${who}"`), Body("${all}"), Header("Content-Type", "^text/")), Get("/found?${type}", Status(200))),
	)
	s.Rules = []Rule{{ID: "every.found", Check: Check{Holds: func(x *Exchange) error {
		if x.Status == 404 {
			return errors.New("404")
		}
		return nil
	}}}, {ID: "every.kept", Check: Check{Holds: func(*Exchange) error { return nil }}}}
	want := []string{"entry passed", "a.alone skipped", "a.passes passed", "a.fails failed", "a.lacks skipped", "a.needs skipped", "a.tenant skipped", "a.nobody passed",
		"a.panics failed", "a.prepared passed", "a.unprepared failed", "a.waits failed", "a.follows failed", "a.finds passed", "every.found failed", "every.kept passed"}
	e := start(cloud)
	got := run(t, s, e, quick)
	if diff := cmp.Diff(want, outcomes(got)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	for _, r := range got.Results {
		if r.Outcome != Passed && r.Reason == "" {
			t.Errorf("%s has no reason", r.ID)
		}
		if r.Outcome == Failed && len(r.Records) == 0 && r.ID != "a.unprepared" {
			t.Errorf("%s shows no exchange", r.ID)
		}
	}
	if n := got.Count(func(r Result) bool { return r.Area == "a" }); n[Passed] != 4 || n[Failed] != 5 || n[Skipped] != 4 {
		t.Errorf("counts are %v", n)
	}
	if diff := cmp.Diff([]string{"/things/1"}, cloud.deleted); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
	e.Exclusive = true
	o := quick
	o.Only = func(id string) bool { return id == "a.alone" }
	if diff := cmp.Diff([]string{"entry passed", "a.alone passed", "every.found passed", "every.kept passed"}, outcomes(run(t, s, e, o))); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
}

// TestCleans: what a case made is deleted, the last first, also if it fails;
// what cannot be is told.
func TestCleans(t *testing.T) {
	make := func(n int) Step {
		return Step{Do: "POST /things", Want: []Check{Status(201)}, Made: fmt.Sprint("t", n)}
	}
	cloud := &things{there: map[string]bool{}}
	s := probe(
		That("a.fails", Must, "", "", make(1), make(2), Get("${t1}", Status(204))),
		That("a.leaves", Must, "", "", make(1)).Leaving(),
		That("a.ends", Must, "", "", Get("/", Status(204))).Ending(Step{Do: "POST /things?${run}"}),
	)
	o := quick
	o.Parallel = 1
	r := run(t, s, start(cloud), o)
	if diff := cmp.Diff([]string{"/things/2", "/things/1"}, cloud.deleted); diff != "" || len(r.Left) > 0 {
		t.Errorf("left %q, deleted (-want +got):\n%s", r.Left, diff)
	}
	if len(cloud.there) != 2 { // what was left, and what an end made
		t.Errorf("there is %v", cloud.there)
	}
	e := start(&things{there: map[string]bool{}, stuck: true})
	if diff := cmp.Diff([]string{e.URL + "/things/2", e.URL + "/things/1"}, run(t, probe(s.Cases[0]), e, quick).Left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// TestBounded: a server that does not answer, or does not end, holds the suite up
// for no longer than its bounds say, and whatever it says is survived.
func TestBounded(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"/hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"/header": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"/drips": func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for r.Context().Err() == nil {
				<-tick.C
				_, _ = w.Write([]byte("x"))
				w.(http.Flusher).Flush()
			}
		},
		"/floods": func(w http.ResponseWriter, r *http.Request) {
			for block := strings.Repeat("x", 1<<16); r.Context().Err() == nil; {
				if _, err := io.WriteString(w, block); err != nil {
					return
				}
			}
		},
		"/breaks": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("short"))
		},
		"/closes":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"/redirects": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/redirects", http.StatusFound) },
	}
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Millisecond)
		if h := answers[r.URL.Path]; h != nil {
			h(w, r)
		}
	})
	var cases []Case
	for path := range answers {
		cases = append(cases, That("a"+path, Must, "", "", Get(path, Status(200), Body("")).Eventually()))
	}
	o := quick
	r := run(t, probe(cases...), start(server), o)
	if r.Duration > 2*o.Request { // discovery, and all cases at once
		t.Errorf("it took %v", r.Duration)
	}
	for _, x := range r.Results[1:] {
		if x.Outcome != Failed {
			t.Errorf("%s", x)
		}
	}
	o.Timeout = time.Nanosecond
	if got := run(t, probe(cases[0]), start(server), o); got.Results[1].Outcome != Skipped {
		t.Errorf("after the run's time: %v", outcomes(got))
	}
}

// TestSecrets: no password, token or credential is in a report, and none is sent elsewhere.
func TestSecrets(t *testing.T) {
	var mu sync.Mutex
	var leaked []string
	e := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // tells all that it was told
		if r.Host == "elsewhere.test" {
			mu.Lock()
			defer mu.Unlock()
			leaked = append(leaked, r.Header.Get("Authorization")+r.Header.Get("X-Auth-Token"))
			return
		}
		w.Header().Set("X-Subject-Token", "gAAAA-token")
		w.Header().Set("Set-Cookie", "session=cookie-value")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s http://console/?token=console-token", r.Header.Get("Authorization"), r.Header.Get("X-Auth-Token"), body)
	}))
	e.Other = Credentials{Token: "other-token"}
	echo := Step{Do: "POST /", Header: []string{"X-Auth-Token: gAAAA-token", "Authorization: Basic b3duOmNyZWRlbnRpYWw="}, Body: `{"password": ${user.password.json}}`, Want: []Check{Status(204)}}
	r := run(t, probe(That("a.user", Must, "", "", echo), That("a.other", Must, "", "", Get("/", Body("")).By(Other)), That("a.elsewhere", Must, "", "", Get("http://elsewhere.test/", Status(200)))), e, quick)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	told := string(text)
	for _, x := range r.Results {
		told += x.String()
	}
	for _, secret := range []string{`pass\"word`, `pass"word`, `pass\\\"word`, "gAAAA-token", "other-token", "cookie-value", "console-token", "b3duOmNyZWRlbnRpYWw", "ZGVtbzpwYXNzIndvcmQ"} {
		if strings.Contains(told, secret) {
			t.Errorf("the report holds %q:\n%s", secret, told)
		}
	}
	if diff := cmp.Diff([]string{""}, leaked); diff != "" {
		t.Errorf("sent elsewhere (-want +got):\n%s", diff)
	}
}

// TestLegible: what an answer holds is seen, and breaks no report.
func TestLegible(t *testing.T) {
	e := start(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "a\x00b\x1b[2Jc\x7fd\u009be\xfff\r\n\tg ü")
	}))
	r := run(t, probe(That("a.case", Must, "", "", Get("/", Status(204)))), e, quick)
	_, body, _ := strings.Cut(r.Results[1].Records[0].Answer, "\n\n")
	if diff := cmp.Diff("a␀b␛[2Jc␡d\ufffde\ufffdf␍\n\tg ü", body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDeterministic: what is reported does not depend on which case is faster.
func TestDeterministic(t *testing.T) {
	var cases []Case
	for i := range 40 {
		cases = append(cases, That(fmt.Sprint("a.", i), Must, "", "", Get("/found", Status(200)), Get("/nowhere", Status(200+i%2*204))))
	}
	e := start(&things{there: map[string]bool{}})
	one, many := quick, quick
	one.Parallel, many.Parallel = 1, 20
	var told []string
	many.Done = func(r Result) { told = append(told, r.ID) }
	ignore := []cmp.Option{cmpopts.IgnoreFields(Report{}, "Started", "Duration"), cmpopts.IgnoreFields(Result{}, "Duration"),
		cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Results.Records.Answer" }, cmp.Ignore())} // it has the time
	if diff := cmp.Diff(run(t, probe(cases...), e, one), run(t, probe(cases...), e, many), ignore...); diff != "" {
		t.Errorf("one at a time, and twenty (-one +twenty):\n%s", diff)
	}
	if len(told) != len(cases)+1 {
		t.Errorf("told of %d results, wanted %d", len(told), len(cases)+1)
	}
}

// TestNotOffered: an endpoint of another version keeps and breaks nothing.
func TestNotOffered(t *testing.T) {
	s := probe(That("a.case", Must, "", "", Get("/", Status(200))))
	s.Rules = []Rule{{ID: "every.kept", Check: Check{Holds: func(*Exchange) error { return errors.New("no") }}}}
	s.Explore = func(e *Explorer) error {
		if _, err := e.Send(Get("/", Status(200))); err != nil {
			return err
		}
		return NotOfferedError{What: "version 3"}
	}
	r := run(t, s, start(&things{there: map[string]bool{}}), quick)
	if diff := cmp.Diff([]string{"entry skipped", "a.case skipped", "every.kept skipped"}, outcomes(r)); diff != "" || r.Offered() {
		t.Errorf("offered: %v, outcomes (-want +got):\n%s", r.Offered(), diff)
	}
	for _, x := range r.Results {
		if x.Reason != "not offered: version 3" {
			t.Errorf("%s: the reason is %q", x.ID, x.Reason)
		}
	}
}

func TestEndpointRefused(t *testing.T) {
	for _, url := range []string{"", "cloud.example.org", "ftp://cloud.example.org", "http://", "http://[::1", "http://demo:secret@cloud", "http://cloud/?token=secret"} {
		if _, err := probe().Run(t.Context(), Endpoint{URL: url}, quick); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, wanted it refused without its secret", url, err)
		}
	}
}
