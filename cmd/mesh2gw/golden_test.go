package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { golden(t, name, "out.yaml", "findings") })
	}
}

// golden converts what name holds and compares it with the sections that hold
// what is expected, in the order in which -update writes them: the findings, and
// under any other name the output. It returns the findings.
func golden(t *testing.T, name string, expected ...string) (findings string) {
	t.Helper()
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
	dir, inputs := extract(t, archive, expected)
	t.Chdir(dir)
	args = append(args, inputs...)
	out, findings := runConvert(t, args)
	againOut, againFindings := runConvert(t, args)
	if out != againOut || findings != againFindings {
		t.Error("a second run differs")
	}
	checkOutput(t, args, out)
	for _, section := range expected {
		got := out
		if section == "findings" {
			got = findings
		}
		if diff := cmp.Diff(expect(archive, section, got), got); diff != "" {
			t.Errorf("%s (-want +got; go test ./cmd/mesh2gw -update rewrites it):\n%s", section, diff)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return findings
}

// extract writes the inputs of an archive to a folder: all of its files but
// those that are expected.
func extract(t *testing.T, archive *txtar.Archive, expected []string) (dir string, inputs []string) {
	dir = t.TempDir()
	for _, f := range archive.Files {
		if slices.Contains(expected, f.Name) {
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

// ofOthers are the groups whose CRDs are applied elsewhere: those of implementations
// (e2e/policies, convert/policy), of Istio (e2e/istiod) and of cert-manager (e2e/mtls).
var ofOthers = regexp.MustCompile(`"apiVersion":"(gateway\.envoyproxy\.io|gateway\.kgateway\.dev|networking\.istio\.io|cert-manager\.io|trust\.cert-manager\.io)/`)

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
		if string(object) == "null" || ofOthers.Match(object) {
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

// expect returns a section of the archive; with -update it becomes what was got.
func expect(archive *txtar.Archive, section, got string) string {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == section })
	if *update {
		if i < 0 {
			i = len(archive.Files)
			archive.Files = append(archive.Files, txtar.File{Name: section})
		}
		archive.Files[i].Data = []byte(got)
	}
	if i < 0 {
		return ""
	}
	return string(archive.Files[i].Data)
}
