package gwapi

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
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
	if m.longer && c.Kind == route.Prefix {
		return append(prefixPath(c.Value), m.longerNames(c.Value)...)
	}
	return prefixPath(c.Value)
}

// longerNames takes what a string prefix takes and PathPrefix does not: a
// refusal of /internal refuses /internals as well.
func (m *matcher) longerNames(prefix string) []gatewayv1.HTTPPathMatch {
	pattern := regexp.QuoteMeta(prefix) + "[^/].*"
	if strings.HasSuffix(prefix, "/") || placeholder.MatchString(prefix) || len(pattern) > m.bundle.Limits().PathLength {
		return nil
	}
	return onePath(gatewayv1.PathMatchRegularExpression, pattern)
}

// foldedPath says a path without regard to case.
func (m *matcher) foldedPath(pattern string, c condition) []gatewayv1.HTTPPathMatch {
	pattern = "(?i)" + pattern
	if len(pattern) > m.bundle.Limits().PathLength {
		m.lost(c.place(), "the path %.40q..., which is longer than Gateway API takes,", c.Value)
		return prefixPath("/")
	}
	theirs := "dialect and rank are the implementation's"
	if m.serves != nil {
		theirs = m.serves.Expression()
	}
	m.note(rule.IgnoreCase, c.place(), "%s without regard to case becomes the regular expression %s; %s.", c.Value, pattern, theirs)
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
	if head, ok := plainPrefix(c.Value); ok && m.longer && m.badPath(head) == "" {
		return append(prefixPath(head), m.longerNames(head)...)
	}
	if len(c.Value) > m.bundle.Limits().PathLength {
		m.lost(c.place(), "a regular expression of more than %d bytes", m.bundle.Limits().PathLength)
		return prefixPath("/")
	}
	if c.Value == "" {
		m.never = append(m.never, unsaid{c.place(), "no path is empty"})
		return prefixPath("/")
	}
	m.notePathExpression(c)
	return onePath(gatewayv1.PathMatchRegularExpression, c.Value)
}

// notePathExpression reports that an expression is up to the implementation.
func (m *matcher) notePathExpression(c condition) {
	if m.serves == nil {
		f := finding.New(rule.RegexPath, c.place(), "%s is compared with the whole path as RE2 today; afterwards its dialect, anchoring and rank among other paths are the implementation's.", c.Value)
		m.findings = append(m.findings, f.WithHint("%s Compared with %s.", f.Hint, target.Anchorings()))
		return
	}
	f := finding.New(rule.RegexPath, c.place(), "%s is compared with the whole path as RE2 today; afterwards %s.", c.Value, m.serves.Expression())
	switch a := m.serves.Anchoring; {
	case m.serves.NoCaret:
		f = f.WithHint("Write $ at its end, which changes nothing in Istio. An expression has to begin with / there, so that one with | between alternatives has to become several matches.")
	case a == target.Start || a == target.Nowhere:
		f = f.WithHint("Write the expression with ^ and $ at its ends, which change nothing in Istio.")
	}
	m.findings = append(m.findings, f)
}

// elementPath is a path that does not end in a slash, slashPath one that does.
var (
	elementPath = regexp.MustCompile(`^/.*[^/]$`)
	slashPath   = regexp.MustCompile(`^/.*[^/]/$`)
)

// elementTail are ways to write "the path ends here, or goes on with /".
var elementTail = []string{"(/.*)?", "(?:/.*)?", "($|/.*)", "(|/.*)", "(/|$)(.*)"}

