// Package report says what came of suites: to people in a terminal (text) or a
// browser (html), and to programs (json, junit).
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/occimi/occimi/conformance/suite"
)

// Formats writes the reports of a run in each format. Nothing of an endpoint's
// answers can break the form of what is written.
var Formats = map[string]func(w io.Writer, reports []*suite.Report) error{
	"text": writeText, "json": writeJSON, "junit": writeJUnit, "html": writeHTML,
}

// Verdict is nil if the endpoints keep what the standards demand of them, as far
// as it was seen; else it says what is wrong: a MUST that failed, a protocol of
// which an endpoint offers no version, or a run that was cut short.
func Verdict(reports []*suite.Report) error {
	var wrong []string
	failed := 0
	for _, r := range reports {
		failed += r.Count(func(x suite.Result) bool { return x.Level == suite.Must })[suite.Failed]
	}
	if failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%s failed", count(failed, "MUST")))
	}
	var asked []string
	for _, r := range reports {
		if slices.Contains(asked, r.Protocol) {
			continue
		}
		asked = append(asked, r.Protocol)
		if !slices.ContainsFunc(reports, func(other *suite.Report) bool { return other.Protocol == r.Protocol && (other.Offered() || other.Cut) }) {
			wrong = append(wrong, fmt.Sprintf("%s does not offer %s", r.Endpoint, r.Protocol))
		}
	}
	if slices.ContainsFunc(reports, func(r *suite.Report) bool { return r.Cut }) {
		wrong = append(wrong, "it was ended before all cases had run")
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// document is what JSON holds.
type document struct {
	Conforms bool            `json:"conforms"`
	Verdict  string          `json:"verdict"`
	Suites   []*suite.Report `json:"suites"`
}

func writeJSON(w io.Writer, reports []*suite.Report) error {
	d := document{Conforms: Verdict(reports) == nil, Verdict: verdict(reports), Suites: reports}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(d)
}

// of gives the results with an outcome.
func of(r *suite.Report, outcome suite.Outcome) []suite.Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(x suite.Result) bool { return x.Outcome != outcome })
}

// lack is a reason for which cases were skipped.
type lack struct {
	Reason string
	Cases  []suite.Result
}

// skips are the reasons, in the order of the first case of each.
func skips(r *suite.Report) []lack {
	var lacks []lack
	for _, x := range of(r, suite.Skipped) {
		i := slices.IndexFunc(lacks, func(l lack) bool { return l.Reason == x.Reason })
		if i < 0 {
			i, lacks = len(lacks), append(lacks, lack{Reason: x.Reason})
		}
		lacks[i].Cases = append(lacks[i].Cases, x)
	}
	return lacks
}
