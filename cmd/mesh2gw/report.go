package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
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
  mesh2gw report k8s/ --format html=report.html --audit audit.json --cost cost.json
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
		&cli.StringFlag{Name: "audit", Usage: "show this `FILE` of audit --format json in the page"},
		&cli.StringFlag{Name: "cost", Usage: "show this `FILE` of cost --format json in the page"},
		&cli.StringFlag{Name: "baseline", Usage: "leave out what is in this `FILE` of lint --write-baseline"},
	}
	return slices.Concat(flags, triageFlags(), conversionFlags(), fromCluster())
}

func reportPrinters(extras print.Extras) map[string]print.Report {
	return map[string]print.Report{
		"text": print.ReportText, "markdown": print.ReportMarkdown, "json": print.ReportJSON, "html": extras.ReportHTML,
	}
}

func reportAction(c *cli.Context) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	extras, err := extrasOf(c)
	if err != nil {
		return err
	}
	printers := reportPrinters(extras)
	outputs, err := outputsOf(c, printers, words["report format"])
	if err != nil {
		return err
	}
	if extras != (print.Extras{}) && !slices.ContainsFunc(outputs, func(o output) bool { return o.format == "html" }) {
		return usagef(c, "--audit and --cost are shown by --format html")
	}
	if err := s.withBaseline(c); err != nil {
		return err
	}
	earlier, err := madeBefore(c, "compare", "report", report.Read)
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
		if err := printers[o.format](&outputs[i].made, r, compared); err != nil {
			return err
		}
	}
	if err := writeOutputs(c, outputs); err != nil {
		return err
	}
	return reportVerdict(c, r)
}

// extrasOf reads the files of --audit and --cost.
func extrasOf(c *cli.Context) (x print.Extras, err error) {
	if x.Audit, err = madeBefore(c, "audit", "audit", audit.Read); err != nil {
		return x, err
	}
	x.Cost, err = madeBefore(c, "cost", "cost", cost.Read)
	return x, err
}

// madeBefore reads the file of a flag, which a command has made; nil where none is named.
func madeBefore[T any](c *cli.Context, name, command string, read func([]byte) (*T, error)) (*T, error) {
	path := c.String(name)
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef(c, "%s does not exist; mesh2gw %s --format json=%s makes it", path, command, path)
	}
	if err != nil {
		return nil, err
	}
	made, err := read(data)
	if err != nil {
		return nil, usagef(c, "--%s %s: %v", name, path, err)
	}
	return made, nil
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
