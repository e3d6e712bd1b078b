package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert/istio"
)

// Fields is a printer of the field table.
type Fields func(w io.Writer, rows []istio.Row) error

// FieldsText writes one line for each field.
func FieldsText(w io.Writer, rows []istio.Row) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.Path, r.Verdict, strings.Join(outcome(r, "", ruleIDs(r)), "; "))
	}
	return table.Flush()
}

// FieldsMarkdown writes docs/fields.md, with a table for each message.
func FieldsMarkdown(w io.Writer, rows []istio.Row) error {
	var b bytes.Buffer
	b.WriteString("# What becomes of every field\n\n" + generated("fields") +
		"**kept**: has a counterpart with the same meaning. **partly**: has one that differs; the findings say where. **lost**: has\n" +
		"none; the finding says what that changes. **moot**: has no meaning for requests. **inside**: its fields are judged one by\n" +
		"one. Fields below a field that is not *inside* are judged together with it.\n")
	message := ""
	for _, r := range rows {
		dot := strings.LastIndexByte(r.Path, '.')
		if next := r.Path[:max(dot, 0)]; next != message {
			message = next
			fmt.Fprintf(&b, "\n## %s\n\n| field | verdict | |\n| --- | --- | --- |\n", message)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Path[dot+1:], r.Verdict, strings.Join(outcome(r, "`", ruleLinks(r)), "; "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// outcome lists what there is to say about a row; quote surrounds field names.
func outcome(r istio.Row, quote string, rules []string) []string {
	var parts []string
	if r.Target != "" {
		parts = append(parts, quote+r.Target+quote)
	}
	if len(rules) > 0 {
		parts = append(parts, strings.Join(rules, ", "))
	}
	if r.Reason != "" && quote != "" {
		parts = append(parts, cell(r.Reason))
	} else if r.Reason != "" {
		parts = append(parts, r.Reason)
	}
	return parts
}

func ruleIDs(r istio.Row) []string {
	ids := make([]string, len(r.Rules))
	for i, rule := range r.Rules {
		ids[i] = rule.ID
	}
	return ids
}

func ruleLinks(r istio.Row) []string {
	links := ruleIDs(r)
	for i, id := range links {
		links[i] = fmt.Sprintf("[%s](rules.md#%s)", id, strings.ToLower(id))
	}
	return links
}
