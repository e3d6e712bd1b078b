package route

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func regex(v string) StringMatch   { return StringMatch{Kind: Regex, Value: v} }
func exact(v string) StringMatch   { return StringMatch{Kind: Exact, Value: v} }
func prefix(v string) StringMatch  { return StringMatch{Kind: Prefix, Value: v} }
func element(v string) StringMatch { return StringMatch{Kind: Element, Value: v} }

func byPath(s StringMatch) *Match { return &Match{Path: s} }

func withHeader(name string, s StringMatch) *Match {
	return &Match{Headers: []KeyMatch{{name, s}}}
}

func withoutHeader(name string, s StringMatch) *Match {
	return &Match{Without: []KeyMatch{{name, s}}}
}

// TestHolds shows what conditions mean for one request, above all where a
// header is absent.
func TestHolds(t *testing.T) {
	absent, empty := Request{Path: "/foo"}, Request{Path: "/foo", Headers: map[string]string{"x": ""}}
	v1 := Request{Path: "/foo/a", Method: "GET", Headers: map[string]string{"x": "v1"}, Authority: "shop.example.com"}
	tests := []struct {
		name  string
		m     *Match
		takes []bool // absent, empty, v1
	}{
		{"nothing asked", &Match{}, []bool{true, true, true}},
		{"present", withHeader("X", StringMatch{Kind: Present}), []bool{false, true, true}},
		{"any", withHeader("X", StringMatch{}), []bool{true, true, true}},
		{"expression that takes the empty string", withHeader("x", regex(".*")), []bool{false, true, true}},
		{"without presence", withoutHeader("x", StringMatch{Kind: Present}), []bool{true, false, false}},
		{"without exact", withoutHeader("X", exact("v1")), []bool{true, true, false}},
		{"without the empty string, as which absence counts", withoutHeader("x", exact("")), []bool{false, false, true}},
		{"without an expression that takes the empty string", withoutHeader("x", regex(".*")), []bool{false, false, false}},
		{"without an expression that does not", withoutHeader("x", regex("v.+")), []bool{true, true, false}},
		{"without any", withoutHeader("x", StringMatch{}), []bool{false, false, false}},
		{"expression RE2 can't read", withHeader("x", regex("v1(?=a)")), []bool{false, false, false}},
		{"element", byPath(element("/foo/")), []bool{true, true, true}},
		{"string prefix with slash", byPath(prefix("/foo/")), []bool{false, false, true}},
		{"whole path", byPath(regex("/foo")), []bool{true, true, false}},
		{"alternatives are all of the whole", byPath(regex("/foo|/f")), []bool{true, true, false}},
		{"ASCII case", byPath(StringMatch{Kind: Exact, Value: "/FOO", IgnoreCase: true}), []bool{true, true, false}},
		{"authority as header", withHeader(":authority", prefix("shop.")), []bool{false, false, true}},
		{"authority as header host", withHeader("Host", prefix("shop.")), []bool{false, false, true}},
		{"method as header", withHeader(":method", exact("GET")), []bool{false, false, true}},
		{"callers", &Match{SourceLabels: map[string]string{"app": "web"}}, []bool{false, false, false}},
	}
	for _, tt := range tests {
		var got []bool
		for _, r := range []*Request{&absent, &empty, &v1} {
			got = append(got, tt.m.Holds(r))
		}
		if !slices.Equal(got, tt.takes) {
			t.Errorf("%s: takes %v, want %v", tt.name, got, tt.takes)
		}
	}
}

