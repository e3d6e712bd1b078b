package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// AtMost is the share that failures have at most, with 95 % confidence, if k of n
// requests failed (Clopper and Pearson, 1934): about 3/n for none.
func AtMost(k, n int) float64 {
	if n == 0 || k >= n {
		return 1
	}
	return distuv.Beta{Alpha: float64(k) + 1, Beta: float64(n - k)}.Quantile(0.95)
}

// Fisher is how likely it is that failures fall on two sides as unevenly as a of n
// and b of m, or more so, if both fail alike (Fisher's exact test, two-sided).
func Fisher(a, n, b, m int) float64 {
	total := combin.LogGeneralizedBinomial(float64(n+m), float64(a+b))
	chance := func(x int) float64 {
		return combin.LogGeneralizedBinomial(float64(n), float64(x)) + combin.LogGeneralizedBinomial(float64(m), float64(a+b-x)) - total
	}
	seen, p := chance(a), 0.0
	for x := max(0, a+b-m); x <= min(n, a+b); x++ {
		if c := chance(x); c <= seen+1e-7 {
			p += math.Exp(c)
		}
	}
	return min(1, p)
}

// draws of the test of shares.
const draws = 20000

// Shares is how likely counts are as far from shares as these, or further, if the
// shares hold: by the chi-square distance, whose distribution is drawn where a
// count of fewer than 5 is expected. Shares are made to sum up to 1; a count where
// the share is 0 can't be.
func Shares(counts []int, shares []float64, seed uint64) float64 {
	n, sum := 0, 0.0
	for i := range counts {
		n, sum = n+counts[i], sum+shares[i]
	}
	want := make([]float64, len(shares))
	small, kinds := false, 0
	for i, s := range shares {
		want[i] = float64(n) * s / sum
		if want[i] == 0 && counts[i] > 0 {
			return 0
		}
		if want[i] > 0 {
			small, kinds = small || want[i] < 5, kinds+1
		}
	}
	seen := distance(counts, want)
	switch {
	case kinds < 2:
		return 1
	case !small:
		return distuv.ChiSquared{K: float64(kinds - 1)}.Survival(seen)
	}
	random, reached := rand.New(rand.NewPCG(seed, 0x73686172)), 0
	drawn := make([]int, len(want))
	for range draws {
		clear(drawn)
		for range n {
			drawn[pick(want, random.Float64()*float64(n))]++
		}
		if distance(drawn, want) >= seen-1e-9 {
			reached++
		}
	}
	return float64(reached+1) / (draws + 1)
}

// Alike is how likely counts of two sides are as far apart as these, or further, if
// both have the same shares: answers are dealt to the sides anew, many times.
func Alike(a, b []int, seed uint64) float64 {
	var pool []int
	n := 0
	for i := range a {
		n += a[i]
		for range a[i] + b[i] {
			pool = append(pool, i)
		}
	}
	if n == 0 || n == len(pool) {
		return 1
	}
	want := make([]float64, len(a)) // of the first side; that of the second follows
	for i := range a {
		want[i] = float64(a[i]+b[i]) * float64(n) / float64(len(pool))
	}
	seen := distance(a, want)
	random, reached, drawn := rand.New(rand.NewPCG(seed, 0x616c696b)), 0, make([]int, len(a))
	for range draws / 4 {
		clear(drawn)
		for i := range n { // the first n of a shuffled pool (Fisher and Yates)
			j := i + random.IntN(len(pool)-i)
			pool[i], pool[j] = pool[j], pool[i]
			drawn[pool[i]]++
		}
		if distance(drawn, want) >= seen-1e-9 {
			reached++
		}
	}
	return float64(reached+1) / (draws/4 + 1)
}

func distance(counts []int, want []float64) float64 {
	sum := 0.0
	for i, w := range want {
		if w > 0 {
			sum += (float64(counts[i]) - w) * (float64(counts[i]) - w) / w
		}
	}
	return sum
}

func pick(want []float64, at float64) int {
	for i, w := range want {
		if at -= w; at < 0 {
			return i
		}
	}
	return slices.IndexFunc(want, func(w float64) bool { return w > 0 })
}

// Needed is how many answers show a share that is off by so much, four times out of
// five, at Level.
func Needed(share, off float64) int {
	z := distuv.UnitNormal.Quantile(1-Level/2) + distuv.UnitNormal.Quantile(0.8)
	worst := max(share*(1-share), 0.01)
	return int(math.Ceil(z * z * worst / (off * off)))
}
