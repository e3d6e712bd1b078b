package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
)

// sideClass is how a side is drawn: in its colour, and the second one dashed.
func sideClass(i int) string { return [2]string{"before", "after"}[min(i, 1)] }

// responses are those of a request, or of all for "", by side, in ns; what failed
// takes for ever.
func responses(l *result.Latency, name string) (all [][]float64) {
	for _, s := range l.Samples {
		var side []float64
		for i, r := range s.Response {
			if name == "" || l.Names[s.Request[i]] == name {
				side = append(side, orForever(r))
			}
		}
		all = append(all, side)
	}
	return all
}

func orForever(ns int64) float64 {
	if ns < 0 {
		return math.Inf(1)
	}
	return float64(ns)
}

// extremes are the least and the greatest finite value; false where there is none.
func extremes(lists ...[]float64) (low, high float64, ok bool) {
	low, high = math.Inf(1), 0
	for _, list := range lists {
		for _, v := range list {
			if !math.IsInf(v, 1) {
				low, high, ok = min(low, v), max(high, v), true
			}
		}
	}
	return low, high, ok
}

// steps is how many points a curve of quantiles has.
const steps = 90

// quantileCurve shows all quantiles of both sides: the slow answers, which are few,
// get as much room as the many others (as HdrHistogram's plots have it).
func quantileCurve(id string, l *result.Latency, name string) *chart {
	sorted := responses(l, name)
	most := 0.0
	for _, s := range sorted {
		slices.Sort(s)
		for _, nines := range []float64{1, 2, 3, 4, 5} {
			if stats.Enough(len(s), 1-math.Pow(10, -nines)) {
				most = max(most, nines)
			}
		}
	}
	low, high, ok := extremes(sorted...)
	if !ok || most == 0 {
		return nil
	}
	c := newChart(id, "All quantiles")
	x := scale{low: 0, high: most, from: c.Left, to: c.Right}
	y := logScale(low, high, c.Bottom, c.Top)
	for nines, label := range []string{"0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"} {
		if float64(nines) <= most {
			c.X = append(c.X, tick{x.at(float64(nines)), label})
		}
	}
	c.X = append(c.X, tick{x.at(math.Log10(2)), "50 %"})
	c.XLabel, c.Y = "Share of the answers that were faster", timeTicks(y)
	var says []string
	for i, s := range sorted {
		says = append(says, c.curve(i, s, x, y))
	}
	c.Says = strings.Join(says, ". ")
	return c
}

// curve draws a side, and says what can be read from it.
func (c *chart) curve(side int, sorted []float64, x, y scale) string {
	var points [][2]float64
	var xs, lows, highs []float64
	for n := range steps + 1 {
		nines := x.high * float64(n) / steps
		q := 1 - math.Pow(10, -nines)
		if len(sorted) == 0 || q > 0 && !stats.Enough(len(sorted), q) {
			break
		}
		value := stats.Quantile(sorted, q)
		if math.IsInf(value, 1) {
			break // from here on there was no answer
		}
		low, high := stats.Interval(sorted, q)
		points = append(points, [2]float64{x.at(nines), y.at(max(value, 1))})
		xs, lows, highs = append(xs, x.at(nines)), append(lows, y.inside(max(low, 1))), append(highs, y.inside(max(high, 1)))
	}
	c.Bands = append(c.Bands, path{sideClass(side), area(xs, lows, highs)})
	c.Lines = append(c.Lines, path{sideClass(side), line(points)})
	var words []string
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		if stats.Enough(len(sorted), q) {
			words = append(words, fmt.Sprintf("p%g %s", 100*q, timeText(stats.Quantile(sorted, q))))
		}
	}
	return [2]string{"Before", "After"}[min(side, 1)] + ": " + strings.Join(words, ", ")
}

// timeText is duration, or that there was no answer.
func timeText(ns float64) string {
	if math.IsInf(ns, 1) {
		return "no answer"
	}
	return duration(ns)
}

