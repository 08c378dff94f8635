package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/occimi/occimi/backend/openstack"
)

// errUnusable is what doctor ends with if the proxy could not work.
var errUnusable = errors.New("the proxy cannot work in front of this cloud")

func doctorCommand() *cobra.Command {
	var cloudName string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at a cloud: what is there, and what is missing for the proxy to work",
		Long: `Doctor logs in to a cloud as the OS_* variables say, or as a cloud of clouds.yaml (--os-cloud, OS_CLOUD), and
prints what it finds: token, catalog, microversions, images, flavors, networks. It exits with 1 if the proxy
could not work there. It changes nothing.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[settings](cmd.Flags(), os.Environ)
			if err != nil {
				return usageError{err}
			}
			environment, err := openstack.ReadEnvironment(cloudName, os.Getenv)
			if err != nil {
				return usageError{err}
			}
			return diagnose(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), s, environment, asJSON)
		},
	}
	addFlags[settings](cmd.Flags(), func(name string) bool { return strings.HasPrefix(name, "os-") || strings.HasPrefix(name, "log-") })
	cmd.Flags().StringVar(&cloudName, "os-cloud", "", "cloud of clouds.yaml to log in to (OS_CLOUD)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// diagnose prints what it finds of the cloud to w, and logs its calls to errOut.
// The options win over the environment of OpenStack's tools.
func diagnose(ctx context.Context, w, errOut io.Writer, s settings, e openstack.Environment, asJSON bool) error {
	s.AuthURL = cmp.Or(s.AuthURL, e.AuthURL)
	s.Region = cmp.Or(s.Region, e.Region)
	s.CACert = cmp.Or(s.CACert, e.CACertFile)
	if e.Interface != "" && s.Interface == "public" { // the option's default
		s.Interface = e.Interface
	}
	config, err := s.openstackConfig()
	if err != nil {
		return usageError{err}
	}
	if e.TLS != nil && config.RootCAs == nil {
		config.RootCAs = e.TLS.RootCAs
	}
	config.Log = s.logger(errOut)
	provider, err := openstack.New(config)
	if err != nil {
		return usageError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	cloud, err := provider.Login(ctx, e.Credentials)
	if err != nil {
		return fmt.Errorf("login at %s: %s", s.AuthURL, openstack.Explain(err))
	}
	report, err := provider.Inspect(ctx, cloud)
	if err != nil {
		return err
	}
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = printReport(w, report)
	}
	if err == nil && !report.Usable {
		err = errUnusable
	}
	return err
}

func printReport(w io.Writer, r openstack.Report) error {
	var t strings.Builder // columns, a tab between them
	id := r.Identity
	fmt.Fprintf(&t, "user\t%s (%s)\nproject\t%s (%s)\nroles\t%s\n", id.UserName, id.UserID, id.ProjectName, id.ProjectID, strings.Join(id.Roles, ", "))
	if !id.Expires.IsZero() {
		fmt.Fprintf(&t, "token until\t%s\n", id.Expires.Format("2006-01-02 15:04:05 MST"))
	}
	for _, s := range r.Services {
		switch {
		case s.Endpoint == "":
			fmt.Fprintf(&t, "%s\tnot in the catalog\n", s.Service)
		case s.Version == "none":
			fmt.Fprintf(&t, "%s\t%s\n", s.Service, s.Endpoint)
		default:
			fmt.Fprintf(&t, "%s\t%s, microversions %s to %s, uses %s\n", s.Service, s.Endpoint, s.MinVersion, s.MaxVersion, s.Version)
		}
	}
	fmt.Fprintf(&t, "images\t%d\nflavors\t%d\nnetworks\t%d\n", r.Images, r.Flavors, r.Networks)
	for _, missing := range r.Missing {
		fmt.Fprintf(&t, "missing\t%s\n", missing)
	}
	if r.Usable {
		t.WriteString("verdict\tthe proxy can work in front of this cloud\n")
	} else {
		t.WriteString("verdict\tthe proxy cannot work in front of this cloud\n")
	}
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(aligned, t.String()); err != nil {
		return err
	}
	return aligned.Flush()
}
