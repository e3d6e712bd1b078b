package trial

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
)

// Terms say what counts as a change.
type Terms struct {
	stats.Options
	Quantiles []float64 // from 0 to 1
}

// block is the span of time whose answers are compared as one.
const block = time.Second

// Latency describes what was measured, with the samples, and without a verdict:
// Judge gives that.
func (m *Measured) Latency(sides []*client.Side, l Load) *result.Latency {
	out := &result.Latency{
		Rate: l.Rate, Seconds: result.Seconds(l.Duration.Seconds()), Warmup: result.Seconds(l.Warmup.Seconds()),
		Seed: l.Seed, Interleaved: len(sides) == 2, Names: m.Names,
	}
	for i, side := range sides {
		out.Samples = append(out.Samples, result.SamplesOf(m.Samples[i]))
		sent := result.Sent{Name: side.Name, Connections: m.Pace[i].Workers, Queued: m.Pace[i].Queued, Requests: len(m.Samples[i])}
		var lags []float64
		for _, s := range m.Samples[i] {
			lags = append(lags, float64(s.Lag))
			if s.Outcome != result.Answered {
				sent.Failed++
			}
		}
		slices.Sort(lags)
		if len(lags) > 0 {
			sent.LagP50, sent.LagP99 = int64(stats.Quantile(lags, 0.5)), int64(stats.Quantile(lags, 0.99))
		}
		out.Sides = append(out.Sides, sent)
	}
	return out
}

// Judge compares the sides of l by its samples, and says why it decides nothing, if
// so.
func Judge(l *result.Latency, t Terms) (invalid []string) {
	l.Margin, l.Floor, l.Routes = t.Margin, int64(t.Floor), nil
	var verdicts []*stats.Verdict
	var places [][2]int
	if len(l.Names) > 1 {
		l.Routes = append(l.Routes, result.Route{})
	}
	for _, name := range l.Names {
		l.Routes = append(l.Routes, result.Route{Name: name})
	}
	for i := range l.Routes {
		r := &l.Routes[i]
		answers := blocksOf(l, r.Name)
		countFailures(r, answers)
		for _, q := range t.Quantiles {
			if !enough(answers, q) {
				continue
			}
			r.Quantiles = append(r.Quantiles, described(answers, q))
			if len(answers) == 2 {
				v := stats.Compare(answers[0], answers[1], q, t.Options)
				verdicts, places = append(verdicts, &v), append(places, [2]int{i, len(r.Quantiles) - 1})
			}
		}
	}
	stats.Decide(verdicts)
	for i, v := range verdicts {
		into(&l.Routes[places[i][0]].Quantiles[places[i][1]], v)
	}
	holdErrors(l.Routes)
	return void(l)
}

// blocksOf are the response times of a request, or of all for "", by side and block.
// Both sides have the same number of blocks.
func blocksOf(l *result.Latency, name string) [][][]float64 {
	all := make([][][]float64, len(l.Samples))
	least := math.MaxInt
	for side, s := range l.Samples {
		for i, planned := range s.Planned {
			if name != "" && l.Names[s.Request[i]] != name {
				continue
			}
			at := int(planned / int64(block))
			for len(all[side]) <= at {
				all[side] = append(all[side], nil)
			}
			response := math.Inf(1)
			if s.Response[i] >= 0 {
				response = float64(s.Response[i])
			}
			all[side][at] = append(all[side][at], response)
		}
		least = min(least, len(all[side]))
	}
	for side := range all {
		all[side] = all[side][:least]
	}
	return all
}

func enough(answers [][][]float64, q float64) bool {
	return len(answers) > 0 && !slices.ContainsFunc(answers, func(blocks [][]float64) bool { return !stats.Enough(len(slices.Concat(blocks...)), q) })
}

