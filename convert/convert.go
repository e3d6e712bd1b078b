package convert

import (
	"context"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Options steers a conversion. The zero value converts for Istio's
// GatewayClass and the standard channel of Gateway API 1.7.
type Options struct {
	Namespace        string         // of objects that name none; default "default"
	GatewayClass     string         // default "istio"
	GatewayNamespace string         // of the ingress gateway's pods, where Istio reads its Secrets; default "istio-system"
	Version          target.Version // default 1.7
	Channel          target.Channel // default standard
	Mesh             mesh.Mode      // default mesh.GAMMA
	MeshGateway      route.Name     // for mesh.OnGateway
	Check            bool           // apply the official CRD schemas to the output
}

// Result is what a conversion gives.
type Result struct {
	Read     int // objects of the input, all kinds
	Objects  []gwapi.Object
	Findings []finding.Finding // ordered by place
}

// Convert reads files and builds the Gateway API objects that route as they
// do. The error is for a cancelled context; whatever is wrong in the input is a
// finding.
func Convert(ctx context.Context, files []source.File, o Options) (Result, error) {
	panic("not built yet")
}
