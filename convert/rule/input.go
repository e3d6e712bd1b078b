package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG0xx: reading bytes, YAML and objects.
var inputRules = []*finding.Rule{}
