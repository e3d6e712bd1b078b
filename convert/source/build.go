package source

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Bounds on what one document may grow to. Istio's deepest object nests 14
// levels, a CustomResourceDefinition some 60.
const (
	maxDepth   = 200
	maxAliased = 50_000 // nodes that come in through aliases
)

// builder turns the tree of one document into ours. It stops at the first thing
// that Kubernetes refuses, which is then in refused.
type builder struct {
	chunk   *chunk
	arena   *arena
	above   int  // lines that the parser has seen before the chunk
	stream  bool // the parser has read other documents before
	doc     *Document
	open    []*yaml.Node // anchors being expanded
	aliased int
	repeats []repeat
	refused *finding.Finding
}

// repeat is a key that is written again, or taken from a merge after it was
// written.
type repeat struct {
	key          string
	line, column int32 // of the key that stays
	first        finding.Pos
	merge        bool
}

// root builds the tree of y, or says in b.refused why not.
func (b *builder) root(y *yaml.Node) *Node {
	b.doc = &Document{File: b.chunk.file}
	b.arena.begin()
	root := b.arena.reserve(1)
	if !b.fill(root, y, nil, 0) {
		return nil
	}
	return b.arena.finish(b.doc, root)
}

func (b *builder) refuse(r *finding.Rule, at *yaml.Node, format string, args ...any) bool {
	f := finding.New(r, finding.Place{Pos: b.pos(at)}, format, args...)
	b.refused = &f
	return false
}

func (b *builder) place(y *yaml.Node) (line, column int32) {
	l, c := b.chunk.at(y.Line-b.above, y.Column)
	return int32(l), int32(c)
}

func (b *builder) pos(y *yaml.Node) finding.Pos { return b.chunk.pos(y.Line-b.above, y.Column) }

// fill writes y to the node n of the arena. Whatever is under the alias via has
// its place.
func (b *builder) fill(n int, y, via *yaml.Node, depth int) bool {
	at := y
	if via != nil {
		at = via
		if b.aliased++; b.aliased > maxAliased {
			return b.refuse(rule.TooManyAliases, via, "Nothing of this document is converted: its aliases expand to more than %d values.", maxAliased)
		}
	}
	if depth > maxDepth {
		return b.refuse(rule.TooDeep, at, "Nothing of this document is converted: it nests more than %d levels deep.", maxDepth)
	}
	node := &b.arena.nodes[n]
	node.line, node.column = b.place(at)
	switch y.Kind {
	case yaml.AliasNode:
		if b.stream {
			return false
		}
		return b.alias(n, y, at, depth)
	case yaml.ScalarNode:
		return b.scalar(node, y, via)
	case yaml.SequenceNode:
		return b.list(n, y, via, depth)
	case yaml.MappingNode:
		return b.mapping(n, y, via, depth)
	}
	panic("unhandled YAML node")
}

func (b *builder) alias(n int, y, at *yaml.Node, depth int) bool {
	if !b.enter(y.Alias, at) {
		return false
	}
	ok := b.fill(n, y.Alias, at, depth+1)
	b.leave()
	return ok
}

func (b *builder) enter(target, at *yaml.Node) bool {
	if slices.Contains(b.open, target) {
		b.refuse(rule.RefusedValue, at, "Kubernetes refuses this document, and nothing of it is converted: the anchor %s contains itself.", target.Anchor)
		b.refused.Hint = "Write the values out."
		return false
	}
	b.open = append(b.open, target)
	return true
}

func (b *builder) leave() { b.open = b.open[:len(b.open)-1] }

func (b *builder) scalar(n *Node, y, via *yaml.Node) bool {
	if y.Tag == "!!str" && y.Style == 0 && len(y.Value) <= 3 {
		if v, ok := oldBool(y.Value); ok {
			n.Kind, n.own = Bool, b.arena.keep(v)
			return true
		}
	}
	kind, value, problem := scalar(y)
	if problem != "" {
		at := y
		if via != nil {
			at = via
		}
		return b.refuse(rule.RefusedValue, at, "Kubernetes refuses this document, and nothing of it is converted: %s.", problem)
	}
	n.Kind = kind
	if via == nil {
		n.own = b.arena.keep(value)
	} else {
		n.own = b.arena.keepAliased(value, aliasedString{y, false})
	}
	return true
}

