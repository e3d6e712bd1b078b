package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocs compares the generated pages with what the command prints now.
func TestDocs(t *testing.T) {
	pages := map[string]string{
		"rules.md":   pageOf(t, "rules", "--format", "md"),
		"fields.md":  pageOf(t, "fields", "--format", "md"),
		"targets.md": pageOf(t, "targets", "--format", "md"),
		"hints.md":   pageOf(t, "hints", "--about"),
		"cli.md":     cliPage(t),
	}
	for name, want := range pages {
		path := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
			t.Errorf("docs/%s is stale: run make docs", name)
		}
	}
}

func pageOf(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := runWith(args...)
	if code != exitDone {
		t.Fatalf("%v: exit code %d, %s", args, code, errOut)
	}
	return out
}

// cliPage is docs/cli.md: the help texts of all commands.
func cliPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Command line\n\nThe help texts; `make docs` writes them anew. More about converting is in [convert.md](convert.md).\n")
	section := func(title string, help string) {
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s```\n", title, help)
	}
	for _, c := range newApp(nil, nil, nil).Commands {
		section("mesh2gw "+c.Name, pageOf(t, c.Name, "--help"))
		for _, s := range c.Subcommands {
			section("mesh2gw "+c.Name+" "+s.Name, pageOf(t, c.Name, s.Name, "--help"))
		}
	}
	return b.String()
}
