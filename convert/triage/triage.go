// Package triage applies what the authors of the input decided about findings:
// comments and annotations that accept one, severities of their own, and a
// baseline of what was there before.
package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Means says by what a finding was set aside.
type Means string

// The means.
const (
	Comment       Means = "comment"       // # mesh2gw:ignore MG123 reason
	Annotation    Means = "annotation"    // mesh2gw.io/ignore: "MG123"
	Configuration Means = "configuration" // a rule that is switched off
	Baseline      Means = "baseline"
)

// Accepted is a finding that was set aside.
type Accepted struct {
	finding.Finding
	By     Means
	Reason string // as written; empty without one
}

// Result is what is left to act on, and what is not.
type Result struct {
	Findings []finding.Finding // ordered by place, with the severities of Options
	Accepted []Accepted        // ordered by place
	Gone     int               // findings of the baseline that no longer occur
}

// Level is what a configuration makes of the findings of a rule.
type Level string

// The levels.
const (
	Off     Level = "off"
	Note    Level = "note"
	Warning Level = "warning"
	Error   Level = "error"
)

// Levels returns all levels, in the order in which they are told.
func Levels() []Level { return []Level{Off, Note, Warning, Error} }

// severity is that of a level; off has none.
func (l Level) severity() finding.Severity {
	switch l {
	case Note:
		return finding.Note
	case Warning:
		return finding.Warning
	case Error:
		return finding.Error
	}
	panic(fmt.Sprintf("unhandled level %q", string(l)))
}

// Override gives the findings of some files levels of their own.
type Override struct {
	Match    func(file string) bool
	Severity map[string]Level // by id
}

// Options steers Apply. The zero value obeys comments and annotations.
type Options struct {
	Severity      map[string]Level // by id
	Overrides     []Override       // the last that matches and names the rule holds, before Severity
	Groups        []finding.Group  // findings of others are left out; empty: all
	RequireReason bool             // an ignore without a reason does not count
	NoIgnore      bool             // no comment and no annotation counts
	Baseline      *File            // nil: none
}

// Apply sets aside what the authors of files accepted, and gives the rest the
// severities that they chose. It adds findings about ignores that can't be obeyed.
// The findings must be those of files, ordered by place. Code that compares
// rules by pointer must run before: a rule with another severity is a copy.
func Apply(findings []finding.Finding, files []source.File, o Options) Result {
	t := triage{options: o, copies: map[copied]*finding.Rule{}}
	if !o.NoIgnore {
		t.ignores = gather(files, o)
	}
	var kept []finding.Finding
	for _, f := range findings {
		if len(o.Groups) == 0 || slices.Contains(o.Groups, f.Rule.InGroup()) {
			kept = t.take(kept, f)
		}
	}
	for _, f := range t.ignores.complaints(o) {
		kept = t.take(kept, f)
	}
	t.result.Findings, t.result.Gone = o.Baseline.apply(finding.Sort(kept), t.accept)
	slices.SortStableFunc(t.result.Accepted, func(a, b Accepted) int {
		return cmp.Or(a.Place.Pos.Compare(b.Place.Pos), strings.Compare(a.Rule.ID, b.Rule.ID))
	})
	return t.result
}

type triage struct {
	options Options
	ignores ignores
	copies  map[copied]*finding.Rule
	result  Result
}

// copied is a rule with a severity of the configuration.
type copied struct {
	rule     *finding.Rule
	severity finding.Severity
}

// take appends f, unless it is set aside.
func (t *triage) take(kept []finding.Finding, f finding.Finding) []finding.Finding {
	if i := t.ignores.match(f); i != nil {
		t.accept(f, i.by, i.reason)
		return kept
	}
	switch level, ok := t.options.level(f); {
	case ok && level == Off:
		t.accept(f, Configuration, "")
		return kept
	case ok:
		f.Rule = t.with(f.Rule, level.severity())
	}
	return append(kept, f)
}

func (t *triage) accept(f finding.Finding, by Means, reason string) {
	t.result.Accepted = append(t.result.Accepted, Accepted{f, by, reason})
}

// level is what the configuration makes of f, if it says so.
func (o Options) level(f finding.Finding) (Level, bool) {
	for _, over := range slices.Backward(o.Overrides) {
		if level, ok := over.Severity[f.Rule.ID]; ok && over.Match(f.Place.Pos.File) {
			return level, true
		}
	}
	level, ok := o.Severity[f.Rule.ID]
	return level, ok
}

// with is r with another severity; the catalogue is everybody's.
func (t *triage) with(r *finding.Rule, s finding.Severity) *finding.Rule {
	if r.Severity == s {
		return r
	}
	key := copied{r, s}
	if t.copies[key] == nil {
		c := *r
		c.Severity = s
		t.copies[key] = &c
	}
	return t.copies[key]
}
