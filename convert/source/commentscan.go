package source

import "bytes"

// commentScanner tells comments of YAML from what only looks like them, line by
// line. The parser keeps no places of comments, and gives up where the text is
// broken or a template; this goes on. FuzzComments holds it to what the parser
// reads.
type commentScanner struct {
	quote     byte  // of the quoted scalar that is open, or 0
	flow      int   // how many brackets are open
	parents   []int // columns of the keys and dashes that are open, from 0
	plain     bool  // a plain scalar may go on in the next line
	plainFrom int   // if it stands further in than this
	block     bool  // a block scalar is open
	blockFrom int   // its text stands further in than this
	blockText int   // and at this column or behind; -1 until its first line is seen
	blockLead int   // which is no less than that of the blank lines before it
}

// line reads the next line: comment is the index of the # that begins one, or
// -1, and content tells whether anything else stands there. Markers of documents
// are no content.
func (s *commentScanner) line(l []byte) (comment int, content bool) {
	at := 0
	if isMarker(l, "---") || isMarker(l, "...") {
		*s = commentScanner{}
		at = len(l) - len(bytes.TrimPrefix(l, utf8BOM)) + 3
	}
	text := bytes.TrimLeft(l[at:], " \t\r\n")
	first := len(l) - len(text)
	switch {
	case s.quote != 0:
		end := s.quoted(l, 0)
		if s.quote != 0 {
			return -1, true
		}
		return s.tokens(l, end), true
	case s.block && (len(text) == 0 || s.inBlock(spaces(l[at:]))):
		if len(text) == 0 {
			s.blockLead = max(s.blockLead, spaces(l[at:]))
		}
		return -1, len(text) > 0
	case len(text) == 0:
		return -1, false
	case text[0] == '#':
		s.plain = false
		return first, false
	case text[0] == '%' && at == 0 && first == 0 && s.fresh():
		return s.directive(l), false
	}
	return s.tokens(l, s.begin(l, first, at > 0)), true
}

func spaces(l []byte) int { return len(l) - len(bytes.TrimLeft(l, " ")) }

// fresh tells whether nothing of the document has been seen.
func (s *commentScanner) fresh() bool { return len(s.parents) == 0 && s.flow == 0 && !s.plain }

// directive looks for a comment behind %YAML and %TAG.
func (s *commentScanner) directive(l []byte) int {
	end := (&commentScanner{}).plainScalar(l, 0)
	if end < len(l) && l[end] == '#' {
		return end
	}
	return -1
}

// inBlock tells whether a line that begins at column is text of the open block
// scalar, and closes the scalar if not (YAML 1.2, 8.1.1.1).
func (s *commentScanner) inBlock(column int) bool {
	if s.blockText < 0 && column > s.blockFrom {
		s.blockText = max(column, s.blockLead)
	}
	s.block = s.blockText >= 0 && column >= s.blockText
	return s.block
}

// begin closes what a line at column ends, and goes on with a plain scalar that
// it continues; it returns where the next token is.
func (s *commentScanner) begin(l []byte, column int, marked bool) int {
	if s.flow == 0 {
		for !marked && len(s.parents) > 0 && s.parents[len(s.parents)-1] >= column {
			s.parents = s.parents[:len(s.parents)-1]
		}
		if s.plain && column <= s.plainFrom {
			s.plain = false
		}
	}
	if s.plain {
		return s.plainScalar(l, column)
	}
	return column
}

// parent is the column of the key or dash below which a token stands, or -1.
func (s *commentScanner) parent() int {
	if len(s.parents) == 0 {
		return -1
	}
	return s.parents[len(s.parents)-1]
}

// tokens goes through a line from index at on, and returns where its comment
// begins, or -1.
func (s *commentScanner) tokens(l []byte, at int) int {
	first := -1 // of the tokens that may turn out to be a key
	for at < len(l) {
		c := l[at]
		if first < 0 && !blankByte(c) {
			first = at
		}
		switch {
		case blankByte(c):
			at++
		case c == '#':
			return at
		case c == '"' || c == '\'':
			s.quote = c
			at = s.quoted(l, at+1)
		case s.flow > 0 && (c == ',' || c == ':'): // behind a quoted key, no blank need follow
			at++
		case c == '[' || c == '{':
			s.flow++
			at++
		case c == ']' || c == '}':
			s.flow = max(0, s.flow-1)
			at++
		case c == '&' || c == '*' || c == '!':
			at = s.property(l, at)
		case s.flow == 0 && bytes.IndexByte([]byte("-?:"), c) >= 0 && blankAt(l, at+1):
			s.parents = append(s.parents, first)
			first = -1
			at++
		case s.flow == 0 && (c == '|' || c == '>') && header(l, at) > 0:
			at = s.openBlock(l, at)
		default:
			at = s.plainScalar(l, at)
		}
	}
	return -1
}

// quoted is the index behind the quote that closes the open scalar, from index
// at on; the scalar stays open where none does.
func (s *commentScanner) quoted(l []byte, at int) int {
	for ; at < len(l); at++ {
		switch {
		case l[at] == '\\' && s.quote == '"':
			at++
		case l[at] == s.quote && s.quote == '\'' && at+1 < len(l) && l[at+1] == '\'':
			at++
		case l[at] == s.quote:
			s.quote = 0
			return at + 1
		}
	}
	return len(l)
}

// property is the index behind an anchor, alias or tag.
func (s *commentScanner) property(l []byte, at int) int {
	for at++; at < len(l) && !blankByte(l[at]); at++ {
		if s.flow > 0 && bytes.IndexByte([]byte(",[]{}"), l[at]) >= 0 {
			break
		}
	}
	return at
}

// plainScalar is the index behind a plain scalar, which stays open where the
// line ends first.
func (s *commentScanner) plainScalar(l []byte, at int) int {
	s.plain, s.plainFrom = false, s.parent()
	for i := at; i < len(l); i++ {
		switch c := l[i]; {
		case c == '#' && i > at && blankByte(l[i-1]),
			c == ':' && (blankAt(l, i+1) || s.flow > 0 && flowEnds(l, i+1)) && i > at,
			s.flow > 0 && i > at && bytes.IndexByte([]byte(",[]{}"), c) >= 0:
			return i
		}
	}
	s.plain = true
	return len(l)
}

// header is the index behind | or > and its indicators; 0 where it is none.
func header(l []byte, at int) int {
	for at++; at < len(l) && bytes.IndexByte([]byte("+-0123456789"), l[at]) >= 0; {
		at++
	}
	if !blankAt(l, at) && l[at] != '#' { // the parser wants no blank before this one
		return 0
	}
	return at
}

func (s *commentScanner) openBlock(l []byte, at int) int {
	end := header(l, at)
	s.block, s.blockFrom, s.blockText, s.blockLead = true, max(s.parent(), 0), -1, 0
	if i := bytes.IndexAny(l[at:end], "123456789"); i >= 0 {
		s.blockText = max(s.parent(), 0) + int(l[at+i]-'0')
	}
	return end
}

// blankAt tells whether l ends before index at, or has a blank there.
func blankAt(l []byte, at int) bool { return at >= len(l) || blankByte(l[at]) }

// flowEnds tells whether a colon before index at ends a key inside of brackets.
func flowEnds(l []byte, at int) bool {
	return blankAt(l, at) || bytes.IndexByte([]byte(",[]{}"), l[at]) >= 0
}

func blankByte(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
