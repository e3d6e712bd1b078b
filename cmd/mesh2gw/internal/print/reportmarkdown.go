package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// mostMarkdown is how many bytes a comment on GitHub takes (65536), less some for a
// sentence that says what is left out.
const mostMarkdown = 64000

// ReportMarkdown writes a report that fits into a comment on a pull request. The
// parts that do not are left out, and it says so.
func ReportMarkdown(w io.Writer, r *report.Report, c *report.Comparison) error {
	m := markdownReport{r: r}
	parts := []func(){m.namespaces, m.hosts, m.unlisted, m.findings, m.unasked, m.hints, m.runbook}
	m.summary()
	if c != nil {
		m.comparison(c)
	}
	left := 0
	for _, part := range parts {
		before := m.b.Len()
		if part(); m.b.Len() > mostMarkdown {
			m.b.Truncate(before)
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(&m.b, "\n_%s left out, since a comment takes no more: see `mesh2gw report --format html`._\n", count(left, "section"))
	}
	_, err := w.Write(m.b.Bytes())
	return err
}

type markdownReport struct {
	b bytes.Buffer
	r *report.Report
}

func (m *markdownReport) line(format string, args ...any) {
	fmt.Fprintf(&m.b, format+"\n", args...)
}

// folded opens a section that is folded away; end closes it.
func (m *markdownReport) folded(title string) (end func()) {
	m.line("\n<details><summary><b>%s</b></summary>\n", title)
	return func() { m.line("\n</details>") }
}

// htmlText is untrusted text in a block of HTML: no tag, no mention of people, one
// line. Markdown is not read there.
func htmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u200b").Replace(string(appendLine(nil, s)))
}

// prose is untrusted text outside of code and HTML.
func prose(s string) string {
	return strings.NewReplacer("`", "'", "|", `\|`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`).Replace(htmlText(s))
}

// code is untrusted text as code.
func code(s string) string {
	s = strings.ReplaceAll(string(appendLine(nil, s)), "|", "\u2502")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if fence == "`" {
		return fence + s + fence
	}
	return fence + " " + s + " " + fence
}

func (m *markdownReport) summary() {
	s := m.r.Summary
	m.line("## %s Migration to Gateway API: %s\n", sign(s.Ready), s.Ready)
	m.line("| | |\n| --- | --- |")
	m.line("| Rules | %s |", rulesText(s.Rules))
	m.line("| Hosts | %s |", hostsText(s.Hosts))
	m.line("| Objects | %d read, %d written |", s.Read, s.Written)
	m.line("| Findings | %s |", findingsText(s))
}

// sign stands beside the word, never for it.
func sign(r report.Readiness) string {
	return map[report.Readiness]string{report.Ready: "✅", report.Review: "⚠️", report.Blocked: "⛔"}[r]
}

func (m *markdownReport) namespaces() {
	if len(m.r.Namespaces) == 0 {
		return
	}
	m.line("\n### Namespaces\n\n| namespace | | rules exact | differ | lost | findings | most often |\n| --- | --- | --: | --: | --: | --- | --- |")
	for _, n := range m.r.Namespaces {
		reason := ""
		if len(n.Reasons) > 0 {
			reason = fmt.Sprintf("%d × %s %s", n.Reasons[0].Count, n.Reasons[0].ID, prose(n.Reasons[0].Title))
		}
		m.line("| %s | %s %s | %d of %d | %d | %d | %s | %s |", code(n.Name), sign(n.Ready), n.Ready, n.Rules.Exact, n.Rules.Total(),
			n.Rules.Differs+n.Rules.Unproven, n.Rules.Lost, tallyText(n.Findings), reason)
	}
}

func (m *markdownReport) hosts() {
	if len(m.r.Hosts) == 0 {
		return
	}
	m.line("\n### Hosts\n")
	shown := 0
	for _, h := range m.r.Hosts {
		if h.Verdict == "equal" {
			continue
		}
		if shown++; shown > mostHosts {
			break
		}
		m.host(&h)
	}
	if equal := m.r.Summary.Hosts.Equal; equal > 0 {
		m.line("\n%s served as before.", count(equal, "host"))
	}
}

