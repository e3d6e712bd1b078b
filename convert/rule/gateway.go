package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG3xx: Gateway.
var gatewayRules = []*finding.Rule{}
