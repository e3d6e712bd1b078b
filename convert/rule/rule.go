// Package rule is the catalogue of findings: one value each. Ids go by area:
// MG0xx reading, MG1xx VirtualService, MG2xx DestinationRule and ServiceEntry,
// MG3xx Gateway, MG4xx other kinds, MG5xx links between objects, MG6xx what is wrong today, MG7xx Linkerd and SMI, MG9xx output. An id is never
// reused.
package rule

import (
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// All returns every rule, ordered by id.
func All() []*finding.Rule {
	all := slices.Concat(
		inputRules,
		triageRules,
		bindRules,
		virtualServiceLostRules,
		virtualServiceRules,
		linkingRules,
		destinationRuleRules,
		gatewayLostRules,
		gatewayRules,
		l4Rules,
		kindRules,
		outputRules,
		routeOutputRules,
		metadataRules,
		gatewayAPIRules,
		configRules,
		hintRules,
		targetRules,
		policyRules,
		mtlsRules,
		kgatewayRules,
		envoyGatewayRules,
		keepRules,
		linkerdRules,
	)
	slices.SortFunc(all, func(a, b *finding.Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
}
