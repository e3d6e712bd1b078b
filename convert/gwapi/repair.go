package gwapi

import (
	"fmt"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Istio takes the first rule that matches, Gateway API the most specific one. A
// table is written in three steps, so that both decide alike:
//
//	refine  where the written match takes more than the rule (absence has no
//	        words), what is too much goes to what decides next, by rules that
//	        are more specific (repairrefine.go)
//	close   where a later rule is preferred, both matches joined are written with
//	        the earlier rule's action (repairclose.go)
//	prune   what was added and turns out to change nothing goes (repairprune.go)

// piece is one line of the list that is written: a match, and the rule whose
// action it carries.
type piece struct {
	*line
	said  gatewayv1.HTTPRouteMatch
	takes route.Match // what it decides today: a prefix of the string, if it has one
	means route.Match // what said takes
	why   reason
	cause *line // the rule that made it necessary; nil for its own
	tail  bool  // the expression for the longer names of a prefix
}

// reason says why a piece is written.
type reason uint8

const (
	own     reason = iota // it is a match of its rule
	bare                  // a prefix that ends in a slash leaves its bare path to the next rule
	present               // a rule asks for the absence of a header
	joint                 // a later rule is more specific
	across                // so is a rule of another object
)

// arrange puts what decides on the bare path of a prefix behind the prefix, for
// the reader. It is exact and preferred anyway.
func arrange(list []*piece) []*piece {
	for i := 0; i < len(list); i++ {
		l := list[i].cause
		if list[i].why != bare {
			continue
		}
		from, to := i, i
		for to < len(list) && list[to].why == bare && list[to].cause == l {
			to++
		}
		end := to
		for end < len(list) && list[end].line == l && *list[end].said.Path.Type == gatewayv1.PathMatchPathPrefix {
			end++
		}
		moved := slices.Concat(list[:from:from], list[to:end], list[from:to], list[end:])
		list, i = moved, end-1
	}
	return list
}

// noteJoined says which rules have matches that are joined with more specific
// rules.
func (p *pass) noteJoined(list []*piece) {
	var rules []*line
	joined := map[*line][]*piece{}
	for _, q := range list {
		if q.why == joint || q.why == across {
			if joined[q.line] == nil {
				rules = append(rules, q.line)
			}
			joined[q.line] = append(joined[q.line], q)
		}
	}
	for _, l := range rules {
		var with []string
		for _, q := range joined[l] {
			with = append(with, spot(q.cause.From, l.From))
		}
		with = compactStrings(with)
		p.note(rule.RulesJoined, l.From.Place(), "Gateway API prefers %s (%s); what this rule shares with %s goes to %s as today, by %s of its own.",
			oneOrMore(len(with), "a more specific rule", "more specific rules"), strings.Join(with, ", "), oneOrMore(len(with), "it", "them"), actionName(l.Action), counted(len(joined[l]), "a match", "matches"))
	}
}

func oneOrMore(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// counted is one, or the number and the word for several.
func counted(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// surplus is what the written matches of a rule take beyond the rule.
type surplus struct {
	why    reason
	region route.Match   // to be joined with the match
	at     finding.Place // of the condition
	what   string        // the condition, for a sentence
	whole  string        // the bare path
	lost   bool          // it can't be split off
}

// unanswered is what becomes of requests that get 404 today because no rule
// takes them: a rule without backends, which answers 500.
var unanswered = &route.Action{Direct: &route.Direct{Status: 404}}

// newPiece returns a match of the rule of l.
func newPiece(l *line, said gatewayv1.HTTPRouteMatch, why reason) *piece {
	q := &piece{line: l, said: said, means: meaning(said), why: why}
	q.takes = q.means
	q.tail = l.Match.Path.Kind == route.Prefix && !l.Match.Path.IgnoreCase && isRegex(said)
	if path := l.Match.Path; path.Kind == route.Prefix && !path.IgnoreCase && !strings.HasSuffix(path.Value, "/") && !longerSaid(l.matches) &&
		*said.Path.Type == gatewayv1.PathMatchPathPrefix && *said.Path.Value == path.Value {
		q.takes.Path = route.StringMatch{Kind: route.Prefix, Value: path.Value}
	}
	return q
}

// meaning is what a written match takes. Expressions are read as RE2 and
// compared with the whole value, as Istio does.
func meaning(m gatewayv1.HTTPRouteMatch) route.Match {
	var out route.Match
	switch v := *m.Path.Value; *m.Path.Type {
	case gatewayv1.PathMatchExact:
		out.Path = route.StringMatch{Kind: route.Exact, Value: v}
	case gatewayv1.PathMatchRegularExpression:
		out.Path = route.StringMatch{Kind: route.Regex, Value: v}
	case gatewayv1.PathMatchPathPrefix:
		if v = strings.TrimSuffix(v, "/"); v != "" {
			out.Path = route.StringMatch{Kind: route.Element, Value: v}
		}
	}
	if m.Method != nil {
		out.Method = route.StringMatch{Kind: route.Exact, Value: string(*m.Method)}
	}
	for _, h := range m.Headers {
		out.Headers = append(out.Headers, keyMeaning(string(h.Name), string(*h.Type), h.Value))
	}
	for _, q := range m.QueryParams {
		out.Query = append(out.Query, keyMeaning(string(q.Name), string(*q.Type), q.Value))
	}
	return out
}

func keyMeaning(name, kind, value string) route.KeyMatch {
	k := route.KeyMatch{Name: name, StringMatch: route.StringMatch{Kind: route.Regex, Value: value}}
	switch {
	case kind == exactValue:
		k.Kind = route.Exact
	case value == ".*":
		k.StringMatch = route.StringMatch{Kind: route.Present}
	}
	return k
}

// spell writes m, which was joined of matches that are written, as one match.
func (p *pass) spell(m *route.Match) (gatewayv1.HTTPRouteMatch, bool) {
	out := gatewayv1.HTTPRouteMatch{}
	limits := p.opts.Bundle.Limits()
	if len(m.Headers) > limits.Headers || len(m.Query) > limits.QueryParams || len(m.Without) > 0 || m.Path.IgnoreCase {
		return out, false
	}
	switch m.Path.Kind {
	case route.Any, route.Present:
		out.Path = &prefixPath("/")[0]
	case route.Exact:
		out.Path = &onePath(gatewayv1.PathMatchExact, m.Path.Value)[0]
	case route.Prefix, route.Element:
		out.Path = &prefixPath(m.Path.Value)[0]
	case route.Regex:
		out.Path = &onePath(gatewayv1.PathMatchRegularExpression, m.Path.Value)[0]
	}
	switch m.Method.Kind {
	case route.Any:
	case route.Exact:
		out.Method = new(gatewayv1.HTTPMethod(m.Method.Value))
	default:
		return out, false
	}
	for _, k := range m.Headers {
		kind, value, ok := spellValue(k)
		if !ok {
			return out, false
		}
		out.Headers = append(out.Headers, gatewayv1.HTTPHeaderMatch{Type: new(gatewayv1.HeaderMatchType(kind)), Name: gatewayv1.HTTPHeaderName(k.Name), Value: value})
	}
	for _, k := range m.Query {
		kind, value, ok := spellValue(k)
		if !ok {
			return out, false
		}
		out.QueryParams = append(out.QueryParams, gatewayv1.HTTPQueryParamMatch{Type: new(gatewayv1.QueryParamMatchType(kind)), Name: gatewayv1.HTTPHeaderName(k.Name), Value: value})
	}
	return out, true
}

// spellValue is the type and value of a condition on a header or query parameter.
func spellValue(k route.KeyMatch) (kind, value string, ok bool) {
	const expression = string(gatewayv1.HeaderMatchRegularExpression)
	switch k.Kind {
	case route.Exact:
		return exactValue, k.Value, k.Value != "" && !k.IgnoreCase
	case route.Regex:
		return expression, k.Value, k.Value != ""
	case route.Present:
		return expression, ".*", true
	}
	return "", "", false
}

// sets is the algebra of matches.
func (p *pass) sets() *route.Expressions { return p.shared().expressions.sets }

// contains tells whether a surely takes all that b takes.
func (x expressions) contains(a, b *route.Match) bool {
	switch {
	case asksMore(a, b), !x.headsMeet(a.Path, b.Path):
		return false
	case a.Path.Kind != route.Regex && b.Path.Kind != route.Regex: // a quick look spares most pairs the full one
		return !disjoint(a, b) && (covers(a, b) || x.sets.Contains(a, b) == route.Yes)
	}
	return x.sets.Contains(a, b) == route.Yes
}

// headsMeet compares what the paths of two matches begin with.
func (x expressions) headsMeet(a, b route.StringMatch) bool {
	s, t := x.head(a), x.head(b)
	return strings.HasPrefix(s, t) || strings.HasPrefix(t, s)
}

// head is what a path begins with, in lower case, since expressions may ignore it.
func (x expressions) head(c route.StringMatch) string {
	switch c.Kind {
	case route.Exact, route.Prefix:
		return strings.ToLower(c.Value)
	case route.Element:
		return strings.ToLower(strings.TrimSuffix(c.Value, "/"))
	case route.Regex:
		return strings.ToLower(x.literalStart(c.Value))
	}
	return ""
}

// asksMore tells whether a has a condition where b has none, so that it can't
// take all that b takes.
func asksMore(a, b *route.Match) bool {
	asks := func(a, b []route.KeyMatch, same func(x, y string) bool) bool {
		return slices.ContainsFunc(a, func(k route.KeyMatch) bool {
			return !slices.ContainsFunc(b, func(o route.KeyMatch) bool { return same(k.Name, o.Name) })
		})
	}
	return a.Method.Kind == route.Exact && b.Method.Kind == route.Any || a.Path.Kind == route.Exact && b.Path.Kind != route.Exact && b.Path.Kind != route.Regex ||
		asks(a.Headers, b.Headers, strings.EqualFold) || asks(a.Query, b.Query, sameName)
}

// meet tells whether some request may meet both.
func (x expressions) meet(a, b *route.Match) bool {
	if !x.headsMeet(a.Path, b.Path) || a.Path.Kind != route.Regex && b.Path.Kind != route.Regex && disjoint(a, b) {
		return false
	}
	return x.sets.Overlap(a, b) != route.No
}

// conjoin is a match for what meets both, with its meaning as joined.
func (p *pass) conjoin(a, b *route.Match) (gatewayv1.HTTPRouteMatch, route.Match, bool) {
	both, ok := p.sets().Conjoin(a, b)
	if !ok {
		return gatewayv1.HTTPRouteMatch{}, both, false
	}
	said, ok := p.spell(&both)
	return said, both, ok
}

// inOrder are the pieces as lines, each with its matches, for the rules of a route.
func inOrder(list []*piece) []*line {
	lines := make([]*line, len(list))
	for i, q := range list {
		copied := *q.line
		copied.matches = []gatewayv1.HTTPRouteMatch{q.said}
		lines[i] = &copied
	}
	return lines
}
