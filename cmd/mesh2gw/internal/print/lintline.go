package print

import (
	"strings"
	"unicode"
	"unicode/utf8"

	eastasian "golang.org/x/text/width"
)

// glyph is how a code point of a line is shown.
type glyph struct {
	text  string
	width int // columns of a terminal
}

const tabStop = 4

// glyphs are the code points of a line. Tabs become blanks; what would steer the
// terminal is escaped.
func glyphs(line string) []glyph {
	all := make([]glyph, 0, len(line))
	column := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		c := glyph{line[i : i+size], 1}
		switch {
		case r == '\t':
			c = blanks(tabStop - column%tabStop)
		case r == utf8.RuneError && size == 1, r != ' ' && !unicode.IsPrint(r):
			escaped := shown(line[i : i+size])
			c = glyph{escaped, len(escaped)}
		case r >= utf8.RuneSelf:
			c.width = runeWidth(r)
		}
		all = append(all, c)
		column += c.width
		i += size
	}
	return all
}

func blanks(n int) glyph { return glyph{strings.Repeat(" ", n), n} }

// runeWidth is the width of a printable character (Unicode UAX 11).
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// excerpt is a line, and the carets below the code points from column up to end,
// in at most room columns. What is cut off is an ellipsis.
func excerpt(line string, column, end, room int) (text, carets string) {
	all := glyphs(line)
	column = min(max(column, 1), len(all)+1)
	if column > len(all) { // behind the end of the line
		all = append(all, blanks(1))
	}
	from, to := window(all, column-1, room)
	var t, c strings.Builder
	if from > 0 {
		t.WriteString("…")
		c.WriteString(" ")
	}
	for i := from; i < to; i++ {
		t.WriteString(all[i].text)
		switch {
		case i < column-1:
			c.WriteString(strings.Repeat(" ", all[i].width))
		case i < max(end, column+1)-1:
			c.WriteString(strings.Repeat("^", all[i].width))
		}
	}
	if to < len(all) {
		t.WriteString("…")
	}
	return strings.TrimRight(t.String(), " "), c.String()
}

// window is the part of a line that is shown: all of it where it fits, else what
// stands around at, two thirds of it behind.
func window(all []glyph, at, room int) (from, to int) {
	if widthOf(all) <= room {
		return 0, len(all)
	}
	room -= 2 // for the ellipses
	from = at
	for used := 0; from > 0 && used+all[from-1].width <= room/3; from-- {
		used += all[from-1].width
	}
	to = from
	used := 0
	for ; to < len(all) && (used+all[to].width <= room || to <= at); to++ {
		used += all[to].width
	}
	for ; from > 0 && used+all[from-1].width <= room; from-- { // the end came early
		used += all[from-1].width
	}
	return from, to
}

func widthOf(all []glyph) int {
	sum := 0
	for _, c := range all {
		sum += c.width
	}
	return sum
}
