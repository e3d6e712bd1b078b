package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What is wrong today with the rules of VirtualServices.
var (
	DeadByUnion = &finding.Rule{
		ID: "MG600", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0130"},
		Title: "earlier rules together leave this one nothing",
		Text:  "Istio asks the rules in their order, and the first that matches decides. No earlier rule takes all requests of this one, but several do together, so it never decides.",
		Hint:  "Move it up if it was meant to decide, or remove it.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0130/", "https://istio.io/latest/docs/concepts/traffic-management/#routing-rule-precedence"},
	}
	RedirectLoop = &finding.Rule{
		ID: "MG601", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "redirect leads back to a redirect without end",
		Text:  "The Location of the redirect is a request that is redirected again by the same list of rules, and so on. A browser gives up after some twenty redirects, so nothing is served for these requests.",
		Hint:  "Narrow the match so that it does not take the new path, as with exact in place of prefix.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect"},
	}
	NoShare = &finding.Rule{
		ID: "MG602", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "destination without a weight beside weighted ones",
		Text:  "Where one of several destinations has a weight, a destination without one has weight 0 and gets no requests.",
		Hint:  "Write its weight, or remove the destination.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination"},
	}
	OddShares = &finding.Rule{
		ID: "MG603", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "weights do not add up to 100",
		Text:  "Istio takes weights as shares of their sum. These look like percentages and are not, which is mostly a slip of the pen.",
		Hint:  "Let the weights add up to 100.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination"},
	}
	RetriesCut = &finding.Rule{
		ID: "MG604", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "timeout leaves no time for all retries",
		Text:  "The timeout bounds the request with all its retries. Tries that take all of their own time use it up before the last retry begins; tries that fail at once are retried all the same.",
		Hint:  "Lengthen the timeout to (attempts + 1) times perTryTimeout, or shorten perTryTimeout.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry", "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-upstream-rq-per-try-timeout-ms"},
	}
	MirrorToItself = &finding.Rule{
		ID: "MG605", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "requests are mirrored to where they go already",
		Text:  "The copies reach the same pods as the requests: these handle everything twice, writes included, and nothing else is tried out.",
		Hint:  "Mirror to another Service or subset, or remove the mirror.",
		Links: []string{"https://istio.io/latest/docs/tasks/traffic-management/mirroring/"},
	}
	PlainToTLS = &finding.Rule{
		ID: "MG606", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "plain HTTP is sent to a port that speaks TLS",
		Text:  "An http route forwards in plain text unless a DestinationRule originates TLS. The port's name or appProtocol says that its server expects TLS, so the server answers with an error (often 400), or the connection is reset.",
		Hint:  "Add a DestinationRule with tls mode SIMPLE, send to a plain port, or correct the port's name.",
		Links: []string{"https://istio.io/latest/docs/ops/common-problems/network-issues/#sending-https-to-an-http-port", "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/"},
	}
	MeshRulesAtGateway = &finding.Rule{
		ID: "MG607", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0140"},
		Title: "rules for the mesh do not apply at the gateway",
		Text:  "A gateway looks at VirtualServices that are bound to it. The one that splits this Service by subsets is for sidecars only, so requests from outside go to all pods, whatever its weights say.",
		Hint:  "Write the subsets and weights into the gateway's VirtualService too.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0140/", "https://istio.io/latest/docs/ops/common-problems/network-issues/#route-rules-have-no-effect-on-ingress-gateway-requests"},
	}
	GeneratedGateway = &finding.Rule{
		ID: "MG608", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0165"},
		Title: "VirtualService is bound to a generated gateway",
		Text:  "Istio turns each listener of a Gateway API Gateway into a Gateway of its own in memory. A VirtualService that names one works by accident, and may stop with the next version.",
		Hint:  "Write an HTTPRoute for the Gateway instead.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0165/"},
	}
	RulesOnPlainPort = &finding.Rule{
		ID: "MG609", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0118"},
		Title: "http rules on a Service without an HTTP port",
		Text:  "Istio learns the protocol of a port from its appProtocol or from what stands before the hyphen in its name. On a port that is not HTTP, http rules do nothing: no timeouts, retries, shares or faults.",
		Hint:  "Rename the port to begin with http, http2 or grpc, set its appProtocol, or write tcp rules.",
		Links: []string{"https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/", "https://istio.io/latest/docs/reference/config/analysis/ist0118/"},
	}
	ClaimsUnknown = &finding.Rule{
		ID: "MG610", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0149"},
		Title: "condition on a claim where no token is checked",
		Text:  "Claims of a JWT are known only where a RequestAuthentication checks the token. Without one the condition never holds, and requests go to the rules behind it, or get 404.",
		Hint:  "Add a RequestAuthentication that selects the gateway's pods, in their namespace.",
		Links: []string{"https://istio.io/latest/docs/tasks/security/authentication/jwt-route/", "https://istio.io/latest/docs/reference/config/analysis/ist0149/"},
	}
)

