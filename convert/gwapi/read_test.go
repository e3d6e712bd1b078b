package gwapi_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/route"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Each file of testdata/read holds Gateway API objects, what they decide, and
// what is found on the way. A line "targets: istio kgateway" of its comment asks
// for one section for each of these implementations; none leaves the rank of
// expressions open.
func TestRead(t *testing.T) {
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := readSections(t, archive)
			if *gwapi.Update {
				archive.Files = append(archive.Files[:1:1], got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(&txtar.Archive{Files: archive.Files[1:]})), string(txtar.Format(&txtar.Archive{Files: got}))); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
		})
	}
}

func readSections(t *testing.T, archive *txtar.Archive) []txtar.File {
	t.Helper()
	targets := []string{""}
	for line := range strings.Lines(string(archive.Comment)) {
		if names, ok := strings.CutPrefix(strings.TrimSpace(line), "targets:"); ok {
			targets = append(strings.Fields(names), "")
		}
	}
	var sections []txtar.File
	for _, name := range targets {
		ranking, known := target.RankingOf(name)
		if name != "" && !known {
			t.Fatalf("no target %s", name)
		}
		objects, found := bindAll(t, archive.Files[0].Data)
		routing, more := gwapi.Read(objects, gwapi.ReadOptions{Ranking: ranking})
		sections = append(sections, txtar.File{Name: strings.TrimSpace("routing " + name), Data: []byte(dump(routing))})
		if name == "" {
			var said strings.Builder
			for _, f := range finding.Sort(append(found, more...)) {
				fmt.Fprintf(&said, "%d:%d: %s %s: %s %s\n", f.Place.Pos.Line, f.Place.Pos.Column, f.Rule.ID, f.Rule.Severity, f.Message, f.Hint)
			}
			sections = append(sections, txtar.File{Name: "findings", Data: []byte(said.String())})
		}
	}
	return sections
}

// bindAll reads YAML.
func bindAll(t testing.TB, data []byte) ([]gwapi.Object, []finding.Finding) {
	t.Helper()
	docs, found, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
	if err != nil || len(found) > 0 {
		t.Fatalf("split: %v %v", err, found)
	}
	return bindDocuments(docs)
}

func bindDocuments(docs []*source.Document) ([]gwapi.Object, []finding.Finding) {
	var objects []gwapi.Object
	var findings []finding.Finding
	for _, d := range docs {
		o, found, ok := gwapi.Bind(d)
		findings = append(findings, found...)
		if ok {
			objects = append(objects, o)
		}
	}
	return objects, findings
}

// The name of an object decides, not where it stands in the input, and of two of
// one name the last counts.
func TestReadOrderOfInput(t *testing.T) {
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		objects, _ := bindAll(t, archive.Files[0].Data)
		want, _ := gwapi.Read(objects, gwapi.ReadOptions{})
		var turned []gwapi.Object
		for _, o := range objects {
			turned = append([]gwapi.Object{o}, turned...)
		}
		turned = append(turned, objects[0])
		got, _ := gwapi.Read(turned, gwapi.ReadOptions{})
		if diff := cmp.Diff(dump(want), dump(got)); diff != "" {
			t.Errorf("%s: another order of the objects reads otherwise (-want +got):\n%s", name, diff)
		}
	}
}

// Services that stay where they are count as known.
func TestReadServices(t *testing.T) {
	objects, _ := bindAll(t, []byte(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: web}, {group: "", kind: Service, name: web, port: 80}]
  rules: [{backendRefs: [{name: web, port: 81}]}]
`))
	pods := route.Pods{Namespace: "shop", Selector: "app=web", Ports: map[uint32]string{80: "http", 8080: "8080"}}
	routing, found := gwapi.Read(objects, gwapi.ReadOptions{Services: map[route.Name]route.Pods{{Namespace: "shop", Name: "web"}: pods}})
	if len(routing.Doors) != 2 || routing.Doors[0].Entry.Port != 80 || routing.Doors[1].Entry.Port != 8080 || routing.Doors[0].Entry.Unknown {
		t.Errorf("the Service is not known by its ports:\n%s", dump(routing))
	}
	if len(found) != 1 || found[0].Rule.ID != "MG976" {
		t.Errorf("found %v, want that the Service has no port 81", found)
	}
}

// Each rule on reading Gateway API has a case that shows it; the examples of
// testdata/rules can't, since convert reads Istio's objects only.
func TestReadShowsEveryRule(t *testing.T) {
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			for line := range strings.Lines(string(f.Data)) {
				if words := strings.Fields(line); f.Name == "findings" && len(words) > 1 {
					shown[words[1]] = true
				}
			}
		}
	}
	for _, r := range rule.All() {
		if r.ID >= "MG960" && r.ID < "MG980" && !shown[r.ID] {
			t.Errorf("no case of testdata/read shows %s, %s", r.ID, r.Title)
		}
	}
}
