package route

// trie compares a value with many literals at once. Its states are the nodes,
// which say that some literal may still go on, and for whatever has left the
// tree the innermost prefix on the way: what holds then holds for good.
type trie struct {
	ignoreCase bool
	runes      []rune
	nodes      []trieNode
	exact      [][]int // conditions that hold at one node only, by group; group 0 is none
	prefix     []prefixGroup
}

type trieNode struct {
	letter      rune
	child, next int32 // first child, next sibling; 0 is none
	exact       int32 // group
	prefix      int32 // group of the innermost prefix, the node included
}

// prefixGroup are conditions that hold from one node on. Group 0 is none.
type prefixGroup struct {
	conditions []int
	outer      int32
}

func newTrie(ignoreCase bool) *trie {
	return &trie{ignoreCase: ignoreCase, nodes: make([]trieNode, 1), exact: make([][]int, 1), prefix: make([]prefixGroup, 1)}
}

// add takes up a literal condition under an index.
func (t *trie) add(s StringMatch, condition int) {
	exact, prefix := literals(s)
	if exact != nil {
		n := &t.nodes[t.path(*exact)]
		if n.exact == 0 {
			n.exact = int32(len(t.exact))
			t.exact = append(t.exact, nil)
		}
		t.exact[n.exact] = append(t.exact[n.exact], condition)
	}
	if prefix != nil {
		n := &t.nodes[t.path(*prefix)]
		if n.prefix == 0 {
			n.prefix = int32(len(t.prefix))
			t.prefix = append(t.prefix, prefixGroup{})
		}
		g := &t.prefix[n.prefix]
		g.conditions = append(g.conditions, condition)
	}
}

func (t *trie) empty() bool { return len(t.exact)+len(t.prefix) == 2 }

// path returns the node of a literal.
func (t *trie) path(literal string) int32 {
	at := int32(0)
	for _, r := range literal {
		if t.ignoreCase {
			r = lower(r)
		}
		child := t.child(at, r)
		if child == 0 {
			child = int32(len(t.nodes))
			t.nodes = append(t.nodes, trieNode{letter: r, next: t.nodes[at].child})
			t.nodes[at].child = child
		}
		at = child
	}
	return at
}

func (t *trie) child(node int32, r rune) int32 {
	c := t.nodes[node].child
	for c != 0 && t.nodes[c].letter != r {
		c = t.nodes[c].next
	}
	return c
}

// finish hands each prefix down to the nodes below. A node comes after its
// parent in the slice.
func (t *trie) finish(runes []rune) {
	t.runes = runes
	for i := range t.nodes {
		g := t.nodes[i].prefix
		for c := t.nodes[i].child; c != 0; c = t.nodes[c].next {
			if own := t.nodes[c].prefix; own != 0 {
				t.prefix[own].outer = g
			} else {
				t.nodes[c].prefix = g
			}
		}
	}
}

func (t *trie) state(node int32) int32 { return node + int32(len(t.prefix)) }

func (t *trie) start() int32 { return t.state(0) }

func (t *trie) next(state int32, symbol int) int32 { return t.read(state, t.runes[symbol]) }

func (t *trie) read(state int32, r rune) int32 {
	if state < int32(len(t.prefix)) {
		return state
	}
	if t.ignoreCase {
		r = lower(r)
	}
	node := state - int32(len(t.prefix))
	if c := t.child(node, r); c != 0 {
		return t.state(c)
	}
	return t.nodes[node].prefix
}

// left tells whether no literal can go on from state.
func (t *trie) left(state int32) bool { return state < int32(len(t.prefix)) }

func (t *trie) mark(state int32) int64 {
	if t.left(state) {
		return int64(state)
	}
	n := &t.nodes[state-int32(len(t.prefix))]
	return int64(n.exact)*int64(len(t.prefix)) + int64(n.prefix)
}

// fill sets the bits of the conditions that a mark stands for.
func (t *trie) fill(mark int64, row []uint64) {
	groups := int64(len(t.prefix))
	for _, c := range t.exact[mark/groups] {
		setBit(row, c)
	}
	for g := int32(mark % groups); g != 0; g = t.prefix[g].outer {
		for _, c := range t.prefix[g].conditions {
			setBit(row, c)
		}
	}
}

func setBit(row []uint64, i int) { row[i/64] |= 1 << (i % 64) }
