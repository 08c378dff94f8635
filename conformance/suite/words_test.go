package suite_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/occimi/occimi/conformance/suite"
)

// TestShared: what is sent once is judged by each case, and told by each; who asks
// for something else gets an answer of his own.
func TestShared(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	e := start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		user, _, _ := r.BasicAuth()
		asked[r.URL.Path+" "+r.Header.Get("Accept")+" "+user]++
	}))
	same := Get("${found}", Status(200)).Once()
	r := run(t, probe(
		That("a.one", Must, "", "", same), That("a.two", Must, "", "", same), That("a.wrong", Must, "", "", Get("/found", Status(204)).Once()),
		That("a.other", Must, "", "", Get("/found", Status(200)).Once().Accepting("a/b")), That("a.nobody", Must, "", "", Get("/found", Status(200)).Once().By(Nobody)),
	), e, quick)
	if diff := cmp.Diff([]string{"entry passed", "a.one passed", "a.two passed", "a.wrong failed", "a.other passed", "a.nobody passed"}, outcomes(r)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"/  demo": 1, "/found  demo": 1, "/found a/b demo": 1, "/found  ": 1}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	for _, x := range r.Results[1:] {
		if len(x.Records) != 1 || x.Records[0].Answer == "" {
			t.Errorf("%s shows %v", x.ID, x.Records)
		}
	}
}

// TestTurns: cases that change the same do so one after another.
func TestTurns(t *testing.T) {
	var mu sync.Mutex
	busy, most := 0, 0
	e := start(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/changed" {
			return
		}
		mu.Lock()
		busy++
		most = max(most, busy)
		mu.Unlock()
		defer func() { mu.Lock(); busy--; mu.Unlock() }()
		time.Sleep(time.Millisecond) // the others come meanwhile, if they are there
	}))
	var cases []Case
	for i := range 10 {
		cases = append(cases, That(fmt.Sprint("a.", i), Must, "", "", Get("/changed", Status(200))).InTurn("changed"))
	}
	if r := run(t, probe(cases...), e, quick); most != 1 || r.Count(func(Result) bool { return true })[Passed] != len(cases)+1 {
		t.Errorf("%d at once:\n%v", most, outcomes(r))
	}
}

// TestRace: steps that are sent at the same time are all judged, and what each of
// them made is deleted.
func TestRace(t *testing.T) {
	both := make(chan bool) // nobody is answered alone
	made := Step{Do: "POST /things", Want: []Check{Status(201)}}
	cloud := &things{there: map[string]bool{}}
	e := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" {
			select {
			case both <- true:
			case <-both:
			case <-r.Context().Done():
			}
		}
		cloud.ServeHTTP(w, r)
	}))
	r := run(t, probe(
		That("a.passes", Must, "", "", made.Making("one").While(made.Making("two")), Get("${one}", Status(200)), Get("${two}", Status(200))),
	), e, quick)
	if diff := cmp.Diff([]string{"entry passed", "a.passes passed"}, outcomes(r)); diff != "" || len(cloud.deleted) != 2 {
		t.Errorf("deleted %v, outcomes (-want +got):\n%s\n%s", cloud.deleted, diff, r.Results[1])
	}
	r = run(t, probe(That("a.fails", Must, "", "", made.While(Step{Do: "POST /things", Want: []Check{Status(202)}}))), e, quick)
	if x := r.Results[1]; x.Outcome != Failed || len(x.Records) != 2 || len(cloud.there) > 0 {
		t.Errorf("%v left, %s", cloud.there, x)
	}
}

// TestPast: a step is repeated on the status codes that it names, and on no other.
func TestPast(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	e := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
		switch {
		case r.URL.Path == "/busy" && asked["/busy"] < 3:
			w.WriteHeader(409)
		case r.URL.Path == "/broken":
			w.WriteHeader(503)
		}
	}))
	r := run(t, probe(That("a.busy", Must, "", "", Get("/busy", Status(200)).Past(409)), That("a.broken", Must, "", "", Get("/broken", Status(200)).Past(409))), e, quick)
	if diff := cmp.Diff([]string{"entry passed", "a.busy passed", "a.broken failed"}, outcomes(r)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"/": 1, "/busy": 3, "/broken": 1}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// TestLastLook: what comes about in time is seen, also by who is told late of what
