package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Endpoint is the server under test, and who uses it.
type Endpoint struct {
	URL         string // what paths are below, without a slash at its end
	User, Other Credentials
	Exclusive   bool // nobody else uses it: cases may take away everything
}

// Session is what is known of an endpoint during a run: names that were found
// there, and what was prepared for all cases.
type Session struct {
	Endpoint Endpoint
	base     *url.URL
	suite    Suite
	options  Options
	secrets  secrets
	names    map[string]string // not changed once discovery ended

	mu       sync.Mutex
	prepared map[string]*prepared
	order    []string            // in which things were prepared: what needs others comes after them
	answers  map[string]*answer  // to what is sent once
	left     []string            // what could not be taken away
	breaches map[string][]Record // by the id of the rule
	broken   map[string]int      // how many, by the id of the rule
	seen     int                 // answers of the endpoint
}

// Preparation makes what cases share and leave as it is. It is done when the
// first case asks for one of its names.
type Preparation struct {
	Steps []Step
	// Names are made of what the steps named: name to text with ${names}.
	Names map[string]string
	// Finally takes away what is not deleted by its URL.
	Finally []Step
}

// prepared is what came of a preparation.
type prepared struct {
	once  sync.Once
	trial *trial
	err   error
}

// answer is what came of a request that is sent once.
type answer struct {
	mu       sync.Mutex // held while it is asked for
	exchange *Exchange
}

// answerTo gives the place for the answer to a request.
func (s *Session) answerTo(r Request) *answer {
	key := fmt.Sprintf("%q", r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers[key] == nil {
		s.answers[key] = &answer{}
	}
	return s.answers[key]
}

func newSession(s Suite, e Endpoint, o Options) (*Session, error) {
	given := e.URL
	e.URL = strings.TrimRight(e.URL, "/")
	base, err := url.Parse(e.URL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("%q is no URL of an endpoint, such as https://cloud.example.org", e.URL)
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("the URL of the endpoint at %s may have a path, and no more", base.Host)
	}
	session := &Session{Endpoint: e, base: base, suite: s, options: o, names: map[string]string{}, left: []string{},
		prepared: map[string]*prepared{}, answers: map[string]*answer{}, breaches: map[string][]Record{}, broken: map[string]int{}}
	session.secrets.of(e.User)
	session.secrets.of(e.Other)
	maps.Copy(session.names, map[string]string{"url": given, "endpoint": e.URL, "path": base.Path, "run": o.Run})
	if e.User.Password != "" { // to log in elsewhere
		for name, value := range map[string]string{"user.name.json": e.User.Name, "user.password.json": e.User.Password} {
			quoted, _ := json.Marshal(value) // strings can be written
			session.names[name] = string(quoted)
		}
	}
	return session, nil
}

func (s *Session) credentials(p Person) Credentials {
	switch p {
	case User:
		return s.Endpoint.User
	case Other:
		return s.Endpoint.Other
	default:
		return Credentials{}
	}
}

// Lookup gives the value of a name that was found at the endpoint.
func (s *Session) Lookup(name string) (string, bool) { v, ok := s.names[name]; return v, ok }

// value gives what a name stands for, and prepares it if need be.
func (s *Session) value(name string) (string, error) {
	if v, ok := s.names[name]; ok {
		return v, nil
	}
	root, _, _ := strings.Cut(name, ".")
	how, ok := s.suite.Prepare[root]
	if !ok {
		return "", NotOfferedError{name}
	}
	s.mu.Lock()
	p := s.prepared[root]
	if p == nil {
		p = &prepared{trial: newTrial(s, "preparing "+root)}
		s.prepared[root] = p
	}
	s.mu.Unlock()
	p.once.Do(func() {
		p.err = p.trial.prepare(root, how)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.order = append(s.order, root)
	})
	if p.err != nil {
		return "", p.err
	}
	if v, ok := p.trial.local[name]; ok {
		return v, nil
	}
	return "", NotOfferedError{name}
}

// prepare makes something for all cases. It may take as long as it takes,
// whichever case asked for it.
func (t *trial) prepare(root string, how Preparation) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the suite itself fails to prepare %s: %v", root, r)
		}
	}()
	ctx, cancel := context.WithTimeout(t.session.options.run, t.session.options.Case)
	defer cancel()
	for _, step := range how.Steps {
		problems, err := t.perform(ctx, step)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return fmt.Errorf("cannot prepare %s by %s: %s", root, step.Do, strings.Join(problems, "; "))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(how.Names)) {
		v, err := t.expand(how.Names[name])
		if err != nil {
			return err
		}
		t.local[name] = v
	}
	return nil
}

// tidy takes away what was prepared, the last first: nothing is in use by what is
// still there then.
func (s *Session) tidy(ctx context.Context) {
	for _, root := range slices.Backward(s.order) {
		p := s.prepared[root]
		for _, step := range s.suite.Prepare[root].Finally {
			_, _ = p.trial.send(ctx, step) // what is not there needs no taking away
		}
		p.trial.clean(ctx)
	}
}

// remove deletes what was made, the last first, and does not give up on what is
// still in use until its time is over.
func (s *Session) remove(ctx context.Context, made []string) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Patience)
	defer cancel()
	slices.Reverse(made)
	seen := map[string]bool{}
	for _, place := range made {
		if seen[place] {
			continue
		}
		seen[place] = true
		for wait := s.options.pace(); ; {
			x, err := s.exchange(ctx, Request{Method: http.MethodDelete, Target: place})
			if err == nil && (x.Status < 300 || x.Status == http.StatusNotFound || x.Status == http.StatusGone) {
				break
			}
			if !wait(ctx) {
				s.mu.Lock()
				s.left = append(s.left, place)
				s.mu.Unlock()
				break
			}
		}
	}
}

// observe checks an answer of the endpoint by all rules.
func (s *Session) observe(x *Exchange) {
	if !s.Here(x.URL) {
		return
	}
	type breach struct {
		id     string
		record Record
	}
	var breaches []breach
	for _, r := range s.suite.Rules {
		if err := guard(func() error { return r.Check.Holds(x) }); err != nil {
			if errors.As(err, new(NotOfferedError)) {
				continue
			}
			breaches = append(breaches, breach{r.ID, Record{Step: "in " + x.trial.id, Expect: []string{r.Check.Expect},
				Request: x.RequestText(), Answer: x.AnswerText(), Problems: []string{s.secrets.mask(err.Error())}}})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	for _, b := range breaches {
		s.broken[b.id]++
		if len(s.breaches[b.id]) < mostBreaches {
			s.breaches[b.id] = append(s.breaches[b.id], b.record)
		}
	}
}

// pace gives a function that waits between two looks, longer each time, and
// tells whether there is time left.
func (o Options) pace() func(ctx context.Context) bool {
	pause := o.Pace
	return func(ctx context.Context) bool {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		pause = min(pause*3/2, 20*o.Pace)
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		}
	}
}
