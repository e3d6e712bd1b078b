package keep

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// group are DestinationRules that Istio merges: those of a namespace for a host
// with the same visibility and selector (pilot/pkg/model/destination_rule.go,
// mergeDestinationRule). Of policies and of subsets of a name the first counts.
type group struct {
	rules   []*mesh.DestinationRule
	top     *mesh.DestinationRule // that has the policy; nil where none has
	subsets []*subset
	kept    []string // names of what is made of it
}

// subset is one with the rule that defines it.
type subset struct {
	*networking.Subset
	rule *mesh.DestinationRule
}

func grouped(rules []*mesh.DestinationRule) []*group {
	var groups []*group
	byKey := map[string]*group{}
	for _, dr := range rules {
		key := groupKey(dr)
		g := byKey[key]
		if g == nil {
			g = &group{}
			byKey[key] = g
			groups = append(groups, g)
		}
		g.add(dr)
	}
	return groups
}

func groupKey(dr *mesh.DestinationRule) string {
	key := []string{dr.Namespace, dr.Host}
	key = append(key, slices.Compact(slices.Sorted(slices.Values(dr.Spec.ExportTo)))...)
	if s := dr.Spec.WorkloadSelector; s != nil {
		key = append(key, "\x00selects")
		for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
			key = append(key, k, s.MatchLabels[k])
		}
	}
	return strings.Join(key, "\x00")
}

func (g *group) add(dr *mesh.DestinationRule) {
	g.rules = append(g.rules, dr)
	if g.top == nil && dr.Spec.TrafficPolicy != nil {
		g.top = dr
	}
	for _, s := range dr.Spec.Subsets {
		if g.subset(s.GetName()) == nil {
			g.subsets = append(g.subsets, &subset{s, dr})
		}
	}
}

func (g *group) subset(name string) *subset {
	i := slices.IndexFunc(g.subsets, func(s *subset) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return g.subsets[i]
}

func (g *group) policy() *networking.TrafficPolicy {
	if g.top == nil {
		return nil
	}
	return g.top.Spec.TrafficPolicy
}

func (g *group) namespace() string { return g.rules[0].Namespace }

func (g *group) host() string { return g.rules[0].Host }

func (g *group) selecting() bool { return g.rules[0].Spec.WorkloadSelector != nil }

// scope is what hides it from callers; nil where all may see it.
func (g *group) scope() *source.Node {
	spec := g.rules[0].Object.Root.Get("spec")
	switch to := g.rules[0].Spec.ExportTo; {
	case g.selecting():
		return spec.Get("workloadSelector")
	case len(to) > 0 && !slices.Contains(to, "*"):
		return spec.Get("exportTo")
	}
	return nil
}

// private tells whether only callers in the group's own namespace see it
// (pilot/pkg/model/push_context.go, setDestinationRules).
func (g *group) private() bool {
	to := g.rules[0].Spec.ExportTo
	return g.selecting() || len(to) == 1 && (to[0] == "." || to[0] == g.namespace())
}

// shownTo tells whether callers of a namespace may see it.
func (g *group) shownTo(namespace string) bool {
	to := g.rules[0].Spec.ExportTo
	switch {
	case g.private():
		return namespace == g.namespace()
	case len(to) == 0, slices.Contains(to, "*"), slices.Contains(to, namespace):
		return true
	}
	return namespace == g.namespace() && slices.Contains(to, ".")
}

// mostSpecific are the groups for the most specific host that takes one.
func mostSpecific(groups []*group, host string) []*group {
	best := ""
	for _, g := range groups {
		if h := g.host(); h == host || best != host && len(h) > len(best) && route.HostTakes(h, host) {
			best = h
		}
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g *group) bool { return best == "" || g.host() != best })
}

// of are the groups of a namespace.
func (k *keeper) of(namespace string, keep func(*group) bool) []*group {
	var all []*group
	for _, g := range k.groups {
		if g.namespace() == namespace && keep(g) {
			all = append(all, g)
		}
	}
	return all
}

// governing are the groups of a namespace that define the subsets of a Service:
// those for the most specific host, with a selector or without.
func (k *keeper) governing(namespace string, service route.Name, selecting bool) []*group {
	return mostSpecific(k.of(namespace, func(g *group) bool { return g.selecting() == selecting }), fqdn(service))
}
