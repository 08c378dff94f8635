package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// trial is one run of a case: its own names, what it made, and what was said.
type trial struct {
	session *Session
	id      string // of the case
	local   map[string]string
	made    []string // URLs, to be deleted
	records []Record
}

func newTrial(s *Session, id string) *trial {
	return &trial{session: s, id: id, local: map[string]string{}, records: []Record{}}
}

var variable = regexp.MustCompile(`\$\{([^}]+)\}`)

// expand puts values in the place of names.
func (t *trial) expand(text string) (string, error) {
	var failed error
	out := variable.ReplaceAllStringFunc(text, func(m string) string {
		name := m[2 : len(m)-1]
		if v, ok := t.local[name]; ok {
			return v
		}
		v, err := t.session.value(name)
		if err != nil && failed == nil {
			failed = err
		}
		return v
	})
	return out, failed
}

// pattern compiles an expression in which the values of names are literal.
func (t *trial) pattern(expression string) (*regexp.Regexp, error) {
	var failed error
	expression = variable.ReplaceAllStringFunc(expression, func(m string) string {
		v, err := t.expand(m)
		if err != nil {
			failed = err
		}
		return regexp.QuoteMeta(v)
	})
	if failed != nil {
		return nil, failed
	}
	return regexp.Compile(expression)
}

// mostSteps bounds what a case may send, whatever follows from answers.
const mostSteps = 200

// perform sends a step, again and again if it is one that waits, and what
// follows from it, and tells what is wrong with the (last) answer.
func (t *trial) perform(ctx context.Context, step Step) ([]string, error) {
	if len(step.Racing) > 0 {
		return t.race(ctx, append([]Step{step}, step.Racing...))
	}
	x, problems, err := t.attempt(ctx, step)
	t.record(step, x, problems, err)
	if err != nil || len(problems) > 0 || step.Then == nil {
		return problems, err
	}
	next, err := step.Then(x)
	if err != nil {
		return nil, err
	}
	for i, follows := range next {
		if i == mostSteps {
			return nil, fmt.Errorf("more than %d steps follow from %s", mostSteps, step.Do)
		}
		if problems, err := t.perform(ctx, follows); err != nil || len(problems) > 0 {
			return problems, err
		}
	}
	return nil, nil
}

// race sends steps at the same time, and tells what is wrong with the first answer
// that is not as wanted.
func (t *trial) race(ctx context.Context, steps []Step) ([]string, error) {
	exchanges, errs := make([]*Exchange, len(steps)), make([]error, len(steps))
	var wg sync.WaitGroup
	for i, step := range steps {
		wg.Go(func() { errs[i] = guard(func() (err error) { exchanges[i], err = t.send(ctx, step); return err }) })
	}
	wg.Wait()
	var wrong []string
	var failed error
	for i, step := range steps {
		problems, err := []string(nil), errs[i]
		if err == nil {
			problems, err = t.take(step, exchanges[i])
		}
		t.record(step, exchanges[i], problems, err)
		if failed == nil && wrong == nil {
			wrong, failed = problems, err
		}
	}
	return wrong, failed
}

// attempt sends a step until its answer is as wanted, or once if it does not wait.
// The last look begins when there is no patience left, however late the answers to
// those before it came.
func (t *trial) attempt(ctx context.Context, step Step) (*Exchange, []string, error) {
	o := t.session.options
	limited, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	for _, check := range step.Want {
		_, _ = t.expand(check.Expect) // what a check names has to be there before it is asked for
	}
	var latest *Exchange
	var problems []string
	for wait, last := o.pace(), false; ; {
		x, err := t.send(ctx, step)
		if err != nil {
			return latest, problems, err
		}
		latest = x
		if problems, err = t.take(step, x); err != nil {
			return x, nil, err
		}
		if len(problems) == 0 || !step.Until || len(step.Over) > 0 && !slices.Contains(step.Over, x.Status) {
			return x, problems, nil
		}
		over := last
		if last = !wait(limited); over || ctx.Err() != nil {
			return x, append(problems, fmt.Sprint("and that for ", o.Patience)), nil
		}
	}
}

// take takes what a step names from its answer, and tells what is wrong with that.
func (t *trial) take(step Step, x *Exchange) ([]string, error) {
	for _, place := range t.session.suite.Created(x) {
		if u, err := x.URL.Parse(place); err == nil && t.session.Here(u) {
			t.made = append(t.made, u.String())
		}
	}
	if err := t.name(step, x); err != nil {
		return nil, err
	}
	problems, err := t.check(step, x)
	if err == nil && len(problems) == 0 && step.Read != nil {
		var found map[string]string
		if found, err = step.Read(x); err == nil {
			t.found(step.Below, found)
		}
	}
	return problems, err
}

// found gives names their values, in the place of those below a name, if there is one.
func (t *trial) found(below string, names map[string]string) {
	if below == "" {
		maps.Copy(t.local, names)
		return
	}
	maps.DeleteFunc(t.local, func(name, _ string) bool { return strings.HasPrefix(name, below+".") })
	for name, value := range names {
		t.local[strings.TrimSuffix(below+"."+name, ".")] = value
	}
}

