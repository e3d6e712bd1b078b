package gwapi_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Whatever is read, nothing panics, two readings agree, and every finding says
// what it means.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _, err := source.Split(context.Background(), []source.File{{Name: "in.yaml", Data: data}})
		if err != nil {
			t.Fatal(err)
		}
		first, found := readDocuments(docs)
		second, again := readDocuments(docs)
		if first != second {
			t.Errorf("two readings differ:\n%s\n%s", first, second)
		}
		if len(found) != len(again) {
			t.Errorf("two readings find %d and %d", len(found), len(again))
		}
		for i, x := range found {
			if x.String() != again[i].String() || x.Rule == nil || x.Message == "" || x.Hint == "" {
				t.Errorf("finding %v is not whole, or differs the second time", x)
			}
		}
	})
}

func readDocuments(docs []*source.Document) (string, []finding.Finding) {
	objects, found := bindDocuments(docs)
	routing, more := gwapi.Read(objects, gwapi.ReadOptions{})
	return dump(routing), finding.Sort(append(found, more...))
}
