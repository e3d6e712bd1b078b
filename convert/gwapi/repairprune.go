package gwapi

import (
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/route"
)

// prune drops the pieces that were added and change nothing: without them the
// same requests go the same ways.
func (p *pass) prune(list []*piece) []*piece {
	x := p.shared().expressions
	for i := len(list) - 1; i >= 0; i-- {
		if why := list[i].why; why != own && why != across && x.needless(list, i) {
			list = slices.Delete(list, i, i+1)
		}
	}
	return list
}

// needless tells whether the list decides alike without piece i.
func (x expressions) needless(list []*piece, i int) bool {
	q := list[i]
	before, after, ok := x.ranked(list, i)
	if !ok {
		return false
	}
	if x.contained(&q.means, before) {
		return true // it never decides
	}
	for k, d := range after {
		both, joined := x.sets.Conjoin(&q.means, &d.means)
		switch {
		case joined && (x.contained(&both, before) || x.contained(&both, alike(after[:k], q.Action))):
		case sameOutcome(d.Action, q.Action):
		default:
			return false
		}
		if x.contains(&d.means, &q.means) {
			return true
		}
	}
	return q.Action == unanswered
}

// alike are the pieces that do what act does.
func alike(list []*piece, act *route.Action) []*piece {
	return slices.DeleteFunc(slices.Clone(list), func(d *piece) bool { return !sameOutcome(d.Action, act) })
}

func (x expressions) contained(m *route.Match, list []*piece) bool {
	return slices.ContainsFunc(list, func(d *piece) bool { return x.contains(&d.means, m) })
}

// ranked parts the pieces that share requests with piece i into those that are
// preferred to it and those that follow, as they are preferred. ok is false
// where a rank is not known.
func (x expressions) ranked(list []*piece, i int) (before, after []*piece, ok bool) {
	q := list[i]
	for k, d := range list {
		if k == i || !x.mayOverlap(q.said, d.said) || !x.meet(&q.means, &d.means) {
			continue
		}
		switch rank, known := x.rank(d.said, q.said); {
		case !known:
			return nil, nil, false
		case rank > 0 || rank == 0 && k < i:
			before = append(before, d)
		default:
			after = append(after, d)
		}
	}
	return before, after, x.sort(after)
}

// sort orders pieces as they are preferred; false where a rank is not known, so
// that Istio's stands in for it.
func (x expressions) sort(list []*piece) bool {
	known := true
	slices.SortStableFunc(list, func(a, b *piece) int {
		rank, ok := x.rank(a.said, b.said)
		if !ok {
			known, rank = false, istioPrecedence(a.said, b.said)
		}
		return -rank
	})
	return known
}
