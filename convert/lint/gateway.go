package lint

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

type gateway = object[*networking.Gateway]

// gateways looks at each Gateway on its own.
func (p *pass) gateways() {
	pods := map[route.Name]*mesh.Gateway{}
	for _, g := range p.model.Gateways {
		pods[g.Name] = g
	}
	for _, g := range p.gatewayObjects {
		linked := pods[g.Name]
		if linked == nil || !settled(g.spec.Selector) {
			continue
		}
		p.selectorWithoutPods(g)
		p.portsOfService(g)
		for i, s := range g.spec.Servers {
			p.credential(g, linked, s, child(g.Root.Get("spec"), "servers", i))
		}
	}
}

// selectorWithoutPods finds a Gateway that no pods of the input serve, where the
// input shows pods of gateways: some that carry a label of this name.
func (p *pass) selectorWithoutPods(g gateway) {
	if len(g.spec.Selector) == 0 {
		return
	}
	if p.hasPods(g) {
		return
	}
	others := map[string]bool{}
	for _, c := range p.workloads {
		for _, w := range c.all {
			for k := range g.spec.Selector {
				if v, ok := w.labels[k]; ok && isGateway(w) {
					others[k+"="+v] = true
				}
			}
		}
	}
	for _, s := range p.model.Services {
		if subset(g.spec.Selector, s.Selector) {
			return
		}
	}
	if len(others) > 0 {
		p.note(rule.GatewayWithoutPods, g.Root.Get("spec").At("selector"), "no pods serve this Gateway: none of the input is labelled %s, while others are %s.",
			canonical(g.spec.Selector), enumerate(slices.Sorted(maps.Keys(others))))
	}
}

// isGateway tells whether w looks like the proxy of a gateway: its name or labels
// say so, as those of Istio's installers do.
func isGateway(w workload) bool {
	return strings.Contains(w.Name.Name, "gateway") || strings.Contains(w.labels["istio"], "gateway") || strings.Contains(w.labels["app"], "gateway")
}

// portsOfService finds servers on ports that no Service before the gateway's pods
// has. Istio takes both the port and the target port of a Service
// (pilot/pkg/model/gateway.go resolvePorts).
func (p *pass) portsOfService(g gateway) {
	if len(g.spec.Selector) == 0 {
		return
	}
	open, front, sure := map[uint32]bool{}, []route.Name{}, p.hasPods(g)
	for _, name := range slices.SortedFunc(maps.Keys(p.model.Services), route.Name.Compare) {
		s := p.model.Services[name]
		if !subset(g.spec.Selector, s.Selector) {
			continue
		}
		front = append(front, name)
		sure = sure || p.published[name]
		for _, port := range s.Ports {
			open[port.Port], open[number(port.TargetPort)] = true, true
		}
	}
	if len(front) == 0 || !sure {
		return // what an installer made may not be in the input
	}
	said := map[uint32]bool{}
	for i, s := range g.spec.Servers {
		n := s.GetPort().GetNumber()
		if n == 0 || open[n] || said[n] {
			continue
		}
		said[n] = true
		at := child(g.Root.Get("spec"), "servers", i).Get("port").At("number")
		f := p.note(rule.GatewayPortClosed, at, "nothing from outside reaches port %d: Service %s, before the gateway's pods, does not have it.", n, front[0])
		p.relatedService(f, front[0])
	}
}

// hasPods tells whether workloads of the input serve g.
func (p *pass) hasPods(g gateway) bool {
	for namespace := range p.workloads {
		if len(p.selected(namespace, g.spec.Selector)) > 0 {
			return true
		}
	}
	return false
}

