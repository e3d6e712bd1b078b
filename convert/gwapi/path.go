package gwapi

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// pathValue is what the CRD takes as an exact path or prefix, apart from the
// sequences that badPath looks for (httproute_types.go, HTTPPathMatch).
var pathValue = regexp.MustCompile(`^/(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$`)

// paths returns the path matches that stand for the condition: one, or a few
// exact ones. Where it can't be said the widest match that is still safe for a
// refusal is returned.
func (m *matcher) paths(in *route.Match) []gatewayv1.HTTPPathMatch {
	c := condition{in.Path, in, "uri"}
	switch c.Kind {
	case route.Any, route.Present:
		return prefixPath("/")
	case route.Exact:
		return m.exactPath(c)
	case route.Prefix, route.Element:
		return m.prefixPath(c)
	case route.Regex:
		return m.regexPath(c)
	}
	panic(fmt.Sprintf("unhandled kind %d of a path", c.Kind))
}

func (m *matcher) exactPath(c condition) []gatewayv1.HTTPPathMatch {
	if !strings.HasPrefix(c.Value, "/") || strings.Contains(c.Value, "?") {
		m.never = append(m.never, unsaid{c.place(), fmt.Sprintf("no path is %q (a path begins with / and ends before the query)", c.Value)})
		return prefixPath("/")
	}
	if c.IgnoreCase && hasCase(c.Value) {
		return m.foldedPath(regexp.QuoteMeta(c.Value), c)
	}
	if why := m.badPath(c.Value); why != "" {
		m.lost(c.place(), "the path %q (%s)", c.Value, why)
		return prefixPath(m.soundPrefix(c.Value))
	}
	return onePath(gatewayv1.PathMatchExact, c.Value)
}

func (m *matcher) prefixPath(c condition) []gatewayv1.HTTPPathMatch {
	if c.Value == "" || c.Value == "/" {
		return prefixPath("/")
	}
	if !strings.HasPrefix(c.Value, "/") || strings.Contains(c.Value, "?") {
		m.never = append(m.never, unsaid{c.place(), fmt.Sprintf("no path begins with %q (a path begins with / and ends before the query)", c.Value)})
		return prefixPath("/")
	}
	if c.IgnoreCase && hasCase(c.Value) {
		if c.Kind == route.Element {
			return m.foldedPath(regexp.QuoteMeta(strings.TrimSuffix(c.Value, "/"))+"(/.*)?", c)
		}
		return m.foldedPath(regexp.QuoteMeta(c.Value)+".*", c)
	}
	if why := m.badPath(c.Value); why != "" {
		m.lost(c.place(), "the prefix %q (%s)", c.Value, why)
		return prefixPath(m.soundPrefix(c.Value))
	}
	return prefixPath(c.Value)
}

// foldedPath says a path without regard to case.
func (m *matcher) foldedPath(pattern string, c condition) []gatewayv1.HTTPPathMatch {
	pattern = "(?i)" + pattern
	if len(pattern) > m.bundle.Limits().PathLength {
		m.lost(c.place(), "the path %.40q..., which is longer than Gateway API takes,", c.Value)
		return prefixPath("/")
	}
	m.note(rule.IgnoreCase, c.place(), "%s without regard to case becomes the regular expression %s; dialect and rank are the implementation's.", c.Value, pattern)
	return onePath(gatewayv1.PathMatchRegularExpression, pattern)
}

// regexPath says an expression by plain matches where these mean the same.
func (m *matcher) regexPath(c condition) []gatewayv1.HTTPPathMatch {
	if _, err := syntax.Parse(c.Value, syntax.Perl); err != nil {
		m.lost(c.place(), "the regular expression %q, which RE2 can't read,", c.Value)
		return prefixPath("/")
	}
	if p, ok := plainPaths(c.Value); ok && m.allSound(p) {
		return p
	}
	if len(c.Value) > m.bundle.Limits().PathLength {
		m.lost(c.place(), "a regular expression of more than %d bytes", m.bundle.Limits().PathLength)
		return prefixPath("/")
	}
	if c.Value == "" {
		m.never = append(m.never, unsaid{c.place(), "no path is empty"})
		return prefixPath("/")
	}
	m.note(rule.RegexPath, c.place(), "%s is compared with the whole path as RE2 today; afterwards its dialect, anchoring and rank among other paths are the implementation's.", c.Value)
	return onePath(gatewayv1.PathMatchRegularExpression, c.Value)
}

// elementPath is a path that does not end in a slash.
var elementPath = regexp.MustCompile(`^/.*[^/]$`)

// elementTail are ways to write "the path ends here, or goes on with /".
var elementTail = []string{"(/.*)?", "(?:/.*)?", "($|/.*)", "(|/.*)", "(/|$)(.*)"}

