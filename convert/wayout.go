package convert

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// waysOut adds to the ways out of findings where an implementation can say what core
// Gateway API can't: which targets do, or what the chosen one has for it.
func (o Options) waysOut(findings []finding.Finding) []finding.Finding {
	chosen, err := target.Parse(o.Target)
	known := map[string]string{} // by rule, so that equal ones are one text
	for i := range findings {
		f := &findings[i]
		if f.Rule.Severity == finding.Note && o.Target == "" {
			continue
		}
		way, done := known[f.Rule.ID]
		if !done {
			switch {
			case o.Target == "":
				way = withTarget(policy.Carriers(f.Rule.ID))
			case err == nil:
				way = ofTarget(chosen, f.Rule.ID)
			}
			known[f.Rule.ID] = way
		}
		if way != "" && !strings.Contains(f.Hint, "--target") {
			f.Hint = strings.TrimSpace(f.Hint + " " + way)
		}
	}
	return findings
}

func withTarget(carriers []string) string {
	if len(carriers) == 0 {
		return ""
	}
	all := carriers[len(carriers)-1]
	if rest := carriers[:len(carriers)-1]; len(rest) > 0 {
		all = strings.Join(rest, ", ") + " or " + all
	}
	return "--target " + all + " carries it over."
}

func ofTarget(t target.Target, rule string) string {
	e, ok := t.Instead(rule)
	if !ok {
		return ""
	}
	return t.Title + " has this for it, to be written by hand: " + e.Says + "."
}
