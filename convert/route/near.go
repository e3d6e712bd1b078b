package route

import "strings"

// nearness says how a value relates to the literal that it was made from. For
// paths the first are preferred.
type nearness uint8

const (
	byCustom   nearness = iota // a usual value
	deeper                     // /foo/x
	longer                     // /foox
	itself                     // /foo
	withSlash                  // /foo/
	twoSlashes                 // /foo//x
	nearnesses
)

// neighbours makes the values around literals: where conditions are literals of
// one case, there is one of each class among them. Values of a class lie on a
// literal, or leave the tree of literals below their longest prefix, and so
// does that prefix with one fresh character.
type neighbours struct {
	d     Dimension
	taken func(start []byte) bool // some literal begins so
	yield func(n nearness, value []byte)
	room  []byte
}

// around yields the values around one literal. It returns false where no
// character was fresh.
func (n *neighbours) around(s StringMatch) bool {
	if n.d.Kind != InPath && s.Kind != Element {
		v := append(n.room[:0], s.Value...)
		n.room = v
		n.yield(itself, v)
		return n.fresh(longer, v)
	}
	bare := s.Value
	if s.Kind != Element { // an element has lost its slash
		bare = strings.TrimSuffix(bare, "/")
	}
	v := append(n.room[:0], bare...)
	n.room = v
	n.yield(itself, v)
	ok := n.fresh(longer, v) || n.d.Kind == InPath && len(v) == 0
	v = append(v, '/')
	n.yield(withSlash, v)
	ok = n.fresh(deeper, v) && ok
	if n.d.Kind == InPath {
		n.fresh(twoSlashes, append(v, '/'))
	}
	return ok
}

// fresh yields v with the most readable character with which no literal goes on.
func (n *neighbours) fresh(kind nearness, v []byte) bool {
	letters := n.d.readable()
	for i := range len(letters) {
		if !n.d.allows(rune(letters[i])) || letters[i] == '/' || letters[i] == ' ' {
			continue
		}
		if longer := append(v, letters[i]); !n.taken(longer) {
			n.yield(kind, longer)
			return true
		}
	}
	return false
}

// goesOn tells whether the literal of s begins with start.
func (s *StringMatch) goesOn(start []byte) bool {
	if s.Kind == Any || len(s.Value) < len(start) {
		return false
	}
	if !s.IgnoreCase {
		return s.Value[:len(start)] == string(start)
	}
	for i, c := range start {
		if lower(rune(s.Value[i])) != lower(rune(c)) {
			return false
		}
	}
	return true
}
