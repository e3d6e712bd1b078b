package print

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

func colourful(w io.Writer, l Lint) error {
	l.Colour = true
	return LintText(w, l)
}

// checkFormats reads every format as those do who are meant to.
func checkFormats(t *testing.T, l Lint) {
	t.Helper()
	for name, printer := range lintFormats {
		checkInert(t, name, printed(t, printer, l))
	}
	checkJSON(t, printed(t, LintJSON, l))
	checkSARIF(t, l, printed(t, LintSARIF, l))
	checkGitHub(t, l, printed(t, LintGitHub, l))
	checkJUnit(t, l, printed(t, LintJUnit, l))
	checkCheckstyle(t, l, printed(t, LintCheckstyle, l))
	checkGitLab(t, l, printed(t, LintGitLab, l))
}

// checkInert: nothing steers a terminal or a runner.
func checkInert(t *testing.T, format, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s is not UTF-8", format)
	}
	if !strings.HasSuffix(out, "\n") {
		t.Errorf("%s does not end with a line feed", format)
	}
	if format == "out.colour" {
		for _, code := range []string{"0", "1", "2", "31", "33", "34"} {
			out = strings.ReplaceAll(out, "\x1b["+code+"m", "")
		}
	}
	for _, r := range out {
		if r != '\n' && r != ' ' && !unicode.IsPrint(r) {
			// encoding/json leaves those that JSON allows.
			if !strings.HasSuffix(format, "json") && format != "out.sarif" || r < ' ' {
				t.Errorf("%s holds %U", format, r)
			}
		}
	}
	if strings.Contains(out, "##[") {
		t.Errorf("%s holds ##[, which GitHub's runner obeys", format)
	}
	for line := range strings.Lines(out) {
		if format != "out.github" && strings.HasPrefix(strings.TrimSpace(line), "::") {
			t.Errorf("%s: a command of GitHub's runner: %s", format, line)
		}
	}
}

var lintSchema = sync.OnceValue(func() *jsonschema.Schema {
	return jsonschema.NewCompiler().MustCompile("../../../../docs/schema/lint.json")
})

func checkJSON(t *testing.T, out string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := lintSchema().Validate(value); err != nil {
		t.Errorf("docs/schema/lint.json: %v\n%s", err, out)
	}
}

