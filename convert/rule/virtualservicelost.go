package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG100-MG129: fields of a VirtualService that have no counterpart at all.
var (
	FaultDelay = &finding.Rule{
		ID: "MG100", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Fault},
		Title: "injected delay is not carried over",
		Text:  "Gateway API has no fault injection: requests that are delayed on purpose today come through without delay.",
		Hint:  "Keep this VirtualService for the test, or drop the delay.",
		Links: []string{virtualServicePage + "HTTPFaultInjection-Delay", istioPage + "tasks/traffic-management/fault-injection/"},
	}
	FaultAbort = &finding.Rule{
		ID: "MG101", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Fault},
		Title: "injected failure is not carried over",
		Text:  "Gateway API has no fault injection: requests that fail on purpose today reach the destination. (An abort of all requests stays closed: it becomes a rule without backends.)",
		Hint:  "Keep this VirtualService for the test, or drop the abort.",
		Links: []string{virtualServicePage + "HTTPFaultInjection-Abort", istioPage + "tasks/traffic-management/fault-injection/"},
	}
	FaultIdle = &finding.Rule{
		ID: "MG102", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "fault hits no request",
		Text:  "In Istio a fault without a percentage, or with 0, hits no request. It is left out, and nothing changes.",
		Hint:  "Remove the fault.",
		Links: []string{virtualServicePage + "HTTPFaultInjection"},
	}
	RetryLocality = &finding.Rule{
		ID: "MG103", Severity: finding.Warning, Since: "0.1",
		Title: "choice of where retries go is not carried over",
		Text:  "HTTPRoute says how often to retry, not where. Whether a retry meets another pod, or leaves the zone, is the implementation's choice.",
		Hint:  "Check that a retry may hit the same pod, or configure it with the implementation's own policy.",
		Links: []string{virtualServicePage + "HTTPRetry", gepPage + "1731/"},
	}
	StatPrefix = &finding.Rule{
		ID: "MG104", Severity: finding.Note, Since: "0.1",
		Title: "statistics of the route lose their name",
		Text:  "statPrefix names Envoy statistics of the requests that match. Gateway API has no such name, so dashboards and alerts that use it stay empty; the requests are served as before.",
		Hint:  "Move dashboards and alerts to the route's metrics before the cut-over.",
		Links: []string{virtualServicePage + "HTTPMatchRequest"},
	}
)

var virtualServiceLostRules = []*finding.Rule{FaultDelay, FaultAbort, FaultIdle, RetryLocality, StatPrefix}
