// Package packaging checks what brings mesh2gw to its users: the GitHub action and
// the workflows in the docs, the container, the archives of a release and the krew
// manifest. What needs a service of somebody else (GitHub's runners, a Docker
// daemon, krew) is read by the parsers that these use, and its steps are run here.
package packaging

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

// TestWorkflows lets actionlint read the workflows of docs/ci.md, with the action in
// its place: it knows inputs, outputs, expressions and the usual actions.
func TestWorkflows(t *testing.T) {
	page := read(t, filepath.Join(root, "docs/ci.md"))
	dir := t.TempDir()
	copyTo(t, filepath.Join(root, "action.yml"), filepath.Join(dir, "action.yml"))
	if err := os.MkdirAll(filepath.Join(dir, ".github/workflows"), 0o777); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q")
	n := 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var any map[string]any
		if err := yaml.Unmarshal([]byte(block[1]), &any); err != nil {
			t.Errorf("%v\n%s", err, block[1])
		}
		if any["jobs"] == nil {
			continue
		}
		n++
		// Named by its folder, the action is read from there.
		text := strings.ReplaceAll(block[1], "uses: mesh2gw/mesh2gw@v0.1.0", "uses: ./")
		lint(t, filepath.Join(dir, ".github/workflows", fmt.Sprintf("w%d.yml", n)), text)
	}
	if n < 3 {
		t.Errorf("docs/ci.md has %d workflows", n)
	}
}

func lint(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	problems, err := linter.LintFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%v\n%s", p, text)
	}
}

// TestActionSteps runs the steps of action.yml as a composite action would.
func TestActionSteps(t *testing.T) {
	var action struct {
		Inputs  map[string]struct{ Default string }
		Outputs map[string]struct{ Value string }
		Runs    struct {
			Steps []struct {
				ID, Shell, Run, Uses string
				Env                  map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, "action.yml"))), &action); err != nil {
		t.Fatal(err)
	}
	expression := regexp.MustCompile(`\$\{\{ (inputs|steps\.(\w+)\.outputs)\.([\w-]+) \}\}`)
	for _, s := range action.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %q: an expression within a script is code from the outside", s.Run)
		}
		for _, value := range s.Env {
			for _, m := range expression.FindAllStringSubmatch(value, -1) {
				if _, known := action.Inputs[m[3]]; m[1] == "inputs" && !known {
					t.Errorf("step %q uses the input %q, which is not declared", s.Run, m[3])
				}
			}
		}
		if s.Run == "" || strings.HasPrefix(s.Run, "exit") {
			continue
		}
		script := strings.Trim(strings.TrimPrefix(s.Run, `"$GITHUB_ACTION_PATH/`), `"`)
		info, err := os.Stat(filepath.Join(root, script))
		if err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: not executable (%v)", script, err)
		}
		shell(t, "bash", "-n", script)
	}
}

// job is a runner's environment.
type job struct {
	dir string
	env []string
}

func newJob(t *testing.T) *job {
	t.Helper()
	dir := t.TempDir()
	action, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	j := &job{dir: dir}
	for _, name := range []string{"output", "path", "summary"} {
		j.env = append(j.env, "GITHUB_"+strings.ToUpper(name)+"="+filepath.Join(dir, name))
	}
	oses := map[string]string{"linux": "Linux", "darwin": "macOS"}
	arches := map[string]string{"amd64": "X64", "arm64": "ARM64"}
	j.env = append(j.env, "GITHUB_ACTION_PATH="+action, "RUNNER_TEMP="+dir,
		"RUNNER_OS="+oses[runtime.GOOS], "RUNNER_ARCH="+arches[runtime.GOARCH])
	return j
}

// run runs a script of the action, and returns its exit code and what it prints.
func (j *job) run(t *testing.T, script string, env ...string) (int, string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, "action", script))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("bash", path)
	command.Dir = j.dir
	search := os.Getenv("PATH")
	for _, line := range strings.Fields(j.file("path")) {
		search = line + ":" + search
	}
	command.Env = append(append(os.Environ(), append(j.env, "PATH="+search)...), env...)
	out, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), string(out)
}

func (j *job) file(name string) string {
	data, _ := os.ReadFile(filepath.Join(j.dir, name)) // absent: nothing was written
	return string(data)
}

