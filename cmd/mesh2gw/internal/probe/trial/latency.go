package trial

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/pace"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// Load says how to measure latency.
type Load struct {
	Rate     float64       // pairs of requests a second: each slot asks both sides the same
	Duration time.Duration // that counts
	Warmup   time.Duration // before it, that does not
	Seed     uint64        // of the schedule
	Most     int           // connections to each side; 0 is pace.DefaultMost
	// Watch, if set, is called for each request of each side before the load. What it
	// returns is called for each sample, those of the warm-up included, with how late
	// it was handed over; on many goroutines at once.
	Watch func(side, request string) func(s *result.Sample, late time.Duration)
}

// Measured is what a load gave: for each side the samples in the order of its
// schedule, those of the warm-up left out.
type Measured struct {
	Start   time.Time
	Samples [][]result.Sample
	Pace    []pace.Report // of each side, the warm-up included
	Names   []string      // of the requests that samples refer to
}

// Measure sends the load to both sides at once: slot by slot the same request to
// each, in random order and half a slot apart, so that whatever disturbs the
// machines meets both alike. When ctx ends, what was measured by then is returned.
func Measure(ctx context.Context, p *plan.Plan, o Options, l Load) (*Measured, error) {
	requests, err := choose(p, o, &result.Run{})
	if err != nil {
		return nil, err
	}
	requests = slices.DeleteFunc(requests, func(a asked) bool { return a.Weight < 0 })
	m := &Measured{Samples: make([][]result.Sample, len(o.Sides)), Pace: make([]pace.Report, len(o.Sides))}
	for _, a := range requests {
		m.Names = append(m.Names, a.Name)
	}
	if len(requests) == 0 {
		return m, nil
	}
	shots, slots := schedule(requests, l, len(o.Sides))
	m.Start = time.Now().Add(50 * time.Millisecond) // both sides begin together
	var group sync.WaitGroup
	errs := make([]error, len(o.Sides))
	for s, side := range o.Sides {
		all := make([]result.Sample, len(slots))
		watch := l.watched(side.Name, requests, slots, shots[s], all)
		group.Go(func() {
			m.Pace[s], errs[s] = pace.Pacer{Most: l.Most, Start: m.Start, New: func() pace.Worker {
				return sender(ctx, side, m.Start, func(i int) *client.Prepared { return requests[slots[i]].prepared[s] }, requests, slots, all, watch)
			}}.Run(ctx, shots[s])
			m.Samples[s] = counted(all, shots[s], m.Pace[s], l)
		})
	}
	group.Wait()
	return m, cmp.Or(errs[0], errs[len(errs)-1])
}

// schedule makes the shots for each side, and says which request each slot sends.
// A request comes as often as its weight says, in random order.
func schedule(requests []asked, l Load, sides int) (shots [][]pace.Shot, slots []int) {
	count := max(1, int(l.Rate*(l.Warmup+l.Duration).Seconds()))
	over := l.Warmup + l.Duration
	half := time.Duration(float64(over) / float64(count) / 2)
	random := rand.New(rand.NewPCG(l.Seed, 0x70726f6265)) // another sequence than that of the times
	sum := 0
	for _, a := range requests {
		sum += max(1, a.Weight)
	}
	slots = make([]int, count)
	shots = make([][]pace.Shot, sides)
	for i, s := range pace.Jittered(count, over, l.Seed) {
		at := random.IntN(sum)
		for at -= max(1, requests[0].Weight); at >= 0; at -= max(1, requests[slots[i]].Weight) {
			slots[i]++
		}
		first := random.IntN(2)
		for k := range sides {
			shot := s
			if sides > 1 && k != first {
				shot.At += half
			}
			shots[k] = append(shots[k], shot)
		}
	}
	for k := range shots {
		slices.SortStableFunc(shots[k], func(a, b pace.Shot) int { return cmp.Compare(a.At, b.At) })
	}
	return shots, slots
}

// sender is a worker with one connection to side.
func sender(ctx context.Context, side *client.Side, start time.Time, prepared func(int) *client.Prepared, requests []asked, slots []int, all []result.Sample, watch func(slot int)) pace.Worker {
	c := client.New(ctx, side)
	return pace.Worker{Close: c.Close, Do: func(i int, fired time.Duration) {
		a := c.Do(prepared(i), client.Options{})
		all[i] = sample(&a, start, fired)
		all[i].Request = int32(slots[i])
		if e := &requests[slots[i]].Expect; a.Failure == client.None && a.Status >= 500 && a.Status != e.Status {
			all[i].Outcome = result.ServerError
		}
		if watch != nil {
			watch(i)
		}
	}}
}

// watched calls Watch's function with the sample of a slot; nil for none.
func (l Load) watched(side string, requests []asked, slots []int, shots []pace.Shot, all []result.Sample) func(slot int) {
	if l.Watch == nil {
		return nil
	}
	watchers := make([]func(*result.Sample, time.Duration), len(requests))
	for i, a := range requests {
		watchers[i] = l.Watch(side, a.Name)
	}
	due := make([]time.Duration, len(slots))
	for _, shot := range shots {
		due[shot.Index] = shot.At
	}
	return func(slot int) {
		watchers[slots[slot]](&all[slot], time.Duration(all[slot].Fired)-due[slot])
	}
}

// sample is what an answer says of time.
func sample(a *client.Answer, start time.Time, fired time.Duration) result.Sample {
	sent := a.Sent.Sub(start)
	s := result.Sample{
		Fired: int64(fired), Wait: int64(max(0, sent-fired)), Service: int64(a.Done.Sub(a.Sent)),
		Status: int16(a.Status), Outcome: result.Answered,
	}
	switch a.Failure {
	case client.None:
	case client.Canceled:
		s.Outcome = result.NotSent
	default:
		s.Outcome = result.NoAnswer
	}
	return s
}

// counted are the samples behind the warm-up that were sent, with their place in
// the schedule and how late they were.
func counted(all []result.Sample, shots []pace.Shot, r pace.Report, l Load) []result.Sample {
	var kept []result.Sample
	for n := range r.Fired {
		s := all[shots[n].Index]
		if shots[n].At < l.Warmup || s.Outcome == result.NotSent {
			continue
		}
		s.Slot, s.Planned, s.Lag = int32(shots[n].Index), int64(shots[n].At-l.Warmup), r.Lag[n]
		kept = append(kept, s)
	}
	slices.SortFunc(kept, func(a, b result.Sample) int { return cmp.Compare(a.Slot, b.Slot) })
	return kept
}
