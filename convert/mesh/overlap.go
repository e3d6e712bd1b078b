package mesh

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// settleOverlaps is about listeners of one port of which one has a host within
// that of another. Istio looks for a route among all servers of the port; in
// Gateway API the listener with the closest host answers alone, with its own
// routes (gateway_types.go, Listener).
func (l *linker) settleOverlaps(g *Gateway) {
	l.closeWithheld(g)
	g.shareNamespaces()
}

// closeWithheld writes a listener that had to be withheld all the same, closed
// to routes, where its hosts would otherwise be answered for by a wider one:
// who asks for a client certificate of the mesh today is not left open to all.
func (l *linker) closeWithheld(g *Gateway) {
	for _, n := range g.Listeners {
		if !n.Withheld {
			continue
		}
		wide := g.widerListener(n)
		if wide == nil {
			continue
		}
		if wide.Protocol == ListenTLS {
			l.note(rule.WiderListener, n.From.Get("hosts").Place(), "connections to %s need a certificate of the mesh today; Istio's GatewayClass hands them to the routes of %s.", n.Hostname, wide.host())
		}
		n.Withheld, n.Closed, n.HTTPSRedirect = false, true, false
		n.Protocol, n.Server, n.From = wide.Protocol, wide.Server, wide.From // it needs a certificate
	}
}

// widerListener is the closest listener that would answer for the hosts of n.
func (g *Gateway) widerListener(n *Listener) *Listener {
	var best *Listener
	for _, w := range g.Listeners {
		if w == n || w.Port != n.Port || w.Withheld || w.Closed || w.Protocol == ListenTCP || w.Hostname == n.Hostname || !w.covers(n) {
			continue
		}
		if best == nil || best.covers(w) {
			best = w
		}
	}
	return best
}

// host names the hosts of n for a sentence.
func (n *Listener) host() string { return cmp.Or(n.Hostname, "all hosts") }

// covers tells whether all hosts of o are hosts of n.
func (n *Listener) covers(o *Listener) bool {
	return route.HostTakes(n.Hostname, o.Hostname)
}

// shareNamespaces lets whoever may bind to a wide host bind to the hosts within
// it as well. Istio does so among all plain servers of a port, and within one
// server of TLS, whose hosts share their routes
// (pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig).
func (g *Gateway) shareNamespaces() {
	admitted := map[*Listener]*Listener{}
	for _, n := range g.Listeners {
		all := &Listener{AllNamespaces: n.AllNamespaces}
		names := map[string]bool{}
		for _, w := range g.Listeners {
			if w != n && (w.Port != n.Port || w.Protocol != n.Protocol || !w.covers(n) || n.Protocol != ListenHTTP && w.Server != n.Server) {
				continue
			}
			all.AllNamespaces = all.AllNamespaces || w.AllNamespaces
			for _, name := range w.Namespaces {
				names[name] = true
			}
		}
		all.Namespaces = slices.Sorted(maps.Keys(names))
		admitted[n] = all
	}
	for n, all := range admitted {
		n.AllNamespaces, n.Namespaces = all.AllNamespaces, all.Namespaces
	}
}
