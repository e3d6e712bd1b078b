package gwapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Each file of testdata/http holds VirtualServices, the HTTPRoutes and
// GRPCRoutes that are built for them, and the findings on their rules. The CRDs
// of the bundle have to take every route. Lines of the comment choose other
// options: "bundle: 1.6 standard", "class: other", "prefix: exact".
func TestHTTPRoutes(t *testing.T) {
	files, err := filepath.Glob("testdata/http/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out, findings := buildHTTP(t, archive.Files[0].Data, optionsOf(archive.Comment))
			if *gwapi.Update {
				archive.Files = []txtar.File{archive.Files[0], {Name: "out.yaml", Data: []byte(out)}, {Name: "findings", Data: []byte(findings)}}
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), out); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func bundleOf(t *testing.T, comment []byte) target.Bundle {
	t.Helper()
	return optionsOf(comment).Bundle
}

func optionsOf(comment []byte) gwapi.Options {
	o := gwapi.Options{GatewayClass: "istio", Bundle: target.Bundle{Version: target.V17, Channel: target.Standard}}
	for line := range strings.Lines(string(comment)) {
		switch key, words, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
		case "bundle":
			version, channel, _ := strings.Cut(words, " ")
			o.Bundle = target.Bundle{Version: target.Version(version), Channel: target.Channel(channel)}
		case "class":
			o.GatewayClass = words
		case "prefix":
			if words == "exact" {
				o.Prefix = gwapi.ExactPrefix
			}
		}
	}
	return o
}

// buildHTTP runs the pipe up to the routes and spells them.
func buildHTTP(t *testing.T, data []byte, o gwapi.Options) (routes, findings string) {
	t.Helper()
	docs, found, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil || finding.Worst(found) > finding.Note {
		t.Fatalf("split: %v %v", err, found)
	}
	var objects []*istio.Object
	for _, d := range docs {
		obj, found := istio.Bind(d)
		if finding.Worst(found) == finding.Error {
			t.Fatalf("bind: %v", found)
		}
		if obj != nil {
			objects = append(objects, obj)
		}
	}
	model, _ := mesh.Link(objects, mesh.Options{Namespace: "default", GatewayNamespace: "istio-system", Mesh: mesh.GAMMA, MeshGateway: route.Name{}})
	built, found := gwapi.Build(model, o)
	checker := check.New(o.Bundle)
	var out bytes.Buffer
	for _, o := range built {
		if o.Kind != "HTTPRoute" && o.Kind != "GRPCRoute" {
			continue
		}
		text, err := yaml.Marshal(o.Value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "---\n%s", trimStatus(text))
		checkRoute(t, checker, o)
	}
	var said bytes.Buffer
	for _, f := range finding.Sort(found) {
		fmt.Fprintf(&said, "%d:%d: %s %s: %s\n", f.Place.Pos.Line, f.Place.Pos.Column, f.Rule.ID, f.Rule.Severity, f.Message)
	}
	return out.String(), said.String()
}

func checkRoute(t *testing.T, checker *check.Checker, o gwapi.Object) {
	t.Helper()
	text, err := json.Marshal(o.Value)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := checker.Check(regexp.MustCompile(`\$\{[^{}"]*\}|\\u003c[a-z]*\\u003e`).ReplaceAll(text, []byte("x"))) // placeholders
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s is refused by the CRDs: %s", o.Key(), p)
	}
}

// trimStatus drops what the printer of the command leaves out as well.
func trimStatus(text []byte) []byte {
	before, _, _ := bytes.Cut(text, []byte("status:\n"))
	return before
}
