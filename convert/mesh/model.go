// Package mesh links Istio objects as Istio's control plane does (hosts,
// gateways, subsets, delegates, Services) and compiles them to route tables.
package mesh

import (
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Model is the linked input.
type Model struct {
	Gateways   []*Gateway       // ordered by namespace and name
	Tables     []*route.Table   // ordered by object, then suffix
	Subsets    []*SubsetService // ordered by namespace and name
	BackendTLS []*BackendTLS    // ordered by namespace and name
	Policies   []*TrafficPolicy // ordered by Service; there only when Options.Policies is set

	DestinationRules []*DestinationRule // as Istio reads them, the one that counts first; there only when Options.Policies is set
	SubsetTargets    []SubsetTarget     // ordered by Service and subset; likewise

	Services map[route.Name]*Service
}

// Part is m with some of its tables, and the Services that these speak of.
func (m *Model) Part(tables []*route.Table) *Model {
	part := &Model{
		Gateways: m.Gateways, Policies: m.Policies, DestinationRules: m.DestinationRules, SubsetTargets: m.SubsetTargets,
		Tables: tables, Services: map[route.Name]*Service{},
	}
	for name := range Targets(tables) {
		if s := m.Services[name]; s != nil {
			part.Services[name] = s
		} else if i, ok := slices.BinarySearchFunc(m.Subsets, name, func(s *SubsetService, n route.Name) int { return s.Name.Compare(n) }); ok {
			part.Subsets = append(part.Subsets, m.Subsets[i])
		}
	}
	return part
}

// Targets are the Services that tables send to, or stand for.
func Targets(tables []*route.Table) map[route.Name]bool {
	all := map[route.Name]bool{}
	for _, t := range tables {
		for _, e := range t.Entries {
			if e.Mesh {
				all[e.Parent] = true
			}
		}
		for i := range t.Rules {
			for _, b := range t.Rules[i].Action.Backends {
				all[b.Service] = true
			}
			for _, m := range t.Rules[i].Action.Mirrors {
				all[m.Backend.Service] = true
			}
		}
	}
	return all
}

// Service is what the conversion needs to know of a Kubernetes Service.
type Service struct {
	route.Name
	Object       *istio.Object // nil where no Gateway's pods run
	Selector     map[string]string
	Ports        []ServicePort
	ExternalName string
	Headless     bool
}

// ServicePort is a port of a Service; Protocol is Istio's reading of
// appProtocol and the port's name: HTTP, HTTP2, GRPC, TLS, TCP, ... or "" when
// Istio would sniff it.
type ServicePort struct {
	Name        string
	Port        uint32
	TargetPort  string // as written: a number or a name; "" when absent
	Protocol    string // TCP, UDP, SCTP
	AppProtocol string // as written
	L7          string // HTTP, HTTP2, GRPC, HTTPS, TLS, TCP, ... or ""
}

// SubsetService is a Service to be made for a subset of a DestinationRule.
type SubsetService struct {
	route.Name
	Base   *Service
	Subset string
	At     finding.Place // of the subsets[] element, without its field
	labels []label       // of the subset
}

// Selector returns the labels of the Pods: those of the Service, and the subset's.
func (s *SubsetService) Selector() map[string]string {
	selector := maps.Clone(s.Base.Selector)
	for _, l := range s.labels {
		selector[l.key] = l.value
	}
	return selector
}

// Gateway is an Istio Gateway with its servers as listeners.
type Gateway struct {
	route.Name
	Object       *istio.Object
	Spec         *networking.Gateway
	PodNamespace string // of the pods that serve it today, where Istio reads its Secrets
	PodsAssumed  bool   // PodNamespace is an assumption, not seen in the input
	Written      string // name of the Gateway in the output, which is in the same namespace; "" until it is built
	Listeners    []*Listener
}

// ListenerProtocol is a protocol of a Gateway API listener.
type ListenerProtocol string

// The listener protocols that Istio's servers map to.
const (
	ListenHTTP  ListenerProtocol = "HTTP"
	ListenHTTPS ListenerProtocol = "HTTPS"
	ListenTLS   ListenerProtocol = "TLS"
	ListenTCP   ListenerProtocol = "TCP"
)

// Listener is one port and host of a server; unique by port, protocol and
// hostname in its Gateway.
type Listener struct {
	Name          string // unique in the Gateway
	Port          uint32
	Protocol      ListenerProtocol
	Hostname      string // "" for all hosts
	Server        *networking.Server
	From          *source.Node // the servers[] element
	HTTPSRedirect bool         // answers every request with a redirect to https
	Withheld      bool         // a finding says why it is not written; nothing attaches to it
	Closed        bool         // it would be withheld, and is written so that no wider one answers; nothing attaches to it

	// Namespaces that may attach routes: all of them, or the named ones
	// (ordered; never empty unless AllNamespaces).
	AllNamespaces bool
	Namespaces    []string
}

// BackendTLS is TLS that a DestinationRule originates towards a Service.
type BackendTLS struct {
	route.Name  // of the policy: the namespace is the Service's
	Service     *Service
	Target      string // name of the Service to target: Service's, or that of a subset
	SectionName string // port name; "" for all ports
	Hostname    string // SNI, and the name in the certificate unless SANs are given
	SANs        []string
	System      bool           // verify by the system's certificate authorities
	CACert      string         // name of the ConfigMap or Secret with ca.crt; "" when System
	Mesh        bool           // it stands for the mutual TLS of proxies, and for no DestinationRule's
	Outside     *route.Outside // what it goes to, instead of Service; nil for none
	From        *source.Node
}
