// Package stats decides whether latencies, error rates and shares of backends have
// changed between two sides. It works on numbers alone. docs/probe-method.md says
// in words what is done here, and why.
package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// leastBeyond is how many samples have to lie beyond a quantile for it to say
// anything: 1000 for p99.
const leastBeyond = 10

// Enough tells whether n samples are enough for a quantile.
func Enough(n int, q float64) bool { return float64(n)*(1-q) >= leastBeyond }

// Quantile is the value at rank ceil(n*q) of sorted, one of them (definition 1 of
// Hyndman and Fan, 1996): +Inf where so many failed. NaN for no values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[rank(len(sorted), q)-1]
}

// rank is from 1 to n. What floating point adds to n*q is less than a sample.
func rank(n int, q float64) int {
	return min(max(1, int(math.Ceil(float64(n)*q-1e-9))), n)
}

// Interval is where a quantile of one side lies with 95 % confidence, if samples
// were independent: between two of sorted, whose ranks are from the binomial
// distribution (Woodruff, 1952). Samples of one run are not quite independent, so
// that it is a lower bound of the uncertainty.
func Interval(sorted []float64, q float64) (low, high float64) {
	n := len(sorted)
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	// With a mean and a deviation like those, the normal distribution is as good.
	middle, spread := float64(n)*q, distuv.UnitNormal.Quantile(0.975)*math.Sqrt(float64(n)*q*(1-q))
	at := func(rank float64) float64 { return sorted[int(min(max(1, rank), float64(n)))-1] }
	return at(math.Floor(middle - spread)), at(math.Ceil(middle+spread) + 1)
}

// sortedCopy sorts values; NaN has no place in them.
func sortedCopy(values []float64) []float64 {
	all := slices.Clone(values)
	slices.Sort(all)
	return all
}
