package envoygateway

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

const gatewayGroup = gatewayv1.GroupName

// Extender writes Envoy Gateway's resources.
type Extender struct {
	services *services
	named    map[*route.Action]bool // the rules need names, since others of their table need other policies; read only after Rest
	taken    map[gwapi.Key]bool     // names of resources
	told     map[told]bool          // findings, of which several rules have the same

	done   map[answer]map[string]bool // findings that resources answer, by the resources
	open   map[answer]bool            // findings that stay
	limits map[*settings]*use         // those that count what is under way
}

type told struct {
	rule    *finding.Rule
	at      finding.Place
	message string
}

// New returns the Extender of one conversion.
func New() *Extender {
	return &Extender{
		services: &services{model: &mesh.Model{}, known: map[wanted]*settings{}},
		named:    map[*route.Action]bool{}, taken: map[gwapi.Key]bool{}, told: map[told]bool{},
		done: map[answer]map[string]bool{}, open: map[answer]bool{}, limits: map[*settings]*use{},
	}
}

// Rest makes the policies for listeners. Those for Services hang on routes: it
// settles which of their rules need names.
func (e *Extender) Rest(m *mesh.Model) gwapi.Made {
	e.services.model = m
	e.name(m.Tables)
	var made gwapi.Made
	for _, g := range m.Gateways {
		one := clients(g)
		for i := range one.Objects {
			e.claim(&one.Objects[i])
		}
		made.Objects = append(made.Objects, one.Objects...)
		made.Carried = append(made.Carried, one.Carried...)
	}
	return made
}

// name finds the actions whose rules need names. An action may stand in several
// tables, so a table with one of those is named as a whole.
func (e *Extender) name(tables []*route.Table) {
	for changed := true; changed; {
		changed = false
		for _, t := range tables {
			acts := actionsOf(t)
			if len(acts) == 0 || !slices.ContainsFunc(acts, func(a *route.Action) bool { return !e.named[a] }) {
				continue
			}
			if slices.ContainsFunc(acts, func(a *route.Action) bool { return e.named[a] }) || !e.agree(acts) {
				for _, a := range acts {
					e.named[a] = true
				}
				changed = true
			}
		}
	}
}

// actionsOf are the actions of a table, each once; none for one of the mesh, which
// Envoy Gateway does not serve.
func actionsOf(t *route.Table) []*route.Action {
	if t.Protocol != route.HTTP || slices.ContainsFunc(t.Entries, func(e route.Entry) bool { return e.Mesh }) {
		return nil
	}
	seen := map[*route.Action]bool{}
	var all []*route.Action
	for i := range t.Rules {
		if a := t.Rules[i].Action; a != nil && !seen[a] {
			seen[a] = true
			all = append(all, a)
		}
	}
	return all
}

// agree tells whether one policy does for all rules, whatever kind the route gets.
func (e *Extender) agree(acts []*route.Action) bool {
	for _, kind := range []string{"HTTPRoute", "GRPCRoute"} {
		all := make([]*plan, len(acts))
		for i, a := range acts {
			all[i] = e.services.planned(kind, a)
		}
		if !alike(all) {
			return false
		}
	}
	return true
}

// alike tells whether one policy does for all plans. Rules that need none can bear
// one that changes nothing for them: all but a fault.
func alike(plans []*plan) bool {
	var first *plan
	for _, p := range plans {
		switch {
		case p.traffic == nil:
		case first == nil:
			first = p
		case p.text != first.text:
			return false
		}
	}
	return first == nil || first.traffic.FaultInjection == nil || !slices.ContainsFunc(plans, func(p *plan) bool { return p.traffic == nil })
}

// Rule refers from the rules of act to the filter that they need, and asks for
// names where policies have to tell them apart.
func (e *Extender) Rule(kind string, t *route.Table, act *route.Action) gwapi.Extension {
	p := e.services.planned(kind, act)
	x := gwapi.Extension{Does: p.does, Named: p.traffic != nil && slices.ContainsFunc(t.Rules, func(r route.Rule) bool { return e.named[r.Action] })}
	if p.filter != nil {
		x.Filters = []gatewayv1.HTTPRouteFilter{{
			Type: gatewayv1.HTTPRouteFilterExtensionRef,
			ExtensionRef: &gatewayv1.LocalObjectReference{
				Group: group, Kind: routeFilter, Name: gatewayv1.ObjectName(filterName(t.Name.Name, p.filter)),
			},
		}}
	}
	return x
}

// Routes makes the resources for routes of a batch. The last batch, which has no
// tables, settles what became of findings that are about Services.
func (e *Extender) Routes(m *mesh.Model, routes []gwapi.Extended) gwapi.Made {
	b := &batch{Extender: e}
	for _, rt := range routes {
		b.route(rt)
	}
	if len(m.Tables) == 0 {
		b.settle()
	}
	return b.made
}

// Effects reads what HTTPRouteFilters and BackendTrafficPolicies do for rules.
func (*Extender) Effects(objects []gwapi.Object) gwapi.Effect { return Effects(objects) }

var _ gwapi.Extender = (*Extender)(nil)

// claim gives o a name that no resource of its kind has.
func (e *Extender) claim(o *gwapi.Object) {
	base := o.Value.GetName()
	for n := 2; e.taken[o.Key()]; n++ {
		o.Value.SetName(fit(base, fmt.Sprint(n)))
	}
	e.taken[o.Key()] = true
}

// settle takes findings back that resources answer for every rule that is
// written, and reports limits that count in another way.
func (b *batch) settle() {
	for a, by := range b.done {
		if b.open[a] {
			continue
		}
		for name := range by {
			b.made.Carried = append(b.made.Carried, gwapi.Carried{Rule: a.rule, At: a.at, By: name})
		}
	}
	var found []finding.Finding
	for s, u := range b.limits {
		if f, ok := u.finding(s); ok {
			found = append(found, f)
		}
	}
	b.made.Findings = append(b.made.Findings, finding.Sort(found)...)
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

const (
	hashLength = 8
	nameLength = 253 // of names in Kubernetes
)

// filterName is the name of a filter for rules of an object: what it says decides
// its end, so that rules that need the same share it.
func filterName(of string, spec *HTTPRouteFilterSpec) string {
	sum := sha256.Sum256([]byte(encoded(spec)))
	return fit(of, hex.EncodeToString(sum[:])[:hashLength])
}

// fit joins two names, and cuts the first where both are too long.
func fit(name, end string) string {
	if len(end) > nameLength/2 {
		sum := sha256.Sum256([]byte(end))
		end = hex.EncodeToString(sum[:])[:hashLength]
	}
	return strings.TrimRight(name[:min(len(name), nameLength-1-len(end))], "-.") + "-" + end
}
