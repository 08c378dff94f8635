package suitetest

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/occimi/occimi/conformance/suite"
)

// Mutation is a way in which a server may break a promise. A proxy between suite
// and server breaks it, and the suite has to notice.
type Mutation struct {
	Name string
	On   string // an expression for "METHOD target" of what is broken; everything if empty
	// Ask changes a request before the server gets it.
	Ask func(r *http.Request)
	// Instead answers without telling the server.
	Instead http.HandlerFunc
	// Break changes an answer before the suite gets it.
	Break func(a *Answer)
	Cases string // those that are run: patterns of ids, a blank between them
	// Caught is the id of a case or a rule that passes at the server, and fails at the proxy.
	Caught string
}

// Answer is a server's answer to a request.
type Answer struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    string
	Missing int // so many bytes are announced that never come
}

// Left leaves a header field out.
func Left(field string) func(*Answer) { return func(a *Answer) { a.Header[field] = nil } }

// Says sets a header field.
func Says(field, value string) func(*Answer) { return func(a *Answer) { a.Header.Set(field, value) } }

// Code answers one status code in the place of another.
func Code(from, to int) func(*Answer) {
	return func(a *Answer) {
		if a.Status == from {
			a.Status = to
		}
	}
}

// On breaks answers of one status code alone.
func On(status int, change func(*Answer)) func(*Answer) {
	return func(a *Answer) {
		if a.Status == status {
			change(a)
		}
	}
}

// Typed breaks answers of a media type alone.
func Typed(media string, change func(*Answer)) func(*Answer) {
	return func(a *Answer) {
		if strings.HasPrefix(a.Header.Get("Content-Type"), media) {
			change(a)
		}
	}
}

// Swap puts what an expression matches in a body in the form of the replacement.
func Swap(expression, replacement string) func(*Answer) {
	re := regexp.MustCompile(expression)
	return func(a *Answer) { a.Body = re.ReplaceAllString(a.Body, replacement) }
}

// Whole makes it the body.
func Whole(body string) func(*Answer) { return func(a *Answer) { a.Body = body } }

// Half cuts the body, and announces no more than that.
func Half(a *Answer) { a.Body = a.Body[:len(a.Body)/2] }

// Torn cuts the body, after all of it was announced.
func Torn(a *Answer) { a.Missing = len(a.Body) - len(a.Body)/2; Half(a) }

// Pretend answers that something was done.
func Pretend(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Same puts another's request in the name of the user, as a server does that
// keeps tenants apart by nothing.
func Same(r *http.Request) { r.SetBasicAuth("demo", "secret") }

// Unasked leaves parameters of a query out that match.
func Unasked(expression string) func(*http.Request) {
	re := regexp.MustCompile(expression)
	return func(r *http.Request) {
		parts := slices.DeleteFunc(strings.Split(r.URL.RawQuery, "&"), re.MatchString)
		r.URL.RawQuery = strings.Join(parts, "&")
	}
}

// EverySecond changes the second answer, the fourth, and so on.
func EverySecond(change func(*Answer)) func(*Answer) {
	odd := make(chan bool, 1)
	odd <- false
	return func(a *Answer) {
		now := !<-odd
		odd <- now
		if !now {
			change(a)
		}
	}
}

// mostBody bounds what the proxy holds of an answer.
const mostBody = 64 << 20

// Proxy stands before the server at a URL and breaks what a mutation says, until
// the test ends. It gives its own URL of the same path.
func Proxy(t *testing.T, server string, m Mutation) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	on := regexp.MustCompile(cmp.Or(m.On, "."))
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		broken := on.MatchString(r.Method + " " + r.URL.RequestURI())
		if broken && m.Instead != nil {
			m.Instead(w, r)
			return
		}
		// The server is told the proxy's own host, so that its links lead back here.
		ask := r.Clone(r.Context())
		ask.URL.Scheme, ask.URL.Host, ask.RequestURI = target.Scheme, target.Host, ""
		if _, ok := ask.Header["User-Agent"]; !ok {
			ask.Header.Set("User-Agent", "") // none of net/http's own
		}
		if broken && m.Ask != nil {
			m.Ask(ask)
		}
		a, err := answer(transport, ask)
		if err != nil {
			panic(http.ErrAbortHandler) // as the server did
		}
		if broken && m.Break != nil {
			m.Break(a)
		}
		if r.Method != http.MethodHead && a.Status != http.StatusNoContent {
			a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)+a.Missing))
		}
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.Status)
		_, _ = io.WriteString(w, a.Body)
	}))
	ctx, cancel := context.WithCancel(context.Background())
	proxy.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	proxy.Start()
	t.Cleanup(func() { cancel(); proxy.Close() }) // a handler that waits for its client to go does not see that while there is a body to read
	return proxy.URL + target.Path
}

