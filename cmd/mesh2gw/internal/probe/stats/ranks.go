package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// greater is how likely signed ranks as high as those of d are, if d is as likely
// positive as negative: each sign is flipped in all ways at once (Wilcoxon, 1945).
// The test is exact, ties included, since the ranks are those of d. What is 0 has
// no sign, and is left out.
func greater(d []float64) float64 {
	d = slices.DeleteFunc(slices.Clone(d), func(x float64) bool { return x == 0 })
	if len(d) == 0 {
		return 1
	}
	ranks, total, positive := doubledRanks(d), 0, 0
	for i, r := range ranks {
		total += r
		if d[i] > 0 {
			positive += r
		}
	}
	// chance[s] is that the ranks of the positive ones sum up to s.
	chance := make([]float64, total+1)
	chance[0] = 1
	reached := 0
	for _, r := range ranks {
		reached += r
		for s := reached; s >= 0; s-- {
			p := chance[s] / 2
			if s >= r {
				p += chance[s-r] / 2
			}
			chance[s] = p
		}
	}
	p := 0.0
	for s := total; s >= positive; s-- {
		p += chance[s]
	}
	return min(1, p)
}

// doubledRanks are twice the ranks of |d|, so that those of ties are whole.
func doubledRanks(d []float64) []int {
	order := make([]int, len(d))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(d[a]), math.Abs(d[b])) })
	ranks := make([]int, len(d))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && math.Abs(d[order[j]]) == math.Abs(d[order[i]]) {
			j++
		}
		for _, at := range order[i:j] {
			ranks[at] = i + 1 + j // twice the middle of i+1 to j
		}
		i = j
	}
	return ranks
}

// hodgesLehmann is the median of the means of all pairs in d, and the interval in
// which it lies with confidence 1-level: those shifts that greater does not refuse.
func hodgesLehmann(d []float64, level float64) (low, middle, high float64) {
	walsh := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i := range d {
		for j := i; j < len(d); j++ {
			walsh = append(walsh, (d[i]+d[j])/2)
		}
	}
	slices.Sort(walsh)
	skip := critical(len(d), level/2)
	n := len(walsh)
	middle = (walsh[(n-1)/2] + walsh[n/2]) / 2
	return walsh[skip], middle, walsh[n-1-skip]
}

// critical is the highest sum of ranks of n signs, all equally likely, that has a
// chance of at most level together with all below it: 52 for 20 and 2.5 %.
func critical(n int, level float64) int {
	total := n * (n + 1) / 2
	chance := make([]float64, total+1)
	chance[0] = 1
	for r := 1; r <= n; r++ {
		for s := r * (r + 1) / 2; s >= 0; s-- {
			p := chance[s] / 2
			if s >= r {
				p += chance[s-r] / 2
			}
			chance[s] = p
		}
	}
	sum := 0.0
	for k := range chance {
		if sum += chance[k]; sum > level {
			return max(0, k-1)
		}
	}
	return total / 2
}

func shifted(d []float64, by float64) []float64 {
	all := make([]float64, len(d))
	for i, x := range d {
		all[i] = x + by
	}
	return all
}

func negated(d []float64) []float64 {
	all := make([]float64, len(d))
	for i, x := range d {
		all[i] = -x
	}
	return all
}

func deviation(d []float64) float64 { return stat.StdDev(d, nil) }
