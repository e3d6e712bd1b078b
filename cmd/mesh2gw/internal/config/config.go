// Package config reads .mesh2gw.yaml, in which a repository says once how it
// wants to be linted and converted. What is not understood is an error: a key
// that is passed over would leave a check off, or on, without a word.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4" // has ** and is used by most; path.Match knows no folders

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// Config is what the file says. A nil Config says nothing.
type Config struct {
	Path      string                  // of the file, absolute
	Rules     map[string]triage.Level // by id
	Skip      []string                // globs of files that are not read
	Overrides []Override
	Convert   map[string]string // by the name of the flag; only what is written, never nil
	Lint      Lint
}

// Override gives the findings of some files levels of their own. The last one
// that matches holds.
type Override struct {
	Paths []string // globs
	Rules map[string]triage.Level
}

// Lint is what concerns the command lint. Empty: not written.
type Lint struct {
	FailOn, Format string
	Baseline       string   // with the folder of the file before it
	Groups         []string // of rules
	RequireReason  bool
}

// Check says what is wrong with the value of a flag that stands in a section,
// convert or lint.
type Check func(section, flag, value string) error

// names of the file, in the order in which they are looked for.
var names = []string{".mesh2gw.yaml", ".mesh2gw.yml"}

// Find looks for the file in dir and above, up to the root of the repository or
// of the file system.
func Find(dir string) (file string, ok bool, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", false, err
	}
	for {
		var found []string
		for _, name := range names {
			full := filepath.Join(dir, name)
			switch _, err := os.Stat(full); {
			case err == nil:
				found = append(found, full)
			case !errors.Is(err, fs.ErrNotExist):
				return "", false, fmt.Errorf("look for the configuration: %w", err)
			}
		}
		switch len(found) {
		case 1:
			return found[0], true, nil
		case 2:
			return "", false, fmt.Errorf("%s and %s are both there: keep one", found[0], found[1])
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || filepath.Dir(dir) == dir {
			return "", false, nil
		}
		dir = filepath.Dir(dir)
	}
}

// Load reads the file. Its error names every fault, with file, line and column.
func Load(file string, check Check) (*Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, err := Parse(file, data, check)
	if err != nil {
		return nil, err
	}
	c.Path = full
	if c.Lint.Baseline != "" && !filepath.IsAbs(c.Lint.Baseline) {
		c.Lint.Baseline = filepath.Join(filepath.Dir(full), filepath.FromSlash(c.Lint.Baseline))
	}
	return c, nil
}

// Skipped tells whether the file name, as the command line or a finding has it,
// is one that c skips. A glob that matches a folder is for all that it holds.
func (c *Config) Skipped(name string) bool { return c != nil && c.matches(c.Skip, name) }

// matches compares name with globs, which count from the folder of the
// configuration.
func (c *Config) matches(globs []string, name string) bool {
	if len(globs) == 0 || strings.HasPrefix(name, "<") { // standard input
		return false
	}
	inside, ok := below(filepath.Dir(c.Path), name)
	if !ok {
		return false
	}
	for at := filepath.ToSlash(inside); at != "."; at = path.Dir(at) {
		if slices.ContainsFunc(globs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, at) }) {
			return true
		}
	}
	return false
}

// below is the way from dir to name, if it goes down. Either may be known by
// another name, as /tmp is on macOS.
func below(dir, name string) (inside string, ok bool) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", false // the working directory is gone; there is nothing to compare with
	}
	if inside, err = filepath.Rel(dir, full); err == nil && filepath.IsLocal(inside) {
		return inside, true
	}
	realDir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", false
	}
	realName, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", false
	}
	inside, err = filepath.Rel(realDir, realName)
	return inside, err == nil && filepath.IsLocal(inside)
}

// Triage is what c says about findings, for all commands: the groups are lint's.
func (c *Config) Triage() triage.Options {
	if c == nil {
		return triage.Options{}
	}
	o := triage.Options{Severity: maps.Clone(c.Rules), RequireReason: c.Lint.RequireReason}
	for _, over := range c.Overrides {
		match := func(file string) bool { return c.matches(over.Paths, file) }
		o.Overrides = append(o.Overrides, triage.Override{Match: match, Severity: maps.Clone(over.Rules)})
	}
	return o
}

// Groups are those of Lint, none where it names none.
func (c *Config) Groups() []finding.Group {
	if c == nil {
		return nil
	}
	var groups []finding.Group
	for _, g := range c.Lint.Groups {
		groups = append(groups, finding.Group(g))
	}
	return groups
}
