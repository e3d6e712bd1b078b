package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/policy"
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

// extender writes the implementation's own resources; nil and false where none
// are written for Target.
func (o Options) extender() (gwapi.Extender, bool) { return policy.For(o.Target) }

// proof reads what was built back, compares it with what it was built from, and
// reports the differences that no finding explains, and what is not proven. It
// does so batch by batch, so that neither side is ever there as a whole.
type proof struct {
	Options
	model       *mesh.Model
	expressions route.Expressions
	explainer   prove.Explainer
	surprises   []prove.Surprise // which findings of later batches may explain
	results     []prove.Result
	idle        map[listKey]int // rules of the lists that are there without any table
	asked       map[listKey]bool
}

// listKey names a list of a side.
type listKey struct {
	after    bool
	entry    route.Entry
	protocol route.Protocol
	secure   bool
	host     string
}

// newProof expects the findings of all that was done before building.
func newProof(m *mesh.Model, findings [][]finding.Finding, o Options) *proof {
	p := &proof{Options: o, model: m, idle: map[listKey]int{}, asked: map[listKey]bool{}}
	for _, fs := range findings {
		p.explainer.Add(fs)
	}
	return p
}

// batch compares a part.
func (p *proof) batch(b gwapi.Batch) []finding.Finding {
	part := p.model
	if !b.Whole {
		part = part.Part(b.Tables)
	}
	before := part.Routing()
	after, _ := gwapi.Read(b.Objects, gwapi.ReadOptions{Namespace: p.Namespace, Ranking: p.ranking(), Services: before.Pods, Outside: before.Outside, Effects: policy.Effects})
	o := prove.Options{Expressions: &p.expressions}
	if !b.Whole {
		o.Asked = p.question(b, before, after)
	}
	results := prove.Compare(before, after, o)
	p.explainer.Add(b.Findings)
	p.surprises = append(p.surprises, p.explainer.Unexplained(results)...)
	if p.Compared != nil {
		p.Compared(results)
	}
	bare := map[*route.Door]*route.Door{}
	var found []finding.Finding
	for _, r := range results {
		if r.Verdict == prove.NotProven {
			found = append(found, finding.New(rule.NotProven, placeOf(r, nil), "whether %s is routed as before is not proven: %s.", hostText(r), r.Reason))
		}
		p.keep(r, bare)
	}
	return found
}

// question says which hosts are asked about in a batch. The listeners are there
// in each, so the hosts of those are asked about where some table serves them,
// or else in the end.
func (p *proof) question(b gwapi.Batch, before, after *route.Routing) func(before, after *route.Door, host string) bool {
	if len(p.idle) == 0 {
		p.listIdle(b)
	}
	mine := map[listKey]bool{}
	each(before, after, func(k listKey, l *route.List) {
		count, idle := p.idle[k]
		mine[k] = !idle || len(l.Rules) > count || len(b.Tables) == 0
	})
	return func(before, after *route.Door, host string) bool {
		keys := [2]listKey{keyOf(false, before, host), keyOf(true, after, host)}
		if !mine[keys[0]] && !mine[keys[1]] || len(b.Tables) == 0 && (p.asked[keys[0]] || p.asked[keys[1]]) {
			return false
		}
		for _, k := range keys {
			if _, idle := p.idle[k]; idle {
				p.asked[k] = true
			}
		}
		return true
	}
}

// listIdle notes the lists that listeners make, and how many rules these have
// that come from no table: redirects to https.
func (p *proof) listIdle(b gwapi.Batch) {
	before := p.model.Part(nil).Routing()
	after, _ := gwapi.Read(b.Context, gwapi.ReadOptions{Namespace: p.Namespace, Ranking: p.ranking()})
	each(before, after, func(k listKey, l *route.List) { p.idle[k] = len(l.Rules) })
}

// each calls f for all lists of two sides.
func each(before, after *route.Routing, f func(listKey, *route.List)) {
	for i, side := range []*route.Routing{before, after} {
		for _, d := range side.Doors {
			for _, l := range d.Lists {
				f(keyOf(i == 1, d, l.Host), l)
			}
		}
	}
}

// keyOf names a list of d, which may be nil.
func keyOf(after bool, d *route.Door, host string) listKey {
	if d == nil {
		return listKey{}
	}
	return listKey{after, d.Entry, d.Protocol, d.Secure, host}
}

// keep adds r to the results, without what it was found from where objects are
// packed as well. bare are the doors without their lists, as far as they are made.
func (p *proof) keep(r prove.Result, bare map[*route.Door]*route.Door) {
	if p.Pack != nil {
		for _, d := range []**route.Door{&r.Before, &r.After} {
			if *d != nil && bare[*d] == nil {
				bare[*d] = &route.Door{Entry: (*d).Entry, Protocol: (*d).Protocol, Secure: (*d).Secure}
			}
			*d = bare[*d]
		}
		r.Differences = nil
	}
	p.results = append(p.results, r)
}

// end reports the differences that none of the findings explains.
func (p *proof) end() []finding.Finding {
	var found []finding.Finding
	for _, s := range p.explainer.Again(p.surprises) {
		f := finding.New(rule.Unexplained, placeOf(s.Result, s.Difference.Before), "%s %s today, and %s afterwards (%s); no other finding says so.",
			requestText(s.Result, s.Difference.Witness), s.Difference.BeforeDoes, s.Difference.AfterDoes, aspectsText(s.Aspects))
		if s.Difference.After != nil {
			f.Message += " Afterwards " + s.Difference.After.Where + " decides."
		}
		found = append(found, f)
	}
	slices.SortStableFunc(p.results, func(a, b prove.Result) int {
		return cmp.Or(route.CompareDoors(cmp.Or(a.Before, a.After), cmp.Or(b.Before, b.After)), strings.Compare(a.Host, b.Host))
	})
	return found
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
