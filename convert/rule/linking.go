package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// References between objects of the input.
var (
	// HostNotService: the host of a mesh VirtualService or a destination is no Service.
	DestinationNotService = &finding.Rule{
		ID: "MG130", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome, finding.Destinations, finding.Weights, finding.Mirror},
		Title: "destination is not a Kubernetes Service",
		Text:  "A Gateway API route sends to Services. A destination outside of the cluster (a ServiceEntry, or a name that Istio resolves no further) has no standard counterpart. Envoy Gateway, kgateway and Istio reach one that a ServiceEntry of the input makes known by resources of their own, with their --target; without it nothing does: requests get 500, connections are closed, and mirrors get no copies.",
		Hint:  "Put a Service in front of it, keep this VirtualService, or let --target envoy-gateway, kgateway or istio reach what a ServiceEntry of the input makes known.",
		Links: []string{virtualServicePage + "Destination", gepPage + "4894/"},
	}
	DestinationUnknown = &finding.Rule{
		ID: "MG131", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "destination Service is not in the input",
		Text:  "Other Services of that namespace are in the input, this one is not. Where it does not exist, its requests get 503 from Istio today and 500 after the migration; a misspelt name is the usual cause.",
		Hint:  "Add the Service to the input, or correct the name.",
		Links: []string{virtualServicePage + "Destination", analysisPage + "ist0101/"},
	}
	PortUnknown = &finding.Rule{
		ID: "MG132", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome, finding.Destinations, finding.Weights, finding.Mirror},
		Title: "destination port is not known",
		Text:  "Istio takes the port of a Service that has only one; Gateway API wants it written. Without the Service the port would be a guess, so the backend is left out: requests get 500, connections are closed, and mirrors get no copies.",
		Hint:  "Add the Service to the input (kubectl get svc -o yaml), or write destination.port.number.",
		Links: []string{virtualServicePage + "PortSelector", typePage + "httproute/"},
	}
	SubsetUnknown = &finding.Rule{
		ID: "MG133", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "subset is not defined by a DestinationRule of the input",
		Text:  "Istio answers 503 for a subset that no DestinationRule defines. The route refers to the Service that would be made for the subset, so these requests fail until it exists, and never reach other pods.",
		Hint:  "Add the DestinationRule to the input, or correct the subset's name.",
		Links: []string{destinationRulePage + "Subset", analysisPage + "ist0101/"},
	}
	SubsetNeedsService = &finding.Rule{
		ID: "MG134", Severity: finding.Error, Since: "0.1",
		Title: "subset needs its Service in the input",
		Text:  "A Gateway API backend is a Service, so a subset becomes a Service of its own: the selector of the base Service and the labels of the subset. Without the base Service that would be a guess.",
		Hint:  "Add the Service to the input (kubectl get svc -o yaml).",
		Links: []string{destinationRulePage + "Subset", gepPage + "1294/"},
	}
	GatewayUnknown = &finding.Rule{
		ID: "MG135", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "gateway is not in the input",
		Text:  "Where no Gateway of that name exists, Istio serves none of these rules there. The route attaches to a Gateway of the same name, whose listeners are not seen: they have to admit routes of this namespace, and where one of them redirects to https the route must name the other by sectionName.",
		Hint:  "Convert the Gateway together with this VirtualService.",
		Links: []string{virtualServicePage + "VirtualService", analysisPage + "ist0101/"},
	}
	HostNotOnGateway = &finding.Rule{
		ID: "MG136", Severity: finding.Warning, Since: "0.1", Group: finding.Config, IST: []string{"IST0132"},
		Title: "host is not served by the gateway",
		Text:  "No server of the gateway has a host that meets this one, or none admits this namespace. Istio serves nothing there, and neither does the output.",
		Hint:  "Add the host to a server of the Gateway, or take it off this VirtualService.",
		Links: []string{analysisPage + "ist0132/", gatewayPage + "Server"},
	}
	DeadRule = &finding.Rule{
		ID: "MG137", Severity: finding.Note, Since: "0.1", Group: finding.Config, IST: []string{"IST0130", "IST0131"},
		Title: "rule never decides",
		Text:  "An earlier rule takes every request that this one would take. It is left out, since Gateway API might rank it first.",
		Hint:  "Remove it, or move it up if it was meant to decide.",
		Links: []string{analysisPage + "ist0130/", analysisPage + "ist0131/"},
	}
	SoleWeight = &finding.Rule{
		ID: "MG138", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "weight of a sole destination has no effect",
		Text:  "Istio sends everything to a sole destination, whatever its weight; in Gateway API weight 0 is no traffic. Weight 1 is written.",
		Hint:  "Remove the weight.",
		Links: []string{virtualServicePage + "HTTPRouteDestination", guidePage + "traffic-splitting/"},
	}
	ServicesMissing = &finding.Rule{
		ID: "MG139", Severity: finding.Note, Since: "0.1",
		Title: "no Service is in the input",
		Text:  "Ports are taken as written and destinations as existing. With the Services in the input they are checked, ports that are not written are looked up, and subsets become Services.",
		Hint:  "Add them: kubectl get svc -A -o yaml.",
		Links: []string{virtualServicePage + "Destination"},
	}
)

