package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// mostDifferences are listed for one host, lest a long list of rules in another
// order fill the report.
const mostDifferences = 100

// hosts lays the two sides of each host next to each other, and notes what
// becomes of the rules of the input.
func (b *builder) hosts() {
	b.out.Hosts = []Host{}
	for _, r := range b.result.Proof {
		b.out.Hosts = append(b.out.Hosts, b.host(r))
	}
}

// sides are the rules of a host before and after.
type sides struct {
	prove.Result
	before, after []*route.Rule
}

func (b *builder) host(r prove.Result) Host {
	s := sides{Result: r}
	s.before, s.after = s.rules(r.Before, before), s.rules(r.After, after)
	protocol := door(r).Protocol
	h := Host{
		Host: hostText(r), Entry: door(r).Title(), Verdict: r.Verdict.String(), Reason: r.Reason, Paired: r.Paired,
		Before: b.rules(s.before, protocol), After: b.rules(s.after, protocol), Differences: []Difference{},
	}
	b.judge(&h, &s)
	b.pair(&h, &s)
	h.Namespaces = b.routedBy(&s)
	for i, d := range s.listed() {
		if i == mostDifferences {
			break
		}
		h.Differences = append(h.Differences, b.difference(&s, d))
	}
	h.Omitted = len(r.Differences) - len(h.Differences)
	return h
}

func before(d *prove.Difference) *route.Rule { return d.Before }
func after(d *prove.Difference) *route.Rule  { return d.After }

// door is the one that both sides have, or the only one.
func door(r prove.Result) *route.Door { return cmp.Or(r.Before, r.After) }

// hostText names the host for people.
func hostText(r prove.Result) string {
	switch {
	case r.Host != "":
		return r.Host
	case door(r).Entry.Mesh:
		return serviceText(door(r).Entry.Parent)
	}
	return "*"
}

func serviceText(n route.Name) string { return n.Name + "." + n.Namespace }

