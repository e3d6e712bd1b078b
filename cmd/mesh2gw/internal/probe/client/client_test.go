package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

// side is one with the URL of a server.
func side(t *testing.T, address string) *Side {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &Side{Name: "before", Base: map[string]*url.URL{u.Scheme: u}, Timeout: 5 * time.Second}
}

// ask sends requests to a side, one after the other by one client.
func ask(t *testing.T, s *Side, requests ...plan.Request) []Answer {
	t.Helper()
	c := New(context.Background(), s)
	defer c.Close()
	var all []Answer
	for _, r := range requests {
		p, err := s.Prepare(&r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Do(p, Options{Keep: true}))
	}
	return all
}

// raw answers each connection's requests with texts, one each, and closes it
// behind the last. An empty text closes at once.
func raw(t *testing.T, texts ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			k, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer k.Close()
				r := bufio.NewReader(k)
				for _, text := range texts {
					if _, err := http.ReadRequest(r); err != nil || text == "" {
						return
					}
					if _, err := io.WriteString(k, text); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		text   string
		method string
		want   string // status, size, body, failure
	}{
		"length":               {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "", "200 3 abc "},
		"no reason":            {"HTTP/1.1 204\r\n\r\n", "", "204 0  "},
		"chunks":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nx: y\r\n\r\n", "", "200 5 abcde "},
		"up to the end":        {"HTTP/1.1 200 OK\r\n\r\nabc", "", "200 3 abc "},
		"interim answers":      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx", "", "200 1 x "},
		"head":                 {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD", "200 0  "},
		"not modified":         {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "", "304 0  "},
		"1.0":                  {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "", "200 1 x "},
		"bare line feeds":      {"HTTP/1.1 200 OK\ncontent-length: 1\n\nx", "", "200 1 x "},
		"nothing":              {"", "POST", "0 0  reset"},
		"garbage":              {"SSH-2.0-OpenSSH_9.2\r\n", "", "0 0  protocol"},
		"not a number":         {"HTTP/1.1 2x0 OK\r\n\r\n", "", "2 0  protocol"},
		"bad length":           {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "", "200 0  protocol"},
		"two lengths":          {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "", "200 0  protocol"},
		"unknown coding":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "", "200 0  protocol"},
		"bad chunk":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "", "200 0  protocol"},
		"header without colon": {"HTTP/1.1 200 OK\r\nabc\r\n\r\n", "", "200 0  protocol"},
		"long line":            {"HTTP/1.1 200 OK\r\na: " + strings.Repeat("x", readerSize) + "\r\n\r\n", "", "200 0  protocol"},
		"half a header":        {"HTTP/1.1 200 OK\r\nConte", "", "200 0  reset"},
		"half a body":          {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "", "200 3 abc reset"},
		"half a chunk":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "", "200 3 abc reset"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := ask(t, side(t, raw(t, test.text)), plan.Request{Host: "a", Path: "/", Method: test.method})[0]
			if got := fmt.Sprintf("%d %d %s %s", a.Status, a.Size, a.Body, a.Failure); got != test.want {
				t.Errorf("got %q (%v), want %q", got, a.Err, test.want)
			}
			if (a.Failure == None) != (a.Err == nil) || a.Done.Before(a.Sent) || a.Failure == None && (a.FirstByte.Before(a.Sent) || a.Done.Before(a.FirstByte)) {
				t.Errorf("times or error do not fit: %+v", a)
			}
		})
	}
}

