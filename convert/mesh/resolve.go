package mesh

import "github.com/mesh2gw/mesh2gw/convert/route"

// ResolveHost is a host as Istio resolves it in an object of namespace.
func ResolveHost(host, namespace string) string { return fqdn(host, namespace) }

// ResolveService reads a resolved host as the name of a Service; ok is false for
// names outside of the cluster and wildcards.
func ResolveService(host string) (name route.Name, ok bool) { return serviceName(host) }

// ResolveGateway is the Gateway that a VirtualService of namespace refers to.
func ResolveGateway(ref, namespace string) route.Name { return gatewayName(ref, namespace) }

// KnownProtocol is the upper-case name of a protocol that Istio knows, or "".
func KnownProtocol(word string) string { return knownProtocol(word) }

// CarriesHTTP tells whether Istio's HTTP routes apply to a port.
func (p ServicePort) CarriesHTTP() bool { return p.carriesHTTP() }
