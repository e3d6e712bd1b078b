package print

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

func pageFuncs() template.FuncMap {
	return template.FuncMap{
		"badge": badgeOf, "bar": barOf, "count": count, "add": func(a, b int) int { return a + b }, "at": atText, "hints": hintsSentence,
		"status":  func(s report.Status) badge { return badgeOf(string(s)) },
		"ready":   func(s report.Readiness) badge { return badgeOf(string(s)) },
		"part":    shares,
		"few":     func(all []report.Finding) []report.Finding { some, _ := first(all, plainRows); return some },
		"rest":    func(all []report.Finding) int { _, n := first(all, plainRows); return n },
		"reasons": reasonsOf,
		"only":    func(r reasons, some []report.Reason) reasons { return reasons{Namespace: r.Namespace, First: some} },
	}
}

// fewReasons are seen without a click.
const fewReasons = 5

// reasons are what keeps a namespace from being ready, the worst first.
type reasons struct {
	Namespace   string
	First, More []report.Reason
}

func reasonsOf(n report.Namespace) reasons {
	all := slices.SortedStableFunc(slices.Values(n.Reasons), func(a, b report.Reason) int {
		return cmp.Compare(worth(a.Severity), worth(b.Severity))
	})
	at := min(fewReasons, len(all))
	return reasons{Namespace: n.Name, First: all[:at], More: all[at:]}
}

// badge shows a state by a sign, a word and, last, a colour.
type badge struct{ Class, Sign, Word string }

func badgeOf(state string) badge {
	switch state {
	case "": // not there, in a comparison
		return badge{}
	case "exact":
		return badge{"ok", "✓", "Exact"}
	case "equal":
		return badge{"ok", "✓", "Equal"}
	case "ready":
		return badge{"ok", "✓", "Ready"}
	case "differs":
		return badge{"diff", "≠", "Differs"}
	case "review":
		return badge{"diff", "!", "Review"}
	case "warning":
		return badge{"diff", "!", "Warning"}
	case "lost":
		return badge{"bad", "✕", "Lost"}
	case "blocked":
		return badge{"bad", "✕", "Blocked"}
	case "error":
		return badge{"bad", "✕", "Error"}
	case "unproven", "not proven":
		return badge{"unk", "?", "Not proven"}
	case "note":
		return badge{"info", "i", "Note"}
	}
	panic(fmt.Sprintf("unhandled state %q", state))
}

// share is one of the four states of rules.
type share struct {
	badge
	State string
	N     int
}

func shares(c report.Counts) []share {
	return []share{
		{badgeOf("exact"), "exact", c.Exact},
		{badgeOf("differs"), "differs", c.Differs},
		{badgeOf("lost"), "lost", c.Lost},
		{badgeOf("unproven"), "unproven", c.Unproven},
	}
}

// barWidth is the width of a coverage bar in its own units.
const barWidth = 1000

// segment is a part of a coverage bar.
type segment struct {
	Class string
	X, W  int
}

// barOf cuts a bar by what becomes of rules. A state that occurs is never too
// narrow to be seen.
func barOf(c report.Counts) []segment {
	const least = 12
	total := c.Total()
	if total == 0 {
		return nil
	}
	all, widest, sum := []segment{}, 0, 0
	for _, s := range shares(c) {
		if s.N == 0 {
			continue
		}
		all = append(all, segment{Class: s.Class, W: max(least, barWidth*s.N/total)})
		sum += all[len(all)-1].W
		if all[len(all)-1].W > all[widest].W {
			widest = len(all) - 1
		}
	}
	all[widest].W += barWidth - sum
	x := 0
	for i := range all {
		all[i].X = x
		x += all[i].W
	}
	return all
}

// atText is file:line; "" for what nobody wrote.
func atText(p *report.Place) string {
	switch {
	case p == nil:
		return ""
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