// TestPairs shows answers on pairs of matches.
func TestPairs(t *testing.T) {
	fold := func(s StringMatch) StringMatch { s.IgnoreCase = true; return s }
	many := &Match{Path: prefix("/a"), Method: exact("GET"), SourceNamespace: "shop", SourceLabels: map[string]string{"app": "web"}, Subnets: []string{"10.0.0.0/8"}}
	tests := []struct {
		name              string
		a, b              *Match
		overlap, contains Truth
	}{
		{"string prefix takes elements", byPath(prefix("/foo")), byPath(element("/foo")), Yes, Yes},
		{"and not the other way", byPath(element("/foo")), byPath(prefix("/foo")), Yes, No},
		{"element and longer name", byPath(element("/foo")), byPath(prefix("/foob")), No, No},
		{"every path begins with a slash", byPath(prefix("/")), &Match{}, Yes, Yes},
		{"expression for every path", byPath(regex("/.*")), &Match{}, Yes, Yes},
		{"expression as element", byPath(element("/foo")), byPath(regex("^/foo(/.*)?$")), Yes, Yes},
		{"expression inside prefix", byPath(prefix("/api/v")), byPath(regex(`/api/v[0-9]+/x`)), Yes, Yes},
		{"expressions apart", byPath(regex(`/api/v[0-9]+`)), byPath(regex(`/api/v[a-z]+`)), No, No},
		{"expressions that are the same", byPath(regex(`/(a|b)c`)), byPath(regex(`/[ab]c`)), Yes, Yes},
		{"word boundary", byPath(regex(`/a\b.*`)), byPath(prefix("/ab")), No, No},
		{"lazy is greedy", byPath(regex(`/a.*?`)), byPath(prefix("/a")), Yes, Yes},
		{"ignoring case", byPath(fold(prefix("/FOO"))), byPath(exact("/foo")), Yes, Yes},
		{"kelvin is no path", byPath(fold(exact("/k"))), byPath(regex("(?i)/k")), Yes, Yes},
		{"kelvin is a header", withHeader("x", fold(exact("k"))), withHeader("x", regex("(?i)k")), Yes, No},
		{"beyond ASCII", withHeader("x", regex("[^a-z]+")), withHeader("x", exact("é")), Yes, Yes},
		{"scripts", withHeader("x", regex(`\p{Greek}+`)), withHeader("x", regex(`[α-γ]`)), Yes, Yes},
		{"header names ignore case", withHeader("X-A", exact("1")), withHeader("x-a", exact("2")), No, No},
		{"query names do not", &Match{Query: []KeyMatch{{"A", exact("1")}}}, &Match{Query: []KeyMatch{{"a", exact("2")}}}, Yes, No},
		{"with and without", withHeader("x", exact("1")), withoutHeader("x", StringMatch{Kind: Present}), No, No},
		{"with a value, without another", withHeader("x", exact("1")), withoutHeader("x", exact("2")), Yes, No},
		{"without follows from with", withoutHeader("x", exact("2")), withHeader("x", exact("1")), Yes, Yes},
		{"header with a space at the end", withHeader("x", exact("1 ")), &Match{}, No, No},
		{"no path has a query", byPath(exact("/a?b")), &Match{}, No, No},
		{"nothing is contained in all", &Match{Path: exact("/b")}, byPath(exact("/a?b")), No, Yes},
		{"can't be read", byPath(regex(`(?=a)`)), byPath(regex(`/a`)), Unknown, Unknown},
		{"nested as deeply as can be read", byPath(exact("/a")), byPath(regex(strings.Repeat("(", 999) + "/a" + strings.Repeat(")", 999))), Unknown, Unknown},
		{"can't be read, but is the same", byPath(regex(`(?=a)`)), byPath(regex(`(?=a)`)), Unknown, Yes},
		{"can't be read, but apart", &Match{Path: regex(`(?=a)`), Method: exact("GET")}, &Match{Method: exact("PUT")}, No, No},
		{"claims may be lists", withHeader("@request.auth.claims.group", exact("a")), withHeader("@request.auth.claims.group", exact("b")), Unknown, Unknown},
		{"a claim and its absence", withHeader("@request.auth.claims.group", exact("a")), withoutHeader("@request.auth.claims.group", exact("a")), No, No},
		{"pseudo-header", withHeader(":method", exact("GET")), &Match{Method: exact("PUT")}, No, No},
		{"path with query", withHeader(":path", exact("/a")), byPath(exact("/b")), Unknown, Unknown},
		{"all fields", many, many, Yes, Yes},
		{"other caller", many, &Match{SourceNamespace: "books"}, No, No},
		{"some fields", &Match{SourceNamespace: "shop", Method: prefix("G")}, many, Yes, Yes},
		{"other subnets", many, &Match{Subnets: []string{"10.1.0.0/16"}}, Unknown, No},
	}
	x := &Expressions{}
	for _, tt := range tests {
		if got := x.Overlap(tt.a, tt.b); got != tt.overlap {
			t.Errorf("%s: overlap %v, want %v", tt.name, got, tt.overlap)
		}
		if got := x.Overlap(tt.b, tt.a); got != tt.overlap {
			t.Errorf("%s, turned round: overlap %v, want %v", tt.name, got, tt.overlap)
		}
		if got := x.Contains(tt.a, tt.b); got != tt.contains {
			t.Errorf("%s: contains %v, want %v", tt.name, got, tt.contains)
		}
	}
}

