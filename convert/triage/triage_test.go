package triage

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

// Each archive of testdata holds files, the findings about them before ("before":
// place, id, object), and what is made of them ("after"). Its comment says with
// which options.
func TestApply(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var files []source.File
			var findings []finding.Finding
			after := -1
			for i, f := range archive.Files {
				switch f.Name {
				case "before":
					findings = findingsOf(t, string(f.Data))
				case "after":
					after = i
				default:
					files = append(files, source.File{Name: f.Name, Data: f.Data})
				}
			}
			got := told(Apply(findings, files, optionsOf(t, string(archive.Comment))))
			if *update {
				archive.Files[after].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[after].Data), got); diff != "" {
				t.Errorf("(-want +got; go test ./convert/triage -update rewrites it)\n%s", diff)
			}
		})
	}
}

// optionsOf reads lines such as "severity: MG101=off".
func optionsOf(t *testing.T, comment string) Options {
	t.Helper()
	o := Options{Severity: map[string]Level{}}
	for line := range strings.Lines(comment) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case ok && key == "severity":
			id, level, _ := strings.Cut(value, "=")
			o.Severity[id] = Level(level)
		case ok && key == "override":
			file, rest, _ := strings.Cut(value, " ")
			id, level, _ := strings.Cut(rest, "=")
			match := func(name string) bool { return name == file }
			o.Overrides = append(o.Overrides, Override{match, map[string]Level{id: Level(level)}})
		case ok && key == "group":
			o.Groups = append(o.Groups, finding.Group(value))
		case key == "require-reason":
			o.RequireReason = true
		case key == "no-ignore":
			o.NoIgnore = true
		}
	}
	return o
}

// findingsOf reads lines such as "in.yaml:3 MG101 VirtualService shop/a".
func findingsOf(t *testing.T, lines string) (all []finding.Finding) {
	t.Helper()
	for line := range strings.Lines(lines) {
		place, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, object, _ := strings.Cut(rest, " ")
		file, at, _ := strings.Cut(place, ":")
		number, _ := strconv.Atoi(at)
		r := ruleOf(id)
		if r == nil {
			t.Fatalf("no rule %s", id)
		}
		all = append(all, finding.New(r, finding.Place{Pos: finding.Pos{File: file, Line: number, Column: 1}, Object: object}, "Something changes."))
	}
	return finding.Sort(all)
}

func ruleOf(id string) *finding.Rule {
	for _, r := range rule.All() {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func told(r Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintln(&b, f)
	}
	for _, a := range r.Accepted {
		fmt.Fprintf(&b, "accepted by %s: %s %s %s", a.By, a.Place.Pos, a.Rule.ID, a.Rule.Severity)
		if a.Reason != "" {
			fmt.Fprintf(&b, " (%s)", a.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The catalogue stays as it is, and so do the findings that are given.
func TestApplyIsPure(t *testing.T) {
	findings := findingsOf(t, "a.yaml:1 MG003\na.yaml:2 MG003\na.yaml:3 MG005\n")
	before := append([]finding.Finding(nil), findings...)
	r := Apply(findings, nil, Options{Severity: map[string]Level{"MG003": Note, "MG005": Off}})
	if rule.BrokenYAML.Severity != finding.Error || findings[0].Rule != rule.BrokenYAML {
		t.Error("the rule itself has another severity")
	}
	if diff := cmp.Diff(before, findings); diff != "" {
		t.Error(diff)
	}
	if len(r.Findings) != 2 || r.Findings[0].Rule != r.Findings[1].Rule || r.Findings[0].Rule.Severity != finding.Note {
		t.Errorf("findings of one rule have not one copy of it: %v", r.Findings)
	}
}

// What Istio's annotation names are its codes. No rule of another group is meant,
// though it has one.
func TestIstioCodes(t *testing.T) {
	g := ignores{known: map[string]*finding.Rule{}}
	all := g.istio("*")
	for _, id := range all {
		r := ruleOf(id)
		if r.InGroup() != finding.Config || len(r.IST) == 0 {
			t.Errorf("%s is meant by *", id)
		}
		for _, code := range r.IST {
			if got := strings.Join(g.istio(" IST9999 , "+code), " "); !strings.Contains(got, id) {
				t.Errorf("%s means %s, not %s", code, got, id)
			}
		}
	}
	if got := g.istio("IST9999"); len(got) > 0 {
		t.Error(got)
	}
}

// Any bytes: no panic, and nothing gets lost.
func FuzzApply(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, true)
	}
	findings := findingsOfAll()
	f.Fuzz(func(t *testing.T, data []byte, strict bool) {
		files := []source.File{{Name: "in.yaml", Data: data}}
		r := Apply(findings, files, Options{RequireReason: strict})
		again := Apply(findings, files, Options{RequireReason: strict})
		if told(r) != told(again) {
			t.Fatal("two results")
		}
		own := 0
		for _, f := range r.Findings {
			if strings.HasPrefix(f.Rule.ID, "MG09") {
				own++
			}
		}
		for _, a := range r.Accepted {
			if strings.HasPrefix(a.Rule.ID, "MG09") {
				own++
			}
			if strict && a.Reason == "" {
				t.Fatalf("accepted without a reason: %v", a)
			}
		}
		if got := len(r.Findings) + len(r.Accepted) - own; got != len(findings) {
			t.Fatalf("%d of %d findings are left", got, len(findings))
		}
	})
}

// findingsOfAll has one of each rule in the first lines.
func findingsOfAll() (all []finding.Finding) {
	for i, r := range rule.All() {
		if !own(r) {
			all = append(all, finding.New(r, finding.Place{Pos: finding.Pos{File: "in.yaml", Line: 1 + i%12}, Object: "Service a"}, "x"))
		}
	}
	return finding.Sort(all)
}
