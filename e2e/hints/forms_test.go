package hints

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every form of a hint is code of its language.
func TestForms(t *testing.T) {
	for name, compile := range map[string]func(t *testing.T, dir string, files []string){
		"go": compileGo, "python": compilePython, "node": compileNode, "java": compileJava, "rust": compileRust,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run(t, ".", buildTool(t), "hints", "testdata/forms.yaml", "--lang", name, "--out-dir", filepath.Join(dir, "calls"))
			files, err := filepath.Glob(filepath.Join(dir, "calls", "*"))
			if err != nil || len(files) != 5 {
				t.Fatal(files, err)
			}
			compile(t, dir, files)
		})
	}
}

func compileGo(t *testing.T, dir string, _ []string) {
	copyFile(t, "go.mod", filepath.Join(dir, "go.mod"))
	copyFile(t, "go.sum", filepath.Join(dir, "go.sum"))
	run(t, dir, "go", "vet", "./...")
}

// compilePython imports the modules, so that what they make at the start is made.
func compilePython(t *testing.T, dir string, files []string) {
	for _, f := range files {
		run(t, filepath.Join(dir, "calls"), python(t), "-W", "error::SyntaxWarning", "-c", "import "+strings.TrimSuffix(filepath.Base(f), ".py"))
	}
}

func compileNode(t *testing.T, dir string, files []string) {
	nodeModules(t, dir)
	for _, f := range files {
		run(t, dir, "node", "--input-type=module", "-e", fmt.Sprintf("await import(%q); process.exit(0)", f))
	}
}

// compileJava compiles, and loads each class.
func compileJava(t *testing.T, dir string, files []string) {
	path := javaPath(t)
	run(t, dir, "javac", append([]string{"-Xlint:all", "-Werror", "--release", "17", "-cp", path, "-d", "."}, files...)...)
	var load strings.Builder
	for _, f := range files {
		fmt.Fprintf(&load, "Class.forName(%q);\n", "calls."+strings.TrimSuffix(filepath.Base(f), ".java"))
	}
	source := "public class Load { public static void main(String[] args) throws Exception {\n" + load.String() + "System.exit(0); } }\n"
	if err := os.WriteFile(filepath.Join(dir, "Load.java"), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "javac", "-cp", path, "-d", ".", "Load.java")
	run(t, dir, "java", "-cp", path, "Load")
}

func compileRust(t *testing.T, dir string, files []string) {
	var modules strings.Builder
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".rs")
		fmt.Fprintf(&modules, "#[allow(dead_code)]\n#[path = %q]\nmod %s;\n", f, name)
	}
	crate(t, dir, modules.String()+"fn main() {}\n")
	run(t, dir, "cargo", "rustc", "--quiet", "--locked", "--target-dir", cache(t, "rust"), "--", "-D", "warnings")
}
