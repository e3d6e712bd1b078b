package route

import "slices"

// space is what a search goes through: the states of reading a value by the
// dimension, by the literals (one trie for those that ignore case, one for the
// others), and by the expressions.
type space struct {
	*alphabet
	tries  [2]*trie // nil where there are no such literals
	joint  *joint   // nil where there are no expressions
	budget *budget
}

// spot is one state of a space.
type spot struct {
	frame frame
	tries [2]int32
	joint int32
}

func (s *space) start() spot {
	at := spot{frame: outset}
	for i, t := range s.tries {
		if t != nil {
			at.tries[i] = t.start()
		}
	}
	if s.joint != nil {
		at.joint = s.joint.start()
	}
	return at
}

// next reads a symbol; ok is false where that leads nowhere.
func (s *space) next(at spot, symbol int) (to spot, ok bool) {
	s.budget.spend(1)
	if to.frame = s.dimension.next(at.frame, s.runes[symbol]); to.frame == impossible {
		return to, false
	}
	for i, t := range s.tries {
		if t != nil {
			to.tries[i] = t.next(at.tries[i], symbol)
		}
	}
	if s.joint == nil {
		return to, true
	}
	to.joint = s.joint.next(at.joint, symbol)
	return to, to.joint != 0
}

// left tells whether no literal can go on.
func (s *space) left(at spot) bool {
	for i, t := range s.tries {
		if t != nil && !t.left(at.tries[i]) {
			return false
		}
	}
	return true
}

// read reads a whole value; ok is false where it is none of the dimension.
func (s *space) read(value string) (at spot, ok bool) {
	at = s.start()
	for _, r := range value {
		symbol, known := s.symbol(r)
		if !known {
			return at, false
		}
		if at, ok = s.next(at, symbol); !ok {
			return at, false
		}
	}
	return at, s.dimension.complete(at.frame)
}

// class is what holds of a value that ends at a spot.
func (s *space) class(at spot) classKey {
	var k classKey
	for i, t := range s.tries {
		if t != nil {
			k.tries[i] = t.mark(at.tries[i])
		}
	}
	if s.joint != nil {
		k.joint = s.joint.mark(at.joint)
	}
	return k
}

// step is how the search came to a spot.
type step struct {
	spot
	from   int32
	symbol int16
}

// search visits the spots that can be reached, those of the shortest values
// first and among these the most readable. visit gets the steps so far, of which
// the last to be looked at is i, and returns false to end the search. search
// returns false where the budget was spent before the end.
func (s *space) search(visit func(steps []step, i int) bool) bool {
	first := s.start()
	if s.joint != nil && first.joint == 0 {
		return true
	}
	steps := []step{{spot: first, from: -1}}
	seen := map[spot]bool{first: true}
	for i := 0; i < len(steps); i++ {
		if s.budget.spent() {
			return false
		}
		if !visit(steps, i) {
			return true
		}
		at := steps[i].spot
		last := at
		for symbol := range s.runes {
			to, ok := s.next(at, symbol)
			if !ok || to == last || to == at {
				continue
			}
			if seen[to] {
				last = to // most symbols lead where the last one did
				continue
			}
			seen[to] = true
			last = to
			steps = append(steps, step{to, int32(i), int16(symbol)})
		}
	}
	return !s.budget.spent()
}

// value is what was read to come to step i.
func (s *space) value(steps []step, i int) string {
	var backwards []rune
	for ; steps[i].from >= 0; i = int(steps[i].from) {
		backwards = append(backwards, s.runes[steps[i].symbol])
	}
	slices.Reverse(backwards)
	return string(backwards)
}
