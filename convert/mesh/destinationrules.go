package mesh

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// DestinationRule is one of the input, whole.
type DestinationRule struct {
	route.Name
	Host   string // as Istio resolves it
	Object *istio.Object
	Spec   *networking.DestinationRule
}

// SubsetTarget is the Service that requests to a subset go to afterwards.
type SubsetTarget struct {
	Service route.Name // of the input
	Subset  string
	Target  route.Name // made for the subset, or one of the input that selects the same pods
	Found   bool       // Target is one of the input
}

// destinationRules are those of the input in the order in which Istio reads them
// (pilot/pkg/model/push_context.go, sortConfigBySelectorAndCreationTime). Of
// several with one name the last one counts, as with kubectl apply.
func (l *linker) destinationRules() []*DestinationRule {
	byName := map[route.Name]*DestinationRule{}
	for _, rules := range l.rules {
		for _, dr := range rules {
			if old := byName[dr.Name]; dr.whole != nil && (old == nil || old.Host <= dr.host) {
				byName[dr.Name] = &DestinationRule{Name: dr.Name, Host: dr.host, Object: dr.whole.Object, Spec: dr.whole.spec}
			}
		}
	}
	all := make([]*DestinationRule, 0, len(byName))
	for _, dr := range byName {
		all = append(all, dr)
	}
	slices.SortFunc(all, func(a, b *DestinationRule) int {
		return cmp.Or(selects(b)-selects(a), strings.Compare(created(a.Object), created(b.Object)),
			strings.Compare(a.Name.Name, b.Name.Name), strings.Compare(a.Namespace, b.Namespace))
	})
	return all
}

func selects(dr *DestinationRule) int {
	if dr.Spec.WorkloadSelector != nil {
		return 1
	}
	return 0
}

// subsetTargets are the Services for the subsets that requests go to.
func (l *linker) subsetTargets() []SubsetTarget {
	var all []SubsetTarget
	for asked, target := range l.subsetsAsked {
		_, found := l.services[target]
		all = append(all, SubsetTarget{asked.service, asked.subset, target, found})
	}
	for key, target := range l.subsetsAwaited {
		all = append(all, SubsetTarget{Service: key.service, Subset: key.subset, Target: target})
	}
	slices.SortFunc(all, func(a, b SubsetTarget) int {
		return cmp.Or(a.Service.Compare(b.Service), strings.Compare(a.Subset, b.Subset), a.Target.Compare(b.Target))
	})
	return slices.Compact(all)
}

// MergeSubset is what the policies of a rule and of one of its subsets say
// together, port by port, as Istio merges them; port 0 is for all ports that have
// no element of their own. subset may be nil.
func MergeSubset(general, subset *networking.TrafficPolicy) []PortPolicy {
	var t TrafficPolicy
	appendPolicy(nil, &t, general, subset)
	return t.Ports
}
