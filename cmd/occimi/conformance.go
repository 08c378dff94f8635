package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/occimi/occimi/conformance/cimi"
	"github.com/occimi/occimi/conformance/occi"
	"github.com/occimi/occimi/conformance/report"
	"github.com/occimi/occimi/conformance/suite"
)

// conformanceSettings is the table of options of `occimi conformance`; see settings.
type conformanceSettings struct {
	OCCI          string   `koanf:"occi" help:"root of an OCCI endpoint: its query interface is at /-/ below"`
	CIMI          string   `koanf:"cimi" help:"Cloud Entry Point of a CIMI endpoint"`
	User          string   `koanf:"user" help:"who uses the endpoint: name for HTTP Basic"`
	Password      string   `koanf:"password" help:"the user's password"`
	Token         string   `koanf:"token" help:"the user's token (X-Auth-Token), instead of name and password"`
	OtherUser     string   `koanf:"other-user" help:"somebody of another tenant, to whom nothing of the user's may be shown; empty: cases of two tenants are skipped"`
	OtherPassword string   `koanf:"other-password" help:"that one's password"`
	OtherToken    string   `koanf:"other-token" help:"that one's token, instead of name and password"`
	Only          []string `koanf:"only" help:"areas or ids of cases to run, with * for any text, after a suite and a slash if they are not of all: machines, actions.stop*, cimi2/query; empty: all"`
	Exclusive     bool     `koanf:"exclusive" help:"nobody else uses the user's tenant: also run cases that delete all that is in it"`
	Format        string   `koanf:"format" default:"text" help:"of the report: text, json, junit or html"`
	Patience      duration `koanf:"patience" default:"1m" help:"how long a cloud may take until a machine runs, or whatever else a case waits for"`
	Timeout       duration `koanf:"timeout" default:"20m" help:"of all cases together; cases that have not run by then are skipped, and what was made is deleted after it, too"`
}

// errNotConforming is what conformance ends with if a MUST failed.
var errNotConforming = errors.New("the endpoint does not conform")

func conformanceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "conformance",
		Short: "Run black-box cases against any OCCI or CIMI endpoint",
		Long: `Conformance runs cases for OCCI 1.1 and 1.2, CIMI 1 and CIMI 2.0 against an endpoint, this program's or another's.
What a case needs it finds at the endpoint, and takes away what it made. The report is printed, passwords and tokens are
masked in it. The exit code is 1 if a MUST failed, if a protocol is not offered, or if --timeout or a signal ended it before
all cases had run.

Credentials are best given in the environment (OCCIMI_USER, OCCIMI_PASSWORD, OCCIMI_OTHER_USER, ...).
Certificates are checked; SSL_CERT_FILE names others to trust.`,
		Example: `  OCCIMI_USER=demo OCCIMI_PASSWORD=secret occimi conformance --occi http://127.0.0.1:8787 --cimi http://127.0.0.1:8787/cimi/
  occimi conformance --cimi https://cloud.example.org/cimi/ --only machines,'volumes.refuse*' --format html >report.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[conformanceSettings](cmd.Flags(), os.Environ)
			if err != nil {
				return usageError{err}
			}
			return conform(cmd.Context(), s, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addFlags[conformanceSettings](cmd.Flags(), func(string) bool { return true })
	return cmd
}

func (s conformanceSettings) validate() error {
	var errs []error
	if s.OCCI == "" && s.CIMI == "" {
		errs = append(errs, errors.New("say which endpoint: --occi URL, --cimi URL or both"))
	}
	for _, who := range []struct{ option, name, password, token string }{
		{"", s.User, s.Password, s.Token}, {"other-", s.OtherUser, s.OtherPassword, s.OtherToken},
	} {
		if (who.name == "") != (who.password == "") {
			errs = append(errs, fmt.Errorf("options %suser and %spassword: there is only one of them", who.option, who.option))
		}
		if who.name != "" && who.token != "" {
			errs = append(errs, fmt.Errorf("options %suser and %stoken: there are both", who.option, who.option))
		}
	}
	if _, ok := report.Formats[s.Format]; !ok {
		errs = append(errs, fmt.Errorf("option format: %q is none of %s", s.Format, strings.Join(slices.Sorted(maps.Keys(report.Formats)), ", ")))
	}
	if s.Patience <= 0 {
		errs = append(errs, errors.New("option patience: must be more than zero"))
	}
	if s.Timeout <= 0 {
		errs = append(errs, errors.New("option timeout: must be more than zero"))
	}
	for _, pattern := range s.Only {
		if _, err := path.Match(pattern, ""); err != nil {
			errs = append(errs, fmt.Errorf("option only: %q is no pattern", pattern))
		}
	}
	return errors.Join(errs...)
}

// planned is a suite and where it is run.
type planned struct {
	suite suite.Suite
	url   string
}

// plan gives the suites that have cases to run.
func (s conformanceSettings) plan() []planned {
	var all []planned
	if s.OCCI != "" {
		all = append(all, planned{occi.New(), s.OCCI})
	}
	if s.CIMI != "" {
		for _, version := range cimi.Versions {
			all = append(all, planned{cimi.New(version), s.CIMI})
		}
	}
	return slices.DeleteFunc(all, func(p planned) bool {
		return !slices.ContainsFunc(p.suite.Cases, func(c suite.Case) bool { return s.chosen(p.suite.Name, c.ID) })
	})
}

// chosen tells whether --only names a case.
func (s conformanceSettings) chosen(suiteName, id string) bool {
	area, _, _ := strings.Cut(id, ".")
	return len(s.Only) == 0 || slices.ContainsFunc(s.Only, func(pattern string) bool {
		return slices.ContainsFunc([]string{id, area, suiteName + "/" + id, suiteName + "/" + area}, func(name string) bool {
			match, _ := path.Match(pattern, name) // patterns are valid
			return match
		})
	})
}

// conform runs the suites one after the other, and prints what came of them to
// out and how far it is to errOut.
func conform(ctx context.Context, s conformanceSettings, out, errOut io.Writer) error {
	plan := s.plan()
	if len(plan) == 0 {
		return usageError{fmt.Errorf("option only: there is no case %s", strings.Join(s.Only, ", "))}
	}
	end := time.Now().Add(s.Timeout)
	var reports []*suite.Report
	for _, p := range plan {
		endpoint := suite.Endpoint{URL: p.url, Exclusive: s.Exclusive,
			User:  suite.Credentials{Name: s.User, Password: s.Password, Token: s.Token},
			Other: suite.Credentials{Name: s.OtherUser, Password: s.OtherPassword, Token: s.OtherToken}}
		r, err := p.suite.Run(ctx, endpoint, suite.Options{
			Only: func(id string) bool { return s.chosen(p.suite.Name, id) }, Timeout: max(time.Until(end), 1), Patience: s.Patience})
		if err != nil {
			return usageError{err}
		}
		reports = append(reports, r)
		n := r.Count(func(suite.Result) bool { return true })
		_, _ = fmt.Fprintf(errOut, "%s: %d passed, %d failed, %d skipped in %s\n",
			r.Title, n[suite.Passed], n[suite.Failed], n[suite.Skipped], r.Duration.Round(time.Second)) // nobody may look
	}
	if err := report.Formats[s.Format](out, reports); err != nil {
		return err
	}
	if err := report.Verdict(reports); err != nil {
		return fmt.Errorf("%w: %w", errNotConforming, err)
	}
	return nil
}
