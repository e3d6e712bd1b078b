package print

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/audit"
	"github.com/mesh2gw/mesh2gw/cmd/mesh2gw/internal/cost"
	"github.com/mesh2gw/mesh2gw/convert/hint"
	"github.com/mesh2gw/mesh2gw/convert/report"
)

// hostile are strings that want to be more than text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `{{.}}`, `</script><script>alert(1)</script>`, `</style><script>alert(1)</script>`,
	`<!--<script>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, "a\x00b\u2028c\u202e\x1b[31m", `]]>`, `${alert(1)}`, `</title></textarea></noscript>`, "\xff",
}

// reportOf is a report whose every text is s.
func reportOf(s string) *report.Report {
	at := &report.Place{File: s, Line: 3, Column: 5}
	rules := []report.Rule{
		{Match: s, Action: "forwards to " + s, Details: []string{s}, Status: report.Differs, Place: at, Object: &report.Line{Line: 2}, Pairs: []int{0}},
		{Match: s, Action: s, Status: report.Lost},
	}
	f := report.Finding{ID: s, Severity: "error", Group: s, Title: s, File: s, Line: 3, Object: s, Field: s, Namespace: s, Message: s, Hint: s, Fingerprint: s}
	n := report.Finding{ID: s, Severity: "note", Title: s}
	return &report.Report{
		Version: report.Version, Tool: s, Settings: []report.Setting{{Name: s, Value: s}},
		Summary: report.Summary{
			Read: 1, Written: 2, Kinds: []report.KindCount{{Kind: s, Read: 1, Written: 2}},
			Rules: report.Counts{Exact: 1, Differs: 1, Lost: 1, Unproven: 1}, Ready: report.Blocked, Accepted: 1,
		},
		Namespaces: []report.Namespace{{Name: s, Ready: report.Review, Rules: report.Counts{Exact: 3, Lost: 1}, Reasons: []report.Reason{{ID: s, Severity: "warning", Title: s, Count: 1}}}},
		Hosts: []report.Host{{
			Host: s, Entry: s, Namespaces: []string{s}, Verdict: "differs", Reason: s, Before: rules, After: rules,
			Differences: []report.Difference{{Curl: s, Request: s, BeforeDoes: s, AfterDoes: s, Aspects: []string{s}, Findings: []int{0}}},
		}},
		Unlisted: []report.Unlisted{{Object: s, Field: s, Place: *at, Status: report.Lost, Findings: []int{0}}},
		Findings: []report.Finding{f, n},
		Accepted: []report.Accepted{{Finding: f, By: s, Reason: s}},
		Sidecar:  []report.Unasked{{Title: s, Text: s, Advice: s, Where: s, Places: []report.Place{*at}}},
		Hints:    []hint.Record{{Service: s, Namespace: s, Asks: []hint.RecordAsk{{Setting: s, Value: s, Advice: s, Place: &hint.RecordPlace{File: s, Line: 3, Column: 5}}}}}, HintsCommand: s,
		Runbook: []report.Step{{Title: s, Text: s, Commands: []string{s}, Back: s}},
		Sources: []report.Source{{File: s, Text: s}},
		Objects: []report.Object{{Kind: s, Namespace: s, Name: s, Origin: at, YAML: s, Lines: []report.Mapping{{Line: 1, Place: *at}}}},
	}
}

func changeOf(s string) *report.Comparison {
	f := report.Finding{ID: s, Severity: "warning", File: s, Object: s, Message: s}
	return &report.Comparison{
		Worse: []report.Change{{Text: s, Count: 1}}, Better: []report.Change{{Text: s, Count: 1}},
		Hosts:      []report.HostMove{{Host: s, Entry: s, Old: "equal", New: ""}},
		Namespaces: []report.Shift{{Namespace: s, New: report.Ready}}, NewFindings: []report.Finding{f}, GoneFindings: []report.Finding{f},
		Settings: []report.SettingWas{{Name: s, Old: s}}, Indeterminate: true,
	}
}

// extrasOf has s wherever a stranger could have written it.
func extrasOf(s string) Extras {
	a := &audit.Result{
		Kinds: []audit.KindCount{{Kind: s, Count: 1}}, Features: []audit.Feature{{Field: s, Verdict: s, Places: 1, Objects: 1}},
		Namespaces: []audit.Namespace{{Name: s, Pods: 2, Measured: 1}}, Traffic: &audit.Period{Steps: 30, WithData: 1}, Notes: []string{s},
	}
	for _, v := range audit.Verdicts {
		a.Settings = append(a.Settings, audit.Setting{Kind: audit.Timeout, Object: s, Field: s, File: s, Written: s, Verdict: v, Evidence: s})
	}
	return Extras{Audit: a, Cost: &cost.Result{Ways: []cost.Way{{Name: s, Low: 1, High: 2, Without: []string{s}}}, Nodes: []cost.Nodes{{Least: 1, Most: 2}}, Assumptions: []string{s}}}
}

func pageOf(t *testing.T, r *report.Report, c *report.Comparison, x Extras) string {
	t.Helper()
	var b bytes.Buffer
	if err := x.ReportHTML(&b, r, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// outline is the page without its texts: elements with the names of their
// attributes, and of some the values.
func outline(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			parts := []string{n.Data}
			for _, a := range n.Attr {
				part := a.Key
				if slices.Contains([]string{"id", "class", "href", "type", "role", "name", "http-equiv"}, a.Key) {
					part += "=" + a.Val
				}
				parts = append(parts, part)
			}
			all = append(all, strings.Join(parts, " "))
		case html.CommentNode:
			all = append(all, "comment")
		}
	}
	return all
}

// TestReportHTMLEscapes demands that a report of hostile strings has exactly the
// elements and attributes of one of harmless strings.
func TestReportHTMLEscapes(t *testing.T) {
	want := outline(t, pageOf(t, reportOf("plain"), changeOf("plain"), extrasOf("plain")))
	for _, s := range hostile {
		page := pageOf(t, reportOf(s), changeOf(s), extrasOf(s))
		if got := outline(t, page); !slices.Equal(got, want) {
			t.Errorf("%q changes the elements of the page", s)
		}
		if strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%q stands where the template cannot escape", s)
		}
		if got := dataOf(t, page); got.Hosts[0].Host != strings.ToValidUTF8(s, "\uFFFD") || got.Sources[0].Text != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("%q reaches the script as %q", s, got.Hosts[0].Host)
		}
	}
}

// dataOf reads what the script reads.
func dataOf(t *testing.T, page string) report.Report {
	t.Helper()
	found := regexp.MustCompile(`id="data">"([A-Za-z0-9+/=]*)"</script>`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page has no data")
	}
	packed, err := base64.StdEncoding.DecodeString(found[1])
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReportHTMLAlone looks for anything that would be fetched, and for the policy
// that forbids it.
func TestReportHTMLAlone(t *testing.T) {
	page := pageOf(t, reportOf("plain"), nil, extrasOf("plain"))
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	policies := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"link", "img", "iframe", "object", "embed", "base", "form action"}, n.Data) {
			t.Errorf("there is a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "src", a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("<%s> links to %s", n.Data, a.Val)
			case a.Key == "http-equiv":
				policies++
			}
		}
	}
	if policies != 1 || !strings.Contains(page, "default-src &#39;none&#39;") {
		t.Error("the page has no policy")
	}
	for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "url(", "@import", "http://", "https://"} {
		_, script, err := pageAssets()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ReplaceAll(script, "http://www.w3.org/2000/svg", ""), word) {
			t.Errorf("the script uses %s", word)
		}
	}
}

func TestReportHTMLDeterministic(t *testing.T) {
	first := pageOf(t, reportOf("plain"), changeOf("plain"), extrasOf("plain"))
	for range 3 {
		if pageOf(t, reportOf("plain"), changeOf("plain"), extrasOf("plain")) != first {
			t.Fatal("the same report gives different pages")
		}
	}
}

// TestReportHTMLEmpty prints a report on nothing.
func TestReportHTMLEmpty(t *testing.T) {
	page := pageOf(t, &report.Report{Version: report.Version, Summary: report.Summary{Ready: report.Ready}}, &report.Comparison{}, Extras{&audit.Result{}, &cost.Result{}})
	for _, text := range []string{"Ready to migrate", "no route rules", "There are no findings", "The input serves no host"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
	if got := dataOf(t, page); got.Hosts == nil || got.Findings == nil || got.Objects == nil {
		t.Error("empty lists reach the script as null")
	}
}

// TestReportHTMLBounded keeps what a browser has to open small, and says what it
// leaves to the script.
func TestReportHTMLBounded(t *testing.T) {
	r := reportOf("plain")
	for range 9 {
		r.Hosts, r.Findings, r.Hints = append(r.Hosts, r.Hosts...), append(r.Findings, r.Findings...), append(r.Hints, r.Hints...)
		r.Accepted, r.Unlisted = append(r.Accepted, r.Accepted...), append(r.Unlisted, r.Unlisted...)
	}
	r.Hosts[511].Verdict, r.Hosts[0].Verdict = "not proven", "equal"
	page := pageOf(t, r, nil, Extras{})
	for _, text := range []string{"452 more hosts are", "624 more findings are", "312 more rows are"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
	data := dataOf(t, page)
	if len(data.Hosts) != 512 || len(data.Findings) != 1024 || len(data.Hints) != 512 {
		t.Error("the script does not get all")
	}
	if data.Hosts[511].Verdict != "equal" || data.Hosts[510].Verdict != "not proven" {
		t.Error("hosts are not ordered by verdict")
	}
}

func TestRuleSentence(t *testing.T) {
	for _, c := range []struct {
		counts report.Counts
		want   string
	}{
		{report.Counts{}, "The input holds no route rules, so there is nothing that could be served differently."},
		{report.Counts{Exact: 1}, "The one route rule is served exactly as before."},
		{report.Counts{Exact: 3}, "All 3 route rules are served exactly as before."},
		{report.Counts{Exact: 199, Differs: 1}, "199 of 200 route rules (99 %) are served exactly as before; 1 differs for some request."},
		{report.Counts{Exact: 1, Differs: 2, Lost: 3, Unproven: 4}, "1 of 10 route rules (10 %) are served exactly as before; 2 differ for some request, 3 are lost and 4 are not proven."},
	} {
		if got := ruleSentence(c.counts); got != c.want {
			t.Errorf("%+v: %q, want %q", c.counts, got, c.want)
		}
	}
}

func TestNamespaceSentence(t *testing.T) {
	of := func(states ...report.Readiness) (all []report.Namespace) {
		for _, s := range states {
			all = append(all, report.Namespace{Ready: s})
		}
		return all
	}
	for _, c := range []struct {
		all  []report.Namespace
		want string
	}{
		{nil, ""},
		{of(report.Ready), "Its namespace is ready."},
		{of(report.Blocked, report.Blocked), "All 2 namespaces are blocked."},
		{of(report.Blocked, report.Ready, report.Review, report.Blocked), "Of 4 namespaces, 1 is ready, 1 is ready after review and 2 are blocked."},
	} {
		if got := namespaceSentence(c.all); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestBar holds coverage bars to their width, and every state that occurs to be seen.
func TestBar(t *testing.T) {
	for _, c := range []report.Counts{{}, {Exact: 1}, {Exact: 9999, Lost: 1}, {Exact: 1, Differs: 1, Lost: 1}, {Exact: 100000, Differs: 1, Lost: 1, Unproven: 1}, {Unproven: 7, Lost: 3}} {
		x := 0
		for _, s := range barOf(c) {
			if s.X != x || s.W < 10 {
				t.Errorf("%+v: a segment of %d at %d, expected at %d", c, s.W, s.X, x)
			}
			x += s.W
		}
		if c.Total() > 0 && x != barWidth {
			t.Errorf("%+v: the bar ends at %d", c, x)
		}
	}
}
