package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"github.com/occimi/occimi/conformance/suite"
)

// What CI systems read: the elements and attributes of JUnit's XML that all of them know.
type (
	testSuites struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name      string     `xml:"name,attr"`
		Tests     int        `xml:"tests,attr"`
		Failures  int        `xml:"failures,attr"`
		Errors    int        `xml:"errors,attr"`
		Skipped   int        `xml:"skipped,attr"`
		Time      string     `xml:"time,attr"`
		Timestamp string     `xml:"timestamp,attr"`
		Cases     []testCase `xml:"testcase"`
	}
	testCase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure"`
		Skipped *message `xml:"skipped"`
		Out     string   `xml:"system-out,omitempty"`
	}
	message struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit makes each case a test. A SHOULD or a de-facto case that failed does
// not make a build fail: it is a skipped test that tells its exchange.
func writeJUnit(w io.Writer, reports []*suite.Report) error {
	var all testSuites
	for _, r := range reports {
		s := testSuite{Name: r.Suite, Tests: len(r.Results), Time: seconds(r.Duration), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05")}
		for _, x := range r.Results {
			c := testCase{Class: r.Suite + "." + x.Area, Name: fmt.Sprintf("%s: %s", x.ID, x.Title), Time: seconds(x.Duration)}
			switch {
			case x.Outcome == suite.Failed && x.Level == suite.Must:
				s.Failures++
				c.Failure = &message{Message: x.Reason, Type: string(x.Level), Text: x.String()}
			case x.Outcome == suite.Failed:
				s.Skipped++
				c.Skipped = &message{Message: fmt.Sprintf("%s, failed: %s", x.Level, x.Reason)}
				c.Out = x.String()
			case x.Outcome == suite.Skipped:
				s.Skipped++
				c.Skipped = &message{Message: x.Reason}
			}
			s.Cases = append(s.Cases, c)
		}
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", " ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