func (b *builder) list(n int, y, via *yaml.Node, depth int) bool {
	first := b.arena.reserve(len(y.Content))
	node := &b.arena.nodes[n]
	node.Kind, node.own, node.count = List, uint32(first), uint32(len(y.Content))
	for i, item := range y.Content {
		if !b.fill(first+i, item, via, depth+1) {
			return false
		}
	}
	return true
}

func (b *builder) mapping(n int, y, via *yaml.Node, depth int) bool {
	b.arena.nodes[n].Kind = Map
	for i := 0; i < len(y.Content); i += 2 {
		if y.Content[i].Tag == "!!merge" {
			return b.merged(n, y, via, depth)
		}
	}
	first, count := b.arena.reserve(len(y.Content)/2), 0
	seen := index{arena: b.arena}
	for i := 0; i < len(y.Content); i += 2 {
		k := y.Content[i]
		key, ok := b.key(k, via)
		if !ok {
			return false
		}
		at := k
		if via != nil {
			at = via
		}
		line, column := b.place(at)
		j := seen.find(b.arena.nodes[first:first+count], key)
		if j < 0 {
			j = count
			count++
			seen.add(key, j)
		} else if via == nil {
			old := &b.arena.nodes[first+j]
			b.repeats = append(b.repeats, repeat{key, line, column, b.filePos(old.keyLine(), old.keyColumn), false})
		}
		c := first + j
		b.arena.nodes[c] = Node{key: b.keepKey(key, k, via)} // nothing of a value that is written again
		if !b.fill(c, y.Content[i+1], via, depth+1) {
			return false
		}
		b.arena.nodes[c].setKey(line, column)
	}
	b.arena.nodes[n].own, b.arena.nodes[n].count = uint32(first), uint32(count)
	return true
}

// keepKey puts the text of the key k into the document.
func (b *builder) keepKey(key string, k, via *yaml.Node) uint32 {
	if via == nil && k.Kind != yaml.AliasNode {
		return b.arena.keep(key)
	}
	if k.Kind == yaml.AliasNode {
		k = k.Alias
	}
	return b.arena.keepAliased(key, aliasedString{k, true})
}

func (b *builder) filePos(line, column int32) finding.Pos {
	return finding.Pos{File: b.chunk.file, Line: int(line), Column: int(column)}
}

// index finds keys of a mapping, by a map where there are many.
type index struct {
	arena *arena
	byKey map[string]int
}

const smallMap = 8

func (x *index) find(children []Node, key string) int {
	if x.byKey != nil {
		if i, ok := x.byKey[key]; ok {
			return i
		}
		return -1
	}
	if len(children) >= smallMap {
		x.byKey = make(map[string]int, 2*len(children))
		for i := range children {
			x.byKey[string(textAt(x.arena.text, children[i].key))] = i
		}
		return x.find(children, key)
	}
	for i := range children {
		if string(textAt(x.arena.text, children[i].key)) == key {
			return i
		}
	}
	return -1
}

func (x *index) add(key string, i int) {
	if x.byKey != nil {
		x.byKey[key] = i
	}
}

// key is the text of a key as JSON has it.
func (b *builder) key(k, via *yaml.Node) (string, bool) {
	at := k
	if via != nil {
		at = via
	}
	if k.Kind == yaml.AliasNode {
		if b.stream {
			return "", false
		}
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		return "", b.refuse(rule.RefusedValue, at, "Kubernetes refuses this document, and nothing of it is converted: a key is a mapping or a list.")
	}
	if k.Tag == "!!str" && len(k.Value) > 3 {
		return k.Value, true
	}
	text, problem := keyText(k)
	if problem != "" {
		return "", b.refuse(rule.RefusedValue, at, "Kubernetes refuses this document, and nothing of it is converted: %s.", problem)
	}
	return text, true
}