// VirtualServices as a whole.
var (
	DelegateUnused = &finding.Rule{
		ID: "MG190", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "VirtualService without hosts is not delegated to",
		Text:  "A VirtualService without hosts only serves where another one delegates to it, and none of the input does. It serves nothing, and is not converted.",
		Hint:  "Convert it together with the VirtualService that delegates to it.",
		Links: []string{virtualServicePage + "Delegate"},
	}
	DelegateMissing = &finding.Rule{
		ID: "MG191", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "delegate is not in the input",
		Text:  "The rules of the delegate are not known, so this rule is withheld.",
		Hint:  "Convert the delegate together with this VirtualService.",
		Links: []string{virtualServicePage + "Delegate"},
	}
	DelegateConflict = &finding.Rule{
		ID: "MG192", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "delegate's rule conflicts with the root's match",
		Text:  "Istio drops a rule of a delegate whose match is not within the match of the root, and so does the output.",
		Hint:  "Narrow the delegate's match, or remove the rule.",
		Links: []string{virtualServicePage + "Delegate"},
	}
	MeshHostNotService = &finding.Rule{
		ID: "MG193", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "mesh host is not a Kubernetes Service",
		Text:  "In the mesh a Gateway API route attaches to a Service. A wildcard, an external name or a ServiceEntry has no standard counterpart, so these rules are withheld and requests go where the client sends them.",
		Hint:  "Keep this VirtualService, or bind it to a gateway.",
		Links: []string{virtualServicePage + "VirtualService", gepPage + "1294/"},
	}
	MeshDuplicate = &finding.Rule{
		ID: "MG194", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0109"},
		Title: "another VirtualService has this mesh host",
		Text:  "In the mesh the oldest VirtualService of a host serves alone; Istio ignores the others, so no rule of this one is in force today. Where the input has no creation times the order of names stands in for age. Gateway API would merge both, so this one is withheld.",
		Hint:  "Merge both into one VirtualService, or remove this one.",
		Links: []string{analysisPage + "ist0109/"},
	}
	MeshRoutes = &finding.Rule{
		ID: "MG195", Severity: finding.Note, Since: "0.1",
		Title: "route on a Service needs a mesh that serves it",
		Text:  "Routes whose parent is a Service (GAMMA, GEP-1294) are served by Istio, Linkerd or Cilium. Without such a mesh they do nothing.",
		Hint:  "Without such a mesh choose --mesh gateway=NAMESPACE/NAME or --mesh off.",
		Links: []string{gepPage + "1294/"},
	}
	MeshOff = &finding.Rule{
		ID: "MG196", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "mesh rules are not converted",
		Text:  "By --mesh off the rules for calls inside of the mesh are reported only. Calls go straight to the Service.",
		Hint:  "Choose --mesh gamma or --mesh gateway=NAMESPACE/NAME, or handle it in the clients.",
		Links: []string{virtualServicePage + "VirtualService", gepPage + "1294/"},
	}
	MeshMoved = &finding.Rule{
		ID: "MG197", Severity: finding.Note, Since: "0.1",
		Title: "route is written to the namespace of its Service",
		Text:  "A route outside of its Service's namespace serves only callers of its own namespace (GEP-1294, consumer route); a VirtualService serves all callers.",
		Hint:  "Hand it to the owner of that namespace.",
		Links: []string{gepPage + "1294/"},
	}
	NotVisible = &finding.Rule{
		ID: "MG198", Severity: finding.Error, Since: "0.1",
		Title: "exportTo restricts who is served",
		Text:  "Gateway API has no counterpart of exportTo: a route serves whoever reaches its parent.",
		Hint:  "Check that serving the others is wanted, or keep this VirtualService.",
		Links: []string{virtualServicePage + "VirtualService"},
	}
	BrokenObject = &finding.Rule{
		ID: "MG199", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "object is withheld since it can't be read whole",
		Text:  "A part of the object can't be read (another finding says where). What Istio makes of the rest is not known, so nothing of the object is converted.",
		Hint:  "Correct the object.",
	}
)

