package route

import (
	"fmt"
	"strings"
)

// Holds tells whether r meets all conditions of m, but for Subnets, which a
// request does not tell. An expression that RE2 can't read never holds.
func (m *Match) Holds(r *Request) bool { return (*Expressions)(nil).Holds(m, r) }

// Holds is Match.Holds with the expressions that x knows.
func (x *Expressions) Holds(m *Match, r *Request) bool {
	var few [8]Condition
	for _, c := range m.conditions(few[:0]) {
		value, present := r.value(c.On)
		if x.holds(c.StringMatch, value, present) == c.Negated {
			return false
		}
	}
	return true
}

// value is what r has in dimension d.
func (r *Request) value(d Dimension) (value string, present bool) {
	switch d.Kind {
	case InPath:
		return r.Path, true
	case InMethod:
		return r.Method, true
	case InScheme:
		return r.Scheme, true
	case InAuthority:
		return r.Authority, true
	case InNamespace:
		return r.SourceNamespace, true
	case InHeader:
		value, present = r.Headers[d.Name]
	case InQuery:
		value, present = r.Query[d.Name]
	case InLabel:
		value, present = r.SourceLabels[d.Name]
	default:
		panic(fmt.Sprintf("unhandled dimension %d", d.Kind))
	}
	return value, present
}

// with returns r with a value in dimension d.
func (r *Request) with(d Dimension, value string) {
	set := func(m *map[string]string) {
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[d.Name] = value
	}
	switch d.Kind {
	case InPath:
		r.Path = value
	case InMethod:
		r.Method = value
	case InScheme:
		r.Scheme = value
	case InAuthority:
		r.Authority = value
	case InNamespace:
		r.SourceNamespace = value
	case InHeader:
		set(&r.Headers)
	case InQuery:
		set(&r.Query)
	case InLabel:
		set(&r.SourceLabels)
	default:
		panic(fmt.Sprintf("unhandled dimension %d", d.Kind))
	}
}

// holds tells whether a value meets s.
func (x *Expressions) holds(s StringMatch, value string, present bool) bool {
	if !present {
		if !s.OrAbsent {
			return s.Kind == Any
		}
		value = ""
	}
	switch s.Kind {
	case Element:
		s.Value = strings.TrimSuffix(s.Value, "/")
		return s.Value == "" || s.met(value)
	case Regex:
		e := x.expression(s.Value, s.IgnoreCase)
		return e != nil && e.matches(value)
	}
	return s.met(value)
}

// met tells whether a present value meets a condition that is no expression,
// and if an element, one without its trailing slash.
func (s *StringMatch) met(value string) bool {
	switch s.Kind {
	case Any, Present:
		return true
	case Exact:
		return len(value) == len(s.Value) && hasPrefix(value, s.Value, s.IgnoreCase)
	case Prefix:
		return hasPrefix(value, s.Value, s.IgnoreCase)
	case Element:
		n := len(s.Value)
		return hasPrefix(value, s.Value, s.IgnoreCase) && (len(value) == n || value[n] == '/')
	}
	panic(fmt.Sprintf("unhandled kind %d of a condition", s.Kind))
}

// hasPrefix compares as Envoy does: ignoring case is ignoring that of ASCII
// letters (absl::StartsWithIgnoreCase).
func hasPrefix(value, prefix string, ignoreCase bool) bool {
	if len(value) < len(prefix) {
		return false
	}
	if !ignoreCase {
		return value[:len(prefix)] == prefix
	}
	for i := range len(prefix) {
		if lower(rune(value[i])) != lower(rune(prefix[i])) {
			return false
		}
	}
	return true
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
