// Package finding holds what the tool tells its user: one Finding says what
// changes for traffic at one place of the input, and the way out.
package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says what happens to traffic. The zero value is invalid on purpose.
type Severity int

const (
	// Note: nothing but names, metrics or documentation differs.
	Note Severity = iota + 1
	// Warning: a request may be handled differently; a person must look.
	Warning
	// Error: some request is handled differently, or a protection is gone.
	Error
)

// String returns the word that the printers use.
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	panic(fmt.Sprintf("unhandled severity %d", int(s)))
}

// ParseSeverity reads note, warning or error.
func ParseSeverity(word string) (Severity, error) {
	for s := Note; s <= Error; s++ {
		if s.String() == word {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: want note, warning or error", word)
}

// Pos is a place in a file. Line and Column count from 1; Column counts code
// points. A zero Line means the file as a whole.
type Pos struct {
	File   string
	Line   int
	Column int
}

// String returns file:line:col, or the file alone.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Place is a Pos together with what stands there.
type Place struct {
	Pos    Pos
	Object string // "VirtualService shop/reviews"; empty outside of objects
	Field  string // "spec.http[0].timeout"; empty for the object as a whole
}

// Rule is one kind of finding. Its values live in package rule.
type Rule struct {
	ID       string // MGnnn, never reused
	Severity Severity
	Title    string // at most 60 characters, no full stop
	Text     string // what the rule means for traffic, and why
	Hint     string // the way out, used where an instance names none
	Since    string // first version with the rule
	Group    Group
	Links    []string // where it is documented: https://, of a GEP, of Istio, of Envoy
	// IST are the codes under which istioctl analyze reports the same, as in IST0130.
	IST []string
	// Admits are the aspects by which requests may be treated differently where
	// an instance of the rule stands; a difference that the prover finds in one of
	// them is explained by it.
	Admits []Aspect
}

// Group says what a rule is about.
type Group string

// The groups.
const (
	// Migration: what conversion loses or changes. It is what the zero value means.
	Migration Group = "migration"
	// Config: what is wrong today, whether anything is converted or not.
	Config Group = "config"
)

// InGroup returns the group of r.
func (r *Rule) InGroup() Group { return cmp.Or(r.Group, Migration) }

// Finding is one instance of a Rule.
type Finding struct {
	Rule    *Rule
	Place   Place
	Message string // what changes for traffic, a full sentence
	Hint    string // the way out
	Related []Related
}

// Related is another place that a finding speaks of.
type Related struct {
	Place   Place
	Message string
}

// New returns a finding with the hint of its rule.
func New(r *Rule, at Place, format string, args ...any) Finding {
	return Finding{Rule: r, Place: at, Message: fmt.Sprintf(format, args...), Hint: r.Hint}
}

// WithHint returns f with another way out than the rule's.
func (f Finding) WithHint(format string, args ...any) Finding {
	f.Hint = fmt.Sprintf(format, args...)
	return f
}

// String is the line that the command prints:
// file:line:col: MGnnn severity: message hint.
func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s %s: %s", f.Place.Pos, f.Rule.ID, f.Rule.Severity, f.Message)
	if f.Hint != "" {
		s += " " + f.Hint
	}
	return s
}

// Sort orders findings by place, then id, then message, and drops exact repetitions.
func Sort(fs []Finding) []Finding {
	slices.SortFunc(fs, compare)
	return slices.CompactFunc(fs, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.Place == b.Place && a.Message == b.Message && a.Hint == b.Hint
	})
}

func compare(a, b Finding) int {
	return cmp.Or(a.Place.Pos.Compare(b.Place.Pos), cmp.Compare(a.Rule.ID, b.Rule.ID),
		cmp.Compare(a.Place.Field, b.Place.Field), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Hint, b.Hint))
}

// List gathers findings. It does not move them when it grows, as a slice of some
// ten thousands does, again and again.
type List struct {
	parts [][]Finding
	last  []Finding
}

// Add takes over the findings.
func (l *List) Add(fs ...Finding) {
	for len(fs) > 0 {
		if len(l.last) == cap(l.last) {
			l.parts, l.last = append(l.parts, l.last), make([]Finding, 0, min(max(8, 2*cap(l.last)), 512))
		}
		n := min(len(fs), cap(l.last)-len(l.last))
		l.last, fs = append(l.last, fs[:n]...), fs[n:]
	}
}

// Parts are the findings, in pieces.
func (l *List) Parts() [][]Finding { return append(slices.Clone(l.parts), l.last) }

// All are the findings in one piece.
func (l *List) All() []Finding { return slices.Concat(l.Parts()...) }

// Texts lets findings that say the same share their strings: those of a large
// input repeat a few hundred sentences many thousand times.
type Texts map[string]string

// Share makes the findings use the strings that are known already.
func (t Texts) Share(fs []Finding) {
	for i := range fs {
		f := &fs[i]
		f.Message, f.Place.Field = t.one(f.Message), t.one(f.Place.Field)
		if f.Hint != f.Rule.Hint {
			f.Hint = t.one(f.Hint)
		}
	}
}

func (t Texts) one(s string) string {
	if known, ok := t[s]; ok {
		return known
	}
	if len(t) < mostTexts {
		t[s] = s
	}
	return s
}

// mostTexts bounds what is remembered: sentences with names in them are all
// different.
const mostTexts = 4096

// Worst returns the highest severity among fs, or 0 when there are none.
func Worst(fs []Finding) Severity {
	var worst Severity
	for _, f := range fs {
		worst = max(worst, f.Rule.Severity)
	}
	return worst
}
