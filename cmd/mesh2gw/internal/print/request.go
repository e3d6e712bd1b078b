package print

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// curl is a command that sends r to the door d.
func curl(d *route.Door, r route.Request) string {
	words := []string{"curl", "-i"}
	switch r.Method {
	case "", "GET":
	case "HEAD":
		words[1] = "-I"
	default:
		words = append(words, "-X", quoted(r.Method))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		header := name + ": " + r.Headers[name]
		if r.Headers[name] == "" {
			header = name + ";" // curl's way to send an empty header
		}
		words = append(words, "-H", quoted(header))
	}
	return strings.Join(append(words, quoted(address(d, r))), " ")
}

// address is the URL of r at d.
func address(d *route.Door, r route.Request) string {
	scheme, usual := "http", uint32(80)
	if d.Secure {
		scheme, usual = "https", 443
	}
	host := r.Authority
	if d.Entry.Mesh {
		host = d.Entry.Parent.Name + "." + d.Entry.Parent.Namespace
	}
	host = cmp.Or(host, "example.com")
	if d.Entry.Port != 0 && d.Entry.Port != usual {
		host = fmt.Sprintf("%s:%d", host, d.Entry.Port)
	}
	return scheme + "://" + host + pathText(r)
}

// pathText is the path with the query.
func pathText(r route.Request) string {
	var query []string
	for _, k := range slices.Sorted(maps.Keys(r.Query)) {
		query = append(query, url.QueryEscape(k)+"="+url.QueryEscape(r.Query[k]))
	}
	if len(query) == 0 {
		return r.Path
	}
	return r.Path + "?" + strings.Join(query, "&")
}

// quoted is a word for a POSIX shell.
func quoted(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_./:=@%+,", c))
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// caller says who has to send r, where that matters; else "".
func caller(r route.Request) string {
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

// doorText names a door: "Gateway shop/edge port 443".
func doorText(d *route.Door) string {
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
	case d.Protocol != route.HTTP:
		text += fmt.Sprintf(" (%s)", d.Protocol)
	case d.Secure:
		text += " (HTTPS)"
	}
	return text
}

// ruleText says where a rule stands; nil is "no rule".
func ruleText(r *route.Rule) string {
	switch {
	case r == nil:
		return "no rule"
	case r.From != nil:
		return r.From.Place().Pos.String()
	}
	return r.Where
}