func answer(transport http.RoundTripper, r *http.Request) (*Answer, error) {
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err != nil {
		return nil, err
	}
	return &Answer{Request: r, Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, resp.Body.Close()
}

// mutants is how many mutations are tried at once: what they wait for is time.
const mutants = 8

// Mutations checks that a suite notices each of the mutations, and that it
// notices nothing at the proxy that breaks nothing.
func Mutations(t *testing.T, s suite.Suite, e suite.Endpoint, table []Mutation) {
	t.Helper()
	through := func(m Mutation, o suite.Options) *suite.Report {
		at := e
		at.URL = Proxy(t, e.URL, m)
		report, err := s.Run(t.Context(), at, o)
		if err != nil {
			t.Error(err)
			return &suite.Report{}
		}
		return report
	}
	reports := make([]*suite.Report, len(table))
	var wg sync.WaitGroup
	slots := make(chan struct{}, mutants)
	for i, m := range table {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			reports[i] = through(m, suite.Options{Only: func(id string) bool { return matches(m.Cases, id) }, Case: 5 * time.Minute, Patience: time.Second, Pace: 20 * time.Millisecond})
		})
	}
	wg.Wait()
	// Last, since a tenant with much in it is slow to be explored.
	tried := func(id string) bool {
		return slices.ContainsFunc(table, func(m Mutation) bool { return matches(m.Cases, id) })
	}
	passed := map[string]bool{}
	for _, r := range through(Mutation{}, suite.Options{Only: tried}).Results {
		if r.Outcome == suite.Failed {
			t.Errorf("nothing is broken: %s", r)
		}
		passed[r.ID] = r.Outcome == suite.Passed
	}
	for i, m := range table {
		t.Run(m.Name, func(t *testing.T) {
			if !passed[m.Caught] {
				t.Fatalf("%s does not pass at the server", m.Caught)
			}
			var failed []string
			for _, r := range reports[i].Results {
				if r.Outcome == suite.Failed {
					failed = append(failed, r.ID)
				}
			}
			if !slices.Contains(failed, m.Caught) {
				t.Errorf("%s does not notice; what failed is %q\n%s", m.Caught, failed, reports[i].Summary())
			}
		})
	}
}

// endless are answers that do not come, or come to no end.
var endless = map[string]http.HandlerFunc{
	"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"hangs in the header": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	"drips": func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			<-tick.C
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
	},
	"floods": func(w http.ResponseWriter, r *http.Request) {
		for block := strings.Repeat(" ", 1<<16); r.Context().Err() == nil; {
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	},
	"closes": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"redirects": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	},
}

// Bounded checks that a suite ends, as otherwise this does not, at a server that
// answers what is asked for in discovery, and nothing (an expression for "METHOD
// target") after that.
func Bounded(t *testing.T, s suite.Suite, e suite.Endpoint, nothing string) {
	t.Helper()
	for name, handler := range endless {
		for where, on := range map[string]string{"from the start": ".", "after discovery": nothing} {
			t.Run(name+" "+where, func(t *testing.T) {
				at := e
				at.URL = Proxy(t, e.URL, Mutation{On: on, Instead: handler})
				r, err := s.Run(t.Context(), at, suite.Options{Timeout: 4 * time.Second, Case: time.Second, Request: 200 * time.Millisecond, Patience: 200 * time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				if r.Offered() == (r.Count(func(suite.Result) bool { return true })[suite.Failed] == 0) {
					t.Errorf("nothing failed:\n%s", r.Summary())
				}
			})
		}
	}
}
