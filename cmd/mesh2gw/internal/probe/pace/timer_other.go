//go:build !linux

package pace

import "time"

// timer waits by the runtime's timers, which may be a millisecond late.
type timer struct{ stop chan struct{} }

func newTimer() (*timer, error) { return &timer{make(chan struct{})}, nil }

// until waits for a time, or until wake is called.
func (t *timer) until(at time.Time) error {
	select {
	case <-t.stop:
	case <-time.After(time.Until(at)):
	}
	return nil
}

// wake ends until, now and ever after. It is called once.
func (t *timer) wake() { close(t.stop) }

func (t *timer) close() {}
