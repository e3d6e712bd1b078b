package route

import (
	"slices"
	"strings"
)

// Truth is an answer that may be missing.
type Truth uint8

// The answers. Unknown is given where a search met its bound, or where an
// expression can't be read; it is never a guess.
const (
	No Truth = iota
	Yes
	Unknown
)

// String returns no, yes or unknown.
func (t Truth) String() string { return [...]string{"no", "yes", "unknown"}[t] }

// DimensionKind is a part of a request that a condition can ask for.
type DimensionKind uint8

// The kinds of dimensions. Values of different dimensions are independent of
// each other: for any two there is a request that has both.
const (
	InPath      DimensionKind = iota
	InMethod                  // a token, never empty
	InHeader                  // by lower-case name; the claims of a JWT by their name as written
	InQuery                   // by name
	InScheme                  // http or https in practice
	InAuthority               // host and port, also asked for as header host or :authority
	InLabel                   // of the calling workload, by key
	InNamespace               // of the calling workload
)

// Dimension is one part of a request. Name is that of a header, query parameter
// or label, and empty for the others.
type Dimension struct {
	Kind DimensionKind
	Name string
}

// canBeAbsent tells whether there are requests without this part.
func (d Dimension) canBeAbsent() bool {
	return d.Kind == InHeader || d.Kind == InQuery || d.Kind == InLabel
}

// claims is how the names of headers begin that stand for claims of a JWT
// (Istio pkg/jwt/routing.go).
const claims = "@request.auth.claims"

func (d Dimension) isClaim() bool { return d.Kind == InHeader && strings.HasPrefix(d.Name, claims) }

// HeaderDimension is the dimension that a header of this name asks for. Envoy
// keeps Host and the pseudo-headers in one map with the headers, so that Istio's
// headers can ask for them too.
func HeaderDimension(name string) Dimension {
	if len(name) >= len(claims) && strings.EqualFold(name[:len(claims)], claims) {
		return Dimension{InHeader, claims + name[len(claims):]}
	}
	name = strings.ToLower(name)
	switch name {
	case ":authority", "host":
		return Dimension{Kind: InAuthority}
	case ":method":
		return Dimension{Kind: InMethod}
	case ":scheme":
		return Dimension{Kind: InScheme}
	}
	return Dimension{InHeader, name}
}

// Condition is one condition of a match, on one dimension.
type Condition struct {
	On Dimension
	StringMatch
	Negated bool // the match holds where the StringMatch does not
}

// Conditions are all conditions of m, which holds where all of them do, but for
// Subnets, which no dimension of a request tells.
//
// A condition of Without holds where the header is absent or does not match, and
// what is absent counts as the empty string: Istio sets
// treat_missing_header_as_empty, but not for presence, which Envoy doesn't take
// it with, and not for claims (pilot/pkg/networking/core/route/route.go
// TranslateRouteMatch). So withoutHeaders with the expression .* never holds.
func (m *Match) Conditions() []Condition { return m.conditions(nil) }

func (m *Match) conditions(all []Condition) []Condition {
	add := func(k DimensionKind, s StringMatch) {
		if s.Kind != Any {
			all = append(all, Condition{On: Dimension{Kind: k}, StringMatch: s})
		}
	}
	add(InPath, m.Path)
	add(InMethod, m.Method)
	for _, k := range m.Headers {
		all = append(all, Condition{On: HeaderDimension(k.Name), StringMatch: k.StringMatch})
	}
	for _, k := range m.Without {
		all = append(all, without(k))
	}
	for _, k := range m.Query {
		all = append(all, Condition{On: Dimension{InQuery, k.Name}, StringMatch: k.StringMatch})
	}
	add(InScheme, m.Scheme)
	add(InAuthority, m.Authority)
	first := len(all)
	for key, value := range m.SourceLabels {
		all = append(all, Condition{On: Dimension{InLabel, key}, StringMatch: StringMatch{Kind: Exact, Value: value}})
	}
	slices.SortFunc(all[first:], func(a, b Condition) int { return strings.Compare(a.On.Name, b.On.Name) })
	if m.SourceNamespace != "" {
		add(InNamespace, StringMatch{Kind: Exact, Value: m.SourceNamespace})
	}
	return all
}

func without(k KeyMatch) Condition {
	c := Condition{On: HeaderDimension(k.Name), StringMatch: k.StringMatch, Negated: true}
	c.OrAbsent = k.Kind != Present && !c.On.isClaim()
	return c
}
