package print

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/istio"
)

// Fields is a printer of the field table.
type Fields func(w io.Writer, rows []istio.Row) error

// FieldsText writes one line for each field.
func FieldsText(w io.Writer, rows []istio.Row) error {
	longest := 0
	for _, r := range rows {
		longest = max(longest, len(r.Path))
	}
	var b bytes.Buffer
	for _, r := range rows {
		line := fmt.Sprintf("%-*s  %-6s  %s", longest, r.Path, r.Verdict, strings.Join(textOutcome(r), "; "))
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	_, err := w.Write(b.Bytes())
	return err
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
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Path[dot+1:], r.Verdict, strings.Join(markdownOutcome(r), "; "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// textOutcome lists what there is to say about a row.
func textOutcome(r istio.Row) []string {
	return written(r.Target, strings.Join(ruleIDs(r), ", "), r.Reason)
}

// markdownOutcome is textOutcome with field names as code and ids as links. A
// target with spaces is a phrase, not a field.
func markdownOutcome(r istio.Row) []string {
	target := cell(r.Target)
	if target != "" && !strings.Contains(target, " ") {
		target = "`" + r.Target + "`"
	}
	return written(target, strings.Join(ruleLinks(r), ", "), cell(r.Reason))
}

// written drops what is empty.
func written(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
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
