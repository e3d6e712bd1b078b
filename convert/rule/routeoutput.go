package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// Shape of the routes that are written.
var (
	RouteSplit = &finding.Rule{
		ID: "MG950", Severity: finding.Note, Since: "0.1",
		Title: "route is split into parts",
		Text:  "A route has at most 16 rules, 128 matches, 16 hostnames and 32 parents. What is more goes to further routes, whose names sort in the order of the rules, since that order breaks ties.",
		Hint:  "Apply the parts together, and keep their names.",
		Links: []string{typePage + "httproute/"},
	}
	RuleNameChanged = &finding.Rule{
		ID: "MG951", Severity: finding.Note, Since: "0.1",
		Title: "name of a rule is changed",
		Text:  "A rule's name is a lower-case DNS name, unique in its route. Metrics and policies that know the rule by name see the new one.",
		Hint:  "Rename the rule, and follow with what knows it by name.",
		Links: []string{gepPage + "995/"},
	}
	NoRuleLeft = &finding.Rule{
		ID: "MG952", Severity: finding.Error, Since: "0.1", Admits: finding.Aspects(),
		Title: "no route is written, since none of its rules can be",
		Text:  "Every rule has a condition without counterpart. Without the route, requests for its hosts go to whatever else is attached, and in the mesh straight to the Service.",
		Hint:  "Keep this VirtualService until its conditions are replaced.",
		Links: []string{typePage + "httproute/"},
	}
	RuleNameLost = &finding.Rule{
		ID: "MG953", Severity: finding.Note, Since: "0.1",
		Title: "name of a rule is not carried over",
		Text:  "A rule's name in Gateway API is made of lower-case letters, digits, hyphens and dots, and nothing of this one is left. Metrics and policies can't know the rule by name.",
		Hint:  "Give the rule a name of letters and digits.",
		Links: []string{gepPage + "995/"},
	}
)

// MG950 to MG979: what is written of routes.
var routeOutputRules = []*finding.Rule{RouteSplit, RuleNameChanged, NoRuleLeft, RuleNameLost}
