package prove

import (
	"fmt"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/route"
)

// never is the place of what is not among the candidates.
const never = int32(1<<31 - 1)

// compare looks at all pairs of candidates of a group that may decide the same
// request. The rule after that asks for what the rule before asks decides before
// all later ones, and the other way round, which leaves few pairs of lists that
// are alike.
func (p *prover) compare(g *group) {
	s := &p.search
	p.twins(g)
	count := len(g.rules[1])
	if g.open[1] {
		count++
	}
	s.next = s.next[:0]
	for j := range count + 1 { // a list whose head is 0, and j is at j+1
		s.next = append(s.next, int32(j+1))
	}
	rows := len(g.rules[0])
	if g.open[0] {
		rows++
	}
	for i := range rows {
		limit := never
		if i < len(g.rules[0]) && p.sides[1].sure == nil {
			limit = s.twin[0][i]
		}
		for at := int32(0); ; {
			j := s.next[at] - 1
			if int(j) >= count || j > limit {
				break
			}
			if int(j) < len(g.rules[1]) && p.sides[0].sure == nil && s.twin[1][j] < int32(i) {
				s.next[at] = s.next[j+1] // all that it takes is taken before rule i
				continue
			}
			p.pair(g, i, int(j))
			at = j + 1
		}
		if p.spent {
			return
		}
	}
}

// twins notes for each candidate the place of the first one of the other list
// that asks for the same, the path apart.
func (p *prover) twins(g *group) {
	s := &p.search
	for k := range g.rules {
		other := 1 - k
		for i := range p.seen {
			p.seen[i] = never
		}
		for n := len(g.rules[other]) - 1; n >= 0; n-- {
			p.seen[p.sides[other].rules[g.rules[other][n]].set] = int32(n)
		}
		s.twin[k] = s.twin[k][:0]
		for _, c := range g.rules[k] {
			s.twin[k] = append(s.twin[k], p.seen[p.sides[k].rules[c].set])
		}
	}
}

// candidate is the rule of a candidate, nil for no rule.
func (p *prover) candidate(g *group, k, n int) *rule {
	if n == len(g.rules[k]) {
		return nil
	}
	return &p.sides[k].rules[g.rules[k][n]]
}

// pair compares what two candidates do, and where it is not the same looks for
// a request that they decide.
func (p *prover) pair(g *group, i, j int) {
	b, a := p.candidate(g, 0, i), p.candidate(g, 1, j)
	same := p.deedOf(b) == p.deedOf(a)
	if same && b.effects() == a.effects() {
		return
	}
	key := pair{never, never}
	if b != nil {
		key.before = g.rules[0][i]
	}
	if a != nil {
		key.after = g.rules[1][j]
	}
	at, known := p.known[key]
	settled := known && !p.differences[at].Possible
	if settled && b.effects() == a.effects() {
		return // it can't differ in more
	}
	found := p.contrast(g, b, a)
	if found.reason == "" && (len(found.aspects) == 0 || settled && contains(p.differences[at].Aspects, found.aspects)) {
		return
	}
	region, possible, ok := p.decided(g, i, j)
	if !ok {
		return
	}
	if found.reason != "" {
		p.reasons = append(p.reasons, found.reason)
		if len(found.aspects) == 0 {
			return
		}
	}
	if d := p.guessed(region); d != nil {
		p.reasons = append(p.reasons, fmt.Sprintf("what %s takes is not known", d.text()))
		return
	}
	d := p.differ(region, b, a, found, possible)
	if known {
		old := &p.differences[at]
		all := union(old.Aspects, d.Aspects)
		if old.Possible && !d.Possible {
			old.Difference = d
		}
		old.Aspects = all
		return
	}
	if p.known == nil {
		p.known = map[pair]int{}
	}
	p.known[key] = len(p.differences)
	p.differences = append(p.differences, difference{key, d})
}

// decided is reach; where the order of rules is open it prefers a request about
// which no other rule is in question.
func (p *prover) decided(g *group, i, j int) (region []uint64, possible, ok bool) {
	if p.sides[0].sure == nil && p.sides[1].sure == nil {
		region, ok = p.reach(g, i, j, false)
		return region, false, ok
	}
	if region, ok = p.reach(g, i, j, true); ok {
		return region, false, true
	}
	region, ok = p.reach(g, i, j, false)
	return region, true, ok
}

// guessed returns a dimension by which region is narrowed although nothing is
// known of it.
func (p *prover) guessed(region []uint64) *dimension {
	for i := range p.space.dimensions {
		d := &p.space.dimensions[i]
		if d.kind == unread && !slices.Equal(region[d.offset:][:d.words], p.space.start[d.offset:][:d.words]) {
			return d
		}
	}
	return nil
}

// differ describes a difference.
func (p *prover) differ(region []uint64, b, a *rule, found contrast, possible bool) Difference {
	d := Difference{Witness: p.witness(region, found.path), Aspects: found.aspects, Possible: possible}
	before, after := &p.deeds[p.deedOf(b)], &p.deeds[p.deedOf(a)]
	d.Before, d.After = b.plain(), a.plain()
	d.origins = p.originsOf(a, &d.Witness)
	d.Opens = before.outcome == refuses && after.outcome != refuses
	if before.outcome == redirects && after.outcome == redirects {
		p.showRedirect(&d, b, a)
	}
	d.BeforeDoes, d.AfterDoes = p.describe(b, &d), p.describe(a, &d)
	if d.BeforeDoes == d.AfterDoes && b != nil && a != nil { // Services of one name that select other Pods
		d.BeforeDoes += p.sides[0].podsText(b.Action.Backends)
		d.AfterDoes += p.sides[1].podsText(a.Action.Backends)
	}
	return d
}

func (r *rule) plain() *route.Rule {
	if r == nil {
		return nil
	}
	return r.Rule
}

func (r *rule) effects() effect {
	if r == nil {
		return effect{}
	}
	return r.effect
}

func contains(all, some []finding.Aspect) bool {
	for _, a := range some {
		if !slices.Contains(all, a) {
			return false
		}
	}
	return true
}

// union joins two lists of aspects in the order of the closed list.
func union(a, b []finding.Aspect) []finding.Aspect {
	var all []finding.Aspect
	for _, x := range finding.Aspects() {
		if slices.Contains(a, x) || slices.Contains(b, x) {
			all = append(all, x)
		}
	}
	return all
}
