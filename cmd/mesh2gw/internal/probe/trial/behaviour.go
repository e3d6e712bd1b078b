// Package trial asks the sides of a comparison what a plan says, and decides.
package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/result"
)

// Options steer a run.
type Options struct {
	Sides   []*client.Side // one or two: before, then after
	Unsafe  bool           // send what may change state
	Repeats int            // answers of each side to one request; at least 2, so that what changes by itself is known
	Workers int            // requests at a time
	Answers int            // of each side to a request with shares of backends; 0: they are not counted
	Behave  behave.Options
	// Progress, if set, is called after each request.
	Progress func(done, of int)
}

// asked is a request that is sent.
type asked struct {
	*plan.Request
	prepared []*client.Prepared // for each side
}

// Behaviour asks each request of p at each side, and compares. The error is that
// of ctx, or says that a request can't be sent at all.
func Behaviour(ctx context.Context, p *plan.Plan, o Options) (*result.Run, error) {
	r := &result.Run{Version: result.Version, Started: time.Now().UTC(), Compared: o.Behave.String()}
	for _, s := range o.Sides {
		r.Sides = append(r.Sides, sideOf(s))
	}
	requests, err := choose(p, o, r)
	if err != nil {
		return nil, err
	}
	r.Requests = make([]result.Request, len(requests))
	tests := 0
	for _, a := range requests {
		if o.splits(a) {
			tests += 2*len(o.Sides) - 1 // each with the plan, and with each other
		}
	}
	next, progress := make(chan int), counter(o.Progress, len(requests))
	var group sync.WaitGroup
	for range max(1, min(o.Workers, len(requests))) {
		group.Go(func() {
			w := newWorker(ctx, o, tests)
			defer w.close()
			for i := range next {
				r.Requests[i] = w.request(requests[i])
				progress()
			}
		})
	}
	for i := range requests {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	r.Took = result.Seconds(time.Since(r.Started).Seconds())
	r.Requests = slices.DeleteFunc(r.Requests, func(q result.Request) bool { return q.Verdict == "" }) // not asked any more
	r.Count()
	r.Invalid = invalid(r)
	return r, ctx.Err()
}

func sideOf(s *client.Side) result.Side {
	side := result.Side{Name: s.Name, URLs: map[string]string{}}
	for scheme, u := range s.Base {
		side.URLs[scheme] = u.Redacted()
	}
	return side
}

// counter makes a function that counts, for several goroutines.
func counter(tell func(done, of int), of int) func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if tell != nil {
			tell(done, of)
		}
	}
}

// choose prepares the requests that are sent, and says why others are not.
func choose(p *plan.Plan, o Options, r *result.Run) ([]asked, error) {
	var all []asked
	for i := range p.Requests {
		q := &p.Requests[i]
		why := ""
		a := asked{Request: q}
		switch {
		case q.Caller != "":
			why = "it has to come " + q.Caller
		case q.Unsafe() && !o.Unsafe:
			why = q.Verb() + " may change state; --unsafe-methods sends it"
		default:
			for _, s := range o.Sides {
				prepared, err := s.Prepare(q)
				var none *client.ErrNoURL
				if errors.As(err, &none) {
					why = none.Error()
					break
				}
				if err != nil {
					return nil, err
				}
				a.prepared = append(a.prepared, prepared)
			}
		}
		if why != "" {
			r.Skipped = append(r.Skipped, result.Skipped{Name: q.Name, Why: why})
			continue
		}
		all = append(all, a)
	}
	return all, nil
}

// worker asks one request at a time.
type worker struct {
	Options
	clients []*client.Client // of each side
	tests   int              // of shares in the run
}

func newWorker(ctx context.Context, o Options, tests int) *worker {
	w := &worker{Options: o, tests: tests}
	for _, s := range o.Sides {
		w.clients = append(w.clients, client.New(ctx, s))
	}
	return w
}

func (w *worker) close() {
	for _, c := range w.clients {
		c.Close()
	}
}

// request asks a request at each side several times, in turn.
func (w *worker) request(a asked) result.Request {
	out := result.Request{Name: a.Name, Why: a.Why, Differs: a.Differs}
	answers := make([][]client.Answer, len(w.clients))
	for range max(2, w.Repeats) {
		for s, c := range w.clients {
			answers[s] = append(answers[s], c.Do(a.prepared[s], client.Options{Keep: true}))
		}
	}
	w.compare(&out, a, answers)
	w.shares(&out, a)
	return out
}

// compare fills in what the answers of each side say.
func (w *worker) compare(out *result.Request, a asked, answers [][]client.Answer) {
	seen := make([][]behave.Observation, len(answers))
	for s, list := range answers {
		for i := range list {
			seen[s] = append(seen[s], w.observe(a, &list[i]))
		}
		volatile, unsteady := behave.Volatile(seen[s])
		out.Volatile = union(out.Volatile, volatile)
		for _, d := range unsteady {
			d.Part = w.Sides[s].Name + " " + d.Part
			out.Unsteady = append(out.Unsteady, d)
		}
		if d := behave.Check(&a.Expect, &list[0], w.Behave); len(d) > 0 {
			if out.Unexpected == nil {
				out.Unexpected = map[string][]behave.Difference{}
			}
			out.Unexpected[w.Sides[s].Name] = d
		}
	}
	out.Before = seen[0][0]
	if len(seen) > 1 {
		out.After = seen[1][0]
		out.Differences = behave.Without(behave.Compare(out.Before, out.After), out.Volatile)
	}
	out.Verdict = verdict(out, len(seen))
	out.Command = command(a.Request, w.Sides[len(w.Sides)-1])
}

// observe lists the parts of an answer that count. Where requests are split over
// backends, what a backend writes differs from one answer to the next by design.
func (w *worker) observe(a asked, answer *client.Answer) behave.Observation {
	o := behave.Observe(answer, w.Behave)
	if len(a.Expect.Shares) > 1 {
		for part := range o {
			if part == "backend" || strings.HasPrefix(part, "body") || strings.HasPrefix(part, "cookie ") || strings.HasPrefix(part, "header ") {
				delete(o, part)
			}
		}
	}
	return o
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// verdict is what is said of a request that was asked at a number of sides.
func verdict(out *result.Request, sides int) result.Verdict {
	failed := out.Before["failure"] != "" && (sides == 1 || out.After["failure"] != "")
	changed := len(out.Differences) > 0 || sides == 1 && len(out.Unexpected) > 0
	switch {
	case failed:
		return result.Failed
	case len(out.Unsteady) > 0:
		return result.Unclear
	case changed && out.Differs != "":
		return result.Known
	case changed:
		return result.Changed
	}
	return result.Same
}

// invalid says why a run decides nothing: the side that all is compared with does
// not answer, or nothing was asked.
func invalid(r *result.Run) []string {
	if len(r.Requests) == 0 {
		return []string{fmt.Sprintf("no request was sent (%d skipped)", len(r.Skipped))}
	}
	failures := map[string]int{}
	for _, q := range r.Requests {
		if f := q.Before["failure"]; f != "" {
			failures[f]++
		}
	}
	for failure, count := range failures {
		if count == len(r.Requests) {
			return []string{fmt.Sprintf("%s answers no request (%s)", r.Sides[0].Name, failure)}
		}
	}
	return nil
}
