package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// TestEveryBundle: whatever a bundle lacks is a finding, and never in the
// output, where the API server would refuse it or prune it without a word.
func TestEveryBundle(t *testing.T) {
	files, err := filepath.Glob("../../testdata/convert/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	for _, bundle := range target.Bundles() {
		checker := check.New(bundle)
		for _, name := range files {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			result, err := convert.Convert(context.Background(), documents(archive), convert.Options{
				Version: bundle.Version, Channel: bundle.Channel, Checker: checker,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range result.Findings {
				if f.Rule.ID == "MG901" || f.Rule.ID == "MG902" {
					t.Errorf("%s for %s: %s", filepath.Base(name), bundle, f)
				}
			}
		}
	}
}
