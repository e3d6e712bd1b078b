package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/triage"
)

// many are n findings of each severity.
func many(n int, message func() string) []finding.Finding {
	var all []finding.Finding
	for i := range n {
		for s := finding.Note; s <= finding.Error; s++ {
			r := &finding.Rule{ID: fmt.Sprintf("MG%d00", int(s)), Severity: s, Title: "t", Text: "T."}
			all = append(all, finding.New(r, finding.Place{Pos: finding.Pos{File: "a.yaml", Line: i + 1, Column: 1}}, "%s", message()))
		}
	}
	return all
}

func levels(t *testing.T, data []byte) map[string]int {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	by := map[string]int{}
	for _, r := range log.Runs[0].Results {
		by[r.Level]++
	}
	for _, n := range log.Runs[0].Invocations[0].Notifications {
		by[n.Message.Text]++
	}
	return by
}

func TestSARIFKeepsGitHubsLimits(t *testing.T) {
	l := Lint{Findings: many(10000, func() string { return "m" })}
	var b bytes.Buffer
	leftOut, err := LintSARIFLimited(&b, l)
	if err != nil || leftOut != 5000 {
		t.Errorf("%d left out, error %v", leftOut, err)
	}
	want := map[string]int{
		"error": 10000, "warning": 10000, "note": 5000,
		"5000 findings left out, those of the least severity first: GitHub takes 25000 results and 10 MB of a run.": 1,
	}
	if diff := cmp.Diff(want, levels(t, b.Bytes())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	l.LeftOut = leftOut
	if want := "0 objects read; 10000 errors, 10000 warnings, 10000 notes; 5000 findings left out: GitHub takes 25000 results and 10 MB of a run"; l.Tally() != want {
		t.Errorf("tally %q", l.Tally())
	}
}

func TestSARIFKeepsGitHubsSize(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	l := Lint{Findings: many(20, func() string {
		var s strings.Builder
		for range 1000 {
			s.WriteByte(byte('a' + noise.IntN(26)))
		}
		return s.String()
	})}
	const size = 20000
	data, leftOut, err := sarifWithin(l, sarifResults, size)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := gzipped(data)
	if err != nil || packed > size || packed < size/2 {
		t.Errorf("%d bytes, error %v", packed, err)
	}
	got := levels(t, data)
	if got["error"] != 20 || got["note"] != 0 || got["warning"] != 40-leftOut || leftOut <= 20 {
		t.Errorf("%v, %d left out", got, leftOut)
	}
	if _, leftOut, err := sarifWithin(l, sarifResults, 10); err != nil || leftOut != len(l.Findings) {
		t.Errorf("no room: %d left out, error %v", leftOut, err)
	}
}

func TestWorstKeepsTheOrder(t *testing.T) {
	all := many(3, func() string { return "m" })
	for n, want := range map[int]string{
		0: "", 2: "1 error, 2 error", 4: "1 warning, 1 error, 2 error, 3 error",
		9: "1 note, 1 warning, 1 error, 2 note, 2 warning, 2 error, 3 note, 3 warning, 3 error",
	} {
		var got []string
		for _, f := range worst(all, n) {
			got = append(got, fmt.Sprintf("%d %s", f.Place.Pos.Line, f.Rule.Severity))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%d: %v", n, got)
		}
	}
}

func TestLintPath(t *testing.T) {
	for _, c := range []struct{ root, dir, name, want string }{
		{"", "", "./a/../b.yaml", "b.yaml"},
		{"", "", "/a/b.yaml", "/a/b.yaml"},
		{"/repo", "/repo/deploy", "a.yaml", "deploy/a.yaml"},
		{"/repo", "/repo/deploy", "../a.yaml", "a.yaml"},
		{"/repo", "/repo/deploy", "/repo/x/a.yaml", "x/a.yaml"},
		{"/repo", "/repo/deploy", "../../a.yaml", "../../a.yaml"},
		{"/repo", "/repo/deploy", "/repository/a.yaml", "/repository/a.yaml"},
		{"/repo", "/repo", "..a/b.yaml", "..a/b.yaml"},
		{"/repo", "/repo", "<stdin>", "<stdin>"},
		{"/repo", "/repo", "", ""},
	} {
		if got := (Lint{Root: c.root, Dir: c.dir}).path(c.name); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestTally(t *testing.T) {
	fs := many(2, func() string { return "m" })
	accepted := func(means ...triage.Means) (all []triage.Accepted) {
		for _, m := range means {
			all = append(all, triage.Accepted{By: m})
		}
		return all
	}
	for _, c := range []struct {
		l    Lint
		want string
	}{
		{Lint{}, "0 objects read; no findings"},
		{Lint{Read: 1, Findings: fs[1:3]}, "1 object read; 1 error, 1 warning"},
		{
			Lint{Read: 3, Accepted: accepted(triage.Baseline, triage.Comment, triage.Configuration, triage.Comment, triage.Annotation)},
			"3 objects read; no findings; 5 accepted (2 by comment, 1 by annotation, 1 by configuration, 1 by baseline)",
		},
	} {
		var b bytes.Buffer
		if err := LintTally(&b, c.l); err != nil || b.String() != c.want+"\n" {
			t.Errorf("%q, want %q", b.String(), c.want)
		}
	}
}

func TestGitHubSaysThatItShowsAFew(t *testing.T) {
	for n, want := range map[int]bool{10: false, 11: true} {
		var b bytes.Buffer
		if err := LintGitHub(&b, Lint{Findings: many(n, func() string { return "m" })}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "GitHub shows 10 of each"); got != want {
			t.Errorf("%d of each: %s", n, b.String())
		}
	}
}

// Nothing found is a result as well, and every format says it in its way.
func TestLintOfNothing(t *testing.T) {
	checkFormats(t, Lint{})
	checkFormats(t, Lint{Findings: many(2, func() string { return "m" })}) // nor any text
	for printer, want := range map[string]string{
		"out.junit.xml": `<testcase name="no findings"`, "out.txt": "0 objects read; no findings\n", "out.gitlab.json": "[]\n",
		"out.github": "0 objects read; no findings\n", "out.sarif": `"results": []`, "out.checkstyle.xml": `<checkstyle version="4.3"></checkstyle>`,
	} {
		if got := printed(t, lintFormats[printer], Lint{}); !strings.Contains(got, want) {
			t.Errorf("%s: %s", printer, got)
		}
	}
}
