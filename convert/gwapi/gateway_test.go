package gwapi

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Update is for the tests outside of the package too.
var Update = flag.Bool("update", false, "write what the tests expect anew")

// Each file of testdata/gateway holds Istio objects, and what is made of them
// but for the rules of HTTP routes. Lines of its comment choose options:
// "bundle: 1.4 standard", "class: istio".
func TestGateway(t *testing.T) {
	files, err := filepath.Glob("testdata/gateway/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			options := optionsOf(t, string(archive.Comment))
			objects, findings := infrastructure(linked(t, archive.Files[0].Data), options)
			out := spell(t, objects, options)
			lines := spellFindings(findings)
			if *Update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "out.yaml", Data: []byte(out)}, {Name: "findings", Data: []byte(lines)}}
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), out); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), lines); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func optionsOf(t *testing.T, comment string) Options {
	t.Helper()
	o := Options{GatewayClass: "istio", Bundle: target.Bundle{Version: target.V17, Channel: target.Standard}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "bundle":
			version, channel, _ := strings.Cut(value, " ")
			o.Bundle = target.Bundle{Version: target.Version(version), Channel: target.Channel(channel)}
		case "class":
			o.GatewayClass = strings.Trim(value, `"`)
		}
	}
	return o
}

// linked runs the pipe up to the model.
func linked(t *testing.T, data []byte) *mesh.Model {
	t.Helper()
	docs, findings, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil || len(findings) > 0 {
		t.Fatalf("split: %v %v", err, findings)
	}
	var objects []*istio.Object
	for _, d := range docs {
		obj, findings := istio.Bind(d)
		if len(findings) > 0 {
			t.Fatalf("bind: %v", findings)
		}
		objects = append(objects, obj)
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: "default", GatewayNamespace: "istio-system", Mesh: mesh.GAMMA})
	return model
}

// infrastructure is Build without HTTP routes.
func infrastructure(m *mesh.Model, o Options) ([]Object, []finding.Finding) {
	b := newBuilder(m, o)
	m.Tables = slices.DeleteFunc(slices.Clone(m.Tables), func(t *route.Table) bool { return t.Protocol == route.HTTP })
	b.infrastructure()
	b.batch(m.Tables, true)
	objects, findings := b.finish()
	return objects, finding.Sort(findings)
}

// spell prints objects as a user sees them, and puts each to the CRDs.
func spell(t *testing.T, objects []Object, o Options) string {
	t.Helper()
	checker := check.New(o.Bundle)
	var b bytes.Buffer
	for _, obj := range objects {
		data, err := json.Marshal(obj.Value)
		if err != nil {
			t.Fatal(err)
		}
		data = withoutStatus(t, data)
		problems, err := checker.Check(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%v: %s", obj.Key(), p)
		}
		text, err := yaml.JSONToYAML(data)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "# from %s %s\n%s---\n", obj.Origin.Pos, obj.Origin.What, text)
	}
	return b.String()
}

// withoutStatus drops what the types print though it is empty, as the command does.
func withoutStatus(t *testing.T, data []byte) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "status")
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func spellFindings(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}
