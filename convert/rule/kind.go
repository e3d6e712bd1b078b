package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG4xx: kinds that are not carried over.
var kindRules = []*finding.Rule{}
