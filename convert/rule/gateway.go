package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Gateways and their listeners, where the verdict depends on the value.
var (
	// GatewayDataPlane is said of every Gateway that is written.
	GatewayDataPlane = &finding.Rule{
		ID: "MG320", Severity: finding.Note, Since: "0.1",
		Title: "Gateway gets its own data plane and address",
		Text:  "An Istio Gateway configures pods that its selector picks; a Gateway of the Gateway API makes pods and a Service of its own, with a new address. Clients move when DNS does, and policies that select the old pods do not guard the new ones.",
		Hint:  "Bring both up side by side, test the new address, then move DNS to it.",
		Links: []string{gatewayPage + "Gateway", gepPage + "1762/"},
	}
	// GatewayClassAssumed is said once a run.
	GatewayClassAssumed = &finding.Rule{
		ID: "MG321", Severity: finding.Note, Since: "0.1",
		Title: "gateway class istio is assumed",
		Text:  "The class says which implementation serves a Gateway. None was named, so Istio's own class is written; where Istio does not run, nothing serves the Gateway.",
		Hint:  "Name another with --gateway-class.",
		Links: []string{typePage + "gatewayclass/"},
	}
	// GatewayEmpty tells why a Gateway is missing from the output.
	GatewayEmpty = &finding.Rule{
		ID: "MG322", Severity: finding.Note, Since: "0.1", Admits: []finding.Aspect{finding.HostServed},
		Title: "Gateway has no listener and is not written",
		Text:  "A Gateway needs at least one listener. None of this one's servers has a counterpart (other findings say why), so neither the Gateway nor what would attach to it is written.",
		Hint:  "Keep the Istio Gateway for these servers.",
		Links: []string{gatewayPage + "Server", typePage + "gateway/"},
	}
	// ListenerPort covers port 0 (a Unix socket) and numbers past 65535.
	ListenerPort = &finding.Rule{
		ID: "MG323", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.HostServed},
		Title: "listener needs a port between 1 and 65535",
		Text:  "A server on a Unix domain socket has port 0, which a Gateway can't listen on. No listener is written for it.",
		Hint:  "Keep this server in an Istio Gateway.",
		Links: []string{gatewayPage + "Port"},
	}
	// ListenersOverflow is the case of a bundle without ListenerSets.
	ListenersOverflow = &finding.Rule{
		ID: "MG324", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.HostServed},
		Title: "more listeners than a Gateway takes",
		Text:  "A Gateway has at most 64 listeners; the rest would go to ListenerSets, which the chosen bundle lacks. Hosts past the limit are not served.",
		Hint:  "Choose a newer --gateway-api, or merge hosts under a wildcard.",
		Links: []string{gepPage + "1713/"},
	}
	// ListenersSplit tells that ListenerSets are in use.
	ListenersSplit = &finding.Rule{
		ID: "MG325", Severity: finding.Note, Since: "0.1",
		Title: "listeners past the 64th go to ListenerSets",
		Text:  "A Gateway has at most 64 listeners. The rest stands in ListenerSets (GEP-1713), which the implementation has to support.",
		Hint:  "Check that the implementation supports ListenerSet.",
		Links: []string{gepPage + "1713/"},
	}
	// GatewayNotPublic guards gateways that have no load balancer today.
	GatewayNotPublic = &finding.Rule{
		ID: "MG326", Severity: finding.Warning, Since: "0.1",
		Title: "gateway has no load balancer today",
		Text:  "The Service in front of today's gateway pods is reached from inside of the cluster only; an implementation makes a Service of type LoadBalancer for a new Gateway, which may be public.",
		Hint:  "Tell the implementation to make another type of Service.",
		Links: []string{gepPage + "1762/", guidePage + "infrastructure/"},
	}
)

// Certificates of servers.
var (
	// CredentialNamespace explains a certificateRef to another namespace.
	CredentialNamespace = &finding.Rule{
		ID: "MG330", Severity: finding.Note, Since: "0.1",
		Title: "certificate lies in another namespace",
		Text:  "Istio reads credentialName in the namespace of the gateway's pods, Gateway API in the Gateway's own unless a ReferenceGrant allows more. Only Secrets of type kubernetes.io/tls (tls.crt, tls.key) are portable.",
		Hint:  "",
		Links: []string{gatewayPage + "ServerTLSSettings", typePage + "referencegrant/"},
	}
	// CredentialRefused is a reference that Istio does not follow.
	CredentialRefused = &finding.Rule{
		ID: "MG331", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "Istio refuses this Secret, Gateway API reads it",
		Text:  "Istio reads kubernetes://NAMESPACE/NAME only in the namespace of the gateway's own pods, so the server can't be reached today. A ReferenceGrant opens it after the migration.",
		Hint:  "Remove the server if it is not meant to serve, or the namespace from credentialName.",
		Links: []string{gatewayPage + "ServerTLSSettings", typePage + "referencegrant/"},
	}
	// CertificateFile is a certificate that is not in a Secret.
	CertificateFile = &finding.Rule{
		ID: "MG332", Severity: finding.Error, Since: "0.1",
		Title: "certificate is not in a Secret",
		Text:  "A listener takes its certificate from a Secret. Files in the gateway's pods and Istio's own certificates have no counterpart, so the listener names a Secret that has to be made; until then it stays closed.",
		Hint:  "Create the Secret.",
		Links: []string{gatewayPage + "ServerTLSSettings", guidePage + "tls/"},
	}
	// SeveralCertificates is RSA and ECDSA side by side.
	SeveralCertificates = &finding.Rule{
		ID: "MG333", Severity: finding.Warning, Since: "0.1",
		Title: "listener has several certificates",
		Text:  "Several certificateRefs of one listener (RSA and ECDSA) are left to the implementation: it may serve the first only, which old clients may not understand.",
		Hint:  "Check that the implementation serves all certificates of a listener.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSCertificate", guidePage + "tls/"},
	}
)

