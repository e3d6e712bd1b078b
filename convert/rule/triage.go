package rule

import "github.com/mesh2gw/mesh2gw/convert/finding"

// MG09x: what the authors of the input say about findings.
var triageRules = []*finding.Rule{IgnoreUnknown, IgnoreReason, IgnoreUnused, IgnoreMalformed}

// Rules of package triage. They belong to no one migration, so they are of group
// config.
var (
	IgnoreUnknown = &finding.Rule{
		ID: "MG090", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "ignore names no rule",
		Text: "A comment \"# mesh2gw:ignore MG123 reason\" or an annotation mesh2gw.io/ignore accepts findings of the rules that it names. " +
			"What stands here is the id of none, so what it was meant to accept is still reported.",
		Hint: "Write the id as the finding shows it; mesh2gw rules lists all of them.",
	}
	IgnoreReason = &finding.Rule{
		ID: "MG091", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "ignore gives no reason",
		Text: "The configuration asks for a reason wherever a finding is accepted, so that the next reader knows why some requests may be handled differently. " +
			"Without one the ignore does not count, and its findings are still reported.",
		Hint: "Write the reason behind the id, or as the annotation mesh2gw.io/ignore-reason.",
	}
	IgnoreUnused = &finding.Rule{
		ID: "MG092", Severity: finding.Note, Since: "0.1", Group: finding.Config,
		Title: "ignore accepts nothing",
		Text: "No finding of the rule stands where the ignore counts: what it accepted was mended, or has moved to another line. " +
			"Left in place, it would accept a new finding that nobody has looked at.",
		Hint: "Remove it, or move it to where the finding stands.",
	}
	IgnoreMalformed = &finding.Rule{
		ID: "MG093", Severity: finding.Warning, Since: "0.1", Group: finding.Config,
		Title: "ignore annotation is malformed",
		Text: "mesh2gw.io/ignore lists ids of rules, with commas between them, and mesh2gw.io/ignore-reason says why. " +
			"This one cannot be read so and does not count. A * is refused: it would accept what later versions find, before anybody has seen it.",
		Hint: "Write the ids as one string: mesh2gw.io/ignore: \"MG123, MG140\".",
	}
)
