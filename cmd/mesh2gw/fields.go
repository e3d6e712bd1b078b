package main

import (
	"bytes"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/istio"
)

const fieldsDescription = `Lists every field of Istio's VirtualService, DestinationRule, Gateway and ServiceEntry, and what becomes of it:
kept, partly, lost, moot, or inside (its own fields are judged one by one).

Examples:
  mesh2gw fields
  mesh2gw fields | grep HTTPRetry
  mesh2gw fields --format md > fields.md`

func fieldsCommand() *cli.Command {
	return &cli.Command{
		Name:               "fields",
		Usage:              "list what becomes of every Istio field",
		UsageText:          "mesh2gw fields [--format text|md]",
		Description:        fieldsDescription,
		Flags:              []cli.Flag{wordFlag("format", "text or md", "text")},
		Action:             fieldsAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func fieldsAction(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "unexpected %q: fields takes no arguments", c.Args().First())
	}
	printer := print.Fields(print.FieldsText)
	if c.String("format") == "md" {
		printer = print.FieldsMarkdown
	}
	var out bytes.Buffer
	if err := printer(&out, istio.Fields()); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}
