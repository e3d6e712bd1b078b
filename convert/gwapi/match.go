package gwapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// unsaid is a condition that Gateway API has no words for.
type unsaid struct {
	at   finding.Place
	what string // "the condition on the caller's labels"
}

// matcher translates the conditions of one rule. Findings wait until it is
// known that the rule is written at all.
type matcher struct {
	bundle   target.Bundle
	serves   *target.Target // see shared
	refuses  bool           // the rule refuses requests: it is widened rather than left out
	longer   bool           // string prefixes get an expression for longer names
	matches  []gatewayv1.HTTPRouteMatch
	unsaid   []unsaid
	never    []unsaid  // conditions that no request meets
	surplus  []surplus // what the matches take beyond the rule
	findings []finding.Finding
}

// lines translates the matches of t. A rule that an earlier one covers wholly
// is left out, and so is one with a condition that can't be said.
func (p *pass) lines(t *route.Table) []*line {
	lines := make([]*line, len(t.Rules))
	for i := range t.Rules {
		l := &line{Rule: &t.Rules[i], index: i, company: p.shared().company[t]}
		lines[i] = l
		m := &matcher{bundle: p.opts.Bundle, serves: p.shared().serves, refuses: l.Action.Refuses()}
		m.longer = m.refuses || p.opts.Prefix == ExactPrefix && !replacesPrefix(l.Action)
		m.translate(&l.Match)
		if by, ok := p.coveredBy(t, i); ok && len(m.never) == 0 {
			p.noteCovered(t, i, by)
			continue
		}
		l.matcher = m
		if len(l.never) == 0 && (len(l.unsaid) == 0 || l.refuses) {
			l.matches = l.matcher.matches
		}
	}
	return lines
}

// settle reports what became of the conditions of a rule.
func (p *pass) settle(t *route.Table, list []*piece, l *line) {
	switch {
	case l.matcher == nil, l.dead:
		return
	case len(l.never) > 0:
		for _, u := range l.never {
			p.note(rule.NeverMatches, u.at, "%s, so this rule decides nothing; it is left out.", u.what)
		}
	case len(l.unsaid) == 0:
	case l.refuses:
		for _, u := range l.unsaid {
			p.note(rule.RefusalWidened, u.at, "%s has no counterpart in Gateway API; the rule refuses requests, so it is written without the condition and refuses more than today.", u.what)
		}
	default:
		for _, u := range l.unsaid {
			p.note(rule.ConditionLost, u.at, "%s has no counterpart in Gateway API; the rule (%s) is left out, and its requests go to %s.",
				u.what, actionName(l.Action), p.next(t, list, l, l.Match))
		}
	}
	if !l.written() {
		return
	}
	p.findings = append(p.findings, l.matcher.findings...)
	p.notePrefix(t, list, l)
	p.noteRefined(list, l)
}

func (m *matcher) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	m.findings = append(m.findings, finding.New(r, at, format, args...))
}

func (m *matcher) lost(at finding.Place, format string, args ...any) {
	m.unsaid = append(m.unsaid, unsaid{at, fmt.Sprintf(format, args...)})
}

// translate fills m.matches, one for each combination of what a condition has
// to be spread over (several methods, a few exact paths).
func (m *matcher) translate(in *route.Match) {
	m.matches = []gatewayv1.HTTPRouteMatch{{}}
	paths := m.paths(in)
	m.spread(len(paths), func(out *gatewayv1.HTTPRouteMatch, i int) { out.Path = &paths[i] })
	if headers, ok := m.headers(in); ok {
		for i := range m.matches {
			m.matches[i].Headers = slices.Clone(headers)
		}
	}
	if query, ok := m.query(in); ok {
		for i := range m.matches {
			m.matches[i].QueryParams = slices.Clone(query)
		}
	}
	if methods := m.methods(in); methods != nil {
		m.spread(len(methods), func(out *gatewayv1.HTTPRouteMatch, i int) { out.Method = &methods[i] })
	}
	m.others(in)
}

// spread replaces each match by n copies that set tells apart.
func (m *matcher) spread(n int, set func(*gatewayv1.HTTPRouteMatch, int)) {
	var all []gatewayv1.HTTPRouteMatch
	for _, old := range m.matches {
		for i := range n {
			copied := old
			set(&copied, i)
			all = append(all, copied)
		}
	}
	m.matches = all
}

