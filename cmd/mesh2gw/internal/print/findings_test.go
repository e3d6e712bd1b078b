package print

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

func findings() []finding.Finding {
	fault := &finding.Rule{ID: "MG101", Severity: finding.Error, Title: "fault injection is dropped", Hint: "Keep it."}
	place := finding.Place{Pos: finding.Pos{File: "a.yaml", Line: 3, Column: 5}, Object: "VirtualService shop/web", Field: "spec.http[0].fault"}
	whole := &finding.Rule{ID: "MG001", Severity: finding.Note, Title: "file is strange"}
	return []finding.Finding{
		finding.New(whole, finding.Place{Pos: finding.Pos{File: "b\n\x1b[31m<é>.yaml"}}, "This file\tis strange."),
		finding.New(fault, place, "A delay is not carried over."),
	}
}

func TestFindingsText(t *testing.T) {
	var got bytes.Buffer
	if err := FindingsText(&got, findings()); err != nil {
		t.Fatal(err)
	}
	const want = `b\n\x1b[31m<é>.yaml: MG001 note: This file\tis strange.
a.yaml:3:5: MG101 error: A delay is not carried over. Keep it.
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindingsJSON(t *testing.T) {
	var got bytes.Buffer
	if err := FindingsJSON(&got, findings()); err != nil {
		t.Fatal(err)
	}
	const want = `[
  {
    "id": "MG001",
    "severity": "note",
    "file": "b\n\u001b[31m<é>.yaml",
    "line": 0,
    "column": 0,
    "object": "",
    "field": "",
    "message": "This file\tis strange.",
    "hint": ""
  },
  {
    "id": "MG101",
    "severity": "error",
    "file": "a.yaml",
    "line": 3,
    "column": 5,
    "object": "VirtualService shop/web",
    "field": "spec.http[0].fault",
    "message": "A delay is not carried over.",
    "hint": "Keep it."
  }
]
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got.Reset()
	if err := FindingsJSON(&got, nil); err != nil || got.String() != "[]\n" {
		t.Errorf("no findings: %v %q", err, got.String())
	}
}

func TestSummary(t *testing.T) {
	fs := findings()
	for _, c := range []struct {
		done Done
		want string
	}{
		{Done{}, "0 objects read, 0 objects written; no findings\n"},
		{Done{Read: 1, Written: 1, Findings: fs[:1]}, "1 object read, 1 object written; 1 note\n"},
		{Done{Read: 12, Written: 3, Findings: append(fs, fs[1]), Accepted: 2}, "12 objects read, 3 objects written; 2 errors, 1 note; 2 accepted\n"},
	} {
		var got bytes.Buffer
		if err := Summary(&got, c.done); err != nil || got.String() != c.want {
			t.Errorf("got %q %v, want %q", got.String(), err, c.want)
		}
	}
}

// What stands in a log of GitHub's runner gives it no orders.
func TestFindingsTextIsInert(t *testing.T) {
	fs := []finding.Finding{finding.New(&finding.Rule{ID: "MG009", Severity: finding.Note}, finding.Place{Pos: finding.Pos{File: "::add-mask::x"}}, "##[error]y")}
	var got bytes.Buffer
	if err := FindingsText(&got, fs); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(got.String(), "::") || strings.Contains(got.String(), "##[") {
		t.Errorf("got %q", got.String())
	}
}
