package main

import (
	"bufio"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
)

func cutoverCommand() *cli.Command {
	return &cli.Command{
		Name:      "cutover",
		Usage:     "print the steps from Istio's objects to Gateway API's, with the way back at each",
		ArgsUsage: "[PATH...]",
		Description: `The runbook of the report by itself: install beside, apply, probe, move traffic, watch, remove; each with its commands, the objects by
name, and the way back. Objects that Flagger or Argo Rollouts own have a step of their own. Paths are read as by convert.

Examples:
  mesh2gw cutover istio/
  mesh2gw cutover --from-cluster --format markdown > runbook.md`,
		Flags:              append(append([]cli.Flag{wordFlag("format", "text or markdown", "text")}, conversionFlags()...), append(fromCluster(), triageFlags()...)...),
		Action:             cutoverAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func cutoverAction(c *cli.Context) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	r, err := buildReport(c, s)
	if err != nil {
		return err
	}
	printer := print.RunbookText
	if c.String("format") == "markdown" {
		printer = print.RunbookMarkdown
	}
	w := bufio.NewWriter(c.App.Writer)
	return unlessClosed(errors.Join(printer(w, r), w.Flush()))
}
