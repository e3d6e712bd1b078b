package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Limits of connections and requests.
var (
	PendingRequests = &finding.Rule{
		ID: "MG200", Severity: finding.Error, Since: "0.1",
		Title: "limit of waiting requests is not carried over",
		Text:  "Today requests beyond the limit are answered 503 at once. Gateway API has no such limit, so they queue up, and nothing sheds load when the Service is slow.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings", envoyPage + "intro/arch_overview/upstream/circuit_breaking"},
	}
	ActiveRequests = &finding.Rule{
		ID: "MG201", Severity: finding.Error, Since: "0.1",
		Title: "limit of concurrent requests is not carried over",
		Text:  "Today requests beyond the limit are answered 503 at once. Gateway API has no such limit, so all of them reach the Service.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings", envoyPage + "intro/arch_overview/upstream/circuit_breaking"},
	}
	MaxConnections = &finding.Rule{
		ID: "MG202", Severity: finding.Error, Since: "0.1",
		Title: "limit of connections is not carried over",
		Text:  "Today each proxy opens so many connections and no more. Gateway API has no such limit, so the Service may have to hold more connections than it can.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-TCPSettings", envoyPage + "intro/arch_overview/upstream/circuit_breaking"},
	}
	ActiveRetries = &finding.Rule{
		ID: "MG203", Severity: finding.Error, Since: "0.1",
		Title: "limit of concurrent retries is not carried over",
		Text:  "Today no more than so many retries are under way at a time. Gateway API has no such limit, so retries may multiply the load on a Service that already fails.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings", envoyPage + "intro/arch_overview/upstream/circuit_breaking"},
	}
	RequestsPerConnection = &finding.Rule{
		ID: "MG204", Severity: finding.Warning, Since: "0.1",
		Title: "connections are not renewed by number of requests",
		Text:  "Today a connection is closed after so many requests, which spreads long-lived clients over new pods. Gateway API has no such number.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings"},
	}
	ConnectTimeout = &finding.Rule{
		ID: "MG205", Severity: finding.Warning, Since: "0.1",
		Title: "connect timeout is the implementation's",
		Text:  "Gateway API has no connect timeout: how long a request waits for an unreachable pod is the implementation's choice (Istio's default is 10 s).",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-TCPSettings"},
	}
	ConnectionAge = &finding.Rule{
		ID: "MG206", Severity: finding.Warning, Since: "0.1",
		Title: "connections are not closed by age",
		Text:  "Today a connection is closed when it is so old, or idle for so long. Gateway API has no such bound: connections may outlive firewalls, load balancers and pods that rely on it.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-TCPSettings", destinationRulePage + "ConnectionPoolSettings-HTTPSettings"},
	}
	Keepalive = &finding.Rule{
		ID: "MG207", Severity: finding.Warning, Since: "0.1",
		Title: "keepalive of connections is not carried over",
		Text:  "Today idle connections are probed, which keeps firewalls from forgetting them and finds dead peers. Gateway API has no such setting.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-TCPSettings-TcpKeepalive"},
	}
	HTTP2Upgrade = &finding.Rule{
		ID: "MG208", Severity: finding.Warning, Since: "0.1",
		Title: "requests to the Service are not upgraded to HTTP/2",
		Text:  "Today requests go to the Service over HTTP/2 although its port does not say so. In Gateway API the port has to say it, or they go over HTTP/1.1.",
		Hint:  "Write appProtocol: kubernetes.io/h2c on the port of the Service.",
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings-H2UpgradePolicy", gepPage + "1911/"},
	}
	ClientProtocol = &finding.Rule{
		ID: "MG209", Severity: finding.Warning, Since: "0.1",
		Title: "client's HTTP version is not kept towards the Service",
		Text:  "Today a request goes to the Service by the HTTP version that the client used. In Gateway API the Service's port decides.",
		Hint:  "Give HTTP/2 a port of its own, with appProtocol: kubernetes.io/h2c.",
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings", gepPage + "1911/"},
	}
	ConcurrentStreams = &finding.Rule{
		ID: "MG210", Severity: finding.Warning, Since: "0.1",
		Title: "limit of streams in a connection is not carried over",
		Text:  "Today an HTTP/2 connection carries so many requests at a time, and further ones open another connection. Gateway API has no such limit.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "ConnectionPoolSettings-HTTPSettings"},
	}
)

