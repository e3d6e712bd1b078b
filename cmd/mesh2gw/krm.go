package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/krm"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

const krmDescription = `Reads a ResourceList from standard input and writes one, as the KRM Functions Specification has it: kpt and
kustomize run this. Findings are its results. Options stand in the functionConfig, by the names of the
flags below: as data of a ConfigMap, or as spec of a Mesh2GW (mesh2gw.io/v1alpha1). Without a command,
mesh2gw does the same where a ResourceList is piped in.

  mode: lint       leaves the items alone (the default)
  mode: convert    puts Gateway API objects in the place of VirtualServices, DestinationRules and Gateways.
                   With an error among the findings, or with istio: keep, those stay, and what is made
                   beside them is made anew by the next run.

Exit codes: 0 done, 1 findings at or above fail-on, 2 wrong functionConfig, 3 mesh2gw failed.

Examples:
  kpt fn eval shop/ --exec "mesh2gw krm"
  kpt fn eval shop/ --exec "mesh2gw krm" -- mode=convert gateway-class=istio
  mesh2gw krm --mode convert < resourcelist.yaml`

func krmCommand() *cli.Command {
	return &cli.Command{
		Name:               "krm",
		Usage:              "lint or convert as a function of kpt and kustomize",
		ArgsUsage:          " ",
		Description:        krmDescription,
		Flags:              krmFlags(),
		Action:             krmAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

// krmFlags are those of lint and convert that are not about files.
func krmFlags() []cli.Flag {
	return append([]cli.Flag{
		wordFlag("mode", "what to do: lint or convert", "lint"),
		wordFlag("istio", "what convert does with Istio's objects: replace or keep", "replace"),
		wordFlag("group", "lint tells findings of one group only: config or migration", ""),
		wordFlag("fail-on", "exit with 1 when a finding is at or above: note, warning, error or never", "error"),
		&cli.BoolFlag{Name: "check", Usage: "apply the official CRD schemas and their CEL rules to what convert makes", DisableDefaultText: true},
	}, conversionFlags()...)
}

func krmAction(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "unexpected %q: krm takes no paths, but a ResourceList on standard input", c.Args().First())
	}
	if isTerminal(c.App.Reader) {
		return usagef(c, "krm reads a ResourceList from standard input, as kpt and kustomize write it")
	}
	list, err := readResourceList(c)
	if err != nil {
		return err
	}
	var told pages
	ending := runFunction(c, list, &told)
	var usage *usageError
	if ending != nil && !errors.Is(ending, errFindings) && !errors.As(ending, &usage) {
		return ending
	}
	var out pages
	if err := list.Write(&out); err != nil {
		return err
	}
	if err := errors.Join(writeAll(c.App.Writer, out), writeAll(c.App.ErrWriter, told)); err != nil {
		return err
	}
	return ending
}

func readResourceList(c *cli.Context) (*krm.List, error) {
	data, err := io.ReadAll(io.LimitReader(c.App.Reader, source.SizeLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if len(data) > source.SizeLimit {
		return nil, usagef(c, "standard input is larger than %d MiB", source.SizeLimit>>20)
	}
	list, err := krm.Read(data)
	if err != nil {
		return nil, usagef(c, "standard input is not a ResourceList: %v", err)
	}
	return list, nil
}

// runFunction does to list what its functionConfig asks for. The lines in told
// are for those who don't see results: kustomize drops them.
func runFunction(c *cli.Context, list *krm.List, told io.Writer) error {
	if err := configure(c, list); err != nil {
		return err
	}
	files, items, err := list.Files()
	if err != nil {
		return err
	}
	var found []finding.Finding
	switch mode := c.String("mode"); mode {
	case "lint":
		found, err = lintItems(c, files)
		list.Tell(found, items)
	case "convert":
		found, err = convertItems(c, list, files, items)
	default:
		panic("unhandled mode " + mode)
	}
	if err != nil {
		return err
	}
	ending := verdict(c, found)
	if ending == nil {
		return nil
	}
	return errors.Join(tellFailing(c, told, found, items), ending)
}

// lintItems are the findings of lint; comments and annotations accept some.
func lintItems(c *cli.Context, files []source.File) ([]finding.Finding, error) {
	var groups []finding.Group
	if g := c.String("group"); g != "" {
		groups = []finding.Group{finding.Group(g)}
	}
	found, _, err := lintFindings(c, files)
	return triage.Apply(found, files, triage.Options{Groups: groups}).Findings, err
}

// convertItems changes the items of list.
func convertItems(c *cli.Context, list *krm.List, files []source.File, items map[string]*krm.Item) ([]finding.Finding, error) {
	options, err := convertOptions(c)
	if err != nil {
		return nil, err
	}
	boundMemory(size(files))
	result, err := convert.Convert(c.Context, files, options)
	if err != nil {
		return nil, err
	}
	found := settings{}.judgeConverted(result.Findings, files).Findings
	list.Tell(found, items)
	return found, replaceItems(c, list, result.Objects, items, finding.Worst(found))
}

// tellFailing writes the findings that make the function fail.
func tellFailing(c *cli.Context, w io.Writer, found []finding.Finding, items map[string]*krm.Item) error {
	least, err := finding.ParseSeverity(c.String("fail-on"))
	if err != nil {
		return err
	}
	var failing []finding.Finding
	for _, f := range found {
		if f.Rule.Severity < least {
			continue
		}
		if item := items[f.Place.Pos.File]; item != nil {
			f.Message = strings.TrimSpace(f.Place.Object+" "+f.Place.Field) + ": " + f.Message
			f.Place.Pos = finding.Pos{File: cmp.Or(item.Path, f.Place.Pos.File)} // lines count within the item
		}
		failing = append(failing, f)
	}
	return print.FindingsText(w, failing)
}

// orFunction makes "mesh2gw" without arguments "mesh2gw krm" where a
// ResourceList is piped in: kpt runs an image so, and kustomize an executable.
func orFunction(app *cli.App, args []string) []string {
	if len(args) != 1 || !isPiped(app.Reader) {
		return args
	}
	data, err := io.ReadAll(io.LimitReader(app.Reader, source.SizeLimit+1))
	if err != nil || !krm.Looks(data) {
		return args
	}
	app.Reader = bytes.NewReader(data)
	return append(args[:1:1], "krm")
}

// isPiped tells whether r comes to an end by itself: not a terminal, nor /dev/null.
func isPiped(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return r != nil
	}
	info, err := f.Stat()
	return err == nil && (info.Mode().IsRegular() || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0)
}
