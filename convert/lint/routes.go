package lint

//lint:file-ignore SA1019 Istio still reads its deprecated fields, and so do we.

import (
	"slices"
	"strings"
	"time"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

type virtualService = object[*networking.VirtualService]

// httpRoutes looks at each rule of each VirtualService on its own.
func (p *pass) httpRoutes() {
	for _, vs := range p.virtualServices {
		for _, h := range vs.spec.Http {
			p.shares(vs, h.Route)
			p.slowTries(vs, h)
			p.mirrorsToItself(vs, h)
			for _, d := range h.Route {
				p.plainToTLS(vs, d.GetDestination())
			}
		}
	}
}

// shares looks at weights. A destination that has none among others gets 0
// (pilot/pkg/networking/core/route/route.go); all zero is refused by Istio, and
// has a finding of the conversion.
func (p *pass) shares(vs virtualService, routes []*networking.HTTPRouteDestination) {
	sum, written := total(routes), true
	for _, d := range routes {
		written = written && vs.Wrote(d, "weight")
	}
	if len(routes) < 2 || sum <= 0 {
		return
	}
	for _, d := range routes {
		if !vs.Wrote(d, "weight") {
			p.note(rule.NoShare, vs.At(d, "destination"), "%s gets no requests by this rule, since its weight is not written and the others' are.", d.GetDestination().GetHost())
		}
	}
	if written && sum != 100 && sum > 80 && sum < 120 && !slices.ContainsFunc(routes, func(d *networking.HTTPRouteDestination) bool { return d.Weight <= 0 }) {
		p.note(rule.OddShares, vs.At(routes[0], "weight"), "the weights add up to %d, not 100: the first of these destinations gets %d of %d requests.", sum, routes[0].Weight, sum)
	}
}

// slowTries compares the time of all tries with the time of the request. Whoever
// writes attempts: 3 for three tries that just fill the time is left alone.
func (p *pass) slowTries(vs virtualService, h *networking.HTTPRoute) {
	timeout, perTry := h.GetTimeout().AsDuration(), h.GetRetries().GetPerTryTimeout().AsDuration()
	attempts := int64(h.GetRetries().GetAttempts())
	if h.Timeout == nil || timeout <= 0 || perTry < time.Millisecond || attempts < 1 {
		return
	}
	starts := int64((timeout + perTry - 1) / perTry)
	at := vs.At(h.Retries, "attempts")
	switch {
	case starts > 1 && time.Duration(attempts)*perTry <= timeout:
	case starts <= 1:
		p.note(rule.RetriesCut, at, "a try that is slow is never repeated: one try may take %s, which is all the time that the request has (%s).", perTry, timeout)
	default:
		p.note(rule.RetriesCut, at, "when tries are slow, only %d of %d retries begin before the request ends: each may take %s, and the request has %s.", starts-1, attempts, perTry, timeout)
	}
}

// mirrorsToItself finds copies that go where the requests go already.
func (p *pass) mirrorsToItself(vs virtualService, h *networking.HTTPRoute) {
	mirrors := []*networking.Destination{}
	if h.Mirror != nil {
		mirrors = append(mirrors, h.Mirror)
	}
	for _, m := range h.Mirrors {
		mirrors = append(mirrors, m.GetDestination())
	}
	for _, m := range mirrors {
		if m == nil || share(h) == 0 {
			continue
		}
		for _, d := range h.Route {
			if (len(h.Route) == 1 || d.Weight > 0 && d.Weight == total(h.Route)) && same(vs, m, d.GetDestination()) {
				p.note(rule.MirrorToItself, vs.Node(m).At("host"), "the pods of %s get each mirrored request twice: once to answer it, and once as a copy.", m.Host)
				break
			}
		}
	}
}

// total is the sum of the weights.
func total(routes []*networking.HTTPRouteDestination) int32 {
	sum := int32(0)
	for _, d := range routes {
		sum += d.Weight
	}
	return sum
}

// share is what part of the requests is mirrored, in percent.
func share(h *networking.HTTPRoute) float64 {
	switch {
	case h.MirrorPercentage != nil:
		return h.MirrorPercentage.Value
	case h.MirrorPercent != nil:
		return float64(h.MirrorPercent.Value)
	}
	return 100
}

// same tells whether two destinations are the same pods.
func same(vs virtualService, a, b *networking.Destination) bool {
	return mesh.ResolveHost(a.GetHost(), vs.Namespace) == mesh.ResolveHost(b.GetHost(), vs.Namespace) &&
		a.GetSubset() == b.GetSubset() && (a.GetPort() == nil || b.GetPort() == nil || a.Port.Number == b.Port.Number)
}

// plainToTLS finds requests that are forwarded in plain text to a port that
// speaks TLS.
func (p *pass) plainToTLS(vs virtualService, d *networking.Destination) {
	name, svc := p.service(d.GetHost(), vs.Namespace)
	if svc == nil {
		return
	}
	var port *mesh.ServicePort
	for i := range svc.Ports {
		if d.GetPort() == nil && len(svc.Ports) == 1 || d.GetPort().GetNumber() == svc.Ports[i].Port {
			port = &svc.Ports[i]
		}
	}
	if port == nil || port.L7 != "HTTPS" && port.L7 != "TLS" || p.opensTLS(name, d.GetSubset(), port.Port) {
		return
	}
	at := vs.Node(d).At("port")
	p.note(rule.PlainToTLS, at, "requests reach port %d of Service %s in plain HTTP, and the port's name says that %s is spoken there.", port.Port, name, port.L7)
}

// opensTLS tells whether a DestinationRule makes TLS connections to a port.
func (p *pass) opensTLS(service route.Name, subset string, port uint32) bool {
	for _, dr := range p.rulesFor(service) {
		policies := []*networking.TrafficPolicy{dr.spec.TrafficPolicy}
		for _, s := range dr.spec.Subsets {
			if s.Name == subset {
				policies = append(policies, s.TrafficPolicy)
			}
		}
		for _, policy := range policies {
			if opens(tlsAt(policy, port)) {
				return true
			}
		}
	}
	return false
}

func opens(s *networking.ClientTLSSettings) bool {
	return s != nil && (s.Mode == networking.ClientTLSSettings_SIMPLE || s.Mode == networking.ClientTLSSettings_MUTUAL)
}

// tlsAt is the setting for a port: its own, or the general one.
func tlsAt(policy *networking.TrafficPolicy, port uint32) *networking.ClientTLSSettings {
	for _, own := range policy.GetPortLevelSettings() {
		if own.GetPort().GetNumber() == port {
			return own.GetTls()
		}
	}
	return policy.GetTls()
}

// inMesh tells whether vs serves calls inside of the mesh.
func inMesh(vs virtualService) bool {
	return len(vs.spec.Gateways) == 0 || slices.Contains(vs.spec.Gateways, "mesh")
}

// meshRulesAtGateway finds gateway routes to a Service whose own VirtualService
// is for the mesh only: a gateway does not ask it.
func (p *pass) meshRulesAtGateway() {
	byHost := map[string]virtualService{}
	for _, vs := range p.virtualServices {
		if inMesh(vs) && len(vs.spec.Gateways) < 2 && splits(vs) {
			for _, h := range vs.spec.Hosts {
				byHost[mesh.ResolveHost(h, vs.Namespace)] = vs
			}
		}
	}
	for _, vs := range p.virtualServices {
		if !slices.ContainsFunc(vs.spec.Gateways, func(g string) bool { return g != "mesh" }) {
			continue
		}
		for _, h := range vs.spec.Http {
			for _, d := range h.Route {
				own, ok := byHost[mesh.ResolveHost(d.GetDestination().GetHost(), vs.Namespace)]
				if !ok || own.Name == vs.Name || d.GetDestination().GetSubset() != "" {
					continue
				}
				f := p.note(rule.MeshRulesAtGateway, vs.At(d.Destination, "host"), "requests through the gateway go to all pods of %s: the rules of %s at %s are for calls inside of the mesh only.",
					d.Destination.Host, own.Document.Object(), spot(own.Place(), vs.Place()))
				related(f, own.Place(), "is not asked at a gateway")
			}
		}
	}
}

// splits tells whether the http rules of vs choose among pods.
func splits(vs virtualService) bool {
	return slices.ContainsFunc(vs.spec.Http, func(h *networking.HTTPRoute) bool {
		return slices.ContainsFunc(h.Route, func(d *networking.HTTPRouteDestination) bool { return d.GetDestination().GetSubset() != "" })
	})
}

// generatedName is a part of the names of Gateways that Istio makes of listeners:
// GATEWAY~istio-autogenerated-k8s-gateway~LISTENER
// (pkg/config/constants/constants.go KubernetesGatewayName).
const generatedName = "istio-autogenerated-k8s-gateway"

// generatedGateways finds references to the Gateway that Istio makes, in memory,
// of one of Gateway API.
func (p *pass) generatedGateways() {
	for _, vs := range p.virtualServices {
		for i, ref := range vs.spec.Gateways {
			if strings.Contains(ref, generatedName) {
				p.note(rule.GeneratedGateway, child(vs.Root.Get("spec"), "gateways", i).Place(), "%s is a name that Istio makes up for a listener of a Gateway API Gateway: what it makes of this VirtualService there is not defined.", ref)
			}
		}
	}
}

// rulesOnPlainPorts finds http rules for a Service none of whose ports Istio
// takes for HTTP.
func (p *pass) rulesOnPlainPorts() {
	for _, vs := range p.virtualServices {
		if !inMesh(vs) || len(vs.spec.Http) == 0 {
			continue
		}
		for i, host := range vs.spec.Hosts {
			name, svc := p.service(host, vs.Namespace)
			if svc == nil || len(svc.Ports) == 0 || svc.ExternalName != "" || slices.ContainsFunc(svc.Ports, mesh.ServicePort.CarriesHTTP) {
				continue
			}
			f := p.note(rule.RulesOnPlainPort, child(vs.Root.Get("spec"), "hosts", i).Place(), "no http rule of this VirtualService applies to calls to %s: by the names of its ports Istio takes them for %s.", name, protocols(svc))
			p.relatedService(f, name)
		}
	}
}

func protocols(svc *mesh.Service) string {
	var all []string
	for _, port := range svc.Ports {
		if !slices.Contains(all, port.L7) {
			all = append(all, port.L7)
		}
	}
	return enumerate(all)
}

func (p *pass) relatedService(f *finding.Finding, name route.Name) {
	for _, s := range p.services {
		if s.Name == name {
			related(f, s.Place(), "the Service")
		}
	}
}