// sarifSchemaOf is the official schema, which go-sarif carries. Its Validate reads
// a file into its types first, fills in defaults that the schema refuses, and
// judges those.
var sarifSchemaOf = sync.OnceValue(func() *jsonschema.Schema {
	pkg, err := build.Import("github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif", ".", build.FindOnly)
	if err != nil {
		panic(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, "schema.go"), nil, 0)
	if err != nil {
		panic(err)
	}
	text, err := strconv.Unquote(file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
	if err != nil {
		panic(err)
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", schema); err != nil {
		panic(err)
	}
	return compiler.MustCompile("sarif.json")
})

func checkSARIF(t *testing.T, l Lint, out string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := sarifSchemaOf().Validate(value); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	report, err := sarif.FromString(out)
	if err != nil {
		t.Fatal(err)
	}
	run := report.Runs[0]
	if len(run.Results) != len(l.Findings) {
		t.Errorf("%d results of %d findings", len(run.Results), len(l.Findings))
	}
	seen := map[string]bool{}
	for _, r := range run.Results {
		if rule := run.Tool.Driver.Rules[r.RuleIndex]; *rule.ID != *r.RuleID {
			t.Errorf("rule %s at the index of %s", *rule.ID, *r.RuleID)
		}
		name := r.PartialFingerprints[fingerprintName]
		if seen[name] {
			t.Errorf("fingerprint %s stands for two results", name)
		}
		seen[name] = true
		for _, at := range slices.Concat(r.Locations, r.RelatedLocations) {
			checkSARIFLocation(t, at.PhysicalLocation)
		}
	}
}

func checkSARIFLocation(t *testing.T, at *sarif.PhysicalLocation) {
	t.Helper()
	u, err := url.Parse(*at.ArtifactLocation.URI)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "" && u.Scheme != "file" || u.Host != "" {
		t.Errorf("URI %q: %v", *at.ArtifactLocation.URI, err)
	}
	if based := at.ArtifactLocation.URIBaseID != nil; based && (u.IsAbs() || path.IsAbs(u.Path) || strings.HasPrefix(path.Clean(u.Path), "../")) {
		t.Errorf("URI %q has a base", u)
	}
	if r := at.Region; r.EndColumn != nil && *r.EndColumn <= *r.StartColumn {
		t.Errorf("columns %d to %d", *r.StartColumn, *r.EndColumn)
	}
}

// runner reads a workflow command as GitHub's does.
func runner(line string) (command string, properties map[string]string, data string) {
	info, data, _ := strings.Cut(strings.TrimPrefix(line, "::"), "::")
	command, list, _ := strings.Cut(info, " ")
	properties = map[string]string{}
	for _, p := range strings.Split(list, ",") {
		key, value, _ := strings.Cut(p, "=")
		properties[key] = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(value)
	}
	return command, properties, strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(data)
}

func checkGitHub(t *testing.T, l Lint, out string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != len(l.Findings)+1 {
		t.Fatalf("%d lines of %d findings:\n%s", len(lines), len(l.Findings), out)
	}
	for i, f := range l.Findings {
		command, properties, data := runner(lines[i])
		if want := strings.Replace(f.Rule.Severity.String(), "note", "notice", 1); command != want {
			t.Errorf("command %q, want %q", command, want)
		}
		// shown writes what the runner would obey visibly, so "##[" is all that is left.
		if data != strings.ReplaceAll(shown(says(f)), "##[", `##\x5b`) {
			t.Errorf("message %q of %q", data, says(f))
		}
		if file := l.path(f.Place.Pos.File); properties["file"] != strings.ReplaceAll(shown(file), "##[", `##\x5b`) {
			t.Errorf("file %q of %q", properties["file"], file)
		}
	}
	if strings.HasPrefix(lines[len(lines)-1], "::") {
		t.Errorf("no tally: %s", lines[len(lines)-1])
	}
}

func checkJUnit(t *testing.T, l Lint, out string) {
	t.Helper()
	suites, err := junit.IngestReader(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	strictXML(t, out)
	failed, said := 0, 0
	names := map[string]bool{}
	for _, s := range suites {
		failed += s.Totals.Failed
		for _, c := range s.Tests {
			if c.SystemOut != "" {
				said++
			}
			if key := c.Classname + "\x00" + c.Name; names[key] {
				t.Errorf("two tests %q", key)
			} else {
				names[key] = true
			}
		}
		if len(s.Tests) == 0 {
			t.Errorf("suite %s is empty", s.Name)
		}
	}
	notes := 0
	for _, f := range l.Findings {
		if f.Rule.Severity == finding.Note {
			notes++
		}
	}
	if said != notes || failed != len(l.Findings)-notes {
		t.Errorf("%d notes and %d failures of %d findings, %d of them notes", said, failed, len(l.Findings), notes)
	}
}

func checkCheckstyle(t *testing.T, l Lint, out string) {
	t.Helper()
	strictXML(t, out)
	var got checkstyle
	if err := xml.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	errors := 0
	for _, f := range got.Files {
		errors += len(f.Errors)
		for _, e := range f.Errors {
			if !slices.Contains([]string{"error", "warning", "info"}, e.Severity) || e.Message == "" {
				t.Errorf("%+v", e)
			}
		}
	}
	if errors != len(l.Findings) {
		t.Errorf("%d errors of %d findings", errors, len(l.Findings))
	}
}

// strictXML reads all tokens; the library refuses the characters that XML 1.0
// does not have.
func strictXML(t *testing.T, out string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(out))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

func checkGitLab(t *testing.T, l Lint, out string) {
	t.Helper()
	var got []codeQuality
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, q := range got {
		if seen[q.Fingerprint] || q.Location.Lines.Begin < 1 || q.Location.Path == "" || strings.HasPrefix(q.Location.Path, "./") || q.Description == "" {
			t.Errorf("%+v", q)
		}
		seen[q.Fingerprint] = true
	}
	if len(got) != len(l.Findings) {
		t.Errorf("%d of %d findings", len(got), len(l.Findings))
	}
}

func FuzzLint(f *testing.F) {
	f.Add("a.yaml", "kind: é\n", "Service a", "Message.", "Hint.", 1, 7)
	f.Add("::error::\x1b", "\t世: \"\xff\n", "S \x00]]>", "##[x] [a](1) {0}", "::x::y %0A", 1, 3)
	f.Add("../x:y/%2e.yaml", "- {a: [b, 'c'' #d', \"\\\"\"]}", "", "\u2028\u0085\ufeff", "", 1, 4)
	f.Add("<stdin>", "# Source: a/templates/b.yaml\na: 1\n", "", "m", "h", 0, 0)
	f.Fuzz(func(t *testing.T, name, text, object, message, hint string, line, column int) {
		if message == "" || len(text) > 4096 {
			t.Skip("each finding has a message")
		}
		files := source.NewText([]source.File{{Name: name, Data: []byte(text)}})
		l := Lint{Text: files, Version: "0.1.0", Width: 50}
		for s := finding.Note; s <= finding.Error; s++ {
			rule := &finding.Rule{ID: fmt.Sprintf("MG10%d", int(s)), Severity: s, Title: "title", Text: "Text.", Group: finding.Config}
			at := finding.Place{Pos: finding.Pos{File: name, Line: max(line, 0), Column: max(column, 0)}, Object: object, Field: object}
			f := finding.Finding{Rule: rule, Place: at, Message: message, Hint: hint, Related: []finding.Related{{Place: at, Message: hint}}}
			l.Findings = append(l.Findings, f, f)
			l.Accepted = append(l.Accepted, triage.Accepted{Finding: f, By: triage.Comment, Reason: hint})
		}
		checkFormats(t, l)
	})
}

func TestLintSchemaIsTheFormat(t *testing.T) {
	data, err := os.ReadFile("../../../../docs/schema/lint.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(lintVersion)) {
		t.Errorf("docs/schema/lint.json does not speak of %s", lintVersion)
	}
	out := printed(t, LintJSON, Lint{
		Findings: many(1, func() string { return "m" }),
		Accepted: []triage.Accepted{{Finding: many(1, func() string { return "m" })[0], By: triage.Comment}},
	})
	for old, wrong := range map[string]string{
		`"counts"`: `"count"`, `"hint"`: `"tint"`, `"reason"`: `"season"`, `"by": "comment"`: `"by": "chance"`, `"baseline": 0`: `"baseline": "0"`,
		`"severity": "note"`: `"severity": "notice"`, `"related": []`: `"related": null`,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(out, old, wrong, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if lintSchema().Validate(value) == nil || !strings.Contains(out, old) {
			t.Errorf("the schema takes %s for %s in\n%s", wrong, old, out)
		}
	}
}
