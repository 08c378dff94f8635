package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthTimeout is how long an answer may take: as long as Kubernetes and Docker
// wait for one at most.
const healthTimeout = 5 * time.Second

func healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the `occimi serve` of this machine whether it takes requests, for containers that have no curl",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[settings](cmd.Flags(), os.Environ)
			if err == nil && s.AdminListen == "" {
				err = errors.New("option admin-listen: it is empty, so there is nothing to ask")
			}
			if err != nil {
				return usageError{err}
			}
			return askHealth(cmd.Context(), cmd.OutOrStdout(), hereURL(s.AdminListen)+"/healthz/ready")
		},
	}
	addFlags[settings](cmd.Flags(), func(name string) bool { return name == "admin-listen" })
	return cmd
}

// askHealth prints what is answered at a URL; an error is no, or no answer.
func askHealth(ctx context.Context, out io.Writer, at string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	direct := http.Client{Transport: new(http.Transport)} // no proxy leads to this machine
	response, err := direct.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(response.Body, 1024))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", at, strings.TrimSpace(string(said)))
	}
	if err != nil {
		return err
	}
	_, err = out.Write(said)
	return err
}
