package result

import (
	"bytes"
	"flag"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/schematest"
)

var update = flag.Bool("update", false, "write the schema anew")

const schemaFile = "../../../../../docs/schema/probe-result.json"

var spec = schematest.Spec{
	Title: "A result of mesh2gw probe", Of: reflect.TypeFor[Run](),
	Choices: map[string]any{
		"Request.verdict":   []Verdict{Same, Changed, Known, Unclear, Failed},
		"Quantile.decision": []string{"", "changed", "equivalent", "inconclusive"},
		"Run.version":       []int{Version},
	},
	Special: map[reflect.Type]schematest.Object{
		reflect.TypeFor[Number](): {"anyOf": []schematest.Object{{"type": "number"}, {"type": "null"}, {"const": failedWord}}, "description": "null where it is not known, failed where so many requests failed"},
	},
}

// TestSchema holds docs/schema/probe-result.json to the types, and results to it.
func TestSchema(t *testing.T) {
	schema := schematest.Hold(t, spec, schemaFile, *update)
	endless, unknown := Number(math.Inf(1)), Number(math.NaN())
	full := &Run{
		Version: Version, Tool: "mesh2gw", Started: time.Unix(0, 0).UTC(), Sides: []Side{{"after", map[string]string{"http": "http://a"}}},
		Requests: []Request{{Name: "a", Verdict: Changed, Before: behave.Observation{"status": "200"}, Differences: []behave.Difference{{Part: "status"}}}},
		Skipped:  []Skipped{{"b", "c"}}, Invalid: []string{"late"},
		Latency: &Latency{
			Sides: []Sent{{Name: "after"}}, Names: []string{"a"}, Samples: []Samples{SamplesOf([]Sample{{Outcome: Answered}, {Outcome: NoAnswer}})},
			Routes: []Route{{Counts: []Count{{1, 1, 1}}, Errors: &Errors{}, Quantiles: []Quantile{{Before: endless, After: unknown, Range: [][]Number{{1, endless}}, Pooled: []Number{unknown}}}}},
		},
	}
	for name, c := range map[string]struct {
		run   *Run
		spoil func(string) string
		good  bool
	}{
		"empty":           {&Run{Version: Version}, func(s string) string { return s }, true},
		"full":            {full, func(s string) string { return s }, true},
		"unknown key":     {full, func(s string) string { return strings.Replace(s, `"seed"`, `"sead"`, 1) }, false},
		"another verdict": {full, func(s string) string { return strings.Replace(s, `"verdict": "changed"`, `"verdict": "fine"`, 1) }, false},
		"another version": {full, func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) }, false},
	} {
		var b bytes.Buffer
		if err := c.run.Write(&b); err != nil {
			t.Fatal(name, err)
		}
		if err := schematest.Validate(t, schema, c.spoil(b.String())); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