// was there before.
func TestLastLook(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		want  Outcome
	}{"in time": {quick.Patience / 2, Passed}, "too late": {10 * quick.Patience, Failed}} {
		t.Run(name, func(t *testing.T) {
			var begun time.Time
			e := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path != "/made":
					return
				case begun.IsZero():
					begun = time.Now()
				}
				if time.Since(begun) < test.after {
					w.WriteHeader(404)
				}
				time.Sleep(2 * quick.Patience)
			}))
			o := quick
			o.Request, o.Case = time.Minute, time.Minute
			if x := run(t, probe(That("a.made", Must, "", "", Get("/made", Status(200)).Eventually())), e, o).Results[1]; x.Outcome != test.want {
				t.Error(x)
			}
		})
	}
}

// TestNames: what is read below a name replaces what was named there.
func TestNames(t *testing.T) {
	below := func(names map[string]string) Step {
		return Get("/").ReadingBelow("it", func(*Exchange) (map[string]string, error) { return names, nil })
	}
	r := run(t, probe(
		That("a.named", Must, "", "", below(map[string]string{"": "/found", "more": "found"}), Get("${it}", Status(200)), Get("/${it.more}", Status(200))),
		That("a.forgotten", Must, "", "", below(map[string]string{"more": "found"}), below(map[string]string{}), Get("/${it.more}", Status(200))),
	), start(&things{there: map[string]bool{}}), quick)
	if diff := cmp.Diff([]string{"entry passed", "a.named passed", "a.forgotten skipped"}, outcomes(r)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestTidies: what was prepared is deleted after what needs it.
func TestTidies(t *testing.T) {
	cloud := &things{there: map[string]bool{}}
	s := probe(That("a.case", Must, "", "", Get("${shared}", Status(200)), Get("${above}", Status(200))))
	s.Prepare["above"] = Preparation{Steps: []Step{Get("${below}", Status(200)), {Do: "POST /things", Want: []Check{Status(201)}, Made: "above"}}}
	s.Prepare["below"] = Preparation{Steps: []Step{{Do: "POST /things", Want: []Check{Status(201)}, Made: "below"}}}
	run(t, s, start(cloud), quick)
	if diff := cmp.Diff([]string{"/things/3", "/things/2", "/things/1"}, cloud.deleted); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
}

// TestRules: each rule of HTTP notices the answer that breaks it, and no other.
func TestRules(t *testing.T) {
	e := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := ""
		switch r.URL.Path {
		case "/every.fault":
			w.WriteHeader(500)
		case "/every.created":
			w.WriteHeader(201)
		case "/every.allow":
			w.WriteHeader(405)
		case "/every.challenge":
			w.WriteHeader(401)
		case "/every.utf8":
			body = "a\x01b"
		case "/every.secret":
			body = `pass"word"`
		case "/every.upstream":
			w.WriteHeader(404)
			body = "http://nova:8774/v2.1/servers"
		case "/every.evil":
			w.Header().Set("X-Evil", "1")
		}
		_, _ = io.WriteString(w, body)
	}))
	for _, rule := range HTTPRules {
		if rule.ID == "every.head" {
			continue // net/http reads no body of an answer to HEAD
		}
		s := probe(That("a.case", Must, "", "", Get("/"+rule.ID)))
		s.Rules = HTTPRules
		for _, x := range run(t, s, e, quick).Results[2:] {
			if (x.Outcome == Failed) != (x.ID == rule.ID) {
				t.Errorf("%s on an answer that breaks %s", x, rule.ID)
			}
		}
	}
}
