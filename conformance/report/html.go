package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/occimi/occimi/conformance/suite"
)

//go:embed page.html.tmpl
var page string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"mark": func(o suite.Outcome) string {
		return map[suite.Outcome]string{suite.Passed: "✓", suite.Failed: "✗", suite.Skipped: "–"}[o]
	},
	"count":   count,
	"lasting": lasting,
	"levels":  func() []suite.Level { return suite.Levels },
}).Parse(page))

// What the page shows, in its order.
type (
	pageView struct {
		Conforms bool
		Verdict  string
		Started  time.Time
		Duration time.Duration
		Suites   []suiteView
	}
	suiteView struct {
		*suite.Report
		All      tally
		Promises int
		Levels   []levelView
		Areas    []areaView
		Failed   []suite.Result
		Skips    []lack
	}
	levelView struct {
		Level suite.Level
		Tally tally
	}
	areaView struct {
		Name     string
		Promises int
		All      tally
		Levels   []tally // as suite.Levels
		Cases    []suite.Result
	}
	// tally is how many cases had which outcome.
	tally struct{ Passed, Failed, Skipped int }
)

// Total is how many cases there are.
func (t tally) Total() int { return t.Passed + t.Failed + t.Skipped }

// Share is a part of the cases in percent, for the width of a bar.
func (t tally) Share(part int) string {
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(max(t.Total(), 1)))
}

func tallyOf(r *suite.Report, chosen func(suite.Result) bool) tally {
	n := r.Count(chosen)
	return tally{n[suite.Passed], n[suite.Failed], n[suite.Skipped]}
}

func all(suite.Result) bool { return true }

// writeHTML writes a page that needs nothing besides itself.
func writeHTML(w io.Writer, reports []*suite.Report) error {
	p := pageView{Conforms: Verdict(reports) == nil, Verdict: verdict(reports)}
	for _, r := range reports {
		if p.Started.IsZero() {
			p.Started = r.Started
		}
		p.Duration += r.Duration
		s := suiteView{Report: r, All: tallyOf(r, all), Promises: r.Promises(all), Failed: of(r, suite.Failed), Skips: skips(r)}
		for _, level := range suite.Levels {
			s.Levels = append(s.Levels, levelView{level, tallyOf(r, func(x suite.Result) bool { return x.Level == level })})
		}
		for _, name := range r.Areas() {
			inArea := func(x suite.Result) bool { return x.Area == name }
			a := areaView{Name: name, Promises: r.Promises(inArea), All: tallyOf(r, inArea)}
			for _, level := range suite.Levels {
				a.Levels = append(a.Levels, tallyOf(r, func(x suite.Result) bool { return x.Area == name && x.Level == level }))
			}
			for _, x := range r.Results {
				if x.Area == name {
					a.Cases = append(a.Cases, x)
				}
			}
			s.Areas = append(s.Areas, a)
		}
		p.Suites = append(p.Suites, s)
	}
	return pageTemplate.Execute(w, p)
}

// lasting is a duration as people read it.
func lasting(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
