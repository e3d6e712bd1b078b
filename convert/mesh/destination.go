package mesh

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// backend resolves a destination to a Service port. Where the destination is
// not written, around is what should hold it.
func (l *linker) backend(vs *virtualService, d *networking.Destination, e entry, around *source.Node) route.Backend {
	node := cmp.Or(vs.Node(d), around)
	b := route.Backend{From: node, Host: fqdn(d.GetHost(), vs.Namespace)}
	name, ok := serviceName(b.Host)
	svc := l.services[name]
	if !ok || svc != nil && svc.ExternalName != "" {
		b.Broken = true
		if b.Outside = l.outside(d, b.Host, e); b.Outside != nil {
			b.Port = b.Outside.Port
		}
		l.reportDestination(b, node, d.GetHost())
		return b
	}
	b.Service = name
	if svc == nil {
		l.missingService(name, hostNode(node))
	}
	b.Port = l.destinationPort(d, svc, e)
	if svc != nil && len(svc.Ports) > 0 && b.Port != 0 && svc.port(b.Port) == nil {
		l.note(rule.PortMissing, node.Get("port").At("number"), "Service %s has no port %d: Istio reaches nothing there today (503), and neither does the route after the migration (500).", name, b.Port)
	}
	switch {
	case b.Port != 0:
	case d.GetPort() != nil:
		b.Broken = true
		l.note(rule.RefusedByIstio, node.Get("port").At("number"), "Istio's validation refuses the object, since %d is no port: nothing reaches %s by this route.", d.Port.Number, b.Host)
	default:
		b.Broken = true
		l.note(rule.PortUnknown, node.At("host"), "nothing reaches %s by this route after the migration: its port is neither written nor known.", b.Host)
	}
	if d.GetSubset() != "" {
		b.Service = l.subset(vs, subsetRef{name, svc, d.Subset, node})
	}
	return b
}

func hostNode(n *source.Node) *source.Node {
	if h := n.Get("host"); h != nil {
		return h
	}
	return n
}

func (l *linker) reportDestination(b route.Backend, node *source.Node, written string) {
	at := node.At("host")
	switch name, partial := l.partial(written); {
	case written == "":
		l.note(rule.DestinationNotService, at, "the destination names no host: it reaches nothing today (503) and nothing after the migration (500).")
	case partial:
		l.add(rule503(at, written, name))
	case b.Outside != nil && b.Outside.Unsaid != "":
		l.note(rule.DestinationNotService, at, "nothing reaches %s by this route after the migration: it is not a Service of the cluster, and ServiceEntry %s has %s.", written, b.Outside.Entry, b.Outside.Unsaid)
	default:
		l.note(rule.DestinationNotService, at, "nothing reaches %s by this route after the migration: it is not a Service of the cluster.", written)
	}
}

// destinationPort is the written port, that of a Service with only one, or the
// listener's (route.go GetDestinationCluster). It is 0 where that would be a
// guess: the Service is not in the input, or has no such port.
func (l *linker) destinationPort(d *networking.Destination, svc *Service, e entry) uint32 {
	switch {
	case d.GetPort() != nil && d.Port.Number > 65535:
		return 0 // no port, and refused by Istio's validation
	case d.GetPort() != nil:
		return d.Port.Number
	case svc == nil:
		return 0
	case len(svc.Ports) == 1:
		return svc.Ports[0].Port
	case svc.port(e.Port) != nil:
		return e.Port
	}
	return 0
}

// portMatters tells whether some destination of r takes the listener's port.
func (l *linker) portMatters(r *httpRule) bool {
	return slices.ContainsFunc(r.msg.Route, func(d *networking.HTTPRouteDestination) bool {
		if d.GetDestination().GetPort() != nil {
			return false
		}
		name, _ := serviceName(fqdn(d.GetDestination().GetHost(), r.vs.Namespace))
		svc := l.services[name]
		return svc != nil && len(svc.Ports) > 1
	})
}

// subsetRef is a reference to a subset of a Service.
type subsetRef struct {
	name    route.Name
	service *Service // nil when it is not in the input
	subset  string
	at      *source.Node
}

