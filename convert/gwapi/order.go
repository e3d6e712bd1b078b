package gwapi

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// checkOrder compares list order, which decides today, with Gateway API's
// precedence. A pair of overlapping rules that the two rank differently is a
// finding; where the rank of an expression matters it is a warning.
func (p *pass) checkOrder(t *route.Table, lines []*line) {
	seen := p.shared().expressions
	for j, later := range lines {
		var first *finding.Finding
		for _, earlier := range lines[:j] {
			if earlier.Action == later.Action {
				continue
			}
			f, found := seen.orderFinding(earlier, later)
			if !found {
				continue
			}
			related := finding.Related{Place: earlier.From.Place(), Message: "decides today: " + actionName(earlier.Action)}
			switch {
			case first == nil:
				f.Related = []finding.Related{related}
				first = &f
			case first.Rule == f.Rule:
				first.Related = append(first.Related, related)
			case f.Rule == rule.RuleOrder: // certain beats possible
				f.Related = []finding.Related{related}
				first = &f
			}
		}
		if first != nil {
			p.add(*first)
		}
	}
}

// orderFinding compares two rules, of which earlier comes first in the list.
func (x expressions) orderFinding(earlier, later *line) (finding.Finding, bool) {
	var possible finding.Finding
	for _, a := range earlier.matches {
		for _, b := range later.matches {
			if !x.mayOverlap(a, b) {
				continue
			}
			rank, known := precedence(a, b)
			if known && rank >= 0 {
				continue
			}
			if !known {
				possible = finding.New(rule.RegexOrder, later.From.Place(),
					"a request that both this rule and the one at %s take goes to %s today; which of %s and %s Gateway API prefers is the implementation's choice, so it may go to %s.",
					spot(earlier.From, later.From), actionName(earlier.Action), pathText(a), pathText(b), actionName(later.Action))
				continue
			}
			return finding.New(rule.RuleOrder, later.From.Place(),
				"%s goes to %s today, by the rule at %s; Gateway API prefers this rule, the more specific one, so it goes to %s.",
				witness(a, b), actionName(earlier.Action), spot(earlier.From, later.From), actionName(later.Action)), true
		}
	}
	return possible, possible.Rule != nil
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
// expressions and the bare prefix / after them; the rest is open.
func regexPrecedence(a, b gatewayv1.HTTPRouteMatch) (rank int, known bool) {
	switch {
	case *a.Path.Type == gatewayv1.PathMatchExact, catchAll(b):
		return 1, true
	case *b.Path.Type == gatewayv1.PathMatchExact, catchAll(a):
		return -1, true
	}
	return 0, false
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
	pattern := *m.Path.Value
	if *m.Path.Type != gatewayv1.PathMatchRegularExpression {
		return elements(m)
	}
	known, ok := x.start.Load(pattern)
	if !ok {
		known, _ = x.start.LoadOrStore(pattern, literalStart(strings.TrimPrefix(pattern, "(?i)")))
	}
	return known.(string)
}

// expressions remembers what was compiled, since every rule of a table is
// compared with every other, and many tables hold the same expressions.
type expressions struct{ full, start *sync.Map }

func newExpressions() expressions { return expressions{&sync.Map{}, &sync.Map{}} }

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
