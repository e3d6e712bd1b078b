package route

import (
	"fmt"
	"testing"
)

// paths are literals as a large host has them: n of them, exact and by prefix.
func paths(n int) []StringMatch {
	var all []StringMatch
	for i := range n {
		v := fmt.Sprintf("/api/v%d/service-%d/items", i%3+1, i/2)
		all = append(all, StringMatch{Kind: []StringKind{Exact, Prefix, Element}[i%3], Value: v})
	}
	return all
}

func expressions(n int) []StringMatch {
	shapes := []string{`/api/v[0-9]+/users%d/[^/]+`, `/svc%d/.*\.(js|css|png)`, `^/(en|de|fr)/shop%d/[a-z-]+$`, `/files%d/[a-f0-9]{8}-[a-f0-9]{4}`, `.*/health%d`}
	var all []StringMatch
	for i := range n {
		all = append(all, StringMatch{Kind: Regex, Value: fmt.Sprintf(shapes[i%len(shapes)], i)})
	}
	return all
}

func BenchmarkPartition(b *testing.B) {
	for _, n := range []struct{ literals, expressions int }{{1, 0}, {3, 0}, {10, 0}, {30, 0}, {100, 0}, {1000, 0}, {3, 1}, {10, 3}, {1000, 30}} {
		b.Run(fmt.Sprintf("%d+%d", n.literals, n.expressions), func(b *testing.B) {
			all := append(paths(n.literals), expressions(n.expressions)...)
			x := &Expressions{}
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := x.Partition(onPath, all); !ok {
					b.Fatal("no answer")
				}
			}
		})
	}
}

func BenchmarkPairs(b *testing.B) {
	header := []KeyMatch{{"x-version", StringMatch{Kind: Exact, Value: "v2"}}}
	get := StringMatch{Kind: Exact, Value: "GET"}
	path := func(k StringKind, v string) StringMatch { return StringMatch{Kind: k, Value: v} }
	for _, p := range []struct {
		name string
		a, b Match
	}{
		{"apart", Match{Path: path(Prefix, "/api/orders")}, Match{Path: path(Exact, "/web")}},
		{"literals", Match{Path: path(Prefix, "/api")}, Match{Path: path(Element, "/api/users")}},
		{"header", Match{Path: path(Prefix, "/api"), Headers: header, Method: get}, Match{Path: path(Prefix, "/"), Method: get}},
		{"without", Match{Path: path(Prefix, "/api"), Without: header}, Match{Path: path(Prefix, "/"), Headers: header}},
		{"exact-regex", Match{Path: path(Exact, "/api/v1/users/7")}, Match{Path: path(Regex, "/api/v[0-9]+/users/[^/]+")}},
		{"prefix-regex", Match{Path: path(Prefix, "/api/v1/")}, Match{Path: path(Regex, "/api/v[0-9]+/users/[^/]+")}},
		{"regex-regex", Match{Path: path(Regex, "/api/.*/users/.*")}, Match{Path: path(Regex, "/api/v[0-9]+/users/[^/]+")}},
	} {
		x := &Expressions{}
		b.Run("overlap/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Overlap(&p.a, &p.b)
			}
		})
		b.Run("contains/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x.Contains(&p.a, &p.b)
			}
		})
	}
}
