package triage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
)

// some findings of a few objects, many of which look alike.
func some(r *rand.Rand) (all []finding.Finding) {
	rules := rule.All()
	for range r.IntN(40) {
		kind := rules[r.IntN(5)]
		object := fmt.Sprintf("VirtualService shop/%c", 'a'+r.IntN(3))
		field := fmt.Sprintf("spec.http[%d].timeout", r.IntN(3))
		at := finding.Place{Pos: finding.Pos{File: fmt.Sprintf("%c.yaml", 'a'+r.IntN(2)), Line: 1 + r.IntN(9), Column: 1 + r.IntN(3)}, Object: object, Field: field}
		all = append(all, finding.New(kind, at, "The value %d is written twice, first in line %d.", r.IntN(2), 1+r.IntN(9)))
	}
	return finding.Sort(all)
}

// moved are the findings after somebody has added lines, list elements and
// folders, and has renamed what sorts the files.
func moved(r *rand.Rand, findings []finding.Finding) (all []finding.Finding) {
	lines, elements := r.IntN(100), r.IntN(3)
	for _, f := range findings {
		file := f.Place.Pos.File
		f.Place.Pos.File = "moved/" + string('z'-file[0]+'a') + file[1:]
		f.Place.Pos.Line += lines
		f.Place.Field = strings.NewReplacer("[0]", fmt.Sprintf("[%d]", elements), "[1]", fmt.Sprintf("[%d]", elements+1)).Replace(f.Place.Field)
		before, line, _ := strings.Cut(f.Message, "line ")
		var n int
		fmt.Sscanf(line, "%d.", &n)
		f.Message = fmt.Sprintf("%sline %d.", before, n+lines)
		all = append(all, f)
	}
	return finding.Sort(all)
}

func baseline(t *testing.T, findings []finding.Finding) *File {
	t.Helper()
	f, err := ReadBaseline(WriteBaseline(findings))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBaselineProperties(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		old := some(r)
		base := baseline(t, old)
		for name, now := range map[string][]finding.Finding{"what was written": old, "what was moved": moved(r, old)} {
			got := Apply(now, nil, Options{Baseline: base})
			if len(got.Findings) != 0 || got.Gone != len(old)-len(now) || len(got.Accepted) != len(now) {
				t.Fatalf("seed %d: of %s is left %v, gone %d, accepted %d of %d", seed, name, got.Findings, got.Gone, len(got.Accepted), len(now))
			}
		}
		fresh := finding.New(rule.BrokenYAML, finding.Place{Pos: finding.Pos{File: "a.yaml", Line: 3}, Object: "VirtualService shop/new"}, "Something is new.")
		got := Apply(finding.Sort(append([]finding.Finding{fresh}, moved(r, old)...)), nil, Options{Baseline: base})
		if len(got.Findings) != 1 || got.Findings[0].Message != fresh.Message {
			t.Fatalf("seed %d: of something new is left %v", seed, got.Findings)
		}
		if len(old) == 0 {
			continue
		}
		changed := append([]finding.Finding(nil), old...)
		i := r.IntN(len(old))
		changed[i].Message += " It has changed."
		got = Apply(finding.Sort(changed), nil, Options{Baseline: base})
		if len(got.Findings) != 1 || got.Findings[0].Message != changed[i].Message || got.Gone != 1 {
			t.Fatalf("seed %d: of another message is left %v, gone %d", seed, got.Findings, got.Gone)
		}
	}
}

// Findings alike are counted: the ones that the baseline knows are the first by
// place, whatever the order of what it was written from.
func TestBaselineCounts(t *testing.T) {
	at := func(line int) finding.Finding {
		return finding.New(rule.BrokenYAML, finding.Place{Pos: finding.Pos{File: "a.yaml", Line: line}, Object: "Service a"}, "Alike.")
	}
	base := baseline(t, []finding.Finding{at(9), at(4)})
	got := Apply([]finding.Finding{at(1), at(2), at(3)}, nil, Options{Baseline: base})
	if len(got.Findings) != 1 || got.Findings[0].Place.Pos.Line != 3 || len(got.Accepted) != 2 {
		t.Errorf("left are %v", got.Findings)
	}
	if got := Apply([]finding.Finding{at(1)}, nil, Options{Baseline: base}); len(got.Findings) != 0 || got.Gone != 1 {
		t.Errorf("left are %v, gone %d", got.Findings, got.Gone)
	}
}

