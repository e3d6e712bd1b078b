package convert_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// request is one that the tests below try.
type request struct {
	host, method, path string
	headers            map[string]string // by lower-case name
	query              map[string]string
}

func (r request) String() string {
	return fmt.Sprintf("%s %s%s %v %v", r.method, r.host, r.path, r.headers, r.query)
}

// An evaluator is a small implementation of Gateway API for HTTPRoutes, written
// from the documentation of its types and sharing nothing with gwapi.Read or the
// prover. Where expressions rank is target's.
type evaluator struct {
	target  string
	routes  []*gatewayv1.HTTPRoute
	parents map[*gatewayv1.HTTPRoute][]string
	regexes map[string]*regexp.Regexp
}

func newEvaluator(objects []gwapi.Object) *evaluator {
	e := &evaluator{target: "istio", regexes: map[string]*regexp.Regexp{}, parents: map[*gatewayv1.HTTPRoute][]string{}}
	for _, o := range objects {
		if r, ok := o.Value.(*gatewayv1.HTTPRoute); ok {
			e.routes, e.parents[r] = append(e.routes, r), parents(r)
		}
	}
	slices.SortFunc(e.routes, func(a, b *gatewayv1.HTTPRoute) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return e
}

// decide says what becomes of r at a parent, as text.
func (e *evaluator) decide(parent string, r request) string {
	best, found := gatewayv1.HTTPRouteMatch{}, (*gatewayv1.HTTPRouteRule)(nil)
	host := e.servedBy(parent, r.host)
	for _, route := range e.routes {
		if !slices.Contains(e.parents[route], parent) || !serves(route, host) {
			continue
		}
		for i := range route.Spec.Rules {
			for _, m := range route.Spec.Rules[i].Matches {
				if e.meets(m, r) && (found == nil || e.specificity(m, best) > 0) {
					best, found = m, &route.Spec.Rules[i]
				}
			}
		}
	}
	if found == nil {
		return "404"
	}
	return answer(found, r)
}

// parents spells the parentRefs of a route.
func parents(route *gatewayv1.HTTPRoute) []string {
	var all []string
	for _, p := range route.Spec.ParentRefs {
		encoded, _ := json.Marshal(p)
		all = append(all, string(encoded))
	}
	return all
}

// servedBy is the hostname that answers for host: its own, or the longest
// wildcard, or "" for all.
func (e *evaluator) servedBy(parent, host string) string {
	best := ""
	for _, route := range e.routes {
		if !slices.Contains(e.parents[route], parent) {
			continue
		}
		for _, h := range route.Spec.Hostnames {
			name := string(h)
			if name == host {
				return name
			}
			if suffix, ok := strings.CutPrefix(name, "*"); ok && strings.HasSuffix(host, suffix) && len(name) > len(best) {
				best = name
			}
		}
	}
	return best
}

func serves(route *gatewayv1.HTTPRoute, host string) bool {
	if len(route.Spec.Hostnames) == 0 {
		return true // of several routes the tests leave this to those without other hosts
	}
	return slices.ContainsFunc(route.Spec.Hostnames, func(h gatewayv1.Hostname) bool {
		suffix, wild := strings.CutPrefix(string(h), "*")
		return string(h) == host || wild && host != "" && strings.HasSuffix(host, suffix)
	})
}

func (e *evaluator) meets(m gatewayv1.HTTPRouteMatch, r request) bool {
	if m.Method != nil && string(*m.Method) != r.method || !e.meetsPath(m.Path, r.path) {
		return false
	}
	for _, h := range m.Headers {
		if v, ok := r.headers[strings.ToLower(string(h.Name))]; !ok || !e.meetsValue(string(*h.Type), h.Value, v) {
			return false
		}
	}
	for _, q := range m.QueryParams {
		if v, ok := r.query[string(q.Name)]; !ok || !e.meetsValue(string(*q.Type), q.Value, v) {
			return false
		}
	}
	return true
}

func (e *evaluator) meetsValue(kind, want, value string) bool {
	if kind == "Exact" {
		return want == value
	}
	return e.regex(want).MatchString(value)
}

func (e *evaluator) meetsPath(m *gatewayv1.HTTPPathMatch, path string) bool {
	value := *m.Value
	switch *m.Type {
	case gatewayv1.PathMatchExact:
		return value == path
	case gatewayv1.PathMatchPathPrefix:
		value = strings.TrimSuffix(value, "/")
		return path == value || strings.HasPrefix(path, value+"/")
	case gatewayv1.PathMatchRegularExpression:
		return e.regex(value).MatchString(path)
	}
	panic(*m.Type)
}

func (e *evaluator) regex(pattern string) *regexp.Regexp {
	re := e.regexes[pattern]
	if re == nil {
		re = regexp.MustCompile("^(?:" + pattern + ")$")
		e.regexes[pattern] = re
	}
	return re
}

// specificity is above 0 where a is preferred to b (HTTPRouteRule.matches).
func (e *evaluator) specificity(a, b gatewayv1.HTTPRouteMatch) int {
	kinds := map[gatewayv1.PathMatchType]int{gatewayv1.PathMatchExact: 3, gatewayv1.PathMatchPathPrefix: 1}
	switch e.target {
	case "istio":
	case "contour", "envoy-gateway":
		kinds[gatewayv1.PathMatchRegularExpression] = 2
	case "agentgateway":
		kinds[gatewayv1.PathMatchRegularExpression] = 1
	default:
		panic(e.target)
	}
	length := func(m gatewayv1.HTTPRouteMatch) int {
		if *m.Path.Type == gatewayv1.PathMatchPathPrefix {
			return len(strings.TrimSuffix(*m.Path.Value, "/"))
		}
		return len(*m.Path.Value)
	}
	method := func(m gatewayv1.HTTPRouteMatch) int {
		if m.Method != nil {
			return 1
		}
		return 0
	}
	paths := cmp.Or(cmp.Compare(kinds[*a.Path.Type], kinds[*b.Path.Type]), cmp.Compare(length(a), length(b)))
	if e.target == "envoy-gateway" { // where a method is one more header
		return cmp.Or(paths, cmp.Compare(method(a)+len(a.Headers), method(b)+len(b.Headers)), cmp.Compare(len(a.QueryParams), len(b.QueryParams)))
	}
	return cmp.Or(paths, cmp.Compare(method(a), method(b)),
		cmp.Compare(len(a.Headers), len(b.Headers)), cmp.Compare(len(a.QueryParams), len(b.QueryParams)))
}

// answer spells what a rule does: its shares in lowest terms and all else as it
// is written, but for the names and comments.
func answer(rule *gatewayv1.HTTPRouteRule, r request) string {
	shares, sum := map[string]int32{}, int32(0)
	for _, b := range rule.BackendRefs {
		weight := int32(1)
		if b.Weight != nil {
			weight = *b.Weight
		}
		b.Weight = nil
		encoded, _ := json.Marshal(b)
		shares[string(encoded)] += weight
		sum += weight
	}
	var parts []string
	for b, weight := range shares {
		if weight > 0 {
			parts = append(parts, fmt.Sprintf("%.6f %s", float64(weight)/float64(sum), b))
		}
	}
	slices.Sort(parts)
	if sum == 0 && len(rule.BackendRefs) > 0 {
		parts = []string{"500"}
	}
	rest, _ := json.Marshal([]any{rule.Filters, rule.Timeouts, rule.Retry})
	return fmt.Sprintf("%v %s%s", parts, rest, rewritten(rule, r))
}

// rewritten is the path after a prefix was replaced, which depends on the match.
func rewritten(rule *gatewayv1.HTTPRouteRule, r request) string {
	for _, f := range rule.Filters {
		if f.URLRewrite != nil && f.URLRewrite.Path != nil && f.URLRewrite.Path.ReplacePrefixMatch != nil {
			prefix := strings.TrimSuffix(*rule.Matches[0].Path.Value, "/")
			return " to " + strings.TrimSuffix(*f.URLRewrite.Path.ReplacePrefixMatch, "/") + strings.TrimPrefix(r.path, prefix)
		}
	}
	return ""
}
