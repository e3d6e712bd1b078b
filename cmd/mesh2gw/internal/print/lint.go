package print

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// Lint is what a lint has found, and how to show it.
type Lint struct {
	Findings []finding.Finding // ordered by place
	Accepted []triage.Accepted // ordered by place
	Text     *source.Text      // of the input; nil shows no lines
	Read     int               // objects of the input
	Version  string            // of mesh2gw
	Silent   bool              // there is nothing of Istio in the input, and nothing to tell
	Colour   bool              // for a terminal
	Width    int               // of the terminal; 0 is 100

	// Root is the absolute path of the repository, and Dir that of the folder from
	// which relative names count. Services name files from the root of the
	// repository; without Root, names stay as they are.
	Root, Dir string

	// LeftOut is the number of results for which there was no room, for the tally.
	LeftOut int
}

// LintPrinter prints findings in one format.
type LintPrinter func(w io.Writer, l Lint) error

// ruleLink is the page about a rule.
func ruleLink(r *finding.Rule) string {
	return "https://github.com/mesh2gw/mesh2gw/blob/main/docs/rules.md#" + strings.ToLower(r.ID)
}

// Tally is the sentence that ends a lint, without a full stop.
func (l Lint) Tally() string {
	s := fmt.Sprintf("%s read; %s", count(l.Read, "object"), tally(l.Findings))
	if len(l.Accepted) > 0 {
		s += fmt.Sprintf("; %d accepted (%s)", len(l.Accepted), acceptedBy(l.Accepted))
	}
	if l.LeftOut > 0 {
		s += fmt.Sprintf("; %s left out: %s", count(l.LeftOut, "finding"), sarifLimits())
	}
	return s
}

// LintTally writes the tally as a line, for the formats whose file has no place
// for it.
func LintTally(w io.Writer, l Lint) error {
	_, err := fmt.Fprintln(w, l.Tally())
	return err
}

// means are the ways to accept a finding, in the order in which they are told.
var means = []triage.Means{triage.Comment, triage.Annotation, triage.Configuration, triage.Baseline}

// acceptedBy is "2 by comment, 1 by baseline".
func acceptedBy(accepted []triage.Accepted) string {
	by := countMeans(accepted)
	var parts []string
	for _, m := range means {
		if by[m] > 0 {
			parts = append(parts, fmt.Sprintf("%d by %s", by[m], m))
		}
	}
	return strings.Join(parts, ", ")
}

func countMeans(accepted []triage.Accepted) map[triage.Means]int {
	by := map[triage.Means]int{}
	for _, a := range accepted {
		by[a.By]++
	}
	return by
}

// path is how a service knows a file: by its way from the root of the
// repository, with slashes, where it is inside.
func (l Lint) path(name string) string {
	if name == "" {
		return ""
	}
	if l.Root != "" && !strings.HasPrefix(name, "<") {
		full := name
		if !filepath.IsAbs(full) {
			full = filepath.Join(l.Dir, name)
		}
		if inside, err := filepath.Rel(l.Root, full); err == nil && filepath.IsLocal(inside) {
			name = inside
		}
	}
	return path.Clean(filepath.ToSlash(name))
}

// endColumn is the column behind the key or value at a place; 0 where it is not
// known.
func (l Lint) endColumn(at finding.Place) int {
	if l.Text == nil || at.Pos.Column == 0 {
		return 0
	}
	line, ok := l.Text.Line(at)
	if !ok {
		return 0
	}
	if end := source.Extent(line, at.Pos.Column); end > at.Pos.Column {
		return end
	}
	return 0 // the place is behind the end of the line
}

// instances numbers findings that share a fingerprint: the first is the
// fingerprint alone.
type instances map[string]int

func (n instances) name(f finding.Finding) string {
	print := f.Fingerprint()
	n[print]++
	if n[print] == 1 {
		return print
	}
	return fmt.Sprintf("%s:%d", print, n[print])
}

// shown is s on one line, with what could steer a terminal escaped.
func shown(s string) string { return string(appendLine(nil, s)) }

// says is the message of f and the way out.
func says(f finding.Finding) string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + " " + f.Hint
}