// others are the conditions without any counterpart.
func (m *matcher) others(in *route.Match) {
	m.without(in)
	if len(in.SourceLabels) > 0 {
		m.lost(in.From.At("sourceLabels"), "the condition on the caller's labels")
	}
	if in.SourceNamespace != "" {
		m.lost(in.From.At("sourceNamespace"), "the condition on the caller's namespace")
	}
	if in.Scheme.Kind != route.Any {
		m.lost(in.From.At("scheme"), "the condition on the scheme")
	}
	if in.Authority.Kind != route.Any {
		m.lost(in.From.At("authority"), "the condition on the authority")
	}
	if len(in.Subnets) > 0 {
		m.lost(in.From.At("destinationSubnets"), "the condition on destination subnets")
	}
}

// methodNames are the methods that the CRD knows (httproute_types.go, HTTPMethod).
var methodNames = []gatewayv1.HTTPMethod{
	gatewayv1.HTTPMethodGet, gatewayv1.HTTPMethodHead, gatewayv1.HTTPMethodPost, gatewayv1.HTTPMethodPut, gatewayv1.HTTPMethodDelete,
	gatewayv1.HTTPMethodConnect, gatewayv1.HTTPMethodOptions, gatewayv1.HTTPMethodTrace, gatewayv1.HTTPMethodPatch,
}

// methods returns the methods that the condition takes, or nil for no condition
// or one that can't be said.
func (m *matcher) methods(in *route.Match) []gatewayv1.HTTPMethod {
	c := in.Method
	if c.Kind == route.Any || c.Kind == route.Present { // every request has a method
		return nil
	}
	at := conditionPlace(c, in, "method")
	switch c.Kind {
	case route.Exact:
		if slices.Contains(methodNames, gatewayv1.HTTPMethod(c.Value)) {
			return []gatewayv1.HTTPMethod{gatewayv1.HTTPMethod(c.Value)}
		}
		m.lost(at, "the condition on method %q, which is none of the nine that Gateway API knows,", c.Value)
		return nil
	case route.Prefix, route.Regex:
		return m.methodPattern(c, at)
	}
	panic(fmt.Sprintf("unhandled kind %d of a method", c.Kind))
}

func (m *matcher) methodPattern(c route.StringMatch, at finding.Place) []gatewayv1.HTTPMethod {
	pattern := c.Value
	if c.Kind == route.Prefix {
		pattern = regexp.QuoteMeta(c.Value) + ".*"
	}
	re, err := fullMatch(pattern)
	if err != nil {
		m.lost(at, "the regular expression %q, which RE2 can't read,", c.Value)
		return nil
	}
	if re.MatchString("X-ANY") && re.MatchString("~") {
		return nil // takes methods that nobody has thought of, so it takes all
	}
	var methods []gatewayv1.HTTPMethod
	for _, name := range methodNames {
		if re.MatchString(string(name)) {
			methods = append(methods, name)
		}
	}
	if len(methods) == 0 {
		m.lost(at, "the condition on the method, which takes none of the nine that Gateway API knows,")
		return nil
	}
	if words, finite := language(pattern, maxAlternatives); !finite || len(words) > len(methods) {
		if m.refuses {
			m.lost(at, "the pattern %s of methods, which takes others than the nine that Gateway API knows,", c.Value)
			return nil
		}
		m.note(rule.MethodsListed, at, "the pattern %s is written as %s; a request with another method that it fits goes to another rule.", c.Value, join(methods))
	}
	return methods
}

// conditionPlace is where the condition c of in stands.
func conditionPlace(c route.StringMatch, in *route.Match, field string) finding.Place {
	if c.From == nil {
		return in.From.At(field)
	}
	return c.From.At(kindKey(c.Kind))
}

// condition is a condition of a match together with what it takes to say where
// it stands, which is only worked out for a finding.
type condition struct {
	route.StringMatch
	in    *route.Match
	field string
}

func (c condition) place() finding.Place { return conditionPlace(c.StringMatch, c.in, c.field) }

// keyPlace is where the condition on a header or query parameter stands.
func keyPlace(k route.KeyMatch, in *route.Match, field string) finding.Place {
	if k.From == nil {
		return in.From.Get(field).At(k.Name)
	}
	return k.From.At(kindKey(k.Kind))
}

// kindKey is the key under which Istio has a condition of kind k.
func kindKey(k route.StringKind) string {
	switch k {
	case route.Exact:
		return "exact"
	case route.Prefix, route.Element:
		return "prefix"
	case route.Regex:
		return "regex"
	case route.Any, route.Present:
		return ""
	}
	panic(fmt.Sprintf("unhandled kind %d", k))
}

// join lists names for a sentence: "GET, POST".
func join[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}

// spot names the place of from for a sentence within the finding at: "line 12",
// or file and line when that is elsewhere.
func spot(from *source.Node, at *source.Node) string {
	p := from.Place().Pos
	if p.Line == 0 {
		return "a rule that nobody wrote"
	}
	if at.Place().Pos.File == p.File {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
