// Package schematest makes JSON schemas of Go types, and holds the published files
// to them. Tests use it.
package schematest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Object is a part of a schema.
type Object = map[string]any

// Spec says what to make a schema of.
type Spec struct {
	Title string
	Of    reflect.Type
	// Choices are lists of the values that fields take, by type and field:
	// "Run.version".
	Choices map[string]any
	// Special are types that encode themselves.
	Special map[reflect.Type]Object
}

// Make is the schema, with names in order.
func (s Spec) Make() ([]byte, error) {
	made := s.schema(s.Of)
	made["$schema"], made["title"] = "https://json-schema.org/draft/2020-12/schema", s.Title
	text, err := json.MarshalIndent(made, "", "  ")
	return append(text, '\n'), err
}

// schema describes a type as encoding/json spells it.
func (s Spec) schema(t reflect.Type) Object {
	if special, ok := s.Special[t]; ok {
		return special
	}
	if t == reflect.TypeFor[time.Time]() {
		return Object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.String:
		return Object{"type": "string"}
	case reflect.Bool:
		return Object{"type": "boolean"}
	case reflect.Float64:
		return Object{"type": "number"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint64:
		return Object{"type": "integer"}
	case reflect.Slice:
		return Object{"type": []string{"array", "null"}, "items": s.schema(t.Elem())}
	case reflect.Map:
		return Object{"type": []string{"object", "null"}, "additionalProperties": s.schema(t.Elem())}
	case reflect.Pointer:
		return Object{"anyOf": []Object{s.schema(t.Elem()), {"type": "null"}}}
	case reflect.Struct:
		return s.fields(t)
	}
	panic(fmt.Sprintf("unhandled %s", t))
}

func (s Spec) fields(t reflect.Type) Object {
	properties, required := Object{}, []string{}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		one := s.schema(f.Type)
		if of := s.Choices[t.Name()+"."+name]; of != nil {
			one = Object{"enum": of}
		}
		properties[name] = one
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	return Object{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

// Hold fails t where file is not the schema of s, or writes it anew, and returns it.
func Hold(t *testing.T, s Spec, file string, update bool) *jsonschema.Schema {
	t.Helper()
	text, err := s.Make()
	if err != nil {
		t.Fatal(err)
	}
	if update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, text) {
		t.Fatalf("%s is not what the types say (%v): make docs", file, err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("schema.json")
}

// Validate judges JSON by a schema.
func Validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}
