package gwapi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// checkOrder compares list order, which decides today, with Gateway API's
// precedence, where no piece mends it. A pair of overlapping rules that the two
// rank differently is a finding; where the rank of an expression matters it is a
// warning.
func (p *pass) checkOrder(list []*piece) {
	x := p.shared().expressions
	said := map[*line]int{}
	var all []finding.Finding
	for j, later := range list {
		f, found := x.outranks(later, contest{earlier: list[:j]})
		if !found {
			continue
		}
		n, twice := said[later.line]
		switch {
		case !twice:
			said[later.line] = len(all)
			all = append(all, f)
		case certainty(all[n].Rule) < certainty(f.Rule):
			all[n] = f
		}
	}
	for _, f := range all {
		p.add(f)
	}
}

// contest is what stands against a piece: the pieces that come before it today,
// and those that may mend what it takes from them.
type contest struct {
	earlier []*piece
	ties    bool     // of two equal matches the later one is preferred
	own     []*piece // of the later piece's list, before it
}

// outranks tells whether Gateway API prefers later to some piece that comes
// first today.
func (x expressions) outranks(later *piece, c contest) (finding.Finding, bool) {
	var first finding.Finding
	for _, e := range c.earlier {
		if sameOutcome(e.Action, later.Action) {
			continue
		}
		f, found := x.orderFinding(e, later, c.ties)
		if !found || x.mended(e, later, c) {
			continue
		}
		related := finding.Related{Place: e.From.Place(), Message: "decides today: " + actionName(e.Action)}
		switch {
		case first.Rule == f.Rule:
			first.Related = append(first.Related, related)
		case first.Rule == nil, certainty(first.Rule) < certainty(f.Rule):
			f.Related = []finding.Related{related}
			first = f
		}
	}
	return first, first.Rule != nil
}

// mended tells whether a piece that is surely preferred to later has the
// requests that it shares with e.
func (x expressions) mended(e, later *piece, c contest) bool {
	both, ok := x.both(&e.takes, &later.means)
	if !ok {
		both = later.means
	}
	mends := func(q *piece, ties bool) bool {
		rank, known := x.rank(q.said, later.said)
		return known && (rank > 0 || rank == 0 && !ties) && x.contains(&q.means, &both)
	}
	return slices.ContainsFunc(c.earlier, func(q *piece) bool { return mends(q, c.ties) }) ||
		slices.ContainsFunc(c.own, func(q *piece) bool { return mends(q, false) })
}

// certainty ranks the findings on order: what happens everywhere, with Istio's
// GatewayClass, or perhaps.
func certainty(r *finding.Rule) int {
	return slices.Index([]*finding.Rule{rule.RegexOrder, rule.RegexOutranked, rule.RuleOrder}, r)
}

// orderFinding compares two pieces, of which earlier comes first today.
func (x expressions) orderFinding(earlier, later *piece, ties bool) (finding.Finding, bool) {
	a, b := earlier.said, later.said
	rank, known := x.rank(a, b)
	if known && (rank > 0 || rank == 0 && !ties) || !x.mayMeet(earlier, later) || !x.meet(&earlier.takes, &later.means) {
		return finding.Finding{}, false
	}
	if _, known := precedence(a, b); !known {
		return x.regexFinding(earlier, later), true
	}
	return finding.New(rule.RuleOrder, later.From.Place(),
		"%s goes to %s today, by the rule at %s; Gateway API prefers this rule, %s, so it goes to %s.",
		witness(a, b), actionName(earlier.Action), spot(earlier.From, later.From), preference(rank), actionName(later.Action)), true
}

func preference(rank int) string {
	if rank == 0 {
		return "whose route comes first by name"
	}
	return "the more specific one"
}

// regexFinding is for a pair of matches whose rank is the implementation's choice.
func (x expressions) regexFinding(earlier, later *piece) finding.Finding {
	a, b := earlier.said, later.said
	if x.ranking.Known() {
		who := x.target
		if x.istio {
			who = "Istio's GatewayClass"
		}
		return finding.New(rule.RegexOutranked, later.From.Place(),
			"a request that both this rule and the one at %s take goes to %s today; %s prefers %s to %s, so it goes to %s.",
			spot(earlier.From, later.From), actionName(earlier.Action), who, pathText(b), pathText(a), actionName(later.Action))
	}
	return finding.New(rule.RegexOrder, later.From.Place(),
		"a request that both this rule and the one at %s take goes to %s today; which of %s and %s Gateway API prefers is the implementation's choice, so it may go to %s.",
		spot(earlier.From, later.From), actionName(earlier.Action), pathText(a), pathText(b), actionName(later.Action))
}

