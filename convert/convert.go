package convert

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/linkerd"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/mtls"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Options steers a conversion. The zero value converts for Istio's
// GatewayClass and the standard channel of Gateway API 1.7.
type Options struct {
	Namespace        string         // of objects that name none; default "default"
	GatewayClass     string         // default "istio", with a note
	Target           string         // implementation that serves the output, see target.Names; "" follows GatewayClass
	GatewayNamespace string         // of the ingress gateway's pods, where Istio reads its Secrets; default "istio-system"
	Version          target.Version // default 1.7
	Channel          target.Channel // default standard
	Prefix           gwapi.Prefix   // default gwapi.ElementPrefix
	Mesh             mesh.Mode      // default mesh.GAMMA
	MeshGateway      route.Name     // for mesh.OnGateway
	MTLS             *mtls.Issuer   // signs certificates for workloads that lose their proxy; nil: none are written
	Checker          *check.Checker // applies the official CRD schemas to the output; nil for none

	// Unproven leaves out the comparison of what the input and the output decide.
	Unproven bool

	// Pack, if set, makes bytes of each object as soon as it is final, on all
	// cores, and the result has these instead of values: a large output takes a
	// third of the memory.
	Pack func(gwapi.Object) ([]byte, error)

	// Compared, if set, is called with the answers for each part of the input, one
	// part after the other, while the doors still have their lists.
	Compared func([]prove.Result)

	batch int // gwapi.Options.BatchSize, for tests
}

// defaults fills in what the zero value stands for.
func (o Options) defaults() Options {
	o.Namespace = cmp.Or(o.Namespace, "default")
	o.GatewayNamespace = cmp.Or(o.GatewayNamespace, "istio-system")
	o.Version = cmp.Or(o.Version, target.V17)
	o.Channel = cmp.Or(o.Channel, target.Standard)
	o.Mesh = cmp.Or(o.Mesh, mesh.GAMMA)
	return o
}

func (o Options) bundle() target.Bundle {
	return target.Bundle{Version: o.Version, Channel: o.Channel}
}

// Result is what a conversion gives.
type Result struct {
	Read     int // objects of the input, all kinds
	Istio    int // of these, Istio's
	Objects  []gwapi.Object
	Findings []finding.Finding // ordered by place
	Proof    []prove.Result    // the comparison of what the input and the output decide
	Hinted   int               // Services and hosts outside for whose callers hint.Collect has hints
}

// Convert reads files and builds the Gateway API objects that route as they
// do. The error is for a cancelled context and for failures of our own;
// whatever is wrong in the input is a finding.
func Convert(ctx context.Context, files []source.File, o Options) (Result, error) {
	o = o.defaults()
	docs, found, err := source.Split(ctx, files)
	if err != nil {
		return Result{}, err
	}
	var findings finding.List
	findings.Add(found...)
	objects, found := bind(docs, true)
	findings.Add(found...)
	result := Result{Read: len(docs), Istio: ofIstio(docs)}
	unnamed, taken := implied(docs, o.Namespace), reserved(objects, o.Namespace)
	theirs, hints := linkerd.Select(docs, o.Namespace), hint.Scan(docs, o.Namespace)
	secured := o.identities(docs)
	docs = nil // Link lets go of what the model does not need
	extend, extends := o.extender()
	model, found := mesh.Link(objects, mesh.Options{
		Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace, Mesh: o.Mesh, MeshGateway: o.MeshGateway, Policies: extends,
	})
	findings.Add(found...)
	findings.Add(linkerd.Add(model, theirs, linkerd.Options{Namespace: o.Namespace, Mesh: o.Mesh, Target: o.Target})...)
	findings.Add(hints.Multiply(model)...)
	result.Hinted = hints.Callees(model, o.Mesh)
	findings.Add(secured.plan(model)...)
	proven, last := newProof(model, findings.Parts(), o), finisher{Options: o, unnamed: unnamed}
	answered := carried{}
	how := gwapi.Options{
		Extend: extend, Carried: answered.add,
		GatewayClass: o.GatewayClass, Target: o.Target, Bundle: o.bundle(), Prefix: o.Prefix, Reserved: taken,
		Finish: last.finish, Findings: &findings, BatchSize: o.batch, With: secured.Objects, Clients: secured.Clients,
	}
	if !o.Unproven {
		how.Prove = proven.batch
	}
	built, _ := gwapi.Build(model, how)
	if last.err != nil {
		return Result{}, last.err
	}
	findings.Add(proven.end()...)
	all := answered.settle(findings.All())
	mtls.Settle(all, secured.result(), o.Target)
	result.Objects, result.Findings, result.Proof = built, finding.Sort(o.waysOut(all)), proven.results
	return result, ctx.Err()
}

// ofIstio counts the objects of Istio's API groups.
func ofIstio(docs []*source.Document) int {
	count := 0
	for _, d := range docs {
		if group, _, ok := strings.Cut(d.APIVersion, "/"); ok && strings.HasSuffix("."+group, ".istio.io") {
			count++
		}
	}
	return count
}

// bind types and, if asked to, accounts the documents, each on its own; for the
// kinds that are many, Link does so when their turn comes.
func bind(docs []*source.Document, account bool) ([]*istio.Object, []finding.Finding) {
	objects := make([]*istio.Object, len(docs))
	found := make([][]finding.Finding, len(docs))
	parallel.Each(len(docs), func(i int) { objects[i], found[i] = istio.Later(docs[i], account) })
	return slices.DeleteFunc(objects, func(o *istio.Object) bool { return o == nil }), slices.Concat(found...)
}

// reserved are the names that objects of the input hold already.
func reserved(objects []*istio.Object, namespace string) map[gwapi.Key]bool {
	taken := map[gwapi.Key]bool{}
	for _, o := range objects {
		if o.Spec == nil && !o.Unread() {
			taken[gwapi.Key{Kind: o.Kind, Name: route.Name{Namespace: cmp.Or(o.Document.Namespace, namespace), Name: o.Document.Name}}] = true
		}
	}
	return taken
}

// implied tells whether namespace stands for "none written": some object names
// no namespace, and none names this one.
func implied(docs []*source.Document, namespace string) bool {
	none := false
	for _, d := range docs {
		if d.Namespace == namespace {
			return false
		}
		none = none || d.Namespace == ""
	}
	return none
}
