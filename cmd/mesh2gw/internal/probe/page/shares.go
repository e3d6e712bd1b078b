package page

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// sharesView is how the answers to a request were shared among backends.
type sharesView struct {
	Name string
	Rows []shareRow
	P    []string
}

// shareRow is a backend; widths are of bars in a picture of 100.
type shareRow struct {
	Backend string
	Bars    []shareBar
}

// shareBar is one side's share, or what the plan wants.
type shareBar struct {
	Class, Who string
	Share      float64
	Count      int // of answers; 0 for what is wanted
}

// Width is that of the bar.
func (b shareBar) Width() string { return fmt.Sprintf("%.2f", 100*b.Share) }

func sharesOf(q *result.Request) sharesView {
	v := sharesView{Name: q.Name}
	backends := slices.Concat(slices.Collect(maps.Keys(q.Shares.Want)), slices.Collect(maps.Keys(q.Shares.Before)), slices.Collect(maps.Keys(q.Shares.After)))
	slices.Sort(backends)
	var wanted float64
	for _, w := range q.Shares.Want {
		wanted += w
	}
	for _, b := range slices.Compact(backends) {
		row := shareRow{Backend: b}
		if wanted > 0 {
			row.Bars = append(row.Bars, shareBar{Class: "want", Who: "plan", Share: q.Shares.Want[b] / wanted})
		}
		for i, counts := range []map[string]int{q.Shares.Before, q.Shares.After} {
			if len(counts) > 0 {
				row.Bars = append(row.Bars, shareBar{Class: sideClass(i), Who: sideClass(i), Share: float64(counts[b]) / float64(total(counts)), Count: counts[b]})
			}
		}
		v.Rows = append(v.Rows, row)
	}
	for _, side := range slices.Sorted(maps.Keys(q.Shares.P)) {
		who := side + " against the plan"
		if side == "sides" {
			who = "before against after"
		}
		v.P = append(v.P, fmt.Sprintf("%s: p %.2g", who, q.Shares.P[side]))
	}
	return v
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return max(sum, 1)
}
