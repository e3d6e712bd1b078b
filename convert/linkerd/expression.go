package linkerd

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// reading is how Linkerd's proxy takes a pathRegex.
type reading struct {
	match route.StringMatch
	// loose says that the anchors which the proxy adds hold for the first and the
	// last alternative alone, so that the expression takes more than it shows.
	loose bool
	// refused says why the proxy can't read the expression: the condition is then
	// as if it were not written.
	refused string
	// unknown says why it is not known here what the expression takes.
	unknown string
}

// readExpression says what pathRegex takes, of the whole path. The proxy puts ^
// before a text that does not begin with it and $ behind one that does not end
// in it, without parentheses, and looks whether the expression occurs
// (linkerd/service-profiles/src/proto.rs, convert_req_match).
func readExpression(written string, from *source.Node) reading {
	text := strings.TrimSpace(written)
	if !strings.HasPrefix(text, "^") {
		text = "^" + text
	}
	if !strings.HasSuffix(text, "$") {
		text += "$"
	}
	if refused, unknown := dialect(text); refused+unknown != "" {
		return reading{refused: refused, unknown: unknown}
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return unparsed(err)
	}
	if name := repeated(parsed.CapNames()); name != "" {
		return reading{refused: "Rust takes the name of a group once, not twice: " + name}
	}
	pattern, loose := whole(text, parsed)
	match := plain(pattern)
	match.From = from
	if match.Kind == route.Regex && route.Contains(&route.Match{Path: match}, &route.Match{}) == route.Yes {
		match = route.StringMatch{}
	}
	return reading{match: match, loose: loose}
}

// repeated is a name that stands in names twice, or "".
func repeated(names []string) string {
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return name
		}
	}
	return ""
}

// unparsed judges an expression that RE2 can't read.
func unparsed(err error) reading {
	var e *syntax.Error
	if !errors.As(err, &e) {
		panic(err)
	}
	switch e.Code {
	case syntax.ErrMissingParen, syntax.ErrMissingBracket, syntax.ErrTrailingBackslash, syntax.ErrUnexpectedParen,
		syntax.ErrMissingRepeatArgument, syntax.ErrInvalidCharRange, syntax.ErrInvalidUTF8:
		return reading{refused: e.Error()} // which no dialect takes
	}
	return reading{unknown: e.Error()}
}

// whole is the expression that takes the same paths as text where the whole path
// has to match, without the anchors that then say nothing.
func whole(text string, parsed *syntax.Regexp) (pattern string, loose bool) {
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "^"), "$")
	if grouped, err := syntax.Parse("^(?:"+inner+")$", syntax.Perl); err == nil && grouped.String() == parsed.String() {
		return inner, false
	}
	parts, ok := alternatives(text)
	if !ok {
		return spelled(parsed), true
	}
	for i, part := range parts {
		one, err := syntax.Parse(part, syntax.Perl)
		if err != nil {
			panic(fmt.Sprintf("%q is an alternative of what was parsed: %v", part, err))
		}
		parts[i] = spelled(one)
	}
	return strings.Join(parts, "|"), true
}

// spelled writes a parsed expression for a match of the whole path: what stands
// between anchors as it is, and anything where there is none.
func spelled(re *syntax.Regexp) string {
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	before, after := ".*", ".*"
	for len(parts) > 0 && parts[0].Op == syntax.OpBeginText {
		parts, before = parts[1:], ""
	}
	for n := len(parts); n > 0 && parts[n-1].Op == syntax.OpEndText; n = len(parts) {
		parts, after = parts[:n-1], ""
	}
	if len(parts) == 0 {
		return before + after
	}
	body := &syntax.Regexp{Op: syntax.OpConcat, Sub: parts}
	return before + strings.ReplaceAll(body.String(), "(?-s:.)", ".") + after // which no path tells apart
}

// plain says by a literal what a literal can say; the rest is a regular
// expression for the whole path.
func plain(pattern string) route.StringMatch {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(fmt.Sprintf("%q was parsed before: %v", pattern, err))
	}
	literal := func(re *syntax.Regexp) bool { return re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 }
	switch {
	case literal(re):
		return route.StringMatch{Kind: route.Exact, Value: string(re.Rune)}
	case anything(re), pattern == "/.*": // a path begins with a slash
		return route.StringMatch{}
	case re.Op == syntax.OpConcat && len(re.Sub) == 2 && literal(re.Sub[0]) && anything(re.Sub[1]):
		return route.StringMatch{Kind: route.Prefix, Value: string(re.Sub[0].Rune)}
	}
	return route.StringMatch{Kind: route.Regex, Value: pattern}
}

// anything tells whether re is .*, which takes every path: there is no line
// break in one.
func anything(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && (re.Sub[0].Op == syntax.OpAnyCharNotNL || re.Sub[0].Op == syntax.OpAnyChar)
}
