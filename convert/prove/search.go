package prove

import "slices"

// search looks for a request that one rule of each list decides: it meets what
// both ask for, and misses what each rule before them asks for. A region is a
// set of classes for each dimension; it is narrowed until every rule in the way
// is missed by all of it, so that any of its requests will do.
type search struct {
	room     []uint64 // of regions, a stack
	blockers []int32
	next     []int32 // by candidate after: the next one that is not covered
	twin     [2][]int32
}

// reach looks for a request that rule i of the candidates before decides, and
// rule j of those after; the number of candidates is no rule. Where the order of
// rules is not sure, the rules may decide, or when alone is asked for, no other
// may.
func (p *prover) reach(g *group, i, j int, alone bool) (region []uint64, ok bool) {
	s := &p.search
	s.room = append(s.room[:0], p.space.start...)
	region = s.room
	s.blockers = s.blockers[:0]
	for k, at := range [2]int{i, j} {
		if at < len(g.rules[k]) && !narrow(&p.space, region, p.sides[k].rules[g.rules[k][at]].cells) {
			return nil, false
		}
	}
	for k, at := range [2]int{i, j} {
		p.block(g, k, at, alone)
	}
	if !p.solve(region, s.blockers) {
		return nil, false
	}
	return region, true
}

// block adds the candidates that keep the one at this place from deciding.
func (p *prover) block(g *group, k, at int, alone bool) {
	s, candidates := &p.sides[k], g.rules[k]
	for n, c := range candidates {
		blocks := n < at
		if s.sure != nil && at < len(candidates) {
			switch {
			case n < at:
				blocks = alone || s.sure(int(c), int(candidates[at]))
			case n > at:
				blocks = alone && !s.sure(int(candidates[at]), int(c))
			}
		}
		if blocks && n != at {
			p.search.blockers = append(p.search.blockers, c<<1|int32(k))
		}
	}
}

// narrow cuts a region down to what meets cells; false when nothing is left.
func narrow(s *space, region []uint64, cells []cell) bool {
	for _, c := range cells {
		d := &s.dimensions[c.dimension]
		any := uint64(0)
		for w, bits := range c.bits {
			region[d.offset+w] &= bits
			any |= region[d.offset+w]
		}
		if any == 0 {
			return false
		}
	}
	return true
}

// relation of a region with a cell.
type relation uint8

const (
	apart  relation = iota // the region has nothing of it
	partly                 // some
	inside                 // the region is all within
)

func (s *space) relate(region []uint64, c *cell) relation {
	d := &s.dimensions[c.dimension]
	in, out := uint64(0), uint64(0)
	for w, bits := range c.bits {
		r := region[d.offset+w]
		in |= r & bits
		out |= r &^ bits
	}
	switch {
	case in == 0:
		return apart
	case out == 0:
		return inside
	}
	return partly
}

// solve narrows region until no blocker holds in it. A blocker of which one cell
// is left open has to miss that one; where all have several, each of the cells of
// one blocker is tried in turn. It overwrites blockers.
func (p *prover) solve(region []uint64, blockers []int32) bool {
	for {
		kept := blockers[:0]
		shortest, least, changed := 0, len(p.space.dimensions)+1, false
		for _, b := range blockers {
			if p.budget--; p.budget < 0 {
				p.spent = true
				return false
			}
			open, last, missed := p.stand(region, b)
			switch {
			case missed:
				continue
			case open == 0:
				return false
			case open == 1:
				p.space.miss(region, last)
				changed = true
				continue
			case open < least:
				shortest, least = len(kept), open
			}
			kept = append(kept, b)
		}
		blockers = kept
		if len(blockers) == 0 {
			return true
		}
		if !changed {
			r := p.blocker(blockers[shortest])
			return p.branch(region, slices.Delete(blockers, shortest, shortest+1), r)
		}
	}
}

// blocker is the rule that a number among the blockers stands for.
func (p *prover) blocker(b int32) *rule { return &p.sides[b&1].rules[b>>1] }

// stand tells how many cells of a blocker a region is partly in, and the last of
// them, or that the blocker holds nowhere in the region.
func (p *prover) stand(region []uint64, b int32) (open int, last *cell, missed bool) {
	cells := p.blocker(b).cells
	for n := range cells {
		switch p.space.relate(region, &cells[n]) {
		case apart:
			return 0, nil, true
		case partly:
			open++
			last = &cells[n]
		}
	}
	return open, last, false
}

// miss takes a cell out of a region.
func (s *space) miss(region []uint64, c *cell) {
	d := &s.dimensions[c.dimension]
	for w, bits := range c.bits {
		region[d.offset+w] &^= bits
	}
}

// branch tries to miss r by each of its cells. What was tried need not be tried
// again, so the region is within it from then on.
func (p *prover) branch(region []uint64, blockers []int32, r *rule) bool {
	for n := range r.cells {
		c := &r.cells[n]
		if p.space.relate(region, c) != partly {
			continue
		}
		tried := slices.Clone(region)
		p.space.miss(tried, c)
		if p.solve(tried, slices.Clone(blockers)) {
			copy(region, tried)
			return true
		}
		if p.spent {
			return false
		}
		narrow(&p.space, region, r.cells[n:n+1])
	}
	return false
}
