package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/config"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// triageFlags say what counts of what the authors of the input decided.
func triageFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "configuration file", DefaultText: ".mesh2gw.yaml here or in a folder above"},
		&cli.BoolFlag{Name: "no-config", Usage: "read no configuration file", DisableDefaultText: true},
		&cli.BoolFlag{Name: "no-ignore", Usage: "obey no mesh2gw:ignore comment and no such annotation in the input", DisableDefaultText: true},
	}
}

// settings are what the configuration file says.
type settings struct {
	config *config.Config // nil for none
	triage triage.Options
}

// settingsOf reads the configuration file, and gives the flags that are not on
// the command line its values.
func settingsOf(c *cli.Context) (settings, error) {
	path, err := configPath(c)
	if err != nil {
		return settings{}, err
	}
	s := settings{}
	if path != "" {
		if s.config, err = config.Load(path, checkSetting); err != nil {
			return s, usagef(c, "%v", err)
		}
	}
	s.triage = s.config.Triage()
	s.triage.NoIgnore = c.Bool("no-ignore")
	if s.config == nil {
		return s, nil
	}
	values := maps.Clone(s.config.Convert)
	if c.Command.Name == "lint" {
		maps.Copy(values, lintValues(s.config.Lint))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if c.IsSet(name) || flagNamed(c.Command, name) == nil {
			continue
		}
		if err := c.Set(name, values[name]); err != nil {
			return s, usagef(c, "%s: %s: %v", path, name, err)
		}
	}
	return s, nil
}

// lintValues are what the section lint says for flags.
func lintValues(l config.Lint) map[string]string {
	values := map[string]string{"fail-on": l.FailOn, "format": l.Format, "baseline": l.Baseline}
	maps.DeleteFunc(values, func(_, v string) bool { return v == "" })
	return values
}

// checkSetting holds a value of the file to what its flag takes.
func checkSetting(section, flag, value string) error {
	switch {
	case flag == "mesh":
		_, _, err := parseMesh(value)
		return err
	case flag == "format":
		if lintPrinters()[value] == nil {
			return fmt.Errorf("%q: want %s", value, alternatives(words["lint format"]))
		}
		return nil
	case flag == "target":
		_, err := target.Parse(value)
		return err
	case words[flag] != nil:
		if !slices.Contains(words[flag], value) {
			return fmt.Errorf("%q: want %s", value, alternatives(words[flag]))
		}
		return nil
	case section == "convert" && !isName(value):
		return fmt.Errorf("%q is not a name: lower case letters, digits, - and . are allowed", value)
	}
	return nil
}

// configPath is the file to read, or "".
func configPath(c *cli.Context) (string, error) {
	switch {
	case c.Bool("no-config") && c.IsSet("config"):
		return "", usagef(c, "--config and --no-config exclude each other")
	case c.Bool("no-config"):
		return "", nil
	case c.IsSet("config"):
		return c.String("config"), nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	path, _, err := config.Find(here)
	if err != nil {
		return "", usagef(c, "%v", err)
	}
	if short, err := filepath.Rel(here, path); err == nil && path != "" {
		return short, nil // as a person would write it, for messages
	}
	return path, nil
}

// keep drops the files that the configuration skips.
func (s settings) keep(files []source.File) []source.File {
	return slices.DeleteFunc(files, func(f source.File) bool { return s.config.Skipped(f.Name) })
}

// lintLevels are severities that lint has of its own. A hook that is given all
// files of a repository must not fail on charts that are not rendered. A rule
// that never decides means nothing for a conversion, and a mistake today.
var lintLevels = map[*finding.Rule]triage.Level{rule.TemplateOfIstio: triage.Note, rule.DeadRule: triage.Warning}

// forLint takes lintLevels where the configuration says nothing else.
func (s *settings) forLint() {
	if s.triage.Severity == nil {
		s.triage.Severity = map[string]triage.Level{}
	}
	for r, level := range lintLevels {
		if _, set := s.triage.Severity[r.ID]; !set {
			s.triage.Severity[r.ID] = level
		}
	}
}

// judge applies to findings of files what their authors decided.
func (s settings) judge(findings []finding.Finding, files []source.File) triage.Result {
	return triage.Apply(findings, files, s.triage)
}

// judgeConverted is judge for the findings of a conversion alone. What ignores
// nothing there may do so for a finding of lint.
func (s settings) judgeConverted(findings []finding.Finding, files []source.File) triage.Result {
	judged := s.judge(findings, files)
	judged.Findings = slices.DeleteFunc(judged.Findings, func(f finding.Finding) bool { return f.Rule.ID == rule.IgnoreUnused.ID })
	return judged
}

// withBaseline reads the file of --baseline, if one is named.
func (s *settings) withBaseline(c *cli.Context) error {
	path := c.String("baseline")
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef(c, "baseline %s does not exist; mesh2gw lint --write-baseline %s makes it", path, path)
	}
	if err != nil {
		return err
	}
	if s.triage.Baseline, err = triage.ReadBaseline(data); err != nil {
		return usagef(c, "baseline %s: %v", path, err)
	}
	return nil
}