// credential looks for the Secret of a server in the namespace of the gateway's
// pods, where Istio reads it (pilot/pkg/credentials/kube/secrets.go).
func (p *pass) credential(g gateway, linked *mesh.Gateway, s *networking.Server, at *source.Node) {
	t := s.GetTls()
	if t.GetMode() != networking.ServerTLSSettings_SIMPLE && t.GetMode() != networking.ServerTLSSettings_MUTUAL && t.GetMode() != networking.ServerTLSSettings_OPTIONAL_MUTUAL {
		return
	}
	name, ns := t.GetCredentialName(), linked.PodNamespace
	if name == "" || strings.Contains(name, "://") || source.Placeholder(name) != "" {
		return
	}
	place := at.Get("tls").At("credentialName")
	secret, there := p.secrets[ns][name]
	switch {
	case secret != nil:
		if why := unfit(secret); why != "" {
			f := p.note(rule.SecretUnfit, place, "TLS connections to port %d are refused: Secret %s/%s %s.", s.GetPort().GetNumber(), ns, name, why)
			related(f, secret.Place(), "the Secret")
		}
	case there || p.openSecrets[ns]:
	case p.isElsewhere(g, linked, name):
		p.note(rule.SecretMissing, place, "Secret %s is in namespace %s, and the gateway's pods read it in their own, %s: TLS connections to port %d are refused.", name, g.Namespace, ns, s.GetPort().GetNumber())
	case p.hasCertificates(ns):
		p.note(rule.SecretMissing, place, "Secret %s/%s is not in the input, though others with certificates are of its namespace: without it TLS connections to port %d are refused.", ns, name, s.GetPort().GetNumber())
	}
}

// isElsewhere tells whether the Secret lies beside the Gateway, and its pods are
// known to be elsewhere.
func (p *pass) isElsewhere(g gateway, linked *mesh.Gateway, name string) bool {
	_, beside := p.secrets[g.Namespace][name]
	return beside && !linked.PodsAssumed && g.Namespace != linked.PodNamespace
}

// hasCertificates tells whether Secrets with certificates are given for a
// namespace, themselves and not by what makes them.
func (p *pass) hasCertificates(namespace string) bool {
	for _, d := range p.secrets[namespace] {
		if d != nil && unfit(d) == "" {
			return true
		}
	}
	return false
}

// server is a server of a Gateway, and where it stands.
type server struct {
	gateway gateway
	*networking.Server
	at *source.Node
}

// byPods groups the servers by the pods that serve them, those of the oldest
// Gateway first, as Istio goes through them.
func (p *pass) byPods() [][]server {
	groups := map[string][]server{}
	list := slices.Clone(p.gatewayObjects)
	slices.SortStableFunc(list, func(a, b gateway) int { return strings.Compare(created(a.Root), created(b.Root)) })
	for _, g := range list {
		key := canonical(g.spec.Selector)
		if len(g.spec.Selector) == 0 || !settled(g.spec.Selector) {
			continue
		}
		for i, s := range g.spec.Servers {
			if s.GetPort() != nil {
				groups[key] = append(groups[key], server{g, s, child(g.Root.Get("spec"), "servers", i)})
			}
		}
	}
	var out [][]server
	for _, key := range sortedKeys(groups) {
		out = append(out, groups[key])
	}
	return out
}

// portBind is where a server listens.
type portBind struct {
	port uint32
	bind string
}

// gatewaysTogether finds servers of one port that Istio can't serve beside an
// older one (pilot/pkg/model/gateway.go mergeGateways): of different protocols,
// or of TLS for the same host.
func (p *pass) gatewaysTogether() {
	for _, servers := range p.byPods() {
		served := map[portBind][]server{}
		for _, s := range servers {
			at := portBind{s.Port.Number, s.Bind}
			if !slices.ContainsFunc(served[at], func(first server) bool { return p.clash(first, s) }) {
				served[at] = append(served[at], s)
			}
		}
	}
}

// clash reports what keeps later from being served beside first.
func (p *pass) clash(first, later server) bool {
	hint := func(f *finding.Finding) {
		related(f, first.at.Place(), "is served")
	}
	one, two := family(first.Server), family(later.Server)
	switch {
	case one == "" || two == "":
		return false
	case one != two:
		at := later.at.Get("port").At("protocol")
		hint(p.note(rule.GatewaysClash, at, "this server is not served: port %d speaks %s already, by %s at %s.", later.Port.Number, one, first.gateway.Document.Object(), spot(first.at.Place(), at)))
		return true
	case one != "TLS" || first.gateway.Name == later.gateway.Name:
		return false
	}
	for i, host := range later.Hosts {
		if source.Placeholder(host) == "" && slices.ContainsFunc(first.Hosts, func(h string) bool {
			return scoped(h, first.gateway.Namespace) == scoped(host, later.gateway.Namespace)
		}) {
			at := child(later.at, "hosts", i).Place()
			hint(p.note(rule.GatewaysClash, at, "this server is not served: %s at %s has host %s on port %d already, and what is bound to this Gateway gets none of its connections.",
				first.gateway.Document.Object(), spot(first.at.Place(), at), bare(host), later.Port.Number))
			return true
		}
	}
	return false
}

