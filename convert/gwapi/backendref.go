package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// backendRef refers to the Service port of b from a route of the given kind for
// t, and asks for a ReferenceGrant where one is needed. ok is false when b is
// not a Service port; a finding of the linker says why.
func (p *pass) backendRef(b route.Backend, t *route.Table, kind string) (ref gatewayv1.BackendObjectReference, ok bool) {
	if b.Broken {
		return p.outsideRef(b, t, kind)
	}
	if b.Port == 0 {
		return ref, false
	}
	ref = gatewayv1.BackendObjectReference{
		Group: new(gatewayv1.Group("")),
		Kind:  new(gatewayv1.Kind("Service")),
		Name:  gatewayv1.ObjectName(b.Service.Name),
		Port:  new(gatewayv1.PortNumber(b.Port)),
	}
	if b.Service.Namespace != t.Name.Namespace {
		ref.Namespace = new(gatewayv1.Namespace(b.Service.Namespace))
		if onGateway(t) {
			p.grants = append(p.grants, grant{
				fromKind: kind, fromNamespace: t.Name.Namespace, toKind: "Service", to: b.Service,
				origin: Origin{Pos: b.From.Place().Pos, What: t.From.Document().Object() + ", destination"},
			})
		}
	}
	return ref, true
}

// onGateway tells whether a route for t attaches to a Gateway. In the mesh a
// backend in another namespace needs no ReferenceGrant (GEP-1294): callers may
// send there anyway.
func onGateway(t *route.Table) bool {
	for _, e := range t.Entries {
		if !e.Mesh {
			return true
		}
	}
	return false
}
