package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG1xx: VirtualService.
var virtualServiceRules = []*finding.Rule{}
