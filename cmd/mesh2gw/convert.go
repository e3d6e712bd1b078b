package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

const convertDescription = `Reads Istio's networking objects (v1, v1beta1, v1alpha3) and the Services they speak of from files,
folders (recursive: .yaml .yml .json) and standard input ("-", or no path at all), and writes Gateway
API objects. Standard output carries Kubernetes YAML only; findings go to standard error, one a line:

  file:line:column: MGnnn severity: what changes for traffic. The way out.

Exit codes: 0 done, 1 findings at or above --fail-on, 2 wrong command line, 3 mesh2gw failed.

Examples:
  mesh2gw convert bookinfo/
  helm template . | mesh2gw convert --namespace shop
  kubectl get vs,dr,gw,svc -A -o yaml | mesh2gw convert | kubectl apply --dry-run=server -f -
  mesh2gw convert k8s/ --out-dir gateway-api/ --findings findings.json --format json
  mesh2gw convert k8s/ --gateway-api 1.5 --check --fail-on warning`

func convertCommand() *cli.Command {
	return &cli.Command{
		Name:               "convert",
		Usage:              "convert Istio YAML to Gateway API YAML",
		ArgsUsage:          "[PATH...]",
		Description:        convertDescription,
		Flags:              convertFlags(),
		Action:             convertAction,
		BashComplete:       complete,
		OnUsageError:       usageFromFlags,
		HideHelpCommand:    true, // "help" may be a folder
		CustomHelpTemplate: cli.CommandHelpTemplate,
	}
}

// convertAction makes all bytes before it writes the first.
func convertAction(c *cli.Context) error {
	s, err := settingsOf(c)
	if err != nil {
		return err
	}
	options, err := convertOptions(c)
	if err != nil {
		return err
	}
	files, err := readInput(c)
	if err != nil {
		return err
	}
	files = s.keep(files)
	boundMemory(size(files))
	marked := triage.Marked(files)
	var printer print.Objects
	printer, options.Pack = objectsPrinter(c)
	result, err := convert.Convert(c.Context, files, options)
	if err != nil {
		return err
	}
	judged := s.judgeConverted(result.Findings, marked)
	result.Findings = judged.Findings
	var told pages
	if err := findingsPrinter(c)(&told, result.Findings); err != nil {
		return err
	}
	if name := c.String("findings"); name != "" { // before the objects: with exit code 3 none are written
		if err := writeFile(name, told.all()); err != nil {
			return err
		}
		told = nil
	}
	if err := addSummary(c, &told, result, len(judged.Accepted)); err != nil {
		return err
	}
	ending := verdict(c, result.Findings)
	result.Findings = nil // a large input has many, and they are in told
	if err := writeObjects(c, printer, result.Objects); err != nil {
		return err
	}
	if err := writeAll(c.App.ErrWriter, told); err != nil {
		return err
	}
	return ending
}

// writeObjects writes the output to --out-dir, else to standard output.
func writeObjects(c *cli.Context, printer print.Objects, objects []gwapi.Object) error {
	if dir := c.String("out-dir"); dir != "" {
		files, err := outFiles(objects, printer)
		if err != nil {
			return err
		}
		return writeOutDir(c, dir, files)
	}
	w := bufio.NewWriterSize(c.App.Writer, pageSize)
	return unlessClosed(errors.Join(printer(w, objects), w.Flush()))
}

// objectsPrinter says how objects are written, and how they are packed for it.
func objectsPrinter(c *cli.Context) (print.Objects, print.Packer) {
	switch {
	case c.String("output") == "json":
		return print.JSON, print.PackJSON()
	case c.Bool("no-comments"):
		return print.YAML, print.PackYAML(false)
	}
	return print.CommentedYAML, print.PackYAML(true)
}

func findingsPrinter(c *cli.Context) print.Findings {
	if c.String("format") == "json" {
		return print.FindingsJSON
	}
	return print.FindingsText
}

// addSummary ends the text for standard error. A JSON array there is for a
// program, which has no use for a sentence after it.
func addSummary(c *cli.Context, w io.Writer, result convert.Result, accepted int) error {
	if c.String("format") == "json" && c.String("findings") == "" {
		return nil
	}
	err := print.Summary(w, print.Done{Read: result.Read, Written: len(result.Objects), Findings: result.Findings, Accepted: accepted})
	if err != nil || result.Hinted == 0 {
		return err
	}
	_, err = fmt.Fprintf(w, "hints for %s, whose callers may lose their proxy: %s\n", plural(result.Hinted, "service"), hintsCommandFor(c))
	return err
}

// verdict returns errFindings when a finding is at or above --fail-on.
func verdict(c *cli.Context, findings []finding.Finding) error {
	threshold := c.String("fail-on")
	if threshold == "never" || len(findings) == 0 {
		return nil
	}
	least, err := finding.ParseSeverity(threshold)
	if err != nil {
		return usagef(c, "--fail-on: %v", err)
	}
	if finding.Worst(findings) >= least {
		return errFindings
	}
	return nil
}

// writeAll writes data.
func writeAll(w io.Writer, data io.WriterTo) error {
	_, err := data.WriteTo(w)
	return unlessClosed(err)
}

// unlessClosed drops err where a reader has seen enough and closed the pipe: the
// findings and the exit code stand all the same.
func unlessClosed(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}
