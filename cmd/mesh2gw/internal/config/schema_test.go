package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/target"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

const schemaFile = "../../../../docs/schema/config.json"

// object is a part of a schema.
type object = map[string]any

// optional takes what is left when all below a key is turned into comments.
func optional(kind string) []string { return []string{kind, "null"} }

func mapping(description string, properties object) object {
	return object{"type": optional("object"), "description": description, "properties": properties, "additionalProperties": false}
}

func listOf(description string, items object) object {
	return object{"type": optional("array"), "description": description, "items": items}
}

func oneOf(description string, words ...any) object {
	return object{"description": description, "enum": words}
}

func anys[T any](values []T) (all []any) {
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

func name(description string) object {
	return object{"type": "string", "description": description, "maxLength": 253, "pattern": `^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`}
}

// schema is docs/schema/config.json.
func schema() object {
	levels := anys(triage.Levels())
	rules := object{}
	for _, r := range rule.All() {
		rules[r.ID] = object{"$ref": "#/$defs/level", "description": fmt.Sprintf("%s. By default: %s.", r.Title, r.Severity)}
	}
	glob := object{
		"type": "string", "minLength": 1,
		"not": object{"anyOf": []any{object{"pattern": `^[/!]`}, object{"pattern": `^(\./)*\.\.(/|$)`}, object{"pattern": `^(\./+)*\.?$`}}},
	}
	return object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "https://raw.githubusercontent.com/mesh2gw/mesh2gw/main/docs/schema/config.json",
		"title":       ".mesh2gw.yaml",
		"description": "How a repository wants its Istio configuration to be linted and converted by mesh2gw.",
		"$defs": object{
			"level": object{"enum": levels},
			"rules": mapping("Severities by the id of the rule, in the place of its own. off accepts its findings.", rules),
			"glob":  glob,
			"globs": listOf("Globs that count from the folder of this file; ** stands for any folders. One that matches a folder is for all that it holds.", object{"$ref": "#/$defs/glob"}),
		},
		"type":                 optional("object"),
		"additionalProperties": false,
		"properties": object{
			"rules": object{"$ref": "#/$defs/rules"},
			"skip":  object{"$ref": "#/$defs/globs", "description": "Globs of files that are not read. They count from the folder of this file; ** stands for any folders."},
			"overrides": listOf("Severities for some files. The last entry that matches a file and names the rule holds.", object{
				"type": "object", "additionalProperties": false, "required": []any{"paths", "rules"},
				"properties": object{
					"paths": object{"allOf": []any{object{"$ref": "#/$defs/globs"}, object{"type": "array", "minItems": 1}}},
					"rules": object{"allOf": []any{object{"$ref": "#/$defs/rules"}, object{"type": "object", "minProperties": 1}}},
				},
			}),
			"convert": mapping("Options of the conversion, for each command that converts. A flag on the command line comes before them.", object{
				"namespace":     name("Namespace of objects that name none."),
				"gateway-class": name("GatewayClass of the Gateways that are written."),
				"target": object{
					"type": "string", "pattern": `^(` + strings.Join(target.Names(), "|") + `)(@[0-9A-Za-z.-]+)?$`,
					"description": "Implementation that serves the output, and its version after an @; mesh2gw targets lists them.",
				},
				"gateway-namespace": name("Namespace of the ingress gateway's pods, where Istio reads its Secrets."),
				"gateway-api":       oneOf("Version of the Gateway API CRDs that is written for.", "1.4", "1.5", "1.6", "1.7", 1.4, 1.5, 1.6, 1.7),
				"channel":           oneOf("Channel of the CRDs that is written for.", "standard", "experimental"),
				"mesh": object{
					"type": "string", "pattern": `^(gamma|off|gateway=[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$`,
					"description": "What becomes of routes inside the mesh: gamma (routes on Services), gateway=NAMESPACE/NAME (on that Gateway) or off (reported only).",
				},
				"prefix": oneOf("How a path prefix is compared: element (readable) or exact (proved equal, by a regular expression).", "element", "exact"),
			}),
			"lint": mapping("Options of mesh2gw lint.", object{
				"fail-on":        oneOf("Exit with 1 when a finding is at or above this severity.", "note", "warning", "error", "never"),
				"format":         oneOf("Format of the findings.", "text", "json", "sarif", "github", "gitlab", "junit", "checkstyle"),
				"baseline":       object{"type": "string", "minLength": 1, "description": "File with the findings that are known, from the folder of this file."},
				"groups":         listOf("Groups of rules that are reported; without this key all of them.", object{"enum": []any{"migration", "config"}}),
				"require-reason": object{"type": "boolean", "description": "An ignore without a reason does not count, and is reported."},
			}),
		},
	}
}

