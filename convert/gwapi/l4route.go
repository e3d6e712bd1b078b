package gwapi

import (
	"fmt"
	"slices"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// l4Rule is what a TLSRoute or a TCPRoute takes over from a rule: its backends
// with their weights. ok is false when the rule has to be withheld, which a
// finding explains.
func (p *pass) l4Rule(t *route.Table, r *route.Rule, kind string) (refs []gatewayv1.BackendRef, ok bool) {
	if condition := l4Condition(r.Match); condition != "" {
		p.note(rule.L4Condition, r.From.Place(), "%s can't be said in a %s; the rule is withheld, and its connections %s.", condition, kind, unrouted(t))
		return nil, false
	}
	for _, b := range r.Action.Backends {
		ref, ok := p.backendRef(b, t, kind)
		if !ok {
			continue
		}
		refs = append(refs, gatewayv1.BackendRef{BackendObjectReference: ref, Weight: new(int32(b.Weight))})
	}
	most := p.opts.Bundle.Limits().BackendRefs
	switch written := len(r.Action.Backends); {
	case len(refs) == 0 || !carriesWeight(refs):
		p.note(rule.L4NoBackend, r.From.Place(), "none of the destinations can be written as a backend; no %s is written, and the connections %s.", kind, unrouted(t))
		return nil, false
	case len(refs) > most:
		p.note(rule.L4Backends, r.From.Place(), "the rule has %d destinations and a %s takes %d; it is withheld, and its connections %s.", len(refs), kind, most, unrouted(t))
		return nil, false
	case len(refs) < written && lostWeight(r.Action.Backends):
		p.note(rule.L4ShareLost, r.From.Place(), "%d of %d destinations can't be written as a backend; their connections go to the others.", written-len(refs), written)
	}
	return refs, true
}

// unrouted says what becomes of connections that no route takes.
func unrouted(t *route.Table) string {
	if onGateway(t) {
		return "are closed"
	}
	return "go straight to the Service" // a mesh without a route leaves it be
}

// l4Condition names what of m is neither SNI nor port.
func l4Condition(m route.Match) string {
	switch {
	case len(m.Subnets) > 0:
		return "destinationSubnets"
	case len(m.SourceLabels) > 0:
		return "sourceLabels"
	case m.SourceNamespace != "":
		return "sourceNamespace"
	}
	return ""
}

func carriesWeight(refs []gatewayv1.BackendRef) bool {
	return slices.ContainsFunc(refs, func(r gatewayv1.BackendRef) bool { return *r.Weight > 0 })
}

// lostWeight tells whether a backend that is left out had a share.
func lostWeight(backends []route.Backend) bool {
	return slices.ContainsFunc(backends, func(b route.Backend) bool { return (b.Broken || b.Port == 0) && b.Weight > 0 })
}

// l4Version is the apiVersion of a route kind, or false where the bundle lacks
// it, which is reported for the table.
func (p *pass) l4Version(t *route.Table, kind string, feature target.Feature) (apiVersion string, ok bool) {
	apiVersion, ok = p.opts.Bundle.APIVersion(kind)
	if !ok {
		at := t.From.Place()
		if len(t.Rules) > 0 {
			at = t.Rules[0].From.Place()
		}
		p.add(finding.New(rule.L4KindMissing, at, "Gateway API %s has no %s; the rule is withheld, and its connections %s.", p.opts.Bundle, kind, unrouted(t)).
			WithHint("Choose another --gateway-api or --channel: %s.", feature.Since()))
	}
	return apiVersion, ok
}

// l4Origin says which rule a route was made of.
func l4Origin(t *route.Table, r *route.Rule) Origin {
	return Origin{Pos: r.From.Place().Pos, What: fmt.Sprintf("%s, %s", t.From.Document().Object(), r.From.Field())}
}
