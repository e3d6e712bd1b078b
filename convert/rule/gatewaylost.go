package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG300-MG319: fields of a Gateway that have no counterpart at all.
var (
	ServerBind = &finding.Rule{
		ID: "MG300", Severity: finding.Error, Since: "0.1",
		Title: "listener is not bound to its address",
		Text:  "A listener of Gateway API has a port and no address of its pod: a server that listens on one address today can be reached on all of them.",
		Hint:  "Limit who reaches the port with a NetworkPolicy, or drop bind.",
		Links: []string{gatewayPage + "Server"},
	}
	ClientCertificateNames = &finding.Rule{
		ID: "MG301", Severity: finding.Error, Since: "0.1",
		Title: "client certificates are not checked as closely",
		Text:  "Gateway API checks a client certificate against certificate authorities and nothing more. Clients that are refused today by name or by fingerprint get in afterwards with any certificate of the same authority.",
		Hint:  "Use an authority that issues to these clients only, or the implementation's own policy (Envoy Gateway: ClientTrafficPolicy).",
		Links: []string{gatewayPage + "ServerTLSSettings", gepPage + "91/"},
	}
	ServerRevocation = &finding.Rule{
		ID: "MG302", Severity: finding.Error, Since: "0.1",
		Title: "revoked client certificates are accepted",
		Text:  "Gateway API has no certificate revocation list: clients whose certificate was revoked are refused today and get in afterwards.",
		Hint:  "Use short-lived certificates, or the implementation's own policy (Envoy Gateway: ClientTrafficPolicy).",
		Links: []string{gatewayPage + "ServerTLSSettings", gepPage + "91/"},
	}
	TLSMinimum = &finding.Rule{
		ID: "MG303", Severity: finding.Error, Since: "0.1",
		Title: "lowest TLS version is the implementation's",
		Text:  "Gateway API has no TLS versions. A client with an older version that is refused today may get in, and one that gets in today may be refused.",
		Hint:  "Set it with the implementation's own policy or listener tls.options, and test with an old client.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSProtocol", guidePage + "tls/"},
	}
	TLSMaximum = &finding.Rule{
		ID: "MG304", Severity: finding.Warning, Since: "0.1",
		Title: "highest TLS version is the implementation's",
		Text:  "Gateway API has no TLS versions. Clients may agree on a newer version than today, which only matters to clients that break with it.",
		Hint:  "Drop the maximum unless a client needs it.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSProtocol", guidePage + "tls/"},
	}
	TLSDefault = &finding.Rule{
		ID: "MG305", Severity: finding.Note, Since: "0.1",
		Title: "TLS version is what implementations default to",
		Text:  "Istio's own default is written out here (at least TLS 1.2 at most 1.3), which current implementations share. Gateway API has no field to promise it.",
		Hint:  "Check the implementation's default.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSProtocol", guidePage + "tls/"},
	}
	CipherSuites = &finding.Rule{
		ID: "MG306", Severity: finding.Error, Since: "0.1",
		Title: "cipher suites are the implementation's",
		Text:  "Gateway API has no cipher suites. A suite that is ruled out today may be agreed on afterwards, and a client may depend on one that is not offered.",
		Hint:  "Set them with the implementation's own policy or listener tls.options (Istio: gateway.istio.io/tls-cipher-suites).",
		Links: []string{gatewayPage + "ServerTLSSettings", guidePage + "tls/"},
	}
	TLSFallback = &finding.Rule{
		ID: "MG307", Severity: finding.Error, Since: "0.1",
		Title: "clients with a bad certificate are refused",
		Text:  "With insecureSkipVerify Istio lets clients in whose certificate does not verify, and hands it to the backend. That is not carried over.",
		Hint:  "Decide whether such clients shall get in, and write frontend validation mode AllowInsecureFallback by hand if they shall.",
		Links: []string{gatewayPage + "ServerTLSSettings", gepPage + "91/"},
	}
)

var gatewayLostRules = []*finding.Rule{
	ServerBind, ClientCertificateNames, ServerRevocation, TLSMinimum, TLSMaximum, TLSDefault, CipherSuites, TLSFallback,
}
