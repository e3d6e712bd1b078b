package print

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// kindOfFinding is a rule with its findings, by place.
type kindOfFinding struct{ findings []report.Finding }

// kindsOf groups findings by rule: the worst and most frequent first.
func kindsOf(all []report.Finding) []kindOfFinding {
	by := map[string]int{}
	var kinds []kindOfFinding
	for _, f := range all {
		i, ok := by[f.ID]
		if !ok {
			i = len(kinds)
			by[f.ID], kinds = i, append(kinds, kindOfFinding{})
		}
		kinds[i].findings = append(kinds[i].findings, f)
	}
	slices.SortStableFunc(kinds, func(a, b kindOfFinding) int {
		x, y := a.findings[0], b.findings[0]
		return cmp.Or(cmp.Compare(weight(y.Severity), weight(x.Severity)), cmp.Compare(len(b.findings), len(a.findings)), strings.Compare(x.ID, y.ID))
	})
	return kinds
}

func weight(severity string) int { return slices.Index([]string{"note", "warning", "error"}, severity) }

// rulePage is where a rule is explained.
func rulePage(id string) string {
	return "https://github.com/mesh2gw/mesh2gw/blob/main/docs/rules.md#" + strings.ToLower(id)
}

// lostRules are the rules of no host of which nothing is written.
func lostRules(r *report.Report) []report.Unlisted {
	return slices.DeleteFunc(slices.Clone(r.Unlisted), func(u report.Unlisted) bool { return u.Status != report.Lost })
}
