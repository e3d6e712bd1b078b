package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// jsonReader builds trees from a stream of JSON values. JSON is nearly YAML,
// but not quite: a pair of surrogate escapes is one character, and several
// values may follow each other, as kubectl accepts them.
type jsonReader struct {
	b            *builder
	dec          *json.Decoder
	at           int   // offset that line and column belong to
	line, column int32 // in the file
	stack        []Node
}

// readJSON returns the documents of c up to the first that is not JSON, whose
// finding it returns too.
func readJSON(c *chunk, a *arena) ([]parsed, *finding.Finding) {
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(c.text)), line: int32(1 + c.shift), column: 1}
	r.dec.UseNumber()
	var all []parsed
	for {
		r.b = &builder{chunk: c, arena: a, doc: &Document{File: c.file}}
		a.begin()
		var n Node
		t, err := r.token()
		if err == io.EOF {
			return all, nil
		}
		if err == nil {
			err = r.fill(&n, t, 0)
		}
		if err != nil {
			return all, r.finding(err)
		}
		root := r.place(n)
		all = append(all, parsed{root: a.finish(r.b.doc, int(root)), doc: r.b.doc, repeats: r.b.repeats})
	}
}

var errDeep = errors.New("nested too deep")

func (r *jsonReader) finding(err error) *finding.Finding {
	c := r.b.chunk
	if err == errDeep {
		f := finding.New(rule.TooDeep, finding.Place{Pos: finding.Pos{File: c.file, Line: int(r.line), Column: int(r.column)}},
			"Nothing of this document is converted: it nests more than %d levels deep.", maxDepth)
		return &f
	}
	at, what := r.at, "it ends in the middle of a value"
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at, what = r.culprit(syntax), "as JSON, "+syntax.Error()
	}
	f := finding.New(rule.BrokenYAML, finding.Place{Pos: c.offset(at)}, "Nothing of this document is converted: %s.", what)
	return &f
}

// culprit is the offset of the character that e names: e.Offset, or, when a
// string or a number is broken, the one before.
func (r *jsonReader) culprit(e *json.SyntaxError) int {
	text := r.b.chunk.text
	at := max(int(e.Offset), r.at)
	for _, i := range []int{at, at - 1} {
		if i < len(text) && i >= 0 && strings.HasPrefix(e.Error(), "invalid character '"+string(text[i])) {
			return i
		}
	}
	return r.at
}

// token returns the next token; r.line and r.column are its place then.
func (r *jsonReader) token() (json.Token, error) {
	r.skip(int(r.dec.InputOffset()))
	text := r.b.chunk.text
	end := r.at
	for end < len(text) && bytes.IndexByte([]byte(" \t\r\n,:"), text[end]) >= 0 {
		end++
	}
	r.skip(end)
	return r.dec.Token()
}

// skip moves to an offset further on.
func (r *jsonReader) skip(to int) {
	passed := r.b.chunk.text[r.at:to]
	if n := bytes.Count(passed, []byte("\n")); n > 0 {
		r.line += int32(n)
		r.column = 1
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	r.column += int32(utf8.RuneCount(passed))
	r.at = to
}

func (r *jsonReader) fill(n *Node, t json.Token, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	n.line, n.column = r.line, r.column
	switch t := t.(type) {
	case json.Delim:
		n.Kind = List
		if t == '{' {
			n.Kind = Map
		}
		return r.children(n, depth)
	case string:
		n.Kind, n.own = String, r.b.arena.keep(t)
	case json.Number:
		kind, text := jsonNumber(t)
		n.Kind, n.own = kind, r.b.arena.keep(text)
	case bool:
		n.Kind, n.own = Bool, r.b.arena.keep(strconv.FormatBool(t))
	case nil:
		n.Kind = Null
	}
	return nil
}

// jsonNumber agrees with what YAML makes of the same text.
func jsonNumber(t json.Number) (Kind, string) {
	if n, err := t.Int64(); err == nil {
		return Int, strconv.FormatInt(n, 10)
	}
	if n, err := strconv.ParseUint(t.String(), 10, 64); err == nil {
		return Float, strconv.FormatUint(n, 10)
	}
	f, err := t.Float64()
	if err != nil {
		return Float, t.String() // past the range of a float
	}
	return number(f)
}

// children collects values on a stack first, since their number is not known.
func (r *jsonReader) children(n *Node, depth int) error {
	base := len(r.stack)
	var byKey map[string]int
	for r.dec.More() {
		var c Node
		var key string
		var line, column int32
		t, err := r.token()
		if err != nil {
			return err
		}
		if n.Kind == Map {
			key, line, column = t.(string), r.line, r.column
			c.key = r.b.arena.keep(key)
			if t, err = r.token(); err != nil {
				return err
			}
		}
		if err := r.fill(&c, t, depth+1); err != nil {
			return err
		}
		if n.Kind == Map {
			c.setKey(line, column)
			if byKey == nil {
				byKey = map[string]int{}
			}
			if i, ok := byKey[key]; ok {
				old := r.stack[i]
				r.b.repeats = append(r.b.repeats, repeat{key, line, column, r.b.filePos(old.keyLine(), old.keyColumn), false})
				r.stack[i] = c
				continue
			}
			byKey[key] = len(r.stack)
		}
		r.stack = append(r.stack, c)
	}
	if _, err := r.token(); err != nil {
		return err
	}
	n.own, n.count = r.place(r.stack[base:]...), uint32(len(r.stack)-base)
	r.stack = r.stack[:base]
	return nil
}

// place puts nodes whose children are complete side by side into the arena.
func (r *jsonReader) place(nodes ...Node) (first uint32) {
	a := r.b.arena
	first = uint32(len(a.nodes))
	a.nodes = append(a.nodes, nodes...)
	return first
}
