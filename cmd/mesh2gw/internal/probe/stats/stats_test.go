package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// near tells whether two numbers agree to six digits.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-6*math.Max(1e-3, math.Abs(b)) || math.IsNaN(a) && math.IsNaN(b)
}

var twelve = []float64{0.12, -0.03, 0.25, 0.07, -0.11, 0.31, 0.02, 0.18, -0.05, 0.09, 0.14, 0.22}

// The numbers are those of SciPy 1.16 (wilcoxon with method exact, fisher_exact,
// chisquare, beta.ppf), or counted out over all cases.
func TestKnownAnswers(t *testing.T) {
	_, middle, _ := hodgesLehmann(twelve, Level)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"signed ranks", greater(twelve), 0.013427734375},
		{"signed ranks with ties", greater([]float64{1, 1, -1, 2, 2, 3, -3, 4, 5, 5}), 0.0302734375},
		{"signed ranks of nothing", greater([]float64{0, 0}), 1},
		{"Hodges-Lehmann", middle, 0.1},
		{"critical sum of 20 (tables: 52)", float64(critical(20, 0.025)), 52},
		{"critical sum of 25 (tables: 89)", float64(critical(25, 0.025)), 89},
		{"Fisher", Fisher(3, 100, 12, 100), 0.028671314973177094},
		{"Fisher, no failure on one side", Fisher(0, 1000, 6, 1000), 0.031015859961787993},
		{"Fisher, no failure", Fisher(0, 10, 0, 10), 1},
		{"chi-square", Shares([]int{60, 140}, []float64{0.25, 0.75}, 1), 0.10247043485974942},
		{"chi-square of weights", Shares([]int{905, 95}, []float64{90, 10}, 1), 0.5981614526835279},
		{"a backend that gets nothing", Shares([]int{9, 1}, []float64{1, 0}, 1), 0},
		{"one backend", Shares([]int{9}, []float64{1}, 1), 1},
		{"no failure of 1000", AtMost(0, 1000), 0.002991249545095295},
		{"3 failures of 100", AtMost(3, 100), 0.07571079374983004},
		{"p50 of 4", Quantile([]float64{1, 2, 3, 4}, 0.5), 2},
		{"p99 of 100", Quantile(upTo(100), 0.99), 99},
		{"p99 of 101", Quantile(upTo(101), 0.99), 100},
		{"p90 of 10", Quantile(upTo(10), 0.9), 9},
		{"p100", Quantile(upTo(10), 1), 10},
		{"of nothing", Quantile(nil, 0.5), math.NaN()},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	// Of two backends Alike is Fisher's test, but for the order of tables as unlikely.
	if p := Alike([]int{3, 97}, []int{12, 88}, 1); math.Abs(p-0.0287) > 0.006 {
		t.Errorf("two sides: %v, want about 0.0287", p)
	}
	if p := Alike([]int{50, 50}, []int{50, 50}, 1); p != 1 {
		t.Errorf("equal sides: %v", p)
	}
	if p := Alike([]int{0, 0}, []int{50, 50}, 1); p != 1 {
		t.Errorf("a side without answers: %v", p)
	}
	// Drawn, so only near to what all 15 outcomes of 4 answers sum up to.
	if p := Shares([]int{1, 0, 3}, []float64{0.5, 0.3, 0.2}, 1); math.Abs(p-0.0353) > 0.004 {
		t.Errorf("shares of few: %v, want about 0.0353", p)
	}
}

func upTo(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(i + 1)
	}
	return all
}

// A quantile lies in its interval in about 95 of 100 samples.
func TestIntervalCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, q := range []float64{0.5, 0.9, 0.99} {
		inside := 0
		for range 1000 {
			all := make([]float64, 2000)
			for i := range all {
				all[i] = random.Float64()
			}
			if low, high := Interval(sortedCopy(all), q); low <= q && q <= high {
				inside++
			}
		}
		if inside < 930 || inside > 975 {
			t.Errorf("p%v: %d of 1000", 100*q, inside)
		}
	}
}

// load is what two sides answer in blocks; each answer of a block shares its noise.
type load struct {
	blocks, each int
	slower       float64                                         // after
	all          bool                                            // of them are slower, not the slowest 5 % alone
	noise        func(r *rand.Rand, at float64) (factor float64) // of a moment, in s; both sides meet it
}

// sides draws from a distribution with a Pareto tail (alpha 3), as latencies have.
func (l load) sides(r *rand.Rand) (before, after [][]float64) {
	for b := range l.blocks {
		var old, now []float64
		for i := range l.each {
			noise := l.noise(r, float64(b)+float64(i)/float64(l.each))
			x, y := latency(r)*noise, latency(r)*noise
			if l.all || y > 2.7*noise { // about p95 of the distribution
				y *= l.slower
			}
			old, now = append(old, x*1e6), append(now, y*1e6)
		}
		before, after = append(before, old), append(after, now)
	}
	return before, after
}

func latency(r *rand.Rand) float64 { return math.Pow(1-r.Float64(), -1.0/3) }

