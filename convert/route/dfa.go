package route

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// An automaton reads symbols of an alphabet. State 0 is dead: whatever follows,
// nothing that depends on more reading will hold.
type automaton interface {
	start() int32
	next(state int32, symbol int) int32
	// mark tells what holds when the value ends in this state: states of one
	// mark say the same, and 0 says that nothing does.
	mark(state int32) int64
}

// budget is what a search may still cost, in steps.
type budget int

func (b *budget) spend(steps int) { *b -= budget(steps) }
func (b *budget) spent() bool     { return *b < 0 }

// dfa is an expression as a deterministic automaton, made as far as it is
// walked: a state is a set of instructions of the compiled program. It is built
// on regexp/syntax, which is the parser and the compiler of Go's own regexp, so
// that it knows all that RE2 does: lazy repetitions (of no matter to a full
// match), classes, and the assertions \A \z ^ $ \b \B, which wait in a state
// until the next character is known.
type dfa struct {
	prog   *syntax.Prog
	runes  []rune
	budget *budget

	index  map[string]int32
	states []dfaState
	first  int32
	seen   []uint32 // by instruction: the round in which it was visited
	kept   []uint32 // likewise, kept for the next state
	round  uint32
	set    []uint32
	key    []byte
}

type dfaState struct {
	set  []uint32 // instructions that read a character, match, or assert; sorted
	last rune     // what was read last, as far as assertions ask: outsetRune, wordRune or plainRune
	mark int64    // -1: not known
}

const (
	outsetRune rune = -1 // nothing was read
	wordRune   rune = 'x'
	plainRune  rune = ' '
)

func newDFA(e *expression, runes []rune, b *budget) *dfa {
	n := len(e.prog.Inst)
	d := &dfa{prog: e.prog, runes: runes, budget: b, index: map[string]int32{}, seen: make([]uint32, n), kept: make([]uint32, n)}
	d.states = append(d.states, dfaState{})
	d.round++
	d.keep(uint32(e.prog.Start), true)
	d.first = d.intern(outsetRune)
	return d
}

func (d *dfa) start() int32 { return d.first }

// keep adds what is reached from pc without reading to the set. Assertions wait.
func (d *dfa) keep(pc uint32, atStart bool) {
	if d.kept[pc] == d.round {
		return
	}
	d.kept[pc] = d.round
	d.budget.spend(1)
	in := &d.prog.Inst[pc]
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		d.keep(in.Out, atStart)
		d.keep(in.Arg, atStart)
	case syntax.InstCapture, syntax.InstNop:
		d.keep(in.Out, atStart)
	case syntax.InstEmptyWidth:
		const begin = syntax.EmptyBeginText | syntax.EmptyBeginLine // no value has a second line
		if atStart || syntax.EmptyOp(in.Arg)&begin == 0 {
			d.set = append(d.set, pc)
		}
	case syntax.InstFail:
	default:
		d.set = append(d.set, pc)
	}
}

// intern returns the state of the set, which it takes.
func (d *dfa) intern(last rune) int32 {
	if len(d.set) == 0 {
		return 0
	}
	slices.Sort(d.set)
	asserts := slices.ContainsFunc(d.set, func(pc uint32) bool { return d.prog.Inst[pc].Op == syntax.InstEmptyWidth })
	if !asserts && last != outsetRune {
		last = plainRune
	}
	d.key = binary.AppendVarint(d.key[:0], int64(last))
	for _, pc := range d.set {
		d.key = binary.AppendUvarint(d.key, uint64(pc))
	}
	if s, ok := d.index[string(d.key)]; ok {
		return s
	}
	s := int32(len(d.states))
	d.index[string(d.key)] = s
	d.states = append(d.states, dfaState{slices.Clone(d.set), last, -1})
	return s
}

func (d *dfa) next(state int32, symbol int) int32 {
	if state == 0 {
		return 0
	}
	r := d.runes[symbol]
	from := d.states[state]
	d.round++
	d.set = d.set[:0]
	holding := syntax.EmptyOpContext(from.last, r)
	for _, pc := range from.set {
		d.read(pc, holding, r)
	}
	last := plainRune
	if syntax.IsWordChar(r) {
		last = wordRune
	}
	return d.intern(last)
}

// read follows pc over assertions that hold and over r.
func (d *dfa) read(pc uint32, holding syntax.EmptyOp, r rune) {
	if d.seen[pc] == d.round {
		return
	}
	d.seen[pc] = d.round
	d.budget.spend(1)
	in := &d.prog.Inst[pc]
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		d.read(in.Out, holding, r)
		d.read(in.Arg, holding, r)
	case syntax.InstCapture, syntax.InstNop:
		d.read(in.Out, holding, r)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(in.Arg)&^holding == 0 {
			d.read(in.Out, holding, r)
		}
	case syntax.InstMatch, syntax.InstFail:
	default:
		if in.MatchRune(r) {
			d.keep(in.Out, false)
		}
	}
}

// mark is 1 where the expression matches what was read.
func (d *dfa) mark(state int32) int64 {
	s := &d.states[state]
	if s.mark < 0 {
		d.round++
		holding := syntax.EmptyOpContext(s.last, -1)
		s.mark = 0
		if slices.ContainsFunc(s.set, func(pc uint32) bool { return d.ends(pc, holding) }) {
			s.mark = 1
		}
	}
	return s.mark
}

// ends tells whether a match is reached from pc without reading.
func (d *dfa) ends(pc uint32, holding syntax.EmptyOp) bool {
	if d.seen[pc] == d.round {
		return false
	}
	d.seen[pc] = d.round
	in := &d.prog.Inst[pc]
	switch in.Op {
	case syntax.InstMatch:
		return true
	case syntax.InstAlt, syntax.InstAltMatch:
		return d.ends(in.Out, holding) || d.ends(in.Arg, holding)
	case syntax.InstCapture, syntax.InstNop:
		return d.ends(in.Out, holding)
	case syntax.InstEmptyWidth:
		return syntax.EmptyOp(in.Arg)&^holding == 0 && d.ends(in.Out, holding)
	}
	return false
}
