package source

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// span is a run of bytes in the text of a document, or of nodes among its nodes.
type span struct{ at, size uint32 }

// arena is where one goroutine puts documents together, one after another. A
// document that is done gets its nodes and its text in two pieces of the right
// size: most of a large input's memory is nodes, and what the garbage collector
// has to follow is one pointer in each.
type arena struct {
	nodes   []Node
	text    []byte
	recent  [256]span              // of strings, by slot: configuration repeats itself
	aliased map[aliasedString]span // so that aliases don't multiply text
}

type aliasedString struct {
	node *yaml.Node
	key  bool // which may read other than the value: yes is true as a value only
}

// largeTree is from how many nodes on a tree leaves the arena uncopied.
const largeTree = 1 << 16

// begin starts a document.
func (a *arena) begin() {
	a.nodes, a.text, a.aliased = a.nodes[:0], a.text[:0], nil
	clear(a.recent[:])
}

// reserve makes room for the children of a node, which have to stand together.
func (a *arena) reserve(count int) (first int) {
	first = len(a.nodes)
	a.nodes = slices.Grow(a.nodes, count)[:first+count]
	clear(a.nodes[first:])
	return first
}

// children are the nodes of s. They move when the arena grows.
func (a *arena) children(s span) []Node { return a.nodes[s.at : s.at+s.size] }

// is tells whether the string at s is text.
func (a *arena) is(s span, text string) bool { return string(a.text[s.at:s.at+s.size]) == text }

// keep puts text into the document, where it is not there already.
func (a *arena) keep(text string) span {
	if text == "" {
		return span{}
	}
	slot := &a.recent[uint8(len(text)*7)^uint8(text[0]*31)^uint8(text[len(text)-1]*3)^uint8(text[len(text)/2]*17)]
	if !a.is(*slot, text) {
		*slot = span{uint32(len(a.text)), uint32(len(text))}
		a.text = append(a.text, text...)
	}
	return *slot
}

// keepAliased is keep for a string that many aliases may stand for.
func (a *arena) keepAliased(text string, from aliasedString) span {
	s, ok := a.aliased[from]
	if !ok {
		s = a.keep(text)
		if a.aliased == nil {
			a.aliased = map[aliasedString]span{}
		}
		a.aliased[from] = s
	}
	return s
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
