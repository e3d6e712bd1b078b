package prove

import (
	"maps"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Explaining returns which findings explain d, each for one of its aspects at
// least, by their numbers in the order of Add: 0 is the first that was added.
func (x *Explainer) Explaining(r Result, d Difference) []int {
	places := placesOf(r, d)
	found := map[int]bool{}
	for _, aspect := range d.Aspects {
		for at := range places.elements {
			for _, s := range x.admitted[at.Object] {
				if s.admits(aspect, d.Opens) && near(s.field, at.Field, aspect) {
					found[s.number] = true
				}
			}
		}
		for _, object := range places.objects {
			for _, s := range x.admitted[object] {
				if s.admits(aspect, d.Opens) {
					found[s.number] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// admits tells whether s explains an aspect of a difference nearby.
func (s spot) admits(aspect finding.Aspect, opens bool) bool {
	return slices.Contains(s.rule.Admits, aspect) && (!opens || s.rule.Severity > finding.Note)
}
