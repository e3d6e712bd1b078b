package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/policy"
	"github.com/mesh2gw/mesh2gw/convert/target"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

// RulePage is a rule and what shows it.
type RulePage struct {
	Rule    *finding.Rule
	Example *rules.Example // nil where there is none
}

// Rules is a printer of the catalogue of findings.
type Rules func(w io.Writer, pages []RulePage) error

// RuleList writes one line for each rule.
func RuleList(w io.Writer, pages []RulePage) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range pages {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Rule.ID, p.Rule.Severity, p.Rule.InGroup(), p.Rule.Title)
	}
	return table.Flush()
}

// RulePages writes all there is to say about each rule.
func RulePages(w io.Writer, pages []RulePage) error {
	var b bytes.Buffer
	for i, p := range pages {
		if i > 0 {
			b.WriteByte('\n')
		}
		r := p.Rule
		fmt.Fprintf(&b, "%s %s: %s (%s, since %s)\n\n%s\n", r.ID, r.Severity, r.Title, r.InGroup(), r.Since, fold(r.Text, width))
		if r.Hint != "" {
			fmt.Fprintf(&b, "\n%s\n", fold("What to do: "+r.Hint, width))
		}
		for _, line := range carriedBy(r) {
			fmt.Fprintf(&b, "\n%s\n", fold(line, width))
		}
		if len(r.IST)+len(r.Links) > 0 {
			b.WriteByte('\n')
		}
		if len(r.IST) > 0 {
			fmt.Fprintf(&b, "istioctl analyze: %s\n", strings.Join(r.IST, ", "))
		}
		for _, link := range r.Links {
			fmt.Fprintf(&b, "See %s\n", link)
		}
		if p.Example != nil {
			b.WriteString("\n" + fold("Example: "+p.Example.Says, width) + "\n")
			for _, part := range partsOf(r, *p.Example, width-len(indent)) {
				fmt.Fprintf(&b, "\n%s\n\n%s", part.title, indented(part.text))
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// carriedBy says which implementations have resources of their own for what r calls
// lost: those that are written, and those that are not.
func carriedBy(r *finding.Rule) []string {
	var lines []string
	if carriers := policy.Carriers(r.ID); len(carriers) > 0 {
		lines = append(lines, "Carried over, with exceptions that keep the finding, by --target "+strings.Join(carriers, ", --target ")+".")
	}
	var others []string
	for _, t := range target.Targets() {
		if e, ok := t.Instead(r.ID); ok {
			others = append(others, t.Title+": "+e.Says)
		}
	}
	if len(others) > 0 {
		lines = append(lines, "To be written by hand: "+strings.Join(others, "; ")+".")
	}
	return lines
}

// RulesMarkdown writes docs/rules.md.
func RulesMarkdown(w io.Writer, pages []RulePage) error {
	var b bytes.Buffer
	b.WriteString("# Findings\n\n" + generated("rules") +
		"Severity says what happens to traffic. **error**: some request is handled differently, or a protection is gone.\n" +
		"**warning**: it may be, a person must look. **note**: nothing but names or metrics. An id is never reused.\n\n" +
		"Group says what a finding is about. **migration**: what conversion loses or changes. **config**: what is wrong today,\n" +
		"whether anything is converted or not.\n\n" +
		"| id | severity | group | title |\n| --- | --- | --- | --- |\n")
	for _, p := range pages {
		r := p.Rule
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Severity, r.InGroup(), cell(r.Title))
	}
	for _, p := range pages {
		p.markdown(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p RulePage) markdown(b *bytes.Buffer) {
	r := p.Rule
	fmt.Fprintf(b, "\n## %s\n\n**%s**: %s (%s, since %s)\n\n%s\n", r.ID, r.Severity, markdown(r.Title), r.InGroup(), r.Since, markdown(fold(r.Text, docsWidth)))
	if r.Hint != "" {
		fmt.Fprintf(b, "\n%s\n", markdown(fold("What to do: "+r.Hint, docsWidth)))
	}
	for _, line := range carriedBy(r) {
		fmt.Fprintf(b, "\n%s\n", markdown(fold(line, docsWidth)))
	}
	if len(r.IST) > 0 {
		fmt.Fprintf(b, "\n`istioctl analyze`: %s\n", strings.Join(r.IST, ", "))
	}
	if len(r.Links) > 0 {
		b.WriteString("\nSee:\n\n")
	}
	for _, link := range r.Links {
		fmt.Fprintf(b, "- <%s>\n", link)
	}
	if p.Example == nil {
		return
	}
	fmt.Fprintf(b, "\n<details>\n<summary>%s</summary>\n", inHTML.Replace(shown(p.Example.Says)))
	for _, part := range partsOf(r, *p.Example, docsWidth) {
		fence := fenceFor(part.text)
		fmt.Fprintf(b, "\n%s\n\n%s%s\n%s%s\n", part.title, fence, part.language, part.text, fence)
	}
	b.WriteString("\n</details>\n")
}

// inHTML escapes text between HTML tags, where Markdown is not read.
var inHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// ruleJSON is a rule as programs read it.
type ruleJSON struct {
	ID       string           `json:"id"`
	Severity string           `json:"severity"`
	Group    finding.Group    `json:"group"`
	Title    string           `json:"title"`
	Text     string           `json:"text"`
	Hint     string           `json:"hint"`
	Links    []string         `json:"links"`
	IST      []string         `json:"ist"`
	Since    string           `json:"since"`
	Admits   []finding.Aspect `json:"admits"`
}

// RulesJSON writes an array of the rules; lists in it are never null.
func RulesJSON(w io.Writer, pages []RulePage) error {
	all := make([]ruleJSON, len(pages))
	for i, p := range pages {
		r := p.Rule
		all[i] = ruleJSON{
			ID: r.ID, Severity: r.Severity.String(), Group: r.InGroup(), Title: r.Title, Text: r.Text, Hint: r.Hint,
			Links: orEmpty(r.Links), IST: orEmpty(r.IST), Since: r.Since, Admits: orEmpty(r.Admits),
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
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

// fenceFor is longer than any run of backticks in text (CommonMark 0.31.2, 4.5).
func fenceFor(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return strings.Repeat("`", max(longest+1, 3))
}
