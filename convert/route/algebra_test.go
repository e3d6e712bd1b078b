package route

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// The tests compare with brute force over all short strings of a few letters,
// by a reading of conditions that shares nothing with the code.

const letters = "/foxF"

var (
	onPath   = Dimension{Kind: InPath}
	onHeader = Dimension{InHeader, "x"}
)

// values are all strings of at most n letters that the dimension has.
func values(d Dimension, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, r := range letters {
				all = append(all, s+string(r))
			}
		}
		from = to
	}
	if d.Kind != InPath {
		return all
	}
	var paths []string
	for _, s := range all {
		if strings.HasPrefix(s, "/") {
			paths = append(paths, s)
		}
	}
	return paths
}

// said is the reference: does a value meet the condition?
type said struct {
	StringMatch
	re *regexp.Regexp
}

func say(s StringMatch) said {
	out := said{StringMatch: s}
	if s.Kind == Regex {
		flag := ""
		if s.IgnoreCase {
			flag = "(?i)"
		}
		out.re = regexp.MustCompile(flag + "^(?:" + s.Value + ")$")
	}
	return out
}

func (s said) holds(value *string) bool {
	if value == nil {
		empty := ""
		if s.Kind == Any || !s.OrAbsent {
			return s.Kind == Any
		}
		value = &empty
	}
	v, want := *value, s.Value
	if s.IgnoreCase && s.re == nil {
		v, want = strings.ToLower(v), strings.ToLower(want)
	}
	switch s.Kind {
	case Any, Present:
		return true
	case Exact:
		return v == want
	case Prefix:
		return strings.HasPrefix(v, want)
	case Element:
		want = strings.TrimSuffix(want, "/")
		return want == "" || v == want || strings.HasPrefix(v, want+"/")
	}
	return s.re.MatchString(v)
}

