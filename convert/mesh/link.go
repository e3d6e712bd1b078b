package mesh

import (
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// Mode says what becomes of VirtualServices that apply in the mesh.
type Mode string

// The modes.
const (
	GAMMA     Mode = "gamma"   // routes on Services
	OnGateway Mode = "gateway" // routes on an internal Gateway
	Off       Mode = "off"     // reported only
)

// Options says how to link.
type Options struct {
	Namespace        string // of objects that name none
	GatewayNamespace string // of gateway pods that the input does not show
	Mesh             Mode
	MeshGateway      route.Name // for OnGateway
}

// Link resolves all references and compiles the tables.
func Link(objects []*istio.Object, o Options) (*Model, []finding.Finding) {
	panic("not built yet")
}