// family is what servers of one port must have in common; "" where Istio refuses
// the server anyway.
func family(s *networking.Server) string {
	switch protocol := mesh.KnownProtocol(s.Port.Protocol); protocol {
	case "HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY":
		return "HTTP"
	case "HTTPS", "TLS":
		return "TLS"
	case "TCP", "MONGO", "REDIS", "MYSQL":
		if s.Tls != nil {
			return "TLS"
		}
		return protocol
	}
	return ""
}

// bare is a host without the namespaces that may bind to it.
func bare(host string) string {
	if _, name, ok := strings.Cut(host, "/"); ok {
		return name
	}
	return host
}

// scoped is a host with its namespace, as Istio compares it: "./" is that of the
// Gateway (pilot/pkg/model/gateway.go sanitizeServerHostNamespace).
func scoped(host, namespace string) string {
	ns, name, ok := strings.Cut(host, "/")
	switch {
	case !ok:
		return strings.ToLower(host)
	case ns == ".":
		return namespace + "/" + strings.ToLower(name)
	case ns == "*":
		return strings.ToLower(name)
	}
	return strings.ToLower(host)
}

// sameCertificate finds servers of several Gateways with one certificate. A
// browser sends requests for a second host over the connection that it has for
// the first, where the certificate is for both, and the first server knows no
// route for them.
func (p *pass) sameCertificate() {
	for _, servers := range p.byPods() {
		first := map[string]server{}
		for _, s := range servers {
			t := s.GetTls()
			if t.GetCredentialName() == "" || t.GetMode() == networking.ServerTLSSettings_PASSTHROUGH || len(s.Hosts) == 0 {
				continue
			}
			key := t.CredentialName + " " + itoa(s.Port.Number)
			before, seen := first[key]
			if !seen {
				first[key] = s
				continue
			}
			if before.gateway.Name == s.gateway.Name || slices.Equal(before.Hosts, s.Hosts) {
				continue
			}
			at := s.at.Get("tls").At("credentialName")
			f := p.note(rule.SameCertificate, at, "a browser with a connection to %s may send requests for %s over it, since %s at %s has the same certificate: they get 404.",
				bare(before.Hosts[0]), bare(s.Hosts[0]), before.gateway.Document.Object(), spot(before.at.Place(), at))
			related(f, before.at.Get("tls").At("credentialName"), "the same certificate")
		}
	}
}

// unboundGateways finds Gateways to which no VirtualService is bound, where
// VirtualServices of its own namespace are bound to others there. One that is
// shared by many namespaces may be bound to from anywhere.
func (p *pass) unboundGateways() {
	bound, near := map[route.Name]bool{}, map[string]bool{}
	for _, vs := range p.virtualServices {
		for _, ref := range vs.spec.Gateways {
			name := mesh.ResolveGateway(ref, vs.Namespace)
			bound[name] = true
			near[vs.Namespace] = near[vs.Namespace] || name.Namespace == vs.Namespace
		}
		for _, h := range vs.spec.Http {
			for _, m := range h.Match {
				for _, ref := range m.Gateways {
					bound[mesh.ResolveGateway(ref, vs.Namespace)] = true
				}
			}
		}
	}
	for _, g := range p.gatewayObjects {
		if !bound[g.Name] && near[g.Namespace] && slices.ContainsFunc(g.spec.Servers, needsRoutes) {
			p.note(rule.GatewayUnbound, g.Place(), "no VirtualService of the input is bound to Gateway %s: requests to its hosts get 404.", g.Name)
		}
	}
}

// needsRoutes tells whether a server does nothing without a VirtualService.
func needsRoutes(s *networking.Server) bool {
	return s.GetTls().GetMode() != networking.ServerTLSSettings_AUTO_PASSTHROUGH && !s.GetTls().GetHttpsRedirect()
}
