package gwapi

import (
	"net"
	"slices"
	"strconv"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// redirect builds the filter apart from its path. ok is false when the Location
// can't be said.
func (p *pass) redirect(t *route.Table, r *route.Redirect) (*gatewayv1.HTTPRequestRedirectFilter, bool) {
	out := &gatewayv1.HTTPRequestRedirectFilter{}
	code, ok := p.redirectCode(r)
	if !ok {
		return nil, false
	}
	out.StatusCode = &code
	switch r.Scheme {
	case "":
	case "http", "https":
		out.Scheme = &r.Scheme
	default:
		p.note(rule.RedirectLost, r.From.At("scheme"), "requests are redirected to scheme %s today; Gateway API takes http and https, so the rule answers 500.", r.Scheme)
		return nil, false
	}
	host, port := splitAuthority(r.Authority)
	if host != "" {
		name, ok := dnsName(host)
		if !ok {
			p.note(rule.RedirectLost, r.From.At("authority"), "requests are redirected to host %s today; Gateway API takes DNS names only, so the rule answers 500.", r.Authority)
			return nil, false
		}
		if net.ParseIP(host) != nil {
			p.note(rule.RedirectDiffers, r.From.At("authority"), "the redirect names the address %s; Gateway API asks for a DNS name, and an implementation may refuse it.", host)
		}
		out.Hostname = name
	}
	if r.Port == 0 && port != 0 {
		out.Port = portNumber(port)
		return out, true
	}
	out.Port = p.redirectPort(t, r)
	return out, true
}

// redirectCode is the status. Istio makes a route without action of any other
// code, and Envoy refuses the whole table (core/route/route.go, ApplyRedirect).
func (p *pass) redirectCode(r *route.Redirect) (int, bool) {
	code := int(r.Code)
	if code == 0 {
		code = 301
	}
	at := r.From.At("redirectCode")
	if !slices.Contains([]int{301, 302, 303, 307, 308}, code) {
		p.note(rule.RedirectLost, at, "Istio knows no redirect with status %d and Envoy refuses the routes of this host; the rule answers 500.", code)
		return 0, false
	}
	if code <= 302 || p.opts.Bundle.Has(target.RedirectCodes) {
		return code, true
	}
	near := map[int]int{303: 302, 307: 302, 308: 301}[code]
	p.note(rule.RedirectDiffers, at, "the redirect has status %d today and %d afterwards, since Gateway API %s has no other; a client may repeat the request with another method.", code, near, p.opts.Bundle)
	return near, true
}

// splitAuthority parts host:port; port is 0 when there is none.
func splitAuthority(authority string) (host string, port uint32) {
	host, digits, ok := strings.Cut(authority, ":")
	if !ok || strings.Contains(digits, ":") { // IPv6 is no DNS name anyway
		return authority, 0
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return authority, 0
	}
	return host, uint32(n)
}

func portNumber(n uint32) *gatewayv1.PortNumber {
	port := gatewayv1.PortNumber(n)
	return &port
}

// redirectPort is the port to write, or nil where Gateway API's default is
// today's port: that of the scheme when one is named, else that of the listener
// (httproute_types.go, HTTPRequestRedirectFilter.Port). Istio's default is the
// port of the Host header, which is gone with the host when another is named.
func (p *pass) redirectPort(t *route.Table, r *route.Redirect) *gatewayv1.PortNumber {
	if r.Port != 0 {
		if r.Authority == "" && isDefault(r.Port, r.Scheme == "https" || r.Scheme == "" && r.Port == 443) {
			p.noteHostPort(r)
		}
		return portNumber(r.Port)
	}
	doors := p.doors(t)
	switch {
	case r.PortSource == route.ListenerPort && r.Scheme == "":
		return nil
	case r.PortSource == route.ListenerPort:
		return p.listenerPort(doors, r)
	case r.Authority == "":
		p.noteHostPort(r)
		return nil
	case r.Scheme != "":
		return nil
	}
	return p.schemePort(doors, r)
}

func (p *pass) noteHostPort(r *route.Redirect) {
	after := "that of the listener"
	if r.Scheme != "" || r.Port != 0 {
		after = "that of the scheme"
	}
	p.note(rule.RedirectHostPort, r.From.Place(), "a request whose Host names an unusual port keeps it in the Location today; afterwards the port is %s.", after)
}

// listenerPort keeps the listener's port beside another scheme.
func (p *pass) listenerPort(doors []door, r *route.Redirect) *gatewayv1.PortNumber {
	port := doors[0].port
	if port == 0 || slices.ContainsFunc(doors, func(d door) bool { return d.port != port }) {
		p.note(rule.RedirectPort, r.From.At("derivePort"), "the redirect keeps the port of the listener today; the rule serves several, so Gateway API writes the port of scheme %s.", r.Scheme)
		return nil
	}
	if isDefault(port, r.Scheme == "https") {
		return nil
	}
	return portNumber(port)
}

// schemePort keeps the Location without a port where the listener has an
// unusual one.
func (p *pass) schemePort(doors []door, r *route.Redirect) *gatewayv1.PortNumber {
	if !slices.ContainsFunc(doors, func(d door) bool { return d.port != 0 && !isDefault(d.port, d.https) }) {
		return nil
	}
	if slices.ContainsFunc(doors, func(d door) bool { return d.https != doors[0].https }) {
		p.note(rule.RedirectPort, r.From.At("authority"), "the Location has no port today; the rule serves http and https on unusual ports, so Gateway API writes the port of the listener.")
		return nil
	}
	if doors[0].https {
		return portNumber(443)
	}
	return portNumber(80)
}

func isDefault(port uint32, https bool) bool {
	return https && port == 443 || !https && port == 80
}

// door is a port by which requests reach a table.
type door struct {
	port  uint32 // 0: not known
	https bool
}

// doors are the ports of t; there is at least one.
func (p *pass) doors(t *route.Table) []door {
	var all []door
	for _, e := range t.Entries {
		listeners := p.listenersOf(e)
		for _, l := range listeners {
			all = append(all, door{l.Port, l.Protocol == mesh.ListenHTTPS})
		}
		if len(listeners) == 0 {
			all = append(all, door{port: e.Port, https: e.Port == 443})
		}
	}
	if len(all) == 0 {
		return []door{{}}
	}
	return all
}

// listenersOf are the listeners that e stands for; none for a Service or an
// unknown Gateway.
func (p *pass) listenersOf(e route.Entry) []*mesh.Listener {
	var all []*mesh.Listener
	for _, g := range p.model.Gateways {
		if e.Mesh || g.Name != e.Parent {
			continue
		}
		for _, l := range g.Listeners {
			if (e.Section == "" || l.Name == e.Section) && (e.Port == 0 || l.Port == e.Port) && (l.Protocol == mesh.ListenHTTP || l.Protocol == mesh.ListenHTTPS) {
				all = append(all, l)
			}
		}
	}
	return all
}
