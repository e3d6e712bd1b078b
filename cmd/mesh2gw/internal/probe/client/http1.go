package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// conn is an idle or busy HTTP/1.1 connection.
type conn struct {
	net.Conn
	r *bufio.Reader
}

// readerSize holds the header of an answer: a longer line is an error.
const readerSize = 32 << 10

// http1 sends p over an idle connection, or a new one.
func (c *Client) http1(p *Prepared, o Options) Answer {
	k, reused := c.idle[p.target], true
	if k == nil {
		return c.fresh(p, o, false)
	}
	a := c.exchange(k, p, o)
	a.Reused = reused
	if a.Failure == Reset && a.FirstByte.IsZero() && p.again && c.ctx.Err() == nil {
		// The server may close an idle connection at any time (RFC 9112, 9.3.1).
		return c.fresh(p, o, true)
	}
	return a
}

// fresh sends p over a new connection.
func (c *Client) fresh(p *Prepared, o Options, again bool) Answer {
	start := time.Now()
	limited, cancel := context.WithTimeout(c.ctx, c.side.timeout())
	defer cancel()
	raw, err := c.side.dial(limited, p.target, "http/1.1")
	if err != nil {
		return Answer{Failure: failureOf(err), Err: err, Sent: start, Done: time.Now(), Again: again}
	}
	dialled := time.Since(start)
	a := c.exchange(&conn{raw, bufio.NewReaderSize(raw, readerSize)}, p, o)
	a.Dial, a.Again = dialled, again
	return a
}

// exchange sends p over k, which is idle again afterwards or closed.
func (c *Client) exchange(k *conn, p *Prepared, o Options) Answer {
	delete(c.idle, p.target)
	var a Answer
	a.Sent = time.Now()
	c.busy.Store(k)
	err := c.ctx.Err() // which may have ended before k was there to be closed
	if err == nil {
		err = k.SetDeadline(a.Sent.Add(c.side.timeout()))
	}
	if err == nil {
		_, err = k.Write(p.raw)
	}
	var keep bool
	if err == nil {
		keep, err = k.answer(&a, p, o)
	}
	a.Done = time.Now()
	c.busy.Store(nil)
	if err == nil && keep && k.r.Buffered() == 0 {
		c.idle[p.target] = k
		return a
	}
	k.Close()
	if err != nil {
		if c.ctx.Err() != nil {
			err = c.ctx.Err()
		}
		a.Failure, a.Err = failureOf(err), err
	}
	return a
}

// message is what the header of an answer says of its body.
type message struct {
	length  int64 // -1: not said
	chunked bool
	close   bool // the connection ends with the answer
}

// answer reads a whole answer; keep tells whether the connection may go on.
func (k *conn) answer(a *Answer, p *Prepared, o Options) (keep bool, err error) {
	if _, err := k.r.Peek(1); err != nil {
		return false, err
	}
	a.FirstByte = time.Now()
	for {
		minor, err := k.statusLine(a)
		if err != nil {
			return false, err
		}
		m := message{length: -1, close: minor == 0}
		if err := k.header(a, &m, o.Keep); err != nil {
			return false, err
		}
		switch {
		case a.Status == http.StatusSwitchingProtocols:
			return false, nil
		case a.Status < 200: // an interim answer, as 100 or 103 (RFC 9110, 15.2)
			a.Header = nil
			continue
		case p.head || a.Status == http.StatusNoContent || a.Status == http.StatusNotModified:
			return !m.close, nil
		}
		return !m.close && (m.chunked || m.length >= 0), k.body(a, m, o)
	}
}

// statusLine reads "HTTP/1.1 200 OK".
func (k *conn) statusLine(a *Answer) (minor byte, err error) {
	line, err := k.line()
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return 0, protocolError("it begins with %.40q", line)
	}
	a.Status = 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return 0, protocolError("it begins with %.40q", line)
		}
		a.Status = 10*a.Status + int(c-'0')
	}
	a.Proto = "HTTP/1.1"
	if line[7] == '0' {
		a.Proto = "HTTP/1.0"
	}
	return line[7] - '0', nil
}

