package print

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// How much of long lists is in the page itself, for readers without JavaScript; the
// script has all of them. It bounds the time in which a browser opens the page.
const (
	plainHosts    = 60
	plainFindings = 400
	plainRows     = 200 // of tables
)

// page is what the template shows.
type page struct {
	Extras

	Report  *report.Report
	Change  *report.Comparison
	Style   template.CSS
	Script  template.JS
	Policy  string
	Data    template.JS
	Verdict verdict

	Hosts    []report.Host // the worst first
	Findings []sameRule    // the worst first
	Hints    []report.Ask
	Accepted []report.Accepted
	Unlisted []report.Unlisted
	// What is left out of the lists above.
	MoreHosts, MoreFindings, MoreHints, MoreAccepted, MoreUnlisted int

	sorted []report.Host
}

// sameRule are findings of one rule.
type sameRule struct {
	ID, Severity, Title string
	Hint                string // if all have the same
	Count               int
	Findings            []report.Finding
}

func newPage(r *report.Report, c *report.Comparison) *page {
	p := &page{Report: r, Change: c, Verdict: verdictOf(r)}
	p.sorted = slices.SortedStableFunc(slices.Values(r.Hosts), func(a, b report.Host) int {
		return cmp.Compare(worth(a.Verdict), worth(b.Verdict))
	})
	p.Hosts, p.MoreHosts = first(p.sorted, plainHosts)
	p.Hints, p.MoreHints = first(r.Asks(), plainRows)
	p.Accepted, p.MoreAccepted = first(r.Accepted, plainRows)
	p.Unlisted, p.MoreUnlisted = first(r.Unlisted, plainRows)
	p.Findings, p.MoreFindings = byRule(r.Findings)
	return p
}

// first are at most n of all, and how many are left.
func first[T any](all []T, n int) ([]T, int) {
	if len(all) <= n {
		return all, 0
	}
	return all[:n], len(all) - n
}

// data is the report without what the script does not show.
func (p *page) data() report.Report {
	r := *p.Report
	r.Hosts, r.Runbook, r.Sidecar = some(p.sorted), nil, nil
	r.Hints, r.Sources, r.Objects, r.Unlisted = some(r.Hints), some(r.Sources), some(r.Objects), some(r.Unlisted)
	for i := range r.Hints {
		r.Hints[i].Policies, r.Hints[i].Pools = nil, nil
	}
	r.Findings = some(r.Findings)
	for i := range r.Findings {
		r.Findings[i].Fingerprint = ""
	}
	r.Accepted = some(r.Accepted)
	for i := range r.Accepted {
		r.Accepted[i].Fingerprint = ""
	}
	return r
}

// some is a copy of all that JSON writes as a list, also without elements.
func some[T any](all []T) []T { return append([]T{}, all...) }

// worth orders verdicts, severities and states of rules, the worst first.
func worth(word string) int {
	return slices.Index([]string{"lost", "error", "blocked", "differs", "warning", "review", "unproven", "not proven", "note", "exact", "equal", "ready"}, word)
}

// byRule puts findings of one rule together, the worst first, then the most
// frequent; each list is shared out so that all rules have their first ones.
func byRule(all []report.Finding) ([]sameRule, int) {
	index, groups := map[string]int{}, []sameRule{}
	for _, f := range all {
		key := f.ID + " " + f.Severity
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, sameRule{ID: f.ID, Severity: f.Severity, Title: f.Title, Hint: f.Hint})
		}
		g := &groups[i]
		g.Findings, g.Count = append(g.Findings, f), g.Count+1
		if g.Hint != f.Hint {
			g.Hint = ""
		}
	}
	slices.SortStableFunc(groups, func(a, b sameRule) int {
		return cmp.Or(cmp.Compare(worth(a.Severity), worth(b.Severity)), cmp.Compare(b.Count, a.Count), strings.Compare(a.ID, b.ID))
	})
	more := 0
	share := max(1, plainFindings/max(1, len(groups)))
	if len(all) > plainFindings {
		for i := range groups {
			left := 0
			groups[i].Findings, left = first(groups[i].Findings, share)
			more += left
		}
	}
	return groups, more
}

// verdict is the report in one sentence.
type verdict struct {
	State      string // a report.Readiness
	Label      string
	Sentence   string // on rules
	Namespaces string // a sentence on these; empty without any
}

func verdictOf(r *report.Report) verdict {
	s := r.Summary
	v := verdict{State: string(s.Ready), Sentence: ruleSentence(s.Rules), Namespaces: namespaceSentence(r.Namespaces)}
	switch s.Ready {
	case report.Ready:
		v.Label = "Ready to migrate"
	case report.Review:
		v.Label = "Ready after review"
	case report.Blocked:
		v.Label = "Not ready to migrate"
	default:
		panic(fmt.Sprintf("unhandled readiness %q", s.Ready))
	}
	return v
}

// ruleSentence says what becomes of the rules.
func ruleSentence(c report.Counts) string {
	total := c.Total()
	if total == 0 {
		return "The input holds no route rules, so there is nothing that could be served differently."
	}
	if c.Exact == total {
		if total == 1 {
			return "The one route rule is served exactly as before."
		}
		return "All " + count(total, "route rule") + " are served exactly as before."
	}
	var rest []string
	for _, part := range []struct {
		n         int
		one, many string
	}{{c.Differs, "differs for some request", "differ for some request"}, {c.Lost, "is lost", "are lost"}, {c.Unproven, "is not proven", "are not proven"}} {
		switch {
		case part.n == 1:
			rest = append(rest, "1 "+part.one)
		case part.n > 1:
			rest = append(rest, fmt.Sprintf("%d %s", part.n, part.many))
		}
	}
	return fmt.Sprintf("%d of %s (%d %%) are served exactly as before; %s.", c.Exact, count(total, "route rule"), 100*c.Exact/total, listed(rest))
}

// namespaceSentence says how many namespaces can go when.
func namespaceSentence(all []report.Namespace) string {
	if len(all) == 0 {
		return ""
	}
	by := map[report.Readiness]int{}
	for _, n := range all {
		by[n.Ready]++
	}
	var parts []string
	for _, part := range []struct {
		state report.Readiness
		word  string
	}{{report.Ready, "ready"}, {report.Review, "ready after review"}, {report.Blocked, "blocked"}} {
		switch n := by[part.state]; {
		case n == len(all) && n == 1:
			return "Its namespace is " + part.word + "."
		case n == len(all):
			return fmt.Sprintf("All %d namespaces are %s.", n, part.word)
		case n == 1:
			parts = append(parts, "1 is "+part.word)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d are %s", n, part.word))
		}
	}
	return fmt.Sprintf("Of %d namespaces, %s.", len(all), listed(parts))
}

// listed joins parts as a sentence does.
func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
