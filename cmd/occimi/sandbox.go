package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/occimi/occimi/backend/sandbox"
)

func sandboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run only the embedded OpenStack, for tests of other programs or of `occimi serve --os-auth-url`",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[settings](cmd.Flags(), os.Environ)
			if err != nil {
				return usageError{err}
			}
			cloud, err := startSandbox(cmd.Context(), s)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "KEYSTONE  %s\nUSERS     demo/secret in project demo, alt/secret in alt, admin/secret in admin; domain default\n", cloud.authURL)
			if err != nil {
				return err
			}
			return <-cloud.ended
		},
	}
	addFlags[settings](cmd.Flags(), func(name string) bool { return strings.HasPrefix(name, "sandbox-") })
	return cmd
}

// runningSandbox is an embedded OpenStack that listens.
type runningSandbox struct {
	authURL string
	ended   chan error // gets the end's error, or nil
}

// startSandbox runs the embedded OpenStack until ctx ends.
func startSandbox(ctx context.Context, s settings) (runningSandbox, error) {
	faults, err := s.faults()
	if err != nil {
		return runningSandbox{}, usageError{err}
	}
	cloud := sandbox.New(sandbox.Options{Delay: s.SandboxDelay})
	for _, fault := range faults {
		cloud.Fault(fault)
	}
	listener, err := listen(ctx, "sandbox-listen", s.SandboxListen)
	if err != nil {
		return runningSandbox{}, err
	}
	srv := &http.Server{Handler: cloud.Handler(), ReadHeaderTimeout: 10 * time.Second}
	run := runningSandbox{authURL: hereURL(listener.Addr().String()) + "/identity/v3", ended: make(chan error, 1)}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	go func() {
		err := srv.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		run.ended <- err
	}()
	return run, nil
}

// faults are what shall go wrong, or take time, in the embedded OpenStack.
func (s settings) faults() ([]sandbox.Fault, error) {
	var faults []sandbox.Fault
	for _, given := range []struct {
		option string
		texts  []string
		parse  func(string) (sandbox.Fault, error)
	}{{"sandbox-latency", s.SandboxLatency, sandbox.ParseLatency}, {"sandbox-fault", s.SandboxFault, sandbox.ParseFault}} {
		for _, text := range given.texts {
			fault, err := given.parse(text)
			if err != nil {
				return nil, fmt.Errorf("option %s: %w", given.option, err)
			}
			faults = append(faults, fault)
		}
	}
	return faults, nil
}
