package print

import (
	"fmt"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// mostCompared bounds the new and gone findings that a comparison lists.
const mostCompared = 20

func (t *textReport) comparison(c *report.Comparison) {
	t.title("SINCE THE EARLIER REPORT")
	for _, s := range c.Settings {
		t.line("  ! %s was %s and is %s: the two answer different questions", s.Name, orNone(s.Old), orNone(s.New))
	}
	if len(c.Better)+len(c.Worse) == 0 {
		t.line("  nothing became better or worse")
	}
	for _, change := range c.Worse {
		t.line("  - worse: %s", change.Text)
	}
	for _, change := range c.Better {
		t.line("  + better: %s", change.Text)
	}
	for _, n := range c.Namespaces {
		t.line("  namespace %s: %s", n.Namespace, moved(string(n.Old), string(n.New)))
	}
	for _, h := range c.Hosts[:min(mostCompared, len(c.Hosts))] {
		t.line("  %s at %s: %s", h.Host, h.Entry, moved(h.Old, h.New))
	}
	t.compared("new", needing(c.NewFindings))
	t.compared("gone", needing(c.GoneFindings))
}

func (t *textReport) compared(word string, findings []report.Finding) {
	for _, f := range findings[:min(mostCompared, len(findings))] {
		t.line("  %s: %s:%d:%d: %s %s: %s", word, f.File, f.Line, f.Column, f.ID, f.Severity, f.Message)
	}
	if more := len(findings) - mostCompared; more > 0 {
		t.line("  %s: %d more", word, more)
	}
}

// needing are the findings that somebody has to do something about.
func needing(all []report.Finding) []report.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f report.Finding) bool { return f.Severity == "note" })
}

// moved is "ready -> blocked"; what only one report has came or went.
func moved(old, new string) string {
	switch {
	case old == "":
		return new + " (it was not there)"
	case new == "":
		return "gone (it was " + old + ")"
	}
	return old + " -> " + new
}

func orNone(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}

func (m *markdownReport) comparison(c *report.Comparison) {
	m.line("\n### Since the earlier report\n")
	for _, s := range c.Settings {
		m.line("> %s was %s and is %s: the two reports answer different questions.\n", prose(s.Name), code(orNone(s.Old)), code(orNone(s.New)))
	}
	if len(c.Better)+len(c.Worse) == 0 {
		m.line("Nothing became better or worse.")
	}
	for _, change := range c.Worse {
		m.line("- 🔺 worse: %s", prose(change.Text))
	}
	for _, change := range c.Better {
		m.line("- 💚 better: %s", prose(change.Text))
	}
	m.moves(c)
	m.compared("New findings", needing(c.NewFindings))
	m.compared("Findings that are gone", needing(c.GoneFindings))
}

func (m *markdownReport) moves(c *report.Comparison) {
	if len(c.Namespaces)+len(c.Hosts) == 0 {
		return
	}
	m.line("\n| what | before | now |\n| --- | --- | --- |")
	for _, n := range c.Namespaces {
		m.line("| namespace %s | %s | %s |", code(n.Namespace), orDash(string(n.Old)), orDash(string(n.New)))
	}
	for _, h := range c.Hosts[:min(mostCompared, len(c.Hosts))] {
		m.line("| %s at %s | %s | %s |", code(h.Host), prose(h.Entry), orDash(h.Old), orDash(h.New))
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (m *markdownReport) compared(title string, findings []report.Finding) {
	if len(findings) == 0 {
		return
	}
	m.line("\n**%s**\n", title)
	for _, f := range findings[:min(mostCompared, len(findings))] {
		m.line("- %s %s %s: %s", code(fmt.Sprintf("%s:%d", f.File, f.Line)), f.ID, f.Severity, prose(f.Message))
	}
	if more := len(findings) - mostCompared; more > 0 {
		m.line("- and %d more", more)
	}
}