// What is wrong today with DestinationRules.
var (
	SubsetWithoutPods = &finding.Rule{
		ID: "MG620", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0173"},
		Title: "subset to which requests go has no pods",
		Text:  "Workloads of the Service are in the input, and the pods of none carry the subset's labels. A VirtualService sends to the subset: these requests get 503.",
		Hint:  "Correct the subset's labels, or those in the pod template of the workload.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0173/", "https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset"},
	}
	SubsetUnused = &finding.Rule{
		ID: "MG621", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "subset without requests and without pods",
		Text:  "No VirtualService of the input sends to the subset; the workloads of its Service are in the input too, and none makes pods for it. It only costs memory in every sidecar.",
		Hint:  "Remove the subset.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset"},
	}
	SubsetTwice = &finding.Rule{
		ID: "MG622", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "two subsets have one name",
		Text:  "A VirtualService names a subset by host and name. Of two with one name only one can be meant, and the other is never reached.",
		Hint:  "Rename one of them, or remove it.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset"},
	}
	UnknownHost = &finding.Rule{
		ID: "MG623", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0174"},
		Title: "DestinationRule for a host that nobody serves",
		Text:  "Istio matches the host by its full name. Where no Service or ServiceEntry has that name, the rule applies to nothing: its subsets, limits and TLS settings are not there.",
		Hint:  "Correct the host, or add the Service to the input.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0174/", "https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule"},
	}
	SettingsForNoPort = &finding.Rule{
		ID: "MG624", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "settings for a port that the Service does not have",
		Text:  "Settings of a port level count for the port of the Service, not for the port of the pod. Where the Service has no such port, they apply to nothing, and its ports get the general settings.",
		Hint:  "Write the number of the Service's port.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-PortTrafficPolicy"},
	}
	DestinationRulesMeet = &finding.Rule{
		ID: "MG625", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "another DestinationRule of the host counts instead",
		Text:  "Istio joins DestinationRules of one namespace and host: their subsets add up, but of two with one name, and of two traffic policies, only the first counts. Which is first depends on when they were made, so it can change when they are made anew.",
		Hint:  "Merge both into one DestinationRule.",
		Links: []string{"https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services"},
	}
	RefusedByPeers = &finding.Rule{
		ID: "MG626", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "calls without the mesh's mTLS to pods that demand it",
		Text:  "The DestinationRule makes callers use plain text or TLS of their own, and a PeerAuthentication makes the pods refuse all but the mesh's mutual TLS: the connections are reset, and callers see 503.",
		Hint:  "Remove the tls settings, set the mode to ISTIO_MUTUAL, or let the PeerAuthentication be PERMISSIVE for this port.",
		Links: []string{"https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule", "https://istio.io/latest/docs/concepts/security/#peer-authentication"},
	}
)