// TestConnections counts the connections that a server sees.
func TestConnections(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
	get, post := plan.Request{Host: "a", Path: "/"}, plan.Request{Host: "a", Path: "/", Method: "POST"}
	t.Run("are used again", func(t *testing.T) {
		for i, a := range ask(t, side(t, raw(t, ok, ok, ok)), get, post, get) {
			if a.Status != 200 || a.Reused != (i > 0) || a.Again {
				t.Errorf("request %d: %+v", i, a)
			}
		}
	})
	t.Run("closed while idle, a safe request goes again", func(t *testing.T) {
		all := ask(t, side(t, raw(t, ok)), get, get)
		if a := all[1]; a.Status != 200 || !a.Again || a.Failure != None {
			t.Errorf("%+v", a)
		}
	})
	t.Run("closed while idle, another does not", func(t *testing.T) {
		all := ask(t, side(t, raw(t, ok)), get, post)
		if a := all[1]; a.Failure != Reset || a.Again {
			t.Errorf("%+v", a)
		}
	})
	t.Run("closed by the answer", func(t *testing.T) {
		for _, a := range ask(t, side(t, raw(t, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")), get, get) {
			if a.Status != 200 || a.Reused || a.Again {
				t.Errorf("%+v", a)
			}
		}
	})
}

func TestWhatIsSent(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- fmt.Sprintf("%s %s %s x=%q auth=%q ua=%q encoding=%q body=%q", r.Method, r.Host, r.RequestURI, r.Header.Values("X"), r.Header.Get("Authorization"), r.UserAgent(), r.Header.Get("Accept-Encoding"), body)
	}))
	defer server.Close()
	s := side(t, server.URL)
	s.Bearer = "secret"
	for _, test := range []struct {
		request plan.Request
		want    string
	}{
		{plan.Request{Host: "shop.example.com", Path: "/a%20b?c=d"}, `GET shop.example.com /a%20b?c=d x=[] auth="Bearer secret" ua="mesh2gw-probe" encoding="" body=""`},
		{plan.Request{Host: "shop.example.com:81", Path: "/", Method: "POST", Body: "x=1", Headers: map[string]string{"x": "", "authorization": "own", "user-agent": "me"}}, `POST shop.example.com:81 / x=[""] auth="own" ua="me" encoding="" body="x=1"`},
		{plan.Request{Host: "a", Path: "/", Method: "DELETE", Headers: map[string]string{"Host": "b", "Content-Length": "9"}}, `DELETE a / x=[] auth="Bearer secret" ua="mesh2gw-probe" encoding="" body=""`},
	} {
		ask(t, s, test.request)
		if got := <-got; got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestFailures(t *testing.T) {
	quit := make(chan bool) // a server does not always see that the client has gone
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-quit }))
	defer slow.Close()
	defer close(quit)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	defer plain.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	trusted := &tls.Config{RootCAs: roots}
	tests := map[string]struct {
		url, host, scheme, protocol string
		tls                         *tls.Config
		want                        Failure
	}{
		"nothing listens":         {url: closed.URL, want: Refused},
		"no such name":            {url: "http://nothing.invalid", want: DNS},
		"no answer":               {url: slow.URL, want: Timeout},
		"no answer over h2c":      {url: slow.URL, protocol: "h2c", want: Timeout},
		"unknown authority":       {url: secure.URL, scheme: "https", want: TLS},
		"another name":            {url: secure.URL, scheme: "https", tls: trusted, host: "shop.test", want: TLS},
		"no TLS there":            {url: strings.Replace(plain.URL, "http", "https", 1), scheme: "https", want: TLS},
		"TLS":                     {url: secure.URL, scheme: "https", tls: trusted, host: "example.com", want: None},
		"server without HTTP/2":   {url: secure.URL, scheme: "https", protocol: "h2", tls: trusted, host: "example.com", want: TLS},
		"unknown authority of h2": {url: secure.URL, scheme: "https", protocol: "h2", host: "example.com", want: TLS},
		"nothing listens for h2c": {url: closed.URL, protocol: "h2c", want: Refused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := side(t, test.url)
			s.TLS, s.Timeout = test.tls, 300*time.Millisecond
			if test.want != Timeout {
				s.Timeout = 5 * time.Second
			}
			host := test.host
			if host == "" {
				host = "example.com"
			}
			a := ask(t, s, plan.Request{Host: host, Path: "/", Scheme: test.scheme, Protocol: test.protocol})[0]
			if a.Failure != test.want {
				t.Errorf("got %q (%v), want %q", a.Failure, a.Err, test.want)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	asked, quit := make(chan bool, 1), make(chan bool)
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- true
		<-quit
	}))
	defer slow.Close()
	defer close(quit)
	for _, protocol := range []string{"", "h2c"} {
		ctx, cancel := context.WithCancel(context.Background())
		s := side(t, slow.URL)
		p, err := s.Prepare(&plan.Request{Host: "a", Path: "/", Protocol: protocol})
		if err != nil {
			t.Fatal(err)
		}
		c := New(ctx, s)
		if protocol == "" {
			go func() { <-asked; cancel() }()
		} else {
			cancel()
		}
		if a := c.Do(p, Options{}); a.Failure != Canceled {
			t.Errorf("%q: got %q (%v)", protocol, a.Failure, a.Err)
		}
		if a := c.Do(p, Options{}); a.Failure != Canceled {
			t.Errorf("%q, again: got %q (%v)", protocol, a.Failure, a.Err)
		}
		c.Close()
		cancel()
	}
}

