package suitetest

import (
	"slices"
	"testing"
	"time"

	"github.com/occimi/occimi/conformance/suite"
)

// Users are those of the embedded cloud, and of the real one that tests use.
func Users(e suite.Endpoint) suite.Endpoint {
	e.User, e.Other = suite.Credentials{Name: "demo", Password: "secret"}, suite.Credentials{Name: "alt", Password: "secret"}
	return e
}

// Check runs the cases of a suite that only chooses (nil: all), and makes each
// result that of a test of its own.
func Check(t *testing.T, s suite.Suite, e suite.Endpoint, only func(id string) bool) *suite.Report {
	t.Helper()
	report, err := s.Run(t.Context(), e, suite.Options{Timeout: 15 * time.Minute, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		t.Run(r.ID, func(t *testing.T) {
			switch r.Outcome {
			case suite.Failed:
				t.Error(r)
			case suite.Skipped:
				t.Skip(r.Reason)
			}
		})
	}
	if len(report.Left) > 0 {
		t.Errorf("could not be deleted: %q", report.Left)
	}
	t.Log("\n" + report.Summary())
	return report
}

// Declared fails the test unless every case and rule of a suite says, once, what it is about.
func Declared(t *testing.T, s suite.Suite) {
	t.Helper()
	seen := map[string]bool{}
	described := func(id string, level suite.Level, clause, title string) {
		if seen[id] {
			t.Errorf("%s: there are two", id)
		}
		seen[id] = true
		if clause == "" || title == "" || !slices.Contains(suite.Levels, level) {
			t.Errorf("%s: clause, title or level is missing", id)
		}
	}
	described(s.Entry.ID, s.Entry.Level, s.Entry.Clause, s.Entry.Title)
	for _, c := range s.Cases {
		described(c.ID, c.Level, c.Clause, c.Title)
		if n := len(c.Steps); n == 0 || len(c.Steps[n-1].Want) == 0 && c.Steps[n-1].Then == nil {
			t.Errorf("%s: nothing is expected at its end", c.ID)
		}
		for _, step := range c.Steps {
			for _, check := range step.Want {
				if check.Expect == "" {
					t.Errorf("%s, %s: a check does not say what it wants", c.ID, step.Do)
				}
			}
		}
	}
	for _, r := range s.Rules {
		described(r.ID, r.Level, r.Clause, r.Title)
	}
}
