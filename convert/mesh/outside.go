package mesh

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// serviceEntry is a ServiceEntry with its namespace resolved.
type serviceEntry struct {
	route.Name
	*istio.Object
	spec *networking.ServiceEntry
}

// indexEntry notes under which hosts a ServiceEntry is looked for.
func (l *linker) indexEntry(name route.Name, o *istio.Object, spec *networking.ServiceEntry) {
	for _, host := range spec.Hosts {
		key := strings.ToLower(host)
		l.outsideHosts[key] = append(l.outsideHosts[key], &serviceEntry{name, o, spec})
	}
}

// outsideKey names a port of a host outside.
type outsideKey struct {
	host string // in lower case
	port uint32
}

// outside is what the ServiceEntries of the input say of a destination that is no
// Service; nil where they say nothing, or several speak of the same port.
func (l *linker) outside(d *networking.Destination, host string, e entry) *route.Outside {
	if d.GetSubset() != "" {
		return nil // labels of endpoints choose among them
	}
	host = strings.ToLower(host)
	var found *serviceEntry
	var at *networking.ServicePort
	for _, se := range l.outsideHosts[host] {
		port := portOfEntry(d, se.spec, e)
		if port == nil || len(se.spec.ExportTo) > 0 && !slices.Contains(se.spec.ExportTo, "*") {
			continue
		}
		if found != nil && found.Object != se.Object {
			return nil
		}
		found, at = se, port
	}
	if found == nil {
		return nil
	}
	key := outsideKey{host, at.Number}
	if l.outsides[key] == nil {
		o := found.outside(host, at)
		if l.mutual(o) {
			o.Endpoints, o.Unsaid = nil, "connections with the mesh's own mutual TLS"
		}
		l.outsides[key] = o
	}
	return l.outsides[key]
}

// mutual tells whether a DestinationRule asks for the mesh's certificates.
func (l *linker) mutual(o *route.Outside) bool {
	return slices.ContainsFunc(l.rulesForHost(o.Host), func(dr *destinationRule) bool {
		if dr.whole == nil {
			return false
		}
		policy, _ := atPort(dr.whole.spec.TrafficPolicy, o.Port)
		return policy.TLS.GetMode() == networking.ClientTLSSettings_ISTIO_MUTUAL
	})
}

// portOfEntry is the port that a destination means: the written one, the only one,
// or the listener's (route.go, GetDestinationCluster); nil where there is none.
func portOfEntry(d *networking.Destination, spec *networking.ServiceEntry, e entry) *networking.ServicePort {
	if d.GetPort() == nil && len(spec.Ports) == 1 {
		return spec.Ports[0]
	}
	number := e.Port
	if d.GetPort() != nil {
		number = d.Port.Number
	}
	i := slices.IndexFunc(spec.Ports, func(p *networking.ServicePort) bool { return p.GetNumber() == number && number != 0 })
	if i < 0 {
		return nil
	}
	return spec.Ports[i]
}

func (s *serviceEntry) outside(host string, at *networking.ServicePort) *route.Outside {
	o := &route.Outside{From: s.Root.Get("spec"), Entry: s.Name, Host: host, Port: at.Number}
	switch strings.ToUpper(at.Protocol) {
	case "HTTP2", "GRPC", "GRPC-WEB":
		o.HTTP2 = true
	}
	o.Endpoints, o.Unsaid = s.endpoints(host, at)
	return o
}

// endpoints lists the addresses of a port, or says why they can't be listed
// (serviceentry/conversion.go, convertServiceEntryToInstances).
func (s *serviceEntry) endpoints(host string, at *networking.ServicePort) (all []route.Endpoint, unsaid string) {
	spec := s.spec
	static := spec.Resolution == networking.ServiceEntry_STATIC
	switch {
	case spec.Location != networking.ServiceEntry_MESH_EXTERNAL:
		return nil, "location " + spec.Location.String()
	case spec.WorkloadSelector != nil:
		return nil, "a workloadSelector"
	case strings.HasPrefix(host, "*"):
		return nil, "a wildcard for a host"
	case !static && spec.Resolution != networking.ServiceEntry_DNS && spec.Resolution != networking.ServiceEntry_DNS_ROUND_ROBIN:
		return nil, "resolution " + spec.Resolution.String()
	case static && len(spec.Endpoints) == 0:
		return nil, "no endpoints"
	case len(spec.Endpoints) == 0:
		return []route.Endpoint{{Address: host, Port: cmp.Or(at.TargetPort, at.Number)}}, ""
	}
	for _, in := range spec.Endpoints {
		e := route.Endpoint{Address: in.GetAddress(), Port: cmp.Or(in.GetPorts()[at.Name], at.TargetPort, at.Number)}
		switch {
		case strings.HasPrefix(e.Address, "unix://") || e.Address == "":
			return nil, fmt.Sprintf("an endpoint at %q", e.Address)
		case static && !e.IP():
			return nil, fmt.Sprintf("an endpoint at %s, which is no IP address", e.Address)
		case in.GetNetwork() != "":
			return nil, "an endpoint in a network of its own"
		case in.GetWeight() != spec.Endpoints[0].GetWeight():
			return nil, "endpoints of different weights"
		}
		all = append(all, e)
	}
	return all, ""
}

// outside are the hosts outside that the rules of m send to.
func (m *Model) outside() map[string]*route.Outside {
	all := map[string]*route.Outside{}
	for _, t := range m.Tables {
		for b := range t.Destinations() {
			if o := b.Outside; o != nil {
				all[route.Endpoint{Address: o.Host, Port: o.Port}.String()] = o
			}
		}
	}
	return all
}

// outsideTLS reads the TLS that DestinationRules originate towards hosts outside
// whose addresses are known.
func (l *linker) outsideTLS(used map[*destinationRule]bool) []*BackendTLS {
	var all []*BackendTLS
	keys := slices.SortedFunc(maps.Keys(l.outsides), func(a, b outsideKey) int {
		return cmp.Or(strings.Compare(a.host, b.host), cmp.Compare(a.port, b.port))
	})
	for _, key := range keys {
		o := l.outsides[key]
		if o.Unsaid != "" {
			continue
		}
		for _, dr := range l.rulesForHost(o.Host) {
			if dr.tls == nil {
				continue
			}
			policy, _ := atPort(dr.tls.spec.TrafficPolicy, o.Port)
			target := tlsTarget{service: &Service{Name: route.Name{Namespace: o.Entry.Namespace, Name: o.Host}}, name: route.Name{Namespace: o.Entry.Namespace}, rule: dr.tls}
			if b := l.policyFor(target, policy.TLS, ""); b != nil {
				b.Outside = o
				used[dr] = true
				all = append(all, b)
				break
			}
		}
	}
	return all
}
