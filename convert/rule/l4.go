package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// tls[] and tcp[] of VirtualServices.
var (
	// L4Condition is a condition that a TLSRoute and a TCPRoute lack.
	L4Condition = &finding.Rule{
		ID: "MG380", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "condition on connections has no counterpart",
		Text:  "A TLSRoute decides by SNI and a TCPRoute by port, and nothing else. Without its condition the rule would take connections that are not meant for it, so it is withheld.",
		Hint:  "Restrict callers by a NetworkPolicy or an AuthorizationPolicy, and remove the condition.",
		Links: []string{virtualServicePage + "L4MatchAttributes", virtualServicePage + "TLSMatchAttributes"},
	}
	// L4ConditionIgnored is such a condition where Istio does not look at it.
	L4ConditionIgnored = &finding.Rule{
		ID: "MG386", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "condition on connections has no effect on a gateway",
		Text:  "A gateway decides on connections by port and SNI; labels and namespace of the caller and destination subnets count in the mesh only (pilot/pkg/networking/core/gateway.go l4SingleMatch). What its author hoped for does not happen today either.",
		Hint:  "Restrict callers by an AuthorizationPolicy or a NetworkPolicy, and remove the condition.",
		Links: []string{virtualServicePage + "L4MatchAttributes", virtualServicePage + "TLSMatchAttributes"},
	}
	// L4AnySNI is a TLS rule for all names.
	L4AnySNI = &finding.Rule{
		ID: "MG381", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "SNI name can't be said in a TLSRoute",
		Text:  "A TLSRoute names its hosts: DNS names, or wildcards of whole labels under a domain. A rule for all names, for a part of a label or for an address is withheld: its connections are closed on a gateway, and go straight to the Service in the mesh.",
		Hint:  "List the names or domains in sniHosts.",
		Links: []string{virtualServicePage + "TLSMatchAttributes", gepPage + "2643/"},
	}
	// L4NoBackend is a rule without a Service to send to.
	L4NoBackend = &finding.Rule{
		ID: "MG382", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "connections have no Service to go to",
		Text:  "A TLSRoute and a TCPRoute need a backend. None of this rule's destinations can be referred to (other findings say why), so no route is written and its connections are closed.",
		Hint:  "Put a Service in front of the destination, or keep this VirtualService.",
		Links: []string{virtualServicePage + "RouteDestination", typePage + "tcproute/", typePage + "tlsroute/"},
	}
	// L4KindMissing is a bundle without the kind.
	L4KindMissing = &finding.Rule{
		ID: "MG383", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "route kind is not in the chosen bundle",
		Text:  "The chosen version and channel of the Gateway API lack the kind of route that this rule needs, so it is withheld: its connections are closed on a gateway, and go straight to the Service in the mesh.",
		Hint:  "Choose another --gateway-api or --channel.",
		Links: []string{gepPage + "2643/", gepPage + "2644/"},
	}
	// L4Backends is a list past the limit of the CRD.
	L4Backends = &finding.Rule{
		ID: "MG384", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "more destinations than a route takes",
		Text:  "A route takes at most 16 backends. Leaving some out would shift their share to the others, so the rule is withheld and its connections are closed.",
		Hint:  "Join destinations, so that at most 16 are left.",
		Links: []string{virtualServicePage + "RouteDestination", typePage + "tcproute/", typePage + "tlsroute/"},
	}
	// L4ShareLost is a weighted destination that can't be written.
	L4ShareLost = &finding.Rule{
		ID: "MG385", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Destinations, finding.Weights},
		Title: "share of the connections has nowhere to go",
		Text:  "One of several weighted destinations can't be referred to (another finding says why). Its connections go to the others.",
		Hint:  "Put a Service in front of the destination, or keep this VirtualService.",
		Links: []string{virtualServicePage + "RouteDestination"},
	}
)

// MG38x: tls[] and tcp[].
var l4Rules = []*finding.Rule{L4Condition, L4AnySNI, L4NoBackend, L4KindMissing, L4Backends, L4ShareLost, L4ConditionIgnored}
