package gwapi

import (
	"fmt"

	networking "istio.io/api/networking/v1alpha3"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// clientCheck is how a listener judges client certificates; the zero value asks
// for none.
type clientCheck struct {
	mode    gatewayv1.FrontendValidationModeType
	ca      credential // where Istio finds the authorities
	refusal string     // why the check can't be said, so that nothing may attach
}

// sameAs tells whether one validation of a port serves both.
func (c clientCheck) sameAs(d clientCheck) bool { return c.mode == d.mode && c.ca == d.ca }

// clientChecks decides for the listeners of g. Gateway API knows one check per
// port, for its HTTPS listeners only (GEP-91), so a port that mixes them keeps
// the open ones and refuses the others: no host that asks for client
// certificates today may be served without.
func clientChecks(g *mesh.Gateway, b target.Bundle) map[*mesh.Listener]clientCheck {
	checks := map[*mesh.Listener]clientCheck{}
	open := map[uint32]bool{}
	first := map[uint32]clientCheck{}
	for _, n := range g.Listeners {
		if n.Withheld || n.Protocol != mesh.ListenHTTPS && n.Protocol != mesh.ListenTLS {
			continue
		}
		c := clientCheckOf(g, n)
		if c == (clientCheck{}) {
			open[n.Port] = open[n.Port] || n.Protocol == mesh.ListenHTTPS
			continue
		}
		checks[n] = c
		if _, seen := first[n.Port]; !seen && n.Protocol == mesh.ListenHTTPS {
			first[n.Port] = c
		}
	}
	for n, c := range checks {
		switch {
		case !b.Has(target.FrontendTLS):
			c.refusal = fmt.Sprintf("Gateway API %s has no field for it", b)
		case n.Protocol != mesh.ListenHTTPS:
			c.refusal = "Gateway API checks client certificates on HTTPS listeners only, and this one is TLS"
		case open[n.Port]:
			c.refusal = fmt.Sprintf("other servers of port %d ask for no client certificate, and Gateway API checks a port as a whole", n.Port)
		case !c.sameAs(first[n.Port]):
			c.refusal = fmt.Sprintf("another server of port %d checks otherwise, and Gateway API checks a port as a whole", n.Port)
		}
		checks[n] = c
	}
	return checks
}

func clientCheckOf(g *mesh.Gateway, n *mesh.Listener) clientCheck {
	switch n.Server.GetTls().GetMode() {
	case networking.ServerTLSSettings_MUTUAL:
		return clientCheck{mode: gatewayv1.AllowValidOnly, ca: authorities(g, n.Server.Tls)}
	case networking.ServerTLSSettings_OPTIONAL_MUTUAL:
		return clientCheck{mode: gatewayv1.AllowInsecureFallback, ca: authorities(g, n.Server.Tls)}
	}
	return clientCheck{}
}

// authorities is where Istio looks for the CA certificates of clients
// (pilot/pkg/security/model/authentication.go, ApplyCredentialSDSToServerCommonTLSContext):
// caCertCredentialName, else NAME-cacert with NAME itself as the second choice,
// else a file.
func authorities(g *mesh.Gateway, tls *networking.ServerTLSSettings) credential {
	serving := credentialNames(tls)
	switch {
	case len(serving) == 0:
		return credential{file: tls.CaCertificates}
	case tls.CaCertCredentialName != "":
		return parseCredential(tls.CaCertCredentialName, g.PodNamespace)
	}
	return parseCredential(serving[0]+"-cacert", g.PodNamespace)
}
