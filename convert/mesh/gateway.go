package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// linkGateways makes listeners of servers.
func (l *linker) linkGateways() {
	for _, name := range slices.SortedFunc(maps.Keys(l.gateways), route.Name.Compare) {
		g := l.gateways[name]
		l.findPods(g)
		l.reportRefusedGateway(g)
		for i, server := range g.Spec.Servers {
			l.server(g, server, child(g.Object.Root.Get("spec"), "servers", i))
		}
		l.settleOverlaps(g)
		nameListeners(g.Listeners)
	}
}

// findPods looks for the Service whose pods the gateway's selector picks, for
// Istio reads the Secrets of a server in the namespace of these pods.
func (l *linker) findPods(g *Gateway) {
	g.PodNamespace, g.PodsAssumed = l.opts.GatewayNamespace, true
	if len(g.Spec.Selector) == 0 {
		return
	}
	for _, name := range slices.SortedFunc(maps.Keys(l.services), route.Name.Compare) {
		if contains(l.services[name].Selector, g.Spec.Selector) {
			g.PodNamespace, g.PodsAssumed = name.Namespace, false
			return
		}
	}
}

// contains tells whether labels hold all of want.
func contains(labels, want map[string]string) bool {
	for k, v := range want {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// server adds a listener for each host.
func (l *linker) server(g *Gateway, s *networking.Server, from *source.Node) {
	protocol, why := listenerProtocol(s)
	if why != "" {
		at := from.At("port")
		switch port, tls := from.Get("port"), from.Get("tls"); {
		case tls.Has("mode"):
			at = tls.At("mode")
		case port.Has("protocol"):
			at = port.At("protocol")
		}
		l.note(rule.ListenerWithheld, at, "%s; nothing is opened for it on the new gateway.", why)
	}
	if (protocol == ListenTLS || protocol == ListenHTTPS) && s.Tls != nil && !g.Object.Wrote(s.Tls, "mode") {
		l.note(rule.ImplicitPassthrough, from.At("tls"), "TLS on port %d is passed through to the backend, since tls.mode is not written.", s.GetPort().GetNumber())
	}
	for i, host := range s.Hosts {
		at := child(from, "hosts", i)
		listener, ok := l.listener(g, s, host, at)
		if !ok {
			continue
		}
		listener.From, listener.Protocol, listener.Withheld = from, protocol, why != ""
		g.add(l, listener, at)
	}
}

// listenerProtocol maps a server's protocol as Istio reads it
// (pkg/config/gateway/gateway.go); why says what can't be carried over.
func listenerProtocol(s *networking.Server) (protocol ListenerProtocol, why string) {
	written := s.GetPort().GetProtocol()
	name := knownProtocol(written)
	switch {
	case s.GetPort() == nil:
		return ListenTCP, "the server has no port"
	case hasPlaceholder(written):
		return ListenHTTP, "the protocol is a placeholder"
	case s.Tls == nil && (name == "HTTPS" || name == "TLS"):
		return ListenTLS, "Istio refuses a server with protocol " + written + " and no tls"
	case slices.Contains([]string{"HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY"}, name):
		return ListenHTTP, ""
	case name == "":
		return ListenTCP, fmt.Sprintf("Istio does not know protocol %q", written)
	case name == "UDP":
		return ListenTCP, "Istio's gateways do not serve UDP"
	}
	switch s.GetTls().GetMode() {
	case networking.ServerTLSSettings_AUTO_PASSTHROUGH:
		return ListenTLS, "AUTO_PASSTHROUGH forwards by SNI between the networks of a mesh"
	case networking.ServerTLSSettings_ISTIO_MUTUAL:
		return ListenHTTPS, "ISTIO_MUTUAL uses the mesh's own certificates"
	}
	switch {
	case s.Tls == nil:
		return ListenTCP, ""
	case name == "HTTPS" && s.Tls.Mode != networking.ServerTLSSettings_PASSTHROUGH:
		return ListenHTTPS, ""
	}
	return ListenTLS, ""
}

// listener reads one host of a server: ns/host limits who may bind.
func (l *linker) listener(g *Gateway, s *networking.Server, host string, at *source.Node) (*Listener, bool) {
	ns, name, limited := strings.Cut(host, "/")
	if !limited {
		ns, name = "*", host
	}
	name = lower(name)
	if !expressibleHost(name) {
		l.note(rule.ListenerHost, at.Place(), "nothing is served for host %q on the new gateway.", name)
		return nil, false
	}
	listener := &Listener{
		Port:          s.GetPort().GetNumber(),
		Hostname:      name,
		Server:        s,
		HTTPSRedirect: s.GetTls().GetHttpsRedirect() && knownProtocol(s.GetPort().GetProtocol()) != "HTTPS",
	}
	switch ns {
	case "*":
		listener.AllNamespaces = true
	case ".":
		listener.Namespaces = []string{g.Namespace}
	case "~":
		return nil, false // nobody may bind: Istio opens nothing for it
	default:
		listener.Namespaces = []string{ns}
	}
	if name == "*" {
		listener.Hostname = ""
	}
	return listener, true
}

// add merges a listener that is already there by port, protocol and hostname:
// several ns/ entries of one host add up, and other repetitions are Istio's to
// merge.
func (g *Gateway) add(l *linker, n *Listener, at *source.Node) {
	if n.Protocol == ListenTCP {
		n.Hostname = "" // Gateway API: no hostname on TCP; Istio ignores it there
	}
	for _, o := range g.Listeners {
		if o.Port != n.Port || o.Protocol != n.Protocol || o.Hostname != n.Hostname {
			continue
		}
		if o.Server != n.Server {
			l.note(rule.ListenerDuplicate, at.Place(), "port %d already serves this host by another server of the Gateway; that one's settings stand.", n.Port)
			continue
		}
		o.AllNamespaces = o.AllNamespaces || n.AllNamespaces
		o.Namespaces = slices.Compact(slices.Sorted(slices.Values(slices.Concat(o.Namespaces, n.Namespaces))))
		return
	}
	if !slices.ContainsFunc(g.Listeners, func(o *Listener) bool {
		return o.Port == n.Port && o.Protocol == n.Protocol && o.Hostname == n.Hostname
	}) {
		g.Listeners = append(g.Listeners, n)
	}
}

// nameListeners gives names that do not depend on the order of servers:
// https-443 where the port has one host, else with the host added.
func nameListeners(listeners []*Listener) {
	type port struct {
		protocol ListenerProtocol
		number   uint32
	}
	hosts := map[port]int{}
	for _, n := range listeners {
		hosts[port{n.Protocol, n.Port}]++
	}
	taken := map[string]bool{}
	for _, n := range listeners {
		n.Name = fmt.Sprintf("%s-%d", strings.ToLower(string(n.Protocol)), n.Port)
		if hosts[port{n.Protocol, n.Port}] > 1 {
			n.Name += "-" + hostLabel(n.Hostname)
		}
		for taken[n.Name] { // two hosts that differ in a character that labels lack
			n.Name += "x"
		}
		taken[n.Name] = true
	}
}

// hostLabel spells a host with the characters of a listener name.
func hostLabel(host string) string {
	if host == "" {
		return "all"
	}
	host = strings.Replace(host, "*.", "any.", 1)
	label := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, host)
	return cmp.Or(strings.Trim(label, "-"), "host")
}

// admits tells whether a route of namespace may attach.
func (n *Listener) admits(namespace string) bool {
	return n.AllNamespaces || slices.Contains(n.Namespaces, namespace)
}

// carries tells which routes attach to a listener.
func (n *Listener) carries(p route.Protocol) bool {
	if n.Withheld || n.Closed || n.HTTPSRedirect {
		return false
	}
	switch p {
	case route.HTTP:
		return n.Protocol == ListenHTTP || n.Protocol == ListenHTTPS
	case route.TLS:
		return n.Protocol == ListenTLS && n.Server.GetTls().GetMode() == networking.ServerTLSSettings_PASSTHROUGH
	case route.TCP:
		return n.Protocol == ListenTCP || n.Protocol == ListenTLS && n.Server.GetTls().GetMode() != networking.ServerTLSSettings_PASSTHROUGH
	}
	panic(fmt.Sprintf("unhandled protocol %q", p))
}

// limitNamespaces narrows listeners that admit all namespaces to the Gateway's
// own when every route of the input that attaches lives there, as its owner
// would: Gateway API's own default is Same.
func (l *linker) limitNamespaces() {
	guests := map[route.Name]bool{} // Gateways with a route; true: from elsewhere
	for _, t := range l.tables {
		for _, e := range t.Entries {
			if !e.Mesh {
				guests[e.Parent] = guests[e.Parent] || t.Name.Namespace != e.Parent.Namespace
			}
		}
	}
	for name, g := range l.gateways {
		if elsewhere, bound := guests[name]; elsewhere || !bound {
			continue
		}
		for _, n := range g.Listeners {
			if n.AllNamespaces {
				n.AllNamespaces, n.Namespaces = false, []string{g.Namespace}
			}
		}
	}
}

// routeProtocol is the kind of routes that attach to n without naming it.
func (n *Listener) routeProtocol() route.Protocol {
	switch n.Protocol {
	case ListenHTTP, ListenHTTPS:
		return route.HTTP
	case ListenTLS:
		return route.TLS
	case ListenTCP:
		return route.TCP
	}
	panic(fmt.Sprintf("unhandled listener protocol %q", n.Protocol))
}
