// Package rule is the catalogue of findings: one value each. Ids go by area:
// MG0xx reading, MG1xx VirtualService, MG2xx DestinationRule and ServiceEntry,
// MG3xx Gateway, MG4xx other kinds, MG9xx output. An id is never reused.
package rule

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// All returns every rule, ordered by id.
func All() []*finding.Rule {
	return slices.Concat(inputRules, virtualServiceRules, destinationRuleRules, gatewayRules, kindRules, outputRules)
}