// precedence compares two matches as HTTPRouteRule.matches documents it: above 0
// when a is preferred, 0 for a tie, which list order decides. known is false
// where the place of an expression would decide.
func precedence(a, b gatewayv1.HTTPRouteMatch) (rank int, known bool) {
	ta, tb := *a.Path.Type, *b.Path.Type
	regex := gatewayv1.PathMatchRegularExpression
	if (ta == regex) != (tb == regex) {
		return regexPrecedence(a, b)
	}
	if ta == regex && *a.Path.Value != *b.Path.Value {
		return 0, false
	}
	return cmp.Or(
		compareBool(ta == gatewayv1.PathMatchExact, tb == gatewayv1.PathMatchExact),
		comparePrefix(a, b),
		compareBool(a.Method != nil, b.Method != nil),
		cmp.Compare(len(a.Headers), len(b.Headers)),
		cmp.Compare(len(a.QueryParams), len(b.QueryParams))), true
}

// regexPrecedence: every implementation known puts exact paths before
// expressions; the rest is open. Istio has even the bare prefix / before them.
func regexPrecedence(a, b gatewayv1.HTTPRouteMatch) (rank int, known bool) {
	switch {
	case *a.Path.Type == gatewayv1.PathMatchExact:
		return 1, true
	case *b.Path.Type == gatewayv1.PathMatchExact:
		return -1, true
	}
	return 0, false
}

// istioPrecedence compares two matches, of which one at least is an expression
// and none exact, as Istio does where it serves Gateway API: each prefix before
// each expression, then the longer one
// (pilot/pkg/config/kube/gateway/conversion.go sortHTTPRoutes).
func istioPrecedence(a, b gatewayv1.HTTPRouteMatch) int {
	prefix := gatewayv1.PathMatchPathPrefix
	return cmp.Or(
		compareBool(*a.Path.Type == prefix, *b.Path.Type == prefix),
		cmp.Compare(len(*a.Path.Value), len(*b.Path.Value)),
		compareBool(a.Method != nil, b.Method != nil),
		cmp.Compare(len(a.Headers), len(b.Headers)),
		cmp.Compare(len(a.QueryParams), len(b.QueryParams)))
}

// catchAll tells whether m is the catch-all.
func catchAll(m gatewayv1.HTTPRouteMatch) bool {
	return *m.Path.Type == gatewayv1.PathMatchPathPrefix && *m.Path.Value == "/" &&
		m.Method == nil && len(m.Headers) == 0 && len(m.QueryParams) == 0
}

func comparePrefix(a, b gatewayv1.HTTPRouteMatch) int {
	if *a.Path.Type != gatewayv1.PathMatchPathPrefix || *b.Path.Type != gatewayv1.PathMatchPathPrefix {
		return 0
	}
	return cmp.Compare(len(elements(a)), len(elements(b)))
}

// elements is a prefix without its trailing slash, which Gateway API ignores.
func elements(m gatewayv1.HTTPRouteMatch) string { return strings.TrimSuffix(*m.Path.Value, "/") }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// mayOverlap tells whether some request may meet both matches.
func (x expressions) mayOverlap(a, b gatewayv1.HTTPRouteMatch) bool {
	if a.Method != nil && b.Method != nil && *a.Method != *b.Method {
		return false
	}
	for _, h := range a.Headers {
		for _, i := range b.Headers {
			if strings.EqualFold(string(h.Name), string(i.Name)) && x.valuesDisjoint(string(*h.Type), h.Value, string(*i.Type), i.Value) {
				return false
			}
		}
	}
	for _, q := range a.QueryParams {
		for _, r := range b.QueryParams {
			if q.Name == r.Name && x.valuesDisjoint(string(*q.Type), q.Value, string(*r.Type), r.Value) {
				return false
			}
		}
	}
	return x.pathsMeet(a, b)
}

const exactValue = string(gatewayv1.HeaderMatchExact)

// valuesDisjoint: no value meets both conditions, as far as is seen.
func (x expressions) valuesDisjoint(ta, a, tb, b string) bool {
	switch {
	case ta == exactValue && tb == exactValue:
		return a != b
	case ta == exactValue:
		return !x.matches(b, a)
	case tb == exactValue:
		return !x.matches(a, b)
	}
	return false
}

