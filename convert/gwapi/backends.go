package gwapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// backends builds the backendRefs of act. ok is false when the rule must not
// have any: the share of a backend that can't be written would silently go to
// the others, and Gateway API has no backend that refuses a share.
func (p *pass) backends(t *route.Table, act *route.Action) (refs []gatewayv1.HTTPBackendRef, ok bool) {
	var lost []route.Backend
	for _, b := range act.Backends {
		ref, written := p.backendRef(b, t, "HTTPRoute")
		if !written {
			if b.Weight > 0 {
				lost = append(lost, b)
			}
			continue
		}
		weight := int32(min(b.Weight, 1<<31-1))
		refs = append(refs, gatewayv1.HTTPBackendRef{
			BackendRef: gatewayv1.BackendRef{BackendObjectReference: ref, Weight: &weight},
			Filters:    p.backendFilters(act, b),
		})
	}
	limits := p.opts.Bundle.Limits()
	switch {
	case len(lost) > 0 && len(refs) > 0:
		p.note(rule.BackendsIncomplete, lost[0].From.Place(), "%s gets %s of the requests today and can't be written; the others would take over its share, so the rule has no backends and answers 500.",
			lost[0].Host, share(lost[0], act))
		return nil, false
	case len(refs) > limits.BackendRefs:
		p.note(rule.TooManyBackends, act.From.At("route"), "requests are spread over %d destinations today; a rule takes at most %d, so it has no backends and answers 500.", len(refs), limits.BackendRefs)
		return nil, false
	}
	p.scaleWeights(act, refs, int32(limits.Weight))
	return refs, len(refs) > 0
}

// scaleWeights divides all weights alike where one is above the limit.
func (p *pass) scaleWeights(act *route.Action, refs []gatewayv1.HTTPBackendRef, limit int32) {
	var largest int32
	for _, r := range refs {
		largest = max(largest, *r.Weight)
	}
	if largest <= limit {
		return
	}
	p.note(rule.WeightScaled, act.From.At("route"), "weights of up to %d are divided to stay below %d; the shares may differ a little.", largest, limit)
	for _, r := range refs {
		if *r.Weight > 0 {
			*r.Weight = max(1, int32(int64(*r.Weight)*int64(limit)/int64(largest)))
		}
	}
}

// ruleHeaders are the header filters of the rule: the operations of the rule
// and, joined to them, of a sole backend.
func (p *pass) ruleHeaders(act *route.Action) (request, response *gatewayv1.HTTPHeaderFilter) {
	if len(act.Backends) == 1 {
		b := act.Backends[0]
		return p.headerFilter(true, headerLevel{act.Request(), b.Request()}), p.headerFilter(false, headerLevel{act.Response(), b.Response()})
	}
	names := clashes(act)
	return p.headerFilter(true, headerLevel{pick(act.Request(), names, false)}), p.headerFilter(false, headerLevel{pick(act.Response(), names, false)})
}

// backendFilters are the operations of b alone, where there are several
// backends. Envoy runs those of the destination first and those of the rule
// after them; where both touch a header their joint effect is written here.
func (p *pass) backendFilters(act *route.Action, b route.Backend) []gatewayv1.HTTPRouteFilter {
	if len(act.Backends) == 1 {
		return nil
	}
	var filters []gatewayv1.HTTPRouteFilter
	names := clashes(act)
	if f := p.headerFilter(true, headerLevel{b.Request()}, headerLevel{pick(act.Request(), names, true)}); f != nil {
		filters = append(filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterRequestHeaderModifier, RequestHeaderModifier: f})
	}
	if f := p.headerFilter(false, headerLevel{b.Response()}, headerLevel{pick(act.Response(), names, true)}); f != nil {
		filters = append(filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterResponseHeaderModifier, ResponseHeaderModifier: f})
	}
	if above, _ := ruleAuthority(act); above == "" {
		host, at := headerAuthority(b.Request())
		switch name := p.hostname(host, at); {
		case name == nil:
		case p.shared().expressions.istio: // it takes the route as a whole for invalid (conversion.go, "unsupported filter type")
			p.note(rule.HostRewrite, at, "%s sees Host %s today; Istio's GatewayClass refuses a route that rewrites the Host for one of several backends, so it sees the caller's Host.", b.Host, host)
		default:
			filters = append(filters, gatewayv1.HTTPRouteFilter{Type: gatewayv1.HTTPRouteFilterURLRewrite, URLRewrite: &gatewayv1.HTTPURLRewriteFilter{Hostname: name}})
		}
	}
	if len(filters) > 0 {
		p.note(rule.BackendFilters, b.From.At("headers"), "the headers of destination %s become filters of its backendRef, which not every implementation supports.", b.Host)
	}
	return filters
}

// clashes are the headers that both the rule and one of its backends change.
func clashes(act *route.Action) map[string]bool {
	rule := touched(act.Request())
	maps.Copy(rule, touched(act.Response()))
	both := map[string]bool{}
	for _, b := range act.Backends {
		for _, ops := range []route.HeaderOps{b.Request(), b.Response()} {
			for name := range touched(ops) {
				if rule[name] {
					both[name] = true
				}
			}
		}
	}
	return both
}

// touched are the headers that ops change, in lower case.
func touched(ops route.HeaderOps) map[string]bool {
	names := map[string]bool{}
	for _, h := range slices.Concat(ops.Set, ops.Add) {
		names[strings.ToLower(h.Name)] = true
	}
	for _, name := range ops.Remove {
		names[strings.ToLower(name)] = true
	}
	return names
}

// pick returns those of ops whose header is among names, or is not.
func pick(ops route.HeaderOps, names map[string]bool, among bool) route.HeaderOps {
	other := func(h route.Header) bool { return names[strings.ToLower(h.Name)] != among }
	ops.Set = slices.DeleteFunc(slices.Clone(ops.Set), other)
	ops.Add = slices.DeleteFunc(slices.Clone(ops.Add), other)
	ops.Remove = slices.DeleteFunc(slices.Clone(ops.Remove), func(name string) bool { return names[strings.ToLower(name)] != among })
	return ops
}

// share is what part of the requests b gets, for a sentence.
func share(b route.Backend, act *route.Action) string {
	var sum uint64
	for _, other := range act.Backends {
		sum += uint64(other.Weight)
	}
	return fmt.Sprintf("%.3g %%", 100*float64(b.Weight)/float64(sum))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
