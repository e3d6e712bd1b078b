package lint

import (
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// clientTLS finds DestinationRules that call a Service without the mesh's own
// certificates though its pods demand them.
func (p *pass) clientTLS() {
	for _, dr := range p.rules {
		name, svc := p.service(dr.spec.Host, dr.Namespace)
		if svc == nil || len(svc.Selector) == 0 {
			continue
		}
		p.refusedCalls(dr, name, svc, dr.spec.TrafficPolicy, svc.Selector)
		for _, s := range dr.spec.Subsets {
			p.refusedCalls(dr, name, svc, s.TrafficPolicy, joined(svc.Selector, s.Labels))
		}
	}
}

// someBare tells whether pods of a Service have no sidecar that could demand
// anything.
func (p *pass) someBare(svc *mesh.Service) bool {
	return p.uninjected[svc.Namespace] || slices.ContainsFunc(p.selected(svc.Namespace, svc.Selector), func(w workload) bool { return w.bare })
}

// refusedCalls compares one policy with what the pods demand, on all ports.
func (p *pass) refusedCalls(dr destinationRule, name route.Name, svc *mesh.Service, policy *networking.TrafficPolicy, labels map[string]string) {
	said := map[*networking.ClientTLSSettings]bool{}
	for _, port := range svc.Ports {
		s := tlsAt(policy, port.Port)
		if s == nil || s.Mode == networking.ClientTLSSettings_ISTIO_MUTUAL || said[s] {
			continue
		}
		demand := p.demand(name.Namespace, labels, port)
		if demand == nil || p.someBare(svc) {
			continue
		}
		said[s] = true
		at := dr.At(s, "mode")
		f := p.note(rule.RefusedByPeers, at, "calls to port %d of Service %s fail: %s is used, and %s at %s lets in nothing but mutual TLS of the mesh.",
			port.Port, name, mode(s), demand.Document.Object(), spot(demand.Place(), at))
		related(f, demand.Place(), "demands mutual TLS")
	}
}

func mode(s *networking.ClientTLSSettings) string {
	if s.Mode == networking.ClientTLSSettings_DISABLE {
		return "plain text"
	}
	return "TLS with other certificates (" + s.Mode.String() + ")"
}

// demand is the PeerAuthentication that refuses all but mutual TLS on a port of
// the pods with labels, or nil. The closest one decides: of the workload, of the
// namespace, of the mesh (pilot/pkg/security/authn/policy_applier.go
// ComposePeerAuthentication). UNSET takes over what is above it.
func (p *pass) demand(namespace string, labels map[string]string, port mesh.ServicePort) *document {
	var byLevel [3]*document
	for i := range p.policies {
		d := &p.policies[i]
		if d.Document.Kind != "PeerAuthentication" {
			continue
		}
		selector, _ := texts(d.spec().Get("selector").Get("matchLabels"))
		switch {
		case len(selector) > 0 && d.Name.Namespace == namespace && subset(selector, labels):
			byLevel[0] = oldest(byLevel[0], d)
		case len(selector) > 0:
		case d.Name.Namespace == namespace:
			byLevel[1] = oldest(byLevel[1], d)
		case d.Name.Namespace == p.opts.GatewayNamespace:
			byLevel[2] = oldest(byLevel[2], d)
		}
	}
	if d := byLevel[0]; d != nil {
		switch d.spec().Get("portLevelMtls").Get(port.TargetPort).Text("mode") {
		case "STRICT":
			return d
		case "PERMISSIVE", "DISABLE":
			return nil
		}
	}
	for _, d := range byLevel {
		if d == nil {
			continue
		}
		switch d.spec().Get("mtls").Text("mode") {
		case "STRICT":
			return d
		case "PERMISSIVE", "DISABLE":
			return nil
		}
	}
	return nil
}

// subset tells whether all labels of part are among those of whole.
func subset(part, whole map[string]string) bool {
	for k, v := range part {
		if got, ok := whole[k]; !ok || got != v || source.Placeholder(v) != "" {
			return false
		}
	}
	return true
}

func oldest(a, b *document) *document {
	if a == nil || created(b.Root) < created(a.Root) {
		return b
	}
	return a
}
