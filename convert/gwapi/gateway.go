package gwapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// gateways builds the Gateways with their ListenerSets and redirect routes.
func (p *pass) gateways() []Object {
	routeNames := newNames(p.opts.Reserved)
	fronts := p.fronts()
	var objects []Object
	for i, g := range p.model.Gateways {
		if i == 0 && p.opts.GatewayClass == "" {
			p.note(rule.GatewayClassAssumed, g.Object.Place(), "Istio serves the new Gateways (gatewayClassName istio), since no class was named.")
		}
		l := p.layout(g.Name)
		p.noteLeftOut(l)
		if len(l.groups) == 0 {
			p.note(rule.GatewayEmpty, g.Object.Place(), "nothing is served at Gateway %s after the migration, and it is not written: none of its servers has a counterpart.", g.Name)
			continue
		}
		objects = append(objects, p.gateway(l, front(g, fronts)))
		objects = append(objects, p.listenerSets(l)...)
		objects = append(objects, p.redirectRoutes(l, routeNames)...)
	}
	p.noteTargets()
	return objects
}

// gateway builds one Gateway; service is what stands before its pods today, or nil.
func (p *pass) gateway(l *layout, service *mesh.Service) Object {
	g := l.gateway
	class := cmp.Or(p.opts.GatewayClass, "istio")
	v := &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{
			Name: l.name, Namespace: g.Namespace,
			Labels:      labels(g.Object.Root),
			Annotations: p.serviceType(g, service, class, p.gatewayAnnotations(g)),
		},
		Spec: gatewayv1.GatewaySpec{
			GatewayClassName: gatewayv1.ObjectName(class),
			Infrastructure:   p.infrastructureFor(g, service),
			TLS:              p.gatewayTLS(l),
		},
	}
	v.Kind = "Gateway"
	v.APIVersion, _ = p.opts.Bundle.APIVersion(v.Kind)
	for _, n := range l.groups[0] {
		v.Spec.Listeners = append(v.Spec.Listeners, p.listener(l, n))
	}
	if len(l.sets) > 0 {
		v.Spec.AllowedListeners = &gatewayv1.AllowedListeners{
			Namespaces: &gatewayv1.ListenerNamespaces{From: new(gatewayv1.NamespacesFromSame)},
		}
	}
	p.noteDataPlane(g)
	return Object{Kind: v.Kind, Value: v, Origin: gatewayOrigin(g, "")}
}

// noteDataPlane tells that the Gateway does not stand on today's pods.
func (p *pass) noteDataPlane(g *mesh.Gateway) {
	today := "it shares the pods of every gateway"
	if selector := g.Spec.GetSelector(); len(selector) > 0 {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(selector)) {
			pairs = append(pairs, k+"="+selector[k])
		}
		today = "it shares the pods labelled " + strings.Join(pairs, ", ")
	}
	p.note(rule.GatewayDataPlane, g.Object.Root.Get("spec").At("selector"), "this Gateway gets its own data plane and address; today %s.", today)
}

// noteLeftOut reports listeners that are not written, or to which nothing may attach.
func (p *pass) noteLeftOut(l *layout) {
	for _, n := range l.unfit {
		p.note(rule.ListenerPort, n.From.Get("port").At("number"), "nothing listens on port %d after the migration.", n.Port)
	}
	if len(l.spill) > 0 {
		kind, _ := listenerSetKind(p.opts)
		p.add(finding.New(rule.ListenersOverflow, l.gateway.Object.Place(),
			"nothing serves the last %d listeners of Gateway %s after the migration, %s and what follows: a Gateway takes %d, and Gateway API %s has no %s.",
			len(l.spill), l.gateway.Name, l.spill[0].Name, len(l.groups[0]), p.opts.Bundle, kind))
	}
	for _, n := range slices.Concat(l.groups...) {
		if l.checks[n].refusal != "" && !n.Closed {
			answer := "Everybody gets 404 there."
			if n.Protocol == mesh.ListenTLS {
				answer = "All its connections are closed."
			}
			p.note(rule.ClientCheckWithheld, n.From.Get("tls").At("mode"), "client certificates for %s can't be checked: %s. %s", host(n), l.checks[n].refusal, answer)
		}
	}
}

// host names the hosts of a listener for people.
func host(n *mesh.Listener) string { return cmp.Or(n.Hostname, "all hosts") }

// gatewayOrigin says which Istio Gateway an object was made of, and which part.
func gatewayOrigin(g *mesh.Gateway, part string) Origin {
	o := Origin{Pos: g.Object.Place().Pos, What: g.Object.Document.Object()}
	if part != "" {
		o.What += ", " + part
	}
	return o
}