// pathsMeet tells whether some path may meet both matches.
func (x expressions) pathsMeet(a, b gatewayv1.HTTPRouteMatch) bool {
	if *b.Path.Type == gatewayv1.PathMatchExact {
		a, b = b, a
	}
	va, vb := *a.Path.Value, *b.Path.Value
	switch {
	case *b.Path.Type == gatewayv1.PathMatchExact:
		return va == vb
	case *b.Path.Type == gatewayv1.PathMatchRegularExpression && *a.Path.Type == gatewayv1.PathMatchExact:
		return x.matches(vb, va)
	case *a.Path.Type == gatewayv1.PathMatchRegularExpression, *b.Path.Type == gatewayv1.PathMatchRegularExpression:
		return x.startsMeet(a, b)
	case *a.Path.Type == gatewayv1.PathMatchExact:
		return below(va, elements(b))
	}
	return below(elements(a), elements(b)) || below(elements(b), elements(a))
}

// startsMeet compares what the paths of two matches begin with, of which one at
// least is an expression.
func (x expressions) startsMeet(a, b gatewayv1.HTTPRouteMatch) bool {
	s, t := strings.ToLower(x.pathStart(a)), strings.ToLower(x.pathStart(b)) // expressions may ignore case
	return strings.HasPrefix(s, t) || strings.HasPrefix(t, s)
}

func (x expressions) pathStart(m gatewayv1.HTTPRouteMatch) string {
	if *m.Path.Type != gatewayv1.PathMatchRegularExpression {
		return elements(m)
	}
	return x.literalStart(*m.Path.Value)
}

// literalStart is the function literalStart, which remembers.
func (x expressions) literalStart(pattern string) string {
	known, ok := x.start.Load(pattern)
	if !ok {
		known, _ = x.start.LoadOrStore(pattern, literalStart(strings.TrimPrefix(pattern, "(?i)")))
	}
	return known.(string)
}

// expressions remembers what was compiled, since every rule of a table is
// compared with every other, and many tables hold the same expressions.
type expressions struct {
	full, start *sync.Map
	istio       bool // Istio serves the routes
	target      string
	ranking     target.Ranking // of target
	sets        *route.Expressions
}

func newExpressions() expressions {
	return expressions{full: &sync.Map{}, start: &sync.Map{}, sets: &route.Expressions{}}
}

// matches tells whether pattern may match the whole of value.
func (x expressions) matches(pattern, value string) bool {
	known, ok := x.full.Load(pattern)
	if !ok {
		re, _ := fullMatch(pattern)
		known, _ = x.full.LoadOrStore(pattern, re)
	}
	re := known.(*regexp.Regexp)
	return re == nil || re.MatchString(value)
}

// below tells whether path is prefix, or lies below it.
func below(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// witness is a request that meets both matches, for people.
func witness(a, b gatewayv1.HTTPRouteMatch) string {
	method, path := "GET", *b.Path.Value
	if *a.Path.Type == gatewayv1.PathMatchExact || comparePrefix(a, b) > 0 {
		path = *a.Path.Value
	}
	var with []string
	for _, m := range []gatewayv1.HTTPRouteMatch{a, b} {
		if m.Method != nil {
			method = string(*m.Method)
		}
		for _, h := range m.Headers {
			with = append(with, conditionText("header", string(h.Name), string(*h.Type), h.Value))
		}
		for _, q := range m.QueryParams {
			with = append(with, conditionText("query parameter", string(q.Name), string(*q.Type), q.Value))
		}
	}
	if len(with) == 0 {
		return method + " " + path
	}
	return method + " " + path + " with " + strings.Join(compactStrings(with), " and ")
}

func conditionText(what, name, kind, value string) string {
	switch {
	case kind == exactValue:
		return fmt.Sprintf("%s %s: %s", what, name, value)
	case value == ".*":
		return fmt.Sprintf("any %s %s", what, name)
	}
	return fmt.Sprintf("a %s %s like %s", what, name, value)
}

// compactStrings drops repetitions, keeping the first of each.
func compactStrings(words []string) []string {
	seen := map[string]bool{}
	var all []string
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			all = append(all, w)
		}
	}
	return all
}

func pathText(m gatewayv1.HTTPRouteMatch) string {
	switch *m.Path.Type {
	case gatewayv1.PathMatchExact:
		return "path " + *m.Path.Value
	case gatewayv1.PathMatchPathPrefix:
		return "prefix " + *m.Path.Value
	case gatewayv1.PathMatchRegularExpression:
		return "expression " + *m.Path.Value
	}
	panic(fmt.Sprintf("unhandled path match %q", *m.Path.Type))
}
