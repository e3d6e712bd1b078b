package gwapi

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// decideToday is Istio: the first rule that matches.
func decideToday(rules []route.Rule, q request) string {
	for _, r := range rules {
		if q.meets(&r.Match) {
			return answer(r.Action.Backends[0].Service.Name)
		}
	}
	return "404"
}

func answer(service string) string { return "to " + service }

// ranking is how an implementation ranks paths: by kind, then by length.
type ranking struct {
	name  string
	kinds map[gatewayv1.PathMatchType]int
	byLen bool // expressions among themselves; else as they come
}

var rankings = []ranking{
	{"istio", map[gatewayv1.PathMatchType]int{gatewayv1.PathMatchExact: 3, gatewayv1.PathMatchPathPrefix: 2, gatewayv1.PathMatchRegularExpression: 1}, true},
	{"regex before prefix", map[gatewayv1.PathMatchType]int{gatewayv1.PathMatchExact: 3, gatewayv1.PathMatchPathPrefix: 1, gatewayv1.PathMatchRegularExpression: 2}, true},
	{"regex unsorted", map[gatewayv1.PathMatchType]int{gatewayv1.PathMatchExact: 3, gatewayv1.PathMatchPathPrefix: 1, gatewayv1.PathMatchRegularExpression: 2}, false},
}

type written struct {
	match gatewayv1.HTTPRouteMatch
	goes  string
}

// decideWritten is an implementation of Gateway API: the most specific match,
// and of equal ones the first.
func decideWritten(all []written, by ranking, q request) string {
	best := -1
	for i, w := range all {
		if q.meetsOutput(w.match) && (best < 0 || by.compare(w.match, all[best].match) > 0) {
			best = i
		}
	}
	if best < 0 {
		return "404"
	}
	return all[best].goes
}

func (by ranking) compare(a, b gatewayv1.HTTPRouteMatch) int {
	length := func(m gatewayv1.HTTPRouteMatch) int {
		switch {
		case *m.Path.Type == gatewayv1.PathMatchPathPrefix && *m.Path.Value != "/":
			return len(strings.TrimSuffix(*m.Path.Value, "/"))
		case *m.Path.Type == gatewayv1.PathMatchRegularExpression && !by.byLen:
			return 0
		}
		return len(*m.Path.Value)
	}
	method := func(m gatewayv1.HTTPRouteMatch) int {
		if m.Method != nil {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(by.kinds[*a.Path.Type], by.kinds[*b.Path.Type]), cmp.Compare(length(a), length(b)), cmp.Compare(method(a), method(b)),
		cmp.Compare(len(a.Headers), len(b.Headers)), cmp.Compare(len(a.QueryParams), len(b.QueryParams)))
}

// convertRules builds the routes for rules, and lists their matches.
func convertRules(t testing.TB, rules []route.Rule, o Options) ([]written, []finding.Finding) {
	t.Helper()
	table := &route.Table{
		Protocol: route.HTTP, Name: route.Name{Namespace: "shop", Name: "web"}, Hosts: []string{"a.example.com"}, Rules: rules,
		Entries: []route.Entry{{Parent: route.Name{Namespace: "shop", Name: "edge"}, Port: 80, Unknown: true}},
	}
	o.Bundle = target.Bundle{Version: target.V17, Channel: target.Standard}
	p := &pass{model: &mesh.Model{Tables: []*route.Table{table}}, opts: o}
	var all []written
	for _, obj := range p.httpRoutes(table) {
		for _, r := range obj.Value.(*gatewayv1.HTTPRoute).Spec.Rules {
			goes := "500"
			if len(r.BackendRefs) > 0 {
				goes = answer(string(r.BackendRefs[0].Name))
			}
			for _, m := range r.Matches {
				all = append(all, written{m, goes})
			}
		}
	}
	return all, p.findings
}

func backendRule(name string, m route.Match) route.Rule {
	return route.Rule{Match: m, Action: &route.Action{Backends: []route.Backend{{Service: route.Name{Namespace: "shop", Name: name}, Host: name, Port: 80, Weight: 1}}}}
}

func said(findings []finding.Finding, rules ...*finding.Rule) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool { return slices.Contains(rules, f.Rule) })
}

// admitted tells whether findings admit that q goes to after instead of today.
func admitted(findings []finding.Finding, q request, today, after string, expressions bool) bool {
	switch {
	case q.path == "/foox" && said(findings, rule.PrefixElement):
		return true
	case today == "404" && after == "500":
		return said(findings, rule.Unanswered)
	case expressions:
		return said(findings, rule.RegexOrder, rule.RegexOutranked, rule.ConditionLost)
	}
	return false
}

func describe(rules []route.Rule) string {
	var b strings.Builder
	for _, r := range rules {
		m := r.Match
		fmt.Fprintf(&b, "  %d %s method %s headers %v without %v query %v\n", m.Path.Kind, m.Path.Value, m.Method.Value, m.Headers, m.Without, m.Query)
	}
	return b.String()
}

