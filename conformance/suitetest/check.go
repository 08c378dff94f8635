package suitetest

import (
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/conformance/suite"
)

// Users are those of the embedded cloud, and of the real one that tests use.
func Users(e suite.Endpoint) suite.Endpoint {
	e.User, e.Other = suite.Credentials{Name: "demo", Password: "secret"}, suite.Credentials{Name: "alt", Password: "secret"}
	return e
}

// Check runs the cases of a suite that only chooses (nil: all), and makes each
// result that of a test of its own.
func Check(t *testing.T, s suite.Suite, e suite.Endpoint, o suite.Options) *suite.Report {
	t.Helper()
	o.Timeout = 15 * time.Minute
	report, err := s.Run(t.Context(), e, o)
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

var update = flag.Bool("update", false, "write the golden files anew")

// Skipped compares what was skipped, and why, to a golden file: a case that is not
// run any more is not seen otherwise.
func Skipped(t *testing.T, r *suite.Report, golden string) {
	t.Helper()
	var b strings.Builder
	for _, x := range r.Results {
		if x.Outcome == suite.Skipped {
			fmt.Fprintf(&b, "%s: %s\n", x.ID, x.Reason)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("skipped (-%s +now):\n%s", golden, diff)
	}
}

// Difference is what the embedded cloud and a real one do not agree on, and why
// that is no mistake.
type Difference struct{ Cases, Why string } // patterns of ids, a blank between them

// Agree checks the chosen cases of a suite in front of a real cloud, and that each
// comes to the same in front of the embedded one, but for the known differences.
func Agree(t *testing.T, s suite.Suite, embedded, real suite.Endpoint, only func(id string) bool, known []Difference) {
	t.Helper()
	expected, err := s.Run(t.Context(), embedded, suite.Options{Only: only})
	if err != nil {
		t.Fatal(err)
	}
	// A real cloud is seconds in doing what the embedded one does at once, on a busy machine more.
	got := Check(t, s, real, suite.Options{Only: only, Pace: 400 * time.Millisecond, Patience: 3 * time.Minute})
	seen := map[Difference]bool{}
	for i, r := range got.Results {
		e := expected.Results[i]
		if r.Outcome == e.Outcome {
			continue
		}
		at := slices.IndexFunc(known, func(d Difference) bool { return matches(d.Cases, r.ID) })
		if at < 0 {
			t.Errorf("%s %s in front of the real cloud (%s), and %s in front of the embedded one (%s)", r.ID, r.Outcome, r.Reason, e.Outcome, e.Reason)
			continue
		}
		seen[known[at]] = true
	}
	for _, d := range known {
		if !seen[d] && slices.ContainsFunc(got.Results, func(r suite.Result) bool { return matches(d.Cases, r.ID) }) {
			t.Errorf("no case of %q differs any more", d.Cases)
		}
	}
}

// matches tells whether one of the patterns, with blanks between them, is that of an id.
func matches(patterns, id string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		match, err := path.Match(pattern, id)
		return err == nil && match
	})
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
