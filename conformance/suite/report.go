package suite

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome is what came of a case.
type Outcome string

const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // the server does not offer it, or it must not be tried there
)

// Outcomes are all outcomes, in the order of tables.
var Outcomes = []Outcome{Passed, Failed, Skipped}

// Result is what came of a case.
type Result struct {
	ID       string        `json:"id"`
	Area     string        `json:"area"`
	Promise  string        `json:"promise"` // what it is a case of
	Level    Level         `json:"level"`
	Clause   string        `json:"clause"`
	Title    string        `json:"title"`
	Outcome  Outcome       `json:"outcome"`
	Reason   string        `json:"reason,omitempty"` // why it failed or was skipped
	Duration time.Duration `json:"duration_ns"`
	Records  []Record      `json:"exchanges"` // in the order of sending, the last is the one that failed; of a step that waited, the last
}

// Report is what came of a run.
type Report struct {
	Protocol  string        `json:"protocol"`
	Suite     string        `json:"suite"`
	Title     string        `json:"title"`
	Endpoint  string        `json:"endpoint"`
	Started   time.Time     `json:"started"`
	Duration  time.Duration `json:"duration_ns"`
	Exchanges int           `json:"exchanges"` // answers of the endpoint
	Results   []Result      `json:"results"`   // the entry, cases as declared, rules
	Cut       bool          `json:"cut"`       // ended before all cases had run, by its time or a signal
	Left      []string      `json:"left"`      // URLs of what was made and could not be deleted
}

func (t *trial) skipped(c Case, reason string) Result {
	return Result{ID: c.ID, Area: c.Area(), Promise: cmp.Or(c.Promise, c.ID), Level: c.Level, Clause: c.Clause, Title: c.Title, Outcome: Skipped, Reason: reason, Records: t.records}
}

// result says what came of a case by what is wrong with its last answer, or
// what kept it from being sent.
func (t *trial) result(c Case, problems []string, err error) Result {
	var lacking NotOfferedError
	switch {
	case errors.As(err, &lacking):
		return t.skipped(c, t.session.secrets.mask(lacking.Error()))
	case err != nil:
		problems = []string{t.session.secrets.mask(err.Error())}
	}
	r := t.skipped(c, strings.Join(problems, "; "))
	r.Outcome = Passed
	if len(problems) > 0 {
		r.Outcome = Failed
	}
	return r
}

// Count is how many cases had which outcome.
type Count map[Outcome]int

// Count counts the results that are chosen.
func (r *Report) Count(chosen func(Result) bool) Count {
	n := Count{}
	for _, result := range r.Results {
		if chosen(result) {
			n[result.Outcome]++
		}
	}
	return n
}

// Promises is how many different promises the chosen results are about: many cases
// may be one promise of many resources, or in two formats.
func (r *Report) Promises(chosen func(Result) bool) int {
	seen := map[string]bool{}
	for _, result := range r.Results {
		if chosen(result) {
			seen[result.Promise] = true
		}
	}
	return len(seen)
}

// Offered tells whether the endpoint speaks what the suite is about.
func (r *Report) Offered() bool { return len(r.Results) > 0 && r.Results[0].Outcome != Skipped }

// Areas are those of the results, in their order.
func (r *Report) Areas() []string {
	var areas []string
	seen := map[string]bool{}
	for _, result := range r.Results {
		if !seen[result.Area] {
			seen[result.Area] = true
			areas = append(areas, result.Area)
		}
	}
	return areas
}

// Summary is a table of outcomes by area and by level. Promises that several areas
// have cases of count once in the sum.
func (r *Report) Summary() string {
	var b strings.Builder
	row := func(name string, chosen func(Result) bool) {
		n := r.Count(chosen)
		fmt.Fprintf(&b, "%-24s %8d %6d %6d %6d %7d\n", name, r.Promises(chosen), n[Passed]+n[Failed]+n[Skipped], n[Passed], n[Failed], n[Skipped])
	}
	fmt.Fprintf(&b, "%s at %s\n%-24s %8s %6s %6s %6s %7s\n", r.Title, r.Endpoint, "area", "promises", "cases", "passed", "failed", "skipped")
	for _, area := range r.Areas() {
		row(area, func(x Result) bool { return x.Area == area })
	}
	for _, level := range Levels {
		row("= "+string(level), func(x Result) bool { return x.Level == level })
	}
	row("= all", func(Result) bool { return true })
	fmt.Fprintf(&b, "%d exchanges in %s\n", r.Exchanges, r.Duration.Round(time.Millisecond))
	return b.String()
}

// String tells a result with its exchanges, as a failure is told to people.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s) %s: %s\n", r.ID, r.Level, r.Clause, r.Outcome, r.Title)
	if r.Reason != "" {
		fmt.Fprintf(&b, "  %s\n", r.Reason)
	}
	if r.Outcome != Failed {
		return b.String()
	}
	for _, x := range r.Records {
		fmt.Fprintf(&b, "- %s\n", x.Step)
		if len(x.Expect) > 0 {
			fmt.Fprintf(&b, "  wanted: %s\n", strings.Join(x.Expect, "; "))
		}
		for _, p := range x.Problems {
			fmt.Fprintf(&b, "  but: %s\n", p)
		}
		quote(&b, "  > ", x.Request)
		quote(&b, "  < ", x.Answer)
	}
	return b.String()
}

func quote(b *strings.Builder, mark, text string) {
	for line := range strings.Lines(text) {
		b.WriteString(mark + strings.TrimSuffix(line, "\n") + "\n")
	}
}
