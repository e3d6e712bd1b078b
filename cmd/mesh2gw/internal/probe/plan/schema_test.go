package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

const schemaFile = "../../../../../docs/schema/probe-plan.json"

// object is a part of a schema.
type object = map[string]any

func text(description string) object { return object{"type": "string", "description": description} }

func texts(description string) object {
	return object{"type": "object", "description": description, "additionalProperties": object{"type": "string"}}
}

// schema is docs/schema/probe-plan.json.
func schema() object {
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A plan of mesh2gw probe",
		"type": "object", "additionalProperties": false, "required": []string{"version", "requests"},
		"properties": object{
			"version":  object{"const": Version},
			"requests": object{"type": "array", "minItems": 1, "items": requestSchema()},
		},
	}
}

func requestSchema() object {
	return object{
		"type": "object", "additionalProperties": false, "required": []string{"name", "host", "path"},
		"properties": object{
			"name":     object{"type": "string", "minLength": 1, "description": "unique in the plan"},
			"why":      text("what the request shows: the rule that decides, or the one that it misses"),
			"method":   object{"type": "string", "description": "GET where it is absent", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]*$"},
			"scheme":   object{"enum": []string{"", "http", "https"}, "description": "http where it is absent; chooses among the URLs of a side"},
			"host":     object{"type": "string", "minLength": 1, "description": "Host header or :authority, and SNI; may carry a port"},
			"path":     object{"type": "string", "description": "with the query, as it is sent", "pattern": `^(/[^\s#]*|\*)$`},
			"headers":  texts("beside Host"),
			"body":     text("as it is sent"),
			"protocol": object{"enum": append([]string{""}, Protocols...), "description": "http/1.1 where it is absent"},
			"caller":   text("who has to send the request, where that decides; a probe does not send it"),
			"weight":   object{"type": "integer", "minimum": -1, "description": "share of the load; 0 or absent is 1, and -1 asks for the behaviour alone"},
			"expect":   expectSchema(),
			"differs":  text("what is known to be different afterwards; such a difference fails no run"),
		},
	}
}

func expectSchema() object {
	return object{
		"type": "object", "additionalProperties": false, "description": "what the answer has to be; what is absent is not asked for",
		"properties": object{
			"status":       object{"type": "integer", "description": "200 to 599", "anyOf": []object{{"const": 0}, {"minimum": 200, "maximum": 599}}},
			"headers":      texts("of the answer, by name"),
			"redirect":     text("the Location, as a whole URL"),
			"backend":      text("as the probe is told to read it from answers"),
			"shares":       object{"type": "object", "description": "of backends; they sum up to 1", "additionalProperties": object{"type": "number", "minimum": 0, "maximum": 1}},
			"bodyContains": text("a part of the body"),
		},
	}
}

func TestSchema(t *testing.T) {
	data, err := json.MarshalIndent(schema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(schemaFile); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s is stale (%v): run make docs", schemaFile, err)
	}
}

// TestSchemaKnowsAllFields compares the schema with the types.
func TestSchemaKnowsAllFields(t *testing.T) {
	for _, test := range []struct {
		of   any
		says object
	}{{Plan{}, schema()}, {Request{}, requestSchema()}, {Expect{}, expectSchema()}} {
		of := reflect.TypeOf(test.of)
		properties := test.says["properties"].(object)
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if properties[name] == nil {
				t.Errorf("%s.%s is not in the schema", of.Name(), name)
			}
			if jsonName, _, _ := strings.Cut(f.Tag.Get("json"), ","); jsonName != name {
				t.Errorf("%s.%s is %s in JSON", of.Name(), name, jsonName)
			}
		}
		if of.NumField() != len(properties) {
			t.Errorf("%s has %d fields, the schema %d", of.Name(), of.NumField(), len(properties))
		}
	}
}

// TestSchemaAgreesWithRead: both take, or neither does.
func TestSchemaAgreesWithRead(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiled, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		in   string
		want bool
	}{
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/"}]}`, true},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/?a=b","method":"POST","scheme":"https","protocol":"h2","weight":3,"expect":{"status":200,"shares":{"a":1}}}]}`, true},
		{`{"version":2,"requests":[{"name":"a","host":"a","path":"/"}]}`, false},
		{`{"version":1,"requests":[]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"a"}]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/a b"}]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/","metod":"x"}]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/","scheme":"ftp"}]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/","expect":{"status":99}}]}`, false},
		{`{"version":1,"requests":[{"name":"a","host":"a","path":"/","weight":-2}]}`, false},
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(test.in))
		if err != nil {
			t.Fatal(err)
		}
		_, readErr := Read([]byte(test.in))
		if schemaErr := compiled.Validate(value); slices.Contains([]bool{schemaErr == nil, readErr == nil}, !test.want) {
			t.Errorf("%s: schema %v, Read %v, want both to take it: %v", test.in, schemaErr, readErr, test.want)
		}
	}
}
