package rule

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// implementationsPage lists implementations and their conformance.
const implementationsPage = "https://gateway-api.sigs.k8s.io/implementations/"

// What is written, held against what --target serves. Each depends on the
// conformance report of an implementation.
var (
	FeatureUnsupported = &finding.Rule{
		ID: "MG530", Severity: finding.Error, Since: "0.1",
		Title: "the target does not serve what is written",
		Text: "What is written is valid, and optional for implementations: the one that --target names says that it lacks it. Some refuse such a route, some ignore that " +
			"part of it, and some accept it and answer its requests with an error.",
		Hint:  "Choose another target, or say the same by the implementation's own policy.",
		Links: []string{implementationsPage, conceptPage + "conformance/"},
	}
	FeatureUnknown = &finding.Rule{
		ID: "MG531", Severity: finding.Warning, Since: "0.1",
		Title: "whether the target serves what is written is not known",
		Text: "What is written is optional for implementations, and neither the conformance report of the one that --target names nor anything else that is known here " +
			"speaks of it. Its report may be older than the feature, or no conformance test may ask about it.",
		Hint:  "Try it on the target before you rely on it.",
		Links: []string{implementationsPage, conceptPage + "conformance/"},
	}
	FeatureMinor = &finding.Rule{
		ID: "MG532", Severity: finding.Note, Since: "0.1",
		Title: "the target ignores what no request depends on",
		Text:  "The implementation that --target names says that it lacks something that is written. Requests are handled as written; names or labels are missing.",
		Links: []string{implementationsPage},
	}
	KindUnserved = &finding.Rule{
		ID: "MG533", Severity: finding.Error, Since: "0.1",
		Title: "the target serves no route of this kind or place",
		Text: "A route is served by an implementation of Gateways, or on a Service by a mesh. The one that --target names is not what this route needs: nothing answers " +
			"its requests, or they go to the Service as if it were not there.",
		Hint:  "Choose another target, or --mesh off for routes on Services.",
		Links: []string{implementationsPage, gepPage + "1294/"},
	}
)

// MG530 to MG539: what is written, held against an implementation.
var targetRules = []*finding.Rule{FeatureUnsupported, FeatureUnknown, FeatureMinor, KindUnserved}

// OfTarget tells whether r depends on the implementation that --target names.
func OfTarget(r *finding.Rule) bool { return slices.Contains(targetRules, r) }
