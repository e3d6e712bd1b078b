package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// Parse reads the text of a configuration; file is for the errors.
func Parse(file string, data []byte, check Check) (*Config, error) {
	p := parser{file: file, check: check, config: &Config{Path: file, Convert: map[string]string{}}}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return p.config, nil // nothing but comments
	case err != nil:
		return nil, p.broken(err)
	}
	var second yaml.Node
	switch err := d.Decode(&second); {
	case err == nil:
		p.fault(&second, "", "a second document; the configuration is one")
	case !errors.Is(err, io.EOF):
		return nil, p.broken(err)
	}
	p.mapping(doc.Content[0], "", p.top())
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b fault) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) })
		var errs []error
		for _, f := range p.faults {
			errs = append(errs, fmt.Errorf("%s:%d:%d: %s", file, f.line, f.column, f.text))
		}
		return nil, errors.Join(errs...)
	}
	return p.config, nil
}

type parser struct {
	file   string
	check  Check
	config *Config
	faults []fault
}

type fault struct {
	line, column int
	text         string
}

// fault notes what is wrong with the value of key.
func (p *parser) fault(n *yaml.Node, key, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if key != "" {
		text = key + ": " + text
	}
	p.faults = append(p.faults, fault{n.Line, n.Column, text})
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// broken gives the parser's message the form of the others.
func (p *parser) broken(err error) error {
	text := err.Error()
	line := "1" // where the parser names none
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, text = cmp.Or(m[1], line), text[len(m[0]):]
	}
	return fmt.Errorf("%s:%s:1: %s", p.file, line, text)
}

// field is a key and what reads its value.
type field struct {
	name string
	read func(n *yaml.Node, key string)
}

// top are the keys of the file.
func (p *parser) top() []field {
	c := p.config
	return []field{
		{"rules", func(n *yaml.Node, key string) { c.Rules = p.levels(n, key) }},
		{"skip", func(n *yaml.Node, key string) { c.Skip = p.globs(n, key) }},
		{"overrides", func(n *yaml.Node, key string) {
			p.list(n, key, func(n *yaml.Node, key string) { c.Overrides = append(c.Overrides, p.override(n, key)) })
		}},
		{"convert", func(n *yaml.Node, key string) { p.mapping(n, key, p.convert()) }},
		{"lint", func(n *yaml.Node, key string) { p.mapping(n, key, p.lint()) }},
	}
}

// convertFlags are the options of conversion that belong to a repository, not to
// one run.
var convertFlags = []string{"namespace", "gateway-class", "target", "gateway-namespace", "gateway-api", "channel", "mesh", "prefix"}

func (p *parser) convert() []field {
	var fields []field
	for _, flag := range convertFlags {
		fields = append(fields, field{flag, func(n *yaml.Node, key string) {
			if value, ok := p.flag(n, key, "convert", flag); ok {
				p.config.Convert[flag] = value
			}
		}})
	}
	return fields
}

func (p *parser) lint() []field {
	l := &p.config.Lint
	return []field{
		{"fail-on", func(n *yaml.Node, key string) { l.FailOn, _ = p.flag(n, key, "lint", "fail-on") }},
		{"format", func(n *yaml.Node, key string) { l.Format, _ = p.flag(n, key, "lint", "format") }},
		{"baseline", func(n *yaml.Node, key string) {
			var ok bool
			if l.Baseline, ok = p.text(n, key); ok && l.Baseline == "" {
				p.fault(resolved(n), key, "want the name of a file")
			}
		}},
		{"groups", func(n *yaml.Node, key string) {
			p.list(n, key, func(n *yaml.Node, key string) { p.group(n, key) })
		}},
		{"require-reason", func(n *yaml.Node, key string) { l.RequireReason = p.truth(n, key) }},
	}
}

func (p *parser) override(n *yaml.Node, key string) (o Override) {
	before := len(p.faults)
	p.mapping(n, key, p.overrideOf(&o))
	switch {
	case len(p.faults) > before:
	case len(o.Paths) == 0:
		p.fault(resolved(n), key, "paths are missing")
	case len(o.Rules) == 0:
		p.fault(resolved(n), key, "rules are missing")
	}
	return o
}

func (p *parser) overrideOf(o *Override) []field {
	return []field{
		{"paths", func(n *yaml.Node, key string) { o.Paths = p.globs(n, key) }},
		{"rules", func(n *yaml.Node, key string) { o.Rules = p.levels(n, key) }},
	}
}

// groups are the names of all groups.
var groups = []string{string(finding.Migration), string(finding.Config)}

func (p *parser) group(n *yaml.Node, key string) {
	if value, ok := p.word(n, key, groups); ok {
		p.config.Lint.Groups = append(p.config.Lint.Groups, value)
	}
}

// levels reads a mapping of ids to levels.
func (p *parser) levels(n *yaml.Node, key string) map[string]triage.Level {
	var words []string
	for _, l := range triage.Levels() {
		words = append(words, string(l))
	}
	levels := map[string]triage.Level{}
	var fields []field
	for _, r := range rule.All() {
		fields = append(fields, field{r.ID, func(n *yaml.Node, key string) {
			if value, ok := p.word(n, key, words); ok {
				levels[r.ID] = triage.Level(value)
			}
		}})
	}
	p.mapping(n, key, fields)
	return levels
}

// globs reads a list of globs that count from the folder of the file.
func (p *parser) globs(n *yaml.Node, key string) (globs []string) {
	p.list(n, key, func(n *yaml.Node, key string) {
		glob, ok := p.text(n, key)
		switch clean := path.Clean(glob); {
		case !ok:
		case clean == "." || !doublestar.ValidatePattern(glob):
			p.fault(n, key, "%q is no glob: want something like vendor/** or *.gen.yaml", glob)
		case path.IsAbs(glob) || clean == ".." || strings.HasPrefix(clean, "../"):
			p.fault(n, key, "%q lies outside: globs count from the folder of this file, and hold below it", glob)
		case strings.HasPrefix(glob, "!"):
			p.fault(n, key, "%q: a glob can't be taken back with !", glob)
		default:
			globs = append(globs, clean)
		}
	})
	return globs
}

// near is "; did you mean this?", or nothing.
func near(word string, words []string) string {
	if n := istio.Nearest(word, words); n != "" {
		return fmt.Sprintf("; did you mean %s?", n)
	}
	return ""
}
