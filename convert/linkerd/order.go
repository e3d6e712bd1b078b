package linkerd

import (
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// entry is an element of a list of alternatives, in the order in which they
// decide.
type entry struct {
	term
	route int // which route it is of
	from  *source.Node
}

// decided is a line of a list that has no negations.
type decided struct {
	match route.Match
	route int // the route that decides, or rest
	from  *source.Node
}

// rest stands for what no route takes.
const rest = -1

// ordering turns alternatives with negations into a decision list without: what
// an alternative leaves out is decided before it, by those that follow it.
type ordering struct {
	*formulas
	entries []entry
	out     []decided
}

// order lays out the list for all requests. It may be cut short where that fails.
func (f *formulas) order(entries []entry) []decided {
	o := &ordering{formulas: f, entries: entries}
	o.from(0, route.Match{})
	return o.out
}

// from lays out what the entries from i on decide of the requests within.
func (o *ordering) from(i int, within route.Match) {
	for ; i < len(o.entries) && o.failed == ""; i++ {
		e := o.entries[i]
		match, ok := o.conjoin(e.from, &within, &e.match)
		if !ok {
			continue
		}
		whole := o.expressions.Contains(&match, &within) == route.Yes
		covered := false
		for _, but := range e.but {
			inner, ok := o.conjoin(e.from, &match, &but)
			if !ok {
				continue
			}
			o.from(i+1, inner)
			covered = covered || o.expressions.Contains(&inner, &match) == route.Yes
		}
		if covered {
			continue
		}
		o.add(decided{match, e.route, e.from})
		if whole {
			return // with what the negations leave out the list is complete
		}
	}
	o.add(decided{match: within, route: rest})
}

func (o *ordering) add(d decided) {
	if len(o.out) >= maxRules {
		o.fail(d.from, "what the conditions leave out would take too many rules")
		return
	}
	o.out = append(o.out, d)
}

// trim leaves out the lines that decide what the list decides without them: those
// of routes for which plain holds, where no later line with another decision
// takes any of their requests. It returns the routes that are left out.
func (f *formulas) trim(list []decided, plain func(route int) bool) (kept []decided, dropped map[int]bool) {
	dropped = map[int]bool{}
	var reversed []decided
	for i := len(list) - 1; i >= 0; i-- {
		d := list[i]
		last := i == len(list)-1 // which takes what all others leave
		if !last && (d.route == rest || plain(d.route)) && !f.meets(d, reversed, plain) {
			if d.route != rest {
				dropped[d.route] = true
			}
			continue
		}
		reversed = append(reversed, d)
	}
	for i := len(reversed) - 1; i >= 0; i-- {
		kept = append(kept, reversed[i])
		delete(dropped, reversed[i].route)
	}
	return kept, dropped
}

// meets tells whether a line of list that is not plain may take a request of d.
func (f *formulas) meets(d decided, list []decided, plain func(route int) bool) bool {
	for _, o := range list {
		if o.route != rest && !plain(o.route) && f.expressions.Overlap(&d.match, &o.match) != route.No {
			return true
		}
	}
	return false
}
