package convert_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/mesh2gw/mesh2gw/"

// house lists the packages from the top down (docs/architecture.md). An import
// may only point down the list; packages below an entry count as part of it.
var house = []string{
	"cmd/mesh2gw",
	"cmd/mesh2gw/internal/cluster",
	"cmd/mesh2gw/internal/probe",
	"cmd/mesh2gw/internal/print",
	"cmd/mesh2gw/internal/audit",
	"cmd/mesh2gw/internal/cost",
	"cmd/mesh2gw/internal/config",
	"cmd/mesh2gw/internal/krm",
	"cmd/mesh2gw/internal/schematest",
	"convert/report",
	"convert",
	"convert/lint",
	"convert/triage",
	"convert/hint",
	"convert/mtls",
	"convert/policy",
	"convert/gwapi",
	"convert/prove",
	"convert/linkerd",
	"convert/mesh",
	"convert/route",
	"convert/istio",
	"convert/check",
	"convert/target",
	"convert/source",
	"convert/rule",
	"convert/finding",
	"convert/internal/parallel",
	"testdata/rules",
}

// notInLibrary are what a program that imports the library must not get with it.
var notInLibrary = []string{
	"github.com/urfave/cli", "k8s.io/client-go/kubernetes", "k8s.io/client-go/rest", "k8s.io/cli-runtime", "github.com/chromedp",
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range list(t, "./...") {
		rank := rankOf(t, p.ImportPath)
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if !strings.HasPrefix(imported, module) || within(imported, p.ImportPath) || within(p.ImportPath, imported) {
				continue
			}
			if rankOf(t, imported) < rank {
				t.Errorf("%s imports %s, which is above it", p.ImportPath, imported)
			}
		}
	}
}

func TestLibraryStaysLight(t *testing.T) {
	for _, p := range list(t, "./convert") {
		for _, dependency := range p.Deps {
			for _, heavy := range notInLibrary {
				if within(dependency, heavy) {
					t.Errorf("%s pulls in %s", p.ImportPath, dependency)
				}
			}
		}
	}
}

// rankOf is the place of a package in the house.
func rankOf(t *testing.T, path string) int {
	t.Helper()
	rank, longest := -1, 0
	for i, entry := range house {
		if within(path, module+entry) && len(entry) > longest {
			rank, longest = i, len(entry)
		}
	}
	if path := strings.TrimPrefix(path, module); longest == len("convert") && path != "convert" {
		t.Errorf("%s is not in the house: add it to the list, and to docs/architecture.md", path)
	}
	if rank < 0 {
		t.Errorf("%s is not in the house", path)
	}
	return rank
}

// within tells whether path is the package or folder dir, or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

func list(t *testing.T, pattern string) []listed {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", pattern)
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Fatalf("go list: %v\n%s", err, failed.Stderr)
		}
		t.Fatal(err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
