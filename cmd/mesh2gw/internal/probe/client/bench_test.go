package client

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

// echo answers each request on a connection without allocating: requests end
// with an empty line, and the answer is 1 KB.
func echo(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	answer := append([]byte("HTTP/1.1 200 OK\r\nServer: echo\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n"), bytes.Repeat([]byte("x"), 1024)...)
	end := []byte("\r\n\r\n")
	go func() {
		for {
			k, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer k.Close()
				room := make([]byte, 4096)
				for n := 0; ; {
					m, err := k.Read(room[n:])
					if err != nil {
						return
					}
					if n += m; bytes.HasSuffix(room[:n], end) {
						n = 0
						if _, err := k.Write(answer); err != nil {
							return
						}
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func prepared(tb testing.TB, address string) (*Client, *Prepared) {
	tb.Helper()
	u, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Side{Name: "before", Base: map[string]*url.URL{"http": u.URL}}
	p, err := s.Prepare(&plan.Request{Host: "shop.example.com", Path: "/", Headers: map[string]string{"x": "y"}})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := New(ctx, s)
	tb.Cleanup(func() { c.Close(); cancel() })
	return c, p
}

// TestNoAllocation holds the measuring path to none per request.
func TestNoAllocation(t *testing.T) {
	c, p := prepared(t, echo(t))
	if a := c.Do(p, Options{}); a.Status != 200 || a.Size != 1024 {
		t.Fatalf("%+v", a)
	}
	if n := testing.AllocsPerRun(200, func() {
		if a := c.Do(p, Options{}); a.Failure != None || !a.Reused {
			t.Errorf("%+v", a)
		}
	}); n >= 1 {
		t.Errorf("%g allocations a request", n)
	}
}

// BenchmarkDo compares with net/http, tuned as well as it goes.
func BenchmarkDo(b *testing.B) {
	address := echo(b)
	b.Run("own", func(b *testing.B) {
		c, p := prepared(b, address)
		b.ReportAllocs()
		for b.Loop() {
			if a := c.Do(p, Options{}); a.Failure != None {
				b.Fatal(a.Err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		transport := &http.Transport{DisableCompression: true}
		defer transport.CloseIdleConnections()
		request, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			response, err := transport.RoundTrip(request)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				b.Fatal(err)
			}
			response.Body.Close()
		}
	})
}
