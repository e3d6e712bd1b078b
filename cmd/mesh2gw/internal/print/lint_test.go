package print

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// lintFormats are all formats, by the names of their sections in the goldens.
var lintFormats = map[string]LintPrinter{
	"out.txt": LintText, "out.colour": colourful, "out.json": LintJSON, "out.sarif": LintSARIF, "out.github": LintGitHub,
	"out.junit.xml": LintJUnit, "out.checkstyle.xml": LintCheckstyle, "out.gitlab.json": LintGitLab,
}

// lintSample is what lint.json of a golden says.
type lintSample struct {
	Root, Dir string
	Read      int
	Width     int
	Files     []struct{ Name, Data string } // those that txtar can't hold
	Rules     []*finding.Rule
	Findings  []sampleFinding
	Accepted  []struct {
		sampleFinding
		By     triage.Means
		Reason string
	}
}

type sampleFinding struct {
	Rule    int
	At      finding.Place
	Message string
	Hint    string
	Related []finding.Related
}

func (s sampleFinding) finding(rules []*finding.Rule) finding.Finding {
	return finding.Finding{Rule: rules[s.Rule], Place: s.At, Message: s.Message, Hint: s.Hint, Related: s.Related}
}

// lintOf reads a golden: its lint.json, and the other files as the input.
func lintOf(t *testing.T, archive *txtar.Archive) Lint {
	t.Helper()
	var s lintSample
	var files []source.File
	for _, f := range archive.Files {
		switch {
		case f.Name == "lint.json":
			decoder := json.NewDecoder(bytes.NewReader(f.Data))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&s); err != nil {
				t.Fatal(err)
			}
		case !strings.HasPrefix(f.Name, "out."):
			files = append(files, source.File{Name: f.Name, Data: f.Data})
		}
	}
	for _, f := range s.Files {
		files = append(files, source.File{Name: f.Name, Data: []byte(f.Data)})
	}
	l := Lint{Text: source.NewText(files), Read: s.Read, Version: "0.1.0", Width: s.Width, Root: s.Root, Dir: s.Dir}
	for _, f := range s.Findings {
		l.Findings = append(l.Findings, f.finding(s.Rules))
	}
	for _, a := range s.Accepted {
		l.Accepted = append(l.Accepted, triage.Accepted{Finding: a.finding(s.Rules), By: a.By, Reason: a.Reason})
	}
	return l
}

// Each file of testdata/lint has findings, the text that they are about, and what
// each format makes of them.
func TestLintGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			l := lintOf(t, archive)
			for _, section := range slices.Sorted(maps.Keys(lintFormats)) {
				got := printed(t, lintFormats[section], l)
				if diff := cmp.Diff(wanted(archive, section, got), got); diff != "" {
					t.Errorf("%s (-want +got; go test ./cmd/mesh2gw/internal/print -update rewrites it):\n%s", section, diff)
				}
			}
			checkFormats(t, l)
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// wanted is a section of archive; with -update it is made what was got. The
// escape character of the coloured form stands there as ␛.
func wanted(archive *txtar.Archive, section, got string) string {
	readable := strings.NewReplacer("\x1b", "␛")
	for i := range archive.Files {
		if f := &archive.Files[i]; f.Name == section {
			if *update {
				f.Data = []byte(readable.Replace(got))
			}
			return strings.ReplaceAll(string(f.Data), "␛", "\x1b")
		}
	}
	if *update {
		archive.Files = append(archive.Files, txtar.File{Name: section, Data: []byte(readable.Replace(got))})
		return got
	}
	return ""
}

func printed(t *testing.T, printer LintPrinter, l Lint) string {
	t.Helper()
	var first, second bytes.Buffer
	if err := printer(&first, l); err != nil {
		t.Fatal(err)
	}
	if err := printer(&second, l); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("a second run differs, error %v", err)
	}
	return first.String()
}
