package convert_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/mesh"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// A conversion counts whom the command hints has hints for, in each mode; where
// objects can't be read, it may count these too.
func TestHinted(t *testing.T) {
	names, err := filepath.Glob("../testdata/[cr][ou][nl]*/*.txtar") // convert and rules
	if err != nil || len(names) < 100 {
		t.Fatal("no examples", err)
	}
	hinted := 0
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var files []source.File
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".yaml") && f.Name != "out.yaml" && f.Name != "after.yaml" {
				files = append(files, source.File{Name: f.Name, Data: f.Data})
			}
		}
		collected, err := hint.Collect(t.Context(), files, hint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		callees := map[string]bool{}
		for _, h := range collected.Hints {
			if h.Of == "" {
				callees[h.Service.String()] = true
			}
		}
		for _, mode := range []mesh.Mode{mesh.GAMMA, mesh.Off} {
			result, err := convert.Convert(t.Context(), files, convert.Options{Mesh: mode, Unproven: true})
			if err != nil {
				t.Fatal(err)
			}
			unread := slices.ContainsFunc(result.Findings, func(f finding.Finding) bool {
				return f.Rule.Severity == finding.Error
			})
			if result.Hinted != len(callees) && !(unread && result.Hinted > len(callees)) {
				t.Errorf("%s, mesh %s: %d hinted, but hints are for %d: %v", filepath.Base(name), mode, result.Hinted, len(callees), callees)
			}
		}
		hinted += len(callees)
	}
	if hinted < 20 {
		t.Errorf("%d hints in all examples", hinted)
	}
}

// A gateway that is told to retry, and a hint to retry behind it, multiply; one
// that retries by Istio's default only has no retries afterwards.
func TestRetriesMultiply(t *testing.T) {
	const in = `apiVersion: networking.istio.io/v1
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
  - route: [{destination: {host: web, port: {number: 80}}}]
    RETRIES
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
	for retries, want := range map[string]int{"": 0, "retries: {attempts: 0}": 0, "retries: {attempts: 2}": 1} {
		files := []source.File{{Name: "in.yaml", Data: []byte(strings.ReplaceAll(in, "RETRIES", retries))}}
		result, err := convert.Convert(t.Context(), files, convert.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var found []finding.Finding
		for _, f := range result.Findings {
			if f.Rule == rule.RetriesMultiply {
				found = append(found, f)
			}
		}
		if len(found) != want {
			t.Errorf("%q: %v, want %d", retries, found, want)
		}
	}
}
