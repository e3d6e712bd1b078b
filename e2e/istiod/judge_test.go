package istiod

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"istio.io/istio/pkg/config/schema/gatewayapi"
	"istio.io/istio/pkg/log"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

func TestMain(m *testing.M) {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	// istiod ignores kinds whose CRDs are old; those of the fake API server have
	// no version at all.
	clear(gatewayapi.MinimumCRDVersions)
	m.Run()
}

// Each difference that istiod shows has to be one that the conversion admits.
func TestConverter(t *testing.T) {
	var sum tally
	t.Cleanup(func() { t.Logf("all: %v", sum.count) })
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sum.add(t, judge(t, c))
		})
	}
}

// tally sums what parallel tests count.
type tally struct {
	sync.Mutex
	count
}

func (s *tally) add(t *testing.T, n count) {
	s.Lock()
	defer s.Unlock()
	s.count.add(n)
	t.Log(n)
}

// count is the outcome of judging.
type count struct{ cases, requests, equal, explained, unexplained, noBefore, unjudged, dropped, unmet int }

func (c *count) add(d count) {
	c.cases += d.cases
	c.requests += d.requests
	c.equal += d.equal
	c.explained += d.explained
	c.unexplained += d.unexplained
	c.noBefore += d.noBefore
	c.unjudged += d.unjudged
	c.dropped += d.dropped
	c.unmet += d.unmet
}

func (c count) String() string {
	return fmt.Sprintf("%d cases, %d requests: %d equal, %d explained, %d unexplained; %d to what Istio refuses, %d not judged, %d over the limit, %d routes not met",
		c.cases, c.requests, c.equal, c.explained, c.unexplained, c.noBefore, c.unjudged, c.dropped, c.unmet)
}

// judge asks both sides of a case the same questions.
func judge(t *testing.T, c testCase) count {
	before, after, findings := c.sides(t)
	if c.only != nil {
		findings = slices.DeleteFunc(findings, func(f finding.Finding) bool { return !slices.Contains(c.only, f.Rule.ID) })
	}
	for _, r := range before.refused {
		t.Logf("Istio refuses %s", r)
	}
	for _, r := range after.refused {
		if slices.Contains(before.refused, r) {
			continue // it is there on both sides
		}
		t.Errorf("istiod does not read what was written: %s", r)
	}
	both := compare(t, before, after)
	n := count{cases: 1}
	for _, q := range both.questions() {
		n.add(both.answer(t, q, findings))
	}
	return n
}

// answer decides the requests of one question.
func (c *comparison) answer(t *testing.T, q question, findings []finding.Finding) count {
	n := count{dropped: q.dropped, unmet: q.unmet, requests: len(q.requests)}
	if !c.hasBefore(q.door, q.host) {
		n.noBefore = n.requests
		return n
	}
	known := admitted(findings, c.concerned(q.door, q.host))
	for _, r := range q.requests {
		switch differing, err := c.differ(q.door, r); {
		case err != nil:
			if n.unjudged++; n.unjudged == 1 {
				t.Logf("%s: %s: %v", q.door, r, err)
			}
		case differing == nil:
			n.equal++
		case known.explain(r.Path, differing):
			n.explained++
		default:
			if n.unexplained++; n.unexplained <= 3 {
				t.Errorf("%s: %s: no finding admits a difference\n%s", q.door, r, describe(differing))
			}
		}
	}
	return n
}

// compare brings istiod up with both sides.
func compare(t *testing.T, before, after *side) *comparison {
	t.Helper()
	oldCluster, newCluster, err := complete(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return &comparison{before, after, start(t, oldCluster), start(t, newCluster)}
}

// difference is what an aspect was, and is.
type difference struct{ was, is string }

// differ tells the aspects in which the sides decide differently.
func (c *comparison) differ(d door, r request) (map[string]difference, error) {
	was, err := c.oldWorld.decide(d, r)
	if err != nil {
		return nil, err
	}
	is, err := c.newWorld.decide(d, r)
	if err != nil {
		return nil, err
	}
	if was["outcome"] != is["outcome"] { // all else follows
		return map[string]difference{"outcome": {was["outcome"] + " " + was["backends"], is["outcome"] + " " + is["backends"]}}, nil
	}
	var out map[string]difference
	for _, aspect := range slices.Concat(sorted(was), sorted(is)) {
		if was[aspect] != is[aspect] {
			if out == nil {
				out = map[string]difference{}
			}
			out[aspect] = difference{was[aspect], is[aspect]}
		}
	}
	return out, nil
}

func describe(differing map[string]difference) string {
	var out []string
	for _, aspect := range sorted(differing) {
		out = append(out, fmt.Sprintf("  %s: %s => %s", aspect, differing[aspect].was, differing[aspect].is))
	}
	return strings.Join(out, "\n")
}
