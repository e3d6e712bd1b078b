package source

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// chunk is the text of one document, cut out of its file at the document
// markers. A marker is one wherever it stands at the start of a line, even in
// the middle of a block scalar (YAML 1.2, 9.1.2), so text is enough to cut.
type chunk struct {
	file  string // see Document.File
	loose bool   // there may be placeholders or template actions in it
	json  bool   // the file's name ends in .json
	all   []byte // the text of the file
	from  int    // where text begins in all
	text  []byte
	first int    // the line of all at which text begins, counted from 0
	shift int    // added to a line of text, counted from 1, gives the line in file
	list  *frame // text is a run of items of this List
	lines []mark // only where YAML counts other lines than an editor does
}

// mark is where a line of YAML begins.
type mark struct{ line, column int }

var (
	utf8BOM  = []byte("\xef\xbb\xbf")
	helmForm = regexp.MustCompile(`^# Source: ([^/\s]+/(?:\S+/)?(?:templates|crds)/\S+)\s*$`)
)

// decodeText removes a byte order mark, turns UTF-16 into UTF-8 and carriage
// returns that stand alone into line feeds, which YAML holds equal.
func decodeText(data []byte) []byte {
	data = bytes.TrimPrefix(data, utf8BOM)
	if len(data) >= 2 {
		switch {
		case data[0] == 0xff && data[1] == 0xfe:
			data = fromUTF16(data[2:], binary.LittleEndian)
		case data[0] == 0xfe && data[1] == 0xff:
			data = fromUTF16(data[2:], binary.BigEndian)
		}
	}
	return lineFeeds(data)
}

// fromUTF16 turns broken surrogates and an odd last byte into U+FFFD.
func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, 0, len(data)/2+1)
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	if len(data) == 1 {
		units = append(units, utf8.RuneError)
	}
	return []byte(string(utf16.Decode(units)))
}

func lineFeeds(data []byte) []byte {
	copied := false
	for i := bytes.IndexByte(data, '\r'); i >= 0 && i < len(data); {
		if i+1 == len(data) || data[i+1] != '\n' {
			if !copied {
				data, copied = bytes.Clone(data), true
			}
			data[i] = '\n'
		}
		next := bytes.IndexByte(data[i+1:], '\r')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return data
}

// cut divides a file into its documents; those without content are left out.
func cut(f File) []chunk {
	text := decodeText(f.Data)
	isJSON := strings.HasSuffix(f.Name, ".json")
	var chunks []chunk
	start, startLine := 0, 0
	var s lineState
	finish := func(end, nextLine int) {
		if s.content {
			c := chunk{file: f.Name, json: isJSON, all: text, from: start, text: text[start:end:end], first: startLine, shift: startLine}
			c.source()
			c.countLines()
			c.loose = bytes.ContainsAny(c.text, "$<") || bytes.Contains(c.text, []byte("{{"))
			if runs := c.pieces(batchSize); runs != nil {
				chunks = append(chunks, runs...)
			} else {
				chunks = append(chunks, c)
			}
		}
		start, startLine, s = end, nextLine, lineState{}
	}
	for at, line := 0, 0; at < len(text); line++ {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		l := text[at:end]
		isStart := isMarker(l, "---")
		directive := l[0] == '%' && s.marked && !s.content // of the next document, since this one is empty
		if isStart && (s.content || !s.directive) || directive {
			finish(at, line)
		}
		s.see(l, isStart)
		if isMarker(l, "...") {
			finish(end, line+1)
		}
		at = end
	}
	finish(len(text), 0)
	return chunks
}

// lineState is what has been seen of a document.
type lineState struct {
	content, directive, marked bool
}

func (s *lineState) see(line []byte, isStart bool) {
	if s.content {
		return
	}
	if isStart {
		s.marked = true
		line = line[bytes.Index(line, []byte("---"))+3:]
	}
	line = bytes.TrimLeft(line, " \t\r\n")
	switch {
	case len(line) == 0 || line[0] == '#' || isMarker(line, "..."):
	case line[0] == '%' && !s.marked:
		s.directive = true
	default:
		s.content = true
	}
}

// isMarker tells whether line begins with marker, followed by a blank or
// nothing. Files that were joined may have a byte order mark before it.
func isMarker(line []byte, marker string) bool {
	if len(line) > 3 && line[0] == utf8BOM[0] {
		line = bytes.TrimPrefix(line, utf8BOM)
	}
	if len(line) < 3 || string(line[:3]) != marker {
		return false
	}
	return len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0
}

// source looks for Helm's comment before the first content. Helm writes one
// above each document that it renders (pkg/action, "# Source: %s").
func (c *chunk) source() {
	rest := c.text
	for line := 1; len(rest) > 0; line++ {
		l := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			l = rest[:i+1]
		}
		rest = rest[len(l):]
		trimmed := bytes.TrimSpace(l)
		if len(trimmed) > 0 && trimmed[0] != '#' && !bytes.Equal(trimmed, []byte("---")) {
			return
		}
		if m := helmForm.FindSubmatch(l); m != nil {
			c.file, c.shift = string(m[1]), -line
			return
		}
	}
}

// countLines fills c.lines where the text holds NEL, LS or PS: YAML 1.1 ends a
// line there, editors don't.
func (c *chunk) countLines() {
	if !bytes.Contains(c.text, []byte("\u0085")) && !bytes.Contains(c.text, []byte("\u2028")) &&
		!bytes.Contains(c.text, []byte("\u2029")) {
		return
	}
	at := mark{line: 1}
	c.lines = []mark{at}
	for _, r := range string(c.text) {
		at.column++
		switch r {
		case '\n':
			at = mark{line: at.line + 1}
			c.lines = append(c.lines, at)
		case '\u0085', '\u2028', '\u2029':
			c.lines = append(c.lines, at)
		}
	}
}

// at maps a line and column of c.text, as YAML counts them, to the file.
func (c *chunk) at(line, column int) (int, int) {
	if c.lines != nil && line >= 1 && line <= len(c.lines) {
		m := c.lines[line-1]
		line, column = m.line, m.column+column
	}
	return max(line+c.shift, 1), max(column, 1)
}

// pos is at for findings.
func (c *chunk) pos(line, column int) finding.Pos {
	line, column = c.at(line, column)
	return finding.Pos{File: c.file, Line: line, Column: column}
}

// offset is the place of a byte of c.text.
func (c *chunk) offset(i int) finding.Pos {
	i = min(max(i, 0), len(c.text))
	line := 1 + bytes.Count(c.text[:i], []byte("\n"))
	column := 1 + utf8.RuneCount(c.text[bytes.LastIndexByte(c.text[:i], '\n')+1:i])
	return finding.Pos{File: c.file, Line: max(line+c.shift, 1), Column: column}
}

// begin is the first character of content, past the marker and comments.
func (c *chunk) begin() finding.Pos {
	for i := 0; i < len(c.text); {
		end := len(c.text)
		if j := bytes.IndexByte(c.text[i:], '\n'); j >= 0 {
			end = i + j + 1
		}
		l := c.text[i:end]
		if isMarker(l, "---") {
			l = l[bytes.Index(l, []byte("---"))+3:]
		}
		trimmed := bytes.TrimLeft(l, " \t\r\n")
		if len(trimmed) > 0 && trimmed[0] != '#' {
			return c.offset(end - len(trimmed))
		}
		i = end
	}
	return c.offset(0)
}
