package source

import (
	"encoding/binary"
	"slices"

	"go.yaml.in/yaml/v3"
)

// arena is where one goroutine puts documents together, one after another. A
// document that is done gets its nodes and its text in two pieces of the right
// size: most of a large input's memory is nodes, and what the garbage collector
// has to follow is one pointer in each.
type arena struct {
	nodes   []Node
	text    []byte
	recent  [256]uint32              // places in text, by slot: configuration repeats itself
	aliased map[aliasedString]uint32 // so that aliases don't multiply text
}

type aliasedString struct {
	node *yaml.Node
	key  bool // which may read other than the value: yes is true as a value only
}

// largeTree is from how many nodes on a tree leaves the arena uncopied.
const largeTree = 1 << 16

// begin starts a document.
func (a *arena) begin() {
	a.nodes, a.text, a.aliased = a.nodes[:0], append(a.text[:0], 0), nil // first in text is what is empty
	clear(a.recent[:])
}

// reserve makes room for the children of a node, which have to stand together.
func (a *arena) reserve(count int) (first int) {
	first = len(a.nodes)
	a.nodes = slices.Grow(a.nodes, count)[:first+count]
	clear(a.nodes[first:])
	return first
}

// keep puts text into the document, where it is not there already.
func (a *arena) keep(text string) uint32 { return keep(a, text) }

func keep[T string | []byte](a *arena, text T) uint32 {
	if len(text) == 0 {
		return 0
	}
	slot := &a.recent[uint8(len(text)*7)^uint8(text[0]*31)^uint8(text[len(text)-1]*3)^uint8(text[len(text)/2]*17)]
	if string(textAt(a.text, *slot)) != string(text) {
		*slot = uint32(len(a.text))
		a.text = appendText(a.text, text)
	}
	return *slot
}

// keepAliased is keep for a string that many aliases may stand for.
func (a *arena) keepAliased(text string, from aliasedString) uint32 {
	at, ok := a.aliased[from]
	if !ok {
		at = a.keep(text)
		if a.aliased == nil {
			a.aliased = map[aliasedString]uint32{}
		}
		a.aliased[from] = at
	}
	return at
}

// finish gives d what was put together, linked, and returns its root.
func (a *arena) finish(d *Document, root int) *Node {
	d.text = string(a.text)
	if len(a.nodes) < largeTree {
		d.nodes = slices.Clone(a.nodes)
	} else {
		d.nodes, a.nodes = a.nodes, nil
	}
	for i := range d.nodes {
		n := &d.nodes[i]
		n.doc = d
		children := n.Children()
		for j := range children {
			children[j].parent = uint32(i + 1)
		}
	}
	d.Root = &d.nodes[root]
	return d.Root
}

// appendText appends s as textAt reads it: behind its length, as a uvarint, so
// that a node needs one number for it.
func appendText[T string | []byte](text []byte, s T) []byte {
	return append(binary.AppendUvarint(text, uint64(len(s))), s...)
}

// textAt returns the string that begins at at.
func textAt[T string | []byte](text T, at uint32) T {
	size := uint32(0)
	for shift := 0; ; shift += 7 {
		b := text[at]
		at++
		size |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return text[at : at+size]
		}
	}
}
