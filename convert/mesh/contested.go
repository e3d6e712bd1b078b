package mesh

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// claim is a host that a VirtualService asks for at a Gateway.
type claim struct {
	gateway route.Name
	host    string
}

// claimHosts notes which VirtualServices ask for which host. Most are not typed
// yet, so it reads their documents.
func (l *linker) claimHosts() {
	l.claims = map[claim][]*virtualService{}
	for _, vs := range l.virtualServices {
		spec := vs.Root.Get("spec")
		hosts := values(spec.Get("hosts"))
		for _, ref := range values(spec.Get("gateways")) {
			if ref == meshGateway {
				continue
			}
			for _, host := range hosts {
				c := claim{gatewayName(ref, vs.Namespace), fqdn(host, vs.Namespace)}
				l.claims[c] = append(l.claims[c], vs)
			}
		}
	}
}

// values are the scalars of a list.
func values(n *source.Node) []string {
	if n == nil || n.Kind != source.List {
		return nil
	}
	var all []string
	for i := range n.Children() {
		all = append(all, n.Children()[i].Value())
	}
	return all
}

// sound tells whether vs can be read; one that can't asks for nothing.
func (l *linker) sound(vs *virtualService) bool {
	if vs.Unread() {
		l.readVirtualServices([]*virtualService{vs})
	}
	return !vs.Broken
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
		if other != host && slices.ContainsFunc(l.claims[claim{g.Name, other}], func(o *virtualService) bool { return o != vs && l.sound(o) }) {
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
