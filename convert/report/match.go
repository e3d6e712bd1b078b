package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// matchText says in words which requests m takes: "GET /api*, header x-user:
// jason". A star stands for any text, as in Istio's prefixes; "/api and below"
// compares element by element.
func matchText(m *route.Match, protocol route.Protocol) string {
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	add(requestLine(m))
	add(valueText("scheme", m.Scheme))
	add(valueText("host", m.Authority))
	for _, k := range m.Headers {
		add(keyText("header", k))
	}
	for _, k := range m.Without {
		add("without " + keyText("header", k))
	}
	for _, k := range m.Query {
		add(keyText("query parameter", k))
	}
	add(callers(m))
	if len(m.Subnets) > 0 {
		add("to " + strings.Join(m.Subnets, ", "))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case protocol == route.HTTP:
		return "any request"
	}
	return "any connection"
}

// requestLine is the method and the path.
func requestLine(m *route.Match) string {
	method, path := "", pathText(m.Path)
	switch {
	case m.Method.Kind == route.Any:
	case m.Method.Kind == route.Exact:
		method = m.Method.Value
	default:
		method = valueText("method", m.Method)
	}
	switch {
	case method == "":
		return path
	case path == "":
		return method
	case m.Method.Kind == route.Exact:
		return method + " " + path
	}
	return method + ", " + path
}

// pathText is a condition on the path; "" where every path meets it.
func pathText(p route.StringMatch) string {
	text := ""
	switch p.Kind {
	case route.Any, route.Present:
		return ""
	case route.Exact:
		text = p.Value
	case route.Prefix:
		if p.Value == "/" || p.Value == "" {
			return ""
		}
		text = p.Value + "*"
	case route.Element:
		below := strings.TrimSuffix(p.Value, "/")
		if below == "" {
			return ""
		}
		text = below + " and below"
	case route.Regex:
		text = "path matching " + p.Value
	default:
		panic(fmt.Sprintf("unhandled kind %d", p.Kind))
	}
	if p.IgnoreCase && p.Kind != route.Regex {
		text += " in any case"
	}
	return text
}

// valueText is a condition on something that every request has one of.
func valueText(name string, m route.StringMatch) string {
	if m.Kind == route.Any {
		return ""
	}
	return name + " " + strings.TrimPrefix(condition(m), ": ")
}

// keyText is a condition on a header or query parameter.
func keyText(what string, k route.KeyMatch) string {
	text := condition(k.StringMatch)
	if !strings.HasPrefix(text, ":") && text != "" {
		text = " " + text
	}
	return what + " " + k.Name + text
}

// condition is the end of "header x".
func condition(m route.StringMatch) string {
	text := ""
	switch m.Kind {
	case route.Any, route.Present:
		return ""
	case route.Exact:
		text = ": " + m.Value
	case route.Prefix:
		text = ": " + m.Value + "*"
	case route.Element:
		text = ": " + m.Value + " and below"
	case route.Regex:
		return "matching " + m.Value
	default:
		panic(fmt.Sprintf("unhandled kind %d", m.Kind))
	}
	if m.IgnoreCase {
		text += " in any case"
	}
	return text
}

// callers says for whose requests m is.
func callers(m *route.Match) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m.SourceLabels)) {
		parts = append(parts, k+"="+m.SourceLabels[k])
	}
	text := ""
	if len(parts) > 0 {
		text = "from workloads labelled " + strings.Join(parts, ",")
	}
	if m.SourceNamespace != "" {
		text = strings.TrimPrefix(text+" from namespace "+m.SourceNamespace, " ")
	}
	return text
}
