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
func (p *pass) coveredBy(t *route.Table, i int) (earlier int, ok bool) {
	for j := range i {
		a, b := &t.Rules[j].Match, &t.Rules[i].Match
		if p.shared().expressions.contains(a, b) {
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
			return strings.EqualFold(k.Name, c.Name) && c.Kind == k.Kind && c.Value == k.Value // what is absent is compared as empty, so a wider one may not do
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

// takers are the pieces that requests of m meet, those first that are preferred;
// all tells that one of them takes whatever is left.
func (x expressions) takers(list []*piece, m *route.Match) (takers []*piece, all bool) {
	ranked := slices.DeleteFunc(slices.Clone(list), func(q *piece) bool { return !x.meet(&q.means, m) })
	x.sort(ranked)
	for _, q := range ranked {
		both, ok := x.sets.Conjoin(&q.means, m)
		if ok && x.contained(&both, takers) {
			continue
		}
		takers = append(takers, q)
		if x.contains(&q.means, m) {
			return takers, true
		}
	}
	return takers, false
}

// gains are the takers of those requests of m that are not an earlier rule's
// today, but those of rule l.
func (x expressions) gains(list []*piece, l *line, m *route.Match) (takers []*piece, all bool) {
	takers, all = x.takers(list, m)
	return slices.DeleteFunc(takers, func(q *piece) bool {
		both, ok := x.sets.Conjoin(&q.means, m)
		return q.index < l.index && ok && x.contains(&q.Match, &both)
	}), all
}

// next says where requests that meet m, and are not taken by rule l any more,
// go: "web (line 12)", "no rule: 404".
func (p *pass) next(t *route.Table, list []*piece, l *line, m route.Match) string {
	if len(list) == 0 { // then there is no route: NoRuleLeft
		if inMesh(t) {
			return "the Service, as if there were no route"
		}
		return "whatever else is attached, or 404"
	}
	takers, all := p.shared().expressions.gains(list, l, &m)
	var names []string
	for _, q := range takers {
		names = append(names, nameOf(q, l))
	}
	names = compactStrings(names)
	switch {
	case len(names) > 3:
		return fmt.Sprintf("%s or %d other rules", strings.Join(names[:2], " or "), len(names)-2)
	case all:
	case l.company:
		names = append(names, "the rules of other objects, or 404")
	default:
		names = append(names, "no rule: 404")
	}
	return strings.Join(names, " or ")
}

// today says where requests that meet m, and are not those of rule l, go today.
func (p *pass) today(t *route.Table, l *line, m route.Match) string {
	var names []string
	for k := l.index + 1; k < len(t.Rules) && len(names) < 3; k++ {
		r := &t.Rules[k]
		if !p.shared().expressions.meet(&r.Match, &m) {
			continue
		}
		names = append(names, fmt.Sprintf("%s (%s)", actionName(r.Action), spot(r.From, l.From)))
		if p.shared().expressions.contains(&r.Match, &m) {
			return strings.Join(names, " or ")
		}
	}
	if l.company {
		return strings.Join(append(names, "the rules of other objects, or 404"), " or ")
	}
	return strings.Join(append(names, "no rule: 404"), " or ")
}

// nameOf names the rule of q within a finding at l.
func nameOf(q *piece, l *line) string {
	if q.Action == unanswered {
		return "a rule without backends: 500"
	}
	return fmt.Sprintf("%s (%s)", actionName(q.Action), spot(q.From, l.From))
}

// elsewhere is next, or "" when the requests of m are not those of rule l today,
// or keep its action.
func (p *pass) elsewhere(t *route.Table, list []*piece, l *line, m route.Match) string {
	for k := range l.index {
		if p.shared().expressions.contains(&t.Rules[k].Match, &m) {
			return ""
		}
	}
	takers, all := p.shared().expressions.gains(list, l, &m)
	if all && len(alike(takers, l.Action)) == len(takers) {
		return ""
	}
	return p.next(t, list, l, m)
}
