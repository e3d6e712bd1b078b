package gwapi

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// parentRefs attaches a route to the entries of t.
func (p *pass) parentRefs(t *route.Table) []gatewayv1.ParentReference { return nil }
