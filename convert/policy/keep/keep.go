// Package keep keeps DestinationRules for Istio, which obeys them for routes of
// Gateway API as it does for its own: an HTTPRoute's backendRef becomes the cluster
// of the Service, and a cluster takes its policy from the DestinationRule that the
// proxy sees for the Service's host (pilot/pkg/networking/core/cluster_builder.go,
// applyDestinationRule), at gateways and in sidecars alike.
//
// Routes can't name subsets. Each one that requests go to has a Service, and that
// gets a DestinationRule with the policy of the subset merged over the general one.
package keep

import (
	"fmt"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Extender keeps DestinationRules.
type Extender struct{}

// New returns the Extender.
func New() Extender { return Extender{} }

// Rule does nothing: Istio has no resource that adds to a rule of a route.
func (Extender) Rule(string, *route.Table, *route.Action) gwapi.Extension { return gwapi.Extension{} }

// Routes makes nothing.
func (Extender) Routes(*mesh.Model, []gwapi.Extended) gwapi.Made { return gwapi.Made{} }

// Effects reads nothing: what DestinationRules do is no part of a route's action.
func (Extender) Effects([]gwapi.Object) gwapi.Effect { return nil }

// Outside refers to a host as ServiceEntries know it, which stay: Istio takes kind
// Hostname for it (pilot/pkg/config/kube/gateway/conversion.go, buildDestination).
func (Extender) Outside(o *route.Outside) (gwapi.Outside, bool) {
	return gwapi.Outside{Ref: gatewayv1.BackendObjectReference{
		Group: new(gatewayv1.Group("networking.istio.io")), Kind: new(gatewayv1.Kind("Hostname")),
		Name: gatewayv1.ObjectName(o.Host), Port: new(gatewayv1.PortNumber(o.Port)),
	}, By: "ServiceEntry " + o.Entry.String()}, true
}

// Rest makes the DestinationRules. They have TLS to Services too, so that no
// BackendTLSPolicy is needed: Istio makes a DestinationRule of each, which some of
// its versions take instead of the one that is kept
// (pilot/pkg/model/destination_rule.go, mergeDestinationRule).
func (Extender) Rest(m *mesh.Model) gwapi.Made {
	k := &keeper{model: m, groups: grouped(m.DestinationRules), names: map[route.Name]*group{}, accounts: map[*mesh.DestinationRule][]finding.Finding{}}
	k.made.TLS = true
	for _, dr := range m.DestinationRules {
		k.names[dr.Name] = k.groupOf(dr)
	}
	for _, g := range k.groups {
		k.plan(g)
	}
	k.write()
	k.gateways()
	return k.made
}

// keeper makes the DestinationRules of a model.
type keeper struct {
	model    *mesh.Model
	groups   []*group
	plans    []*plan
	names    map[route.Name]*group // that are taken, and by which; nil for one that is made
	accounts map[*mesh.DestinationRule][]finding.Finding
	made     gwapi.Made
}

func (k *keeper) groupOf(dr *mesh.DestinationRule) *group {
	i := slices.IndexFunc(k.groups, func(g *group) bool { return slices.Contains(g.rules, dr) })
	return k.groups[i]
}

func (k *keeper) note(r *finding.Rule, at finding.Place, format string, args ...any) {
	k.add(finding.New(r, at, format, args...))
}

func (k *keeper) add(f finding.Finding) { k.made.Findings = append(k.made.Findings, f) }

// plan is a DestinationRule to be.
type plan struct {
	group  *group
	from   *mesh.DestinationRule // whose labels and annotations it takes over
	host   string                // as written
	fqdn   string
	subset *subset // nil for the Service as a whole
	ports  []mesh.PortPolicy
	name   string // wanted
}

// plan lists what a group becomes: one for its host, and one for the Service of
// each subset that requests go to.
func (k *keeper) plan(g *group) {
	first := g.rules[0]
	whole := &plan{group: g, from: first, host: first.Spec.Host, fqdn: first.Host, name: first.Name.Name + "-policy"}
	if g.top != nil {
		whole.from, whole.ports = g.top, mesh.MergeSubset(g.top.Spec.TrafficPolicy, nil)
		whole.name = g.top.Name.Name + "-policy"
	}
	k.plans = append(k.plans, whole)
	for _, t := range k.model.SubsetTargets {
		s := g.subset(t.Subset)
		if s == nil || !slices.Contains(k.governing(g.namespace(), t.Service, g.selecting()), g) {
			continue
		}
		p := &plan{group: g, from: s.rule, subset: s, name: t.Target.Name, fqdn: fqdn(t.Target), ports: mesh.MergeSubset(g.policy(), s.TrafficPolicy)}
		p.host = sameForm(first.Spec.Host, t.Target)
		if t.Found {
			k.adopted(p, t)
			continue
		}
		k.plans = append(k.plans, p)
		k.opened(p, t)
	}
}

// opened reports callers that a subset does not exist for today.
func (k *keeper) opened(p *plan, t mesh.SubsetTarget) {
	scope := p.group.scope()
	if scope == nil || slices.ContainsFunc(k.governing(t.Service.Namespace, t.Service, false), func(g *group) bool { return g.scope() == nil && g.subset(t.Subset) != nil }) {
		return
	}
	k.note(rule.SubsetOpened, scope.Place(), "callers that don't see this DestinationRule get 503 by rules that name subset %s today, and reach Service %s afterwards.", t.Subset, t.Target)
}

// adopted reports a subset for which a Service of the input stands.
func (k *keeper) adopted(p *plan, t mesh.SubsetTarget) {
	own := slices.ContainsFunc(k.governing(p.group.namespace(), t.Target, false), func(g *group) bool { return g != p.group && g.top != nil })
	if len(p.ports) == 0 && !own {
		return
	}
	k.note(rule.SubsetAdopted, p.subset.rule.Object.Node(p.subset.Subset).At("name"),
		"requests to subset %s go to Service %s afterwards, which is one of its own: what this DestinationRule says of connections to the subset is not said of those to that Service.", p.subset.Name, t.Target)
}

// write makes the planned ones. One that says nothing is needed where another
// would take its place.
func (k *keeper) write() {
	for _, p := range k.plans {
		if len(p.ports) == 0 && !slices.ContainsFunc(k.plans, func(o *plan) bool { return o.wouldServe(p) }) {
			continue
		}
		v := k.value(p)
		at := p.place()
		k.made.Objects = append(k.made.Objects, gwapi.Object{Kind: kind, Value: v, Origin: gwapi.Origin{Pos: at.Pos, What: p.what()}})
		p.group.kept = append(p.group.kept, v.Name)
		if len(p.ports) > 0 {
			k.answer(p, fmt.Sprintf("%s %s/%s", kind, v.Namespace, v.Name))
		}
	}
	for _, g := range k.groups {
		if len(g.subsets) > 0 && len(g.kept) > 0 {
			at := g.subsets[0].rule.Object.Root.Get("spec").Get("subsets").Place()
			k.note(rule.SubsetsStay, at, "this DestinationRule is kept as %s, without subsets; VirtualServices need those of the old one as long as they are there.", listed(g.kept))
		}
	}
}

// listed names DestinationRules in a sentence.
func listed(names []string) string {
	if len(names) == 1 {
		return kind + " " + names[0]
	}
	return kind + "s " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// wouldServe tells whether callers of other's host would stand under p if other
// were not there.
func (p *plan) wouldServe(other *plan) bool {
	return p != other && len(p.ports) > 0 && route.HostTakes(p.fqdn, other.fqdn)
}

func (p *plan) place() finding.Place {
	if p.subset != nil {
		return p.subset.rule.Object.Node(p.subset.Subset).Place()
	}
	return p.from.Object.Place()
}

// what names where p comes from, for the comment above it.
func (p *plan) what() string {
	what := p.from.Object.Document.Object()
	if p.subset != nil {
		what += ", subset " + p.subset.Name
	}
	return what
}
