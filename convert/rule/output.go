package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG9xx: what is written.
var outputRules = []*finding.Rule{}
