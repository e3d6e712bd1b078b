package route

import (
	"slices"
	"strings"
)

// solveSteps bounds the search for one value, which is asked for thousands of
// times: some ten milliseconds. Expressions as people write them take a few
// hundred steps.
const solveSteps = 1 << 20

// constraint is a condition in its plainest form.
type constraint struct {
	StringMatch
	e       *expression // for Regex
	negated bool
}

func (c *constraint) literal() bool { return c.e == nil && !c.IgnoreCase }

func (c *constraint) holds(value string, present bool) bool {
	met := false
	switch {
	case !present && !c.OrAbsent:
		met = c.Kind == Any
	case c.e != nil:
		met = c.e.matches(value)
	default:
		met = c.met(value)
	}
	return met != c.negated
}

// constraints are conditions on one dimension, but for those that come to a
// base: the literal ones that are not negated.
type constraints []constraint

// problem is the question for a value that meets all of them.
type problem struct {
	d    Dimension
	base StringMatch // Any where there are none of its kind
	rest constraints
}

// solve looks for a value that meets all conditions of group, which are all of
// dimension d. It does not look for the shortest unless it is wanted.
func (x *Expressions) solve(d Dimension, group []Condition, want bool) (value string, present bool, found Truth) {
	if d.Kind == InHeader && (d.isClaim() || d.Name == ":path") {
		if found, ok := opaque(d, group); ok {
			return "", false, found
		}
	}
	var few [6]constraint
	rest, base := constraints(few[:0]), StringMatch{}
	readable := true
	for _, c := range group {
		s, e, ok := x.simple(d, c.StringMatch)
		switch {
		case !ok:
			readable = false
		case c.Kind == Any && c.Negated:
			return "", false, No
		case c.Kind == Any:
		case e == nil && !c.Negated && !s.IgnoreCase && !s.OrAbsent:
			if base, ok = meet(base, s); !ok {
				return "", false, No
			}
		default:
			rest = append(rest, constraint{s, e, c.Negated})
		}
	}
	value, present, found = rest.solve(d, base, want)
	if found == Yes && !readable {
		return "", false, Unknown
	}
	return value, present, found
}

// opaque answers for what is more than one string: a claim may be a list, which
// meets a condition where one of its items does, and :path holds the query too.
func opaque(d Dimension, group []Condition) (Truth, bool) {
	for i, c := range group {
		for _, o := range group[:i] {
			if c.same(o.StringMatch) && c.Negated != o.Negated {
				return No, true
			}
		}
	}
	several := slices.ContainsFunc(group, func(c Condition) bool { return !c.same(group[0].StringMatch) })
	return Unknown, several || !d.isClaim()
}

// same tells whether two conditions ask for the same, by their text.
func (s StringMatch) same(o StringMatch) bool {
	return s.Kind == o.Kind && s.IgnoreCase == o.IgnoreCase && s.OrAbsent == o.OrAbsent && s.Value == o.Value
}

// meet is what two literal conditions in plainest form have in common, which is
// always one of them: the longer literal, or else the narrower kind.
func meet(a, b StringMatch) (StringMatch, bool) {
	rank := func(s StringMatch) int {
		return [...]int{Any: 0, Prefix: 1, Element: 2, Exact: 3}[s.Kind]
	}
	switch {
	case a.Kind == Any:
		return b, true
	case b.Kind == Any:
		return a, true
	case b.Kind == Exact && a.Kind != Exact,
		(b.Kind == Exact) == (a.Kind == Exact) && (len(b.Value) > len(a.Value) || len(b.Value) == len(a.Value) && rank(b) > rank(a)):
		a, b = b, a
	}
	return a, b.met(a.Value)
}

// solve takes the short ways, which most questions allow, without allocating.
func (rest constraints) solve(d Dimension, base StringMatch, want bool) (value string, present bool, found Truth) {
	if d.canBeAbsent() && base.Kind == Any && rest.met("", false) {
		return "", false, Yes
	}
	switch {
	case base.Kind == Exact:
		if d.possible(base.Value) && rest.met(base.Value, true) {
			return base.Value, true, Yes
		}
		return "", false, No
	case base.Kind != Any && !d.begins(base.Value), rest.headsDiffer(base):
		return "", false, No
	case want:
	case len(rest) == 0:
		return "", true, Yes
	case len(rest) == 1 && rest[0].negated && rest[0].literal() && base.Kind != Any:
		if implies(base, rest[0].StringMatch) {
			return "", false, No
		}
		return "", true, Yes
	}
	p := problem{d, base, slices.Clone(rest)}
	return p.solve(want)
}

// solve tries likely values, and then searches.
func (p *problem) solve(want bool) (value string, present bool, found Truth) {
	if !want {
		if value, ok := p.knownMember(); ok {
			return value, true, Yes
		}
	}
	value, ok, decided := p.nearLiterals()
	switch {
	case ok && (decided || !want):
		return value, true, Yes
	case decided:
		return "", false, No
	}
	return p.search()
}

