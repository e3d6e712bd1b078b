package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

var hintRules = []*finding.Rule{RetriesMultiply}

// What hints for applications bring with them.
var (
	RetriesMultiply = &finding.Rule{
		ID: "MG540", Severity: finding.Warning, Since: "0.1",
		Title: "gateway and application both retry",
		Text:  "A gateway repeats a failed request, and for each of these an application that retries its own calls makes all of them again: the calls multiply, and a service that is down already gets many times its load. The mesh does so today too; with retries written into applications it is easy to raise the product without seeing it.",
		Hint:  "Retry in one place: near the failure, in the application, and set attempts: 0 at the gateway, or the other way round.",
		Links: []string{"https://istio.io/latest/docs/concepts/traffic-management/#retries"},
	}
)
