package main

import (
	"errors"
	"io/fs"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

const verifyDescription = `Compares what two sets of manifests do with every request, not with a sample: Istio's objects with Gateway
API's, or either with itself (a change of VirtualServices that must change nothing). BEFORE and AFTER are
files or folders; one of them may be "-", standard input. Services that AFTER lacks are taken from BEFORE.

For each host and entry point it says equal, differs (with the smallest request that shows it, as a curl
command, and what both sides do with it), or not proven. What is assumed: docs/proof.md.

Exit codes: 0 equal, 1 differs, 4 not proven, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw convert istio/ --out-dir gateway-api/
  mesh2gw verify istio/ gateway-api/
  mesh2gw convert istio/ | mesh2gw verify istio/ -
  mesh2gw verify old/virtualservices.yaml new/virtualservices.yaml
  mesh2gw verify istio/ gateway-api/ --target envoy-gateway --format json`

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "prove that two sets of manifests route alike, or show a request that they don't",
		ArgsUsage:   "BEFORE AFTER",
		Description: verifyDescription,
		Flags: append(sideFlags(),
			wordFlag("format", "of the result: text or json", "text")),
		Action:             verifyAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

// sideFlags say how to read one side.
func sideFlags() []cli.Flag {
	return []cli.Flag{
		nameFlag("namespace", "of objects that name none", "default"),
		nameFlag("gateway-namespace", "namespace of the ingress gateway's pods", "istio-system"),
		targetFlag("must hold for every ranking"),
	}
}

// targetFlag is --target; without says what holds where it is not given.
func targetFlag(without string) *cli.StringFlag {
	return &cli.StringFlag{
		Name: "target", DefaultText: without,
		Usage: "implementation that serves Gateway API, as `NAME[@VERSION]`, whose features and ranking of regular expressions count: " + alternatives(target.Names()) + "; mesh2gw targets says what is known of each",
		Action: func(c *cli.Context, s string) error {
			if _, err := target.Parse(s); err != nil {
				return usagef(c, "--target %s: %v", s, err)
			}
			return nil
		},
	}
}

func sideOptions(c *cli.Context) convert.VerifyOptions {
	ranking, _ := target.RankingOf(c.String("target"))
	return convert.VerifyOptions{Namespace: c.String("namespace"), GatewayNamespace: c.String("gateway-namespace"), Ranking: ranking}
}

func verifyAction(c *cli.Context) error {
	paths := c.Args().Slice()
	if len(paths) != 2 || paths[0] == "-" && paths[1] == "-" {
		return usagef(c, "give two paths, BEFORE and AFTER, of which one may be - for standard input")
	}
	before, err := filesOf(c, paths[0])
	if err != nil {
		return err
	}
	after, err := filesOf(c, paths[1])
	if err != nil {
		return err
	}
	v, err := convert.Verify(c.Context, before, after, sideOptions(c))
	if err != nil {
		return err
	}
	var out, told pages
	if err := verifyPrinter(c)(&out, v); err != nil {
		return err
	}
	if err := print.FindingsText(&told, v.Unread()); err != nil {
		return err
	}
	if err := errors.Join(writeAll(c.App.Writer, out), writeAll(c.App.ErrWriter, told)); err != nil {
		return err
	}
	return outcome(v)
}

func verifyPrinter(c *cli.Context) print.Verification {
	if c.String("format") == "json" {
		return print.VerificationJSON
	}
	return print.VerificationText
}

// filesOf reads one path.
func filesOf(c *cli.Context, path string) ([]source.File, error) {
	files, err := source.Collect([]string{path}, c.App.Reader)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef(c, "%v", err)
	case err == nil && len(files) == 0:
		return nil, usagef(c, "no .yaml, .yml or .json file in %s", path)
	}
	return files, err
}

// outcome is the exit code's error: a difference counts more than what is not
// proven, and what could not be read is not proven.
func outcome(v convert.Verification) error {
	worst := prove.Equal
	for _, r := range v.Results {
		switch {
		case r.Verdict == prove.Differs:
			return errDiffers
		case r.Verdict == prove.NotProven:
			worst = prove.NotProven
		}
	}
	if worst == prove.NotProven || len(v.Unread()) > 0 {
		return errNotProven
	}
	return nil
}
