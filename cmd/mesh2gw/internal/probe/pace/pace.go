// Package pace sends at the times of a schedule that does not wait for answers
// (an open loop), and says how late it was itself.
//
// A client that waits for an answer before it sends the next request measures
// few requests while the server stalls, and a quantile then hides the stall
// ("coordinated omission"). Here the schedule is made before the run, and when
// all connections are busy more are opened.
package pace

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Shot is one thing to do at a time.
type Shot struct {
	At    time.Duration // since the start of the run
	Index int           // the caller's number of it
}

// Worker does shots, one after the other. Each has connections of its own.
type Worker struct {
	// Do does shot index, which was due at planned and was handed over at fired.
	Do    func(index int, fired time.Duration)
	Close func()
}

// Report says how a run went.
type Report struct {
	Start   time.Time
	Fired   int           // shots handed over
	Workers int           // that were started
	Queued  int           // shots that had to wait for a worker, since Most were busy
	Lag     []int64       // of each shot in the order of the schedule, ns: handed over later than planned. It is ours, not the side's
	Took    time.Duration // until the last answer
}

// Pacer runs schedules.
type Pacer struct {
	Most  int           // workers; 0 is DefaultMost
	New   func() Worker // called on the pacer's goroutine
	Start time.Time     // what times are counted from; zero: when Run is called
}

// DefaultMost bounds the connections to each side.
const DefaultMost = 1000

// grain is how long a wait lasts at least: at a high rate a timer for each shot would
// cost more than the request. The lag says how late that makes a shot.
const grain = 50 * time.Microsecond

// run is one run.
type run struct {
	Pacer
	report Report
	jobs   chan job // has room for all shots
	// free is how many workers wait, less the shots that wait for one. Handing a
	// shot over takes one and a worker that is done gives one, so that no shot waits
	// for a worker that is about to be busy.
	free  atomic.Int64
	group sync.WaitGroup
}

type job struct {
	index int
	fired time.Duration
}

// Run does shots, which are ordered by time, and waits for the last. When ctx
// ends, the shots that are left are not done.
func (p Pacer) Run(ctx context.Context, shots []Shot) (Report, error) {
	timer, err := newTimer()
	if err != nil {
		return Report{}, err
	}
	defer timer.close()
	if p.Most <= 0 {
		p.Most = DefaultMost
	}
	r := &run{Pacer: p, jobs: make(chan job, len(shots))}
	r.report.Lag = make([]int64, 0, len(shots))
	stop := context.AfterFunc(ctx, timer.wake)
	defer stop()
	r.report.Start = p.Start
	if p.Start.IsZero() {
		r.report.Start = time.Now()
	}
	var woke time.Duration
	for _, s := range shots {
		if at := max(s.At, woke+grain); s.At > time.Since(r.report.Start) {
			err = timer.until(r.report.Start.Add(at))
			woke = time.Since(r.report.Start)
		}
		if err != nil || ctx.Err() != nil {
			break
		}
		r.fire(s)
	}
	close(r.jobs)
	r.group.Wait()
	r.report.Took = time.Since(r.report.Start)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return r.report, err
}

// fire hands a shot to a worker that waits, or to a new one, or lets it wait.
func (r *run) fire(s Shot) {
	j := job{s.Index, time.Since(r.report.Start)}
	r.report.Fired++
	r.report.Lag = append(r.report.Lag, int64(j.fired-s.At))
	if r.free.Add(-1) < 0 {
		if r.report.Workers < r.Most {
			r.free.Add(1)
			r.start(j)
			return
		}
		r.report.Queued++
	}
	r.jobs <- j
}

// start makes a worker, whose first job is j.
func (r *run) start(j job) {
	r.report.Workers++
	w := r.New()
	r.group.Go(func() {
		defer w.Close()
		w.Do(j.index, j.fired)
		r.free.Add(1)
		for j := range r.jobs {
			w.Do(j.index, j.fired)
			r.free.Add(1)
		}
	})
}

// Jittered spreads count shots evenly over a time, each moved at random within its
// own share of it: no beat with whatever else runs at that rate, and no bursts.
// The same seed makes the same schedule.
func Jittered(count int, over time.Duration, seed uint64) []Shot {
	random := rand.New(rand.NewPCG(seed, 0x6d657368326777))
	share := float64(over) / float64(max(count, 1))
	shots := make([]Shot, count)
	for i := range shots {
		shots[i] = Shot{time.Duration((float64(i) + random.Float64()) * share), i}
	}
	return shots
}