// knownMember tries a value of each expression, which decides most questions on
// whether an expression and a wide prefix overlap.
func (p *problem) knownMember() (string, bool) {
	for i := range p.rest {
		c := &p.rest[i]
		if c.e == nil || c.negated {
			continue
		}
		if value, ok := c.e.member(p.d.Kind); ok && (p.base.Kind == Any || p.base.met(value)) && p.rest.met(value, true) {
			return value, true
		}
	}
	return "", false
}

func (rest constraints) met(value string, present bool) bool {
	for i := range rest {
		if !rest[i].holds(value, present) {
			return false
		}
	}
	return true
}

// begins tells whether some value of d begins with text.
func (d Dimension) begins(text string) bool {
	f := outset
	for _, r := range text {
		if f = d.next(f, r); f == impossible {
			return false
		}
	}
	return true
}

// implies tells whether what meets a meets b, for present values and literal
// conditions in plainest form, of which a is not Exact.
func implies(a, b StringMatch) bool {
	switch b.Kind {
	case Prefix:
		return strings.HasPrefix(a.Value, b.Value)
	case Element:
		if a.Kind == Element && a.Value == b.Value {
			return true
		}
		return len(a.Value) > len(b.Value) && b.met(a.Value)
	}
	return false
}

// headsDiffer tells whether expressions begin otherwise than the base or each
// other, which spares most pairs the search.
func (rest constraints) headsDiffer(base StringMatch) bool {
	longest := base.Value
	for i := range rest {
		c := &rest[i]
		if c.e == nil || c.negated {
			continue
		}
		short, long := longest, c.e.head
		if len(short) > len(long) {
			short, long = long, short
		}
		if !strings.HasPrefix(long, short) {
			return true
		}
		longest = long
	}
	return false
}

// nearLiterals tries the values that differ from the literals by little. Where
// there is nothing but literals they decide, and the first is a shortest.
func (p *problem) nearLiterals() (value string, ok, decided bool) {
	decided = true
	texts := []StringMatch{{Kind: Prefix}}
	if p.base.Kind != Any {
		texts = append(texts, p.base)
	}
	for i := range p.rest {
		decided = decided && p.rest[i].literal()
		if p.rest[i].e == nil {
			texts = append(texts, p.rest[i].StringMatch)
		}
	}
	if p.base.Kind == Any || p.base.Value == "" {
		for _, v := range p.d.usual() {
			if p.rest.met(v, true) {
				return v, true, true
			}
		}
	}
	near := neighbours{d: p.d, taken: func(start []byte) bool {
		return slices.ContainsFunc(texts, func(s StringMatch) bool {
			return s.goesOn(start)
		})
	}}
	near.yield = func(_ nearness, v []byte) {
		if (!ok || len(v) < len(value)) && p.d.possible(string(v)) && p.meets(string(v)) {
			value, ok = string(v), true
		}
	}
	for _, s := range texts {
		if !near.around(s) {
			decided = false
		}
	}
	return value, ok, decided
}

func (p *problem) meets(value string) bool {
	return p.base.met(value) && p.rest.met(value, true)
}

// search looks for a shortest value with automata.
func (p *problem) search() (value string, present bool, found Truth) {
	b := budget(solveSteps)
	all := p.rest
	if p.base.Kind != Any {
		all = append(slices.Clone(p.rest), constraint{StringMatch: p.base})
	}
	var texts []StringMatch
	var expressions []*expression
	for _, c := range all {
		if c.e != nil {
			expressions = append(expressions, c.e)
		} else {
			texts = append(texts, c.StringMatch)
		}
	}
	a := newAlphabet(p.d, texts, expressions)
	parts, need := make([]automaton, len(all)), make([]bool, len(all))
	for i, c := range all {
		need[i] = !c.negated
		if c.e != nil {
			parts[i] = newDFA(c.e, a.runes, &b)
			continue
		}
		t := newTrie(c.IgnoreCase)
		t.add(c.StringMatch, 0)
		t.finish(a.runes)
		parts[i] = t
	}
	s := &space{alphabet: a, joint: newJoint(parts, need, len(a.runes), &b), budget: &b}
	finished := s.search(func(steps []step, i int) bool {
		if p.d.complete(steps[i].frame) && s.goal(steps[i].joint, need) {
			value, found = s.value(steps, i), Yes
		}
		return found != Yes
	})
	if found == Yes {
		return value, true, Yes
	}
	if !finished {
		return "", false, Unknown
	}
	return "", false, No
}

// goal tells whether exactly the parts hold that need to.
func (s *space) goal(joint int32, need []bool) bool {
	for i, n := range need {
		if s.joint.holds(joint, i) != n {
			return false
		}
	}
	return true
}
