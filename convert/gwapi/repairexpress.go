package gwapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// Istio, where it serves Gateway API, ranks each prefix before each expression,
// and of two expressions the longer one first. So that an expression decides
// before a prefix that follows it, the prefix is written as an expression too.

// express writes prefixes that follow an expression as expressions.
func (p *pass) express(list []*piece) {
	if !p.shared().expressions.istio {
		return
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			if isRegex(a.said) && p.mustFollow(a, b) {
				p.expressPrefix(a, b)
			}
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if isRegex(list[i].said) {
			p.lengthen(list[i], list[i+1:])
		}
	}
}

func isRegex(m gatewayv1.HTTPRouteMatch) bool {
	return *m.Path.Type == gatewayv1.PathMatchRegularExpression
}

// mustFollow tells whether the prefix b takes requests that a decides today.
func (p *pass) mustFollow(a, b *piece) bool {
	return *b.said.Path.Type == gatewayv1.PathMatchPathPrefix && !sameOutcome(a.Action, b.Action) && !replacesPrefix(b.Action) && !placeholder.MatchString(*b.said.Path.Value) &&
		p.shared().expressions.mayMeet(a, b) && p.shared().expressions.meet(&a.takes, &b.means) && !p.shared().expressions.contains(&a.takes, &b.means)
}

// expressPrefix writes the prefix of b as an expression, since it follows a.
func (p *pass) expressPrefix(a, b *piece) {
	pattern := ".*"
	switch b.takes.Path.Kind {
	case route.Prefix:
		pattern = regexp.QuoteMeta(b.takes.Path.Value) + ".*"
	case route.Element:
		pattern = regexp.QuoteMeta(b.takes.Path.Value) + "(/.*)?"
	}
	if len(pattern) > p.opts.Bundle.Limits().PathLength {
		return
	}
	if b.why == own {
		p.note(rule.RankedPath, b.From.Place(), "Istio's GatewayClass prefers %s to %s, which decides first today (%s); so it is written as the expression %s.",
			pathText(b.said), pathText(a.said), spot(a.From, b.From), pattern)
	}
	b.repath(pattern)
}

// replacesPrefix tells whether act replaces the prefix that was matched, which
// needs one to be written.
func replacesPrefix(act *route.Action) bool {
	return act.Rewrite != nil && act.Rewrite.Path != "" || act.Redirect != nil && act.Redirect.Prefix != ""
}

// repath gives q the expression for its path.
func (q *piece) repath(pattern string) {
	q.said.Path = &onePath(gatewayv1.PathMatchRegularExpression, pattern)[0]
	q.means = meaning(q.said)
	q.takes = q.means
}

// lengthen makes the expression of q as long as those behind it that would be
// preferred. The name of a group is where an expression is longer and means the
// same.
func (p *pass) lengthen(q *piece, behind []*piece) {
	x := p.shared().expressions
	need := 0
	var longest *piece
	for _, b := range behind {
		if !isRegex(b.said) || sameOutcome(q.Action, b.Action) || x.first(q, b) || !p.shared().expressions.meet(&q.takes, &b.means) {
			continue
		}
		if said, _, ok := p.conjoin(&q.takes, &b.means); ok && istioPrecedence(said, b.said) >= 0 {
			continue
		}
		if n := len(*b.said.Path.Value) + 1; n > need {
			need, longest = n, b
		}
	}
	pattern := *q.said.Path.Value
	if longest == nil || placeholder.MatchString(pattern) {
		return
	}
	name := "first"
	name += strings.Repeat("_", max(0, need-len(pattern)-len(name)-len("(?P<>)")))
	longer := fmt.Sprintf("(?P<%s>%s)", name, pattern)
	if len(longer) > p.opts.Bundle.Limits().PathLength {
		return
	}
	p.note(rule.RankedPath, q.From.Place(), "Istio's GatewayClass prefers %s to %s, being longer; so the latter is written as %s, which means the same.",
		pathText(longest.said), pathText(q.said), longer)
	q.repath(longer)
}

// loosen drops the expressions for the longer names of a prefix whose rank can't
// be had, unless they refuse. Then the prefix has its finding.
func (p *pass) loosen(list []*piece) []*piece {
	x := p.shared().expressions
	return slices.DeleteFunc(slices.Clone(list), func(q *piece) bool {
		if !q.tail || q.Action.Refuses() {
			return false
		}
		at := slices.Index(list, q)
		if _, found := x.outranks(q, contest{earlier: list[:at]}); found {
			return true
		}
		return slices.ContainsFunc(list[at+1:], func(later *piece) bool {
			_, found := x.orderFinding(q, later, false)
			return found && !x.mended(q, later, contest{earlier: list[:slices.Index(list, later)]})
		})
	})
}
