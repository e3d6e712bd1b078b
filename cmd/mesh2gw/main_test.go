package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mesh2gw": main, "kubectl-mesh2gw": main})
}

// TestScripts runs the command as a user does; each file in testdata/script is
// one behaviour.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// runWith runs one command in the process.
func runWith(args ...string) (code int, out, errOut string) {
	var stdout, stderr bytes.Buffer
	code = run(newApp(strings.NewReader(""), &stdout, &stderr), append([]string{"mesh2gw"}, args...))
	return code, stdout.String(), stderr.String()
}

func TestFlagsFirst(t *testing.T) {
	for in, want := range map[string]string{
		"convert a b":                          "convert -- a b",
		"convert a --check b":                  "convert --check -- a b",
		"convert a --fail-on never -o json":    "convert --fail-on never -o json -- a",
		"convert a --fail-on=never - --x y":    "convert --fail-on=never --x -- a - y",
		"convert -- --check":                   "convert -- --check",
		"convert a --help":                     "convert --help",
		"convert a --out-dir":                  "convert --out-dir",
		"convert a --findings --check":         "convert --findings",
		"convert a --generate-bash-completion": "convert a --generate-bash-completion",
		"rules MG1 --format md":                "rules --format md -- MG1",
		"nonsense a --check":                   "nonsense a --check",
		"--help":                               "--help",
	} {
		app := newApp(nil, nil, nil)
		got := strings.Join(flagsFirst(app, append([]string{"mesh2gw"}, strings.Fields(in)...))[1:], " ")
		if got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestPanicIsExitInternal(t *testing.T) {
	var out, errOut bytes.Buffer
	app := newApp(nil, &out, &errOut)
	app.Commands = []*cli.Command{{Name: "convert", Action: func(*cli.Context) error { panic("unhandled path kind 7") }}}
	if code := run(app, []string{"mesh2gw", "convert"}); code != exitInternal {
		t.Errorf("exit code %d, want %d", code, exitInternal)
	}
	for _, want := range []string{"unhandled path kind 7", "report", "https://"} {
		if !strings.Contains(errOut.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, errOut.String())
		}
	}
	if out.Len() > 0 {
		t.Errorf("standard output has %q", out.String())
	}
}

func TestClosedOutputIsNoError(t *testing.T) {
	var errOut bytes.Buffer
	err := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	if code := conclude(&errOut, err); code != exitDone || errOut.Len() > 0 {
		t.Errorf("exit code %d, %q", code, errOut.String())
	}
}

func TestEveryCommandHasExamples(t *testing.T) {
	for _, c := range newApp(nil, nil, nil).Commands {
		_, help, _ := runWith(c.Name, "--help")
		if !strings.Contains(help, "Examples:\n") || !strings.Contains(help, "mesh2gw "+c.Name) {
			t.Errorf("%s has no examples:\n%s", c.Name, help)
		}
	}
}
