package hint

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// mostText bounds what is quoted of the input in a comment.
const mostText = 160

// plain spells text of the input so that it can't leave a comment of any of the
// languages: no line breaks of any alphabet, nothing that reverses the direction
// of letters, and no \u of Java, which is read before comments are (Java Language
// Specification 3.3); a doubled backslash begins none.
func plain(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > mostText {
			b.WriteString("...")
			break
		}
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case unicode.IsPrint(r) && r != unicode.ReplacementChar:
			b.WriteRune(r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// lineWidth is where comments are broken.
const lineWidth = 96

// wrapped breaks text into lines; those after the first begin with indent.
func wrapped(indent, text string) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > lineWidth:
			lines = append(lines, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// from names the line of a place; "" for what nobody wrote.
func from(at finding.Place) string {
	switch {
	case at.Pos.File == "":
		return ""
	case at.Pos.Line == 0:
		return plain(at.Pos.File)
	}
	return fmt.Sprintf("%s:%d", plain(at.Pos.File), at.Pos.Line)
}

// words are the ASCII letters and digits of s, in parts.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	})
}

// pascal joins words to an identifier such as ReviewsShop. It begins with a letter
// and is no word of any language, since one of ours always follows it.
func pascal(all []string) string {
	var b strings.Builder
	for _, w := range all {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	s := b.String()
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		s = "S" + s
	}
	return s
}

// joinWords joins words in small letters: reviews_shop.
func joinWords(all []string, by string) string {
	s := strings.ToLower(strings.Join(all, by))
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		s = "s" + s
	}
	return s
}

// mostName bounds a name: file systems take 255 bytes.
const mostName = 120

// naming hands out names that no other hint has, however letters are written.
type naming map[string]bool

// name returns the words of h's name.
func (n naming) name(h *Hint) []string {
	all := append(words(h.Service.Name), words(h.Service.Namespace)...)
	if h.Port != 0 {
		all = append(all, fmt.Sprint(h.Port))
	}
	if who := clientWords(h.Client); len(who) > 0 {
		all = append(append(all, "for"), who...)
	}
	for i := range all {
		all[i] = strings.ToLower(all[i])
	}
	for len(strings.Join(all, "_")) > mostName {
		if all = all[:len(all)-1]; len(all) == 0 {
			all = []string{"service"}
		}
	}
	base := all
	for i := 2; n[strings.Join(all, "")]; i++ {
		all = append(slices.Clone(base), fmt.Sprint("n", i))
	}
	n[strings.Join(all, "")] = true
	return all
}

func clientWords(c Client) []string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(c.Labels)) {
		all = append(all, words(path.Base(k))...)
		all = append(all, words(c.Labels[k])...)
	}
	return append(all, words(c.Namespace)...)
}

// String says in words who c is.
func (c Client) String() string {
	var parts []string
	if len(c.Labels) > 0 {
		parts = append(parts, "pods with the labels "+plain(route.CanonicalSelector(c.Labels)))
	}
	if c.Namespace != "" {
		parts = append(parts, "pods in namespace "+plain(c.Namespace))
	}
	if len(parts) == 0 {
		return "every client"
	}
	return strings.Join(parts, ", ")
}

// calls says in words which calls m takes.
func calls(m *route.Match) string {
	if m == nil {
		return "all other calls"
	}
	var parts []string
	add := func(what string, s route.StringMatch) {
		if s.Kind != route.Any {
			parts = append(parts, what+" "+condition(s))
		}
	}
	add("method", m.Method)
	add("path", m.Path)
	for _, k := range m.Headers {
		add("header "+plain(k.Name), k.StringMatch)
	}
	for _, k := range m.Without {
		add("not: header "+plain(k.Name), k.StringMatch)
	}
	for _, k := range m.Query {
		add("parameter "+plain(k.Name), k.StringMatch)
	}
	add("scheme", m.Scheme)
	add("host", m.Authority)
	if len(parts) == 0 {
		return "all other calls"
	}
	return "calls with " + strings.Join(parts, ", ")
}

func condition(s route.StringMatch) string {
	switch s.Kind {
	case route.Exact:
		return plain(s.Value)
	case route.Prefix, route.Element:
		return plain(s.Value) + "*"
	case route.Regex:
		return "like " + plain(s.Value)
	case route.Present:
		return "(any value)"
	}
	panic(fmt.Sprintf("unhandled kind %d", s.Kind))
}
