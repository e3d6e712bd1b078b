package print

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/testdata/rules"
)

const (
	indent = "    "
	// mostLines bounds a part of an example on a page.
	mostLines = 40
	cut       = "..."
)

// examplePart is a block of an example as a page shows it.
type examplePart struct {
	title, language string
	text            string // whole lines
}

// partsOf are the input, the findings of r only, and where it is of conversion the
// output of an example, each cut to what matters for r.
func partsOf(r *finding.Rule, e rules.Example, width int) []examplePart {
	found := findingsOf(r, e.Findings)
	line := firstLine(found)
	parts := []examplePart{
		{"Before:", "yaml", around(e.Before, line)},
		{"Found:", "text", foldFindings(found, width)},
	}
	switch {
	case !e.Converts:
		return parts
	case e.After == "":
		return append(parts, examplePart{"After:", "text", "(nothing is written)\n"})
	}
	return append(parts, examplePart{"After:", "yaml", around(e.After, objectFrom(e.After, line))})
}

// findingsOf picks the lines of r.
func findingsOf(r *finding.Rule, lines string) (found []string) {
	for _, line := range strings.Split(lines, "\n") {
		if strings.Contains(line, ": "+r.ID+" "+r.Severity.String()+": ") {
			found = append(found, line)
		}
	}
	return found
}

// place is how a line of findings begins.
var place = regexp.MustCompile(`^before\.yaml:(\d+)`)

// firstLine is the line of the input at which the first finding stands, or 1.
func firstLine(found []string) int {
	if len(found) > 0 {
		if m := place.FindStringSubmatch(found[0]); m != nil {
			n, _ := strconv.Atoi(m[1])
			return n
		}
	}
	return 1
}

// from is the comment that says where a written object comes from.
var from = regexp.MustCompile(`^# from before\.yaml:(\d+)`)

// objectFrom is the line of the output where the first object begins that comes
// from the object around line of the input: the nearest one above it.
func objectFrom(after string, line int) int {
	at, nearest := 1, 0
	for i, text := range strings.Split(after, "\n") {
		if m := from.FindStringSubmatch(text); m != nil {
			if n, _ := strconv.Atoi(m[1]); n <= line && n > nearest {
				at, nearest = i+1, n
			}
		}
	}
	return at
}

// around is text, cut to mostLines lines with line (from 1) among them. A cut says
// how much is left out. What a terminal or Markdown would act on is escaped.
func around(text string, line int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	first, last := 0, len(lines)
	if len(lines) > mostLines {
		first = min(max(line-1-mostLines/4, 0), len(lines)-mostLines)
		last = first + mostLines
	}
	var b strings.Builder
	leftOut(&b, first)
	for _, l := range lines[first:last] {
		b.WriteString(narrowed(shown(l)) + "\n")
	}
	leftOut(&b, len(lines)-last)
	return b.String()
}

func leftOut(b *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(b, "%s (%s)\n", cut, count(n, "line"))
	}
}

// mostCharacters bounds a line: some examples are about sizes.
const mostCharacters = 160

func narrowed(line string) string {
	if runes := []rune(line); len(runes) > mostCharacters {
		return string(runes[:mostCharacters-len(cut)]) + cut
	}
	return line
}

// foldFindings are lines of findings, broken with a hanging indent.
func foldFindings(found []string, width int) string {
	var b strings.Builder
	for i, f := range found {
		if i == mostFindings {
			fmt.Fprintf(&b, "%s (%s)\n", cut, count(len(found)-i, "line"))
			break
		}
		const hang = "  "
		b.WriteString(strings.ReplaceAll(fold(shown(f), width-len(hang)), "\n", "\n"+hang) + "\n")
	}
	return b.String()
}

// mostFindings of one rule make clear what it says.
const mostFindings = 5

// indented sets lines off from the text around them.
func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(indent)
		}
		b.WriteString(line)
	}
	return b.String()
}
