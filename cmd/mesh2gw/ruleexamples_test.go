package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert"
	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

// unshown are the rules that no small file can show, with the test of each.
var unshown = map[*finding.Rule]string{
	rule.FileTooLarge:   "source.TestSizeLimit and TestCollectTooLarge: an example would have 64 MiB",
	rule.OutputRejected: "check.TestRule and TestBad: an input that yields it is a bug to mend",
	rule.OutputAbsent:   "check.TestRule and TestBad: an input that yields it is a bug to mend",
	rule.Unexplained:    "convert.TestUnexplained: an input that yields it is a bug to mend",
	rule.IgnoreReason:   "triage.TestApply: the configuration has to ask for reasons",
}

// why says why no example shows r, or "".
func why(r *finding.Rule) string {
	if "MG960" <= r.ID && r.ID <= "MG977" {
		return "gwapi.TestRead: convert reads no Gateway API"
	}
	return unshown[r]
}

// inputOnly tells whether the input alone is judged by r, whatever is written:
// rules of package triage, and those of packages lint and hint, which have tests
// for their examples.
func inputOnly(r *finding.Rule) bool {
	return ofTriage(r) || r == rule.RetriesMultiply || "MG600" <= r.ID && r.ID <= "MG699"
}

func ofTriage(r *finding.Rule) bool { return "MG090" <= r.ID && r.ID <= "MG099" }

// ruleExamples is the folder with an example for each rule.
const ruleExamples = "../../testdata/rules"

// Each file of testdata/rules shows one rule: an input that yields it, all
// findings, and the output.
func TestRuleExamples(t *testing.T) {
	for _, r := range rule.All() {
		if why(r) != "" || inputOnly(r) {
			continue
		}
		name := filepath.Join(ruleExamples, r.ID+".txtar")
		t.Run(r.ID, func(t *testing.T) {
			findings := golden(t, name, "findings", "after.yaml")
			if !strings.Contains(findings, ": "+r.ID+" "+r.Severity.String()+": ") {
				t.Errorf("the example does not yield its finding, %s (%s), but\n%s", r.ID, r.Title, findings)
			}
		})
	}
}

// The examples of package triage show what it says by itself about the findings of
// a conversion.
func TestTriageExamples(t *testing.T) {
	for _, r := range rule.All() {
		if why(r) != "" || !ofTriage(r) {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			example, ok := rules.Of(r.ID)
			if !ok {
				t.Fatal("it has no example")
			}
			files := []source.File{{Name: "before.yaml", Data: []byte(example.Before)}}
			result, err := convert.Convert(t.Context(), files, convert.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, f := range triage.Apply(result.Findings, files, triage.Options{}).Findings {
				if ofTriage(f.Rule) {
					got.WriteString(f.String() + "\n")
				}
			}
			if diff := cmp.Diff(example.Findings, got.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !strings.Contains(got.String(), ": "+r.ID+" "+r.Severity.String()+": ") {
				t.Error("the example does not yield its finding")
			}
		})
	}
}

// sentence is the first line of an example.
var sentence = regexp.MustCompile(`^[A-Z0-9"].*[.]\n`)

// Each file belongs to a rule and says in its first line what it shows; each rule
// has one, and the command finds it.
func TestRuleExampleFiles(t *testing.T) {
	shown := map[string]string{}
	for _, r := range rule.All() {
		_, embedded := rules.Of(r.ID)
		if embedded != (why(r) == "") {
			t.Errorf("%s: has an example: %v, is listed as one that can't be shown: %q", r.ID, embedded, why(r))
		}
		if embedded {
			shown[r.ID+".txtar"] = "before.yaml findings after.yaml"
		}
		if inputOnly(r) {
			shown[r.ID+".txtar"] = "before.yaml findings"
		}
	}
	files, err := filepath.Glob(ruleExamples + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !sentence.Match(archive.Comment) {
			t.Errorf("%s: the first line is no sentence that says what the file shows", name)
		}
		var sections []string
		for _, f := range archive.Files {
			sections = append(sections, f.Name)
		}
		if got := strings.Join(sections, " "); got != shown[name] {
			t.Errorf("%s: it holds %s, want %q (empty: there is no such rule)", name, got, shown[name])
		}
	}
}

var (
	flagWord    = regexp.MustCompile(`--[a-z][a-z-]+`)
	commandWord = regexp.MustCompile(`\bmesh2gw ([a-z]+)`)
	// foreign are flags of other programs that a finding may name.
	foreign = []string{"--cert", "--from-file", "--key", "--source"}
)

// What a finding tells its reader to type exists.
func TestFindingsNameWhatExists(t *testing.T) {
	app := newApp(nil, nil, nil)
	commands := map[string]bool{"should": true} // "mesh2gw should have said so"
	flags := map[string]bool{}
	for _, name := range foreign {
		flags[name] = true
	}
	for _, c := range app.Commands {
		commands[c.Name] = true
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				flags["--"+name] = true
			}
		}
	}
	for where, said := range sayings(t) {
		for _, name := range flagWord.FindAllString(said, -1) {
			if !flags[name] {
				t.Errorf("%s names %s, which no command has", where, name)
			}
		}
		for _, name := range commandWord.FindAllStringSubmatch(said, -1) {
			if !commands[name[1]] {
				t.Errorf("%s names the command %s, which mesh2gw does not have", where, name[0])
			}
		}
	}
}

// sayings are the texts of all rules and the findings of all examples.
func sayings(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range rule.All() {
		all[r.ID] = r.Text + " " + r.Hint
	}
	files, err := filepath.Glob(ruleExamples + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "findings" {
				all[name] = string(f.Data)
			}
		}
	}
	return all
}
