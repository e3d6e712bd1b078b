package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// backendRef refers to the Service port of b from a route of the given kind for
// t, and asks for a ReferenceGrant where one is needed. ok is false when b is
// not a Service port; a finding of the linker says why.
func (p *pass) backendRef(b route.Backend, t *route.Table, kind string) (ref gatewayv1.BackendObjectReference, ok bool) {
	return ref, false
}
