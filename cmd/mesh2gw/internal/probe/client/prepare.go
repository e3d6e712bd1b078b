package client

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
)

// target is where connections go that serve a request.
type target struct {
	address  string // host:port
	name     string // server name for TLS; "" without
	tls      bool
	protocol string // of plan.Protocols
}

// Prepared is a request made ready for one side. It does not change, and may be
// sent by several clients at once.
type Prepared struct {
	target
	raw    []byte // of HTTP/1.1; nil for others
	url    *url.URL
	method string
	host   string
	header map[string]string
	body   []byte
	head   bool // the answer has no body, whatever its headers say (RFC 9112, 6.3)
	again  bool // may be sent twice: it changes nothing
}

// ErrNoURL says that a side has no URL for the scheme of a request.
type ErrNoURL struct{ Side, Scheme string }

// Error names both.
func (e *ErrNoURL) Error() string {
	return fmt.Sprintf("%s has no %s URL", e.Side, e.Scheme)
}

// Prepare makes r ready for s.
func (s *Side) Prepare(r *plan.Request) (*Prepared, error) {
	scheme := r.Scheme
	if scheme == "" {
		scheme = "http"
	}
	base := s.Base[scheme]
	if base == nil && s.Direct {
		base = &url.URL{Scheme: scheme, Host: r.Host}
	}
	if base == nil {
		return nil, &ErrNoURL{s.Name, scheme}
	}
	u, err := url.ParseRequestURI(r.Path)
	if r.Path == "*" {
		u, err = &url.URL{Path: "*"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("request %q: path: %w", r.Name, err)
	}
	p := &Prepared{
		target: target{address: address(base), tls: base.Scheme == "https", protocol: r.Protocol},
		method: r.Verb(), host: r.Host, header: map[string]string{}, body: []byte(r.Body), url: u, head: r.Verb() == "HEAD", again: !r.Unsafe(),
	}
	if p.tls {
		p.name = hostOnly(r.Host)
	}
	maps.Copy(p.header, r.Headers)
	if s.Bearer != "" && !has(p.header, "authorization") {
		p.header["Authorization"] = "Bearer " + s.Bearer
	}
	switch r.Protocol {
	case "", "http/1.1":
		p.raw = p.bytes(r.Path)
	case "grpc":
		if err := p.grpc(); err != nil {
			return nil, fmt.Errorf("request %q: body: %w", r.Name, err)
		}
	}
	return p, nil
}

// address is what to dial for u.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// hostOnly is a host without its port.
func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

func has(headers map[string]string, name string) bool {
	for k := range headers {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// bytes spells an HTTP/1.1 request (RFC 9112). Nothing is added that would change
// the answer, such as Accept-Encoding: the answer is to be that of the plan.
func (p *Prepared) bytes(path string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", p.method, path, p.host)
	if !has(p.header, "user-agent") {
		b.WriteString("User-Agent: mesh2gw-probe\r\n")
	}
	for _, name := range slices.Sorted(maps.Keys(p.header)) {
		if !strings.EqualFold(name, "host") && !strings.EqualFold(name, "content-length") && !strings.EqualFold(name, "transfer-encoding") {
			fmt.Fprintf(&b, "%s: %s\r\n", name, p.header[name])
		}
	}
	if len(p.body) > 0 || slices.Contains([]string{"POST", "PUT", "PATCH"}, p.method) {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(p.body))
	}
	b.WriteString("\r\n")
	b.Write(p.body)
	return b.Bytes()
}

// grpc makes p a unary call: the body is one message, in base64 where it begins
// with "base64:", and an empty one asks a health service about the whole server
// (grpc/doc/PROTOCOL-HTTP2.md, grpc/health/v1/health.proto).
func (p *Prepared) grpc() error {
	message := p.body
	if text, ok := strings.CutPrefix(string(p.body), "base64:"); ok {
		decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		message = decoded
	}
	framed := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(framed[1:], uint32(len(message)))
	p.body, p.method = append(framed, message...), "POST"
	p.header["Content-Type"], p.header["Te"] = "application/grpc", "trailers"
	return nil
}
