package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/print"
	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// corpusDir is a folder of real Istio YAML, one folder a repository. It is not
// part of the project; MESH2GW_CORPUS names it, or it lies beside the checkout.
func corpusDir(t *testing.T) string {
	dir := cmp.Or(os.Getenv("MESH2GW_CORPUS"), filepath.Join("..", "..", "..", "shared", "corpus"))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real files at %s; set MESH2GW_CORPUS to a folder of Istio YAML", dir)
	}
	return dir
}

// TestCorpus converts real files: no panic, no failure of ours, nothing that
// the CRDs refuse, the same bytes on a second run.
func TestCorpus(t *testing.T) {
	checker := check.New(target.Bundle{Version: target.V17, Channel: target.Standard})
	var count struct{ files, read, written, note, warning, err int }
	for _, files := range corpusInputs(t) {
		name := files[0].Name
		result, err := convert.Convert(context.Background(), files, convert.Options{Checker: checker})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := convert.Convert(context.Background(), files, convert.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if first, second := printed(t, result, false), printed(t, again, false); first != second {
			t.Errorf("%s: a second run differs", name)
		}
		count.files++
		count.read += result.Read
		count.written += len(result.Objects)
		for _, f := range result.Findings {
			switch f.Rule.Severity {
			case finding.Note:
				count.note++
			case finding.Warning:
				count.warning++
			case finding.Error:
				count.err++
			}
			if id := f.Rule.ID; id == "MG901" || id == "MG902" {
				t.Errorf("%s: %s", name, f)
			}
		}
	}
	t.Logf("%d files: %d objects read, %d written; %d errors, %d warnings, %d notes",
		count.files, count.read, count.written, count.err, count.warning, count.note)
}

// corpusInputs gives each file with its companions: FILE.services.yaml holds
// the Services that it speaks of, FILE.related.yaml other objects.
func corpusInputs(t *testing.T) [][]source.File {
	dir := corpusDir(t)
	var inputs [][]source.File
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") ||
			strings.HasSuffix(path, ".services.yaml") || strings.HasSuffix(path, ".related.yaml") {
			return err
		}
		var files []source.File
		base := strings.TrimSuffix(path, ".yaml")
		for _, p := range []string{path, base + ".services.yaml", base + ".related.yaml"} {
			if data, err := os.ReadFile(p); err == nil {
				files = append(files, source.File{Name: p, Data: data})
			}
		}
		inputs = append(inputs, files)
		return nil
	})
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no files below %s: %v", dir, err)
	}
	return inputs
}

func printed(t *testing.T, r convert.Result, withFindings bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := print.CommentedYAML(&b, r.Objects); err != nil {
		t.Fatal(err)
	}
	if withFindings {
		enc := json.NewEncoder(&b)
		if err := enc.Encode(r.Findings); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}
