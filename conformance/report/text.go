package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/occimi/occimi/conformance/suite"
)

// writeText tells failures with their exchanges, what was skipped and why, and
// at the end, where a terminal shows it, what it comes to.
func writeText(w io.Writer, reports []*suite.Report) error {
	var b strings.Builder
	for _, r := range reports {
		for _, x := range of(r, suite.Failed) {
			fmt.Fprintf(&b, "%s/%s\n", r.Suite, x)
		}
	}
	for _, r := range reports {
		for _, l := range skips(r) {
			fmt.Fprintf(&b, "%s: %s skipped: %s\n", r.Suite, count(len(l.Cases), "case"), l.Reason)
			for _, x := range l.Cases {
				fmt.Fprintf(&b, "  %s\n", x.ID)
			}
		}
		for _, place := range r.Left {
			fmt.Fprintf(&b, "%s: could not be deleted: %s\n", r.Suite, place)
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	for _, r := range reports {
		fmt.Fprintf(&b, "%s\n", r.Summary())
	}
	fmt.Fprintf(&b, "%s\n", verdict(reports))
	_, err := io.WriteString(w, b.String())
	return err
}

// verdict is the verdict in a line.
func verdict(reports []*suite.Report) string {
	if err := Verdict(reports); err != nil {
		return "does not conform: " + err.Error()
	}
	return "conforms: no MUST failed"
}