// plainPaths finds the expressions that path matches say: a few literals,
// everything, "this path and what is below it", and "what is below this path"
// (which takes the path itself as well, as a prefix with a trailing slash does).
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
		if all, ok := prefixPaths(head, elementPath); ok {
			return all, true
		}
	}
	if head, ok := strings.CutSuffix(strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$"), ".*"); ok {
		if all, ok := prefixPaths(head, slashPath); ok {
			return all, true
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

// prefixPaths are prefixes for the words of head, if they are few and all like
// shape. What follows head has to follow each of them.
func prefixPaths(head string, shape *regexp.Regexp) ([]gatewayv1.HTTPPathMatch, bool) {
	words, finite := language(head, maxAlternatives)
	if alternates(head) {
		return nil, false
	}
	var all []gatewayv1.HTTPPathMatch
	for _, w := range words {
		if !shape.MatchString(w) {
			return nil, false
		}
		all = append(all, prefixPath(w)...)
	}
	return all, finite && len(all) > 0
}

// plainPrefix reads an expression for all that begins with a word.
func plainPrefix(pattern string) (string, bool) {
	head, ok := strings.CutSuffix(trimAnchors(pattern), ".*")
	words, finite := language(head, 1)
	if !ok || !finite || len(words) != 1 || !strings.HasPrefix(words[0], "/") {
		return "", false
	}
	return words[0], true
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
	v = source.Filled(v)
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

// notePrefix reports where the emitted prefix of rule l takes other requests
// than the string prefix of today.
func (p *pass) notePrefix(t *route.Table, list []*piece, l *line) {
	c := l.Match.Path
	at := conditionPlace(c, &l.Match, "uri")
	own := actionName(l.Action)
	p.noteSlash(t, list, l)
	if said := l.matches[0].Path; c.Kind != route.Prefix || strings.HasSuffix(c.Value, "/") || *said.Type != gatewayv1.PathMatchPathPrefix || *said.Value != c.Value {
		return
	}
	witness := c.Value + "x"
	after := p.elsewhere(t, list, l, withExactPath(&l.Match, witness))
	switch {
	case after == "":
	case l.Action.Refuses():
		p.note(rule.RefusalNarrowed, at, "Istio's prefix is a string: GET %s is refused today (%s); Gateway API compares whole path elements, so it goes to %s.",
			witness, own, after)
	case strings.ContainsAny(c.Value[len(c.Value)-1:], "-_.~=:@"):
		p.note(rule.PrefixFragment, at, "Istio's prefix is a string, and %s is the beginning of longer names: GET %s goes to %s today; Gateway API compares whole path elements, so it goes to %s.",
			c.Value, witness, own, after)
	default:
		p.note(rule.PrefixElement, at, "Istio's prefix is a string: GET %s goes to %s today; Gateway API compares whole path elements, so it goes to %s.",
			witness, own, after)
	}
}

// noteSlash reports where the prefixes of rule l that end in a slash take the
// bare path too.
func (p *pass) noteSlash(t *route.Table, list []*piece, l *line) {
	for _, s := range bareSurplus(l) {
		m := withExactPath(&l.Match, s.whole)
		takers, _ := p.shared().expressions.takers(list, &m)
		if slices.ContainsFunc(l.surplus, func(o surplus) bool { return o.why == bare && !o.lost && o.whole == s.whole }) || len(alike(takers, l.Action)) == 0 {
			continue
		}
		p.note(rule.PrefixSlash, s.at, "GET %s goes to %s today; Gateway API's prefix %s takes it too, so it goes to %s by this rule.", s.whole, p.today(t, l, m), s.what, actionName(l.Action))
	}
}

// pathsOf are the different paths of matches.
func pathsOf(matches []gatewayv1.HTTPRouteMatch) []*gatewayv1.HTTPPathMatch {
	var all []*gatewayv1.HTTPPathMatch
	for _, m := range matches {
		if !slices.ContainsFunc(all, func(o *gatewayv1.HTTPPathMatch) bool { return *o.Type == *m.Path.Type && *o.Value == *m.Path.Value }) {
			all = append(all, m.Path)
		}
	}
	return all
}

// longerSaid tells whether an expression takes the longer names of a prefix.
func longerSaid(matches []gatewayv1.HTTPRouteMatch) bool {
	return slices.ContainsFunc(matches, func(m gatewayv1.HTTPRouteMatch) bool { return *m.Path.Type == gatewayv1.PathMatchRegularExpression })
}

// withExactPath is m for the one path v.
func withExactPath(m *route.Match, v string) route.Match {
	narrowed := *m
	narrowed.Path = route.StringMatch{Kind: route.Exact, Value: v}
	return narrowed
}
