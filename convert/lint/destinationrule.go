package lint

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"google.golang.org/protobuf/proto"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

type destinationRule = object[*networking.DestinationRule]

// hostOf is the resolved host of dr.
func hostOf(dr destinationRule) string { return mesh.ResolveHost(dr.spec.Host, dr.Namespace) }

// rulesFor are the DestinationRules for a Service: those for its name, or else
// those with the longest wildcard that covers it.
func (p *pass) rulesFor(service route.Name) []destinationRule {
	host := mesh.ResolveHost(service.Name, service.Namespace)
	if rules := p.byHost[host]; len(rules) > 0 {
		return rules
	}
	best := ""
	for _, w := range p.wildcards {
		if route.HostTakes(w, host) && len(w) > len(best) {
			best = w
		}
	}
	return p.byHost[best]
}

// destinationRules looks at each DestinationRule on its own.
func (p *pass) destinationRules() {
	routed := p.routedSubsets()
	for _, dr := range p.rules {
		if dr.spec.Host == "" {
			continue // refused by Istio
		}
		p.unknownHost(dr)
		p.repeatedSubsets(dr)
		name, svc := p.service(dr.spec.Host, dr.Namespace)
		if svc == nil {
			continue
		}
		p.unknownPorts(dr, svc)
		if len(dr.spec.Subsets) > 1 && !slices.ContainsFunc(dr.spec.Subsets, func(s *networking.Subset) bool { return p.hasPodsOf(s, svc) }) {
			continue // where none fits, the workloads may be those of another stage
		}
		for i, s := range dr.spec.Subsets {
			at := child(dr.Root.Get("spec"), "subsets", i)
			all := p.emptySubset(s, svc)
			switch {
			case all == nil:
			case routed[subsetKey{hostOf(dr), s.Name}]:
				p.note(rule.SubsetWithoutPods, at.At("labels"), "requests to subset %s of Service %s get 503: none of its workloads (%s) makes pods labelled %s.", s.Name, name, names(all), canonical(s.Labels))
			default:
				p.note(rule.SubsetUnused, at.At("name"), "subset %s of %s is for nothing: no VirtualService of the input sends to it, and no workload makes pods for it.", s.Name, dr.spec.Host)
			}
		}
	}
}

// unknownHost finds a DestinationRule for a host that Istio does not know, where
// the input shows that its neighbours are given.
func (p *pass) unknownHost(dr destinationRule) {
	host := hostOf(dr)
	if host == "" || strings.Contains(host, "*") || source.Placeholder(host) != "" || p.isEntry(host) {
		return
	}
	at := dr.Root.Get("spec").At("host")
	name, isService := mesh.ResolveService(host)
	if !isService {
		p.partialHost(dr, host, at)
		return
	}
	if p.model.Services[name] == nil && p.hasServices[name.Namespace] && !p.installed(name) {
		p.note(rule.UnknownHost, at, "this DestinationRule applies to nothing: Service %s is not in the input, though others of its namespace are.", name)
	}
}

// installed tells whether a Service may come from an installer, whose objects no
// repository has to hold: of Istio, of Kubernetes.
func (p *pass) installed(name route.Name) bool {
	return name.Namespace == p.opts.GatewayNamespace || strings.HasPrefix(name.Namespace, "kube-") || name == route.Name{Namespace: "default", Name: "kubernetes"}
}

// partialHost names NAME.NAMESPACE and NAME.NAMESPACE.svc, which Kubernetes' DNS
// resolves and Istio does not (pilot/pkg/model/config.go ResolveShortnameToFQDN).
func (p *pass) partialHost(dr destinationRule, host string, at finding.Place) {
	for _, suffix := range []string{".svc.cluster.local", ".cluster.local"} {
		name, ok := mesh.ResolveService(host + suffix)
		if ok && p.model.Services[name] != nil {
			f := p.note(rule.UnknownHost, at, "this DestinationRule applies to nothing: Istio does not take %s for Service %s.", dr.spec.Host, name)
			*f = f.WithHint("Write %s.%s.svc.cluster.local.", name.Name, name.Namespace)
			return
		}
	}
}

// isEntry tells whether a ServiceEntry of the input has a host.
func (p *pass) isEntry(host string) bool {
	return slices.ContainsFunc(p.entries, func(e object[*networking.ServiceEntry]) bool {
		return slices.ContainsFunc(e.spec.Hosts, func(h string) bool { return route.HostTakes(strings.ToLower(h), host) })
	})
}

// repeatedSubsets finds subsets of one name, of which the first counts
// (pilot/pkg/networking/core/cluster_builder.go makes a cluster for each).
func (p *pass) repeatedSubsets(dr destinationRule) {
	first := map[string]int{}
	for i, s := range dr.spec.Subsets {
		at := child(dr.Root.Get("spec"), "subsets", i)
		j, seen := first[s.Name]
		if !seen {
			first[s.Name] = i
			continue
		}
		before := child(dr.Root.Get("spec"), "subsets", j).Place()
		f := p.note(rule.SubsetTwice, at.At("name"), "subset %s is defined at %s already: requests to it go to the pods of only one of them.", s.Name, spot(before, at.Place()))
		related(f, before, "the same name")
	}
}

// unknownPorts finds settings for a port that the Service does not have.
func (p *pass) unknownPorts(dr destinationRule, svc *mesh.Service) {
	policies := []*networking.TrafficPolicy{dr.spec.TrafficPolicy}
	for _, s := range dr.spec.Subsets {
		policies = append(policies, s.TrafficPolicy)
	}
	for _, policy := range policies {
		for _, own := range policy.GetPortLevelSettings() {
			n := own.GetPort().GetNumber()
			if n == 0 || len(svc.Ports) == 0 || slices.ContainsFunc(svc.Ports, func(s mesh.ServicePort) bool { return s.Port == n }) {
				continue
			}
			p.note(rule.SettingsForNoPort, dr.Node(own).At("port"), "these settings apply to nothing: Service %s has no port %d.", svc.Name, n)
		}
	}
}

