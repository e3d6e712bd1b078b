// Package precommit lets the real pre-commit run the hooks of this repository in
// repositories made for it.
package precommit

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScripts(t *testing.T) {
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Fatal("pre-commit is missing: pip install pre-commit")
	}
	hooks := hookRepository(t)
	cache, bin := t.TempDir(), t.TempDir()
	run(t, "../..", "go", "build", "-o", filepath.Join(bin, "mesh2gw"), "./cmd/mesh2gw")
	kept := []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GOTOOLCHAIN", "GONOSUMDB", "GOPRIVATE"}
	of := map[string]string{}
	for _, name := range kept {
		of[name] = run(t, ".", "go", "env", name)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for name, value := range of { // a script's home is new; hooks are built with what is at hand
				e.Setenv(name, value)
			}
			home := filepath.Join(e.WorkDir, ".home")
			e.Setenv("HOME", home)
			e.Setenv("HOOKS", "file://"+filepath.ToSlash(hooks))
			e.Setenv("BIN", bin)
			e.Setenv("PRE_COMMIT_HOME", cache)
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				e.Setenv("GIT_"+who+"_NAME", "Test")
				e.Setenv("GIT_"+who+"_EMAIL", "test@example.com")
			}
			return os.Mkdir(home, 0o777)
		},
	})
}

// hookRepository commits the working tree, as it is now, to a repository of its
// own, and tags it: pre-commit takes hooks from commits only.
func hookRepository(t *testing.T) string {
	t.Helper()
	dir, from := t.TempDir(), "../.."
	for _, name := range strings.Split(run(t, from, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		if name != "" {
			copyFile(t, filepath.Join(from, name), filepath.Join(dir, name))
		}
	}
	run(t, dir, "git", "init", "-q")
	run(t, dir, "git", "add", "-A")
	run(t, dir, "git", "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "hooks")
	run(t, dir, "git", "tag", "v0.0.1")
	return dir
}

// copyFile copies a file; one that is deleted and not committed so is left out.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// run runs a command in dir and returns what it prints, without the last newline.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}
