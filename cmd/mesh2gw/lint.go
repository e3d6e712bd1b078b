package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/lint"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

const lintDescription = `Says what is wrong with Istio's objects today (group config), and what a conversion to Gateway API would
lose or change (group migration). Nothing is written but findings. Paths are read as by convert; files
without objects of Istio pass in silence.

A finding is accepted by a comment (# mesh2gw:ignore MG123 reason), by an annotation
(mesh2gw.io/ignore: "MG123"), in .mesh2gw.yaml, or by a baseline. More: docs/lint.md.

Exit codes: 0 done, 1 findings at or above --fail-on, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw lint k8s/
  helm template . | mesh2gw lint --group config --fail-on warning
  mesh2gw lint k8s/ --write-baseline .mesh2gw-baseline.json
  mesh2gw lint k8s/ --baseline .mesh2gw-baseline.json
  mesh2gw lint k8s/ --format github --format sarif=mesh2gw.sarif`

func lintCommand() *cli.Command {
	return &cli.Command{
		Name:               "lint",
		Usage:              "say what is wrong today, and what a migration would lose or change",
		ArgsUsage:          "[PATH...]",
		Description:        lintDescription,
		Flags:              lintFlags(),
		Action:             lintAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func lintFlags() []cli.Flag {
	flags := []cli.Flag{
		formatsFlag(words["lint format"]),
		outputFlag(),
		wordFlag("group", "findings of one group only: config or migration", ""),
		wordFlag("min-severity", "leave out findings below: note, warning or error", "note"),
		wordFlag("fail-on", "exit with 1 when a finding is at or above: note, warning, error or never", "error"),
		&cli.StringFlag{Name: "baseline", Usage: "report only what is not in this `FILE`"},
		&cli.StringFlag{Name: "write-baseline", Usage: "write all that is found now into this `FILE`, and exit with 0"},
	}
	return slices.Concat(flags, triageFlags(), conversionFlags(), fromCluster())
}

func lintPrinters() map[string]print.LintPrinter {
	return map[string]print.LintPrinter{
		"text": print.LintText, "json": print.LintJSON, "sarif": print.LintSARIF, "github": print.LintGitHub,
		"gitlab": print.LintGitLab, "junit": print.LintJUnit, "checkstyle": print.LintCheckstyle,
	}
}

func lintAction(c *cli.Context) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	outputs, err := outputsOf(c, lintPrinters(), words["lint format"])
	if err != nil {
		return err
	}
	s.forLint()
	s.triage.Groups = s.config.Groups()
	if g := c.String("group"); g != "" {
		s.triage.Groups = []finding.Group{finding.Group(g)}
	}
	if c.String("write-baseline") == "" {
		if err := s.withBaseline(c); err != nil {
			return err
		}
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	files = s.keep(files)
	found, result, err := lintFindings(c, files)
	if err != nil {
		return err
	}
	judged := s.judge(found, files)
	if name := c.String("write-baseline"); name != "" {
		return writeBaseline(c, name, judged.Findings)
	}
	return printLint(c, outputs, judged, files, result)
}

// lintFindings are those of a conversion, and those of the configuration as it is.
func lintFindings(c *cli.Context, files []source.File) ([]finding.Finding, convert.Result, error) {
	options, err := conversionOptions(c)
	if err != nil {
		return nil, convert.Result{}, err
	}
	boundMemory(size(files))
	options.Pack = func(gwapi.Object) ([]byte, error) { return nil, nil } // nothing is written
	result, err := convert.Convert(c.Context, files, options)
	if err != nil {
		return nil, result, err
	}
	today, err := lint.Config(c.Context, files, lint.Options{Namespace: options.Namespace, GatewayNamespace: options.GatewayNamespace})
	return finding.Sort(append(result.Findings, today...)), result, err
}

// printLint writes what is left to act on, and picks the exit code.
func printLint(c *cli.Context, outputs []output, judged triage.Result, files []source.File, result convert.Result) error {
	judged.Findings = atLeast(c.String("min-severity"), judged.Findings)
	l := lintOf(c, judged, files, result)
	told := l
	for i, o := range outputs {
		if o.format == "sarif" {
			left, err := print.LintSARIFLimited(&outputs[i].made, l)
			if err != nil {
				return err
			}
			told.LeftOut = left
			continue
		}
		p := l
		p.Colour = l.Colour && o.file == ""
		if err := lintPrinters()[o.format](&outputs[i].made, p); err != nil {
			return err
		}
	}
	if err := writeOutputs(c, outputs); err != nil {
		return err
	}
	if !slices.ContainsFunc(outputs, func(o output) bool { return o.file == "" && o.tallies() }) && !l.Silent {
		if err := print.LintTally(c.App.ErrWriter, told); err != nil {
			return unlessClosed(err)
		}
	}
	if judged.Gone > 0 {
		fmt.Fprintf(c.App.ErrWriter, "%d of the findings in the baseline are gone: write it anew with --write-baseline\n", judged.Gone)
	}
	return verdict(c, judged.Findings)
}

// lintOf is what the printers get.
func lintOf(c *cli.Context, judged triage.Result, files []source.File, result convert.Result) print.Lint {
	l := print.Lint{
		Findings: judged.Findings, Accepted: judged.Accepted, Text: source.NewText(files), Read: result.Read, Version: versionText(),
		Silent: result.Istio == 0 && len(judged.Findings)+len(judged.Accepted) == 0,
	}
	l.Root, l.Dir = repository()
	l.Colour, l.Width = terminal(c.App.Writer)
	return l
}

// atLeast drops what is below a severity.
func atLeast(word string, findings []finding.Finding) []finding.Finding {
	least, err := finding.ParseSeverity(word)
	if err != nil {
		panic(err) // the flag takes no other words
	}
	return slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Rule.Severity < least })
}

func writeBaseline(c *cli.Context, name string, findings []finding.Finding) error {
	if err := writeFile(name, triage.WriteBaseline(findings)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.App.ErrWriter, "%d findings written to %s\n", len(findings), name)
	return unlessClosed(err)
}
