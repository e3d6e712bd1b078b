package print

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// LintText writes each finding with the line that it is about, and the tally.
func LintText(w io.Writer, l Lint) error {
	var b bytes.Buffer
	for _, f := range l.Findings {
		l.text(&b, f)
		b.WriteByte('\n')
	}
	if !l.Silent {
		fmt.Fprintln(&b, l.Tally())
	}
	_, err := w.Write(inert(b.Bytes()))
	return err
}

// text writes one finding.
func (l Lint) text(b *bytes.Buffer, f finding.Finding) {
	p := l.painter()
	fmt.Fprintf(b, "%s: %s %s: %s\n", where(f.Place.Pos), p.bold(f.Rule.ID), p.of(f.Rule.Severity, f.Rule.Severity.String()), shown(f.Message))
	l.excerpt(b, f)
	if f.Hint != "" {
		b.WriteString(hanging("  way out: ", shown(f.Hint), l.width()))
	}
	for _, r := range f.Related {
		see := where(r.Place.Pos)
		if r.Message != "" {
			see += ": " + shown(r.Message)
		}
		b.WriteString(hanging("  see also: ", see, l.width()))
	}
}

// where is a place as editors and terminals know it.
func where(at finding.Pos) string {
	at.File = cmp.Or(at.File, nowhere)
	return shown(at.String())
}

// excerpt writes the line of a finding with its number, and carets below the key
// or value that it is about.
func (l Lint) excerpt(b *bytes.Buffer, f finding.Finding) {
	if l.Text == nil {
		return
	}
	line, ok := l.Text.Line(f.Place)
	if !ok {
		return
	}
	p := l.painter()
	number := fmt.Sprintf("%5d", f.Place.Pos.Line)
	text, carets := excerpt(line, f.Place.Pos.Column, source.Extent(line, f.Place.Pos.Column), l.width()-len(number)-len(" | "))
	fmt.Fprintf(b, "%s %s\n", p.faint(number+" |"), text)
	fmt.Fprintf(b, "%s %s%s\n", p.faint(strings.Repeat(" ", len(number))+" |"), blankPart(carets), p.of(f.Rule.Severity, strings.TrimLeft(carets, " ")))
}

func blankPart(carets string) string { return carets[:len(carets)-len(strings.TrimLeft(carets, " "))] }

const (
	defaultWidth = 100
	leastWidth   = 40 // below it, lines are no help
)

func (l Lint) width() int {
	if l.Width == 0 {
		return defaultWidth
	}
	return max(l.Width, leastWidth)
}

// hanging folds s behind label, with the lines that follow below its first word.
func hanging(label, s string, width int) string {
	indent := strings.Repeat(" ", len(label))
	return label + strings.ReplaceAll(fold(s, width-len(label)), "\n", "\n"+indent) + "\n"
}

// painter colours text, or leaves it alone.
type painter bool

func (l Lint) painter() painter { return painter(l.Colour) }

// The codes of ECMA-48, 8.3.117.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	yellow = "33"
	blue   = "34"
)

func (p painter) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) bold(s string) string  { return p.paint(bold, s) }
func (p painter) faint(s string) string { return p.paint(faint, s) }

// of colours s by severity.
func (p painter) of(s finding.Severity, text string) string {
	switch s {
	case finding.Error:
		return p.paint(red, text)
	case finding.Warning:
		return p.paint(yellow, text)
	case finding.Note:
		return p.paint(blue, text)
	}
	panic(fmt.Sprintf("unhandled severity %d", int(s)))
}

// inert keeps text from giving orders to GitHub's runner, which reads what steps
// print: "::name" at the start of a line, "##[name]" anywhere in it
// (actions/runner, ActionCommand.cs).
func inert(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte(oldCommand), []byte(oldCommandShown))
	if !bytes.Contains(text, []byte("::")) {
		return text
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, line := range lines {
		start := bytes.TrimLeft(line, " ")
		if bytes.HasPrefix(start, []byte("::")) {
			lines[i] = bytes.Join([][]byte{line[:len(line)-len(start)], []byte(`\x3a`), start[1:]}, nil)
		}
	}
	return bytes.Join(lines, nil)
}

const (
	oldCommand      = "##["
	oldCommandShown = `##\x5b`
)
