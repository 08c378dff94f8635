package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Suite is a protocol's cases, and how to find one's way at an endpoint of it.
type Suite struct {
	Protocol string // "occi"; an endpoint of it offers at least one of its suites
	Name     string // of the protocol, and its version if it matters: "occi", "cimi1"
	Title    string // for people
	Cases    []Case
	Rules    []Rule
	// Entry is how binding it is that Explore succeeds, in words of the protocol.
	Entry Case
	// Explore names what the cases need. NotOfferedError says that the endpoint does
	// not speak the protocol, any other error that it does so wrongly.
	Explore func(e *Explorer) error
	Prepare map[string]Preparation
	// Created gives the URLs, absolute or not, of what a request to the endpoint
	// made. They are deleted in the end.
	Created func(x *Exchange) []string
}

// Rule is what every answer must keep, whatever the case that it came in.
type Rule struct {
	ID     string
	Level  Level
	Clause string
	Title  string
	Check  Check
}

// mostBreaches is how many exchanges of a broken rule are shown.
const mostBreaches = 3

// Options bound a run. What is zero has a default.
type Options struct {
	Only      func(id string) bool // which cases are run; nil: all
	Parallel  int                  // cases at once; 8
	Timeout   time.Duration        // of the whole run; 20 min. What was made is taken away after it, too
	Case      time.Duration        // of a case; four times Patience
	Request   time.Duration        // until an answer is complete; 60 s
	Patience  time.Duration        // with a step that waits; 1 min
	Pace      time.Duration        // between two looks at first; 100 ms
	Run       string               // begins the names of what is made; made of the time
	Transport http.RoundTripper    // a transport of its own
	Now       func() time.Time     // the clock of Report.Started and durations
	Done      func(Result)         // told of each result, in the order in which they come; not at once

	run context.Context
}

func (o Options) withDefaults() Options {
	o.Parallel = max(o.Parallel, 0)
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&o.Timeout, 20*time.Minute)
	set(&o.Request, time.Minute)
	set(&o.Patience, time.Minute)
	set(&o.Case, 4*o.Patience)
	set(&o.Pace, 100*time.Millisecond)
	if o.Parallel == 0 {
		o.Parallel = 8
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Run == "" {
		o.Run = "conf" + strconv.FormatInt(o.Now().UnixNano()%1e10, 36)
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: o.Parallel, Proxy: http.ProxyFromEnvironment}
	}
	return o
}

// Run runs the cases against an endpoint. It ends in bounded time and does not
// panic, whatever the endpoint answers, and gives results in the order in which
// cases are declared. An error says that the endpoint cannot be one.
func (s Suite) Run(ctx context.Context, e Endpoint, o Options) (*Report, error) {
	o = o.withDefaults()
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	o.run = limited
	session, err := newSession(s, e, o)
	if err != nil {
		return nil, err
	}
	r := &Report{Protocol: s.Protocol, Suite: s.Name, Title: s.Title, Endpoint: session.Endpoint.URL, Started: o.Now()}
	entry, discovered := session.explore(limited)
	r.Results = append(r.Results, entry)
	if o.Done != nil {
		o.Done(entry)
	}
	r.Results = append(r.Results, session.runAll(limited, discovered)...)
	r.Cut = limited.Err() != nil
	session.tidy(context.WithoutCancel(ctx))
	r.Results = append(r.Results, session.judge(entry)...)
	r.Exchanges, r.Left, r.Duration = session.seen, session.left, o.Now().Sub(r.Started)
	return r, nil
}

// explore finds the way at the endpoint, as a case of its own, and tells what keeps the others from running.
func (s *Session) explore(ctx context.Context) (Result, error) {
	t := newTrial(s, s.suite.Entry.ID)
	began := s.options.Now()
	err := guard(func() error { return s.suite.Explore(&Explorer{ctx, t}) })
	r := t.result(s.suite.Entry, nil, err)
	if r.Outcome == Failed && ctx.Err() != nil { // it may be that alone
		r.Outcome, r.Reason = Skipped, timeIsOver
	}
	r.Duration = s.options.Now().Sub(began)
	switch r.Outcome {
	case Skipped:
		return r, errors.New(r.Reason)
	case Failed:
		return r, fmt.Errorf("%s failed", r.ID)
	}
	return r, nil
}

