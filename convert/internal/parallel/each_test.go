package parallel_test

import (
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/internal/parallel"
)

func TestEachCallsAllOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 17, 1000} {
		calls := make([]int, n)
		parallel.Each(n, func(i int) { calls[i]++ })
		for i, c := range calls {
			if c != 1 {
				t.Errorf("n=%d: call %d ran %d times", n, i, c)
			}
		}
	}
}

func TestEachPanics(t *testing.T) {
	defer func() {
		if r := recover(); r != "seven" {
			t.Errorf("recovered %v, want seven", r)
		}
	}()
	parallel.Each(100, func(i int) {
		if i == 7 {
			panic("seven")
		}
	})
	t.Error("no panic")
}
