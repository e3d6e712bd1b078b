package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What the implementation's own resources do.
var (
	CarriedByPolicy = &finding.Rule{
		ID: "MG550", Severity: finding.Note, Since: "0.1",
		Title: "settings are carried by the implementation's own resource",
		Text:  "What core Gateway API can't say is said by a resource of the implementation that --target names, with Istio's defaults written out where its own differ. It applies to requests through the routes that are written. Callers inside the cluster that go past them stand under the DestinationRule as long as they have a proxy.",
		Hint:  "Review the named resources; leave out --target to see what core Gateway API lacks.",
		Links: []string{"https://gateway-api.sigs.k8s.io/reference/policy-attachment/"},
	}
)

var policyRules = []*finding.Rule{CarriedByPolicy}
