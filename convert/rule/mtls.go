package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What is left of mutual TLS where proxies go away.
var (
	ServeTLSYourself = &finding.Rule{
		ID: "MG590", Severity: finding.Warning, Since: "0.1",
		Title: "application has to do mutual TLS itself",
		Text:  "A proxy beside the application ends TLS, verifies who calls, and shows a certificate to whom the application calls. Without the proxy all of that is up to the application; the certificate for it is written, and a BackendTLSPolicy has the gateway ask for it. Until the application serves TLS, the gateway gets no answer from it.",
		Hint:  "Follow docs/mtls.md: mount the Secret, serve TLS with it, verify clients, and reload it.",
		Links: []string{gepPage + "1897/", "https://cert-manager.io/docs/usage/certificate/"},
	}
	IdentityUnknown = &finding.Rule{
		ID: "MG591", Severity: finding.Error, Since: "0.1",
		Title: "no certificate, since nobody says who runs the pods",
		Text:  "An identity is a ServiceAccount, which the workload names that makes the pods of a Service. Without it a certificate would be a guess, so none is written, and neither is a policy that would demand one: requests go on in plain text.",
		Hint:  "Give the Deployment, StatefulSet or DaemonSet along with the Service.",
		Links: []string{securityPage + "peer_authentication/"},
	}
	ClientCertificateByHand = &finding.Rule{
		ID: "MG592", Severity: finding.Error, Since: "0.1",
		Title: "Gateway has to show a certificate, and is not here",
		Text:  "A Service that demands mutual TLS refuses a gateway without a certificate. Gateway API says which one is shown in the Gateway (spec.tls.backend.clientCertificateRef), which is not among the input.",
		Hint:  "Give the Istio Gateway along, or write spec.tls.backend.clientCertificateRef on the Gateway.",
		Links: []string{gepPage + "3155/"},
	}
	MutualTLSLost = &finding.Rule{
		ID: "MG593", Severity: finding.Error, Since: "0.1",
		Title: "gateway is no part of the mesh: mutual TLS is lost",
		Text:  "Istio's gateway has a certificate of the mesh. Another implementation has none: what it sends to the pods is plain text, and pods with a STRICT PeerAuthentication refuse it.",
		Hint:  "Keep mutual TLS with --mtls cert-manager, or choose Istio as target.",
		Links: []string{destinationRulePage + "ClientTLSSettings-TLSmode", securityPage + "peer_authentication/"},
	}
	DemandedByApplication = &finding.Rule{
		ID: "MG594", Severity: finding.Warning, Since: "0.1",
		Title: "applications have to demand mutual TLS themselves",
		Text:  "A PeerAuthentication has proxies refuse clients that show no certificate of the mesh. Its workloads have certificates of their own afterwards, and whoever of them does not ask clients for one serves everybody.",
		Hint:  "Have each server require client certificates (docs/mtls.md), and close what can't by NetworkPolicy.",
		Links: []string{securityPage + "peer_authentication/"},
	}
)

// MG590 to MG599: mutual TLS without proxies.
var mtlsRules = []*finding.Rule{ServeTLSYourself, IdentityUnknown, ClientCertificateByHand, MutualTLSLost, DemandedByApplication}
