package print

import (
	"unicode"
	"unicode/utf8"
)

// appendScalar appends s as a YAML string: plain where YAML 1.1 and 1.2 readers
// agree that it is one, else in double quotes on a single line.
func appendScalar(b []byte, s string) []byte {
	if plain(s) {
		return append(b, s...)
	}
	return appendQuoted(b, s)
}

// plain tells whether every reader takes s, without quotes and outside of flow
// collections, as the string s. It errs on the side of quotes: a first
// character that could open anything else, or a space at a place where it ends
// a scalar, is enough.
func plain(s string) bool {
	if s == "" || reserved(s) {
		return false
	}
	switch c := s[0]; {
	case isLetter(c), c == '/', c == '_':
	case isDigit(c):
		if numeric(s) {
			return false
		}
	default:
		return false
	}
	for i := 1; i < len(s); i++ {
		if !plainAt(s, i) {
			return false
		}
	}
	return true
}

// plainAt judges a character after the first: a space must stand between two
// others, and a colon must not end a word, where it would make a key.
func plainAt(s string, i int) bool {
	switch c := s[i]; {
	case isLetter(c), isDigit(c):
		return true
	case c == ' ':
		return i+1 < len(s) && s[i+1] != ' '
	case c == ':':
		return i+1 < len(s) && s[i+1] != ' '
	}
	switch s[i] {
	case '-', '_', '.', '/', '@', '+', '=', ',', ';', '(', ')', '~', '^', '$', '*', '?', '{', '}', '[', ']', '|', '\\':
		return true
	}
	return false
}

// reserved tells whether s is a word that YAML 1.1 or 1.2 reads as a boolean or
// as null, in any case of letters.
func reserved(s string) bool {
	if len(s) > len("false") {
		return false
	}
	var lower [len("false")]byte
	for i := range len(s) {
		lower[i] = s[i] | 0x20 // enough: only words of letters are compared
	}
	switch string(lower[:len(s)]) {
	case "y", "n", "on", "no", "yes", "off", "true", "null", "false":
		return true
	}
	return false
}

// numeric tells whether s, which begins with a digit, could be a number, a
// timestamp or a sexagesimal of YAML 1.1: it has no other characters than those.
func numeric(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
		case c == '+', c == '-', c == '.', c == '_', c == ':', c == ' ':
		case 'a' <= c|0x20 && c|0x20 <= 'f', c|0x20 == 'x', c|0x20 == 'o', c|0x20 == 't', c|0x20 == 'z':
		default:
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

const hexDigits = "0123456789abcdef"

// appendQuoted appends s in double quotes. Bytes that are not UTF-8 become
// U+FFFD, as in JSON.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == ' ' || unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		default:
			b = appendEscape(b, r)
		}
	}
	return append(b, '"')
}

// appendEscape appends r as \xNN, \uNNNN or \UNNNNNNNN.
func appendEscape(b []byte, r rune) []byte {
	letter, digits := byte('U'), 8
	switch {
	case r <= 0xff:
		letter, digits = 'x', 2
	case r <= 0xffff:
		letter, digits = 'u', 4
	}
	b = append(b, '\\', letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigits[r>>shift&0xf])
	}
	return b
}

// appendLine appends s as part of one line: what is not printable, line breaks
// and terminal control sequences among it, is escaped.
func appendLine(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		plain := i
		for plain < len(s) && s[plain] >= ' ' && s[plain] <= '~' { // nearly all of it
			plain++
		}
		b = append(b, s[i:plain]...)
		if i = plain; i == len(s) {
			break
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = appendEscape(b, rune(s[i]))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == ' ' || unicode.IsPrint(r):
			b = append(b, s[i:i+size]...)
		default:
			b = appendEscape(b, r)
		}
		i += size
	}
	return b
}
