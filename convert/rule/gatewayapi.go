package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG960-MG979: reading Gateway API objects back, for verify and explain.
var gatewayAPIRules = []*finding.Rule{
	GatewayAPIField, GatewayAPIType, GatewayAPIValue, GatewayAPIKind, RouteDetached, ParentUnknown, NamespaceLabelsUnknown,
	ReferenceRefused, BackendUnread, FilterUnread, ListenerConflict, ListenerSetRefused, RouteHostUnserved, PatternUnread,
	RouteKindsMixed, RetryAttemptsOpen, BackendPortMissing, SessionUnread,
}

// Rules of package gwapi for what it reads.
var (
	GatewayAPIField = &finding.Rule{
		ID: "MG960", Severity: finding.Warning, Since: "0.1",
		Title: "field is not known to Gateway API",
		Text: "The CRDs drop fields that they don't know, and kubectl refuses an object with one. " +
			"What its author meant is not in force, and it is not looked at.",
		Hint:  "Correct the name, or remove the key.",
		Links: []string{typePage + "gateway/", typePage + "httproute/"},
	}
	GatewayAPIType = &finding.Rule{
		ID: "MG961", Severity: finding.Error, Since: "0.1",
		Title: "value has a type that Gateway API refuses",
		Text:  "Kubernetes refuses an object with a value of the wrong type, so nothing of it is in force: a route serves nothing, a gateway listens nowhere.",
		Hint:  "Correct the value.",
		Links: []string{typePage + "gateway/", typePage + "httproute/"},
	}
	GatewayAPIValue = &finding.Rule{
		ID: "MG962", Severity: finding.Error, Since: "0.1",
		Title: "value that Gateway API refuses",
		Text:  "The CRDs take certain words, durations and combinations only. Kubernetes refuses the object, so nothing of it is in force.",
		Hint:  "Correct the value.",
		Links: []string{typePage + "gateway/", typePage + "httproute/"},
	}
	GatewayAPIKind = &finding.Rule{
		ID: "MG963", Severity: finding.Warning, Since: "0.1",
		Title: "kind or protocol of Gateway API is not compared",
		Text:  "What the object or listener does to traffic is not looked at, so that what is said about the rest holds without it.",
		Hint:  "Look at this object by hand.",
		Links: []string{typePage + "gateway/", typePage + "httproute/"},
	}
	RouteDetached = &finding.Rule{
		ID: "MG964", Severity: finding.Error, Since: "0.1",
		Title: "route is not attached to its parent",
		Text: "A route serves only where a parent takes it: the listener has to exist, to admit the route's namespace and kind, and to share a host with it. " +
			"By this parentRef the route serves no request.",
		Hint:  "Correct the parentRef, or the listener's allowedRoutes or hostname.",
		Links: []string{typePage + "httproute/", gepPage + "724/"},
	}
	ParentUnknown = &finding.Rule{
		ID: "MG965", Severity: finding.Warning, Since: "0.1",
		Title: "Gateway of a route is not among the files",
		Text: "Which listeners the Gateway has, and whether they admit the route, is not known. " +
			"The route is taken to be attached, on all ports that it names.",
		Hint:  "Add the Gateway to the files that are read.",
		Links: []string{typePage + "httproute/"},
	}
	NamespaceLabelsUnknown = &finding.Rule{
		ID: "MG966", Severity: finding.Warning, Since: "0.1",
		Title: "labels of a namespace are not known",
		Text: "The listener admits namespaces by label, and of a namespace that is not among the files only the name is known. " +
			"The route is taken to be admitted.",
		Hint:  "Add the Namespace to the files that are read.",
		Links: []string{guidePage + "multiple-ns/"},
	}
	ReferenceRefused = &finding.Rule{
		ID: "MG967", Severity: finding.Error, Since: "0.1",
		Title: "no ReferenceGrant allows the reference",
		Text: "A route of a Gateway may send to a Service of another namespace only where a ReferenceGrant there allows it. " +
			"Without one the backend's share of the requests is answered with status 500.",
		Hint:  "Add a ReferenceGrant to the namespace of the Service.",
		Links: []string{typePage + "referencegrant/", gepPage + "709/"},
	}
	BackendUnread = &finding.Rule{
		ID: "MG968", Severity: finding.Warning, Since: "0.1",
		Title: "backend is not a Service",
		Text:  "Where the requests go depends on an object that is not looked at. Nothing is proved about the rules that send to it.",
		Hint:  "Look at these rules by hand.",
		Links: []string{typePage + "httproute/"},
	}
	FilterUnread = &finding.Rule{
		ID: "MG969", Severity: finding.Warning, Since: "0.1",
		Title: "filter is not compared",
		Text: "What the filter does is the implementation's, and one that does not know it answers with an error. " +
			"Nothing is proved about the rules that have it.",
		Hint:  "Look at these rules by hand.",
		Links: []string{typePage + "httproute/"},
	}
	ListenerConflict = &finding.Rule{
		ID: "MG970", Severity: finding.Error, Since: "0.1",
		Title: "listener stands in conflict with another",
		Text: "Two listeners of one Gateway can't be told apart by a request, or speak protocols that can't share a port. " +
			"An implementation serves one of them, or none.",
		Hint:  "Give one of them another port or hostname.",
		Links: []string{typePage + "gateway/"},
	}
	ListenerSetRefused = &finding.Rule{
		ID: "MG971", Severity: finding.Error, Since: "0.1",
		Title: "Gateway does not admit the ListenerSet",
		Text:  "A Gateway takes ListenerSets of the namespaces in spec.allowedListeners only, by default of none. The listeners of this one are not opened.",
		Hint:  "Set spec.allowedListeners.namespaces of the Gateway.",
		Links: []string{gepPage + "1713/"},
	}
	RouteHostUnserved = &finding.Rule{
		ID: "MG972", Severity: finding.Error, Since: "0.1",
		Title: "host of a route is served by no listener of it",
		Text: "A host counts only where a listener of the route takes it. " +
			"Requests for a host that another listener names more precisely go to that listener alone.",
		Hint:  "Attach the route to a listener for the host, or remove the host.",
		Links: []string{conceptPage + "hostnames/"},
	}
	PatternUnread = &finding.Rule{
		ID: "MG973", Severity: finding.Warning, Since: "0.1",
		Title: "regular expression can't be read",
		Text: "The dialect of regular expressions is the implementation's. " +
			"This one is none that Envoy reads (RE2), so that what it takes is not known and nothing is proved about it.",
		Hint:  "Write an expression that RE2 reads.",
		Links: []string{gepPage + "4359/"},
	}
	RouteKindsMixed = &finding.Rule{
		ID: "MG974", Severity: finding.Warning, Since: "0.1",
		Title: "routes of two kinds share a host",
		Text: "An implementation may refuse the later of two routes of different kinds for one host of one listener. " +
			"They are read as if both were in force.",
		Hint:  "Use one kind for the host.",
		Links: []string{typePage + "grpcroute/", gepPage + "1016/"},
	}
	RetryAttemptsOpen = &finding.Rule{
		ID: "MG975", Severity: finding.Warning, Since: "0.1",
		Title: "number of retries is left open",
		Text:  "Without attempts the CRDs of Gateway API 1.7 fill in one retry; before, the number is the implementation's (Istio: two). One is assumed.",
		Hint:  "Write attempts.",
		Links: []string{gepPage + "1731/"},
	}
	BackendPortMissing = &finding.Rule{
		ID: "MG976", Severity: finding.Warning, Since: "0.1",
		Title: "Service of a backend has no such port",
		Text:  "Requests are sent to a port that the Service does not have. They fail, with status 500 or 503.",
		Hint:  "Write a port of the Service.",
		Links: []string{typePage + "httproute/"},
	}
	SessionUnread = &finding.Rule{
		ID: "MG977", Severity: finding.Warning, Since: "0.1",
		Title: "session persistence is not compared",
		Text: "Requests of one session go to one backend, whatever the weights say. " +
			"Nothing is proved about the shares of the backends.",
		Hint:  "Look at these rules by hand.",
		Links: []string{gepPage + "1619/"},
	}
)