// Choice of pods.
var (
	LoadBalancing = &finding.Rule{
		ID: "MG220", Severity: finding.Warning, Since: "0.1",
		Title: "load balancing is the implementation's",
		Text:  "Gateway API does not say how requests are spread over the pods of a Service. Where the mesh is left altogether, kube-proxy spreads connections, not requests.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "LoadBalancerSettings-SimpleLB"},
	}
	Passthrough = &finding.Rule{
		ID: "MG221", Severity: finding.Error, Since: "0.1",
		Title: "requests do not go to the address that was called",
		Text:  "Today a connection goes on to the very address that the client called, with no choice among pods. A route in Gateway API always chooses among the pods of the Service.",
		Hint:  "Leave this Service without routes, or keep the DestinationRule.",
		Links: []string{destinationRulePage + "LoadBalancerSettings-SimpleLB", envoyPage + "intro/arch_overview/upstream/load_balancing/original_dst"},
	}
	ConsistentHash = &finding.Rule{
		ID: "MG222", Severity: finding.Error, Since: "0.1",
		Title: "consistent hashing is not carried over",
		Text:  "Today requests with the same key go to the same pod. Gateway API has no hashing (sessionPersistence ties a client to a pod by a cookie or header of its own, which is something else), so caches and sessions in pods are missed.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "LoadBalancerSettings-ConsistentHashLB", gepPage + "1619/"},
	}
	LocalityShares = &finding.Rule{
		ID: "MG223", Severity: finding.Error, Since: "0.1",
		Title: "shares by locality are not carried over",
		Text:  "Today regions and zones get the shares that are written. Gateway API has no localities, so the implementation decides where requests go.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "LocalityLoadBalancerSetting-Distribute"},
	}
	LocalityFailover = &finding.Rule{
		ID: "MG224", Severity: finding.Warning, Since: "0.1",
		Title: "preference by locality is not carried over",
		Text:  "Today requests prefer pods that are near, and go over in the written order when these fail. Gateway API has no localities.",
		Hint:  "Consider trafficDistribution: PreferSameZone on the Service, or keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "LocalityLoadBalancerSetting-Failover", kubernetesPage + "services-networking/service/"},
	}
	Warmup = &finding.Rule{
		ID: "MG225", Severity: finding.Warning, Since: "0.1",
		Title: "new pods are not warmed up",
		Text:  "Today a new pod gets more requests little by little. Gateway API has no slow start: it gets its full share at once.",
		Hint:  "Let readiness wait until the pod is warm, or set slow start by the implementation's own policy (Envoy Gateway, kgateway).",
		Links: []string{destinationRulePage + "WarmupConfiguration", envoyPage + "intro/arch_overview/upstream/load_balancing/slow_start"},
	}
	OutlierDetection = &finding.Rule{
		ID: "MG226", Severity: finding.Error, Since: "0.1",
		Title: "failing pods are not taken out",
		Text:  "Today a pod that keeps failing gets no requests for a while. Gateway API has no passive health checks, so its share of the requests goes on failing until Kubernetes calls it unready.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "OutlierDetection", envoyPage + "intro/arch_overview/upstream/outlier"},
	}
	RetryBudget = &finding.Rule{
		ID: "MG227", Severity: finding.Error, Since: "0.1",
		Title: "retry budget is not carried over",
		Text:  "Today retries are bounded to a share of the requests. Without the bound retries may multiply the load on a Service that already fails. (XBackendTrafficPolicy bounds a rate, not what is under way, and is experimental.)",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "TrafficPolicy-RetryBudget", gepPage + "3388/"},
	}
)

