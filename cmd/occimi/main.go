// Occimi lets clients of DMTF CIMI and OGF OCCI manage an OpenStack cloud.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitFailure = 1 // it did not work
	exitUsage   = 2 // it was called wrongly
)

func main() {
	// net/http's transport prints what a server sends unasked; nothing of the
	// cloud's goes to a log unseen.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second) // timeout(1) and terminals may send the same signal twice
		stop()                  // from now on another one ends the program at once
	})
	os.Exit(run(ctx, rootCommand(), os.Args[1:]))
}

// run runs the command line and gives the exit code.
func run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	understood := false // command, flags and arguments are known
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	root.PrintErrln("occimi:", err)
	if _, ok := errors.AsType[usageError](err); ok || !understood {
		return exitUsage
	}
	return exitFailure
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "occimi",
		Short: "Let CIMI and OCCI clients manage an OpenStack cloud",
		Long: `Occimi stands in front of an OpenStack cloud and lets clients of two open standards,
DMTF CIMI (1.0.1, 1.1, 2.0) and OGF OCCI (1.1, 1.2), manage it.

Try it without a cloud:   occimi serve --sandbox`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), validateCommand(), healthCommand(), sandboxCommand(), doctorCommand(), conformanceCommand(),
		optionsCommand(), versionCommand())
	return root
}
