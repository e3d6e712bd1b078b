package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/report"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

var update = flag.Bool("update", false, "write the schemas and goldens anew")

const schemas = "../../docs/schema/"

// choices are the values of fields that take one of a few, by type and field.
var choices = map[string][]string{
	"Report.version":     {report.Version},
	"Comparison.version": {report.ComparisonVersion},
	"Finding.severity":   {"note", "warning", "error"},
	"Reason.severity":    {"warning", "error"},
	"Finding.group":      {string(finding.Migration), string(finding.Config)},
	"Accepted.by":        {string(triage.Comment), string(triage.Annotation), string(triage.Configuration), string(triage.Baseline)},
	"Host.verdict":       {"equal", "differs", "not proven"},
	"HostMove.old":       {"equal", "differs", "not proven", ""},
	"HostMove.new":       {"equal", "differs", "not proven", ""},
	"Rule.status":        {string(report.Exact), string(report.Differs), string(report.Lost), string(report.Unproven)},
	"RecordString.type":  {"exact", "prefix", "element", "regex", "present"},
	"RecordRetry.on":     conditions(),
	"Summary.ready":      {string(report.Ready), string(report.Review), string(report.Blocked)},
	"Namespace.ready":    {string(report.Ready), string(report.Review), string(report.Blocked)},
	"Shift.old":          {string(report.Ready), string(report.Review), string(report.Blocked), ""},
	"Shift.new":          {string(report.Ready), string(report.Review), string(report.Blocked), ""},
	"Difference.aspects": aspects(),
}

func conditions() []string {
	var all []string
	for _, c := range hint.Conditions() {
		all = append(all, string(c))
	}
	return all
}

func aspects() []string {
	var all []string
	for _, a := range finding.Aspects() {
		all = append(all, string(a))
	}
	return all
}

// ordered is an object of JSON whose keys stay in order.
type ordered []pair

type pair struct {
	key   string
	value any
}

func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range []any{p.key, p.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			var part bytes.Buffer
			e := json.NewEncoder(&part)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return nil, err
			}
			b.Write(bytes.TrimSpace(part.Bytes()))
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// generator makes a schema of Go types; their comments describe it.
type generator struct {
	comments map[string]string // by Type and Type.Field
	types    map[string]ordered
	order    []string
}

func schemaOf(t *testing.T, v any, id, title string) []byte {
	t.Helper()
	g := &generator{comments: comments(t), types: map[string]ordered{}}
	root := g.schema(reflect.TypeOf(v), "")
	var defs ordered
	slices.Sort(g.order)
	for _, name := range g.order {
		defs = append(defs, pair{name, g.types[name]})
	}
	return encoded(t, ordered{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", id},
		{"title", title},
		{"$ref", root[0].value},
		{"$defs", defs},
	})
}

func (g *generator) schema(of reflect.Type, field string) ordered {
	switch of.Kind() {
	case reflect.Pointer:
		return ordered{{"anyOf", []ordered{g.schema(of.Elem(), field), {{"type", "null"}}}}}
	case reflect.Slice:
		return ordered{{"type", "array"}, {"items", g.schema(of.Elem(), field)}}
	case reflect.Struct:
		g.object(of)
		return ordered{{"$ref", "#/$defs/" + of.Name()}}
	case reflect.String:
		if allowed := choices[field]; allowed != nil {
			return ordered{{"enum", allowed}}
		}
		return ordered{{"type", "string"}}
	case reflect.Int:
		return ordered{{"type", "integer"}, {"minimum", -1}}
	case reflect.Uint32:
		return ordered{{"type", "integer"}, {"minimum", 0}}
	case reflect.Float64:
		return ordered{{"type", "number"}}
	case reflect.Map:
		return ordered{{"type", "object"}, {"additionalProperties", g.schema(of.Elem(), field)}}
	case reflect.Bool:
		return ordered{{"type", "boolean"}}
	}
	panic(fmt.Sprintf("unhandled %s", of))
}

func (g *generator) object(of reflect.Type) {
	if _, known := g.types[of.Name()]; known {
		return
	}
	g.types[of.Name()] = nil
	g.order = append(g.order, of.Name())
	var properties ordered
	required := []string{}
	for _, f := range reflect.VisibleFields(of) {
		if f.Anonymous {
			continue
		}
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		owner := of.Name()
		if len(f.Index) > 1 { // of an embedded struct
			owner = of.Field(f.Index[0]).Type.Name()
		}
		s := g.schema(f.Type, owner+"."+key)
		if text := g.comments[owner+"."+f.Name]; text != "" {
			s = append(ordered{{"description", text}}, s...)
		}
		properties = append(properties, pair{key, s})
		if !strings.Contains(options, "omitempty") {
			required = append(required, key)
		}
	}
	g.types[of.Name()] = ordered{
		{"description", g.comments[of.Name()]},
		{"type", "object"},
		{"properties", properties},
		{"required", required},
		{"additionalProperties", false},
	}
}

// comments are those of the types and fields of this package, and of hints.
func comments(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{"report.go", "compare.go", "../hint/record.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			spec := g.Specs[0].(*ast.TypeSpec)
			all[spec.Name.Name] = line(g.Doc.Text())
			if fields, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range fields.Fields.List {
					for _, n := range f.Names {
						all[spec.Name.Name+"."+n.Name] = line(f.Doc.Text() + f.Comment.Text())
					}
				}
			}
		}
	}
	return all
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestSchemas keeps docs/schema in step with the types.
func TestSchemas(t *testing.T) {
	for name, made := range map[string][]byte{
		"report.json":     schemaOf(t, report.Report{}, "https://mesh2gw.io/schema/report-v1.json", "Report of mesh2gw report --format json"),
		"comparison.json": schemaOf(t, report.Comparison{}, "https://mesh2gw.io/schema/comparison-v1.json", "Comparison of mesh2gw report --compare --format json"),
	} {
		if *update {
			if err := os.WriteFile(schemas+name, made, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(schemas + name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(kept), string(made)); diff != "" {
			t.Errorf("docs/schema/%s is stale: run go test ./convert/report -update\n%s", name, diff)
		}
	}
}

// valid fails the test unless data fits a schema of docs/schema.
func valid(t *testing.T, name string, data []byte) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile(schemas + name)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestSchemaRefuses shows that the schema is not content with anything.
func TestSchemaRefuses(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile(schemas + "report.json")
	if err != nil {
		t.Fatal(err)
	}
	good := encoded(t, build(t, bookinfo(t), report.Options{}))
	for _, change := range [][2]string{
		{`"version": "mesh2gw.io/report/v1"`, `"version": "mesh2gw.io/report/v2"`},
		{`"verdict": "equal"`, `"verdict": "same"`},
		{`"ready": "blocked"`, `"ready": 1`},
		{`"runbook": [`, `"runbooks": [`},
		{`"hosts": [`, `"more": 1, "hosts": [`},
	} {
		bad := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, good) {
			t.Errorf("the report has no %s", change[0])
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("a report with %s is valid", change[1])
		}
	}
}
