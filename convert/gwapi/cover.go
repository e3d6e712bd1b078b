package gwapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// coveredBy returns an earlier rule that takes all that rule i would take.
func coveredBy(t *route.Table, i int) (earlier int, ok bool) {
	for j := range i {
		if covers(&t.Rules[j].Match, &t.Rules[i].Match) {
			return j, true
		}
	}
	return 0, false
}

func (p *pass) noteCovered(t *route.Table, i, by int) {
	r, earlier := t.Rules[i], t.Rules[by]
	f := finding.New(rule.DeadRule, r.From.Place(), "this rule never decides: the rule at %s takes every request that it would take. Left out, since Gateway API could prefer it (%s would get traffic for the first time).",
		spot(earlier.From, r.From), actionName(r.Action))
	f.Related = []finding.Related{{Place: earlier.From.Place(), Message: "takes its requests"}}
	p.add(f)
}

// covers tells whether every request that meets b meets a, as far as a simple
// look tells: false may mean "not seen".
func covers(a, b *route.Match) bool {
	return pathCovers(a.Path, b.Path) && stringCovers(a.Method, b.Method) &&
		keysCover(a.Headers, b.Headers, strings.EqualFold) && keysCover(a.Query, b.Query, sameName) &&
		withoutCovers(a, b) &&
		stringCovers(a.Scheme, b.Scheme) && stringCovers(a.Authority, b.Authority) &&
		labelsCover(a.SourceLabels, b.SourceLabels) &&
		(a.SourceNamespace == "" || a.SourceNamespace == b.SourceNamespace) &&
		(len(a.Subnets) == 0 || slices.Equal(a.Subnets, b.Subnets))
}

func sameName(a, b string) bool { return a == b }

func labelsCover(a, b map[string]string) bool {
	for k, want := range a {
		if v, ok := b[k]; !ok || v != want {
			return false
		}
	}
	return true
}

// keysCover: each condition of a follows from one of b.
func keysCover(a, b []route.KeyMatch, same func(x, y string) bool) bool {
	for _, k := range a {
		if !slices.ContainsFunc(b, func(c route.KeyMatch) bool {
			return same(k.Name, c.Name) && stringCovers(k.StringMatch, c.StringMatch)
		}) {
			return false
		}
	}
	return true
}

// withoutCovers: what a rules out is ruled out by b as well.
func withoutCovers(a, b *route.Match) bool {
	for _, k := range a.Without {
		if !slices.ContainsFunc(b.Without, func(c route.KeyMatch) bool {
			return strings.EqualFold(k.Name, c.Name) && stringCovers(c.StringMatch, k.StringMatch)
		}) {
			return false
		}
	}
	return true
}

// stringCovers tells whether each string that meets b meets a.
func stringCovers(a, b route.StringMatch) bool {
	switch a.Kind {
	case route.Any:
		return true
	case route.Present:
		return b.Kind != route.Any
	case route.Exact:
		return b.Kind == route.Exact && a.Value == b.Value && !b.IgnoreCase
	case route.Prefix:
		return (b.Kind == route.Exact || b.Kind == route.Prefix) && strings.HasPrefix(b.Value, a.Value) && !b.IgnoreCase
	case route.Regex:
		return regexCovers(a, b)
	}
	panic(fmt.Sprintf("unhandled kind %d of a value", a.Kind))
}

// pathCovers tells whether each path that meets b meets a. Every path begins with /.
func pathCovers(a, b route.StringMatch) bool {
	if b.Kind == route.Element {
		b.Value = strings.TrimSuffix(b.Value, "/") // which it ignores
	}
	if b.Kind == route.Any || b.Kind == route.Present || b.Kind == route.Element && b.Value == "" {
		b = route.StringMatch{Kind: route.Prefix, Value: "/"}
	}
	if a.IgnoreCase {
		a.Value, b.Value = strings.ToLower(a.Value), strings.ToLower(b.Value)
	} else if b.IgnoreCase && hasCase(b.Value) && a.Value != "/" && a.Value != "" {
		return false
	}
	switch a.Kind {
	case route.Any, route.Present:
		return true
	case route.Exact:
		return b.Kind == route.Exact && a.Value == b.Value
	case route.Prefix:
		return b.Kind != route.Regex && strings.HasPrefix(b.Value, a.Value) || a.Value == "/" || a.Value == ""
	case route.Element:
		return elementCovers(strings.TrimSuffix(a.Value, "/"), b)
	case route.Regex:
		return regexCovers(a, b)
	}
	panic(fmt.Sprintf("unhandled kind %d of a path", a.Kind))
}