// mostSpans is how many spans of time a picture shows.
const mostSpans = 60

// overTime shows two quantiles of each span of time.
func overTime(id string, l *result.Latency, name string) *chart {
	length := math.Ceil(float64(l.Seconds) / mostSpans)
	spans := make([][][]float64, len(l.Samples))
	for side, s := range l.Samples {
		for i, planned := range s.Planned {
			if name != "" && l.Names[s.Request[i]] != name {
				continue
			}
			at := int(float64(planned) / 1e9 / length)
			for len(spans[side]) <= at {
				spans[side] = append(spans[side], nil)
			}
			spans[side][at] = append(spans[side][at], orForever(s.Response[i]))
		}
	}
	c := newChart(id, fmt.Sprintf("Over time, %g s at a time", length))
	quantiles := []float64{0.5}
	if upper := upperOf(spans); upper > 0 {
		quantiles = append(quantiles, upper)
	}
	values, low, high := spanQuantiles(spans, quantiles)
	if math.IsInf(low, 1) || len(spans[0]) < 2 {
		return nil
	}
	end := length * float64(max(len(spans[0]), len(spans[len(spans)-1])))
	x, y := scale{low: 0, high: end, from: c.Left, to: c.Right}, logScale(low, high, c.Bottom, c.Top)
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		c.X = append(c.X, tick{x.at(share * end), fmt.Sprintf("%.3g s", share*end)})
	}
	c.Y, c.XLabel = timeTicks(y), "Time since the end of the warm-up"
	for side := range values {
		for k, series := range values[side] {
			c.series(side, k, series, length, x, y)
		}
	}
	names := []string{"The median (thick)", ""}
	if len(quantiles) > 1 {
		names[1] = fmt.Sprintf(" and p%g (thin)", 100*quantiles[1])
	}
	c.Says = fmt.Sprintf("%s%s of each side; from %s to %s", names[0], names[1], duration(low), duration(high))
	return c
}

// upperOf is the upper quantile that each span has answers for; 0 for none.
func upperOf(spans [][][]float64) float64 {
	answers, count := 0, 0
	for _, side := range spans {
		for _, s := range side {
			answers, count = answers+len(s), count+1
		}
	}
	switch each := answers / max(count, 1); {
	case each >= 200:
		return 0.99
	case each >= 20:
		return 0.9
	}
	return 0
}

// spanQuantiles gives quantiles by side, quantile and span; NaN for a span without
// answers.
func spanQuantiles(spans [][][]float64, quantiles []float64) (values [][][]float64, low, high float64) {
	values = make([][][]float64, len(spans))
	low = math.Inf(1)
	for side, all := range spans {
		for _, q := range quantiles {
			var series []float64
			for _, answers := range all {
				slices.Sort(answers)
				v := math.NaN()
				if len(answers) > 0 {
					v = stats.Quantile(answers, q)
				}
				if !math.IsNaN(v) && !math.IsInf(v, 1) {
					low, high = min(low, v), max(high, v)
				}
				series = append(series, v)
			}
			values[side] = append(values[side], series)
		}
	}
	return values, low, high
}

// series draws the k-th quantile of a side; a span that failed is a dot at the top.
func (c *chart) series(side, k int, values []float64, length float64, x, y scale) {
	var points [][2]float64
	for i, v := range values {
		at := x.at((float64(i) + 0.5) * length)
		if math.IsInf(v, 1) {
			c.Marks = append(c.Marks, mark{Class: "failed", Title: fmt.Sprintf("%s: no answer at %g s", sideClass(side), float64(i)*length), X: at, Y: c.Top})
			v = math.NaN()
		}
		if !math.IsNaN(v) {
			v = y.at(max(v, 1))
		}
		points = append(points, [2]float64{at, v})
	}
	class := sideClass(side)
	if k > 0 {
		class += " thin"
	}
	c.Lines = append(c.Lines, path{class, line(points)})
}
