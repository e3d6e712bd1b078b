package gwapi

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// matchReader reads the matches of one rule. Whatever the CRDs refuse makes the
// whole route refused, since it is not in force then.
type matchReader struct {
	*reader
	route *readRoute
	index int // of the rule
}

// ruleNode is where rule i of rt stands, or what it was made of; nil where nobody wrote it.
func (rt *readRoute) ruleNode(i int) *source.Node {
	if i < len(rt.Sources) {
		return rt.Sources[i]
	}
	return rt.node("spec", "rules", i)
}

// node is the node at a path, or nil.
func (rt *readRoute) node(path ...any) *source.Node { return descend(rt.Root, path...) }

func (m *matchReader) refuse(at finding.Place, format string, args ...any) {
	m.route.refused = true
	m.note(rule.GatewayAPIValue, at, format, args...)
}

// place is where match j of the rule stands, or a field of it.
func (m *matchReader) place(j int, path ...any) finding.Place {
	return m.route.place(append([]any{"spec", "rules", m.index, "matches", j}, path...)...)
}

// http reads one match of an HTTPRoute.
func (m *matchReader) http(j int, in gatewayv1.HTTPRouteMatch) (route.Match, *rankedRule) {
	var out route.Match
	x := &rankedRule{method: in.Method != nil}
	m.path(j, in.Path, &out, x)
	if in.Method != nil {
		out.Method = route.StringMatch{Kind: route.Exact, Value: string(*in.Method)}
		if !slices.Contains(methodNames, *in.Method) {
			m.refuse(m.place(j, "method"), "Gateway API knows no method %q; Kubernetes refuses the route.", *in.Method)
		}
	}
	for k, h := range in.Headers {
		m.key(m.place(j, "headers", k), &out.Headers, keyCondition{string(h.Name), string(deref(h.Type)), h.Value, true})
	}
	for k, q := range in.QueryParams {
		m.key(m.place(j, "queryParams", k), &out.Query, keyCondition{string(q.Name), string(deref(q.Type)), q.Value, false})
	}
	x.headers, x.query = len(out.Headers), len(out.Query)
	sortKeys(out.Headers)
	sortKeys(out.Query)
	return out, x
}

// path reads the condition on the path, by default the prefix /, which is none.
func (m *matchReader) path(j int, in *gatewayv1.HTTPPathMatch, out *route.Match, x *rankedRule) {
	kind, value := gatewayv1.PathMatchPathPrefix, "/"
	if in != nil {
		kind = cmp.Or(deref(in.Type), kind)
		if in.Value != nil {
			value = *in.Value
		}
	}
	if kind != gatewayv1.PathMatchRegularExpression && !strings.HasPrefix(value, "/") {
		m.refuse(m.place(j, "path", "value"), "the path %q does not begin with /; Kubernetes refuses the route.", value)
	}
	switch kind {
	case gatewayv1.PathMatchExact:
		x.tier, x.length = tierExact, len(value)
		out.Path = route.StringMatch{Kind: route.Exact, Value: value}
	case gatewayv1.PathMatchPathPrefix:
		value = strings.TrimSuffix(value, "/") // which is ignored
		x.tier, x.length = tierPrefix, len(value)
		if value != "" {
			out.Path = route.StringMatch{Kind: route.Element, Value: value}
		}
	case gatewayv1.PathMatchRegularExpression:
		x.tier, x.length = tierRegex, len(value)
		out.Path = route.StringMatch{Kind: route.Regex, Value: value}
		m.expression(m.place(j, "path", "value"), value)
	default:
		m.refuse(m.place(j, "path", "type"), "a path is compared by Exact, PathPrefix or RegularExpression, not by %s; Kubernetes refuses the route.", kind)
	}
}

// expression reports one that RE2 can't read.
func (m *matchReader) expression(at finding.Place, pattern string) {
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		m.note(rule.PatternUnread, at, "the expression %s can't be read (%v): which requests it takes is not known.", pattern, err)
	}
}

// keyCondition is a condition on a header or query parameter as written.
type keyCondition struct {
	name, kind, value string
	fold              bool // names are alike whatever their case
}