// Certificates of clients.
var (
	// ClientCA asks for the ConfigMap with the authorities.
	ClientCA = &finding.Rule{
		ID: "MG340", Severity: finding.Error, Since: "0.1",
		Title: "client certificates are checked against a ConfigMap",
		Text:  "Gateway API reads the authorities for client certificates from key ca.crt of a ConfigMap; Istio reads them from a Secret or a file. Until the ConfigMap is made, the listener is closed.",
		Hint:  "Create the ConfigMap.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSmode", gepPage + "91/", gepPage + "3567/"},
	}
	// ClientCheckWithheld closes a listener rather than serve without a check.
	ClientCheckWithheld = &finding.Rule{
		ID: "MG341", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "client certificates can't be checked for this host",
		Text:  "Gateway API checks client certificates for all HTTPS listeners of a port alike. A server that asks for them where that can't be said gets a listener to which no route may attach: its hosts answer 404 instead of being open to clients without a certificate.",
		Hint:  "Give the hosts that ask for client certificates a port or a Gateway of their own.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSmode", gepPage + "91/", gepPage + "3567/"},
	}
	// OptionalClientCheck is OPTIONAL_MUTUAL.
	OptionalClientCheck = &finding.Rule{
		ID: "MG342", Severity: finding.Warning, Since: "0.1",
		Title: "invalid client certificates are let through",
		Text:  "OPTIONAL_MUTUAL refuses a client whose certificate is invalid and serves one without. Its nearest counterpart, AllowInsecureFallback, serves both; the backend has to judge.",
		Hint:  "Let the backend check the client certificate, or ask for one of everybody (MUTUAL).",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSmode", gepPage + "91/", gepPage + "3567/"},
	}
)

// Redirects to https, and TLS towards backends.
var (
	// RedirectPort80 is the harmless case: clients leave port 80 out of Host.
	RedirectPort80 = &finding.Rule{
		ID: "MG350", Severity: finding.Note, Since: "0.1", Admits: []finding.Aspect{finding.Redirect},
		Title: "https redirect forgets port 80 of the Host header",
		Text:  "Istio keeps a port that the client wrote into Host; Gateway API redirects to the scheme's own port, 443. Browsers and most clients leave port 80 out of Host, and see the same Location as today.",
		Hint:  "",
		Links: []string{gatewayPage + "ServerTLSSettings", guidePage + "http-redirect-rewrite/"},
	}
	// HTTPSRedirectPort is the case of any other port, which clients do write.
	HTTPSRedirectPort = &finding.Rule{
		ID: "MG351", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Redirect},
		Title: "https redirect goes to port 443",
		Text:  "Istio keeps the port of the Host header in the redirect, Gateway API goes to port 443. Clients that reach the port by its number write it into Host.",
		Hint:  "Check that https is served on port 443 of the same host.",
		Links: []string{gatewayPage + "ServerTLSSettings", guidePage + "http-redirect-rewrite/"},
	}
	// BackendCA asks for the ConfigMap of a BackendTLSPolicy.
	BackendCA = &finding.Rule{
		ID: "MG360", Severity: finding.Error, Since: "0.1",
		Title: "backend certificates are checked against a ConfigMap",
		Text:  "A BackendTLSPolicy reads the authorities from key ca.crt of a ConfigMap in the namespace of the Service; Istio reads them from a Secret or a file. Until the ConfigMap is made, requests to the Service fail.",
		Hint:  "Create the ConfigMap.",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
	// BackendSANs is a list past the limit of the CRD.
	BackendSANs = &finding.Rule{
		ID: "MG361", Severity: finding.Error, Since: "0.1",
		Title: "more names of the backend than a policy takes",
		Text:  "A BackendTLSPolicy takes at most five subjectAltNames. A backend whose certificate shows only one of the others is refused after the migration.",
		Hint:  "Shorten subjectAltNames.",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
	// BackendHostname is a policy that can't name what Istio verifies.
	BackendHostname = &finding.Rule{
		ID: "MG362", Severity: finding.Error, Since: "0.1",
		Title: "backend's TLS name is taken from its Service",
		Text:  "A BackendTLSPolicy needs one DNS name for SNI and verification. Where the DestinationRule names none, Istio takes the Host of each request. The policy names the Service, so that requests never go in plain text; a certificate for another name is refused.",
		Hint:  "Write the name that the certificate shows as tls.sni in the DestinationRule.",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
)

// MG3xx: Gateway, what depends on the value.
var gatewayRules = []*finding.Rule{
	GatewayDataPlane, GatewayClassAssumed, GatewayEmpty, ListenerPort, ListenersOverflow, ListenersSplit, GatewayNotPublic,
	CredentialNamespace, CredentialRefused, CertificateFile, SeveralCertificates,
	ClientCA, ClientCheckWithheld, OptionalClientCheck,
	RedirectPort80, HTTPSRedirectPort, BackendCA, BackendSANs, BackendHostname,
}
