package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

func catalogue() []*finding.Rule {
	return []*finding.Rule{
		{
			ID: "MG900", Severity: finding.Error, Title: "delay | abort", Since: "0.1", Hint: "Keep it.",
			Links: []string{"https://example.com/#a"}, Admits: []finding.Aspect{finding.Fault},
			Text: "Requests to *.example.com are delayed, `*` and all, and this sentence is long enough to be broken.\n\nSecond paragraph.",
		},
		{ID: "MG901", Severity: finding.Note, Title: "name", Since: "0.2", Text: "A <name>.", Group: finding.Config, IST: []string{"IST0130"}},
	}
}

func pages() []RulePage {
	all := catalogue()
	return []RulePage{{all[0], &rules.Example{
		Says:     "A delay <of> 3 s.",
		Before:   "kind: VirtualService\nmetadata: {name: a\x1b[31m}\n",
		Findings: "before.yaml:2:1: MG900 error: requests are not delayed any more, which is a long sentence. Keep it.\nbefore.yaml:2:1: MG901 note: other.\n1 object read\n",
		After:    "a: ```\n", Converts: true,
	}}, {all[1], nil}}
}

func printedRules(t *testing.T, printer Rules, pages []RulePage) string {
	t.Helper()
	var b bytes.Buffer
	if err := printer(&b, pages); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRuleList(t *testing.T) {
	const want = "MG900  error  migration  delay | abort\nMG901  note   config     name\n"
	if diff := cmp.Diff(want, printedRules(t, RuleList, pages())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRulePages(t *testing.T) {
	const want = `MG900 error: delay | abort (migration, since 0.1)

Requests to *.example.com are delayed, ` + "`*`" + ` and all, and this sentence is long
enough to be broken.

Second paragraph.

What to do: Keep it.

See https://example.com/#a

Example: A delay <of> 3 s.

Before:

    kind: VirtualService
    metadata: {name: a\x1b[31m}

Found:

    before.yaml:2:1: MG900 error: requests are not delayed any more, which is
      a long sentence. Keep it.

After:

    a: ` + "```" + `

MG901 note: name (config, since 0.2)

A <name>.

istioctl analyze: IST0130
`
	if diff := cmp.Diff(want, printedRules(t, RulePages, pages())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRulesMarkdown(t *testing.T) {
	got := printedRules(t, RulesMarkdown, pages())
	for _, want := range []string{
		"| [MG900](#mg900) | error | migration | delay \\| abort |\n",
		"\n## MG900\n\n**error**: delay | abort (migration, since 0.1)\n\nRequests to \\*.example.com are delayed, `*` and all,",
		"\nWhat to do: Keep it.\n\nSee:\n\n- <https://example.com/#a>\n",
		"<summary>A delay &lt;of&gt; 3 s.</summary>\n\nBefore:\n\n```yaml\nkind: VirtualService\n",
		"\nAfter:\n\n````yaml\na: ```\n````\n\n</details>\n",
		"\nA \\<name>.\n\n`istioctl analyze`: IST0130\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "MG901 note: other") || strings.ContainsRune(got, 0x1b) {
		t.Errorf("shows another rule's finding, or a control character:\n%q", got)
	}
}

func TestRulesJSON(t *testing.T) {
	var got []map[string]any
	if err := json.Unmarshal([]byte(printedRules(t, RulesJSON, pages())), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{
			"id": "MG900", "severity": "error", "group": "migration", "title": "delay | abort", "text": catalogue()[0].Text, "hint": "Keep it.",
			"links": []any{"https://example.com/#a"}, "ist": []any{}, "since": "0.1", "admits": []any{"fault"},
		},
		{
			"id": "MG901", "severity": "note", "group": "config", "title": "name", "text": "A <name>.", "hint": "",
			"links": []any{}, "ist": []any{"IST0130"}, "since": "0.2", "admits": []any{},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A long example is cut to the object that the finding is about.
func TestExampleIsCut(t *testing.T) {
	var before, after strings.Builder
	for i := 1; i <= 100; i++ {
		fmt.Fprintf(&before, "line %d\n", i)
		if i%30 == 0 {
			fmt.Fprintf(&after, "# from before.yaml:%d Gateway g%d\n", i, i)
		}
		fmt.Fprintf(&after, "out %d\n", i)
	}
	parts := partsOf(catalogue()[0], rules.Example{
		Before: before.String(), Findings: "before.yaml:70:1: MG900 error: x.\n" + strings.Repeat("before.yaml:71:1: MG900 error: y.\n", 9),
		After: after.String(), Converts: true,
	}, width)
	for i, want := range []struct {
		lines      int
		first, has string
	}{
		{42, "... (59 lines)\nline 60\n", "line 70\n"},
		{6, "before.yaml:70:1: MG900 error: x.\n", "... (5 lines)\n"},
		{42, "... (", "# from before.yaml:60 Gateway g60\n"},
	} {
		got := parts[i].text
		if strings.Count(got, "\n") != want.lines || !strings.HasPrefix(got, want.first) || !strings.Contains(got, want.has) {
			t.Errorf("%s it has %d lines, want %d, with %q and %q:\n%s", parts[i].title, strings.Count(got, "\n"), want.lines, want.first, want.has, got)
		}
	}
}

func TestFields(t *testing.T) {
	rows := []istio.Row{
		{Path: "HTTPRoute.fault", Verdict: istio.Lost, Rules: catalogue()[:1]},
		{Path: "HTTPRoute.match", Verdict: istio.Inside},
		{Path: "HTTPRoute.timeout", Verdict: istio.Kept, Target: "rules[].timeouts.request"},
		{Path: "Server.name", Verdict: istio.Moot, Reason: "a label | no more"},
	}
	for _, c := range []struct {
		printer Fields
		want    string
	}{
		{FieldsText, `HTTPRoute.fault    lost    MG900
HTTPRoute.match    inside
HTTPRoute.timeout  kept    rules[].timeouts.request
Server.name        moot    a label | no more
`},
		{FieldsMarkdown, `
## HTTPRoute

| field | verdict | |
| --- | --- | --- |
| ` + "`fault`" + ` | lost | [MG900](rules.md#mg900) |
| ` + "`match`" + ` | inside |  |
| ` + "`timeout`" + ` | kept | ` + "`rules[].timeouts.request`" + ` |

## Server

| field | verdict | |
| --- | --- | --- |
| ` + "`name`" + ` | moot | a label \| no more |
`},
	} {
		var got bytes.Buffer
		if err := c.printer(&got, rows); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(got.Bytes(), []byte(c.want)) {
			t.Error(cmp.Diff(c.want, got.String()))
		}
	}
}
