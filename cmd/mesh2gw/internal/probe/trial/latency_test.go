package trial

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

func TestSchedule(t *testing.T) {
	requests := []asked{{Request: &plan.Request{}}, {Request: &plan.Request{Weight: 3}}}
	l := Load{Rate: 1000, Duration: 10 * time.Second, Warmup: 2 * time.Second, Seed: 5}
	shots, slots := schedule(requests, l, 2)
	if len(shots) != 2 || len(shots[0]) != 12000 || len(shots[1]) != 12000 || len(slots) != 12000 {
		t.Fatalf("%d and %d shots, %d slots", len(shots[0]), len(shots[1]), len(slots))
	}
	at := func(k int) []time.Duration {
		all := make([]time.Duration, len(slots))
		for i, s := range shots[k] {
			if i > 0 && s.At < shots[k][i-1].At {
				t.Fatal("shots are not ordered")
			}
			all[s.Index] = s.At
		}
		return all
	}
	first, one := [2]int{}, [2]int{}
	a, b := at(0), at(1)
	for i := range slots {
		one[slots[i]]++
		switch b[i] - a[i] {
		case time.Millisecond / 2:
			first[0]++
		case -time.Millisecond / 2:
			first[1]++
		default:
			t.Fatalf("slot %d: the sides are %s apart", i, b[i]-a[i])
		}
	}
	// Binomial: 12000 tosses stay within four standard deviations.
	if math.Abs(float64(first[0])-6000) > 4*math.Sqrt(3000) || math.Abs(float64(one[0])-3000) > 4*math.Sqrt(2250) {
		t.Errorf("before goes first in %d of 12000 slots, and the request of weight 1 has %d", first[0], one[0])
	}
	again, _ := schedule(requests, l, 2)
	if !slices.Equal(again[0], shots[0]) || !slices.Equal(again[1], shots[1]) {
		t.Error("the seed does not decide")
	}
}

func TestMeasure(t *testing.T) {
	p := &plan.Plan{Version: plan.Version, Requests: []plan.Request{
		request("/same"), request("/known"), request("/none", func(r *plan.Request) { r.Weight = -1 }), request("/post", func(r *plan.Request) { r.Method = "POST" }),
	}}
	o := Options{Sides: []*client.Side{gateway(t, "before"), gateway(t, "after")}}
	m, err := Measure(context.Background(), p, o, Load{Rate: 400, Duration: 300 * time.Millisecond, Warmup: 100 * time.Millisecond, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.Names, []string{"/same", "/known"}) {
		t.Errorf("measured %v", m.Names)
	}
	for s, samples := range m.Samples {
		if len(samples) < 110 || len(samples) > 130 || m.Pace[s].Fired != 160 {
			t.Errorf("side %d: %d samples of %d shots", s, len(samples), m.Pace[s].Fired)
		}
		for _, x := range samples {
			want := result.Answered
			if x.Request == 1 && s == 1 {
				want = result.ServerError
			}
			if x.Outcome != want || (x.Outcome == result.Answered) == math.IsInf(x.Response(), 1) {
				t.Errorf("side %d: %+v", s, x)
			}
			if x.Planned < 0 || x.Service <= 0 || x.Wait < 0 || x.Lag < 0 {
				t.Errorf("side %d: %+v", s, x)
			}
		}
	}
}

// TestMeasureADownSide: what gets no answer is no short time.
func TestMeasureADownSide(t *testing.T) {
	down := gateway(t, "after")
	down.Base["http"].Host = "127.0.0.1:1"
	p := &plan.Plan{Version: plan.Version, Requests: []plan.Request{request("/same")}}
	m, err := Measure(context.Background(), p, Options{Sides: []*client.Side{gateway(t, "before"), down}}, Load{Rate: 200, Duration: 200 * time.Millisecond, Seed: 1})
	if err != nil || len(m.Samples[1]) != 40 {
		t.Fatalf("%v, %d samples", err, len(m.Samples[1]))
	}
	for _, x := range m.Samples[1] {
		if x.Outcome != result.NoAnswer || !math.IsInf(x.Response(), 1) {
			t.Errorf("%+v", x)
		}
	}
}
