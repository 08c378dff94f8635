package occi_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Level is how binding a case is.
type Level string

const (
	Must    Level = "MUST"     // a document of OCCI says so
	Should  Level = "SHOULD"   // a document recommends it
	DeFacto Level = "de-facto" // the documents leave it open; a client in use depends on it, or safety does
)

// Case is one promise of a server, and what to send to see it kept.
//
// Texts of steps and checks may hold ${name}: something that the query
// interface told (a kind's name is its location, ${os} and ${flavor} are
// templates), that was prepared for all cases (${machine}, ${volume}, ${tag}),
// or that an earlier step of the case made. What the server does not offer has
// no value, and the case is skipped.
type Case struct {
	ID     string // area.topic; never changes
	Clause string // where it is written, or who depends on it
	Level  Level
	What   string   // true if the case passes
	Needs  []string // type identifiers that the query interface must list
	Wipes  bool     // takes away what others may be using: only where the endpoint is the suite's own
	Leaves bool     // makes what OCCI cannot take away again
	Steps  []Step
	// Finally is sent at the end in any case. What was created is deleted without being named here.
	Finally []Step
}

// Step is a request, and what its answer must be.
type Step struct {
	Do     string // method and path or URL; a path is below the endpoint
	As     person
	Accept string
	Type   string   // Content-Type; none if empty
	Header []string // "Name: value", spelled as here
	Body   string
	Want   []Check
	Until  bool   // repeated until all of Want holds, for at most a minute
	Made   string // name for the URL in the answer's Location
	Keep   string // name for the answer's body
	// Find names what the first group of an expression finds in the answer's
	// body; a path there becomes a URL.
	Find map[string]string
}

type person int

const (
	user   person = iota
	other         // of another tenant
	nobody        // no credentials
)

// area is the part of a case's id before the first dot.
func (c Case) area() string { a, _, _ := strings.Cut(c.ID, "."); return a }

// notOfferedError says what the server lacks that a case is about.
type notOfferedError struct{ what string }

func (e notOfferedError) Error() string { return "not offered: " + e.what }

// scope is where ${names} of a case have their values.
type scope struct {
	w     *world
	id    string // of the case
	local map[string]string
}

var variable = regexp.MustCompile(`\$\{([^}]+)\}`)

// expand puts values in the place of names.
func (s *scope) expand(text string) (string, error) {
	var failed error
	out := variable.ReplaceAllStringFunc(text, func(m string) string {
		name := m[2 : len(m)-1]
		if v, ok := s.local[name]; ok {
			return v
		}
		v, err := s.w.value(name)
		if err != nil && failed == nil {
			failed = err
		}
		return v
	})
	return out, failed
}

// patience bounds every wait for a state; pace is the time between two looks.
const (
	patience = time.Minute
	pace     = 100 * time.Millisecond
)

// run sends the steps of a case and fails the test on the first that is not
// answered as wanted.
func (c Case) run(t *testing.T, w *world) {
	for _, id := range c.Needs {
		if _, ok := w.categories[id]; !ok {
			t.Skip(notOfferedError{id})
		}
	}
	if c.Wipes && !w.endpoint.own {
		t.Skip("only where the endpoint is the suite's own")
	}
	s := &scope{w: w, id: c.ID, local: map[string]string{}}
	var made []string
	defer func() {
		for _, step := range c.Finally {
			_, _ = s.send(step)
		}
		if !c.Leaves {
			w.delete(t, made)
		}
	}()
	for i, step := range c.Steps {
		x, problems, err := s.perform(step, &made)
		var lacking notOfferedError
		switch {
		case errors.As(err, &lacking):
			t.Skip(lacking)
		case err != nil:
			t.Fatalf("step %d, %s: %v", i+1, step.Do, err)
		case len(problems) > 0:
			t.Fatalf("%s, %s\nit is a promise that: %s\nstep %d of %d:\n%s\nbut:\n- %s",
				c.Level, c.Clause, c.What, i+1, len(c.Steps), x, strings.Join(problems, "\n- "))
		}
	}
}

// perform sends a step, again and again if it is one that waits, and tells what
// is wrong with the (last) answer. What was created is added to made.
func (s *scope) perform(step Step, made *[]string) (*exchange, []string, error) {
	deadline := time.After(patience)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		x, err := s.send(step)
		if err != nil {
			return nil, nil, err
		}
		*made = append(*made, x.created()...)
		if step.Made != "" {
			s.local[step.Made] = x.answer.header.Get("Location")
			s.local[step.Made+".id"] = lastSegment(x.answer.header.Get("Location"))
		}
		if step.Keep != "" {
			s.local[step.Keep] = x.answer.body
		}
		for name, expression := range step.Find {
			re, err := s.pattern(expression)
			if err != nil {
				return nil, nil, err
			}
			if m := re.FindStringSubmatch(x.answer.body); m != nil {
				s.local[name] = m[1]
				if u, err := x.url.Parse(m[1]); err == nil && strings.HasPrefix(m[1], "/") {
					s.local[name] = u.String()
				}
			}
		}
		var problems []string
		for _, check := range step.Want {
			if err := check(x); err != nil {
				var lacking notOfferedError
				if errors.As(err, &lacking) {
					return nil, nil, err
				}
				problems = append(problems, err.Error())
				break // what follows would only follow from it
			}
		}
		if len(problems) == 0 || !step.Until {
			return x, problems, nil
		}
		select {
		case <-deadline:
			return x, append(problems, fmt.Sprint("and that for ", patience)), nil
		case <-tick.C:
		}
	}
}

// send expands a step and sends it.
func (s *scope) send(step Step) (*exchange, error) {
	var failed error
	get := func(text string) string {
		v, err := s.expand(text)
		if err != nil && failed == nil {
			failed = err
		}
		return v
	}
	method, target, _ := strings.Cut(get(step.Do), " ")
	r := request{method: method, target: target, body: get(step.Body), as: step.As}
	if step.Accept != "" {
		r.header = append(r.header, "Accept: "+get(step.Accept))
	}
	if step.Type != "" {
		r.header = append(r.header, "Content-Type: "+get(step.Type))
	}
	for _, line := range step.Header {
		r.header = append(r.header, get(line))
	}
	if failed != nil {
		return nil, failed
	}
	if step.As == other && s.w.endpoint.other.name == "" {
		return nil, notOfferedError{"a second tenant"}
	}
	x, err := s.w.exchange(r)
	if err != nil {
		return nil, err
	}
	x.scope = s
	s.w.observe(x)
	return x, nil
}

func lastSegment(location string) string {
	location = strings.TrimSuffix(location, "/")
	return location[strings.LastIndex(location, "/")+1:]
}
