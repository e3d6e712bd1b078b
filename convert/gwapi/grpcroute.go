package gwapi

import (
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// grpcPath is the path of a gRPC call, or of all calls of a service
// (grpcroute_types.go, GRPCMethodMatch, has the same letters).
var grpcPath = regexp.MustCompile(`^/(\.?[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*)/([A-Za-z_][A-Za-z_0-9]*)?$`)

// plainGRPC tells whether t is gRPC and nothing else, and a GRPCRoute says all
// of it. An HTTPRoute for the same host and listener would conflict with it, so
// a table with such a neighbour stays an HTTPRoute (grpcroute_types.go).
func (p *pass) plainGRPC(t *route.Table) bool {
	if !p.opts.Bundle.Has(target.GRPCRoutes) || len(t.Rules) == 0 {
		return false
	}
	for i := range t.Rules {
		if r := &t.Rules[i]; !p.grpcAction(r.Action) || !p.grpcMatch(&r.Match) {
			return false
		}
	}
	return !slices.ContainsFunc(p.model.Tables, func(o *route.Table) bool {
		return o != t && o.Protocol == route.HTTP && entriesMeet(t, o) && hostsMeet(t.Hosts, o.Hosts)
	})
}

// grpcAction: forwarding to gRPC ports, with filters that a GRPCRoute has.
func (p *pass) grpcAction(a *route.Action) bool {
	if len(a.Annotations) > 0 || a.Redirect != nil || a.Direct != nil || a.Rewrite != nil || a.Timeout != nil || a.Retry != nil || a.CORS != nil || a.Fault != nil {
		return false
	}
	if host, _ := ruleAuthority(a); host != "" {
		return false
	}
	for _, b := range a.Backends {
		if host, _ := headerAuthority(b.Request()); host != "" || b.Broken || !p.grpcPort(b) {
			return false
		}
	}
	return len(a.Backends) > 0
}

// grpcPort tells whether b is a port that its Service declares as gRPC.
func (p *pass) grpcPort(b route.Backend) bool {
	s := p.model.Services[b.Service]
	if s == nil {
		i := slices.IndexFunc(p.model.Subsets, func(s *mesh.SubsetService) bool { return s.Name == b.Service })
		if i < 0 || p.model.Subsets[i].Base == nil {
			return false
		}
		s = p.model.Subsets[i].Base
	}
	return slices.ContainsFunc(s.Ports, func(port mesh.ServicePort) bool { return port.Port == b.Port && port.L7 == "GRPC" })
}

func (p *pass) grpcMatch(m *route.Match) bool {
	switch {
	case m.Path.Kind == route.Any, m.Path.Kind == route.Prefix && (m.Path.Value == "/" || m.Path.Value == ""):
	case m.Path.Kind == route.Exact && !strings.HasSuffix(m.Path.Value, "/"), m.Path.Kind == route.Prefix && strings.HasSuffix(m.Path.Value, "/"):
		if m.Path.IgnoreCase || !grpcPath.MatchString(m.Path.Value) {
			return false
		}
	default:
		return false
	}
	if m.Method.Kind != route.Any && (m.Method.Kind != route.Exact || m.Method.Value != "POST") { // every gRPC call is a POST
		return false
	}
	if len(m.Query) > 0 || slices.ContainsFunc(m.Headers, func(k route.KeyMatch) bool { return k.Kind != route.Exact }) {
		return false
	}
	try := &matcher{bundle: p.opts.Bundle}
	try.translate(m)
	return len(try.unsaid)+len(try.never)+len(try.surplus) == 0
}

// entriesMeet tells whether some request may come in to both tables.
func entriesMeet(a, b *route.Table) bool {
	for _, x := range a.Entries {
		if slices.ContainsFunc(b.Entries, func(y route.Entry) bool {
			return x.Mesh == y.Mesh && x.Parent == y.Parent && (x.Section == y.Section || x.Section == "" || y.Section == "")
		}) {
			return true
		}
	}
	return false
}

// hostsMeet tells whether some host is among both; no hosts are all hosts.
func hostsMeet(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, x := range a {
		if slices.ContainsFunc(b, func(y string) bool { return route.HostTakes(y, x) || route.HostTakes(x, y) }) {
			return true
		}
	}
	return false
}

// grpcRoutes builds the GRPCRoutes for a table that is plainly gRPC: the rules
// of an HTTPRoute, with service and method in place of the path.
func (p *pass) grpcRoutes(t *route.Table) []Object {
	draft := p.newDraft(t, false)
	p.drawn = draft.finish()
	for _, l := range draft.lines {
		if l.written() { // a service takes the path without a method too
			p.noteSlash(t, p.drawn, l)
		}
	}
	refs := p.attached(t)
	if len(refs) == 0 {
		return nil
	}
	granted := len(p.grants)
	p.kind = "GRPCRoute"
	rules := p.rules(t, inOrder(p.drawn))
	for i := range p.grants[granted:] {
		p.grants[granted+i].fromKind = "GRPCRoute"
	}
	var objects []Object
	limits := p.opts.Bundle.Limits()
	for _, parents := range parts(refs, limits.ParentRefs) {
		for _, hosts := range parts(hostnames(t), limits.Hostnames) {
			for _, rs := range splitRules(rules, limits) {
				r := &gatewayv1.GRPCRoute{ObjectMeta: p.routeMeta(t.From, t.Name.Namespace)}
				r.APIVersion, r.Kind = gatewayv1.GroupVersion.String(), "GRPCRoute"
				r.Spec.ParentRefs, r.Spec.Hostnames, r.Spec.Rules = parents, hosts, grpcRules(uniqueNames(rs))
				objects = append(objects, Object{Kind: "GRPCRoute", Value: r, Origin: routeOrigin(t), Sources: sources(rs), actions: actions(rs)})
			}
		}
	}
	p.noteParts(t, objects)
	return objects
}

func grpcRules(rules []gatewayv1.HTTPRouteRule) []gatewayv1.GRPCRouteRule {
	all := make([]gatewayv1.GRPCRouteRule, len(rules))
	for i, r := range rules {
		out := gatewayv1.GRPCRouteRule{Name: r.Name, Filters: grpcFilters(r.Filters)}
		if !slices.ContainsFunc(r.Matches, catchAll) { // without matches a rule takes every call
			for _, m := range r.Matches {
				out.Matches = append(out.Matches, grpcRouteMatch(m))
			}
		}
		for _, b := range r.BackendRefs {
			out.BackendRefs = append(out.BackendRefs, gatewayv1.GRPCBackendRef{BackendRef: b.BackendRef, Filters: grpcFilters(b.Filters)})
		}
		all[i] = out
	}
	return all
}

func grpcRouteMatch(m gatewayv1.HTTPRouteMatch) gatewayv1.GRPCRouteMatch {
	out := gatewayv1.GRPCRouteMatch{}
	path := *m.Path.Value
	if *m.Path.Type == gatewayv1.PathMatchPathPrefix && path != "/" {
		path += "/" // a service
	}
	if parts := grpcPath.FindStringSubmatch(path); parts != nil {
		out.Method = &gatewayv1.GRPCMethodMatch{Type: new(gatewayv1.GRPCMethodMatchExact), Service: &parts[1]}
		if parts[2] != "" {
			out.Method.Method = &parts[2]
		}
	}
	for _, h := range m.Headers {
		out.Headers = append(out.Headers, gatewayv1.GRPCHeaderMatch{
			Type: new(gatewayv1.GRPCHeaderMatchType(*h.Type)), Name: gatewayv1.GRPCHeaderName(h.Name), Value: h.Value,
		})
	}
	return out
}

func grpcFilters(filters []gatewayv1.HTTPRouteFilter) []gatewayv1.GRPCRouteFilter {
	var all []gatewayv1.GRPCRouteFilter
	for _, f := range filters {
		all = append(all, gatewayv1.GRPCRouteFilter{
			Type: gatewayv1.GRPCRouteFilterType(f.Type), RequestHeaderModifier: f.RequestHeaderModifier,
			ResponseHeaderModifier: f.ResponseHeaderModifier, RequestMirror: f.RequestMirror, ExtensionRef: f.ExtensionRef,
		})
	}
	return all
}

// noteParts reports a route that had to be split.
func (p *pass) noteParts(t *route.Table, objects []Object) {
	if len(objects) > 1 {
		p.note(rule.RouteSplit, t.From.Place(), "the rules, hosts and parents fill %d routes, which serve requests as one would; their names sort in the order of the rules.", len(objects))
	}
}
