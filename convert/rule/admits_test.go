package rule_test

import (
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

func TestAdmittedAspects(t *testing.T) {
	for _, r := range rule.All() {
		for i, a := range r.Admits {
			if !slices.Contains(finding.Aspects(), a) || slices.Contains(r.Admits[:i], a) {
				t.Errorf("%s admits %q, which is unknown or listed twice", r.ID, a)
			}
		}
	}
}