// failures counts those of a side.
func failures(blocks [][]float64) result.Count {
	c := result.Count{}
	for _, b := range blocks {
		c.Requests += len(b)
		for _, x := range b {
			if math.IsInf(x, 1) {
				c.Failed++
			}
		}
	}
	c.AtMost = stats.AtMost(c.Failed, c.Requests)
	return c
}

// countFailures compares how often the sides failed.
func countFailures(r *result.Route, answers [][][]float64) {
	for _, blocks := range answers {
		r.Counts = append(r.Counts, failures(blocks))
	}
	if len(r.Counts) == 2 {
		a, b := r.Counts[0], r.Counts[1]
		r.Errors = &result.Errors{P: stats.Fisher(a.Failed, a.Requests, b.Failed, b.Requests)}
	}
}

// holdErrors decides on the shares of failures of all routes together (Bonferroni:
// the routes share their failures with the first, which is all of them).
func holdErrors(routes []result.Route) {
	for i := range routes {
		if e := routes[i].Errors; e != nil {
			e.P = min(1, e.P*float64(len(routes)))
			e.Changed = e.P < stats.Level
		}
	}
}

// described is a quantile of each side, without a comparison.
func described(answers [][][]float64, q float64) result.Quantile {
	out := result.Quantile{Quantile: q, Before: result.Number(math.NaN()), After: result.Number(math.NaN())}
	into(&out, nil)
	for i, blocks := range answers {
		sorted := slices.Sorted(slices.Values(slices.Concat(blocks...)))
		low, high := stats.Interval(sorted, q)
		out.Range = append(out.Range, []result.Number{result.Number(low), result.Number(high)})
		if value := result.Number(stats.Quantile(sorted, q)); i == 0 {
			out.Before = value
		} else {
			out.After = value
		}
	}
	return out
}

// into writes a verdict; nil for none.
func into(q *result.Quantile, v *stats.Verdict) {
	if v == nil {
		unknown := result.Number(math.NaN())
		q.Ratio, q.Low, q.High, q.P, q.Smallest = unknown, unknown, unknown, unknown, unknown
		return
	}
	q.Ratio, q.Low, q.High = result.Number(v.Ratio), result.Number(v.Interval[0]), result.Number(v.Interval[1])
	q.Pooled = []result.Number{result.Number(v.Pooled[0]), result.Number(v.Pooled[1])}
	q.P, q.Smallest, q.Blocks, q.Wanted = result.Number(v.P), result.Number(v.Smallest), v.Blocks, v.Wanted
	q.Decision, q.Why = string(v.Decision), v.Why
	if v.Decision != stats.Inconclusive {
		q.Wanted = 0
	}
}

// lagFloor is how late the probe itself may be at p99.
const lagFloor = time.Millisecond

// void says why a load decides nothing: the probe itself was late, or nobody answered.
func void(l *result.Latency) []string {
	var all []string
	for i, s := range l.Sides {
		if s.Requests == 0 {
			all = append(all, fmt.Sprintf("no request of the load was sent to the side %s", s.Name))
			continue
		}
		middle := 0.0
		if i < len(l.Samples) {
			middle = middleOf(l.Samples[i])
		}
		if limit := max(float64(lagFloor), 0.2*middle); float64(s.LagP99) > limit {
			all = append(all, fmt.Sprintf("the probe itself was late: 1 of 100 requests to the side %s left it %s or more after its time (limit %s); lower --rate, or give it more CPU",
				s.Name, time.Duration(s.LagP99).Round(10*time.Microsecond), time.Duration(limit).Round(10*time.Microsecond)))
		}
	}
	if !slices.ContainsFunc(l.Sides, func(s result.Sent) bool { return s.Failed < s.Requests }) && len(all) == 0 {
		all = append(all, "no request of the load was answered without error")
	}
	return all
}

// middleOf is the median of the answers, in ns.
func middleOf(s result.Samples) float64 {
	var all []float64
	for _, r := range s.Response {
		if r >= 0 {
			all = append(all, float64(r))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return stats.Quantile(all, 0.5)
}