// subset gives the Service that stands for a subset, and asks for it to be made.
func (l *linker) subset(vs *virtualService, ref subsetRef) route.Name {
	own := route.Name{Namespace: ref.name.Namespace, Name: subsetServiceName(ref.name.Name, ref.subset)}
	asked := subsetAsked{subsetKey{ref.name, ref.subset}, vs.Namespace}
	if made, ok := l.subsetsAsked[asked]; ok {
		return made
	}
	found := l.findSubset(vs, ref)
	switch {
	case found != nil && found.refused != nil:
		l.note(rule.RefusedByIstio, found.refused.at, "Istio's validation refuses the DestinationRule, since %s: requests to Service %s fail until it exists.", found.refused.why, own.Name)
		return own
	case found == nil:
		l.note(rule.SubsetUnknown, ref.at.At("subset"), "no DestinationRule of the input defines subset %s of %s: Istio answers 503, and requests to Service %s fail until it exists.", ref.subset, ref.name, own.Name)
		return own
	case len(found.labels) == 0:
		return ref.name // the whole Service
	case ref.service == nil || len(ref.service.Selector) == 0 || len(ref.service.Ports) == 0:
		lacking := "selector"
		if ref.service != nil && len(ref.service.Selector) > 0 {
			lacking = "port"
		}
		l.subsetsAwaited[asked.subsetKey] = own
		l.note(rule.SubsetNeedsService, ref.at.At("subset"), "subset %s of %s needs a Service of its own, %s, and the %s of %s is not known: requests fail until you make it.", ref.subset, ref.name, own.Name, lacking, ref.name.Name)
		return own
	}
	made := l.subsetService(ref, own, found)
	l.subsetsAsked[asked] = made
	return made
}

// subsetAsked is a subset as a namespace sees it: which DestinationRule defines
// it depends on who asks.
type subsetAsked struct {
	subsetKey
	namespace string
}

// findSubset looks a subset up in the DestinationRules of the most specific host
// that has any: in the Service's namespace, the VirtualService's, the gateways'
// (Istio's root namespace), then any other.
func (l *linker) findSubset(vs *virtualService, ref subsetRef) *subset {
	near := []string{ref.name.Namespace, vs.Namespace, l.opts.GatewayNamespace}
	rank := func(dr *destinationRule) int {
		if i := slices.Index(near, dr.Name.Namespace); i >= 0 {
			return i
		}
		return len(near)
	}
	rules := slices.Clone(l.rulesFor(ref.name))
	slices.SortStableFunc(rules, func(a, b *destinationRule) int { return rank(a) - rank(b) })
	for _, dr := range rules {
		for i := range dr.subsets {
			if dr.subsets[i].name != ref.subset {
				continue
			}
			if rank(dr) == len(near) {
				l.note(rule.ForeignDestinationRule, ref.at.At("subset"), "subset %s is defined in namespace %s, which callers elsewhere do not see: they get 503 today, and are served after the migration.", ref.subset, dr.Name.Namespace)
			}
			return &dr.subsets[i]
		}
	}
	return nil
}

// rulesFor gives the DestinationRules of a Service: those for its name, or else
// those with the longest wildcard that covers it.
func (l *linker) rulesFor(name route.Name) []*destinationRule {
	return l.rulesForHost(name.Name + "." + name.Namespace + ".svc." + clusterDomain)
}

func (l *linker) rulesForHost(host string) []*destinationRule {
	if rules := l.rules[host]; len(rules) > 0 {
		return rules
	}
	best := ""
	for _, dr := range l.wildcardRules {
		if route.HostTakes(dr.host, host) && len(dr.host) > len(best) {
			best = dr.host
		}
	}
	return l.rules[best]
}

// subsetService makes the Service of a subset once. A Service of the input that
// has its name and selects the same pods is taken as it is.
func (l *linker) subsetService(ref subsetRef, own route.Name, found *subset) route.Name {
	key := subsetKey{ref.name, ref.subset}
	if s := l.subsets[key]; s != nil {
		return s.Name
	}
	made := &SubsetService{Name: own, Base: ref.service, Subset: ref.subset, At: found.at, labels: found.labels}
	if there := l.services[own]; there != nil {
		if maps.Equal(there.Selector, made.Selector()) {
			return own
		}
		made.Name.Name = withHash(own.Name+"-subset", key)
	}
	if l.subsetNames[made.Name] { // a-b + c and a + b-c
		made.Name.Name = withHash(made.Name.Name, key)
	}
	l.subsetNames[made.Name] = true
	l.subsets[key] = made
	return made.Name
}

// maxServiceName is the length of a DNS label (RFC 1035), which names a Service.
const maxServiceName = 63

// subsetServiceName is SERVICE-SUBSET with the characters of a DNS label.
func subsetServiceName(service, subset string) string {
	if hasPlaceholder(service) || hasPlaceholder(subset) {
		return service + "-" + subset
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(subset))
	name := service + "-" + strings.Trim(clean, "-")
	if len(name) > maxServiceName || clean != subset {
		return withHash(name, subsetKey{route.Name{Name: service}, subset})
	}
	return name
}

// withHash makes a name unique by the hash of what it stands for.
func withHash(name string, key subsetKey) string {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(key.service.String()+"/"+key.subset)))[:8]
	return strings.TrimRight(name[:min(len(name), maxServiceName-9)], "-") + "-" + sum
}

// rule503 reports a host that Kubernetes' DNS knows and Istio does not.
func rule503(at finding.Place, written string, name route.Name) finding.Finding {
	return finding.New(rule.DestinationNotService, at, "Istio does not take %s for Service %s and reaches nothing there today (503); neither does the route after the migration (500).", written, name).
		WithHint("Write %s.%s.svc.%s.", name.Name, name.Namespace, clusterDomain)
}
