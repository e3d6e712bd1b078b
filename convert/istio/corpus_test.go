package istio

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// TestCorpusAccounted: in real files no written key is passed over in silence.
// The files are not part of the project; MESH2GW_CORPUS names a folder of them.
func TestCorpusAccounted(t *testing.T) {
	dir := cmp.Or(os.Getenv("MESH2GW_CORPUS"), filepath.Join("..", "..", "..", "shared", "corpus"))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real files at %s; set MESH2GW_CORPUS to a folder of Istio YAML", dir)
	}
	files, err := source.Collect([]string{dir}, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	docs, _, err := source.Split(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	objects := 0
	for _, d := range docs {
		o, findings := Bind(d)
		if o == nil || o.Spec == nil {
			continue
		}
		objects++
		for _, key := range Unaccounted(o, append(findings, Account(o)...)) {
			t.Errorf("%s: %s has no verdict", d.Place().Pos, key)
		}
	}
	t.Logf("%d files, %d documents, %d Istio objects: every key accounted for", len(files), len(docs), objects)
}
