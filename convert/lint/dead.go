package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

const (
	// mostRules bounds the lists that are looked at: each rule is compared with
	// those before it.
	mostRules = 2000
	// deadBudget bounds the search for a request that a rule decides. Rules that
	// several others cover together are few, and their lists are short.
	deadBudget = 1 << 14
	// mostNamed bounds the rules that are told one by one.
	mostNamed = 24
)

// life is what is known of a rule of the input.
type life struct {
	decides bool // some request, or nobody knows
	alone   bool // one earlier rule takes all of its requests, which the conversion says
	takers  []*route.Rule
	rule    *route.Rule
}

// deadByUnion names rules of which several earlier ones take all requests
// together. A rule that one earlier one covers is reported by the conversion
// (MG137).
func (p *pass) deadByUnion() {
	x := &route.Expressions{}
	lives := map[*source.Node]*life{}
	for _, d := range p.routing.Doors {
		if d.Protocol != route.HTTP {
			continue
		}
		for _, list := range d.Lists {
			for i, r := range list.Rules[:min(len(list.Rules), mostRules)] {
				judge(x, lives, list, i, r)
				if d.Entry.Unknown && d.Entry.Port != 0 {
					lives[r.From].decides = true // of the ports only those are known that a match names
				}
			}
		}
	}
	for _, l := range lives {
		if !l.decides && !l.alone {
			p.noteDead(l)
		}
	}
}

// judge adds what list says about its rule i, unless it is known to decide.
func judge(x *route.Expressions, lives map[*source.Node]*life, list *route.List, i int, r *route.Rule) {
	l := lives[r.From]
	if l == nil {
		l = &life{rule: r}
		lives[r.From] = l
	}
	if l.decides || l.alone {
		return
	}
	if r.From == nil || i < 2 {
		l.decides = true // at most one rule before it, which is for the conversion to compare
		return
	}
	request, empty := x.Empty(&r.Match)
	if empty != route.No {
		l.decides = true // a condition that never holds has a finding of its own
		return
	}
	var meets []*route.Rule
	decided := false
	for _, e := range list.Rules[:i] {
		if x.Holds(&e.Match, &request) {
			decided = true
			if x.Contains(&e.Match, &r.Match) != route.No {
				l.alone = true
				return
			}
		}
	}
	if !decided {
		l.decides = true
		return
	}
	for _, e := range list.Rules[:i] {
		if x.Overlap(&e.Match, &r.Match) != route.No {
			meets = append(meets, e)
		}
	}
	if len(meets) < 2 || !covered(x, meets, r) {
		l.decides = true
		return
	}
	if l.takers == nil {
		l.takers = fewest(x, meets, r)
	}
}

// covered tells whether rules take all requests of r, by the prover: the list
// with r behind them acts as the list without it, though r does what no other
// rule does.
func covered(x *route.Expressions, rules []*route.Rule, r *route.Rule) bool {
	own := *r
	own.Action = &route.Action{From: r.From, Direct: &route.Direct{Status: 299, Body: "reached"}}
	answer := prove.Lists(&route.List{Rules: append(slices.Clone(rules), &own)}, &route.List{Rules: rules},
		prove.Options{Budget: deadBudget, Expressions: x})
	return answer.Verdict == prove.Equal
}

// fewest leaves out the rules that are not needed to cover r.
func fewest(x *route.Expressions, rules []*route.Rule, r *route.Rule) []*route.Rule {
	if len(rules) > mostNamed {
		return rules
	}
	for i := len(rules) - 1; i >= 0; i-- {
		if less := slices.Delete(slices.Clone(rules), i, i+1); covered(x, less, r) {
			rules = less
		}
	}
	return rules
}

func (p *pass) noteDead(l *life) {
	at := l.rule.From.Place()
	spots := make([]string, len(l.takers))
	for i, r := range l.takers {
		spots[i] = spot(r.From.Place(), at)
	}
	if len(spots) > 4 {
		spots = append(spots[:3:3], fmt.Sprintf("%d more", len(spots)-3))
	}
	f := p.note(rule.DeadByUnion, at, "this rule never decides: the rules at %s together take every request that it would take.", enumerate(spots))
	for _, r := range l.takers[:min(len(l.takers), mostNamed)] {
		related(f, r.From.Place(), "takes a part of its requests")
	}
}

// enumerate joins words: "a", "a and b", "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
