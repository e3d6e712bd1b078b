package main

import (
	"bytes"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const explainDescription = `Says which rule decides a request, at which line, and why the rules before it did not. PATHS are Istio's
objects, Gateway API's, or both; without a path, or as "-", standard input is read.

Examples:
  mesh2gw explain 'GET https://shop.example.com/api?x=1' -H 'x-canary: 1' istio/
  mesh2gw explain http://reviews:9080/ mesh.yaml
  mesh2gw convert istio/ | mesh2gw explain https://shop.example.com/api`

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:        "explain",
		Usage:       "say which rule decides a request, and why",
		ArgsUsage:   "'METHOD URL' [PATH...]",
		Description: explainDescription,
		Flags: append(sideFlags(),
			&cli.StringSliceFlag{Name: "header", Aliases: []string{"H"}, Usage: "header of the request, as in curl: 'name: value'"}),
		Action:             explainAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func explainAction(c *cli.Context) error {
	if !c.Args().Present() {
		return usagef(c, "give a request: %s 'GET https://shop.example.com/api' FILE", c.Command.HelpName)
	}
	request, port, err := convert.ParseRequest(c.Args().First(), c.StringSlice("header"))
	if err != nil {
		return usagef(c, "%v", err)
	}
	paths := c.Args().Tail()
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	var files []source.File
	for _, path := range paths {
		some, err := filesOf(c, path)
		if err != nil {
			return err
		}
		files = append(files, some...)
	}
	side, err := convert.ReadSide(c.Context, files, nil, sideOptions(c))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := print.Explanations(&out, request, convert.Explain(side, request, port)); err != nil {
		return err
	}
	return writeAll(c.App.Writer, &out)
}
