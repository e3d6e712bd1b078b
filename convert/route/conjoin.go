package route

import (
	"maps"
	"slices"
	"strings"
)

// Conjoin returns one match that takes what both a and b take, where a match can
// say that with one condition on the path and on each header and query
// parameter; it is not ok where none can, or where a and b have nothing in
// common. Of two conditions that say the same the literal one is kept, and a's
// node is the node of the whole.
func Conjoin(a, b *Match) (both Match, ok bool) { return (*Expressions)(nil).Conjoin(a, b) }

// Conjoin is the function Conjoin with the expressions that x knows.
func (x *Expressions) Conjoin(a, b *Match) (both Match, ok bool) {
	if x.empty(nil, a, b) == Yes {
		return Match{}, false
	}
	both.From = a.From
	fields := []struct {
		on       DimensionKind
		out      *StringMatch
		one, two StringMatch
	}{
		{InPath, &both.Path, a.Path, b.Path},
		{InMethod, &both.Method, a.Method, b.Method},
		{InScheme, &both.Scheme, a.Scheme, b.Scheme},
		{InAuthority, &both.Authority, a.Authority, b.Authority},
	}
	for _, f := range fields {
		if *f.out, ok = x.conjoin(Dimension{Kind: f.on}, f.one, f.two); !ok {
			return Match{}, false
		}
	}
	if both.Headers, ok = x.conjoinKeys(a.Headers, b.Headers, HeaderDimension); !ok {
		return Match{}, false
	}
	query := func(name string) Dimension { return Dimension{InQuery, name} }
	if both.Query, ok = x.conjoinKeys(a.Query, b.Query, query); !ok {
		return Match{}, false
	}
	both.Without = x.conjoinWithout(both.Headers, slices.Concat(a.Without, b.Without))
	return both, conjoinCallers(&both, a, b)
}

// conjoinCallers joins what a match says about the caller and the address.
func conjoinCallers(both, a, b *Match) bool {
	both.SourceNamespace = a.SourceNamespace
	if a.SourceNamespace == "" {
		both.SourceNamespace = b.SourceNamespace
	}
	if len(a.SourceLabels)+len(b.SourceLabels) > 0 {
		both.SourceLabels = map[string]string{}
		maps.Copy(both.SourceLabels, a.SourceLabels)
		maps.Copy(both.SourceLabels, b.SourceLabels)
	}
	both.Subnets = a.Subnets
	if len(a.Subnets) == 0 {
		both.Subnets = b.Subnets
	}
	return len(a.Subnets) == 0 || len(b.Subnets) == 0 || slices.Equal(a.Subnets, b.Subnets)
}

// conjoin returns the one condition on d that says both, which have some value
// in common.
func (x *Expressions) conjoin(d Dimension, a, b StringMatch) (StringMatch, bool) {
	switch {
	case a.Kind == Any:
		return b, true
	case b.Kind == Any, a.same(b):
		return a, true
	}
	positive := func(s StringMatch) []Condition { return []Condition{{On: d, StringMatch: s}} }
	narrower := x.implied(Condition{On: d, StringMatch: b}, positive(a)) == Yes
	if narrower && a.Kind != Regex {
		return a, true
	}
	if x.implied(Condition{On: d, StringMatch: a}, positive(b)) == Yes {
		return b, true
	}
	if narrower {
		return a, true
	}
	return x.onlyValue(d, append(positive(a), positive(b)...))
}

// onlyValue returns the one value that meets all of group, if there is just one.
func (x *Expressions) onlyValue(d Dimension, group []Condition) (StringMatch, bool) {
	value, present, found := x.solve(d, group, true)
	if found != Yes || !present {
		return StringMatch{}, false
	}
	only := StringMatch{Kind: Exact, Value: value, From: group[0].From}
	return only, x.implied(Condition{On: d, StringMatch: only}, group) == Yes
}

// conjoinKeys joins conditions on headers or on query parameters.
func (x *Expressions) conjoinKeys(a, b []KeyMatch, on func(name string) Dimension) ([]KeyMatch, bool) {
	all := slices.Clone(a)
	for _, k := range b {
		i := slices.IndexFunc(all, func(o KeyMatch) bool { return on(o.Name) == on(k.Name) })
		if i < 0 {
			all = append(all, k)
			continue
		}
		s, ok := x.conjoin(on(k.Name), all[i].StringMatch, k.StringMatch)
		if !ok {
			return nil, false
		}
		all[i].StringMatch = s
	}
	return byName(all), true
}

// conjoinWithout drops what rules out nothing more: what the headers or another
// condition rule out.
func (x *Expressions) conjoinWithout(headers, all []KeyMatch) []KeyMatch {
	var conditions []Condition
	for _, k := range headers {
		conditions = append(conditions, Condition{On: HeaderDimension(k.Name), StringMatch: k.StringMatch})
	}
	var kept []KeyMatch
	for i, k := range all {
		others := slices.Clone(conditions)
		for j, o := range all {
			if j != i && (j > i || slices.Contains(kept, o)) {
				others = append(others, without(o))
			}
		}
		if x.implied(without(k), others) != Yes {
			kept = append(kept, k)
		}
	}
	return byName(kept)
}

func byName(all []KeyMatch) []KeyMatch {
	slices.SortStableFunc(all, func(a, b KeyMatch) int { return strings.Compare(a.Name, b.Name) })
	return all
}
