package route

import (
	"encoding/binary"
	"slices"
)

// Classes is a partition of all values of one dimension, and of their absence
// where that is possible, by a list of conditions: each class is what meets the
// same ones of them.
type Classes struct {
	words   int
	rows    []uint64 // words for each class, a bit for each condition
	members [][]string
}

// Len returns the number of classes, at least one.
func (c *Classes) Len() int { return len(c.members) }

// Holds tells whether the condition of this index holds for the class.
func (c *Classes) Holds(condition, class int) bool {
	return c.rows[class*c.words+condition/64]>>(condition%64)&1 != 0
}

// Row returns a bit for each condition, 64 to a word: whether it holds for the class.
func (c *Classes) Row(class int) []uint64 { return c.rows[class*c.words:][:c.words] }

// Member returns a value of the class that reads well; it is not present where
// absence is in the class. It is a shortest one, but for these: of methods,
// schemes and authorities those in use come first; and a path is one that goes
// on after a prefix that holds, /foo/x for the prefix /foo, if the class has
// such, because that is where rewrites of prefixes differ.
func (c *Classes) Member(class int) (value string, present bool) {
	v := c.members[class]
	if len(v) == 0 {
		return "", false
	}
	return v[0], true
}

// Members returns Member and, for a path, more values of the class, a shortest
// among them: what a change of the path can tell apart, such as /foo/x, /foox,
// /foo, /foo/ and /foo//x for the prefix /foo. It is empty where absence is in
// the class.
func (c *Classes) Members(class int) []string { return c.members[class] }

// Partition finds the classes; false says that the bound was met, that an
// expression can't be read, or that the conditions are on what is not one string
// (claims, which may be lists; header :path). Conditions of Match.Without have
// to be passed as Match.Conditions returns them.
func Partition(d Dimension, conditions []StringMatch) (*Classes, bool) {
	return (*Expressions)(nil).Partition(d, conditions)
}

// fewConditions are tried one by one, which is faster than a trie. They have to
// fit into a word of bits.
const fewConditions = 16

// Partition is the function Partition with the expressions that x knows.
func (x *Expressions) Partition(d Dimension, conditions []StringMatch) (*Classes, bool) {
	var room [8]constraint
	simple := room[:0]
	literal := true
	for _, c := range conditions {
		s, e, ok := x.simple(d, c)
		if !ok {
			return nil, false
		}
		simple = append(simple, constraint{StringMatch: s, e: e})
		literal = literal && e == nil && !s.IgnoreCase
	}
	if d.Kind == InHeader && (d.isClaim() || d.Name == ":path") && !oneString(d, conditions) {
		return nil, false
	}
	p := &partition{d: d, conditions: simple}
	p.words = max(1, (len(conditions)+63)/64)
	if literal {
		small := len(simple) <= fewConditions
		if small && p.byLiterals(p.small()) || !small && p.byLiterals(p.large()) {
			return p.classes(), true
		}
		p = &partition{d: d, conditions: simple, words: p.words}
	}
	if !p.bySearch() {
		return nil, false
	}
	return p.classes(), true
}

// oneString tells whether conditions can be told apart as those on one string.
func oneString(d Dimension, conditions []StringMatch) bool {
	return len(conditions) == 0 || d.isClaim() &&
		!slices.ContainsFunc(conditions, func(c StringMatch) bool { return !c.same(conditions[0]) })
}

// partition is a search for classes.
type partition struct {
	d          Dimension
	conditions []constraint
	words      int
	found      []found
	keys       []classKey
	classOf    []int            // by index of a key
	index      map[classKey]int // the same, once there are more than a few
	rows       map[string]int   // class by row, likewise
}

// fewKeys are compared one by one, which is faster than a map.
const fewKeys = 32

// classKey tells classes apart: a bit for each condition, or what tries and
// automata say about them.
type classKey struct {
	tries [2]int64
	joint int64
}

// found is a class.
type found struct {
	row    []uint64
	absent bool
	empty  bool // the empty value is one of them
	past   bool // the search went past all literals
	best   [nearnesses]string
}

// class returns the class of a key, a new one if need be. Several keys may stand
// for one class.
func (p *partition) class(key classKey, fill func(classKey, []uint64)) *found {
	if len(p.keys) <= fewKeys {
		if i := slices.Index(p.keys, key); i >= 0 {
			return &p.found[p.classOf[i]]
		}
	} else if i, ok := p.index[key]; ok {
		return &p.found[i]
	}
	row := make([]uint64, p.words)
	fill(key, row)
	for i, c := range p.conditions {
		if c.Kind == Any {
			setBit(row, i)
		}
	}
	at := p.withRow(row)
	p.keys, p.classOf = append(p.keys, key), append(p.classOf, at)
	switch {
	case p.index != nil:
		p.index[key] = at
	case len(p.keys) > fewKeys:
		p.index = make(map[classKey]int, 4*fewKeys)
		for i, k := range p.keys {
			p.index[k] = p.classOf[i]
		}
	}
	return &p.found[at]
}

// withRow returns the index of the class of a row.
func (p *partition) withRow(row []uint64) int {
	if len(p.found) <= fewKeys {
		if i := slices.IndexFunc(p.found, func(f found) bool { return slices.Equal(f.row, row) }); i >= 0 {
			return i
		}
		p.found = append(p.found, found{row: row})
		return len(p.found) - 1
	}
	name := func(row []uint64) string {
		key := make([]byte, 0, 8*len(row))
		for _, w := range row {
			key = binary.LittleEndian.AppendUint64(key, w)
		}
		return string(key)
	}
	if p.rows == nil {
		p.rows = map[string]int{}
		for i, f := range p.found {
			p.rows[name(f.row)] = i
		}
	}
	key := name(row)
	if i, ok := p.rows[key]; ok {
		return i
	}
	p.rows[key] = len(p.found)
	p.found = append(p.found, found{row: row})
	return len(p.found) - 1
}

// offer proposes a member. Of one nearness the shorter is kept, of usual values
// the first.
func (f *found) offer(n nearness, value []byte) {
	f.empty = f.empty || len(value) == 0
	if b := &f.best[n]; *b == "" || n != byCustom && len(value) < len(*b) {
		*b = string(value)
	}
}

// classes hands out what was found, with the class of what is absent.
func (p *partition) classes() *Classes {
	if p.d.canBeAbsent() {
		row := make([]uint64, p.words)
		for i, c := range p.conditions {
			if c.holds("", false) {
				setBit(row, i)
			}
		}
		p.found[p.withRow(row)].absent = true
	}
	c := &Classes{words: p.words, rows: make([]uint64, 0, p.words*len(p.found)), members: make([][]string, len(p.found))}
	for i := range p.found {
		c.rows = append(c.rows, p.found[i].row...)
		c.members[i] = p.found[i].values(p.d)
	}
	return c
}

// values are the members to show.
func (f *found) values(d Dimension) []string {
	var all []string
	for _, v := range f.best {
		if v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	switch {
	case f.absent:
		return nil
	case d.Kind == InPath:
		return all
	case f.empty:
		return []string{""}
	case f.best[byCustom] != "":
		return all[:1]
	}
	return []string{slices.MinFunc(all, func(a, b string) int { return len(a) - len(b) })}
}
