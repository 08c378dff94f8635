package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// optionsCommand prints the table of options; docs/options.md is its output.
func optionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "Print every option: flag, environment variable, file key, default",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printOptions(cmd.OutOrStdout())
		},
	}
}

func printOptions(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# Options

Every option is a flag, an environment variable and a key of a YAML file (` + "`--config FILE` or `OCCIMI_CONFIG`" + `). A flag
wins over the environment, the environment over the file, the file over the default. An unknown flag or key is an error,
an unknown variable is not: Kubernetes makes some up. A list is given by repeating the flag, by commas, or as a YAML list.
A time has a unit (` + "`90s`, `5m`" + `); in the file, a text that looks like a number needs quotes (` + "`\"2.90\"`" + `).
` + "`occimi options`" + ` prints this page.

`)
	printTable(&b, options[settings]())
	b.WriteString("\n## occimi conformance\n\nGive passwords and tokens in the environment or the file: other users of the machine can see flags.\n\n")
	printTable(&b, options[conformanceSettings]())
	_, err := io.WriteString(w, b.String())
	return err
}

func printTable(b *strings.Builder, table []option) {
	b.WriteString("| flag and file key | environment | default | meaning |\n|---|---|---|---|\n")
	for _, o := range table {
		def := ""
		if o.Default != "" {
			def = "`" + o.Default + "`"
		}
		fmt.Fprintf(b, "| `--%s` | `%s` | %s | %s |\n", o.Name, o.Env, def, o.Help)
	}
}
