package gwapi

import (
	"cmp"
	"fmt"
	"time"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// rankedRule is a rule with what Gateway API prefers it by
// (httproute_types.go, HTTPRouteRule.matches).
type rankedRule struct {
	*route.Rule
	tier    int  // of the path, see the constants
	length  int  // of the path: characters, without a trailing slash
	method  bool // the match names a method
	headers int
	query   int

	created time.Time  // of the route
	owner   route.Name // the route
	kind    string     // of the route
	index   int        // of the rule in the route
	match   int        // of the match in the rule
	group   int        // rules of another group are before or behind, whatever they say
}

// The tiers of paths. Where expressions stand is the implementation's choice, but
// that they come after exact paths.
const (
	tierNone   = iota // a GRPCRoute's match without a service
	tierPrefix        // also a gRPC service
	tierRegex
	tierExact
)

// compare is above 0 where a is preferred to b by what the two matches ask for.
// Where expressions are left open it takes Istio's order.
func (x *rankedRule) compare(y *rankedRule, ranking target.Ranking) int {
	if x.tier == tierRegex || y.tier == tierRegex {
		if c := x.comparePlace(y, ranking); c != 0 {
			return c
		}
	} else if c := cmp.Or(cmp.Compare(x.tier, y.tier), x.compareLength(y)); c != 0 {
		return c
	}
	if ranking == target.RankRegexFirst {
		return cmp.Or(cmp.Compare(x.headersAndMethod(), y.headersAndMethod()), cmp.Compare(x.query, y.query))
	}
	return cmp.Or(compareBool(x.method, y.method), cmp.Compare(x.headers, y.headers), cmp.Compare(x.query, y.query))
}

// compareLength: of two exact paths that take one request both are the same.
func (x *rankedRule) compareLength(y *rankedRule) int {
	if x.tier == tierExact {
		return 0
	}
	return cmp.Compare(x.length, y.length)
}

func (x *rankedRule) headersAndMethod() int {
	if x.method {
		return x.headers + 1
	}
	return x.headers
}

// comparePlace ranks the paths of two matches, one of which is an expression.
func (x *rankedRule) comparePlace(y *rankedRule, ranking target.Ranking) int {
	place := func(r *rankedRule) int { // exact paths first, and gRPC matches of no service last, in all rankings
		switch r.tier {
		case tierExact:
			return 3
		case tierNone:
			return 0
		}
		return 1
	}
	first := func(r *rankedRule, tier int) bool { return r.tier == tier }
	if c := cmp.Compare(place(x), place(y)); c != 0 {
		return c
	}
	switch ranking {
	case target.RankUnknown, target.RankPrefixFirst:
		return cmp.Or(compareBool(first(x, tierPrefix), first(y, tierPrefix)), cmp.Compare(x.length, y.length))
	case target.RankRegexFirst, target.RankRegexFirstByLength:
		return cmp.Or(compareBool(first(x, tierRegex), first(y, tierRegex)), cmp.Compare(x.length, y.length))
	case target.RankRegexFirstUnordered:
		return compareBool(first(x, tierRegex), first(y, tierRegex))
	case target.RankByLength:
		return cmp.Compare(x.length, y.length)
	}
	panic(fmt.Sprintf("unhandled ranking %d", ranking))
}

// surely tells whether x, which comes before y in a list, is preferred wherever
// expressions are ranked: one against a prefix or another expression is open.
func surely(x, y *rankedRule) bool {
	switch {
	case x.group != y.group:
		return true
	case x.tier != tierRegex && y.tier != tierRegex:
		return true
	case x.tier == tierExact, y.tier == tierExact, x.tier == tierNone, y.tier == tierNone:
		return true
	case x.tier == tierRegex && y.tier == tierRegex:
		return x.Match.Path.Value == y.Match.Path.Value
	}
	return false
}
