package gwapi

import (
	"maps"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// splitRules deals rules out to routes that keep within the limits, in order: a
// rule with too many matches becomes several rules, too many rules or matches
// become several routes.
func splitRules(rules []drawn, l target.Limits) [][]drawn {
	var routes [][]drawn
	var current []drawn
	matches := 0
	for _, r := range rules {
		for _, ms := range parts(r.Matches, l.Matches) {
			other := len(current) > 0 && !maps.Equal(current[0].annotations(), r.annotations())
			if len(current) == l.Rules || matches+len(ms) > l.MatchesTotal || other {
				routes, current, matches = append(routes, current), nil, 0
			}
			part := r
			part.Matches = ms
			current, matches = append(current, part), matches+len(ms)
		}
	}
	if len(current) > 0 {
		routes = append(routes, current)
	}
	return routes
}

// parts cuts list into pieces of at most size, in order; an empty list is one
// empty piece.
func parts[T any](list []T, size int) [][]T {
	var pieces [][]T
	for len(list) > size {
		pieces, list = append(pieces, list[:size:size]), list[size:]
	}
	return append(pieces, list)
}
