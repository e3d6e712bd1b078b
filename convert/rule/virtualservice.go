package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Match conditions of HTTP rules.
var (
	PrefixElement = &finding.Rule{
		ID: "MG140", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "prefix matches whole path elements only",
		Text:  "Istio compares a prefix with the string: /foo takes /foobar. Gateway API compares element by element: /foo takes /foo and /foo/bar, and /foobar goes to another rule.",
		Hint:  "If such paths are in use, write them as matches of their own.",
		Links: []string{virtualServicePage + "StringMatch", guidePage + "http-routing/", typePage + "httproute/"},
	}
	PrefixFragment = &finding.Rule{
		ID: "MG141", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "prefix ends inside a path element",
		Text:  "The prefix ends in a character that joins words (such as - or _), so it is meant to take longer elements. Gateway API compares whole elements, so the rule takes almost nothing.",
		Hint:  "Write a regular expression if your implementation has them, or list the paths.",
		Links: []string{virtualServicePage + "StringMatch", guidePage + "http-routing/", typePage + "httproute/"},
	}
	PrefixSlash = &finding.Rule{
		ID: "MG142", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "prefix with a trailing slash takes the bare path too",
		Text:  "Istio's prefix /foo/ leaves /foo to the next rule. Gateway API ignores the trailing slash of a PathPrefix, so the rule takes /foo as well.",
		Hint:  "If the bare path must go elsewhere, put an exact match for it before this rule.",
		Links: []string{virtualServicePage + "StringMatch", guidePage + "http-routing/", typePage + "httproute/"},
	}
	RegexPath = &finding.Rule{
		ID: "MG143", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "path regular expression is up to the implementation",
		Text:  "Istio compares the whole path with an RE2 expression, in list order. Gateway API leaves the dialect, the anchoring and the rank among other path matches to the implementation; some have none at all.",
		Hint:  "Check it with your implementation, or write exact paths and prefixes.",
		Links: []string{virtualServicePage + "StringMatch", gepPage + "4359/"},
	}
	IgnoreCase = &finding.Rule{
		ID: "MG144", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "path without regard to case becomes a regular expression",
		Text:  "Gateway API compares paths with regard to case. A regular expression that begins with (?i) says the same where the implementation knows that flag.",
		Hint:  "Check it with your implementation, or drop ignoreUriCase.",
		Links: []string{virtualServicePage + "HTTPMatchRequest", gepPage + "4359/"},
	}
	NeverMatches = &finding.Rule{
		ID: "MG145", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "condition holds for no request",
		Text:  "No request meets this condition in Istio, so the rule decides nothing. It is left out, since Gateway API has no way to say it.",
		Hint:  "Correct the condition, or remove it.",
		Links: []string{virtualServicePage + "HTTPMatchRequest"},
	}
	ConditionLost = &finding.Rule{
		ID: "MG146", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "condition has no counterpart, its rule is left out",
		Text:  "A rule without one of its conditions would take requests that it must not take. So the whole rule is left out, and its requests go to another rule or get 404.",
		Hint:  "Move the condition to the application, or keep this VirtualService.",
		Links: []string{virtualServicePage + "HTTPMatchRequest", typePage + "httproute/"},
	}
	RefusalWidened = &finding.Rule{
		ID: "MG147", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "refusal without one of its conditions",
		Text:  "A rule that refuses requests has a condition without counterpart. Leaving the rule out would open a path, so it is written without the condition and refuses more than today.",
		Hint:  "Put an authorization policy of your implementation in its place.",
		Links: []string{virtualServicePage + "HTTPMatchRequest", gepPage + "1494/"},
	}
	MethodsListed = &finding.Rule{
		ID: "MG148", Severity: finding.Note, Since: "0.1", Admits: finding.Decisions(),
		Title: "methods are listed one by one",
		Text:  "Gateway API matches one of nine methods by name. A pattern becomes one match for each of the nine that it fits; any other method goes to another rule.",
		Hint:  "Check that no other method is in use.",
		Links: []string{virtualServicePage + "HTTPMatchRequest", guidePage + "http-method-matching/"},
	}
	RegexValue = &finding.Rule{
		ID: "MG149", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "regular expression on a value is up to the implementation",
		Text:  "Istio compares the whole value of a header or query parameter with an RE2 expression. Gateway API leaves dialect and anchoring to the implementation; some have none at all.",
		Hint:  "Check it with your implementation, or write exact values.",
		Links: []string{virtualServicePage + "StringMatch", gepPage + "4359/"},
	}
	ValueByRegex = &finding.Rule{
		ID: "MG150", Severity: finding.Note, Since: "0.1",
		Title: "prefix or presence becomes a regular expression",
		Text:  "Gateway API compares headers and query parameters exactly or by regular expression. A prefix or the mere presence is said by an expression that every dialect reads alike; not every implementation has expressions.",
		Hint:  "Check that your implementation has regular expressions.",
		Links: []string{virtualServicePage + "StringMatch", gepPage + "4359/"},
	}
	RuleOrder = &finding.Rule{
		ID: "MG151", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "Gateway API prefers a later rule",
		Text:  "Istio takes the first rule that matches. Gateway API takes the most specific one: exact path, then longest prefix, then method, then more headers, then more query parameters. Where the two matches can't be joined into one, or the routes would grow too much, requests that both rules take change hands.",
		Hint:  "Make the two rules exclude each other.",
		Links: []string{istioPage + "concepts/traffic-management/#routing-rule-precedence", typePage + "httproute/"},
	}
	RegexOrder = &finding.Rule{
		ID: "MG152", Severity: finding.Warning, Since: "0.1", Admits: finding.Decisions(),
		Title: "rank of a regular expression is up to the implementation",
		Text:  "Istio takes the first rule that matches. Where a regular expression stands among prefixes and other expressions is the implementation's choice, so requests that both rules take may change hands.",
		Hint:  "Make the two paths exclude each other, or check with your implementation.",
		Links: []string{istioPage + "concepts/traffic-management/#routing-rule-precedence", gepPage + "4359/"},
	}
	RegexOutranked = &finding.Rule{
		ID: "MG507", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "implementation prefers a later rule to an expression",
		Text:  "Gateway API leaves it to implementations where regular expressions rank among paths. Istio puts every path prefix, even /, before every expression, and of two expressions the longer one first; others put expressions first. Requests that both rules take change hands.",
		Hint:  "Write the expression as exact paths or prefixes, or make the two paths exclude each other.",
		Links: []string{istioPage + "concepts/traffic-management/#routing-rule-precedence", gepPage + "4359/"},
	}
	RefusalNarrowed = &finding.Rule{
		ID: "MG508", Severity: finding.Error, Since: "0.1", Admits: finding.Decisions(),
		Title: "refusal no longer takes longer names",
		Text:  "A rule that refuses requests compares a prefix with the string: /internal refuses /internals too. Gateway API compares whole path elements, and no expression can be written beside the prefix, so such paths are open.",
		Hint:  "Refuse the longer paths by rules of their own.",
		Links: []string{virtualServicePage + "StringMatch", typePage + "httproute/"},
	}
	BarePath = &finding.Rule{
		ID: "MG511", Severity: finding.Note, Since: "0.1",
		Title: "bare path of a prefix keeps its rule",
		Text:  "Istio's prefix /foo/ leaves /foo to the next rule. Gateway API ignores the trailing slash of a PathPrefix, so rules for exactly /foo are added, which are more specific and do what is done today.",
		Hint:  "Write the prefix without its slash if the bare path may go there too.",
		Links: []string{virtualServicePage + "StringMatch", typePage + "httproute/"},
	}
	AbsenceByOrder = &finding.Rule{
		ID: "MG512", Severity: finding.Note, Since: "0.1",
		Title: "absence of a header is said by more specific rules",
		Text:  "Gateway API can't ask for the absence of a header. The rule is written without the condition, and rules that ask for the header, which are more specific, do what the rest of the list does today. Presence and prefixes need regular expression header matches, which not every implementation has.",
		Hint:  "Check that your implementation has regular expression header matches, unless the header is compared with one value.",
		Links: []string{virtualServicePage + "HTTPMatchRequest", typePage + "httproute/"},
	}
	RulesJoined = &finding.Rule{
		ID: "MG513", Severity: finding.Note, Since: "0.1",
		Title: "rule is joined with a more specific one",
		Text:  "Istio takes the first rule that matches, Gateway API the most specific one. Where a later rule is more specific, both matches joined are written with the earlier rule's destination: they are as specific as the later rule and stand before it.",
		Hint:  "Make the two rules exclude each other if you want fewer matches.",
		Links: []string{istioPage + "concepts/traffic-management/#routing-rule-precedence", typePage + "httproute/"},
	}
	Unanswered = &finding.Rule{
		ID: "MG514", Severity: finding.Warning, Since: "0.1", Admits: []finding.Aspect{finding.DirectResponse},
		Title: "requests without a rule get 500 instead of 404",
		Text:  "No rule takes these requests today, but the rule that Gateway API can write takes them too. So that they reach no backend they get a rule without backends, which answers 500.",
		Hint:  "Add a rule that takes these requests, if they should be served.",
		Links: []string{typePage + "httproute/"},
	}
	RankedPath = &finding.Rule{
		ID: "MG515", Severity: finding.Note, Since: "0.1",
		Title: "path is written so that Istio ranks it in order",
		Text:  "Where Istio serves Gateway API it puts every path prefix before every regular expression, and of two expressions the longer one first. A path that would be preferred too early is written as an expression, or one that comes too late as a longer expression, of the same meaning.",
		Hint:  "Choose another --gateway-class if Istio does not serve the routes; ranks differ there.",
		Links: []string{istioPage + "concepts/traffic-management/#routing-rule-precedence", gepPage + "4359/"},
	}
	AgeAssumed = &finding.Rule{
		ID: "MG516", Severity: finding.Warning, Since: "0.1",
		Title: "age of two objects is assumed",
		Text:  "Istio asks the rules of the older object first where several have rules for one host. The input does not say which is older (kubectl get prints creationTimestamp, a repository does not have it), so the order of names stands in for it, and rules are joined accordingly.",
		Hint:  "Convert what kubectl get prints, or make the two rules exclude each other.",
		Links: []string{istioPage + "ops/best-practices/traffic-management/#split-virtual-services"},
	}
	DirectResponse = &finding.Rule{
		ID: "MG153", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Outcome, finding.DirectResponse, finding.ResponseHeaders, finding.CORS, finding.Fault},
		Title: "direct response becomes status 500",
		Text:  "Gateway API answers nothing by itself. The rule is written without backends, which answers 500: no request reaches a backend, and the status and body of today are gone.",
		Hint:  "Serve the answer from a small backend, or use a filter of your implementation.",
		Links: []string{virtualServicePage + "HTTPDirectResponse"},
	}
	AbortAll = &finding.Rule{
		ID: "MG154", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.DirectResponse},
		Title: "abort of all requests becomes status 500",
		Text:  "Every request of the rule is refused today by an injected fault. Gateway API has none; the rule is written without backends, which answers 500.",
		Hint:  "Remove the rule's route, or keep the refusal as it is.",
		Links: []string{virtualServicePage + "HTTPFaultInjection-Abort"},
	}
)

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

// MG1xx: VirtualService.
var virtualServiceRules = []*finding.Rule{
	PrefixElement, PrefixFragment, PrefixSlash, RegexPath, IgnoreCase, NeverMatches, ConditionLost, RefusalWidened,
	MethodsListed, RegexValue, ValueByRegex, RuleOrder, RegexOrder, DirectResponse, AbortAll,
	BackendsIncomplete, TooManyBackends, WeightScaled, HeaderFormatter, HeaderIdle, HeaderTwice, HeaderRefused, HostRewrite,
	BackendFilters, RegexRewrite, RewriteDoubleSlash, RewriteDiffers, RedirectLost, RedirectHostPort, RedirectPort,
	RedirectDiffers, NoTimeout, NoRetries, DurationRounded, PerTryClamped, RetryUnavailable, RetryImplied, RetryCondition,
	RetriesOff, MirrorNone, MirrorHost, MirrorLost, CORSUnavailable, CORSOrigin, CORSOriginNarrowed, CORSPreflight,
	CORSMaxAge, CORSValue, IdleSetting, CORSIdle, RegexOutranked, RefusalNarrowed,
	BarePath, AbsenceByOrder, RulesJoined, Unanswered, RankedPath, AgeAssumed,
}
