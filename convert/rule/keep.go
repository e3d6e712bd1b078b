package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What it means that DestinationRules are kept for Istio (--target istio).
var (
	SubsetsStay = &finding.Rule{
		ID: "MG580", Severity: finding.Note, Since: "0.1",
		Title: "DestinationRule is kept without its subsets",
		Text:  "Routes send to a Service for each subset, and the DestinationRules for these Services, and for the whole one, are written without subsets and under names of their own. Istio merges DestinationRules for one host, and the older one counts, so both can be there while VirtualServices still send to its subsets: without the old one they would answer 503.",
		Hint:  "Delete the old DestinationRule after the last VirtualService that names its subsets.",
		Links: []string{istioPage + "ops/best-practices/traffic-management/", destinationRulePage + "Subset"},
	}
	GatewaySees = &finding.Rule{
		ID: "MG581", Severity: finding.Error, Since: "0.1",
		Title: "gateway stands under another DestinationRule",
		Text:  "A proxy looks for the DestinationRule of a Service in its own namespace first, then in the Service's, then in Istio's root namespace, and sees those that exportTo and workloadSelector show it. Istio runs the pods of a Gateway in the Gateway's namespace, with labels of their own, so they may see another one than the shared ingress gateway does.",
		Hint:  "Copy the DestinationRule to where the gateway's pods look first, or widen its exportTo.",
		Links: []string{istioPage + "ops/best-practices/traffic-management/", istioPage + "tasks/traffic-management/ingress/gateway-api/"},
	}
	SubsetAdopted = &finding.Rule{
		ID: "MG582", Severity: finding.Error, Since: "0.1",
		Title: "requests to a subset stand under another policy",
		Text:  "A Service of the input selects the same pods as the subset, so routes send to it. It has a host of its own: the DestinationRule that is written for the subset's Service otherwise would change what holds for those who call it today.",
		Hint:  "Write a DestinationRule for that Service, if all of its callers may stand under it.",
		Links: []string{destinationRulePage + "DestinationRule"},
	}
	CertificateMoves = &finding.Rule{
		ID: "MG583", Severity: finding.Error, Since: "0.1",
		Title: "gateway's new pods don't have the certificate",
		Text:  "Pods of a gateway read the Secret of credentialName in their own namespace, and files from their own disks. Those that Istio runs for a Gateway are in the Gateway's namespace, and have no volumes but Istio's.",
		Hint:  "Put the certificate into a Secret of the Gateway's namespace, and name that by credentialName.",
		Links: []string{destinationRulePage + "ClientTLSSettings", istioPage + "tasks/traffic-management/ingress/gateway-api/"},
	}
	PortBeyond = &finding.Rule{
		ID: "MG584", Severity: finding.Error, Since: "0.1",
		Title: "setting of a subset can't be said for one port",
		Text:  "Istio merges a subset's policy over the general one port by port. Where the general one has an element for a port, tunnel, proxyProtocol and retryBudget of the subset hold there too; an element of portLevelSettings has no field for them.",
		Hint:  "Give the port a Service of its own, or the whole Service the setting.",
		Links: []string{destinationRulePage + "TrafficPolicy-PortTrafficPolicy"},
	}
	SubsetOpened = &finding.Rule{
		ID: "MG585", Severity: finding.Warning, Since: "0.1",
		Title: "more callers reach a subset",
		Text:  "A subset exists for those callers alone that exportTo and workloadSelector show its DestinationRule; others are answered 503 by rules that send to it. The Service that is made for the subset is there for all. The policies are not concerned: the DestinationRules that are kept are shown to the same callers as before.",
		Hint:  "Check that all callers may reach it, or keep others out by an AuthorizationPolicy.",
		Links: []string{destinationRulePage + "DestinationRule", securityPage + "authorization-policy/"},
	}
)

var keepRules = []*finding.Rule{SubsetsStay, GatewaySees, SubsetAdopted, CertificateMoves, PortBeyond, SubsetOpened}