// elementCovers: a is a path without trailing slash.
func elementCovers(a string, b route.StringMatch) bool {
	switch b.Kind {
	case route.Exact, route.Element:
		return b.Value == a || strings.HasPrefix(b.Value, a+"/")
	case route.Prefix:
		return strings.HasPrefix(b.Value, a+"/") || a == ""
	}
	return a == ""
}

// regexCovers: a is an expression.
func regexCovers(a, b route.StringMatch) bool {
	switch b.Kind {
	case route.Any:
		return false
	case route.Exact:
		if !strings.HasPrefix(b.Value, plainHead(a.Value)) {
			return false // most pairs, without compiling
		}
		re, err := fullMatch(a.Value)
		return err == nil && re.MatchString(b.Value) && !b.IgnoreCase
	}
	if bare := trimAnchors(a.Value); bare == ".*" || bare == "/.*" && strings.HasPrefix(b.Value, "/") {
		return true
	}
	return b.Kind == route.Regex && a.Value == b.Value
}

// disjoint tells whether no request meets both, as far as a simple look tells.
func disjoint(a, b *route.Match) bool {
	return pathsDisjoint(a.Path, b.Path) || stringsDisjoint(a.Method, b.Method) ||
		keysDisjoint(a.Headers, b.Headers, strings.EqualFold) || keysDisjoint(a.Query, b.Query, sameName)
}

func keysDisjoint(a, b []route.KeyMatch, same func(x, y string) bool) bool {
	for _, k := range a {
		if slices.ContainsFunc(b, func(c route.KeyMatch) bool {
			return same(k.Name, c.Name) && stringsDisjoint(k.StringMatch, c.StringMatch)
		}) {
			return true
		}
	}
	return false
}

func stringsDisjoint(a, b route.StringMatch) bool {
	if b.Kind == route.Exact {
		a, b = b, a
	}
	return a.Kind == route.Exact && b.Kind != route.Any && !a.IgnoreCase && !b.IgnoreCase && !stringCovers(b, a)
}

func pathsDisjoint(a, b route.StringMatch) bool {
	if a.IgnoreCase || b.IgnoreCase {
		a.Value, b.Value = strings.ToLower(a.Value), strings.ToLower(b.Value)
		a.IgnoreCase, b.IgnoreCase = false, false
	}
	switch {
	case a.Kind == route.Regex && b.Kind != route.Exact, b.Kind == route.Regex && a.Kind != route.Exact:
		return false
	}
	return !pathCovers(a, b) && !pathCovers(b, a)
}

// emitted is m as the output compares it: prefixes by element.
func emitted(m *route.Match) *route.Match {
	if m.Path.Kind != route.Prefix {
		return m
	}
	copied := *m
	copied.Path.Kind = route.Element
	if m.Path.Value == "" || m.Path.Value == "/" {
		copied.Path = route.StringMatch{}
	}
	return &copied
}

// next says where requests that meet m, and are not taken by rule i any more,
// go: "web (line 12)", "no rule: 404". It is a simple look, without precedence.
func next(t *route.Table, lines []*line, i int, m route.Match) string {
	if !slices.ContainsFunc(lines, (*line).written) { // then there is no route: NoRuleLeft
		if inMesh(t) {
			return "the Service, as if there were no route"
		}
		return "whatever else is attached, or 404"
	}
	var maybe []string
	for k := i + 1; k < len(lines) && len(maybe) < 3; k++ {
		if !lines[k].written() || disjoint(emitted(&lines[k].Match), &m) {
			continue
		}
		name := fmt.Sprintf("%s (%s)", actionName(lines[k].Action), spot(lines[k].From, t.Rules[i].From))
		if covers(emitted(&lines[k].Match), &m) {
			return strings.Join(append(maybe, name), " or ")
		}
		maybe = append(maybe, name)
	}
	if lines[i].company {
		return strings.Join(append(maybe, "the rules of other objects, or 404"), " or ")
	}
	return strings.Join(append(maybe, "no rule: 404"), " or ")
}

// elsewhere is next, or "" when another rule with the action of rule i, or an
// earlier rule, takes the requests.
func elsewhere(t *route.Table, lines []*line, i int, m route.Match) string {
	for k, l := range lines {
		if k == i || !l.written() || !covers(emitted(&l.Match), &m) {
			continue
		}
		if k < i || l.Action == t.Rules[i].Action {
			return ""
		}
		break
	}
	return next(t, lines, i, m)
}
