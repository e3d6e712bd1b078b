package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// kgatewayPage is followed by a page of kgateway's documentation.
const kgatewayPage = "https://kgateway.dev/docs/envoy/latest/"

// What kgateway's resources do in another way than Istio. Read from kgateway
// v2.4.0.
var (
	KgatewayRetry = &finding.Rule{
		ID: "MG570", Severity: finding.Error, Since: "0.1", Admits: []finding.Aspect{finding.Retry},
		Title: "kgateway has no such condition for retries",
		Text:  "The retry policy of a TrafficPolicy takes a fixed list of Envoy's conditions and status codes from 400 to 599. What is not on it is not retried.",
		Hint:  "Retry in the callers, or name the status codes that the Service answers.",
		Links: []string{kgatewayPage + "resiliency/retry/about/"},
	}
	KgatewayOutlier = &finding.Rule{
		ID: "MG571", Severity: finding.Warning, Since: "0.1",
		Title: "kgateway ejects pods by other signs as well",
		Text:  "Istio switches off that pods are ejected for a success rate below that of their peers, which is Envoy's default. A BackendConfigPolicy can't: with 5 pods or more that get 100 requests each in an interval, one that fails more often than the others is ejected too.",
		Hint:  "Watch ejections after the switch, or raise interval.",
		Links: []string{envoyPage + "intro/arch_overview/upstream/outlier", kgatewayPage + "about/policies/backendconfigpolicy/"},
	}
	KgatewayEjection = &finding.Rule{
		ID: "MG572", Severity: finding.Error, Since: "0.1",
		Title: "a part of outlier detection is not carried over",
		Text:  "A BackendConfigPolicy ejects pods after 5xx answers in a row. It can't count gateway errors (502, 503, 504) or failed connections apart, and says when ejected pods get requests again only together with a way to choose pods.",
		Hint:  "Set consecutive5xxErrors to the number that you want.",
		Links: []string{destinationRulePage + "OutlierDetection", kgatewayPage + "about/policies/backendconfigpolicy/"},
	}
	KgatewayPorts = &finding.Rule{
		ID: "MG573", Severity: finding.Error, Since: "0.1",
		Title: "a BackendConfigPolicy is for all ports of a Service",
		Text:  "Ports of a Service have settings of their own in a DestinationRule. A BackendConfigPolicy has none for one port alone.",
		Hint:  "Give the port a Service of its own, and a BackendConfigPolicy to that.",
		Links: []string{destinationRulePage + "TrafficPolicy-PortTrafficPolicy", kgatewayPage + "about/policies/backendconfigpolicy/"},
	}
)

var kgatewayRules = []*finding.Rule{KgatewayRetry, KgatewayOutlier, KgatewayEjection, KgatewayPorts}
