package trial

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/stats"
)

// Against compares the answers of r, which has one side, with those of a saved run
// of one side, which takes the place of the side before. Requests that only one of
// them has are listed as not compared. The error says why the two do not fit.
func Against(r, saved *result.Run) error {
	if len(saved.Sides) != 1 {
		return fmt.Errorf("it holds %d sides: one is wanted, of mesh2gw probe run PLAN --before URL --save FILE", len(saved.Sides))
	}
	if saved.Compared != r.Compared {
		return fmt.Errorf("it holds other parts of the answers (%s) than this run (%s): give the same --compare-header, --no-body and --backend", saved.Compared, r.Compared)
	}
	old := map[string]*result.Request{}
	for i := range saved.Requests {
		old[saved.Requests[i].Name] = &saved.Requests[i]
	}
	tests := 0
	for _, q := range r.Requests {
		if before := old[q.Name]; q.Shares != nil && before != nil && before.Shares != nil {
			tests += 3
		}
	}
	var both []result.Request
	for _, q := range r.Requests {
		before := old[q.Name]
		delete(old, q.Name)
		if before == nil {
			r.Skipped = append(r.Skipped, result.Skipped{Name: q.Name, Why: "the saved run has no answer to it"})
			continue
		}
		behind(before, &q, tests)
		both = append(both, q)
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		r.Skipped = append(r.Skipped, result.Skipped{Name: name, Why: "only the saved run has an answer to it"})
	}
	r.Requests = both
	r.Sides = []result.Side{saved.Sides[0], r.Sides[0]}
	r.Sides[0].Name, r.Sides[1].Name = "before", "after"
	r.Count()
	r.Invalid = append(saved.Invalid, invalid(r)...)
	return nil
}

// behind puts the saved answers to a request before those that q has.
func behind(saved, q *result.Request, tests int) {
	q.Before, q.After = saved.Before, q.Before
	q.Volatile = union(saved.Volatile, q.Volatile)
	q.Unsteady = slices.Concat(saved.Unsteady, q.Unsteady)
	q.Differences = behave.Without(behave.Compare(q.Before, q.After), q.Volatile)
	unexpected := map[string][]behave.Difference{}
	for name, of := range map[string]*result.Request{"before": saved, "after": q} {
		for _, list := range of.Unexpected {
			unexpected[name] = list
		}
	}
	q.Unexpected = nil
	if len(unexpected) > 0 {
		q.Unexpected = unexpected
	}
	if q.Shares != nil && saved.Shares != nil {
		q.Differences = append(q.Differences, sharesBehind(saved.Shares, q.Shares, tests)...)
	}
	q.Verdict = verdict(q, 2)
}

// sharesBehind puts saved counts before those that s has, and says whether they
// differ.
func sharesBehind(saved, s *result.Shares, tests int) []behave.Difference {
	s.Before, s.After = saved.Before, s.Before
	p := map[string]float64{}
	for name, of := range map[string]map[string]float64{"before": saved.P, "after": s.P} {
		for _, value := range of {
			p[name] = value
		}
	}
	s.P = p
	names := maps.Clone(s.Before)
	maps.Copy(names, s.After)
	sorted := slices.Sorted(maps.Keys(names))
	p["sides"] = stats.Alike(inOrder(s.Before, sorted), inOrder(s.After, sorted), 1)
	if p["sides"]*float64(max(1, tests)) >= stats.Level {
		return nil
	}
	return []behave.Difference{{Part: "shares", Before: countsText(s.Before), After: countsText(s.After)}}
}