func (m *markdownReport) unlisted() {
	lost := lostRules(m.r)
	if len(lost) == 0 {
		return
	}
	m.line("\n**Rules that are lost at every host**\n")
	for i, u := range lost {
		if i == mostHosts {
			m.line("- and %d more", len(lost)-i)
			break
		}
		m.line("- %s %s: %s", prose(u.Object), code(u.Field), strings.Join(idsOf(m.r, u.Findings), ", "))
	}
}

func (m *markdownReport) host(h *report.Host) {
	end := m.folded(fmt.Sprintf("<code>%s</code> at %s: %s", htmlText(h.Host), htmlText(h.Entry), h.Verdict))
	defer end()
	if h.Reason != "" {
		m.line("%s\n", prose(h.Reason))
	}
	if len(h.Differences) == 0 {
		return
	}
	m.line("| request | before | after | |\n| --- | --- | --- | --- |")
	for i, d := range h.Differences {
		if i == 4*mostDifferences {
			m.line("\n%s more.", count(len(h.Differences)-i+h.Omitted, "difference"))
			return
		}
		m.line("| %s | %s | %s | %s |", code(d.Request), prose(d.BeforeDoes), prose(d.AfterDoes), strings.Join(idsOf(m.r, d.Findings), ", "))
	}
}

func (m *markdownReport) findings() {
	kinds := kindsOf(m.r.Findings)
	if len(kinds) == 0 {
		return
	}
	m.line("\n### Findings\n\n| | | count | first at |\n| --- | --- | --: | --- |")
	for _, k := range kinds {
		f := k.findings[0]
		at := fmt.Sprintf("%s:%d", f.File, f.Line)
		m.line("| [%s](%s) %s | %s | %d | %s |", f.ID, rulePage(f.ID), f.Severity, prose(f.Title), len(k.findings), code(at))
	}
}

func (m *markdownReport) unasked() {
	if len(m.r.Sidecar) == 0 {
		return
	}
	end := m.folded("What the sidecar did unasked, and no route does")
	defer end()
	for _, u := range m.r.Sidecar {
		m.line("- **%s**: %s %s _%s_", prose(u.Title), prose(u.Where), prose(u.Text), prose(u.Advice))
	}
}

func (m *markdownReport) hints() {
	if len(m.r.Hints) == 0 {
		return
	}
	end := m.folded("What applications have to do themselves")
	defer end()
	m.line("| service | setting | value | advice |\n| --- | --- | --- | --- |")
	for _, a := range m.r.Asks() {
		m.line("| %s | %s | %s | %s |", code(a.Service), prose(a.Setting), prose(a.Value), prose(a.Advice))
	}
	m.line("\n%s\n\n````sh\n%s\n````", prose(hintsSentence(m.r)), appendLine(nil, m.r.HintsCommand))
}

func (m *markdownReport) runbook() {
	if len(m.r.Runbook) == 0 {
		return
	}
	end := m.folded("Runbook")
	defer end()
	m.steps()
}

// RunbookMarkdown writes the steps of a migration by themselves.
func RunbookMarkdown(w io.Writer, r *report.Report) error {
	m := markdownReport{r: r}
	m.line("# From Istio to Gateway API\n")
	m.steps()
	_, err := w.Write(m.b.Bytes())
	return err
}

func (m *markdownReport) steps() {
	for i, s := range m.r.Runbook {
		m.line("%d. **%s** %s", i+1, prose(s.Title), prose(s.Text))
		if len(s.Commands) > 0 {
			m.line("\n   ````sh")
			for _, command := range s.Commands {
				m.line("   %s", appendLine(nil, command))
			}
			m.line("   ````\n")
		}
		if s.Back != "" {
			m.line("   Back: %s\n", prose(s.Back))
		}
	}
}
