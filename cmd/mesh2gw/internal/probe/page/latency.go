package page

import (
	"fmt"
	"math"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// latencyView is what is shown of a load.
type latencyView struct {
	*result.Latency
	How    string
	Routes []routeView
	Quiet  int // requests without a change, which have neither rows nor pictures of their own
}

// FloorTime is Floor as a time.
func (v *latencyView) FloorTime() result.Number { return result.Number(v.Floor) }

// routeView is a request, or all of them, with its pictures.
type routeView struct {
	*result.Route
	Title  string
	Rows   []rowView
	Charts []*chart
}

// rowView is a quantile.
type rowView struct {
	result.Quantile
	Name   string
	State  state
	Change string // "x1.20 (1.10 to 1.31)"
	Note   string
	Forest *forest // nil where there is no comparison
}

func latencyOf(l *result.Latency) *latencyView {
	v := &latencyView{Latency: l, How: "to one side"}
	if len(l.Sides) == 2 {
		v.How = "to both sides at once, the same request to each in random order"
		if !l.Interleaved {
			v.How = "to one side after the other: a change can't be told from drift"
		}
	}
	pictured := 0
	for i := range l.Routes {
		r := &l.Routes[i]
		if i > 0 && (r.Errors != nil && !r.Changed() || pictured >= mostPictured) {
			v.Quiet++
			continue
		}
		pictured++
		v.Routes = append(v.Routes, routeOf(l, r, i))
	}
	return v
}

func routeOf(l *result.Latency, r *result.Route, i int) routeView {
	v := routeView{Route: r, Title: r.Name}
	if r.Name == "" {
		v.Title = "All requests together"
	}
	for _, q := range r.Quantiles {
		v.Rows = append(v.Rows, rowOf(l, q))
	}
	for _, c := range []*chart{quantileCurve(fmt.Sprintf("curve-%d", i), l, r.Name), overTime(fmt.Sprintf("time-%d", i), l, r.Name)} {
		if c != nil {
			v.Charts = append(v.Charts, c)
		}
	}
	return v
}

func rowOf(l *result.Latency, q result.Quantile) rowView {
	v := rowView{Quantile: q, Name: fmt.Sprintf("p%g", math.Round(1e6*q.Quantile)/1e4), Note: q.Why}
	switch q.Decision {
	case "changed":
		v.State = state{"bad", "≠", "changed"}
	case "equivalent":
		v.State = state{"ok", "=", "equivalent"}
	case "inconclusive":
		v.State = state{"unk", "?", "inconclusive"}
	}
	if !math.IsNaN(float64(q.Smallest)) && q.Decision == "inconclusive" {
		v.Note = fmt.Sprintf("%s; this run sees x%.2f and more", q.Why, q.Smallest)
	}
	if q.Wanted > q.Blocks && q.Blocks > 0 {
		v.Note += fmt.Sprintf("; about %d times as long would decide", int(math.Ceil(float64(q.Wanted)/float64(q.Blocks))))
	}
	if ratio := float64(q.Ratio); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
		v.Change = fmt.Sprintf("x%.2f (%.2f to %.2f)", q.Ratio, q.Low, q.High)
		v.Forest = forestOf(q, l.Margin)
	}
	return v
}

// forest is a ratio with its interval, beside what counts as no change.
type forest struct {
	Width, Height            float64
	One, MarginLow, MarginTo float64 // places
	Low, High, At            float64
	Class                    string
}

// forestReach is the greatest ratio that the picture has room for, either way.
const forestReach = 3

func forestOf(q result.Quantile, margin float64) *forest {
	f := &forest{Width: 160, Height: 20, Class: "unk"}
	s := scale{low: -math.Log10(forestReach), high: math.Log10(forestReach), from: 4, to: f.Width - 4, log: true}
	f.One, f.MarginLow, f.MarginTo = s.at(1), s.inside(1/(1+margin)), s.inside(1+margin)
	f.MarginTo -= f.MarginLow
	f.Low, f.High, f.At = s.inside(positive(q.Low)), s.inside(positive(q.High)), s.inside(positive(q.Ratio))
	switch q.Decision {
	case "changed":
		f.Class = "bad"
	case "equivalent":
		f.Class = "ok"
	}
	return f
}

// positive keeps logarithms defined.
func positive(n result.Number) float64 {
	if f := float64(n); f > 0 {
		return f
	}
	return 1e-9
}
