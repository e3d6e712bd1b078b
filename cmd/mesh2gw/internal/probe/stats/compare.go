package stats

import (
	"fmt"
	"math"
	"slices"
)

// Options say what counts as a change.
type Options struct {
	Margin float64 // a share, 0.1 for 10 %: smaller ones are none
	Floor  float64 // ns: neither are those by less
	Seed   uint64  // of the bootstrap
}

// Level is how often a run of two sides that are the same may be called changed.
const Level = 0.05

// Decision is what is said of a quantile.
type Decision string

// The decisions.
const (
	Changed      Decision = "changed"    // by more than the margin
	Equivalent   Decision = "equivalent" // the change, if any, is within the margin
	Inconclusive Decision = "inconclusive"
)

// Verdict is what a run says of a quantile. Times are in ns, +Inf where so many
// requests failed; ratios are after/before.
type Verdict struct {
	Quantile      float64
	Before, After float64
	Ratio         float64    // Hodges-Lehmann estimate over blocks
	Interval      [2]float64 // of Ratio, 95 %
	Pooled        [2]float64 // of the ratio of both quantiles over all blocks, 95 %: block bootstrap
	P             float64    // of no change beyond the margin; Decide adjusts it for the number of verdicts
	Within        float64    // p of a change beyond the margin
	Smallest      float64    // ratio that a run like this one calls changed four times out of five
	Blocks        int        // pairs
	Wanted        int        // pairs that would decide; 0 where that is not known
	Decision      Decision
	Why           string // it is inconclusive
}

// leastPairs is how many pairs of blocks a verdict needs.
const leastPairs = 20

// leastInBlock is how many samples of a block have to lie beyond a quantile.
const leastInBlock = 2

// Compare judges a quantile of two sides, given the response times in ns of each
// block: +Inf for what failed, the same number of blocks on both sides, each block
// sent to both sides in the same span of time. Decide makes decisions of it.
func Compare(before, after [][]float64, q float64, o Options) Verdict {
	v := compare(before, after, q, o)
	if v.Why == "" {
		before, after = merged(before, after, q)
		v.Pooled = bootstrap(before, after, q, o.Seed)
	}
	return v
}

// compare is all of Compare that decides.
func compare(before, after [][]float64, q float64, o Options) Verdict {
	v := Verdict{Quantile: q, Ratio: math.NaN(), Interval: [2]float64{math.NaN(), math.NaN()}, Pooled: [2]float64{math.NaN(), math.NaN()}, Smallest: math.NaN(), P: 1, Within: 1, Decision: Inconclusive}
	all, now := sortedCopy(slices.Concat(before...)), sortedCopy(slices.Concat(after...))
	v.Before, v.After = math.NaN(), math.NaN()
	if !Enough(len(all), q) || !Enough(len(now), q) {
		v.Why = fmt.Sprintf("%d and %d samples are too few for it: %d are needed on each side", len(all), len(now), int(math.Ceil(leastBeyond/(1-q)-1e-9)))
		return v
	}
	v.Before, v.After = Quantile(all, q), Quantile(now, q)
	before, after = merged(before, after, q)
	d := logRatios(before, after, q)
	v.Blocks = len(d)
	if len(d) < leastPairs {
		v.Why = fmt.Sprintf("%d pairs of blocks are too few: %d are needed", len(d), leastPairs)
		v.Wanted = leastPairs
		return v
	}
	v.judge(d, o)
	return v
}

// judge tests for changes beyond the margin and within it.
func (v *Verdict) judge(d []float64, o Options) {
	m := math.Log1p(o.Margin)
	if !math.IsInf(v.Before, 0) && v.Before > 0 {
		m = max(m, math.Log1p(o.Floor/v.Before))
	}
	low, middle, high := hodgesLehmann(d, Level)
	v.Ratio, v.Interval = math.Exp(middle), [2]float64{math.Exp(low), math.Exp(high)}
	above, below := greater(shifted(d, -m)), greater(negated(shifted(d, m)))
	v.P = min(1, 2*min(above, below))
	v.Within = max(greater(shifted(d, m)), greater(negated(shifted(d, -m))))
	sd := deviation(d)
	// 2.80 is the sum of the normal quantiles for 5 % on two sides and for 80 % power.
	v.Smallest = math.Exp(m + 2.80*sd/math.Sqrt(float64(len(d))))
	if gap := math.Abs(math.Abs(middle) - m); gap > 0 {
		if wanted := math.Ceil(math.Pow(2.80*sd/gap, 2)); wanted < 1e6 {
			v.Wanted = max(leastPairs, int(wanted))
		}
	}
}

// Decide decides on all verdicts of a run together: with many, one of them would
// seem changed by chance, so P is held to Holm's (1979) bounds. Those that are
// equivalent need no such care: all of them at once are less likely to be so.
func Decide(all []*Verdict) {
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b *Verdict) int {
		switch {
		case a.P < b.P:
			return -1
		case a.P > b.P:
			return 1
		}
		return 0
	})
	worst := 0.0
	for i, v := range order {
		worst = max(worst, min(1, v.P*float64(len(order)-i)))
		v.P = worst
	}
	for _, v := range all {
		switch {
		case v.Why != "":
		case v.P < Level:
			v.Decision = Changed
		case v.Within < Level:
			v.Decision = Equivalent
		default:
			v.Decision, v.Why = Inconclusive, "the change may be within the margin or beyond it"
		}
	}
}

// merged joins neighbouring blocks until each holds enough samples beyond the
// quantile, on both sides. What is left in the end joins the last one.
func merged(before, after [][]float64, q float64) (b, a [][]float64) {
	enough := func(block []float64) bool { return float64(len(block))*(1-q) >= leastInBlock-1e-9 }
	var oldOnes, newOnes []float64
	for i := range before {
		oldOnes, newOnes = append(oldOnes, before[i]...), append(newOnes, after[i]...)
		if enough(oldOnes) && enough(newOnes) {
			b, a = append(b, oldOnes), append(a, newOnes)
			oldOnes, newOnes = nil, nil
		}
	}
	if last := len(b) - 1; last >= 0 {
		b[last], a[last] = append(b[last], oldOnes...), append(a[last], newOnes...)
	}
	return b, a
}

// logRatios are ln(after/before) of the quantile of each pair of blocks. Where it
// fails on one side alone, that is the largest change of all, in its direction;
// where it does on both, nothing is known.
func logRatios(before, after [][]float64, q float64) []float64 {
	var all []float64
	most := 0.0
	for i := range before {
		b, a := Quantile(sortedCopy(before[i]), q), Quantile(sortedCopy(after[i]), q)
		if math.IsInf(a, 1) && math.IsInf(b, 1) {
			continue
		}
		d := math.Log(a / b)
		if b == 0 || a == 0 {
			d = 0 // below what the clock tells apart
		}
		if !math.IsInf(d, 0) {
			most = max(most, math.Abs(d))
		}
		all = append(all, d)
	}
	for i, d := range all {
		if math.IsInf(d, 0) {
			all[i] = math.Copysign(most+math.Log(10), d)
		}
	}
	return all
}
