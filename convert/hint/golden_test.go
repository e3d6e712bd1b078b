package hint

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

// Each file of testdata/hints is an input, and what is written for it in every
// language, as LANGUAGE/FILE; and findings.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("../../testdata/hints/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no examples", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			in := archive.Files[0]
			got := &txtar.Archive{Comment: archive.Comment, Files: []txtar.File{in}}
			for range 2 { // byte-identical on every run
				got.Files = slices.Concat(got.Files[:1], written(t, in.Name, in.Data))
				if !*update && !bytes.Equal(txtar.Format(got), txtar.Format(archive)) {
					t.Errorf("-want +got:\n%s", cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(got))))
				}
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func collected(t *testing.T, name string, data []byte) Result {
	t.Helper()
	result, err := Collect(context.Background(), []source.File{{Name: name, Data: data}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func written(t *testing.T, name string, data []byte) []txtar.File {
	t.Helper()
	result := collected(t, name, data)
	var all []txtar.File
	var lines strings.Builder
	for _, f := range result.Findings {
		lines.WriteString(f.String() + "\n")
	}
	all = append(all, txtar.File{Name: "findings", Data: []byte(lines.String())})
	for _, l := range Languages() {
		files, err := l.Write(result.Hints)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			all = append(all, txtar.File{Name: l.Name + "/" + f.Name, Data: f.Data})
		}
	}
	return all
}

var schema = func() *jsonschema.Schema {
	return jsonschema.NewCompiler().MustCompile("../../docs/schema/hints.json")
}

func validate(t *testing.T, data []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema().Validate(value); err != nil {
		t.Errorf("docs/schema/hints.json: %v", err)
	}
}

// The JSON is what docs/schema/hints.json says, and the schema is not content with
// anything.
func TestSchema(t *testing.T) {
	archive, err := txtar.ParseFile("../../testdata/hints/all.txtar")
	if err != nil {
		t.Fatal(err)
	}
	json, _ := LanguageNamed("json")
	files, err := json.Write(collected(t, "in.yaml", archive.Files[0].Data).Hints)
	if err != nil {
		t.Fatal(err)
	}
	good := files[0].Data
	validate(t, good)
	empty, err := json.Write(nil)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, empty[0].Data)
	for _, change := range [][2]string{
		{`"version": "mesh2gw.io/hints/v1"`, `"version": "mesh2gw.io/hints/v2"`},
		{`"retries": 3`, `"retries": "3"`},
		{`"timeout": "3s"`, `"timeout": 3`},
		{`"type": "prefix"`, `"type": "begins"`},
		{`"pools": [`, `"more": 1, "pools": [`},
		{`"reset"`, `"broken"`},
	} {
		bad := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, good) {
			t.Errorf("the hints have no %s", change[0])
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema().Validate(value) == nil {
			t.Errorf("the schema takes %s", change[1])
		}
	}
}

// A service config holds nothing but what gRPC knows.
func TestServiceConfigForm(t *testing.T) {
	grpc, _ := LanguageNamed("grpc")
	files, err := grpc.Write(collect(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if filepath.Ext(f.Name) != ".json" {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(f.Data))
		d.DisallowUnknownFields()
		if err := d.Decode(&serviceConfig{}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// The example of the rule shows what it finds.
func TestRuleExample(t *testing.T) {
	example, ok := rules.Of(rule.RetriesMultiply.ID)
	if !ok {
		t.Fatal("it has no example")
	}
	var lines strings.Builder
	for _, f := range collected(t, "before.yaml", []byte(example.Before)).Findings {
		if f.Rule != rule.RetriesMultiply {
			t.Errorf("unexpected finding: %s", f)
		}
		lines.WriteString(f.String() + "\n")
	}
	if diff := cmp.Diff(example.Findings, lines.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// An HTTPRoute of a Gateway retries as well; one of a Service is no gateway.
func TestMultiplyHTTPRoute(t *testing.T) {
	const in = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{PARENT}]
  rules:
  - backendRefs: [{name: web, port: 80}]
    retry: {attempts: 2, codes: [503]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews]
  http:
  - retries: {attempts: 3}
    route: [{destination: {host: reviews, port: {number: 80}}}]
`
	for parent, want := range map[string]string{
		"name: edge, namespace: infra":        "in.yaml:9:13: MG540 warning: gateway infra/edge sends a request for shop/web up to 3 times; a pod that answers it by calling shop/reviews as its hint says makes up to 4 calls each time, 12 in all.",
		"kind: Service, group: '', name: web": "",
	} {
		var got string
		for _, f := range collected(t, "in.yaml", []byte(strings.Replace(in, "PARENT", parent, 1))).Findings {
			got += f.String()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", parent, got, want)
		}
	}
}

func TestMultiply(t *testing.T) {
	const edge = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  http:
  - RETRIES
    route: [{destination: {host: web, port: {number: 80}}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: shop}
spec:
  hosts: [reviews]
  http:
  - match: [{sourceLabels: {app: CLIENT}}]
    retries: {attempts: 4}
    route: [{destination: {host: reviews, port: {number: 80}}}]
  - retries: {attempts: 0}
    route: [{destination: {host: reviews, port: {number: 80}}}]
`
	for _, c := range []struct{ name, retries, client, want string }{
		{"written", "retries: {attempts: 3}", "web", "up to 4 times; a pod that answers it by calling shop/reviews as its hint says makes up to 5 calls each time, 20 in all"},
		{"by default", "timeout: 3s", "web", "up to 3 times, Istio's default; a pod that answers it by calling shop/reviews as its hint says makes up to 5 calls each time, 15 in all"},
		{"switched off", "retries: {attempts: 0}", "web", ""},
		{"another client retries", "retries: {attempts: 3}", "jobs", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := strings.NewReplacer("RETRIES", c.retries, "CLIENT", c.client).Replace(edge)
			found := collected(t, "in.yaml", []byte(in)).Findings
			found = slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Rule != rule.RetriesMultiply })
			switch {
			case c.want == "" && len(found) > 0:
				t.Errorf("unexpected: %s", found[0])
			case c.want != "" && (len(found) != 1 || !strings.Contains(found[0].Message, c.want)):
				t.Errorf("got %v, want %q", found, c.want)
			}
		})
	}
}
