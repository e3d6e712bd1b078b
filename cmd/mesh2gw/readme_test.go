package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestREADME runs the console blocks of the README and of the docs: a
// line that begins with "$ " is a command, the lines below it are what it
// prints, and a line "..." stands for any number of lines.
func TestREADME(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the blocks are for a POSIX shell")
	}
	for _, page := range []string{
		"../../README.md", "../../docs/ci.md", "../../docs/convert.md", "../../docs/krm.md", "../../docs/lint.md", "../../docs/probe.md", "../../docs/proof.md", "../../docs/report.md",
	} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := consoleBlocks(string(text))
		if len(blocks) == 0 {
			t.Errorf("%s has no console blocks", page)
		}
		for _, b := range blocks {
			shell := exec.Command("sh", "-c", b.command)
			shell.Dir = "../.."
			got, _ := shell.CombinedOutput() // the exit code is shown by "echo $?" where it matters
			if !matches(b.output, strings.Split(strings.TrimSuffix(string(got), "\n"), "\n")) {
				t.Errorf("%s: $ %s\nprints:\n%s\nwant:\n%s", page, b.command, got, strings.Join(b.output, "\n"))
			}
		}
	}
}

type consoleBlock struct {
	command string
	output  []string
}

func consoleBlocks(markdown string) []consoleBlock {
	var blocks []consoleBlock
	inside := false
	for line := range strings.SplitSeq(markdown, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case line == "```console":
			inside = true
		case line == "```":
			inside = false
		case inside && isCommand:
			blocks = append(blocks, consoleBlock{command: command})
		case inside && len(blocks) > 0:
			last := &blocks[len(blocks)-1]
			last.output = append(last.output, line)
		}
	}
	return blocks
}

// matches compares lines; "..." in want stands for any number of them.
func matches(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0 || len(got) == 1 && got[0] == ""
	}
	if want[0] == "..." {
		for skip := range len(got) + 1 {
			if matches(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && want[0] == got[0] && matches(want[1:], got[1:])
}

func TestMatches(t *testing.T) {
	lines := func(s string) []string { return strings.Fields(s) }
	for _, c := range []struct {
		want, got string
		matches   bool
	}{
		{"a b", "a b", true},
		{"a b", "a", false},
		{"a", "a b", false},
		{"a ... c", "a b b c", true},
		{"a ...", "a", true},
		{"... c", "a b", false},
		{"", "", true},
	} {
		if got := matches(lines(c.want), lines(c.got)); got != c.matches {
			t.Errorf("%q against %q: %v", c.want, c.got, got)
		}
	}
}
