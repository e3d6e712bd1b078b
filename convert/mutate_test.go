package convert_test

import (
	"math/rand/v2"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
)

// A mutation changes a rule of a route; false: this one has nothing to change.
type mutation struct {
	name   string
	change func(r *rand.Rand, route *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool
}

var mutations = []mutation{
	{"weight", changeWeight},
	{"order", changeOrder},
	{"path type", changePathType},
	{"path", changePath},
	{"header", changeHeader},
	{"hostname", changeHostname},
	{"timeout", changeTimeout},
	{"backend", changeBackend},
	{"left out", leaveOut},
}

// mutate changes one route, and names the change.
func mutate(r *rand.Rand, objects []gwapi.Object) string {
	routes := routesOf(objects)
	route := routes[r.IntN(len(routes))]
	m := mutations[r.IntN(len(mutations))]
	if !m.change(r, route, &route.Spec.Rules[r.IntN(len(route.Spec.Rules))]) || slices.ContainsFunc(route.Spec.Rules, refused) {
		return ""
	}
	return m.name
}

// refused: the CRD takes ReplacePrefixMatch with exactly one match by prefix.
func refused(rule gatewayv1.HTTPRouteRule) bool {
	if len(rule.Matches) == 1 && *rule.Matches[0].Path.Type == gatewayv1.PathMatchPathPrefix {
		return false
	}
	return slices.ContainsFunc(rule.Filters, func(f gatewayv1.HTTPRouteFilter) bool {
		return f.URLRewrite != nil && f.URLRewrite.Path != nil && f.URLRewrite.Path.ReplacePrefixMatch != nil ||
			f.RequestRedirect != nil && f.RequestRedirect.Path != nil && f.RequestRedirect.Path.ReplacePrefixMatch != nil
	})
}

func changeWeight(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	if len(rule.BackendRefs) == 0 {
		return false
	}
	rule.BackendRefs[r.IntN(len(rule.BackendRefs))].Weight = new(int32(r.IntN(3) * 7))
	return true
}

// changeOrder swaps the conditions of two rules, which is what a wrong order does.
func changeOrder(r *rand.Rand, route *gatewayv1.HTTPRoute, _ *gatewayv1.HTTPRouteRule) bool {
	rules := route.Spec.Rules
	if len(rules) < 2 {
		return false
	}
	i, j := r.IntN(len(rules)), r.IntN(len(rules))
	rules[i], rules[j] = rules[j], rules[i]
	if r.IntN(2) == 0 {
		rules[i].Matches, rules[j].Matches = rules[j].Matches, rules[i].Matches
	}
	return i != j
}

func anyMatch(r *rand.Rand, rule *gatewayv1.HTTPRouteRule) *gatewayv1.HTTPRouteMatch {
	return &rule.Matches[r.IntN(len(rule.Matches))]
}

func changePathType(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	path := anyMatch(r, rule).Path
	switch *path.Type {
	case gatewayv1.PathMatchExact:
		path.Type = new(gatewayv1.PathMatchPathPrefix)
	case gatewayv1.PathMatchPathPrefix:
		path.Type = new([]gatewayv1.PathMatchType{gatewayv1.PathMatchExact, gatewayv1.PathMatchRegularExpression}[r.IntN(2)])
	case gatewayv1.PathMatchRegularExpression:
		return false // the characters of an expression are not those of a path
	}
	return true
}

func changePath(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	path := anyMatch(r, rule).Path
	if *path.Type == gatewayv1.PathMatchRegularExpression {
		return false
	}
	value := *path.Value + []string{"x", "/", "/x"}[r.IntN(3)]
	path.Value = &value
	return !strings.Contains(value, "//") // which no normalised path holds
}

func changeHeader(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	m := anyMatch(r, rule)
	if n := len(m.Headers); n > 0 && r.IntN(2) == 0 {
		m.Headers[r.IntN(n)].Value += "x"
		return true
	}
	if slices.ContainsFunc(m.Headers, func(h gatewayv1.HTTPHeaderMatch) bool { return h.Name == "x-mutated" }) {
		return false
	}
	m.Headers = append(m.Headers, gatewayv1.HTTPHeaderMatch{Type: new(gatewayv1.HeaderMatchExact), Name: "x-mutated", Value: "1"})
	return true
}

func changeHostname(r *rand.Rand, route *gatewayv1.HTTPRoute, _ *gatewayv1.HTTPRouteRule) bool {
	if len(route.Spec.Hostnames) == 0 {
		return false
	}
	i := r.IntN(len(route.Spec.Hostnames))
	name := string(route.Spec.Hostnames[i])
	if name[0] == '*' {
		route.Spec.Hostnames[i] = gatewayv1.Hostname("x" + name[1:])
	} else {
		route.Spec.Hostnames[i] = gatewayv1.Hostname("other-" + name)
	}
	return true
}

func changeTimeout(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	if len(rule.BackendRefs) == 0 {
		return false
	}
	if rule.Timeouts == nil {
		rule.Timeouts = &gatewayv1.HTTPRouteTimeouts{}
	}
	rule.Timeouts.Request = new(gatewayv1.Duration([]string{"66s", "77s"}[r.IntN(2)]))
	return true
}

func changeBackend(r *rand.Rand, _ *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	if len(rule.BackendRefs) == 0 {
		return false
	}
	rule.BackendRefs[r.IntN(len(rule.BackendRefs))].Name = "somebody-else"
	return true
}

// leaveOut drops a rule.
func leaveOut(_ *rand.Rand, route *gatewayv1.HTTPRoute, rule *gatewayv1.HTTPRouteRule) bool {
	if len(route.Spec.Rules) < 2 {
		return false
	}
	i := slices.IndexFunc(route.Spec.Rules, func(o gatewayv1.HTTPRouteRule) bool { return &o == rule })
	route.Spec.Rules = slices.Delete(route.Spec.Rules, max(i, 0), max(i, 0)+1)
	return true
}

// requests are near misses of all that the routes ask for.
func requests(sides ...[]gwapi.Object) []request {
	paths, hosts, methods := []string{"/", "/zz"}, []string{""}, []string{"GET", "POST"}
	headers, query := []map[string]string{{}}, []map[string]string{{}}
	for _, objects := range sides {
		for _, r := range routesOf(objects) {
			for _, h := range r.Spec.Hostnames {
				name := string(h)
				if name[0] == '*' {
					name = "y" + name[1:]
				}
				hosts = append(hosts, name)
			}
			for _, rule := range r.Spec.Rules {
				for _, m := range rule.Matches {
					p := *m.Path.Value
					for _, more := range []string{"", "x", "/", "/x"} {
						if !strings.Contains(p+more, "//") {
							paths = append(paths, p+more)
						}
					}
					if m.Method != nil {
						methods = append(methods, string(*m.Method))
					}
					all := map[string]string{}
					for _, h := range m.Headers {
						all[string(h.Name)] = h.Value
						headers = append(headers, map[string]string{string(h.Name): h.Value})
					}
					some := map[string]string{}
					for _, q := range m.QueryParams {
						some[string(q.Name)] = q.Value
					}
					headers, query = append(headers, all), append(query, some)
				}
			}
		}
	}
	return combine(hosts, methods, paths, headers, query)
}

func combine(hosts, methods, paths []string, headers, query []map[string]string) []request {
	var all []request
	for _, host := range distinct(hosts) {
		for _, method := range distinct(methods) {
			for _, path := range distinct(paths) {
				for _, h := range headers {
					for _, q := range query {
						if len(all) < 200_000 {
							all = append(all, request{host, method, path, lower(h), q})
						}
					}
				}
			}
		}
	}
	return all
}

func distinct(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func lower(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for k, v := range headers {
		out[strings.ToLower(k)] = v
	}
	return out
}