// check tells the first thing that is wrong: what follows would only follow from it.
func (t *trial) check(step Step, x *Exchange) ([]string, error) {
	for _, check := range step.Want {
		if err := guard(func() error { return check.Holds(x) }); err != nil {
			if errors.As(err, new(NotOfferedError)) {
				return nil, err
			}
			return []string{t.session.secrets.mask(err.Error())}, nil
		}
	}
	return nil, nil
}

// name keeps what a step names in its answer.
func (t *trial) name(step Step, x *Exchange) error {
	if step.Made != "" {
		place := x.Header.Get("Location")
		if u, err := x.URL.Parse(place); err == nil && place != "" {
			place = u.String()
		}
		t.local[step.Made], t.local[step.Made+".id"] = place, lastSegment(place)
	}
	if step.Keep != "" {
		t.local[step.Keep] = x.Body
	}
	for _, f := range step.Find {
		re, err := t.pattern(f.Expression)
		if err != nil {
			return err
		}
		text := x.Body
		if f.In != "" {
			text = x.Header.Get(f.In)
		}
		m := re.FindStringSubmatch(text)
		if len(m) < 2 {
			continue
		}
		t.local[f.Name] = m[1]
		if u, err := x.URL.Parse(m[1]); err == nil && strings.HasPrefix(m[1], "/") {
			t.local[f.Name] = u.String()
		}
	}
	return nil
}

// send expands a step and sends it.
func (t *trial) send(ctx context.Context, step Step) (*Exchange, error) {
	var failed error
	get := func(text string) string {
		v, err := t.expand(text)
		if err != nil && failed == nil {
			failed = err
		}
		return v
	}
	method, target, _ := strings.Cut(get(step.Do), " ")
	r := Request{Method: method, Target: target, Body: get(step.Body), As: step.As}
	if step.Accept != "" {
		r.Header = append(r.Header, "Accept: "+get(step.Accept))
	}
	if step.Type != "" {
		r.Header = append(r.Header, "Content-Type: "+get(step.Type))
	}
	for _, line := range step.Header {
		r.Header = append(r.Header, get(line))
	}
	if failed != nil {
		return nil, failed
	}
	if step.As == Other && !t.session.Endpoint.Other.Known() {
		return nil, NotOfferedError{"a second tenant"}
	}
	if step.Shared {
		return t.once(ctx, r)
	}
	return t.exchange(ctx, r)
}

// exchange sends a request, and has its answer checked by the rules.
func (t *trial) exchange(ctx context.Context, r Request) (*Exchange, error) {
	x, err := t.session.exchange(ctx, r)
	if err != nil {
		return nil, err
	}
	x.trial = t
	t.session.observe(x)
	return x, nil
}

// once gives the answer that another case got to the same request, or the first.
func (t *trial) once(ctx context.Context, r Request) (*Exchange, error) {
	a := t.session.answerTo(r)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.exchange == nil {
		x, err := t.exchange(ctx, r)
		if err != nil {
			return nil, err // the next case tries for itself
		}
		a.exchange = x
	}
	x := *a.exchange
	x.trial = t
	return &x, nil
}

// record keeps what was said, for the report.
func (t *trial) record(step Step, x *Exchange, problems []string, err error) {
	r := Record{Step: step.String(), Problems: problems}
	for _, check := range step.Want {
		if text, err := t.expand(check.Expect); err == nil {
			r.Expect = append(r.Expect, t.session.secrets.mask(text))
		} else {
			r.Expect = append(r.Expect, check.Expect)
		}
	}
	if x != nil {
		r.Request, r.Answer = x.RequestText(), x.AnswerText()
	}
	if err != nil && !errors.As(err, new(NotOfferedError)) {
		r.Problems = append(r.Problems, t.session.secrets.mask(err.Error()))
	}
	if x != nil || len(r.Problems) > 0 {
		t.records = append(t.records, r)
	}
}

// clean deletes what was made.
func (t *trial) clean(ctx context.Context) {
	t.session.remove(ctx, t.made)
	t.made = nil
}

func lastSegment(location string) string {
	location = strings.TrimSuffix(location, "/")
	return location[strings.LastIndex(location, "/")+1:]
}

// Explorer finds its way at an endpoint before the cases run, and names what it finds for all of them.
type Explorer struct {
	ctx   context.Context
	trial *trial
}

// Send sends a step and gives its answer, and an error if that is not as wanted.
func (e *Explorer) Send(step Step) (*Exchange, error) {
	x, problems, err := e.trial.attempt(e.ctx, step)
	e.trial.record(step, x, problems, err)
	if err == nil && len(problems) > 0 {
		err = errors.New(strings.Join(problems, "; "))
	}
	return x, err
}

// Name gives a name its value, for all cases.
func (e *Explorer) Name(name, value string) { e.trial.session.names[name] = value }

// Value gives the value of a name, "" if it has none.
func (e *Explorer) Value(name string) string { return e.trial.session.names[name] }

// Session is the endpoint that is looked at.
func (e *Explorer) Session() *Session { return e.trial.session }