// plainPaths finds the expressions that a path match says exactly: a few
// literals, everything, and "this path and what is below it".
func plainPaths(pattern string) ([]gatewayv1.HTTPPathMatch, bool) {
	bare := trimAnchors(pattern)
	if bare == ".*" || bare == ".+" || bare == "/.*" {
		return prefixPath("/"), true
	}
	for _, tail := range elementTail {
		head, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$"), tail)
		if !ok {
			continue
		}
		if words, finite := language(head, 1); finite && len(words) == 1 && elementPath.MatchString(words[0]) {
			return prefixPath(words[0]), true
		}
	}
	words, finite := language(pattern, maxAlternatives)
	if !finite {
		return nil, false
	}
	var all []gatewayv1.HTTPPathMatch
	for _, w := range words {
		if strings.HasPrefix(w, "/") && !strings.ContainsAny(w, "?") {
			all = append(all, onePath(gatewayv1.PathMatchExact, w)...)
		}
	}
	return all, len(all) > 0
}

func (m *matcher) allSound(paths []gatewayv1.HTTPPathMatch) bool {
	for _, p := range paths {
		if m.badPath(*p.Value) != "" {
			return false
		}
	}
	return true
}

// badPath says why the CRD refuses v as an exact path or prefix, or "".
func (m *matcher) badPath(v string) string {
	v = filled(v)
	if len(v) > m.bundle.Limits().PathLength {
		return fmt.Sprintf("longer than %d bytes", m.bundle.Limits().PathLength)
	}
	for _, bad := range []string{"//", "/./", "/../", "%2f", "%2F", "#"} {
		if strings.Contains(v, bad) {
			return "Gateway API refuses paths with " + bad
		}
	}
	if strings.HasSuffix(v, "/.") || strings.HasSuffix(v, "/..") {
		return "Gateway API refuses paths that end in /. or /.."
	}
	if !pathValue.MatchString(v) {
		return "Gateway API refuses one of its characters"
	}
	return ""
}

// soundPrefix is the longest prefix of whole elements of v that the CRD takes.
// A refusal that can't be said for v is said for that.
func (m *matcher) soundPrefix(v string) string {
	for v != "" {
		v = v[:strings.LastIndex(v, "/")]
		if v != "" && m.badPath(v) == "" {
			return v
		}
	}
	return "/"
}

func prefixPath(v string) []gatewayv1.HTTPPathMatch {
	return onePath(gatewayv1.PathMatchPathPrefix, v)
}

func onePath(kind gatewayv1.PathMatchType, v string) []gatewayv1.HTTPPathMatch {
	return []gatewayv1.HTTPPathMatch{{Type: &kind, Value: &v}}
}

// hasCase tells whether v reads differently in upper and lower case.
func hasCase(v string) bool { return strings.ToLower(v) != strings.ToUpper(v) }

// notePrefix reports where the emitted prefix of rule i takes other requests
// than the string prefix of today.
func (p *pass) notePrefix(t *route.Table, lines []*line, i int) {
	m := &t.Rules[i].Match
	c := m.Path
	if said := lines[i].matches[0].Path; c.Kind != route.Prefix || c.Value == "/" || *said.Type != gatewayv1.PathMatchPathPrefix || *said.Value != c.Value {
		return
	}
	at := conditionPlace(c, m, "uri")
	own := actionName(t.Rules[i].Action)
	if bare, ok := strings.CutSuffix(c.Value, "/"); ok {
		if to := elsewhere(t, lines, i, withExactPath(m, bare)); to != "" {
			p.note(rule.PrefixSlash, at, "GET %s goes to %s today; Gateway API's prefix %s takes it too, so it goes to %s by this rule.", bare, to, c.Value, own)
		}
		return
	}
	witness := c.Value + "x"
	after := elsewhere(t, lines, i, withExactPath(m, witness))
	switch {
	case after == "":
	case strings.ContainsAny(c.Value[len(c.Value)-1:], "-_.~=:@"):
		p.note(rule.PrefixFragment, at, "Istio's prefix is a string, and %s is the beginning of longer names: GET %s goes to %s today; Gateway API compares whole path elements, so it goes to %s.",
			c.Value, witness, own, after)
	default:
		p.note(rule.PrefixElement, at, "Istio's prefix is a string: GET %s goes to %s today; Gateway API compares whole path elements, so it goes to %s.",
			witness, own, after)
	}
}

// withExactPath is m for the one path v.
func withExactPath(m *route.Match, v string) route.Match {
	narrowed := *m
	narrowed.Path = route.StringMatch{Kind: route.Exact, Value: v}
	return narrowed
}
