package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/check"
	"github.com/mesh2gw/mesh2gw/convert/target"
)

// Each file of testdata/convert shows one behaviour: the input, what is printed
// for it, and the findings. A comment line "flags: ..." adds flags. The output
// has to pass the CRD schemas and be the same on a second run.
func TestConvertGolden(t *testing.T) {
	files, err := filepath.Glob("../../testdata/convert/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { golden(t, name) })
	}
}

func golden(t *testing.T, name string) {
	name, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"mesh2gw", "convert"}
	for line := range strings.Lines(string(archive.Comment)) {
		if flags, ok := strings.CutPrefix(line, "flags:"); ok {
			args = append(args, strings.Fields(flags)...)
		}
	}
	dir, inputs := extract(t, archive)
	t.Chdir(dir)
	args = append(args, inputs...)
	out, findings := runConvert(t, args)
	againOut, againFindings := runConvert(t, args)
	if out != againOut || findings != againFindings {
		t.Error("a second run differs")
	}
	checkOutput(t, args, out)
	if *update {
		rewrite(t, name, archive, map[string]string{"out.yaml": out, "findings": findings})
		return
	}
	for want, got := range map[string]string{"out.yaml": out, "findings": findings} {
		if diff := cmp.Diff(section(archive, want), got); diff != "" {
			t.Errorf("%s (-want +got; go test ./cmd/mesh2gw -update rewrites it):\n%s", want, diff)
		}
	}
}

// extract writes the inputs of an archive to a folder: all of its files but
// out.yaml and findings.
func extract(t *testing.T, archive *txtar.Archive) (dir string, inputs []string) {
	dir = t.TempDir()
	for _, f := range archive.Files {
		if f.Name == "out.yaml" || f.Name == "findings" {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, f.Name)
	}
	return dir, inputs
}

func runConvert(t *testing.T, args []string) (out, findings string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(newApp(strings.NewReader(""), &stdout, &stderr), args); code > exitFindings {
		t.Fatalf("exit code %d:\n%s", code, stderr.String())
	}
	return stdout.String(), stderr.String()
}

// checkers holds one checker a bundle, since compiling the CEL rules takes
// longer than all conversions.
var checkers = map[target.Bundle]*check.Checker{}

// filled finds placeholders, which become valid once they are filled in.
var filled = regexp.MustCompile(`\$\{[^}]*\}`)

// checkOutput applies the schemas of the bundle that args choose.
func checkOutput(t *testing.T, args []string, out string) {
	t.Helper()
	bundle := target.Bundle{Version: target.V17, Channel: target.Standard}
	for i, arg := range args {
		switch arg {
		case "--gateway-api":
			bundle.Version = target.Version(args[i+1])
		case "--channel":
			bundle.Channel = target.Channel(args[i+1])
		}
	}
	if checkers[bundle] == nil {
		checkers[bundle] = check.New(bundle)
	}
	for _, doc := range strings.Split(out, "\n---\n") {
		object, err := yaml.YAMLToJSON([]byte(doc))
		if err != nil {
			t.Fatalf("%v in:\n%s", err, doc)
		}
		if string(object) == "null" {
			continue
		}
		problems, err := checkers[bundle].Check(filled.ReplaceAll(object, []byte("x")))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("the CRDs of %s refuse it: %s\n%s", bundle, p, doc)
		}
	}
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func rewrite(t *testing.T, name string, archive *txtar.Archive, sections map[string]string) {
	t.Helper()
	for _, key := range []string{"out.yaml", "findings"} {
		i := 0
		for i < len(archive.Files) && archive.Files[i].Name != key {
			i++
		}
		if i == len(archive.Files) {
			archive.Files = append(archive.Files, txtar.File{Name: key})
		}
		archive.Files[i].Data = []byte(sections[key])
	}
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
