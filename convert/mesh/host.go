package mesh

import (
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// clusterDomain is the suffix of Service names; Istio's default trust domain
// for names, which nearly nobody changes.
const clusterDomain = "cluster.local"

// fqdn resolves a host as Istio does: only a name without a dot is short and
// takes the namespace of the object that names it; reviews.prod stays as it is
// (pilot/pkg/model/config.go ResolveShortnameToFQDN).
func fqdn(host, namespace string) string {
	host = lower(host)
	if host == "" || host == "*" || strings.Contains(host, ".") || isIP(host) {
		return host
	}
	return host + "." + namespace + ".svc." + clusterDomain
}

// lower spells a host in lower case, as Istio does, unless it holds a
// placeholder, whose case matters to whoever fills it in.
func lower(host string) string {
	if hasPlaceholder(host) {
		return host
	}
	return strings.ToLower(host)
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// serviceName reads name.namespace.svc.cluster.local.
func serviceName(host string) (route.Name, bool) {
	rest, ok := strings.CutSuffix(host, ".svc."+clusterDomain)
	if !ok {
		return route.Name{}, false
	}
	name, namespace, ok := strings.Cut(rest, ".")
	if !ok || !isLabel(name) || !isLabel(namespace) {
		return route.Name{}, false
	}
	return route.Name{Namespace: namespace, Name: name}, true
}

// gatewayName resolves a reference to a Gateway: name, ns/name, ./name, and the
// old name.ns.svc.cluster.local (pilot/pkg/model/config.go resolveGatewayName).
func gatewayName(ref, namespace string) route.Name {
	if ns, name, ok := strings.Cut(ref, "/"); ok {
		if ns == "." {
			ns = namespace
		}
		return route.Name{Namespace: ns, Name: name}
	}
	name, rest, dotted := strings.Cut(ref, ".")
	if !dotted {
		return route.Name{Namespace: namespace, Name: ref}
	}
	ns, _, _ := strings.Cut(rest, ".")
	return route.Name{Namespace: ns, Name: name}
}

// hostsMeet tells whether a name exists that both hosts stand for.
func hostsMeet(a, b string) bool { return route.HostTakes(b, a) || route.HostTakes(a, b) }

// expressibleHost tells whether Gateway API can say host: a DNS name, or one
// whose first label is a lone asterisk. A placeholder is taken to become one.
func expressibleHost(host string) bool {
	rest := strings.TrimPrefix(host, "*.")
	return host == "*" || isSubdomain(rest) && !isIP(rest)
}

// isLabel tells whether text can name a namespace or a Service (RFC 1123), or
// will once a placeholder is filled in.
func isLabel(text string) bool {
	return plainLabel(text) || len(validation.IsDNS1123Label(source.Filled(text))) == 0
}

// plainLabel sees the usual names without a regular expression, since every
// destination asks: lower-case letters, digits, and hyphens between them.
func plainLabel(text string) bool {
	if len(text) > 63 {
		return false
	}
	for i := range len(text) {
		c, inside := text[i], i > 0 && i < len(text)-1
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' && inside) {
			return false
		}
	}
	return text != ""
}

// isSubdomain tells whether text can name most objects (RFC 1123), or will.
func isSubdomain(text string) bool {
	return plainLabel(text) || len(validation.IsDNS1123Subdomain(source.Filled(text))) == 0
}

// hasPlaceholder finds ${VAR} and <placeholder>, which are kept verbatim.
func hasPlaceholder(s string) bool { return source.Placeholder(s) != "" }
