package istiotest

import (
	"maps"
	"slices"
	"testing"
)

// TestPaths holds the number of paths, so that a new release of istio.io/api, or
// a mistake in the walk, is noticed.
func TestPaths(t *testing.T) {
	count := map[string]int{}
	seen := map[string]bool{}
	for _, p := range Paths() {
		count[p.Kind]++
		if seen[p.Kind+p.Path] {
			t.Errorf("%s %s comes twice", p.Kind, p.Path)
		}
		seen[p.Kind+p.Path] = true
		if len(p.Samples) == 0 || slices.Contains(p.Samples, p.Baseline) {
			t.Errorf("%s %s: a sample does not differ from the baseline:\n%s", p.Kind, p.Path, p.Baseline)
		}
	}
	want := map[string]int{"VirtualService": 136, "DestinationRule": 334, "Gateway": 29, "ServiceEntry": 21}
	if !maps.Equal(count, want) {
		t.Errorf("%v paths, want %v", count, want)
	}
}
