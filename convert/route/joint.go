package route

import "encoding/binary"

// joint runs several automata side by side and remembers its steps: most of
// them are dead most of the time, so that few combinations come up.
type joint struct {
	parts []automaton
	// need says which parts have to hold in the end: when one of them dies, so
	// does the whole. nil is none.
	need    []bool
	symbols int
	budget  *budget
	first   int32

	tuples []int32 // states of the parts, by state
	steps  []int32 // by state and symbol; -1 is not known
	marks  []int64 // by state; -1 is not known
	index  map[string]int32
	names  map[string]int64 // which parts hold -> mark
	named  [][]bool         // and back
	key    []byte
	to     []int32
}

func newJoint(parts []automaton, need []bool, symbols int, b *budget) *joint {
	j := &joint{parts: parts, need: need, symbols: symbols, budget: b, index: map[string]int32{}, names: map[string]int64{}, to: make([]int32, len(parts))}
	j.push(j.to) // state 0, which no combination is: dead
	for i, p := range parts {
		j.to[i] = p.start()
	}
	j.first = j.intern()
	return j
}

func (j *joint) start() int32 { return j.first }

func (j *joint) push(tuple []int32) int32 {
	j.tuples = append(j.tuples, tuple...)
	j.marks = append(j.marks, -1)
	for range j.symbols {
		j.steps = append(j.steps, -1)
	}
	return int32(len(j.marks) - 1)
}

func (j *joint) intern() int32 {
	j.key = j.key[:0]
	for i, s := range j.to {
		if s == 0 && j.need != nil && j.need[i] {
			return 0
		}
		j.key = binary.AppendUvarint(j.key, uint64(s))
	}
	if s, ok := j.index[string(j.key)]; ok {
		return s
	}
	s := j.push(j.to)
	j.index[string(j.key)] = s
	j.budget.spend(j.symbols) // what the table takes
	return s
}

func (j *joint) next(state int32, symbol int) int32 {
	if state == 0 {
		return 0
	}
	at := int(state)*j.symbols + symbol
	if j.steps[at] < 0 {
		from := j.tuple(state)
		for i, p := range j.parts {
			if from[i] != 0 {
				j.to[i] = p.next(from[i], symbol)
			} else {
				j.to[i] = 0
			}
		}
		j.budget.spend(len(j.parts))
		j.steps[at] = j.intern()
	}
	return j.steps[at]
}

func (j *joint) tuple(state int32) []int32 {
	n := len(j.parts)
	return j.tuples[int(state)*n:][:n]
}

// mark names the combination of parts that hold.
func (j *joint) mark(state int32) int64 {
	if j.marks[state] >= 0 {
		return j.marks[state]
	}
	j.key = j.key[:0]
	for i := range j.parts {
		bit := byte(0)
		if j.holds(state, i) {
			bit = 1
		}
		j.key = append(j.key, bit)
	}
	m, ok := j.names[string(j.key)]
	if !ok {
		m = int64(len(j.named))
		j.names[string(j.key)] = m
		which := make([]bool, len(j.parts))
		for i, bit := range j.key {
			which[i] = bit == 1
		}
		j.named = append(j.named, which)
	}
	j.marks[state] = m
	return m
}

// holds tells whether part i holds in state.
func (j *joint) holds(state int32, i int) bool {
	s := j.tuple(state)[i]
	return s != 0 && j.parts[i].mark(s) != 0
}
