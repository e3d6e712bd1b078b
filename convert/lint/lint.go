package lint

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Options says how to read the input. The zero value is useful.
type Options struct {
	Namespace        string // of objects that name none; default "default"
	GatewayNamespace string // of the ingress gateway's pods, and Istio's root namespace; default "istio-system"
}

// Config returns what is wrong today with the objects of files, ordered by
// place: the rules of group finding.Config that this package has. What can't be
// read is the conversion's to tell. The error is for a cancelled context.
func Config(ctx context.Context, files []source.File, o Options) ([]finding.Finding, error) {
	o.Namespace = cmp.Or(o.Namespace, "default")
	o.GatewayNamespace = cmp.Or(o.GatewayNamespace, "istio-system")
	docs, _, err := source.Split(ctx, files)
	if err != nil {
		return nil, err
	}
	p := newPass(docs, o)
	for _, check := range checks {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		check(p)
	}
	return finding.Sort(p.found), nil
}

// checks are all checks of this package, in no order that matters.
var checks = []func(*pass){
	(*pass).deadByUnion, (*pass).redirectLoops,
	(*pass).httpRoutes, (*pass).meshRulesAtGateway, (*pass).generatedGateways, (*pass).rulesOnPlainPorts,
	(*pass).destinationRules, (*pass).destinationRulesOfOneHost, (*pass).clientTLS,
	(*pass).gateways, (*pass).gatewaysTogether, (*pass).sameCertificate, (*pass).unboundGateways, (*pass).claimRoutes,
	(*pass).serviceSelectors, (*pass).policySelectors, (*pass).serviceEntries, (*pass).oldVersions,
}

// pass is one run of the checks.
type pass struct {
	*input
	model       *mesh.Model
	routing     *route.Routing
	byHost      map[string][]destinationRule // by resolved host
	wildcards   []string                     // hosts among them, ordered
	hasServices map[string]bool              // namespaces that have a Service in the input
	published   map[route.Name]bool          // Services that are reached from outside of the cluster
	found       []finding.Finding
}

func newPass(docs []*source.Document, o Options) *pass {
	p := &pass{input: newInput(docs, bind(docs), o), model: link(docs, o), byHost: map[string][]destinationRule{}, hasServices: map[string]bool{}, published: map[route.Name]bool{}}
	p.routing = p.model.Routing()
	for _, dr := range p.rules {
		p.byHost[hostOf(dr)] = append(p.byHost[hostOf(dr)], dr)
	}
	for _, host := range sortedKeys(p.byHost) {
		if strings.HasPrefix(host, "*") {
			p.wildcards = append(p.wildcards, host)
		}
	}
	for _, s := range p.services {
		p.published[s.Name] = slices.Contains([]string{"LoadBalancer", "NodePort"}, s.spec().Text("type"))
	}
	for name := range p.model.Services {
		p.hasServices[name.Namespace] = true
	}
	return p
}

func (p *pass) note(r *finding.Rule, at finding.Place, format string, args ...any) *finding.Finding {
	p.found = append(p.found, finding.New(r, at, format, args...))
	return &p.found[len(p.found)-1]
}

// bind types the documents, each on its own; an object that can't be read whole
// is left out, since nobody knows what it means.
func bind(docs []*source.Document) []*istio.Object {
	objects := make([]*istio.Object, len(docs))
	parallel.Each(len(docs), func(i int) { objects[i], _ = istio.Bind(docs[i]) })
	return slices.DeleteFunc(objects, func(o *istio.Object) bool { return o == nil || o.Broken })
}

// link compiles the route tables. It has objects of its own, since linking uses
// them up.
func link(docs []*source.Document, o Options) *mesh.Model {
	objects := make([]*istio.Object, len(docs))
	parallel.Each(len(docs), func(i int) { objects[i], _ = istio.Later(docs[i], false) })
	objects = slices.DeleteFunc(objects, func(o *istio.Object) bool { return o == nil })
	model, _ := mesh.Link(objects, mesh.Options{Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace, Mesh: mesh.GAMMA})
	return model
}

// related adds another place to f.
func related(f *finding.Finding, at finding.Place, message string) {
	f.Related = append(f.Related, finding.Related{Place: at, Message: message})
}