func describeWritten(all []written) string {
	var b strings.Builder
	for _, w := range all {
		fmt.Fprintf(&b, "  %s %s", *w.match.Path.Type, *w.match.Path.Value)
		if w.match.Method != nil {
			fmt.Fprintf(&b, " %s", *w.match.Method)
		}
		for _, h := range w.match.Headers {
			fmt.Fprintf(&b, " %s=%s", h.Name, h.Value)
		}
		for _, h := range w.match.QueryParams {
			fmt.Fprintf(&b, " ?%s=%s", h.Name, h.Value)
		}
		fmt.Fprintf(&b, " -> %s\n", w.goes)
	}
	return b.String()
}

func smallRequests() []request {
	var all []request
	for _, path := range []string{"/", "/foo", "/foo/", "/foo/x", "/foox", "/bar"} {
		for _, headers := range []map[string]string{{}, {"x": "v"}, {"x": "w"}} {
			all = append(all, request{path: path, method: "GET", headers: headers})
		}
	}
	return all
}

func smallMatches() []route.Match {
	var all []route.Match
	for _, path := range []route.StringMatch{
		{Kind: route.Exact, Value: "/foo"}, {Kind: route.Prefix, Value: "/"}, {Kind: route.Prefix, Value: "/foo"}, {Kind: route.Prefix, Value: "/foo/"}, {Kind: route.Regex, Value: "/(foo|ba.)x?"},
	} {
		all = append(all,
			route.Match{Path: path},
			route.Match{Path: path, Headers: []route.KeyMatch{{Name: "x", StringMatch: route.StringMatch{Kind: route.Exact, Value: "v"}}}},
			route.Match{Path: path, Without: []route.KeyMatch{{Name: "x", StringMatch: route.StringMatch{Kind: route.Present}}}},
			route.Match{Path: path, Without: []route.KeyMatch{{Name: "x", StringMatch: route.StringMatch{Kind: route.Exact, Value: "v"}}}},
		)
	}
	return all
}

// All lists of two and three rules over the kinds of paths, with and without a
// header, decide as today. What differs has a finding; without expressions only
// the longer names of a prefix differ, and 404, which can't be said for a part
// of what a rule takes.
func TestSmallListsKeepTheirDecisions(t *testing.T) {
	matches := smallMatches()
	requests := smallRequests()
	for i := range matches {
		for j := range matches {
			for _, class := range []string{"istio", "other"} {
				checkList(t, class, []route.Match{matches[i], matches[j]}, requests)
			}
			for k := range matches {
				if testing.Short() && (i+3*j+7*k)%10 != 0 {
					continue // a part will do for the race detector
				}
				class := []string{"istio", "other"}[(i+j+k)%2] // only the rank of expressions depends on it
				checkList(t, class, []route.Match{matches[i], matches[j], matches[k]}, requests)
			}
		}
	}
}

// checkList converts the list and compares its decisions.
func checkList(t *testing.T, class string, matches []route.Match, requests []request) (size int) {
	t.Helper()
	var rules []route.Rule
	expressions := false
	for i, m := range matches {
		rules = append(rules, backendRule(fmt.Sprintf("s%d", i), m))
		expressions = expressions || m.Path.Kind == route.Regex
	}
	all, findings := convertRules(t, rules, Options{GatewayClass: class})
	by := rankings
	if class == "istio" {
		by = rankings[:1]
	}
	for _, q := range requests {
		for _, by := range by {
			today, after := decideToday(rules, q), decideWritten(all, by, q)
			if today != after && !admitted(findings, q, today, after, expressions) {
				t.Fatalf("class %s, ranking %s: %s %s %v goes %s today, %s after:\n%swritten\n%s%v", class, by.name, q.method, q.path, q.headers, today, after, describe(rules), describeWritten(all), findings)
			}
		}
	}
	if !expressions && said(findings, rule.RuleOrder, rule.ConditionLost, rule.PrefixSlash) {
		t.Fatalf("class %s: not repaired:\n%swritten\n%s%v", class, describe(rules), describeWritten(all), findings)
	}
	return len(all)
}

// Random lists of up to seven rules of exact paths, elements, methods, headers
// and query parameters decide as today, and grow little.
func TestRandomListsKeepTheirDecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	rules, pieces := 0, 0
	for range 800 {
		var matches []route.Match
		for range 2 + r.IntN(6) {
			matches = append(matches, elementMatch(r))
		}
		rules += len(matches)
		pieces += checkList(t, "other", matches, elementRequests())
	}
	if grown := float64(pieces) / float64(rules); grown > 1.3 {
		t.Errorf("lists grow by %.0f %%", 100*(grown-1))
	}
}

