package print

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/report"
)

func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		counts report.Counts
		want   string
	}{
		{report.Counts{}, "[          ]"},
		{report.Counts{Exact: 3}, "[##########]"},
		{report.Counts{Exact: 1, Differs: 1}, "[#####~~~~~]"},
		{report.Counts{Exact: 99, Lost: 1}, "[#########x]"},
		{report.Counts{Exact: 1, Differs: 1, Unproven: 1, Lost: 1}, "[##~~~??xxx]"},
	} {
		if got := coverage(c.counts, 10); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.counts, got, c.want)
		}
	}
}

// A comment on GitHub takes 65536 characters; a larger report says what it leaves out.
func TestMarkdownFits(t *testing.T) {
	r := &report.Report{Summary: report.Summary{Ready: report.Blocked}}
	for i := range 2000 {
		r.Namespaces = append(r.Namespaces, report.Namespace{Name: fmt.Sprintf("team-%d", i), Ready: report.Ready})
		r.Hints = append(r.Hints, hint.Record{Service: "web", Asks: []hint.RecordAsk{{Setting: "timeout", Value: "3s", Advice: strings.Repeat("wait ", 10)}}})
	}
	r.Findings = []report.Finding{{ID: "MG100", Severity: "error", Title: "a finding that has room", File: "a.yaml"}}
	var b bytes.Buffer
	if err := ReportMarkdown(&b, r, nil); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if len(got) > 65536 || !strings.Contains(got, "_2 sections left out") || !strings.Contains(got, "a finding that has room") || strings.Contains(got, "team-1") {
		t.Errorf("%d bytes:\n%.2000s", len(got), got)
	}
}

// Whatever stands in a name, it opens no markup and calls nobody.
func TestMarkdownIsInert(t *testing.T) {
	for _, name := range []string{"<script>alert(1)</script>", "@everyone", "a|b", "`code`", "``", "[x](javascript:alert(1))", "*b*", "# h", "</details>", "line\nbreak", "\x1b[31m", "&lt;"} {
		r := &report.Report{
			Summary:    report.Summary{Ready: report.Review, Hosts: report.HostCounts{Differs: 1}},
			Namespaces: []report.Namespace{{Name: name, Ready: report.Review, Reasons: []report.Reason{{ID: "MG1", Title: name, Count: 1}}}},
			Hosts: []report.Host{{Host: name, Entry: name, Verdict: "differs", Reason: name, Differences: []report.Difference{
				{Request: name, BeforeDoes: name, AfterDoes: name, Before: -1, After: -1},
			}}},
			Unlisted: []report.Unlisted{{Object: name, Field: name, Status: report.Lost}},
			Findings: []report.Finding{{ID: "MG1", Severity: "error", Title: name, File: name}},
			Sidecar:  []report.Unasked{{Title: name, Text: name, Advice: name, Where: name}},
			Hints:    []hint.Record{{Service: name, Asks: []hint.RecordAsk{{Setting: name, Value: name, Advice: name}}}}, HintsCommand: name,
			Runbook: []report.Step{{Title: name, Text: name, Commands: []string{"echo " + name}, Back: name}},
		}
		c := &report.Comparison{
			Worse: []report.Change{{Text: name}}, Namespaces: []report.Shift{{Namespace: name}}, Hosts: []report.HostMove{{Host: name, Entry: name}},
			NewFindings: r.Findings, Settings: []report.SettingWas{{Name: name, Old: name}},
		}
		var md, text bytes.Buffer
		if err := ReportMarkdown(&md, r, c); err != nil {
			t.Fatal(err)
		}
		if err := ReportText(&text, r, c); err != nil {
			t.Fatal(err)
		}
		outside := withoutCode(md.String())
		links := summaries.ReplaceAllString(strings.ReplaceAll(outside, `\]`, ""), "")
		for _, bad := range []string{"<script", "@everyone", "](javascript", "\x1b", "**b**"} {
			if strings.Contains(links, bad) || bad != "](javascript" && strings.Contains(outside, bad) {
				t.Errorf("%q: Markdown holds %s:\n%s", name, bad, outside)
			}
		}
		if n := strings.Count(md.String(), "<details>"); n != strings.Count(outside, "</details>") {
			t.Errorf("%q: %d sections open, and others close:\n%s", name, n, md.String())
		}
		if strings.Contains(text.String(), "\x1b") || strings.Contains(text.String(), "line\nbreak") {
			t.Errorf("%q: the text has it raw:\n%s", name, text.String())
		}
	}
}

// summaries are HTML, in which Markdown is not read.
var summaries = regexp.MustCompile(`<summary>.*</summary>`)

// withoutCode drops code spans and blocks, in which nothing is markup.
func withoutCode(markdown string) string {
	var out strings.Builder
	inBlock := false
	for line := range strings.SplitSeq(markdown, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "````") {
			inBlock = !inBlock
			continue
		}
		if inBlock {
			continue
		}
		for line != "" {
			open := strings.Index(line, "`")
			if open < 0 {
				break
			}
			run := len(line[open:]) - len(strings.TrimLeft(line[open:], "`"))
			fence := line[open : open+run]
			end := strings.Index(line[open+run:], fence)
			if end < 0 {
				break
			}
			out.WriteString(line[:open])
			line = line[open+run+end+run:]
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}