// What is wrong today with Gateways.
var (
	GatewayWithoutPods = &finding.Rule{
		ID: "MG640", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "no pods serve the Gateway",
		Text:  "A Gateway configures the proxies that its selector picks. Pods of gateways are in the input, and none has these labels: the Gateway opens nothing.",
		Hint:  "Correct the selector, or add the gateway's Deployment to the input.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway", "https://istio.io/latest/docs/reference/config/analysis/ist0101/"},
	}
	GatewayPortClosed = &finding.Rule{
		ID: "MG641", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0162"},
		Title: "port of the Gateway is not on its Service",
		Text:  "The proxy listens on this port, and the Service before its pods neither has the port nor leads to it, so nobody from outside gets there.",
		Hint:  "Add the port to the Service, or change the server's port to one that it has.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0162/"},
	}
	SecretMissing = &finding.Rule{
		ID: "MG642", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "certificate of the Gateway is not there",
		Text:  "Istio reads the Secret of a server in the namespace of the gateway's pods. Without it no TLS connection to the server succeeds.",
		Hint:  "Put the Secret into the namespace of the gateway's pods, or correct credentialName.",
		Links: []string{"https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/", "https://istio.io/latest/docs/reference/config/analysis/ist0101/"},
	}
	SecretUnfit = &finding.Rule{
		ID: "MG643", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0161"},
		Title: "certificate of the Gateway can't be served",
		Text:  "Istio wants a certificate and its key under tls.crt and tls.key, or under cert and key. Without them no TLS connection to the server succeeds.",
		Hint:  "Make the Secret of type kubernetes.io/tls, from a certificate and the key that belongs to it.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0161/", "https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/#key-formats"},
	}
	GatewaysClash = &finding.Rule{
		ID: "MG644", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0145"},
		Title: "server is not served beside an older one",
		Text:  "The same pods serve both. Istio opens a port for one protocol, and of servers that end or pass on TLS for one host takes the oldest: this one is left out, and what is bound to it gets no requests. Where the input has no creation times the order of names stands in for age.",
		Hint:  "Keep one of the servers and bind all VirtualServices to its Gateway, or give this one another port or host.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0145/", "https://istio.io/latest/docs/ops/common-problems/network-issues/#port-conflict-when-configuring-multiple-tls-hosts-in-a-gateway"},
	}
	SameCertificate = &finding.Rule{
		ID: "MG645", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0138"},
		Title: "several Gateways have one certificate",
		Text:  "Browsers use an HTTP/2 connection for all hosts that its certificate is for and that have the same address. Istio has a list of routes for each TLS server, so a request for the host of another Gateway gets 404 there.",
		Hint:  "Put the hosts into one Gateway, or give each a certificate of its own.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0138/", "https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate"},
	}
	GatewayUnbound = &finding.Rule{
		ID: "MG646", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "Gateway to which no VirtualService is bound",
		Text:  "A Gateway only opens ports; which requests go where is said by VirtualServices. Those of its namespace are bound to other Gateways, so this one answers 404.",
		Hint:  "Remove it, or bind a VirtualService to it.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService"},
	}
)

// What is wrong today with the objects around them.
var (
	ServiceWithoutPods = &finding.Rule{
		ID: "MG660", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "Service to which requests go selects no workload",
		Text:  "Workloads of the namespace are in the input, one of them nearly fits, and none has all labels that the Service asks for. Without pods its requests get 503.",
		Hint:  "Correct the selector of the Service, or the labels in the pod template.",
		Links: []string{"https://kubernetes.io/docs/concepts/services-networking/service/"},
	}
	PolicyWithoutPods = &finding.Rule{
		ID: "MG661", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0127"},
		Title: "policy selects no workload",
		Text:  "Workloads of the namespace are in the input, and the policy's selector picks none of them. What it should refuse or demand is not refused or demanded.",
		Hint:  "Correct the selector, or add the workload to the input.",
		Links: []string{"https://istio.io/latest/docs/reference/config/analysis/ist0127/"},
	}
	EntriesClash = &finding.Rule{
		ID: "MG662", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0177"},
		Title: "ServiceEntry says another protocol for the same port",
		Text:  "Several ServiceEntries define one host and port with different protocols. Istio makes one listener of them, and whose protocol it has depends on their order.",
		Hint:  "Say the same protocol in all of them, or keep one.",
		Links: []string{"https://istio.io/latest/docs/reference/config/networking/service-entry/"},
	}
	OldVersion = &finding.Rule{
		ID: "MG663", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "old version of Istio's API",
		Text:  "networking.istio.io/v1 is stable since Istio 1.22 and has the same fields. v1alpha3 is still served, and will go one day.",
		Hint:  "Write apiVersion: networking.istio.io/v1.",
		Links: []string{"https://istio.io/latest/blog/2024/v1-apis/"},
	}
)

// configRules are what package lint reports.
var configRules = []*finding.Rule{
	DeadByUnion, RedirectLoop, NoShare, OddShares, RetriesCut, MirrorToItself, PlainToTLS, MeshRulesAtGateway,
	GeneratedGateway, RulesOnPlainPort, ClaimsUnknown,
	SubsetWithoutPods, SubsetUnused, SubsetTwice, UnknownHost, SettingsForNoPort, DestinationRulesMeet, RefusedByPeers,
	GatewayWithoutPods, GatewayPortClosed, SecretMissing, SecretUnfit, GatewaysClash, SameCertificate, GatewayUnbound,
	ServiceWithoutPods, PolicyWithoutPods, EntriesClash, OldVersion,
}
