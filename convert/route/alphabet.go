package route

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// What values a dimension can have:
//
//   - a path begins with / and is of visible ASCII characters, without ? and #
//     (RFC 3986 has everything else percent-encoded);
//   - a method, scheme, authority or namespace is not empty; a method is a token
//     (RFC 9110, 5.6.2);
//   - the value of a header may be empty, has spaces only inside, since those at
//     its ends are no part of it (RFC 9110, 5.5), and no control characters;
//     beyond ASCII it is UTF-8, by which RE2 reads it;
//   - the value of a query parameter is part of a URL, as Envoy compares it:
//     visible ASCII without & and #.
func (d Dimension) allows(r rune) bool {
	if uint32(r) < 128 {
		return allowed[d.Kind][r]
	}
	return d.Kind == InHeader && r >= firstBeyond && r != '\uFFFD' && !(0xD800 <= r && r <= 0xDFFF)
}

// allowed are the ASCII characters by kind.
var allowed = func() (table [InNamespace + 1][128]bool) {
	for k := range table {
		for r := range rune(128) {
			table[k][r] = DimensionKind(k).allows(r)
		}
	}
	return table
}()

func (k DimensionKind) allows(r rune) bool {
	visible := '!' <= r && r <= '~'
	switch k {
	case InPath:
		return visible && r != '?' && r != '#'
	case InMethod:
		return visible && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	case InHeader:
		return visible || r == ' '
	case InQuery:
		return visible && r != '&' && r != '#'
	case InScheme, InAuthority, InLabel, InNamespace:
		return visible && !strings.ContainsRune("/?#@", r)
	}
	panic(fmt.Sprintf("unhandled dimension %d", k))
}

// firstBeyond is the first character beyond ASCII that is no control character.
const firstBeyond = 0xA0

// A frame is the state of reading a value of a dimension from left to right.
type frame = int32

const (
	impossible frame = iota
	outset
	within
	afterSpace // in a header, which can't end so
)

// next reads one more character.
func (d Dimension) next(f frame, r rune) frame {
	switch {
	case !d.allows(r), f == outset && d.Kind == InPath && r != '/', f == outset && d.Kind == InHeader && r == ' ':
		return impossible
	case d.Kind == InHeader && r == ' ':
		return afterSpace
	}
	return within
}

// complete tells whether a value may end here.
func (d Dimension) complete(f frame) bool {
	return f == within || f == outset && d.canBeAbsent()
}

// possible tells whether d can have this value.
func (d Dimension) possible(value string) bool {
	f := outset
	for _, r := range value {
		if f = d.next(f, r); f == impossible {
			return false
		}
	}
	return d.complete(f)
}

// Readable characters come first, so that of several values of one length the
// plainest is shown.
const (
	plainest   = "xyzabcdefghijklmnopqrstuvw0123456789"
	capitals   = "XYZABCDEFGHIJKLMNOPQRSTUVW"
	marks      = "-_.~/:=,+;!*'()$@&%^|{}[]<>`\"\\?# "
	exoticMark = 'é' // the plainest beyond ASCII
)

// readable are the ASCII characters of d, the plainest first.
func (d Dimension) readable() string {
	if d.Kind == InMethod {
		return capitals + plainest + marks
	}
	return plainest + capitals + marks
}

// usual are values that are good examples wherever they fit.
func (d Dimension) usual() []string {
	switch d.Kind {
	case InMethod:
		return usualMethods
	case InScheme:
		return usualSchemes
	case InAuthority:
		return usualHosts
	}
	return nil
}

var (
	usualMethods = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}
	usualSchemes = []string{"http", "https"}
	usualHosts   = []string{"example.com"}
)

// alphabet is a dimension's characters, of which those that all conditions
// treat alike are one symbol. A symbol is known by its most readable character.
type alphabet struct {
	dimension   Dimension
	expressions []*expression
	letters     map[rune]bool // of literals
	folded      map[rune]bool // of literals that ignore case, in lower case
	runes       []rune        // by symbol
	symbols     map[string]int16
	ascii       [128]int16 // symbols; -1 is not looked up yet
	key         []byte     // of signature
}

func newAlphabet(d Dimension, literals []StringMatch, expressions []*expression) *alphabet {
	a := &alphabet{dimension: d, expressions: expressions, letters: map[rune]bool{}, folded: map[rune]bool{}, symbols: map[string]int16{}}
	for _, s := range literals {
		for _, r := range s.Value {
			if s.IgnoreCase {
				a.folded[lower(r)] = true
			} else {
				a.letters[r] = true
			}
		}
	}
	for i := range a.ascii {
		a.ascii[i] = -1
	}
	for _, r := range d.readable() {
		a.add(r)
	}
	if d.allows(exoticMark) {
		a.addExotic()
	}
	return a
}

// addExotic adds characters beyond ASCII: one for each stretch of them that no
// literal and no expression divides.
func (a *alphabet) addExotic() {
	a.add(exoticMark)
	a.add(firstBeyond)
	for _, letters := range []map[rune]bool{a.letters, a.folded} {
		for r := range letters {
			if r >= firstBeyond {
				a.add(r)
			}
		}
	}
	for _, e := range a.expressions {
		for _, r := range e.borders() {
			a.add(r)
		}
	}
}

func (a *alphabet) add(r rune) {
	if !a.dimension.allows(r) {
		return
	}
	key := a.signature(r)
	if _, ok := a.symbols[string(key)]; ok {
		return
	}
	a.symbols[string(key)] = int16(len(a.runes))
	a.runes = append(a.runes, r)
}

// signature says how r is treated, until the next call.
func (a *alphabet) signature(r rune) []byte {
	key := a.key[:0]
	letter, folded := rune(0), rune(0)
	if a.letters[r] || r == '/' || r == ' ' {
		letter = r
	}
	if a.folded[lower(r)] {
		folded = lower(r)
	}
	key = binary.AppendVarint(key, int64(letter))
	key = binary.AppendVarint(key, int64(folded))
	for _, e := range a.expressions {
		key = e.appendClass(key, r)
	}
	a.key = key
	return key
}

// symbol returns the symbol of r, which the dimension has to allow.
func (a *alphabet) symbol(r rune) (int, bool) {
	if r < 128 && a.ascii[r] >= 0 {
		return int(a.ascii[r]), true
	}
	if !a.dimension.allows(r) {
		return 0, false
	}
	s, ok := a.symbols[string(a.signature(r))]
	if ok && r < 128 {
		a.ascii[r] = s
	}
	return int(s), ok
}