// Linking of Gateways.
var (
	ListenerHost = &finding.Rule{
		ID: "MG390", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.HostServed},
		Title: "host can't be said in Gateway API",
		Text:  "A hostname of Gateway API is a DNS name or one with *. as its first label. Partial wildcards and IP addresses are not, so nothing is served for this host.",
		Hint:  "List the names one by one.",
		Links: []string{conceptPage + "hostnames/", gatewayPage + "Server"},
	}
	ListenerWithheld = &finding.Rule{
		ID: "MG391", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "server has no counterpart and is withheld",
		Text:  "The server's mode is Istio's own (mutual TLS between meshes, SNI-DNAT), or Istio refuses it. No listener is written for it.",
		Hint:  "Keep this Gateway for the mesh's own traffic.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSmode"},
	}
	ImplicitPassthrough = &finding.Rule{
		ID: "MG392", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "tls without a mode is passed through",
		Text:  "Istio's default mode is PASSTHROUGH: the connection is not terminated here, and http routes do not apply. The listener is written so.",
		Hint:  "Write tls.mode, SIMPLE if TLS was meant to end here.",
		Links: []string{gatewayPage + "ServerTLSSettings-TLSmode", guidePage + "tls/"},
	}
	ListenerDuplicate = &finding.Rule{
		ID: "MG393", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "server repeats the port, protocol and host of another",
		Text:  "A listener is unique by port, protocol and hostname; Istio merges such servers. The first is written.",
		Hint:  "Merge both servers.",
		Links: []string{gatewayPage + "Server", conceptPage + "hostnames/"},
	}
	SchemeByListener = &finding.Rule{
		ID: "MG501", Severity: finding.Note, Since: "0.1",
		Title: "scheme is judged by the listener",
		Text:  "Gateway API can't match on the scheme: the rule is attached to listeners of that protocol. A proxy in front that ends TLS and sets x-forwarded-proto could make a difference.",
		Hint:  "",
		Links: []string{virtualServicePage + "HTTPMatchRequest", typePage + "httproute/"},
	}
	AuthorityByHost = &finding.Rule{
		ID: "MG502", Severity: finding.Note, Since: "0.1", Admits: finding.Decisions(),
		Title: "authority is matched by hostname",
		Text:  "Istio compares the whole Host header, a port included; a hostname of Gateway API ignores the port.",
		Hint:  "",
		Links: []string{virtualServicePage + "HTTPMatchRequest", typePage + "httproute/"},
	}
	ForeignDestinationRule = &finding.Rule{
		ID: "MG503", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "subset comes from a third namespace",
		Text:  "Istio looks for a DestinationRule in the namespaces of the caller and of the Service and in the root namespace. This one is seen by callers of its own namespace only: others get 503 today, and are served after the migration.",
		Hint:  "Move the DestinationRule to the namespace of the Service.",
		Links: []string{destinationRulePage + "DestinationRule", istioPage + "ops/best-practices/traffic-management/#cross-namespace-configuration"},
	}
	OwnedByController = &finding.Rule{
		ID: "MG504", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "weights belong to a rollout controller",
		Text:  "Argo Rollouts or Flagger writes the weights of this VirtualService while it runs. A route with today's weights would stop every rollout halfway, so it is not converted.",
		Hint:  "Point the controller to the Gateway API: for Argo Rollouts its Gateway API plugin, for Flagger provider gatewayapi:v1; it then writes the route itself.",
		Links: []string{"https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/", "https://docs.flagger.app/main/tutorials/gatewayapi-progressive-delivery"},
	}
	PortMissing = &finding.Rule{
		ID: "MG506", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0101"},
		Title: "Service has no such port",
		Text:  "The destination names a port that its Service does not have. Istio knows no such cluster and answers 503; a Gateway API route with such a backend answers 500.",
		Hint:  "Correct the port, or add it to the Service.",
		Links: []string{virtualServicePage + "PortSelector", analysisPage + "ist0101/"},
	}
	MeshThroughGateway = &finding.Rule{
		ID: "MG520", Severity: finding.Warning, Since: "0.1",
		Title: "calls have to be sent to the internal Gateway",
		Text:  "A sidecar meets every call to the Service; a Gateway only those that are sent to its address. The name of the Service still leads straight to its pods, where none of these rules apply.",
		Hint:  "Point the callers to the Gateway's address, with the old name in Host, before the sidecars go.",
		Links: []string{gepPage + "1294/"},
	}
	NoSuchGateway = &finding.Rule{
		ID: "MG521", Severity: finding.Error, Since: "0.1", Group: finding.Config, Admits: []finding.Aspect{finding.HostServed},
		Title: "gateway has a name that none can have",
		Text:  "Names of namespaces and Gateways are lower-case DNS names. Istio finds no Gateway of this name, and no route can refer to one.",
		Hint:  "Correct the name: NAMESPACE/NAME.",
		Links: []string{virtualServicePage + "VirtualService"},
	}
	WiderListener = &finding.Rule{
		ID: "MG509", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "withheld host lies within that of another server",
		Text:  "The host of a server that is withheld lies within that of a server that passes TLS through. A listener without routes is written for it, so that its connections are closed; Istio hands them to the routes of the wider host all the same.",
		Hint:  "Give the withheld host a port of its own, or name the hosts of the other server one by one.",
		Links: []string{gatewayPage + "Server", gepPage + "2643/"},
	}
	RefusedByIstio = &finding.Rule{
		ID: "MG510", Severity: finding.Error, Since: "0.1", Group: finding.Config, IST: []string{"IST0106"},
		Title: "Istio refuses this object",
		Text:  "Istio's validation does not take this Gateway or VirtualService, so it does nothing in a cluster today: its requests are refused, or go to other rules. It is converted all the same, and what is made of it would decide.",
		Hint:  "Correct the object, or take it out of the input.",
		Links: []string{analysisPage + "ist0106/"},
	}
	ServiceRefused = &finding.Rule{
		ID: "MG522", Severity: finding.Error, Since: "0.1", Group: finding.Config,
		Title: "Service that Kubernetes refuses",
		Text:  "The Service can't be in a cluster as it is written, so its ports and selector say nothing about today's traffic. What sends to it is treated as if it were not in the input.",
		Hint:  "Correct the Service, or give the one of the cluster (kubectl get svc -o yaml).",
		Links: []string{kubernetesPage + "services-networking/service/"},
	}
	BackendTLSHost = &finding.Rule{
		ID: "MG505", Severity: finding.Error, Since: "0.1",
		Title: "TLS towards a host that is no Service of the input",
		Text:  "The DestinationRule makes the sidecar or gateway open TLS connections. A BackendTLSPolicy does that towards Services, and has to lie in the Service's namespace.",
		Hint:  "Add the Service to the input, or let the client open TLS itself.",
		Links: []string{destinationRulePage + "ClientTLSSettings", gepPage + "1897/"},
	}
)

// linkingRules are what package mesh reports.
var linkingRules = []*finding.Rule{
	DestinationNotService, DestinationUnknown, PortUnknown, SubsetUnknown, SubsetNeedsService,
	GatewayUnknown, HostNotOnGateway, DeadRule, SoleWeight, ServicesMissing,
	DelegateUnused, DelegateMissing, DelegateConflict, MeshHostNotService, MeshDuplicate,
	MeshRoutes, MeshOff, MeshMoved, NotVisible, BrokenObject,
	ListenerHost, ListenerWithheld, ImplicitPassthrough, ListenerDuplicate, SchemeByListener, AuthorityByHost,
	ForeignDestinationRule, OwnedByController, MeshThroughGateway, NoSuchGateway, ServiceRefused, BackendTLSHost, PortMissing, WiderListener, RefusedByIstio,
}
