package gwapi

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// BenchmarkRepair orders one host with 500 rules.
func BenchmarkRepair(b *testing.B) {
	for _, size := range []int{10, 100, 500} {
		r := rand.New(rand.NewPCG(1, uint64(size)))
		var rules []route.Rule
		for i := range size {
			m := elementMatch(r)
			switch path := fmt.Sprintf("/team%d/app%d", i%20, r.IntN(size)); r.IntN(8) {
			case 0:
				m.Path = route.StringMatch{Kind: route.Regex, Value: path + "/[0-9]+/.*"}
			case 1, 2:
				m.Path = route.StringMatch{Kind: route.Exact, Value: path}
			default:
				m.Path = route.StringMatch{Kind: route.Prefix, Value: path + oneOf(r, "", "/")}
			}
			if i < 4 { // canaries for everything
				m = route.Match{Headers: []route.KeyMatch{{Name: "x-canary", StringMatch: route.StringMatch{Kind: route.Exact, Value: fmt.Sprint(i)}}}}
			}
			rules = append(rules, backendRule(fmt.Sprintf("s%d", i), m))
		}
		rules = append(rules, backendRule("rest", route.Match{}))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for range b.N {
				all, _ := convertRules(b, rules, Options{GatewayClass: "istio"})
				b.ReportMetric(float64(len(all)), "matches")
			}
		})
	}
}
