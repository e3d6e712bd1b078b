package lint_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/lint"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var update = flag.Bool("update", false, "write the findings of the examples anew")

// ruleExamples is the folder with an example for each rule.
const ruleExamples = "../../testdata/rules"

// ours are the rules of this package, by their ids.
func ours() []*finding.Rule {
	return slices.DeleteFunc(rule.All(), func(r *finding.Rule) bool { return r.ID < "MG600" || r.ID > "MG699" })
}

// Each rule has a file that shows it: before.yaml, and all that Config finds.
func TestRuleExamples(t *testing.T) {
	for _, r := range ours() {
		t.Run(r.ID, func(t *testing.T) {
			if r.InGroup() != finding.Config {
				t.Error("the rule is not in the group config")
			}
			findings := golden(t, filepath.Join(ruleExamples, r.ID+".txtar"), "before.yaml")
			if !strings.Contains(findings, ": "+r.ID+" "+r.Severity.String()+": ") {
				t.Errorf("the example does not yield its finding, %s (%s), but\n%s", r.ID, r.Title, findings)
			}
		})
	}
}

// Each file of testdata shows what a check says, and what it does not say: the
// negative cases stand beside the positive ones.
func TestBehaviour(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no behaviour is shown", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

// golden lints the files of an archive, all but the one called findings, with
// which it compares the findings. want are all files that it has to hold.
func golden(t *testing.T, name string, want ...string) string {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var files []source.File
	var names []string
	written := -1
	for i, f := range archive.Files {
		if f.Name == "findings" {
			written = i
			continue
		}
		files, names = append(files, source.File{Name: f.Name, Data: f.Data}), append(names, f.Name)
	}
	if want != nil && !slices.Equal(names, want) || written < 0 {
		t.Fatalf("it holds %v, want %v and findings", names, want)
	}
	got := lines(config(t, files))
	if *update {
		archive.Files[written].Data = []byte(got)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if diff := cmp.Diff(string(archive.Files[written].Data), got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	return got
}

func config(t testing.TB, files []source.File) []finding.Finding {
	t.Helper()
	findings, err := lint.Config(t.Context(), files, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func lines(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}
