package mesh

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// claim is a host that a VirtualService asks for at a Gateway.
type claim struct {
	gateway route.Name
	host    string
}

// claimHosts notes which VirtualServices ask for which host.
func (l *linker) claimHosts() {
	l.claims = map[claim][]*virtualService{}
	for _, vs := range l.virtualServices {
		for _, ref := range vs.spec.Gateways {
			if ref == meshGateway {
				continue
			}
			for _, host := range vs.spec.Hosts {
				c := claim{gatewayName(ref, vs.Namespace), fqdn(host, vs.Namespace)}
				l.claims[c] = append(l.claims[c], vs)
			}
		}
	}
}

// hostAt is host as vs serves it at listener n. A listener for shop.example.com
// that VirtualServices for shop.example.com and for *.example.com meet has one
// decision list of both in Istio, which intersects hosts with those of the
// server. Implementations of Gateway API need not join routes that spell the
// host differently (Istio's own does not), so the wider one is then spelled as
// the listener has it.
func (l *linker) hostAt(vs *virtualService, g *Gateway, n *Listener, host string) string {
	if n.Hostname == "" || host == n.Hostname || !route.HostTakes(host, n.Hostname) {
		return host
	}
	for other := n.Hostname; other != ""; other = wider(other) {
		if other != host && slices.ContainsFunc(l.claims[claim{g.Name, other}], func(o *virtualService) bool { return o != vs }) {
			return n.Hostname
		}
	}
	return host
}

// wider is the next wildcard that takes a host: *.example.com for
// shop.example.com, and "*" at last; then "".
func wider(host string) string {
	if host == "*" {
		return ""
	}
	_, parent, found := strings.Cut(strings.TrimPrefix(host, "*."), ".")
	if !found {
		return "*"
	}
	return "*." + parent
}
