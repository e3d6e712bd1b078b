package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// What is written, held against the official CRDs.
var (
	// OutputRejected is a problem that package check finds, except for OutputAbsent.
	OutputRejected = &finding.Rule{
		ID: "MG901", Severity: finding.Error, Since: "0.1",
		Title: "what is written is refused by the official schema",
		Text: "The API server would refuse the object when it is applied, so none of its traffic would be served the new way. Whatever the input was, " +
			"mesh2gw should have said so in a finding of its own: this is a bug of mesh2gw.",
		Hint: "Don't apply the object, and report it at https://github.com/mesh2gw/mesh2gw/issues with the input.",
	}
	// OutputAbsent is a problem of package check with Absent set.
	OutputAbsent = &finding.Rule{
		ID: "MG902", Severity: finding.Error, Since: "0.1",
		Title: "what is written is not in the chosen version and channel",
		Text: "A cluster with these CRDs does not know the kind or the field. It refuses an unknown kind; an unknown field is dropped without a word, and traffic " +
			"is handled as if it had never been written. mesh2gw should have left it out with a finding of its own: this is a bug of mesh2gw.",
		Hint: "Choose another --gateway-api or --channel and install its CRDs, and report it at https://github.com/mesh2gw/mesh2gw/issues with the input.",
	}
	// Unexplained is a difference that the proof finds and no finding admits.
	Unexplained = &finding.Rule{
		ID: "MG904", Severity: finding.Error, Since: "0.1",
		Title: "difference that no other finding explains",
		Text: "The input and the output are compared for all requests. Here they differ, and nothing else that was found says so: either this is a bug of mesh2gw, or a " +
			"case that nobody thought of. The request that shows it would be handled differently after the migration.",
		Hint: "Check what becomes of this request, and report it at https://github.com/mesh2gw/mesh2gw/issues with the input.",
	}
	// NotProven is a host whose requests could not all be gone through.
	NotProven = &finding.Rule{
		ID: "MG905", Severity: finding.Warning, Since: "0.1",
		Title: "equality is not proven",
		Text: "The input and the output are compared for all requests. Here the comparison found no difference and could not go through all cases: an expression that " +
			"RE2 can't read, conditions on one claim of a token, or too many combinations.",
		Hint: "Simplify the conditions that are named, or try the requests that matter on both sides.",
	}
)

// MG900 to MG949: what is written, as far as it is not about routes (MG950 on).
var outputRules = []*finding.Rule{OutputRejected, OutputAbsent, Unexplained, NotProven}