// TestSchema compares docs/schema/config.json with the rules and keys of now.
func TestSchema(t *testing.T) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(schemaFile, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != b.String() {
		t.Error("docs/schema/config.json is stale: go test ./cmd/mesh2gw/internal/config -run TestSchema -update writes it anew")
	}
}

// Every key that the loader knows is in the schema, and the other way round.
func TestSchemaKeys(t *testing.T) {
	p := parser{config: &Config{}}
	properties := schema()["properties"].(object)
	items := properties["overrides"].(object)["items"].(object)
	for where, c := range map[string]struct {
		fields []field
		schema object
	}{
		"the file":  {p.top(), properties},
		"convert":   {p.convert(), properties["convert"].(object)["properties"].(object)},
		"lint":      {p.lint(), properties["lint"].(object)["properties"].(object)},
		"overrides": {p.overrideOf(&Override{}), items["properties"].(object)},
	} {
		var keys []string
		for _, f := range c.fields {
			keys = append(keys, f.name)
		}
		slices.Sort(keys)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(c.schema)), keys); diff != "" {
			t.Errorf("%s (-schema +loader):\n%s", where, diff)
		}
	}
}

// checkBySchema takes for flags what the schema does; cmd/mesh2gw holds the flags
// themselves to it.
func checkBySchema(section, flag, value string) error {
	s := schema()["properties"].(object)[section].(object)["properties"].(object)[flag].(object)
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, any(value)) {
		return errors.New("not one of the words")
	}
	if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(value) {
		return errors.New("no such name")
	}
	return nil
}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// bySchema is what an editor says.
func bySchema(t testing.TB, s *jsonschema.Schema, text string) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	v, err = jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// The loader and the schema take and refuse the same files. What only the loader
// sees are a second document and globs that make no sense.
func TestSchemaAgrees(t *testing.T) {
	s := compiled(t)
	for _, c := range goodFiles {
		if err := bySchema(t, s, c.text); err != nil {
			t.Errorf("the schema refuses\n%s\n%v", c.text, err)
		}
	}
	for _, c := range badFiles {
		if err := bySchema(t, s, c.text); err == nil && !c.unseen {
			t.Errorf("the schema takes\n%s", c.text)
		} else if err != nil && c.unseen {
			t.Errorf("the schema sees this, too:\n%s", c.text)
		}
	}
}

// FuzzParse: no panic; an error names the file, and the schema takes what the
// loader does.
func FuzzParse(f *testing.F) {
	for _, c := range goodFiles {
		f.Add([]byte(c.text))
	}
	for _, c := range badFiles {
		f.Add([]byte(c.text))
	}
	s := compiled(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse("f", data, checkBySchema)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "f:") {
					t.Fatalf("no place: %q", line)
				}
			}
			return
		}
		if err := bySchema(t, s, string(data)); err != nil && yamlReads(data) {
			t.Fatalf("the schema refuses\n%s\n%v", data, err)
		}
	})
}

// yamlReads tells whether the text has one document that is JSON, too.
func yamlReads(data []byte) bool {
	var v any
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&v); err != nil && err != io.EOF {
		return false
	}
	_, err := json.Marshal(v)
	return err == nil
}
