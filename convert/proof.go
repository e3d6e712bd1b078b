package convert

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// ranking is how the implementation ranks regular expressions: that of Target,
// else Istio's for its GatewayClass.
func (o Options) ranking() target.Ranking {
	ranking, _ := target.RankingOf(cmp.Or(o.Target, o.GatewayClass, "istio"))
	return ranking
}

// proof reads what was built back, compares it with what it was built from, and
// reports the differences that no finding explains, and what is not proven.
func proof(before *route.Routing, built []gwapi.Object, findings []finding.Finding, o Options) ([]prove.Result, []finding.Finding) {
	after, _ := gwapi.Read(built, gwapi.ReadOptions{Namespace: o.Namespace, Ranking: o.ranking(), Services: before.Pods})
	results := prove.Compare(before, after, prove.Options{})
	var found []finding.Finding
	for _, s := range prove.Unexplained(results, findings) {
		f := finding.New(rule.Unexplained, placeOf(s.Result, s.Difference.Before), "%s %s today, and %s afterwards (%s); no other finding says so.",
			requestText(s.Result, s.Difference.Witness), s.Difference.BeforeDoes, s.Difference.AfterDoes, aspectsText(s.Aspects))
		if s.Difference.After != nil {
			f.Message += " Afterwards " + s.Difference.After.Where + " decides."
		}
		found = append(found, f)
	}
	for _, r := range results {
		if r.Verdict == prove.NotProven {
			found = append(found, finding.New(rule.NotProven, placeOf(r, nil), "whether %s is routed as before is not proven: %s.", hostText(r), r.Reason))
		}
	}
	return results, found
}

// placeOf is where a rule before stands; without one, where the first rule of
// the list does.
func placeOf(r prove.Result, before *route.Rule) finding.Place {
	if before == nil && r.Before != nil {
		if list := prove.ListFor(r.Before, strings.TrimPrefix(r.Host, "*")); list != nil && len(list.Rules) > 0 {
			before = list.Rules[0]
		}
	}
	if before == nil {
		return finding.Place{}
	}
	return before.From.Place()
}

// requestText names a request for a sentence.
func requestText(r prove.Result, w route.Request) string {
	text := fmt.Sprintf("%s %s%s", cmp.Or(w.Method, "a connection to"), w.Authority, w.Path)
	if len(w.Headers)+len(w.Query) > 0 {
		text += fmt.Sprintf(" with %d headers and query parameters", len(w.Headers)+len(w.Query))
	}
	if r.Before != nil && r.Before.Entry.Mesh {
		return text + " to Service " + r.Before.Entry.Parent.String()
	}
	return text
}

func hostText(r prove.Result) string {
	if r.Before != nil && r.Before.Entry.Mesh {
		return "Service " + r.Before.Entry.Parent.String()
	}
	return cmp.Or(r.Host, "every other host")
}

func aspectsText(all []finding.Aspect) string {
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}