// hasPodsOf tells whether workloads of the input make pods for a subset.
func (p *pass) hasPodsOf(s *networking.Subset, svc *mesh.Service) bool {
	return len(s.Labels) > 0 && len(svc.Selector) > 0 && len(p.selected(svc.Namespace, joined(svc.Selector, s.Labels))) > 0
}

// emptySubset returns the workloads of a Service where none of them makes pods
// that belong to s; nil where some do, or where the input has none that are told
// apart by these labels at all, which may be those of another stage.
func (p *pass) emptySubset(s *networking.Subset, svc *mesh.Service) []workload {
	if len(svc.Selector) == 0 || len(s.Labels) == 0 || !settled(s.Labels) {
		return nil
	}
	all := p.selected(svc.Namespace, svc.Selector)
	if !known(s.Labels, all) || slices.ContainsFunc(all, func(w workload) bool { return w.selects(s.Labels) }) {
		return nil
	}
	return all
}

// names lists workloads for a sentence, the first few of them.
func names(all []workload) string {
	var words []string
	for _, w := range all {
		if !slices.Contains(words, w.Name.Name) {
			words = append(words, w.Name.Name)
		}
	}
	slices.Sort(words)
	if len(words) > 4 {
		words = append(words[:4], "others")
	}
	return enumerate(words)
}

// subsetKey is a subset of a resolved host.
type subsetKey struct{ host, subset string }

// routedSubsets are the subsets that VirtualServices send to; with subset "" the
// hosts that they send to.
func (p *pass) routedSubsets() map[subsetKey]bool {
	routed := map[subsetKey]bool{}
	add := func(vs virtualService, d *networking.Destination) {
		host := mesh.ResolveHost(d.GetHost(), vs.Namespace)
		routed[subsetKey{host, d.GetSubset()}], routed[subsetKey{host, ""}] = true, true
	}
	for _, vs := range p.virtualServices {
		for _, d := range destinations(vs.spec) {
			add(vs, d)
		}
	}
	return routed
}

// destinations are all that a VirtualService sends to, copies included.
func destinations(spec *networking.VirtualService) []*networking.Destination {
	var all []*networking.Destination
	for _, h := range spec.Http {
		for _, d := range h.Route {
			all = append(all, d.GetDestination())
		}
		all = append(all, h.Mirror)
		for _, m := range h.Mirrors {
			all = append(all, m.GetDestination())
		}
	}
	for _, t := range spec.Tls {
		for _, d := range t.Route {
			all = append(all, d.GetDestination())
		}
	}
	for _, t := range spec.Tcp {
		for _, d := range t.Route {
			all = append(all, d.GetDestination())
		}
	}
	return slices.DeleteFunc(all, func(d *networking.Destination) bool { return d == nil })
}

// destinationRulesOfOneHost finds DestinationRules of one namespace and host of
// which one loses a part: Istio joins their subsets, the first of a name counts,
// and so does the first trafficPolicy (pilot/pkg/model/destination_rule.go
// mergeDestinationRule). Those that are for different callers are kept apart.
func (p *pass) destinationRulesOfOneHost() {
	groups := map[string][]destinationRule{}
	for _, dr := range p.rules {
		to := slices.Sorted(slices.Values(dr.spec.ExportTo))
		key := strings.Join(append(to, dr.Namespace, hostOf(dr), canonical(dr.spec.GetWorkloadSelector().GetMatchLabels())), "\x00")
		groups[key] = append(groups[key], dr)
	}
	for _, key := range sortedKeys(groups) {
		rules := groups[key]
		slices.SortStableFunc(rules, func(a, b destinationRule) int {
			return cmp.Or(strings.Compare(created(a.Root), created(b.Root)), a.Name.Compare(b.Name))
		})
		for i, later := range rules[min(1, len(rules)):] {
			p.merged(rules[:i+1], later)
		}
	}
}

func created(root *source.Node) string { return root.Get("metadata").Text("creationTimestamp") }

// merged says what of later is ignored beside earlier.
func (p *pass) merged(earlier []destinationRule, later destinationRule) {
	why := "the older one counts"
	if created(later.Root) == "" {
		why += " (by name, since the input has no creation times)"
	}
	for _, e := range earlier {
		if later.spec.TrafficPolicy != nil && e.spec.TrafficPolicy != nil && !proto.Equal(later.spec.TrafficPolicy, e.spec.TrafficPolicy) {
			at := later.Root.Get("spec").At("trafficPolicy")
			f := p.note(rule.DestinationRulesMeet, at, "this trafficPolicy is ignored: %s at %s has one for %s too, and %s.", e.Document.Object(), spot(e.Place(), at), later.spec.Host, why)
			related(f, e.Root.Get("spec").At("trafficPolicy"), "counts instead")
			break
		}
	}
	for i, s := range later.spec.Subsets {
		for _, e := range earlier {
			j := slices.IndexFunc(e.spec.Subsets, func(o *networking.Subset) bool { return o.Name == s.Name })
			if j < 0 || proto.Equal(e.spec.Subsets[j], s) {
				continue
			}
			at := child(later.Root.Get("spec"), "subsets", i).At("name")
			f := p.note(rule.DestinationRulesMeet, at, "this subset %s is ignored: %s at %s defines another for %s, and %s.", s.Name, e.Document.Object(), spot(e.Place(), at), later.spec.Host, why)
			related(f, child(e.Root.Get("spec"), "subsets", j).At("name"), "counts instead")
			break
		}
	}
}
