package prove

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Surprise is a difference, or the part of one, that no finding explains.
type Surprise struct {
	Result     Result
	Difference Difference
	Aspects    []finding.Aspect // those that are left
}

// Unexplained matches differences with findings. An aspect of a difference is
// explained by a finding whose rule admits it and which stands
//
//   - on a rule that decides the witness before or after: in its http[], tls[],
//     tcp[] or servers[] element, or above it; for a rule that was built and knows
//     no place, on a rule of the input that it may come from;
//   - for HostServed, anywhere else in the object of such a rule;
//   - on the Gateway of the door, or on a Service that such a rule sends to.
//
// A note explains no opening: what was refused and is not refused any more wants
// a finding that people look at.
func Unexplained(results []Result, findings []finding.Finding) []Surprise {
	var x Explainer
	x.Add(findings)
	return x.Unexplained(results)
}

// Explainer is Unexplained for findings and results that come bit by bit. What it
// finds unexplained may be explained by findings that are added later.
type Explainer struct {
	admitted map[string][]spot
	count    int // of all that were added
}

// Unexplained is the function of that name, with the findings added so far.
func (x *Explainer) Unexplained(results []Result) []Surprise {
	var all []Surprise
	for _, r := range results {
		for _, d := range r.Differences {
			if left := x.left(r, d); len(left) > 0 {
				all = append(all, Surprise{r, d, left})
			}
		}
	}
	return all
}

// Again looks once more at what was unexplained.
func (x *Explainer) Again(surprises []Surprise) []Surprise {
	var all []Surprise
	for _, s := range surprises {
		if left := x.left(s.Result, s.Difference); len(left) > 0 {
			all = append(all, Surprise{s.Result, s.Difference, left})
		}
	}
	return all
}

func (x *Explainer) left(r Result, d Difference) []finding.Aspect {
	places := placesOf(r, d)
	return slices.DeleteFunc(slices.Clone(d.Aspects), func(a finding.Aspect) bool {
		return places.explain(x.admitted, a, d.Opens)
	})
}

// spot is a finding at one of the places that it speaks of.
type spot struct {
	field  string
	rule   *finding.Rule
	number int // of the finding
}

// Add lists those findings that admit anything by the object they stand on.
func (x *Explainer) Add(findings []finding.Finding) {
	if x.admitted == nil {
		x.admitted = map[string][]spot{}
	}
	for _, f := range findings {
		number := x.count
		x.count++
		if len(f.Rule.Admits) == 0 {
			continue
		}
		add := func(p finding.Place) {
			x.admitted[p.Object] = append(x.admitted[p.Object], spot{p.Field, f.Rule, number})
		}
		add(f.Place)
		for _, r := range f.Related {
			add(r.Place)
		}
	}
}

// places is where a finding that explains a difference can stand.
type places struct {
	elements map[finding.Place]bool // rules: objects and fields, positions left out
	objects  []string
}

// element is the part of an object that one rule, or one listener, comes from.
var element = regexp.MustCompile(`^spec\.(http|tls|tcp|servers|routes)\[\d+\]`)

func placesOf(r Result, d Difference) *places {
	p := &places{elements: map[finding.Place]bool{}}
	for _, rule := range slices.Concat([]*route.Rule{d.Before, d.After}, d.origins) {
		if rule == nil {
			continue
		}
		for _, n := range nodesOf(rule) {
			if n != nil {
				at := n.Place()
				p.elements[finding.Place{Object: at.Object, Field: element.FindString(at.Field)}] = true
			}
		}
		if rule.Action == nil {
			continue
		}
		for _, b := range rule.Action.Backends {
			p.objects = append(p.objects, "Service "+b.Service.String())
		}
	}
	for _, door := range []*route.Door{r.Before, r.After} {
		if door != nil && !door.Entry.Mesh {
			p.objects = append(p.objects, "Gateway "+door.Entry.Parent.String(), "Gateway "+door.Entry.Parent.Name)
		}
	}
	return p
}

// nodesOf are the nodes that a rule is made of. Parts of a delegated rule may
// come from the element that delegates.
func nodesOf(r *route.Rule) []*source.Node {
	nodes := []*source.Node{r.From, r.Match.From, r.Match.Path.From}
	a := r.Action
	if a == nil {
		return nodes
	}
	nodes = append(nodes, a.From, a.Request().From, a.Response().From)
	if a.Redirect != nil {
		nodes = append(nodes, a.Redirect.From)
	}
	if a.Direct != nil {
		nodes = append(nodes, a.Direct.From)
	}
	if a.Rewrite != nil {
		nodes = append(nodes, a.Rewrite.From)
	}
	if a.Timeout != nil {
		nodes = append(nodes, a.Timeout.From)
	}
	if a.Retry != nil {
		nodes = append(nodes, a.Retry.From)
	}
	if a.CORS != nil {
		nodes = append(nodes, a.CORS.From)
	}
	if a.Fault != nil {
		nodes = append(nodes, a.Fault.From)
	}
	for _, m := range a.Mirrors {
		nodes = append(nodes, m.From)
	}
	return nodes
}

// explain tells whether a finding at one of the places admits an aspect.
func (p *places) explain(admitted map[string][]spot, aspect finding.Aspect, opens bool) bool {
	for at := range p.elements {
		for _, s := range admitted[at.Object] {
			if s.admits(aspect, opens) && near(s.field, at.Field, aspect) {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.objects, func(object string) bool {
		return slices.ContainsFunc(admitted[object], func(s spot) bool { return s.admits(aspect, opens) })
	})
}

// near tells whether a field lies in an element, or above it. Whether a host is
// served is also said by fields beside the elements: hosts, gateways, exportTo.
func near(field, element string, aspect finding.Aspect) bool {
	return within(field, element) || within(element, field) ||
		aspect == finding.HostServed && elementOf(field) == ""
}

func elementOf(field string) string { return element.FindString(field) }

// within tells whether a field is outer, or a part of it.
func within(field, outer string) bool {
	rest, ok := strings.CutPrefix(field, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

// originsOf are the rules before from which a rule after may come that was built
// and does not say so: those that do the same, or else those that take the path
// of the witness, a slash at the end of a prefix left out.
func (p *prover) originsOf(a *rule, w *route.Request) []*route.Rule {
	if a == nil || a.From != nil {
		return nil
	}
	if p.doers == nil {
		p.doers = map[int32][]*route.Rule{}
		for _, r := range p.sides[0].rules {
			p.doers[r.deed] = append(p.doers[r.deed], r.Rule)
		}
	}
	if same := p.doers[a.deed]; len(same) > 0 {
		return same
	}
	var near []*route.Rule
	for i := range p.sides[0].rules {
		if r := &p.sides[0].rules[i]; p.takes(r.Match.Path, w) {
			near = append(near, r.Rule)
		}
	}
	return near
}

// takes tells whether a path meets m, or the elements of m where it is a prefix.
func (p *prover) takes(m route.StringMatch, w *route.Request) bool {
	elements := m
	if m.Kind == route.Prefix {
		elements.Kind = route.Element
	}
	holds := func(m route.StringMatch) bool { return p.options.Expressions.Holds(&route.Match{Path: m}, w) }
	return holds(m) || holds(elements)
}
