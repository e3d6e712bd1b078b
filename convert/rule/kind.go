package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Kinds that protect something.
var (
	AuthorizationPolicy = &finding.Rule{
		ID: "MG400", Severity: finding.Error, Since: "0.1",
		Title: "AuthorizationPolicy is not carried over",
		Text:  "Gateway API has no authorization. A policy that selects the pods of today's ingress gateway does not select the pods of the new one, so requests that it refuses today get through.",
		Hint:  "Point it at the new Gateway with targetRefs (Istio as target) before the cut-over, or write the implementation's own policy.",
		Links: []string{securityPage + "authorization-policy/", gepPage + "3779/"},
	}
	RequestAuthentication = &finding.Rule{
		ID: "MG401", Severity: finding.Error, Since: "0.1",
		Title: "RequestAuthentication is not carried over",
		Text:  "Gateway API does not check tokens. Requests with a bad JWT, refused today at the gateway, get through the new one; claims are not there to be matched.",
		Hint:  "Point it at the new Gateway with targetRefs (Istio as target) before the cut-over, or write the implementation's own policy.",
		Links: []string{securityPage + "request_authentication/", gepPage + "1494/"},
	}
	PeerAuthentication = &finding.Rule{
		ID: "MG402", Severity: finding.Error, Since: "0.1",
		Title: "PeerAuthentication is not carried over",
		Text:  "Gateway API has no mTLS between workloads. A mesh goes on enforcing it; without one, plain text is accepted that is refused today.",
		Hint:  "Keep the mesh, or close the ports with NetworkPolicies.",
		Links: []string{securityPage + "peer_authentication/"},
	}
	EnvoyFilter = &finding.Rule{
		ID: "MG403", Severity: finding.Error, Since: "0.1",
		Title: "EnvoyFilter is not carried over",
		Text:  "An EnvoyFilter patches Envoy's own configuration: rate limits, authentication, header rules, anything. It does not select the pods of the new gateway, and other implementations do not read it.",
		Hint:  "Find out what it does, and write that as the implementation's own policy (Istio as target: point it at the new Gateway with targetRefs).",
		Links: []string{networkingPage + "envoy-filter/"},
	}
	WasmPlugin = &finding.Rule{
		ID: "MG404", Severity: finding.Error, Since: "0.1",
		Title: "extension of the proxy is not carried over",
		Text:  "A WasmPlugin or TrafficExtension runs code in the proxy, often to authenticate or to filter. It does not run in the pods of the new gateway.",
		Hint:  "Point it at the new Gateway with targetRefs (Istio as target), or load it by the implementation's own policy (Envoy Gateway: EnvoyExtensionPolicy).",
		Links: []string{istioPage + "reference/config/proxy_extensions/wasm-plugin/"},
	}
	Sidecar = &finding.Rule{
		ID: "MG405", Severity: finding.Error, Since: "0.1",
		Title: "Sidecar is not carried over",
		Text:  "A Sidecar limits which hosts a workload reaches through the mesh, and how its ports are served. Without sidecars nothing enforces that.",
		Hint:  "Write NetworkPolicies for what must stay closed.",
		Links: []string{networkingPage + "sidecar/"},
	}
	PeerAuthenticationOpen = &finding.Rule{
		ID: "MG406", Severity: finding.Note, Since: "0.1",
		Title: "PeerAuthentication demands no mutual TLS",
		Text:  "With mode PERMISSIVE or DISABLE plain text is accepted today, and afterwards as well. Where a mesh stays, the object goes on working.",
		Hint:  "Remove it with the mesh; until then it has to stay where it makes an exception from a stricter one.",
		Links: []string{securityPage + "peer_authentication/#PeerAuthentication-MutualTLS-Mode"},
	}
)

// Kinds that shape traffic or what is known of it.
var (
	WorkloadEntry = &finding.Rule{
		ID: "MG410", Severity: finding.Warning, Since: "0.1",
		Title: "workload outside of Kubernetes is not carried over",
		Text:  "A WorkloadEntry or WorkloadGroup adds machines to the mesh as endpoints. A Service reaches them only by EndpointSlices of its own.",
		Hint:  "Write EndpointSlices for the machines, or keep the mesh.",
		Links: []string{networkingPage + "workload-entry/", networkingPage + "workload-group/"},
	}
	Telemetry = &finding.Rule{
		ID: "MG411", Severity: finding.Note, Since: "0.1",
		Title: "Telemetry is not carried over",
		Text:  "Metrics, access logs and traces of the new gateway are configured by its implementation. Requests are served as before.",
		Hint:  "Configure them before the cut-over, so that both can be compared.",
		Links: []string{istioPage + "reference/config/telemetry/"},
	}
	ProxyConfig = &finding.Rule{
		ID: "MG412", Severity: finding.Note, Since: "0.1",
		Title: "ProxyConfig is not carried over",
		Text:  "A ProxyConfig sets threads, environment and image of proxies. The new gateway has its implementation's settings.",
		Hint:  "Size the new gateway by load, not by what the old one had.",
		Links: []string{networkingPage + "proxy-config/"},
	}
	MeshInstallation = &finding.Rule{
		ID: "MG413", Severity: finding.Warning, Since: "0.1",
		Title: "settings of the installation are not read",
		Text:  "Settings for the whole mesh (outbound policy, retries, access log, mTLS) stand in IstioOperator or Istio objects. They act on today's traffic, and the conversion takes Istio's defaults.",
		Hint:  "Compare meshConfig with Istio's defaults by hand.",
		Links: []string{istioPage + "reference/config/istio.mesh.v1alpha1/"},
	}
	DeadKind = &finding.Rule{
		ID: "MG414", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "kind is dead since Istio 1.6 or earlier",
		Text:  "Today's Istio reads no object of this kind, so it has no effect, although its author may count on it.",
		Hint:  "Remove it; what it was to protect is open today.",
		Links: []string{istioPage + "reference/config/"},
	}
	UnknownKind = &finding.Rule{
		ID: "MG420", Severity: finding.Warning, Since: "0.1",
		Title: "kind of Istio is not known",
		Text:  "The object is in a group of Istio and of a kind that this release does not know. What it does to traffic is not known, and it is not carried over.",
		Hint:  "Check the spelling, or look for a newer release of mesh2gw.",
		Links: []string{istioPage + "reference/config/"},
	}
	UnknownVersion = &finding.Rule{
		ID: "MG421", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "version of the kind is not known",
		Text:  "The kind is served as v1, v1beta1 and v1alpha3. Under another apiVersion no cluster takes the object, and it is not converted.",
		Hint:  "Write apiVersion: networking.istio.io/v1.",
		Links: []string{istioPage + "reference/config/networking/"},
	}
)

// kindRules are MG400-MG449: kinds that are not carried over.
var kindRules = []*finding.Rule{
	AuthorizationPolicy, RequestAuthentication, PeerAuthentication, EnvoyFilter, WasmPlugin, Sidecar, PeerAuthenticationOpen,
	WorkloadEntry, Telemetry, ProxyConfig, MeshInstallation, DeadKind, UnknownKind, UnknownVersion,
}
