package report_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/mesh2gw/mesh2gw/convert/gwapi"
	"github.com/mesh2gw/mesh2gw/convert/report"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// printed is what the command prints, near enough.
func printed(o gwapi.Object) ([]byte, error) { return yaml.Marshal(o.Value) }

func build(t *testing.T, files []source.File, o report.Options) *report.Report {
	t.Helper()
	o.YAML, o.Tool = printed, "v0.0.0-test"
	r, err := report.Build(t.Context(), files, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func bookinfo(t *testing.T) []source.File {
	t.Helper()
	files, err := source.Collect([]string{"../../testdata/bookinfo"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBookinfo(t *testing.T) {
	files := bookinfo(t)
	r := build(t, files, report.Options{})
	data := encoded(t, r)
	valid(t, "report.json", data)
	linked(t, r)
	slices.Reverse(files)
	if !bytes.Equal(data, encoded(t, build(t, files, report.Options{}))) {
		t.Error("the order of the files matters")
	}
	if want := (report.HostCounts{Equal: 2, Differs: 3}); r.Summary.Hosts != want {
		t.Errorf("hosts %+v, want %+v", r.Summary.Hosts, want)
	}
	if len(r.Namespaces) != 1 || r.Namespaces[0].Rules != r.Summary.Rules || r.Namespaces[0].Ready != report.Blocked {
		t.Errorf("namespaces %+v", r.Namespaces)
	}
}

// linked fails the test where a link of a report leads nowhere.
func linked(t *testing.T, r *report.Report) {
	t.Helper()
	l := links{T: t, Report: r, sources: map[string][]string{}}
	for _, s := range r.Sources {
		l.sources[s.File] = strings.Split(s.Text, "\n")
	}
	for _, o := range r.Objects {
		for _, m := range o.Lines {
			l.item(o.YAML, m.Line)
			l.place(&m.Place)
		}
	}
	for _, h := range r.Hosts {
		l.rules(h.Before, h.After)
		l.rules(h.After, h.Before)
		for _, d := range h.Differences {
			if d.Before < -1 || d.Before >= len(h.Before) || d.After < -1 || d.After >= len(h.After) {
				t.Errorf("%s: a difference between rules %d and %d", h.Host, d.Before, d.After)
			}
			l.findings(d.Findings)
		}
	}
	for _, u := range r.Unlisted {
		l.place(&u.Place)
		l.findings(u.Findings)
	}
}

type links struct {
	*testing.T
	*report.Report
	sources map[string][]string
}

func (l links) rules(rules, others []report.Rule) {
	for i, r := range rules {
		l.place(r.Place)
		if r.Object != nil {
			l.item(l.Objects[r.Object.Object].YAML, r.Object.Line)
		}
		for _, j := range r.Pairs {
			if !slices.Contains(others[j].Pairs, i) {
				l.Errorf("rule %d has rule %d for its pair, and is not that of it", i, j)
			}
		}
	}
}

// item fails unless a line of YAML begins an item of a list.
func (l links) item(text string, line int) {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[line-1]), "- ") {
		l.Errorf("line %d is no item of\n%s", line, text)
	}
}

func (l links) place(p *report.Place) {
	if p == nil {
		return
	}
	if lines := l.sources[p.File]; cmp.Or(p.Row, p.Line) > len(lines) {
		l.Errorf("%s has no line %d (row %d)", p.File, p.Line, p.Row)
	}
}

func (l links) findings(all []int) {
	for _, i := range all {
		if i < 0 || i >= len(l.Report.Findings) {
			l.Errorf("no finding %d", i)
		}
	}
}
