package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/report"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// want is the section of an archive with the report; the others are its input.
const want = "report.json"

// TestGolden shows the report of each archive of testdata.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := input(archive)
			o := report.Options{
				Convert:  convert.Options{GatewayClass: "istio"},
				Settings: []report.Setting{{Name: "gateway-class", Value: "istio"}}, Paths: []string{"shop", "chart.yaml"},
			}
			r := build(t, files, o)
			linked(t, r)
			got := encoded(t, r)
			valid(t, "report.json", got)
			slices.Reverse(files)
			if diff := cmp.Diff(string(got), string(encoded(t, build(t, files, o)))); diff != "" {
				t.Errorf("the order of the files matters:\n%s", diff)
			}
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == want })
				archive.Files = append(archive.Files, txtar.File{Name: want, Data: got})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range archive.Files {
				if f.Name == want {
					if diff := cmp.Diff(string(f.Data), string(got)); diff != "" {
						t.Errorf("run go test ./convert/report -update\n%s", diff)
					}
					return
				}
			}
			t.Errorf("%s has no %s: run go test ./convert/report -update", name, want)
		})
	}
}

func input(archive *txtar.Archive) []source.File {
	var files []source.File
	for _, f := range archive.Files {
		if f.Name != want {
			files = append(files, source.File{Name: f.Name, Data: f.Data})
		}
	}
	return files
}
