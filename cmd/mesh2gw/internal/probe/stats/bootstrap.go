package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// resamples of the bootstrap.
const resamples = 1000

// bootstrap is where the ratio of the quantiles of all blocks lies in 95 % of runs
// that are made of pairs of blocks of this one, drawn with repetition (Künsch,
// 1989). It is slightly too narrow, and decides nothing.
func bootstrap(before, after [][]float64, q float64, seed uint64) [2]float64 {
	random := rand.New(rand.NewPCG(seed, 0x626f6f74))
	b, a := ordered(before), ordered(after)
	times := make([]int, len(before))
	var ratios []float64
	for range resamples {
		clear(times)
		for range before {
			times[random.IntN(len(before))]++
		}
		old, now := b.quantile(times, q), a.quantile(times, q)
		switch {
		case math.IsInf(old, 1) && math.IsInf(now, 1), old == 0:
		default:
			ratios = append(ratios, now/old)
		}
	}
	if len(ratios) == 0 {
		return [2]float64{math.NaN(), math.NaN()}
	}
	slices.Sort(ratios)
	return [2]float64{Quantile(ratios, 0.025), Quantile(ratios, 0.975)}
}

// pool is the samples of all blocks, the longest first.
type pool struct {
	samples []pooled
	sizes   []int // of blocks
}

type pooled struct {
	value float64
	block int
}

func ordered(blocks [][]float64) pool {
	var p pool
	for i, block := range blocks {
		p.sizes = append(p.sizes, len(block))
		for _, x := range block {
			p.samples = append(p.samples, pooled{x, i})
		}
	}
	slices.SortFunc(p.samples, func(a, b pooled) int { return cmp.Compare(b.value, a.value) })
	return p
}

// quantile is that of blocks which are there so many times. It starts at the long
// end, where the quantiles of interest are.
func (p pool) quantile(times []int, q float64) float64 {
	n := 0
	for i, size := range p.sizes {
		n += times[i] * size
	}
	beyond := n - rank(n, q) // so many are longer, or as long
	for _, s := range p.samples {
		if beyond -= times[s.block]; beyond < 0 {
			return s.value
		}
	}
	return math.NaN()
}