func TestResolveAndName(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Proto, r.Host, r.TLS.ServerName)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for protocol, want := range map[string]string{"": "HTTP/1.1 example.com:444 example.com", "h2": "HTTP/2.0 example.com:444 example.com"} {
		s := side(t, "https://gateway.invalid")
		s.TLS = &tls.Config{RootCAs: roots}
		s.Resolve = map[string]string{"gateway.invalid:443": server.Listener.Addr().String()}
		a := ask(t, s, plan.Request{Host: "example.com:444", Path: "/", Scheme: "https", Protocol: protocol})[0]
		if string(a.Body) != want {
			t.Errorf("%q: got %q (%v), want %q", protocol, a.Body, a.Err, want)
		}
	}
	_, err := side(t, "http://a").Prepare(&plan.Request{Host: "b", Path: "/", Scheme: "https"})
	if err == nil || err.Error() != "before has no https URL" {
		t.Errorf("got %v", err)
	}
	direct := &Side{Name: "after", Direct: true}
	if p, err := direct.Prepare(&plan.Request{Host: "reviews.books:9080", Path: "/"}); err != nil || p.address != "reviews.books:9080" {
		t.Errorf("got %+v, %v", p, err)
	}
}

// TestGRPC calls a server that answers as grpc/doc/PROTOCOL-HTTP2.md says.
func TestGRPC(t *testing.T) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/grpc")
		if r.URL.Path != "/grpc.health.v1.Health/Check" || r.Header.Get("Te") != "trailers" || r.Method != "POST" {
			w.Header().Set("Grpc-Status", "12")
			return
		}
		w.Header().Set("Trailer", "Grpc-Status")
		fmt.Fprintf(w, "%x", body)
		w.Header().Set("Grpc-Status", "0")
	}))
	server.Config.Protocols = protocols
	server.Start()
	defer server.Close()
	all := ask(t, side(t, server.URL),
		plan.Request{Host: "a", Path: "/grpc.health.v1.Health/Check", Protocol: "grpc"},
		plan.Request{Host: "a", Path: "/grpc.health.v1.Health/Check", Protocol: "grpc", Body: "base64:CgFh"},
		plan.Request{Host: "a", Path: "/other", Protocol: "grpc"})
	for i, want := range []string{"0 0000000000", "0 00000000030a0161", "12 "} {
		if got := all[i].GRPC + " " + string(all[i].Body); got != want {
			t.Errorf("call %d: got %q (%v), want %q", i, got, all[i].Err, want)
		}
	}
	if !all[1].Reused {
		t.Error("the second call opened a connection")
	}
	if _, err := side(t, server.URL).Prepare(&plan.Request{Host: "a", Path: "/", Protocol: "grpc", Body: "base64:%"}); err == nil {
		t.Error("no error for a body that is not base64")
	}
}
