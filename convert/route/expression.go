package route

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
)

// Expressions remembers compiled regular expressions, for whoever asks about
// the same ones again and again. It may be used from several goroutines at once;
// the zero value is ready, and nil compiles anew each time.
type Expressions struct {
	lock  sync.RWMutex
	known map[expressionKey]*expression
}

type expressionKey struct {
	pattern    string
	ignoreCase bool
}

// expression is a compiled regular expression, which has to match the whole of
// a value.
type expression struct {
	prog  *syntax.Prog
	head  string // what each match begins with
	plain plainForm

	tests     []*syntax.Inst // the different ways in which prog reads a character
	words     bool           // prog asks for word boundaries
	classOnce sync.Once
	ascii     [128]uint16

	members [InNamespace + 1]member

	fullOnce sync.Once
	text     string
	full     *regexp.Regexp
}

// member is a value that an expression takes, found when first asked for.
type member struct {
	once  sync.Once
	value string
	known bool
}

// member returns some value of a dimension of kind k that e takes, if one was
// found.
func (e *expression) member(k DimensionKind) (value string, known bool) {
	m := &e.members[k]
	m.once.Do(func() {
		p := problem{Dimension{Kind: k}, StringMatch{}, constraints{{StringMatch: StringMatch{Kind: Regex}, e: e}}}
		value, present, found := p.search()
		m.value, m.known = value, present && found == Yes
	})
	return m.value, m.known
}

// expression compiles pattern, or returns nil where RE2 can't read it. Go reads
// what RE2 reads, but for \C; both take $ without (?m) as the end of the text.
func (x *Expressions) expression(pattern string, ignoreCase bool) *expression {
	if x == nil {
		return compile(pattern, ignoreCase)
	}
	key := expressionKey{pattern, ignoreCase}
	x.lock.RLock()
	e, ok := x.known[key]
	x.lock.RUnlock()
	if ok {
		return e
	}
	e = compile(pattern, ignoreCase)
	x.lock.Lock()
	defer x.lock.Unlock()
	if x.known == nil {
		x.known = map[expressionKey]*expression{}
	}
	if e, ok := x.known[key]; ok {
		return e
	}
	x.known[key] = e
	return e
}

func compile(pattern string, ignoreCase bool) *expression {
	flags := syntax.Perl
	text := `\A(?:` + pattern + `)\z`
	if ignoreCase {
		flags |= syntax.FoldCase
		text = `(?i)` + text
	}
	re, err := syntax.Parse(pattern, flags)
	if err != nil {
		return nil
	}
	if _, err = syntax.Parse(text, syntax.Perl); err != nil {
		return nil // nested too deeply for one more group
	}
	re = trimAnchors(re)
	e := &expression{text: text, plain: plain(re)}
	if e.prog, err = syntax.Compile(re.Simplify()); err != nil {
		return nil
	}
	e.head, _ = e.prog.Prefix()
	e.collectTests()
	return e
}

// trimAnchors drops what says at either end that there is the end, since the
// whole value has to match anyway.
func trimAnchors(re *syntax.Regexp) *syntax.Regexp {
	if re.Op != syntax.OpConcat {
		return re
	}
	subs := re.Sub
	for len(subs) > 0 && subs[0].Op == syntax.OpBeginText {
		subs = subs[1:]
	}
	for len(subs) > 0 && subs[len(subs)-1].Op == syntax.OpEndText {
		subs = subs[:len(subs)-1]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags, Sub: slices.Clone(subs)}
}

// matches tells whether the whole of value matches.
func (e *expression) matches(value string) bool {
	e.fullOnce.Do(func() { e.full = regexp.MustCompile(e.text) })
	return e.full.MatchString(value)
}

func (e *expression) collectTests() {
	seen := map[string]bool{}
	for i := range e.prog.Inst {
		in := &e.prog.Inst[i]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			key := string(append([]rune{rune(in.Op), rune(in.Arg)}, in.Rune...))
			if !seen[key] {
				seen[key] = true
				e.tests = append(e.tests, in)
			}
		case syntax.InstEmptyWidth:
			e.words = e.words || syntax.EmptyOp(in.Arg)&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0
		}
	}
}

// appendClass says how the expression reads r: two characters of one class are
// the same to it.
func (e *expression) appendClass(key []byte, r rune) []byte {
	if r >= 128 {
		return e.appendTests(key, r)
	}
	e.classOnce.Do(e.classify)
	return binary.LittleEndian.AppendUint16(key, e.ascii[r])
}

func (e *expression) classify() {
	classes := map[string]uint16{}
	var key []byte
	for r := range rune(128) {
		key = e.appendTests(key[:0], r)
		class, ok := classes[string(key)]
		if !ok {
			class = uint16(len(classes))
			classes[string(key)] = class
		}
		e.ascii[r] = class
	}
}

func (e *expression) appendTests(key []byte, r rune) []byte {
	bits := byte(0)
	if e.words && syntax.IsWordChar(r) {
		bits = 1
	}
	for i, in := range e.tests {
		if i%7 == 0 {
			key = append(key, bits)
			bits = 0
		}
		bits <<= 1
		if in.MatchRune(r) {
			bits |= 1
		}
	}
	return append(key, bits)
}

// borders are the characters beyond ASCII at which some class of the
// expression begins, or which it names.
func (e *expression) borders() []rune {
	var all []rune
	for _, in := range e.tests {
		switch {
		case in.Op == syntax.InstRuneAny, in.Op == syntax.InstRuneAnyNotNL:
		case len(in.Rune) == 1:
			r := in.Rune[0]
			all = append(all, r, r+1)
			if syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
				all = append(all, orbit(r)...)
			}
		default:
			for i := 0; i+1 < len(in.Rune); i += 2 {
				all = append(all, in.Rune[i], in.Rune[i+1]+1)
			}
		}
	}
	return slices.DeleteFunc(all, func(r rune) bool { return r < firstBeyond })
}
