package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// TestOrderOfInput: the order of the documents changes nothing in the output,
// names least of all.
func TestOrderOfInput(t *testing.T) {
	files, err := filepath.Glob("../../testdata/convert/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	var all []source.File
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		docs := documents(archive)
		all = append(all, docs...)
		checkShuffled(t, filepath.Base(name), docs)
	}
	checkShuffled(t, "all goldens together", firstOfEachName(t, all))
}

// documents cuts the inputs of an archive into a file for each document.
func documents(archive *txtar.Archive) []source.File {
	var docs []source.File
	for _, f := range archive.Files {
		if f.Name == "out.yaml" || f.Name == "findings" {
			continue
		}
		for i, doc := range bytes.Split(f.Data, []byte("\n---\n")) {
			docs = append(docs, source.File{Name: fmt.Sprintf("%s.%d", f.Name, i), Data: doc})
		}
	}
	return docs
}

// firstOfEachName drops objects whose name an earlier one has: of these the
// last counts, which is a matter of order.
func firstOfEachName(t *testing.T, files []source.File) []source.File {
	var out []source.File
	seen := map[string]bool{}
	for _, f := range files {
		docs, _, err := source.Split(context.Background(), []source.File{f})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if !seen[d.Object()] {
				seen[d.Object()] = true
				out = append(out, f)
			}
		}
	}
	return out
}

func checkShuffled(t *testing.T, name string, docs []source.File) {
	t.Helper()
	want := plainOutput(t, docs)
	random := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		if diff := cmp.Diff(want, plainOutput(t, docs)); diff != "" {
			t.Errorf("%s: shuffled (-want +got):\n%s", name, diff)
			return
		}
	}
}

func plainOutput(t *testing.T, files []source.File) string {
	t.Helper()
	result, err := convert.Convert(context.Background(), files, convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := print.YAML(&b, result.Objects); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
