package source

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// plainReader reads the YAML that people and tools write by far the most: ASCII,
// block mappings and lists with plain keys, scalars and brackets that end on
// their line, comments. It takes a fifth of the time of the parser, and none of
// its memory. Whatever it does not know for sure (anchors, tags, block scalars,
// values that go on in the next line, keys written twice, anything wrong) it
// leaves to the parser, whose reading it agrees with: see FuzzPlain.
type plainReader struct {
	b       *builder
	text    []byte
	pos     int
	start   int   // of the line
	line    int32 // in the file
	indent  int   // of the line, -1 at the end
	strange bool  // a marker stands in the way
	stack   []Node
	y       yaml.Node // for scalars that the parser's package resolves
}

// plainDepth is far below maxDepth.
const plainDepth = 64

// plainKeys is how many keys of a mapping are compared one by one, and plainKey
// how long one may be: the parser stops looking for the colon at 1024.
const (
	plainKeys = 64
	plainKey  = 512
)

// What a byte may be part of.
const (
	inText     = 1 << iota // anything
	inKey                  // a key, and a scalar in brackets
	beginsKey              // a key that is a string
	beginsText             // a plain scalar
	mayResolve             // the first of a word that may be no string
)

var byteClasses = func() (t [256]uint8) {
	set := func(chars string, class uint8) {
		for _, c := range []byte(chars) {
			t[c] |= class
		}
	}
	for c := ' '; c <= '~'; c++ {
		t[c] |= inText
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	t['\n'] |= inText
	set(letters, inKey|beginsKey|beginsText)
	set("0123456789", inKey|beginsText|mayResolve)
	set("_/", inKey|beginsKey|beginsText)
	set("-", inKey|beginsText|mayResolve)
	set(".", inKey|beginsText|mayResolve)
	set("+~<=", beginsText|mayResolve)
	set("$^()\\;", beginsText)
	set("yYnNtTfFoO", mayResolve)
	return t
}()

// longestWord is the length of "false", the longest letters that are no string.
const longestWord = 5

// readPlain builds the tree of c, or says that it is not plain.
func readPlain(c *chunk, a *arena) (t parsed, ok bool) {
	if c.lines != nil {
		return t, false
	}
	for _, x := range c.text {
		if byteClasses[x]&inText == 0 {
			return t, false
		}
	}
	r := plainReader{b: &builder{chunk: c, arena: a, doc: &Document{File: c.file}}, text: c.text, line: int32(1 + c.shift)}
	if isMarker(c.text, "---") {
		r.pos = 3
		if !r.endLine() {
			return t, false
		}
	}
	a.begin()
	var root Node
	r.advance()
	if r.indent < 0 || !r.block(&root, 0) || r.indent >= 0 || r.strange {
		return t, false
	}
	at := r.place(root)
	return parsed{root: a.finish(r.b.doc, int(at)), doc: r.b.doc}, true
}

// advance goes to the first character of the next line with content.
func (r *plainReader) advance() {
	for r.pos < len(r.text) {
		r.start = r.pos
		for r.pos < len(r.text) && r.text[r.pos] == ' ' {
			r.pos++
		}
		if r.pos < len(r.text) && r.text[r.pos] != '\n' && r.text[r.pos] != '#' {
			r.indent = r.pos - r.start
			if r.indent == 0 && (isMarker(r.text[r.pos:], "---") || isMarker(r.text[r.pos:], "...")) {
				break
			}
			return
		}
		r.skipLine()
	}
	r.strange = r.strange || r.pos < len(r.text)
	r.indent = -1
}

func (r *plainReader) skipLine() {
	if i := bytes.IndexByte(r.text[r.pos:], '\n'); i >= 0 {
		r.pos += i + 1
	} else {
		r.pos = len(r.text)
	}
	r.line++
}

// endLine passes over what may stand behind a value: blanks and a comment.
func (r *plainReader) endLine() bool {
	from := r.pos
	r.blanks()
	if !r.at('\n') && !(r.at('#') && r.pos > from) {
		return false
	}
	r.skipLine()
	return true
}

func (r *plainReader) blanks() {
	for r.pos < len(r.text) && r.text[r.pos] == ' ' {
		r.pos++
	}
}

// at tells whether c is next; the end of the text is the end of a line.
func (r *plainReader) at(c byte) bool {
	if r.pos == len(r.text) {
		return c == '\n'
	}
	return r.text[r.pos] == c
}

// blankAt tells whether a blank or the end of the line is at i.
func (r *plainReader) blankAt(i int) bool {
	return i >= len(r.text) || r.text[i] == ' ' || r.text[i] == '\n'
}

func (r *plainReader) dash() bool { return r.at('-') && r.blankAt(r.pos+1) }

// here makes n a node that begins at the next character.
func (r *plainReader) here(n *Node, kind Kind) {
	n.Kind, n.line, n.column = kind, max(r.line, 1), int32(r.pos-r.start+1)
}

// place puts nodes whose children are complete side by side into the arena.
func (r *plainReader) place(nodes ...Node) (first uint32) {
	a := r.b.arena
	first = uint32(len(a.nodes))
	a.nodes = append(a.nodes, nodes...)
	return first
}

// children gives n what has been stacked since base.
func (r *plainReader) children(n *Node, base int) bool {
	n.own, n.count = r.place(r.stack[base:]...), uint32(len(r.stack)-base)
	r.stack = r.stack[:base]
	return true
}

// block reads the mapping or list that begins on this line. Like all that read
// a whole line it goes on to the next.
func (r *plainReader) block(n *Node, depth int) bool {
	if depth > plainDepth {
		return false
	}
	if r.dash() {
		return r.list(n, r.indent, depth)
	}
	return r.mapping(n, r.indent, depth)
}

// mapping reads keys that stand at column col.
func (r *plainReader) mapping(n *Node, col, depth int) bool {
	r.here(n, Map)
	base := len(r.stack)
	for {
		var c Node
		line, column := max(r.line, 1), int32(col+1)
		if !r.key(&c, base) || !r.blankAt(r.pos) || !r.value(&c, col, depth) {
			return false
		}
		c.setKey(line, column)
		r.stack = append(r.stack, c)
		switch {
		case r.indent < col:
			return r.children(n, base)
		case r.indent > col:
			return false
		}
	}
}

// key reads a key and its colon. One that is there already is for the parser.
func (r *plainReader) key(c *Node, base int) bool {
	end := r.keyEnd()
	if end < 0 || byteClasses[r.text[r.pos]]&beginsKey == 0 || len(r.stack)-base > plainKeys {
		return false
	}
	key := r.text[r.pos:end]
	if byteClasses[key[0]]&mayResolve != 0 && len(key) <= longestWord {
		r.y = yaml.Node{Kind: yaml.ScalarNode, Value: string(key)}
		r.y.Tag = r.y.ShortTag()
		text, ok := r.b.key(&r.y, nil)
		if !ok {
			return false
		}
		key = []byte(text)
	}
	for i := base; i < len(r.stack); i++ {
		if bytes.Equal(textAt(r.b.arena.text, r.stack[i].key), key) {
			return false
		}
	}
	c.key = keep(r.b.arena, key)
	r.pos = end + 1
	return true
}

// keyEnd is where the colon of a key stands, -1 where there is no key.
func (r *plainReader) keyEnd() int {
	for i := r.pos; i < min(len(r.text), r.pos+plainKey); i++ {
		switch c := r.text[i]; {
		case byteClasses[c]&inKey != 0:
		case c == ':' && i > r.pos && r.blankAt(i+1):
			return i
		default:
			return -1
		}
	}
	return -1
}

// value reads what belongs to a key at column col.
func (r *plainReader) value(c *Node, col, depth int) bool {
	if r.endLine() {
		r.advance()
		switch {
		case r.indent > col:
			return r.block(c, depth+1)
		case r.indent == col && r.dash():
			return r.list(c, col, depth+1)
		}
		return false // null
	}
	return r.inline(c, depth)
}

// inline reads a value that ends on this line.
func (r *plainReader) inline(c *Node, depth int) bool {
	if !r.scalar(c, depth) || !r.endLine() {
		return false
	}
	r.advance()
	return true
}

// list reads items whose dashes stand at column col.
func (r *plainReader) list(n *Node, col, depth int) bool {
	if depth > plainDepth {
		return false
	}
	r.here(n, List)
	base := len(r.stack)
	for {
		var c Node
		r.pos++
		if !r.item(&c, col, depth) {
			return false
		}
		r.stack = append(r.stack, c)
		if r.indent == col && r.dash() {
			continue
		}
		return r.indent <= col && r.children(n, base)
	}
}

// item reads what stands behind a dash.
func (r *plainReader) item(c *Node, col, depth int) bool {
	if r.endLine() {
		r.advance()
		return r.indent > col && r.block(c, depth+1)
	}
	if r.dash() {
		return false
	}
	if r.keyEnd() >= 0 {
		return r.mapping(c, r.pos-r.start, depth+1)
	}
	return r.inline(c, depth)
}
