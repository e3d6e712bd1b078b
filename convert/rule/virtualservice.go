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
