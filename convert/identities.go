package convert

import (
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/mtls"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// meshRoot is the namespace whose PeerAuthentications are for the whole mesh,
// where MeshConfig names no other.
const meshRoot = "istio-system"

// identities are those that lose their proxies; empty unless certificates are
// asked for.
type identities struct {
	mtls.Result
	issuer *mtls.Issuer
	input  *mtls.Input
}

// identities takes what it needs out of docs.
func (o Options) identities(docs []*source.Document) *identities {
	if o.MTLS == nil {
		return &identities{}
	}
	return &identities{issuer: o.MTLS, input: mtls.Read(docs, o.Namespace)}
}

// plan adds the policies by which gateways verify Services to m.
func (i *identities) plan(m *mesh.Model) []finding.Finding {
	if i.issuer == nil {
		return nil
	}
	var found []finding.Finding
	i.Result, found = mtls.Plan(m, i.input, mtls.Options{Issuer: *i.issuer, RootNamespace: meshRoot})
	return found
}

// result is nil where no certificates are asked for.
func (i *identities) result() *mtls.Result {
	if i.issuer == nil {
		return nil
	}
	return &i.Result
}
