package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// TrafficPolicy is what DestinationRules say of connections to a Service, or to
// the one made for a subset: merged as Istio does, for callers that see the rules
// of the Service's namespace and of Istio's root namespace, as gateways do.
type TrafficPolicy struct {
	Service route.Name    // the Service of the input, or the one that is made for Subset
	Subset  string        // "" for the Service as a whole
	Rule    *istio.Object // the DestinationRule that most of it comes from
	Scoped  string        // why it is not for all callers: "exportTo", "workloadSelector"; "" where it is
	Ports   []PortPolicy  // ordered by port; port 0 is for those without an element of their own
	other   *istio.Object // the DestinationRule that the policy of the subset comes from
}

// PortPolicy is a TrafficPolicy for a port. What is nil is Istio's default.
type PortPolicy struct {
	Port             uint32 // 0: every port that has no PortPolicy of its own
	LoadBalancer     *networking.LoadBalancerSettings
	ConnectionPool   *networking.ConnectionPoolSettings
	OutlierDetection *networking.OutlierDetection
	TLS              *networking.ClientTLSSettings
	Tunnel           *networking.TrafficPolicy_TunnelSettings
	ProxyProtocol    *networking.TrafficPolicy_ProxyProtocol
	RetryBudget      *networking.TrafficPolicy_RetryBudget
}

// Node is where m, a part of a policy, stands in the input.
func (t *TrafficPolicy) Node(m proto.Message) *source.Node {
	if n := t.Rule.Node(m); n != nil || t.other == nil {
		return n
	}
	return t.other.Node(m)
}

// For is what applies to a port: its own element, or what is for all ports.
func (t *TrafficPolicy) For(port uint32) *PortPolicy {
	var general *PortPolicy
	for i := range t.Ports {
		switch p := &t.Ports[i]; p.Port {
		case port:
			return p
		case 0:
			general = p
		}
	}
	return general
}

// PolicyOf is what applies to connections to a port of a Service; nil, nil where
// no DestinationRule speaks of it.
func (m *Model) PolicyOf(service route.Name, port uint32) (*TrafficPolicy, *PortPolicy) {
	i, ok := slices.BinarySearchFunc(m.Policies, service, func(t *TrafficPolicy, n route.Name) int { return t.Service.Compare(n) })
	if !ok {
		return nil, nil
	}
	if p := m.Policies[i].For(port); p != nil {
		return m.Policies[i], p
	}
	return nil, nil
}

// spoken is a DestinationRule kept whole, for its policies.
type spoken struct {
	*istio.Object
	spec *networking.DestinationRule
}

// policies reads what DestinationRules say of each Service that they are for.
func (l *linker) policies() []*TrafficPolicy {
	names := map[route.Name]bool{}
	for name := range l.services {
		names[name] = true
	}
	for host := range l.rules {
		if name, ok := serviceName(host); ok {
			names[name] = true // its Service is not in the input
		}
	}
	var all []*TrafficPolicy
	for _, name := range slices.SortedFunc(maps.Keys(names), route.Name.Compare) {
		all = append(all, l.policiesOf(name)...)
	}
	slices.SortFunc(all, func(a, b *TrafficPolicy) int { return a.Service.Compare(b.Service) })
	return all
}

// policiesOf reads those of a Service and of its subsets. Among rules for one
// host in one namespace the first that has a policy counts, and the first that
// defines a subset (pilot/pkg/model/destination_rule.go, mergeDestinationRule).
func (l *linker) policiesOf(name route.Name) []*TrafficPolicy {
	rules := l.visible(name)
	var top *spoken
	for _, dr := range rules {
		if top == nil && dr.spec.TrafficPolicy != nil {
			top = dr
		}
	}
	var all []*TrafficPolicy
	if top != nil {
		all = appendPolicy(all, &TrafficPolicy{Service: name, Rule: top.Object, Scoped: scoped(top.spec)}, top.spec.TrafficPolicy, nil)
	}
	seen := map[string]bool{}
	for _, dr := range rules {
		for _, s := range dr.spec.Subsets {
			made := l.subsets[subsetKey{name, s.Name}]
			if made == nil || seen[s.Name] {
				continue
			}
			seen[s.Name] = true
			t := &TrafficPolicy{Service: made.Name, Subset: s.Name, Rule: dr.Object, Scoped: scoped(dr.spec)}
			var general *networking.TrafficPolicy
			if top != nil {
				general, t.other = top.spec.TrafficPolicy, top.Object
			}
			all = appendPolicy(all, t, general, s.TrafficPolicy)
		}
	}
	return all
}

