package target

// Groups of the Gateway API: GroupX holds kinds that may still change or go.
const (
	Group  = "gateway.networking.k8s.io"
	GroupX = "gateway.networking.x-k8s.io"
)

// APIVersion returns what to write as apiVersion of a kind in b, the newest version
// that the bundle serves, and whether b has the kind at all. Listeners outside of
// the Gateway are kind XListenerSet in 1.4 and ListenerSet from 1.5 on.
func (b Bundle) APIVersion(kind string) (apiVersion string, ok bool) {
	version, group := "v1", Group
	switch kind {
	case "GatewayClass", "Gateway", "HTTPRoute", "GRPCRoute", "BackendTLSPolicy":
	case "TLSRoute":
		ok = b.Has(TLSRoutes)
		if b.Version == V14 {
			version = "v1alpha3" // v1alpha2 is served too, and takes routes without hostnames
		}
		return group + "/" + version, ok
	case "TCPRoute":
		if b.Version.minor() < 6 {
			version = "v1alpha2"
		}
		return group + "/" + version, b.Has(TCPRoutes)
	case "ListenerSet":
		return group + "/" + version, b.Version != V14
	case "XListenerSet":
		return GroupX + "/v1alpha1", b == Bundle{V14, Experimental}
	case "ReferenceGrant":
		if b.Version == V14 {
			version = "v1beta1"
		}
	default:
		return "", false
	}
	return group + "/" + version, true
}
