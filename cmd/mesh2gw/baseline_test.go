package main

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/lint"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// added has objects that stand before those of the examples.
const added = `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: added, namespace: added}
spec:
  hosts: [added]
  http: [{route: [{destination: {host: added, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: added, namespace: added}
spec: {selector: {istio: added}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [added.example.com]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: added-too, namespace: added}
spec:
  hosts: [added.example.com]
  gateways: [added]
  http: [{route: [{destination: {host: added, port: {number: 80}}}]}]
`

// A baseline knows the findings of every example again after lines and objects
// were added above them, and the files were moved and given in another order.
func TestBaselineSurvivesEdits(t *testing.T) {
	names, err := filepath.Glob("../../testdata/convert/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no examples", err)
	}
	rules, err := filepath.Glob(ruleExamples + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, name := range append(names, rules...) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var files, edited []source.File
		for _, f := range archive.Files {
			if filepath.Ext(f.Name) != ".yaml" || strings.HasPrefix(f.Name, "out") || f.Name == "after.yaml" || !editable(f.Data) {
				continue
			}
			files = append(files, source.File{Name: f.Name, Data: f.Data})
			above := "# A comment.\n\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: added, namespace: added}\n---\n"
			edited = append(edited, source.File{Name: "moved/" + f.Name, Data: append([]byte(above), f.Data...)})
		}
		if len(files) == 0 {
			continue
		}
		slices.Reverse(edited)
		edited = append([]source.File{{Name: "added.yaml", Data: []byte(added)}}, edited...)
		before, after := allFindings(t, files), allFindings(t, edited)
		baseline, err := triage.ReadBaseline(triage.WriteBaseline(before))
		if err != nil {
			t.Fatal(err)
		}
		for _, now := range [][]finding.Finding{before, after} {
			left := triage.Apply(now, nil, triage.Options{Baseline: baseline})
			for _, f := range left.Findings {
				if f.Place.Pos.File != "added.yaml" {
					t.Errorf("%s: %v is new", name, f)
				}
			}
			if left.Gone > 0 {
				t.Errorf("%s: %d are gone", name, left.Gone)
			}
		}
		compared += len(before)
	}
	if compared < 1000 {
		t.Errorf("only %d findings", compared)
	}
}

// editable tells whether an object may be written above the first of data.
func editable(data []byte) bool {
	return !bytes.HasPrefix(data, []byte("{")) && !bytes.HasPrefix(data, []byte("\ufeff")) && !bytes.HasPrefix(data, []byte("%")) &&
		bytes.Contains(data, []byte("apiVersion"))
}

func allFindings(t *testing.T, files []source.File) []finding.Finding {
	t.Helper()
	result, err := convert.Convert(context.Background(), files, convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	today, err := lint.Config(context.Background(), files, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return finding.Sort(append(result.Findings, today...))
}
