package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/report"
)

const reportDescription = `The dry run of a migration, for the person who decides about it: how much is served as before, what changes
for which requests, what is lost, and what to do in which order. Paths are read as by convert; nothing is
written but the report.

markdown fits into a comment on a pull request; json is described by docs/schema/report.json; html is one
file that opens from disk. --compare says what got better or worse since an earlier report in JSON.

Exit codes: 0 done, 1 findings at or above --fail-on, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw report k8s/
  mesh2gw report k8s/ --format html=report.html --format json=report.json
  mesh2gw report k8s/ --format markdown --compare main.json`

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:               "report",
		Usage:              "write the dry-run report of a migration",
		ArgsUsage:          "[PATH...]",
		Description:        reportDescription,
		Flags:              reportFlags(),
		Action:             reportAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true,
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

func reportFlags() []cli.Flag {
	flags := []cli.Flag{
		formatsFlag(words["report format"]),
		outputFlag(),
		&cli.StringFlag{Name: "compare", Usage: "say what got better or worse since this `FILE`, an earlier report in JSON"},
		wordFlag("fail-on", "exit with 1 when a finding is at or above: note, warning, error or never", "never"),
		&cli.StringFlag{Name: "baseline", Usage: "leave out what is in this `FILE` of lint --write-baseline"},
	}
	return slices.Concat(flags, triageFlags(), conversionFlags(), fromCluster())
}

func reportPrinters() map[string]print.Report {
	return map[string]print.Report{
		"text": print.ReportText, "markdown": print.ReportMarkdown, "json": print.ReportJSON, "html": print.ReportHTML,
	}
}

func reportAction(c *cli.Context) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	outputs, err := outputsOf(c, reportPrinters(), words["report format"])
	if err != nil {
		return err
	}
	if err := s.withBaseline(c); err != nil {
		return err
	}
	earlier, err := earlierReport(c)
	if err != nil {
		return err
	}
	r, err := buildReport(c, s)
	if err != nil {
		return err
	}
	var compared *report.Comparison
	if earlier != nil {
		compared = report.Compare(earlier, r)
	}
	for i, o := range outputs {
		if err := reportPrinters()[o.format](&outputs[i].made, r, compared); err != nil {
			return err
		}
	}
	if err := writeOutputs(c, outputs); err != nil {
		return err
	}
	return reportVerdict(c, r)
}

func buildReport(c *cli.Context, s settings) (*report.Report, error) {
	options, err := conversionOptions(c)
	if err != nil {
		return nil, err
	}
	files, err := readInput(c)
	if err != nil {
		return nil, err
	}
	return report.Build(c.Context, s.keep(files), report.Options{
		Convert: options, Settings: givenSettings(c), Paths: c.Args().Slice(), Tool: versionText(), Triage: s.triage, YAML: print.PackYAML(true),
	})
}

// givenSettings are the options of the conversion that are not the default.
func givenSettings(c *cli.Context) []report.Setting {
	var all []report.Setting
	for _, f := range conversionFlags() {
		if name := f.Names()[0]; c.IsSet(name) {
			all = append(all, report.Setting{Name: name, Value: c.String(name)})
		}
	}
	return all
}

// earlierReport reads the file of --compare; nil where none is named.
func earlierReport(c *cli.Context) (*report.Report, error) {
	path := c.String("compare")
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef(c, "%s does not exist; mesh2gw report --format json=%s makes it", path, path)
	}
	if err != nil {
		return nil, err
	}
	r, err := report.Read(data)
	if err != nil {
		return nil, usagef(c, "--compare %s: %v", path, err)
	}
	return r, nil
}

// reportVerdict is verdict for the findings of a report.
func reportVerdict(c *cli.Context, r *report.Report) error {
	threshold := c.String("fail-on")
	if threshold == "never" {
		return nil
	}
	least, err := finding.ParseSeverity(threshold)
	if err != nil {
		return usagef(c, "--fail-on: %v", err)
	}
	count := map[finding.Severity]int{finding.Error: r.Summary.Findings.Errors, finding.Warning: r.Summary.Findings.Warnings, finding.Note: r.Summary.Findings.Notes}
	for s := least; s <= finding.Error; s++ {
		if count[s] > 0 {
			return errFindings
		}
	}
	return nil
}
