package route

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Title names d: "Gateway shop/edge port 443 (HTTPS)".
func (d *Door) Title() string {
	kind := "Gateway "
	if d.Entry.Mesh {
		kind = "Service "
	}
	text := kind + d.Entry.Parent.String()
	if d.Entry.Section != "" {
		text += " listener " + d.Entry.Section
	}
	if d.Entry.Port != 0 {
		text += fmt.Sprintf(" port %d", d.Entry.Port)
	}
	switch {
	case d.Protocol != HTTP:
		text += fmt.Sprintf(" (%s)", d.Protocol)
	case d.Secure:
		text += " (HTTPS)"
	}
	return text
}

// Host is the name and the port to which a client sends r at d; port 0 is the
// one that the scheme implies.
func (d *Door) Host(r Request) (name string, port uint32) {
	name, usual := r.Authority, uint32(80)
	switch {
	case d.Protocol == TCP:
		usual = 23 // telnet's
	case d.Secure || d.Protocol == TLS:
		usual = 443
	}
	if d.Entry.Mesh {
		name = d.Entry.Parent.Name + "." + d.Entry.Parent.Namespace
	}
	if d.Entry.Port != usual {
		port = d.Entry.Port
	}
	return cmp.Or(name, "example.com"), port
}

// URL is the address of r at d. Where connections are routed and no requests it
// is one with which curl opens such a connection.
func (d *Door) URL(r Request) string {
	scheme, path := "http", r.Path
	switch {
	case d.Protocol == TCP:
		scheme, path = "telnet", ""
	case d.Secure || d.Protocol == TLS:
		scheme = "https"
	}
	host, port := d.Host(r)
	if port != 0 {
		host = fmt.Sprintf("%s:%d", host, port)
	}
	return scheme + "://" + host + path + r.query()
}

// Target is the path with the query.
func (r Request) Target() string { return r.Path + r.query() }

func (r Request) query() string {
	var query []string
	for _, k := range slices.Sorted(maps.Keys(r.Query)) {
		query = append(query, url.QueryEscape(k)+"="+url.QueryEscape(r.Query[k]))
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + strings.Join(query, "&")
}

// Curl is a command that sends r to d. more are words for curl in front of the
// address, quoted already.
func (d *Door) Curl(r Request, more ...string) string {
	words := []string{"curl", "-i"}
	switch r.Method {
	case "", "GET":
	case "HEAD":
		words[1] = "-I"
	default:
		words = append(words, "-X", ShellWord(r.Method))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		header := name + ": " + r.Headers[name]
		if r.Headers[name] == "" {
			header = name + ";" // curl's way to send an empty header
		}
		words = append(words, "-H", ShellWord(header))
	}
	return strings.Join(slices.Concat(words, more, []string{ShellWord(d.URL(r))}), " ")
}

// ShellWord is s as one word of a POSIX shell.
func ShellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./:=@%+,", c))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Caller says who has to send r, where that matters; else "".
func (r Request) Caller() string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(r.SourceLabels)) {
		parts = append(parts, k+"="+r.SourceLabels[k])
	}
	text := ""
	if len(parts) > 0 {
		text = " from a workload labelled " + strings.Join(parts, ",")
	}
	if r.SourceNamespace != "" {
		text += " from namespace " + r.SourceNamespace
	}
	return text
}
