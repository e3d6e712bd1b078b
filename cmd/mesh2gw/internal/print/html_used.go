package print

import (
	"fmt"
	"html/template"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
)

// Extras are sections of the page that other commands have worked out; nil for none.
type Extras struct {
	Audit *audit.Result
	Cost  *cost.Result
}

func usedFuncs() template.FuncMap {
	return template.FuncMap{
		"day":     func(t time.Time) string { return t.Format("2 January 2006") },
		"effect":  effectOf,
		"effects": effectsOf,
		"told":    settingsOf,
		"sidecars": func(r *audit.Result) []audit.Namespace {
			return append(r.Namespaces[:len(r.Namespaces):len(r.Namespaces)], r.Sum())
		},
		"costs": costsOf,
	}
}

// effectOf is a verdict: green is what may go, amber what something relies on.
func effectOf(v audit.Verdict) badge {
	switch v {
	case audit.Triggered:
		return badge{"diff", "!", "Triggered"}
	case audit.Never:
		return badge{"ok", "✓", "Never triggered"}
	case audit.Idle:
		return badge{"info", "–", "No requests seen"}
	case audit.NoSign:
		return badge{"unk", "?", "No sign"}
	case audit.Untold:
		return badge{"none", "?", "Not to be told"}
	}
	panic(fmt.Sprintf("unhandled verdict %q", v))
}

// part is a part of the bar of one kind of setting.
type part struct {
	badge
	X, W, N int
}

func effectsOf(t audit.Tally) []part {
	var all []part
	x := 0
	for _, v := range audit.Verdicts {
		if n := t.Counts[v]; n > 0 {
			p := part{badge: effectOf(v), X: x, W: barWidth * n / t.All, N: n}
			x += p.W
			all = append(all, p)
		}
	}
	all[len(all)-1].W += barWidth - x
	return all
}

// settingsShown are those of which something is said, in the order of verdicts. Of
// routes, which are many, only those that nobody uses.
type settingsShown struct {
	First []audit.Setting
	More  int
}

func settingsOf(r *audit.Result) *settingsShown {
	var all []audit.Setting
	for _, v := range audit.Verdicts {
		for _, s := range r.Settings {
			if r.Traffic != nil && s.Verdict == v && (s.Kind != audit.Route || v == audit.Idle) {
				all = append(all, s)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	out := &settingsShown{}
	out.First, out.More = first(all, plainRows)
	return out
}

// costRow is a way with its bar.
type costRow struct {
	Name, Class, Money, Nodes string
	Reserved                  cost.Resources
	Low, More                 int
	Without                   []string
}

func costsOf(r *cost.Result) []costRow {
	most := 0.0
	for _, w := range r.Ways {
		most = max(most, w.High)
	}
	var all []costRow
	for i, w := range r.Ways {
		row := costRow{Name: w.Name, Class: "info", Money: w.Month(), Reserved: w.Reserved, Without: w.Without}
		if i == 0 {
			row.Class = "diff"
		}
		if most > 0 {
			row.Low = int(barWidth * w.Low / most)
			row.More = int(barWidth*w.High/most) - row.Low
		}
		if i < len(r.Nodes) {
			row.Nodes = r.Nodes[i].String()
		}
		all = append(all, row)
	}
	return all
}
