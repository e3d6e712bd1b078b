package trial

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
)

// splits tells whether the backends of a are to be counted.
func (o Options) splits(a asked) bool {
	return len(a.Expect.Shares) > 1 && o.Behave.Backend != nil && o.Answers > 0
}

// shares counts the backends of many answers, and compares the sides with the plan
// and with each other. A side that names none of the plan's backends has names of
// its own, and is compared with the other side alone.
func (w *worker) shares(out *result.Request, a asked) {
	if !w.splits(a) || out.Verdict == result.Failed {
		return
	}
	s := &result.Shares{Want: a.Expect.Shares, P: map[string]float64{}, Needed: neededFor(a.Expect.Shares)}
	var counts []map[string]int
	for side, c := range w.clients {
		counts = append(counts, w.count(c, a.prepared[side]))
	}
	s.Before = counts[0]
	names := maps.Clone(counts[0])
	if len(counts) > 1 {
		s.After = counts[1]
		maps.Copy(names, counts[1])
		sorted := slices.Sorted(maps.Keys(names))
		if s.P["sides"] = stats.Alike(inOrder(counts[0], sorted), inOrder(counts[1], sorted), 1); w.unlikely(s.P["sides"]) {
			out.Differences = append(out.Differences, behave.Difference{Part: "shares", Before: countsText(counts[0]), After: countsText(counts[1])})
		}
	}
	for i, side := range w.Sides {
		if p, known := against(s.Want, counts[i]); known {
			if s.P[side.Name] = p; w.unlikely(p) {
				if out.Unexpected == nil {
					out.Unexpected = map[string][]behave.Difference{}
				}
				out.Unexpected[side.Name] = append(out.Unexpected[side.Name], behave.Difference{Part: "shares", Before: sharesText(s.Want), After: countsText(counts[i])})
			}
		}
	}
	out.Shares, out.Verdict = s, verdict(out, len(counts))
}

// count asks as often as wanted. Answers that fail or name no backend count for
// none.
func (w *worker) count(c *client.Client, p *client.Prepared) map[string]int {
	counts := map[string]int{}
	for range w.Answers {
		a := c.Do(p, client.Options{Keep: true})
		if a.Failure == client.Canceled {
			break
		}
		name := ""
		if a.Failure == client.None {
			name = w.Behave.Backend.Of(&a)
		}
		counts[name]++
	}
	return counts
}

// unlikely tells whether p is below the level that all tests of shares in a run
// share (Bonferroni).
func (w *worker) unlikely(p float64) bool { return p*float64(max(1, w.tests)) < stats.Level }

// against is the p of counts if want holds; false where no name is wanted.
func against(want map[string]float64, counts map[string]int) (float64, bool) {
	names := slices.Sorted(maps.Keys(want))
	if !slices.ContainsFunc(names, func(n string) bool { return counts[n] > 0 }) {
		return 1, false
	}
	var shares []float64
	for name := range counts {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		shares = append(shares, want[name])
	}
	return stats.Shares(inOrder(counts, names), shares, 1), true
}

func inOrder(counts map[string]int, names []string) []int {
	all := make([]int, len(names))
	for i, name := range names {
		all[i] = counts[name]
	}
	return all
}

// neededFor is how many answers show that the largest share is off by 5 points.
func neededFor(shares map[string]float64) int {
	most := 0
	for _, s := range shares {
		most = max(most, stats.Needed(s, 0.05))
	}
	return most
}

func countsText(counts map[string]int) string {
	total := 0
	for _, n := range counts {
		total += n
	}
	shares := map[string]float64{}
	for name, n := range counts {
		shares[name] = float64(n) / float64(max(1, total))
	}
	return fmt.Sprintf("%s (of %d)", sharesText(shares), total)
}

func sharesText(shares map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(shares)) {
		label := name
		if label == "" {
			label = "no backend"
		}
		parts = append(parts, fmt.Sprintf("%s %.3g %%", label, 100*shares[name]))
	}
	return strings.Join(parts, ", ")
}
