package gwapi_test

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// What is built reads back without a fault: every route attaches, and every
// reference is allowed. Its YAML is bound without a fault, and reads the same.
func TestReadBack(t *testing.T) {
	for _, name := range inputs(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			built, pods := buildAll(t, archive.Files[0].Data, gwapi.Options{GatewayClass: "istio", Bundle: bundleOf(t, archive.Comment)})
			routing, found := gwapi.Read(built, gwapi.ReadOptions{Services: pods})
			for _, f := range found {
				if !expected(f, filepath.Base(name)) {
					t.Errorf("reading back finds: %s", f)
				}
			}
			var text bytes.Buffer
			for _, o := range built {
				encoded, err := yaml.Marshal(o.Value)
				if err != nil {
					t.Fatal(err)
				}
				text.WriteString("---\n" + string(encoded))
			}
			bound, found := bindAll(t, text.Bytes())
			for _, f := range found {
				t.Errorf("binding the output finds: %s", f)
			}
			again, _ := gwapi.Read(bound, gwapi.ReadOptions{Services: pods})
			if diff := cmp.Diff(withoutLines(dump(routing)), withoutLines(dump(again))); diff != "" {
				t.Errorf("the YAML reads otherwise (-objects +yaml):\n%s", diff)
			}
		})
	}
}

// inputs are the goldens of the builder.
func inputs(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"testdata/http/*.txtar", "testdata/gateway/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no cases: %v", err)
		}
		all = append(all, files...)
	}
	return all
}

// expected are findings of reading that say nothing against what was built: the
// files of a test name Gateways and Services that they don't hold, and one has a
// listener that is closed on purpose.
func expected(f finding.Finding, file string) bool {
	return f.Rule == rule.ParentUnknown || f.Rule == rule.BackendPortMissing || f.Rule == rule.RouteHostUnserved && file == "withheld-within-wider.txtar"
}

var lineNumber = regexp.MustCompile(` \(line [0-9]+\)`)

func withoutLines(text string) string { return lineNumber.ReplaceAllString(text, "") }

// buildAll runs the pipe up to the objects.
func buildAll(t testing.TB, data []byte, o gwapi.Options) ([]gwapi.Object, map[route.Name]route.Pods) {
	t.Helper()
	docs, _, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil {
		t.Fatal(err)
	}
	var objects []*istio.Object
	for _, d := range docs {
		if obj, _ := istio.Bind(d); obj != nil {
			objects = append(objects, obj)
		}
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: "default", GatewayNamespace: "istio-system", Mesh: mesh.GAMMA})
	pods := model.Routing().Pods
	built, _ := gwapi.Build(model, o)
	return built, pods
}
