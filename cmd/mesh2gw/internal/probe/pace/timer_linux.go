package pace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// timer waits by a timerfd that the runtime's poller reads: about 0.1 ms late,
// where time.Sleep wakes up to a millisecond late, since the poller waits for whole
// milliseconds (runtime/netpoll_epoll.go).
type timer struct {
	file *os.File
	room [8]byte
}

func newTimer() (*timer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	return &timer{file: os.NewFile(uintptr(fd), "timerfd")}, nil
}

// until waits for a time, or until wake is called.
func (t *timer) until(at time.Time) error {
	wait := time.Until(at)
	if wait <= 0 {
		return nil
	}
	raw, err := t.file.SyscallConn()
	if err != nil {
		return t.woken(err)
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(wait))}
	if cerr := raw.Control(func(fd uintptr) { err = unix.TimerfdSettime(int(fd), 0, &spec, nil) }); cerr != nil || err != nil {
		return t.woken(errors.Join(cerr, err))
	}
	n, err := t.file.Read(t.room[:])
	if err == nil && (n != len(t.room) || binary.NativeEndian.Uint64(t.room[:]) == 0) {
		return fmt.Errorf("timerfd: read %d bytes", n)
	}
	return t.woken(err)
}

// woken is err, or nil where wake has closed the file.
func (t *timer) woken(err error) error {
	if errors.Is(err, os.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// wake ends until, now and ever after. It may be called at any time.
func (t *timer) wake() { _ = t.file.SetReadDeadline(time.Unix(1, 0)) }

func (t *timer) close() { t.file.Close() }