func still(*rand.Rand, float64) float64 { return 1 }

// drifting moves by some percent and comes back within ten seconds, as machines with
// other work do.
func drifting() func(*rand.Rand, float64) float64 {
	level, last := 0.0, 0.0
	return func(r *rand.Rand, at float64) float64 {
		if at-last >= 0.1 || at < last {
			level, last = 0.99*level+0.014*r.NormFloat64(), at
		}
		return math.Exp(level)
	}
}

// bursts disturb 60 ms of every two seconds.
func bursts(_ *rand.Rand, at float64) float64 {
	if math.Mod(at, 2) < 0.06 {
		return 4
	}
	return 1
}

var noises = map[string]func() func(*rand.Rand, float64) float64{
	"still":    func() func(*rand.Rand, float64) float64 { return still },
	"drifting": drifting,
	"bursts":   func() func(*rand.Rand, float64) float64 { return bursts },
}

var strict = Options{Margin: 0, Floor: 0, Seed: 1}

// Two sides that are the same are called changed in at most 5 % of runs, margin or
// not, whatever disturbs both of them. 400 runs of 20 s with 250 pairs a second, of
// which more than 30 would be a chance of 1 in 100 at 5 %.
func TestFalseAlarms(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs on one goroutine: nothing for the race detector")
	}
	for name, noise := range noises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random, alarms := rand.New(rand.NewPCG(7, uint64(len(name)))), 0
			for range 400 {
				l := load{blocks: 20, each: 250, slower: 1, noise: noise()}
				before, after := l.sides(random)
				if slices.ContainsFunc(decidedFast(before, after, strict), func(v *Verdict) bool { return v.Decision == Changed }) {
					alarms++
				}
			}
			t.Logf("%d of 400 runs of equal sides are called changed", alarms)
			if alarms > 30 {
				t.Errorf("%d of 400", alarms)
			}
		})
	}
}

// A slowdown by 1.3 is seen at p50 and at p99 in at least 95 % of runs of 20 s with
// 1000 pairs a second, beyond a margin of 10 %; and so is one of the slowest 5 %
// alone at p99, but for bursts: where these make the tail, p99 is the middle of a
// burst, which is not slower then.
func TestPower(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs on one goroutine: nothing for the race detector")
	}
	for _, c := range []struct {
		noise    string
		all      bool
		p50, p99 int // of 100 runs, at least
	}{
		{"still", true, 95, 95},
		{"drifting", true, 95, 95},
		{"bursts", true, 95, 95},
		{"still", false, 0, 95},
		{"drifting", false, 0, 95},
		{"bursts", false, 0, 0},
	} {
		t.Run(fmt.Sprintf("%s, all %t", c.noise, c.all), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(8, uint64(len(c.noise))))
			var p50, p99 int
			for range 100 {
				l := load{blocks: 20, each: 1000, slower: 1.3, all: c.all, noise: noises[c.noise]()}
				before, after := l.sides(random)
				all := decidedFast(before, after, Options{Margin: 0.1})
				p50, p99 = p50+slower(all[0]), p99+slower(all[2])
			}
			t.Logf("p50 %d, p99 %d of 100 runs", p50, p99)
			if p50 < c.p50 || p99 < c.p99 || !c.all && p50 > 0 {
				t.Errorf("p50 %d, p99 %d of 100 runs", p50, p99)
			}
		})
	}
}

func slower(v *Verdict) int {
	if v.Decision == Changed && v.Ratio > 1 {
		return 1
	}
	return 0
}

// decidedFast leaves the bootstrap out, which decides nothing.
func decidedFast(before, after [][]float64, o Options) []*Verdict {
	var all []*Verdict
	for _, q := range []float64{0.5, 0.9, 0.99} {
		v := compare(before, after, q, o)
		all = append(all, &v)
	}
	Decide(all)
	return all
}

// Swapping the sides turns each verdict around; and times in another unit are the
// same change.
func TestSymmetry(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		l := load{blocks: 24, each: 200, slower: 0.8 + random.Float64()/2, all: true, noise: drifting()}
		before, after := l.sides(random)
		there, back := Compare(before, after, 0.9, Options{Margin: 0.1}), Compare(after, before, 0.9, Options{Margin: 0.1})
		scaled := Compare(times(before, 7), times(after, 7), 0.9, Options{Margin: 0.1})
		if !near(there.Ratio, 1/back.Ratio) || !near(there.Interval[0], 1/back.Interval[1]) || !near(there.P, back.P) || !near(there.Within, back.Within) {
			t.Fatalf("%+v\n%+v", there, back)
		}
		if !near(there.Ratio, scaled.Ratio) || !near(there.P, scaled.P) || !near(there.Pooled[0], scaled.Pooled[0]) {
			t.Fatalf("%+v\n%+v", there, scaled)
		}
		if !(there.Interval[0] <= there.Ratio && there.Ratio <= there.Interval[1]) {
			t.Fatalf("%+v", there)
		}
	}
}

