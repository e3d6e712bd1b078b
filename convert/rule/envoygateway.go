package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What Envoy Gateway's resources do in another way than Istio. Read from Envoy
// Gateway v1.9.1.
const (
	// envoyGatewayPage is followed by a page of Envoy Gateway's documentation.
	envoyGatewayPage = "https://gateway.envoyproxy.io/docs/"
	trafficPolicyAPI = envoyGatewayPage + "api/extension_types/#backendtrafficpolicy"
)

// Rules of the resources of Envoy Gateway.
var (
	EnvoyGatewayBackends = &finding.Rule{
		ID: "MG560", Severity: finding.Error, Since: "0.1",
		Title: "settings of a rule's Services differ",
		Text:  "DestinationRules speak of connections to one Service. Envoy Gateway makes one cluster for all backends of a rule, so that a BackendTrafficPolicy can't tell them apart: what DestinationRules say is not carried over for the rule.",
		Hint:  "Give all of them the same trafficPolicy, or send to each by a rule of its own.",
		Links: []string{destinationRulePage + "TrafficPolicy", trafficPolicyAPI},
	}
	EnvoyGatewayLimits = &finding.Rule{
		ID: "MG561", Severity: finding.Warning, Since: "0.1",
		Title: "limits and ejections count for each rule",
		Text:  "Istio counts connections, requests, retries and errors of pods for a port of a Service. Envoy Gateway makes a cluster for each rule of a route, of all its backends: a limit holds for each rule by itself, so that the Service may get more, and for the backends of a rule together, so that each may get less. A pod that is ejected for one rule still gets requests of others.",
		Hint:  "Divide the limits by the number of rules, or send to the Service by one rule.",
		Links: []string{destinationRulePage + "ConnectionPoolSettings", envoyPage + "intro/arch_overview/upstream/circuit_breaking", trafficPolicyAPI},
	}
	EnvoyGatewayOutlier = &finding.Rule{
		ID: "MG562", Severity: finding.Warning, Since: "0.1",
		Title: "pods are ejected by other signs as well",
		Text:  "Istio switches off that pods are ejected for a success rate below that of their peers, which is Envoy's default. A BackendTrafficPolicy can't: with 5 pods or more that get 100 requests each in an interval, one that fails more often than the others is ejected too.",
		Hint:  "Watch ejections after the switch, or raise interval.",
		Links: []string{envoyPage + "intro/arch_overview/upstream/outlier", trafficPolicyAPI},
	}
	EnvoyGatewayRetry = &finding.Rule{
		ID: "MG563", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "condition for retries is not there",
		Text:  "The retry policy of a BackendTrafficPolicy takes a fixed list of Envoy's conditions, and status codes. What is not on it is not retried.",
		Hint:  "Retry in the callers, or name the status codes that the Service answers.",
		Links: []string{virtualServicePage + "HTTPRetry", envoyGatewayPage + "tasks/traffic/retry/"},
	}
	EnvoyGatewayHash = &finding.Rule{
		ID: "MG564", Severity: finding.Warning, Since: "0.1",
		Title: "consistent hashing works in another way",
		Text:  "Requests with the same key still go to the same pod. Envoy Gateway finds it in Maglev's table, where Istio's default is a ring: more keys change their pod when pods come and go. And its retries go to another pod than the one that has failed, where Istio's stay with the pod of the key.",
		Hint:  "Check that the pods bear requests for keys of others.",
		Links: []string{destinationRulePage + "LoadBalancerSettings-ConsistentHashLB", envoyPage + "intro/arch_overview/upstream/load_balancing/load_balancers", envoyGatewayPage + "tasks/traffic/load-balancing/"},
	}
	EnvoyGatewayBackendAPI = &finding.Rule{
		ID: "MG565", Severity: finding.Warning, Since: "0.1",
		Title: "hosts outside need the Backends of Envoy Gateway",
		Text:  "A host that a ServiceEntry makes known becomes a Backend with its addresses. Envoy Gateway heeds Backends only where its own configuration says so, since whoever may write them can send a gateway anywhere; else it takes the reference for broken, and requests get 500.",
		Hint:  "Set extensionApis.enableBackend: true in the EnvoyGateway configuration (Helm: config.envoyGateway.extensionApis.enableBackend).",
		Links: []string{networkingPage + "service-entry/", envoyGatewayPage + "tasks/traffic/backend/"},
	}
)

var envoyGatewayRules = []*finding.Rule{EnvoyGatewayBackends, EnvoyGatewayLimits, EnvoyGatewayOutlier, EnvoyGatewayRetry, EnvoyGatewayHash, EnvoyGatewayBackendAPI}
