package gwapi

import (
	"cmp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// closer joins matches until precedence decides as the order of the list does.
// Both matches joined are at least as specific as the later one, and stand
// before it, so they are preferred where the earlier one decides today.
type closer struct {
	*pass
	list []*piece
	room int // how many pieces may still be added
}

// rank compares two written matches: above 0 when a is preferred, 0 for a tie,
// which list order decides. known is false where the implementation decides.
func (x expressions) rank(a, b gatewayv1.HTTPRouteMatch) (rank int, known bool) {
	switch {
	case x.istio:
		if rank, known = precedence(a, b); known {
			return rank, true
		}
		return istioPrecedence(a, b), true
	case x.ranking.Known():
		return ranked(a).compare(ranked(b), x.ranking), true
	}
	return precedence(a, b)
}

// ranked is what rankings look at in a match that is to be written.
func ranked(m gatewayv1.HTTPRouteMatch) *rankedRule {
	r := &rankedRule{method: m.Method != nil, headers: len(m.Headers), query: len(m.QueryParams), length: len(*m.Path.Value)}
	switch *m.Path.Type {
	case gatewayv1.PathMatchExact:
		r.tier = tierExact
	case gatewayv1.PathMatchRegularExpression:
		r.tier = tierRegex
	default:
		r.tier, r.length = tierPrefix, len(elements(m))
	}
	return r
}

// first tells whether a, which stands before b in the list, is surely preferred.
func (x expressions) first(a, b *piece) bool {
	rank, known := x.rank(a.said, b.said)
	return known && rank >= 0
}

// sameOutcome tells whether two actions are written alike. All that refuses is,
// as a rule without backends.
func sameOutcome(a, b *route.Action) bool {
	return a == b || a.Refuses() && b.Refuses() || onlyForwards(a) && onlyForwards(b) && slices.EqualFunc(a.Backends, b.Backends, sameBackend)
}

// onlyForwards tells whether a sends requests to backends and does nothing else.
func onlyForwards(a *route.Action) bool {
	return len(a.Backends) > 0 && a.Redirect == nil && a.Direct == nil && a.Rewrite == nil && a.Headers == nil && a.Timeout == nil && a.Retry == nil &&
		len(a.Mirrors) == 0 && a.CORS == nil && a.Fault == nil && !slices.ContainsFunc(a.Backends, func(b route.Backend) bool { return b.Broken || b.Headers != nil })
}

func sameBackend(a, b route.Backend) bool {
	return a.Host == b.Host && a.Service == b.Service && a.Port == b.Port && a.Weight == b.Weight
}

// close adds what is missing until nothing is.
func (c *closer) close() []*piece {
	for changed := true; changed; {
		changed = false
		for i := 0; i < len(c.list); i++ {
			for j := i + 1; j < len(c.list); j++ {
				switch added, dead := c.settle(i, j); {
				case dead:
					c.list = slices.Delete(c.list, j, j+1)
					changed = true // it may have stood for others
					j--
				case added != nil:
					c.list = slices.Insert(c.list, c.behind(i), added)
					changed = true
					j++
				}
			}
		}
	}
	return c.list
}

// behind is where to put a piece joined with piece i: behind those that are there.
func (c *closer) behind(i int) int {
	at := i + 1
	for at < len(c.list) && (c.list[at].why == joint || c.list[at].why == across) && c.list[at].line == c.list[i].line {
		at++
	}
	return at
}

// settle looks at one pair, of which i decides where both match.
func (c *closer) settle(i, j int) (added *piece, dead bool) {
	a, b := c.list[i], c.list[j]
	x := c.shared().expressions
	if sameOutcome(a.Action, b.Action) || !x.mayMeet(a, b) {
		return nil, false
	}
	if c.shared().expressions.contains(&a.takes, &b.means) {
		return nil, true
	}
	if x.first(a, b) || c.room <= 0 || !c.shared().expressions.meet(&a.takes, &b.means) {
		return nil, false
	}
	takes, ok := x.both(&a.takes, &b.means)
	if !ok || c.decided(&takes, i, j) {
		return nil, false
	}
	said, ok := c.spell(&takes)
	if !ok {
		return nil, false
	}
	added = &piece{line: a.line, said: said, takes: takes, means: meaning(said), why: joint, cause: cmp.Or(b.cause, b.line)}
	if !x.first(added, b) {
		return nil, false
	}
	c.room--
	return added, false
}

// both is a match within a that takes all that a and b share, and asks for as
// much as b does: where two conditions on one header can't be joined, that of a
// stands for both.
func (x expressions) both(a, b *route.Match) (route.Match, bool) {
	if both, ok := x.sets.Conjoin(a, b); ok {
		return both, true
	}
	wider := *b
	wider.Headers = apartFrom(b.Headers, a.Headers, strings.EqualFold)
	wider.Query = apartFrom(b.Query, a.Query, sameName)
	return x.sets.Conjoin(a, &wider)
}

// apartFrom are the conditions of list on what others have none on.
func apartFrom(list, others []route.KeyMatch, same func(x, y string) bool) []route.KeyMatch {
	return slices.DeleteFunc(slices.Clone(list), func(k route.KeyMatch) bool {
		return slices.ContainsFunc(others, func(o route.KeyMatch) bool { return same(k.Name, o.Name) })
	})
}

// decided tells whether the requests of m, which piece i of the list takes, go
// nowhere near piece j: an earlier piece has them anyway, or one that is
// preferred to j.
func (c *closer) decided(m *route.Match, i, j int) bool {
	x := c.shared().expressions
	for k, q := range c.list[:j] {
		if k != i && (k < i && c.shared().expressions.contains(&q.takes, m) || x.first(q, c.list[j]) && c.shared().expressions.contains(&q.means, m)) {
			return true
		}
	}
	return false
}

// mayMeet is a quick look that spares most pairs the full one.
func (x expressions) mayMeet(a, b *piece) bool {
	return a.takes.Path.Kind == route.Prefix || x.mayOverlap(a.said, b.said)
}
