package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Actions of HTTP rules.
var (
	BackendsIncomplete = &finding.Rule{
		ID: "MG155", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome},
		Title: "rule without backends, since one can't be written",
		Text:  "One of several weighted destinations is no Service port. The others would take over its share in silence, so none is written and the rule answers 500.",
		Hint:  "Give the missing destination a Service, or take it out of the route.",
		Links: []string{virtualServicePage + "HTTPRouteDestination", guidePage + "traffic-splitting/"},
	}
	TooManyBackends = &finding.Rule{
		ID: "MG156", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome},
		Title: "more destinations than a rule can have",
		Text:  "A rule of Gateway API has at most 16 backends. Leaving some out would shift their share, so none is written and the rule answers 500.",
		Hint:  "Join destinations, or split the rule by a match.",
		Links: []string{virtualServicePage + "HTTPRouteDestination", guidePage + "traffic-splitting/"},
	}
	WeightScaled = &finding.Rule{
		ID: "MG157", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Weights},
		Title: "weights are scaled down",
		Text:  "A weight of Gateway API is at most 1000000. All weights of the rule are divided alike and rounded, so the shares may differ a little.",
		Hint:  "Write smaller weights.",
		Links: []string{virtualServicePage + "HTTPRouteDestination", guidePage + "traffic-splitting/"},
	}
	HeaderFormatter = &finding.Rule{
		ID: "MG158", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.RequestHeaders, finding.ResponseHeaders},
		Title: "header value with an Envoy formatter",
		Text:  "Envoy fills in values such as %REQ(x-id)% for each request. Gateway API sends header values as they are written. The header is not set; where it would have been overwritten it is removed, so that no value of the caller's passes for it.",
		Hint:  "Set the header in the application, or use a filter of your implementation.",
		Links: []string{envoyPage + "configuration/observability/access_log/usage#command-operators", virtualServicePage + "Headers-HeaderOperations"},
	}
	HeaderIdle = &finding.Rule{
		ID: "MG159", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "header operation has no effect",
		Text:  "Envoy drops an empty value and leaves Host and pseudo headers alone except when Host is set, so this changes nothing today. It is left out.",
		Hint:  "Remove it; to take a header away use remove.",
		Links: []string{virtualServicePage + "Headers-HeaderOperations"},
	}
	HeaderTwice = &finding.Rule{
		ID: "MG160", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.RequestHeaders, finding.ResponseHeaders},
		Title: "several values for one header are joined",
		Text:  "Istio writes one line for each value; Gateway API wants one operation for a header. The values are joined by commas, which means the same for every header but Set-Cookie.",
		Hint:  "Set the header once.",
		Links: []string{virtualServicePage + "Headers-HeaderOperations", guidePage + "http-header-modifier/"},
	}
	HeaderRefused = &finding.Rule{
		ID: "MG161", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.RequestHeaders, finding.ResponseHeaders},
		Title: "header operation can't be written",
		Text:  "Gateway API takes at most 16 headers for each operation, and names and values of limited form. This operation does not fit, and is lost.",
		Hint:  "Set the header in the application.",
		Links: []string{virtualServicePage + "Headers-HeaderOperations", guidePage + "http-header-modifier/"},
	}
	HostRewrite = &finding.Rule{
		ID: "MG162", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.HostRewrite},
		Title: "Host can't be rewritten to this",
		Text:  "Gateway API rewrites Host to a DNS name without a port. The backend sees the Host of the caller instead.",
		Hint:  "Rewrite to a name without port, or let the backend accept the caller's Host.",
		Links: []string{virtualServicePage + "HTTPRewrite", gepPage + "726/"},
	}
	BackendFilters = &finding.Rule{
		ID: "MG163", Severity: finding.Note, Since: "0.1",
		Title: "headers of one destination are not supported everywhere",
		Text:  "Operations that belong to one of several destinations become filters of a backendRef, which not every implementation supports.",
		Hint:  "Check the support, or move the headers to the rule.",
		Links: []string{virtualServicePage + "HTTPRouteDestination", gepPage + "1323/"},
	}
	RegexRewrite = &finding.Rule{
		ID: "MG164", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome},
		Title: "path rewrite has no counterpart",
		Text:  "Gateway API replaces a matched prefix or the whole path. Forwarding the request with another path than today would be wrong, so the rule is written without backends and answers 500.",
		Hint:  "Rewrite in the application, or use a filter of your implementation.",
		Links: []string{virtualServicePage + "RegexRewrite", gepPage + "726/"},
	}
	RewriteDoubleSlash = &finding.Rule{
		ID: "MG165", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Redirect, finding.PathRewrite},
		Title: "rewritten path loses a doubled slash",
		Text:  "Istio swaps the matched string, which leaves // where prefix and replacement differ in their trailing slash. Gateway API replaces whole elements and writes one slash.",
		Hint:  "Check that the backend takes the path with one slash (most do not tell them apart).",
		Links: []string{virtualServicePage + "HTTPRewrite", gepPage + "726/"},
	}
	RewriteDiffers = &finding.Rule{
		ID: "MG166", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Redirect, finding.PathRewrite},
		Title: "rewritten path differs",
		Text:  "Istio swaps the matched string, Gateway API whole path elements. Where prefix and replacement differ in their trailing slash, the backend or the Location header gets another path.",
		Hint:  "End both or neither with a slash, and check which path is meant.",
		Links: []string{virtualServicePage + "HTTPRewrite", gepPage + "726/"},
	}
	RedirectLost = &finding.Rule{
		ID: "MG167", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome},
		Title: "redirect has no counterpart",
		Text:  "The redirect can't be said in Gateway API. A redirect to another place would be wrong, so the rule is written without backends and answers 500.",
		Hint:  "Answer with the redirect from a small backend.",
		Links: []string{virtualServicePage + "HTTPRedirect", gepPage + "726/"},
	}
	RedirectHostPort = &finding.Rule{
		ID: "MG168", Severity: finding.Note, Since: "0.1", Admits: []finding.Aspect{finding.Redirect},
		Title: "port of the Host header is no longer kept in a redirect",
		Text:  "Istio keeps the port that the request's Host header names. Gateway API writes the port of the listener, or that of the scheme when the redirect names one.",
		Hint:  "Write redirect.port if clients use another port than the listener's.",
		Links: []string{virtualServicePage + "HTTPRedirect", gepPage + "726/"},
	}
	RedirectPort = &finding.Rule{
		ID: "MG169", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Redirect},
		Title: "port of the redirect differs",
		Text:  "The port of the Location header depends on the listener that took the request. One rule for several listeners can't say that.",
		Hint:  "Write redirect.port, or one VirtualService for each port.",
		Links: []string{virtualServicePage + "HTTPRedirect", gepPage + "726/"},
	}
	RedirectDiffers = &finding.Rule{
		ID: "MG170", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Redirect, finding.PathRewrite},
		Title: "redirect or rewrite goes beyond the specification",
		Text:  "Gateway API does not say what becomes of this value (a query in a path, an IP address as host, a status that the bundle lacks): implementations may refuse it or answer otherwise.",
		Hint:  "Check the answer of your implementation.",
		Links: []string{virtualServicePage + "HTTPRedirect", virtualServicePage + "HTTPRewrite", gepPage + "726/"},
	}
	NoTimeout = &finding.Rule{
		ID: "MG171", Severity: finding.Note, Since: "0.1",
		Title: "no timeout is set",
		Text:  "Istio waits without end when no timeout is written. Gateway API leaves that to the implementation.",
		Hint:  "Where the implementation has a limit, write timeouts.request: 0s into the route, or the time that you want.",
		Links: []string{virtualServicePage + "HTTPRoute", gepPage + "1742/"},
	}
	NoRetries = &finding.Rule{
		ID: "MG172", Severity: finding.Note, Since: "0.1",
		Title: "no retries are set",
		Text:  "Istio retries twice on connection failures and gRPC unavailable or cancelled when nothing is written. Gateway API has no such default.",
		Hint:  "Write retries to keep them, or retry in the clients.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/"},
	}
	DurationRounded = &finding.Rule{
		ID: "MG173", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Timeout, finding.Retry},
		Title: "duration is rounded",
		Text:  "A duration of Gateway API has millisecond precision and at most 99999 hours. The nearest one is written, so the request is given up a little earlier or later than today.",
		Hint:  "Write a duration of whole milliseconds.",
		Links: []string{gepPage + "2257/", virtualServicePage + "HTTPRoute"},
	}
	PerTryClamped = &finding.Rule{
		ID: "MG174", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "time for one try is cut to the time for all",
		Text:  "The time for one try is longer than the time for the request, which ends it first anyway. Gateway API refuses such a pair, so the shorter one is written for both.",
		Hint:  "Write a perTryTimeout below the timeout.",
		Links: []string{gepPage + "1742/", virtualServicePage + "HTTPRetry"},
	}
	RetryUnavailable = &finding.Rule{
		ID: "MG175", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "retries can't be written for this bundle",
		Text:  "The chosen version and channel of Gateway API have no retry in HTTPRoute; the field would be pruned in silence. It is left out, and the implementation's default decides.",
		Hint:  "Choose another --gateway-api or --channel, or retry in the clients.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/"},
	}
	RetryImplied = &finding.Rule{
		ID: "MG176", Severity: finding.Note, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "a retry stanza retries connection failures too",
		Text:  "Whatever conditions are written, an HTTPRoute with retry also retries on connection failures and refused requests; Istio adds refused-stream, unavailable and cancelled.",
		Hint:  "Check that repeated requests do no harm.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/"},
	}
	RetryCondition = &finding.Rule{
		ID: "MG177", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "retry condition is not carried over",
		Text:  "Gateway API retries on status codes and connection failures. Other conditions of Envoy are not retried any more.",
		Hint:  "Retry in the client, or use a policy of your implementation.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/", envoyPage + "configuration/http/http_filters/router_filter#x-envoy-retry-on"},
	}
	RetriesOff = &finding.Rule{
		ID: "MG178", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "retries can't be switched off with this bundle",
		Text:  "Retries are switched off today. The chosen version and channel of Gateway API can't say so; without the stanza the implementation's default decides (Istio: two retries).",
		Hint:  "Choose another --gateway-api or --channel, or check the implementation's default.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/"},
	}
	MirrorNone = &finding.Rule{
		ID: "MG179", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "mirror of no requests is left out",
		Text:  "The share is 0 or less than one in a million, so Istio copies no request to the mirror. It is left out, and nothing changes.",
		Hint:  "Remove the mirror.",
		Links: []string{virtualServicePage + "HTTPMirrorPolicy"},
	}
	MirrorHost = &finding.Rule{
		ID: "MG180", Severity: finding.Note, Since: "0.1",
		Title: "Host of mirrored requests",
		Text:  "Istio appends -shadow to the Host of a mirrored request. Gateway API says nothing about it.",
		Hint:  "Do not tell mirrored requests by their Host.",
		Links: []string{istioPage + "tasks/traffic-management/mirroring/", guidePage + "http-request-mirroring/"},
	}
	MirrorLost = &finding.Rule{
		ID: "MG181", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Mirror},
		Title: "mirror is not carried over",
		Text:  "Mirrored requests need a Service port, and a rule has room for at most 16 filters. This mirror gets no copies any more.",
		Hint:  "Put a Service in front of the mirror.",
		Links: []string{virtualServicePage + "HTTPMirrorPolicy", gepPage + "3171/"},
	}
	CORSUnavailable = &finding.Rule{
		ID: "MG182", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "CORS can't be written for this bundle",
		Text:  "The chosen version and channel of Gateway API have no CORS filter. Browsers refuse cross-origin requests unless the backend answers them itself.",
		Hint:  "Choose another --gateway-api or --channel, or answer CORS in the application.",
		Links: []string{virtualServicePage + "CorsPolicy", gepPage + "1767/"},
	}
	CORSOrigin = &finding.Rule{
		ID: "MG183", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "CORS origin is not carried over",
		Text:  "Gateway API takes http and https origins with an optional wildcard on the left of the host. Browsers refuse requests from origins that can't be said so.",
		Hint:  "List the origins one by one.",
		Links: []string{virtualServicePage + "CorsPolicy", gepPage + "1767/"},
	}
	CORSOriginNarrowed = &finding.Rule{
		ID: "MG184", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "CORS origin is read strictly",
		Text:  "A dot in a regular expression takes any character. It is read as the dot that was surely meant, so origins that match by accident are refused.",
		Hint:  "Escape the dots, or list the origins.",
		Links: []string{virtualServicePage + "CorsPolicy", gepPage + "1767/"},
	}
	CORSPreflight = &finding.Rule{
		ID: "MG185", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "unmatched preflights no longer reach the backend",
		Text:  "Istio forwards a preflight whose origin is not allowed to the backend unless unmatchedPreflights is IGNORE. With Gateway API the gateway answers it.",
		Hint:  "List every origin that the backend answers by itself.",
		Links: []string{virtualServicePage + "CorsPolicy-UnmatchedPreflights", gepPage + "1767/"},
	}
	CORSMaxAge = &finding.Rule{
		ID: "MG186", Severity: finding.Note, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "CORS maxAge gets a value",
		Text:  "Gateway API always answers a preflight with a maximum age of at least one second; its default of 5 seconds is also that of browsers.",
		Hint:  "Write the maxAge that you want.",
		Links: []string{virtualServicePage + "CorsPolicy", gepPage + "1767/"},
	}
	CORSValue = &finding.Rule{
		ID: "MG187", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.CORS},
		Title: "CORS value is not carried over",
		Text:  "Gateway API takes nine methods, header names, and at most 64 of each. Browsers refuse what is not listed.",
		Hint:  "List methods and headers by name.",
		Links: []string{virtualServicePage + "CorsPolicy", gepPage + "1767/"},
	}
	IdleSetting = &finding.Rule{
		ID: "MG188", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "setting has no effect without a destination",
		Text:  "A redirect or direct response reaches no backend, so timeouts, retries, mirrors and request headers do nothing in Istio. They are left out.",
		Hint:  "Remove the setting.",
		Links: []string{virtualServicePage + "HTTPRedirect", virtualServicePage + "HTTPDirectResponse"},
	}
	CORSIdle = &finding.Rule{
		ID: "MG189", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "CORS setting does nothing",
		Text:  "Without an allowed origin Envoy answers no preflight and adds no header, and an exact origin with an asterisk inside is one that no browser sends. What does nothing is left out.",
		Hint:  "Write the origins that you mean (a regular expression for subdomains).",
		Links: []string{virtualServicePage + "CorsPolicy"},
	}
)
