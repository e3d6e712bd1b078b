package gwapi

import (
	"cmp"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// credential is what a credentialName stands for, as Istio reads it
// (pilot/pkg/model/credentials/resource.go, ParseResourceName).
type credential struct {
	kind    string // Secret or ConfigMap; "" when it is neither
	name    route.Name
	foreign bool   // kubernetes://NS/NAME outside of the pods' namespace: Istio refuses it (pilot/pkg/xds/sds.go)
	file    string // a path in the pods, or what else it was
}

// parseCredential reads name for pods in the given namespace.
func parseCredential(name, podNamespace string) credential {
	scheme, rest, written := strings.Cut(name, "://")
	if !written {
		return credential{kind: "Secret", name: route.Name{Namespace: podNamespace, Name: name}}
	}
	namespace, secret, qualified := strings.Cut(rest, "/")
	secret, _, _ = strings.Cut(secret, "/") // Istio drops what follows
	switch {
	case scheme == "kubernetes" && !qualified:
		return credential{kind: "Secret", name: route.Name{Namespace: podNamespace, Name: namespace}}
	case scheme == "kubernetes":
		return credential{kind: "Secret", name: route.Name{Namespace: namespace, Name: secret}, foreign: namespace != podNamespace}
	case scheme == "kubernetes-gateway" && namespace != "" && secret != "":
		return credential{kind: "Secret", name: route.Name{Namespace: namespace, Name: secret}}
	case scheme == "configmap" && namespace != "" && secret != "":
		return credential{kind: "ConfigMap", name: route.Name{Namespace: namespace, Name: strings.TrimSuffix(secret, "-cacert")}}
	}
	return credential{file: name} // builtin://, invalid:// and what Istio can't parse
}

// credentialNames are the names of a server's certificates; credentialNames goes
// before credentialName.
func credentialNames(tls *networking.ServerTLSSettings) []string {
	if len(tls.GetCredentialNames()) > 0 {
		return tls.CredentialNames
	}
	if name := tls.GetCredentialName(); name != "" {
		return []string{name}
	}
	return nil
}

// certificateFile names the files of a server's certificate.
func certificateFile(tls *networking.ServerTLSSettings) string {
	if len(tls.GetTlsCertificates()) > 0 {
		return tls.TlsCertificates[0].ServerCertificate
	}
	return cmp.Or(tls.GetServerCertificate(), tls.GetPrivateKey())
}
