package source

import "strings"

// Extent returns the column behind the key or value that begins at column of
// line, as far as one line of YAML or JSON tells. Columns count code points from
// 1; the extent of what is not there is nothing.
func Extent(line string, column int) int {
	runes := []rune(line)
	from := column - 1
	if from < 0 || from >= len(runes) {
		return max(column, 1)
	}
	var end int
	switch runes[from] {
	case '"', '\'':
		end = quoted(runes, from)
	case '{', '[':
		end = bracketed(runes, from)
	default:
		end = plainScalar(runes, from)
	}
	return max(end, from+1) + 1
}

// quoted is the index behind the quote that closes the one at from. It may be
// on a later line.
func quoted(line []rune, from int) int {
	quote := line[from]
	for i := from + 1; i < len(line); i++ {
		switch {
		case line[i] == '\\' && quote == '"':
			i++
		case line[i] == quote && quote == '\'' && i+1 < len(line) && line[i+1] == quote:
			i++
		case line[i] == quote:
			return i + 1
		}
	}
	return trimmed(line, from, len(line))
}

// bracketed is the index behind the bracket that closes the one at from.
func bracketed(line []rune, from int) int {
	depth := 0
	for i := from; i < len(line); i++ {
		switch line[i] {
		case '"', '\'':
			if opensQuote(line, i) {
				i = quoted(line, i) - 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return trimmed(line, from, len(line))
}

// opensQuote tells a quote from an apostrophe.
func opensQuote(line []rune, i int) bool {
	return i == 0 || strings.ContainsRune(" \t{[,:", line[i-1])
}

// plainScalar is the index behind a plain key or value: before ": ", a comment,
// and, inside of brackets, before what separates there.
func plainScalar(line []rune, from int) int {
	flow := inBrackets(line[:from])
	for i := from; i < len(line); i++ {
		last := i+1 == len(line)
		switch r := line[i]; {
		case r == ':' && (last || blank(line[i+1]) || flow && strings.ContainsRune(",]}", line[i+1])),
			r == '#' && i > from && blank(line[i-1]),
			flow && strings.ContainsRune(",]}", r),
			r == ',' && trimmed(line, 0, len(line)) == i+1 && isJSONKey(line):
			return trimmed(line, from, i)
		}
	}
	return trimmed(line, from, len(line))
}

// inBrackets tells whether brackets are open at the end of before.
func inBrackets(before []rune) bool {
	depth := 0
	for i := 0; i < len(before); i++ {
		switch before[i] {
		case '"', '\'':
			if opensQuote(before, i) {
				i = quoted(before, i) - 1
			}
		case '{', '[':
			if i == 0 || strings.ContainsRune(" \t{[,:", before[i-1]) {
				depth++
			}
		case '}', ']':
			depth = max(0, depth-1)
		}
	}
	return depth > 0
}

// isJSONKey tells whether line looks like one of JSON on lines of its own, where
// a comma ends a value.
func isJSONKey(line []rune) bool {
	return strings.HasPrefix(strings.TrimLeft(string(line), " \t"), `"`)
}

// trimmed is the end of line[from:end] without the blanks at its end.
func trimmed(line []rune, from, end int) int {
	for end > from && blank(line[end-1]) {
		end--
	}
	return end
}

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }
