// Package krm lets kustomize and kpt run mesh2gw as their function. kustomize is
// pinned by go.mod and built from its Go module; kpt is in no registry of modules,
// so its scripts run where it is on PATH.
package krm

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
)

var update = flag.Bool("update", false, "write what the scripts expect anew")

const kustomize = "sigs.k8s.io/kustomize/kustomize/v5"

func TestScripts(t *testing.T) {
	bin := t.TempDir()
	build(t, "../..", filepath.Join(bin, "mesh2gw"), "./cmd/mesh2gw")
	build(t, ".", filepath.Join(bin, "kustomize"), kustomize)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("HOME", filepath.Join(e.WorkDir, ".home"))
			return os.Mkdir(filepath.Join(e.WorkDir, ".home"), 0o777)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"results": results},
	})
}

// build builds a command of the module in dir.
func build(t *testing.T, dir, binary, pkg string) {
	t.Helper()
	command := exec.Command("go", "build", "-o", binary, pkg)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
}

// results FILE: kyaml, the library of kustomize and kpt, reads the ResourceList in
// FILE; its results are printed as they print them.
func results(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: results FILE")
	}
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	reader := kio.ByteReader{Reader: f}
	nodes, err := reader.Read()
	ts.Check(err)
	if reader.WrappingKind != kio.ResourceListKind {
		ts.Fatalf("%s is a %q", args[0], reader.WrappingKind)
	}
	for _, n := range nodes {
		fmt.Fprintf(ts.Stdout(), "item %s %s\n", n.GetKind(), n.GetName())
	}
	var all framework.Results
	if reader.Results != nil {
		ts.Check(reader.Results.YNode().Decode(&all))
	}
	for _, r := range all {
		fmt.Fprintf(ts.Stdout(), "%s\n", r)
		if r.File != nil {
			fmt.Fprintf(ts.Stdout(), "  in %s, document %d\n", r.File.Path, r.File.Index)
		}
		fmt.Fprintf(ts.Stdout(), "  by %s\n", r.Tags["rule"])
	}
	if code := all.ExitCode(); code != 0 {
		fmt.Fprintf(ts.Stdout(), "fails with %d\n", code)
	}
}
