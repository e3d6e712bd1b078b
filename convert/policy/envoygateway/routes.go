package envoygateway

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// batch makes the resources for the routes of a batch.
type batch struct {
	*Extender
	made gwapi.Made
}

// shape is what of a rule a policy depends on.
type shape struct {
	name     string
	filters  []string // HTTPRouteFilters that it refers to
	backends int
}

// shapes are those of the rules of a route.
func shapes(rt gwapi.Object) []shape {
	switch v := rt.Value.(type) {
	case *gatewayv1.HTTPRoute:
		all := make([]shape, len(v.Spec.Rules))
		for i, r := range v.Spec.Rules {
			all[i] = shape{name: text(r.Name), backends: len(r.BackendRefs)}
			for _, f := range r.Filters {
				if ref := f.ExtensionRef; ref != nil && ref.Group == group && ref.Kind == routeFilter {
					all[i].filters = append(all[i].filters, string(ref.Name))
				}
			}
		}
		return all
	case *gatewayv1.GRPCRoute:
		all := make([]shape, len(v.Spec.Rules))
		for i, r := range v.Spec.Rules {
			all[i] = shape{name: text(r.Name), backends: len(r.BackendRefs)}
		}
		return all
	}
	panic(fmt.Sprintf("unhandled %T", rt.Value))
}

func text(name *gatewayv1.SectionName) string {
	if name == nil {
		return ""
	}
	return string(*name)
}

// member is a rule of a route that a policy is for.
type member struct {
	*plan
	section string
}

// route makes the resources for the rules of a route.
func (b *batch) route(rt gwapi.Extended) {
	var members []member
	var plans []*plan
	named := false
	for i, s := range shapes(rt.Object) {
		act := rt.Actions[i]
		if act == nil {
			continue
		}
		p := b.services.planned(rt.Kind, act)
		b.filter(rt, s, p)
		if p.forwards && s.backends == 0 {
			continue // another finding says why it answers by itself
		}
		named = named || b.named[act]
		plans = append(plans, p)
		if p.traffic != nil {
			members = append(members, member{p, s.name})
		}
	}
	b.policies(rt, members, named, alike(plans))
}

// filter makes the filter that a rule refers to, which one that is withheld for
// another reason does not.
func (b *batch) filter(rt gwapi.Extended, s shape, p *plan) {
	if p.filter == nil {
		return
	}
	for _, name := range s.filters {
		o := gwapi.Object{Kind: routeFilter, Origin: rt.Origin, Value: &HTTPRouteFilter{
			TypeMeta:   typeMeta(routeFilter),
			ObjectMeta: metav1.ObjectMeta{Namespace: rt.Value.GetNamespace(), Name: name},
			Spec:       *p.filter,
		}}
		if strings.HasSuffix(name, filterName("", p.filter)) && !b.taken[o.Key()] {
			b.taken[o.Key()] = true
			b.made.Objects = append(b.made.Objects, o)
		}
	}
}

// policies makes one policy for a route whose rules agree, or else one for all
// rules that are alike. A rule that has no name, where names are needed, is one of
// a bundle that has none: core has written what it can.
func (b *batch) policies(rt gwapi.Extended, members []member, named, agreed bool) {
	var groups [][]member
	at := map[string]int{}
	for _, m := range members {
		if named && m.section == "" {
			b.leave(m.plan)
			continue
		}
		i, ok := at[m.text]
		if !ok {
			i = len(groups)
			at[m.text], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	whole := agreed && len(groups) == 1 && len(groups[0]) == len(members)
	for _, group := range groups {
		b.policy(rt, group, whole)
	}
}

// policy makes one policy for rules that are alike.
func (b *batch) policy(rt gwapi.Extended, group []member, whole bool) {
	name := rt.Value.GetName()
	v := &BackendTrafficPolicy{
		TypeMeta:   typeMeta(trafficPolicy),
		ObjectMeta: metav1.ObjectMeta{Namespace: rt.Value.GetNamespace(), Name: name},
		Spec:       BackendTrafficPolicySpec{Traffic: *group[0].traffic},
	}
	if whole {
		v.Spec.TargetRefs = []TargetRef{{Group: gatewayGroup, Kind: rt.Kind, Name: name}}
	} else {
		v.Name = fit(name, group[0].section)
		for _, m := range group {
			v.Spec.TargetRefs = append(v.Spec.TargetRefs, TargetRef{Group: gatewayGroup, Kind: rt.Kind, Name: name, SectionName: m.section})
		}
	}
	o := gwapi.Object{Kind: trafficPolicy, Value: v, Origin: rt.Origin}
	b.claim(&o)
	b.made.Objects = append(b.made.Objects, o)
	for _, m := range group {
		b.take(m.plan, fmt.Sprintf("%s %s", trafficPolicy, o.Key().Name))
	}
}

// take notes what a policy does for a rule.
func (b *batch) take(p *plan, by string) {
	for _, a := range p.answers {
		if b.done[a] == nil {
			b.done[a] = map[string]bool{}
		}
		b.done[a][by] = true
	}
	for _, a := range p.open {
		b.open[a] = true
	}
	for _, s := range p.counted {
		if s.limits != (finding.Place{}) {
			b.use(s).count(p)
		}
	}
	for _, f := range p.findings {
		if key := (told{f.Rule, f.Place, f.Message}); !b.told[key] {
			b.told[key] = true
			b.made.Findings = append(b.made.Findings, f)
		}
	}
}

// leave notes that no policy is for a rule.
func (b *batch) leave(p *plan) {
	for _, a := range p.answers {
		b.open[a] = true
	}
	for _, a := range p.open {
		b.open[a] = true
	}
}

// use is how rules use a Service whose limits count what is under way.
type use struct {
	rules  int                 // each of which has a cluster of its own
	beside map[route.Name]bool // Services that share it in some rule, the Service itself included
}

func (b *batch) use(s *settings) *use {
	if b.limits[s] == nil {
		b.limits[s] = &use{beside: map[route.Name]bool{}}
	}
	return b.limits[s]
}

func (u *use) count(p *plan) {
	u.rules++
	for _, s := range p.counted {
		u.beside[s.policy.Service] = true
	}
}

// finding says how limits count: today for a port of a Service in each proxy,
// afterwards for the backends of a rule (envoygateway: xds/translator.go, which
// makes a cluster for each rule).
func (u *use) finding(s *settings) (finding.Finding, bool) {
	how := ""
	switch {
	case u.rules > 1 && len(u.beside) > 1:
		how = fmt.Sprintf("for each of %d rules by itself, and for all Services of a rule together", u.rules)
	case u.rules > 1:
		how = fmt.Sprintf("for each of %d rules by itself", u.rules)
	case len(u.beside) > 1:
		how = "for all Services of the rule together"
	default:
		return finding.Finding{}, false
	}
	return finding.New(rule.EnvoyGatewayLimits, s.limits, "limits and ejections count for Service %s as a whole today, and %s afterwards.", s.policy.Service, how), true
}
