package gwapi

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// gatewayTLS is what a Gateway asks of clients, and shows to Services (GEP-3155);
// nil for neither.
func (p *pass) gatewayTLS(l *layout) *gatewayv1.GatewayTLSConfig {
	frontend, secret := p.frontendTLS(l), p.opts.Clients[l.gateway.Name]
	if secret == "" {
		return frontend
	}
	if !p.opts.Bundle.Has(target.BackendClientCertificate) {
		p.note(rule.ClientCertificateByHand, l.gateway.Object.Document.Place(), "Gateway API %s has no field for the certificate that Gateway %s shows to Services, which refuse it then.", p.opts.Bundle, l.gateway.Name)
		return frontend
	}
	if frontend == nil {
		frontend = &gatewayv1.GatewayTLSConfig{}
	}
	frontend.Backend = &gatewayv1.GatewayBackendTLS{ClientCertificateRef: &gatewayv1.SecretObjectReference{Name: gatewayv1.ObjectName(secret)}}
	return frontend
}

// frontendTLS says how a Gateway checks client certificates (GEP-91), or nil.
// Each port is named, so that no other port starts to ask for certificates.
func (p *pass) frontendTLS(l *layout) *gatewayv1.GatewayTLSConfig {
	ports := map[uint32]*mesh.Listener{}
	for _, n := range slices.Concat(l.groups...) {
		if _, seen := ports[n.Port]; !seen && l.checks[n] != (clientCheck{}) && !l.closed(n) {
			ports[n.Port] = n
		}
		if c := l.checks[n]; c.mode == gatewayv1.AllowInsecureFallback && !l.closed(n) {
			p.note(rule.OptionalClientCheck, n.From.Get("tls").At("mode"), "a client of %s whose certificate is invalid is refused today, and served afterwards as one without.", host(n))
		}
	}
	if len(ports) == 0 {
		return nil
	}
	var perPort []gatewayv1.TLSPortConfig
	for _, port := range slices.Sorted(maps.Keys(ports)) {
		perPort = append(perPort, gatewayv1.TLSPortConfig{
			Port: gatewayv1.PortNumber(port),
			TLS: gatewayv1.TLSConfig{Validation: &gatewayv1.FrontendTLSValidation{
				CACertificateRefs: []gatewayv1.ObjectReference{p.clientCA(l, ports, port)},
				Mode:              l.checks[ports[port]].mode,
			}},
		})
	}
	return &gatewayv1.GatewayTLSConfig{Frontend: &gatewayv1.FrontendTLSConfig{PerPort: perPort}}
}

// clientCA refers to the authorities for the clients of a port.
func (p *pass) clientCA(l *layout, ports map[uint32]*mesh.Listener, port uint32) gatewayv1.ObjectReference {
	n := ports[port]
	ca := l.checks[n].ca
	at := n.From.Get("tls").At(authorityKey(n))
	ref := gatewayv1.ObjectReference{Kind: "ConfigMap", Name: gatewayv1.ObjectName(ca.name.Name)}
	if ca.kind == "ConfigMap" {
		if ca.name.Namespace != l.gateway.Namespace {
			ref.Namespace = new(gatewayv1.Namespace(ca.name.Namespace))
			p.grants = append(p.grants, grant{
				fromKind: "Gateway", fromNamespace: l.gateway.Namespace, fromName: l.name, toKind: ca.kind, to: ca.name,
				origin: Origin{Pos: at.Pos, What: l.gateway.Object.Document.Object() + ", caCertCredentialName"},
			})
		}
		return ref
	}
	name := fit(caName(l, ports, port), "", subdomainLimit)
	ref.Name = gatewayv1.ObjectName(name)
	from, file := "file "+ca.file, path.Base(ca.file)
	create := "Create it"
	if ca.kind == "Secret" {
		from, file = "Secret "+ca.name.String(), "ca.crt"
		create = "Take the certificate from key ca.crt or cacert of the Secret"
		if own, derived := strings.CutSuffix(ca.name.Name, "-cacert"); derived {
			from += " (or " + own + ")"
		}
	}
	p.add(finding.New(rule.ClientCA, at, "client certificates on port %d are checked against %s today, against ConfigMap %s afterwards; the port is closed until that exists.", port, from, name).
		WithHint("%s: kubectl create configmap %s -n %s --from-file=ca.crt=%s.", create, name, l.gateway.Namespace, file))
	return ref
}

// authorityKey is the key that says which authorities count.
func authorityKey(n *mesh.Listener) string {
	tls := n.Server.GetTls()
	switch {
	case tls.GetCaCertCredentialName() != "":
		return "caCertCredentialName"
	case len(tls.GetCredentialNames()) > 0:
		return "credentialNames"
	case tls.GetCredentialName() != "":
		return "credentialName"
	}
	return "caCertificates"
}

// caName names the ConfigMap for a port: one for the Gateway when all its ports
// trust the same.
func caName(l *layout, ports map[uint32]*mesh.Listener, port uint32) string {
	for _, n := range ports {
		if l.checks[n].ca != l.checks[ports[port]].ca {
			return fmt.Sprintf("%s-client-ca-%d", l.name, port)
		}
	}
	return l.name + "-client-ca"
}
