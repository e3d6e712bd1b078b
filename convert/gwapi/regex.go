package gwapi

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// maxAlternatives bounds how many exact values stand for one expression; more
// would fill a route with what one expression says.
const maxAlternatives = 8

// fullMatch compiles an expression as Envoy's safe_regex reads it: RE2, and the
// whole value has to match.
func fullMatch(pattern string) (*regexp.Regexp, error) {
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		return nil, err // before wrapping, so that "a)(b" stays an error
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// language returns the strings that pattern matches as a whole, in order, when
// there are at most limit of them.
func language(pattern string, limit int) (words []string, finite bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	words, finite = expand(dropAnchors(re).Simplify(), limit)
	slices.Sort(words)
	return slices.Compact(words), finite
}

// dropAnchors drops anchors at the ends, which say nothing where the whole
// value has to match.
func dropAnchors(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			re.Sub[i] = dropAnchors(sub)
		}
	case syntax.OpConcat:
		for len(re.Sub) > 0 && re.Sub[0].Op == syntax.OpBeginText {
			re.Sub = re.Sub[1:]
		}
		for n := len(re.Sub); n > 0 && re.Sub[n-1].Op == syntax.OpEndText; n-- {
			re.Sub = re.Sub[:n-1]
		}
	}
	return re
}

// trimAnchors drops a leading ^ and a trailing $ of a pattern without
// alternatives, for comparing it with a known one.
func trimAnchors(pattern string) string {
	if strings.Contains(pattern, "|") {
		return pattern
	}
	pattern = strings.TrimPrefix(pattern, "^")
	if strings.HasSuffix(pattern, "$") && !strings.HasSuffix(pattern, `\$`) {
		pattern = strings.TrimSuffix(pattern, "$")
	}
	return pattern
}

// plainHead is a part of what every match of pattern begins with: the letters
// before the first character that means something in an expression.
func plainHead(pattern string) string {
	if strings.Contains(pattern, "|") {
		return ""
	}
	i := strings.IndexAny(pattern, `\.+*?()[]{}^$`)
	switch {
	case i < 0:
		return pattern
	case i > 0 && strings.IndexByte("*?{", pattern[i]) >= 0:
		i-- // the last letter may be absent
	}
	return strings.ToValidUTF8(pattern[:i], "")
}

// literalStart is what every match of pattern begins with, as far as is seen.
func literalStart(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	compiled, err := regexp.Compile(dropAnchors(re).String())
	if err != nil {
		return ""
	}
	start, _ := compiled.LiteralPrefix()
	return start
}

func expand(re *syntax.Regexp, limit int) ([]string, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return nil, false
		}
		return []string{string(re.Rune)}, true
	case syntax.OpCapture:
		return expand(re.Sub[0], limit)
	case syntax.OpQuest:
		words, ok := expand(re.Sub[0], limit-1)
		return append([]string{""}, words...), ok
	case syntax.OpCharClass:
		return expandClass(re.Rune, limit)
	case syntax.OpConcat:
		return expandConcat(re.Sub, limit)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words, ok := expand(sub, limit-len(all))
			if !ok {
				return nil, false
			}
			all = append(all, words...)
		}
		return all, len(all) <= limit
	}
	return nil, false // repetition, any character, anchors
}

func expandClass(ranges []rune, limit int) ([]string, bool) {
	var all []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if all = append(all, string(r)); len(all) > limit {
				return nil, false
			}
		}
	}
	return all, true
}

func expandConcat(subs []*syntax.Regexp, limit int) ([]string, bool) {
	all := []string{""}
	for _, sub := range subs {
		words, ok := expand(sub, limit)
		if !ok || len(all)*len(words) > limit {
			return nil, false
		}
		var longer []string
		for _, head := range all {
			for _, tail := range words {
				longer = append(longer, head+tail)
			}
		}
		all = longer
	}
	return all, true
}

// alternates tells whether pattern has a | outside of groups and classes.
func alternates(pattern string) bool {
	depth, class := 0, false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			return true
		}
	}
	return false
}
