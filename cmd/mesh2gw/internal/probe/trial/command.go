package trial

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/client"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/plan"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// command sends r to s by hand. It holds no token.
func command(r *plan.Request, s *client.Side) string {
	scheme := "http"
	if r.Scheme != "" {
		scheme = r.Scheme
	}
	words := []string{"curl", "-i"}
	switch r.Verb() {
	case "GET":
	case "HEAD":
		words[1] = "-I"
	default:
		words = append(words, "-X", route.ShellWord(r.Verb()))
	}
	switch r.Protocol {
	case "h2", "grpc":
		words = append(words, "--http2")
	case "h2c":
		words = append(words, "--http2-prior-knowledge")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		header := name + ": " + r.Headers[name]
		if r.Headers[name] == "" {
			header = name + ";" // curl's way to send an empty header
		}
		words = append(words, "-H", route.ShellWord(header))
	}
	if r.Body != "" {
		words = append(words, "--data-binary", route.ShellWord(r.Body))
	}
	if base := s.Base[scheme]; base != nil {
		words = append(words, "--connect-to", route.ShellWord(fmt.Sprintf("::%s", dialled(base, s))))
	}
	return strings.Join(append(words, route.ShellWord(scheme+"://"+r.Host+r.Path)), " ")
}

// dialled is the host:port that connections to base go to.
func dialled(base *url.URL, s *client.Side) string {
	port := base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[base.Scheme]
	}
	address := net.JoinHostPort(base.Hostname(), port)
	if to, ok := s.Resolve[address]; ok {
		return to
	}
	return address
}
