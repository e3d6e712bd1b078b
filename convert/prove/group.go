package prove

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// group is a set of path classes for which the same rules of both lists are in
// question.
type group struct {
	classes []int32    // the one with the shortest path first; none: paths do not matter
	rules   [2][]int32 // candidates by index, in order
	open    [2]bool    // none of the candidates has to hold
}

// group parts the path classes.
func (p *prover) group() {
	p.seen = append(p.seen[:0], make([]int32, len(p.space.index)+1)...)
	p.round = 0
	if !p.space.hasPath {
		g := group{}
		for i := range g.rules {
			g.rules[i], g.open[i] = p.filter(&p.sides[i], nil, nil)
		}
		p.groups = append(p.groups, g)
		return
	}
	classes := p.space.path.classes
	order := make([]int32, classes.Len())
	shortest := make([]string, classes.Len())
	for i := range order {
		order[i], shortest[i] = int32(i), shortestOf(classes.Members(i))
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(len(shortest[a])-len(shortest[b]), cmp.Compare(shortest[a], shortest[b]))
	})
	var key []byte
	var room []int32
	index := map[string]int{}
	for _, class := range order {
		row := classes.Row(int(class))
		var g group
		room = room[:0]
		for i := range g.rules {
			from := len(room)
			room, g.open[i] = p.filter(&p.sides[i], row, room)
			g.rules[i] = room[from:]
		}
		key = key[:0]
		for i := range g.rules {
			for _, r := range g.rules[i] {
				key = binary.AppendUvarint(key, uint64(r)+1)
			}
			key = append(key, 0)
		}
		at, ok := index[string(key)]
		if !ok {
			at = len(p.groups)
			index[string(key)] = at
			for i := range g.rules {
				g.rules[i] = slices.Clone(g.rules[i])
			}
			p.groups = append(p.groups, g)
		}
		p.groups[at].classes = append(p.groups[at].classes, class)
	}
}

// filter appends the rules of s that hold for some request of a path class, and
// are not all taken by earlier ones. open tells that none of them has to hold.
func (p *prover) filter(s *side, row []uint64, to []int32) (candidates []int32, open bool) {
	p.round++
	open = true
	for i := range s.rules {
		r := &s.rules[i]
		if r.dead || r.path >= 0 && row[r.path/64]>>(r.path%64)&1 == 0 {
			continue
		}
		if s.sure == nil {
			if p.seen[r.set] == p.round {
				continue // an earlier rule asks for the same
			}
			p.seen[r.set] = p.round
		}
		to = append(to, int32(i))
		if r.set == 0 {
			open = false
			if s.sure == nil {
				break
			}
		}
	}
	return to, open
}

func shortestOf(members []string) string {
	if len(members) == 0 {
		return ""
	}
	return slices.MinFunc(members, func(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) })
}
