package linkerd

import (
	"fmt"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Bounds of what is written as a list of matches: a condition with more
// alternatives, or a profile with more rules, is not converted.
const (
	maxTerms = 64
	maxRules = 512
)

// term is an alternative of a condition: the request meets match, and none of but.
type term struct {
	match route.Match
	but   []route.Match // of the path or the method alone
}

// formulas turns conditions into alternatives.
type formulas struct {
	expressions *route.Expressions
	findings    []finding.Finding
	failed      string // why a condition can't be said
	failedAt    *source.Node
}

func (f *formulas) fail(at *source.Node, why string) {
	if f.failed == "" {
		f.failed, f.failedAt = why, at
	}
}

// always is the condition that holds for every request, and never the other one.
var (
	always = []term{{}}
	never  []term
)

// terms are the alternatives of c, or of its opposite. What the proxy can't read
// of a condition is left out, as the proxy does it; ok is false where nothing is
// left (linkerd/service-profiles/src/proto.rs, convert_req_match).
func (f *formulas) terms(c *condition, negated bool) (all []term, ok bool) {
	var parts [][]term
	if c.hasAll {
		parts = append(parts, f.joined(c.all, true, negated))
	}
	if c.hasAny {
		parts = append(parts, f.joined(c.any, false, negated))
	}
	add := func(ts []term, ok bool) {
		if ok {
			parts = append(parts, ts)
		}
	}
	written := len(parts)
	if c.method != nil {
		written++
		add(f.method(c.method, negated))
	}
	if c.not != nil {
		written++
		add(f.terms(c.not, !negated))
	}
	if c.path != nil {
		written++
		add(f.path(c.path, negated))
	}
	if len(parts) == 0 && written == 1 {
		return nil, false // the one thing that is written can't be read
	}
	return f.combine(c.node, parts, !negated), true
}

// joined are the alternatives of a list of conditions, all or any of which hold.
func (f *formulas) joined(list []condition, conjunction, negated bool) []term {
	var parts [][]term
	for i := range list {
		if ts, ok := f.terms(&list[i], negated); ok {
			parts = append(parts, ts)
		}
	}
	var at *source.Node
	if len(list) > 0 {
		at = list[0].node
	}
	return f.combine(at, parts, conjunction != negated)
}

// combine joins alternatives: of a conjunction one of each part holds, else one
// of any. Of no parts a conjunction holds, and the other does not.
func (f *formulas) combine(at *source.Node, parts [][]term, conjunction bool) []term {
	if !conjunction {
		all := never
		for _, p := range parts {
			all = append(all, p...)
		}
		return f.bounded(at, all)
	}
	all := always
	for _, p := range parts {
		var next []term
		for _, a := range all {
			for _, b := range p {
				if t, ok := f.both(at, a, b); ok {
					next = append(next, t)
				}
			}
		}
		all = f.bounded(at, next)
	}
	return all
}

func (f *formulas) bounded(at *source.Node, all []term) []term {
	if len(all) > maxTerms {
		f.fail(at, "the condition has too many alternatives")
		return all[:maxTerms]
	}
	return all
}

// both is the alternative that a and b have in common; ok is false where they
// have nothing.
func (f *formulas) both(at *source.Node, a, b term) (term, bool) {
	match, ok := f.conjoin(at, &a.match, &b.match)
	if !ok {
		return term{}, false
	}
	out := term{match: match}
	for _, but := range append(append([]route.Match{}, a.but...), b.but...) {
		switch {
		case f.expressions.Overlap(&match, &but) == route.No:
		case f.expressions.Contains(&but, &match) == route.Yes:
			return term{}, false
		default:
			out.but = append(out.but, but)
		}
	}
	return out, true
}

// conjoin is what a and b both take; ok is false where that is nothing.
func (f *formulas) conjoin(at *source.Node, a, b *route.Match) (route.Match, bool) {
	if f.expressions.Overlap(a, b) == route.No {
		return route.Match{}, false
	}
	match, ok := f.expressions.Conjoin(a, b)
	if !ok {
		f.fail(at, "no single condition on the path takes what these take together")
	}
	return match, ok
}

// one is the condition m, or its opposite.
func one(m route.Match, negated bool) []term {
	if !negated {
		return []term{{match: m}}
	}
	if m.Path.Kind == route.Any && m.Method.Kind == route.Any {
		return never
	}
	return []term{{but: []route.Match{m}}}
}

// methodToken is what RFC 9110, 5.6.2 allows.
const methodToken = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// method compares the method, which Linkerd writes in capitals
// (linkerd2, pkg/util/http.go, ParseMethod).
func (f *formulas) method(n *source.Node, negated bool) ([]term, bool) {
	name := strings.ToUpper(n.Value())
	if strings.Trim(name, methodToken) != "" {
		f.findings = append(f.findings, finding.New(rule.ConditionUnread, n.Place(), "the proxy takes %q for no method, and passes over this condition: what stands beside it decides alone, today and after.", n.Value()))
		return nil, false
	}
	return one(route.Match{Method: route.StringMatch{Kind: route.Exact, Value: name, From: n}}, negated), true
}

// path compares the path with an expression.
func (f *formulas) path(n *source.Node, negated bool) ([]term, bool) {
	read := readExpression(n.Value(), n)
	switch {
	case read.refused != "":
		f.findings = append(f.findings, finding.New(rule.ConditionUnread, n.Place(), "the proxy can't read the expression %s (%s), and passes over this condition: what stands beside it decides alone, today and after.", n.Value(), read.refused))
		return nil, false
	case read.unknown != "":
		f.fail(n, "what the expression "+n.Value()+" takes is not known here ("+read.unknown+")")
		return nil, false
	case read.loose:
		f.findings = append(f.findings, finding.New(rule.ExpressionLoose, n.Place(), "the proxy puts ^ before and $ behind %s without parentheses, so that it takes more than it shows: %s.", n.Value(), pathsText(read.match)))
	}
	return one(route.Match{Path: read.match}, negated), true
}

// pathsText says which paths m takes.
func pathsText(m route.StringMatch) string {
	switch m.Kind {
	case route.Any:
		return "every path"
	case route.Exact:
		return "the path " + m.Value
	case route.Prefix:
		return "every path that begins with " + m.Value
	case route.Regex:
		return "every path that is " + m.Value + " as a whole"
	}
	panic(fmt.Sprintf("unhandled kind %d of a path", m.Kind))
}
