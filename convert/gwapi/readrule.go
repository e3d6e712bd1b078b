package gwapi

import (
	"fmt"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// readHTTP reads the rules of an HTTPRoute, one for each match.
func (r *reader) readHTTP(rt *readRoute, v *gatewayv1.HTTPRoute, mesh bool) []*rankedRule {
	rules := v.Spec.Rules
	if len(rules) == 0 {
		rules = []gatewayv1.HTTPRouteRule{{}} // the CRD's default: all requests, and no backend
	}
	all := []*rankedRule{}
	for i, in := range rules {
		m := &matchReader{reader: r, route: rt, index: i}
		matches := in.Matches
		if len(matches) == 0 {
			matches = []gatewayv1.HTTPRouteMatch{{}} // likewise
		}
		a := &actionReader{matchReader: m, mesh: mesh, prefixed: onePrefix(matches)}
		action := a.http(in)
		for j, match := range matches {
			read, x := m.http(j, match)
			all = append(all, m.placed(x, read, action, name(in.Name), len(in.Matches) > 0, j))
		}
	}
	return all
}

// onePrefix tells whether a rule has one match by prefix, which is what replacing
// the matched prefix asks for.
func onePrefix(matches []gatewayv1.HTTPRouteMatch) bool {
	return len(matches) == 1 && (matches[0].Path == nil || matches[0].Path.Type == nil || *matches[0].Path.Type == gatewayv1.PathMatchPathPrefix)
}

func (r *reader) readGRPC(rt *readRoute, v *gatewayv1.GRPCRoute, mesh bool) []*rankedRule {
	all := []*rankedRule{}
	for i, in := range v.Spec.Rules {
		m := &matchReader{reader: r, route: rt, index: i}
		matches := in.Matches
		if len(matches) == 0 {
			matches = []gatewayv1.GRPCRouteMatch{{}}
		}
		action := (&actionReader{matchReader: m, mesh: mesh}).grpc(in)
		for j, match := range matches {
			read, x := m.grpc(j, match)
			all = append(all, m.placed(x, read, action, name(in.Name), len(in.Matches) > 0, j))
		}
	}
	return all
}

func name(n *gatewayv1.SectionName) string { return string(deref(n)) }

// placed completes x: the rule that match j makes, with where it stands.
func (m *matchReader) placed(x *rankedRule, match route.Match, action *route.Action, name string, written bool, j int) *rankedRule {
	rt := m.route
	x.created, x.owner, x.kind, x.index, x.match = rt.created, rt.name, rt.Kind, m.index, j
	x.Rule = &route.Rule{Name: name, Match: match, Action: action, Where: fmt.Sprintf("%s rules[%d]", rt.title(), m.index)}
	x.Rule.From = rt.ruleNode(m.index)
	if written {
		x.Rule.Where += fmt.Sprintf(".matches[%d]", j)
		if rt.Root != nil {
			x.Rule.From = rt.node("spec", "rules", m.index, "matches", j)
		}
	}
	x.Rule.Match.From = x.Rule.From
	return x
}

// readTLS reads the one rule of a TLSRoute, which is for all its hosts.
func (r *reader) readTLS(rt *readRoute, v *gatewayv1.TLSRoute, mesh bool) []*rankedRule {
	all := []*rankedRule{}
	for i, in := range v.Spec.Rules {
		m := &matchReader{reader: r, route: rt, index: i}
		action := (&actionReader{matchReader: m, mesh: mesh}).connections(in.BackendRefs)
		all = append(all, m.placed(&rankedRule{}, route.Match{}, action, name(in.Name), false, 0))
	}
	return all
}

func (r *reader) readTCP(rt *readRoute, v *gatewayv1.TCPRoute, mesh bool) []*rankedRule {
	all := []*rankedRule{}
	for i, in := range v.Spec.Rules {
		m := &matchReader{reader: r, route: rt, index: i}
		action := (&actionReader{matchReader: m, mesh: mesh}).connections(in.BackendRefs)
		all = append(all, m.placed(&rankedRule{}, route.Match{}, action, name(in.Name), false, 0))
	}
	return all
}