// key adds c to keys. Of several conditions on one name the first counts
// (HTTPHeaderMatch.Name, HTTPQueryParamMatch.Name).
func (m *matchReader) key(at finding.Place, keys *[]route.KeyMatch, c keyCondition) {
	same := func(k route.KeyMatch) bool { return k.Name == c.name || c.fold && strings.EqualFold(k.Name, c.name) }
	if slices.ContainsFunc(*keys, same) {
		return
	}
	k := route.KeyMatch{Name: c.name, StringMatch: route.StringMatch{Kind: route.Exact, Value: c.value}}
	switch c.kind {
	case "", exactValue:
	case string(gatewayv1.HeaderMatchRegularExpression):
		k.Kind = route.Regex
		m.expression(at, c.value)
	default:
		m.refuse(at, "a value is compared by Exact or RegularExpression, not by %s; Kubernetes refuses the route.", c.kind)
	}
	*keys = append(*keys, k)
}

func sortKeys(keys []route.KeyMatch) {
	slices.SortFunc(keys, func(a, b route.KeyMatch) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	})
}

// grpc reads one match of a GRPCRoute: a call of a method is a request for
// /service/method. Its method is always POST and its content type always gRPC's;
// these are no conditions of the rule, as they are none where Istio serves the
// route (pilot/pkg/config/kube/gateway/conversion.go, createGRPCURIMatch):
// requests that are no calls are outside of what a GRPCRoute is for.
func (m *matchReader) grpc(j int, in gatewayv1.GRPCRouteMatch) (route.Match, *rankedRule) {
	var out route.Match
	x := &rankedRule{}
	if in.Method != nil {
		m.grpcPath(j, in.Method, &out, x)
	}
	for k, h := range in.Headers {
		m.key(m.place(j, "headers", k), &out.Headers, keyCondition{string(h.Name), string(deref(h.Type)), h.Value, true})
	}
	x.headers = len(out.Headers)
	sortKeys(out.Headers)
	return out, x
}

// anyElement is an expression for one element of a path.
const anyElement = "[^/]+"

// grpcPath ranks by the length of the service, then of the method
// (grpcroute_types.go, GRPCRouteRule.matches). A service that is named exactly
// goes before one that is not named; of two that are named one is the other.
func (m *matchReader) grpcPath(j int, in *gatewayv1.GRPCMethodMatch, out *route.Match, x *rankedRule) {
	service, method := deref(in.Service), deref(in.Method)
	switch kind := cmp.Or(deref(in.Type), gatewayv1.GRPCMethodMatchExact); {
	case service == "" && method == "":
		m.refuse(m.place(j, "method"), "the match names neither a service nor a method; Kubernetes refuses the route.")
	case kind == gatewayv1.GRPCMethodMatchRegularExpression:
		value := "/" + cmp.Or(group(service), anyElement) + "/" + cmp.Or(group(method), ".+")
		x.tier, x.length = tierRegex, len(service)+len(method)
		out.Path = route.StringMatch{Kind: route.Regex, Value: value}
		m.expression(m.place(j, "method"), value)
	case kind != gatewayv1.GRPCMethodMatchExact:
		m.refuse(m.place(j, "method", "type"), "a call is compared by Exact or RegularExpression, not by %s; Kubernetes refuses the route.", kind)
	case service != "" && method != "":
		x.tier, x.length = tierExact, len(service)+len(method)+2
		out.Path = route.StringMatch{Kind: route.Exact, Value: "/" + service + "/" + method}
	case service != "":
		x.tier, x.length = tierPrefix, len(service)+1
		out.Path = route.StringMatch{Kind: route.Prefix, Value: "/" + service + "/"}
	default:
		x.tier, x.length = tierNone, len(method)
		out.Path = route.StringMatch{Kind: route.Regex, Value: "/" + anyElement + "/" + regexp.QuoteMeta(method)}
	}
}

// group keeps the alternatives of an expression together; "" stays.
func group(pattern string) string {
	if strings.Contains(pattern, "|") {
		return "(?:" + pattern + ")"
	}
	return pattern
}
