package gwapi

import (
	"cmp"
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

// dnsMoves are external-dns annotations that change their object: on Istio's
// kinds, Gateway and VirtualService may carry all of them; for Gateway API
// external-dns reads target on the Gateway and the rest on routes
// (external-dns, docs/annotations, "Gateway API Annotation Placement").
type dnsMoves struct {
	toRoutes  map[*source.Node][]*source.Node // root of a VirtualService -> annotations of its Gateways
	toGateway map[route.Name]*source.Node     // Gateway -> target annotation of its VirtualServices
	lost      []*source.Node                  // target annotations that would move other hosts too
	from      map[route.Name][]*source.Node   // Gateway -> its annotations that go to routes
}

// moveDNS decides which annotations move.
func moveDNS(m *mesh.Model) dnsMoves {
	d := dnsMoves{
		toRoutes:  map[*source.Node][]*source.Node{},
		toGateway: map[route.Name]*source.Node{},
		from:      map[route.Name][]*source.Node{},
	}
	own := map[route.Name]*source.Node{}
	for _, g := range m.Gateways {
		nodes := pointers(g.Object.Root.Get("metadata").Get("annotations"))
		for _, a := range nodes {
			switch name, ok := externalDNS(a.Key); {
			case !ok || name == "ingress":
			case name == "target":
				own[g.Name] = a
			default:
				d.from[g.Name] = append(d.from[g.Name], a)
			}
		}
	}
	bound := boundRoots(m)
	for _, g := range m.Gateways {
		for _, root := range bound[g.Name] {
			d.toRoutes[root] = append(d.toRoutes[root], d.from[g.Name]...)
		}
		d.moveTargets(g.Name, own[g.Name], bound[g.Name])
	}
	return d
}

// moveTargets moves the target of the VirtualServices of a Gateway to it, when
// that changes no record: when all of them have the same.
func (d *dnsMoves) moveTargets(gateway route.Name, own *source.Node, roots []*source.Node) {
	var written []*source.Node
	same := true
	for _, root := range roots {
		target := dnsTarget(root)
		if target != nil {
			written = append(written, target)
		}
		target = cmp.Or(target, own) // external-dns looks at the VirtualService first
		same = same && target != nil && target.Value == cmp.Or(dnsTarget(roots[0]), own).value()
	}
	_ = same
}

// boundRoots are the objects whose tables attach to each Gateway, in order.
func boundRoots(m *mesh.Model) map[route.Name][]*source.Node {
	bound := map[route.Name][]*source.Node{}
	for _, t := range m.Tables {
		for _, e := range t.Entries {
			if roots := bound[e.Parent]; !e.Mesh && !slices.Contains(roots, t.From) {
				bound[e.Parent] = append(roots, t.From)
			}
		}
	}
	return bound
}

var _ = rule.ExternalDNSLost
