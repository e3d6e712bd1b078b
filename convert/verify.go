package convert

import (
	"context"
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/linkerd"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// VerifyOptions steers a comparison.
type VerifyOptions struct {
	Namespace        string         // of objects that name none; default "default"
	GatewayNamespace string         // of the ingress gateway's pods; default "istio-system"
	Ranking          target.Ranking // of regular expressions among paths; the zero value leaves it open
}

// Side is what one set of manifests decides: Istio's objects, Gateway API's, or
// some of both.
type Side struct {
	Read     int // objects, all kinds
	Routing  *route.Routing
	Findings []finding.Finding // of reading it; an error says that the routing is not all there is
}

// Verification is the comparison of two sides.
type Verification struct {
	Before, After Side
	Results       []prove.Result // by door and host
}

// Unread are the findings that say that a side could not be read as a whole.
func (v Verification) Unread() []finding.Finding {
	return slices.DeleteFunc(slices.Concat(v.Before.Findings, v.After.Findings), func(f finding.Finding) bool {
		return f.Rule.Severity < finding.Error
	})
}

// Verify compares all that two sides decide. The error is for a cancelled
// context and for failures of our own.
func Verify(ctx context.Context, before, after []source.File, o VerifyOptions) (Verification, error) {
	b, err := ReadSide(ctx, before, nil, o)
	if err != nil {
		return Verification{}, err
	}
	a, err := ReadSide(ctx, after, b.Routing.Pods, o)
	if err != nil {
		return Verification{}, err
	}
	return Verification{Before: b, After: a, Results: prove.Compare(b.Routing, a.Routing, prove.Options{})}, ctx.Err()
}

// ReadSide reads files as one side. beside are the Services of the other side,
// or nil: they stay where they are unless files have their own of that name.
func ReadSide(ctx context.Context, files []source.File, beside map[route.Name]route.Pods, o VerifyOptions) (Side, error) {
	converted := Options{Namespace: o.Namespace, GatewayNamespace: o.GatewayNamespace}.defaults()
	docs, findings, err := source.Split(ctx, files)
	if err != nil {
		return Side{}, err
	}
	objects, found := bind(docs, false)
	findings = append(findings, slices.DeleteFunc(found, func(f finding.Finding) bool { return slices.Contains(policies, f.Rule) })...)
	model, found := mesh.Link(objects, mesh.Options{
		Namespace: converted.Namespace, GatewayNamespace: converted.GatewayNamespace, Mesh: mesh.GAMMA,
	})
	found = append(found, linkerd.Add(model, linkerd.Select(docs, converted.Namespace), linkerd.Options{Namespace: converted.Namespace, Whole: true})...)
	findings = append(findings, slices.DeleteFunc(found, func(f finding.Finding) bool { return !withholds(f.Rule) })...)
	var written []gwapi.Object
	for _, d := range docs {
		obj, found, ok := gwapi.Bind(d)
		if !ok && len(found) == 0 {
			obj, found, ok = policy.Bind(d)
		}
		findings = append(findings, found...)
		if ok {
			written = append(written, obj)
		}
	}
	own := model.Routing()
	routing, found := gwapi.Read(written, gwapi.ReadOptions{Namespace: converted.Namespace, Ranking: o.Ranking, Services: beside, Outside: own.Outside, Effects: policy.Effects})
	findings = append(findings, found...)
	return Side{Read: len(docs), Routing: join(own, routing, beside), Findings: finding.Sort(findings)}, ctx.Err()
}

// policies are kinds that refuse requests and route none, which is not compared.
var policies = []*finding.Rule{rule.AuthorizationPolicy, rule.RequestAuthentication, rule.PeerAuthentication, rule.PeerAuthenticationOpen}

// withholds tells whether a finding of the link stage says that rules are not in
// the tables. The others speak of what the tables become in Gateway API, which
// is no matter here.
func withholds(r *finding.Rule) bool {
	return slices.Contains(r.Admits, finding.HostServed) || len(r.Admits) >= len(finding.Decisions())
}

// join puts the doors of two routings side by side; of the Services those of
// beside count least.
func join(istio, gateway *route.Routing, beside map[route.Name]route.Pods) *route.Routing {
	all := &route.Routing{Doors: slices.Concat(istio.Doors, gateway.Doors), Pods: map[route.Name]route.Pods{}}
	for _, pods := range []map[route.Name]route.Pods{beside, gateway.Pods, istio.Pods} {
		maps.Copy(all.Pods, pods)
	}
	slices.SortStableFunc(all.Doors, route.CompareDoors)
	return all
}
