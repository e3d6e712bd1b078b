package linkerd

import (
	"fmt"
	"regexp"
	"strings"
)

// dialect finds what Rust's regular expressions (crate regex 1, regex-syntax
// 0.8) and RE2 read differently: refused is what Rust refuses and RE2 would
// take, unknown is what both may take with different meanings, or RE2 not at
// all. What both refuse, and all else, is for RE2's own parser to say.
func dialect(text string) (refused, unknown string) {
	s := scanner{text: text}
	for s.at < len(text) && s.refused+s.unknown == "" {
		switch text[s.at] {
		case '\\':
			s.escape()
		case '[':
			s.class()
		case '{':
			s.brace()
		case '(':
			s.group()
		default:
			s.at++
		}
	}
	return s.refused, s.unknown
}

type scanner struct {
	text             string
	at               int
	refused, unknown string
}

// group reads how a group begins.
func (s *scanner) group() {
	for _, look := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if strings.HasPrefix(s.text[s.at:], look) {
			s.refused = "regular expressions look neither ahead nor behind, in Rust as in RE2"
		}
	}
	if strings.HasPrefix(s.text[s.at:], "(?)") {
		s.refused = "Rust's regular expressions have no (?)"
	}
	if verbose.MatchString(s.text[s.at:]) {
		s.unknown = "RE2 has no flag x"
	}
	if set := flags.FindString(s.text[s.at:]); set != "" {
		if s.at += len(set); s.at < len(s.text) && strings.IndexByte("*+?{", s.text[s.at]) >= 0 {
			s.refused = "Rust's regular expressions repeat no " + set
		}
		return
	}
	s.at++
}

// escape reads a backslash and what it stands before.
func (s *scanner) escape() {
	rest := s.text[s.at+1:]
	s.at += 2
	if rest == "" {
		return // RE2 says so
	}
	two := `\` + rest[:1]
	switch c := rest[0]; {
	case c >= '0' && c <= '9':
		s.refused = fmt.Sprintf("Rust's regular expressions have no %s", two) // neither octal numbers nor references
	case c == 'Q' || c == 'E' || c == 'C':
		s.refused = fmt.Sprintf("Rust's regular expressions have no %s", two)
	case c == '<' || c == '>' || c == 'b' && strings.HasPrefix(rest, "b{"):
		s.unknown = fmt.Sprintf("%s is the edge of a word to Rust, and not to RE2", two)
	case c == 'u' || c == 'U':
		s.unknown = fmt.Sprintf("RE2 has no %s", two)
	case (c == 'x' || c == 'p' || c == 'P') && strings.HasPrefix(rest[1:], "{"):
		if end := strings.IndexByte(rest, '}'); end >= 0 {
			s.at += end
		}
	}
}

// class reads a bracket expression. Rust has classes in classes, and operations
// on them, where RE2 reads letters.
func (s *scanner) class() {
	s.at++
	if strings.HasPrefix(s.text[s.at:], "^") {
		s.at++
	}
	if strings.HasPrefix(s.text[s.at:], "]") {
		s.at++
	}
	for s.at < len(s.text) && s.refused+s.unknown == "" {
		rest := s.text[s.at:]
		switch {
		case rest[0] == ']':
			s.at++
			return
		case rest[0] == '\\':
			s.escape()
			if kind.MatchString(rest) && strings.HasPrefix(s.text[min(s.at, len(s.text)):], "-") && !strings.HasPrefix(s.text[s.at:], "-]") {
				s.refused = "Rust takes no range within brackets that begins with a class"
			}
		case posixClass.MatchString(rest):
			s.at += len(posixClass.FindString(rest))
		case rest[0] == '[':
			s.unknown = "Rust reads [ within brackets as a class of its own, RE2 as a letter"
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "~~"):
			s.unknown = fmt.Sprintf("Rust reads %s within brackets as an operation on classes, RE2 as letters", rest[:2])
		default:
			s.at++
		}
	}
}

// brace reads what is a repetition to Rust, and to RE2 a letter unless it has
// the form of one.
func (s *scanner) brace() {
	rest := s.text[s.at:]
	found := repetition.FindString(rest)
	switch {
	case found != "":
		s.at += len(found)
	case strings.HasPrefix(rest, "{,"), strings.HasPrefix(rest, "{ "):
		s.unknown = "releases of Rust's regular expressions differ on a repetition without its first number"
	default:
		s.refused = "Rust takes { for the beginning of a repetition; as a letter it is written \\{"
	}
}

var (
	posixClass = regexp.MustCompile(`^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]`)
	kind       = regexp.MustCompile(`^\\[dDsSwWpP]`)
	repetition = regexp.MustCompile(`^\{[0-9]+(?:,[0-9]*)?\}`)
)

// alternatives divides text at the bars that stand in no group. It is not ok
// where a flag in one of them holds for those behind it.
func alternatives(text string) (parts []string, ok bool) {
	s := scanner{text: text}
	depth, from := 0, 0
	for s.at < len(text) {
		switch text[s.at] {
		case '\\':
			s.escape()
			continue
		case '[':
			s.class()
			continue
		case '(':
			if depth == 0 && flags.MatchString(text[s.at:]) {
				return nil, false
			}
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				parts = append(parts, text[from:s.at])
				from = s.at + 1
			}
		}
		s.at++
	}
	return append(parts, text[from:]), true
}

var (
	// flags hold up to the end of the group that they stand in.
	flags = regexp.MustCompile(`^\(\?[a-zA-Z-]+\)`)
	// verbose lets blanks and comments into an expression.
	verbose = regexp.MustCompile(`^\(\?[a-zA-Z]*x`)
)