func word(r *rand.Rand, n int) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteByte(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// randomRegex writes an expression with whatever RE2 has.
func randomRegex(r *rand.Rand, depth int) string {
	atoms := []string{"f", "o", "x", "/", ".", "[fo]", "[^/]", "[^f]", `\w`, `\W`, `\b`, `\B`, "^", "$", `\A`, `\z`, "F", "(?i:f)", "(?s:.)", ".*", "fo", "(?i)x", "[a-z]", `\d`, "", "[[:upper:]]", `\x66`}
	if depth == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	sub := func() string { return randomRegex(r, r.IntN(depth)) }
	switch r.IntN(8) {
	case 0:
		return "(" + sub() + "|" + sub() + ")"
	case 1:
		return "(?:" + sub() + ")" + []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"}[r.IntN(9)]
	case 2:
		return sub() + "|" + sub()
	default:
		return sub() + sub()
	}
}

func randomCondition(r *rand.Rand, d Dimension) StringMatch {
	s := StringMatch{Kind: StringKind(r.IntN(6)), IgnoreCase: r.IntN(5) == 0, Value: word(r, 3)}
	if d.Kind == InPath && r.IntN(10) > 0 {
		s.Value = "/" + word(r, 2)
	}
	if s.Kind == Regex {
		for {
			s.Value = randomRegex(r, 3)
			if d.Kind == InPath && r.IntN(3) > 0 {
				s.Value = "/" + s.Value
			}
			if _, err := regexp.Compile(s.Value); err == nil {
				break
			}
		}
	}
	return s
}

// literalOnly draws conditions for which no automaton is made.
func literalOnly(r *rand.Rand, d Dimension) StringMatch {
	for {
		if s := randomCondition(r, d); s.Kind != Regex && !s.IgnoreCase {
			return s
		}
	}
}

func row(conditions []said, value *string) string {
	var b strings.Builder
	for _, c := range conditions {
		fmt.Fprint(&b, map[bool]int{true: 1}[c.holds(value)])
	}
	return b.String()
}

func TestPartitionByBruteForce(t *testing.T) {
	for _, d := range []Dimension{onPath, onHeader, {InQuery, "q"}, {Kind: InMethod}, {Kind: InAuthority}} {
		all := values(d, 5)
		seeds := uint64(250)
		if testing.Short() {
			seeds = 30 // will do for the race detector
		}
		for seed := range seeds {
			r := rand.New(rand.NewPCG(seed, uint64(d.Kind)))
			draw := randomCondition
			if seed%2 == 0 {
				draw = literalOnly
			}
			n := 1 + r.IntN(6)
			if seed%10 == 0 {
				n = 70 // more than a word of bits
			}
			conditions := make([]StringMatch, n)
			for i := range conditions {
				conditions[i] = draw(r, d)
				conditions[i].OrAbsent = d.Kind == InHeader && r.IntN(4) == 0
			}
			checkPartition(t, d, conditions, all)
			if t.Failed() {
				t.Fatalf("%v, seed %d: %+v", d, seed, conditions)
			}
		}
	}
}

func checkPartition(t *testing.T, d Dimension, conditions []StringMatch, all []string) {
	t.Helper()
	c, ok := Partition(d, conditions)
	if !ok {
		t.Errorf("no answer")
		return
	}
	reference := make([]said, len(conditions))
	for i, s := range conditions {
		reference[i] = say(s)
	}
	class := map[string]int{}
	for i := range c.Len() {
		var got strings.Builder
		for j := range conditions {
			fmt.Fprint(&got, map[bool]int{true: 1}[c.Holds(j, i)])
		}
		if _, twice := class[got.String()]; twice {
			t.Errorf("class %s twice", got.String())
		}
		class[got.String()] = i
		if _, present := c.Member(i); !present {
			if want := row(reference, nil); want != got.String() {
				t.Errorf("absent is %s, not %s", want, got.String())
			}
		} else if len(c.Members(i)) == 0 {
			t.Errorf("no member")
		}
		for _, v := range c.Members(i) {
			if want := row(reference, &v); want != got.String() || !d.possible(v) {
				t.Errorf("%q is %s, not %s", v, want, got.String())
			}
		}
	}
	if d.canBeAbsent() {
		if i, ok := class[row(reference, nil)]; !ok || len(c.Members(i)) > 0 {
			t.Errorf("no class for what is absent")
		}
	}
	for _, v := range all {
		if !d.possible(v) {
			continue
		}
		i, ok := class[row(reference, &v)]
		if !ok {
			t.Errorf("no class for %q", v)
			continue
		}
		if shortest := shortestOf(c.Members(i)); len(v) < shortest && d.usual() == nil {
			t.Errorf("%q is shorter than %q", v, c.Members(i))
		}
	}
}

func shortestOf(all []string) int {
	n := 1 << 20
	for _, v := range all {
		n = min(n, len(v))
	}
	if len(all) == 0 {
		return 0
	}
	return n
}

// randomMatch is a match on path and one header, and sometimes the method.
func randomMatch(r *rand.Rand) *Match {
	m := &Match{Path: randomCondition(r, onPath)}
	key := func() KeyMatch { return KeyMatch{"X", randomCondition(r, onHeader)} }
	for range r.IntN(3) / 2 {
		m.Headers = append(m.Headers, key())
	}
	for range r.IntN(4) / 2 {
		k := key()
		m.Without = append(m.Without, k)
	}
	if r.IntN(4) == 0 {
		m.Method = StringMatch{Kind: Exact, Value: []string{"GET", "POST"}[r.IntN(2)]}
	}
	return m
}

// universe is what brute force tries: each path with some header, and each
// header with some path, so that every pair of values is met, by their product.
type universe struct{ paths, headers []*string }

func newUniverse() *universe {
	u := &universe{headers: []*string{nil}}
	for _, p := range values(onPath, 4) {
		u.paths = append(u.paths, &p)
	}
	for _, h := range values(onHeader, 3) {
		u.headers = append(u.headers, &h)
	}
	return u
}

// taken are the paths, headers and methods that a match takes: their product is
// what it takes.
type taken struct {
	paths, headers []bool
	methods        [3]bool // GET, POST, others
}

func (u *universe) taken(m *Match) taken {
	out := taken{methods: [3]bool{true, true, true}}
	if m.Method.Kind == Exact {
		out.methods = [3]bool{m.Method.Value == "GET", m.Method.Value == "POST", false}
	}
	path := say(m.Path)
	for _, p := range u.paths {
		out.paths = append(out.paths, path.holds(p))
	}
	var with, without []said
	for _, k := range m.Headers {
		with = append(with, say(k.StringMatch))
	}
	for _, k := range m.Without {
		k.OrAbsent = k.Kind != Present
		without = append(without, say(k.StringMatch))
	}
	for _, h := range u.headers {
		holds := true
		for _, k := range with {
			holds = holds && k.holds(h)
		}
		for _, k := range without {
			holds = holds && !k.holds(h)
		}
		out.headers = append(out.headers, holds)
	}
	return out
}

// some tells whether f holds for some request, as flags of a and b.
func (a taken) common(b taken) bool {
	return anyBoth(a.paths, b.paths) && anyBoth(a.headers, b.headers) && anyBoth(a.methods[:], b.methods[:])
}

func anyBoth(a, b []bool) bool {
	for i := range a {
		if a[i] && b[i] {
			return true
		}
	}
	return false
}

// beyond tells whether b takes a request that a does not.
func (a taken) beyond(b taken) bool {
	if !b.common(b) {
		return false
	}
	for _, pair := range [][2][]bool{{a.paths, b.paths}, {a.headers, b.headers}, {a.methods[:], b.methods[:]}} {
		for i := range pair[0] {
			if pair[1][i] && !pair[0][i] {
				return true
			}
		}
	}
	return false
}

func (a taken) equal(b taken) bool { return !a.beyond(b) && !b.beyond(a) }

func (a taken) and(b taken) taken {
	both := taken{}
	for i := range a.paths {
		both.paths = append(both.paths, a.paths[i] && b.paths[i])
	}
	for i := range a.headers {
		both.headers = append(both.headers, a.headers[i] && b.headers[i])
	}
	for i := range a.methods {
		both.methods[i] = a.methods[i] && b.methods[i]
	}
	return both
}

func TestMatchesByBruteForce(t *testing.T) {
	u := newUniverse()
	x := &Expressions{}
	counts := map[string]int{}
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := randomMatch(r), randomMatch(r)
		ta, tb := u.taken(a), u.taken(b)
		checkOverlap(t, x, a, b, ta.common(tb))
		checkContains(t, x, a, b, ta.beyond(tb))
		both, ok := x.Conjoin(a, b)
		if ok && !u.taken(&both).equal(ta.and(tb)) {
			t.Errorf("conjunction is %+v", both)
		}
		counts[fmt.Sprint("overlap ", x.Overlap(a, b))]++
		counts[fmt.Sprint("contains ", x.Contains(a, b))]++
		counts[fmt.Sprint("conjoined ", ok)]++
		if t.Failed() {
			t.Fatalf("seed %d:\n%+v\n%+v", seed, a, b)
		}
	}
	t.Log(counts)
	for _, what := range []string{"overlap yes", "overlap no", "contains yes", "contains no", "conjoined true", "conjoined false"} {
		if counts[what] < 50 {
			t.Errorf("only %d times %s", counts[what], what)
		}
	}
}

