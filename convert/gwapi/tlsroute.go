package gwapi

import (
	"net/netip"
	"regexp"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// tlsRoutes builds the TLSRoutes for t: one for each rule, since a TLSRoute has
// exactly one, and more where the hosts or the parents do not fit into one.
func (p *pass) tlsRoutes(t *route.Table) []Object {
	apiVersion, ok := p.l4Version(t, "TLSRoute", target.TLSRoutes)
	if !ok {
		return nil
	}
	limits := p.opts.Bundle.Limits()
	refs := p.parentRefs(t)
	var objects []Object
	for i := range t.Rules {
		r := &t.Rules[i]
		hosts := p.sniHosts(t, r)
		backends, ok := p.l4Rule(t, r, "TLSRoute")
		if !ok || len(refs) == 0 || len(hosts) == 0 {
			continue
		}
		for _, parents := range parts(refs, limits.ParentRefs) {
			for _, hosts := range parts(hosts, limits.TLSHostnames) {
				v := &gatewayv1.TLSRoute{ObjectMeta: p.routeMeta(t.From, t.Name.Namespace)}
				v.APIVersion, v.Kind = apiVersion, "TLSRoute"
				v.Spec.ParentRefs, v.Spec.Hostnames = parents, hosts
				v.Spec.Rules = []gatewayv1.TLSRouteRule{{BackendRefs: backends}}
				objects = append(objects, Object{Kind: v.Kind, Value: v, Origin: l4Origin(t, r)})
			}
		}
	}
	return objects
}

// sniHost is what a TLSRoute takes as a hostname; its CRD refuses addresses.
var sniHost = regexp.MustCompile(`^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// sniHosts returns the names that a TLSRoute can say; the others are left out,
// so that their connections find no route.
func (p *pass) sniHosts(t *route.Table, r *route.Rule) []gatewayv1.Hostname {
	if len(t.Hosts) == 0 {
		p.note(rule.L4AnySNI, r.From.Place(), "a TLSRoute has to name its hosts; the rule is withheld, and its connections %s.", unrouted(t))
		return nil
	}
	var hosts []gatewayv1.Hostname
	for _, h := range t.Hosts {
		_, err := netip.ParseAddr(h)
		if !sniHost.MatchString(source.Filled(h)) || err == nil {
			p.note(rule.L4AnySNI, r.From.At("sniHosts"), "a TLSRoute can't name %q; connections to it %s.", h, unrouted(t))
			continue
		}
		hosts = append(hosts, gatewayv1.Hostname(h))
	}
	return hosts
}