func times(blocks [][]float64, factor float64) [][]float64 {
	var all [][]float64
	for _, block := range blocks {
		var own []float64
		for _, x := range block {
			own = append(own, x*factor)
		}
		all = append(all, own)
	}
	return all
}

// A wider margin never makes a change of what was none, nor takes equivalence away.
func TestMargins(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 30 {
		l := load{blocks: 30, each: 100, slower: 0.7 + random.Float64(), all: true, noise: still}
		before, after := l.sides(random)
		p, within := 0.0, 1.0
		for _, m := range []float64{0, 0.05, 0.1, 0.3, 1} {
			v := compare(before, after, 0.5, Options{Margin: m})
			if v.P < p-1e-12 || v.Within > within+1e-12 {
				t.Fatalf("margin %v: %+v", m, v)
			}
			p, within = v.P, v.Within
		}
	}
	// What is less than the floor is no change, however large its share is.
	fast := [][]float64{}
	for range 30 {
		fast = append(fast, []float64{1e5, 1.1e5, 0.9e5, 1e5, 1.2e5, 1e5, 1.3e5, 0.8e5, 1e5, 1e5})
	}
	v := Compare(fast, times(fast, 2), 0.5, Options{Margin: 0.1, Floor: 1e6})
	Decide([]*Verdict{&v})
	if v.Decision != Equivalent || !near(v.Ratio, 2) {
		t.Errorf("twice as long, by 0.1 ms: %+v", v)
	}
}

// Failures are times without end: they lift quantiles, and where one side alone
// fails so often that its quantile is one, that is a change.
func TestCensored(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	before, after := load{blocks: 30, each: 400, slower: 1, noise: still}.sides(random)
	for _, block := range after {
		for i := range block {
			if i%20 == 0 {
				block[i] = math.Inf(1)
			}
		}
	}
	p50, p99 := Compare(before, after, 0.5, Options{Margin: 0.1}), Compare(before, after, 0.99, Options{Margin: 0.1})
	Decide([]*Verdict{&p50, &p99})
	if p50.Decision == Changed || p99.Decision != Changed || !math.IsInf(p99.After, 1) || math.IsNaN(p99.Ratio) {
		t.Errorf("%+v\n%+v", p50, p99)
	}
	for _, block := range before {
		for i := range block {
			block[i] = math.Inf(1)
		}
	}
	if v := Compare(before, before, 0.5, Options{}); v.Decision != Inconclusive || v.Why == "" {
		t.Errorf("two sides that never answer: %+v", v)
	}
}

// Too few samples decide nothing, and say how many would.
func TestTooFew(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		blocks, each int
		q            float64
		why          string
	}{
		{20, 40, 0.99, "800 and 800 samples are too few for it: 1000 are needed on each side"},
		{10, 1000, 0.5, "10 pairs of blocks are too few: 20 are needed"},
		{20, 100, 0.99, "10 pairs of blocks are too few: 20 are needed"},
		{0, 0, 0.5, "0 and 0 samples are too few for it: 20 are needed on each side"},
	} {
		before, after := load{blocks: c.blocks, each: c.each, slower: 2, all: true, noise: still}.sides(random)
		v := Compare(before, after, c.q, Options{})
		Decide([]*Verdict{&v})
		if v.Why != c.why || v.Decision != Inconclusive {
			t.Errorf("%d of %d, %v: %s: %q, want %q", c.blocks, c.each, c.q, v.Decision, v.Why, c.why)
		}
	}
}

// Holm: of many verdicts the smallest p counts as often as there are verdicts.
func TestDecide(t *testing.T) {
	all := []*Verdict{{P: 0.04, Within: 1}, {P: 0.01, Within: 1}, {P: 0.03, Within: 0.01}, {P: 0.9, Within: 0.2}}
	Decide(all)
	want := []struct {
		p float64
		d Decision
	}{{0.09, Inconclusive}, {0.04, Changed}, {0.09, Equivalent}, {0.9, Inconclusive}}
	for i, v := range all {
		if !near(v.P, want[i].p) || v.Decision != want[i].d {
			t.Errorf("%d: %v %s, want %v", i, v.P, v.Decision, want[i])
		}
	}
}

// As many answers as Needed says see a share that is off in about four of five runs.
func TestNeeded(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	n, seen := Needed(0.1, 0.05), 0
	for range 400 {
		counts := make([]int, 2)
		for range n {
			if random.Float64() < 0.15 {
				counts[0]++
			} else {
				counts[1]++
			}
		}
		if Shares(counts, []float64{0.1, 0.9}, 1) < Level {
			seen++
		}
	}
	if n < 250 || n > 320 || seen < 280 || seen > 360 {
		t.Errorf("%d answers: %d of 400", n, seen)
	}
}

func BenchmarkCompare(b *testing.B) {
	before, after := load{blocks: 60, each: 2000, slower: 1.1, all: true, noise: still}.sides(rand.New(rand.NewPCG(1, 1)))
	for b.Loop() {
		Compare(before, after, 0.99, Options{Margin: 0.1})
	}
}
