package pace

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// collect makes workers that note what they do.
type collect struct {
	mu     sync.Mutex
	done   []int
	early  int
	shots  []Shot
	made   int
	closed atomic.Int64
	busy   func(index int) // what a worker does with a shot
}

func (c *collect) worker() Worker {
	c.made++
	return Worker{
		Do: func(index int, fired time.Duration) {
			if c.busy != nil {
				c.busy(index)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.done = append(c.done, index)
			if fired < c.shots[index].At {
				c.early++
			}
		},
		Close: func() { c.closed.Add(1) },
	}
}

func TestEveryShotOnce(t *testing.T) {
	c := &collect{shots: Jittered(500, 100*time.Millisecond, 1)}
	report, err := Pacer{New: c.worker}.Run(context.Background(), c.shots)
	if err != nil || report.Fired != 500 || len(report.Lag) != 500 || c.early > 0 {
		t.Fatalf("%+v, %v, %d early", report, err, c.early)
	}
	slices.Sort(c.done)
	for i, index := range c.done {
		if i != index {
			t.Fatalf("shot %d is missing or done twice", i)
		}
	}
	if c.made != report.Workers || int(c.closed.Load()) != report.Workers || report.Queued > 0 {
		t.Errorf("%d workers made, %d closed: %+v", c.made, c.closed.Load(), report)
	}
}

// TestOpenLoop: while the first answers are held back, the rest goes on, over more
// workers; past the most, shots wait, and none is lost.
func TestOpenLoop(t *testing.T) {
	for _, most := range []int{0, 3} {
		release := make(chan bool)
		started := make(chan int, 100)
		c := &collect{shots: Jittered(20, 20*time.Millisecond, 2)}
		c.busy = func(index int) {
			started <- index
			<-release
		}
		var report Report
		ended := make(chan error)
		go func() {
			var err error
			report, err = Pacer{Most: most, New: c.worker}.Run(context.Background(), c.shots)
			ended <- err
		}()
		wanted := 20
		if most > 0 {
			wanted = most
		}
		for range wanted { // hangs, and fails by the test's deadline, where the loop is closed
			<-started
		}
		close(release)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if len(c.done) != 20 || report.Workers != wanted {
			t.Errorf("most %d: %d done, %+v", most, len(c.done), report)
		}
	}
}

// TestShotsWait counts the shots that find all workers busy.
func TestShotsWait(t *testing.T) {
	release := make(chan bool)
	c := &collect{shots: make([]Shot, 20), busy: func(int) { <-release }}
	r := &run{Pacer: Pacer{Most: 3, New: c.worker}, jobs: make(chan job, 20)}
	for i := range 20 {
		r.fire(Shot{0, i})
	}
	if r.report.Queued != 17 || r.report.Workers != 3 {
		t.Errorf("%+v", r.report)
	}
	close(release)
	close(r.jobs)
	r.group.Wait()
	if len(c.done) != 20 || r.free.Load() != 3 {
		t.Errorf("%d done, %d workers free", len(c.done), r.free.Load())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &collect{shots: []Shot{{0, 0}, {time.Hour, 1}}}
	c.busy = func(int) { cancel() }
	report, err := Pacer{New: c.worker}.Run(ctx, c.shots)
	if !errors.Is(err, context.Canceled) || report.Fired != 1 || len(c.done) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if report, err := (Pacer{New: c.worker}).Run(ctx, c.shots); !errors.Is(err, context.Canceled) || report.Fired != 0 {
		t.Errorf("after the end: %+v, %v", report, err)
	}
}

func TestJittered(t *testing.T) {
	a, b, other := Jittered(1000, time.Second, 7), Jittered(1000, time.Second, 7), Jittered(1000, time.Second, 8)
	if !slices.Equal(a, b) || slices.Equal(a, other) {
		t.Error("the seed does not decide")
	}
	for i, s := range a {
		if from := time.Duration(i) * time.Millisecond; s.Index != i || s.At < from || s.At > from+time.Millisecond {
			t.Fatalf("shot %d is at %s", i, s.At)
		}
	}
	if len(Jittered(0, time.Second, 1)) != 0 {
		t.Error("shots out of nothing")
	}
}

// BenchmarkLag reports how late shots are at 500 a second.
func BenchmarkLag(b *testing.B) {
	var lag []int64
	for b.Loop() {
		c := &collect{shots: Jittered(250, 500*time.Millisecond, 1)}
		report, err := Pacer{New: c.worker}.Run(context.Background(), c.shots)
		if err != nil {
			b.Fatal(err)
		}
		lag = append(lag, report.Lag...)
	}
	slices.Sort(lag)
	b.ReportMetric(float64(lag[len(lag)/2])/1e3, "µs-p50")
	b.ReportMetric(float64(lag[len(lag)*99/100])/1e3, "µs-p99")
}
