package main

import (
	"bytes"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/hint"
)

const hintsDescription = `Writes what the proxies did for the callers of each Service as code of these callers: retries with Envoy's
backoff, timeouts, circuit breaking, limits. One file for each Service, and for each client that rules
single out. Paths are read as by convert. Several files on standard output are told apart by lines
"-- NAME --". More: docs/hints.md.

Exit codes: 0 done, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw hints istio/ --lang go
  mesh2gw hints istio/ --lang python --out-dir src/calls
  mesh2gw hints istio/ --lang json | jq '.hints[].policies'`

func hintsCommand() *cli.Command {
	return &cli.Command{
		Name:        "hints",
		Usage:       "write retries, timeouts and limits as application code",
		ArgsUsage:   "[PATH...]",
		Description: hintsDescription,
		Flags: []cli.Flag{
			langFlag(),
			nameFlag("namespace", "of objects that name none", "default"),
			nameFlag("gateway-namespace", "namespace of the ingress gateway's pods", "istio-system"),
			&cli.StringFlag{Name: "out-dir", Usage: "write the files into this folder", DefaultText: "standard output"},
			&cli.BoolFlag{Name: "force", Usage: "let --out-dir overwrite files", DisableDefaultText: true},
		},
		Action:             hintsAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func langFlag() *cli.StringFlag {
	return &cli.StringFlag{Name: "lang", Usage: "`LANGUAGE`: " + alternatives(languageNames())}
}

func languageNames() []string {
	var names []string
	for _, l := range hint.Languages() {
		names = append(names, l.Name)
	}
	return names
}

func hintsAction(c *cli.Context) error {
	lang, ok := hint.LanguageNamed(c.String("lang"))
	switch {
	case c.String("lang") == "":
		return usagef(c, "give a language: --lang %s", alternatives(languageNames()))
	case !ok:
		return usagef(c, "--lang %s: want %s", c.String("lang"), alternatives(languageNames()))
	case c.IsSet("out-dir") && c.String("out-dir") == "":
		return usagef(c, "--out-dir needs the name of a folder")
	case !c.IsSet("out-dir") && c.Bool("force"):
		return usagef(c, "--force is for --out-dir, which is not given")
	}
	input, err := readInput(c)
	if err != nil {
		return err
	}
	result, err := hint.Collect(c.Context, input, hint.Options{Namespace: c.String("namespace"), GatewayNamespace: c.String("gateway-namespace")})
	if err != nil {
		return err
	}
	files, err := lang.Write(result.Hints)
	if err != nil {
		return err
	}
	if err := writeHints(c, files); err != nil {
		return err
	}
	var told bytes.Buffer
	if err := print.FindingsText(&told, result.Findings); err != nil {
		return err
	}
	fmt.Fprintf(&told, "%d hints in %d files, from %d objects\n", len(result.Hints), len(files), result.Read)
	return writeAll(c.App.ErrWriter, &told)
}

// writeHints writes files to --out-dir, else to standard output: one as it is,
// several in the form of txtar.
func writeHints(c *cli.Context, files []hint.File) error {
	if dir := c.String("out-dir"); dir != "" {
		all := make([]outFile, len(files))
		for i, f := range files {
			all[i] = outFile{f.Name, f.Data}
		}
		return writeOutDir(c, dir, all)
	}
	var out bytes.Buffer
	for _, f := range files {
		if len(files) > 1 {
			fmt.Fprintf(&out, "-- %s --\n", f.Name)
		}
		out.Write(f.Data)
	}
	return writeAll(c.App.Writer, &out)
}