func TestConjoin(t *testing.T) {
	tests := []struct{ a, b, want StringMatch }{
		{prefix("/foo"), element("/foo"), element("/foo")},
		{element("/foo"), prefix("/foo/"), prefix("/foo/")},
		{StringMatch{}, regex("/a+"), regex("/a+")},
		{exact("/aa"), regex("/a+"), exact("/aa")},
		{regex("/foo(/.*)?"), element("/foo"), element("/foo")},
		{regex("/a[bc]"), regex("/[ca]c"), exact("/ac")},
		{StringMatch{Kind: Prefix, Value: "/FOO", IgnoreCase: true}, prefix("/foo/b"), prefix("/foo/b")},
		{regex("/a.*"), regex(".*b"), StringMatch{}},
		{exact("/a"), exact("/b"), StringMatch{}},
	}
	for _, tt := range tests {
		both, ok := Conjoin(byPath(tt.a), byPath(tt.b))
		if ok != (tt.want.Kind != Any) || !both.Path.same(tt.want) {
			t.Errorf("%v and %v: %v %v, want %v", tt.a, tt.b, both.Path, ok, tt.want)
		}
	}
	a := &Match{Headers: []KeyMatch{{"x", exact("1")}}, Without: []KeyMatch{{"z", exact("1")}}}
	b := &Match{Headers: []KeyMatch{{"A", exact("1")}, {"X", regex("[0-9]")}}, Without: []KeyMatch{{"x", exact("2")}, {"z", prefix("1")}}}
	both, ok := Conjoin(a, b)
	if got := fmt.Sprint(both.Headers, both.Without, ok); got != fmt.Sprint([]KeyMatch{{"A", exact("1")}, {"x", exact("1")}}, []KeyMatch{{"z", prefix("1")}}, true) {
		t.Errorf("got %s", got)
	}
	both, ok = Conjoin(withHeader("x", prefix("a")), withHeader("x", regex(".*b")))
	if ok {
		t.Errorf("two conditions on one header became %v", both.Headers)
	}
}

// TestMembers shows which values stand for the classes.
func TestMembers(t *testing.T) {
	tests := []struct {
		d          Dimension
		conditions []StringMatch
		want       string
	}{
		{onPath, nil, `/x / //x`},
		{onPath, []StringMatch{prefix("/foo")}, `/x / //x | /foo/x /foox /foo /foo/ /foo//x`},
		{onPath, []StringMatch{element("/foo"), prefix("/foo")}, `/x / //x | /foo/x /foo /foo/ /foo//x | /foox`},
		{onPath, []StringMatch{exact("/x")}, `/y /xx / //x | /x`},
		{onPath, []StringMatch{regex("/a[0-9]/u")}, `/x / //x | /a0/u`},
		{onHeader, []StringMatch{exact("v1")}, `- | v1`},
		{onHeader, []StringMatch{exact("v1"), {Kind: Present}}, `"" | v1 | -`},
		{onHeader, []StringMatch{regex("v[0-9]")}, `- | v0`},
		{Dimension{Kind: InMethod}, []StringMatch{exact("GET"), exact("PURGE")}, `GET | POST | PURGE`},
		{Dimension{Kind: InScheme}, []StringMatch{exact("https")}, `http | https`},
	}
	for _, tt := range tests {
		c, ok := Partition(tt.d, tt.conditions)
		if !ok {
			t.Fatalf("%v: no answer", tt.conditions)
		}
		var all []string
		for i := range c.Len() {
			text := strings.Join(c.Members(i), " ")
			if _, present := c.Member(i); !present {
				text = "-"
			} else if text == "" {
				text = `""`
			}
			all = append(all, text)
		}
		if got := strings.Join(all, " | "); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.conditions, got, tt.want)
		}
	}
}

