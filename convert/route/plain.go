package route

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// orbit are the other characters that r equals when case is ignored.
func orbit(r rune) []rune {
	var all []rune
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		all = append(all, o)
	}
	return all
}

// plainForm is an expression said without one: /foo(/.*)? is the element /foo.
type plainForm struct {
	StringMatch
	ok bool
	// ascii says that it is the same only where values are ASCII: K and S have
	// another form beyond that, which (?i) takes and our IgnoreCase does not.
	ascii bool
}

// plain looks for the expressions that are a literal, and perhaps anything, or
// anything below, after it. No value holds a newline, so that . is any character.
func plain(re *syntax.Regexp) plainForm {
	parts := flatten(re, nil)
	form := plainForm{StringMatch: StringMatch{Kind: Exact}}
	var folded, cased bool
	for len(parts) > 0 && parts[0].Op == syntax.OpLiteral {
		text := string(parts[0].Rune)
		if parts[0].Flags&syntax.FoldCase != 0 {
			folded = true
			text = strings.ToLower(text)
		} else {
			cased = cased || strings.ToLower(text) != strings.ToUpper(text)
		}
		form.Value += text
		parts = parts[1:]
	}
	form.IgnoreCase = folded
	form.ascii = folded && strings.ContainsAny(form.Value, "ks")
	switch {
	case folded && (cased || !isASCII(form.Value)):
	case len(parts) == 0:
		form.ok = true
	case len(parts) == 1 && anything(parts[0]):
		form.Kind, form.ok = Prefix, true
	case len(parts) == 1 && below(parts[0]) && form.Value != "" && !strings.HasSuffix(form.Value, "/"):
		form.Kind, form.ok = Element, true
	}
	return form
}

// flatten lists the parts of a sequence, groups opened.
func flatten(re *syntax.Regexp, parts []*syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return flatten(re.Sub[0], parts)
	case syntax.OpConcat:
		for _, s := range re.Sub {
			parts = flatten(s, parts)
		}
		return parts
	case syntax.OpEmptyMatch:
		return parts
	}
	return append(parts, re)
}

func anything(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && (re.Sub[0].Op == syntax.OpAnyCharNotNL || re.Sub[0].Op == syntax.OpAnyChar)
}

// below recognises (/.*)?.
func below(re *syntax.Regexp) bool {
	if re.Op != syntax.OpQuest {
		return false
	}
	parts := flatten(re.Sub[0], nil)
	return len(parts) == 2 && parts[0].Op == syntax.OpLiteral && string(parts[0].Rune) == "/" && anything(parts[1])
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 128 }) < 0
}

// simple returns s for the values of d in its plainest form, with an expression
// that is still needed. ok is false where RE2 can't read it.
func (x *Expressions) simple(d Dimension, s StringMatch) (plainest StringMatch, e *expression, ok bool) {
	if s.Kind == Regex {
		if e = x.expression(s.Value, s.IgnoreCase); e == nil {
			return s, nil, false
		}
		if !e.plain.ok || e.plain.ascii && d.allows(firstBeyond) {
			return s, e, true
		}
		s.Kind, s.Value, s.IgnoreCase = e.plain.Kind, e.plain.Value, e.plain.IgnoreCase
	}
	switch s.Kind {
	case Element:
		s.Value = strings.TrimSuffix(s.Value, "/")
		if s.Value == "" {
			s.Kind = Prefix
		}
	case Present:
		s.Kind, s.Value = Prefix, ""
	}
	if d.Kind == InPath && s.Kind == Prefix && s.Value == "/" {
		s.Value = "" // every path begins so
	}
	if s.IgnoreCase && strings.IndexFunc(s.Value, func(r rune) bool { return lower(r) != r || 'a' <= r && r <= 'z' }) < 0 {
		s.IgnoreCase = false
	}
	return s, nil, true
}

// literals are what a simple literal condition asks for: to be exactly the one,
// or to begin with the other.
func literals(s StringMatch) (exact, prefix *string) {
	switch s.Kind {
	case Exact:
		return &s.Value, nil
	case Prefix:
		return nil, &s.Value
	case Element:
		below := s.Value + "/"
		return &s.Value, &below
	}
	return nil, nil
}
