package route

import "slices"

// partitionSteps bounds the search for the classes of one dimension of one
// host: about half a second. Five hundred rules with some dozens of
// expressions take a tenth of it.
const partitionSteps = 1 << 23

// classifier tells the class of a value; fill sets the bits of its row.
type classifier struct {
	of    func(value []byte) classKey
	fill  func(key classKey, row []uint64)
	taken func(start []byte) bool // some literal begins so
}

// small tells classes apart by trying each condition.
func (p *partition) small() classifier {
	return classifier{
		of: func(value []byte) classKey {
			bits, text := int64(0), string(value)
			for i := range p.conditions {
				if p.conditions[i].met(text) {
					bits |= 1 << i
				}
			}
			return classKey{tries: [2]int64{bits}}
		},
		fill: func(k classKey, row []uint64) { row[0] = uint64(k.tries[0]) },
		taken: func(start []byte) bool {
			return slices.ContainsFunc(p.conditions, func(c constraint) bool {
				return c.goesOn(start)
			})
		},
	}
}

// large tells classes apart by a trie.
func (p *partition) large() classifier {
	t := p.tries()[0]
	t.finish(nil)
	read := func(value []byte) int32 {
		at := t.start()
		for _, r := range string(value) {
			at = t.read(at, r)
		}
		return at
	}
	return classifier{
		of:    func(value []byte) classKey { return classKey{tries: [2]int64{t.mark(read(value))}} },
		fill:  func(k classKey, row []uint64) { t.fill(k.tries[0], row) },
		taken: func(start []byte) bool { return !t.left(read(start)) },
	}
}

// tries returns the literal conditions, those that ignore case apart.
func (p *partition) tries() [2]*trie {
	all := [2]*trie{newTrie(false), newTrie(true)}
	for i, c := range p.conditions {
		switch {
		case c.Kind == Any, c.e != nil:
		case c.IgnoreCase:
			all[1].add(c.StringMatch, i)
		default:
			all[0].add(c.StringMatch, i)
		}
	}
	return all
}

// byLiterals finds the classes where all conditions are literals: they are what
// the values around the literals are in. It returns false where a literal goes
// on with every character there is.
func (p *partition) byLiterals(c classifier) bool {
	return p.offer(c.taken, func(n nearness, v []byte) {
		p.class(c.of(v), c.fill).offer(n, v)
	})
}

// offer yields the usual values and those around the literals.
func (p *partition) offer(taken func(start []byte) bool, yield func(nearness, []byte)) bool {
	near := neighbours{d: p.d, taken: taken, yield: func(n nearness, v []byte) {
		if p.d.possible(string(v)) {
			yield(n, v)
		}
	}}
	for _, v := range p.d.usual() {
		yield(byCustom, []byte(v))
	}
	ok := near.around(StringMatch{Kind: Prefix})
	for _, c := range p.conditions {
		if c.Kind != Any && c.e == nil {
			ok = near.around(c.StringMatch) && ok
		}
	}
	return ok
}

// bySearch finds the classes by going through all states that can be reached.
func (p *partition) bySearch() bool {
	b := budget(partitionSteps)
	s, indexes := p.space(&b)
	fill := func(k classKey, row []uint64) {
		for i, t := range s.tries {
			if t != nil {
				t.fill(k.tries[i], row)
			}
		}
		if s.joint != nil {
			for i, c := range indexes {
				if s.joint.named[k.joint][i] {
					setBit(row, c)
				}
			}
		}
	}
	finished := s.search(func(steps []step, i int) bool {
		at := steps[i]
		if !p.d.complete(at.frame) {
			return true
		}
		f := p.class(s.class(at.spot), fill)
		if f.best[itself] == "" && !f.empty {
			f.offer(itself, []byte(s.value(steps, i)))
		}
		if p.d.Kind == InPath && !f.past && s.runes[at.symbol] != '/' && s.left(at.spot) {
			f.past = true
			f.offer(pathNearness(s.value(steps, i)))
		}
		return true
	})
	if !finished {
		return false
	}
	p.offer(func(start []byte) bool {
		at, _ := s.read(string(start))
		return !s.left(at)
	}, func(n nearness, v []byte) {
		if at, ok := s.read(string(v)); ok {
			p.class(s.class(at), fill).offer(n, v)
		}
	})
	return true
}

// pathNearness says of a path that went past the literals how it did so.
func pathNearness(path string) (nearness, []byte) {
	if path[len(path)-2] == '/' {
		return deeper, []byte(path)
	}
	return longer, []byte(path)
}

// space makes the automata. indexes are the conditions that the parts of the
// joint automaton stand for.
func (p *partition) space(b *budget) (s *space, indexes []int) {
	var texts []StringMatch
	var expressions []*expression
	for i, c := range p.conditions {
		switch {
		case c.Kind == Any:
		case c.e == nil:
			texts = append(texts, c.StringMatch)
		default:
			expressions = append(expressions, c.e)
			indexes = append(indexes, i)
		}
	}
	a := newAlphabet(p.d, texts, expressions)
	s = &space{alphabet: a, tries: p.tries(), budget: b}
	for i, t := range s.tries {
		if t.empty() {
			s.tries[i] = nil
		} else {
			t.finish(a.runes)
		}
	}
	parts := make([]automaton, len(expressions))
	for i, e := range expressions {
		parts[i] = newDFA(e, a.runes, b)
	}
	if len(parts) > 0 {
		s.joint = newJoint(parts, nil, len(a.runes), b)
	}
	return s, indexes
}
