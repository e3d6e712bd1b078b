package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// FuzzConvert: whatever comes in, the conversion does not panic or fail, is the
// same on a second run, passes over no key in silence, and writes nothing that
// the CRDs refuse.
func FuzzConvert(f *testing.F) {
	files, err := filepath.Glob("../../testdata/convert/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, in := range archive.Files {
			if in.Name != "out.yaml" && in.Name != "findings" {
				f.Add(in.Data)
			}
		}
	}
	checker := check.New(target.Bundle{Version: target.V17, Channel: target.Standard})
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []source.File{{Name: "in.yaml", Data: data}}
		first, err := convert.Convert(context.Background(), files, convert.Options{Checker: checker})
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range first.Findings {
			if id := finding.Rule.ID; id == "MG901" || id == "MG902" {
				t.Errorf("%s\n%s", finding, printed(t, first, false))
			}
			if finding.Message == "" || finding.Place.Pos.File == "" {
				t.Errorf("a finding without a message or file: %+v", finding)
			}
		}
		docs, _, err := source.Split(context.Background(), files)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if o, _ := istio.Bind(d); o != nil {
				for _, key := range istio.Unaccounted(o, first.Findings) {
					t.Errorf("%s: %s has no verdict", d.Place().Pos, key)
				}
			}
		}
		second, err := convert.Convert(context.Background(), files, convert.Options{Checker: checker})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := printed(t, first, true), printed(t, second, true); a != b {
			t.Errorf("two runs differ:\n%s\n%s", a, b)
		}
	})
}
