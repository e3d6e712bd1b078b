// Package client sends one request at a time to one side of a comparison, as
// cheaply as it goes, and says when each part of the exchange happened.
//
// HTTP/1.1 goes over connections of its own: a request is bytes that were made
// once, and the parser allocates nothing where the body is not kept. That costs
// less than half of net/http's CPU per request, which matters because the probe
// shares the machine with what it measures. HTTP/2 and gRPC go through net/http.
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Side is where one half of a comparison is.
type Side struct {
	Name    string
	Base    map[string]*url.URL // by scheme of a request: scheme and host[:port] count, and nothing else
	Direct  bool                // requests go to their own Host, where Base has nothing for the scheme
	Resolve map[string]string   // host:port that would be dialled -> host:port that is
	TLS     *tls.Config         // nil: verified by the system's authorities
	Timeout time.Duration       // of a whole exchange; 0 is DefaultTimeout
	Bearer  string              // token for Authorization, unless the request has its own; never printed
}

// DefaultTimeout is how long an exchange may take.
const DefaultTimeout = 10 * time.Second

// Failure says why there is no answer.
type Failure string

// The failures. All but Timeout say nothing of how long the side would have taken.
const (
	None     Failure = ""
	DNS      Failure = "dns"      // the name can't be resolved
	Refused  Failure = "refused"  // nothing listens, or no way there
	TLS      Failure = "tls"      // no session: certificate, version, name
	Timeout  Failure = "timeout"  // no whole answer in time
	Reset    Failure = "reset"    // the connection ended before the answer did
	Protocol Failure = "protocol" // what came is no HTTP
	Canceled Failure = "canceled" // by us
)

// Answer is what came back.
type Answer struct {
	Failure Failure
	Err     error // of a Failure
	Status  int
	GRPC    string      // status of a gRPC call: "0"; "" for others
	Proto   string      // "HTTP/1.1", "HTTP/2.0"
	Header  http.Header // with Options.Keep; else nil
	Body    []byte      // likewise, at most Options.Limit
	Size    int64       // of the body, in bytes, as it came

	Sent      time.Time // before the first byte of the request is written
	FirstByte time.Time // of the answer
	Done      time.Time // after the last
	Reused    bool      // of a connection that was there
	Again     bool      // sent twice, since the first connection was closed while it was idle
	Dial      time.Duration
}

// Options say what to do with an answer.
type Options struct {
	Keep  bool  // header and body; else both are read and dropped
	Limit int64 // bytes of body to keep; 0 is 1 MiB
}

// Client sends requests of one side, one after the other: each worker has its own.
type Client struct {
	ctx  context.Context // of all that it sends
	side *Side
	idle map[target]*conn
	h2   map[target]*http.Transport
	busy atomic.Pointer[conn] // closed when ctx ends
	stop func() bool

	mu     sync.Mutex // net/http dials on goroutines of its own
	opened []net.Conn // for HTTP/2
	closed bool
}

// New makes a client without connections. When ctx ends, so does what it sends:
// the context belongs to the client and not to each request, since watching one
// per request costs allocations.
func New(ctx context.Context, s *Side) *Client {
	c := &Client{ctx: ctx, side: s, idle: map[target]*conn{}, h2: map[target]*http.Transport{}}
	c.stop = context.AfterFunc(ctx, func() {
		if k := c.busy.Load(); k != nil {
			k.Close()
		}
	})
	return c
}

// Close closes what is open.
func (c *Client) Close() {
	c.stop()
	for _, k := range c.idle {
		k.Close()
	}
	for _, t := range c.h2 {
		t.CloseIdleConnections()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, k := range c.opened { // those too that wait for an answer
		k.Close()
	}
}

// Do sends p and reads the whole answer.
func (c *Client) Do(p *Prepared, o Options) Answer {
	if o.Limit == 0 {
		o.Limit = 1 << 20
	}
	if p.raw == nil {
		return c.http2(p, o)
	}
	return c.http1(p, o)
}

func (s *Side) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return DefaultTimeout
}

// config is the TLS configuration for a server name.
func (s *Side) config(name string, protocols ...string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = name
	}
	config.NextProtos = protocols
	return config
}

// dial opens a connection to t, with TLS where t asks for it.
func (s *Side) dial(ctx context.Context, t target, protocols ...string) (net.Conn, error) {
	address := t.address
	if to, ok := s.Resolve[address]; ok {
		address = to
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil || !t.tls {
		return raw, err
	}
	secured := tls.Client(raw, s.config(t.name, protocols...))
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, &handshakeError{err}
	}
	return secured, nil
}

// handshakeError tells a TLS session that could not be had.
type handshakeError struct{ error }

func (e *handshakeError) Unwrap() error { return e.error }

// failureOf sorts an error of an exchange.
func failureOf(err error) Failure {
	var dns *net.DNSError
	var handshake *handshakeError
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.As(err, &handshake):
		return TLS
	case errors.As(err, &op) && op.Op == "dial":
		return Refused
	case errors.Is(err, errProtocol):
		return Protocol
	}
	return Reset
}

// errProtocol is wrapped by what is said of answers that are no HTTP.
var errProtocol = errors.New("no HTTP answer")

func protocolError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errProtocol, fmt.Sprintf(format, args...))
}
