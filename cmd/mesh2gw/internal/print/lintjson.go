package print

import (
	"bytes"
	"cmp"
	"fmt"
	"io"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// lintVersion names the shape of LintJSON; docs/schema/lint.json describes it.
const lintVersion = "mesh2gw.io/lint/v1"

type (
	jsonLint struct {
		Version  string         `json:"version"`
		Tool     string         `json:"tool"` // version of mesh2gw
		Findings []lintFinding  `json:"findings"`
		Accepted []lintAccepted `json:"accepted"`
		Counts   lintCounts     `json:"counts"`
	}
	lintFinding struct {
		jsonFinding
		EndColumn   int           `json:"endColumn"` // behind the key or value; 0: not known
		Group       string        `json:"group"`
		Title       string        `json:"title"`
		Rule        string        `json:"rule"` // its page
		Fingerprint string        `json:"fingerprint"`
		Related     []lintRelated `json:"related"`
	}
	lintRelated struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Object  string `json:"object"`
		Field   string `json:"field"`
		Message string `json:"message"`
	}
	lintAccepted struct {
		lintFinding
		By     triage.Means `json:"by"`
		Reason string       `json:"reason"`
	}
	lintCounts struct {
		Read     int                  `json:"read"` // objects
		Errors   int                  `json:"errors"`
		Warnings int                  `json:"warnings"`
		Notes    int                  `json:"notes"`
		Accepted map[triage.Means]int `json:"accepted"`
	}
)

// LintJSON writes one object; every key is there.
func LintJSON(w io.Writer, l Lint) error {
	out := jsonLint{
		Version: lintVersion, Tool: l.Version,
		Findings: []lintFinding{}, Accepted: []lintAccepted{}, Counts: l.counts(),
	}
	for _, f := range l.Findings {
		out.Findings = append(out.Findings, l.jsonFinding(f))
	}
	for _, a := range l.Accepted {
		out.Accepted = append(out.Accepted, lintAccepted{l.jsonFinding(a.Finding), a.By, a.Reason})
	}
	return writeInertJSON(w, out)
}

func (l Lint) jsonFinding(f finding.Finding) lintFinding {
	out := lintFinding{
		jsonFinding: jsonFindingOf(f), EndColumn: l.endColumn(f.Place),
		Group: string(f.Rule.InGroup()), Title: f.Rule.Title, Rule: ruleLink(f.Rule),
		Fingerprint: f.Fingerprint(), Related: []lintRelated{},
	}
	for _, r := range f.Related {
		at := r.Place
		out.Related = append(out.Related, lintRelated{at.Pos.File, at.Pos.Line, at.Pos.Column, at.Object, at.Field, r.Message})
	}
	return out
}

func jsonFindingOf(f finding.Finding) jsonFinding {
	return jsonFinding{
		ID: f.Rule.ID, Severity: f.Rule.Severity.String(),
		File: f.Place.Pos.File, Line: f.Place.Pos.Line, Column: f.Place.Pos.Column,
		Object: f.Place.Object, Field: f.Place.Field, Message: f.Message, Hint: f.Hint,
	}
}

func (l Lint) counts() lintCounts {
	c := lintCounts{Read: l.Read, Accepted: map[triage.Means]int{}}
	for _, m := range means {
		c.Accepted[m] = 0
	}
	for m, n := range countMeans(l.Accepted) {
		c.Accepted[m] = n
	}
	for _, f := range l.Findings {
		switch f.Rule.Severity {
		case finding.Error:
			c.Errors++
		case finding.Warning:
			c.Warnings++
		case finding.Note:
			c.Notes++
		default:
			panic(fmt.Sprintf("unhandled severity %d", int(f.Rule.Severity)))
		}
	}
	return c
}

// codeQuality is a finding as GitLab's merge requests show it
// (docs.gitlab.com/ci/testing/code_quality, "report format").
type codeQuality struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"` // GitLab shows only one finding of each
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"` // from the root of the repository
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

// LintGitLab writes GitLab's Code Quality report.
func LintGitLab(w io.Writer, l Lint) error {
	out := []codeQuality{}
	names := instances{}
	for _, f := range l.Findings {
		out = append(out, codeQuality{
			Description: shown(says(f)), CheckName: f.Rule.ID, Fingerprint: names.name(f), Severity: gitLabSeverity(f.Rule.Severity),
			Location: codeQualityLocation{cmp.Or(l.path(f.Place.Pos.File), nowhere), codeQualityLines{max(f.Place.Pos.Line, 1)}},
		})
	}
	return writeInertJSON(w, out)
}

// nowhere stands for the file of a finding that has none, where a format wants one.
const nowhere = "<input>"

func gitLabSeverity(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "critical"
	case finding.Warning:
		return "major"
	case finding.Note:
		return "info"
	}
	panic(fmt.Sprintf("unhandled severity %d", int(s)))
}

// writeInertJSON is writeJSON for text that may pass through the log of a GitHub
// step; see inert. In JSON, "##[" stands in strings only.
func writeInertJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	if err := writeJSON(&b, v); err != nil {
		return err
	}
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(oldCommand), []byte(`##\u005b`)))
	return err
}