// How the Service is reached.
var (
	AutoTLS = &finding.Rule{
		ID: "MG240", Severity: finding.Note, Since: "0.1",
		Title: "mutual TLS is the mesh's own",
		Text:  "ISTIO_MUTUAL asks for what a mesh with automatic mTLS does by itself. Where both sides stay in the mesh nothing changes; outside of it there is no mTLS.",
		Hint:  "Remove it, and require mTLS by a PeerAuthentication.",
		Links: []string{destinationRulePage + "ClientTLSSettings-TLSmode", securityPage + "peer_authentication/"},
	}
	PlainText = &finding.Rule{
		ID: "MG241", Severity: finding.Warning, Since: "0.1",
		Title: "plain text is not asked for any more",
		Text:  "DISABLE keeps the mesh from using mTLS towards this host. Without it automatic mTLS is used where the mesh thinks that the pods understand it, which fails where they do not.",
		Hint:  "Keep the DestinationRule (Istio as target), or check that the pods take mTLS.",
		Links: []string{destinationRulePage + "ClientTLSSettings-TLSmode", securityPage + "peer_authentication/"},
	}
	ClientCertificate = &finding.Rule{
		ID: "MG242", Severity: finding.Error, Since: "0.1",
		Title: "no client certificate is shown to the Service",
		Text:  "Today the proxy shows a client certificate to the server. BackendTLSPolicy has none (Gateway API sets it for a whole Gateway), so a server that demands one refuses every connection.",
		Hint:  "Write spec.tls.backend.clientCertificateRef on the Gateway, or keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "3155/"},
	}
	SkipVerify = &finding.Rule{
		ID: "MG243", Severity: finding.Error, Since: "0.1",
		Title: "TLS without verification can't be said",
		Text:  "Today the server is reached by TLS and its certificate is not verified. BackendTLSPolicy always verifies: requests fail unless the certificate is one that the system's authorities, or those of the DestinationRule, vouch for.",
		Hint:  "Name the server's authority by caCertificateRefs in the policy, or keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
	BackendRevocation = &finding.Rule{
		ID: "MG244", Severity: finding.Error, Since: "0.1",
		Title: "revoked server certificates are accepted",
		Text:  "Gateway API has no certificate revocation list: a server whose certificate was revoked is refused today and trusted afterwards.",
		Hint:  "Use short-lived certificates, or keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
	ProxyProtocol = &finding.Rule{
		ID: "MG245", Severity: finding.Error, Since: "0.1",
		Title: "PROXY protocol is not spoken to the Service",
		Text:  "Today connections to the Service begin with a PROXY header. Gateway API has no such setting; a server that waits for the header refuses every connection.",
		Hint:  keepOrPolicy,
		Links: []string{destinationRulePage + "TrafficPolicy-ProxyProtocol"},
	}
	Tunnel = &finding.Rule{
		ID: "MG246", Severity: finding.Error, Since: "0.1",
		Title: "traffic does not go through the tunnel",
		Text:  "Today connections go through a forward proxy by CONNECT or POST. Gateway API has no tunnels: they go straight, or nowhere where the network forbids it.",
		Hint:  "Keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "TrafficPolicy-TunnelSettings"},
	}
	PolicyScope = &finding.Rule{
		ID: "MG247", Severity: finding.Warning, Since: "0.1",
		Title: "DestinationRule is for some callers only",
		Text:  "exportTo and workloadSelector limit whose calls a DestinationRule applies to. What is made of it (Services for subsets, BackendTLSPolicy) applies to all callers.",
		Hint:  "Check that it may apply to all, or keep the DestinationRule (Istio as target).",
		Links: []string{destinationRulePage + "DestinationRule"},
	}
)

// ServiceEntry.
var (
	ServiceEntry = &finding.Rule{
		ID: "MG260", Severity: finding.Warning, Since: "0.1",
		Title: "ServiceEntry is not carried over",
		Text:  "A ServiceEntry makes hosts known to the mesh: for routing, for egress control (REGISTRY_ONLY) and for metrics. Gateway API has no counterpart in the standard channel.",
		Hint:  "Keep it as long as the mesh runs; outside of a mesh put a Service with EndpointSlices in front of addresses that routes send to.",
		Links: []string{networkingPage + "service-entry/", gepPage + "4894/"},
	}
)

const keepOrPolicy = "Keep the DestinationRule (Istio as target), or write the implementation's own policy (Envoy Gateway: BackendTrafficPolicy, kgateway: BackendConfigPolicy)."

// destinationRuleRules are MG200-MG299: DestinationRule and ServiceEntry.
var destinationRuleRules = []*finding.Rule{
	PendingRequests, ActiveRequests, MaxConnections, ActiveRetries, RequestsPerConnection, ConnectTimeout, ConnectionAge,
	Keepalive, HTTP2Upgrade, ClientProtocol, ConcurrentStreams,
	LoadBalancing, Passthrough, ConsistentHash, LocalityShares, LocalityFailover, Warmup, OutlierDetection, RetryBudget,
	AutoTLS, PlainText, ClientCertificate, SkipVerify, BackendRevocation, ProxyProtocol, Tunnel, PolicyScope,
	ServiceEntry,
}