// One entry a line, in an order of its own; text stays readable.
func TestWriteBaseline(t *testing.T) {
	place := finding.Place{Pos: finding.Pos{File: "a.yaml", Line: 1}, Object: "VirtualService shop/a", Field: "spec.http[2].match[0]"}
	other := place
	other.Field = "spec.http[7].match[1]"
	findings := []finding.Finding{
		finding.New(rule.BrokenYAML, place, "<b> & \"é\"\n\x1b"),
		finding.New(rule.FileTooLarge, finding.Place{Pos: finding.Pos{File: "x/b.yaml"}}, "Too large."),
		finding.New(rule.BrokenYAML, other, "<b> & \"é\"\n\x1b"),
	}
	want := `{
  "version": "mesh2gw.io/baseline/v1",
  "findings": [
    {"fingerprint":"FINGERPRINT","id":"MG001","object":"","field":"","message":"Too large.","count":1},
    {"fingerprint":"FINGERPRINT","id":"MG003","object":"VirtualService shop/a","field":"spec.http[].match[]","message":"<b> & \"é\"\n\u001b","count":2}
  ]
}
`
	got := string(WriteBaseline(findings))
	for _, f := range findings {
		got = strings.ReplaceAll(got, f.Fingerprint(), "FINGERPRINT")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := string(WriteBaseline(nil)); got != "{\n  \"version\": \"mesh2gw.io/baseline/v1\",\n  \"findings\": []\n}\n" {
		t.Error(got)
	}
}

const print32 = "0123456789abcdef0123456789abcdef"

func TestReadBaselineErrors(t *testing.T) {
	head := "{\n  \"version\": \"mesh2gw.io/baseline/v1\",\n"
	entry := `{"fingerprint":"` + print32 + `","id":"MG001","object":"","field":"","message":"","count":1}`
	for _, c := range []struct{ in, want string }{
		{"", "line 1: unexpected end of JSON input"},
		{"[]", "line 1: JSON array does not belong here"},
		{"{}", "line 1: this is no baseline: it has no version"},
		{`{"version":"mesh2gw.io/baseline/v2","new":1}`, "line 1: unknown version \"mesh2gw.io/baseline/v2\""},
		{head + "  \"findings\": [\n    " + entry + "\n<<<<<<< HEAD\n", "line 5: invalid character '<' after array element"},
		{head + "  \"findings\": {}\n}", "line 3: findings must be a list"},
		{head + "  \"findings\": null\n}", "line 3: findings must be a list"},
		{head + "  \"finding\": []\n}", `line 3: unknown key "finding"`},
		{head + "  \"findings\": [\n    " + entry + ",\n    {\"what\":1}\n]}", `line 5: unknown field "what"`},
		{head + "  \"findings\": [\n    " + entry + ",\n    3\n]}", "line 5: JSON number does not"},
		{head + "  \"findings\": [\n    " + strings.Replace(entry, "0123", "x123", 1) + "\n]}", "line 4: fingerprint \"x123"},
		{head + "  \"findings\": [\n\n" + strings.Replace(entry, ":1}", ":0}", 1) + "\n]}", "line 5: count 0: want a number from 1"},
		{head + "  \"findings\": [\n" + strings.Replace(entry, ":1}", ":1.5}", 1) + "\n]}", "line 4: JSON number 1.5 does not"},
		{head + "  \"findings\": []\n}\n{}", "line 5: invalid character '{' after top-level value"},
	} {
		if _, err := ReadBaseline([]byte(c.in)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.in, err, c.want)
		}
	}
	// Two branches have added the same.
	f, err := ReadBaseline([]byte(head + `"findings": [` + entry + "," + entry + "]}"))
	if err != nil || len(f.entries) != 2 {
		t.Error(f, err)
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"version":"mesh2gw.io/baseline/v1","findings":[{"fingerprint":"` + print32 + `","count":3}]}`))
	f.Add([]byte(`{"version":"mesh2gw.io/baseline/v1","findings":[],"version":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if base, err := ReadBaseline(data); err == nil {
			Apply(nil, nil, Options{Baseline: base})
		} else if !strings.HasPrefix(err.Error(), "line ") {
			t.Fatalf("no line: %v", err)
		}
	})
}
