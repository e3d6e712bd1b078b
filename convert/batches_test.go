package convert

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// TestBatches converts the examples in batches as small as can be: output,
// findings and verdicts are those of one batch.
func TestBatches(t *testing.T) {
	inputs := map[string][]source.File{}
	names, err := filepath.Glob("../testdata/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	for _, name := range names {
		if dir := filepath.Base(filepath.Dir(name)); dir != "convert" && dir != "rules" {
			continue
		}
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".yaml") && !strings.HasPrefix(f.Name, "out") {
				file := source.File{Name: filepath.Base(name) + "/" + f.Name, Data: f.Data}
				inputs[name] = append(inputs[name], file)
				inputs["all"] = append(inputs["all"], file)
			}
		}
	}
	for name, files := range inputs {
		want, got := inBatches(t, files, 0), inBatches(t, files, 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -whole +batches\n%s", name, diff)
		}
	}
}

// inBatches spells all that a conversion says.
func inBatches(t *testing.T, files []source.File, batch int) string {
	t.Helper()
	result, err := Convert(context.Background(), files, Options{batch: batch})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, o := range result.Objects {
		text, err := json.MarshalIndent(o.Value, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	spellAll(&b, result.Findings)
	for _, r := range result.Proof {
		b.WriteString(hostText(r) + " " + r.Verdict.String() + " " + r.Reason + "\n")
	}
	return b.String()
}

func spellAll(b *strings.Builder, findings []finding.Finding) {
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
}