func elementMatch(r *rand.Rand) route.Match {
	var m route.Match
	switch r.IntN(3) {
	case 0:
		m.Path = route.StringMatch{Kind: route.Exact, Value: oneOf(r, "/", "/a", "/a/b")}
	case 1:
		m.Path = route.StringMatch{Kind: route.Element, Value: oneOf(r, "/", "/a", "/a/b", "/c")}
	}
	if r.IntN(3) == 0 {
		m.Method = route.StringMatch{Kind: route.Exact, Value: oneOf(r, "GET", "PUT")}
	}
	for _, name := range []string{"x", "y"} {
		if r.IntN(4) == 0 {
			m.Headers = append(m.Headers, route.KeyMatch{Name: name, StringMatch: route.StringMatch{Kind: route.Exact, Value: oneOf(r, "1", "2")}})
		}
	}
	if r.IntN(4) == 0 {
		m.Query = append(m.Query, route.KeyMatch{Name: "q", StringMatch: route.StringMatch{Kind: route.Exact, Value: oneOf(r, "1", "2")}})
	}
	return m
}

func elementRequests() []request {
	var all []request
	values := func(name string) []map[string]string { return []map[string]string{{}, {name: "1"}, {name: "2"}} }
	for _, path := range []string{"/", "/a", "/a/b", "/a/b/c", "/c", "/d"} {
		for _, method := range []string{"GET", "PUT", "POST"} {
			for _, x := range values("x") {
				for _, y := range values("y") {
					for _, query := range values("q") {
						headers := map[string]string{}
						for _, m := range []map[string]string{x, y} {
							for k, v := range m {
								headers[k] = v
							}
						}
						all = append(all, request{path: path, method: method, headers: headers, query: query})
					}
				}
			}
		}
	}
	return all
}

// wildRules are rules of findings that admit that some request is decided
// otherwise.
var wildRules = []*finding.Rule{
	rule.PrefixElement, rule.PrefixFragment, rule.RefusalNarrowed, rule.RegexOrder, rule.RegexOutranked, rule.RuleOrder, rule.ConditionLost, rule.Unanswered,
	rule.PrefixSlash, rule.MethodsListed, rule.NeverMatches,
}

// Whatever the rules are, what differs has a finding.
func TestWildListsAdmitDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	differ, silent := 0, 0
	for n := range 1500 {
		var rules []route.Rule
		for i := range 2 + r.IntN(4) {
			rules = append(rules, backendRule(fmt.Sprintf("s%d", i), *randomMatch(r)))
		}
		class, by := "istio", rankings[:1]
		if n%3 == 0 {
			class, by = "other", rankings
		}
		all, findings := convertRules(t, rules, Options{GatewayClass: class, Prefix: Prefix(n % 2)})
		for range 40 {
			q := randomRequest(r)
			for _, by := range by {
				today, after := decideToday(rules, q), decideWritten(all, by, q)
				switch {
				case today == after:
					silent++
				case said(findings, wildRules...):
					differ++
				default:
					t.Fatalf("class %s, ranking %s: %+v goes %s today, %s after:\n%swritten\n%s%v", class, by.name, q, today, after, describe(rules), describeWritten(all), findings)
				}
			}
		}
	}
	t.Logf("%d alike, %d differ", silent, differ)
}

// What is refused today stays refused, or a finding says what is open. Where the
// rank of expressions is known, nothing is.
func TestWildListsStayClosed(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	closed, open := 0, 0
	for n := range 2000 {
		var rules []route.Rule
		for i := range 2 + r.IntN(4) {
			rules = append(rules, backendRule(fmt.Sprintf("s%d", i), *randomMatch(r)))
			if r.IntN(3) == 0 {
				rules[i].Action = &route.Action{Direct: &route.Direct{Status: 403}}
			}
		}
		class, by := "istio", rankings[:1]
		if n%2 == 0 {
			class, by = "other", rankings
		}
		all, findings := convertRules(t, rules, Options{GatewayClass: class})
		for range 60 {
			q := randomRequest(r)
			i := slices.IndexFunc(rules, func(l route.Rule) bool { return q.meets(&l.Match) })
			if i < 0 || !rules[i].Action.Refuses() {
				continue
			}
			closed++
			for _, by := range by {
				if after := decideWritten(all, by, q); after != "500" && after != "404" {
					open++
					if class == "istio" || !said(findings, rule.RegexOrder) {
						t.Fatalf("class %s, ranking %s: %+v is refused today and goes %s after:\n%swritten\n%s%v", class, by.name, q, after, describe(rules), describeWritten(all), findings)
					}
				}
			}
		}
	}
	if closed < 5000 {
		t.Errorf("only %d requests are refused: the test looks at nothing", closed)
	}
	t.Logf("%d refused, %d of them open by an unknown rank", closed, open)
}
