package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/report"
)

// Report is a printer of reports; the comparison may be nil.
type Report func(w io.Writer, r *report.Report, c *report.Comparison) error

// most bounds what the short forms of a report show of one kind; what is left
// out is counted.
const (
	mostDifferences = 5  // of a host
	mostPlaces      = 5  // of one kind of finding
	mostHosts       = 50 // that are not equal
	reportWidth     = 110
)

// ReportText writes a report for a terminal.
func ReportText(w io.Writer, r *report.Report, c *report.Comparison) error {
	t := textReport{r: r}
	t.summary()
	if c != nil {
		t.comparison(c)
	}
	t.namespaces()
	t.hosts()
	t.unlisted()
	t.findings()
	t.unasked()
	t.hints()
	t.runbook()
	_, err := w.Write(t.b.Bytes())
	return err
}

type textReport struct {
	b bytes.Buffer
	r *report.Report
}

// line writes one line, whatever the names in it are.
func (t *textReport) line(format string, args ...any) {
	t.b.Write(appendLine(nil, fmt.Sprintf(format, args...)))
	t.b.WriteByte('\n')
}

// text writes a paragraph, folded, behind indent.
func (t *textReport) text(indent, s string) {
	for l := range strings.SplitSeq(fold(s, reportWidth-len(indent)), "\n") {
		t.line("%s%s", indent, l)
		indent = strings.Repeat(" ", len(indent))
	}
}

func (t *textReport) title(s string) { t.b.WriteString("\n" + s + "\n") }

func (t *textReport) summary() {
	s := t.r.Summary
	t.line("Dry run of a migration to Gateway API: %s", readiness(s.Ready))
	t.line("")
	t.line("  %s  %s", coverage(s.Rules, 40), rulesText(s.Rules))
	t.line("  %s: %s", count(s.Hosts.Equal+s.Hosts.Differs+s.Hosts.Unproven, "host"), hostsText(s.Hosts))
	t.line("  %s read, %s written", count(s.Read, "object"), count(s.Written, "object"))
	t.line("  %s", findingsText(s))
}

// readiness says what a state means.
func readiness(r report.Readiness) string {
	switch r {
	case report.Ready:
		return "ready (everything is served as before)"
	case report.Review:
		return "review (a person has to look at the warnings)"
	case report.Blocked:
		return "blocked (some request is handled differently, or a protection is gone)"
	}
	panic("unhandled readiness " + string(r))
}

// coverage is a bar of n characters: # exact, ~ differs, x lost, ? unproven.
func coverage(c report.Counts, n int) string {
	total := c.Total()
	if total == 0 {
		return "[" + strings.Repeat(" ", n) + "]"
	}
	bar, sum := "", 0
	for _, part := range []struct {
		sign  string
		count int
	}{{"#", c.Exact}, {"~", c.Differs}, {"?", c.Unproven}, {"x", c.Lost}} {
		sum += part.count
		bar += strings.Repeat(part.sign, max(0, sum*n/total-len(bar)))
	}
	return "[" + bar + "]"
}

func rulesText(c report.Counts) string {
	if c.Total() == 0 {
		return "no rules"
	}
	parts := []string{fmt.Sprintf("%d exact", c.Exact)}
	for _, part := range []struct {
		word  string
		count int
	}{{"differ", c.Differs}, {"not proven", c.Unproven}, {"lost", c.Lost}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.word))
		}
	}
	return count(c.Total(), "rule") + ": " + strings.Join(parts, ", ")
}

func hostsText(h report.HostCounts) string {
	text := fmt.Sprintf("%d equal, %d differ", h.Equal, h.Differs)
	if h.Unproven > 0 {
		text += fmt.Sprintf(", %d not proven", h.Unproven)
	}
	return text
}

func findingsText(s report.Summary) string {
	text := tallyText(s.Findings)
	if s.Accepted > 0 {
		text += fmt.Sprintf(", %d accepted", s.Accepted)
	}
	return text
}

