package result

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/probe/behave"
)

var update = flag.Bool("update", false, "write the schema anew")

const schemaFile = "../../../../../docs/schema/probe-result.json"

type object = map[string]any

// choices are the values of fields that take one of a few, by type and field.
var choices = map[string]any{
	"Request.verdict":   []Verdict{Same, Changed, Known, Unclear, Failed},
	"Quantile.decision": []string{"", "changed", "equivalent", "inconclusive"},
	"Run.version":       []int{Version},
}

// schemaOf describes a type as encoding/json spells it.
func schemaOf(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[Number]():
		return object{"anyOf": []object{{"type": "number"}, {"type": "null"}, {"const": failedWord}}, "description": "null where it is not known, failed where so many requests failed"}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": []string{"array", "null"}, "items": schemaOf(t.Elem())}
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": schemaOf(t.Elem())}
	case reflect.Pointer:
		return object{"anyOf": []object{schemaOf(t.Elem()), {"type": "null"}}}
	case reflect.Struct:
		return structSchema(t)
	}
	panic(fmt.Sprintf("unhandled %s", t))
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		one := schemaOf(t.Field(i).Type)
		if of := choices[t.Name()+"."+name]; of != nil {
			one = object{"enum": of}
		}
		properties[name] = one
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// TestSchema holds docs/schema/probe-result.json to the types, and results to it.
func TestSchema(t *testing.T) {
	made := schemaOf(reflect.TypeFor[Run]())
	made["$schema"], made["title"] = "https://json-schema.org/draft/2020-12/schema", "A result of mesh2gw probe"
	text, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(schemaFile); err != nil || !bytes.Equal(have, text) {
		t.Fatalf("%s is not what the types say (%v): make docs", schemaFile, err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("schema.json")
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
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(c.spoil(b.String())))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := schema.Validate(value); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
