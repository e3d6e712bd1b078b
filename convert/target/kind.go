package target

// Groups of the Gateway API: GroupX holds kinds that may still change or go.
const (
	Group  = "gateway.networking.k8s.io"
	GroupX = "gateway.networking.x-k8s.io"
)

// APIVersion returns what to write as apiVersion of a kind in b, the newest version
// that the bundle serves, and whether b has the kind at all; the apiVersion means
// nothing without it. Listeners outside of
// the Gateway are kind XListenerSet in 1.4 and ListenerSet from 1.5 on.
func (b Bundle) APIVersion(kind string) (apiVersion string, ok bool) {
	switch kind {
	case "GatewayClass", "Gateway", "HTTPRoute", "GRPCRoute", "BackendTLSPolicy":
		return Group + "/v1", true
	case "TLSRoute":
		if b.Version == V14 {
			return Group + "/v1alpha3", b.Has(TLSRoutes) // v1alpha2 takes routes without hostnames
		}
		return Group + "/v1", true
	case "TCPRoute":
		if b.Version.minor() < 6 {
			return Group + "/v1alpha2", b.Has(TCPRoutes)
		}
		return Group + "/v1", true
	case "ListenerSet":
		return Group + "/v1", b.Version != V14
	case "XListenerSet":
		return GroupX + "/v1alpha1", b == Bundle{V14, Experimental}
	case "ReferenceGrant":
		if b.Version == V14 {
			return Group + "/v1beta1", true
		}
		return Group + "/v1", true
	}
	return "", false
}