// runAll runs the chosen cases: those that can at once, then those that must be
// alone. Cases that take turns begin first, since that takes longest.
func (s *Session) runAll(ctx context.Context, lacking error) []Result {
	var chosen []Case
	for _, c := range s.suite.Cases {
		if s.options.Only == nil || s.options.Only(c.ID) {
			chosen = append(chosen, c)
		}
	}
	results := make([]Result, len(chosen))
	var telling sync.Mutex
	run := func(i int) {
		results[i] = s.run(ctx, chosen[i], lacking)
		if s.options.Done != nil {
			telling.Lock()
			defer telling.Unlock()
			s.options.Done(results[i])
		}
	}
	turns := map[string][]int{}
	var queues, single [][]int // cases that run one after another
	for i, c := range chosen {
		switch {
		case c.Exclusive:
		case c.Turn == "":
			single = append(single, []int{i})
		default:
			turns[c.Turn] = append(turns[c.Turn], i)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(turns)) {
		queues = append(queues, turns[what])
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, s.options.Parallel)
	for _, queue := range slices.Concat(queues, single) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, i := range queue {
				run(i)
			}
		})
	}
	wg.Wait()
	for i, c := range chosen {
		if c.Exclusive {
			run(i)
		}
	}
	return results
}

const timeIsOver = "the time of the run is over"

// run runs a case and takes away what it made.
func (s *Session) run(ctx context.Context, c Case, lacking error) Result {
	t := newTrial(s, c.ID)
	switch {
	case lacking != nil:
		return t.skipped(c, lacking.Error())
	case c.Exclusive && !s.Endpoint.Exclusive:
		return t.skipped(c, "only where nobody else uses the endpoint")
	case ctx.Err() != nil:
		return t.skipped(c, timeIsOver)
	}
	began := s.options.Now()
	var problems []string
	err := guard(func() (err error) {
		for _, name := range c.Needs {
			if _, err := s.value(name); err != nil {
				return err
			}
		}
		ctx, cancel := context.WithTimeout(ctx, s.options.Case)
		defer cancel()
		for _, step := range c.Steps {
			if problems, err = t.perform(ctx, step); err != nil || len(problems) > 0 {
				return err
			}
		}
		return nil
	})
	r := t.result(c, problems, err)
	if r.Outcome == Failed && ctx.Err() != nil { // it may be that alone
		r.Outcome, r.Reason = Skipped, timeIsOver
	}
	_ = guard(func() error { // what came of it does not change
		// Also when the time of the run is over.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Patience)
		defer cancel()
		for _, step := range c.Finally {
			_, _ = t.send(ctx, step)
		}
		if !c.Leaves {
			t.clean(ctx)
		}
		return nil
	})
	r.Duration = s.options.Now().Sub(began)
	return r
}

// guard turns a panic into an error: an answer that the suite cannot take is no
// reason to end.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the suite itself fails on this answer: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// judge tells which rules were kept. They do not bind what the endpoint does not offer.
func (s *Session) judge(entry Result) []Result {
	var results []Result
	for _, rule := range s.suite.Rules {
		r := Result{ID: rule.ID, Promise: rule.ID, Area: areaOf(rule.ID), Level: rule.Level, Clause: rule.Clause, Title: rule.Title, Outcome: Passed, Records: []Record{}}
		switch n := s.broken[rule.ID]; {
		case s.seen == 0:
			r.Outcome, r.Reason = Skipped, "there was no answer"
		case entry.Outcome == Skipped:
			r.Outcome, r.Reason = Skipped, entry.Reason
		case n > 0:
			r.Outcome, r.Records = Failed, slices.Clone(s.breaches[rule.ID])
			// Which cases come first depends on their speed.
			slices.SortFunc(r.Records, func(a, b Record) int { return strings.Compare(a.Step, b.Step) })
			r.Reason = fmt.Sprintf("%d of %d answers break it: %s", n, s.seen, strings.Join(r.Records[0].Problems, "; "))
		}
		results = append(results, r)
	}
	return results
}