// line is the next line without its end. It is valid until the next read.
func (k *conn) line() ([]byte, error) {
	line, err := k.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, protocolError("a line is longer than %d bytes", readerSize)
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

// mostHeaders bounds the lines of a header.
const mostHeaders = 1000

// header reads the fields up to the empty line.
func (k *conn) header(a *Answer, m *message, keep bool) error {
	if keep {
		a.Header = http.Header{}
	}
	for range mostHeaders {
		line, err := k.line()
		if err != nil || len(line) == 0 {
			return err
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			return protocolError("a header line is %.40q", line)
		}
		name, value := line[:colon], bytes.TrimSpace(line[colon+1:])
		if err := m.field(name, value); err != nil {
			return err
		}
		if keep {
			a.Header.Add(string(name), string(value))
		}
	}
	return protocolError("it has more than %d headers", mostHeaders)
}

// field takes in what says how long the body is (RFC 9112, 6.3).
func (m *message) field(name, value []byte) error {
	switch {
	case is(name, "content-length"):
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || n < 0 || m.length >= 0 && m.length != n {
			return protocolError("Content-Length is %.40q", value)
		}
		m.length = n
	case is(name, "transfer-encoding"):
		if !is(value, "chunked") {
			return protocolError("Transfer-Encoding is %.40q", value)
		}
		m.chunked = true
	case is(name, "connection"):
		m.close = m.close && !is(value, "keep-alive") || is(value, "close")
	}
	return nil
}

// is compares without case, and without allocating.
func is(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// body reads the body, and keeps it where that is asked for.
func (k *conn) body(a *Answer, m message, o Options) error {
	sink := &sink{keep: o.Keep, limit: o.Limit}
	var err error
	switch {
	case m.chunked:
		err = k.chunks(sink)
	case m.length >= 0:
		err = k.copy(sink, m.length)
	default: // up to the end of the connection
		err = k.copy(sink, -1)
	}
	a.Body, a.Size = sink.kept, sink.size
	return err
}

// sink takes a body.
type sink struct {
	keep        bool
	limit, size int64
	kept        []byte
}

func (s *sink) take(b []byte) {
	s.size += int64(len(b))
	if room := s.limit - int64(len(s.kept)); s.keep && room > 0 {
		s.kept = append(s.kept, b[:min(int64(len(b)), room)]...)
	}
}

// copy moves n bytes, or all that come for -1.
func (k *conn) copy(to *sink, n int64) error {
	for n != 0 {
		if _, err := k.r.Peek(1); err != nil {
			switch {
			case errors.Is(err, io.EOF) && n < 0:
				return nil
			case errors.Is(err, io.EOF):
				return io.ErrUnexpectedEOF
			}
			return err
		}
		here := k.r.Buffered()
		if n > 0 {
			here = int(min(int64(here), n))
			n -= int64(here)
		}
		b, _ := k.r.Peek(here)
		to.take(b)
		if _, err := k.r.Discard(here); err != nil {
			return err
		}
	}
	return nil
}

// chunks reads a chunked body and its trailer (RFC 9112, 7.1).
func (k *conn) chunks(to *sink) error {
	for {
		line, err := k.line()
		if err != nil {
			return err
		}
		size, _, _ := strings.Cut(string(line), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
		if err != nil {
			return protocolError("the size of a chunk is %.40q", line)
		}
		if n == 0 {
			return k.header(&Answer{}, &message{length: -1}, false)
		}
		if err := k.copy(to, int64(n)); err != nil {
			return err
		}
		if line, err = k.line(); err != nil {
			return err
		}
		if len(line) != 0 {
			return protocolError("a chunk ends with %.40q", line)
		}
	}
}
