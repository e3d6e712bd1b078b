package gwapi

import (
	"fmt"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// actionReader reads what one rule does.
type actionReader struct {
	*matchReader
	mesh     bool // as a Service sees it: no ReferenceGrant is asked for
	prefixed bool // the rule has one match, by prefix
	unread   []unreadFilter
}

// unreadFilter is one that core does not define, with what is said of it unless
// another resource explains it.
type unreadFilter struct {
	name string // as in Action.Opaque
	finding.Finding
}

// at is where a field of the rule stands.
func (a *actionReader) at(path ...any) finding.Place {
	return a.route.place(append([]any{"spec", "rules", a.index}, path...)...)
}

// from is the node of a field of the rule, or nil.
func (a *actionReader) from(path ...any) *source.Node {
	return a.route.node(append([]any{"spec", "rules", a.index}, path...)...)
}

// http reads the action of a rule of an HTTPRoute.
func (a *actionReader) http(in gatewayv1.HTTPRouteRule) *route.Action {
	out := &route.Action{From: a.from()}
	for k, f := range in.Filters {
		a.filter(out, f, k)
	}
	refs := make([]readRef, len(in.BackendRefs))
	for k, b := range in.BackendRefs {
		refs[k] = readRef{b.BackendRef, b.Filters}
	}
	a.forward(out, refs)
	a.timeouts(out, in)
	a.session(out, in.SessionPersistence)
	return a.extended(out)
}

// extended adds to out what other resources do for the rule.
func (a *actionReader) extended(out *route.Action) *route.Action {
	if a.effects != nil {
		a.effects(a.route.Object, a.index, out)
		if out.Direct == nil && out.Redirect == nil && len(out.Opaque) == 0 && !slices.ContainsFunc(out.Backends, func(b route.Backend) bool { return b.Refused == 0 }) {
			a.nowhere(out)
		}
	}
	for _, f := range a.unread {
		if slices.Contains(out.Opaque, f.name) {
			a.findings = append(a.findings, f.Finding)
		}
	}
	return out
}

// nowhere: a rule without a backend that may be reached answers 500.
func (a *actionReader) nowhere(out *route.Action) {
	out.Backends, out.Direct = nil, &route.Direct{From: a.from(), Status: 500}
}

// grpc reads the action of a rule of a GRPCRoute.
func (a *actionReader) grpc(in gatewayv1.GRPCRouteRule) *route.Action {
	out := &route.Action{From: a.from()}
	for k, f := range in.Filters {
		a.filter(out, grpcFilter(f), k)
	}
	refs := make([]readRef, len(in.BackendRefs))
	for k, b := range in.BackendRefs {
		refs[k] = readRef{b.BackendRef, nil}
		for _, f := range b.Filters {
			refs[k].filters = append(refs[k].filters, grpcFilter(f))
		}
	}
	a.forward(out, refs)
	a.session(out, in.SessionPersistence)
	return a.extended(out)
}

// grpcFilter is f as an HTTPRoute has it.
func grpcFilter(f gatewayv1.GRPCRouteFilter) gatewayv1.HTTPRouteFilter {
	return gatewayv1.HTTPRouteFilter{
		Type: gatewayv1.HTTPRouteFilterType(f.Type), RequestHeaderModifier: f.RequestHeaderModifier,
		ResponseHeaderModifier: f.ResponseHeaderModifier, RequestMirror: f.RequestMirror, ExtensionRef: f.ExtensionRef,
	}
}

// connections reads the action of a rule of a TLSRoute or TCPRoute.
func (a *actionReader) connections(backends []gatewayv1.BackendRef) *route.Action {
	out := &route.Action{From: a.from()}
	refs := make([]readRef, len(backends))
	for k, b := range backends {
		refs[k] = readRef{b, nil}
	}
	a.forward(out, refs)
	return out
}

// session: which backend of several gets a request depends on the session.
func (a *actionReader) session(out *route.Action, s *gatewayv1.SessionPersistence) {
	if s != nil && len(out.Backends) > 1 {
		a.note(rule.SessionUnread, a.at("sessionPersistence"), "the requests of a session go to one of %d backends, which is not compared.", len(out.Backends))
		out.Opaque = append(out.Opaque, "sessionPersistence")
	}
}

// readRef is a backendRef of any kind of route.
type readRef struct {
	gatewayv1.BackendRef
	filters []gatewayv1.HTTPRouteFilter
}

// forward reads where requests go. A rule without a backend that may be reached
// answers 500 (HTTPRouteRule.backendRefs).
func (a *actionReader) forward(out *route.Action, refs []readRef) {
	if out.Redirect != nil {
		return
	}
	forwards := false
	for k, ref := range refs {
		weight := uint32(1)
		if ref.Weight != nil {
			weight = uint32(max(*ref.Weight, 0))
		}
		if weight == 0 {
			continue
		}
		b := a.backend(out, ref.BackendObjectReference, weight, []any{"backendRefs", k})
		b.Headers = a.backendFilters(out, ref.filters, k)
		out.Backends = append(out.Backends, b)
		forwards = forwards || b.Refused == 0
	}
	if !forwards && len(out.Opaque) == 0 {
		a.nowhere(out)
	}
}

// backend reads a reference to a backend, which stands at path.
func (a *actionReader) backend(out *route.Action, ref gatewayv1.BackendObjectReference, weight uint32, path []any) route.Backend {
	group, kind := string(deref(ref.Group)), "Service"
	if ref.Kind != nil {
		kind = string(*ref.Kind)
	}
	to := route.Name{Namespace: a.route.name.Namespace, Name: string(ref.Name)}
	if ref.Namespace != nil {
		to.Namespace = string(*ref.Namespace)
	}
	refused := route.Backend{From: a.from(path...), Weight: weight, Refused: 500}
	switch {
	case !a.mesh && to.Namespace != a.route.name.Namespace && !a.granted(group, kind, to):
		then := "requests for it are answered with status 500"
		if path[0] == "filters" {
			then = "it gets no copies"
		}
		a.note(rule.ReferenceRefused, a.at(path...), "no ReferenceGrant in namespace %s lets routes of kind %s in %s send to %s %s; %s.",
			to.Namespace, a.route.Kind, a.route.name.Namespace, kind, to.Name, then)
		return refused
	case kind == "Service" && group == "" && ref.Port == nil:
		a.refuse(a.at(path...), "the reference to Service %s has no port; Kubernetes refuses the route.", to)
		return refused
	case kind == "Service" && group == "":
		b := serviceBackend(to, uint32(*ref.Port), weight)
		b.From = refused.From
		a.checkPort(b, path)
		return b
	case kind == "Hostname" && group == "networking.istio.io": // Istio's, for hosts of ServiceEntries
		b := route.Backend{From: refused.From, Host: to.Name, Port: uint32(deref(ref.Port)), Weight: weight, Broken: true}
		b.Outside = a.opts.Outside[route.Endpoint{Address: b.Host, Port: b.Port}.String()]
		return b
	}
	if ends := a.reached[reachedKey{group, kind, to}]; len(ends) > 0 {
		return route.Backend{
			From: refused.From, Host: ends[0].Address, Port: ends[0].Port, Weight: weight, Broken: true,
			Outside: &route.Outside{Host: ends[0].Address, Port: ends[0].Port, Endpoints: ends},
		}
	}
	a.note(rule.BackendUnread, a.at(path...), "requests go to %s %s, whose endpoints are not known here.", kind, to)
	out.Opaque = append(out.Opaque, fmt.Sprintf("backend %s %s", kind, to))
	return route.Backend{From: refused.From, Host: kind + " " + to.String(), Port: uint32(deref(ref.Port)), Weight: weight, Broken: true}
}

// serviceBackend is a Service port as a backend.
func serviceBackend(to route.Name, port, weight uint32) route.Backend {
	return route.Backend{Host: to.Name + "." + to.Namespace + ".svc.cluster.local", Service: to, Port: port, Weight: weight}
}

// granted tells whether a ReferenceGrant lets the route refer to a backend.
func (a *actionReader) granted(group, kind string, to route.Name) bool {
	for _, g := range a.grants {
		if g.Namespace != to.Namespace {
			continue
		}
		from := slices.ContainsFunc(g.Spec.From, func(f gatewayv1.ReferenceGrantFrom) bool {
			return f.Group == gatewayv1.GroupName && string(f.Kind) == a.route.Kind && string(f.Namespace) == a.route.name.Namespace
		})
		if from && slices.ContainsFunc(g.Spec.To, func(t gatewayv1.ReferenceGrantTo) bool {
			return string(t.Group) == group && string(t.Kind) == kind && (t.Name == nil || *t.Name == "" || string(*t.Name) == to.Name)
		}) {
			return true
		}
	}
	return false
}

// checkPort reports a port that a known Service does not have.
func (a *actionReader) checkPort(b route.Backend, path []any) {
	p, known := a.routing.Pods[b.Service]
	if _, ok := p.Ports[b.Port]; known && !ok && len(p.Ports) > 0 {
		a.note(rule.BackendPortMissing, a.at(append(path, "port")...), "Service %s has no port %d, so that requests sent there fail.", b.Service, b.Port)
	}
}

// backendFilters reads the filters of backend k, which work on its share alone.
func (a *actionReader) backendFilters(out *route.Action, filters []gatewayv1.HTTPRouteFilter, k int) *route.Headers {
	var request, response route.HeaderOps
	for i, f := range filters {
		path := []any{"backendRefs", k, "filters", i}
		switch {
		case f.Type == gatewayv1.HTTPRouteFilterRequestHeaderModifier && f.RequestHeaderModifier != nil:
			request = a.headers(f.RequestHeaderModifier, append(path, "requestHeaderModifier"), request)
		case f.Type == gatewayv1.HTTPRouteFilterResponseHeaderModifier && f.ResponseHeaderModifier != nil:
			response = a.headers(f.ResponseHeaderModifier, append(path, "responseHeaderModifier"), response)
		case f.Type == gatewayv1.HTTPRouteFilterURLRewrite && f.URLRewrite != nil && f.URLRewrite.Path == nil:
			request.Set = append(request.Set, route.Header{Name: ":authority", Value: escaped(string(deref(f.URLRewrite.Hostname)))})
			sortHeaders(request.Set)
		default:
			a.opaque(out, f, path)
		}
	}
	if request.Empty() && response.Empty() {
		return nil
	}
	return route.NewHeaders(request, response)
}

// opaque notes a filter that nobody here can judge.
func (a *actionReader) opaque(out *route.Action, f gatewayv1.HTTPRouteFilter, path []any) {
	what := string(f.Type)
	if f.ExtensionRef != nil {
		what = fmt.Sprintf("ExtensionRef to %s %s", f.ExtensionRef.Kind, f.ExtensionRef.Name)
	}
	if f.ExtensionRef == nil && len(path) > 2 && f.Type != gatewayv1.HTTPRouteFilterExternalAuth {
		a.unread = append(a.unread, unreadFilter{"filter " + what, finding.New(rule.FilterUnread, a.at(path...), "what the filter %s does for one backend alone is not compared.", what)})
	} else {
		a.unread = append(a.unread, unreadFilter{"filter " + what, finding.New(rule.FilterUnread, a.at(path...), "what the filter %s does is not known here; an implementation that does not know it either answers with an error.", what)})
	}
	out.Opaque = append(out.Opaque, "filter "+what)
}

// headers reads a header filter after the operations of another. Names are alike
// whatever their case, and of several entries for one the first counts.
func (a *actionReader) headers(f *gatewayv1.HTTPHeaderFilter, path []any, before route.HeaderOps) route.HeaderOps {
	out := before
	out.From = a.from(path...)
	out.Set = append(out.Set, firstOfName(f.Set)...)
	out.Add = append(out.Add, firstOfName(f.Add)...)
	for _, name := range f.Remove {
		if !slices.ContainsFunc(out.Remove, func(o string) bool { return strings.EqualFold(o, name) }) {
			out.Remove = append(out.Remove, name)
		}
	}
	sortHeaders(out.Set)
	sortHeaders(out.Add)
	slices.SortFunc(out.Remove, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return out
}

func firstOfName(headers []gatewayv1.HTTPHeader) []route.Header {
	var out []route.Header
	for _, h := range headers {
		if !slices.ContainsFunc(out, func(o route.Header) bool { return strings.EqualFold(o.Name, string(h.Name)) }) {
			out = append(out, route.Header{Name: string(h.Name), Value: escaped(h.Value)})
		}
	}
	return out
}

// escaped is a literal value as Envoy writes it, whose formatters begin with %.
func escaped(value string) string { return strings.ReplaceAll(value, "%", "%%") }

func sortHeaders(headers []route.Header) {
	slices.SortStableFunc(headers, func(a, b route.Header) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
}
