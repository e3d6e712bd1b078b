package prove_test

import (
	"fmt"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

func to(service string) *route.Action {
	return &route.Action{Backends: []route.Backend{{Service: route.Name{Namespace: "shop", Name: service}, Port: 80, Weight: 1}}}
}

// alike makes a list of Istio's kind and one of Gateway API's that do the same:
// exact paths, prefixes and headers.
func alike(count int) (before, after *route.List) {
	before, after = &route.List{Host: "shop.example.com"}, &route.List{Host: "shop.example.com"}
	add := func(b, a route.Match, service string) {
		before.Rules = append(before.Rules, &route.Rule{Match: b, Action: to(service)})
		after.Rules = append(after.Rules, &route.Rule{Match: a, Action: to(service)})
	}
	for i := range count - 1 {
		service := fmt.Sprintf("s%d", i)
		switch i % 4 {
		case 0:
			m := route.Match{Path: route.StringMatch{Kind: route.Exact, Value: fmt.Sprintf("/exact/%d", i)}}
			add(m, m, service)
		case 1:
			path := fmt.Sprintf("/tree/%d/", i)
			add(route.Match{Path: route.StringMatch{Kind: route.Prefix, Value: path}}, route.Match{Path: route.StringMatch{Kind: route.Element, Value: path}}, service)
		case 2:
			m := route.Match{Headers: []route.KeyMatch{{Name: "x-team", StringMatch: route.StringMatch{Kind: route.Exact, Value: fmt.Sprint(i)}}}}
			add(m, m, service)
		case 3:
			m := route.Match{
				Path:    route.StringMatch{Kind: route.Exact, Value: fmt.Sprintf("/both/%d", i%40)},
				Method:  route.StringMatch{Kind: route.Exact, Value: "GET"},
				Headers: []route.KeyMatch{{Name: fmt.Sprintf("x-flag-%d", i%7), StringMatch: route.StringMatch{Kind: route.Exact, Value: "1"}}},
			}
			add(m, m, service)
		}
	}
	add(route.Match{Path: route.StringMatch{Kind: route.Prefix, Value: "/"}}, route.Match{Path: route.StringMatch{Kind: route.Element, Value: "/"}}, "rest")
	return before, after
}

func BenchmarkLists(b *testing.B) {
	for _, n := range []int{1, 10, 500} {
		before, after := alike(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var x route.Expressions
			b.ReportAllocs()
			for b.Loop() {
				prove.Lists(before, after, prove.Options{Expressions: &x})
			}
		})
	}
}

// BenchmarkIndependent has rules that all overlap: each asks for two headers of
// its own.
func BenchmarkIndependent(b *testing.B) {
	for _, n := range []int{20, 200} {
		list := &route.List{}
		for i := range n {
			list.Rules = append(list.Rules, &route.Rule{Action: to(fmt.Sprint(i)), Match: route.Match{Headers: []route.KeyMatch{
				{Name: fmt.Sprintf("a%03d", i), StringMatch: route.StringMatch{Kind: route.Exact, Value: "1"}},
				{Name: fmt.Sprintf("b%03d", i), StringMatch: route.StringMatch{Kind: route.Exact, Value: "1"}},
			}}})
		}
		reversed := &route.List{}
		for i := range n {
			reversed.Rules = append(reversed.Rules, list.Rules[n-1-i])
		}
		for name, after := range map[string]*route.List{"same": list, "reversed": reversed} {
			if n > 20 && name == "reversed" {
				continue // n*n differences
			}
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				var x route.Expressions
				for b.Loop() {
					if r := prove.Lists(list, after, prove.Options{Expressions: &x}); r.Reason != "" {
						b.Fatal(r.Reason)
					}
				}
			})
		}
	}
}