const slow = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: slow, namespace: shop}
spec:
  hosts: [slow]
  http:
  - fault: {delay: {fixedDelay: 3s, percentage: {value: 10}}}
    route: [{destination: {host: slow, port: {number: 80}}}]
`

// TestActionFromSource: named by a branch, the action builds itself.
func TestActionFromSource(t *testing.T) {
	j := newJob(t)
	if code, out := j.run(t, "install.sh", "VERSION=", "ACTION_REF=main"); code != 0 || j.file("output") != "build=true\n" {
		t.Fatalf("install: %d %s, outputs %q", code, out, j.file("output"))
	}
	if code, out := j.run(t, "build.sh"); code != 0 {
		t.Fatalf("build: %d %s", code, out)
	}
	if err := os.WriteFile(filepath.Join(j.dir, "my routes.yaml"), []byte(slow), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  string
		code int
		want string
	}{
		{"PATHS=my routes.yaml\nFAIL_ON=error", 0, "::error file=my routes.yaml,line=7"},
		{"PATHS=my routes.yaml\nFAIL_ON=never\nARGS=--min-severity=error\n--namespace=shop", 0, "::error file=my routes.yaml,line=7"},
		{"PATHS=gone.yaml\nFAIL_ON=error", 2, "gone.yaml"},
		{"PATHS=$(touch pwned)\nFAIL_ON=error", 2, "$(touch pwned)"},
		{"PATHS=--help\nFAIL_ON=error", 2, "--help"},
	} {
		_ = os.Remove(filepath.Join(j.dir, "output"))
		env := strings.Split(strings.Replace(c.env, "error\n--", "error\x00--", 1), "\n")
		for i := range env {
			env[i] = strings.ReplaceAll(env[i], "\x00", "\n")
		}
		code, out := j.run(t, "lint.sh", env...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d, want %d with %q:\n%s", c.env, code, c.code, c.want, out)
		}
		if code != 0 {
			continue
		}
		exit := "exit-code=1\n"
		if strings.Contains(c.env, "never") {
			exit = "exit-code=0\n"
		}
		if got := j.file("output"); !strings.Contains(got, exit) || !strings.Contains(j.file("mesh2gw.sarif"), `"2.1.0"`) {
			t.Errorf("%s: outputs %q", c.env, got)
		}
	}
	if j.file("pwned") != "" {
		t.Error("an input was run")
	}
}

// TestActionFromRelease: an archive runs when its checksum is right, and only then.
func TestActionFromRelease(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("archives are made by tar here")
	}
	releases := t.TempDir()
	name := fmt.Sprintf("mesh2gw_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	dir := filepath.Join(releases, "v9.9.9")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "mesh2gw"), "#!/bin/sh\necho released\n", 0o777)
	shell(t, "tar", "-czf", filepath.Join(dir, name), "-C", dir, "mesh2gw")
	sums := func(of string) {
		write(t, filepath.Join(dir, "checksums.txt"), fmt.Sprintf("%x  other.tar.gz\n%x  %s\n", sha256.Sum256(nil), sha256.Sum256([]byte(of)), name), 0o666)
	}
	mirror := "MESH2GW_RELEASES=file://" + releases
	sums(read(t, filepath.Join(dir, name)))
	j := newJob(t)
	if code, out := j.run(t, "install.sh", "VERSION=", "ACTION_REF=v9.9.9", mirror); code != 0 || j.file("path") == "" {
		t.Fatalf("%d %s", code, out)
	}
	installed := filepath.Join(strings.TrimSpace(j.file("path")), "mesh2gw")
	if out, err := exec.Command(installed).Output(); err != nil || string(out) != "released\n" {
		t.Errorf("%s: %q, %v", installed, out, err)
	}
	sums("something else")
	for version, want := range map[string]string{
		"v9.9.9":         "is not what checksums.txt says",
		"v9.9.8":         "can't be had",
		"v0":             "is no release",
		"v1.2.3/../../x": "is no release",
		"latest::x":      `"latest??x" is no release`,
	} {
		j := newJob(t)
		if code, out := j.run(t, "install.sh", "VERSION="+version, mirror); code != 2 || !strings.Contains(out, want) || j.file("path") != "" {
			t.Errorf("%s: %d %s", version, code, out)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	write(t, to, read(t, from), 0o666)
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	shell(t, "git", append([]string{"-C", dir}, args...)...)
}

// shell runs a command in the root of the repository.
func shell(t *testing.T, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = root
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
}