// rules are those of the list of a door that answers for the host. A Service of
// the mesh without a route is reached as it is, by a rule that stands in no list
// (prove.Compare).
func (s *sides) rules(at *route.Door, of func(*prove.Difference) *route.Rule) []*route.Rule {
	var all []*route.Rule
	if at != nil {
		if list := prove.ListFor(at, sampleOf(s.Result)); list != nil {
			all = slices.Clone(list.Rules)
		}
	}
	for i := range s.Differences {
		if r := of(&s.Differences[i]); r != nil && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	if entry := door(s.Result).Entry; at == nil && entry.Mesh && len(all) == 0 {
		all = append(all, &route.Rule{Action: &route.Action{Backends: []route.Backend{{Service: entry.Parent, Port: entry.Port, Weight: 1}}}})
	}
	return all
}

// sampleOf is a name that a result is about. That a narrower list has the very
// name in it is not to be expected.
func sampleOf(r prove.Result) string {
	const label = "a-name-that-nobody-has"
	switch suffix, wild := strings.CutPrefix(r.Host, "*"); {
	case wild:
		return label + suffix
	case r.Host != "":
		return r.Host
	case door(r).Entry.Mesh:
		return serviceText(door(r).Entry.Parent) + ".svc.cluster.local"
	}
	return label + ".example.com"
}

// rules says in words what rules do.
func (b *builder) rules(all []*route.Rule, protocol route.Protocol) []Rule {
	out := make([]Rule, len(all))
	for i, r := range all {
		action := cmp.Or(r.Action, &route.Action{})
		out[i] = Rule{
			Match: matchText(&r.Match, protocol), Action: prove.Describe(action), Details: details(action), Status: Exact,
			Place: b.place(r.From.Place()), Object: b.lineOf(r), Pairs: []int{},
		}
	}
	return out
}

// judge sets the status of each rule from the differences that it takes part in,
// and notes it for the rules of the input.
func (b *builder) judge(h *Host, s *sides) {
	for i := range s.Differences {
		d := &s.Differences[i]
		if n := slices.Index(s.before, d.Before); n >= 0 {
			h.Before[n].Status = worse(h.Before[n].Status, b.becomes(s, d))
		}
		if n := slices.Index(s.after, d.After); n >= 0 {
			h.After[n].Status = Differs
		}
	}
	if s.Reason != "" { // some cases were not gone through
		for _, side := range [][]Rule{h.Before, h.After} {
			for i := range side {
				side[i].Status = worse(side[i].Status, Unproven)
			}
		}
	}
	for i, r := range s.before {
		b.units.note(r, h.Before[i].Status)
	}
}

// becomes says what a difference makes of the rule before. How much it matters
// that requests are not served any more is for the catalogue to say: a prefix
// that ends at the end of a path element loses longer names, which nobody may
// ever ask for, and is a warning; what is lost has an error, or no explanation.
func (b *builder) becomes(s *sides, d *prove.Difference) Status {
	served := slices.Contains(d.Aspects, finding.Outcome) || slices.Contains(d.Aspects, finding.HostServed)
	if !served || d.Possible || refuses(d.Before) || !refuses(d.After) {
		return Differs
	}
	why := b.judges.Explaining(s.Result, *d)
	if len(why) == 0 || slices.ContainsFunc(why, func(i int) bool { return b.original[i].Rule.Severity == finding.Error }) {
		return Lost
	}
	return Differs
}

// refuses tells whether a request that r decides is not served: there is no rule,
// or it answers with an error, or has no backend that takes the request.
func refuses(r *route.Rule) bool {
	switch {
	case r == nil || r.Action == nil:
		return true
	case len(r.Action.Opaque) > 0:
		return false // nobody knows
	case r.Action.Refuses():
		return true
	case r.Action.Redirect != nil || r.Action.Direct != nil:
		return false
	}
	return !slices.ContainsFunc(r.Action.Backends, func(b route.Backend) bool { return b.Weight > 0 && b.Refused == 0 })
}

// worse is the worse of two states.
func worse(a, b Status) Status {
	order := []Status{Exact, Unproven, Differs, Lost}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// routedBy are the namespaces of the objects that route the host.
func (b *builder) routedBy(s *sides) []string {
	all := map[string]bool{}
	for _, r := range s.before {
		if d := r.From.Document(); d != nil {
			all[cmp.Or(d.Namespace, b.Convert.Namespace)] = true
		}
	}
	if len(all) == 0 {
		all[door(s.Result).Entry.Parent.Namespace] = true
	}
	return sortedKeys(all)
}

// listed are the differences in their order, but the first of each rule before
// in front of all others where not all are listed.
func (s *sides) listed() []prove.Difference {
	if len(s.Differences) <= mostDifferences {
		return s.Differences
	}
	var first, rest []prove.Difference
	for i, d := range s.Differences {
		if i == 0 || d.Before != s.Differences[i-1].Before {
			first = append(first, d)
		} else {
			rest = append(rest, d)
		}
	}
	return append(first, rest...)
}

func (b *builder) difference(s *sides, d prove.Difference) Difference {
	out := Difference{
		Curl: door(s.Result).Curl(d.Witness), Request: requestText(door(s.Result), d.Witness),
		Before: slices.Index(s.before, d.Before), After: slices.Index(s.after, d.After),
		BeforeDoes: d.BeforeDoes, AfterDoes: d.AfterDoes, Aspects: []string{},
		Possible: d.Possible, Opens: d.Opens, Findings: orEmpty(b.explaining(s, d)),
	}
	for _, a := range d.Aspects {
		out.Aspects = append(out.Aspects, string(a))
	}
	return out
}

// explaining are the findings that explain d. Those about another match block of
// the element are left out, unless there are no others.
func (b *builder) explaining(s *sides, d prove.Difference) []int {
	all := b.explains.Explaining(s.Result, d)
	if d.Before == nil || d.Before.From == nil {
		return all
	}
	own := d.Before.From.Place()
	near := slices.DeleteFunc(slices.Clone(all), func(i int) bool {
		f := b.triaged.Findings[i].Place
		block := matchBlock.FindString(f.Field)
		return f.Object == own.Object && block != "" && !within(own.Field, block)
	})
	if len(near) == 0 {
		return all
	}
	return near
}

// matchBlock is a match block of an element.
var matchBlock = regexp.MustCompile(`^spec\.(http|tls|tcp)\[\d+\]\.match\[\d+\]`)

// requestText names a request in a sentence.
func requestText(at *route.Door, w route.Request) string {
	if at.Protocol != route.HTTP {
		name, port := at.Host(w)
		return fmt.Sprintf("connection to %s:%d", name, cmp.Or(port, at.Entry.Port))
	}
	text := cmp.Or(w.Method, "GET") + " " + at.URL(w)
	for _, name := range sortedKeys(w.Headers) {
		text += ", " + name + ": " + w.Headers[name]
	}
	return text + w.Caller()
}
