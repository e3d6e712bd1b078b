package check

import (
	"maps"
	"slices"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/target"
)

// BenchmarkCold measures the first object of a kind: unpacking, compiling, checking.
func BenchmarkCold(b *testing.B) {
	bundle := target.Bundle{Version: target.V17, Channel: target.Standard}
	objects := goodObjects(b, bundle)
	for _, kind := range slices.Sorted(maps.Keys(objects)) {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustPass(b, New(bundle), objects[kind])
			}
		})
	}
}

// BenchmarkWarm measures every further object.
func BenchmarkWarm(b *testing.B) {
	bundle := target.Bundle{Version: target.V17, Channel: target.Standard}
	objects := goodObjects(b, bundle)
	c := New(bundle)
	for _, kind := range slices.Sorted(maps.Keys(objects)) {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			mustPass(b, c, objects[kind])
			for b.Loop() {
				mustPass(b, c, objects[kind])
			}
		})
	}
}

// BenchmarkAllRules compiles every rule of HTTPRoute, which laziness avoids.
func BenchmarkAllRules(b *testing.B) {
	bundle := target.Bundle{Version: target.V17, Channel: target.Standard}
	v := mustVersion(b, bundle, "HTTPRoute")
	for b.Loop() {
		wholeValidator(v)
	}
}

func mustPass(tb testing.TB, c *Checker, object []byte) {
	problems, err := c.Check(object)
	if err != nil || len(problems) > 0 {
		tb.Fatal(problems, err)
	}
}
