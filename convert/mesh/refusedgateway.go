package mesh

import (
	networking "istio.io/api/networking/v1alpha3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// reportRefusedGateway names Gateways that Istio's validation does not take
// (pkg/config/validation/validation.go ValidateGateway).
func (l *linker) reportRefusedGateway(g *Gateway) {
	r := &refusal{}
	if !hasPlaceholder(g.Name.Name) && len(validation.IsDNS1123Label(g.Name.Name)) > 0 {
		r.because(g.Object.Root.Get("metadata").At("name"), "the name of a Gateway has no dots")
	}
	if len(g.Spec.Servers) == 0 {
		r.because(g.Object.Place(), "it has no servers")
	}
	names := map[string]bool{}
	for i, s := range g.Spec.Servers {
		at := child(g.Object.Root.Get("spec"), "servers", i)
		name := s.GetPort().GetName()
		switch {
		case s.GetPort() == nil: // MG391
		case name == "":
			r.because(at.Get("port").Place(), "a port has no name")
		case names[name]:
			r.because(at.Get("port").At("name"), "two ports are called %s", name)
		}
		names[name] = true
		r.server(s, at)
	}
	l.add(r.all...)
}

// server is validateServer and validateTLSOptions. What makes the protocol
// unusable has findings of its own.
func (r *refusal) server(s *networking.Server, at *source.Node) {
	if len(s.Hosts) == 0 {
		r.because(at.Place(), "a server has no hosts")
	}
	t := s.Tls
	if t == nil || s.GetPort() == nil {
		return
	}
	sources := 0
	for _, given := range []bool{t.ServerCertificate != "" && t.PrivateKey != "", t.CredentialName != "", len(t.CredentialNames) > 0, len(t.TlsCertificates) > 0} {
		if given {
			sources++
		}
	}
	passes := t.Mode == networking.ServerTLSSettings_PASSTHROUGH || t.Mode == networking.ServerTLSSettings_AUTO_PASSTHROUGH
	switch protocol := knownProtocol(s.Port.Protocol); {
	case sources > 1:
		r.because(at.At("tls"), "a server has more than one source of certificates")
	case protocol == "HTTPS" || protocol == "TLS" || protocol == "":
	case protocol == "TCP" || protocol == "MONGO" || protocol == "REDIS" || protocol == "MYSQL":
		r.because(at.At("tls"), "a port of protocol %s has tls", protocol)
	case !passes || t.CaCertificates+t.PrivateKey+t.ServerCertificate != "":
		r.because(at.At("tls"), "a plain port has tls settings other than httpsRedirect")
	}
}
