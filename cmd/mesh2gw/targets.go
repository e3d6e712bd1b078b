package main

import (
	"bytes"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

const targetsDescription = `Lists which features of Gateway API each implementation serves, by the reports of its conformance tests and
by other sources. With a name, says all that is known of it; NAME@VERSION asks for an older version.

With --for, PATHS are read as by convert, and the implementations are ranked by how much of that
configuration they carry: how many rules make use of nothing that they lack, and what is lacking.

Examples:
  mesh2gw targets
  mesh2gw targets envoy-gateway kong@2.3-expressions
  mesh2gw targets --for k8s/
  mesh2gw targets --format md > targets.md`

func targetsCommand() *cli.Command {
	return &cli.Command{
		Name:        "targets",
		Usage:       "say what implementations serve, or which carries a configuration best",
		ArgsUsage:   "[NAME[@VERSION]...] or --for PATH...",
		Description: targetsDescription,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "for", Usage: "rank the implementations for the configuration in the paths, or on standard input", DisableDefaultText: true},
			wordFlag("format", "text, md or json; of --for: text or json", "text"),
		}, carryFlags()...),
		Action:             targetsAction,
		BashComplete:       completeTargets,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

// carryFlags are those of a conversion without --target and --gateway-class, since
// each implementation is asked.
func carryFlags() []cli.Flag {
	return slices.DeleteFunc(conversionFlags(), func(f cli.Flag) bool {
		return f.Names()[0] == "target" || f.Names()[0] == "gateway-class"
	})
}

func targetsAction(c *cli.Context) error {
	if c.Bool("for") {
		return carryAction(c)
	}
	for _, f := range carryFlags() {
		if c.IsSet(f.Names()[0]) {
			return usagef(c, "--%s is for --for, which is not given", f.Names()[0])
		}
	}
	all := target.Targets()
	if c.Args().Present() {
		all = nil
		for _, name := range c.Args().Slice() {
			t, err := target.Parse(name)
			if err != nil {
				return usagef(c, "%v; --for ranks them for a configuration", err)
			}
			all = append(all, t)
		}
	}
	printer := print.Targets(print.TargetsText)
	switch format := c.String("format"); {
	case format == "json":
		printer = print.TargetsJSON
	case format == "md":
		printer = print.TargetsMarkdown
	case c.Args().Present():
		printer = print.TargetPages
	}
	var out bytes.Buffer
	if err := printer(&out, all); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}

// carryAction ranks the implementations.
func carryAction(c *cli.Context) error {
	printer := print.Carried(print.CarriedText)
	switch c.String("format") {
	case "md":
		return usagef(c, "--format md is for the matrix; with --for want text or json")
	case "json":
		printer = print.CarriedJSON
	}
	options, err := conversionOptions(c)
	if err != nil {
		return err
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	boundMemory(size(files))
	ranked, err := convert.Carry(c.Context, files, options, target.Targets())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := printer(&out, ranked); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}

// completeTargets offers names where a flag is not being typed.
func completeTargets(c *cli.Context) {
	if n := len(os.Args); c.Bool("for") || n > 2 && strings.HasPrefix(os.Args[n-2], "-") {
		complete(c)
		return
	}
	printWords(c, target.Names())
}
