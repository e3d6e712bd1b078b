package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// http2 sends p through net/http: HTTP/2 over TLS or in the clear, and gRPC.
func (c *Client) http2(p *Prepared, o Options) Answer {
	var a Answer
	limited, cancel := context.WithTimeout(c.ctx, c.side.timeout())
	defer cancel()
	a.Sent = time.Now()
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			a.Reused, a.Dial = i.Reused, time.Since(a.Sent)
			if !i.Reused {
				a.Sent = time.Now() // opening a connection is not part of the service
			}
		},
	})
	response, err := c.transport(p.target).RoundTrip(p.request(traced))
	if err == nil {
		a.FirstByte = time.Now() // of the header; the trace has it on HTTP/1.1 only
		err = readAnswer(&a, response, o)
	}
	a.Done = time.Now()
	if err != nil {
		if c.ctx.Err() != nil {
			err = c.ctx.Err()
		}
		a.Failure, a.Err = failureOf(err), err
	}
	return a
}

// request is p for net/http.
func (p *Prepared) request(ctx context.Context) *http.Request {
	scheme := "http"
	if p.tls {
		scheme = "https"
	}
	u := *p.url
	u.Scheme, u.Host = scheme, p.address
	r := (&http.Request{Method: p.method, URL: &u, Host: p.host, Header: http.Header{}, Proto: "HTTP/2.0", ProtoMajor: 2}).WithContext(ctx)
	for name, value := range p.header {
		r.Header.Set(name, value)
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "mesh2gw-probe")
	}
	if len(p.body) > 0 {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(p.body)), int64(len(p.body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.body)), nil }
	}
	return r
}

// transport is the one for connections to t.
func (c *Client) transport(t target) *http.Transport {
	if known := c.h2[t]; known != nil {
		return known
	}
	protocols := new(http.Protocols)
	if t.tls {
		protocols.SetHTTP2(true)
	} else {
		protocols.SetUnencryptedHTTP2(true)
	}
	made := &http.Transport{
		Protocols: protocols, DisableCompression: true, MaxConnsPerHost: 1, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			plain := t
			plain.tls = false
			return c.open(c.side.dial(ctx, plain))
		},
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, err := c.side.dial(ctx, t, "h2")
			if err != nil {
				return nil, err
			}
			if state := conn.(*tls.Conn).ConnectionState(); state.NegotiatedProtocol != "h2" {
				conn.Close()
				return nil, &handshakeError{protocolError("the server does not speak HTTP/2")}
			}
			return c.open(conn, nil)
		},
	}
	c.h2[t] = made
	return made
}

// open remembers a connection, so that Close closes it.
func (c *Client) open(k net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		k.Close()
		return nil, net.ErrClosed
	}
	c.opened = append(c.opened, k)
	return k, nil
}

// readAnswer reads the body and the trailer.
func readAnswer(a *Answer, r *http.Response, o Options) error {
	defer r.Body.Close()
	a.Status, a.Proto = r.StatusCode, r.Proto
	s := &sink{keep: o.Keep, limit: o.Limit}
	_, err := io.Copy(writer{s}, r.Body)
	a.Body, a.Size = s.kept, s.size
	if o.Keep {
		a.Header = r.Header
	}
	a.GRPC = r.Trailer.Get("Grpc-Status")
	if a.GRPC == "" {
		a.GRPC = r.Header.Get("Grpc-Status") // an answer without a message (PROTOCOL-HTTP2.md, Trailers-Only)
	}
	return err
}

// writer makes a sink an io.Writer.
type writer struct{ *sink }

// Write takes all of b.
func (w writer) Write(b []byte) (int, error) {
	w.take(b)
	return len(b), nil
}
