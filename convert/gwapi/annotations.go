package gwapi

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// externalDNS returns what follows the prefix of an external-dns annotation; the
// prefix without "alpha" is the default since v0.22.
func externalDNS(key string) (name string, ok bool) {
	for _, prefix := range []string{"external-dns.alpha.kubernetes.io/", "external-dns.kubernetes.io/"} {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			return name, true
		}
	}
	return "", false
}

// certManager tells whether cert-manager reads an annotation.
func certManager(key string) bool {
	return strings.HasPrefix(key, "cert-manager.io/") || strings.HasPrefix(key, "acme.cert-manager.io/")
}

// dnsMoves are external-dns annotations that change their object: Istio's
// Gateway and VirtualService may both carry all of them; for Gateway API
// external-dns reads target on the Gateway and the rest on routes
// (external-dns, docs/annotations, "Gateway API Annotation Placement").
type dnsMoves struct {
	toRoutes  map[*source.Node][]*source.Node // root of a VirtualService -> annotations of its Gateways
	toGateway map[route.Name][]*source.Node   // Gateway -> target annotations of its VirtualServices, all alike
	lost      []*source.Node                  // target annotations that would change records of others
}

// moveDNS decides which annotations move.
func moveDNS(m *mesh.Model) dnsMoves {
	d := dnsMoves{toRoutes: map[*source.Node][]*source.Node{}, toGateway: map[route.Name][]*source.Node{}}
	bound := boundRoots(m)
	for _, g := range m.Gateways {
		var own *source.Node
		var forRoutes []*source.Node
		for _, a := range annotationNodes(g.Object.Root) {
			switch name, ok := externalDNS(a.Key()); {
			case !ok || name == "ingress":
			case name == "target":
				own = a
			default:
				forRoutes = append(forRoutes, a)
			}
		}
		for _, root := range bound[g.Name] {
			if len(forRoutes) > 0 {
				d.toRoutes[root] = append(d.toRoutes[root], forRoutes...)
			}
		}
		d.moveTargets(g.Name, own, bound[g.Name])
	}
	return d
}

// moveTargets moves the target of the VirtualServices of a Gateway to it when
// that changes no record, which is when all of them have the same.
func (d *dnsMoves) moveTargets(gateway route.Name, own *source.Node, roots []*source.Node) {
	var written []*source.Node
	values := map[string]bool{}
	for _, root := range roots {
		target := own
		if t := dnsTarget(root); t != nil { // external-dns looks at the VirtualService first
			written, target = append(written, t), t
		}
		if target == nil {
			values[""] = true
			continue
		}
		values[target.Value()] = true
	}
	if len(values) == 1 {
		d.toGateway[gateway] = written
		return
	}
	for _, t := range written {
		if own == nil || own.Value() != t.Value() {
			d.lost = append(d.lost, t)
		}
	}
}

// dnsTarget returns the target annotation of an object, or nil.
func dnsTarget(root *source.Node) *source.Node {
	for _, a := range annotationNodes(root) {
		if name, ok := externalDNS(a.Key()); ok && name == "target" {
			return a
		}
	}
	return nil
}

// boundRoots are the objects whose tables attach to each Gateway, in order. The
// tables of one object are neighbours.
func boundRoots(m *mesh.Model) map[route.Name][]*source.Node {
	bound := map[route.Name][]*source.Node{}
	for _, t := range m.Tables {
		for _, e := range t.Entries {
			roots := bound[e.Parent]
			if e.Mesh || len(roots) > 0 && roots[len(roots)-1] == t.From {
				continue
			}
			bound[e.Parent] = append(roots, t.From)
		}
	}
	return bound
}

// onRoute tells whether an annotation of a VirtualService belongs on its routes.
func (p *pass) onRoute(a *source.Node) bool {
	if certManager(a.Key()) {
		p.note(rule.CertManagerIdle, a.Place(), "cert-manager does not read %s on a VirtualService, nor would it on a route; it is left out.", a.Key())
		return false
	}
	name, ok := externalDNS(a.Key())
	if !ok {
		return true
	}
	if name == "target" {
		return false // noteTargets says where it went
	}
	p.note(rule.ExternalDNSSource, a.Place(), "external-dns reads %s on the route, once it looks at routes.", a.Key())
	return true
}

// onGateway tells whether an annotation of an Istio Gateway belongs on the new one.
func (p *pass) onGateway(g *mesh.Gateway, a *source.Node) bool {
	if certManager(a.Key()) {
		p.note(rule.CertManagerGateway, a.Place(), "cert-manager reads %s on the new Gateway, and issues certificates for those of its listeners whose Secret is in namespace %s.", a.Key(), g.Namespace)
		return true
	}
	if loadBalancerOf(a.Key()) != notLoadBalancer {
		return false // infrastructure says where it goes
	}
	name, ok := externalDNS(a.Key())
	switch {
	case !ok:
		return true
	case name == "target":
		p.note(rule.ExternalDNSSource, a.Place(), "external-dns reads %s on the new Gateway, for the records of its routes, once it looks at routes.", a.Key())
		return true
	case name == "ingress":
		p.note(rule.ExternalDNSLost, a.Place(), "the records point to Ingress %s today; external-dns knows no such annotation on a Gateway, and they would point to the Gateway's own address.", a.Value())
		return false
	}
	p.note(rule.ExternalDNSMoved, a.Place(), "external-dns reads %s on routes; it moves to the routes of Gateway %s.", a.Key(), g.Name)
	return false
}

// noteTargets reports what became of the targets of VirtualServices.
func (p *pass) noteTargets() {
	moves := p.shared().dns
	for _, g := range p.model.Gateways {
		for _, t := range moves.toGateway[g.Name] {
			p.note(rule.ExternalDNSMoved, t.Place(), "external-dns reads %s on the Gateway; it moves to Gateway %s, whose routes all have this target.", t.Key(), g.Name)
		}
	}
	for _, t := range moves.lost {
		p.note(rule.ExternalDNSLost, t.Place(), "the records of these hosts point to %s today; external-dns reads the target on the Gateway, where other routes have another one, so it is left out.", t.Value())
	}
}

// gatewayAnnotations are the annotations of the Gateway made of g.
func (p *pass) gatewayAnnotations(g *mesh.Gateway) map[string]string {
	carried := map[string]string{}
	for _, t := range p.shared().dns.toGateway[g.Name] {
		carried[t.Key()] = t.Value()
	}
	for _, a := range annotationNodes(g.Object.Root) {
		if p.onGateway(g, a) {
			carried[a.Key()] = a.Value()
		}
	}
	if len(carried) == 0 {
		return nil
	}
	return carried
}

// redirectAnnotations are what the redirect route of g takes over: the records
// of a host come from all routes that have it, and should agree.
func redirectAnnotations(g *mesh.Gateway) map[string]string {
	carried := map[string]string{}
	for _, a := range annotationNodes(g.Object.Root) {
		if name, ok := externalDNS(a.Key()); ok && !slices.Contains([]string{"target", "ingress"}, name) {
			carried[a.Key()] = a.Value()
		}
	}
	if len(carried) == 0 {
		return nil
	}
	return carried
}