// visible are the DestinationRules of name's host in the first namespace where
// gateways look that has any.
func (l *linker) visible(name route.Name) []*spoken {
	rules := l.rulesFor(name)
	for _, namespace := range []string{name.Namespace, l.opts.GatewayNamespace} {
		var all []*spoken
		for _, dr := range rules {
			if dr.Name.Namespace == namespace && dr.whole != nil {
				all = append(all, dr.whole)
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

func scoped(spec *networking.DestinationRule) string {
	switch {
	case spec.WorkloadSelector != nil:
		return "workloadSelector"
	case len(spec.ExportTo) > 0 && !slices.Contains(spec.ExportTo, "*"):
		return fmt.Sprintf("exportTo (%s)", strings.Join(spec.ExportTo, ", "))
	}
	return ""
}

// appendPolicy merges the policy of a subset over the general one, port by port
// (pilot/pkg/networking/util/util.go, MergeSubsetTrafficPolicy).
func appendPolicy(all []*TrafficPolicy, t *TrafficPolicy, general, subset *networking.TrafficPolicy) []*TrafficPolicy {
	ports := map[uint32]bool{0: general != nil || subset != nil}
	for _, p := range slices.Concat(general.GetPortLevelSettings(), subset.GetPortLevelSettings()) {
		ports[p.GetPort().GetNumber()] = true
	}
	for _, port := range slices.Sorted(maps.Keys(ports)) {
		if p := mergePolicies(general, subset, port); p != (PortPolicy{Port: port}) {
			t.Ports = append(t.Ports, p)
		} else if port != 0 {
			t.Ports = append(t.Ports, p) // its defaults hide what is for all ports
		}
	}
	if len(t.Ports) == 0 {
		return all
	}
	return append(all, t)
}

func mergePolicies(general, subset *networking.TrafficPolicy, port uint32) PortPolicy {
	base, _ := atPort(general, port)
	over, own := atPort(subset, port)
	if over == (PortPolicy{}) && !own {
		base.Port = port
		return base
	}
	if own { // an element for a port replaces what is for all ports, unset parts included
		base.LoadBalancer, base.ConnectionPool, base.OutlierDetection, base.TLS = over.LoadBalancer, over.ConnectionPool, over.OutlierDetection, over.TLS
	}
	return PortPolicy{
		Port:         port,
		LoadBalancer: cmp.Or(over.LoadBalancer, base.LoadBalancer), ConnectionPool: cmp.Or(over.ConnectionPool, base.ConnectionPool),
		OutlierDetection: cmp.Or(over.OutlierDetection, base.OutlierDetection), TLS: cmp.Or(over.TLS, base.TLS),
		Tunnel: cmp.Or(over.Tunnel, base.Tunnel), ProxyProtocol: cmp.Or(over.ProxyProtocol, base.ProxyProtocol), RetryBudget: cmp.Or(over.RetryBudget, base.RetryBudget),
	}
}

// atPort is what p says for a port; own tells that it has an element for it,
// which inherits nothing (util.go, GetPortLevelTrafficPolicy).
func atPort(p *networking.TrafficPolicy, port uint32) (at PortPolicy, own bool) {
	for _, s := range p.GetPortLevelSettings() {
		if port != 0 && s.Port != nil && s.Port.Number == port {
			return PortPolicy{LoadBalancer: s.LoadBalancer, ConnectionPool: s.ConnectionPool, OutlierDetection: s.OutlierDetection, TLS: s.Tls}, true
		}
	}
	return PortPolicy{
		LoadBalancer: p.GetLoadBalancer(), ConnectionPool: p.GetConnectionPool(), OutlierDetection: p.GetOutlierDetection(), TLS: p.GetTls(),
		Tunnel: p.GetTunnel(), ProxyProtocol: p.GetProxyProtocol(), RetryBudget: p.GetRetryBudget(),
	}, false
}
