package source

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// scalar reads a scalar outside of brackets, or brackets.
func (r *plainReader) scalar(c *Node, depth int) bool {
	if r.pos == len(r.text) {
		return false
	}
	switch first := r.text[r.pos]; {
	case first == '"' || first == '\'':
		return r.quoted(c, first)
	case first == '{' || first == '[':
		return r.brackets(c, depth+1)
	case byteClasses[first]&beginsText == 0 || first == '-' && r.blankAt(r.pos+1):
		return false
	}
	end := r.pos
	for i := r.pos; i < len(r.text) && r.text[i] != '\n'; i++ {
		switch x := r.text[i]; {
		case x == ' ':
			continue
		case x == '#' && r.text[i-1] == ' ':
			return r.word(c, end)
		case x == ':' && r.blankAt(i+1):
			return false
		}
		end = i + 1
	}
	return r.word(c, end)
}

// quoted reads a scalar in quotes without escapes.
func (r *plainReader) quoted(c *Node, quote byte) bool {
	for i := r.pos + 1; i < len(r.text); i++ {
		switch r.text[i] {
		case '\n', '\\':
			return false
		case quote:
			if i+1 < len(r.text) && r.text[i+1] == quote {
				return false
			}
			r.here(c, String)
			c.own = keep(r.b.arena, r.text[r.pos+1:i])
			r.pos = i + 1
			return true
		}
	}
	return false
}

// word reads the plain scalar up to end.
func (r *plainReader) word(c *Node, end int) bool {
	r.here(c, String)
	text := r.text[r.pos:end]
	r.pos = end
	class := byteClasses[text[0]]
	switch {
	case class&mayResolve == 0, class&beginsKey != 0 && len(text) > longestWord:
		c.own = keep(r.b.arena, text)
		return true
	case isDecimal(text):
		c.Kind, c.own = Int, keep(r.b.arena, text)
		return true
	}
	r.y = yaml.Node{Kind: yaml.ScalarNode, Value: string(text)}
	r.y.Tag = r.y.ShortTag()
	return r.b.scalar(c, &r.y, nil)
}

// brackets reads a mapping or list in brackets that ends on its line.
func (r *plainReader) brackets(n *Node, depth int) bool {
	if depth > plainDepth {
		return false
	}
	kind, end := Map, byte('}')
	if r.at('[') {
		kind, end = List, ']'
	}
	r.here(n, kind)
	base := len(r.stack)
	r.pos++
	for r.blanks(); !r.at(end); r.blanks() {
		if len(r.stack) > base {
			if !r.at(',') {
				return false
			}
			r.pos++
			r.blanks()
		}
		var c Node
		if !r.entry(&c, kind, base, depth) {
			return false
		}
		r.stack = append(r.stack, c)
	}
	r.pos++
	return r.children(n, base)
}

// entry reads an element in brackets.
func (r *plainReader) entry(c *Node, kind Kind, base, depth int) bool {
	line, column := max(r.line, 1), int32(r.pos-r.start+1)
	if kind == Map {
		if !r.key(c, base) || !r.at(' ') {
			return false
		}
		r.blanks()
	}
	if !r.enclosed(c, depth) {
		return false
	}
	if kind == Map {
		c.setKey(line, column)
	}
	return true
}

// enclosed reads a value in brackets.
func (r *plainReader) enclosed(c *Node, depth int) bool {
	if r.pos == len(r.text) {
		return false
	}
	switch first := r.text[r.pos]; {
	case first == '"' || first == '\'':
		return r.quoted(c, first)
	case first == '{' || first == '[':
		return r.brackets(c, depth+1)
	case byteClasses[first]&beginsText == 0 || byteClasses[first]&inKey == 0 || first == '-' && r.blankAt(r.pos+1):
		return false
	}
	end := r.pos
	for end < len(r.text) && byteClasses[r.text[end]]&inKey != 0 {
		end++
	}
	if end == len(r.text) || bytes.IndexByte([]byte(" ,]}"), r.text[end]) < 0 {
		return false
	}
	return r.word(c, end)
}
