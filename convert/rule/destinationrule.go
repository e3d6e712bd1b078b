package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG2xx: DestinationRule and ServiceEntry.
var destinationRuleRules = []*finding.Rule{}
