package mesh

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// destinationRule is what the conversion needs to know of a DestinationRule. The
// object itself is kept only where it originates TLS.
type destinationRule struct {
	route.Name
	host    string // resolved
	subsets []subset
	tls     *originator
	whole   *spoken // where policies are asked for
}

// originator is a DestinationRule that makes TLS connections.
type originator struct {
	*istio.Object
	spec *networking.DestinationRule
}

// subset is one of a DestinationRule.
type subset struct {
	name    string
	labels  []label // ordered by key
	at      finding.Place
	refused *refusedLabels
}

type label struct{ key, value string }

// refusedLabels says which label is not valid, and where it stands.
type refusedLabels struct {
	why string
	at  finding.Place
}

// newDestinationRule takes from a DestinationRule what is needed. Strings of a
// document are pieces of its text, which copies do not keep alive.
func newDestinationRule(name route.Name, o *istio.Object, spec *networking.DestinationRule) *destinationRule {
	dr := &destinationRule{Name: cloneName(name), host: strings.Clone(fqdn(spec.Host, name.Namespace)), subsets: make([]subset, len(spec.Subsets))}
	for i, s := range spec.Subsets {
		from := child(o.Root.Get("spec"), "subsets", i)
		own := subset{name: strings.Clone(s.Name), at: finding.Place{Pos: from.Pos(), Object: o.Document.Object()}}
		for _, key := range slices.Sorted(maps.Keys(s.Labels)) {
			own.labels = append(own.labels, label{strings.Clone(key), strings.Clone(s.Labels[key])})
		}
		if why := refusedLabel(s.Labels); why != "" {
			own.refused = &refusedLabels{why, from.At("labels")}
		}
		dr.subsets[i] = own
	}
	if len(originated(spec)) > 0 {
		dr.tls = &originator{o, spec}
	}
	return dr
}

func cloneName(n route.Name) route.Name {
	return route.Name{Namespace: strings.Clone(n.Namespace), Name: strings.Clone(n.Name)}
}
