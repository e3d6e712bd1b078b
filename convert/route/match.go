package route

import "slices"

// Empty tells whether no request meets all of ms. No comes with a smallest
// request that does: GET / with what the conditions ask for. Parts of it that
// no condition asks for are empty.
func Empty(ms ...*Match) (Request, Truth) { return (*Expressions)(nil).Empty(ms...) }

// Overlap tells whether some request meets both.
func Overlap(a, b *Match) Truth { return (*Expressions)(nil).Overlap(a, b) }

// Contains tells whether a takes every request that b takes.
func Contains(a, b *Match) Truth { return (*Expressions)(nil).Contains(a, b) }

// Empty is the function Empty with the expressions that x knows.
func (x *Expressions) Empty(ms ...*Match) (Request, Truth) {
	r := Request{Method: usualMethods[0], Path: "/"}
	truth := x.empty(&r, ms...)
	if truth != No {
		return Request{}, truth
	}
	return r, No
}

// Overlap is the function Overlap with the expressions that x knows.
func (x *Expressions) Overlap(a, b *Match) Truth {
	switch x.empty(nil, a, b) {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

// empty solves one dimension after the other, and writes the values to r if
// there is one.
func (x *Expressions) empty(r *Request, ms ...*Match) Truth {
	var room, group [16]Condition
	all := room[:0]
	truth := No
	subnets := []string(nil)
	for _, m := range ms {
		all = m.conditions(all)
		switch {
		case len(m.Subnets) == 0:
		case subnets == nil:
			subnets = m.Subnets
		case !slices.Equal(subnets, m.Subnets):
			truth = Unknown // they may have addresses in common
		}
	}
	for i := range all {
		d := all[i].On
		if slices.ContainsFunc(all[:i], func(c Condition) bool { return c.On == d }) {
			continue
		}
		value, present, found := x.solve(d, onDimension(group[:0], all[i:], d), r != nil)
		switch {
		case found == No:
			return Yes
		case found == Unknown:
			truth = Unknown
		case r != nil && present:
			r.with(d, value)
		}
	}
	return truth
}

// onDimension appends those conditions of all that are on dimension d.
func onDimension(group, all []Condition, d Dimension) []Condition {
	for _, c := range all {
		if c.On == d {
			group = append(group, c)
		}
	}
	return group
}

// Contains is the function Contains with the expressions that x knows.
func (x *Expressions) Contains(a, b *Match) Truth {
	var rooms [2][12]Condition
	inside := b.conditions(rooms[0][:0])
	implied := subnetsImplied(a.Subnets, b.Subnets)
	for _, c := range a.conditions(rooms[1][:0]) {
		if implied != No {
			implied = both(implied, x.implied(c, inside))
		}
	}
	if implied == Yes {
		return Yes
	}
	switch x.empty(nil, b) {
	case Yes:
		return Yes
	case No:
		return implied
	}
	return Unknown
}

// implied tells whether whatever meets all of conditions meets c.
func (x *Expressions) implied(c Condition, conditions []Condition) Truth {
	var room [8]Condition
	group := onDimension(room[:0], conditions, c.On)
	for _, o := range group {
		if o.Negated == c.Negated && o.same(c.StringMatch) {
			return Yes
		}
	}
	c.Negated = !c.Negated
	switch _, _, found := x.solve(c.On, append(group, c), false); found {
	case No:
		return Yes
	case Yes:
		return No
	}
	return Unknown
}

// both is what holds of two together.
func both(a, b Truth) Truth {
	switch {
	case a == No || b == No:
		return No
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Yes
}

// subnetsImplied compares lists of destination subnets, of which nothing is
// known but whether they are the same.
func subnetsImplied(a, b []string) Truth {
	switch {
	case len(a) == 0 || slices.Equal(a, b):
		return Yes
	case len(b) == 0:
		return No
	}
	return Unknown
}
