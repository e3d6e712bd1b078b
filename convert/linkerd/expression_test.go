package linkerd

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

func TestReadExpression(t *testing.T) {
	exact := func(v string) route.StringMatch { return route.StringMatch{Kind: route.Exact, Value: v} }
	prefix := func(v string) route.StringMatch { return route.StringMatch{Kind: route.Prefix, Value: v} }
	regex := func(v string) route.StringMatch { return route.StringMatch{Kind: route.Regex, Value: v} }
	for _, c := range []struct {
		written string
		want    route.StringMatch
		loose   bool
	}{
		{`/books`, exact("/books"), false},
		{`/books\.json`, exact("/books.json"), false},
		{`^/books$`, exact("/books"), false},
		{`  /books  `, exact("/books"), false},
		{`/books/.*`, prefix("/books/"), false},
		{`/books.*`, prefix("/books"), false},
		{`.*`, route.StringMatch{}, false},
		{`/.*`, route.StringMatch{}, false},
		{`^/`, exact("/"), false},
		{`/books/[^/]*\.json`, regex(`/books/[^/]*\.json`), false},
		{`/pkg.Svc/Get`, regex(`/pkg.Svc/Get`), false},
		{`(?i)/books`, regex(`(?i)/books`), false},
		{`/books(/.*)?`, regex(`/books(/.*)?`), false},
		{`(/a|/b)`, regex(`(/a|/b)`), false},
		{`/a|/b`, regex(`/a.*|.*/b`), true},
		{`^/a|/b|/c$`, regex(`/a.*|.*/b.*|.*/c`), true},
		{`/price\$`, prefix("/price$"), true}, // the text ends in $, so none is added
		{`*`, route.StringMatch{}, true},      // ^*$
		{`books`, exact("books"), false},
	} {
		got := readExpression(c.written, nil)
		if got.match != c.want || got.loose != c.loose || got.refused+got.unknown != "" {
			t.Errorf("%q: %+v, want %+v, loose %v", c.written, got, c.want, c.loose)
		}
	}
}

// What Rust's regular expressions refuse, and what they read otherwise. The
// answers were compared with crate regex 1.13.2, on some hundred thousand random
// expressions of such parts.
func TestDialect(t *testing.T) {
	const refused, unknown = "refused", "unknown"
	for written, want := range map[string]string{
		`/users/{id}`:       refused,
		`/users/\{id\}`:     "",
		`/a{2}`:             "",
		`/a{2,}b{1,3}`:      "",
		`/a{,3}`:            unknown,
		`/a{ 2 }`:           unknown,
		`/[{}]`:             "",
		`/(`:                refused,
		`/a)`:               refused,
		`/[a`:               refused,
		`/(*a)`:             refused,
		`/(?=a)b`:           refused,
		`/(?<!a)b`:          refused,
		`/(a)\1`:            refused,
		`/\Qa.b\E`:          refused,
		`/[z-a]`:            refused,
		`/\<a`:              unknown,
		`/\b{start}a`:       unknown,
		`/\u0041`:           unknown,
		`/(?x)a`:            unknown,
		`/a**`:              unknown,
		`/a{1001}`:          unknown,
		`/[a-z&&[^aeiou]]+`: unknown,
		`/[a--b]`:           unknown,
		`/[a~~b]`:           unknown,
		`/[a[b]]`:           unknown,
		`/[[:alpha:]_]+`:    "",
		`/[]a]`:             "",
		`/[^]a]`:            "",
		`/[\]\[]`:           "",
		`/\x{41}\p{Greek}*`: "",
		`/(?P<name>a)`:      "",
		`/(?<name>a)`:       "",
		`/a||b`:             "",
		`/}`:                "",
		`/(?)a`:             refused,
		`/(?i)*a`:           refused,
		`/(?i:a)*`:          "",
		`/[\w-b]`:           refused,
		`/[\w-]`:            "",
		`/[[:foo:]]`:        unknown,
		`/(?<n>a)(?<n>b)`:   refused,
	} {
		got := readExpression(written, nil)
		if (got.refused != "") != (want == refused) || (got.unknown != "") != (want == unknown) {
			t.Errorf("%q: refused %q, unknown %q, want %q", written, got.refused, got.unknown, want)
		}
	}
}

// proxyTakes is the reference: the proxy's anchors, and a search.
func proxyTakes(written string) *regexp.Regexp {
	text := strings.TrimSpace(written)
	if !strings.HasPrefix(text, "^") {
		text = "^" + text
	}
	if !strings.HasSuffix(text, "$") {
		text += "$"
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

// words are all paths of at most n of the letters behind the first slash.
func words(letters string, n int) []string {
	all := []string{"/"}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, r := range letters {
				all = append(all, s+string(r))
			}
		}
		from = to
	}
	return all
}

func randomExpression(r *rand.Rand) string {
	atoms := []string{"a", "b", "/", ".", "^", "$", `\$`, "|", "|", "(a|/)", "[^/]", ".*", "(?:^/|b)", `\.`, "a?", "(b$)", "*", "/a"}
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(atoms[r.IntN(len(atoms))])
	}
	return b.String()
}

func TestExpressionsByBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	paths := words("ab/.$", 4)
	kinds := map[route.StringKind]int{}
	loose := 0
	x := &route.Expressions{}
	for range 1000 {
		written := randomExpression(r)
		want := proxyTakes(written)
		got := readExpression(written, nil)
		if want == nil || got.unknown != "" {
			if got.refused+got.unknown == "" {
				t.Errorf("%q is read, and RE2 can't", written)
			}
			continue
		}
		kinds[got.match.Kind]++
		if got.loose {
			loose++
		}
		for _, p := range paths {
			m := route.Match{Path: got.match}
			if x.Holds(&m, &route.Request{Path: p}) != want.MatchString(p) {
				t.Fatalf("%q becomes %+v: for %q the proxy says %v", written, got.match, p, want.MatchString(p))
			}
		}
	}
	if kinds[route.Any] < 20 || kinds[route.Exact] < 20 || kinds[route.Prefix] < 10 || kinds[route.Regex] < 100 || loose < 50 {
		t.Errorf("the expressions are not varied: %v, loose %d", kinds, loose)
	}
}
