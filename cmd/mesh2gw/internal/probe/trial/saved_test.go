package trial

import (
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

func oneSide(name string, requests ...result.Request) *result.Run {
	return &result.Run{Version: result.Version, Compared: "status", Sides: []result.Side{{Name: name}}, Requests: requests}
}

func answered(name, status string) result.Request {
	return result.Request{Name: name, Before: behave.Observation{"status": status, "body": status + " body"}, Verdict: result.Same}
}

// Saved answers are compared as those of a second side: what is alike, what differs,
// what either run knows to be volatile or unsteady, what fails, and what only one of
// them has asked.
func TestAgainst(t *testing.T) {
	volatile, unsteady := answered("volatile", "200"), answered("unsteady", "200")
	volatile.Volatile = []string{"body"}
	unsteady.Unsteady = []behave.Difference{{Part: "before status", Before: "200", After: "500"}}
	down := answered("down", "200")
	saved := oneSide("before", answered("same", "200"), answered("other", "200"), volatile, unsteady, down, answered("gone", "200"))
	now := answered("volatile", "200")
	now.Before["body"] = "today's"
	known := answered("other", "404")
	known.Unexpected = map[string][]behave.Difference{"after": {{Part: "status", Before: "200", After: "404"}}}
	r := oneSide("after", answered("same", "200"), known, now, answered("unsteady", "200"),
		result.Request{Name: "down", Before: behave.Observation{"failure": "refused"}}, answered("new", "200"))
	if err := Against(r, saved); err != nil {
		t.Fatal(err)
	}
	want := map[string]result.Verdict{"same": result.Same, "other": result.Changed, "volatile": result.Same, "unsteady": result.Unclear, "down": result.Changed}
	if len(r.Requests) != len(want) {
		t.Errorf("%d requests are compared, want %d", len(r.Requests), len(want))
	}
	for _, q := range r.Requests {
		if q.Verdict != want[q.Name] {
			t.Errorf("%s is %s, want %s: %+v", q.Name, q.Verdict, want[q.Name], q)
		}
	}
	if got := r.Requests[1].Unexpected["after"]; len(got) != 1 {
		t.Errorf("what was not expected is lost: %v", r.Requests[1].Unexpected)
	}
	if len(r.Skipped) != 2 || r.Skipped[0].Name != "new" || r.Skipped[1].Name != "gone" || len(r.Sides) != 2 || r.Sides[0].Name != "before" {
		t.Errorf("skipped %v, sides %v", r.Skipped, r.Sides)
	}
	if len(r.Invalid) != 0 || r.Conclusion() != result.Differ {
		t.Errorf("%v, %s", r.Invalid, r.Conclusion())
	}
}

// Counts of backends are compared with those that were saved.
func TestAgainstShares(t *testing.T) {
	for _, c := range []struct {
		now  map[string]int
		want result.Verdict
	}{
		{map[string]int{"a": 300, "b": 100}, result.Same},
		{map[string]int{"a": 310, "b": 90}, result.Same},
		{map[string]int{"a": 200, "b": 200}, result.Changed},
		{map[string]int{"c": 400}, result.Changed},
	} {
		before, after := answered("split", "200"), answered("split", "200")
		want := map[string]float64{"a": 0.75, "b": 0.25}
		before.Shares = &result.Shares{Want: want, Before: map[string]int{"a": 300, "b": 100}, P: map[string]float64{"before": 1}}
		after.Shares = &result.Shares{Want: want, Before: c.now, P: map[string]float64{"after": 0.5}}
		r := oneSide("after", after)
		if err := Against(r, oneSide("before", before)); err != nil {
			t.Fatal(err)
		}
		if q := r.Requests[0]; q.Verdict != c.want || q.Shares.Before["a"] != 300 || q.Shares.P["before"] != 1 || q.Shares.P["after"] != 0.5 {
			t.Errorf("%v: %s, %+v", c.now, q.Verdict, q.Shares)
		}
	}
}

// Runs that do not fit each other are refused, with the way out.
func TestAgainstRefused(t *testing.T) {
	two := oneSide("before")
	two.Sides = append(two.Sides, result.Side{})
	other := oneSide("before")
	other.Compared = "status, body"
	for want, saved := range map[string]*result.Run{"it holds 2 sides": two, "give the same --compare-header": other} {
		if err := Against(oneSide("after", answered("a", "200")), saved); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
