package print

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// Rules is a printer of the catalogue of findings.
type Rules func(w io.Writer, rules []*finding.Rule) error

// RuleList writes one line for each rule.
func RuleList(w io.Writer, rules []*finding.Rule) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
	}
	return table.Flush()
}

// RulePages writes all there is to say about each rule.
func RulePages(w io.Writer, rules []*finding.Rule) error {
	var b bytes.Buffer
	for i, r := range rules {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s %s: %s (since %s)\n\n%s\n", r.ID, r.Severity, r.Title, r.Since, fold(r.Text, width))
		if r.Hint != "" {
			fmt.Fprintf(&b, "\n%s\n", fold("What to do: "+r.Hint, width))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// RulesMarkdown writes docs/rules.md.
func RulesMarkdown(w io.Writer, rules []*finding.Rule) error {
	var b bytes.Buffer
	b.WriteString("# Findings\n\n" + generated("rules") +
		"Severity says what happens to traffic. **error**: some request is handled differently, or a protection is gone.\n" +
		"**warning**: it may be, a person must look. **note**: nothing but names or metrics. An id is never reused.\n\n" +
		"| id | severity | title |\n| --- | --- | --- |\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Severity, cell(r.Title))
	}
	for _, r := range rules {
		fmt.Fprintf(&b, "\n## %s\n\n**%s**: %s (since %s)\n\n%s\n", r.ID, r.Severity, markdown(r.Title), r.Since, markdown(fold(r.Text, docsWidth)))
		if r.Hint != "" {
			fmt.Fprintf(&b, "\n%s\n", markdown(fold("What to do: "+r.Hint, docsWidth)))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

const (
	width     = 80  // of text for a terminal
	docsWidth = 120 // of the lines in docs/
)

// generated says where a page comes from.
func generated(command string) string {
	return fmt.Sprintf("Written by `mesh2gw %s --format md`; `make docs` writes it anew.\n\n", command)
}

// fold breaks s into lines of at most width characters, words permitting.
// Paragraphs stay apart.
func fold(s string, width int) string {
	paragraphs := strings.Split(strings.TrimSpace(s), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = foldParagraph(p, width)
	}
	return strings.Join(paragraphs, "\n\n")
}

func foldParagraph(s string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(s) {
		length := len([]rune(word))
		switch {
		case column == 0:
		case column+1+length > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String()
}

// markdown escapes what Markdown would take for more than text, outside of code spans.
func markdown(s string) string {
	var b strings.Builder
	inCode := false
	for _, r := range s {
		switch {
		case r == '`':
			inCode = !inCode
		case !inCode && (r == '*' || r == '<' || r == '[' || r == '\\'):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cell is s as a cell of a table.
func cell(s string) string {
	return strings.ReplaceAll(markdown(strings.Join(strings.Fields(s), " ")), "|", `\|`)
}