func checkOverlap(t *testing.T, x *Expressions, a, b *Match, common bool) {
	t.Helper()
	r, empty := x.Empty(a, b)
	overlap := x.Overlap(a, b)
	switch {
	case empty == Unknown || overlap == Unknown || (empty == No) != (overlap == Yes):
		t.Errorf("empty %v, overlap %v", empty, overlap)
	case common && overlap != Yes:
		t.Errorf("overlap %v, but brute force finds a request", overlap)
	case empty == No && !(a.Holds(&r) && b.Holds(&r)):
		t.Errorf("witness %+v does not hold", r)
	}
	if empty != No {
		return
	}
	pa, pb := say(a.Path), say(b.Path)
	if !pa.holds(&r.Path) || !pb.holds(&r.Path) {
		t.Errorf("witness %q does not hold", r.Path)
	}
	for _, p := range values(onPath, 4) {
		if len(p) < len(r.Path) && pa.holds(&p) && pb.holds(&p) {
			t.Errorf("%q is shorter than the witness %q", p, r.Path)
			return
		}
	}
}

func checkContains(t *testing.T, x *Expressions, a, b *Match, beyond bool) {
	t.Helper()
	got := x.Contains(a, b)
	if got == Unknown || got == Yes && beyond {
		t.Errorf("contains %v, brute force finds more: %v", got, beyond)
	}
	if got == No && !beyond && x.containsByClasses(t, a, b) {
		t.Errorf("contains %v, but the classes say that it does", got)
	}
}

// containsByClasses decides by the classes of all dimensions.
func (x *Expressions) containsByClasses(t *testing.T, a, b *Match) bool {
	all := append(a.Conditions(), b.Conditions()...)
	border := len(a.Conditions())
	inside := true
	for _, c := range all {
		d := c.On
		var texts []StringMatch
		var index []int
		for i, o := range all {
			if o.On == d {
				texts = append(texts, o.StringMatch)
				index = append(index, i)
			}
		}
		classes, ok := x.Partition(d, texts)
		if !ok {
			t.Errorf("no classes")
		}
		met, more := false, false
		for k := range classes.Len() {
			ina, inb := true, true
			for j, i := range index {
				if classes.Holds(j, k) == all[i].Negated {
					ina, inb = ina && i >= border, inb && i < border
				}
			}
			met, more = met || inb, more || inb && !ina
		}
		if !met {
			return true // b is empty
		}
		inside = inside && !more
	}
	return inside
}