func tallyText(t report.Tally) string {
	var parts []string
	for _, part := range []struct {
		noun  string
		count int
	}{{"error", t.Errors}, {"warning", t.Warnings}, {"note", t.Notes}} {
		if part.count > 0 {
			parts = append(parts, count(part.count, part.noun))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

func (t *textReport) namespaces() {
	if len(t.r.Namespaces) == 0 {
		return
	}
	t.title("NAMESPACES")
	longest := 0
	for _, n := range t.r.Namespaces {
		longest = max(longest, len(n.Name))
	}
	for _, n := range t.r.Namespaces {
		t.line("  %-*s  %-7s  %s  %s; %s", longest, n.Name, n.Ready, coverage(n.Rules, 20), rulesText(n.Rules), tallyText(n.Findings))
		for _, reason := range n.Reasons[:min(3, len(n.Reasons))] {
			t.line("  %-*s           %d x %s %s", longest, "", reason.Count, reason.ID, reason.Title)
		}
	}
}

func (t *textReport) hosts() {
	if len(t.r.Hosts) == 0 {
		return
	}
	t.title("HOSTS")
	shown, hidden := 0, 0
	for _, h := range t.r.Hosts {
		switch {
		case h.Verdict == "equal":
			if len(t.r.Hosts) <= mostHosts {
				t.line("  %s at %s: equal", h.Host, h.Entry)
			}
		case shown == mostHosts:
			hidden++
		default:
			shown++
			t.host(&h)
		}
	}
	if equal := t.r.Summary.Hosts.Equal; len(t.r.Hosts) > mostHosts && equal > 0 {
		t.line("  %s equal", count(equal, "host"))
	}
	if hidden > 0 {
		t.line("  %s more that differ: --format json or html", count(hidden, "host"))
	}
}

func (t *textReport) host(h *report.Host) {
	text := fmt.Sprintf("  %s at %s: %s", h.Host, h.Entry, h.Verdict)
	if h.Reason != "" {
		text += ": " + h.Reason
	}
	t.line("%s", text)
	for i, d := range h.Differences {
		if i == mostDifferences {
			t.line("    and %s more", count(len(h.Differences)-i+h.Omitted, "difference"))
			break
		}
		perhaps := ""
		if d.Possible {
			perhaps = " (on some implementations)"
		}
		t.line("    %s%s", d.Curl, perhaps)
		t.line("      before: %s%s", d.BeforeDoes, t.placeOf(h.Before, d.Before))
		t.line("      after:  %s%s", d.AfterDoes, t.placeOf(h.After, d.After))
		if ids := idsOf(t.r, d.Findings); len(ids) > 0 {
			t.line("      see %s", strings.Join(ids, ", "))
		}
	}
}

// unlisted are the rules of no host that are lost.
func (t *textReport) unlisted() {
	lost := lostRules(t.r)
	if len(lost) == 0 {
		return
	}
	t.title("RULES THAT ARE LOST AT EVERY HOST")
	for i, u := range lost {
		if i == mostHosts {
			t.line("  %d more: --format json or html", len(lost)-i)
			break
		}
		t.line("  %s: %s %s  see %s", placeText(u.Place), u.Object, u.Field, strings.Join(idsOf(t.r, u.Findings), ", "))
	}
}

// placeOf says where the i-th rule stands.
func (t *textReport) placeOf(rules []report.Rule, i int) string {
	switch {
	case i < 0 || i >= len(rules):
		return ""
	case rules[i].Object != nil && rules[i].Object.Object < len(t.r.Objects):
		o := t.r.Objects[rules[i].Object.Object]
		return fmt.Sprintf("  [%s %s]", o.Kind, qualified(o.Namespace, o.Name))
	case rules[i].Place != nil:
		return fmt.Sprintf("  [%s]", placeText(*rules[i].Place))
	}
	return ""
}

func placeText(p report.Place) string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// idsOf are the ids of findings by their index, each once.
func idsOf(r *report.Report, findings []int) []string {
	var ids []string
	seen := map[string]bool{}
	for _, i := range findings {
		if f := r.Findings[i]; !seen[f.ID] {
			seen[f.ID] = true
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// findings are those that need somebody, by kind.
func (t *textReport) findings() {
	kinds := kindsOf(t.r.Findings)
	if len(kinds) == 0 {
		return
	}
	t.title("FINDINGS")
	notes := 0
	for _, k := range kinds {
		first := k.findings[0]
		if first.Severity == "note" {
			notes += len(k.findings)
			continue
		}
		t.line("  %s %s: %s (%d)", first.ID, first.Severity, first.Title, len(k.findings))
		for i, f := range k.findings {
			if i == mostPlaces {
				t.line("    and %d more: mesh2gw lint lists them", len(k.findings)-i)
				break
			}
			t.line("    %s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
		}
		t.text("    -> ", first.Hint)
	}
	if notes > 0 {
		t.line("  %s: mesh2gw lint lists them", count(notes, "note"))
	}
}

func (t *textReport) unasked() {
	if len(t.r.Sidecar) == 0 {
		return
	}
	t.title("WHAT THE SIDECAR DID UNASKED, AND NO ROUTE DOES")
	for _, u := range t.r.Sidecar {
		t.line("  %s: %s", u.Title, u.Where)
		t.text("    ", u.Text)
		t.text("    -> ", u.Advice)
	}
}

func (t *textReport) hints() {
	if len(t.r.Hints) == 0 {
		return
	}
	t.title("WHAT APPLICATIONS HAVE TO DO THEMSELVES")
	for _, a := range t.r.Asks() {
		place := ""
		if a.Place != nil {
			place = "  [" + placeText(*a.Place) + "]"
		}
		t.line("  %s, %s: %s%s", a.Service, a.Setting, a.Value, place)
		t.text("    -> ", a.Advice)
	}
	t.text("  ", hintsSentence(t.r))
	t.line("    $ %s", t.r.HintsCommand)
}

// hintsSentence leads to the command that prints the code for hints.
func hintsSentence(r *report.Report) string {
	callees := map[string]bool{}
	for i := range r.Hints {
		if r.Hints[i].Of == "" { // what a subset needs is counted with its Service
			callees[r.Hints[i].Callee()] = true
		}
	}
	n := len(callees)
	return fmt.Sprintf("Code for callers of %s that lose their proxy, with retries, timeouts and limits as they are today; --lang takes %s:",
		count(n, "service"), alternativesOf(hint.Languages()))
}

func alternativesOf(all []hint.Language) string {
	var names []string
	for _, l := range all {
		names = append(names, l.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// RunbookText writes the steps of a migration by themselves.
func RunbookText(w io.Writer, r *report.Report) error {
	t := textReport{r: r}
	t.steps()
	_, err := w.Write(t.b.Bytes())
	return err
}

func (t *textReport) runbook() {
	if len(t.r.Runbook) == 0 {
		return
	}
	t.title("RUNBOOK")
	t.steps()
}

func (t *textReport) steps() {
	for i, s := range t.r.Runbook {
		t.line("  %d. %s", i+1, s.Title)
		t.text("     ", s.Text)
		for _, command := range s.Commands {
			t.line("       $ %s", command)
		}
		if s.Back != "" {
			t.text("     back: ", s.Back)
		}
	}
}
