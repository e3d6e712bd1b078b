package report

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/prove"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// pair finds for each rule those of the other side that serve requests of it: by
// where they come from, and by the differences.
func (b *builder) pair(h *Host, s *sides) {
	pairs := map[[2]int]bool{}
	elements := map[finding.Place][]int{}
	for i, r := range s.before {
		e := elementOf(r.From)
		elements[e] = append(elements[e], i)
	}
	for j, r := range s.after {
		origins := b.origins(s, r, elements)
		for _, i := range origins {
			pairs[[2]int{i, j}] = true
		}
		if len(origins) > 0 {
			h.After[j].Place = h.Before[origins[0]].Place
			b.mapped(r, h.After[j].Place)
		}
	}
	for i := range s.Differences {
		d := &s.Differences[i]
		before, after := slices.Index(s.before, d.Before), slices.Index(s.after, d.After)
		if before >= 0 && after >= 0 {
			pairs[[2]int{before, after}] = true
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(pairs), func(x, y [2]int) int { return slices.Compare(x[:], y[:]) }) {
		h.Before[p[0]].Pairs = append(h.Before[p[0]].Pairs, p[1])
		h.After[p[1]].Pairs = append(h.After[p[1]].Pairs, p[0])
	}
	for j := range h.After {
		slices.Sort(h.After[j].Pairs)
	}
}

// origins are the rules before that r was made of. The matches of one element
// become rules with one origin, the first of them, so that of the element those
// count that have requests in common with r. What knows no origin, as rules for
// connections, is taken to come from what does the same to the same requests, or
// else from what has requests in common with it.
func (b *builder) origins(s *sides, r *route.Rule, elements map[finding.Place][]int) []int {
	if r.From == nil {
		return b.doAlike(s, r)
	}
	all := elements[elementOf(r.From)]
	var meeting []int
	for _, i := range all {
		if b.known.Overlap(&s.before[i].Match, &r.Match) != route.No {
			meeting = append(meeting, i)
		}
	}
	if len(meeting) == 0 {
		return all
	}
	return meeting
}

func (b *builder) doAlike(s *sides, r *route.Rule) []int {
	if r.Action == nil || !strings.Contains(r.Where, " rules[") {
		return nil
	}
	var alike, meeting []int
	does := prove.Describe(r.Action)
	for i, x := range s.before {
		if x.Action == nil || b.known.Overlap(&x.Match, &r.Match) == route.No {
			continue
		}
		meeting = append(meeting, i)
		if prove.Describe(x.Action) == does {
			alike = append(alike, i)
		}
	}
	if len(alike) > 0 {
		return alike
	}
	return meeting
}

// element is the part of an object that the rules of one list element stand in.
var element = regexp.MustCompile(`^spec\.(http|tls|tcp|servers|routes)\[\d+\]`)

// elementOf is the list element that n is a part of; its position is left out.
func elementOf(n *source.Node) finding.Place {
	p := n.Place()
	return finding.Place{Pos: finding.Pos{File: p.Pos.File}, Object: p.Object, Field: element.FindString(p.Field)}
}
