package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// tcpRoutes builds the TCPRoutes for t: one for each rule, since a TCPRoute has
// exactly one.
func (p *pass) tcpRoutes(t *route.Table) []Object {
	apiVersion, ok := p.l4Version(t, "TCPRoute", target.TCPRoutes)
	if !ok {
		return nil
	}
	refs := p.parentRefs(t)
	var objects []Object
	for i := range t.Rules {
		r := &t.Rules[i]
		backends, ok := p.l4Rule(t, r, "TCPRoute")
		if !ok || len(refs) == 0 {
			continue
		}
		for _, parents := range parts(refs, p.opts.Bundle.Limits().ParentRefs) {
			v := &gatewayv1.TCPRoute{ObjectMeta: p.routeMeta(t.From, t.Name.Namespace)}
			v.APIVersion, v.Kind = apiVersion, "TCPRoute"
			v.Spec.ParentRefs = parents
			v.Spec.Rules = []gatewayv1.TCPRouteRule{{BackendRefs: backends}}
			objects = append(objects, Object{Kind: v.Kind, Value: v, Origin: l4Origin(t, r)})
		}
	}
	return objects
}
