package print

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		line        string
		column, end int
		room        int
		want        string // the line and the carets
	}{
		{"  host: reviews", 3, 7, 80, "  host: reviews\n  ^^^^"},
		{"  host: reviews", 9, 16, 80, "  host: reviews\n        ^^^^^^^"},
		{"世界: é", 1, 3, 80, "世界: é\n^^^^"},
		{"世界: é", 5, 6, 80, "世界: é\n      ^"},
		{"e\u0301x: y", 3, 4, 80, "e\u0301x: y\n ^"},
		{"\t\"a\":\t1", 7, 8, 80, "    \"a\":    1\n            ^"},
		{"a\tb: 1", 3, 4, 80, "a   b: 1\n    ^"},
		{"a: \x1b[31m\x00\xff", 4, 11, 80, "a: \\x1b[31m\\x00\\xff\n   ^^^^^^^^^^^^^^^^"},
		{"a: \u202egnp.exe\u200d", 4, 13, 80, "a: \\u202egnp.exe\\u200d\n   ^^^^^^^^^^^^^^^^^^^"},
		{"a: 1", 5, 6, 80, "a: 1\n    ^"},
		{"a: 1", 99, 100, 80, "a: 1\n    ^"},
		{"", 1, 1, 80, "\n^"},
		{"", 0, 0, 80, "\n^"},
		{"0123456789", 1, 3, 10, "0123456789\n^^"},
		{"0123456789a", 1, 3, 10, "01234567…\n^^"},
		{"0123456789a", 11, 12, 10, "…3456789a\n        ^"},
		{"0123456789abcdefghij", 11, 13, 10, "…89abcdef…\n   ^^"},
		{"0123456789abcdefghij", 11, 99, 10, "…89abcdef…\n   ^^^^^^"},
		{"世世世世世世世世世世", 6, 7, 10, "…世世世世…\n   ^^"},
	} {
		text, carets := excerpt(c.line, c.column, c.end, c.room)
		if got := text + "\n" + carets; got != c.want {
			t.Errorf("%q %d-%d in %d:\n%s\nwant\n%s", c.line, c.column, c.end, c.room, got, c.want)
		}
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("世界: \t\x1b", 3, 5, 20)
	f.Add(strings.Repeat("e\u0301世", 40), 70, 90, 33)
	f.Fuzz(func(t *testing.T, line string, column, end, room int) {
		if room < 20 || room > 1000 {
			return
		}
		text, carets := excerpt(line, column, end, room)
		if got := widthOf(glyphs(text)); got > room {
			t.Errorf("%q: %d columns in a room of %d", text, got, room)
		}
		if strings.TrimLeft(strings.TrimRight(carets, "^"), " ") != "" || !strings.Contains(carets, "^") && utf8.RuneCountInString(line) < column {
			t.Errorf("carets %q", carets)
		}
		if len(carets) > room {
			t.Errorf("%q: %d carets in a room of %d", carets, len(carets), room)
		}
		if strings.ContainsAny(text+carets, "\n\r\t\x1b") {
			t.Errorf("%q %q steer a terminal", text, carets)
		}
	})
}