// TestBounds: what takes too long is unknown, and soon.
func TestBounds(t *testing.T) {
	hard := func(n int) StringMatch { return regex(fmt.Sprintf("/(a|b)*a(a|b){%d}", n)) }
	for name, ask := range map[string]func() Truth{
		"overlap":  func() Truth { return Overlap(byPath(hard(19)), byPath(regex("/(a|b)*b(a|b){19}"))) },
		"contains": func() Truth { return Contains(byPath(hard(20)), byPath(regex("/(a|b)*a(a|b){20}(a|b){0}"))) },
		"many": func() Truth {
			return Contains(byPath(regex("(.*a.{0,300}){3}b")), byPath(regex("(.*a.{0,301}){3}b")))
		},
		"classes": func() Truth {
			if _, ok := Partition(onPath, []StringMatch{hard(22)}); ok {
				return Yes
			}
			return Unknown
		},
	} {
		start := time.Now()
		if got := ask(); got != Unknown {
			t.Errorf("%s: %v", name, got)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Log(name, took)
		}
	}
}

func TestPartitionRefuses(t *testing.T) {
	claim := HeaderDimension("@request.auth.claims.group")
	for _, tt := range []struct {
		d          Dimension
		conditions []StringMatch
		ok         bool
	}{
		{onPath, []StringMatch{regex("(?=a)")}, false},
		{claim, []StringMatch{exact("a"), exact("b")}, false},
		{claim, []StringMatch{exact("a"), exact("a")}, true},
		{HeaderDimension(":path"), []StringMatch{exact("/a")}, false},
		{HeaderDimension(":path"), nil, true},
	} {
		if _, ok := Partition(tt.d, tt.conditions); ok != tt.ok {
			t.Errorf("%v %v: %v", tt.d, tt.conditions, ok)
		}
	}
}

// TestLarge compares a large host with trying each condition on each member.
func TestLarge(t *testing.T) {
	all := append(paths(1000), expressions(30)...)
	start := time.Now()
	c, ok := Partition(onPath, all)
	if !ok {
		t.Fatal("no answer")
	}
	t.Log(c.Len(), "classes in", time.Since(start))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	x := &Expressions{}
	for i := range c.Len() {
		v, _ := c.Member(i)
		for j, s := range all {
			if x.holds(s, v, true) != c.Holds(j, i) {
				t.Errorf("%q: %v", v, s)
			}
		}
	}
}

// TestExpressionsTogether asks from several goroutines at once.
func TestExpressionsTogether(t *testing.T) {
	x := &Expressions{}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				a, b := byPath(regex(fmt.Sprintf("/a%d[0-9]+", j))), byPath(regex(fmt.Sprintf("/a%d7", (i+j)%20)))
				if i == 0 && x.Overlap(a, b) != Yes {
					t.Errorf("%v %v", a.Path, b.Path)
				}
				x.Partition(onPath, []StringMatch{a.Path, b.Path})
			}
		})
	}
	all.Wait()
}

// FuzzOverlap compares the answers for two expressions with each other and with
// a string.
func FuzzOverlap(f *testing.F) {
	f.Add("/a+", "/[a-z]{2}", "/aa", true)
	f.Add(`^/api\b.*?$`, "(?i)/API/x|/y", "/api/x", false)
	f.Add(`.*é\B`, `\PL+`, "é-", false)
	f.Fuzz(func(t *testing.T, one, two, value string, inPath bool) {
		if len(one)+len(two) > 60 {
			return
		}
		for _, s := range []string{one, two} {
			if _, err := regexp.Compile(s); err != nil {
				return
			}
		}
		a, b := withHeader("x", regex(one)), withHeader("x", regex(two))
		r, d := &Request{Headers: map[string]string{"x": value}}, onHeader
		if inPath {
			a, b, r, d = byPath(regex(one)), byPath(regex(two)), &Request{Path: value}, onPath
		}
		overlap, contains := Overlap(a, b), Contains(a, b)
		witness, empty := Empty(a, b)
		ina, inb := a.Holds(r), b.Holds(r)
		switch {
		case overlap == Unknown || empty == Unknown || !d.possible(value):
		case (overlap == Yes) != (empty == No):
			t.Errorf("overlap %v, empty %v", overlap, empty)
		case overlap == No && ina && inb:
			t.Errorf("no overlap, but %q", value)
		case empty == No && !(a.Holds(&witness) && b.Holds(&witness)):
			t.Errorf("witness %+v", witness)
		case contains == Yes && inb && !ina:
			t.Errorf("contains, but not %q", value)
		}
	})
}
