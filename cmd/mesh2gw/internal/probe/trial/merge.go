package trial

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// Behind puts the one side of saved before that of l, by the names of requests: the
// two were measured one after the other. What only one of them has is left out.
func Behind(saved, l *result.Latency) {
	both := slices.DeleteFunc(slices.Clone(l.Names), func(n string) bool { return !slices.Contains(saved.Names, n) })
	before, after := renamed(saved.Samples[0], saved.Names, both), renamed(l.Samples[0], l.Names, both)
	l.Names, l.Samples, l.Interleaved = both, []result.Samples{before, after}, false
	l.Sides = append([]result.Sent{saved.Sides[0]}, l.Sides...)
	l.Sides[0].Name, l.Sides[1].Name = "before", "after"
}

// renamed refers to names by their index in to; samples of others are left out.
func renamed(s result.Samples, from, to []string) result.Samples {
	index := make([]int, len(from))
	for i, name := range from {
		index[i] = slices.Index(to, name)
	}
	out := result.Samples{Planned: []int64{}, Response: []int64{}, Request: []int32{}}
	for i, r := range s.Request {
		if at := index[r]; at >= 0 {
			out.Planned, out.Response, out.Request = append(out.Planned, s.Planned[i]), append(out.Response, s.Response[i]), append(out.Request, int32(at))
		}
	}
	return out
}

// Merge makes one result of several of the same sides and requests.
func Merge(runs []*result.Run, t Terms) (*result.Run, error) {
	out := *runs[0]
	out.Requests, out.Skipped, out.Invalid, out.Latency = nil, nil, nil, nil
	for i, r := range runs {
		if err := mergeable(runs[0], r); err != nil {
			return nil, fmt.Errorf("result %d does not fit the first: %w", i+1, err)
		}
		mergeRequests(&out, r)
		out.Invalid = append(out.Invalid, behaviourInvalid(r)...)
		out.Took = max(out.Took, r.Took)
		if r.Started.Before(out.Started) {
			out.Started = r.Started
		}
	}
	out.Count()
	if runs[0].Latency != nil {
		out.Latency = mergeLatency(runs)
		out.Invalid = append(out.Invalid, Judge(out.Latency, t)...)
	}
	slices.Sort(out.Invalid)
	out.Invalid = slices.Compact(out.Invalid)
	return &out, nil
}

func mergeable(a, b *result.Run) error {
	names := func(r *result.Run) []string {
		var all []string
		for _, s := range r.Sides {
			all = append(all, s.Name)
		}
		return all
	}
	switch {
	case !slices.Equal(names(a), names(b)):
		return fmt.Errorf("it has the sides %v, and not %v", names(b), names(a))
	case (a.Latency == nil) != (b.Latency == nil):
		return errors.New("one of them has no load")
	case b.Latency == nil:
		return nil
	case len(b.Latency.Samples) != len(a.Latency.Sides):
		return errors.New("it was not written by --save: the samples are missing")
	case !slices.Equal(a.Latency.Names, b.Latency.Names):
		return errors.New("it is of another plan")
	}
	return nil
}

// worse ranks verdicts.
var worse = []result.Verdict{result.Same, result.Known, result.Failed, result.Unclear, result.Changed}

// mergeRequests keeps the worst of what was seen of each request.
func mergeRequests(out, r *result.Run) {
	for _, q := range r.Requests {
		i := slices.IndexFunc(out.Requests, func(o result.Request) bool { return o.Name == q.Name })
		switch {
		case i < 0:
			out.Requests = append(out.Requests, q)
		case slices.Index(worse, q.Verdict) > slices.Index(worse, out.Requests[i].Verdict):
			out.Requests[i] = q
		}
	}
	for _, s := range r.Skipped {
		if !slices.Contains(out.Skipped, s) {
			out.Skipped = append(out.Skipped, s)
		}
	}
}

// behaviourInvalid is why the behaviour of r decides nothing; what is said of its
// load is said anew of all.
func behaviourInvalid(r *result.Run) []string {
	if r.Latency == nil {
		return r.Invalid
	}
	own := void(r.Latency)
	return slices.DeleteFunc(slices.Clone(r.Invalid), func(why string) bool { return slices.Contains(own, why) })
}

// mergeLatency puts the samples of each run behind those of the one before, a block
// later, so that no block is of two runs.
func mergeLatency(runs []*result.Run) *result.Latency {
	out := *runs[0].Latency
	out.Samples = make([]result.Samples, len(out.Sides))
	out.Sides = slices.Clone(out.Sides)
	out.Rate, out.Seconds = 0, 0
	offset := int64(0)
	for i, r := range runs {
		l := r.Latency
		last := int64(0)
		for side, s := range l.Samples {
			to := &out.Samples[side]
			for k := range s.Planned {
				to.Planned = append(to.Planned, s.Planned[k]+offset)
				last = max(last, s.Planned[k])
			}
			to.Response, to.Request = append(to.Response, s.Response...), append(to.Request, s.Request...)
			if i > 0 {
				addSent(&out.Sides[side], l.Sides[side])
			}
		}
		offset += (last/int64(block) + 1) * int64(block)
		out.Rate, out.Seconds = out.Rate+l.Rate, max(out.Seconds, l.Seconds)
		out.Interleaved = out.Interleaved && l.Interleaved
	}
	return &out
}

// addSent adds counts, and keeps the longest lags.
func addSent(to *result.Sent, s result.Sent) {
	to.Requests, to.Failed, to.Connections, to.Queued = to.Requests+s.Requests, to.Failed+s.Failed, to.Connections+s.Connections, to.Queued+s.Queued
	to.LagP50, to.LagP99 = max(to.LagP50, s.LagP50), max(to.LagP99, s.LagP99)
}
