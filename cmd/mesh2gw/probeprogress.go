package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress shows how far a run is, in one line that it writes over; nothing where
// nobody looks on.
type progress struct {
	w  io.Writer // nil: nobody looks on
	mu sync.Mutex
	at time.Time // of what is shown

	also func(done, of int) // told of compared requests too; nil for nobody
}

// progressOn shows progress on w if that is a terminal.
func progressOn(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return &progress{w: w}
	}
	return &progress{}
}

// oftenEnough is how long a line is shown at least.
const oftenEnough = 100 * time.Millisecond

// requests is trial.Options.Progress.
func (p *progress) requests(done, of int) {
	if p.also != nil {
		p.also(done, of)
	}
	p.show(done == of, "%d of %d requests", done, of)
}

// load counts the time of a load until end is called.
func (p *progress) load(over time.Duration) (end func()) {
	if p.w == nil {
		return func() {}
	}
	start, done := time.Now(), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				p.clear()
				return
			case <-tick.C:
				p.show(true, "measuring latency: %d of %d s", int(time.Since(start).Seconds()), int(over.Seconds()))
			}
		}
	})
	return func() {
		close(done)
		group.Wait()
	}
}

func (p *progress) show(surely bool, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil || !surely && time.Since(p.at) < oftenEnough {
		return
	}
	p.at = time.Now()
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
}

// clear leaves the line empty for what is printed next.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
