package print

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/istio"
)

func rules() []*finding.Rule {
	return []*finding.Rule{
		{
			ID: "MG100", Severity: finding.Error, Title: "delay | abort", Since: "0.1", Hint: "Keep it.",
			Text: "Requests to *.example.com are delayed, `*` and all, and this sentence is long enough to be broken.\n\nSecond paragraph.",
		},
		{ID: "MG101", Severity: finding.Note, Title: "name", Since: "0.2", Text: "A <name>."},
	}
}

func TestRulePages(t *testing.T) {
	var got bytes.Buffer
	if err := RulePages(&got, rules()); err != nil {
		t.Fatal(err)
	}
	const want = `MG100 error: delay | abort (since 0.1)

Requests to *.example.com are delayed, ` + "`*`" + ` and all, and this sentence is long
enough to be broken.

Second paragraph.

What to do: Keep it.

MG101 note: name (since 0.2)

A <name>.
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRulesMarkdown(t *testing.T) {
	var got bytes.Buffer
	if err := RulesMarkdown(&got, rules()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| [MG100](#mg100) | error | delay \\| abort |\n",
		"\n## MG100\n\n**error**: delay | abort (since 0.1)\n\nRequests to \\*.example.com are delayed, `*` and all,",
		"\nWhat to do: Keep it.\n",
		"\nA \\<name>.\n",
	} {
		if !bytes.Contains(got.Bytes(), []byte(want)) {
			t.Errorf("lacks %q:\n%s", want, got.Bytes())
		}
	}
}

func TestFields(t *testing.T) {
	rows := []istio.Row{
		{Path: "HTTPRoute.fault", Verdict: istio.Lost, Rules: rules()[:1]},
		{Path: "HTTPRoute.match", Verdict: istio.Inside},
		{Path: "HTTPRoute.timeout", Verdict: istio.Kept, Target: "rules[].timeouts.request"},
		{Path: "Server.name", Verdict: istio.Moot, Reason: "a label | no more"},
	}
	for _, c := range []struct {
		printer Fields
		want    string
	}{
		{FieldsText, `HTTPRoute.fault    lost    MG100
HTTPRoute.match    inside
HTTPRoute.timeout  kept    rules[].timeouts.request
Server.name        moot    a label | no more
`},
		{FieldsMarkdown, `
## HTTPRoute

| field | verdict | |
| --- | --- | --- |
| ` + "`fault`" + ` | lost | [MG100](rules.md#mg100) |
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
