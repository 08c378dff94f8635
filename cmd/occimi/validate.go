package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/model"
)

func validateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate-config",
		Short: "Check the options of `occimi serve`, and do nothing else",
		Long: `Validate-config reads the options as serve does, from flags, environment and file, and names all that serve would
refuse. It connects to nothing and makes no file: whether the cloud is as it should be, doctor tells. The exit code
is 2 if something is wrong.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[settings](cmd.Flags(), os.Environ)
			if err == nil {
				err = s.refuse()
			}
			if err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the options are good")
			return err
		},
	}
	addFlags[settings](cmd.Flags(), func(string) bool { return true })
	return cmd
}

// refuse names all that serve cannot begin with, though each option is one by
// itself.
func (s settings) refuse() error {
	var errs []error
	if s.Sandbox == (s.AuthURL != "") {
		errs = append(errs, errors.New("say which cloud: either --os-auth-url URL or --sandbox"))
	}
	config, err := s.openstackConfig()
	errs = append(errs, err)
	if config.AuthURL == "" {
		config.AuthURL = hereURL(s.SandboxListen) // it is not known before it listens
	}
	_, faultErr := s.faults()
	_, keyErr := s.storeKey()
	return errors.Join(append(errs, config.Check(), faultErr, keyErr, s.checkStore())...)
}

// checkStore tells what is wrong with the store's location, which may hold a
// password.
func (s settings) checkStore() error {
	if s.Store == noStore {
		return nil
	}
	location, err := s.storeLocation()
	if err != nil {
		return err
	}
	if err := store.Check(location); err != nil {
		return fmt.Errorf("option store: %s", model.AsError(err).Message)
	}
	return nil
}
