package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/occimi/occimi/conformance/report"
	. "github.com/occimi/occimi/conformance/suite"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is what an endpoint may answer to break a report.
const hostile = `</pre><script>alert(1)</script> ]]> {{.}} " ' & ${name}`

func result(id string, level Level, outcome Outcome, reason string, records ...Record) Result {
	area, _, _ := strings.Cut(id, ".")
	return Result{ID: id, Area: area, Promise: id, Level: level, Clause: "Standard 1.2", Title: "what " + id + " wants", Outcome: outcome, Reason: reason,
		Duration: 1500 * time.Microsecond, Records: append([]Record{}, records...)}
}

func reportOf(protocol, name string, results ...Result) *Report {
	return &Report{Protocol: protocol, Suite: name, Title: strings.ToUpper(name), Endpoint: "http://cloud.example.org/" + protocol,
		Started: time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC), Duration: 83 * time.Second, Exchanges: 7, Results: results, Left: []string{}}
}

var (
	entry = result("entry", Must, Passed, "", Record{Step: "GET /-/", Expect: []string{"status 200"}, Request: "GET http://cloud.example.org/-/\n", Answer: "200 OK\nServer: x\n\nbody", Problems: nil})
	sound = reportOf("occi", "occi", entry, result("machines.list", Must, Passed, ""), result("machines.keys", Should, Failed, "there are none"))
	mixed = reportOf("cimi", "cimi1", entry,
		result("machines.stop", Must, Failed, "the status is 500 "+hostile,
			Record{Step: "POST ${machine}", Expect: []string{"status 202", "a body that matches x"}, Request: "POST /machines/1\n\n" + hostile, Answer: "500 Internal Server Error\n\n" + hostile, Problems: []string{hostile}},
			Record{Step: "GET ${machine}", Problems: []string{"is not answered"}}),
		result("machines.delete", Must, Skipped, "not offered: machines.add"),
		result("volumes.delete", DeFacto, Skipped, "not offered: machines.add"),
		result("volumes.tenant", Must, Skipped, "not offered: a second tenant"))
	absent = reportOf("cimi", "cimi2", result("entry", Must, Skipped, "not offered: version 2"), result("machines.stop", Must, Skipped, "not offered: version 2"))
)

func TestVerdict(t *testing.T) {
	cut := reportOf("occi", "occi", entry)
	cut.Cut = true
	early := reportOf("occi", "occi", result("entry", Must, Skipped, "the time of the run is over"))
	early.Cut = true
	for _, test := range []struct {
		name    string
		reports []*Report
		want    string // empty: conforms
	}{
		{"nothing failed but a SHOULD", []*Report{sound}, ""},
		{"a MUST failed", []*Report{sound, mixed}, "1 MUST failed"},
		{"a version is not offered", []*Report{sound, reportOf("cimi", "cimi1", entry), absent}, ""},
		{"a protocol is not offered", []*Report{sound, absent}, "http://cloud.example.org/cimi does not offer cimi"},
		{"ended early", []*Report{cut}, "it was ended before all cases had run"},
		{"ended at once", []*Report{early}, "it was ended before all cases had run"},
		{"all of it", []*Report{cut, mixed, mixed}, "2 MUSTs failed; it was ended before all cases had run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := report.Verdict(test.reports)
			if got := errorText(err); got != test.want {
				t.Errorf("got %q, wanted %q", got, test.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestFormats: every format is as it was looked at, and well-formed whatever an endpoint answers.
func TestFormats(t *testing.T) {
	checks := map[string]func(t *testing.T, text string) error{
		"text": func(*testing.T, string) error { return nil },
		"json": func(_ *testing.T, text string) error {
			var got struct {
				Conforms bool
				Suites   []Report
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				return err
			}
			if got.Conforms || len(got.Suites) != 3 || got.Suites[1].Results[1].Records[0].Problems[0] != hostile {
				return errors.New("it does not say what came of the run")
			}
			return nil
		},
		"junit": func(t *testing.T, text string) error {
			var got struct {
				Suites []struct {
					Tests    int      `xml:"tests,attr"`
					Failures int      `xml:"failures,attr"`
					Skipped  int      `xml:"skipped,attr"`
					Cases    []string `xml:"testcase"`
				} `xml:"testsuite"`
			}
			if err := xml.Unmarshal([]byte(text), &got); err != nil {
				return err
			}
			var counts [][4]int
			for _, s := range got.Suites {
				counts = append(counts, [4]int{s.Tests, s.Failures, s.Skipped, len(s.Cases)})
			}
			if diff := cmp.Diff([][4]int{{3, 0, 1, 3}, {5, 1, 3, 5}, {2, 0, 2, 2}}, counts); diff != "" {
				t.Errorf("tests, failures, skipped and cases (-want +got):\n%s", diff)
			}
			return nil
		},
		"html": func(t *testing.T, text string) error {
			if n := strings.Count(text, "<script"); n != 1 {
				t.Errorf("there are %d scripts", n)
			}
			for _, from := range []string{`src=`, `url(`, `@import`, `<link`} {
				if strings.Contains(text, from) {
					t.Errorf("it needs something besides itself: %s", from)
				}
			}
			return nil
		},
	}
	for format, write := range report.Formats {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(&got, []*Report{sound, mixed, absent}); err != nil {
				t.Fatal(err)
			}
			if err := checks[format](t, got.String()); err != nil {
				t.Errorf("%v:\n%s", err, got.String())
			}
			golden := filepath.Join("testdata", "report."+format)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := write(broken{}, []*Report{sound}); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("written to nowhere: got %v, wanted its error", err)
			}
		})
	}
}

// broken cannot be written to.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
